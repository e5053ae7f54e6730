# SPDX-License-Identifier: LGPL-2.1-or-later
"""`info criu`, `info criu processes`, `mappings`, `pages`, `files`, `address EXPR`: what is open
and what is in it."""

import gdb

from .. import core, executable, output, ranges, render, session, tree


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
        session.look_around()
        current = session.current()
        with core.errors():
            data = [describe(found, found is current) for found in session.all_open()]
        output.show(data, as_json, render.sessions.sessions)


def describe(found, is_current):
    checkpoint, pid = found.checkpoint, found.pid
    inferior = next(each for each in gdb.inferiors() if each.num == found.inferior)
    return dict(
        checkpoint.info(), **found.task, **checkpoint.machine(pid),
        inferior=found.inferior, current=is_current, exe=found.exe,
        file=executable.loaded(inferior), file_fits=executable.fits(found.exe, inferior),
        totals=checkpoint.totals(pid), notes=checkpoint.notes(pid), levels=checkpoint.levels())


class InfoCriuProcesses(output.Command):
    """List all processes of the checkpoint, as a tree.
Usage: info criu processes [-json]

Num is the inferior that shows a process, `-' when none does; `target criu DIR PID'
opens one in the current inferior, `target criu DIR -all' all.  A zombie has ended: it
has an exit status, and no memory or registers."""

    def __init__(self):
        super().__init__("info criu processes", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        as_json, rest = output.split_json(argument)
        output.no_more(rest, "info criu processes [-json]")
        found = session.required()
        shown = {each.pid: each for each in session.all_open() if each.path == found.path}
        with core.errors():
            rows = [tree.row(task) for task in found.checkpoint.tasks()]
        for row in rows:
            if row["pid"] in shown:
                row.update(inferior=shown[row["pid"]].inferior, current=row["pid"] == found.pid)
        output.show(rows, as_json, render.processes.tree)


class InfoCriuMappings(output.Command):
    """List the mappings of the process and where their pages come from.
Usage: info criu mappings [-json]

Image counts the pages in the checkpoint, Zero those never written, File those read
from the mapped file on this machine, Unavail those that are nowhere to be had.
Parent, if there are any, counts those of Image that are in parent checkpoints, Lazy
those of Unavail that were left with the page server.  With -json the counts are
bytes."""

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
        output.show(rows, as_json, lambda data: render.memory.mappings(data, page_size))


class InfoCriuPages(output.Command):
    """List where the memory of the process comes from.
Usage: info criu pages [-json] [RANGE]

One line for each range that comes from one place: an image of the checkpoint
(Level 0) or of one of its parents, a mapped file on this machine, zeros that were
never written, or nowhere, and why.  RANGE is as for `crit-dump'."""

    REST = gdb.COMPLETE_EXPRESSION

    def __init__(self):
        super().__init__("info criu pages", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        as_json, what = output.split_json(argument)
        found = session.required()
        with core.errors():
            start, end = ranges.parse(found, what) if what else (0, render.memory.TOP - 1)
            page_size = found.checkpoint.machine(found.pid)["page_size"]
            rows = list(origins(found, start, end))
        output.show(rows, as_json, lambda data: render.memory.pages(data, page_size))


def origins(found, start, end):
    """What is mapped in [start, end), as Checkpoint.locate() tells it, with mappings."""
    mappings = found.checkpoint.mappings(found.pid)
    for mapping in mappings:
        vaddr, stop = max(start, mapping["start"]), min(end, mapping["end"])
        while vaddr < stop:
            origin = found.checkpoint.locate(found.pid, vaddr)
            origin["len"] = min(origin["len"] or stop - vaddr, stop - vaddr)
            yield dict(origin, mapping=mapping)
            vaddr += origin["len"]


class InfoCriuFiles(output.Command):
    """List the files that the process maps, and what was found for them.
Usage: info criu files [-json]

For each: whether the file on this machine is used, missing or a different one; then
size, build-id and checksum of both.  `ghost' is a deleted file whose contents are in
the checkpoint."""

    def __init__(self):
        super().__init__("info criu files", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        as_json, rest = output.split_json(argument)
        output.no_more(rest, "info criu files [-json]")
        found = session.required()
        with core.errors():
            rows = found.checkpoint.files(found.pid)
        output.show(rows, as_json, render.files.files)


class InfoCriuAddress(output.Command):
    """Say where the byte at an address comes from.
Usage: info criu address [-json] EXPRESSION

Prints the mapping it is in, and the image or file and the offset where the byte is
stored, also when that is in a parent checkpoint or an LZ4 block, or why it is not
available."""

    REST = gdb.COMPLETE_EXPRESSION

    def __init__(self):
        super().__init__("info criu address", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        as_json, expression = output.split_json(argument)
        found = session.required()
        if not expression:
            raise gdb.GdbError("Usage: info criu address [-json] EXPRESSION")
        vaddr = ranges.evaluate(expression)
        with core.errors():
            origin = found.checkpoint.locate(found.pid, vaddr)
            mapping = None
            if origin["mapping"] is not None:
                mapping = found.checkpoint.mappings(found.pid)[origin["mapping"]]
            parent = found.checkpoint.levels()[origin["level"]]["path"] if origin["level"] else None
        output.show(dict(origin, address=vaddr, mapping=mapping, parent=parent), as_json,
                    render.memory.address)


def register():
    InfoCriu()
    InfoCriuProcesses()
    InfoCriuMappings()
    InfoCriuPages()
    InfoCriuFiles()
    InfoCriuAddress()
