# SPDX-License-Identifier: LGPL-2.1-or-later
"""The memory truth of a recorded checkpoint, and the reasons for which bytes of it may be missing.

A core file leaves out what the mapped files have (coredump_filter, gdb's own rules), so the files
themselves are the truth there: by the ranges and offsets of /proc/PID/smaps, which knows nothing of
the images.
"""

import re

PAGE = 4096
RANGE = re.compile(r"([0-9a-f]+)-([0-9a-f]+)")


class Nothing:
    """No truth: everything is "without truth"."""

    @staticmethod
    def ranges():
        return []

    @staticmethod
    def pieces(_start, _end):
        return ()


class MappedFiles:
    """Mappings of which no page was copied or swapped, by /proc/PID/smaps: they hold the file,
    zeros up to the page's end and nothing beyond. @find gives the local path of a name, or None."""

    def __init__(self, smaps, find, page=PAGE):
        self._pieces, self._page = [], page
        for (start, end, offset, path), own in self._mappings(smaps):
            local = find(path) if path.startswith("/") and not own else None
            if local:
                self._pieces.append((start, end, offset, local))

    @staticmethod
    def _mappings(smaps):
        """((start, end, offset, path), KiB of its own) of each mapping."""
        head, own = None, 0
        with open(smaps, encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                fields = line.rstrip("\n").split(None, 5)
                found = RANGE.fullmatch(fields[0])
                if found and head:
                    yield head, own
                if found:
                    start, end = (int(part, 16) for part in found.groups())
                    head, own = (start, end, int(fields[2], 16), fields[5] if len(fields) > 5
                                 else ""), 0
                elif fields[0] in ("Anonymous:", "Swap:"):
                    own += int(fields[1])
        if head:
            yield head, own

    def pieces(self, start, end):
        for low, high, offset, local in self._pieces:
            first, last = max(start, low), min(end, high)
            if first >= last:
                continue
            with open(local, "rb") as file:
                file.seek(offset + first - low)
                data = file.read(last - first)
            data += bytes(min(-len(data) % self._page, last - first - len(data)))
            if data:
                yield first, data


# checkpoint -> {variable with the address: the byte that the program filled a huge page with}
FILLED = {"huge": {"shar": 0x22, "mem": 0x33}}
HUGE = 2 << 20


class Filled:
    """Huge pages that a core file leaves out; the program says what it did to them. @values: rows
    of gdb.json, the last two of each being an expression and what gdb printed."""

    def __init__(self, name, values):
        wanted = FILLED.get(name, {})
        self._areas = [(int(row[-1].split()[0], 16), wanted[row[-2]]) for row in values
                       if row[-2] in wanted]

    def pieces(self, start, end):
        for area, byte in self._areas:
            low, high = max(start, area), min(end, area + HUGE)
            if low < high:
                yield low, bytes([byte]) * (high - low)


class Layers:
    """A core file, and another truth where it has nothing. Only the core says what must be
    mapped."""

    def __init__(self, core, files):
        self._core, self._files = core, files

    def ranges(self):
        return self._core.ranges()

    def pieces(self, start, end):
        at = start
        for low, data in self._core.pieces(start, end):
            if at < low:
                yield from self._files.pieces(at, low)
            yield low, data
            at = low + len(data)
        if at < end:
            yield from self._files.pieces(at, end)


# ---- reasons ------------------------------------------------------------------------------------

# (checkpoint, kind of mapping, path, reason): where the truth may have bytes that we have not. All
# but the reason are regular expressions of the whole; no path is an empty one.
ACCEPTED = [
    # CRIU leaves these to the kernel, whatever a debugger saw there.
    (r".*", r"vvar", r"", "vvar"),
    (r".*", r"vsyscall", r"", "vsyscall"),
    # Dumped with --lazy-pages, and the page server is gone.
    (r"lazy|x86_64-lazy", r"anon", r"", "lazy"),
    # Files that are not in the corpus; see Reasons.accept().
    (r"mem(-static.*)?", r"file( shared)?", r"/tmp/corpus/run/.*/file8\.bin", "file missing"),
    (r"val-filesize", r"file", r"/tmp/corpus/bin/deep", "file missing"),
    (r"python", r"file", r"/usr/.*", "file missing"),
    (r"redis", r"file", r"/usr/.*", "file missing"),
    # A page of zeros that is a hole, because the file was copied as a sparse one: the images cannot
    # tell that from what deduplication does.
    (r"x86_64-threads(-inc)?", r"anon", r"", "punched"),
    (r"(aarch64|armhf|loongarch64|mips64el|ppc64le|riscv64|s390x)-.*", r".*", r".*", "punched"),
    # gdb writes zeros for the guard pages of stacks (glibc 2.42 and later).
    (r"(loongarch64|riscv64)-threads", r"anon", r"", "guard"),
]


class Reasons:
    """accept() and accept_unmapped() of pages.compare() for one checkpoint; @find as for
    MappedFiles."""

    def __init__(self, name, find=lambda _path: None, rows=()):
        self._find = find
        self._rows = [(re.compile(kind), re.compile(path), reason) for which, kind, path, reason
                      in [*ACCEPTED, *rows] if re.fullmatch(which, name)]

    def accept(self, origin, _start=0, theirs=b""):
        path = origin.mapping.path or ""
        if origin.reason == "file missing" and self._find(path):
            return False  # it is there
        if origin.reason in ("punched", "guard") and any(theirs):
            return False
        return any(kind.fullmatch(origin.mapping.kind) and reason == origin.reason and
                   pattern.fullmatch(path) for kind, pattern, reason in self._rows)

    @staticmethod
    def accept_unmapped(start, _end):
        """The vsyscall page: above what a process has, and not in every image."""
        return start >= 1 << 63

    def why(self, task):
        """A function for rules: why a byte cannot be read, when that is as it should be."""
        mappings = task.mappings()

        def why(address):
            origin = task.locate(address)
            if origin.kind != "unavailable":
                return None
            origin.mapping = mappings[origin.mapping]
            return "value " + origin.why if self.accept(origin) else None
        return why
