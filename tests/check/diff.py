# SPDX-License-Identifier: LGPL-2.1-or-later
"""critcore diff and crit-diff on real checkpoints: a chain whose program wrote down what every page
held at each step, and a process that was dumped before and after it changed what its source
says."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ["BUILD"]
CRITCORE = os.path.join(BUILD, "critcore")
LINE = re.compile(r'(0x[0-9a-f]+) (zero|unmapped|text ".*" fill 0x[0-9a-f]+) ')
AREA = range(0x1000000000, 0x1050000000)  # the pages that the chain's program talks of
PAGE = 4096


def unpack(name, folder):
    subprocess.run(["tar", "-C", folder, "-xJf", os.path.join(HERE, "../data", name)], check=True)


def diff(*words, status=1):
    done = subprocess.run([CRITCORE, "diff", "--json", *words], stdout=subprocess.PIPE, check=False)
    if done.returncode != status:
        sys.exit("diff %s ended with %d" % (" ".join(words), done.returncode))
    return [json.loads(line) for line in done.stdout.splitlines()]


# ---- A chain --------------------------------------------------------------------------------


def step(folder, number):
    with open(os.path.join(folder, "expected.step%d" % number), encoding="ascii") as file:
        return {int(line[1], 16): line[2] for line in map(LINE.match, file) if line}


def expected(old, new):
    """What may be said of a page, by what it held."""
    if old == new or {old, new} <= {"zero", "unmapped"}:
        return {None}
    if new == "unmapped":
        return {"gone"}
    if old == "unmapped":
        return {"added"}
    return {"added", "changed"} if old == "zero" else {"changed"}


def of_pre_dumps(old, new):
    """The same of two pre-dumps: what was not written is not there."""
    if {old, new} <= {"zero", "unmapped"}:
        return {None, "added", "gone", "changed"}
    if new in ("zero", "unmapped"):
        return {"gone", "changed"}
    if old in ("zero", "unmapped"):
        return {"added", "changed"}
    return {None} if old == new else {"changed"}


def said(folder, number, last):
    """{page: how} of a pre-dump against a later level."""
    pages = {}
    for each in diff("--ranges", os.path.join(folder, "images/%d" % number),
                     os.path.join(folder, "images/%d" % last)):
        if each["what"] == "range":
            place = each.get("new_range") or each["old_range"]
            for page in range(int(place["start"], 16), int(place["end"], 16), PAGE):
                pages[page] = each["how"]
    return {page: how for page, how in pages.items() if page in AREA}


def check_chain(folder, punched):
    unknown = 0
    for number, last in ((1, 2), (1, 3), (2, 3)):
        old, new, pages = step(folder, number), step(folder, last), said(folder, number, last)
        for page in sorted(set(old) | set(new) | set(pages)):
            what = pages.get(page)
            may = (expected if last == 3 else of_pre_dumps)(old.get(page, "unmapped"),
                                                            new.get(page, "unmapped"))
            unknown += what == "unknown"
            if what not in may and not (punched and what == "unknown" and
                                        (page in old or page in new)):
                sys.exit("%s, step %d to %d: 0x%x is said to be %s, not %s" % (
                    folder, number, last, page, what, may))
        if not pages:
            sys.exit("nothing was said of %s" % folder)
    if bool(unknown) != punched:
        sys.exit("%s: %d pages cannot be compared" % (folder, unknown))


# ---- Before and after -----------------------------------------------------------------------

CHANGED = [  # what steps.c does to itself
    {"what": "state", "field": "umask", "old": "022", "new": "077"},
    {"what": "state", "field": "handler of SIGUSR2", "old": "0x0", "new": "0x1"},
    {"what": "state", "field": "limit: Max open files", "new": "100"},
    {"what": "state", "field": "hard limit: Max open files", "new": "200"},
    {"what": "fd", "fd": 3, "field": "offset", "old": "0", "new": "64"},
    {"what": "fd", "fd": 4, "field": "file", "old": "REG /dev/zero", "new": "REG /dev/null"},
    {"what": "socket", "fd": 6, "field": "receive queue", "old": "0 bytes", "new": "5 bytes"},
    {"what": "mapping", "how": "added", "name": "[heap]", "field": "part"},
    {"what": "mapping", "how": "changed", "field": "prot", "old": "rw-p", "new": "r--p",
     "new_range": {"start": "0x100000000", "end": "0x100001000"}},
    {"what": "mapping", "how": "gone",
     "old_range": {"start": "0x200000000", "end": "0x200002000"}},
    {"what": "memory", "how": "gone", "gone_bytes": PAGE,
     "old_range": {"start": "0x200000000", "end": "0x200002000"}},
    {"what": "range", "old_bytes": "01", "new_bytes": "02",
     "new_range": {"start": "0x100000005", "end": "0x100000006"}},
]
VARIABLES = {  # of the frame of work()
    "counter": ("1", "2"), "calls.0": ("40", "41"), "of_thread": ("10", "11"),
    "outer.low": ("1", "2"), "outer.ratio": ("0.5", "0.75"), "outer.in[1].depth": ("2", "20"),
    "outer.both.number": ("0", "256"), "*pointer.depth": ("100", "200"),
    "squares[10]": ("0", "100"), "squares[999]": ("0", "998001"),
    "local": ("7", "8"), "aside.depth": ("1", "-1"),
}
SAME = re.compile(r"same|pointer$|outer\.(high|in\[0\]|in\[2\])|shielded|unmapped|first|fds")


def check_pair(folder):
    old, new = (os.path.join(folder, name) for name in ("old", "new"))
    root = os.path.join(folder, "root")
    there = diff("--bytes", "--sysroot", root, old, new)
    for each in CHANGED:
        if not any(each.items() <= line.items() for line in there):
            sys.exit("nobody says %s in\n%s" % (each, "\n".join(map(str, there))))
    if [each["how"] for each in diff("--sysroot", root, new, old) if each["what"] == "mapping"
            and each.get("field") != "prot"] != ["gone", "added"]:
        sys.exit("the other way round, mappings are not said to be gone and added")
    if len(diff("--sysroot", root, new, new, status=0)) != 1:
        sys.exit("a checkpoint differs from itself")


def variables(folder, *commands):
    gdb = shlex.split(os.environ["GDB"])
    done = subprocess.run(
        [*gdb, "-nx", "-batch", "-x", os.path.join(BUILD, "critgdb.py"), "-ex",
         "set sysroot %s/root" % folder, *(word for each in commands for word in ("-ex", each))],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done.stdout, {row["name"]: (row["old"], row["new"]) for row in rows}


def check_variables(folder):
    ask = "crit-diff -json -variables %s" % folder
    out, found = variables(folder, "target criu %s/new" % folder, "frame function work",
                           ask + "/old")
    missing = {name: each for name, each in VARIABLES.items() if found.get(name) != each}
    if missing or any(map(SAME.match, found)):
        sys.exit("crit-diff: not so: %s in\n%s" % (missing, out))
    # From the other side, and in a frame that has none of them.
    out, found = variables(folder, "target criu %s/old" % folder,
                           ask.replace("-json", "-json -newer") + "/new")
    if found.get("counter") != ("1", "2") or "local" in found:
        sys.exit("crit-diff -newer: not so:\n%s" % out)


def main():
    with tempfile.TemporaryDirectory(prefix="critcore-") as folder:
        unpack("memory.tar.xz", folder)
        check_chain(os.path.join(folder, "x86_64-chain"), punched=False)
        check_chain(os.path.join(folder, "x86_64-chain-dedup2"), punched=True)
        unpack("diff.tar.xz", folder)
        os.makedirs(os.path.join(folder, "root/tmp/steps"))
        os.rename(os.path.join(folder, "program"), os.path.join(folder, "root/tmp/steps/program"))
        check_pair(folder)
        if os.environ.get("PRELOAD"):
            print("gdb, which does not start with AddressSanitizer preloaded, was left out")
        else:
            check_variables(folder)


if __name__ == "__main__":
    main()
