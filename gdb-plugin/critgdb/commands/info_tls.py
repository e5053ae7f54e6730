# SPDX-License-Identifier: LGPL-2.1-or-later
"""`info criu tls` and `$_criu_tls`: thread-local storage as the checkpoint has it."""

import gdb

from .. import core, output, render, session, tls


class InfoCriuTls(output.Command):
    """List modules with thread-local storage, and where a thread has it.
Usage: info criu tls [-json]

Block is where a module's variables begin; `info address VARIABLE' tells the offset in
it.  Blocks of libraries that were loaded later are allocated when a thread first uses
one of their variables.  gdb 17 and later look for variables by themselves: those they
cannot find here, `$_criu_tls("VARIABLE")' does."""

    def __init__(self):
        super().__init__("info criu tls", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        as_json, rest = output.split_json(argument)
        output.no_more(rest, "info criu tls [-json]")
        found = session.required()
        tid = gdb.selected_thread().ptid[1]
        with core.errors():
            rows = [dict(module, **block(found, tid, module))
                    for module in found.checkpoint.tls_modules(found.pid)]
        exe = found.exe and found.exe["path"]
        output.show(rows, as_json, lambda data: render.tls.modules(data, exe))


def block(found, tid, module):
    """Where it is, or why it is nowhere."""
    try:
        start = found.checkpoint.tls_address(found.pid, tid, module["link_map"], 0)
    except core.module().Error as error:
        return {"block": None, "why": str(error)}
    return {"block": start, "why": None}


class CriuTls(gdb.Function):
    """$_criu_tls("NAME"): a thread-local variable of the selected thread.

For variables of a checkpoint that gdb (17 and later) cannot find by itself.  Without
debug information it is the variable's address."""

    def __init__(self):
        super().__init__("_criu_tls")

    def invoke(self, name):
        name = name.string()
        found = session.required()
        offset, objfile = tls.place(name)
        with core.errors():
            return tls.value(name, tls.address(found, objfile, offset))


def register():
    InfoCriuTls()
    CriuTls()
