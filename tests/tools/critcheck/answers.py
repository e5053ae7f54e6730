# SPDX-License-Identifier: LGPL-2.1-or-later
"""gdb's own commands on a checkpoint, against the same commands of the same gdb on what is true:
the core file of that state, or the process itself.

Addresses are those of the true stacks, so that both sides are asked the same.
"""

import re

GENERAL = ["info sharedlibrary", "info files", "info auxv", "info symbol main", "info line main",
           "info scope main"]
MOST_PLACES = 24
MOST_THREADS = 6
STACK = 256  # bytes that are searched
SECTION = re.compile(r"\s*(0x[0-9a-f]+ - 0x[0-9a-f]+ is (?!load\d)(?!note\d).*|Entry point: .*)$")
NOT_THERE = "pages that are not in the core file"
NOT_FOUND = "libraries that gdb finds no file of for the core file, but for the checkpoint"
NO_VDSO = "the vdso has holes, which a sparse copy of the images made"
FORGOTTEN = ("gdb 17 and later forget the vdso with the libraries; "
             "the plugin has it back on x86 only")
X86 = re.compile(r"file type elf(64-x86-64|32-i386)")
VDSO = re.compile(r"system-supplied DSO")
# The name of the vdso: as gdb finds it, and read again by the plugin (gdb 17 and later).
VDSO_NAMES = re.compile(r"system-supplied DSO at 0x[0-9a-f]+|shared object read from target memory")
NO_SYMBOLS = re.compile(r"^\s+No  ", re.M)


def places(threads):
    """Distinct addresses of frames, of as many functions as possible."""
    frames = [frame for thread in threads for frame in thread["frames"]
              if frame["pc"] != "?" and frame["type"] != "inline"]
    return list(dict.fromkeys(frame["pc"] for frame in frames))[:MOST_PLACES]


def stack_pointer(registers):
    """Of any CPU; None where it is not known."""
    wanted = ["rsp", "esp", "sp"]
    wanted += ["r1"] if "msr" in registers else ["r15"] if "acr0" in registers else ["r3"]
    return next((registers[name] for name in wanted
                 if registers.get(name, "?") not in ("?", "0x0")), None)


def of_stack(thread):
    """Questions about the bytes of a stack, unless the kernel writes to it: the time left to sleep,
    whenever the call is interrupted."""
    stack = stack_pointer(thread["regs"])
    if not stack or any("nanosleep" in (frame["fn"] or "") for frame in thread["frames"][:3]):
        return []
    out = ["x/8xw " + stack, "x/3s " + stack, "x/2f " + stack]
    callers = [frame["pc"] for frame in thread["frames"][1:2]]
    return out + ["find /w %s, +%d, %s & 0xffffffff" % (stack, STACK, pc) for pc in callers]


def commands(threads):
    """What to ask; @threads: of a snapshot whose frames and registers are true."""
    out = list(GENERAL)
    for pc in places(threads):
        out += ["info symbol " + pc, "info line *" + pc, "x/4i " + pc]
    for thread in threads[:MOST_THREADS]:
        out += of_stack(thread)
    return list(dict.fromkeys(out))


def plain(command, text):
    """The lines of an answer without what differs by the kind of target: the order of sections
    (a core file's own come first) and the mark at the pc."""
    lines = VDSO_NAMES.sub("system-supplied DSO", text).splitlines()
    if command == "info files":
        return sorted({found.group(1) for found in map(SECTION.match, lines) if found})
    return [re.sub(r"^(=>|  ) ", "", line) for line in lines]


def compare(result, asked, ours, theirs, lacking=None, punched=False):
    """@ours, @theirs: the answers; @lacking: why those have not all of the memory; @punched: the
    vdso has holes."""
    fewer = NOT_FOUND if theirs and NO_SYMBOLS.search(theirs[0]) else None
    for command, mine, true in zip(asked, ours, theirs):
        missing = "error: Cannot access memory" in true
        mine, true = plain(command, mine), plain(command, true)
        if mine != true and set(mine) != set(true):  # say no more than the lines that differ
            mine, true = ([line for line in one if line not in other]
                          for one, other in ((mine, true), (true, mine)))
        if punched and command == "info files" and any(map(VDSO.search, true)):
            true = [line for line in true if not VDSO.search(line)]
            result.excuse(NO_VDSO)
        if command == "info files" and true and not mine and all(map(VDSO.search, true)) \
                and not any(map(X86.search, theirs)):
            result.excuse(FORGOTTEN, len(true))
            true = []
        rule = lacking if missing else fewer if lacking and command in GENERAL[:2] else None
        result.same("answers", command, mine, true, rule)


def check(result, gdb, opening, truth, threads, lacking=None, punched=False):
    """@opening, @truth: the commands that open the checkpoint, and what is true."""
    asked = commands(threads)
    job = {"run": asked, "registers": "none", "max_threads": 1}
    mine = gdb.snapshot(dict(job, open=opening))
    true = gdb.snapshot(dict(job, open=truth), plugin=False)
    for side in (mine, true):
        if side["errors"]:
            result.differ("answers", " ".join(side["errors"]))
            return
    compare(result, asked, mine["ran"], true["ran"], lacking, punched)
