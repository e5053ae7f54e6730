#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Time `critcore compress` and `decompress` beside crit's and LZ4 alone, in the same run.

    compress.py [--build DIR] [--crit COMMAND] [--folder DIR] [--mib N] [--block SIZE]

Two checkpoints of N MiB (1024): pages that LZ4 cannot shrink, and pages that it shrinks to about a
third. LZ4 alone is liblz4 on all cores over the same blocks in memory (bench_lz4.c); what it or the
disk needs, whichever is more, is what nobody can be faster than.
"""

import argparse
import os
import random
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import synthetic
from synthetic import varint

HERE = os.path.dirname(os.path.abspath(__file__))
MIB = 1 << 20
ROUNDS = 3
INVENTORY = 0x58313116


def record(message):
    return struct.pack("<I", len(message)) + message


def write_images(folder, nr_pages):
    """inventory.img and a pagemap of one run."""
    with open(os.path.join(folder, "inventory.img"), "wb") as file:
        file.write(struct.pack("<I", INVENTORY) + record(b"\x08\x02\x10\x01"))
    entry = b"\x08" + varint(0x10000000) + b"\x10\x00\x20\x06\x28" + varint(nr_pages)
    with open(os.path.join(folder, "pagemap-5.img"), "wb") as file:
        file.write(struct.pack("<II", synthetic.mk.COMMON, synthetic.mk.magics()["PAGEMAP"]) +
                   record(b"\x08\x01") + record(entry))


def pages(kind, number, rng):
    """One MiB of pages, every one different."""
    if kind == "incompressible":
        return rng.randbytes(MIB)
    words = [rng.randbytes(12) for _ in range(64)]
    return b"".join(rng.choice(words) + struct.pack("<Q", number * MIB + i) +
                    b"\0" * 12 for i in range(MIB // 32))


def make(folder, kind, mib):
    """A plain checkpoint; 16 different MiB again and again, as LZ4 looks back at most 64 KiB."""
    os.mkdir(folder)
    rng = random.Random(1)
    some = [pages(kind, number, rng) for number in range(16)]
    write_images(folder, mib * MIB // synthetic.PAGE)
    with open(os.path.join(folder, "pages-1.img"), "wb") as file:
        for number in range(mib):
            file.write(some[number % len(some)])


def timed(command, folder, verb, options=()):
    """Seconds of the best of some rounds, each on a fresh copy beside the folder."""
    best = float("inf")
    for _ in range(ROUNDS):
        copy = folder + ".copy"
        shutil.copytree(folder, copy)
        os.sync()
        start = time.monotonic()
        subprocess.run([*command, verb, "--in-place", *options, copy], check=True,
                       stdout=subprocess.DEVNULL)
        best = min(best, time.monotonic() - start)
        shutil.rmtree(copy)
    return best


def build_lz4(folder, compiler):
    path = os.path.join(folder, "bench_lz4")
    subprocess.run([compiler, "-O2", os.path.join(HERE, "bench_lz4.c"), "-o", path, "-llz4",
                    "-pthread"], check=True)
    return path


def lz4_alone(program, folder, block):
    """{name: seconds}"""
    done = subprocess.run([program, os.path.join(folder, "pages-1.img"),
                           os.path.join(os.path.dirname(folder), "written"), str(block)],
                          check=True, stdout=subprocess.PIPE, text=True)
    return {name: float(value) for name, value in
            (line.split() for line in done.stdout.splitlines())}


def measure(critcore, crit, folder, mib=1024, block=4096, compiler="cc"):
    """Rows (what, ours, crit's or None, the limit), in seconds. @crit: a command, or None."""
    program = build_lz4(folder, compiler)
    rows = []
    for kind in ("incompressible", "compressible"):
        plain, packed = os.path.join(folder, kind), os.path.join(folder, kind + ".lz4")
        make(plain, kind, mib)
        alone = lz4_alone(program, plain, block)
        shutil.copytree(plain, packed)
        subprocess.run([critcore, "compress", "--in-place", "--block", str(block), packed],
                       check=True, stdout=subprocess.DEVNULL)
        written = os.path.getsize(os.path.join(packed, "pages-1.img")) / (mib * MIB)
        for verb, start, disk in (("compress", plain, alone["disk"] * written),
                                  ("decompress", packed, alone["disk"])):
            options = ("--block", str(block)) if verb == "compress" else ()
            ours = timed([critcore], start, verb, options)
            theirs = timed(crit, start, verb) if crit and block == 4096 else None
            rows.append(("%s %d MiB, %s" % (verb, mib, kind), ours, theirs,
                         max(alone[verb], disk)))
        shutil.rmtree(plain)
        shutil.rmtree(packed)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--crit", help="a command")
    parser.add_argument("--folder", help="where there is room for four times N MiB")
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--block", type=int, default=4096)
    args = parser.parse_args()
    crit = shlex.split(args.crit) if args.crit else None
    if crit and subprocess.run([*crit, "--version"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, check=False).returncode:
        print("No crit to compare with (--crit COMMAND).")
        crit = None
    folder = tempfile.mkdtemp(prefix="critbench-", dir=args.folder)
    try:
        rows = measure(os.path.join(args.build, "critcore"),
                       crit, folder, args.mib, args.block)
    finally:
        shutil.rmtree(folder)
    for what, ours, theirs, limit in rows:
        line = "%-38s %6.2f s  limit %6.2f s (%3.0f %% of it)" % (what, ours, limit,
                                                                  100 * limit / ours)
        print(line + ("" if theirs is None else "  crit %6.2f s (%.1f times)" %
                      (theirs, theirs / ours)))


if __name__ == "__main__":
    sys.exit(main())
