# SPDX-License-Identifier: LGPL-2.1-or-later
"""`crit-check`: will the open checkpoint restore? As `critcore check` has it."""

import gdb

from .. import core, output, session, settings, words

USAGE = "crit-check [-files] [-no-cpu] [-json]"
OPTIONS = ("-files", "-json", "-no-cpu")


class CritCheck(gdb.Command):
    """Say what is damaged or missing in the open CRIU checkpoint.
Usage: crit-check [-files] [-no-cpu] [-json]

All images but the pages are read and compared with each other; a line for each
thing that is wrong: error, when `criu restore' fails or brings back something
else; warning, when it may; note.
  -files    look at the mapped and open files of this machine, too; below
            `set sysroot' where that is set
  -no-cpu   do not compare the CPU with this machine's
  -json     one JSON object"""

    def __init__(self):
        super().__init__("crit-check", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        options, rest = words.parse(argument, USAGE, OPTIONS)
        output.no_more(rest, USAGE)
        found = session.required()
        report = output.Report()
        try:
            with core.errors():
                found.checkpoint.check(report, "-json" in options, False, "-files" in options,
                                       "-no-cpu" in options, settings.local_sysroot() or None,
                                       found.pages or None, found.parents)
        finally:
            report.close()

    def complete(self, text, word):
        return words.complete_options(OPTIONS, text, word)


def register():
    CritCheck()
