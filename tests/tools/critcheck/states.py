# SPDX-License-Identifier: LGPL-2.1-or-later
"""What threads were doing, against /proc/TID/syscall of the living ones."""

import re

CALL = re.compile(r"syscall=(\S+)((?: 0x[0-9a-f]+)*)")
RESTARTED = "calls that the kernel continues with restart_syscall"
NO_NUMBER = "interrupted calls of mips, whose number is gone"


def truth(path):
    """{tid: (number, or None for running; arguments)} of a file of lines TID ... syscall=...;
    threads that were not blocked in a call, zombies and those stopped by a debugger, are left
    out."""
    out = {}
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            found = CALL.search(line)
            if not found or found[1] == "-1":
                continue
            number = None if found[1] == "running" else int(found[1])
            out[int(line.split()[0])] = (number, [int(w, 16) for w in found[2].split()][:6])
    return out


def check_one(result, where, state, number, arguments):
    if number is None:
        result.same("states", where, state.activity, "running")
        return
    if state.activity not in ("sleeping", "in call"):
        result.same("states", where, state.activity, "in system call %d" % number)
    elif state.text.endswith("restart_syscall"):
        result.same("states", where, state.call_nr, number, RESTARTED)
    elif state.call_nr is None and number >= 5000:
        result.same("states", where, None, number, NO_NUMBER)
    else:
        result.same("states", where, state.call_nr, number)
        mine = [theirs if ours is None else ours
                for ours, theirs in zip(state.args, arguments)]
        result.same("arguments", where, mine, arguments)


def check(result, task, path):
    """Every thread of @task that the file @path knows; nothing where there is none."""
    if not path:
        return
    known = truth(path)
    for index, (tid, name) in enumerate(task.threads()):
        if tid in known:
            check_one(result, "thread %d \"%s\"" % (tid, name), task.thread_state(index),
                      *known[tid])
