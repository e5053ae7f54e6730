# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where things are in the first two layouts of a corpus (see run.py)."""

import json
import os
import re
import shutil
import subprocess

from critcheck import elfcore, library, native

import truth as memory_truth

NO_BUILD_ID = {"val-filesize"}  # dumped with --file-validation filesize
# gdb wrote 32-bit core files of these, with half of each address.
HALF_A_CORE = {"mips64el-threads"}


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


def local_file(sysroot, exe=None):
    """A find function for MappedFiles: below @sysroot, or the program by its name."""
    def find(path):
        if exe and os.path.basename(path) == os.path.basename(exe):
            return exe
        local = os.path.join(sysroot, path.lstrip("/")) if sysroot else None
        return local if local and os.path.isfile(local) else None
    return find


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

    def plain(self):
        """The images of the checkpoint that this one was made of by compressing, or None."""
        if not os.path.islink(os.path.join(self.directory, "truth")):
            return None
        return os.path.join(os.path.dirname(os.path.realpath(self.truth)), "img")

    def memory(self, pid, sysroot):
        path, values = self.truth_file(pid, "core"), self.truth_file(pid, "gdb.json")
        core = elfcore.Core(path) if path else memory_truth.Nothing
        if values:
            filled = memory_truth.Filled(self.name, native.snapshot(values)["values"])
            core = memory_truth.Layers(core, filled)
        smaps = self.truth_file(pid, "smaps")
        if not smaps:
            return core
        return memory_truth.Layers(core, memory_truth.MappedFiles(smaps, self.finder(sysroot)))

    def finder(self, sysroot):
        """The program that is offered cannot be told by what has no build-id."""
        return local_file(sysroot, None if self.name in NO_BUILD_ID else self.exe)

    def strings(self, pid):
        """(arguments, environment) as bytes, a NUL behind each string; None without truth."""
        out = []
        for name in ("cmdline", "environ"):
            path = self.truth_file(pid, name)
            if not path:
                return None
            with open(path, encoding="utf-8") as file:
                out.append("".join(word + "\0" for word in json.load(file)).encode())
        return out

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


class Foreign:
    """A checkpoint of the second layout: its last level, and the folder of a page server."""

    def __init__(self, directory):
        self.directory, self.name = directory, os.path.basename(directory)
        self.sysroot = os.path.join(directory, "sysroot")
        self.truth = os.path.join(directory, "truth")
        self.deduplicated = "-dedup" in self.name
        top = os.path.join(directory, "images")
        self.images, self.pages_dir = top, None
        for name in sorted(os.listdir(top)):
            if re.match(r"\d+$|dump\d*$", name):
                self.images = os.path.join(top, name)
            elif name.startswith("server"):
                self.pages_dir = os.path.join(top, name)

    def truth_file(self, stem, pid):
        path = os.path.join(self.truth, "%s.%d" % (stem, pid))
        return path if os.path.exists(path) else None

    def core_path(self, pid):
        return os.path.join(self.truth, "gcore.%d.zst" % pid)

    def core(self, pid):
        return elfcore.Core(self.core_path(pid))

    def unpack_core(self, pid, folder):
        """The core file's path in @folder, for a gdb."""
        path = os.path.join(folder, "core")
        with open(path, "wb") as plain:
            subprocess.run(["zstd", "-dcq", self.core_path(pid)], stdout=plain, check=True)
        return path

    def program(self):
        """The program as the sysroot has it."""
        return next(os.path.join(folder, name)
                    for folder, _, names in os.walk(os.path.join(self.sysroot, "t"))
                    for name in names if not name.endswith(".so"))

    def memory(self, pid, page):
        files = memory_truth.MappedFiles(self.truth_file("smaps", pid), local_file(self.sysroot),
                                         page)
        core = memory_truth.Nothing if self.name in HALF_A_CORE else self.core(pid)
        return memory_truth.Layers(core, files)

    def strings(self, pid):
        """(arguments, environment) as /proc gave them."""
        out = []
        for stem in ("cmdline", "environ"):
            with open(self.truth_file(stem, pid), "rb") as file:
                out.append(file.read())
        return out
