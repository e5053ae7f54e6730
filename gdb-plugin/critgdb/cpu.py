# SPDX-License-Identifier: LGPL-2.1-or-later
"""gdb and its servers on one CPU while a command asks for a lot.

gdb's requests come one at a time, each waiting for the answer to the one before, so two CPUs take
turns and are never busy together; waking the other one takes longer than most answers do, much
longer in a virtual machine. On one CPU the turns are plain task switches, and what asks for much
waits for half as long.

Only for the time of a command that starts no program, since programs inherit the CPUs of gdb.
"""

import contextlib
import os

_allowed = None  # the CPUs gdb may use otherwise, while it shares one


def share(servers):
    """Move gdb's thread and those of the servers, by their ids, to the CPU that gdb is on."""
    global _allowed
    servers = [tid for tid in servers if tid]
    if _allowed or not servers:
        return
    with contextlib.suppress(OSError):  # it is only about speed
        _allowed = os.sched_getaffinity(0)
        _move(servers, {_current()})


def give_back(servers):
    """Let all of them go where they please again; fine at any time."""
    global _allowed
    if _allowed:
        allowed, _allowed = _allowed, None
        _move([tid for tid in servers if tid], allowed)


def _move(servers, cpus):
    for tid in (0, *servers):
        with contextlib.suppress(OSError):  # a server that has just ended
            os.sched_setaffinity(tid, cpus)


def _current():
    """The CPU this thread runs on: field 39 of its stat file."""
    with open("/proc/thread-self/stat", encoding="utf-8", errors="replace") as stat:
        return int(stat.read().rpartition(")")[2].split()[36])
