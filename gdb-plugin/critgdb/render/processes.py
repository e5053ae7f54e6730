# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes by number and name, and why one cannot be opened."""

from . import text


def process(task):
    """"42 (cat)", or "42" when the command name is not known."""
    if not task["comm"]:
        return str(task["pid"])
    return "%d (%s)" % (task["pid"], text.printable(task["comm"]))


def processes(tasks, limit=8):
    """Some processes by number and name, and how many more there are."""
    names = [process(task) for task in tasks[:limit]]
    if len(tasks) > limit:
        names.append("%d more" % (len(tasks) - limit))
    return text.join(names)


def no_such_process(pid, path, tasks):
    return "No process %d in %s; there %s %s." % (
        pid, text.printable(path), "is" if len(tasks) == 1 else "are", processes(tasks))


def is_a_thread(tid, task):
    return "%d is a thread of process %s; give %d." % (tid, process(task), task["pid"])


def zombie(task):
    """A zombie in one line. Its exit code is a wait status."""
    code = task["exit_code"]
    signo, status = code & 0x7F, code >> 8 & 0xFF
    end = "killed by signal %d" % signo if signo else "exit status %d" % status
    return "Process %s is a zombie, %s: it has no memory or registers." % (process(task), end)


def cannot_run(pid):
    return ("This is a checkpoint of process %d; it cannot run. "
            "Restore it with `criu restore`." % pid)
