# SPDX-License-Identifier: LGPL-2.1-or-later
"""Archives of podman as they are: every verb and gdb say of one what they say of its folder.

How long CRIU took and how many pages it wrote is compared with what `podman container checkpoint
--print-stats` printed, the container with `podman inspect`.

    DIRECTORY/NAME.tar...  NAME.tar....stdout  CONTAINER.inspect.json
"""

import itertools
import json
import os
import subprocess

import verbs as all_verbs

VERBS = (["x", "@", "ps"], ["x", "@", "fds"], ["x", "@", "mems"], ["x", "@", "rss"],
         ["x", "@", "sk", "--json"], ["x", "@", "ps", "--json", *all_verbs.FULL_PS],
         ["stats", "@"], ["stats", "--json", "@"], ["check", "--no-cpu", "@"],
         ["check", "--no-cpu", "--json", "@"], ["pages", "--json", "@"], ["pages", "@"],
         ["bt", "--all", "@"], ["find", "@", "deep"], ["core", "-o", "-", "@"],
         ["diff", "@", "@"], ["diff", "--json", "@", "@"])
OF_BOTH = ["diff", "--json", "@", "FOLDER"]  # the archive and the folder
IN_GDB = ("info criu", "info criu mappings", "info threads", "bt", "crit-x ps", "crit-x fds",
          "crit-x mems", "crit-x rss", "crit-x sk", "crit-stats", "crit-check", "info proc all")
STATISTICS = ("freezing_time", "frozen_time", "memdump_time", "memwrite_time", "pages_scanned",
              "pages_written")
INSPECTED = {"id": "Id", "container_name": "Name", "image": "ImageName", "runtime": "OCIRuntime"}


class Archive:
    """One archive, and the folder that podman would unpack it to."""

    def __init__(self, path, folder, words):
        self.path, self.folder, self.words = path, folder, words
        self.base = os.path.basename(path)

    def without_path(self, text):
        for path in (self.path, self.folder):
            text = text.replace(path, "@")
        return text


def same_lines(verbs, what, ours, theirs):
    """Only the first line that differs is told."""
    if isinstance(ours, str) and ours != theirs:
        pairs = itertools.zip_longest(ours.splitlines(), theirs.splitlines())
        ours, theirs = next((pair for pair in pairs if pair[0] != pair[1]), (ours, theirs))
    verbs.same(what, ours, theirs)


def same_verbs(verbs, archive):
    for form in VERBS:
        said = []
        for path in (archive.path, archive.folder):
            words = [path if word == "@" else word for word in form]
            at = verbs.run(*words, *archive.words, allowed=(0, 1, 2))
            said.append((at[0], archive.without_path(at[1]), archive.without_path(at[2])))
        for what, *both in zip(("status of ", "", "errors of "), *said):
            same_lines(verbs, what + " ".join(form), *both)
    words = [{"@": archive.path, "FOLDER": archive.folder}.get(word, word) for word in OF_BOTH]
    _, lines, _ = verbs.run(*words, *archive.words, allowed=(0, 2))
    verbs.same("differences from the folder", json.loads(lines.splitlines()[-1])["differences"], 0)


def in_gdb(context, verbs, archive, path, sysroot):
    """What it prints of the checkpoint at @path."""
    parent = " -parent " + archive.words[1] if archive.words else ""
    commands = ["set sysroot " + sysroot, "target criu " + path + parent, *IN_GDB,
                "crit-diff " + archive.folder]
    done = subprocess.run([*context.gdb.command, "-nx", "-batch", "-x", context.gdb.plugin,
                           *[word for each in commands for word in ("-ex", each)]],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, timeout=300, check=False,
                          env=dict(context.gdb.environment, **verbs.cache))
    return archive.without_path(done.stdout.decode(errors="replace"))


def same_in_gdb(context, verbs, archive):
    with context.folder() as nothing:
        said = [in_gdb(context, verbs, archive, path, nothing)
                for path in (archive.path, archive.folder)]
    same_lines(verbs, "in gdb", *said)
    for wanted in ("* 1    Thread 1.1 ", "CRIU's dump", "0 errors", "Memory: the same"):
        verbs.same("gdb prints " + wanted, wanted in said[0], True)


def same_statistics(verbs, archive):
    """What podman printed when it made the checkpoint."""
    with open(archive.path + ".stdout", encoding="utf-8") as file:
        printed = json.load(file)["container_statistics"][0]
    ours = verbs.json("stats", archive.path)["criu_statistics"]
    for name in STATISTICS:
        verbs.same(name, ours[name], printed["criu_statistics"][name])
    verbs.same("container", verbs.json("ls", archive.path)[0]["id"], printed["Id"])


def same_container(verbs, archive):
    """What podman said of the container."""
    listed = verbs.json("ls", archive.path)
    verbs.same("checkpoints", len(listed), 1)
    path = os.path.join(os.path.dirname(archive.path),
                        "%s.inspect.json" % listed[0]["container_name"])
    with open(path, encoding="utf-8") as file:
        inspected = json.load(file)[0]
    for ours, theirs in INSPECTED.items():
        verbs.same(ours, listed[0][ours], inspected[theirs])
    verbs.same("created", listed[0]["created"].rstrip("Z"), inspected["Created"].split(".")[0])


def check(context, path, folder, parent=None):
    """@folder: the images of the archive unpacked, with @parent's beside if there is one."""
    with context.folder() as cache:
        verbs = all_verbs.Verbs(context.critcore, cache)
        archive = Archive(path, folder, ["--parent", parent] if parent else [])
        same_verbs(verbs, archive)
        same_in_gdb(context, verbs, archive)
        if os.path.exists(path + ".stdout"):
            same_statistics(verbs, archive)
        same_container(verbs, archive)
    context.report.result("podman %s in place" % archive.base, verbs.result.compared,
                          verbs.result.differences, verbs.result.excused)
