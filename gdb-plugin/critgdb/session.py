# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is open: one session for each inferior that shows a process of a checkpoint.

Each has a checkpoint for questions, and a server thread with another one that gdb talks to as a
remote target; the processes of a tree that are opened together share both. A session ends when its
connection goes, whatever made it go: `disconnect`,
`detach`, `kill`, another target, the end of gdb.
"""

import contextlib
import os

import gdb

from . import core, executable, libraries, machine, render, settings, tls

FD_SETSIZE = 1024  # of the select() in gdb
SPARE_FDS = 64  # for what gdb opens besides

_sessions = {}  # number of a gdb connection -> Session
_keeping = []  # checkpoints that no session may close


class Full(gdb.GdbError):
    """One more connection would be too many."""


class Session:
    """An open process. `exe` is its executable as the checkpoint tells of it, None if it does not;
    what gdb has symbols from is another matter: see executable.py."""

    def __init__(self, checkpoint, path, pages, parents, task):
        self.checkpoint = checkpoint
        self.path = path
        self.pages = pages  # the second folder with pages, "" if there is none
        self.parents = parents  # what each -parent named, a tuple
        self.task = task
        self.pid = task["pid"]
        self.exe = None
        self.files = []  # what the checkpoint's files may be taken from, besides their own names
        self.inferior = gdb.selected_inferior().num
        self.server = None
        self.tls_unsure = []  # modules that gdb must not look up by itself

    def offer(self, critcore, paths):
        for path in paths:
            with contextlib.suppress(critcore.Error):  # gone since gdb read it
                self.checkpoint.offer_file(path)
                self.files.append(path)

    def close(self):
        """Release everything that no other session needs. Returns why the server gave up, None if
        it did not."""
        sharing = [*_keeping, *(other.checkpoint for other in _sessions.values())]
        if not any(checkpoint is self.checkpoint for checkpoint in sharing):
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
    look_around()
    found = current()
    if not found:
        raise gdb.GdbError("No checkpoint is open in this inferior; `target criu DIR` opens one.")
    return found


def look_around():
    """gdb may have come to a checkpoint without us."""
    from . import adopt
    adopt.look()


def is_ours(connection):
    return connection.num in _sessions


def keep(connection, session):
    """From now on this connection of gdb's is a session."""
    _sessions[connection.num] = session


def all_open():
    return sorted(_sessions.values(), key=lambda session: session.inferior)


def servers():
    """The thread ids of the servers that gdb talks to."""
    return [session.server.tid for session in all_open() if session.server]


# ---- Opening --------------------------------------------------------------------------------


def open_process(directory, pid, pages=None, parents=()):
    """Show a process of a checkpoint in the current inferior; pid 0 is the root process."""
    _give_back_if_last()
    refuse_if_busy(gdb.selected_inferior())
    given = executable.given()
    with core.errors() as critcore:
        place = find(directory, pages, parents)
        checkpoint = open_checkpoint(critcore, *place)
        try:
            session = prepare_one(critcore, checkpoint, place, choose(checkpoint, directory, pid),
                                  asked=pid)
            session.offer(critcore, [given] if given else [])
            session.offer(critcore, libraries.offers(checkpoint, session.pid))
            complaint = show(critcore, session, given)
        except BaseException:
            checkpoint.close()
            _give_back_if_last()
            raise
    return session, complaint


@contextlib.contextmanager
def keeping(checkpoint):
    """Open several sessions of one checkpoint, whatever becomes of the first ones."""
    _keeping.append(checkpoint)
    try:
        yield
    finally:
        _keeping.remove(checkpoint)
        if not any(session.checkpoint is checkpoint for session in _sessions.values()):
            checkpoint.close()


def find(directory, pages, parents):
    """The same as absolute paths; "" for no pages."""
    first, second, *rest = (os.path.abspath(os.path.expanduser(each)) if each else ""
                            for each in (directory, pages, *parents))
    return first, second, tuple(rest)


def open_checkpoint(critcore, path, pages, parents=()):
    """A checkpoint with the user's choices about files."""
    with core.unpacking(path) as progress:
        checkpoint = critcore.open(path, parents, progress)
    try:
        checkpoint.set_sysroot(settings.local_sysroot())
        checkpoint.trust_files(gdb.parameter("criu trust-files"))
        if pages:
            checkpoint.set_pages_dir(pages)
    except BaseException:
        checkpoint.close()
        raise
    return checkpoint


def show(critcore, session, given, beside=None):
    """Show a prepared process in the current inferior. Returns what gdb has against the executable,
    None if nothing. The checkpoint stays open when it fails.

    given is the file the user gave to the inferior; beside a session of the same checkpoint."""
    if given:
        check_given(critcore, session)
    find_exe(critcore, session)
    session.inferior = gdb.selected_inferior().num
    try:
        close_current()
        complaint = None if given else executable.load(session.exe)
        connect(critcore, session, beside)
    except BaseException:
        if current() is session:  # interrupted after gdb had connected
            close_current()
        if session.server:
            session.server.close()
        raise
    return complaint


def find_exe(critcore, session):
    with contextlib.suppress(critcore.Error):  # the images do not name one
        session.exe = session.checkpoint.exe(session.pid)


def check_given(critcore, session):
    """Refuse the file that the user gave to the current inferior if it is not the process's."""
    find_exe(critcore, session)
    if not gdb.parameter("criu trust-files"):
        executable.check(session.exe, session.pid)


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


def prepare(checkpoint, path, pages, parents, task):
    """All that can fail before anything of gdb's is changed."""
    session = Session(checkpoint, path, pages, parents, task)
    checkpoint.load(session.pid)
    machine.refuse_unknown(checkpoint.machine(session.pid), session.pid)
    return session


def prepare_one(critcore, checkpoint, place, task, asked):
    """The same; when nobody asked for this process, the error names others."""
    try:
        return prepare(checkpoint, *place, task)
    except critcore.Error as error:
        others = [] if asked else living(checkpoint, task)
        raise gdb.GdbError(render.text.printable(str(error)) + ("." if others else "") +
                           render.processes.instead(others)) from None


def living(checkpoint, but):
    return [task for task in checkpoint.tasks()
            if task["state"] in ("alive", "stopped") and task["pid"] != but["pid"]]


def choose(checkpoint, directory, pid):
    """The process asked for, or one line that says what there is instead."""
    task = checkpoint.task(pid)
    if task is None:
        owner = checkpoint.task_of_tid(pid)
        if owner is not None:
            raise gdb.GdbError(render.processes.is_a_thread(pid, checkpoint.task(owner)))
        raise gdb.GdbError(render.processes.no_such_process(pid, directory, checkpoint.tasks()))
    if task["state"] == "zombie":
        raise gdb.GdbError(render.processes.zombie(task) +
                           render.processes.instead([] if pid else living(checkpoint, task)))
    return task


def connect(critcore, session, beside=None):
    """Start a server, make gdb talk to it, and see to the libraries, silently."""
    try:
        _connect(critcore, session, beside)
    except gdb.error as error:
        why = session.server and session.server.close() or error
        raise gdb.GdbError("gdb cannot open it: %s" % why) from None
    files = session.checkpoint.files(session.pid)
    led = libraries.lead_gdb(files, session.checkpoint.mappings(session.pid),
                             session.exe and session.exe["path"])
    dropped = not gdb.parameter("criu trust-files") and libraries.drop_others(files)
    session.tls_unsure = tls.guide(session, led, dropped)


def _connect(critcore, session, beside):
    settings.borrow(libraries.only_in_images(session.checkpoint.files(session.pid),
                                             session.checkpoint.mappings(session.pid)))
    machine.lead_gdb(session.checkpoint.machine(session.pid),
                     executable.loaded(gdb.selected_inferior()) is not None)
    if beside and beside.server:
        session.server = beside.server.another(session.pid)
    else:
        session.server = critcore.serve(session.path, session.pid, settings.local_sysroot(),
                                        session.files, gdb.parameter("criu trust-files"),
                                        session.pages, session.parents)
    refuse_if_full()
    with settings.without_questions():
        settings.silently("with suppress-cli-notifications on -- target remote "
                          + session.server.path)
    keep(gdb.selected_inferior().connection, session)
    executable.load_ghost(session.exe)


def refuse_if_full():
    """gdb waits for its connections with select(), and aborts when their descriptors are numbers
    from 1024 on (13 to 18)."""
    highest = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    os.close(highest)
    if highest > FD_SETSIZE - SPARE_FDS:
        raise Full("gdb cannot have more connections: it has %d files open" % highest)


# ---- Closing --------------------------------------------------------------------------------


def close_current():
    """End the session of the current inferior, if it has one.

    `detach` rather than `disconnect`, which makes gdb (13 to 18) forget the threads of all other
    inferiors as well."""
    if current():
        settings.silently("detach")


def close_one(session):
    """End a session, and come back to the inferior that was selected."""
    selected = gdb.selected_inferior().num
    select(session.inferior)
    try:
        close_current()
    finally:
        select(selected)


def close_all():
    """End every session."""
    for session in all_open():
        with contextlib.suppress(gdb.error):  # gdb is about to exit; nothing may keep it
            close_one(session)


def is_alone():
    """Is the current inferior the only one with a process?"""
    selected = gdb.selected_inferior().num
    return not any(inferior.pid and inferior.num != selected for inferior in gdb.inferiors())


def select(number):
    """Make an inferior the current one, without a word."""
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
