# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every kind of memory that this kernel can make: dumped by packaged CRIUs, compared at every byte.

check() is a part of run.py. The program `kinds` makes one kind of memory at a time, then all of
them that could be dumped; it is dumped and left stopped, and what the library reads of each of its
processes must be what /proc/PID/mem says. Then the ways in which pages are left elsewhere: a page
server, a lazy dump, a chain. What cannot be made or dumped here is skipped, with the reason that
the kernel or CRIU gave.
"""

import os
import socket
import subprocess

from critcheck import library, live, pages, rules, variants

PROGRAM = "kinds-static"

# Where the kernel does not show CRIU the files of /proc/PID/map_files, shared anonymous memory is a
# memfd to it.
SHARED = "anon shared|memfd"

# kind -> (options of criu, [(kinds of mapping, kind of origin or reason) that must be found])
KINDS = {
    "adjacent": ((), [("anon", "image"), ("anon", "zero")]),
    "aio": ((), [("aio ring", "image")]),
    "anon-shared": ((), [(SHARED, "image"), (SHARED, "zero")]),
    "dev-zero": ((), [(SHARED, "image")]),
    "droppable": ((),  # left out by 4.3, an ordinary mapping to 4.1.1
                  [("anon", "droppable|image")]),
    "file-private": ((), [("file", "image"), ("file", "file")]),
    "file-shared": ((), [("file shared", "file")]),
    "ghost": ((), [("file shared", "image"), ("file", "image")]),
    "ghost-sparse": (("--ghost-limit", "256M"), [("file shared", "image")]),
    "growsdown": ((), [("anon", "image")]),
    "guard": ((), [("anon", "guard")]),
    "hidden": ((), [("anon", "image")]),
    "hugetlb": ((), [("anon", "image"), (SHARED, "image")]),
    "link-remap": (("--link-remap",), [("file", "file")]),
    "memfd": ((), [("memfd", "image"), ("memfd", "zero")]),
    "memfd-huge": ((), [("memfd", "image")]),
    "memfd-private": ((), [("memfd", "image")]),
    "past-eof": ((), [("file", "file"), ("file", "past eof")]),
    "shadow-stack": ((), [("shadow stack", "image")]),
    "sysv": ((), [("sysv", "image"), ("sysv", "zero")]),
    "thp": ((), [("anon", "image")]),
}
OTHER_PLACES = "adjacent hidden anon-shared memfd file-private"  # for dumps with pages elsewhere
WAIT = 60  # seconds for a CRIU to say that it listens


class HugePages:
    """A few huge pages, when the kernel gives them; the old number comes back."""

    PATH = "/proc/sys/vm/nr_hugepages"
    NUMBER = 8

    def __enter__(self):
        with open(self.PATH, encoding="ascii") as file:
            self.before = int(file.read())
        self._set(max(self.before, self.NUMBER))

    def __exit__(self, *_):
        self._set(self.before)

    def _set(self, number):
        try:
            with open(self.PATH, "w", encoding="ascii") as file:
                file.write(str(number))
        except OSError:
            pass  # the program says what it could not map


# ---- comparing ----------------------------------------------------------------------------------

def accept(reasons):
    """For pages.compare(): only what CRIU never dumps may be missing, and what @reasons adds."""
    def may_be_missing(origin, _start, _theirs):
        return (origin.mapping.kind in ("vvar", "vsyscall") or origin.reason == "droppable"
                or origin.reason in reasons)
    return may_be_missing


def wrongly_missing(task, maps, differences):
    """The other way round: what /proc/PID/mem could not read, the library must not make up."""
    for start, end in maps.unreadable:
        for at in range(start, end, pages.PAGE):
            origin = task.locate(at)
            if origin.kind in ("image", "file"):
                differences.append("%#x is in %s, and the kernel could not read it" % (
                    at, origin.source))


def wrong_strings(task, differences):
    for name, mine in (("cmdline", task.args), ("environ", task.env)):
        with open("/proc/%d/%s" % (task.pid, name), "rb") as file:
            true = file.read()
        if mine() != true:
            differences.append("%s is %s, in truth %s" % (name, mine(), true))


def check_process(task, maps, expect, reasons, result):
    """One process of a checkpoint; @expect is emptied of what was found."""
    if not reasons:
        wrong_strings(task, result["differences"])
    found = pages.compare(task, maps, rules.task_bytes(task), accept(reasons),
                          lambda start, _: start >> 63)
    for origin in task.origins():
        what = origin.reason if origin.kind == "unavailable" else origin.kind
        expect -= {(kinds, wanted) for kinds, wanted in expect
                   if what in wanted.split("|") and origin.mapping.kind in kinds.split("|")}
    result["counts"].append(found.counts())
    result["differences"] += found.differences
    result["excused"].update(found.excused)
    wrongly_missing(task, maps, result["differences"])


def add_up(counts):
    out = {"processes": len(counts)}
    for count in counts:
        for name, number in count.items():
            out[name] = out.get(name, 0) + number
    return {name: number for name, number in out.items() if number}


def compare(context, name, images, process, expect, reasons=(), pages_dir=None):
    """All processes of a checkpoint against the stopped ones."""
    expect, result = set(expect), {"counts": [], "differences": [], "excused": {}}
    with library.Checkpoint(context.library, images, None, None, pages_dir) as ckpt:
        tasks = {task.pid: task for task in ckpt.tasks()}
        if set(tasks) != set(process.family()):
            result["differences"].append("processes %s, in truth %s" % (
                sorted(tasks), process.family()))
        for pid, task in tasks.items():
            task.load()
            check_process(task, live.Maps(pid), expect, reasons, result)
    result["differences"] += ["nothing is in a mapping \"%s\" and comes from \"%s\"" % pair
                              for pair in sorted(expect)]
    context.report.result(name, add_up(result["counts"]), result["differences"],
                          result["excused"])


# ---- one kind at a time -------------------------------------------------------------------------

class Suite:
    """One Debian root and the folders of its checks."""

    def __init__(self, context, name, root):
        self.context, self.name, self.root = context, name, root
        self.exe = context.programs[PROGRAM]

    def folder(self, name):
        path = os.path.join(self.context.scratch, "memory", "%s-%s" % (self.name, name))
        os.makedirs(path)
        return path

    def start(self, directory, kinds):
        return live.Process(self.root, self.exe, "%s %s" % (directory, kinds), directory)


def check_kind(suite, kind):
    """True when it could be made and dumped."""
    options, expect = KINDS[kind]
    name, directory = "%s memory %s" % (suite.name, kind), suite.folder(kind)
    images = os.path.join(directory, "img")
    try:
        with suite.start(directory, kind) as process:
            process.dump(images, *options)
            compare(suite.context, name, images, process, expect)
    except live.LiveError as error:
        suite.context.report.skip(name, str(error))
        return False
    except library.LibraryError as error:
        suite.context.report.fail(name, [str(error)])
    return True


def check_together(suite, kinds):
    """All kinds in one process tree; then the same checkpoint compressed, by both commands."""
    context, name = suite.context, suite.name + " memory together"
    directory = os.path.join(context.scratch, suite.name + "-together")  # crit will see it, too
    os.mkdir(directory)
    images = os.path.join(directory, "img")
    options = [word for kind in kinds for word in KINDS[kind][0]]
    expect = [pair for kind in kinds for pair in KINDS[kind][1]]
    with suite.start(directory, " ".join(kinds)) as process:
        process.dump(images, *options)
        compare(context, name, images, process, expect)
    variants.check(context, name, images)
    check_crit_compress(context, name, images)


def check_crit_compress(context, name, images):
    """What crit 4.3 makes of it reads as the same bytes."""
    root = context.roots.get("sid")
    if not root:
        context.report.skip(name + " compressed by crit", "needs the suite sid")
        return
    with context.folder() as scratch:
        copy = os.path.join(scratch, "copy")
        subprocess.run(["cp", "-a", "--sparse=auto", images, copy], check=True)
        subprocess.run([live.TOOL, "run", root, "crit", "compress", "--in-place", copy], check=True,
                       stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=300)
        found = variants.same(context, images, copy)
        context.report.result(name + " compressed by crit", found.counts, found.differences, {})


# ---- pages in other places ----------------------------------------------------------------------

def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Listening:
    """A CRIU in the background, from when it says that it listens until it ends or is ended."""

    def __init__(self, command, port):
        read_end, write_end = os.pipe()
        self.child = subprocess.Popen(
            [*command, "--address", "127.0.0.1", "--port", str(port), "--status-fd",
             str(write_end)], pass_fds=[write_end], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as file:
            self.ready = file.read(1) == b"\0"

    def __enter__(self):
        if not self.ready:
            self.child.wait(WAIT)
            raise live.LiveError("criu does not listen: status %d" % self.child.returncode)
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()


def check_page_server(suite):
    name, directory = suite.name + " memory page server", suite.folder("page-server")
    local, remote = os.path.join(directory, "img"), os.path.join(directory, "pages")
    os.mkdir(remote)
    port = free_port()
    with suite.start(directory, OTHER_PLACES) as process:
        server = process.inside("criu", "page-server", "--images-dir", remote, "--log-file",
                                "server.log", "-v4")
        with Listening(server, port) as listening:
            process.dump(local, "--page-server", "--address", "127.0.0.1", "--port", str(port))
            listening.child.wait(WAIT)
        expect = {("anon", "image"), ("anon", "zero"), (SHARED, "image"), ("memfd", "image")}
        compare(suite.context, name, local, process, expect, pages_dir=remote)
        compare(suite.context, name + ", its folder not given", local, process,
                {("anon", "no pagemap")}, {"no pagemap"})
    variants.check(suite.context, name, local, pages_dir=remote)


def check_lazy(suite):
    name, directory = suite.name + " memory lazy", suite.folder("lazy")
    images = os.path.join(directory, "img")
    os.mkdir(images)
    with suite.start(directory, OTHER_PLACES) as process:
        command = process.dump_command(images, "--lazy-pages")
        with Listening(command, free_port()):
            compare(suite.context, name, images, process,
                    {("anon", "lazy"), ("file", "image"), (SHARED, "image")}, {"lazy"})


def check_chain(suite):
    """Needs the kernel to track changes of memory (soft-dirty)."""
    name, directory = suite.name + " memory chain", suite.folder("chain")
    with suite.start(directory, OTHER_PLACES) as process:
        for number in ("1", "2"):
            parent = ("--prev-images-dir", "../1") if number == "2" else ()
            process.dump(os.path.join(directory, number), "--track-mem", *parent, verb="pre-dump")
        last = os.path.join(directory, "3")
        process.dump(last, "--track-mem", "--prev-images-dir", "../2")
        compare(suite.context, name, last, process, {("anon", "image"), ("anon", "zero")})


def check_place(suite, check_it):
    name = "%s memory %s" % (suite.name, check_it.__name__.removeprefix("check_"))
    try:
        check_it(suite)
    except (live.LiveError, subprocess.TimeoutExpired) as error:
        suite.context.report.skip(name, str(error))
    except library.LibraryError as error:
        suite.context.report.fail(name, [str(error)])


def check(context):
    """Everything, in every suite of @context."""
    if PROGRAM not in context.programs:
        return  # said before
    with HugePages():
        for suite_name, root in context.roots.items():
            suite = Suite(context, suite_name, root)
            kinds = [kind for kind in KINDS if check_kind(suite, kind)]
            for one in (lambda s: check_together(s, kinds), check_page_server, check_lazy,
                        check_chain):
                check_place(suite, one)
