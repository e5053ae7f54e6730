# SPDX-License-Identifier: LGPL-2.1-or-later
"""`info criu signals`."""

from . import text

NOT_RECORDED = "not recorded"
MOST_THREADS = 8  # named on one line
# si_code of signals that a process sends, by number
SENT = {0: "kill", -1: "sigqueue", -3: "a message queue", -4: "asynchronous I/O", -6: "tgkill"}


def words(signals):
    """[[2, "SIGINT"], ...] as "SIGINT SIGTERM"."""
    return " ".join(name for _, name in signals)


def origin(signal):
    """Where a signal came from, as far as its siginfo tells."""
    kind, value = signal["kind"], signal["value"]
    if kind == "timer":
        return "timer %d, overrun %d, value %#x" % (signal["timer_id"], signal["overrun"], value)
    if kind == "fault":
        return "at address %#x" % signal["addr"]
    if kind == "child":
        return "child %d, status %d" % (signal["pid"], signal["status"])
    if kind == "poll":
        return "descriptor %d, band %#x" % (signal["fd"], signal["band"])
    if kind == "syscall":
        return "system call %d at %#x" % (signal["call_nr"], signal["addr"])
    if signal["code"] > 0 or kind == "plain":
        return "from the kernel"
    line = "from process %d, uid %d" % (signal["pid"], signal["uid"])
    if signal["code"] in SENT:
        line = "%s %s" % (SENT[signal["code"]], line)
    return line if value is None else "%s, value %#x" % (line, value)


def pending(signals):
    if signals is None:
        return [NOT_RECORDED]
    return ["%s, %s" % (signal["name"], origin(signal)) for signal in signals] or ["none"]


def listed(title, rows):
    """"title: row", or the rows below the title where there are several."""
    if len(rows) == 1:
        return ["%s: %s" % (title, rows[0])]
    return ["%s:" % title] + ["  " + row for row in rows]


def altstack(thread):
    stack = thread["altstack"]
    if stack is None:
        return NOT_RECORDED
    if "SS_DISABLE" in stack["flags"]:
        return "none"
    line = "%#x-%#x" % (stack["start"], stack["start"] + stack["len"])
    if stack["flags"]:
        line += " (%s)" % stack["flags"]
    return line + (", in use" if thread["on_altstack"] else "")


def thread_lines(thread):
    if thread["error"]:
        return ["  " + text.printable(thread["error"])]
    blocked = thread["blocked"]
    lines = ["blocked: " + (NOT_RECORDED if blocked is None else words(blocked) or "none")]
    lines += listed("pending", pending(thread["pending"]))
    lines.append("alternate stack: " + altstack(thread))
    return ["  " + line for line in lines]


def title(threads):
    if len(threads) == 1:
        return "Thread %d \"%s\":" % (threads[0]["tid"], text.printable(threads[0]["name"] or ""))
    names = ["%d" % thread["tid"] for thread in threads[:MOST_THREADS]]
    if len(threads) > MOST_THREADS:
        names.append("%d more" % (len(threads) - MOST_THREADS))
    return "Threads %s:" % text.join(names)


def grouped(threads, lines_of):
    """Threads of which the same is to be said share their lines."""
    groups = {}
    for thread in threads:
        groups.setdefault(tuple(lines_of(thread)), []).append(thread)
    lines = []
    for said, members in groups.items():
        lines += [title(members), *said]
    return lines


def handler(action):
    if action["handler"] == 1:
        return "ignored"
    line = "%#x" % action["handler"]
    if action["symbol"]:
        line += " <%s>" % text.printable(action["symbol"])
    return line


def flags(action):
    """Without the one that the C library sets for itself."""
    return "|".join(flag for flag in action["flags"].split("|") if flag != "SA_RESTORER")


def handlers(actions):
    if actions is None:
        return ["Handlers: " + NOT_RECORDED]
    rows = [(action["name"], handler(action), flags(action),
             action["mask"] and "blocks " + words(action["mask"]) or "")
            for action in actions if action["handler"]]
    if not rows:
        return ["Handlers: none, every signal has its default action"]
    return ["Handlers; every other signal has its default action:"] + [
        "  " + line for line in text.columns(rows, right=())]


def signals(data):
    return (listed("Pending for the process", pending(data["pending"]))
            + grouped(data["threads"], thread_lines) + handlers(data["actions"]))
