# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the listing commands share: the option -json, and printing."""

import gdb

from . import words


class Command(gdb.Command):
    """A listing command, whose option -json TAB completes."""

    REST = gdb.COMPLETE_NONE  # how its other words are completed

    def complete(self, text, word):
        return words.complete_options(("-json",), text, word, self.REST)


def split_json(argument):
    """(is -json there, the rest of the argument)."""
    first, _, rest = argument.strip().partition(" ")
    return (True, rest.strip()) if first == "-json" else (False, argument.strip())


def no_more(argument, usage):
    if argument:
        raise gdb.GdbError("Usage: %s" % usage)


def show(data, as_json, render):
    """Print data as JSON, or as the lines that render(data) makes of it."""
    if as_json:
        import json  # a millisecond that most sessions need not spend

        gdb.write(json.dumps(data) + "\n")
        return
    for line in render(data):
        gdb.write(line + "\n")
