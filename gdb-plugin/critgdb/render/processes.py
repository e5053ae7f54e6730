# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes by number and name, and why one cannot be opened."""

from . import text

MAX_INDENT = 20  # levels


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


def ended(task):
    """How a dead process ended. Its exit code is a wait status."""
    code = task["exit_code"]
    signo, status = code & 0x7F, code >> 8 & 0xFF
    if not signo:
        return "exit status %d" % status
    return "killed by %s%s" % (text.signal_name(signo), " (core dumped)" if code & 0x80 else "")


def zombie(task):
    return "Process %s is a zombie, %s: it has no memory or registers." % (
        process(task), ended(task))


def instead(tasks):
    """What to open when the process that was meant cannot be."""
    return " These can be opened: %s." % processes(tasks) if tasks else ""


def tree(rows):
    """A table of the processes of a tree, children indented below their parents.

    A row is a task with `inferior`, None where it has none, `current`, and `why`, a sentence on why
    it could not be opened, or None."""
    table = [("", "Num", "Process", "Threads")]
    for row in rows:
        table.append((
            "*" if row["current"] else " ",
            "-" if row["inferior"] is None else str(row["inferior"]),
            "  " * min(row["depth"], MAX_INDENT) + process(row), condition(row)))
    return text.columns(table, right=())


def condition(row):
    """How many threads, or why there are none to be seen."""
    if row["state"] == "zombie":
        return "zombie, " + ended(row)
    if row["why"]:
        return "not open: " + text.printable(row["why"])
    if not row["stop_signo"]:
        return str(row["nr_threads"])
    return "%d, stopped by %s" % (row["nr_threads"], text.signal_name(row["stop_signo"]))


def none_opened(directory, rows):
    return "No process of %s can be opened: %s." % (text.printable(directory), "; ".join(
        "%s %s" % (process(row), condition(row)) for row in rows))


def beginning(rows, few):
    """The table, or its beginning when there are many."""
    if len(rows) <= few:
        return tree(rows)
    shown = few // 4
    return tree(rows[:shown]) + [
        "  %s more; `info criu processes' lists them." % (len(rows) - shown)]


def several(rows, info):
    """The line that says what was opened."""
    opened = [row for row in rows if row["inferior"] is not None]
    threads = text.count(sum(row["nr_threads"] for row in opened), "thread")
    dead = sum(row["state"] == "zombie" for row in rows)
    facts = [threads] if len(opened) == len(rows) else ["%d of them open with %s" % (
        len(opened), threads)]
    if dead:
        facts.append("%d dead" % dead)
    return "Checkpoint of %s, %s: CRIU image version %d, written %s." % (
        text.count(len(rows), "process"), ", ".join(facts), info["img_version"],
        text.moment(info["written"]))


def cannot_run(pid):
    return ("This is a checkpoint of process %d; it cannot run. "
            "Restore it with `criu restore`." % pid)
