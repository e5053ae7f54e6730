# SPDX-License-Identifier: LGPL-2.1-or-later
"""Matches of `crit-find` as lines of text. Imports no gdb."""

from . import memory, text as words

MAX_SHOWN = 256  # bytes of a match
ROW = 16


def lines(match, as_text, with_pid):
    """One line, and a hex dump of the bytes around it if they are there."""
    mapping = match["mapping"]
    out = ["%s0x%x  %s  %s" % (
        "%d " % match["pid"] if with_pid else "", match["vaddr"],
        memory.mapped_name(mapping) or mapping["kind"],
        shown(match["bytes"], as_text))]
    if match["context"]:
        out += dump(match["context"]["vaddr"], match["context"]["bytes"])
    return out


def shown(data, as_text):
    """The bytes of a match, as text with escapes or in hex."""
    part = data[:MAX_SHOWN]
    if as_text:
        text = "".join("\\\\" if byte == 0x5C else chr(byte) if 0x20 <= byte < 0x7F
                       else "\\x%02x" % byte for byte in part)
    else:
        text = part.hex(" ")
    return text + ("..." if len(part) < len(data) else "")


def dump(vaddr, digits):
    """Lines of a hex dump of digits: two for each byte, "??" for one that is not there."""
    cells = [digits[at:at + 2] for at in range(0, len(digits), 2)]
    cells = ["  "] * (vaddr % ROW) + cells
    vaddr -= vaddr % ROW
    cells += ["  "] * (-len(cells) % ROW)
    for at in range(0, len(cells), ROW):
        row = cells[at:at + ROW]
        yield "  %016x  %s  |%s|" % (vaddr + at, " ".join(row), "".join(map(letter, row)))


def letter(cell):
    if not cell.strip():
        return " "
    if cell == "??":
        return "?"
    byte = int(cell, 16)
    return chr(byte) if 0x20 <= byte < 0x7F else "."


def none_found(unsearched):
    """Nothing was found, perhaps because memory is missing: bytes of it, 0 if it is all there."""
    if not unsearched:
        return "Pattern not found."
    return "Pattern not found; %s of memory is not here and was not searched." % (
        words.size(unsearched))
