# SPDX-License-Identifier: LGPL-2.1-or-later
"""What /proc says of a process: saved while it lives, in the form that recorded truth has (see
critcheck/proc.py and critcheck/states.py)."""

import os

from critcheck import proc

FILES = {"cmdline": "cmdline", "environ": "environ", "maps": "maps", "status": "status",
         "stat": "stat", "limits": "limits", "auxv": "auxv.bin"}


def read(*path):
    """The bytes of a file of /proc."""
    with open(os.path.join("/proc", *path), "rb") as file:
        return file.read()


def link_rows(pid, folder, names):
    return ["%s -> %s" % (name, os.readlink("/proc/%d/%s%s" % (pid, folder, name)))
            for name in names]


def descriptors(pid):
    """Each with its link and its flags."""
    rows = []
    for name in sorted(os.listdir("/proc/%d/fd" % pid), key=int):
        rows += link_rows(pid, "fd/", [name])
        rows += [" " + line for line in read(str(pid), "fdinfo", name).decode().splitlines()]
    return rows


class Truth(proc.Truth):
    """Of one process, as it is now."""

    def __init__(self, pid):
        super().__init__(None)
        self._saved = {ours: read(str(pid), name) for name, ours in FILES.items()}
        for name, rows in (("links", link_rows(pid, "", ("exe", "cwd", "root"))),
                           ("fds", descriptors(pid))):
            self._saved[name] = "".join(row + "\n" for row in rows).encode()

    def bytes(self, name):
        return self._saved.get(name)


def calls(pids, path):
    """Write to @path which system call each thread is in; ask while they run. One that is in none
    may be about to go to sleep, so that is not said."""
    with open(path, "w", encoding="ascii") as file:
        for pid in pids:
            for tid in os.listdir("/proc/%d/task" % pid):
                try:
                    call = read(str(pid), "task", tid, "syscall").decode()
                except OSError:  # a zombie
                    continue
                if call != "running\n":
                    file.write("%s syscall=%s\n" % (tid, call.strip()))
