#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare `target criu` with the recorded truth of every checkpoint of a corpus.

    run.py [--build DIR] [--gdb COMMAND] [--only NAME] [--verbose] CORPUS

CORPUS is an unpacked corpus, at any depth of these layouts:
    NAME/{img,exe,expected.txt,truth/PID/{gdb.json,core,threads}}   truth from before the dump
    NAME/{images,sysroot,truth/gdb-post.PID,gdb-allregs-post.PID,gcore.PID.zst}   from after it
    NAME/{img,exe,about.json,truth/PID/{snapshot.json,memory.*}}    from after it, by check-live
    NAME/{about.json,images,truth/PID/memory.*}                     memory alone; see extract.py
    NAME/{images,program,truth/gdb-post.PID,gdb-allregs-post.PID}   registers; see cpus.py
    archives of podman                                              see podman.py

COMMAND is a gdb, or a prefix that runs one elsewhere, for example
"tests/tools/debian-root run DIR gdb". For CPUs that it does not know, the gdb-multiarch of the same
release is run. One line is printed per process; every difference that is
not known (tools/critcheck/rules.py) is printed with both sides.
"""

import argparse
import hashlib
import os
import re
import shutil
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from critcheck import answers, compare, corefile, elfcore, foreign, gcore, kernel  # noqa: E402
from critcheck import library, native, pages, proc, recorded, report  # noqa: E402
from critcheck import rules, session, stacks, states, tables, variants  # noqa: E402
import chains  # noqa: E402  (tests/corpus)
import cpus  # noqa: E402
import extract  # noqa: E402
import fixtures  # noqa: E402
import podman  # noqa: E402
import tls  # noqa: E402
import truth as memory_truth  # noqa: E402
import verbs  # noqa: E402

# Their loader's list of libraries is lazy memory, so gdb cannot unwind through them.
NO_FRAMES = {"lazy"}
# gdb leaves shared huge pages out of core files; without its stack a core file has no frames.
NO_CORE = NO_FRAMES | {"huge"}
# Their arguments and environment are not in the checkpoint.
LACKING = {"lazy": "page server", "x86_64-lazy": "page server"}
# No debugger saw these; the same program's other checkpoint says what it calls.
SIBLINGS = {"deep-plain": "deep", "threads-plain": "threads"}
SPINNING = ("rax", "rdx", "eflags", "eax", "edx")  # of `for (;;) spins += id` without optimizing
COUNTERS = ("spins",)
BUSY = {"redis": "redis went on serving between the truth and the dump"}
RECORDED_ELEMENTS = 80  # `print elements` when gdb.json was recorded
GDB_READS = 4 << 20  # bytes per process that are also read through gdb


class Context:
    def __init__(self, options):
        self.options = options
        self.library = library.load(options.build)
        self.critcore = os.path.join(os.path.abspath(options.build), "critcore")
        self.report = report.Report(options.verbose)
        self.scratch = tempfile.mkdtemp(prefix="critcheck-", dir="/tmp")
        if os.path.isfile(options.corpus):
            options.corpus = self._unpacked(options.corpus)
        self.gdb = session.Gdb(options.gdb, options.build,
                               [os.path.abspath(options.corpus), "/usr/lib/debug"])
        self._sysroots, self._cpus = {}, {}
        self.previous = None  # images of the checkpoint before this one

    def _unpacked(self, archive):
        directory = os.path.join(self.scratch, "corpus")
        with tarfile.open(archive) as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4
            tar.extractall(directory)
        return directory

    def close(self):
        shutil.rmtree(self.scratch, ignore_errors=True)

    def gdb_for(self, arch):
        """A gdb that knows a CPU: the one asked for, or else its gdb-multiarch; None: neither."""
        if not self._cpus:
            self._cpus = {gdb: gdb.cpus() for gdb in (self.gdb, self.gdb.multiarch())}
        return next((gdb for gdb, known in self._cpus.items() if arch in known), None)

    def folder(self):
        """A folder for one check; use it as a context manager."""
        return tempfile.TemporaryDirectory(prefix="check-", dir=self.scratch)

    def sysroot(self, directory):
        """A full sysroot from one that holds the libraries under one name each."""
        if directory not in self._sysroots:
            full = os.path.join(self.scratch, "sysroot%d" % len(self._sysroots))
            fixtures.complete_sysroot(directory, full)
            self._sysroots[directory] = full
        return self._sysroots[directory]


def text_of(path):
    if not path:
        return None
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


# ---- what both layouts share --------------------------------------------------------------------

def gdb_reads(task):
    """Ranges to read through gdb as well, with their true hash; addresses that must not read."""
    reads, hashes, unreadable, budget = [], [], [], GDB_READS
    for origin in task.origins():
        if origin.kind == "unavailable":
            if len(unreadable) < 64:
                unreadable += [origin.start, origin.end - 1]
            continue
        length = min(origin.end - origin.start, budget, 1 << 20)
        if length:
            budget -= length
            reads.append([origin.start, length])
            hashes.append(hashlib.sha256(task.read(origin.start, length)).hexdigest())
    return reads, hashes, unreadable


def check_gdb_memory(result, snapshot, job, hashes):
    for (start, length), mine, true in zip(job["reads"], snapshot["reads"], hashes):
        result.compared["KiB through gdb"] += length // 1024
        if mine != true:
            result.differ("gdb", "reads other bytes than the library at %#x, %d bytes: %s" % (
                start, length, mine))
    for address, byte in zip(job["unreadable"], snapshot["unreadable"]):
        if byte is not None:
            result.differ("gdb", "reads %s at %#x, which is unavailable" % (byte, address))


def check_memory(result, task, truth, reasons, excuse):
    """Every byte of the truth. Without any, gdb against the library still counts."""
    memory = pages.compare(task, truth, excuse, reasons.accept, reasons.accept_unmapped)
    counts = memory.counts()
    if not memory.pages() and not truth.ranges():
        counts.pop("pages")
    result.compared.update(counts)
    result.differences += memory.differences
    result.excused.update(memory.excused)
    result.excused.update({"%s mapping, %s: not in the checkpoint" % key: number
                           for key, number in memory.missing.items()})


def check_stacks(context, result, images, snapshot, pid, sysroot, exe=None, pages_dir=None):
    places = (("--sysroot", sysroot), ("--exe", exe), ("--pages", pages_dir))
    words = [word for option, value in places if value for word in (option, value)]
    stacks.check(result, context.critcore, images, snapshot, pid, words)


def check_answers(result, gdb, task, opening, core, exe, sysroot, threads):
    """gdb's own commands, against the same gdb on the recorded core file."""
    punched = any(origin.mapping.kind == "vdso" and origin.reason == "punched"
                  for origin in task.origins())
    truth = ["file " + exe, "core-file " + core]
    if sysroot:
        truth.insert(0, "set sysroot " + sysroot)
    answers.check(result, gdb, opening, truth, threads, answers.NOT_THERE, punched)


def check_core(context, result, images, task, places, snapshot, job, live=None, same_pids=True):
    """`critcore core`; @places: sysroot, exe, pages folder."""
    sysroot, exe, pages_dir = places
    words = [word for option, value in zip(("--sysroot", "--exe", "--pages"), places) if value
             for word in (option, value)]
    commands = ["set sysroot " + sysroot] if sysroot else []
    commands += ["file " + exe] if exe else []

    def look(path):
        return context.gdb.snapshot(dict(job, open=[*commands, "core-file " + path]),
                                    plugin=False)

    corefile.check(result, context.critcore, images, task, words, look, snapshot, job, live,
                   same_pids)


class AvxRules(rules.BeforeDump):
    def value_skip(self, expression):
        if re.match(r"\$(zmm|ymm|k)\d", expression):
            return rules.AMD_LAYOUT
        return super().value_skip(expression)


def check_dead(context, name, images, pid):
    """A zombie: refused in one line that says why."""
    snapshot = context.gdb.snapshot({"open": session.open_checkpoint(images, pid)})
    said = " ".join(snapshot["errors"])
    if "zombie" in said or "no memory" in said:
        context.report.ok(name, "refused: " + said.split(": ", 1)[-1])
    else:
        context.report.fail(name, ["a zombie was not refused as one: %s" % (said or "no error")])


# ---- first layout: truth from before the dump ---------------------------------------------------

def native_truth(context, fixture, pid):
    """(snapshot, rules class) of the truth, or (None, None) when no debugger was there."""
    path = fixture.truth_file(pid, "gdb.json")
    if path:
        return native.snapshot(path), AvxRules if fixture.name == "avx" else rules.BeforeDump
    core = fixture.truth_file(pid, "core")
    if core:  # gdb on its own core file of that state
        job = {"open": ["set sysroot " + context.sysroot(fixture.bare_sysroot),
                        "file " + fixture.exe, "core-file " + core],
               "elements": RECORDED_ELEMENTS}
        return context.gdb.snapshot(job, plugin=False), rules.BeforeDump
    sibling = SIBLINGS.get(fixture.name)
    if sibling:
        other = fixture.beside(sibling)
        pids = [p for p in os.listdir(other.truth) if p.isdigit()]
        path = other.truth_file(pids[0], "gdb.json")
        if path:
            return native.snapshot(path), rules.Sibling
    return None, None


def kernel_threads(fixture, pid, kind):
    """What /proc said of the threads; for a sibling, under the sibling's ids."""
    if kind is rules.Sibling:
        fixture = fixture.beside(SIBLINGS[fixture.name])
        pid = next(p for p in os.listdir(fixture.truth) if p.isdigit())
    path = fixture.truth_file(pid, "threads")
    return native.kernel_threads(path) if path else {}


def check_native(context, fixture, task, pid):
    name = "%s %d" % (fixture.name, task.pid)
    if task.state == "zombie":
        check_dead(context, name, fixture.images, task.pid)
        return
    task.load()
    sysroot = fixture.bare_sysroot and context.sysroot(fixture.bare_sysroot)
    truth, kind = native_truth(context, fixture, pid)
    reads, hashes, unreadable = gdb_reads(task)
    job = {"open": session.open_checkpoint(fixture.images, task.pid, sysroot, fixture.exe),
           "values": [v[:3] for v in truth["values"]] if truth else [], "symbols": COUNTERS,
           "reads": reads, "unreadable": unreadable, "elements": RECORDED_ELEMENTS}
    snapshot = context.gdb.snapshot(job)
    if snapshot["errors"]:
        context.report.fail(name, snapshot["errors"] + snapshot.get("said", [])
                            + snapshot["stderr"].splitlines())
        return
    frames = bool(fixture.exe) and fixture.name not in NO_FRAMES
    if fixture.name in NO_FRAMES:
        context.report.skip(name + " frames", "the list of libraries is lazy memory")
    elif not fixture.exe:
        context.report.skip(name + " frames", "the program is not in the corpus")
    result = compare.Comparison()
    reasons = memory_truth.Reasons(fixture.name, fixture.finder(sysroot))
    if truth:
        known = kind(kernel_threads(fixture, pid, kind), spin_registers=SPINNING,
                     other_pids=task.pid != pid or kind is rules.Sibling,
                     busy=BUSY.get(fixture.name))
        known.why = reasons.why(task)
        result = compare.compare(snapshot, truth, known, frames)
        if kind is rules.Sibling:
            result.compared.pop("registers", None)
    states.check(result, task, fixture.truth_file(pid, "threads"))
    kernel.check(result, context.options.build, fixture.images, task.pid,
                 lambda name: text_of(fixture.truth_file(pid, name)))
    tables.check(fixture.name, snapshot, result)
    if frames and fixture.name not in fixtures.NO_BUILD_ID:
        check_stacks(context, result, fixture.images, snapshot, task.pid, sysroot, fixture.exe)
    if gcore.is_small(task, 64 << 20) and fixture.name not in NO_CORE:
        gcore.check(result, context.gdb, task, job, fixture.exe, sysroot, snapshot)
    core = fixture.truth_file(pid, "core")
    if fixture.name not in fixtures.NO_BUILD_ID:  # gdb believes whoever says that it is the program
        check_core(context, result, fixture.images, task, (sysroot, fixture.exe, None), snapshot,
                   job, core, task.pid == pid)
    if core and frames and fixture.name not in NO_CORE:
        still = [thread for thread in truth["threads"] if not known.moving(None, thread)]
        check_answers(result, context.gdb, task, job["open"], core, fixture.exe, sysroot, still)
    excuse = rules.known_bytes(snapshot, COUNTERS, BUSY.get(fixture.name))
    check_memory(result, task, fixture.memory(pid, sysroot), reasons, excuse)
    pages.check_strings(result, task, fixture.strings(pid), LACKING.get(fixture.name))
    check_gdb_memory(result, snapshot, job, hashes)
    proc.check(result, context.critcore, fixture.images, task, pid,
               proc.Truth(lambda entry: fixture.truth_file(pid, entry)),
               LACKING.get(fixture.name))
    context.report.result(name, result.compared, result.differences, result.excused)


def run_native(context, directory):
    fixture = fixtures.Native(directory, context.options.corpus)
    sysroot = fixture.bare_sysroot and context.sysroot(fixture.bare_sysroot)
    with library.Checkpoint(context.library, fixture.images, sysroot, fixture.exe) as ckpt:
        for task, pid in fixture.pairs(ckpt.tasks()):
            check_native(context, fixture, task, pid)
    verbs.check(context, fixture.name, fixture.images)
    plain = fixture.plain()
    if plain:
        found = variants.same(context, plain, fixture.images, sysroot, fixture.exe)
        context.report.result(fixture.name + " as the plain one", found.counts, found.differences,
                              {})
    else:
        variants.check(context, fixture.name, fixture.images, sysroot, fixture.exe)


# ---- second layout: truth from after the dump ---------------------------------------------------

def x86_truth(fixture, pid):
    post = fixture.truth_file("gdb-post", pid)
    return foreign.snapshot(post, fixture.truth_file("gdb-allregs-post", pid)) if post else None


def check_foreign_core(context, result, gdb, fixture, task, threads):
    if fixture.name in fixtures.HALF_A_CORE:
        return
    opening = session.open_checkpoint(fixture.images, task.pid, fixture.sysroot,
                                      pages_dir=fixture.pages_dir)
    with context.folder() as folder:
        check_answers(result, gdb, task, opening, fixture.unpack_core(task.pid, folder),
                      fixture.program(), fixture.sysroot, threads)


def compare_foreign(context, fixture, task, job, gdb):
    """(snapshot of the process in a gdb, comparison with the recorded session)"""
    native_cpu = task.arch().startswith("i386")
    truth = (x86_truth if native_cpu else cpus.truth_of)(fixture, task.pid)
    commands = foreign.PRINTED.get(fixture.name.split("-")[-1], []) if truth else []
    job = dict(job, values=[v[:3] for v in truth["values"]] if truth else [])
    if native_cpu:
        opening = session.open_checkpoint(fixture.images, task.pid, fixture.sysroot,
                                          pages_dir=fixture.pages_dir)
        snapshot = gdb.snapshot(dict(job, open=opening, run=commands))
    else:
        snapshot = cpus.look(gdb, fixture, task, commands, job)
    if not truth or snapshot["errors"]:
        return snapshot, compare.Comparison()
    known = rules.Same() if native_cpu else cpus.Rules(task.arch())
    result = compare.compare(snapshot, truth, known)
    compare.compare_printed(result, commands, snapshot["ran"], truth["printed"])
    check_foreign_core(context, result, gdb, fixture, task, snapshot["threads"])
    if re.match(cpus.STACKS, task.arch()):
        check_stacks(context, result, fixture.images, snapshot, task.pid, fixture.sysroot,
                     pages_dir=fixture.pages_dir)
    else:
        context.report.skip("%s %d bt" % (fixture.name, task.pid), "stacks of " + task.arch())
    return snapshot, result


def check_foreign(context, fixture, task):
    name = "%s %d" % (fixture.name, task.pid)
    task.load()
    reads, hashes, unreadable = gdb_reads(task)
    job = {"reads": reads, "unreadable": unreadable}
    gdb = context.gdb_for(task.arch())
    if gdb:
        snapshot, result = compare_foreign(context, fixture, task, job, gdb)
        if snapshot["errors"]:
            context.report.fail(name, snapshot["errors"] + snapshot["stderr"].splitlines())
            return
        check_gdb_memory(result, snapshot, job, hashes)
    else:
        context.report.skip(name + " in gdb", "no gdb here knows the CPU " + task.arch())
        snapshot, result = {"threads": []}, compare.Comparison()
    live = fixture.name not in fixtures.HALF_A_CORE and os.path.exists(fixture.core_path(task.pid))
    cpus.check_core(context, result, gdb, fixture, task, snapshot, job,
                    fixture.core_path(task.pid) if live else None)
    if not fixture.truth_file("gdb-post", task.pid):
        context.report.skip(name + " frames", "no debugger saw it after the dump")
    states.check(result, task, fixture.truth_file("tasks", task.pid))
    kernel.check(result, context.options.build, fixture.images, task.pid,
                 lambda name: text_of(fixture.truth_file(name, task.pid)))
    check_memory(result, task, fixture.memory(task.pid, task.page_size()),
                 memory_truth.Reasons(fixture.name), cpus.known_bytes(snapshot, task))
    pages.check_strings(result, task, fixture.strings(task.pid), LACKING.get(fixture.name))
    proc.check(result, context.critcore, fixture.images, task, task.pid,
               proc.Truth(lambda entry: fixture.truth_file(entry, task.pid)),
               LACKING.get(fixture.name),
               ["--pages", fixture.pages_dir] if fixture.pages_dir else [])
    context.report.result(name, result.compared, result.differences, result.excused)


def run_foreign(context, directory):
    fixture = fixtures.Foreign(directory)
    with library.Checkpoint(context.library, fixture.images, fixture.sysroot,
                            pages_dir=fixture.pages_dir) as ckpt:
        for task in ckpt.tasks():
            check_foreign(context, fixture, task)
            page = task.page_size()
    verbs.check(context, fixture.name, fixture.images, fixture.pages_dir)
    variants.check(context, fixture.name, fixture.images, fixture.sysroot,
                   pages_dir=fixture.pages_dir, page=page)
    if "-chain" in fixture.name:
        with context.folder() as scratch:
            chains.check(context, fixture, scratch)


def run_foreign_threads(context, directory):
    """Where thread-local variables are, on every CPU."""
    fixture = fixtures.Foreign(directory)
    with library.Checkpoint(context.library, fixture.images, fixture.sysroot) as ckpt:
        for task in ckpt.tasks():
            tls.check(context, fixture, task, os.path.join(directory, "threads"),
                      os.path.join(directory, "libtls.so"))


# ---- third layout: recorded by check-live --------------------------------------------------------

def check_recorded(context, name, images, exe, sysroot, task, truth_dir):
    task.load()
    truth = recorded.snapshot(truth_dir)
    truth["values"] += tables.values(os.path.basename(exe))
    reads, hashes, unreadable = gdb_reads(task)
    job = {"open": session.open_checkpoint(images, task.pid, sysroot, exe), "reads": reads,
           "values": [v[:3] for v in truth["values"]], "unreadable": unreadable}
    snapshot = context.gdb.snapshot(job)
    if snapshot["errors"]:
        context.report.fail(name, snapshot["errors"] + snapshot["stderr"].splitlines())
        return
    result = compare.compare(snapshot, truth, rules.AfterDump())
    tables.check(os.path.basename(exe), snapshot, result)
    check_stacks(context, result, images, snapshot, task.pid, sysroot, exe)
    if gcore.is_small(task, 4 << 20) and not task.ppid:  # `make check` comes by here
        gcore.check(result, context.gdb, task, job, exe, sysroot, snapshot)
    check_core(context, result, images, task, (sysroot, exe, None), snapshot, job)
    check_memory(result, task, recorded.Memory(truth_dir), memory_truth.Reasons(name.split()[0]),
                 rules.known_bytes(truth))
    check_gdb_memory(result, snapshot, job, hashes)
    context.report.result(name, result.compared, result.differences, result.excused)


def run_recorded(context, directory):
    images, programs = os.path.join(directory, "img"), os.path.join(directory, "exe")
    exe = os.path.join(programs, os.listdir(programs)[0])
    sysroot = os.path.join(context.scratch, "empty")  # static programs: nothing of this machine
    os.makedirs(sysroot, exist_ok=True)
    with library.Checkpoint(context.library, images, sysroot, exe) as ckpt:
        for task in ckpt.tasks():
            name = "%s %d" % (os.path.basename(directory), task.pid)
            if task.state == "zombie":
                check_dead(context, name, images, task.pid)
                continue
            check_recorded(context, name, images, exe, sysroot, task,
                           os.path.join(directory, "truth", str(task.pid)))
    verbs.check(context, os.path.basename(directory), images)


# ---- all of a corpus ----------------------------------------------------------------------------

def checkpoints(corpus):
    """(runner, directory) of every checkpoint of the layouts that this version supports."""
    for directory, names, files in os.walk(corpus):
        names.sort()
        if podman.is_podman(files):
            yield podman.run, directory
            names.clear()
        if "truth" not in names + files:  # among the files: a link that leads nowhere from there
            continue
        if extract.is_extract(directory, files):
            yield extract.run, directory
        elif "about.json" in files:
            yield run_recorded, directory
        elif os.path.exists(os.path.join(directory, "img", "pstree.img")):
            yield run_native, directory
        elif "program" in names:
            yield cpus.run, directory
        elif "images" in names:
            yield run_foreign, directory
        if "images" in names and "libtls.so" in files:
            yield run_foreign_threads, directory
        names.clear()


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build", help="where the plugin and library are")
    parser.add_argument("--gdb", default="gdb", help="a gdb, or a prefix that runs one")
    parser.add_argument("--only", action="append", help="only checkpoints of this name")
    parser.add_argument("--verbose", action="store_true", help="say which rules were used")
    parser.add_argument("corpus")
    return parser.parse_args()


def main():
    chosen = options()
    if library.sanitized(chosen.build):
        print("the library is built with a sanitizer, which gdb cannot load")
        return 77
    print("corpus %s" % chosen.corpus)
    context = Context(chosen)
    print("gdb %s" % context.gdb.version())
    try:
        for run, directory in checkpoints(chosen.corpus):
            name = os.path.basename(directory)
            if chosen.only and name not in chosen.only:
                continue
            try:
                run(context, directory)
            except (library.LibraryError, elfcore.CoreError, session.SessionError) as error:
                context.report.fail(name, [str(error)])
    finally:
        context.close()
    return context.report.close()


if __name__ == "__main__":
    sys.exit(main())
