# SPDX-License-Identifier: LGPL-2.1-or-later
"""`critcore bt` against gdb: the same frames, by the same names, of every thread.

gdb's frames are those of the plugin in the same checkpoint, which run.py compares with the recorded
truth. Left out are tail calls, which gdb makes up where debug information tells that there was one:
they have left no trace on the stack."""

import json
import os
import re
import subprocess


def stacks(critcore, images, pid, options):
    """{tid: stack} of a process, as `critcore bt --json` prints them."""
    done = subprocess.run([critcore, "bt", "--json", *options, images, str(pid)], timeout=100,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode or done.stderr:
        raise ValueError("bt: exit status %d: %s" % (done.returncode, done.stderr.decode()))
    return {row["tid"]: row for row in map(json.loads, done.stdout.splitlines())}


def bare(name):
    """A function's name as gdb has it and we, without what debug information adds: parameters,
    what a template was made for, and gcc's copies."""
    if not name:
        return None
    name = re.sub(r"\.(constprop|isra|part|cold)\b.*| \[clone .*", "", name)
    for brackets in ("<>", "()"):
        inner = re.compile(r"\%s[^%s]*\%s" % (brackets[0], re.escape(brackets), brackets[1]))
        while inner.search(name):
            name = inner.sub("", name)
    name = re.sub(r" const$", "", name)
    return re.sub(r"^.* |.*::", "", name)


def same_name(ours, theirs):
    if bare(ours) == bare(theirs):
        return True
    # Names of one function in glibc.
    strip = re.compile(r"^_*(GI_|libc_|pthread_)?_*|_impl$")
    return bool(ours and theirs) and strip.sub("", bare(ours)) == strip.sub("", bare(theirs))


def compare(result, ours, theirs):
    """@ours a stack of critcore, @theirs the thread of a snapshot."""
    where = "bt: thread %s" % theirs["lwp"]
    frames = [f for f in theirs["frames"] if f["type"] != "tailcall"]
    if len(ours["frames"]) != len(frames):
        result.differ(where, "%d frames (%s: %s), gdb's %d: %s / %s" % (
            len(ours["frames"]), ours["end"], ours["why"], len(frames),
            " < ".join(str(f["function"]) for f in ours["frames"]),
            " < ".join(str(f["fn"]) for f in frames)))
        return
    for number, (a, b) in enumerate(zip(ours["frames"], frames)):
        at = "%s: #%d" % (where, number)
        result.same("frames of bt", at + " pc", a["pc"], int(b["pc"], 16))
        result.same("frames of bt", at + " signal", a["signal"], b["type"] == "sigtramp")
        result.same("frames of bt", at + " inlined", a["inlined"], b["type"] == "inline")
        if b["file"] and not a["signal"]:
            ours_at = os.path.basename(a["file"] or ""), a["line"]
            result.same("lines of bt", at, ours_at, (b["file"], b["line"]))
        if not same_name(a["function"], b["fn"]):
            result.differ(at, "function %s, gdb's %s" % (a["function"], b["fn"]))


def check(result, critcore, images, snapshot, pid, options):
    """All threads of a process; @options: of the command, where its files are."""
    try:
        found = stacks(critcore, images, pid, options)
    except ValueError as error:
        result.differ("bt", str(error))
        return
    for thread in snapshot["threads"]:
        if thread["lwp"] not in found:
            result.differ("bt", "no thread %s" % thread["lwp"])
        else:
            compare(result, found[thread["lwp"]], thread)
