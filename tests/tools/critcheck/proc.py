# SPDX-License-Identifier: LGPL-2.1-or-later
"""Entries of /proc and tables of `info os`, against what /proc said of the live process.

The server may leave out what CRIU does not record, but what it says must be what the kernel said.
"""

import json
import re

from . import rsp

# The state is compared in stat; the parent of the root is not in the checkpoint.
NOT_STILL = {"State", "PPid"}
FLAG_LARGEFILE = 0o100000


class Truth:
    """/proc of one process, in either layout of a corpus."""

    def __init__(self, find):
        self._find = find  # name -> path or None

    def bytes(self, name):
        path = self._find(name)
        if not path:
            return None
        with open(path, "rb") as file:
            return file.read()

    def text(self, name):
        data = self.bytes(name)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def strings(self, name):
        """cmdline, environ: as the kernel gives them, or a list in JSON."""
        data = self.bytes(name)
        if data is None or not data.startswith(b"["):
            return data
        return "".join(word + "\0" for word in json.loads(data)).encode()

    def links(self):
        return dict(re.findall(r"^(\w+) -> (.*)$", self.text("links") or "", re.M))

    def fds(self):
        """{fd: (link, flags)}"""
        return {int(fd): (link, int(flags, 8)) for fd, link, flags in re.findall(
            r"^(\d+) -> (.*)\n(?: .*\n)*?\s+flags:\s+(\d+)", self.text("fds") or "", re.M)}


def rows(maps):
    """Lines of maps without devices and inodes, which a checkpoint has not."""
    return [re.sub(r"^(\S+ \S+ \S+) \S+ \d+ *", r"\1 ", line) for line in maps.splitlines()]


def joined(maps):
    """Since Linux 6.14 the vvar area has two mappings, which CRIU records as one."""
    return re.sub(r"^(\w+)-\w+ (r--p \w+) \[vvar\]\n\w+-(\w+) r--p \w+ +\[vvar_vclock\]$",
                  r"\1-\3 \2 [vvar]", "\n".join(maps), flags=re.M).split("\n")


def fields(status):
    return dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)


def check_maps(result, served, truth):
    ours = rows(served.decode("utf-8", "surrogateescape"))
    theirs = joined(rows(truth))
    if not any("[sigpage]" in row for row in ours):  # nothing records which one that is
        theirs = [row.replace("[sigpage]", "") for row in theirs]
    result.compared["lines of maps"] += len(ours)
    for row in ours:
        if row not in theirs:
            result.differ("maps", "%r is not in truth" % row)
    for row in theirs:
        if row not in ours:
            result.differ("maps", "has not %r" % row)


def check_status(result, served, truth, pid, outside, lazy):
    """Every line that is served is the kernel's; process numbers of a namespace are the inner."""
    ours, theirs = fields(served.decode("utf-8", "surrogateescape")), fields(truth)
    for key, value in ours.items():
        if key in NOT_STILL or pid != outside and key in ("Tgid", "Pid"):
            continue
        # A lazy dump goes on being served: its truth is of another moment.
        result.same("lines of status", "status " + key, " ".join(value.split()),
                    " ".join(theirs.get(key, "no such line").split()),
                    lazy and key == "SigBlk" and "signals of a lazy dump")


def check_stat(result, served, truth, same_numbers):
    """pid (comm) state ppid pgrp session, and no more."""
    pattern = r"(\d+) \((.*)\) (\S) (\d+) (\d+) (\d+)"
    ours = re.match(pattern + "$", served.decode("utf-8", "surrogateescape"), re.S)
    theirs = re.match(pattern, truth, re.S)
    result.same("fields of stat", "stat", ours and ours[2], theirs[2])
    if ours and same_numbers:
        result.same("fields of stat", "stat", ours.group(1, 5, 6), theirs.group(1, 5, 6))
    if ours and (ours[3] != "?" or theirs[3] in "TZ"):
        result.same("fields of stat", "state", ours[3], theirs[3],
                    "T" in ours[3] + theirs[3] and "stopped by who dumped it")


def check_fds(result, server, truth, pid, found):
    links = truth.links()
    for name in ("exe", "cwd", "root"):
        if name in links:
            result.same("links", name, server.read_link("/proc/%d/%s" % (pid, name)),
                        links[name].encode())
    theirs = truth.fds()
    table = {int(row["file descriptor"]): row["name"] for row in found["files"]
             if int(row["pid"]) == pid}
    if not theirs:
        return
    result.same("descriptors", "numbers", sorted(table), sorted(theirs))
    for fd, (link, _) in theirs.items():
        result.same("descriptors", "fd %d" % fd, table.get(fd), link)
        result.same("descriptors", "link fd/%d" % fd,
                    server.read_link("/proc/%d/fd/%d" % (pid, fd)), link.encode())


def check(result, critcore, images, task, outside, truth, lacking=None, options=()):
    """Compare; @outside: the pid in the truth, @lacking: why there are no strings."""
    with rsp.Server(critcore, images, task.pid, options) as server:
        def read(name):
            return server.read_file("/proc/%d/%s" % (task.pid, name))

        found = {kind: server.table(kind) for kind in ("processes", "threads", "files")}
        result.same("rows of info os", "threads", [
            int(row["tid"]) for row in found["threads"] if int(row["pid"]) == task.pid],
            [tid for tid, _ in task.threads()])
        for name in ("cmdline", "environ"):
            theirs = truth.strings(name)
            if theirs is not None and not lacking:
                result.same("strings", name, read(name), theirs)
        if truth.text("maps"):
            check_maps(result, read("maps"), truth.text("maps"))
        if truth.text("status"):
            check_status(result, read("status"), truth.text("status"), task.pid, outside, lacking)
        if truth.text("stat"):
            check_stat(result, read("stat"), truth.text("stat"), task.pid == outside)
        if truth.bytes("auxv.bin"):
            ours = read("auxv")  # up to AT_NULL, behind which the kernel has zeros
            result.same("vectors", "auxv", ours, truth.bytes("auxv.bin")[:len(ours)])
        if truth.text("limits") and read("limits") is not None:
            result.same("limits", "limits", read("limits").decode(), truth.text("limits"))
        check_fds(result, server, truth, task.pid, found)
