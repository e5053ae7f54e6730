# SPDX-License-Identifier: LGPL-2.1-or-later
"""What gdb itself makes of the selected frame's and thread's variables in another checkpoint.

For a while the server that gdb is connected to hands out the other one's memory and registers, and
gdb, which was told to forget those it had, unwinds and evaluates there as it does here: registers,
pieces, values at a function's entry, thread-local storage. There is no second inferior, so nothing
of the user's is touched: neither numbers of inferiors, nor breakpoints, nor what an IDE is told.

Nothing lazy may cross the border: a value that gdb has not fetched would be fetched on the other
side.
"""

import contextlib

import gdb

MAX_LEN = 1 << 20  # bytes of a variable that are compared
MAX_LEAVES = 4096  # members of one that is not in memory
MAX_DEPTH = 8
MAX_CALLERS = 256
DATA_CODES = (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION)
REF_CODES = (gdb.TYPE_CODE_REF, gdb.TYPE_CODE_RVALUE_REF)
NOT_IN_SCOPE = "<not in scope>"


# ---- Going there and back -------------------------------------------------------------------


def forget():
    """Have gdb read registers and memory again. It says so: not to the user."""
    gdb.execute("maintenance flush register-cache", False, True)
    gdb.execute("maintenance flush dcache", False, True)


class WayBack:
    """Go back to the open checkpoint and its selected frame: when called, and at the next prompt if
    Ctrl-C came in between."""

    def __init__(self, found):
        self.found, self.frame = found, gdb.selected_frame()
        gdb.events.before_prompt.connect(self)

    def __call__(self):
        self.found.server.show()
        forget()
        gdb.events.before_prompt.disconnect(self)
        self.frame.select()


@contextlib.contextmanager
def shown(found, other):
    """The inferior has the other checkpoint's contents; its frame 0 is selected."""
    go_back = WayBack(found)
    try:
        gdb.newest_frame().select()  # gdb complains of one that is not there
        found.server.show(other, found.pid)
        forget()
        yield
    finally:
        go_back()


def obstacle(found, other, bare):
    """Why the selected thread cannot be looked at there; None if it can."""
    if bare:
        return "a pre-dump has no registers"
    if found.server is None:
        return "gdb was not connected by `target criu'"
    tid = gdb.selected_thread().ptid[1]
    if other.task(found.pid) is None:
        return "process %d is not there" % found.pid
    if not any(each["tid"] == tid for each in other.threads(found.pid)):
        return "thread %d is not there" % tid
    found.checkpoint.same_run(other, found.pid)  # or it says why not
    return None


# ---- Frames ---------------------------------------------------------------------------------


class Callers:
    """A frame and those that called it, as they are here.

    It is the same one there if gdb finds it by its id (the place on the stack, the function, how
    deep it is inlined), and all its callers with theirs, which will go on at the same places."""

    def __init__(self, found, other, frame):
        self.frame, self.rows = frame, []
        places = [mappings(found.checkpoint, found.pid), mappings(other, found.pid)]
        self.foreign = None
        while frame is not None and len(self.rows) < MAX_CALLERS:
            self.rows.append((frame, frame.pc()))
            here, there = (file_at(each, frame.pc()) for each in places)
            if here != there and self.foreign is None:
                self.foreign = frame.pc()
            frame = frame.older()

    def are_there(self):
        frame = self.frame if self.foreign is None and self.frame.is_valid() else None
        for number, (row, pc) in enumerate(self.rows):
            if frame is None or row != frame or number and frame.pc() != pc:
                return False
            frame = frame.older()
        return frame is None or len(self.rows) == MAX_CALLERS


def mappings(checkpoint, pid):
    return [(each["start"], each["end"], each["path"]) for each in checkpoint.mappings(pid)]


def file_at(places, pc):
    """What code at an address is of: the file, and where that would begin."""
    return next((path for start, end, path in places if start <= pc < end), None)


def is_on_stack(frame):
    """Not one that the user made up (`frame view')."""
    each = gdb.newest_frame()
    while each is not None and each.level() < frame.level():
        each = each.older()
    return each == frame


# ---- Variables ------------------------------------------------------------------------------


def locals_of(frame):
    """{key: gdb.Symbol} of what is in scope, the innermost first; the key begins with the name, and
    tells those apart that have the same: shadowed ones, and what was inlined in parts."""
    try:
        block = frame.block()
    except RuntimeError:  # no debug information
        return {}
    symbols = {}
    while block is not None and not block.is_global and not block.is_static:
        for symbol in block:
            if (symbol.is_variable or symbol.is_argument) and symbol.needs_frame:
                symbols[(symbol.name, block.start, block.end, len(symbols))] = symbol
        if block.function is not None:
            break
        block = block.superblock
    return symbols


def taken(symbol, frame):
    """What a symbol's value is: see Taken."""
    try:
        return take(symbol.value(frame))
    except (gdb.error, TypeError) as error:  # TypeError: of no symbol's or no known size
        return Taken(text="<%s>" % error)


class Taken:
    """A value with nothing left to fetch: bytes of memory, leaves {path: text} of what is not there
    as a whole, or a text that says why there is nothing. Of a reference, what it refers to."""

    def __init__(self, address=None, data=None, kind=None, leaves=None, text=None):
        self.address, self.data, self.kind, self.text = address, data, kind, text
        self.refers = False
        self._leaves = leaves

    def leaves(self):
        if self._leaves is None and self.data is not None:
            self._leaves = leaves_of(gdb.Value(self.data, self.kind))
        return {"": self.text} if self._leaves is None else self._leaves

    def pointer(self):
        """It as a gdb.Value, if it is a pointer with a value."""
        if self.kind is None or self.kind.strip_typedefs().code != gdb.TYPE_CODE_PTR:
            return None
        text = self.leaves().get("", "")
        return gdb.Value(int(text, 16)).cast(self.kind) if is_known(text) else None


def take(value):
    kind = value.type.strip_typedefs()
    if kind.code in REF_CODES:
        target = take(value.referenced_value())
        target.refers = True
        return target
    if value.address is None:
        return Taken(kind=value.type, leaves=leaves_of(value))
    address, size = int(value.address), value.type.sizeof
    if size > MAX_LEN:
        return Taken(text="<too large>")
    data = gdb.selected_inferior().read_memory(address, size) if size else b""
    return Taken(address, bytes(data), value.type)


def leaves_of(value):
    """{path: text} of a value, member by member."""
    leaves = {}
    add_leaves("", value, leaves, 0)
    texts = set(leaves.values())
    if len(texts) == 1 and not is_known(min(texts)):  # nothing of it is there
        return {"": texts.pop()}
    return leaves


def add_leaves(path, value, leaves, depth):
    kind = value.type.strip_typedefs()
    if len(leaves) > MAX_LEAVES:
        return
    if kind.code in DATA_CODES and depth < MAX_DEPTH:
        for field in kind.fields():
            if hasattr(field, "bitpos"):  # a static member has none
                inner = field.is_base_class or not field.name
                add_leaves(path if inner else "%s.%s" % (path, field.name), value[field], leaves,
                           depth + 1)
    elif kind.code == gdb.TYPE_CODE_ARRAY and depth < MAX_DEPTH:
        low, high = kind.range()
        for i in range(low, min(high, low + MAX_LEAVES) + 1):
            add_leaves("%s[%d]" % (path, i), value[i], leaves, depth + 1)
    else:
        leaves[path] = leaf_text(value, kind)


def leaf_text(value, kind):
    """As text; a pointer as a number, since what it points to may be another one there."""
    try:
        if kind.code == gdb.TYPE_CODE_PTR and not value.is_optimized_out:
            return "0x%x" % int(value)
        return value.format_string(raw=True, max_elements=0, repeat_threshold=8)
    except gdb.error as error:
        return "<%s>" % error


def is_known(text):
    """`<optimized out>', `<unavailable>', `<synthetic pointer>' and our own are no values."""
    return not (text.startswith("<") and text.endswith(">"))
