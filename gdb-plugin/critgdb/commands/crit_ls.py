# SPDX-License-Identifier: LGPL-2.1-or-later
"""`crit-ls`: checkpoints and their containers, as `critcore ls` lists them."""

import os

import gdb

from .. import core, output, render, words

USAGE = "crit-ls [-json] [PATH...]"
USUAL = "/var/lib/kubelet/checkpoints"


class CritLs(gdb.Command):
    """List CRIU checkpoints and what is known of their containers.
Usage: crit-ls [-json] [PATH...]

PATH is an archive of Podman, CRI-O or containerd, a directory of a container, one
with images, or one with any of these in it (default: /var/lib/kubelet/checkpoints).
  -json   a list of objects"""

    def __init__(self):
        super().__init__("crit-ls", gdb.COMMAND_FILES)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        options, paths = words.parse(argument, USAGE, ("-json",))
        report = output.Report()
        try:
            with core.errors() as critcore:
                critcore.list([os.path.expanduser(path) for path in paths or [USUAL]], report,
                              problem, "-json" in options)
        finally:
            report.close()

    def complete(self, text, word):
        return words.complete_options(("-json",), text, word, gdb.COMPLETE_FILENAME)


def problem(why):
    gdb.write(render.text.printable(why) + "\n", gdb.STDERR)


def register():
    CritLs()
