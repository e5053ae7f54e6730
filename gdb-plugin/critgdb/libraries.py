# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shared libraries: symbols from the files of the checkpoint, all of them and no others.

gdb looks libraries up by the names the dynamic linker knew and takes what it finds. The library of
another machine or of a later update then lends wrong names to right addresses, silently; and one
whose name went through a symbolic link that a copied sysroot lacks is not found. The images name
the real files and their build-ids, so both can be put right.
"""

import contextlib
import os
import re
import tempfile

import gdb

from . import settings

NOWHERE = "/nonexistent"
# What gdb calls the vdso: as it finds it, and as it reads it again.
VDSO = ("system-supplied DSO at ", "shared object read from target memory")


def offers(checkpoint, pid):
    """Files that may be copies of mapped files which are not where their names say: under the short
    name of a library (libz.so.1 for libz.so.1.2), without /usr, or in the user's search path. The
    one who is offered them finds out."""
    sysroot = settings.local_sysroot()
    folders = [os.path.abspath(folder) for folder in
               settings.of_user("solib-search-path").split(os.pathsep) if folder]
    paths = {mapping["path"] for mapping in checkpoint.mappings(pid)} - {None}
    found = []
    for path in sorted(paths):
        if not os.path.exists(sysroot + path):
            found += [each for each in other_places(path, sysroot, folders) if os.path.isfile(each)]
    return found


def other_places(path, sysroot, folders):
    home, name = os.path.split(path)
    folders = dict.fromkeys([sysroot + home, sysroot + home.removeprefix("/usr")] + folders)
    return [os.path.join(folder, each) for folder in folders for each in short_names(name)]


def short_names(name):
    """libz.so.1.2 -> libz.so.1.2, libz.so.1, libz.so"""
    names = [name]
    while re.search(r"\.so\.[0-9.]+$", names[-1]):
        names.append(names[-1].rpartition(".")[0])
    return names


def only_in_images(files, mappings):
    """Is there code in memory whose file was deleted and is kept in the checkpoint?"""
    ghosts = {file["path"] for file in files if file["verdict"] == "ghost"}
    return any(mapping["prot"] & 4 and mapping["path"] in ghosts for mapping in mappings)


def lead_gdb(files, mappings, exe):
    """Make gdb find the verified libraries that it does not find by itself. Returns whether that
    was necessary."""
    verified = {file["path"]: file["local_path"] for file in files if file["verdict"] == "used"}
    folders = set()
    for mapping in mappings:
        local = verified.get(mapping["path"])
        # The middle of the code: a first page may hold no section.
        middle = (mapping["start"] + mapping["end"]) // 2
        if local and mapping["prot"] & 4 and mapping["path"] != exe and not gdb.solib_name(middle):
            folders.add(os.path.dirname(local))
    before = settings.text("solib-search-path")
    folders -= set(before.split(os.pathsep))
    if folders:
        with settings.without_questions():
            settings.borrow_one("solib-search-path",
                                os.pathsep.join(filter(None, [before, *sorted(folders)])))
    return bool(folders)


def drop_others(files):
    """Take the symbols of files away that are not the checkpoint's. gdb cannot forget one library:
    it forgets all, and loads the right ones again. Returns whether there were such files."""
    progspace = gdb.current_progspace()
    loaded = [objfile for objfile in progspace.objfiles()
              if objfile.owner is None and objfile.filename not in (None, progspace.filename)
              and (is_served(objfile) or os.path.exists(objfile.filename))]  # the vdso is no file
    right = [objfile.filename for objfile in loaded
             if is_served(objfile) or is_one_of(objfile, files)]
    if len(right) < len(loaded):
        load_again(right)
    return len(right) < len(loaded)


@contextlib.contextmanager
def keeping_vdso():
    """gdb 17 and later forget the vdso with the libraries, and find it only when they connect: it
    is read from memory again. Not of other CPUs: gdb-multiarch 18.1 was seen to abort later, with
    an aarch64 process, for a reason that is not known."""
    before = has_vdso() and gdb.selected_inferior().architecture().name().startswith("i386")
    yield
    if before and not has_vdso():
        start = re.search(r"AT_SYSINFO_EHDR.* (0x[0-9a-f]+)", settings.printed("info auxv"))
        if start:
            settings.silently("add-symbol-file-from-memory " + start.group(1))


def has_vdso():
    return any((objfile.filename or "").startswith(VDSO)
               for objfile in gdb.current_progspace().objfiles())


def load_again(names):
    """Forget all libraries, then load the symbols of those with these names."""
    with settings.without_questions(), keeping_vdso():
        settings.silently("nosharedlibrary")
        load(names)


def load_in_steps(names, first):
    """The same, but gdb meets all libraries without their files at first, except those that are
    in @first: {short name: file}."""
    with settings.without_questions(), keeping_vdso(), \
            tempfile.TemporaryDirectory(prefix="critgdb-") as folder:
        link(folder, first)
        with settings.changed(auto_solib_add="off"):
            with settings.changed(sysroot=NOWHERE, solib_search_path=folder):
                meet_again()
        load(names)


def load_alone(names, first):
    """The same where gdb finds files that are not the checkpoint's. It reads the symbols of a libc
    as soon as it finds one, also with `set auto-solib-add off`, so it must not find that: while the
    checkpoint is open it finds no files but links to these. Returns the folder, to be kept."""
    kept = tempfile.TemporaryDirectory(prefix="critgdb-")
    short = [os.path.basename(name) for name in names]
    unique = {one: name for one, name in zip(short, names) if short.count(one) == 1}
    with settings.without_questions(), keeping_vdso():
        link(kept.name, first)
        with settings.changed(auto_solib_add="off"):
            settings.borrow_one("sysroot", NOWHERE)
            settings.borrow_one("solib-search-path", kept.name)
            meet_again()
            link(kept.name, {one: name for one, name in unique.items() if one not in first})
            settings.look_again()
        settings.silently("sharedlibrary")
        load([])
    return kept


def meet_again():
    settings.silently("nosharedlibrary")  # each change had gdb look for them again
    settings.silently("info sharedlibrary")


def link(folder, files):
    for name, path in files.items():
        os.symlink(os.path.abspath(path), os.path.join(folder, name))


def load(names):
    if names:
        settings.silently("sharedlibrary " + pattern(names))
    settings.silently("info sharedlibrary")  # gdb warns of the others when it first lists them


def is_served(objfile):
    """Does the server hand the file out? It has only the right ones."""
    return objfile.filename.startswith("target:")


def is_one_of(objfile, files):
    """Is it a mapped file? The build-id decides; where none is recorded, what was verified is."""
    for file in files:
        if file["build_id"]:
            if objfile.build_id == file["build_id"]:
                return True
        elif file["verdict"] == "used" and os.path.samefile(objfile.filename, file["local_path"]):
            return True
    return False


def pattern(names):
    """A regular expression, in gdb's old syntax, that matches exactly these names."""
    return r"\|".join("^%s$" % re.sub(r"([.*+?\[\]^$\\])", r"\\\1", name) for name in names)
