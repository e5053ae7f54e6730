# SPDX-License-Identifier: LGPL-2.1-or-later
"""`crit-bt`: the stacks of all threads at once, as `critcore bt` prints them."""

import gdb

from .. import core, render, session, words

USAGE = "crit-bt [-all] [-group] [-json] [-limit N] [-past-main] [PID]"
FLAGS = ("-all", "-group", "-json", "-past-main")


class CritBt(gdb.Command):
    """Print the stacks of all threads of a process in a CRIU checkpoint.
Usage: crit-bt [-all] [-group] [-json] [-limit N] [-past-main] [PID]

All threads of PID, a process of the checkpoint, opened or not; without PID those of
the current inferior.  Much faster than `thread apply all bt', and without variables
and arguments.
  -all         of every process of the checkpoint
  -group       threads with the same stack once, together
  -json        one object for each thread, or group
  -limit N     at most N frames of each stack (default: 10000)
  -past-main   also what called main(), as after `set backtrace past-main'"""

    def __init__(self):
        super().__init__("crit-bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        options, rest = words.parse(argument, USAGE, FLAGS, ("-limit",))
        found = session.required()
        pid = process(found, options, rest)
        past_main = "-past-main" in options or bool(gdb.parameter("backtrace past-main"))
        with core.errors():
            found.checkpoint.stacks(pid, limit(options), past_main, "-group" in options,
                                    Printer(options).show)

    def complete(self, text, word):
        return words.complete_options((*FLAGS, "-limit"), text, word,
                                      words.processes(session.current()))


def process(found, options, rest):
    """The pid that is meant; 0 for all."""
    if len(rest) > (0 if "-all" in options else 1):
        raise gdb.GdbError("Usage: %s" % USAGE)
    if not rest:
        return 0 if "-all" in options else found.pid
    return words.process(found, rest[0])


def limit(options):
    try:
        number = int(options.get("-limit", 0))
    except ValueError:
        number = -1
    if number < 0 or ("-limit" in options and number == 0):
        raise gdb.GdbError("-limit takes a number from 1 on.")
    return min(number, (1 << 32) - 1)


class Printer:
    """Prints stacks as they come."""

    def __init__(self, options):
        self.json = "-json" in options
        self.group = "-group" in options
        self.all = "-all" in options
        self.pid = None
        from ..render import stacks  # not at every start of gdb

        self.lines = stacks.lines

    def show(self, stack):
        if self.json:
            import json

            gdb.write(json.dumps(stack) + "\n")
            return
        if self.all and not self.group and stack["pid"] != self.pid:
            self.pid = stack["pid"]
            gdb.write("Process %d:\n\n" % self.pid)
        for line in self.lines(stack):
            gdb.write(line + "\n")


def register():
    CritBt()
