# SPDX-License-Identifier: LGPL-2.1-or-later
"""`crit-find`: looks for text, bytes, numbers, expressions in memory, as `critcore find` does."""

import json

import gdb

from .. import core, ranges, render, session, words

USAGE = "crit-find [OPTION...] PATTERN"
KINDS = ("text", "hex", "int", "regex")
FLAGS = KINDS + ("ignore-case", "utf16", "overlapping", "count", "all", "json")
NUMBERS = ("size", "align", "max-count", "context")
OPTIONS = sorted("-" + name for name in FLAGS + NUMBERS + ("in",))
MAX_CONTEXT = 1 << 20


class CritFind(gdb.Command):
    """Look for text, bytes or numbers in the memory of a CRIU checkpoint.
Usage: crit-find [OPTION...] PATTERN

PATTERN is the rest of the line; quotes around it are dropped, nothing in it is.
  -text          these very bytes (the default)
  -hex           bytes in hex, a ? for any half of one: de ad b? ??
  -int           the value of an expression, as wide as its type
  -regex         a regular expression of PCRE2, over bytes
  -size N        width of the value: 1, 2, 4 or 8 bytes
  -ignore-case   of ASCII letters, in text and expressions
  -utf16         the text as UTF-16
  -align N       only at addresses that N divides
  -in RANGE      only there; RANGE as for `crit-dump', in quotes if it has blanks
  -all           in all processes of the checkpoint; what they share once
  -overlapping   also matches that begin inside the one before
  -max-count N   stop after N matches
  -count         only say how many there are
  -context N     show N bytes before and behind, ?? where one is not there
  -json          one object for each match
  --             ends the options

$_ is set to the address of the last match, $numfound to how many there are."""

    def __init__(self):
        super().__init__("crit-find", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        options, text = parse(argument)
        found = session.required()
        with core.errors():
            find(found, options, text)

    def complete(self, text, word):
        integer = " -int " in " " + text
        return words.complete_options(
            OPTIONS, text, word, gdb.COMPLETE_EXPRESSION if integer else gdb.COMPLETE_NONE)


def parse(argument):
    """(options, PATTERN) of a command line. PATTERN stays as typed: expressions are full of what
    gdb's own words would lose."""
    options, rest = {}, argument.strip()
    while rest.startswith("-"):
        name, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        name = name[1:]
        if name == "-":
            break
        if name in FLAGS:
            options[name] = True
        elif name in NUMBERS:
            value, _, rest = rest.partition(" ")
            options[name] = number(name, value)
        elif name == "in":
            options[name], rest = first_word(rest)
        elif name[:1].isdigit() and "int" in options:  # a number below zero
            rest = ("-" + name + " " + rest).rstrip()
            break
        else:
            raise gdb.GdbError("Usage: %s" % USAGE)
        rest = rest.lstrip()
    if not rest or sum(kind in options for kind in KINDS) > 1:
        raise gdb.GdbError("Usage: %s" % USAGE)
    if "all" in options and "in" in options:
        raise gdb.GdbError("-in is about one process, -all about all.")
    return options, unquote(rest)


def number(name, text):
    try:
        value = int(text, 0)
    except ValueError:
        value = -1
    least, most = (0, MAX_CONTEXT) if name == "context" else (1, render.memory.TOP - 1)
    if name == "size" and value not in (1, 2, 4, 8):
        raise gdb.GdbError("-size takes 1, 2, 4 or 8.")
    if not least <= value <= most:
        raise gdb.GdbError("-%s takes a number from %d on." % (name, least))
    return value


def first_word(text):
    """A word or what is in quotes, and the rest."""
    if text[:1] in ("'", '"') and text.find(text[0], 1) > 0:
        end = text.index(text[0], 1)
        return text[1:end], text[end + 1:]
    word, _, rest = text.partition(" ")
    return word, rest


def unquote(text):
    if len(text) > 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text


def integer(expression, size):
    """The decimal digits of an expression's value, and its width in bytes."""
    try:
        value = gdb.parse_and_eval(expression)
        if value.type.strip_typedefs().code in ranges.PLACES and value.address is not None:
            value = value.address
        return str(int(value)), size or value.type.sizeof
    except gdb.error as error:
        raise gdb.GdbError(str(error)) from None


def find(found, options, text):
    """Search, show what is found, set gdb's variables."""
    kind = next((kind for kind in KINDS if kind in options), "text")
    size, start, end, last = options.get("size", 0), 0, 0, []
    if kind == "int":
        text, size = integer(text, size)
    elif size:
        raise gdb.GdbError("-size goes with -int.")
    if "in" in options:
        start, end = ranges.parse(found, options["in"])
    style = Style(options, kind)

    def note(match):
        if match["pid"] == found.pid:
            last[:] = [match["vaddr"]]
        style.show(match)

    nr = found.checkpoint.find(
        0 if "all" in options else found.pid, kind, text.encode("utf-8", "surrogateescape"),
        None if "count" in options else note,
        lambda why: gdb.write("Not searched: %s\n" % render.text.printable(why), gdb.STDERR),
        "ignore-case" in options, "utf16" in options, size, start, end & render.memory.TOP - 1,
        options.get("align", 0), options.get("max-count", 0), "overlapping" in options,
        options.get("context", 0))
    style.finish(nr, lambda: 0 if "all" in options else unsearched(found, start, end))
    gdb.set_convenience_variable("numfound", nr)
    if last:
        pointer = gdb.lookup_type("void").pointer()
        gdb.set_convenience_variable("_", gdb.Value(last[0]).cast(pointer))


class Style:
    """How matches are shown."""

    def __init__(self, options, kind):
        self.json = "json" in options
        self.all = "all" in options
        self.count = "count" in options
        self.as_text = kind == "regex" or (kind == "text" and "utf16" not in options)

    def show(self, match):
        if self.json:
            gdb.write(json.dumps(dict(match, bytes=match["bytes"].hex())) + "\n")
            return
        for line in render.matches.lines(match, self.as_text, self.all):
            gdb.write(line + "\n")

    def finish(self, nr, unsearched):
        if self.json:
            if self.count:
                gdb.write(json.dumps({"count": nr}) + "\n")
        elif nr:
            gdb.write("%d match%s.\n" % (nr, "" if nr == 1 else "es"))
        else:
            gdb.write(render.matches.none_found(unsearched()) + "\n")


def unsearched(found, start, end):
    """Bytes of a process that could be in a checkpoint but are not in this one."""
    total = 0
    for mapping in found.checkpoint.mappings(found.pid):
        low, high = max(mapping["start"], start), min(mapping["end"], end or render.memory.TOP)
        if low < high and mapping["kind"] not in ("vvar", "vsyscall"):
            total += found.checkpoint.totals(found.pid, low, high)["unavailable"]
    return total


def register():
    CritFind()
