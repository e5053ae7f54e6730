#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare `target criu` with the recorded truth of every x86_64 and i386 checkpoint of a corpus.

    run.py [--build DIR] [--gdb COMMAND] [--only NAME] [--verbose] CORPUS

CORPUS is an unpacked corpus, at any depth of these layouts:
    NAME/{img,exe,expected.txt,truth/PID/{gdb.json,core,threads}}   truth from before the dump
    NAME/{images,sysroot,truth/gdb-post.PID,gdb-allregs-post.PID,gcore.PID.zst}   from after it
    NAME/{img,exe,about.json,truth/PID/{snapshot.json,memory.*}}    from after it, by check-live

COMMAND is a gdb, or a prefix that runs one elsewhere, for example
"tests/tools/debian-root run DIR gdb". One line is printed per process; every difference that is
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

from critcheck import compare, elfcore, foreign, library, native  # noqa: E402
from critcheck import pages, recorded, report  # noqa: E402
from critcheck import rules, session, tables  # noqa: E402

# What this version of the library cannot read, and must then say so: a word of the reason.
LIMITS = {
    "mem": "shared memory", "mem-static": "shared memory", "sysv": "shared memory",
    "huge": "shared memory", "lazy": "page server", "x86_64-lazy": "page server",
    **{program + "-static-" + blocks: "LZ4" for program in ("deep", "mem", "threads")
       for blocks in ("page", "b4", "b64")},
    "x86_64-chain": "parent", "x86_64-chain-dedup": "parent", "x86_64-chain-dedup2": "parent",
    "x86_64-chain-full": "parent", "x86_64-threads-inc": "parent",
    "x86_64-chain-pageserver": "pagemap", "x86_64-chain-ps-inc": "pagemap",
}
# Their stack or data are left elsewhere, so gdb cannot unwind them yet.
NO_FRAMES = {name for name, word in LIMITS.items() if word != "shared memory"}
# No debugger saw these; the same program's other checkpoint says what it calls.
SIBLINGS = {"deep-plain": "deep", "threads-plain": "threads"}
TLS = ("tls_id", "tls_name", "tls_cookie", "errno")
SPINNING = ("rax", "rdx", "eflags", "eax", "edx")  # of `for (;;) spins += id` without optimizing
COUNTERS = ("spins",)
BUSY = {"redis": "redis went on serving between the truth and the dump"}
RECORDED_ELEMENTS = 80  # `print elements` when gdb.json was recorded
GDB_READS = 4 << 20  # bytes per process that are also read through gdb


class Context:
    def __init__(self, options):
        self.options = options
        self.library = library.load(options.build)
        self.report = report.Report(options.verbose)
        self.scratch = tempfile.mkdtemp(prefix="critcheck-", dir="/tmp")
        if os.path.isfile(options.corpus):
            options.corpus = self._unpacked(options.corpus)
        self.gdb = session.Gdb(options.gdb, options.build,
                               [os.path.abspath(options.corpus), "/usr/lib/debug"])
        self._sysroots = {}

    def _unpacked(self, archive):
        directory = os.path.join(self.scratch, "corpus")
        with tarfile.open(archive) as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4
            tar.extractall(directory)
        return directory

    def close(self):
        shutil.rmtree(self.scratch, ignore_errors=True)

    def sysroot(self, directory):
        """A full sysroot from one that holds the libraries under one name each."""
        if directory not in self._sysroots:
            full = os.path.join(self.scratch, "sysroot%d" % len(self._sysroots))
            complete_sysroot(directory, full)
            self._sysroots[directory] = full
        return self._sysroots[directory]


def complete_sysroot(source, full):
    """Add the other names files have on Debian 12: /lib, /lib64, /usr/lib32, versioned ones."""
    shutil.copytree(source, full, symlinks=True)
    lib = os.path.join(full, "usr/lib/x86_64-linux-gnu")
    os.makedirs(os.path.join(full, "usr/lib64"), exist_ok=True)
    os.makedirs(os.path.join(full, "usr/lib"), exist_ok=True)
    for name, target in (("lib", "usr/lib"), ("lib64", "usr/lib64")):
        if not os.path.lexists(os.path.join(full, name)):
            os.symlink(target, os.path.join(full, name))
    if os.path.isdir(os.path.join(full, "lib32")) and not os.path.exists(full + "/usr/lib32"):
        os.rename(full + "/lib32", full + "/usr/lib32")
        os.symlink("usr/lib32", full + "/lib32")
        shutil.copy(full + "/usr/lib32/ld-linux.so.2", full + "/usr/lib/")
    loader = os.path.join(lib, "ld-linux-x86-64.so.2")
    if os.path.exists(loader):
        shutil.copy(loader, full + "/usr/lib64/")
    if os.path.exists(lib + "/libstdc++.so.6"):
        shutil.copy(lib + "/libstdc++.so.6", lib + "/libstdc++.so.6.0.30")


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


def check_gdb_memory(compared, differences, snapshot, job, hashes):
    for (start, length), mine, true in zip(job["reads"], snapshot["reads"], hashes):
        compared["KiB through gdb"] += length // 1024
        if mine != true:
            differences.append("gdb reads other bytes than the library at %#x, %d bytes: %s" % (
                start, length, mine))
    for address, byte in zip(job["unreadable"], snapshot["unreadable"]):
        if byte is not None:
            differences.append("gdb reads %s at %#x, which is unavailable" % (byte, address))


def why_unavailable(task):
    def why(address):
        origin = task.locate(address)
        return "value " + origin.why if origin.kind == "unavailable" else None
    return why


SHARED = re.compile(r"/dev/zero \(deleted\)|/SYSV|/memfd:.* \(deleted\)")


def check_shared(fixture, pid, task, differences):
    """Shared memory that has no name outside of the images: all of it must be unavailable."""
    if LIMITS.get(fixture.name) != "shared memory":
        return
    with open(fixture.truth_file(pid, "maps"), encoding="utf-8", errors="replace") as file:
        shared = [line.split()[0] for line in file
                  if line.split()[1].endswith("s") and SHARED.search(line)]
    if not shared:
        differences.append("no shared mapping in the truth")
    for text in shared:
        start, end = (int(part, 16) for part in text.split("-"))
        while start < end:
            origin = task.locate(start)
            if origin.kind != "unavailable" or "shared memory" not in origin.why:
                differences.append("shared memory at %#x is %s" % (start, origin.kind))
            start = origin.end


def check_limit(name, memory, differences):
    word = LIMITS.get(name)
    if word and not any(word in reason for reason in memory.unavailable):
        differences.append("nothing is unavailable because of \"%s\": %s" % (
            word, dict(memory.unavailable)))


def check_memory(compared, differences, excused, name, task, pieces, excuse):
    memory = pages.compare(task, pieces, excuse)
    if memory.pages() or LIMITS.get(name) != "pagemap":
        compared["pages"] = memory.pages()
    compared["unavailable"] = sum(memory.unavailable.values()) // pages.PAGE
    differences += [pages.describe(d) for d in memory.differences]
    excused.update(memory.excused)
    check_limit(name, memory, differences)


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

class Native:
    """A checkpoint of the first layout."""

    def __init__(self, directory, corpus):
        self.directory, self.name = directory, os.path.basename(directory)
        self.corpus = corpus
        self.images = os.path.join(directory, "img")
        self.truth = self._linked("truth")
        programs = self._linked("exe")
        files = sorted(os.listdir(programs)) if os.path.isdir(programs) else []
        self.exe = os.path.join(programs, files[0]) if files else None
        self.bare_sysroot = self._above("sysroot")

    def _linked(self, name):
        """NAME; where it links to a checkpoint that was unpacked elsewhere in the corpus, that."""
        path = os.path.join(self.directory, name)
        if os.path.islink(path) and not os.path.exists(path):
            wanted = os.readlink(path).replace("../", "")
            for directory, names, _ in os.walk(self.corpus):
                if os.path.exists(os.path.join(directory, wanted)):
                    return os.path.join(directory, wanted)
        return path

    def _above(self, name):
        at = self.directory
        for _ in range(3):
            at = os.path.dirname(at)
            if os.path.isdir(os.path.join(at, name)):
                return os.path.join(at, name)
        return None

    def beside(self, name):
        return Native(os.path.join(os.path.dirname(self.directory), name), self.corpus)

    def truth_file(self, pid, name):
        path = os.path.join(self.truth, str(pid), name)
        return path if os.path.exists(path) else None

    def pairs(self, tasks):
        """(task, pid in the truth): by pid, or by order and name for another pid namespace."""
        outside = sorted(int(p) for p in os.listdir(self.truth) if p.isdigit())
        inside = sorted(tasks, key=lambda t: t.pid)
        if [t.pid for t in inside] == outside:
            return [(t, t.pid) for t in inside]
        names = native.commands(os.path.join(self.directory, "expected.txt"))
        pairs = list(zip(inside, outside))
        wrong = [(t.comm, p) for t, p in pairs
                 if t.state != "zombie" and t.comm != names.get(p)]
        if wrong or len(inside) != len(outside):
            raise library.LibraryError("processes do not pair with the truth: %s" % wrong)
        return pairs


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
        context.report.skip(name + " frames", "left elsewhere: " + LIMITS[fixture.name])
    elif not fixture.exe:
        context.report.skip(name + " frames", "the program is not in the corpus")
    result = compare.Comparison()
    if truth:
        known = kind(kernel_threads(fixture, pid, kind), tls=TLS, spin_registers=SPINNING,
                     other_pids=task.pid != pid or kind is rules.Sibling,
                     busy=BUSY.get(fixture.name))
        known.why = why_unavailable(task)
        result = compare.compare(snapshot, truth, known, frames)
        if kind is rules.Sibling:
            result.compared.pop("registers", None)
    tables.check(fixture.name, snapshot, result)
    compared, differences, excused = result.compared, result.differences, result.excused
    core = fixture.truth_file(pid, "core")
    pieces = elfcore.Core(core).pieces if core else lambda start, end: ()
    excuse = rules.known_bytes(snapshot, COUNTERS, BUSY.get(fixture.name))
    check_memory(compared, differences, excused, fixture.name, task, pieces, excuse)
    check_shared(fixture, pid, task, differences)
    if not core:
        compared.pop("pages")  # no truth to compare with; gdb against the library still counts
    check_gdb_memory(compared, differences, snapshot, job, hashes)
    context.report.result(name, compared, differences, excused)


def run_native(context, directory):
    fixture = Native(directory, context.options.corpus)
    sysroot = fixture.bare_sysroot and context.sysroot(fixture.bare_sysroot)
    with library.Checkpoint(context.library, fixture.images, sysroot, fixture.exe) as ckpt:
        for task, pid in fixture.pairs(ckpt.tasks()):
            check_native(context, fixture, task, pid)


# ---- second layout: truth from after the dump ---------------------------------------------------

def last_level(directory):
    """images/, the last level of a chain, or the local half of a page-server dump."""
    images = os.path.join(directory, "images")
    levels = [d for d in sorted(os.listdir(images)) if re.match(r"\d+$|dump\d*$", d)]
    return os.path.join(images, levels[-1]) if levels else images


def check_foreign(context, directory, task, truth_dir, sysroot, images):
    short = os.path.basename(directory)
    name = "%s %d" % (short, task.pid)
    task.load()

    def path(stem):
        found = os.path.join(truth_dir, "%s.%d" % (stem, task.pid))
        return found if os.path.exists(found) else None

    truth = foreign.snapshot(path("gdb-post"), path("gdb-allregs-post")) \
        if path("gdb-post") else None
    commands = foreign.PRINTED.get(short.split("-")[1], [])
    reads, hashes, unreadable = gdb_reads(task)
    job = {"open": session.open_checkpoint(images, task.pid, sysroot), "run": commands,
           "reads": reads, "unreadable": unreadable}
    snapshot = context.gdb.snapshot(job)
    if snapshot["errors"]:
        context.report.fail(name, snapshot["errors"] + snapshot["stderr"].splitlines())
        return
    frames = short not in NO_FRAMES
    if not frames:
        context.report.skip(name + " frames", "left elsewhere: " + LIMITS[short])
    result = compare.Comparison()
    if truth:
        result = compare.compare(snapshot, truth, rules.Same(), frames)
        if commands and frames:
            compare.compare_printed(result, commands, snapshot["ran"], truth["printed"])
    compared, differences, excused = result.compared, result.differences, result.excused
    core = os.path.join(truth_dir, "gcore.%d.zst" % task.pid)
    excuse = rules.known_bytes(snapshot)
    check_memory(compared, differences, excused, short, task, elfcore.Core(core).pieces, excuse)
    check_gdb_memory(compared, differences, snapshot, job, hashes)
    context.report.result(name, compared, differences, excused)


def run_foreign(context, directory):
    images, sysroot = last_level(directory), os.path.join(directory, "sysroot")
    with library.Checkpoint(context.library, images, sysroot) as ckpt:
        for task in ckpt.tasks():
            check_foreign(context, directory, task, os.path.join(directory, "truth"), sysroot,
                          images)


# ---- third layout: recorded by check-live --------------------------------------------------------

def check_recorded(context, name, images, exe, sysroot, task, truth_dir):
    task.load()
    truth = recorded.snapshot(truth_dir)
    reads, hashes, unreadable = gdb_reads(task)
    job = {"open": session.open_checkpoint(images, task.pid, sysroot, exe), "reads": reads,
           "values": [v[:3] for v in truth["values"]], "unreadable": unreadable}
    snapshot = context.gdb.snapshot(job)
    if snapshot["errors"]:
        context.report.fail(name, snapshot["errors"] + snapshot["stderr"].splitlines())
        return
    known = rules.AfterDump()
    known.why = why_unavailable(task)
    result = compare.compare(snapshot, truth, known)
    tables.check(os.path.basename(exe), snapshot, result)
    check_memory(result.compared, result.differences, result.excused, "", task,
                 recorded.Memory(truth_dir).pieces, rules.known_bytes(truth))
    check_gdb_memory(result.compared, result.differences, snapshot, job, hashes)
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


# ---- all of a corpus ----------------------------------------------------------------------------

def fixtures(corpus):
    """(runner, directory) of every checkpoint of the layouts that this version supports."""
    for directory, names, files in os.walk(corpus):
        names.sort()
        base = os.path.basename(directory)
        if "truth" not in names + files:  # among the files: a link that leads nowhere from there
            continue
        if "about.json" in files:
            yield run_recorded, directory
        elif os.path.exists(os.path.join(directory, "img", "pstree.img")):
            yield run_native, directory
        elif "images" in names and re.match("x86_64-|i386-", base):
            yield run_foreign, directory
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
        for run, directory in fixtures(chosen.corpus):
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
