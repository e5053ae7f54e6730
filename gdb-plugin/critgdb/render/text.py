# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names, numbers and tables as text.

Names of programs and files come out of images and may hold any bytes; printable() keeps them from
disturbing a terminal.
"""

import codecs
import signal
import time

_charset = "utf-8"


def set_charset(name):
    """Say what the terminal can show; what it cannot is escaped. Unknown names mean ASCII."""
    global _charset
    try:
        _charset = codecs.lookup(name).name
    except LookupError:
        _charset = "ascii"


def printable(text):
    """The text with \\x.. for control characters, bytes that are no text, what cannot be shown."""
    return "".join(char if showable(char) else escape(char) for char in text)


def showable(char):
    try:
        return char.isprintable() and char.encode(_charset) is not None
    except UnicodeEncodeError:
        return False


def escape(char):
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no text, as os.fsdecode() keeps it
        code -= 0xDC00
    return "\\x%02x" % code if code < 0x100 else "\\u%04x" % code


def count(number, noun):
    return "%d %s%s" % (number, noun, "" if number == 1 else "es" if noun.endswith("s") else "s")


def size(nr_bytes):
    """"232 KiB", "1.5 MiB"; exact below one KiB."""
    if nr_bytes < 1024:
        return count(nr_bytes, "byte")
    value = float(nr_bytes)
    for unit in ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB"):
        value /= 1024
        if value < 1023.95 or unit == "EiB":
            return ("%.1f" % value).removesuffix(".0") + " " + unit


def moment(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def signal_name(number):
    """"SIGSEGV", or "signal 42" for those without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return "signal %d" % number


def join(items, word="and"):
    items = list(items)
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " " + word + " " + items[-1]


def columns(table, right):
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = []
    for row in table:
        cells = (cell.rjust(width) if column in right else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(row, widths)))
        lines.append(" ".join(cells).rstrip())
    return lines
