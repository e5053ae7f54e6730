# SPDX-License-Identifier: LGPL-2.1-or-later
"""gdb and its servers on one CPU while a command asks for a lot.

gdb's requests come one at a time, each waiting for the answer to the one before, so two CPUs take
turns and are never busy together; waking the other one takes longer than most answers do, many times
so in a virtual machine. On one CPU the turns are plain task switches: `thread apply all bt` on a
thousand threads takes half the time.

Only for the time of a command that starts no program, since programs inherit the CPUs of gdb.
"""

import contextlib
import os

from . import session

_allowed = None  # the CPUs gdb may use otherwise, while it shares one


def share():
    """Move gdb's thread and the servers of all sessions to the CPU that gdb is on."""
    global _allowed
    servers = [each.server.tid for each in session.all_open() if each.server]
    if _allowed or not any(servers):
        return
    with contextlib.suppress(OSError):  # it is only about speed
        _allowed = os.sched_getaffinity(0)
        _move(servers, {_current()})


def give_back():
    """Let all of them go where they please again; fine at any time."""
    global _allowed
    if _allowed:
        allowed, _allowed = _allowed, None
        with contextlib.suppress(OSError):
            _move([each.server.tid for each in session.all_open() if each.server], allowed)


def _move(servers, cpus):
    os.sched_setaffinity(0, cpus)
    for tid in filter(None, servers):
        os.sched_setaffinity(tid, cpus)


def _current():
    """The CPU this thread runs on: field 39 of its stat file."""
    with open("/proc/thread-self/stat", encoding="utf-8", errors="replace") as stat:
        return int(stat.read().rpartition(")")[2].split()[36])
