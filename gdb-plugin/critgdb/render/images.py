# SPDX-License-Identifier: LGPL-2.1-or-later
"""What became of images."""

from . import text


def compressed(rows):
    """What became of each pages image: the counts of _critcore.compress()."""
    lines = []
    for row in rows:
        lines.append("%s: %d pages, %s -> %s" % (
            text.printable(row["pagemap"]), row["nr_pages"],
            text.size(row["len_before"]), text.size(row["len_after"])))
        if row["nr_kept"]:
            lines.append("  %d of them stay as they are: pages beside them were punched out of "
                         "the file." % row["nr_kept"])
    return lines
