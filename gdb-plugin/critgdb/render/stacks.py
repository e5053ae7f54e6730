# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stacks of `crit-bt` as lines of text, in the style of gdb's own. Imports no gdb."""

from .text import printable


def lines(stack):
    """One thread's, or those of a group: a head, a line for each frame, an empty one."""
    label = stack.get("label")
    if label is None:
        label = "Thread %d%s%s:" % (
            stack["tid"], ' "%s"' % printable(stack["name"]) if stack["name"] else "",
            " (%s)" % stack["state"] if stack["state"] else "")
    yield label
    around = False
    for level, frame in enumerate(stack["frames"]):
        yield one_frame(level, frame, around)
        around = frame["inlined"]
    if stack["end"] not in ("complete", "main"):
        yield "%s: %s" % ("Backtrace stopped" if stack["frames"] else "No stack",
                          printable(stack["why"]))
    yield ""


def one_frame(level, frame, around):
    """@around: the frame before was inlined into it, so they are at one address."""
    if frame["signal"]:
        return "#%-2d <signal handler called>" % level
    name = printable(frame["function"] or "??")
    out = "#%-2d %s%s" % (level, "" if around else "0x%016x in " % frame["pc"], name)
    if ")" not in name:  # demangled names have their parameters
        out += " ()"
    if frame["file"]:
        out += " at %s:%d" % (printable(frame["file"]), frame["line"])
    elif frame["object"] and not frame["in_exe"]:
        out += " from " + printable(frame["object"])
    return out + (" (guessed)" if frame["guessed"] else "")
