# SPDX-License-Identifier: LGPL-2.1-or-later
"""Thread-local variables of live processes, of every C library there is: glibc 2.31 to the newest,
musl, linked statically too.

The program (tests/programs/tls.c) says itself where its variables are, and which of them a thread
has not got yet; every gdb must find the same in a dump. All run in the root of the newest criu,
with copies of the other releases' libraries in a folder of their own."""

import os
import shutil
import subprocess

from critcheck import compare, live, session

PROGRAM = "tls"
COMPILER = "bullseye"  # what is linked with glibc 2.31 runs with all later ones
COMPILER_PACKAGES = ["gcc", "g++", "libc6-dev"]
NR_LAZY = 70
LIBRARIES = ("ld-linux-x86-64.so.2", "libc.so.6", "libpthread.so.0", "libdl.so.2", "libm.so.6",
             "libstdc++.so.6", "libgcc_s.so.1")
PLACES = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64")
# What gdb says of a variable that a thread has not got yet, to 16 and from 17 on; what it says from
# 17 on when the plugin has seen to it that it does not guess; what the library says.
REFUSALS = ("error: Cannot find thread-local storage", "error: The inferior has not yet allocated")
WITHHELD = "Unable to determine TLS module id"
NOT_THERE = "not allocated yet"
FLAGS = ["-g", "-O0", "-D_GNU_SOURCE", "-pthread"]
HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(os.path.dirname(HERE), "programs")


class Flavour:
    """A way to make the program: @inside, what is in front of the compilers to run them elsewhere;
    @cxx, None where there is none; @root, where the libraries come from; @alone: statically."""

    def __init__(self, name, inside, cc, cxx=None, root=None, alone=False,
                 nr_lazy=NR_LAZY):
        self.name, self.inside, self.cc, self.cxx = name, inside, cc, cxx
        self.root, self.alone, self.musl, self.nr_lazy = root, alone, "musl" in name, nr_lazy

    def compile(self, compiler, *arguments):
        environment = dict(os.environ, DEBIAN_ROOT_SHARE=SOURCES)
        done = subprocess.run([*self.inside, compiler, *FLAGS, *arguments], text=True, cwd=SOURCES,
                              env=environment, capture_output=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise live.LiveError("%s: %s" % (self.name, done.stderr.strip()[-400:]))

    def library(self, directory, name, *options, cxx=False):
        language = ["-x", "c++", "-std=c++11"] if cxx and self.cxx else []
        self.compile(self.cxx if language else self.cc, *language, "-fPIC", "-shared",
                     "-DNAME=" + name, *options, "tlslib.c", "-o",
                     os.path.join(directory, "lib%s.so" % name))

    def interpreter(self, directory):
        """The dynamic linker in @directory, where the libraries it finds are copied to."""
        if self.musl:
            shutil.copy("/lib/ld-musl-x86_64.so.1", directory)
            return os.path.join(directory, "ld-musl-x86_64.so.1")
        for name in LIBRARIES:
            places = (os.path.join(self.root, place, name) for place in PLACES)
            shutil.copy(next(path for path in places if os.path.exists(path)), directory)
        return os.path.join(directory, LIBRARIES[0])

    def build(self, directory):
        """The program's path."""
        exe = os.path.join(directory, "tls")
        if self.alone:
            self.compile(self.cc, "-static", "-DALONE", "tls.c", "-o", exe)
            return exe
        for name in ["first", "closed", "late", *("lazy%d" % i for i in range(self.nr_lazy))]:
            self.library(directory, name)
        self.library(directory, "second", cxx=True)
        # musl does not load libraries that want to be close by.
        self.library(directory, "close_by", *([] if self.musl else ["-DMODEL=initial-exec"]))
        self.compile(self.cc, "-fPIE", "-pie", "-DNR_LAZY=%d" % self.nr_lazy, "tls.c", "-o", exe,
                     "-L" + directory, "-lfirst", "-lsecond", "-ldl",
                     "-Wl,--disable-new-dtags,-rpath," + directory,
                     "-Wl,--dynamic-linker=" + self.interpreter(directory))
        return exe


def flavours(roots, old, report):
    """All that can be made here; what cannot is named."""
    inside = [live.TOOL, "run", old]
    yield Flavour("glibc 2.31", inside, "gcc", "g++", old)
    yield Flavour("glibc of this machine", inside, "gcc", "g++", "/")
    for suite, root in roots.items():
        yield Flavour("glibc of " + suite, inside, "gcc", "g++", root)
    yield Flavour("glibc 2.31, static", inside, "gcc", alone=True)
    yield Flavour("glibc of this machine, static", [], "gcc", alone=True)
    if shutil.which("musl-gcc"):
        yield Flavour("musl", [], "musl-gcc")
        yield Flavour("musl, static", [], "musl-gcc", alone=True)
    else:
        report.skip("tls of musl", "needs musl-gcc")


def read_truth(directory):
    """[(thread name, expression, address or None)]"""
    with open(os.path.join(directory, "truth"), encoding="ascii") as file:
        rows = [line.split() for line in file]
    return [(thread, what, None if address == "-" else int(address, 16))
            for thread, what, address in rows]


def expected_value(thread, what):
    """What the program left in a variable, or None."""
    number = int(thread[1:])
    return {"own": 100 + number, "own_wide[3]": number, "first": 200 + number,
            "(int)errno": 40 + number}.get(what)


def by_gdb(what):
    return "(unsigned long)&%s" % what


def by_us(what):
    return '(unsigned long)&$_criu_tls("%s")' % what


def job_of(truth, opening):
    values = [[thread, None, ask(what)] for thread, what, _ in truth for ask in (by_gdb, by_us)]
    for thread in sorted({row[0] for row in truth}):
        values += [[thread, None, what] for what in ("own", "own_wide[3]")]
        if any(row[1] == "errno" for row in truth):
            values.append([thread, None, "(int)errno"])
        if any(row[1] == "first" for row in truth):
            values.append([thread, None, "first"])
    return {"open": opening, "values": values, "registers": "none"}


def check_address(result, what, mine, ours, address):
    """@mine: what gdb says; @ours: what $_criu_tls does, which must be right in any case."""
    if not what.endswith("&errno"):  # without debug info gdb does not tell that it is thread-local
        result.same("addresses by $_criu_tls", what, ours if address else NOT_THERE in ours,
                    str(address) if address else True)
    if mine.startswith("error: ") and WITHHELD in mine:
        result.excuse("kept from looking for it by itself")
    elif address is not None:
        result.same("addresses", what, mine, str(address))
    elif any(mine.startswith(refusal) for refusal in REFUSALS):
        result.compared["not allocated"] += 1
    else:
        result.differ(what, "%s, which is not allocated" % mine)


def check_gdb(context, name, gdb, opening, truth):
    snapshot = gdb.snapshot(job_of(truth, opening))
    if snapshot["errors"]:
        context.report.fail(name, snapshot["errors"] + snapshot["stderr"].splitlines())
        return
    result = compare.Comparison()
    found = {(thread, what): text for thread, _, what, text in snapshot["values"]}
    for thread, what, address in truth:
        mine, ours = found.pop((thread, by_gdb(what))), found.pop((thread, by_us(what)))
        check_address(result, "%s &%s" % (thread, what), mine, ours, address)
    for (thread, what), mine in found.items():
        result.same("values", "%s %s" % (thread, what), mine, str(expected_value(thread, what)))
    context.report.result(name, result.compared, result.differences, result.excused)


def check_flavour(context, flavour, root, directory):
    exe = flavour.build(directory)
    images = os.path.join(directory, "img")
    arguments = "TLS_FOLDER=%s %s" % (directory, exe)
    with live.Process(root, "env", arguments, directory) as process:
        process.dump(images)
        opening = session.open_checkpoint(images, process.pid, exe=exe)
    truth = read_truth(directory)
    if flavour.musl:  # has all blocks in all threads, and no variable of that name
        truth = [row for row in truth if row[2] is not None and row[1] != "errno"]
    for version, gdb in context.gdbs.items():
        check_gdb(context, "tls of %s gdb %s" % (flavour.name, version), gdb, opening, truth)


def check(context, old):
    """@old: a root with glibc 2.31 and a compiler."""
    root = next(reversed(context.roots.values()))
    for flavour in flavours(context.roots, old, context.report):
        try:
            with context.folder() as directory:
                check_flavour(context, flavour, root, directory)
        except (live.LiveError, session.SessionError) as error:
            context.report.fail("tls of " + flavour.name, [str(error)])
