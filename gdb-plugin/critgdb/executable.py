# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which executable belongs to a process of a checkpoint, and loading it into gdb.

A file that the user gave with `file` is kept when it is the right one and refused when it is not.
A file that this plugin loaded is nobody's wish: the next `target criu` may replace it.
"""

import contextlib
import os
import re

import gdb

from . import render, settings

_loaded = {}  # number of an inferior -> the file we loaded into it


def given():
    """The file the user gave to the current inferior, or None."""
    path = loaded(gdb.selected_inferior())
    return None if path == _loaded.get(gdb.selected_inferior().num) else path


def loaded(inferior):
    """The file an inferior has its symbols from, or None."""
    return inferior.progspace.filename


def is_nobodys(inferior):
    """Has the user given no file to an inferior?"""
    return loaded(inferior) in (None, _loaded.get(inferior.num))


def check(exe, pid):
    """Refuse what the user gave to the current inferior if it is not the process's executable."""
    inferior = gdb.selected_inferior()
    if exe is not None and exe["verdict"] == "other-cpu":
        raise gdb.GdbError(render.sessions.other_cpu(exe))
    if not fits(exe, inferior):
        path = loaded(inferior)
        build_id = _build_id(inferior.progspace)
        raise gdb.GdbError(render.sessions.wrong_file(path, exe, pid, build_id, _len(path)))


def fits(exe, inferior):
    """Can the file of an inferior be the executable? Without a build-id its size decides; True when
    nothing is known that speaks against it."""
    if exe is None or loaded(inferior) is None:
        return True
    if exe["build_id"]:
        return _build_id(inferior.progspace) == exe["build_id"]
    return exe["size"] is None or _len(loaded(inferior)) in (None, exe["size"])


def _build_id(progspace):
    for objfile in progspace.objfiles():
        if objfile.filename == progspace.filename:
            return objfile.build_id
    return None


def _len(path):
    return os.path.getsize(path) if os.path.exists(path) else None


def load(exe):
    """Load the executable found on this machine, unload one of an earlier checkpoint.

    Returns what gdb has against the file, None if nothing."""
    number = gdb.selected_inferior().num
    found = exe is not None and exe["verdict"] == "used"
    if not found and number not in _loaded:
        return None
    if found and exe["local_path"] == _loaded.get(number):
        return None
    _loaded.pop(number, None)
    try:
        with settings.without_questions():
            gdb.execute("file " + (quote(exe["local_path"]) if found else ""), False, True)
    except (gdb.error, UnicodeError) as error:
        return str(error)
    _loaded[number] = loaded(gdb.selected_inferior())
    return None


def load_ghost(exe):
    """Load a deleted executable that is kept in the checkpoint, through the connection, unless the
    user gave a copy of it."""
    inferior = gdb.selected_inferior()
    if exe is None or exe["verdict"] != "ghost" or loaded(inferior) is not None:
        return
    with contextlib.suppress(gdb.error, UnicodeError), settings.without_questions():
        gdb.execute("file " + quote("target:" + exe["path"]), False, True)
        _loaded[inferior.num] = loaded(inferior)


def came_with_connection():
    """gdb loaded the executable that the server told of, unless the user had given one."""
    inferior = gdb.selected_inferior()
    if (loaded(inferior) or "").startswith("target:"):
        _loaded[inferior.num] = loaded(inferior)


def quote(path):
    """A path as one word of a gdb command line."""
    return re.sub(r"([\s\"'\\])", r"\\\1", path)


def register():
    gdb.events.inferior_deleted.connect(lambda event: _loaded.pop(event.inferior.num, None))
