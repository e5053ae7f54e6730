# SPDX-License-Identifier: LGPL-2.1-or-later
"""Archives that `podman container checkpoint --export` made, unpacked as podman does.

    DIRECTORY/RUNTIME-PROGRAM[-pre|-final].tar[.gz|.zst]
    DIRECTORY/c-RUNTIME/truth/, t-RUNTIME/truth/, sysroot/

A final checkpoint's parent is in the archive of the pre-checkpoint: without that, what is there
must be said to be missing, and all the rest is as with it. The truth is what /proc said of the
process outside of its container (its arguments, its environment and the files it maps), and what
the programs are known to hold.
"""

import os
import re
import subprocess

from critcheck import compare, library, pages, session, variants

import archives
import truth as memory_truth
from fixtures import local_file

# program -> (folder of the truth, {gdb command: what it prints})
PROGRAMS = {"deep": ("c-%s", {"print/x g_magic": "0x5eed1234", "print/x g_u64": "0x123456789abcdef",
                              "print g_page[255]": "252 '\\374'"}),
            "threads": ("t-%s", {})}
NAME = re.compile(r"(runc|crun)-(deep|threads)(-final)?\.tar(\.gz|\.zst)?")


def is_podman(files):
    return any(NAME.fullmatch(name) for name in files)


class Container:
    """One archive and the truth of its container."""

    def __init__(self, directory, archive):
        found = NAME.fullmatch(archive)
        self.name, self.directory = archive, directory
        folder, self.printed = PROGRAMS[found.group(2)]
        self.truth = os.path.join(directory, folder % found.group(1), "truth")
        self.sysroot = os.path.join(directory, "sysroot")
        self.parent = archive.replace("-final", "-pre") if found.group(3) else None

    def unpack(self, target, with_parent=True):
        """The folder with the last images. GNU tar knows a compression by its bytes."""
        wanted = [(self.name, [])]
        if self.parent and with_parent:
            wanted.append((self.parent, ["pre-checkpoint"]))
        for archive, members in wanted:
            subprocess.run(["tar", "-xf", os.path.join(self.directory, archive), "-C", target,
                            *members], check=True)
        return os.path.join(target, "checkpoint")

    def _path(self, stem):
        names = os.listdir(self.truth) if os.path.isdir(self.truth) else []
        return next((os.path.join(self.truth, n) for n in names if n.startswith(stem + ".")), None)

    def strings(self):
        paths = [self._path(stem) for stem in ("cmdline", "environ")]
        if None in paths:
            return None
        out = []
        for path in paths:
            with open(path, "rb") as file:
                out.append(file.read())
        return out

    def memory(self):
        smaps = self._path("smaps")
        if not smaps:
            return memory_truth.Nothing
        files = memory_truth.MappedFiles(smaps, local_file(self.sysroot))
        return memory_truth.Layers(memory_truth.Nothing, files)


def check_in_gdb(context, container, images, task, result):
    job = {"open": session.open_checkpoint(images, task.pid, container.sysroot),
           "run": list(container.printed)}
    snapshot = context.gdb.snapshot(job)
    result.differences += snapshot["errors"]
    for command, said in zip(container.printed, snapshot["ran"]):
        result.same("values", command, said.split("= ", 1)[-1].strip(),
                    container.printed[command])


def check_whole(context, container, images):
    """What of the memory is where: {(start, end): bytes} of the images and zeros."""
    result, contents = compare.Comparison(), {}
    with library.Checkpoint(context.library, images, container.sysroot) as ckpt:
        task = ckpt.tasks()[0]
        task.load()
        reasons = memory_truth.Reasons("podman", local_file(container.sysroot))
        found = pages.compare(task, container.memory(), accept=reasons.accept)
        result.compared.update(found.counts())
        result.differences += found.differences
        pages.check_strings(result, task, container.strings())
        for origin in task.origins():
            if origin.kind != "unavailable":
                contents[origin.start, origin.end] = task.read(origin.start,
                                                               origin.end - origin.start)
            if task.in_parent(origin):
                result.compared["ranges of the parent"] += 1
        if container.parent and not result.compared["ranges of the parent"]:
            result.differ("parent", "nothing comes from it")
        check_in_gdb(context, container, images, task, result)
    context.report.result("podman " + container.name, result.compared, result.differences,
                          result.excused)
    return contents


def check_without_parent(context, container, images, whole):
    """Nothing but what is in the parent is missing, and it is missing for that reason."""
    counts, differences = {"pages": 0, "in the parent": 0}, []
    with library.Checkpoint(context.library, images, container.sysroot) as ckpt:
        problems = [problem for _, problem, _ in ckpt.levels() if problem]
        if len(problems) != 1 or "parent" not in problems[0]:
            differences.append("the levels do not say that the parent is missing: %s" % problems)
        task = ckpt.tasks()[0]
        task.load()
        for (start, end), wanted in whole.items():
            origin = task.locate(start)
            if origin.kind == "unavailable" and origin.reason == "parent" and origin.end >= end:
                counts["in the parent"] += (end - start) // pages.PAGE
            elif task.read(start, end - start) == wanted:
                counts["pages"] += (end - start) // pages.PAGE
            else:
                differences.append("%#x-%#x: other bytes without the parent" % (start, end))
    context.report.result("podman %s without its parent" % container.name, counts, differences, {})


def run(context, directory):
    for archive in sorted(os.listdir(directory)):
        if not NAME.fullmatch(archive):
            continue
        container = Container(directory, archive)
        with context.folder() as scratch:
            images = container.unpack(scratch)
            whole = check_whole(context, container, images)
            variants.check(context, "podman " + archive, images, container.sysroot)
            archives.check(context, os.path.join(directory, archive), images, container.parent and
                           os.path.join(directory, container.parent))
        if container.parent:
            with context.folder() as scratch:
                check_without_parent(context, container, container.unpack(scratch, False), whole)
