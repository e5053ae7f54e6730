#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Damage images in every length, and see that `critcore decode` says so and loses nothing.

    damage.py [--build DIR] [--jobs N] [--every N] FOLDER...

Each image is cut at every byte (above 8 KiB: at some), each size word in front of a record or a
queued message is set to 0, 1, -1 and 2147483647, and each of the first bytes to 0, 127 and 255. Of
each form:

  * decode ends with 0 or 1, after at most one line of error, which names the file and an offset;
  * it needs at most 64 MiB of memory;
  * what it prints encodes to the very same damaged bytes; it prints nothing only when a magic is
    damaged.

With --every N only each N-th form is tried, spread over all images and kinds of damage.
"""

import argparse
import concurrent.futures
import os
import re
import struct
import subprocess
import sys
import tempfile
from collections import namedtuple

import compare
import framing
import oracle

SMALL = 8 * 1024   # cut at every byte up to here
STEPS = 199        # places to cut in a larger one
BYTES = 600        # so many at the start are set to other values
SIZES = (0, 1, -1, 0x7fffffff)
MEMORY = 64 << 20  # bytes of address space
MESSAGE = re.compile(rb"(\bat |\bbyte )(byte |offset )?(0x[0-9a-f]+|\d+)|unknown magic|is empty")


# What is done to an image: `size` bytes at `off` become `new`; size None: all from there on.
Edit = namedtuple("Edit", "what off size new")


def edited(data, edit):
    rest = b"" if edit.size is None else data[edit.off + edit.size:]
    return data[:edit.off] + edit.new + rest


def cuts(image):
    """The image cut short."""
    size = len(image.data)
    places = range(size) if size <= SMALL else \
        sorted(set(range(0, size, size // STEPS + 1)) | set(range(64)) | {size - 1, size - 2})
    for place in places:
        yield Edit(f"cut at byte {place}", place, None, b"")


def size_words(image):
    """Offsets of all sizes: before records and before messages of a queue."""
    for record in image.records:
        yield record.off
        if image.head.kind == "IPCNS_MSG" and record.whole:
            pos = record.off + 4 + record.size
            for _ in range(framing.number_of(record.fields, 3)):
                yield pos
                pos += framing.message_queue(image.data, pos, 1, image.head.order)


def lengths(image):
    """Sizes that are wrong."""
    for off in size_words(image):
        for size in SIZES:
            word = struct.pack(image.head.order + "i", size)
            if image.data[off:off + 4] != word:
                yield Edit(f"size at byte {off} is {size}", off, 4, word)


def bytes_set(image):
    """Single bytes that are wrong: numbers, keys, lengths inside messages, padding, magics."""
    for place in range(min(len(image.data), BYTES)):
        for byte in (b"\0", b"\x7f", b"\xff"):
            if image.data[place:place + 1] != byte:
                yield Edit(f"byte {place} is {byte[0]}", place, 1, byte)


def forms(image):
    yield from cuts(image)
    yield from lengths(image)
    yield from bytes_set(image)


class Limited(compare.Critcore):
    """Our command with little memory. A sanitizer needs terabytes of address space, so with one
    there is no limit."""

    def __init__(self, build):
        super().__init__(build)
        with open(self.program, "rb") as file:
            sanitized = b"__asan_init" in file.read()
        self._limit = [] if sanitized else \
            ["sh", "-c", f'ulimit -v {MEMORY // 1024}; exec "$0" "$@"']

    def run(self, args, data=b""):
        done = subprocess.run([*self._limit, self.program, *args], input=data,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=compare.TIMEOUT, check=False, close_fds=False)
        return oracle.Answer(done.returncode, done.stdout, done.stderr)


def complaint_of(critcore, data, path):
    """What is wrong with how critcore takes these bytes, or None."""
    with open(path, "wb") as file:
        file.write(data)
    answer = critcore.run(["decode", "-i", path])
    name = os.path.basename(path).encode()
    errors = answer.stderr.strip().split(b"\n") if answer.stderr.strip() else []
    notes = [line for line in errors if b"kept in" in line]
    errors = [line for line in errors if line not in notes]
    if answer.status not in (0, 1) or len(errors) > 1:
        return f"status {answer.status}, {answer.stderr[-300:]!r}"
    if answer.status and (not errors or name not in errors[0] or not MESSAGE.search(errors[0])):
        return f"no file and offset in {errors!r}"
    if not answer.stdout:
        return "nothing is printed" if framing.header(data).kind else None
    back = critcore.run(["encode"], answer.stdout)
    if back.status or back.stdout != data:
        return f"decode | encode: status {back.status} {back.stderr[-200:]!r} " + \
            compare.where(data, back.stdout)
    return None


def try_one(critcore, image, edit, folder):
    path = tempfile.mktemp(prefix="damaged-", suffix=".img", dir=folder)
    try:
        complaint = complaint_of(critcore, edited(image.data, edit), path)
    finally:
        os.unlink(path)
    return complaint and f"{image.name}: {edit.what}: {complaint}"


def try_all(critcore, todo, folder, jobs):
    """A Comparison of (Image, Edit)."""
    result = compare.Comparison()
    with concurrent.futures.ThreadPoolExecutor(max_workers=jobs) as pool:
        for complaint in pool.map(lambda item: try_one(critcore, *item, folder), todo):
            result.compared += 1
            if complaint:
                result.failures.append(complaint)
    return result


def sample(critcore, images, number, folder, jobs):
    """`number` forms, the same ones each time: of each image one or two, of all kinds in turn."""
    limited = Limited(os.path.dirname(critcore.program))
    images = [image for image in images if image.head.kind]
    kinds = (cuts, lengths, bytes_set)
    todo = []
    for turn in range(number):
        image = images[turn % len(images)]
        choices = list(kinds[(turn + turn // len(images)) % len(kinds)](image)) or \
            list(cuts(image))
        todo.append((image, choices[turn * 104729 % len(choices)]))
    return try_all(limited, todo, folder, jobs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    options = parser.parse_args()
    critcore = Limited(options.build)
    number, todo = 0, []
    with tempfile.TemporaryDirectory(prefix="critcore-") as folder:
        for image in compare.images(options.folders):
            if image.head.kind:
                for edit in forms(image):
                    number += 1
                    if number % options.every == 0:
                        todo.append((image, edit))
        result = try_all(critcore, todo, folder, options.jobs)
    for line in result.failures:
        print("FAILED  " + line)
    print(f"{result.compared} damaged images, {len(result.failures)} failures")
    return 1 if result.failures or not todo else 0


if __name__ == "__main__":
    sys.exit(main())
