# SPDX-License-Identifier: LGPL-2.1-or-later
"""The critcore plugin for gdb: `target criu DIR [PID]` opens a CRIU checkpoint.

    target.py       the command `target criu`
    session.py      what is open, and how it is opened and closed
    tree.py         all processes of a checkpoint at once
    adopt.py        what gdb connected to by itself
    executable.py   which executable belongs to a process, and loading it
    libraries.py    which shared libraries lend their symbols
    tls.py          thread-local variables, where gdb looks for them by itself
    variables.py    variables that another checkpoint has other values of
    elsewhere.py    what gdb makes of a frame in another checkpoint
    settings.py     gdb settings changed while something is open, and changed back
    hooks.py        commands that make no sense for a checkpoint, or need help with it
    cpu.py          gdb and its servers on one CPU for a while
    output.py       what the listing commands share
    words.py        command lines of the crit-* commands
    ranges.py       addresses and ranges of memory as users type them
    core.py         the C module _critcore, loaded when it is first needed
    render/         plain data -> lines of text; imports no gdb
    commands/       `info criu ...`, `set criu ...`, `crit-...`

Beside the package stands critcore.py, which is for the user's own Python scripts.

Importing the package does nothing; register() adds the commands to gdb.
"""

import re
import sys

OLDEST_GDB = (13, 1)
OLDEST_PYTHON = (3, 11)


def version_complaint(gdb_version, python_version):
    """One sentence when a version is too old, else None."""
    found = re.search(r"(\d+)\.(\d+)", gdb_version)
    numbers = tuple(int(number) for number in found.groups()) if found else OLDEST_GDB
    if numbers >= OLDEST_GDB and python_version >= OLDEST_PYTHON:
        return None
    return ("critcore needs gdb %d.%d with Python %d.%d or newer; "
            "this is gdb %s with Python %d.%d." % (
                OLDEST_GDB + OLDEST_PYTHON + (gdb_version,) + tuple(python_version)))


def register():
    """Add the commands to the gdb that runs us; say why when that cannot work."""
    import gdb

    complaint = version_complaint(gdb.VERSION, sys.version_info[:2])
    if complaint:
        gdb.write(complaint + "\n", gdb.STDERR)
        return
    from . import adopt, hooks, render, session, target
    from .commands import crit_bt, crit_check, crit_compress, crit_core, crit_diff, crit_dump
    from .commands import crit_find, crit_image, crit_ls, crit_stats, crit_x, info_criu
    from .commands import info_criu_container, info_criu_process, info_tls, set_criu

    render.text.set_charset(gdb.host_charset())
    for module in (set_criu, session, adopt, hooks, target, info_criu, info_criu_container,
                   info_criu_process, info_tls, crit_image, crit_bt, crit_check, crit_compress,
                   crit_core, crit_diff, crit_dump, crit_find, crit_ls, crit_stats, crit_x):
        module.register()
