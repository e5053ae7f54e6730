# SPDX-License-Identifier: LGPL-2.1-or-later
"""`crit-core`: a core file of the open process, as `critcore core` writes it."""

import os

import gdb

from .. import core, output, render, session, words

USAGE = "crit-core [-full] [-zstd] [FILE]"


class CritCore(gdb.Command):
    """Write a core file of the current process of a CRIU checkpoint.
Usage: crit-core [-full] [-zstd] [FILE]

FILE is core.PID if none is named.  It has all threads with their registers, the
auxiliary vector, the names of mapped files, and memory: what was never written to
reads as zeros, and what is not in the checkpoint cannot be read.  For any debugger,
and much faster than `generate-core-file'.
  -full  also what debuggers find in mapped files: for other machines
  -zstd  compressed, to core.PID.zst"""

    def __init__(self):
        super().__init__("crit-core", gdb.COMMAND_FILES)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        options, rest = words.parse(argument, USAGE, ("-full", "-zstd"))
        found = session.required()
        if len(rest) > 1:
            output.no_more(rest, USAGE)
        path = os.path.expanduser(rest[0]) if rest else "core.%d%s" % (
            found.pid, ".zst" if "-zstd" in options else "")
        missing = {}

        def note(start, end, why):
            missing[why] = missing.get(why, 0) + end - start

        with core.errors():
            facts = found.checkpoint.core(found.pid, path, "-full" in options,
                                          "-zstd" in options, note)
        for line in render.memory.core_file(path, facts):
            gdb.write(line + "\n")
        for line in render.memory.not_in_core(facts, missing):
            gdb.write(line + "\n", gdb.STDERR)

    def complete(self, text, word):
        return words.complete_options(("-full", "-zstd"), text, word, gdb.COMPLETE_FILENAME)


def register():
    CritCore()
