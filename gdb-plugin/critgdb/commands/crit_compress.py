# SPDX-License-Identifier: LGPL-2.1-or-later
"""`crit-compress`, `crit-decompress`: a whole checkpoint between plain and LZ4-compressed pages."""

import os
import re

import gdb

from .. import core, render, session, words

LARGEST_BLOCK = 4 << 20


class CompressCommand(gdb.Command):
    """What both share."""

    USAGE = None

    def __init__(self, name):
        super().__init__(name, gdb.COMMAND_FILES, gdb.COMPLETE_FILENAME)

    def folder(self, rest):
        """The directory to work on, which nobody may be looking at."""
        if len(rest) != 1:
            raise gdb.GdbError("Usage: %s" % self.USAGE)
        path = os.path.expanduser(rest[0])
        for found in session.all_open():
            if os.path.realpath(found.path) == os.path.realpath(path):
                raise gdb.GdbError("This checkpoint is open in inferior %d; `disconnect' first."
                                   % found.inferior)
        return path

    def run(self, path, work, done):
        rows = []
        with core.errors() as critcore:
            outcome = work(critcore, rows.append)
        if outcome == "already":
            gdb.write("The checkpoint in %s is already %s.\n" % (path, done))
        elif outcome == "no pagemaps":
            gdb.write("The checkpoint in %s has no pages.\n" % path)
        for line in render.images.compressed(rows):
            gdb.write(line + "\n")


def number(text, name, largest):
    """A number with K or M behind it."""
    found = re.fullmatch(r"(\d+)([KkMm]?)", text)
    value = int(found[1]) * {"": 1, "K": 1 << 10, "M": 1 << 20}[found[2].upper()] if found else 0
    if not 1 <= value <= largest:
        raise gdb.GdbError("%s takes a number from 1 to %d." % (name, largest))
    return value


class CritCompress(CompressCommand):
    """Compress the memory of a checkpoint with LZ4, as CRIU 4.3 reads it.
Usage: crit-compress [--in-place] [--acceleration N] [--block SIZE] DIR

The old images stay, with .bak behind their names, unless --in-place is given.  SIZE
is the memory in a block, from one page (the default) to 4M.  All images are
replaced or none.  A checkpoint that is open has to be closed first."""

    USAGE = "crit-compress [--in-place] [--acceleration N] [--block SIZE] DIR"

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        options, rest = words.parse(argument, self.USAGE, ("--in-place",),
                                    ("--acceleration", "--block"))
        block = number(options["--block"], "--block", LARGEST_BLOCK) if "--block" in options else 0
        speed = number(options.get("--acceleration", "1"), "--acceleration", 65537)
        path = self.folder(rest)
        self.run(path, lambda critcore, report: critcore.compress(
            path, block, speed, "--in-place" in options, report), "compressed")


class CritDecompress(CompressCommand):
    """Undo `crit-compress', or what CRIU 4.3 compressed itself.
Usage: crit-decompress [--in-place] DIR

The old images stay, with .bak behind their names, unless --in-place is given.  All
images are replaced or none.  A checkpoint that is open has to be closed first."""

    USAGE = "crit-decompress [--in-place] DIR"

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        options, rest = words.parse(argument, self.USAGE, ("--in-place",))
        path = self.folder(rest)
        self.run(path, lambda critcore, report: critcore.decompress(
            path, "--in-place" in options, report), "decompressed")


def register():
    CritCompress("crit-compress")
    CritDecompress("crit-decompress")
