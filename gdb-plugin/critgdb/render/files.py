# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was found for mapped files."""

from . import text


def files(rows):
    """What was found for each mapped file; values of both sides where it is not the right one."""
    if not rows:
        return ["No files are mapped."]
    lines = []
    for row in rows:
        lines.append("%-17s %s" % (row["verdict"], text.printable(row["path"])))
        lines += ["    " + line for line in file_details(row)]
    return lines


def file_details(row):
    if row["ghost"]:
        yield "its contents: %s of the checkpoint" % text.printable(row["ghost"])
    if row["local_path"] not in (None, row["path"]):
        yield "here: %s" % text.printable(row["local_path"])
    if row["verdict"] in ("used", "ghost"):
        return
    yield row["verdict_text"] + (": " + row["reason"] if row["reason"] else "")
    for name, shown in (("size", lambda value: text.count(value, "byte")), ("build_id", str),
                        ("checksum", lambda value: "%08x" % value)):
        there, here = row[name], row["local_" + name]
        sides = ["%s here" % ("none" if here is None else shown(here))] if row["local_path"] else []
        sides += ["%s in the checkpoint" % ("none" if there is None else shown(there))]
        if there is not None or here is not None:
            yield "%s: %s" % (name.replace("_", "-"), ", ".join(sides))
