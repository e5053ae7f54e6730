# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can be done to a checkpoint: each function makes a damage, which is called with Images."""

import fnmatch
import json
import os
import subprocess

TIMEOUT = 20


class Images:
    """A copy of the checkpoint that is being damaged."""

    def __init__(self, critcore, folder):
        self.critcore, self.folder = critcore, folder
        self.tree = self.decode("pstree.img")
        entries = self.tree["entries"]
        self.root, self.thread = entries[0]["pid"], entries[0]["threads"][-1]
        self.child, self.zombie = entries[min(1, len(entries) - 1)]["pid"], entries[-1]["pid"]

    def path(self, name):
        """A name may have {root}, {child}, {zombie}, {thread} in it, and a * for what is unique."""
        name = name.format(**vars(self))
        if "*" in name:
            name = sorted(fnmatch.filter(os.listdir(self.folder), name))[0]
        return os.path.join(self.folder, name)

    def decode(self, name):
        done = subprocess.run([self.critcore, "decode", "-i", os.path.join(
            self.folder, name)], capture_output=True, check=True, timeout=TIMEOUT)
        return json.loads(done.stdout)

    def edit(self, name, change):
        name = os.path.basename(self.path(name))
        image = self.decode(name)
        change(image["entries"])
        subprocess.run([self.critcore, "encode", "-o", self.path(name)], check=True,
                       input=json.dumps(image).encode(), timeout=TIMEOUT)

    def size(self, name):
        return os.path.getsize(self.path(name))


def edit(name, change):
    return lambda images: images.edit(name, change)


def field(name, key, value, entry=0):
    """Set a field, "a.b.c", of a record; None removes it."""
    *outer, last = key.split(".")

    def change(entries):
        inner = entries[entry]
        for part in outer:
            inner = inner[part]
        if value is None:
            del inner[last]
        else:
            inner[last] = value(inner[last]) if callable(value) else value
    return edit(name, change)


def drop(name):
    return lambda images: os.unlink(images.path(name))


def empty(name):
    return lambda images: os.truncate(images.path(name), 0)


def cut(name, most=0.5):
    return lambda images: os.truncate(images.path(name), int(images.size(name) * most))


def cut_by(name, count):
    return lambda images: os.truncate(images.path(name), images.size(name) - count)


def patch(name, offset, data):
    def do(images):
        with open(images.path(name), "r+b") as file:
            file.seek(offset)
            file.write(data)
    return do


def without_head(name):
    """Take the first record out."""
    def do(images):
        with open(images.path(name), "rb") as file:
            data = file.read()
        first = 8 + 4 + int.from_bytes(data[8:12], "little")
        with open(images.path(name), "wb") as file:
            file.write(data[:8] + data[first:])
    return do


def file_of(kind, change):
    """Change the first open file of a type."""
    def do(entries):
        for entry in entries:
            if entry["type"] == kind:
                change(entry)
                return
        raise AssertionError("no open file of type " + kind)
    return edit("files.img", do)


def each(name, change):
    """Change every record of an image."""
    return edit(name, lambda entries: [change(entry) for entry in entries])


def both(*steps):
    return lambda images: [step(images) for step in steps]


def without(kind):
    def do(entries):
        entries[:] = [entry for entry in entries if entry["type"] != kind]
    return edit("files.img", do)


def reg_named(end, change):
    def do(entries):
        for entry in entries:
            if entry["type"] == "REG" and entry["reg"]["name"].endswith(end):
                change(entry["reg"])
                return
        raise AssertionError("no file named " + end)
    return edit("files.img", do)


def vma(change):
    """Change the mappings of the root."""
    return edit("mm-{root}.img", lambda entries: change(entries[0]["vmas"]))


def swap(items):
    items[0], items[1] = items[1], items[0]
