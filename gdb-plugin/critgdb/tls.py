# SPDX-License-Identifier: LGPL-2.1-or-later
"""Thread-local variables where gdb does not ask for their addresses.

Up to 16 gdb asks the target. From 17 on, on most CPUs, it looks for them by itself: it numbers the
modules that have any in the order of its list of libraries, as far as it finds their files, and
takes what the thread's table has under that number. The numbers are others when a library was
unloaded before or one's file is not here, and the table is not all there is to it: storage beside
it counts as not allocated, and what a module left there that is gone, as that of its successor. gdb
then shows values of other variables without a word.

A library that gdb first meets without its file gets no number: then gdb says that it does not know.
So all are met that way from the first one on that would be misplaced, and `$_criu_tls' finds their
variables.
"""

import os
import re

import gdb

from . import core, libraries, settings

WHERE = re.compile(r"thread-local variable at offset (0x[0-9a-f]+) in the thread-local storage for "
                   r"`(.*)'\.", re.S)


def guide(found, led, dropped):
    """Keep gdb from wrong answers; @led: libraries' files were found late; @dropped: gdb also finds
    files that are not the checkpoint's. Returns the names of the modules that it was kept from."""
    if not gdb_looks_by_itself():
        return []
    try:
        modules = found.checkpoint.tls_modules(found.pid)
    except core.module().Error:  # nobody knows: neither does gdb
        modules = None
    right = count_right(modules or [], loaded_libraries() if dropped else None)
    if modules is None or right < len(modules):
        right = here(modules or [], right)
        names, first = loaded_libraries(), files_of(modules or [], right)
        if dropped and not any(name.startswith("target:") for name in names):
            found.links = libraries.load_alone(names, first)
        else:
            libraries.load_in_steps(names, first)
        return [module["name"] for module in modules[right:]] if modules else []
    if led:
        libraries.load_again(loaded_libraries())
    return []


def gdb_looks_by_itself():
    try:
        gdb.execute("maintenance show force-internal-tls-address-lookup", False, True)
    except gdb.error:  # gdb 16 and before
        return False
    return True


def count_right(modules, only):
    """How many modules, from the first on, gdb's way does find; @only: among these files."""
    for number, module in enumerate(modules, 1):
        if module["number"] != number or not module["plain"] or not gdb_has(module, only):
            return number - 1
    return len(modules)


def here(modules, right):
    """How many of the first so many have their files on this machine, not only at the server's."""
    for number, module in enumerate(modules[:right]):
        if module["name"] and gdb.solib_name(module["dynamic"]).startswith("target:"):
            return number
    return right


def files_of(modules, right):
    """{short name: file} of the first so many modules; none if a name is not unique."""
    names = [os.path.basename(module["name"]) for module in modules]
    files = {name: gdb.solib_name(module["dynamic"])
             for name, module in zip(names[:right], modules) if name}
    return files if len(set(names)) == len(names) else {}


def gdb_has(module, only):
    if not module["name"]:
        return gdb.current_progspace().filename is not None
    name = gdb.solib_name(module["dynamic"])
    return name is not None and (only is None or name in only)


def loaded_libraries():
    """Their files; the vdso has none. Deleted ones come through the connection."""
    progspace = gdb.current_progspace()
    return [objfile.filename for objfile in progspace.objfiles()
            if objfile.owner is None and objfile.filename not in (None, progspace.filename)
            and (objfile.filename.startswith("target:") or os.path.exists(objfile.filename))]


def place(name):
    """(offset, name of the file) of a thread-local variable."""
    try:
        said = WHERE.search(settings.printed("info address " + name))
    except gdb.error as error:
        raise gdb.GdbError(str(error)) from None
    if said is None:
        raise gdb.GdbError("%s is not a thread-local variable." % name)
    return int(said.group(1), 16), said.group(2)


def address(found, objfile, offset):
    checkpoint, pid = found.checkpoint, found.pid
    for module in checkpoint.tls_modules(pid):
        if module["name"]:
            fits = gdb.solib_name(module["dynamic"]) == objfile
        else:
            fits = gdb.current_progspace().filename == objfile
        if fits:
            tid = gdb.selected_thread().ptid[1]
            return checkpoint.tls_address(pid, tid, module["link_map"], offset)
    raise gdb.GdbError("%s has no thread-local storage in this process." % objfile)


def value(name, vaddr):
    symbol = gdb.lookup_symbol(name)[0] or gdb.lookup_global_symbol(name) \
        or gdb.lookup_static_symbol(name)
    if symbol is None or symbol.type is None:
        return gdb.Value(vaddr).cast(gdb.lookup_type("void").pointer())
    return gdb.Value(vaddr).cast(symbol.type.pointer()).dereference()

