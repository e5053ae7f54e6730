# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the listing commands share: the option -json, and printing."""

import codecs

import gdb

from . import render, words


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


class Report:
    """Prints what the library writes as a report: call it with the pieces, then close it."""

    def __init__(self):
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._rest = ""

    def __call__(self, piece):
        lines, newline, self._rest = (self._rest + self._decoder.decode(piece)).rpartition("\n")
        if newline:
            self._print(lines + newline)

    def close(self):
        self._print(self._rest)
        self._rest = ""

    @staticmethod
    def _print(text):
        """Line ends and tabs are the library's: in names it leaves none."""
        gdb.write("\n".join("\t".join(render.text.printable(cell) for cell in line.split("\t"))
                            for line in text.split("\n")))
