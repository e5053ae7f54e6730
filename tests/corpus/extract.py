# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checkpoints for memory alone, fourth layout: what tests/tools/make-memory-data took from others.

    NAME/about.json             "images": the folder to open; "pages": that of a page server, if
                                any; "criu": its version; "has": what is special about it
    NAME/images/ or NAME/img/   the images; of a chain images/1, images/2, ...
    NAME/expected.stepN         of a chain: see chains.py
    NAME/truth/PID/memory.*     the bytes of a core file; see critcheck/recorded.py

No program and no library is there, so the clean pages of files are missing.
"""

import json
import os

from critcheck import library, pages, recorded, rules, variants

import chains
import truth as memory_truth

BLOCKS = (16384,)  # one of those of chains.py: `make check` has to be quick
NO_FILES = [(r".*", r"file( shared)?", r"/.*", "file missing")]


class Extract:
    """One checkpoint of this layout, as chains.py wants it."""

    def __init__(self, directory, sysroot):
        self.directory, self.name, self.sysroot = directory, os.path.basename(directory), sysroot
        with open(os.path.join(directory, "about.json"), encoding="utf-8") as file:
            about = json.load(file)
        self.images = os.path.join(directory, about["images"])
        self.pages_dir = os.path.join(directory, about["pages"]) if "pages" in about else None
        self.deduplicated = "-dedup" in self.name

    def core(self, pid):
        return recorded.Memory(os.path.join(self.directory, "truth", str(pid)))


def is_extract(directory, files):
    return "about.json" in files and not os.path.isdir(os.path.join(directory, "exe"))


def check_task(context, fixture, task):
    task.load()
    reasons = memory_truth.Reasons(fixture.name, rows=NO_FILES)
    found = pages.compare(task, fixture.core(task.pid), rules.task_bytes(task), reasons.accept,
                          reasons.accept_unmapped)
    context.report.result("%s %d memory" % (fixture.name, task.pid), found.counts(),
                          found.differences, found.excused)


def run(context, directory):
    sysroot = os.path.join(context.scratch, "empty")  # nothing of this machine
    os.makedirs(sysroot, exist_ok=True)
    fixture = Extract(directory, sysroot)
    with library.Checkpoint(context.library, fixture.images, sysroot,
                            pages_dir=fixture.pages_dir) as ckpt:
        for task in ckpt.tasks():
            check_task(context, fixture, task)
    variants.check(context, fixture.name, fixture.images, sysroot, pages_dir=fixture.pages_dir)
    if "-chain" in fixture.name:
        with context.folder() as scratch:
            chains.check(context, fixture, scratch, BLOCKS)
