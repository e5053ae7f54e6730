# SPDX-License-Identifier: LGPL-2.1-or-later
"""Variables that differ, as lines."""

from . import text


def lines(changes):
    """Of what has how, name, old, new, why: see variables.Change."""
    found, nothing = [], {}
    for change in changes:
        if change.why:
            found.append("    ? %s: cannot be compared: %s" % (
                change.name, text.printable(change.why)))
        elif change.how == "unknown" and change.old == change.new:
            nothing.setdefault(change.old, []).append(change.name)
        else:
            found.append("    %s %s: %s -> %s" % ("~" if change.how == "changed" else "?",
                                                  change.name, change.old, change.new))
    for value, names in nothing.items():
        found.append("    ? %s: %s in both" % (", ".join(names), value))
    return ["  Variables"] + found if found else []
