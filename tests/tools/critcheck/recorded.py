# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recorded truth, third layout: what check-live saw of a stopped process, kept with the checkpoint.

    NAME/about.json              versions of criu, kernel and gdb
    NAME/img/, NAME/exe/PROGRAM
    NAME/truth/PID/snapshot.json what the live gdb said (probe.py)
    NAME/truth/PID/memory.map    lines "START END OFFSET", hexadecimal
    NAME/truth/PID/memory.bin    bytes of /proc/PID/mem; a range whose OFFSET is "zero" has none

The bytes are those of the images and the program once more, so they cost next to nothing in a
compressed archive.
"""

import json
import os
import platform
import shutil

PAGE = 4096
KEPT = ("gdb", "threads", "values", "rseq_offset", "symbols")


def _runs(maps):
    """(start, bytes or None) of readable pages, adjacent ones joined; None where all is zero."""
    for start, data in sorted(maps.saved().items()):
        at, zero = 0, None
        for off in range(0, len(data) + 1, PAGE):
            page = data[off:off + PAGE]
            is_zero = None if not page else not any(page)
            if is_zero != zero and off > at:
                yield start + at, start + off, None if zero else data[at:off]
                at = off
            zero = is_zero


def write_memory(directory, maps):
    """@maps: an object with saved() -> {start: bytes}."""
    with open(os.path.join(directory, "memory.map"), "w", encoding="ascii") as table, \
            open(os.path.join(directory, "memory.bin"), "wb") as file:
        for start, end, data in _runs(maps):
            table.write("%x %x %s\n" % (start, end, "zero" if data is None else "%x" % file.tell()))
            if data is not None:
                file.write(data)


def write(directory, images, exe, about, stopped):
    """Keep one checkpoint; @stopped: {pid: object with snapshot and maps}."""
    shutil.copytree(images, os.path.join(directory, "img"),
                    ignore=shutil.ignore_patterns("dump.log", "stats-dump", "*.log"))
    os.mkdir(os.path.join(directory, "exe"))
    shutil.copy(exe, os.path.join(directory, "exe"))
    for pid, one in stopped.items():
        truth = os.path.join(directory, "truth", str(pid))
        os.makedirs(truth)
        snapshot = {key: one.snapshot[key] for key in KEPT}
        for thread in snapshot["threads"]:
            thread.pop("bt")
        with open(os.path.join(truth, "snapshot.json"), "w", encoding="utf-8") as file:
            json.dump(snapshot, file)
        write_memory(truth, one.maps)
    about = dict(about, kernel=platform.release(), machine=platform.machine(),
                 gdb=snapshot["gdb"])
    with open(os.path.join(directory, "about.json"), "w", encoding="utf-8") as file:
        json.dump(about, file, indent=1)
        file.write("\n")


class Memory:
    """The bytes of one recorded process."""

    def __init__(self, directory):
        with open(os.path.join(directory, "memory.bin"), "rb") as file:
            self._data = file.read()
        self._table = []
        with open(os.path.join(directory, "memory.map"), encoding="ascii") as file:
            for line in file:
                start, end, off = line.split()
                self._table.append((int(start, 16), int(end, 16),
                                    None if off == "zero" else int(off, 16)))

    def ranges(self):
        return [(start, end) for start, end, _ in self._table]

    def pieces(self, start, end):
        for low, high, off in self._table:
            first, last = max(start, low), min(end, high)
            if first < last:
                yield first, bytes(last - first) if off is None else \
                    self._data[off + first - low:off + last - low]


def snapshot(directory):
    with open(os.path.join(directory, "snapshot.json"), encoding="utf-8") as file:
        return json.load(file)
