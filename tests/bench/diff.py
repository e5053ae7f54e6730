#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Time `critcore diff` beside `cmp` of the same pages, and count what it reads of a chain.

    diff.py [--build DIR] [--folder DIR] [--quick]

The checkpoints are made, not dumped: plain pages, of which every hundredth changed. Ends with 1
when a target is missed.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

import pages
from pages import MIB, PAGE, PARENT, PRESENT

RUNS = 3


def seconds(command, status):
    """The least of some runs."""
    took = []
    for _ in range(RUNS):
        start = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        took.append(time.monotonic() - start)
        if done.returncode != status:
            sys.exit("%s ended with %d" % (" ".join(command), done.returncode))
    return min(took)


def change(path, nr_pages, every):
    """Some byte of every so many pages, anywhere in the page."""
    rand = random.Random(7)
    with open(path, "r+b") as file:
        for page in range(rand.randrange(every), nr_pages, every):
            file.seek(page * PAGE + rand.randrange(PAGE))
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 0x55]))


class Bench:
    def __init__(self, build, folder, quick):
        self.critcore = os.path.join(build, "critcore")
        self.folder = folder
        self.mib = 128 if quick else 4096
        self.missed = 0

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def line(self, what, text, met):
        self.missed += not met
        print("%-44s %s%s" % (what, text, "" if met else "   MISSED"), flush=True)

    def plain(self):
        nr_pages = self.mib * MIB // PAGE
        for name in ("old", "new"):
            pages.small_images(self.path(name), self.mib)
            pages.write_pagemap(self.path(name), [(0, nr_pages, PRESENT)])
        pages.write_pages(self.path("old"), nr_pages)
        shutil.copyfile(self.path("old", "pages-1.img"), self.path("new", "pages-1.img"))
        images = [self.path(name, "pages-1.img") for name in ("old", "new")]
        cmp = seconds(["cmp", *images], 0)
        change(images[1], nr_pages, 100)
        ours = seconds([self.critcore, "diff", "--ranges", self.path("old"), self.path("new")], 1)
        self.line("two of %d MiB, 1 %% of the pages changed" % self.mib,
                  "%5.2f GB/s, cmp %5.2f GB/s: %3.0f %% (target 50)" % (
                      2 * self.mib * MIB / ours / 1e9, 2 * self.mib * MIB / cmp / 1e9,
                      100 * cmp / ours), cmp / ours >= 0.5)

    def chain(self):
        """The new one has every thousandth page, the rest is its parent's. With more of them the
        library would map the images, and what it reads could not be counted."""
        nr_pages, every = self.mib * MIB // PAGE, 1000
        shutil.rmtree(self.path("new"))
        pages.small_images(self.path("new"), self.mib)
        os.symlink("../old", self.path("new", "parent"))
        entries = []
        for page in range(0, nr_pages, every):
            entries += [(page, 1, PRESENT),
                        (page + 1, min(every - 1, nr_pages - page - 1), PARENT)]
        pages.write_pagemap(self.path("new"), [each for each in entries if each[1]])
        mine = len(range(0, nr_pages, every))
        with open(self.path("new", "pages-1.img"), "wb") as file:
            for page in range(mine):
                file.write(page.to_bytes(8, "little") * (PAGE // 8))
        command = [self.critcore, "diff", self.path("old"), self.path("new")]
        took = seconds(command, 1)
        read = self.bytes_read(command)
        self.line("a chain, 0.1 % of the pages changed",
                  "%.3f s, %d KiB of pages read, %d KiB changed" % (
            took, read // 1024, 2 * mine * PAGE // 1024), read <= 2.1 * mine * PAGE)

    def bytes_read(self, command):
        """What it reads of pages images, by mapping or by system calls."""
        trace = self.path("trace")
        subprocess.run(["strace", "-f", "-y", "-e", "trace=pread64,read,mmap", "-o", trace,
                        *command], stdout=subprocess.DEVNULL, check=False)
        total = 0
        with open(trace, encoding="utf-8", errors="replace") as file:
            for text in file:
                if "pages-1.img" not in text:
                    continue
                mapped = re.search(r"mmap\(\w+, (\d+)", text)
                total += int(mapped[1] if mapped else text.rsplit("= ", 1)[1])
        return total


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--folder", help="where there is room for 10 GiB")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="critcore-bench-", dir=args.folder) as folder:
        bench = Bench(os.path.abspath(args.build), folder, args.quick)
        bench.plain()
        bench.chain()
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
