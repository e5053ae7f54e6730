# SPDX-License-Identifier: LGPL-2.1-or-later
"""gdb settings that are different while a checkpoint is open, or while a command runs.

Those for a checkpoint belong to gdb as a whole, so they are borrowed when the first one is opened
and given back when the last one goes. What the user changed meanwhile is the user's and stays.

    sysroot             "target:" would fetch every library's symbols through the wire; it is what
                        is needed when code that was deleted is in the checkpoint only
    non-stop            a checkpoint has nothing to offer for it, and gdb then refuses to connect
    may-call-functions  a clear refusal, where gdb would say that it cannot write to the stack
    solib-search-path   leads gdb to libraries it does not find under `set sysroot`
    endian, mips abi    of a checkpoint whose executable gdb has not; see machine.py
    dcache, mem         gdb then keeps the memory it read: it never changes
"""

import contextlib
import os
import re
import sys

import gdb

TARGET_PREFIXES = ("target:", "remote:")

# A miss costs a round trip: longer lines pay for neighbours, shorter ones for scattered reads.
CACHE = (("dcache line-size", "256"), ("dcache size", "16384"))

_borrowed = {}  # name -> (value before, value set by us)
_region = None  # gdb's number of our memory region
_through_target = False  # the sysroot has to be "target:"


def text(name):
    """A setting as one types it."""
    value = gdb.parameter(name)
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value is None else str(value)


def _set(name, value):
    try:
        gdb.execute("set %s %s" % (name, value), False, True)
    except gdb.error:  # done, but for a library that gdb 18 does not find below "target:"
        if name != "sysroot" or text(name) != value:
            raise


def silently(command):
    """Run a command and forget what it prints, unless the user debugs the connection, or an IDE
    would not hear of new threads: what gdb 18 tells an IDE is then part of what a command
    prints."""
    try:
        gdb.execute(command, False,
                    text("debug remote") in ("off", "0") and not prints_records())
    except UnicodeDecodeError:  # it was run; what it printed is no text (a name out of an image)
        pass


def prints_records():
    """Does a command print as MI sends it?"""
    return gdb.execute("echo .", False, True).startswith("~")


def printed(command):
    """What a command prints. Under MI gdb 18 gives it as MI would send it: ~"line\\n"."""
    text = gdb.execute(command, False, True)
    records = re.findall(r'^[~@&](".*")$', text, re.MULTILINE)
    if not records:
        return text
    import ast
    return "".join(map(ast.literal_eval, records))


@contextlib.contextmanager
def changed(**values):
    """Run a block with other settings; a name has _ where gdb has - or a space."""
    before = []
    try:
        for name, value in values.items():
            name = name.replace("__", " ").replace("_", "-")
            if text(name) != value:
                before.append((name, text(name)))
                _set(name, value)
        yield
    finally:
        for name, value in reversed(before):
            _set(name, value)


def without_questions():
    """For commands whose output is caught: a question in it would be waiting unseen."""
    values = {"confirm": "off"}
    if text("debuginfod enabled") == "ask":
        values["debuginfod__enabled"] = "off"
    return changed(**values)


def local_sysroot():
    """Where `set sysroot` has gdb look on this machine, without a / at the end; "" is its root."""
    sysroot = of_user("sysroot")
    for prefix in TARGET_PREFIXES:
        sysroot = sysroot.removeprefix(prefix)
    return os.path.abspath(os.path.expanduser(sysroot)).rstrip("/") if sysroot else ""


def borrow(through_target=False):
    """Change what has to be different. Calling it again catches up with the user's changes.

    through_target: some code is only in the checkpoint, whose server has verified files as well."""
    global _through_target
    _through_target |= through_target
    if _through_target:
        borrow_one("sysroot", "target:")
    elif text("sysroot").startswith(TARGET_PREFIXES):
        borrow_one("sysroot", local_sysroot() or "/")
    borrow_rest()


def borrow_rest():
    """All but the sysroot."""
    borrow_one("non-stop", "off")
    borrow_one("may-call-functions", "off")
    _borrow_memory()


def look_again():
    """Have gdb look for the files of libraries once more."""
    _set("solib-search-path", text("solib-search-path"))


def borrow_one(name, value):
    """Set something for as long as a checkpoint is open."""
    before = text(name)
    if before != value:
        _set(name, value)
        original = _borrowed.get(name, (before,))[0]
        _borrowed[name] = (original, text(name))


def _borrow_memory():
    """With regions of the user's own nothing is cached: ours would overlap them."""
    global _region
    if _regions():
        return
    gdb.execute("mem 0 0 rw cache", False, True)
    _region = _regions()[0]
    for name, value in CACHE:
        borrow_one(name, value)


def _regions():
    """The numbers of the user's memory regions; those that a target tells of do not count."""
    listing = printed("info mem")
    if listing.startswith("Using memory regions provided by the target"):
        return []
    return re.findall(r"^(\d+) ", listing, re.MULTILINE)


def refuse_calls(refuse):
    """A live program in another inferior may call its functions while it is the current one."""
    name = "may-call-functions"
    before, ours = _borrowed.get(name, (None, None))
    value = "off" if refuse else before
    if ours not in (None, value) and text(name) == ours:
        _set(name, value)
        _borrowed[name] = (before, value)


def of_user(name):
    """A setting as the user left it."""
    before, ours = _borrowed.get(name, (None, None))
    return before if ours is not None and text(name) == ours else text(name)


def give_back():
    """Undo borrow() as far as gdb allows now; calling it again tries the rest."""
    global _region, _through_target
    _through_target = False
    if _region is not None:
        regions, region, _region = _regions(), _region, None
        if regions == [region]:
            gdb.execute("mem auto", False, True)
        elif region in regions:
            gdb.execute("delete mem %s" % region, False, True)
    for name, (before, ours) in list(_borrowed.items()):
        with contextlib.suppress(gdb.error):  # "Cannot change this ... is running": later, then
            if text(name) == ours:
                if (name, before) == ("endian", "auto"):  # which stays with what was set last
                    _set(name, sys.byteorder)
                _set(name, before)
            del _borrowed[name]
