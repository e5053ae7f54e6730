# SPDX-License-Identifier: LGPL-2.1-or-later
"""All processes of a checkpoint at once, each in an inferior of its own.

They share two open checkpoints, one for questions and one that their servers read in turns, so each
process adds no more than the two ends of its connection. That counts: gdb cannot have more than
some thousand descriptors.

What goes wrong with one process is told and does not keep the others away. After Ctrl-C those that
are open stay.
"""

import contextlib

import gdb

from . import core, executable, libraries, render, session


def open_all(directory, pages, parents=()):
    """Open what can be opened; the first becomes the current inferior.

    Returns (rows as render.processes.tree() takes them, [(session, complaint of gdb about its
    executable or None)])."""
    place = session.find(directory, pages, parents)
    inferiors = free_inferiors(place[0])
    with core.errors() as critcore:
        checkpoint = session.open_checkpoint(critcore, *place)
        with session.keeping(checkpoint):
            tasks = checkpoint.tasks()
            rows = [row(task) for task in tasks]
            prepared = prepare(critcore, checkpoint, place, tasks, rows)
            if not prepared:
                raise gdb.GdbError(render.processes.none_opened(directory, rows))
            if executable.given():
                session.check_given(critcore, prepared[0][1])
            return rows, connect(critcore, prepared, inferiors)


def row(task):
    """What render.processes.tree() shows of a process."""
    why = task["error"] and task["error"].removeprefix("process %d: " % task["pid"])
    return dict(task, inferior=None, current=False, why=why)


def free_inferiors(path):
    """The current inferior, if it may be used, those that show this very checkpoint, and all others
    that show nothing. The current one comes first if the user gave it a file."""
    current = gdb.selected_inferior()
    session.refuse_if_busy(current)
    free = {each.inferior for each in session.all_open() if each.path == path}
    free.update(each.num for each in gdb.inferiors()
                if not each.pid and not each.connection and executable.is_nobodys(each))
    first = [current.num] if executable.given() else []
    return first + sorted((free | {current.num}).difference(first))


def prepare(critcore, checkpoint, place, tasks, rows):
    """[(row, session)] of the processes that can be opened; the rows of others get the reason."""
    prepared = []
    given = executable.given()
    offers = dict.fromkeys([given] if given else [])
    for task, each in zip(tasks, rows):
        if each["state"] == "zombie":
            continue
        try:
            prepared.append((each, session.prepare(checkpoint, *place, task)))
            # All of them before the first file is looked up: what was looked up stays so.
            offers.update(dict.fromkeys(libraries.offers(checkpoint, task["pid"])))
        except (critcore.Error, gdb.GdbError) as error:
            each["why"] = str(error).removeprefix("process %d: " % each["pid"])
    for _, each in prepared[:1]:
        each.offer(critcore, offers)
    for _, each in prepared[1:]:
        each.files = prepared[0][1].files
    return prepared


def connect(critcore, prepared, inferiors):
    """[(session, complaint)] of those that gdb took; the rows of others get the reason."""
    shown, stopped = [], None
    given = executable.given()
    for each, found in prepared:
        if stopped:
            each["why"] = stopped
            continue
        try:
            with next_inferior(inferiors):
                complaint = session.show(critcore, found, given, shown[-1][0] if shown else None)
            shown.append((found, complaint))
            each["inferior"] = found.inferior
        except KeyboardInterrupt:
            each["why"] = stopped = "interrupted"
        except session.Full as error:
            each["why"] = stopped = str(error)
        except (critcore.Error, gdb.error, gdb.GdbError) as error:
            each["why"] = str(error)
        given = None  # it is of the first inferior
    if shown:
        session.select(shown[0][0].inferior)
    for each, _ in prepared:
        each["current"] = bool(shown) and each["inferior"] == shown[0][0].inferior
    return shown


@contextlib.contextmanager
def next_inferior(inferiors):
    """Make one of these the current inferior, or a new one, which goes again when the
    block fails."""
    if inferiors:
        session.select(inferiors.pop(0))
        yield
        return
    before = gdb.selected_inferior().num
    gdb.execute("add-inferior -no-connection", False, True)
    number = max(each.num for each in gdb.inferiors())
    try:
        session.select(number)
        yield
    except BaseException:
        session.select(before)
        gdb.execute("remove-inferiors %d" % number, False, True)
        raise
