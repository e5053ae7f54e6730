# SPDX-License-Identifier: LGPL-2.1-or-later
"""`critcore core` of a process against `target criu` of the same: every byte of memory, none that
is not there; threads, registers, frames and variables in the same gdb; and what the notes say of
the process against a core file that gdb wrote of the living one.

A core file has no room for the names of threads, nor for some registers.
"""

import os
import re
import struct
import subprocess
import tempfile

from . import compare, elfcore, rules

# Registers for which no core file has a note, or only together with others that no image has.
# tpidruro: of gdb 14 and later.
NO_ROOM = re.compile(r"gcspr|gcs_features_\w+|fcsr|fcc\d|i386_tls_gdt_\d|tpidruro")
# In no image, but NT_PRSTATUS has a place for them, where a zero stands.
ZEROS = re.compile(r"orig_r2|orig_a0|badv")
# What a gdb without a target description calls them.
NAMES = {"sr": "status", "bad": "badvaddr", "fsr": "fcsr"}
PRPSINFO, AUXV, FILE = 3, 6, 0x46494c45
CHUNK = 1 << 20
NOT_THERE = re.compile(r"error: Cannot access memory|\{?<unavailable>\}?$")
NAMELESS = re.compile("error: no thread ")
TLS = "gdb finds no thread-local variables in a core file without libthread_db"


class OfCore(rules.Same):
    """The truth is our core file; what it lacks is named."""

    def register(self, name, mine, true, ours, truth):
        if lacks(true) and NO_ROOM.fullmatch(name):
            return rules.Verdict(skip="no room in core files: " + name)
        if lacks(true) and lacks(mine):
            return rules.Verdict(skip="in no image")
        if lacks(mine) and ZEROS.fullmatch(name):
            return rules.Verdict(expect=mine, rule="NT_PRSTATUS has a zero for " + name)
        return rules.EQUAL

    def alias(self, name, regs):
        return regs.get(NAMES.get(name)) or super().alias(name, regs)

    def text(self, value):
        """gdb 17 and later say "unavailable" of a core file, where they say "error" of a target."""
        return "not there" if NOT_THERE.match(value) else super().text(value)

    def value_skip(self, expression):
        return TLS if "tls" in expression or expression == "errno" \
            else super().value_skip(expression)


def lacks(value):
    return value is None or value == "?" or "unavailable" in str(value) \
        or (isinstance(value, list) and "?" in value)


# ---- memory -------------------------------------------------------------------------------------

def same_bytes(result, task, core, start, end):
    for at in range(start, end, CHUNK):
        stop = min(at + CHUNK, end)
        have, got = task.read(at, stop - at), at
        for piece, data in core.pieces(at, stop):
            if piece != got or have[piece - at:piece - at + len(data)] != data:
                result.differ("core", "other bytes between %#x and %#x" % (piece, stop))
                return
            got += len(data)
        if got != stop and (any(have[got - at:]) or not core.has(got, stop)):
            result.differ("core", "no bytes from %#x to %#x" % (got, stop))
            return


def check_memory(result, task, core):
    """Every byte that there is; nothing of what there is not."""
    for origin in task.origins():
        result.compared["KiB of core files"] += (origin.end - origin.start) // 1024
        inside = core.overlaps(origin.start, origin.end)
        if origin.kind == "unavailable" and inside:
            result.differ("core", "has %#x, which is unavailable" % inside[0])
        elif origin.kind in ("image", "zero"):
            same_bytes(result, task, core, origin.start, origin.end)
        elif origin.kind == "file":
            for start, end in inside:
                same_bytes(result, task, core, start, end)


# ---- notes --------------------------------------------------------------------------------------

def pairs_of(auxv, order, wide):
    """Up to AT_NULL: behind it the kernel's buffer goes on."""
    out = list(struct.iter_unpack(order + ("QQ" if wide else "II"), auxv))
    return out[:[kind for kind, _ in out].index(0)]


def same_auxv(result, ours, true, core):
    if AUXV in ours and AUXV in true:
        mine, theirs = (pairs_of(notes[AUXV][0], core.order, core.wide) for notes in (ours, true))
        result.same("notes of core files", "core: NT_AUXV", mine, theirs)


def psinfo(note, order, wide):
    """((uid, gid, pid, ppid, pgrp, sid), (name, arguments)); gdb has the program's name there, the
    kernel and we the command's."""
    if wide:
        ids = struct.unpack_from(order + "IIiiii", note, 16)
        texts = note[40:56], note[56:136]
    else:
        ids = struct.unpack_from(order + "HHiiii", note, 8)
        texts = note[28:44], note[44:124]
    return ids, [text.split(b"\0")[0].rstrip() for text in texts]


def same_psinfo(result, ours, true, core, same_pids):
    mine, theirs = (psinfo(notes[PRPSINFO][0], core.order, core.wide) for notes in (ours, true))
    if same_pids:
        result.same("notes of core files", "core: pid", mine[0][2], theirs[0][2])
    # gdb knows no more than 80 bytes either, and some gdbs only the program.
    args = mine[1][1]
    if not args:
        result.excuse("core: the arguments are not in the checkpoint")
        return
    result.same("notes of core files", "core: arguments", args[:len(theirs[1][1])][:64],
                theirs[1][1][:64])


def rows_of(note, order, wide):
    """{(start, end): (offset in bytes, name)} of NT_FILE."""
    word = "Q" if wide else "I"
    size = struct.calcsize(word)
    number, page = struct.unpack_from(order + 2 * word, note)
    names = note[(2 + 3 * number) * size:].split(b"\0")
    out = {}
    for i in range(number):
        start, end, off = struct.unpack_from(order + 3 * word, note, (2 + 3 * i) * size)
        out[start, end] = off * page, names[i]
    return out


def same_files(result, ours, true, core):
    """gdb's has a row for each; ours none for files that are here and are not the process's."""
    if FILE not in ours or FILE not in true:
        return
    mine, theirs = (rows_of(notes[FILE][0], core.order, core.wide) for notes in (ours, true))
    for place, row in mine.items():
        if place in theirs:
            result.same("notes of core files", "core: file at %#x" % place[0], row, theirs[place])


def check_notes(result, core, live, same_pids):
    ours, true = core.notes(), live.notes()
    same_auxv(result, ours, true, core)
    if PRPSINFO in true:
        same_psinfo(result, ours, true, core, same_pids)
    same_files(result, ours, true, core)


def check_readelf(result, path):
    for tool in ("readelf", "eu-readelf"):
        try:
            done = subprocess.run([tool, "-n", path], capture_output=True, text=True, timeout=60,
                                  errors="replace", check=False)
        except FileNotFoundError:
            continue
        if done.returncode or done.stderr:
            result.differ("core", "%s -n: %s" % (tool, done.stderr.strip() or done.returncode))


# ---- all of it ----------------------------------------------------------------------------------

def write(critcore, images, pid, path, words):
    """What it said on standard error."""
    done = subprocess.run([critcore, "core", *words, "-o", path, images, str(pid)], timeout=200,
                          capture_output=True, text=True, errors="replace", check=False)
    return done.returncode, done.stderr


def check(result, critcore, images, task, words, look, snapshot, job, live=None, same_pids=True):
    """@words: options that say where files are. @look: a function that gives the snapshot of a core
    file. @snapshot: that of `target criu`. @live: path of a core file of the living process."""
    with tempfile.TemporaryDirectory(prefix="critcheck-", dir="/tmp") as folder:
        path = os.path.join(folder, "core")
        status, said = write(critcore, images, task.pid, path, words)
        if status:
            result.differ("core", "exit status %d: %s" % (status, said))
            return
        core = elfcore.Core(path)
        check_memory(result, task, core)
        check_readelf(result, path)
        name = psinfo(core.notes()[PRPSINFO][0], core.order, core.wide)[1][0]
        result.same("notes of core files", "core: name", name, task.comm.encode()[:15])
        if live:
            check_notes(result, core, elfcore.Core(live), same_pids)
        seen = look(path) if look else None
    if not seen:
        return
    seen["values"] = [value for value in seen["values"] if not NAMELESS.match(value[3])]
    found = compare.compare(snapshot, seen, OfCore())
    for (start, length), mine, theirs in zip(job["reads"], snapshot["reads"], seen["reads"]):
        result.compared["KiB of core files through gdb"] += length // 1024
        if mine != theirs:
            found.differ("gdb", "other bytes at %#x, %d bytes: %s" % (start, length, theirs))
    for address, byte in zip(job["unreadable"], seen["unreadable"]):
        if byte is not None:
            found.differ("gdb", "%s at %#x, which is unavailable" % (byte, address))
    for line in seen["errors"] + [line for line in seen["stderr"].splitlines() if trouble(line)]:
        found.differ("gdb", line)
    result.compared["items of core files"] += sum(found.compared.values())
    result.excused.update(found.excused)
    result.differences += ["our core: " + line for line in found.differences]


def trouble(line):
    return re.search(r"Unexpected size|malformed|Couldn't find|core file.*(trunc|format)", line)
