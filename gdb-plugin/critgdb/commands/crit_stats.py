# SPDX-License-Identifier: LGPL-2.1-or-later
"""`crit-stats`: the open checkpoint in numbers, as `critcore stats` prints them."""

import os

import gdb

from .. import core, output, session, words

USAGE = "crit-stats [-duplicates] [-json] [-top N] [-work-dir DIR]"
MAX_TOP = 100000


class CritStats(gdb.Command):
    """Count what is in the open CRIU checkpoint, and show what CRIU counted.
Usage: crit-stats [-duplicates] [-json] [-top N] [-work-dir DIR]

Dump and restore statistics of CRIU, processes, threads, open files by type, sockets
by family and state, memory by where its bytes are, the mappings with most in the
images, the levels of an incremental chain, images by kind.
  -duplicates     pages with the same contents; reads all that are in images
  -json           one JSON object; sizes in bytes
  -top N          so many mappings (default: 10)
  -work-dir DIR   stats-dump and stats-restore are in DIR: the -W of criu"""

    def __init__(self):
        super().__init__("crit-stats", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        options, rest = words.parse(argument, USAGE, ("-duplicates", "-json"),
                                    ("-top", "-work-dir"))
        output.no_more(rest, USAGE)
        found = session.required()
        work_dir = options.get("-work-dir")
        report = output.Report()
        try:
            with core.errors():
                found.checkpoint.stats(report, "-json" in options, top(options),
                                       os.path.expanduser(work_dir) if work_dir else None,
                                       "-duplicates" in options)
        finally:
            report.close()

    def complete(self, text, word):
        folder = text.split(" ")[-2:-1] == ["-work-dir"]
        return words.complete_options(("-duplicates", "-json", "-top", "-work-dir"), text, word,
                                      gdb.COMPLETE_FILENAME if folder else gdb.COMPLETE_NONE)


def top(options):
    """How many mappings; 0 when nothing is said."""
    text = options.get("-top", "0")
    if not text.isdecimal() or int(text) > MAX_TOP or ("-top" in options and int(text) == 0):
        raise gdb.GdbError("-top takes a number from 1 to %d." % MAX_TOP)
    return int(text)


def register():
    CritStats()
