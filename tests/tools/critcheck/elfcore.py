# SPDX-License-Identifier: LGPL-2.1-or-later
"""The memory and notes of an ELF core file, as gdb's gcore, the kernel or we write it.

Only what the comparison needs: the PT_LOAD segments of 32- and 64-bit cores of either byte order.
Bytes past p_filesz are not in the file and are not claimed to be zero; spans has them.
"""

import bisect
import mmap
import shutil
import struct
import subprocess
import tempfile


class CoreError(Exception):
    """Not a core file this module reads."""


class Core:
    """segments: sorted list of (start, end, file offset); spans: of (start, end) in memory; order:
    of bytes, as struct has it; wide: is it a 64-bit one?"""

    def __init__(self, path):
        self._data = self._map(path)
        self.order, self.wide, self._notes = "<", True, []
        self.spans = []
        self.segments = sorted(self._loads())
        self._starts = [s[0] for s in self.segments]
        self.spans.sort()

    @staticmethod
    def _map(path):
        if str(path).endswith(".zst"):
            with tempfile.TemporaryFile() as plain:
                if not shutil.which("zstd"):
                    raise CoreError("zstd is not installed")
                subprocess.run(["zstd", "-dcq", path], stdout=plain, check=True)
                return mmap.mmap(plain.fileno(), 0, access=mmap.ACCESS_READ)
        with open(path, "rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def _loads(self):
        data = self._data
        if data[:4] != b"\x7fELF" or data[5] not in (1, 2):
            raise CoreError("not an ELF file")
        wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
        self.order, self.wide = order, wide
        if wide:
            phoff, = struct.unpack_from(order + "Q", data, 32)
            shoff, = struct.unpack_from(order + "Q", data, 40)
            size, number = struct.unpack_from(order + "HH", data, 54)
        else:
            phoff, shoff = struct.unpack_from(order + "II", data, 28)
            size, number = struct.unpack_from(order + "HH", data, 42)
        if number == 0xffff:  # more than fit: the real number is in the first section header
            number, = struct.unpack_from(order + "I", data, shoff + (44 if wide else 28))
        for i in range(number):
            at = phoff + i * size
            kind, = struct.unpack_from(order + "I", data, at)
            offset, vaddr, _, filesz, memsz = struct.unpack_from(
                order + ("QQQQQ" if wide else "IIIII"), data, at + (8 if wide else 4))
            if kind == 4:
                self._notes.append((offset, filesz))
            if kind != 1:
                continue
            self.spans.append((vaddr, vaddr + memsz))
            if filesz:
                yield vaddr, vaddr + filesz, offset

    def ranges(self):
        """[(start, end)] of what the file holds."""
        return [(start, end) for start, end, _ in self.segments]

    def overlaps(self, start, end):
        """The parts of [start, end) that are in segments, whether the file has bytes or not."""
        i = max(bisect.bisect_right(self.spans, (start, 1 << 64)) - 1, 0)
        out = []
        while i < len(self.spans) and self.spans[i][0] < end:
            low, high = max(start, self.spans[i][0]), min(end, self.spans[i][1])
            if low < high:
                out.append((low, high))
            i += 1
        return out

    def has(self, start, end):
        """Is all of it in segments?"""
        at = start
        for low, high in self.overlaps(start, end):
            if low != at:
                return False
            at = high
        return at == end

    def notes(self):
        """{type: [description]} of the notes of all owners."""
        out = {}
        for at, length in self._notes:
            end = at + length
            while at + 12 <= end:
                name, desc, kind = struct.unpack_from(self.order + "III", self._data, at)
                at += 12 + (name + 3) // 4 * 4
                out.setdefault(kind, []).append(self._data[at:at + desc])
                at += (desc + 3) // 4 * 4
        return out

    def pieces(self, start, end):
        """The parts of [start, end) the file holds: (start, bytes)."""
        i = max(bisect.bisect_right(self._starts, start) - 1, 0)
        while i < len(self.segments) and self.segments[i][0] < end:
            seg_start, seg_end, offset = self.segments[i]
            low, high = max(start, seg_start), min(end, seg_end)
            if low < high:
                yield low, self._data[offset + low - seg_start:offset + high - seg_start]
            i += 1
