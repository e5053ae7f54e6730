# SPDX-License-Identifier: LGPL-2.1-or-later
"""A checkpoint in another form reads as the same bytes, at every address.

check() compresses a copy, with blocks of several sizes, and compares it with the original; same()
compares any two checkpoints of the same process, for those that another program compressed.
"""

import os
import subprocess

from . import library

BLOCKS = (4096, 16384, 262144)
CHUNK = 1 << 20


class Found:
    """What a comparison of two forms counted."""

    def __init__(self):
        self.counts = {"bytes": 0, "in blocks": 0, "ranges": 0}
        self.differences = []


def parts(task, other):
    """[(start, end, origin, other's origin)]: the ranges in which neither origin changes."""
    out, theirs = [], other.origins()
    at = 0
    for origin in task.origins():
        start = origin.start
        while start < origin.end:
            while at < len(theirs) and theirs[at].end <= start:
                at += 1
            if at == len(theirs) or theirs[at].start > start:
                out.append((start, origin.end, origin, None))
                break
            end = min(origin.end, theirs[at].end)
            out.append((start, end, origin, theirs[at]))
            start = end
    return out


def same_task(task, other, found):
    for start, end, mine, theirs in parts(task, other):
        found.counts["ranges"] += 1
        missing = mine.kind == "unavailable"
        if theirs is None or missing != (theirs.kind == "unavailable") or \
                (missing and mine.reason != theirs.reason):
            found.differences.append("%#x-%#x: %s %s, in the other form %s" % (
                start, end, mine.kind, mine.why or "",
                "not mapped" if theirs is None else "%s %s" % (theirs.kind, theirs.why or "")))
            continue
        for low in range(start, end if not missing else start, CHUNK):
            length = min(CHUNK, end - low)
            if task.read(low, length) != other.read(low, length):
                found.differences.append("%#x, %d bytes differ" % (low, length))
            found.counts["bytes"] += length
            found.counts["in blocks"] += length if theirs.block_len else 0


def same(context, images, other, sysroot=None, exe=None, pages_dirs=(None, None)):
    """Compare all processes of two checkpoints; @other is the compressed one."""
    found = Found()
    with library.Checkpoint(context.library, images, sysroot, exe, pages_dirs[0]) as one, \
            library.Checkpoint(context.library, other, sysroot, exe, pages_dirs[1]) as two:
        for task, twin in zip(one.tasks(), two.tasks(), strict=True):
            if task.state != "zombie":
                task.load()
                twin.load()
                same_task(task, twin, found)
    return found


def has_pages(directory):
    return any(name.startswith("pagemap-") for name in os.listdir(directory))


def _compressed(context, scratch, block, images, pages_dir):
    """A compressed copy of the folder that has the pages; LibraryError when that fails."""
    stored, copy = pages_dir or images, os.path.join(scratch, "copy")
    subprocess.run(["cp", "-a", "--sparse=auto", stored, copy], check=True)
    link = os.path.join(copy, "parent")
    if os.path.islink(link):
        os.unlink(link)
        os.symlink(os.path.realpath(os.path.join(stored, "parent")), link)
    if pages_dir:
        subprocess.run(["cp", os.path.join(images, "inventory.img"), copy], check=True)
    done = subprocess.run([context.critcore, "compress", "--in-place", "--block", str(block), copy],
                          capture_output=True, text=True)
    if done.returncode:
        raise library.LibraryError(done.stderr.strip())
    return copy


def check(context, name, images, sysroot=None, exe=None, pages_dir=None, page=BLOCKS[0]):
    """Compress copies with several block sizes; with a second folder, what is in that. No block is
    less than a page."""
    total = Found()
    for block in dict.fromkeys(max(block, page) for block in BLOCKS):
        with context.folder() as scratch:
            copy = _compressed(context, scratch, block, images, pages_dir)
            found = same(context, images, images if pages_dir else copy, sysroot, exe,
                         (pages_dir, copy if pages_dir else None))
        for key, number in found.counts.items():
            total.counts[key] += number
        total.differences += ["%d bytes a block: %s" % (block, text)
                              for text in found.differences]
    if page > BLOCKS[1]:
        del total.counts["in blocks"]  # runs with holes stay raw; of such pages each has some
    context.report.result(name + " compressed", total.counts, total.differences, {})
