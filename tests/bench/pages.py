#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Time reading pages beside memcpy() and LZ4 alone, and opening very large checkpoints.

    pages.py [--build DIR] [--folder DIR] [--quick]

The checkpoints are made, not dumped; bench_pages.c does the reading. Ends with 1 when a target is
missed.
"""

import argparse
import functools
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

import compress
import harness
import synthetic
from synthetic import mk, varint

HERE = os.path.dirname(os.path.abspath(__file__))
FIRST = 0x10000000  # as in bench_pages.c
PAGE = 4096
MIB = 1 << 20
PARENT, PRESENT = 1, 4


def small_images(folder, mib):
    """All but pagemap and pages: a process whose memory is one mapping."""
    os.mkdir(folder)
    end = "end: 0x%x" % (FIRST + mib * MIB)
    for words, lines in mk.sections(os.path.join(HERE, "runs.inc")):
        mk.carry_out(words, [line.replace("end: 0x50000000", end) for line in lines], folder)


def write_pagemap(folder, entries):
    """entries: (page number, pages, flags)."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "pagemap-5.img"), "wb", 1 << 20) as file:
        file.write(struct.pack("<II", mk.COMMON, mk.magics()["PAGEMAP"]) +
                   compress.record(b"\x08\x01"))
        for page, nr_pages, flags in entries:
            file.write(compress.record(b"\x08" + varint(FIRST + page * PAGE) + b"\x10\x00\x20" +
                                       varint(flags) + b"\x28" + varint(nr_pages)))


@functools.cache
def some_pages():
    """16 MiB that LZ4 shrinks to about a third; it looks back at most 64 KiB."""
    return b"".join(compress.pages("compressible", number, random.Random(number))
                    for number in range(16))


def write_pages(folder, nr_pages):
    some = some_pages()
    with open(os.path.join(folder, "pages-1.img"), "wb") as file:
        left = nr_pages * PAGE
        while left:
            left -= file.write(some[:left])


class Bench:
    def __init__(self, build, folder, quick):
        self.critcore = os.path.join(build, "critcore")
        self.program = harness.compile("bench_pages.c", build, folder)
        self.folder = folder
        self.quick = quick
        self.missed = 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *words):
        done = subprocess.run([self.program, *map(str, words)], check=True,
                              stdout=subprocess.PIPE, text=True)
        return {name: float(value) for name, value in
                (line.split() for line in done.stdout.splitlines())}

    def line(self, what, text, met):
        self.missed += not met
        print("%-52s %s%s" % (what, text, "" if met else "   MISSED"), flush=True)

    def against(self, what, result, base):
        share = result["base"] / result["ours"]
        self.line(what, "%5.2f GB/s, %s %5.2f GB/s: %3.0f %% (target 80)" % (
            result["bytes"] / result["ours"] / 1e9, base,
            result["bytes"] / result["base"] / 1e9, 100 * share), share >= 0.8)

    def sequential(self):
        mib = 64 if self.quick else 1024
        plain = self.path("plain")
        small_images(plain, mib)
        write_pagemap(plain, [(0, mib * 256, PRESENT)])
        write_pages(plain, mib * 256)
        self.against("sequential read, %d MiB plain" % mib, self.run("plain", plain), "memcpy")
        for block in (4096, 65536, 262144):
            packed = self.path("packed")
            shutil.copytree(plain, packed)
            subprocess.run([self.critcore, "compress", "--in-place", "--block", str(block),
                            packed], check=True, stdout=subprocess.DEVNULL)
            self.against("the same in LZ4 blocks of %d KiB" % (block // 1024),
                         self.run("lz4", packed), "LZ4 alone")
            shutil.rmtree(packed)
        shutil.rmtree(plain)

    def random_reads(self):
        """Every level has the runs of its number; the others are in its parent."""
        nr, depth = (20000, 10) if self.quick else (1000000, 10)
        for level in range(depth):
            folder = self.path("chain%d" % level)
            small_images(folder, nr * 2 * PAGE // MIB + 1)
            if level + 1 < depth:
                os.symlink("../chain%d" % (level + 1), os.path.join(folder, "parent"))
            mine = [run for run in range(nr) if run % depth == level]
            write_pages(folder, len(mine))
            write_pagemap(folder, ((2 * run, 1, PRESENT if run % depth == level else PARENT)
                                   for run in range(nr) if run % depth >= level))
        took = self.run("random", self.path("chain0"), nr, 2 * PAGE)["read"]
        self.line("8 bytes anywhere, %d runs, a chain of %d" % (nr, depth),
                  "%.2f us (target 1)" % (took * 1e6), took < 1e-6)
        for level in range(depth):
            shutil.rmtree(self.path("chain%d" % level))

    def opening(self):
        nr = 100000 if self.quick else 10000000
        pages = 26
        folder = self.path("huge")
        small_images(folder, nr * (pages + 1) * PAGE // MIB + 1)
        write_pagemap(folder, ((run * (pages + 1), pages, PRESENT) for run in range(nr)))
        with open(os.path.join(folder, "pages-1.img"), "wb") as file:
            file.truncate(nr * pages * PAGE)
        result = self.run("open", folder)
        self.line("open %.2f TiB, sparse, %d runs" % (nr * pages * PAGE / (1 << 40), nr),
                  "%.2f s (target 2), %.0f MB (target 600), all added up in %.2f s" % (
                      result["open"], result["peak"] / 1e6, result["totals"]),
                  result["open"] < 2 and result["peak"] < 600e6)
        shutil.rmtree(folder)

    def deep_chain(self):
        depth = 1000
        for level in range(depth):
            folder = self.path("deep%d" % level)
            if level:
                os.mkdir(folder)
            else:
                small_images(folder, 64)
            if level + 1 < depth:
                os.symlink("../deep%d" % (level + 1), os.path.join(folder, "parent"))
            write_pagemap(folder, ((page, 1, PRESENT if page % depth == level else PARENT)
                                   for page in range(1000)))
            write_pages(folder, 1)
        result = self.run("open", self.path("deep0"))
        self.line("open a chain of %d" % depth, "%.3f s, %.1f MB" % (
            result["open"] + result["totals"], result["peak"] / 1e6),
            result["image"] == 1000 * PAGE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--folder", help="where there is room for 6 GiB")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="critbench-", dir=args.folder)
    try:
        bench = Bench(os.path.abspath(args.build), folder, args.quick)
        bench.sequential()
        bench.random_reads()
        bench.opening()
        bench.deep_chain()
    finally:
        shutil.rmtree(folder)
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
