# SPDX-License-Identifier: LGPL-2.1-or-later
"""Variables that differ between the open process and the same one of another checkpoint.

Of globals the other one's values are made of its bytes and the variable's type. The library says
which pages changed; only what has an address in them is looked at, however many variables there
are. Locals and thread-local variables may be in registers or at other places there: gdb evaluates
them in both (elsewhere.py). Values are shown without pretty printers, and pointers as numbers: what
they point to may be another thing there.
"""

import bisect
import collections
import re

import gdb

from . import elsewhere, settings
from .elsewhere import DATA_CODES, MAX_DEPTH, MAX_LEN, REF_CODES

MAX_LINES = 64  # members of one variable
MSYMBOL = re.compile(r"^\[ *\d+\] [DBdbAa] 0x([0-9a-f]+) (\S+)(?:  (.*?))? section (\S+)", re.M)

# how: "changed", or "unknown" when one of them or both have no value, or why nothing was compared
Change = collections.namedtuple("Change", "how name old new why", defaults=(None,))


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
    """[Change], globals by address, then thread-local ones, then locals; bare: the other one is a
    pre-dump."""
    changes = Changes(critcore, found, other, bare, newer)
    lines, seen = [], set()
    places = symbols()
    for name, value in globals_in(changes, places) if changes.ranges else ():
        lines += compare(changes, name, value, seen)
    lines = [Change("changed", *line) for line in lines]
    return lines + of_thread(changes, [name for address, name in places if address is None], seen)


# ---- Which variables ------------------------------------------------------------------------


def symbols():
    """[(address, name)] of the data that symbol tables have; thread-local ones have no address."""
    places = []
    for match in MSYMBOL.finditer(settings.printed("maintenance print msymbols")):
        address, linkage, demangled, section = match.groups()
        of_thread = section in (".tdata", ".tbss")
        places.append((None if of_thread else int(address, 16), demangled or linkage))
    return places


def globals_in(changes, places):
    """(name, gdb.Value) of those in the changed pages."""
    known = sorted({address for address, _ in places if address is not None})
    word, found = gdb.lookup_type("void").pointer().sizeof, {}
    for address, name in places:
        if address is not None and may_differ(changes, address, gap(known, address), word):
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


# ---- Those of the selected thread and frame -------------------------------------------------


def of_thread(changes, names, seen):
    """[Change] of thread-local variables with these names, and of locals; or why they are not
    compared."""
    try:
        frame = gdb.selected_frame()
    except gdb.error:
        return []
    threads, inside = thread_locals(names), elsewhere.locals_of(frame)
    what = "locals of %s" % (frame.name() or "the selected frame")
    if not threads and not inside:
        return []
    why = obstacle(changes, frame)
    if why:
        both = " and ".join(["thread-local variables"] * bool(threads) + [what] * bool(inside))
        return [Change("unknown", both, None, None, why)]
    mine, theirs = both_sides(changes, frame, threads, inside)
    lines = of_threads(changes, threads, mine[0], theirs[0])
    if inside and theirs[1] is None:
        return lines + [Change("unknown", what, None, None, "the other one's thread %d is not in "
                               "this frame" % gdb.selected_thread().ptid[1])]
    return lines + of_locals(changes, mine[1], theirs[1] or {}, seen)


def obstacle(changes, frame):
    if not elsewhere.is_on_stack(frame):
        return "the frame is not on the stack"
    try:
        return elsewhere.obstacle(changes.found, changes.other, changes.bare)
    except changes.error as error:
        return str(error)


def both_sides(changes, frame, threads, inside):
    """((thread-local, locals) here, the same there) as {key: Taken}; there None instead of locals
    when the frame is not there."""
    def taken(found, frame):
        return {key: elsewhere.taken(symbol, frame) for key, symbol in found.items()}

    mine = taken(threads, gdb.newest_frame()), taken(inside, frame)
    callers = elsewhere.Callers(changes.found, changes.other, frame)
    with elsewhere.shown(changes.found, changes.other):
        theirs = [taken(threads, gdb.newest_frame()), None]
        if callers.are_there():
            theirs[1] = taken(elsewhere.locals_of(frame), frame)
    return mine, theirs


def thread_locals(names):
    """{name: gdb.Symbol}"""
    found = {name: gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
             for name in names}
    return {name: symbol for name, symbol in found.items() if symbol is not None}


def of_threads(changes, threads, mine, theirs):
    lines = []
    for name in threads:
        found = taken_changes(changes, name, mine[name], theirs[name])
        # Nobody knows where it is: it is not allocated yet, or its module was unloaded.
        lines += [each for each in found if each.old != each.new]
    return lines


def of_locals(changes, mine, theirs, seen):
    """What is inlined in parts has variables of one name, without a value in some of them."""
    lines, nothing, nowhere = [], {}, elsewhere.Taken(text=elsewhere.NOT_IN_SCOPE)
    known = set()
    for key in list(mine) + [key for key in theirs if key not in mine]:
        here = mine.get(key, nowhere)
        found = taken_changes(changes, key[0], here, theirs.get(key, nowhere))
        if len(found) == 1 and found[0].old == found[0].new:
            nothing[key[0]] = found[0]
            continue
        known.add(key[0])
        pointer = here.pointer()
        if not found and pointer is not None:
            found = [Change("changed", *line)
                     for line in pointed_to(changes, key[0], pointer, seen)]
        lines += found
    return lines + [each for name, each in nothing.items() if name not in known]


def taken_changes(changes, name, mine, theirs):
    """[Change] of a variable; mine is what it is here."""
    old, new = changes.ordered(mine, theirs)
    lines = []
    if old.refers and new.refers and old.address != new.address and None not in (old.address,
                                                                                 new.address):
        lines.append(Change("changed", "&" + name, "0x%x" % old.address, "0x%x" % new.address))
    if old.data is not None and new.data is not None and len(old.data) == len(new.data):
        found = values(changes, name, (mine.data, theirs.data), mine.kind)
        return lines + [Change("changed", *line) for line in found]
    old, new = old.leaves(), new.leaves()
    for path in list(old) + [path for path in new if path not in old]:
        texts = [leaves.get(path, leaves.get("")) for leaves in (old, new)]
        if None in texts:  # it has other members there
            texts = [text or elsewhere.NOT_IN_SCOPE for text in texts]
        if not all(map(elsewhere.is_known, texts)):
            lines.append(Change("unknown", name + path, *texts))
        elif texts[0] != texts[1]:
            lines.append(Change("changed", name + path, *texts))
    if len(lines) > MAX_LINES:
        lines[MAX_LINES:] = [Change("changed", name, "...", "more of it differs")]
    return lines


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
    if value.type.strip_typedefs().code in REF_CODES:  # the address is that of what it refers to
        size = value.referenced_value().type.sizeof
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
