#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Time `critcore core` beside cp of the same bytes to the same disk, in turns.

    core.py [--build DIR] [--folder DIR] [--quick]

A core file is synced before it takes its name, so there are two pairs: to a file, against cp and
sync; to standard output, against cp alone. A third has pages with a page of zeros between them,
each a run of its own. Ends with 1 when a target is missed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

import pages

ROUNDS = 5
TARGET = 0.7  # of the bandwidth of cp
SCATTERED = 0.3  # cp has half the bytes, in one piece


def timed(words, **options):
    start = time.monotonic()
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL, **options)
    return time.monotonic() - start


def to_stdout(words, path):
    with open(path, "wb") as file:
        return timed(words, stdout=file)


def pair(folder, ours, theirs):
    """Best times of both, each with an idle disk before it."""
    best = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for i, run in enumerate((ours, theirs)):
            for name in ("core", "copy"):
                if os.path.exists(os.path.join(folder, name)):
                    os.unlink(os.path.join(folder, name))
            os.sync()
            best[i] = min(best[i], run())
    return best


def report(what, times, base, mib, target=TARGET):
    ours, theirs = times
    met = theirs / ours >= target
    print("%-44s %5.2f GB/s, %s %5.2f GB/s: %3.0f %% (target %.0f)%s" % (
        what, mib * pages.MIB / ours / 1e9, base, mib * pages.MIB / theirs / 1e9,
        100 * theirs / ours, 100 * target, "" if met else "   MISSED"), flush=True)
    return met


def files_pair(folder, words):
    """To a file, against cp of the pages and sync."""
    core, copy = os.path.join(folder, "core"), os.path.join(folder, "copy")
    source = os.path.join(folder, "img/pages-1.img")
    return pair(folder, lambda: timed([*words, core], stdout=subprocess.DEVNULL),
                lambda: timed(["cp", source, copy]) + timed(["sync", copy]))


def run(critcore, folder, mib):
    images, core = os.path.join(folder, "img"), os.path.join(folder, "core")
    copy, source = os.path.join(folder, "copy"), os.path.join(folder, "img/pages-1.img")
    words, nr_runs = [critcore, "core", images, "-o"], mib * 128
    pages.small_images(images, mib)
    pages.write_pagemap(images, [(0, mib * 256, pages.PRESENT)])
    pages.write_pages(images, mib * 256)
    met = [report("core file of %d MiB" % mib, files_pair(folder, words), "cp and sync", mib),
           report("the same to standard output",
                  pair(folder, lambda: to_stdout([*words, "-"], core),
                       lambda: timed(["cp", source, copy])), "cp", mib)]
    pages.write_pagemap(images, ((run * 2, 1, pages.PRESENT) for run in range(nr_runs)))
    pages.write_pages(images, nr_runs)
    met.append(report("%d runs of a page" % nr_runs, files_pair(folder, words), "cp and sync",
                      mib // 2, SCATTERED))
    return all(met)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--folder", default="/var/tmp", help="on the disk to be used")
    parser.add_argument("--quick", action="store_true", help="small, to see whether it works")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="bench-core-", dir=options.folder)
    try:
        return not run(os.path.join(options.build, "critcore"), folder,
                       64 if options.quick else 1024)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
