# SPDX-License-Identifier: LGPL-2.1-or-later
"""The memory of an ELF core file, as gdb's gcore or the kernel writes it.

Only what the comparison needs: the PT_LOAD segments of 32- and 64-bit cores of either byte order.
Bytes past p_filesz are not in the file and are not claimed to be zero.
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
    """segments: sorted list of (start, end, file offset)."""

    def __init__(self, path):
        self._data = self._map(path)
        self.segments = sorted(self._loads())
        self._starts = [s[0] for s in self.segments]

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
            if struct.unpack_from(order + "I", data, at)[0] != 1:
                continue
            if wide:
                offset, vaddr, _, filesz = struct.unpack_from(order + "QQQQ", data, at + 8)
            else:
                offset, vaddr, _, filesz = struct.unpack_from(order + "IIII", data, at + 4)
            if filesz:
                yield vaddr, vaddr + filesz, offset

    def ranges(self):
        """[(start, end)] of what the file holds."""
        return [(start, end) for start, end, _ in self.segments]

    def pieces(self, start, end):
        """The parts of [start, end) the file holds: (start, bytes)."""
        i = max(bisect.bisect_right(self._starts, start) - 1, 0)
        while i < len(self.segments) and self.segments[i][0] < end:
            seg_start, seg_end, offset = self.segments[i]
            low, high = max(start, seg_start), min(end, seg_end)
            if low < high:
                yield low, self._data[offset + low - seg_start:offset + high - seg_start]
            i += 1
