# SPDX-License-Identifier: LGPL-2.1-or-later
"""gdb's `generate-core-file` of an open checkpoint: the same gdb reads the core file back, and must
see the same threads, registers, frames, variables and bytes, answer the same, and miss what the
checkpoint misses.

A core file has no room for some registers and none for the names of threads.
"""

import os
import re
import tempfile

from . import answers, compare, rules


class OfCore(rules.Same):
    """The truth is a core file."""

    def register(self, name, mine, true, ours, truth):
        if true == "?" or "unavailable" in str(true):
            return rules.Verdict(skip="no room in gdb's core files")
        return rules.EQUAL

    def value_skip(self, expression):
        return "gdb finds no thread-local variables in a core file without libthread_db" \
            if "tls" in expression or expression == "errno" else super().value_skip(expression)


def is_small(task, most):
    """Does its memory have at most so many bytes? gdb takes a second for 11 MiB."""
    totals = task.totals()
    return totals.image + totals.zero <= most


def make(gdb, opening, path, asked):
    """(messages that speak of trouble when gdb wrote the core file, its answers)"""
    said = gdb.snapshot({"open": opening, "run": [*asked, "generate-core-file " + path],
                         "registers": "none", "max_threads": 1})
    lines = said["errors"] + said["stderr"].splitlines()
    return [line for line in lines if re.search("corefile|memory|core file", line, re.I)], \
        said.get("ran", [])[:-1]


def check_bytes(result, mine, core, job, of_files):
    for (start, length), ours, theirs in zip(job["reads"], mine["reads"], core["reads"]):
        result.compared["KiB of the core"] += length // 1024
        if start in of_files and re.match("error: (Cannot access m|M)emory", theirs):
            result.excuse("clean pages of files are not in core files", length)
        elif ours != theirs:
            result.differ("gcore", "other bytes at %#x, %d bytes: %s" % (start, length, theirs))
    for address, byte in zip(job["unreadable"], core["unreadable"]):
        if byte is not None:
            result.differ("gcore", "has %s at %#x, which is unavailable" % (byte, address))


def check(result, gdb, task, job, exe, sysroot, snapshot):
    """@job, @snapshot: what was asked of the checkpoint, and the answer."""
    of_files = {origin.start for origin in task.origins() if origin.kind == "file"}
    asked = answers.commands(snapshot["threads"]) if exe else []
    with tempfile.TemporaryDirectory(prefix="critcheck-", dir="/tmp") as folder:
        path = os.path.join(folder, "core")
        troubles, answered = make(gdb, job["open"], path, asked)
        for line in troubles:
            result.differ("gcore", line)
        if not os.path.exists(path):
            result.differ("gcore", "wrote no file")
            return
        commands = ["set sysroot " + sysroot] if sysroot else []
        commands += ["file " + exe] if exe else []
        core = gdb.snapshot(dict(job, open=[*commands, "core-file " + path], run=asked),
                            plugin=False)
    found = compare.compare(snapshot, core, OfCore(), bool(exe))
    answers.compare(found, asked, answered, core.get("ran", []), answers.NOT_THERE)
    check_bytes(found, snapshot, core, job, of_files)
    result.compared["items of its core file"] += sum(found.compared.values())
    result.excused.update(found.excused)
    result.differences += ["core: " + line for line in found.differences]
