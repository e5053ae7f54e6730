#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measure `critcore x` against crit's on a made-up checkpoint of many processes and descriptors.

    tests/bench/explore.py [--build DIR] [--inside COMMAND] [--go-crit PROGRAM] [--dir DIR]
                           [--quick]

Options as of images.py, whose tools and ways of measuring are used. crit looks for each file from
the first one on, which takes it hours for 100,000: it is compared on a small part. Without a crit
only the time of the whole is measured.
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile

import images
import synthetic
from synthetic import mk, varint

FDS = 100  # of each process
MAPPINGS = 60
RUNS = 30
MOST_SECONDS = 1.0
RATIO = 50
LISTINGS = ("ps", "fds", "mems", "rss", "sk")
REG, PIPE, INETSK, UNIXSK = 1, 2, 4, 5  # fd_types
HERE = synthetic.HERE


# ---- messages ----------------------------------------------------------------------------------

def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(*fields):
    """Of (number, value) pairs."""
    return b"".join(field(*each) for each in fields)


OWNER = message((1, 0), (2, 0), (3, 0), (4, 0), (5, 0))  # fown_entry
OPTIONS = message(*((number, 0) for number in range(1, 7)), (7, 1), (19, 1))  # sk_opts_entry


def open_file(number):
    """file_entry: of four kinds in turn."""
    kind = (REG, PIPE, UNIXSK, INETSK)[number % 4]
    if kind == REG:
        body = (3, message((1, number), (2, 0), (3, 0), (5, OWNER),
                           (6, b"/srv/data/shard-%d/segment-%d.db" % (number % 97, number))))
    elif kind == PIPE:
        body = (18, message((1, number), (2, number + 7), (3, 1), (4, OWNER)))
    elif kind == UNIXSK:
        body = (16, message((1, number), (2, number), (3, 1), (4, 1), (5, 2), (6, 0), (7, 0),
                            (8, (number ^ 4) if number ^ 4 else 0), (9, OWNER), (10, OPTIONS),
                            (11, b"")))
    else:
        body = (4, message((1, number), (2, number), (3, 2), (4, 1), (5, 6), (6, 10), (7, 80),
                           (8, 0), (9, 2), (10, 128), (11, 0x0100007f), (12, 0), (13, OWNER),
                           (14, OPTIONS)))
    return message((1, kind), (2, number), body)


def fdinfo(process):
    for fd in range(FDS):
        number = process * FDS + fd + 1
        yield message((1, number), (2, 0), (3, (REG, PIPE, UNIXSK, INETSK)[number % 4]), (4, fd))


def mappings(process):
    """mm_entry: every third one of a file."""
    vmas = []
    for each in range(MAPPINGS):
        start = 0x10000000 + each * 0x100000
        status, shmid = (0x41, process * FDS + 4) if each % 3 == 0 else (0x201, 0)
        vmas.append((14, message((1, start), (2, start + 0x80000), (3, 0), (4, shmid), (5, 3),
                                 (6, 2 if shmid else 0x22), (7, status), (8, 2**64 - 1))))
    return message(*((number, 0) for number in range(1, 12)), (12, process * FDS + 4),
                   (13, 6), (13, 4096), *vmas)


def pagemap():
    yield message((1, 1))
    for run in range(RUNS):
        yield message((1, 0x10000000 + run * 0x200000), (2, 0), (4, 4), (5, 3))


def image(path, kind, records):
    with open(path, "wb") as file:
        file.write(struct.pack("<II", mk.COMMON, mk.magics()[kind]))
        file.write(b"".join(struct.pack("<I", len(each)) + each for each in records))


def make(folder, nr_processes):
    """A checkpoint of a root and its children."""
    os.mkdir(folder)
    for words, lines in mk.sections(os.path.join(HERE, "runs.inc")):
        mk.carry_out(words, lines, folder)
    first = 5  # as in runs.inc
    for process in range(nr_processes):
        pid, path = first + process, os.path.join(folder, "%s-%d.img")
        if process:
            shutil.copy(path % ("core", first), path % ("core", pid))
        image(path % ("ids", pid), "IDS", [message((1, pid), (2, pid), (3, pid), (4, pid))])
        image(path % ("fdinfo", pid), "FDINFO", fdinfo(process))
        image(path % ("fs", pid), "FS", [message((1, 4), (2, 4))])
        image(path % ("mm", pid), "MM", [mappings(process)])
        image(path % ("pagemap", pid), "PAGEMAP", pagemap())
    image(os.path.join(folder, "pstree.img"), "PSTREE", [
        message((1, first + each), (2, first if each else 0), (3, first), (4, first),
                (5, first + each)) for each in range(nr_processes)])
    image(os.path.join(folder, "files.img"), "FILES",
          (open_file(number) for number in range(1, nr_processes * FDS + 1)))


# ---- measuring ---------------------------------------------------------------------------------

def whole(bench, number, rounds):
    folder = os.path.join(bench.folder, "whole")
    make(folder, number)
    for what in LISTINGS:
        for args in ([], ["--json"]):
            title = " ".join([f"{number} processes, {number * FDS} descriptors: x", what, *args])
            got = bench.time({"critcore": ["x", folder, what, *args]}, rounds)["critcore"]
            if got["status"]:
                raise SystemExit(f"{title}: status {got['status']}")
            met = got["wall"] < MOST_SECONDS
            bench.nr_targets += 1
            bench.missed += [] if met else [title]
            print(f"{title:<60} {got['wall']:.3f} s {got['peak'] / images.MIB:6.1f} MiB  "
                  f"< {MOST_SECONDS:.0f} s {'met' if met else 'MISSED'}", flush=True)
    shutil.rmtree(folder)


def beside_crit(bench, number, rounds):
    folder = os.path.join(bench.folder, "part")
    make(folder, number)
    for what in LISTINGS[:4]:
        bench.show(f"{number} processes, {number * FDS} descriptors: x {what}",
                   bench.all_tools(["x", folder, what], rounds), {"crit": RATIO})
    shutil.rmtree(folder)


def has_crit(args):
    done = subprocess.run(args.inside + ["sh", "-c", "command -v crit"],
                          stdout=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def main():
    args = images.arguments()
    with tempfile.TemporaryDirectory(prefix="critcore-bench-", dir=args.dir) as folder:
        bench = images.Bench(args, os.path.realpath(folder))
        whole(bench, 200 if args.quick else 1000, 5)
        if has_crit(args):
            beside_crit(bench, 20 if args.quick else 50, 3)
        else:
            print("There is no crit to compare with (--inside COMMAND for one in another root).")
    met = bench.nr_targets - len(bench.missed)
    print(f"\n{met} of {bench.nr_targets} targets met" +
          ("; missed: " + "; ".join(bench.missed) if bench.missed else ""))
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
