# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plain data -> text. What is here knows no gdb and no checkpoint, only dicts, and opens nothing.

Names of programs and files come out of images and may hold any bytes; printable() keeps them from
disturbing a terminal.
"""

import codecs
import time

PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MAP_SHARED = 1
TOP = 1 << 64

ORIGINS = ("image", "zero", "file", "unavailable")


_charset = "utf-8"


def set_charset(name):
    """Say what the terminal can show; what it cannot is escaped. Unknown names mean ASCII."""
    global _charset
    try:
        _charset = codecs.lookup(name).name
    except LookupError:
        _charset = "ascii"


def printable(text):
    """The text with \\x.. for control characters, bytes that are no text, what cannot be shown."""
    return "".join(char if showable(char) else escape(char) for char in text)


def showable(char):
    try:
        return char.isprintable() and char.encode(_charset) is not None
    except UnicodeEncodeError:
        return False


def escape(char):
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no text, as os.fsdecode() keeps it
        code -= 0xDC00
    return "\\x%02x" % code if code < 0x100 else "\\u%04x" % code


def count(number, noun):
    return "%d %s%s" % (number, noun, "" if number == 1 else "es" if noun.endswith("s") else "s")


def size(nr_bytes):
    """"232 KiB", "1.5 MiB"; exact below one KiB."""
    if nr_bytes < 1024:
        return count(nr_bytes, "byte")
    value = float(nr_bytes)
    for unit in ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB"):
        value /= 1024
        if value < 1023.95 or unit == "EiB":
            return ("%.1f" % value).removesuffix(".0") + " " + unit


def moment(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def process(task):
    """"42 (cat)", or "42" when the command name is not known."""
    return "%d (%s)" % (task["pid"], printable(task["comm"])) if task["comm"] else str(task["pid"])


def join(items, word="and"):
    items = list(items)
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " " + word + " " + items[-1]


def processes(tasks, limit=8):
    """Some processes by number and name, and how many more there are."""
    names = [process(task) for task in tasks[:limit]]
    if len(tasks) > limit:
        names.append("%d more" % (len(tasks) - limit))
    return join(names)


def no_such_process(pid, path, tasks):
    return "No process %d in %s; there %s %s." % (
        pid, printable(path), "is" if len(tasks) == 1 else "are", processes(tasks))


def is_a_thread(tid, task):
    return "%d is a thread of process %s; give %d." % (tid, process(task), task["pid"])


def zombie(task):
    """A zombie in one line. Its exit code is a wait status."""
    code = task["exit_code"]
    signo, status = code & 0x7F, code >> 8 & 0xFF
    end = "killed by signal %d" % signo if signo else "exit status %d" % status
    return "Process %s is a zombie, %s: it has no memory or registers." % (process(task), end)


def cannot_run(pid):
    return ("This is a checkpoint of process %d; it cannot run. "
            "Restore it with `criu restore`." % pid)


# ---- The executable -------------------------------------------------------------------------


def wrong_file(path, exe, pid, build_id, nr_bytes):
    """A file the user gave is not the process's executable."""
    if exe["build_id"]:
        here = "has build-id %s" % build_id if build_id else "has no build-id"
        there = "build-id %s" % exe["build_id"]
    else:
        here, there = "has %s" % count(nr_bytes, "byte"), count(exe["size"], "byte")
    return "%s is not the executable of process %d: it %s, the checkpoint's has %s." % (
        printable(path), pid, here, there)


def exe_not_loaded(exe):
    """Why the executable was not loaded and what to do about it; exe is None when unknown."""
    if exe is None:
        return "The images do not name the executable: use `file PATH`, then `target criu` again."
    todo = "use `file PATH` or `set sysroot DIR`, then `target criu` again."
    path = printable(exe["path"])
    if exe["verdict"] == "missing":
        return "The executable %s is not on this machine: %s" % (path, todo)
    reason = exe["reason"] or exe["verdict_text"]
    if exe["verdict"] == "build-id-differs":
        reason = "%s has build-id %s, the checkpoint's has %s" % (
            printable(exe["local_path"]), exe["local_build_id"] or "none", exe["build_id"])
    if exe["verdict"] == "size-differs":
        reason = "%s has %s, the checkpoint's has %s" % (
            printable(exe["local_path"]), count(exe["local_size"], "byte"),
            count(exe["size"], "byte"))
    return "The executable %s was not loaded: %s; %s" % (path, reason, todo)


# ---- What is open ---------------------------------------------------------------------------


def opened(data):
    """The line that says what was opened."""
    facts = [
        "%s of memory in the images" % size(data["totals"]["image"]),
        "CRIU image version %d" % data["img_version"],
        "written %s" % moment(data["written"]),
    ]
    return "Checkpoint of process %s, %s: %s." % (
        process(data), count(data["nr_threads"], "thread"), ", ".join(facts))


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
            printable(data["path"]), count(data["nr_tasks"], "process"),
            data["img_version"], ", incremental" if data["has_parent"] else "",
            moment(data["written"])),
        *levels(data["levels"]),
        "executable:  " + executable(data),
        "threads:     %d" % data["nr_threads"],
        "memory:      %s in the images, %s from files, %s zero, %s unavailable" % tuple(
            size(totals[origin]) for origin in ("image", "file", "zero", "unavailable")),
    ]
    lines += ["note:        " + printable(note) for note in data["notes"]]
    return [lines[0]] + ["    " + line for line in lines[1:]]


def levels(rows, limit=8):
    """Lines on the parent checkpoints and the second folder; rows[0] is the checkpoint itself."""
    lines = []
    for number, level in enumerate(rows):
        second = level["in_pages_dir"] and not rows[number - 1]["in_pages_dir"]
        if number and (second or number <= limit):
            lines.append("%-13s%s (%s)" % ("level %d:" % number, printable(level["path"]),
                                           "second folder" if second else "parent"))
        if level["problem"]:
            lines.append("%-13s%s" % ("missing:", printable(level["problem"])))
    if len(rows) - 1 > limit:
        lines.append("             and more: %s, the last is %s" % (
            count(len(rows) - 1, "level"), printable(rows[-1]["path"])))
    return lines


def executable(data):
    """The executable, and the file gdb has its symbols from."""
    exe, path = data["exe"], data["file"]
    if exe is None:
        return "not recorded" + (", symbols from %s" % printable(path) if path else "")
    text = printable(exe["path"])
    if exe["build_id"]:
        text += ", build-id %s" % exe["build_id"]
    if path is None:
        return text + ", not loaded" + (
            "" if exe["verdict"] == "used" else ": %s" % exe["verdict_text"])
    if path != exe["path"]:
        text += ", symbols from %s" % printable(path)
    return text if data["file_fits"] else text + ", which is another file"


# ---- Mappings and addresses -----------------------------------------------------------------


def protection(mapping):
    prot = mapping["prot"]
    return "".join((
        "r" if prot & PROT_READ else "-",
        "w" if prot & PROT_WRITE else "-",
        "x" if prot & PROT_EXEC else "-",
        "s" if mapping["flags"] & MAP_SHARED else "p",
    ))


def mapped_name(mapping):
    """Its file, or what /proc/PID/maps would call it."""
    return printable(mapping["name"])


def address_width(mappings):
    """Digits that hold every address: 8 in a 32-bit process, else 16."""
    return 8 if all(mapping["end"] <= 1 << 32 for mapping in mappings) else 16


# Heading and key of the counts of `info criu mappings`; the last two are part of others, and shown
# when some mapping has any.
COUNTS = (("Image", "image"), ("Zero", "zero"), ("File", "file"), ("Unavail", "unavailable"),
          ("Parent", "parent"), ("Lazy", "lazy"))


def mappings(rows, page_size):
    """One line for each mapping; a row is a mapping with its "totals" in bytes."""
    width = address_width(rows)
    counts = [(title, key) for title, key in COUNTS
              if key in ORIGINS or any(row["totals"][key] for row in rows)]
    table = [("Start", "End", "Perm", "Kind", *(title for title, _ in counts), "Mapped")]
    for row in rows:
        pages = tuple(str(row["totals"][key] // page_size) for _, key in counts)
        bounds = tuple("0x%0*x" % (width, row[bound]) for bound in ("start", "end"))
        table.append(bounds + (protection(row), row["kind"]) + pages + (mapped_name(row),))
    return columns(table, right=set(range(4, 4 + len(counts))))


def pages(rows, page_size):
    """One line for each range that comes from one place; a row is an origin with its "mapping"."""
    width = address_width([row["mapping"] for row in rows])
    table = [("Start", "End", "Pages", "Perm", "Kind", "Origin", "Level", "Where; Mapped")]
    for row in rows:
        mapping = row["mapping"]
        table.append((
            "0x%0*x" % (width, row["vaddr"]), "0x%0*x" % (width, row["vaddr"] + row["len"]),
            str(-(-row["len"] // page_size)), protection(mapping), mapping["kind"], row["origin"],
            "-" if row["level"] is None else str(row["level"]),
            "; ".join(filter(None, (place(row), also_mapped(row))))))
    return columns(table, right={2, 6})


def place(origin):
    """Where the bytes of a range are, in short."""
    if origin["origin"] == "unavailable":
        return origin["why"]
    if origin["off"] is None:
        return "-"
    text = "%s 0x%x" % (printable(origin["source"]), origin["off"])
    block = origin["block"]
    if block:
        text += " block %d (%d -> %d bytes)" % (block["index"], block["len"], block["mem_len"])
        text += " +0x%x" % block["pos"] if block["pos"] else ""
    return text


def also_mapped(row):
    """The name of the mapping, unless the place says it already."""
    same = row["origin"] == "file" and row["source"] == row["mapping"]["path"]
    return "" if same else mapped_name(row["mapping"])


# ---- Mapped files ---------------------------------------------------------------------------


def files(rows):
    """What was found for each mapped file; values of both sides where it is not the right one."""
    if not rows:
        return ["No files are mapped."]
    lines = []
    for row in rows:
        lines.append("%-17s %s" % (row["verdict"], printable(row["path"])))
        lines += ["    " + line for line in file_details(row)]
    return lines


def file_details(row):
    if row["ghost"]:
        yield "its contents: %s of the checkpoint" % printable(row["ghost"])
    if row["local_path"] not in (None, row["path"]):
        yield "here: %s" % printable(row["local_path"])
    if row["verdict"] in ("used", "ghost"):
        return
    yield row["verdict_text"] + (": " + row["reason"] if row["reason"] else "")
    for name, shown in (("size", lambda value: count(value, "byte")), ("build_id", str),
                        ("checksum", lambda value: "%08x" % value)):
        there, here = row[name], row["local_" + name]
        sides = ["%s here" % ("none" if here is None else shown(here))] if row["local_path"] else []
        sides += ["%s in the checkpoint" % ("none" if there is None else shown(there))]
        if there is not None or here is not None:
            yield "%s: %s" % (name.replace("_", "-"), ", ".join(sides))


def columns(table, right):
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = []
    for row in table:
        cells = (cell.rjust(width) if column in right else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(row, widths)))
        lines.append(" ".join(cells).rstrip())
    return lines


def address(origin):
    """Where the byte at origin["address"] comes from. Its "mapping" is None when there is none."""
    vaddr, mapping = origin["address"], origin["mapping"]
    if mapping is None:
        following = origin["vaddr"] + origin["len"]
        if origin["len"] == 0 or following >= TOP:
            return ["0x%x is not mapped; no mapping follows it." % vaddr]
        return ["0x%x is not mapped; the next mapping starts at 0x%x." % (vaddr, following)]
    name = mapped_name(mapping)
    return [
        "0x%x is 0x%x bytes into 0x%x-0x%x %s %s%s." % (
            vaddr, vaddr - mapping["start"], mapping["start"], mapping["end"],
            protection(mapping), mapping["kind"], " " + name if name else ""),
        byte_source(origin),
    ]


def byte_source(origin):
    """A sentence or two; origin["parent"] is the folder of its level when that is not 0."""
    reach = "the same holds up to 0x%x" % (origin["vaddr"] + origin["len"])
    parent = origin["parent"]
    where = ", in level %d, %s" % (origin["level"], printable(parent)) if parent else ""
    others = "" if not origin["shared"] else (
        "  It is shared memory, which other processes may map, too.")
    if origin["block"]:
        return block_source(origin, where) + others
    if origin["origin"] in ("image", "file"):
        return "The byte is in %s%s at offset 0x%x%s; %s.%s" % (
            "the file " if origin["origin"] == "file" else "",
            printable(origin["source"]), origin["off"], where, reach, others)
    if origin["origin"] == "zero":
        if origin["level"] is None:
            return "The byte was never written and is zero; %s.%s" % (reach, others)
        return "The byte is zero, as its image says%s; %s.%s" % (where, reach, others)
    return "The byte is unavailable: %s%s; %s.%s" % (origin["why"], where, reach, others)


def block_source(origin, where):
    block = origin["block"]
    return ("The byte is 0x%x bytes into LZ4 block %d of its run: %s of memory, stored in %s of %s "
            "at offset 0x%x%s; the same holds up to 0x%x." % (
                block["pos"], block["index"], count(block["mem_len"], "byte"),
                count(block["len"], "byte"), printable(origin["source"]), origin["off"], where,
                origin["vaddr"] + origin["len"]))


def incomplete(missing, length, path):
    """A dump that is not whole; path is None on the screen."""
    return "%s of %s are not there%s" % (size(missing), size(length),
                                         ": see %s.missing." % printable(path) if path else ".")


def compressed(rows):
    """What became of each pages image: the counts of _critcore.compress()."""
    lines = []
    for row in rows:
        lines.append("%s: %d pages, %s -> %s" % (printable(row["pagemap"]), row["nr_pages"],
                                                size(row["len_before"]), size(row["len_after"])))
        if row["nr_kept"]:
            lines.append("  %d of them stay as they are: pages beside them were punched out of "
                         "the file." % row["nr_kept"])
    return lines
