# SPDX-License-Identifier: LGPL-2.1-or-later
"""`info criu timers`."""

from . import text

NOT_RECORDED = "not recorded"
MOST = (1 << 64) - 1  # nanoseconds


def seconds(nanoseconds):
    """"1.5 s", all digits that count."""
    if nanoseconds == MOST:
        return "more than 584 years"
    whole, rest = divmod(nanoseconds, 10 ** 9)
    return "%s s" % (("%d.%09d" % (whole, rest)).rstrip("0").rstrip("."))


def course(timer):
    if not timer["left"]:
        return "not running"
    line = "due in " + seconds(timer["left"])
    return line + (", then every " + seconds(timer["interval"]) if timer["interval"] else "")


def clock(timer):
    if timer["clock_name"]:
        return timer["clock_name"]
    if timer["clock"] < 0:  # a process or thread of its own: clock_getcpuclockid(3)
        kind = "thread" if timer["clock"] & 4 else "process"
        number = ~(timer["clock"] >> 3)
        return "CPU time of %s %s" % (kind, number or "itself")
    return "clock %d" % timer["clock"]


def notice(timer):
    name = timer["notify_name"] or "notification %d" % timer["notify"]
    if name == "SIGEV_NONE":
        return "tells nobody"
    line = timer["signal"]
    if name == "SIGEV_THREAD_ID":
        line += " to thread %s" % (timer["notify_tid"] or "(%s)" % NOT_RECORDED)
    elif name != "SIGEV_SIGNAL":
        line += " (%s)" % name
    return line + ", value %#x" % timer["value"]


def itimers(timers):
    if timers is None:
        return ["Interval timers: " + NOT_RECORDED]
    rows = [("  " + timer["name"], timer["signal"], course(timer)) for timer in timers]
    return ["Interval timers:"] + text.columns(rows, right=())


def posix_timers(timers):
    if timers is None:
        return ["POSIX timers: " + NOT_RECORDED]
    if not timers:
        return ["POSIX timers: none"]
    rows = [("  %d" % timer["id"], clock(timer), notice(timer), course(timer)
             + (", overrun %d" % timer["overrun"] if timer["overrun"] else ""))
            for timer in timers]
    return ["POSIX timers:"] + text.columns(rows, right=())


def timers(data):
    return itimers(data["itimers"]) + posix_timers(data["posix_timers"])
