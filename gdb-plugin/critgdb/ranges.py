# SPDX-License-Identifier: LGPL-2.1-or-later
"""Addresses and ranges of memory as users type them: numbers, expressions, names of mappings."""

import re

import gdb

from . import render

# An expression of these types stands for the place it is stored in, as it does for `x'. A variable
# without debug information has the last one.
PLACES = (gdb.TYPE_CODE_ARRAY, gdb.TYPE_CODE_FUNC, gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION,
          gdb.TYPE_CODE_ERROR)

MASK = render.memory.TOP - 1
UNITS = {"": 0, "K": 10, "M": 20, "G": 30}


def evaluate(expression):
    """The address that an expression stands for."""
    try:
        value = gdb.parse_and_eval(expression)
        if value.type.strip_typedefs().code in PLACES and value.address is not None:
            value = value.address
        return int(value) & MASK
    except gdb.error as error:
        raise gdb.GdbError(str(error)) from None


def parse(found, what):
    """[start, end) of what the user means:

    0x1000-0x2000  0x1000+4096     as `critcore dump' has them; a length may end in K, M or G
    START,END      START,+LENGTH   expressions, as for `disassemble'
    EXPRESSION                     what is stored in memory: where that is
    [heap], libc.so.6, /a/path     mappings of that name that lie side by side
    """
    bounds = numbers(what) or expressions(what)
    if bounds is None:
        bounds = storage_or_mapping(found, what)
    start, end = bounds
    if end <= start:
        raise gdb.GdbError("%s: the end is not behind the start." % what)
    return start, end


def numbers(what):
    """Bounds of a range of plain numbers, None if it is none."""
    match = re.fullmatch(r"0x([0-9a-f]+)(?:-(?:0x)?([0-9a-f]+)|\+(0x[0-9a-f]+|\d+)([KMG]?))", what,
                         re.IGNORECASE)
    if not match:
        return None
    start = int(match[1], 16)
    if match[2]:
        return start, int(match[2], 16)
    return start, start + (int(match[3], 0) << UNITS[match[4].upper()])


def expressions(what):
    """Bounds of START,END or START,+LENGTH, None if it is neither."""
    start, end = split_comma(what)
    if end is None:
        return None
    start = evaluate(start)
    if end.startswith("+"):
        return start, start + evaluate(end[1:])
    return start, evaluate(end)


def split_comma(what):
    """The parts around the first comma that is in no brackets or quotes; the second may be None."""
    depth, quote = 0, None
    for at, char in enumerate(what):
        if quote:
            quote = None if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and not depth:
            return what[:at].strip(), what[at + 1:].strip()
    return what, None


def storage_or_mapping(found, what):
    try:
        value = gdb.parse_and_eval(what)
    except gdb.error as error:
        return mapped(found, what, str(error))
    if value.address is None or not value.type.sizeof:
        raise gdb.GdbError("%s is not in memory; a range is START,END or START,+LENGTH." % what)
    start = int(value.address) & MASK
    return start, start + value.type.sizeof


def mapped(found, name, complaint):
    """Bounds of the mappings of a name; they have to lie side by side."""
    ranges = []
    for mapping in found.checkpoint.mappings(found.pid):
        its = mapping["path"] or render.memory.mapped_name(mapping)
        if name not in (its, its.rpartition("/")[2]):
            continue
        if ranges and ranges[-1][1] == mapping["start"]:
            ranges[-1][1] = mapping["end"]
        else:
            ranges.append([mapping["start"], mapping["end"]])
    if not ranges:
        raise gdb.GdbError("%s  No mapping has the name `%s' either." % (complaint, name))
    if len(ranges) > 1:
        raise gdb.GdbError("%s is mapped in %d places, say which: %s." % (
            name, len(ranges), render.text.join(["0x%x-0x%x" % tuple(each) for each in ranges[:8]]
                                           + ["..."] * (len(ranges) > 8), "or")))
    return ranges[0]
