# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes in another root: start, dump with its criu, read while stopped, end.

All is done in the mount namespace of the started program, because criu takes a task of another
mount namespace for a container.
"""

import glob
import os
import signal
import subprocess
import time

TOOLS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOL = os.path.join(TOOLS, "debian-root")
PAGE = os.sysconf("SC_PAGESIZE")
DEADLINE = 120  # seconds that a dump may take


class LiveError(Exception):
    """Starting or dumping failed; the text says why."""


class Process:
    """One running test program and its children; use it as a context manager."""

    def __init__(self, root, exe, arguments, directory, first="", own=("mount",)):
        """@arguments: a string for the shell; it may name $READY_FD. @first: what it does before.
        @own: the program's namespaces that criu is to be in as well; none: it is a container."""
        self.own, self.root = own, root
        read_end, write_end = os.pipe()
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                       "READY_FD": str(write_end), "DEBIAN_ROOT_SHARE": directory + ":" + TOOLS}
        # The standard descriptors are opened in there: criu must know the mounts they are on.
        script = '%s exec "$0" %s </dev/null >/dev/null 2>&1' % (first, arguments)
        self.child = subprocess.Popen(
            [TOOL, "run", root, "sh", "-c", script, exe], cwd=directory,
            env=environment, pass_fds=[write_end], start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.child.pid
        os.close(write_end)
        self.said = os.read(read_end, 512).decode("utf-8", "replace")
        os.close(read_end)
        self.ready = self.said == "r"

    def __enter__(self):
        if not self.ready:
            self.__exit__()
            raise LiveError("the program ended before it was ready: " + self.said)
        return self

    def __exit__(self, *_):
        for pid in self.family():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.child.wait()

    def family(self):
        """Process ids of the program and its descendants, parents first."""
        out = [self.pid]
        for pid in out:
            try:
                tasks = os.listdir("/proc/%d/task" % pid)
            except FileNotFoundError:
                continue
            for tid in tasks:
                with open("/proc/%d/task/%s/children" % (pid, tid), encoding="ascii") as file:
                    out += [int(child) for child in file.read().split()]
        return out

    def inside(self, *command):
        """A command line that runs in the program's root."""
        files = {"mount": "mnt"}
        if not self.own:
            return [TOOL, "run", self.root, *command]
        return ["nsenter", *("--%s=/proc/%d/ns/%s" % (name, self.pid, files.get(name, name))
                             for name in self.own), "--", *command]

    def in_pause(self, deadline=5.0):
        """Wait until the program is in its pause() system call."""
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            with open("/proc/%d/syscall" % self.pid, encoding="ascii") as file:
                if file.read().startswith("34 "):
                    return
            os.sched_yield()
        raise LiveError("the program does not reach pause()")

    def wait_stopped(self, deadline=60.0):
        """Wait until the SIGSTOP of --leave-stopped has reached every thread that lives."""
        end = time.monotonic() + deadline
        while not all(state_of(path) in "TZX" for pid in self.family()
                      for path in glob.glob("/proc/%d/task/*/stat" % pid)):
            if time.monotonic() > end:
                raise LiveError("a thread does not stop after --leave-stopped")
            time.sleep(0.001)

    def dump_command(self, images, *options, verb="dump"):
        return self.inside("criu", verb, "--tree", str(self.pid), "--images-dir", images,
                           "--log-file", "dump.log", "-v4", *options)

    def dump(self, images, *options, verb="dump"):
        """Dump with --leave-stopped into @images, a new directory; `pre-dump` lets it run on."""
        os.mkdir(images)
        if verb == "dump":
            options = ("--leave-stopped", *options)
        done = subprocess.run(self.dump_command(images, *options, verb=verb), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE)
        if done.returncode:
            raise LiveError("criu dump failed: %s / %s" % (
                last_errors(images), (done.stderr + done.stdout).strip()[-500:]))
        if verb == "dump":
            self.wait_stopped()

    def version(self):
        done = subprocess.run(self.inside("criu", "--version"), capture_output=True, text=True)
        return done.stdout.split("\n")[0].replace("Version: ", "") or "?"


def state_of(stat):
    """The letter in a /proc file `stat`; X of a thread that is gone."""
    try:
        with open(stat, encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def last_errors(images):
    try:
        with open(os.path.join(images, "dump.log"), encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file if "Error" in line]
    except FileNotFoundError:
        return "no log"
    return " / ".join(lines[-3:]) or "no error in its log"


class Maps:
    """The mappings of a stopped process, and their bytes as /proc/PID/mem gives them."""

    def __init__(self, pid):
        self.mappings = []  # (start, end, permissions, path)
        with open("/proc/%d/maps" % pid, encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                fields = line.rstrip("\n").split(None, 5)
                start, end = (int(part, 16) for part in fields[0].split("-"))
                self.mappings.append((start, end, fields[1], fields[5] if len(fields) > 5 else ""))
        self._saved = {}
        self.unreadable = []
        memory = os.open("/proc/%d/mem" % pid, os.O_RDONLY)
        try:
            for start, end, _, path in self.mappings:
                if path != "[vsyscall]":
                    self._save(memory, start, end)
        finally:
            os.close(memory)

    def _save(self, memory, start, end):
        """All that can be read, PROT_NONE pages included; a page that cannot is passed over."""
        at, first, parts = start, start, []
        while at < end:
            try:
                more = os.pread(memory, end - at, at)
            except OSError:
                more = b""
            if more:
                parts.append(more)
                at += len(more)
                continue
            self._keep(first, parts)
            low, at = at, min(at - at % PAGE + PAGE, end)
            self.unreadable.append((low, at))
            first, parts = at, []
        self._keep(first, parts)

    def _keep(self, start, parts):
        if parts:
            self._saved[start] = b"".join(parts)

    def ranges(self):
        return [(start, start + len(data)) for start, data in sorted(self._saved.items())]

    def pieces(self, start, end):
        for low, data in sorted(self._saved.items()):
            first, last = max(start, low), min(end, low + len(data))
            if first < last:
                yield first, data[first - low:last - low]

    def saved(self):
        """{start: bytes} of what could be read."""
        return self._saved
