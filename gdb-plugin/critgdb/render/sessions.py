# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is open, and the executable that belongs to it."""

from . import text
from .processes import process


def wrong_file(path, exe, pid, build_id, nr_bytes):
    """A file the user gave is not the process's executable."""
    if exe["build_id"]:
        here = "has build-id %s" % build_id if build_id else "has no build-id"
        there = "build-id %s" % exe["build_id"]
    else:
        here, there = "has %s" % text.count(nr_bytes, "byte"), text.count(exe["size"], "byte")
    return "%s is not the executable of process %d: it %s, the checkpoint's has %s." % (
        text.printable(path), pid, here, there)


def exe_not_loaded(exe):
    """Why the executable was not loaded and what to do about it; exe is None when unknown."""
    if exe is None:
        return "The images do not name the executable: use `file PATH`, then `target criu` again."
    todo = "use `file PATH` or `set sysroot DIR`, then `target criu` again."
    path = text.printable(exe["path"])
    if exe["verdict"] == "other-cpu":
        return other_cpu(exe)
    if exe["verdict"] == "missing":
        return "The executable %s is not on this machine: %s" % (path, todo)
    reason = exe["reason"] or exe["verdict_text"]
    if exe["verdict"] == "build-id-differs":
        reason = "%s has build-id %s, the checkpoint's has %s" % (
            text.printable(exe["local_path"]), exe["local_build_id"] or "none", exe["build_id"])
    if exe["verdict"] == "size-differs":
        reason = "%s has %s, the checkpoint's has %s" % (
            text.printable(exe["local_path"]), text.count(exe["local_size"], "byte"),
            text.count(exe["size"], "byte"))
    return "The executable %s was not loaded: %s; %s" % (path, reason, todo)


def other_cpu(exe):
    return "The executable %s was not loaded: it is %s." % (
        text.printable(exe["local_path"]), exe["verdict_text"])


def opened(data):
    """The line that says what was opened."""
    facts = [
        "%s of memory in the images" % text.size(data["totals"]["image"]),
        "CRIU image version %d" % data["img_version"],
        "written %s" % text.moment(data["written"]),
    ]
    return "Checkpoint of process %s, %s: %s." % (
        process(data), text.count(data["nr_threads"], "thread"), ", ".join(facts))


def counted(lines, processes, most):
    """Notes on several processes, each once, with how many it is about; lines: {note: number}."""
    shown = [line if number == processes == 1 else "%s (%s)" % (
        line, text.count(number, "process")) for line, number in list(lines.items())[:most]]
    if len(lines) > most:
        shown.append("And %d more; `info criu' tells them." % (len(lines) - most))
    return shown


def sessions(data):
    if not data:
        return ["No checkpoint is open."]
    return [line for item in data for line in session(item)]


def session(data):
    """A few lines on one open checkpoint, as `info criu` prints them."""
    totals = data["totals"]
    lines = [
        "%s Inferior %d: process %s" % (
            "*" if data["current"] else " ", data["inferior"], process(data)),
        "checkpoint:  %s, %s, image version %d%s, written %s" % (
            text.printable(data["path"]), text.count(data["nr_tasks"], "process"),
            data["img_version"], ", incremental" if data["has_parent"] else "",
            text.moment(data["written"])),
        *levels(data["levels"]),
        "executable:  " + executable(data),
        "threads:     %d" % data["nr_threads"],
        "memory:      %s in the images, %s from files, %s zero, %s unavailable" % tuple(
            text.size(totals[origin]) for origin in ("image", "file", "zero", "unavailable")),
    ]
    lines += ["note:        " + text.printable(note) for note in data["notes"]]
    return [lines[0]] + ["    " + line for line in lines[1:]]


def levels(rows, limit=8):
    """Lines on the parent checkpoints and the second folder; rows[0] is the checkpoint itself."""
    lines = []
    for number, level in enumerate(rows):
        second = level["in_pages_dir"] and not rows[number - 1]["in_pages_dir"]
        if number and (second or number <= limit):
            lines.append("%-13s%s (%s)" % ("level %d:" % number, text.printable(level["path"]),
                                           "second folder" if second else "parent"))
        if level["problem"]:
            lines.append("%-13s%s" % ("missing:", text.printable(level["problem"])))
    if len(rows) - 1 > limit:
        lines.append("             and more: %s, the last is %s" % (
            text.count(len(rows) - 1, "level"), text.printable(rows[-1]["path"])))
    return lines


def executable(data):
    """The executable, and the file gdb has its symbols from."""
    exe, path = data["exe"], data["file"]
    if exe is None:
        return "not recorded" + (", symbols from %s" % text.printable(path) if path else "")
    line = text.printable(exe["path"])
    if exe["build_id"]:
        line += ", build-id %s" % exe["build_id"]
    if path is None:
        return line + ", not loaded" + (
            "" if exe["verdict"] == "used" else ": %s" % exe["verdict_text"])
    if path != exe["path"]:
        line += ", symbols from %s" % text.printable(path)
    return line if data["file_fits"] else line + ", which is another file"
