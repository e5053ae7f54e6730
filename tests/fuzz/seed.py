#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pack the images of a case into one input of fuzz_checkpoint.c: seed.py FILE.case OUT [RUN]

RUN: as they are at the case's RUN-th command, from 1; without it, at its end. The forms of links
and of files of memory are told in checkpoint_folder.h.
"""

import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../mk"))
import mk  # noqa: E402

PIECE = 0xf000  # most bytes of one


def table(name):
    """The strings of a table of checkpoint_folder.h, in its order."""
    with open(os.path.join(HERE, "checkpoint_folder.h"), encoding="ascii") as source:
        text = re.search(name + r"\[\] = \{(.*?)\};", source.read(), re.S)[1]
    return re.findall(r'"([^"]+)"', text)


def cut(data):
    """Long runs of one byte, and what is between them."""
    at = 0
    for run in re.finditer(rb"(?s)(.)\1{63,}", data):
        if run.start() > at:
            yield data[at:run.start()]
        yield run[0]
        at = run.end()
    if data[at:]:
        yield data[at:]


def pieces(file, size):
    """A file of memory: bytes, patterns and holes."""
    out, at = b"", 0
    while at < size:
        hole = os.lseek(file.fileno(), at, os.SEEK_HOLE)
        if hole > at:
            file.seek(at)
            for data in cut(file.read(hole - at)):
                for i in range(0, len(data), PIECE):
                    part = data[i:i + PIECE]
                    same = len(part) > 63 and part == part[:1] * len(part)
                    out += bytes([same]) + len(part).to_bytes(2, "little")
                    out += part[:1] if same else part
            at = hole
            continue
        try:
            end = os.lseek(file.fileno(), at, os.SEEK_DATA)
        except OSError:
            end = size
        out += b"\2" + min(end - at, PIECE).to_bytes(2, "little")
        at += min(end - at, PIECE)
    return out


def contents(name, path):
    """How the file stands in the input."""
    if os.path.islink(path):
        targets = table("targets")
        target = os.readlink(path)
        return bytes([targets.index(target) if target in targets else len(targets) - 1])
    with open(path, "rb") as file:
        if "pages-" in name or name.startswith("../sr/"):
            return pieces(file, os.path.getsize(path))
        return file.read()


def main():
    """Make the images, pack them."""
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else sys.maxsize
    with tempfile.TemporaryDirectory() as top, open(sys.argv[2], "wb") as out:
        folder = os.path.join(top, "img")
        for words, lines in mk.sections(sys.argv[1]):
            runs -= words[0] in ("run", "gdb")
            if not runs:
                break
            mk.carry_out(words, lines, folder)
        for index, name in enumerate(table("names")):
            path = os.path.join(folder, name)
            if os.path.lexists(path):
                data = contents(name, path)
                out.write(bytes([index]) + len(data).to_bytes(3, "little") + data)


if __name__ == "__main__":
    main()
