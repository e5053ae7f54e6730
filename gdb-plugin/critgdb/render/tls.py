# SPDX-License-Identifier: LGPL-2.1-or-later
"""Thread-local storage."""

from . import text


def modules(rows, exe):
    """Where one thread has the block of each module; @exe: path of the executable, or None."""
    if not rows:
        return ["No module has thread-local storage."]
    lines = ["Number Block              Module"]
    for row in rows:
        shown = "not allocated yet" if row["block"] is None else "0x%016x" % row["block"]
        if row["why"] and "not allocated yet" not in row["why"]:
            shown = "unknown"
        name = row["name"] or exe or "the executable"
        lines.append("%6d %-18s %s" % (row["number"], shown, text.printable(name)))
        if shown == "unknown":
            lines.append("       " + text.printable(row["why"]))
    return lines


def unsure(names):
    """gdb was kept from looking for variables of these modules."""
    shown = ", ".join(text.printable(name.rsplit("/", 1)[-1] or "the executable")
                      for name in names[:3])
    more = " and %d more" % (len(names) - 3) if len(names) > 3 else ""
    return ("This gdb would misplace thread-local variables of %s%s: "
            "print them with $_criu_tls(\"NAME\")." % (shown, more))
