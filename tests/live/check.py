#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Damage a checkpoint in many ways, and compare `critcore check` with what `criu restore` says.

    check.py [--build DIR] --root ROOT [--keep] [--verbose]

ROOT has a criu (see tests/tools/debian-root). tests/programs/held.c is dumped there. The intact
checkpoint must restore, and `critcore check` find no error in it. Then each damage below is done to
a copy, with `critcore decode` and `encode` or to the file itself: where `criu restore` fails,
`critcore check` must end with 1. Where criu restores the damaged one without a word and critcore
calls it an error, something else came back than was dumped (a process without its files, say);
those are listed with --verbose.

criu restores in a pid namespace of its own, which ends with it. check() does it for
tests/live/run.py.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(TESTS, "tools"), os.path.join(TESTS, "programs")]

import build  # noqa: E402  (tests/programs)
from critcheck import live  # noqa: E402

PROGRAM = "held-static"
TIMEOUT = 20


# ---- damages ------------------------------------------------------------------------------------

class Images:
    """A copy of the checkpoint that is being damaged."""

    def __init__(self, critcore, folder):
        self.critcore, self.folder = critcore, folder
        self.tree = self.decode("pstree.img")
        self.root, self.child, self.zombie = (entry["pid"] for entry in self.tree["entries"])
        self.thread = self.tree["entries"][0]["threads"][1]

    def path(self, name):
        """A name may have {root}, {child}, {zombie}, {thread} in it."""
        return os.path.join(self.folder, name.format(**vars(self)))

    def decode(self, name):
        done = subprocess.run([self.critcore, "decode", "-i", os.path.join(
            self.folder, name)], capture_output=True, check=True, timeout=TIMEOUT)
        return json.loads(done.stdout)

    def edit(self, name, change):
        name = os.path.basename(self.path(name))
        image = self.decode(name)
        change(image["entries"])
        subprocess.run([self.critcore, "encode", "-o", self.path(name)], check=True,
                       input=json.dumps(image).encode(), timeout=TIMEOUT)

    def size(self, name):
        return os.path.getsize(self.path(name))


def edit(name, change):
    return lambda images: images.edit(name, change)


def field(name, key, value, entry=0):
    """Set a field, "a.b.c", of a record; None removes it."""
    *outer, last = key.split(".")

    def change(entries):
        inner = entries[entry]
        for part in outer:
            inner = inner[part]
        if value is None:
            del inner[last]
        else:
            inner[last] = value(inner[last]) if callable(value) else value
    return edit(name, change)


def drop(name):
    return lambda images: os.unlink(images.path(name))


def empty(name):
    return lambda images: os.truncate(images.path(name), 0)


def cut(name, most=0.5):
    return lambda images: os.truncate(images.path(name), int(images.size(name) * most))


def cut_by(name, count):
    return lambda images: os.truncate(images.path(name), images.size(name) - count)


def patch(name, offset, data):
    def do(images):
        with open(images.path(name), "r+b") as file:
            file.seek(offset)
            file.write(data)
    return do


def without_head(name):
    """Take the first record out."""
    def do(images):
        with open(images.path(name), "rb") as file:
            data = file.read()
        first = 8 + 4 + int.from_bytes(data[8:12], "little")
        with open(images.path(name), "wb") as file:
            file.write(data[:8] + data[first:])
    return do


def file_of(kind, change):
    """Change the first open file of a type."""
    def do(entries):
        for entry in entries:
            if entry["type"] == kind:
                change(entry)
                return
        raise AssertionError("no open file of type " + kind)
    return edit("files.img", do)


def without(kind):
    def do(entries):
        entries[:] = [entry for entry in entries if entry["type"] != kind]
    return edit("files.img", do)


def reg_named(end, change):
    def do(entries):
        for entry in entries:
            if entry["type"] == "REG" and entry["reg"]["name"].endswith(end):
                change(entry["reg"])
                return
        raise AssertionError("no file named " + end)
    return edit("files.img", do)


def vma(change):
    """Change the mappings of the root."""
    return edit("mm-{root}.img", lambda entries: change(entries[0]["vmas"]))


def swap(items):
    items[0], items[1] = items[1], items[0]


MAIN, THREAD = "core-{root}.img", "core-{thread}.img"
DAMAGES = {
    "no inventory": drop("inventory.img"),
    "inventory empty": empty("inventory.img"),
    "inventory cut": cut("inventory.img"),
    "version 9": field("inventory.img", "img_version", 9),
    "no fdinfo_per_id": field("inventory.img", "fdinfo_per_id", False),
    "no root_ids": field("inventory.img", "root_ids", None),
    "root_cg_set 0": field("inventory.img", "root_cg_set", 0),
    "no pstree": drop("pstree.img"),
    "pstree empty": empty("pstree.img"),
    "pstree cut": cut("pstree.img"),
    "pstree of another kind": patch("pstree.img", 4, b"\x20\x28\x49\x57"),
    "a parent that is not there": field("pstree.img", "ppid", 4711, 1),
    "two roots": field("pstree.img", "ppid", 0, 1),
    "children before parents": edit("pstree.img", swap),
    "a pid twice": field("pstree.img", "threads", lambda tids: tids + [tids[1]]),
    "a thread that is a process": lambda images: images.edit(
        "pstree.img", lambda entries: entries[0]["threads"].append(images.child)),
    "a thread without core": field("pstree.img", "threads", lambda tids: tids + [4711]),
    "no core": drop(MAIN),
    "no core of the thread": drop(THREAD),
    "no core of the zombie": drop("core-{zombie}.img"),
    "core empty": empty(MAIN),
    "core cut": cut(MAIN),
    "core of another kind": patch(MAIN, 4, b"\x20\x28\x49\x57"),
    "core of another CPU": field(MAIN, "mtype", "S390"),
    "core without tc": field(MAIN, "tc", None),
    "core without registers": field(MAIN, "thread_info", None),
    "thread without registers": field(THREAD, "thread_info", None),
    "core of state 9": field(MAIN, "tc.task_state", 9),
    "core without thread_core": field(MAIN, "thread_core", None),
    "thread without thread_core": field(THREAD, "thread_core", None),
    "st_space short": field(MAIN, "thread_info.fpregs.st_space", lambda words: words[:8]),
    "xmm_space short": field(THREAD, "thread_info.fpregs.xmm_space", lambda words: words[:8]),
    "ymmh_space short": field(MAIN, "thread_info.fpregs.xsave.ymmh_space", lambda words: words[:8]),
    "sigactions short": field(MAIN, "tc.sigactions", lambda actions: actions[:5]),
    "a limit above its maximum": field(MAIN, "tc.rlimits.rlimits",
                                       lambda rows: [{"cur": 9, "max": 8}] + rows[1:]),
    "thread with tc": lambda images: images.edit(THREAD, lambda entries: entries[0].update(
        tc=images.decode("core-%d.img" % images.root)["entries"][0]["tc"])),
    "a seccomp filter that is not there": edit(MAIN, lambda entries: entries[0][
        "thread_core"].update(seccomp_mode="filter", seccomp_filter=7)),
    "a cg_set that is not there": field(MAIN, "thread_core.cg_set", 4711),
    "pdeath_sig 99": lambda images: images.edit(
        THREAD, lambda entries: entries[0]["thread_core"].update(pdeath_sig=99)),
    "no ids": drop("ids-{root}.img"),
    "ids cut": cut("ids-{root}.img", 0.8),
    "no ids of the child": drop("ids-{child}.img"),
    "a table of descriptors that is not there": field("ids-{root}.img", "files_id", 99),
    "the table of descriptors of the dump": field("ids-{root}.img", "files_id", 1),
    "an undumped uts namespace": field("ids-{root}.img", "uts_ns_id", 99),
    "an undumped ipc namespace": field("ids-{root}.img", "ipc_ns_id", 99),
    "an undumped pid namespace": field("ids-{root}.img", "pid_ns_id", 99),
    "an undumped mount namespace": field("ids-{root}.img", "mnt_ns_id", 99),
    "an undumped user namespace": field("ids-{root}.img", "user_ns_id", 99),
    "an undumped network namespace of the child": field("ids-{child}.img", "net_ns_id", 99),
    "no mm": drop("mm-{root}.img"),
    "mm empty": empty("mm-{root}.img"),
    "mm cut": cut("mm-{root}.img"),
    "a program that is not there": field("mm-{root}.img", "exe_file_id", 4711),
    "mappings in disorder": vma(swap),
    "mappings that overlap": vma(lambda vmas: vmas[0].update(end=vmas[1]["start"] + 4096)),
    "a mapping without pages": vma(lambda vmas: vmas[1].update(end=vmas[1]["start"])),
    "a mapping backwards": vma(lambda vmas: vmas[1].update(end=vmas[1]["start"] - 4096)),
    "a mapping not at a page": vma(lambda vmas: vmas[1].update(start=vmas[1]["start"] + 8)),
    "a mapped file that is not there": vma(lambda vmas: vmas[0].update(shmid=4711)),
    "a mapping less": vma(lambda vmas: vmas.remove(
        [each for each in vmas if each["status"] == 0x201][-1])),
    "no pagemap": drop("pagemap-{root}.img"),
    "pagemap empty": empty("pagemap-{root}.img"),
    "pagemap cut": cut("pagemap-{root}.img"),
    "pagemap without head": without_head("pagemap-{root}.img"),
    "pages that are not there": field("pagemap-{root}.img", "pages_id", 4711),
    "pages outside of mappings": field("pagemap-{root}.img", "vaddr", 0x1000, 1),
    "more pages than the mapping": field("pagemap-{root}.img", "nr_pages", lambda nr: nr + 9000,
                                         -1),
    "pages of a parent that is not there": field("pagemap-{root}.img", "flags", 1, 1),
    "runs in disorder": edit("pagemap-{root}.img",
                             lambda entries: entries.append(entries.pop(1))),
    "a run twice": edit("pagemap-{root}.img", lambda entries: entries.insert(1, dict(entries[1]))),
    "no pages": drop("pages-1.img"),
    "pages empty": empty("pages-1.img"),
    "pages cut": cut("pages-1.img"),
    "pages short by a byte": cut_by("pages-1.img", 1),
    "a parent that leads nowhere": lambda images: os.symlink("../nowhere", images.path("parent")),
    "no files": drop("files.img"),
    "files empty": empty("files.img"),
    "files cut": cut("files.img"),
    "no table of descriptors": drop("fdinfo-2.img"),
    "fdinfo empty": empty("fdinfo-2.img"),
    "fdinfo cut": cut("fdinfo-2.img"),
    "a descriptor of no file": field("fdinfo-2.img", "id", 4711),
    "a descriptor of another type": field("fdinfo-2.img", "type", "PIPE"),
    "a descriptor twice": edit("fdinfo-2.img", lambda entries: entries.append(dict(entries[0]))),
    "a wild descriptor": field("fdinfo-2.img", "fd", 0x7fffffff),
    "a file of another id": file_of("PIPE", lambda entry: entry["pipe"].update(id=4711)),
    "a file without its body": file_of("PIPE", lambda entry: entry.pop("pipe")),
    "no fs": drop("fs-{root}.img"),
    "fs empty": empty("fs-{root}.img"),
    "a current directory that is not there": field("fs-{root}.img", "cwd_id", 4711),
    "a root that is not there": field("fs-{root}.img", "root_id", 4711),
    "no remaps": drop("remap-fpath.img"),
    "a remap of no file": field("remap-fpath.img", "orig_id", 4711),
    "a link that is not there": field("remap-fpath.img", "remap_type", "LINKED"),
    "no ghost": drop("ghost-file-1.img"),
    "ghost empty": empty("ghost-file-1.img"),
    "ghost cut": cut_by("ghost-file-1.img", 3),
    "a file that is not here": reg_named("/kept", lambda reg: reg.update(name="no/such/file")),
    "a file of another size": reg_named("/kept", lambda reg: reg.update(size=99)),
    "a file of another mode": reg_named("/kept", lambda reg: reg.update(mode=0o100777)),
    "pipe data cut": cut_by("pipes-data.img", 3),
    "pipe data empty": empty("pipes-data.img"),
    "a pipe that is too small": field("pipes-data.img", "size", 4),
    "data of no pipe": field("pipes-data.img", "pipe_id", 4711),
    "no pipes": without("PIPE"),
    "no sockets": without("UNIXSK"),
    "a socket without its other end": file_of("UNIXSK", lambda entry: entry["usk"].update(
        peer=4711)),
    "a socket of another type than its peer": file_of(
        "UNIXSK", lambda entry: entry["usk"].update(type="STREAM")),
    "a name of a socket that is too long": file_of(
        "UNIXSK", lambda entry: entry["usk"].update(name="A" * 200)),
    "queue cut": cut_by("sk-queues.img", 1),
    "a queue of no socket": field("sk-queues.img", "id_for", 4711),
    "a file under way that is not there": edit("sk-queues.img", lambda entries: [
        entry["scm"][0].update(rights=[4711]) for entry in entries if entry.get("scm")]),
    "a control message of type 9": edit("sk-queues.img", lambda entries: [
        entry["scm"][0].update(type=9) for entry in entries if entry.get("scm")]),
    "no memfds": drop("memfd.img"),
    "a memfd of no inode": file_of("MEMFD", lambda entry: entry["memfd"].update(inode_id=4711)),
    "contents of a memfd that are not there": field("memfd.img", "shmid", 4711),
    "no shared memory": lambda images: [os.unlink(images.path(name)) for name in os.listdir(
        images.folder) if name.startswith("pagemap-shmem-")],
    "shared memory cut": lambda images: [cut(name, 0.9)(images) for name in os.listdir(
        images.folder) if name.startswith("pagemap-shmem-")],
    "no seccomp": drop("seccomp.img"),
    "epoll of no descriptor": file_of("EVENTPOLL", lambda entry: entry["epfd"]["tfd"][0].update(
        tfd=99)),
}


# ---- criu and critcore --------------------------------------------------------------------------

def restore(root, folder):
    """None when criu restores it; else what it says."""
    # All of it ends with what it was started by, should it hang.
    command = [live.TOOL, "run", root, "unshare", "--pid", "--fork", "--kill-child",
               "--mount-proc", "criu", "restore", "--images-dir", folder, "--log-file",
               "restore.log", "-v4", "--restore-detached"]
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return "no end after %d s" % TIMEOUT
    if not done.returncode:
        return None
    try:
        with open(os.path.join(folder, "restore.log"), errors="replace") as log:
            errors = [line.partition("): ")[2].strip() for line in log
                      if "Error (" in line and "RLIMIT_NOFILE" not in line]
    except OSError:
        errors = []
    return errors[0] if errors else "exit status %d" % done.returncode


def look(critcore, folder):
    """(exit status, names of the checks that found errors)"""
    done = subprocess.run([critcore, "check", "--files", "--json", folder], capture_output=True,
                          text=True, timeout=TIMEOUT)
    if done.returncode not in (0, 1):
        return done.returncode, [done.stderr.strip()]
    rows = json.loads(done.stdout)["findings"]
    return done.returncode, sorted({row["check"] for row in rows if row["severity"] == "error"})


class Corpus:
    KEPT = "kept"  # the file that the program has open; others are left from restores that failed

    def __init__(self, critcore, root, scratch):
        self.critcore, self.root, self.scratch = critcore, root, scratch
        self.intact = os.path.join(scratch, "img")
        self.files = os.path.join(scratch, "files")
        self.rows = []  # (damage, what criu says or None, exit status, checks)

    def dump(self, exe):
        os.mkdir(self.files)
        with live.Process(self.root, exe, self.files, self.scratch) as process:
            process.dump(self.intact)

    def copy(self):
        for name in os.listdir(self.files):
            if name != self.KEPT:
                os.unlink(os.path.join(self.files, name))
        folder = os.path.join(self.scratch, "damaged")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.intact, folder, symlinks=True)
        return folder

    def run(self, name, damage):
        folder = self.copy()
        if damage:
            damage(Images(self.critcore, folder))
        status, checks = look(self.critcore, folder)
        self.rows.append((name, restore(self.root, folder), status, checks))

    def problems(self):
        out = []
        for name, said, status, checks in self.rows:
            if name == "intact" and (said or status):
                out.append("intact: criu says %r, critcore %s" % (said, checks))
            elif said and status != 1:
                out.append("%s: criu says %r, critcore check ends with %d" % (name, said, status))
        return out

    def stricter(self):
        return [row for row in self.rows if not row[1] and row[2]]


def table(corpus):
    for name, said, status, checks in corpus.rows:
        print("%-45s criu: %-60s critcore: %d %s" % (
            name, (said or "restores")[:60], status, " ".join(checks)))


def check(context, root):
    """For tests/live/run.py."""
    name = "sid check"
    with context.folder() as scratch:
        corpus = Corpus(context.critcore, root, scratch)
        try:
            corpus.dump(context.programs[PROGRAM])
        except live.LiveError as error:
            context.report.skip(name, str(error))
            return
        corpus.run("intact", None)
        for damage in DAMAGES.items():
            corpus.run(*damage)
        refused = sum(1 for row in corpus.rows if row[1])
        context.report.result(name, {"damages": len(DAMAGES), "refused by criu": refused,
                                     "stricter": len(corpus.stricter())}, corpus.problems(), {})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--root", required=True)
    parser.add_argument("--cc", default=os.environ.get("CC", "cc"))
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="print every damage")
    parser.add_argument("--only", help="damages with this in their name")
    chosen = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="critcheck-", dir="/tmp")
    try:
        build.PROGRAMS = {PROGRAM: build.PROGRAMS[PROGRAM]}
        programs, _ = build.build(scratch, chosen.cc)
        corpus = Corpus(os.path.join(os.path.abspath(chosen.build), "critcore"), chosen.root,
                        scratch)
        corpus.dump(programs[PROGRAM])
        corpus.run("intact", None)
        for name, damage in DAMAGES.items():
            if not chosen.only or chosen.only in name:
                corpus.run(name, damage)
    finally:
        if chosen.keep:
            print("kept: " + scratch)
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    if chosen.verbose:
        table(corpus)
    problems = corpus.problems()
    print("\n".join(problems) or "all that criu refuses is found")
    print("%d damages, criu refuses %d, critcore calls %d more an error" % (
        len(corpus.rows) - 1, sum(1 for row in corpus.rows if row[1]), len(corpus.stricter())))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
