# SPDX-License-Identifier: LGPL-2.1-or-later
"""Variables that differ between the open process and the same one of another checkpoint.

The other one's values are made of its bytes and the variable's type; there is no second inferior.
So nothing may be looked up through a pointer of theirs: values are shown without pretty printers,
and pointers as numbers. The library says which pages changed; only what has an address in them is
looked at, however many variables there are.
"""

import bisect
import re

import gdb

from . import core, settings

MAX_LEN = 1 << 20  # bytes of a variable that are compared
MAX_LINES = 64  # members of one variable
MAX_DEPTH = 8
MSYMBOL = re.compile(r"^\[ *\d+\] [DBdbAa] 0x([0-9a-f]+) (\S+)(?:  (.*?))? section (\S+)", re.M)
DATA_CODES = (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION)


class Changes:
    """The pages that changed, and the bytes of both."""

    def __init__(self, critcore, found, other, bare, newer):
        self.found, self.other, self.bare, self.newer = found, other, bare, newer
        self.error = critcore.Error
        self.page_size = found.checkpoint.machine(found.pid)["page_size"]
        self.ranges = found.checkpoint.diff_ranges(other, found.pid, newer)
        self.starts = [start for start, _, _ in self.ranges]

    def place(self, start, size):
        """The address in the other one of what is at start here; None when no byte changed."""
        i = max(0, bisect.bisect_right(self.starts, start) - 1)
        for here, end, there in self.ranges[i:i + 2]:
            if here < start + size and start < end:
                return there + (start - here)
        return None

    def both(self, start, size):
        """(here, there) as bytes; None when they are equal, or cannot be compared."""
        there = self.place(start, size)
        if there is None or not 0 < size <= MAX_LEN:
            return None
        try:
            mine = self.found.checkpoint.read(self.found.pid, start, size)
            theirs = self.read_other(there, size)
        except self.error:
            return None
        return None if mine == theirs else (mine, theirs)

    def read_other(self, vaddr, size):
        if self.bare:
            return self.other.read_pages(self.found.pid, self.page_size, vaddr, size)
        return self.other.read(self.found.pid, vaddr, size)

    def ordered(self, mine, theirs):
        """The old one first."""
        return (mine, theirs) if self.newer else (theirs, mine)


def changed(critcore, found, other, bare, newer):
    """[(name, old value, new value)] as text, globals by address, then locals; bare: the other one
    is a pre-dump."""
    changes = Changes(critcore, found, other, bare, newer)
    if not changes.ranges:
        return []
    lines, seen = [], set()
    for name, value in globals_in(changes):
        lines += compare(changes, name, value, seen)
    for name, value in locals_of(changes):
        lines += compare(changes, name, value, seen)
    return lines


# ---- Which variables ------------------------------------------------------------------------


def globals_in(changes):
    """(name, gdb.Value) of what symbol tables have in the changed pages."""
    places = []
    for match in MSYMBOL.finditer(settings.printed("maintenance print msymbols")):
        address, linkage, demangled, section = match.groups()
        of_thread = section in (".tdata", ".tbss")
        places.append((None if of_thread else int(address, 16), demangled or linkage))
    known = sorted({address for address, _ in places if address is not None})
    word, found = gdb.lookup_type("void").pointer().sizeof, {}
    for address, name in places:
        if address is None:
            value = thread_local(name)
            if value is not None:
                found.setdefault(int(value.address), (name, value))
        elif may_differ(changes, address, gap(known, address), word):
            value = with_type(address, name)
            if address not in found or found[address][1].type.code == gdb.TYPE_CODE_ERROR:
                found[address] = (name, value if value is not None else
                                  unknown(address, gap(known, address)))
    return [found[address] for address in sorted(found)]


def gap(known, address):
    """How far a variable can go: to the next symbol."""
    i = bisect.bisect_right(known, address)
    return known[i] - address if i < len(known) else MAX_LEN


def may_differ(changes, address, size, word):
    """Asked of all, so it must be quick. What may be a pointer (and what aligns its neighbour)
    counts, for what it points to."""
    if changes.place(address, min(size, MAX_LEN)) is None:
        return False
    return word <= size < 8 * word or size >= MAX_LEN or changes.both(address, size) is not None


def with_type(address, name):
    """The variable at an address, if debug information knows it."""
    candidates = [gdb.lookup_global_symbol(name)]
    with_statics = getattr(gdb, "lookup_static_symbols", None)
    candidates += with_statics(name) if with_statics else [gdb.lookup_static_symbol(name)]
    for symbol in candidates:
        try:
            if symbol is None or symbol.needs_frame or not symbol.is_variable:
                continue
            value = symbol.value()
            if int(value.address) == address and value.type.sizeof:
                return value
        except (gdb.error, TypeError):
            continue
    return None


def unknown(address, size):
    """Without debug information: its first bytes, as a number; a whole word as an address."""
    kind = gdb.lookup_type("void").pointer()
    if size < kind.sizeof:
        size = max(each for each in (1, 2, 4) if each <= max(1, size))
        kind = gdb.selected_inferior().architecture().integer_type(8 * size, False)
    return gdb.Value(address).cast(kind.pointer()).dereference()


def thread_local(name):
    """Of the selected thread; None when it has none, or nobody knows."""
    symbol = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    if symbol is None:
        return None
    try:
        value = symbol.value(gdb.selected_frame()) if symbol.needs_frame else symbol.value()
        return value if value.address is not None else None
    except gdb.error:
        return None


def locals_of(changes):
    """(name, gdb.Value) of the selected frame, if the other one's thread is in it as well."""
    try:
        frame = gdb.selected_frame()
        block = frame.block()
    except (gdb.error, RuntimeError):
        return []
    if not same_frame(changes, frame):
        return []
    found = []
    while block is not None and not block.is_global and not block.is_static:
        for symbol in block:
            if symbol.is_variable or symbol.is_argument:
                try:
                    value = symbol.value(frame)
                    if value.address is not None:
                        found.append((symbol.name, value))
                except gdb.error:
                    continue
        if block.function is not None:
            break
        block = block.superblock
    return found


class Met(Exception):
    """The stack that was looked for."""


def same_frame(changes, frame):
    """Does the other one's thread have a frame of the same function at the same place?"""
    if changes.bare:  # it has no stacks
        return False
    tid, stack = gdb.selected_thread().ptid[1], []

    def note(each):
        if each["tid"] == tid:
            stack.append(each)
            raise Met

    try:
        changes.other.stacks(changes.found.pid, 0, True, False, note)
    except (Met, LookupError, changes.error):
        pass
    here, name = int(frame.read_register("sp")), without_parameters(frame.name())
    return any(each["sp"] == here and name and
               name in map(without_parameters, (each["function"], each["symbol"]))
               for each in (stack[0]["frames"] if stack else ()))


def without_parameters(name):
    """gdb's and the library's names of C++ functions differ in these."""
    return name and name.partition("(")[0]


# ---- What differs in one --------------------------------------------------------------------


def compare(changes, name, value, seen):
    """Lines about a variable, and about what it points to."""
    try:
        address, size = int(value.address), value.type.sizeof
    except (gdb.error, TypeError):
        return []
    if address in seen:
        return []
    seen.add(address)
    both = changes.both(address, size)
    if both:
        return values(changes, name, both, value.type)
    return pointed_to(changes, name, value, seen)


def pointed_to(changes, name, value, seen):
    """A pointer that is the same, to something that is not: one level."""
    kind = value.type.strip_typedefs()
    if kind.code != gdb.TYPE_CODE_PTR or kind.target().strip_typedefs().code not in DATA_CODES:
        return []
    target, address = kind.target(), int(value)
    if address in seen or not target.sizeof:
        return []
    both = changes.both(address, target.sizeof)
    if not both:
        return []
    seen.add(address)
    return values(changes, "*" + name, both, target)


def values(changes, name, both, kind):
    """Both values, member by member, as text."""
    lines = []
    try:
        differences(name, *changes.ordered(*both), kind, lines, 0)
    except (gdb.error, ValueError) as error:
        return [(name, "?", str(error))]
    if len(lines) > MAX_LINES:
        lines[MAX_LINES:] = [(name, "...", "more of it differs")]
    return lines


def differences(name, old, new, kind, lines, depth):
    """Add what differs between two values of a type, given as bytes."""
    kind = kind.strip_typedefs()
    if old == new or len(lines) > MAX_LINES:
        return
    if kind.code in DATA_CODES and depth < MAX_DEPTH:
        of_members(name, old, new, kind, lines, depth)
    elif kind.code == gdb.TYPE_CODE_ARRAY and not is_text(kind) and depth < MAX_DEPTH:
        of_elements(name, old, new, kind, lines, depth)
    else:
        texts = shown(old, kind), shown(new, kind)
        if texts[0] != texts[1]:
            lines.append((name, *texts))


def of_elements(name, old, new, kind, lines, depth):
    element, (low, high) = kind.target(), kind.range()
    size = element.sizeof
    for i in range(high - low + 1):
        at = slice(i * size, (i + 1) * size)
        if old[at] != new[at]:
            differences("%s[%d]" % (name, low + i), old[at], new[at], element, lines, depth + 1)


def of_members(name, old, new, kind, lines, depth):
    before = len(lines)
    for field in kind.fields():
        if not hasattr(field, "bitpos"):  # a static member
            continue
        path = name if field.is_base_class or not field.name else "%s.%s" % (name, field.name)
        at = slice(field.bitpos // 8, field.bitpos // 8 + field.type.sizeof)
        if field.bitsize:
            texts = [str(gdb.Value(each, kind)[field]) for each in (old, new)]
            if texts[0] != texts[1]:
                lines.append((path, *texts))
        elif len(old[at]) == field.type.sizeof:
            differences(path, old[at], new[at], field.type, lines, depth + 1)
        if kind.code == gdb.TYPE_CODE_UNION and len(lines) > before:
            break  # the others are the same bytes again


def is_text(kind):
    element = kind.target().strip_typedefs()
    return element.sizeof == 1 and element.code in (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_CHAR)


def shown(data, kind):
    """A value as text. Nothing is followed: it may be of the other process."""
    value = gdb.Value(data, kind)
    if kind.code == gdb.TYPE_CODE_PTR:
        return "0x%x" % int(value)
    return value.format_string(raw=True, max_elements=64, repeat_threshold=8)
