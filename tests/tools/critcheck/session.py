# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run one gdb, in batch mode and without init files, and get a snapshot back."""

import copy
import json
import os
import shlex
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROBE = os.path.join(HERE, "probe.py")


class SessionError(Exception):
    """gdb ended without a snapshot; the text says what it printed."""


class Gdb:
    """A gdb command line ("gdb", or a prefix that runs gdb in another root) and our plugin."""

    def __init__(self, command, build, shared=()):
        self.command = shlex.split(command)
        self.plugin = os.path.join(os.path.abspath(build), "critgdb.py")
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", DEBUGINFOD_URLS="")
        # What tests/tools/debian-root must show inside, should the command go through it.
        paths = [os.path.dirname(HERE), os.path.abspath(build), *shared]
        self.environment["DEBIAN_ROOT_SHARE"] = ":".join(dict.fromkeys(paths))

    def version(self):
        out = subprocess.run([*self.command, "--version"], env=self.environment, text=True,
                             stdin=subprocess.DEVNULL, capture_output=True, check=True,
                             timeout=60).stdout
        return out.splitlines()[0].split()[-1]

    def multiarch(self):
        """The gdb-multiarch of the same release."""
        other = copy.copy(self)
        if not self.command[-1].endswith("-multiarch"):
            other.command = [*self.command[:-1], self.command[-1] + "-multiarch"]
        return other

    def cpus(self):
        """The CPUs that this gdb knows, by its names; none when it does not start."""
        ask = "python print(*gdb.architecture_names())"
        try:
            done = subprocess.run([*self.command, "-nx", "-batch", "-ex", ask], text=True,
                                  env=self.environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=60, check=False)
        except OSError:
            return []
        return [] if done.returncode else done.stdout.split()

    def snapshot(self, job, plugin=True, timeout=300):
        """Run a probe job (see probe.py); its "out" is filled in here."""
        with tempfile.TemporaryDirectory(prefix="critcheck-", dir="/tmp") as scratch:
            job = dict(job, out=os.path.join(scratch, "snapshot.json"))
            path = os.path.join(scratch, "job.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(job, file)
            load = ["-x", self.plugin] if plugin else []
            done = subprocess.run(
                [*self.command, "-nx", "-batch", *load, "-x", PROBE],
                env=dict(self.environment, CRITCHECK_JOB=path), stdin=subprocess.DEVNULL,
                capture_output=True, text=True, errors="replace", timeout=timeout)
            try:
                with open(job["out"], encoding="utf-8", errors="surrogateescape") as file:
                    snapshot = json.load(file)
            except FileNotFoundError:
                raise SessionError("gdb ended with %d and no snapshot: %s" % (
                    done.returncode, (done.stdout + done.stderr)[-2000:])) from None
            snapshot["stderr"], snapshot["status"] = done.stderr, done.returncode
            return snapshot


def open_checkpoint(images, pid, sysroot=None, exe=None, pages_dir=None):
    """The gdb commands that open a checkpoint."""
    commands = ["set sysroot " + sysroot] if sysroot else []
    if exe:
        commands.append("file " + exe)
    pages = "-pages %s " % pages_dir if pages_dir else ""
    return [*commands, "target criu %s%s %d" % (pages, images, pid)]
