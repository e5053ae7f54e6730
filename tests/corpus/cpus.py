# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checkpoints of CPUs that are not this machine's, in a gdb that knows them: every register and
frame against the gdb that was attached to the stopped process after the dump.

Both print their registers as text, so text is compared: the raw bytes where gdb gives them, else
the value. What differs is what images do not have, and what is named here.

run() is for what tests/tools/make-cpu-data took of them, the fifth layout of run.py:

    NAME/images/         the images
    NAME/program/t/NAME  the program, by the name it had; no library
    NAME/truth/          gdb-post.PID and gdb-allregs-post.PID
"""

import os
import re

from critcheck import compare, corefile, foreign, library, rules, session

import fixtures

ROW = re.compile(r"([a-z]\w*) +(\S.*)$")
RAW = re.compile(r"\(raw (0x[0-9a-f]+)\)")
MIPS_FLOAT = re.compile(r" *(f\d+): +(0x[0-9a-f]+|<unavailable>)")
MIPS_LACKS = re.compile(r"(\w+): <unavailable>")
MIPS_WORDS = re.compile(r"(?: R\d+ )?(?: +(?:[0-9a-f]{8,16}|<unavailable>))+ *")
MIPS_NAMES = re.compile(r"(?: +[a-z]\w*)+ *")
ALL = "thread apply all info all-registers"

# CPU -> registers that no image has, and why what is in both may differ.
NOT_STORED = "in no image"
LACKS = {
    "aarch64": r"z\d+|p\d+|ffr|vg|tpidr2|svcr|svg|za",
    "powerpc": r"ppr|dscr|tar|bescr|ebbhr|ebbrr|mmcr[02]|siar|sdar|sier",
    "s390": r"last_break|orig_r2",
    "mips": r"restart",
    # CRIU (4.3) does not fill its field for f0 to f31.
    "Loongarch64": r"orig_a0|badv|f\d+|vr\d+|xr\d+|scr\d|eflags|ftop",
}
STACKS = r"i386|riscv|powerpc|aarch64|s390"  # whose stacks `critcore bt` knows as well as gdb
# Fourth argument of clock_nanosleep.
FOURTH = {"aarch64": "x3", "arm": "r3", "powerpc": "r6", "s390": "r5", "riscv": "a3",
          "mips": "r7", "Loongarch64": "r7"}
MASK = "pauth masks: derived from the address space, with all bits of the kernel's"
VECTOR_BITS = "ppc64: CRIU sets the bits of the vector units in msr; bit 17 is the kernel's own"
IN_A_CALL = "s390x: the call that CRIU interrupted is over in the truth"
EXCEPTION = "mips: of the last exception, which is another one by now"
BELOW = "loongarch64: below the stack pointer, where CRIU returned from its own code"
BELOW_LEN = 4096
CRASHES = "gdb 16 crashes on core files of loongarch64, on those that it wrote itself, too"
MSR_VEC_VSX, MSR_KERNEL = 1 << 25 | 1 << 23, 1 << 17


def value(text):
    """What a row of `info registers` says, without what depends on the version of gdb."""
    raw = RAW.search(text)
    if raw:
        return raw.group(1)
    if "<unavailable>" in text and not text.startswith("{"):
        return "?"
    if not text.startswith("{"):
        return text.split()[0]
    depth, at = 0, 0
    for at, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if not depth:
            break
    text = text[:at + 1]
    return text if re.search(r"[ {][0-9]", re.sub(r"<[^>]*>", "", text)) else "?"


def registers(lines):
    """{name: value} of `info all-registers`. That of MIPS prints tables, with names above."""
    out, names = {}, []
    for line in lines:
        row, single = ROW.match(line), MIPS_FLOAT.match(line) or MIPS_LACKS.match(line)
        if single:
            out[single.group(1)] = "?" if "<" in single.group(0) else single.group(2)
        elif MIPS_WORDS.fullmatch(line):
            words = [word for word in line.split() if not re.fullmatch(r"R\d+", word)]
            out.update(zip(names, ("?" if "<" in word else "%#x" % int(word, 16)
                                   for word in words)))
        elif MIPS_NAMES.fullmatch(line):
            names = line.split()
        elif row:
            out[row.group(1)] = value(row.group(2))
    return out


class Rules(rules.Same):
    """@arch: gdb's name of the CPU."""

    def __init__(self, arch):
        self.arch = arch.partition(":")[0]

    def register(self, name, mine, true, ours, truth):
        if mine in (None, "?") and re.fullmatch(LACKS.get(self.arch, "-"), name):
            return rules.Verdict(skip=NOT_STORED)
        if true == "?" and mine != "?":
            return rules.Verdict(skip="the live gdb does not have it")
        if name.startswith("pauth_") and int(true, 16) & ~int(mine, 16) == 0:
            return rules.Verdict(skip=MASK)
        if name == "msr":
            expected = int(true, 16) & ~MSR_KERNEL | MSR_VEC_VSX
            return rules.Verdict(expect="%#x" % expected, rule=VECTOR_BITS)
        if name == "system_call" and true == "0x0":
            return rules.Verdict(skip=IN_A_CALL)
        if self.arch == "mips" and name in ("badvaddr", "cause"):
            return rules.Verdict(skip=EXCEPTION)
        return rules.EQUAL


def of_threads(snapshot, text):
    """Put the registers of `thread apply all` into a snapshot that has none."""
    found = foreign.by_thread(text.splitlines())
    for thread in snapshot["threads"]:
        thread["regs"] = registers(found[thread["lwp"]][1])


def truth_of(fixture, pid):
    """The recorded gdb session as a snapshot; None where no debugger was there after the dump."""
    post, every = (fixture.truth_file(stem, pid) for stem in ("gdb-post", "gdb-allregs-post"))
    return foreign.snapshot(post, every, registers) if post else None


def look(gdb, fixture, task, commands, job):
    """A snapshot of a process with the outputs of @commands in "ran"."""
    opening = session.open_checkpoint(fixture.images, task.pid, fixture.sysroot,
                                      pages_dir=fixture.pages_dir)
    snapshot = gdb.snapshot(dict(job, open=opening, registers="none", run=[ALL, *commands]))
    if not snapshot["errors"]:
        of_threads(snapshot, snapshot["ran"].pop(0))
    return snapshot


def check_core(context, result, gdb, fixture, task, snapshot, job, live=None):
    """`critcore core` of such a process."""
    def look(path):
        opening = ["set sysroot " + fixture.sysroot, "file " + fixture.program(),
                   "core-file " + path]
        if task.arch().startswith("i386"):
            return gdb.snapshot(dict(job, open=opening), plugin=False)
        seen = gdb.snapshot(dict(job, open=opening, registers="none", run=[ALL]), plugin=False)
        if not seen["errors"]:
            of_threads(seen, seen["ran"].pop(0))
        return seen

    words = ["--sysroot", fixture.sysroot]
    words += ["--pages", fixture.pages_dir] if fixture.pages_dir else []
    crashes = gdb and task.arch().startswith("Loongarch64") and gdb.version().startswith("16.")
    if crashes:
        result.excuse(CRASHES)
    corefile.check(result, context.critcore, fixture.images, task, words,
                   look if gdb and not crashes else None, snapshot, job, live)


def library_registers(task):
    """{name: number in hexadecimal} of each thread, as the library reads them."""
    order = "big" if task.big_endian() else "little"
    return [{name: "%#x" % int.from_bytes(value, order)
             for name, value in task.registers(index).items() if value is not None}
            for index in range(task.nr_threads)]


def known_bytes(snapshot, task):
    """A function for pages.compare(): also the time left to sleep, which the kernel writes where a
    register says, and what CRIU left on a stack."""
    threads = library_registers(task)
    cpu = task.arch().partition(":")[0]
    known = rules.known_bytes(dict(snapshot, threads=[{"regs": regs} for regs in threads],
                                   symbols={}))
    left = [int(regs[FOURTH[cpu]], 16) for regs in threads if cpu in FOURTH]
    below = [int(regs["r3"], 16) for regs in threads if cpu == "Loongarch64"]

    def rule(at, mine, truth, origin):
        if any(start <= at and at + len(mine) <= start + 16 for start in left):
            return rules.REMAINING
        if any(end - BELOW_LEN <= at and at + len(mine) <= end for end in below):
            return BELOW
        return known(at, mine, truth, origin)

    return rule


# ---- tests/data ---------------------------------------------------------------------------------

OWN_FRAMES = "worker-3", 2  # a thread that computes, and how many of its frames are the program's


def check(context, fixture, task):
    name = "%s %d" % (fixture.name, task.pid)
    task.load()
    gdb = context.gdb_for(task.arch())
    if not gdb:
        context.report.skip(name, "no gdb here knows the CPU " + task.arch())
        return
    truth = truth_of(fixture, task.pid)
    job = {"reads": [], "unreadable": []}
    snapshot = look(gdb, fixture, task, foreign.PRINTED["threads"], job)
    if snapshot["errors"]:
        context.report.fail(name, snapshot["errors"] + snapshot["stderr"].splitlines())
        return
    for threads in (snapshot["threads"], truth["threads"]):
        for thread in threads:
            thread["bt"] = thread["bt"][:OWN_FRAMES[1]] if thread["name"] == OWN_FRAMES[0] else []
    result = compare.compare(snapshot, dict(truth, values=[]), Rules(task.arch()))
    compare.compare_printed(result, foreign.PRINTED["threads"], snapshot["ran"], truth["printed"])
    result.compared["frames"] += 0  # none is a failure
    check_core(context, result, gdb, fixture, task, snapshot, job)
    context.report.result(name, result.compared, result.differences, result.excused)


def run(context, directory):
    fixture = fixtures.Foreign(directory)
    fixture.sysroot = os.path.join(directory, "program")
    with library.Checkpoint(context.library, fixture.images, fixture.sysroot) as ckpt:
        for task in ckpt.tasks():
            check(context, fixture, task)
