# SPDX-License-Identifier: LGPL-2.1-or-later
"""`info criu container`: what an engine recorded beside the images of the open checkpoint."""

import gdb

from .. import core, output, render, session

USAGE = "info criu container [-json]"


class InfoCriuContainer(output.Command):
    """Show the container that the checkpoint is of.
Usage: info criu container [-json]

It is what Podman, CRI-O or containerd left beside the images; `crit-ls' lists the
containers of many checkpoints."""

    def __init__(self):
        super().__init__("info criu container", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        as_json, rest = output.split_json(argument)
        output.no_more(rest, USAGE)
        found = session.required()
        report = output.Report()
        try:
            with core.errors():
                found.checkpoint.container(report, problem, as_json)
        finally:
            report.close()


def problem(why):
    gdb.write(render.text.printable(why) + "\n", gdb.STDERR)


def register():
    InfoCriuContainer()
