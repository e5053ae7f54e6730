# SPDX-License-Identifier: LGPL-2.1-or-later
"""`crit-x`: listings of the whole open checkpoint, as `critcore x` prints them."""

import gdb

from .. import core, output, render, session, words

USAGE = "crit-x ps|fds|mems|rss|sk [PID] [-json] [-args] [-env] [-threads] [-state]"
LISTINGS = ("ps", "fds", "mems", "rss", "sk")
ALIASES = ("fd", "mem")  # of go-criu
PS_FLAGS = ("-args", "-env", "-threads", "-state")
FLAGS = ("-json", *PS_FLAGS)


class CritX(gdb.Command):
    """List what all processes of the open CRIU checkpoint have.
Usage: crit-x ps|fds|mems|rss|sk [PID] [-json] [-args] [-env] [-threads] [-state]

  ps       the process tree; with PID what is below that process
  fds      descriptors, current directory, root
  mems     mappings
  rss      which pages there are, by pagemap
  sk       sockets: addresses, peers, queues, options
Text is what CRIT's `crit x' prints, -json what go-criu's does, with more members.
Options of ps:
  -args, -env    command lines, environments
  -threads       threads
  -state         what they were doing"""

    def __init__(self):
        super().__init__("crit-x", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        options, rest = words.parse(argument, USAGE, FLAGS)
        if not 1 <= len(rest) <= 2 or rest[0] not in LISTINGS + ALIASES or (
                rest[0] != "ps" and any(flag in options for flag in PS_FLAGS)):
            raise gdb.GdbError("Usage: %s" % USAGE)
        found = session.required()
        pid = words.process(found, rest[1]) if len(rest) > 1 else 0
        report = output.Report()
        with core.errors():
            found.checkpoint.explore(rest[0], pid, *(flag in options for flag in PS_FLAGS),
                                     "-json" in options, report, problem)
        report.close()

    def complete(self, text, word):
        before = [each for each in text.split(" ")[:-1] if not each.startswith("-") and each]
        rest = (LISTINGS, words.processes(session.current()), [])[min(len(before), 2)]
        flags = FLAGS if before[:1] in ([], ["ps"]) else FLAGS[:1]
        return words.complete_options(flags, text, word, rest)


def problem(line):
    gdb.write(render.text.printable(line) + "\n", gdb.STDERR)


def register():
    CritX()
