# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line of the crit-* commands: options as in a shell, file names, completion.

A bare file name (no slash) means the file of the open checkpoint, if it has one of that name; any
other name is the user's own.
"""

import os

import gdb

from . import render, session


def parse(argument, usage, flags=(), values=()):
    """(options, other words) of a command line.

    flags are the names of options without a value, values of those with one: "--pretty", "-o". Both
    "-o F" and "--out=F" are understood, and "--" ends the options.
    """
    options, rest = {}, []
    try:
        words = gdb.string_to_argv(argument)
    except gdb.error as error:
        raise gdb.GdbError(str(error)) from None
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            return options, rest + words
        if word in flags:
            options[word] = True
        elif equals and name in values:
            options[name] = value
        elif word in values and words:
            options[word] = words.pop(0)
        elif word.startswith("-") and len(word) > 1:
            raise gdb.GdbError("Usage: %s" % usage)
        else:
            rest.append(word)
    return options, rest


def process(found, word):
    """The process of an open checkpoint that a word means."""
    try:
        pid = int(word)
    except ValueError:
        pid = -1
    if pid <= 0 or not found.checkpoint.task(pid):
        raise gdb.GdbError("No process %s in the checkpoint." % render.text.printable(word))
    return pid


def processes(found):
    """What a word that means one may become; found may be None."""
    return [str(task["pid"]) for task in found.checkpoint.tasks()] if found else []


def folder():
    """Where the open checkpoint is; None without one."""
    found = session.current()
    return found.path if found else None


def is_packed(path):
    """Is it an archive, or the directory of a container image?"""
    return not os.path.isdir(path) or os.path.exists(os.path.join(path, "oci-layout"))


def source(name):
    """The path of a file to read."""
    here = folder()
    if here and "/" not in name and (os.path.exists(os.path.join(here, name)) or
                                     name.endswith(".img") and is_packed(here)):
        return os.path.join(here, name)
    return os.path.expanduser(name)


def paths(typed, word, files=True):
    """The directories (and files) whose path starts with what is typed; gdb's own completion of
    files knows only the first word of a command. gdb wants what follows where it thinks the word
    begins."""
    folder, name = os.path.split(typed)
    skip = len(typed) - len(word)
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:
            found = sorted(entry.name for entry in entries
                           if entry.name.startswith(name) and (files or entry.is_dir()))
    except OSError:
        return []
    return [os.path.join(folder, each)[skip:] for each in found]


def complete_options(names, text, word, otherwise=gdb.COMPLETE_NONE):
    """Those of the options that begin as is typed and are not there yet; where no option is typed,
    otherwise: one of gdb's numbers, or a list of what the word may become."""
    *before, typed = text.split(" ")
    if not typed.startswith("-") and isinstance(otherwise, int):
        if otherwise != gdb.COMPLETE_FILENAME or not before:
            return otherwise
        return paths(typed, word) if word is not None else []
    if word is None:  # gdb only asks where words end
        return []
    names = otherwise if not typed.startswith("-") else (
        name for name in names if name not in before)
    # gdb wants what follows the word it found, which may begin behind a "-" of the name.
    skip = len(typed) - len(word)
    return [name[skip:] for name in names if name.startswith(typed)]


def complete_image(text, word):
    """The images of the open checkpoint; without one, files."""
    here = folder()
    typed = text.split(" ")[-1]
    if not here or "/" in typed:
        return gdb.COMPLETE_FILENAME
    if word is None:  # gdb only asks where words end
        return []
    try:
        names = sorted(os.listdir(here))
    except OSError:
        return gdb.COMPLETE_FILENAME
    # gdb wants what follows the word it found, which may begin behind a "-" of the name.
    skip = len(typed) - len(word)
    return [name[skip:] for name in names
            if name.startswith(typed) and (name.endswith(".img") or "." not in name)]
