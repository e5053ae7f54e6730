# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes that gdb came to by itself: `target remote | critcore serve DIR PID', DAP's `attach'.

The server at the other end tells which checkpoint it reads. When that is a folder of this very
machine, it is opened here too, for questions, and all is as after `target criu', but that gdb's
connection stays as it is: so does `set sysroot', as the server hands out the right files.

gdb has no event for a new connection. It is looked at before the next prompt or when a command asks
what is open; under DAP, which has no prompts, when the request that connected is done.
"""

import contextlib
import os
import re
import sys

import gdb

from . import core, executable, hooks, libraries, render, session, settings, tls

BOOT_ID = "/proc/sys/kernel/random/boot_id"

TEXTS = ("boot", "path", "sysroot", "pages", "file")

# Who is asked. Others would not mind a request they do not know, but need not see one.
NEAR = re.compile(
    r"\|.*\bcritcore\b.*|"
    r"(?:unix:)?(?!/dev/)[^|:]*/[^|:]*|"
    r"(?:tcp[46]?:)?(?:localhost|127\.[0-9.]+|\[?::1\]?|):[0-9]+", re.S)

_seen = set()  # numbers of gdb's connections


def is_new():
    """Is the current inferior connected to something that was not looked at yet?"""
    inferior = gdb.selected_inferior()
    connection = inferior.connection
    return (connection is not None and connection.type == "remote" and inferior.pid != 0
            and connection.num not in _seen and not session.is_ours(connection))


def look():
    """Adopt what the current inferior is connected to, if that can be."""
    if not is_new():
        return
    connection = gdb.selected_inferior().connection
    _seen.add(connection.num)
    if not NEAR.fullmatch(connection.details or ""):
        return
    with contextlib.suppress(gdb.error):  # also when it was closed meanwhile
        places = parse(connection.send_packet("qCritcore.Checkpoint"))
        if places and is_here(places):
            adopt(connection, places)


def parse(reply):
    """What the server says of its checkpoint, as a dict; None if it knows no such request."""
    rows = [field.partition(":")[::2]
            for field in (reply or b"").decode("ascii", "replace").split(";")]
    fields = dict(rows)
    try:
        parents = tuple(os.fsdecode(bytes.fromhex(value)) for key, value in rows if key == "parent")
        texts = {name: os.fsdecode(bytes.fromhex(fields.get(name, ""))) for name in TEXTS}
        numbers = int(fields["device"], 16), int(fields["inode"], 16)
    except (KeyError, ValueError):
        return None
    if any("\0" in text for text in [*texts.values(), *parents]):
        return None
    return dict(texts, parents=parents, folder=numbers, trust=fields.get("trust") == "1")


def is_here(places):
    """Is it a folder or an archive of this machine, and not only of the same name?"""
    try:
        with open(BOOT_ID, encoding="ascii") as file:
            boot = file.read().strip()
        found = stat(places["path"])
    except OSError:
        return False
    return (boot, found.st_dev, found.st_ino) == (places["boot"], *places["folder"])


def stat(path):
    """os.stat(), of the archive or image layout when the path leads to a folder inside one."""
    try:
        return os.stat(path)
    except (NotADirectoryError, FileNotFoundError):
        if not os.path.dirname(path) or os.path.dirname(path) == path:
            raise
        return stat(os.path.dirname(path))


def adopt(connection, places):
    """Open the checkpoint, and say so; or say why not."""
    critcore = core.module()
    try:
        found = prepare(critcore, places)
    except (critcore.Error, gdb.GdbError) as error:
        gdb.write("critcore cannot open %s as well: %s\n" % (
            render.text.printable(places["path"]), render.text.printable(str(error))), gdb.STDERR)
        return
    session.keep(connection, found)
    executable.came_with_connection()
    settings.borrow_rest()
    hooks.install()
    for line in [said(found), *complaints(found)]:
        gdb.write(line + "\n")


def prepare(critcore, places):
    """A session of the process, which is open already."""
    with core.unpacking(places["path"]) as progress:
        checkpoint = critcore.open(places["path"], places["parents"], progress)
    try:
        checkpoint.set_sysroot(places["sysroot"] or settings.local_sysroot())
        checkpoint.trust_files(places["trust"])
        if places["pages"]:
            checkpoint.set_pages_dir(places["pages"])
        task = session.choose(checkpoint, places["path"], gdb.selected_inferior().pid)
        found = session.prepare(checkpoint, places["path"], places["pages"],
                                places["parents"], task)
        found.offer(critcore, [places["file"]] if places["file"] else [])
        session.find_exe(critcore, found)
    except BaseException:
        checkpoint.close()
        raise
    return found


def said(found):
    facts = dict(found.task, totals=found.checkpoint.totals(found.pid), **found.checkpoint.info())
    return render.sessions.opened(facts)


def complaints(found):
    """What is not as it must be. What is missing the server has told already."""
    trusted = gdb.parameter("criu trust-files")
    try:
        if not trusted:
            executable.check(found.exe, found.pid)
    except gdb.GdbError as error:
        yield str(error)
    dropped = not trusted and libraries.drop_others(found.checkpoint.files(found.pid))
    found.tls_unsure = tls.guide(found, False, dropped)
    if found.tls_unsure:
        yield render.tls.unsure(found.tls_unsure)


def _stopped(event):
    # Only there: an event that is still waiting when gdb 13 ends makes it crash.
    if "gdb.dap" in sys.modules and is_new():
        gdb.post_event(look)


def register():
    gdb.events.stop.connect(_stopped)
    gdb.events.before_prompt.connect(look)
