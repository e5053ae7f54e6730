# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is open: one session for each inferior that shows a process of a checkpoint.

Each has a checkpoint of its own for questions, and a server thread with another one that gdb talks
to as a remote target. A session ends when its connection goes, whatever made it go: `disconnect`,
`detach`, `kill`, another target, the end of gdb.
"""

import contextlib
import os

import gdb

from . import core, executable, libraries, render, settings

_sessions = {}  # number of a gdb connection -> Session


class Session:
    """An open process. `exe` is its executable as the checkpoint tells of it, None if it does not;
    what gdb has symbols from is another matter: see executable.py."""

    def __init__(self, checkpoint, path, pages, task):
        self.checkpoint = checkpoint
        self.path = path
        self.pages = pages  # the second folder with pages, "" if there is none
        self.task = task
        self.pid = task["pid"]
        self.exe = None
        self.files = []  # what the checkpoint's files may be taken from, besides their own names
        self.inferior = gdb.selected_inferior().num
        self.server = None

    def offer(self, critcore, paths):
        for path in paths:
            with contextlib.suppress(critcore.Error):  # gone since gdb read it
                self.checkpoint.offer_file(path)
                self.files.append(path)

    def close(self):
        """Release everything. Returns why the server gave up, None if it did not."""
        self.checkpoint.close()
        return self.server.close() if self.server else None


# ---- What is open ---------------------------------------------------------------------------


def current():
    """The session of the current inferior, or None."""
    inferior = gdb.selected_inferior()
    found = inferior.connection and _sessions.get(inferior.connection.num)
    return found if found and found.inferior == inferior.num else None


def required():
    """The same, for commands that need one."""
    found = current()
    if not found:
        raise gdb.GdbError("No checkpoint is open in this inferior; `target criu DIR` opens one.")
    return found


def all_open():
    return sorted(_sessions.values(), key=lambda session: session.inferior)


def servers():
    """The thread ids of the servers that gdb talks to."""
    return [session.server.tid for session in all_open() if session.server]


# ---- Opening --------------------------------------------------------------------------------


def open_process(directory, pid, pages=None):
    """Show a process of a checkpoint in the current inferior; pid 0 is the root process."""
    _give_back_if_last()
    refuse_if_busy(gdb.selected_inferior())
    given = executable.given()
    with core.errors() as critcore:
        session = prepare(critcore, directory, pid, pages, given)
        try:
            close_current()
            complaint = None if given else executable.load(session.exe)
            connect(critcore, session)
        except BaseException:
            if current() is session:  # interrupted after gdb had connected
                close_current()
            session.close()
            _give_back_if_last()
            raise
    return session, complaint


def refuse_if_busy(inferior):
    """Never end a program that somebody debugs, nor another connection; a core file may go."""
    connection = inferior.connection
    if connection is None or connection.num in _sessions or connection.type == "core":
        return
    if inferior.pid:
        raise gdb.GdbError(
            "Inferior %d is debugging process %d; `detach` or `kill` it first, or open the "
            "checkpoint in another one (`add-inferior -no-connection`)." % (
                inferior.num, inferior.pid))
    if connection.type != "native":
        raise gdb.GdbError("Inferior %d is connected to %s %s; `disconnect` first." % (
            inferior.num, connection.type, connection.details or ""))


def prepare(critcore, directory, pid, pages, given):
    """All that can fail before anything of gdb's is changed."""
    path = os.path.abspath(os.path.expanduser(directory))
    pages = os.path.abspath(os.path.expanduser(pages)) if pages else ""
    trust = gdb.parameter("criu trust-files")
    checkpoint = critcore.open(path)
    try:
        checkpoint.set_sysroot(settings.local_sysroot())
        checkpoint.trust_files(trust)
        if pages:
            checkpoint.set_pages_dir(pages)
        session = Session(checkpoint, path, pages, choose(checkpoint, directory, pid))
        checkpoint.load(session.pid)
        if not checkpoint.registers(session.pid, session.pid):
            raise gdb.GdbError("registers of a CPU this version does not read (%s)" %
                               checkpoint.machine(session.pid)["arch"])
        session.offer(critcore, [given] if given else [])
        session.offer(critcore, libraries.offers(checkpoint, session.pid))
        with contextlib.suppress(critcore.Error):  # the images do not name one
            session.exe = checkpoint.exe(session.pid)
        if given and not trust:
            executable.check(session.exe, session.pid)
        return session
    except BaseException:
        checkpoint.close()
        raise


def choose(checkpoint, directory, pid):
    """The process asked for, or one line that says what there is instead."""
    task = checkpoint.task(pid)
    if task is None:
        owner = checkpoint.task_of_tid(pid)
        if owner is not None:
            raise gdb.GdbError(render.processes.is_a_thread(pid, checkpoint.task(owner)))
        raise gdb.GdbError(render.processes.no_such_process(pid, directory, checkpoint.tasks()))
    if task["state"] == "zombie":
        raise gdb.GdbError(render.processes.zombie(task))
    return task


def connect(critcore, session):
    """Start a server, make gdb talk to it, and see to the libraries, silently."""
    try:
        _connect(critcore, session)
    except gdb.error as error:
        why = session.server and session.server.close() or error
        raise gdb.GdbError("gdb cannot open it: %s" % why) from None
    files = session.checkpoint.files(session.pid)
    libraries.lead_gdb(files, session.checkpoint.mappings(session.pid),
                       session.exe and session.exe["path"])
    if not gdb.parameter("criu trust-files"):
        libraries.drop_others(files)


def _connect(critcore, session):
    settings.borrow()
    session.server = critcore.serve(session.path, session.pid, settings.local_sysroot(),
                                    session.files, gdb.parameter("criu trust-files"),
                                    session.pages)
    with settings.without_questions():
        settings.silently("with suppress-cli-notifications on -- target remote "
                          + session.server.path)
    _sessions[gdb.selected_inferior().connection.num] = session


# ---- Closing --------------------------------------------------------------------------------


def close_current():
    """End the session of the current inferior, if it has one.

    `detach` rather than `disconnect`, which makes gdb (13 to 18) forget the threads of all other
    inferiors as well."""
    if current():
        settings.silently("detach")


def close_all():
    """End every session, and come back to the inferior that was selected."""
    if not _sessions:
        return
    selected = gdb.selected_inferior().num
    for session in all_open():
        with contextlib.suppress(gdb.error):  # gdb is about to exit; nothing may keep it
            _select(session.inferior)
            close_current()
    with contextlib.suppress(gdb.error):
        _select(selected)


def is_alone():
    """Is the current inferior the only one with a process?"""
    selected = gdb.selected_inferior().num
    return not any(inferior.pid and inferior.num != selected for inferior in gdb.inferiors())


def _select(number):
    if gdb.selected_inferior().num != number:
        settings.silently("with suppress-cli-notifications on -- inferior %d" % number)


def others_run():
    """Is something debugged that is not ours?"""
    ours = {session.inferior for session in _sessions.values()}
    return any(inferior.pid and inferior.num not in ours for inferior in gdb.inferiors())


def _give_back_if_last():
    if not _sessions:
        settings.give_back()


def _connection_removed(event):
    session = _sessions.pop(event.connection.num, None)
    if session is None:
        return
    complaint = session.close()
    if complaint:
        gdb.write("The checkpoint's server gave up: %s\n" % complaint, gdb.STDERR)
    _give_back_if_last()


def register():
    gdb.events.connection_removed.connect(_connection_removed)
    # Before gdb detaches by itself, which it announces.
    gdb.events.gdb_exiting.connect(lambda event: close_all())
    executable.register()
