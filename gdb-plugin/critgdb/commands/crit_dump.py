# SPDX-License-Identifier: LGPL-2.1-or-later
"""`crit-dump`: memory to a file or the screen, as `critcore dump` has it."""

import os

import gdb

from .. import core, ranges, render, session

USAGE = "crit-dump [-hex] [-fill BYTE] RANGE FILE"
MAX_GAPS = 16  # on the screen


class CritDump(gdb.Command):
    """Write memory of a process in a CRIU checkpoint to a file, or show it.
Usage: crit-dump [-hex] [-fill BYTE] RANGE FILE

RANGE is one of
  0x1000-0x2000, 0x1000+4K    numbers
  START,END  START,+LENGTH    expressions, as for `disassemble'
  EXPRESSION                  a variable or another object: its bytes
  [heap], libc.so.6, /a/path  mappings of that name that lie side by side
With -hex text is written, as by `hexdump -C', with ?? for bytes that are not there;
FILE may be - then, for the screen, and left out where RANGE is a single word.

Where nothing was ever written FILE gets a hole.  What is not there is listed in
FILE.missing, with the reason, and counts as an error.  With -fill it does not, and
BYTE (a number) is written there instead of 0."""

    def __init__(self):
        super().__init__("crit-dump", gdb.COMMAND_FILES)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        as_hex, fill, rest = options(argument)
        what, path = split(rest, as_hex)
        found = session.required()
        with core.errors():
            start, end = ranges.parse(found, what)
            if path:
                missing = to_file(found, start, end, path, as_hex, fill)
            else:
                missing = to_screen(found, start, end)
        if missing and fill is None:
            raise gdb.GdbError(render.memory.incomplete(missing, end - start, path))

    def complete(self, text, word):
        return gdb.COMPLETE_EXPRESSION if len(text.split(" ")) < 2 else gdb.COMPLETE_FILENAME


def options(argument):
    """(is -hex there, the byte of -fill or None, the rest as typed)"""
    as_hex, fill = False, None
    rest = argument.strip()
    while rest.startswith("-"):
        name, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        if name == "-hex":
            as_hex = True
        elif name == "-fill":
            byte, _, rest = rest.partition(" ")
            fill, rest = number(byte), rest.lstrip()
        elif name == "--":
            break
        else:
            raise gdb.GdbError("Usage: %s" % USAGE)
    return as_hex, fill, rest


def number(text):
    try:
        value = int(text, 0)
    except ValueError:
        value = -1
    if not 0 <= value <= 255:
        raise gdb.GdbError("-fill takes a byte, 0 to 255.")
    return value


def split(text, as_hex):
    """(the range, the file or None for the screen). An expression may have blanks; the last word is
    the file, unless it is the only one and -hex is there."""
    try:
        words = gdb.string_to_argv(text)
    except gdb.error as error:
        raise gdb.GdbError(str(error)) from None
    if len(words) == 1 and as_hex:
        return text, None
    if len(words) < 2 or (words[-1] == "-" and not as_hex):
        raise gdb.GdbError("Usage: %s" % USAGE)
    at = max(i for i, char in enumerate(text) if char.isspace() and is_word(text[i:], words[-1]))
    return text[:at].rstrip(), None if words[-1] == "-" else os.path.expanduser(words[-1])


def is_word(text, word):
    """Is all of a text this word? A part of it may be no words at all."""
    try:
        return gdb.string_to_argv(text) == [word]
    except gdb.error:
        return False


def to_file(found, start, end, path, as_hex, fill):
    missing = found.checkpoint.dump(found.pid, start, end, path, as_hex, fill or 0,
                                    lambda *gap: None)
    gdb.write("Wrote %s to %s.\n" % (render.text.size(end - start), render.text.printable(path)))
    return missing


def to_screen(found, start, end):
    gaps = []

    def note(*gap):
        if len(gaps) <= MAX_GAPS:
            gaps.append(gap)

    missing = found.checkpoint.dump(found.pid, start, end, lambda text: gdb.write(text.decode()),
                                    True, 0, note)
    for gap in gaps[:MAX_GAPS]:
        gdb.write("0x%x-0x%x: %s\n" % (gap[0], gap[1], render.text.printable(gap[2])), gdb.STDERR)
    if len(gaps) > MAX_GAPS:
        gdb.write("...\n", gdb.STDERR)
    return missing


def register():
    CritDump()
