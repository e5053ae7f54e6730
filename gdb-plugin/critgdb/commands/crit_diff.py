# SPDX-License-Identifier: LGPL-2.1-or-later
"""`crit-diff`: what differs between the open checkpoint and another one, as `critcore diff` prints
it, and by the names and values of variables."""

import json
import os

import gdb

from .. import core, output, render, session, words

USAGE = "crit-diff [-newer] [-bytes] [-json] [-variables] OTHER [PID]"
FLAGS = ("-bytes", "-json", "-newer", "-variables")


class CritDiff(gdb.Command):
    """Compare the open CRIU checkpoint with another one.
Usage: crit-diff [-newer] [-bytes] [-json] [-variables] OTHER [PID]

OTHER is the folder of a checkpoint, or of a pre-dump, and the older one: what is shown
is OTHER's first, then what is here.  Of the open process, or PID: registers, files,
mappings, memory; then globals, static variables, thread-local ones of the selected
thread, and locals of the selected frame that differ, with their old and their new
values.  Locals are compared when the other one's thread is in the same frame, with
the same callers.
  -newer       OTHER is the newer one
  -bytes       also the bytes that changed
  -variables   nothing but variables
  -json        one object for each difference, variables last"""

    def __init__(self):
        super().__init__("crit-diff", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        options, rest = words.parse(argument, USAGE, FLAGS)
        if not 1 <= len(rest) <= 2:
            raise gdb.GdbError("Usage: %s" % USAGE)
        found = session.required()
        with core.errors() as critcore:
            other, bare = open_other(critcore, found, rest[0])
            try:
                compare(critcore, found, other, bare, process(found, rest), options)
            finally:
                other.close()

    def complete(self, text, word):
        before = [each for each in text.split(" ")[:-1] if not each.startswith("-") and each]
        rest = (gdb.COMPLETE_FILENAME, words.processes(session.current()), [])[min(len(before), 2)]
        return words.complete_options(FLAGS, text, word, rest)


def process(found, rest):
    """The pid that is meant."""
    if len(rest) == 1:
        return found.pid
    if not rest[1].isdecimal() or not 0 < int(rest[1]) < 1 << 32:
        raise gdb.GdbError("`%s' is not a process id." % render.text.printable(rest[1]))
    return int(rest[1])


def open_other(critcore, found, directory):
    """A pre-dump, or a checkpoint with what the user said of files; and which it is."""
    path = os.path.abspath(os.path.expanduser(directory))
    try:
        return critcore.open_pre_dump(path), True
    except critcore.Error:
        pass
    other = session.open_checkpoint(critcore, path, "")
    for file in found.files:
        other.offer_file(file)
    return other, False


def compare(critcore, found, other, bare, pid, options):
    newer = "-newer" in options
    if "-variables" in options and pid != found.pid:
        raise gdb.GdbError("Variables are those of the open process, %d." % found.pid)
    if "-variables" not in options:
        report = output.Report()
        try:
            found.checkpoint.diff(other, report, "-json" in options, pid, newer,
                                  "-bytes" in options)
        finally:
            report.close()
    if pid != found.pid:
        return
    from .. import variables  # not at every start of gdb

    changes = variables.changed(critcore, found, other, bare, newer)
    if "-json" in options:
        for change in changes:
            row = {"pid": pid, "what": "variable", **change._asdict()}
            gdb.write(json.dumps({key: each for key, each in row.items() if each is not None})
                      + "\n")
        return
    for line in render.variables.lines(changes):
        gdb.write(line + "\n")
    if not changes and "-variables" in options:
        gdb.write("No variable is known to have changed.\n")


def register():
    CritDiff()
