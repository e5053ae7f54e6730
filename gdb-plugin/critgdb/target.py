# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command `target criu`."""

import collections
import os
import re

import gdb

from . import core, executable, hooks, render, session, tree
from .words import paths

ALL, PAGES, PARENT = "-all", "-pages", "-parent"
OPTIONS = (ALL, PAGES, PARENT)
USAGE = "Usage: target criu DIR|ARCHIVE [PID | -all] [-pages DIR2] [-parent DIR3]..."
FEW = 40  # processes that are listed when they are opened
MOST_NOTES = 10


class TargetCriu(gdb.Command):
    """Debug a process in a checkpoint that CRIU made.
Usage: target criu DIR|ARCHIVE [PID | -all] [-pages DIR2] [-parent DIR3]...

DIR is the directory that holds the images (*.img), ARCHIVE a tar file with such a
directory in it, compressed or not, as container engines make it, or a container
image.  PID is a process
in the checkpoint, by the number it had inside; without it the root process is
opened, with -all every process that is not dead, each in an inferior of its own.
DIR2 is a second directory with pages, the one that a page server wrote to.
TAB completes all of them.  Parent checkpoints are found by themselves, but for
those in other archives: DIR3 is the archive, or a directory; another -parent names
the one that this one builds on.

The executable is found through the checkpoint, under `set sysroot', and is used
only when its build-id agrees.  A file given before with `file' is kept when it is
the right one.

A checkpoint can be looked at but not run: `bt', `info threads', `print', `x',
`info registers' and the like work as they do for a core file.  To open another
process beside it, type `add-inferior -no-connection', `inferior 2' and
`target criu' again.  `info criu' shows what is open, `info criu processes' the
whole tree; `disconnect' closes the current one."""

    def __init__(self):
        super().__init__("target criu", gdb.COMMAND_FILES)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        directory, pid, *others = parse(argument)
        lines = several(directory, *others) if pid == ALL else one(directory, pid, *others)
        hooks.install()
        for line in lines:
            gdb.write(line + "\n")
        try:
            gdb.execute("frame", False)
        except gdb.error as error:
            gdb.write("%s\n" % error)

    def complete(self, text, word):
        try:
            words = gdb.string_to_argv(text)
        except gdb.error:  # an open quote: still the directory
            words = [text]
        typing = not text[-1:].isspace()
        before = words[:-1] if typing else words
        typed = words[-1] if typing and words else ""
        others = [each for each in split(before)[0] if each != ALL]
        if not before and not typed.startswith("-"):
            return gdb.COMPLETE_FILENAME
        if word is None:  # gdb only asks where words end
            return []
        if typed.startswith("-"):
            return [each[len(typed) - len(word):] for each in OPTIONS
                    if each.startswith(typed) and (each == PARENT or each not in before)]
        if before[-1] in (PAGES, PARENT) or not others:
            return paths(typed, word, files=before[-1] != PAGES)
        return pid_choices(others[0], word) if len(others) == 1 and ALL not in before else []


def take(words, option):
    """(the other words, the value of an option or None)"""
    if option not in words:
        return words, None
    at = words.index(option)
    return words[:at] + words[at + 2:], words[at + 1] if at + 1 < len(words) else ""


def split(words):
    """(the other words, the value of -pages or None, those of all -parent)"""
    words, pages = take(words, PAGES)
    parents = []
    while PARENT in words:
        words, parent = take(words, PARENT)
        parents.append(parent)
    return words, pages, parents


def parse(argument):
    """DIR, PID, DIR2 and DIR3 of the command line; PID is 0 when there is none and ALL for all of
    them, DIR2 None when there is none, DIR3 a list.

    What TAB shows after a pid, "(NAME)", is accepted."""
    words, pages, parents = split(gdb.string_to_argv(argument))
    everything = ALL in words
    words = [word for word in words if word != ALL]
    if not words:
        raise gdb.GdbError("Which checkpoint?  " + USAGE)
    if pages == "":
        raise gdb.GdbError("-pages wants a directory.  " + USAGE)
    if "" in parents:
        raise gdb.GdbError("-parent wants a directory or an archive.  " + USAGE)
    if len(words) == 1:
        return words[0], ALL if everything else 0, pages, parents
    rest = " ".join(words[1:])
    found = re.fullmatch(r"0*([1-9][0-9]{0,9})(?: *\(.*\))?", rest)
    if everything or not found or int(found.group(1)) >= 1 << 32:
        raise gdb.GdbError("`%s' is not a process number.  %s" % (rest, USAGE))
    return words[0], int(found.group(1)), pages, parents


def pid_choices(directory, word):
    """The processes whose number starts with a word. Command names only help to choose: when one
    process is left, its number alone is what TAB should write."""
    try:
        checkpoint = core.module().open(os.path.expanduser(directory), (), core.not_for_long())
        tasks = [task for task in checkpoint.tasks() if str(task["pid"]).startswith(word)]
        checkpoint.close()
    except (core.module().Error, gdb.GdbError):
        return []
    if len(tasks) == 1:
        return [str(tasks[0]["pid"])]
    return [render.processes.process(task) for task in tasks]


def one(directory, pid, pages, parents):
    """Open one process; the lines on it."""
    opened, complaint = session.open_process(directory, pid, pages, parents)
    facts = dict(opened.task, totals=opened.checkpoint.totals(opened.pid),
                 **opened.checkpoint.info())
    return [render.sessions.opened(facts), *notes(opened, complaint)]


def several(directory, pages, parents):
    """Open all processes; the lines on them."""
    rows, shown = tree.open_all(directory, pages, parents)
    if not shown:
        raise gdb.GdbError(render.processes.none_opened(directory, rows))
    found = [opened for opened, _ in shown]
    said = collections.Counter(line for each in shown for line in notes(*each))
    return [
        render.processes.several(rows, found[0].checkpoint.info()),
        *render.processes.beginning(rows, FEW),
        *render.sessions.counted(said, len(found), MOST_NOTES)]


def notes(opened, complaint):
    """What the user must know about a session that was just opened."""
    exe, lines = opened.exe, opened.checkpoint.notes(opened.pid)
    if complaint:
        yield "The executable %s was not loaded: %s" % (
            render.text.printable(exe["local_path"]), render.text.printable(complaint))
    elif executable.loaded(inferior_of(opened)) is None:
        yield render.sessions.exe_not_loaded(exe)
        lines = [line for line in lines if not only_on_file(line, exe)]
    yield from map(render.text.printable, lines)
    if opened.tls_unsure:
        yield render.tls.unsure(opened.tls_unsure)


def inferior_of(opened):
    return next(each for each in gdb.inferiors() if each.num == opened.inferior)


def only_on_file(note, exe):
    """Does a note say no more than that the executable is missing or differs?"""
    if exe is None:
        return False
    return (note.endswith(": " + exe["path"])
            or exe["local_path"] is not None and note.startswith(exe["local_path"] + " "))


def register():
    TargetCriu()
