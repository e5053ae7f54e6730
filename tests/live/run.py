#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Dump running programs with packaged CRIUs and compare `target criu` with the stopped processes.

    run.py [--build DIR] [--only NAME] [--suite SUITE] [--keep] [--verbose]

For every Debian suite below (built once, kept in $CRITCORE_ROOTS) every program of tests/programs
is run there, dumped with that suite's criu and --leave-stopped, and a live gdb of the suite is
attached to the very state that was dumped. Each checkpoint is then opened in every gdb there is
(this machine's, and each suite's): all registers, frames and variables must be equal to the live
gdb's, what gdb's own commands answer to what the same gdb answers of the process, all bytes to
/proc/PID/mem, and what the kernel knew to /proc/PID/status and its like; so must the stacks of
`critcore bt`, and a core file that gdb makes of the checkpoint. What was dumped then goes through
`critcore decode`, `encode`, `compress` and so on, and is compared with what the crit of Debian sid
makes of it.

Needs root and debootstrap. Exit status 77 and the reason when it cannot run.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(TESTS, "tools"), os.path.join(TESTS, "programs")]

import build  # noqa: E402  (tests/programs)
import check  # noqa: E402
import compress  # noqa: E402
import crit  # noqa: E402
import memory  # noqa: E402
import saved  # noqa: E402
import tls  # noqa: E402
from critcheck import answers, compare, gcore, impostor, kernel, library, live  # noqa: E402
from critcheck import pages, proc, recorded, report, rules  # noqa: E402
from critcheck import session, stacks, states, tables  # noqa: E402

# What critcore is linked with: the plugin and the command run in there, too.
OURS = ["libprotobuf-c1", "libelf1t64", "libdw1t64", "liblzma5", "liblz4-1", "libpcre2-8-0"]
SUITES = {
    "trixie": ["gdb", "gdb-multiarch", "criu", *OURS],
    "sid": ["gdb", "gdb-multiarch", "criu/experimental", "python3-pycriu/experimental",
            "libcompel1/experimental", "python3-lz4", "iproute2", *OURS],
}
VALUES = {
    "deep": ["*ring", "ring->next->next->label", "pi", "packed", "title", "table", "counter",
             "where", "sizeof(untouched)", "untouched[8192]"],
    "threads": ["turns", "channel", "taken"],
    "mem": ["anon", "*anon@4", "hidden[4096]", "brk_area[4096]", "bss[8192]"],
    "vectors": ["stack", "masks", "control", "$mxcsr", "$st0", "$st1"],
    "tree": ["role", "generation", "children"],
    "compat32": ["chain", "wide", "motto", "depth_seen", "chain[1].next->tag"],
    "handler": ["fault_address", "nowhere"],
}
ARGUMENTS = {"mem": "{directory}", "compat32": "$READY_FD"}
CORE_MOST = 16 << 20  # bytes of a process of which gdb makes a core file
CANNOT_RUN = 77


def cannot_run():
    """The reason why this machine cannot do it, or None."""
    if os.geteuid():
        return "needs root"
    for tool in ("debootstrap", "nsenter", "unshare"):
        if not shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
            return "needs the command %s" % tool
    return None


def roots_directory():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("CRITCORE_ROOTS") or os.path.join(cache, "critcore", "roots")


def make_root(suite, packages):
    """The root of a suite, built when it is not there; LiveError with the reason when it fails."""
    directory = os.path.join(roots_directory(), suite)
    done = subprocess.run([live.TOOL, "build", suite, directory, *packages],
                          capture_output=True, text=True)
    if done.returncode:
        raise live.LiveError(done.stderr.strip() or "building %s failed" % suite)
    return directory


class Context:
    def __init__(self, options, roots):
        self.options, self.roots = options, roots
        self.library = library.load(options.build)
        self.critcore = os.path.join(os.path.abspath(options.build), "critcore")
        self.report = report.Report(options.verbose)
        self.scratch = tempfile.mkdtemp(prefix="critlive-", dir="/tmp")
        self.programs, self.left_out = build.build(self.scratch, options.cc)
        shared = [roots_directory()]
        commands = ["gdb"] + ["%s run %s gdb" % (live.TOOL, root) for root in roots.values()]
        gdbs = [session.Gdb(command, options.build, shared) for command in commands]
        self.gdbs = {gdb.version(): gdb for gdb in gdbs}

    def folder(self):
        """A folder for one check; use it as a context manager."""
        return tempfile.TemporaryDirectory(prefix="check-", dir=self.scratch)

    def close(self):
        if self.options.keep:
            print("kept: " + self.scratch)
        else:
            shutil.rmtree(self.scratch, ignore_errors=True)


# ---- the truth ----------------------------------------------------------------------------------

class Stopped:
    """One stopped process: its memory first, then what live gdbs say of it."""

    def __init__(self, context, process, pid, program, calls):
        self.pid = pid
        self.calls = calls  # the file that says which system calls its threads were in
        self.maps = live.Maps(pid)
        self.proc = kernel.of_proc(pid)
        self.saved = saved.Truth(pid)
        gdb = session.Gdb(" ".join(process.inside("gdb")), context.options.build)
        values = [[None, None, text] for text in VALUES[program.split("-")[0]]]
        self.job = {"values": values if "stripped" not in program else [],
                    "symbols": [], "registers": "all"}
        self.version = gdb.version()
        self.snapshot = gdb.snapshot(dict(self.job, open=["attach %d" % pid]), plugin=False)
        if self.snapshot["errors"]:
            raise live.LiveError("live gdb: %s" % self.snapshot["errors"])

    def ask(self, context, root, exe):
        """What each gdb answers of it."""
        self.asked = answers.commands(self.snapshot["threads"])
        opening = ["set sysroot " + root, "file " + exe, "attach %d" % self.pid]
        self.answers = {version: gdb.snapshot({"open": opening, "run": self.asked,
                                               "registers": "none", "max_threads": 1},
                                              plugin=False)
                        for version, gdb in context.gdbs.items()}


# ---- comparing ----------------------------------------------------------------------------------

def check_mappings(task, maps, differences):
    """Same ranges and permissions as /proc/PID/maps; kernel pages may be left out of the images."""
    ours = {m.start: m for m in task.mappings()}
    for start, end, permissions, path in maps.mappings:
        mine = ours.get(start)
        if mine is None:
            if path not in ("[vsyscall]", "[vvar]", "[vvar_vclock]"):
                covering = [m for m in ours.values() if m.start <= start and end <= m.end]
                if not covering:
                    differences.append("mapping %#x-%#x %s is missing" % (start, end, path))
            continue
        prot = sum(bit for letter, bit in zip("rwx", (1, 2, 4)) if letter in permissions)
        if mine.prot != prot and path != "[vsyscall]":
            differences.append("mapping %#x: protection %d, in truth %s" % (
                start, mine.prot, permissions))


def accept(origin, _start, _theirs):
    """What the images need not have: kernel pages, and files that are only in the other root."""
    where = origin.mapping.path or ""
    return (origin.mapping.kind in ("vvar", "vsyscall")
            or (origin.reason == "file missing" and where.endswith("/mapped.bin")))


def check_library(name, task, stopped, result):
    found = pages.compare(task, stopped.maps, rules.known_bytes(stopped.snapshot), accept,
                          lambda start, _: start >= 1 << 63)
    result.compared.update(found.counts())
    result.differences += found.differences
    result.excused.update(found.excused)
    check_mappings(task, stopped.maps, result.differences)


def gdb_reads(task):
    reads, hashes = [], []
    for origin in task.origins():
        if origin.kind == "image":
            length = min(origin.end - origin.start, 1 << 20)
            reads.append([origin.start, length])
            hashes.append(hashlib.sha256(task.read(origin.start, length)).hexdigest())
    return reads, hashes


def why_unavailable(task):
    def why(address):
        origin = task.locate(address)
        return "value " + origin.why if origin.kind == "unavailable" else None
    return why


def check_gdb(context, name, gdb, images, root, exe, task, stopped):
    """One checkpoint in one gdb against the live one."""
    reads, hashes = gdb_reads(task)
    job = dict(stopped.job, open=session.open_checkpoint(images, task.pid, root, exe),
               reads=reads, run=stopped.asked, unreadable=[])
    snapshot = gdb.snapshot(job)
    if snapshot["errors"]:
        context.report.fail(name, snapshot["errors"] + snapshot["stderr"].splitlines())
        return
    known = rules.AfterDump()
    known.why = why_unavailable(task)
    result = compare.compare(snapshot, stopped.snapshot, known)
    tables.check(os.path.basename(exe), snapshot, result)
    for (start, length), mine, true in zip(reads, snapshot["reads"], hashes):
        result.compared["KiB through gdb"] += length // 1024
        if mine != true:
            result.differ("gdb", "reads other bytes than the library at %#x: %s" % (start, mine))
    true = stopped.answers[gdb.version()]
    result.differences += ["live gdb: " + error for error in true["errors"]]
    answers.compare(result, stopped.asked, snapshot["ran"], true.get("ran", []))
    if gdb.version() == stopped.version and gcore.is_small(task, CORE_MOST):
        gcore.check(result, gdb, task, job, exe, root, snapshot)
    context.report.result(name, result.compared, result.differences, result.excused)


def check_task(context, name, task, images, root, exe, stopped):
    task.load()
    result = compare.Comparison()
    check_library(name, task, stopped, result)
    kernel.check(result, context.options.build, images, task.pid, stopped.proc)
    states.check(result, task, stopped.calls)
    proc.check(result, context.critcore, images, task, task.pid, stopped.saved)
    stacks.check(result, context.critcore, images, stopped.snapshot, task.pid,
                 ["--sysroot", root, "--exe", exe])
    context.report.result(name + " memory", result.compared, result.differences, result.excused)
    for version, gdb in context.gdbs.items():
        check_gdb(context, "%s gdb %s" % (name, version), gdb, images, root, exe, task, stopped)


def check_zombie(context, name, images, pid):
    for version, gdb in context.gdbs.items():
        snapshot = gdb.snapshot({"open": session.open_checkpoint(images, pid)})
        said = " ".join(snapshot["errors"])
        if "zombie" in said:
            context.report.ok("%s gdb %s" % (name, version), "refused: a zombie")
        else:
            context.report.fail("%s gdb %s" % (name, version), ["not refused: " + said])


def check_impostor(context, name, task, images, root, exe, directory):
    """The same checkpoint where libc was replaced: by an update, say."""
    other = os.path.join(directory, "other-root")
    paths = {m.path for m in task.mappings() if m.path and m.path.startswith("/")}
    libc = impostor.make(root, [path for path in paths if os.path.isfile(root + path)], other)
    if not libc:
        return
    for version, gdb in context.gdbs.items():
        found = impostor.differences(
            gdb, session.open_checkpoint(images, task.pid, root, exe),
            session.open_checkpoint(images, task.pid, other, exe),
            impostor.exe_functions(exe), libc)
        if found:
            context.report.fail("%s gdb %s, another libc" % (name, version), found)
        else:
            context.report.ok("%s gdb %s" % (name, version), "another libc is not believed")


def run_program(context, suite, root, program, exe):
    directory = os.path.join(context.scratch, "%s-%s" % (suite, program))
    os.mkdir(directory)
    images = os.path.join(directory, "img")
    with live.Process(root, exe, ARGUMENTS.get(program, "").format(directory=directory),
                      directory) as process:
        if program.startswith("vectors"):
            process.in_pause()
        calls = os.path.join(directory, "calls")
        saved.calls(process.family(), calls)
        process.dump(images)
        with library.Checkpoint(context.library, images, root, exe) as ckpt:
            tasks = ckpt.tasks()
            stopped = {t.pid: Stopped(context, process, t.pid, program, calls)
                       for t in tasks if t.state != "zombie"}
            if context.options.record:
                recorded.write(os.path.join(context.options.record, program), images, exe,
                               {"suite": suite, "criu": process.version()}, stopped)
                return
            for each in stopped.values():
                each.ask(context, root, exe)
            for task in tasks:
                name = "%s %s %s" % (suite, program, task.comm)
                if task.state == "zombie":
                    check_zombie(context, name, images, task.pid)
                else:
                    check_task(context, name, task, images, root, exe, stopped[task.pid])
                    if program == "threads":
                        check_impostor(context, name, task, images, root, exe, directory)


def run(context):
    for name, reason in context.left_out.items():
        context.report.skip(name, "this compiler cannot make it: " + reason)
    for suite, root in context.roots.items():
        for program, exe in context.programs.items():
            if program in (memory.PROGRAM, *check.PROGRAMS):
                continue
            if context.options.only and program not in context.options.only:
                continue
            try:
                run_program(context, suite, root, program, exe)
            except (live.LiveError, library.LibraryError, session.SessionError) as error:
                context.report.fail("%s %s" % (suite, program), [str(error)])


def run_crit(context):
    """The verbs that CRIT has too, on what was just dumped."""
    crit.check(context)
    root = context.roots.get(crit.SUITE)
    dumped = [os.path.join(context.scratch, name, "img") for name in os.listdir(context.scratch)
              if name != "memory"]
    if root:
        with tempfile.TemporaryDirectory(prefix="critlive-", dir="/tmp") as scratch:
            compress.check(os.path.join(os.path.abspath(context.options.build), "critcore"), root,
                           dumped, scratch, context.report)


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build", help="where the plugin and library are")
    parser.add_argument("--cc", default=os.environ.get("CC", "cc"), help="compiler")
    parser.add_argument("--only", action="append", help="only programs of this name")
    parser.add_argument("--suite", action="append", choices=SUITES, help="only this suite")
    parser.add_argument("--record", metavar="DIR",
                        help="keep the checkpoints and their truth in DIR, compare nothing")
    parser.add_argument("--keep", action="store_true", help="keep programs and checkpoints")
    parser.add_argument("--verbose", action="store_true", help="say which rules were used")
    return parser.parse_args()


def main():
    chosen = options()
    reason = cannot_run()
    if library.sanitized(chosen.build):
        reason = "the library is built with a sanitizer, which gdb cannot load"
    roots = {}
    try:
        if not reason:
            roots = {suite: make_root(suite, SUITES[suite])
                     for suite in chosen.suite or SUITES}
    except live.LiveError as error:
        reason = str(error)
    if reason:
        print("check-live cannot run: " + reason)
        return CANNOT_RUN
    context = Context(chosen, roots)
    print("gdb " + ", ".join(context.gdbs))
    try:
        run(context)
        if not chosen.record and (not chosen.only or memory.PROGRAM in chosen.only):
            memory.check(context)
        if not chosen.record and (not chosen.only or tls.PROGRAM in chosen.only):
            tls.check(context, make_root(tls.COMPILER, tls.COMPILER_PACKAGES))
        if not chosen.record and "sid" in roots and \
                (not chosen.only or set(check.PROGRAMS) & set(chosen.only)):
            check.check(context, roots["sid"])
        if not chosen.record:
            run_crit(context)
    finally:
        context.close()
    return context.report.close()


if __name__ == "__main__":
    sys.exit(main())
