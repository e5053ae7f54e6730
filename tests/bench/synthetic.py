# SPDX-License-Identifier: LGPL-2.1-or-later
"""A checkpoint of many page runs, without a process: every second page of one mapping.

The few small images are a description in runs.inc; the pagemap would take protoc minutes.
"""

import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "mk"))
import mk  # noqa: E402

PAGE = 4096
FIRST = 0x10000000  # as in bench_memory.c
PRESENT = 4
FILLER = b"\x5a" * (PAGE - 8)
BATCH = 1000


def varint(value):
    """A number as protobuf writes it."""
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def pagemap_record(number):
    """pagemap_entry of one page; compat_nr_pages is required, and ignored beside nr_pages."""
    record = b"\x08" + varint(FIRST + 2 * number * PAGE) + b"\x10\x00" + \
        b"\x20" + varint(PRESENT) + b"\x28\x01"
    return struct.pack("<I", len(record)) + record


def write_pagemap(path, nr_runs):
    head = b"\x08\x01"  # pagemap_head pages_id: 1
    with open(path, "wb") as file:
        file.write(struct.pack("<III", mk.COMMON, mk.magics()["PAGEMAP"], len(head)) + head)
        for number in range(nr_runs):
            file.write(pagemap_record(number))


def write_pages(path, nr_runs):
    """Each page begins with its number. None is a hole: that would mean something else."""
    with open(path, "wb") as file:
        for first in range(0, nr_runs, BATCH):
            numbers = range(first, min(first + BATCH, nr_runs))
            file.write(b"".join(struct.pack("<Q", number) + FILLER for number in numbers))


def make(folder, nr_runs):
    """Write the checkpoint."""
    os.mkdir(folder)
    for words, lines in mk.sections(os.path.join(HERE, "runs.inc")):
        mk.carry_out(words, lines, folder)
    write_pagemap(os.path.join(folder, "pagemap-5.img"), nr_runs)
    write_pages(os.path.join(folder, "pages-1.img"), nr_runs)
