# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mappings, and where bytes come from."""

from . import text

PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MAP_SHARED = 1
TOP = 1 << 64

ORIGINS = ("image", "zero", "file", "unavailable")

# Heading and key of the counts of `info criu mappings`; the last two are part of others, and shown
# when some mapping has any.
COUNTS = (("Image", "image"), ("Zero", "zero"), ("File", "file"), ("Unavail", "unavailable"),
          ("Parent", "parent"), ("Lazy", "lazy"))


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
    return text.printable(mapping["name"])


def address_width(mappings):
    """Digits that hold every address: 8 in a 32-bit process, else 16."""
    return 8 if all(mapping["end"] <= 1 << 32 for mapping in mappings) else 16


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
    return text.columns(table, right=set(range(4, 4 + len(counts))))


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
    return text.columns(table, right={2, 6})


def place(origin):
    """Where the bytes of a range are, in short."""
    if origin["origin"] == "unavailable":
        return origin["why"]
    if origin["off"] is None:
        return "-"
    line = "%s 0x%x" % (text.printable(origin["source"]), origin["off"])
    block = origin["block"]
    if block:
        line += " block %d (%d -> %d bytes)" % (block["index"], block["len"], block["mem_len"])
        line += " +0x%x" % block["pos"] if block["pos"] else ""
    return line


def also_mapped(row):
    """The name of the mapping, unless the place says it already."""
    same = row["origin"] == "file" and row["source"] == row["mapping"]["path"]
    return "" if same else mapped_name(row["mapping"])


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
    where = ", in level %d, %s" % (origin["level"], text.printable(parent)) if parent else ""
    others = "" if not origin["shared"] else (
        "  It is shared memory, which other processes may map, too.")
    if origin["block"]:
        return block_source(origin, where) + others
    if origin["origin"] in ("image", "file"):
        return "The byte is in %s%s at offset 0x%x%s; %s.%s" % (
            "the file " if origin["origin"] == "file" else "",
            text.printable(origin["source"]), origin["off"], where, reach, others)
    if origin["origin"] == "zero":
        if origin["level"] is None:
            return "The byte was never written and is zero; %s.%s" % (reach, others)
        return "The byte is zero, as its image says%s; %s.%s" % (where, reach, others)
    return "The byte is unavailable: %s%s; %s.%s" % (origin["why"], where, reach, others)


def block_source(origin, where):
    block = origin["block"]
    return ("The byte is 0x%x bytes into LZ4 block %d of its run: %s of memory, stored in %s of %s "
            "at offset 0x%x%s; the same holds up to 0x%x." % (
                block["pos"], block["index"], text.count(block["mem_len"], "byte"),
                text.count(block["len"], "byte"), text.printable(origin["source"]),
                origin["off"], where,
                origin["vaddr"] + origin["len"]))


def incomplete(missing, length, path):
    """A dump that is not whole; path is None on the screen."""
    return "%s of %s are not there%s" % (
        text.size(missing), text.size(length),
        ": see %s.missing." % text.printable(path) if path else ".")


def core_file(path, facts):
    """What went into a core file."""
    parts = [text.count(facts["threads"], "thread"), text.size(facts["image"]) + " of memory"]
    parts += [text.size(facts["zero"]) + " of zeros"] if facts["zero"] else []
    parts += [text.size(facts["in_files"]) + " left to mapped files"] if facts["in_files"] else []
    yield "Wrote %s: %s." % (text.printable(path), ", ".join(parts))


def not_in_core(facts, missing):
    """What did not, and why: missing is {reason: bytes}."""
    if facts["lacking"]:
        yield "%s left out: no registers." % text.count(facts["lacking"], "thread")
    for why, length in missing.items():
        yield "%s not there: %s." % (text.size(length), text.printable(why))
