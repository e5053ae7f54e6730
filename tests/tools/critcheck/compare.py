# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare two snapshots (probe.py): ours of a checkpoint, and one that is true.

Every difference that is not explained by a rule of rules.py is reported with both sides. What is
explained is counted under the rule's name, so that the output says how much rests on rules.
"""

import collections
import re

from .text import function


class Comparison:
    """What was compared, what differed, and what a rule explained."""

    def __init__(self):
        self.compared = collections.Counter()  # "frames", "variables", "registers", ... -> number
        self.excused = collections.Counter()   # rule -> number
        self.differences = []                  # lines

    def same(self, what, where, ours, truth, excuse=None):
        """Count one comparison; @excuse is a rule's name when a difference is explained."""
        self.compared[what] += 1
        if ours == truth:
            return
        if excuse:
            self.excused[excuse] += 1
            return
        self.differences.append("%s: %s: ours %s, in truth %s" % (where, what, ours, truth))

    def differ(self, where, text):
        self.differences.append("%s: %s" % (where, text))

    def excuse(self, rule, number=1):
        self.excused[rule] += number


def _where(thread):
    return "thread %s \"%s\"" % (thread["lwp"], thread["name"])


# ---- registers ----------------------------------------------------------------------------------

def _elements(ours, truth, mask):
    """Cut two vectors to the elements to compare: the shorter one's, or the first @mask."""
    number = min(len(ours), len(truth)) if mask is None else mask
    return ours[:number], truth[:number]


def compare_registers(result, ours, truth, rules):
    """Every register of @truth against ours; rules.register() may explain or limit."""
    where = _where(ours)
    for name, true in truth["regs"].items():
        mine = ours["regs"].get(name)
        verdict = rules.register(name, mine, true, ours, truth)
        if verdict.skip:
            result.excuse(verdict.skip)
            continue
        if mine is None:
            mine = rules.alias(name, ours["regs"])
        if mine is None:
            result.differ(where, "register %s is not there; in truth %s" % (name, true))
            continue
        if verdict.expect is not None:
            result.same("registers", "%s: $%s (%s)" % (where, name, verdict.rule), mine,
                        verdict.expect)
            result.excuse(verdict.rule)
            continue
        if isinstance(true, list) and name.startswith("st") and true[0] is None:
            mine, true = (mine[1] if isinstance(mine, list) else mine), true[1]
        elif isinstance(true, list) and isinstance(mine, list):
            mine, true = _elements(mine, true, verdict.elements)
        result.same("registers", "%s: $%s" % (where, name), mine, true)


# ---- frames -------------------------------------------------------------------------------------

def _comparable(frames, without_debug):
    """Frames with what a missing debug file takes away taken away: inlined ones, and names."""
    out = []
    for frame in frames:
        if frame["type"] == "inline" and frame["pc"] in without_debug:
            continue
        out.append(frame)
    return out


def compare_frames(result, ours, truth, rules):
    """All frames: function, file, line, pc, and every variable."""
    where = _where(ours)
    bare = rules.without_debug_info(ours, truth)
    mine, true = ours["frames"], _comparable(truth["frames"], bare)
    if len(mine) != len(true):
        result.differ(where, "%d frames, in truth %d: %s / %s" % (
            len(mine), len(true), [f["fn"] for f in mine], [f["fn"] for f in true]))
    for number, (a, b) in enumerate(zip(mine, true)):
        at = "%s #%d" % (where, number)
        shifted = rules.pc(a, ours, truth)
        result.same("frames", at + " pc", int(a["pc"], 16) + shifted, int(b["pc"], 16),
                    rules.moving(ours, truth))
        if b["pc"] in bare:
            result.excuse("no debug info of this library here: only the pc is compared")
            continue
        result.same("frames", at, (function(a["fn"]), a["file"], a["line"]),
                    (function(b["fn"]), b["file"], b["line"]),
                    rules.line(a, b, number, ours, truth))
        compare_variables(result, at, a, b, number, ours, truth, rules)


def compare_variables(result, at, a, b, number, ours, truth, rules):
    names = set(a["locals"]) ^ set(b["locals"])
    if names:
        result.differ(at, "variables only on one side: " + ", ".join(sorted(names)))
    for name, true in b["locals"].items():
        if name not in a["locals"]:
            continue
        result.same("variables", "%s %s.%s" % (at, b["fn"], name), rules.text(a["locals"][name]),
                    rules.text(true), rules.variable(name, a, b, number, ours, truth)
                    or rules.unavailable(a["locals"][name]))


SOLIB = re.compile(r" from /.*/([^/]+)$")


def backtrace_line(line):
    """A line of `bt` without the directory a library was found in here."""
    return SOLIB.sub(r" from \1", line)


def compare_text_frames(result, ours, truth):
    """Frames as `bt` prints them: address, function, arguments, file:line or library."""
    where = _where(ours)
    mine = [backtrace_line(line) for line in ours["bt"] if line.startswith("#")]
    true = [backtrace_line(line) for line in truth["bt"]]
    if len(mine) != len(true):
        result.differ(where, "%d frames, in truth %d" % (len(mine), len(true)))
    for a, b in zip(mine, true):
        result.same("frames", where, a, b)


# ---- whole snapshots ----------------------------------------------------------------------------

def pair_threads(result, ours, truth, rules):
    """Threads side by side: by id, or by order where the ids are of another pid namespace."""
    mine = sorted(ours["threads"], key=lambda t: t["lwp"])
    true = sorted(truth["threads"], key=lambda t: t["lwp"])
    result.same("threads", "threads", len(mine), len(true))
    for a, b in zip(mine, true):
        if not rules.other_pids:
            result.same("threads", "thread id", a["lwp"], b["lwp"])
        if b["name"] is not None:
            result.same("threads", "name of thread %s" % a["lwp"], a["name"], b["name"])
        yield a, b


def compare_values(result, ours, truth, rules):
    ours = {(v[0], v[1], v[2]): v[3] for v in ours["values"]}
    for name, frame, expression, true in truth["values"]:
        skip = rules.value_skip(expression)
        if skip:
            result.excuse(skip)
            continue
        mine = ours.get((name, frame, expression), "not asked")
        result.same("values", "%s %s %s" % (name or "", frame or "", expression),
                    rules.text(mine), rules.text(true), rules.unavailable(mine))


def compare_printed(result, commands, ours, truth):
    """Outputs of print commands, the last of the truth's; "$N = " is left out."""
    for command, mine, true in zip(commands, ours, truth[-len(commands):]):
        result.same("values", command, re.sub(r"^\$\d+ = ", "", mine), true)


def compare(ours, truth, rules, frames=True):
    """Compare everything @truth has. @frames false: the program's file is not here."""
    result = Comparison()
    for a, b in pair_threads(result, ours, truth, rules):
        if b.get("regs"):
            compare_registers(result, a, b, rules)
        if frames and b["frames"]:
            compare_frames(result, a, b, rules)
        elif frames:
            compare_text_frames(result, a, b)
    if frames:
        compare_values(result, ours, truth, rules)
    return result
