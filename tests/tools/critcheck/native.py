# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recorded truth, first layout: truth/PID/gdb.json, threads, core, and expected.txt.

gdb.json has what a live gdb 13.1 said *before* the dump; this module turns it into a snapshot
(probe.py), so that one comparison serves all sources.
"""

import json
import os
import re

VECTOR = re.compile(r"\bv\d+_int64 = \{([^{}]*)\}")
MMX = re.compile(r"\buint64 = (-?\w+)")
MASK = (1 << 64) - 1


def _number(text):
    return "%#x" % (int(text, 0) & MASK)


def register(name, text):
    """One register as gdb printed it, in a snapshot's form."""
    if re.fullmatch(r"st[0-7]", name):
        return [None, text]
    if "unavailable" in text and "{" not in text:
        return "?"
    if text.startswith("{"):
        field = VECTOR.search(text) or MMX.search(text)
        if field is None:
            raise ValueError("no 64-bit elements in %s = %.60s" % (name, text))
        return [_number(part) for part in field.group(1).split(",")]
    return _number(text)


def _frame(raw):
    return {"fn": raw.get("fn"), "pc": raw["pc"], "type": raw.get("type", "normal"),
            "file": os.path.basename(raw["file"]) if raw.get("file") else None,
            "line": raw.get("line"), "solib": None, "locals": raw.get("locals", {}), "args": []}


def snapshot(path):
    """gdb.json as a snapshot."""
    with open(path, encoding="utf-8") as file:
        raw = json.load(file)
    threads = [{"num": t["num"], "lwp": t["lwp"], "name": t["name"],
                "frames": [_frame(f) for f in t["frames"]],
                "regs": {name: register(name, text) for name, text in t["regs"].items()}}
               for t in raw["threads"]]
    return {"threads": threads, "values": raw.get("values", [])}


THREAD = re.compile(r"(\d+) comm=(.*?) state=(\w).*? syscall=(\S+)")


def kernel_threads(path):
    """{tid: (name, state letter, number of the system call it is in or None)} of `threads`."""
    out = {}
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            found = THREAD.match(line)
            if found:
                tid, name, state, call = found.groups()
                out[int(tid)] = (name, state, int(call) if call.isdigit() else None)
    return out


def backtraces(path):
    """{tid: [function, ...]} of expected.txt, for every process in it."""
    out, tid = {}, None
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            if line.startswith("thread: "):
                tid = int(line.split()[1])
            elif line.startswith("  bt: ") and tid is not None:
                out[tid] = line[6:].rstrip("\n").split(" < ")
    return out


def commands(path):
    """{pid: command name} of expected.txt, in its order."""
    out, pid = {}, None
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            if line.startswith("[process "):
                pid = int(line[9:].rstrip("]\n"))
            elif line.startswith("comm: ") and pid is not None:
                out.setdefault(pid, line[6:].rstrip("\n"))
    return out
