# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare critcore's decode, show, info, encode and x with the crit that Debian packages.

check() is a part of run.py: it takes the images of the checkpoints that were just dumped, and those
of tests/data/crit.tar.xz, for which it also sees that the records are what this crit says.
"""

import os
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(TESTS, "tools"), os.path.join(TESTS, "crit")]

import compare  # noqa: E402  (tests/crit)
import explore  # noqa: E402
import oracle  # noqa: E402
import texts  # noqa: E402
from critcheck import live  # noqa: E402

SUITE = "sid"  # the one that has crit 4.3
JOBS = 2


def report(context, name, total, images):
    """One line of the report."""
    context.report.result("crit: " + name, {"images": images, "comparisons": total.compared},
                          total.failures, total.excused)


def check_folder(context, crit, critcore, name, folder):
    """All images of one checkpoint."""
    todo = [(image, os.path.join(folder, image.name), False)
            for image in compare.images([folder])]
    report(context, name, compare.compare_all(crit, critcore, todo, JOBS), len(todo))


def check_listings(context, crit, name, folder):
    """`critcore x` of one checkpoint."""
    critcore, total = explore.Critcore(context.options.build), explore.Total()
    total.compare(critcore, folder, name, explore.ask(crit, critcore, folder, context.scratch))
    context.report.result("crit x: " + name, {"listings": total.listings}, total.failures,
                          total.met)


def check_records(context, crit, critcore, folder):
    """The images of tests/data, and whether crit still says what was recorded."""
    recorded = oracle.Recorded(os.path.join(TESTS, "data", "crit.tar.xz"), folder)
    total = compare.Comparison()
    for name in recorded.names():
        path = os.path.join(recorded.images, name)
        with open(path, "rb") as file:
            image = compare.Image(name, file.read())
        total.merge(compare.compare_image(crit, critcore, image, path))
        now, then = crit.about(name, image.for_crit), recorded.about(name, image.data)
        for command in oracle.COMMANDS:
            total.expect(image, f"{command}: crit says something else than is recorded",
                         now[command][:2] == then[command][:2])
    total.merge(texts.compare_texts(crit, critcore))
    report(context, "tests/data", total, len(recorded.names()))


def check(context):
    """What run.py dumped into context.scratch, and the recorded images."""
    root = context.roots.get(SUITE)
    if not root:
        context.report.skip("crit", "needs the suite " + SUITE)
        return
    crit = oracle.Crit(f"{live.TOOL} run {root} python3", JOBS)
    critcore = compare.Critcore(context.options.build)
    try:
        for name in sorted(os.listdir(context.scratch)):
            folder = os.path.join(context.scratch, name, "img")
            if os.path.isdir(folder):
                check_folder(context, crit, critcore, name, folder)
                check_listings(context, crit, name, folder)
        check_records(context, crit, critcore, os.path.join(context.scratch, "crit-data"))
    except oracle.CritError as error:
        context.report.fail("crit", [str(error)])
    finally:
        crit.close()
