# SPDX-License-Identifier: LGPL-2.1-or-later
"""`info criu`, `info criu mappings`, `info criu address EXPR`: what is open and what is in it."""

import gdb

from .. import core, executable, output, render, session

# An expression of these types stands for the place it is stored in, as it does for `x'. A variable
# without debug information has the last one.
PLACES = (gdb.TYPE_CODE_ARRAY, gdb.TYPE_CODE_FUNC, gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION,
          gdb.TYPE_CODE_ERROR)


class InfoCriu(gdb.Command):
    """Show the checkpoints that are open.
Usage: info criu [-json]

For each: the process, where the checkpoint is, the executable, how much memory
comes from where, and what is missing.  A star marks the current inferior."""

    def __init__(self):
        super().__init__("info criu", gdb.COMMAND_STATUS, prefix=True)

    def invoke(self, argument, from_tty):
        as_json, rest = output.split_json(argument)
        output.no_more(rest, "info criu [-json]")
        current = session.current()
        with core.errors():
            data = [describe(found, found is current) for found in session.all_open()]
        output.show(data, as_json, render.sessions)


def describe(found, is_current):
    checkpoint, pid = found.checkpoint, found.pid
    inferior = next(each for each in gdb.inferiors() if each.num == found.inferior)
    return dict(
        checkpoint.info(), **found.task, **checkpoint.machine(pid),
        inferior=found.inferior, current=is_current, exe=found.exe,
        file=executable.loaded(inferior), file_fits=executable.fits(found.exe, inferior),
        totals=checkpoint.totals(pid), notes=checkpoint.notes(pid))


class InfoCriuMappings(gdb.Command):
    """List the mappings of the process and where their pages come from.
Usage: info criu mappings [-json]

Image counts the pages in the checkpoint, Zero those never written, File those read
from the mapped file on this machine, Unavail those that are nowhere to be had.
With -json the counts are bytes."""

    def __init__(self):
        super().__init__("info criu mappings", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        as_json, rest = output.split_json(argument)
        output.no_more(rest, "info criu mappings [-json]")
        found = session.required()
        checkpoint, pid = found.checkpoint, found.pid
        with core.errors():
            page_size = checkpoint.machine(pid)["page_size"]
            rows = [dict(mapping, totals=checkpoint.totals(pid, mapping["start"], mapping["end"]))
                    for mapping in checkpoint.mappings(pid)]
        output.show(rows, as_json, lambda data: render.mappings(data, page_size))


class InfoCriuAddress(gdb.Command):
    """Say where the byte at an address comes from.
Usage: info criu address [-json] EXPRESSION

Prints the mapping it is in, and the image or file and the offset where the byte is
stored, or why it is not available."""

    def __init__(self):
        super().__init__("info criu address", gdb.COMMAND_STATUS, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        as_json, expression = output.split_json(argument)
        found = session.required()
        if not expression:
            raise gdb.GdbError("Usage: info criu address [-json] EXPRESSION")
        vaddr = evaluate(expression)
        with core.errors():
            origin = found.checkpoint.locate(found.pid, vaddr)
            mapping = None
            if origin["mapping"] is not None:
                mapping = found.checkpoint.mappings(found.pid)[origin["mapping"]]
        output.show(dict(origin, address=vaddr, mapping=mapping), as_json, render.address)


def evaluate(expression):
    """The address that an expression stands for."""
    try:
        value = gdb.parse_and_eval(expression)
        if value.type.strip_typedefs().code in PLACES and value.address is not None:
            value = value.address
        return int(value) & (1 << 64) - 1
    except gdb.error as error:
        raise gdb.GdbError(str(error)) from None


def register():
    InfoCriu()
    InfoCriuMappings()
    InfoCriuAddress()
