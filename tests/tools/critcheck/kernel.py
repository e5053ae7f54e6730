# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the kernel knew of a process, against the files of /proc of the living one: status, stat,
limits and timers of the process, and a line of signals for each thread."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../gdb-plugin"))
from critgdb.render import limits as limits_text  # noqa: E402

CAPABILITIES = {"CapInh": "inheritable", "CapPrm": "permitted", "CapEff": "effective",
                "CapBnd": "bounding", "CapAmb": "ambient"}
SIGSTOP = 1 << 18
STAT_NICE, STAT_POLICY = 18, 40  # fields of /proc/PID/stat, from 0
THREAD = re.compile(r"(\d+) .*SigPnd=([0-9a-f]+) SigBlk=([0-9a-f]+)")
NOTIFY = {"signal": "SIGEV_SIGNAL", "none": "SIGEV_NONE", "thread": "SIGEV_THREAD"}
TIMER = re.compile(r"ID: (\d+)\nsignal: (\d+)/([0-9a-f]+)\nnotify: (\w+)/(\w+)\.(\d+)\n"
                   r"ClockID: (-?\d+)")


def of_proc(pid):
    """A read() for check(), of the files of a living process as they are now."""
    saved = {}
    for name in ("status", "stat", "limits", "timers", "oom_score_adj"):
        try:
            with open("/proc/%d/%s" % (pid, name), encoding="utf-8",
                      errors="surrogateescape") as file:
                saved[name] = file.read()
        except OSError:  # a kernel without CONFIG_CHECKPOINT_RESTORE has no timers
            continue
    return saved.get


def module(build):
    """The extension module, which needs no gdb for this."""
    sys.path.insert(0, os.path.join(os.path.abspath(build), "critgdb"))
    import _critcore

    return _critcore


def mask(signals):
    return sum(1 << number - 1 for number in {signal[0] for signal in signals})


def queue(signals):
    return mask([(signal["signo"],) for signal in signals])


def handled(actions, wanted):
    return mask([(action["signo"],) for action in actions if wanted(action["handler"])])


def fields(text):
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def excuse(field, mine, true, waits):
    """Why the two differ, when that is as it should be."""
    if field == "SigBlk" and waits and mine & true == true:
        return "signals that rt_sigtimedwait lets through"
    if field == "ShdPnd" and mine ^ true == SIGSTOP:
        return "the SIGSTOP of --leave-stopped"
    return None


def check_signals(result, status, details, leader, waits):
    for field, mine in (("ShdPnd", queue(details["pending"])), ("SigPnd", queue(leader["pending"])),
                        ("SigBlk", mask(leader["blocked"])),
                        ("SigIgn", handled(details["actions"], lambda handler: handler == 1)),
                        ("SigCgt", handled(details["actions"], lambda handler: handler > 1))):
        true = int(status[field], 16)
        result.same("kernel", field, "%x" % mine, "%x" % true, excuse(field, mine, true, waits))


def check_creds(result, status, creds, seccomp):
    numbers = {key: list(map(int, status[key].split())) for key in ("Uid", "Gid", "Groups")}
    for field, mine in (("Uid", creds["uids"]), ("Gid", creds["gids"]),
                        ("Groups", creds["groups"])):
        result.same("kernel", field, mine, numbers[field])
    for field, key in CAPABILITIES.items():
        result.same("kernel", field, "%x" % creds[key]["bits"], "%x" % int(status[field], 16))
    if "NoNewPrivs" in status:
        result.same("kernel", "NoNewPrivs", int(creds["no_new_privs"] or 0),
                    int(status["NoNewPrivs"]))
    result.same("kernel", "Seccomp", {"none": 0, "strict": 1, "filter": 2}[seccomp],
                int(status["Seccomp"]))


def check_timers(result, timers, text):
    truth = sorted((int(m[0]), int(m[1]), int(m[2], 16), NOTIFY[m[3]], int(m[6]))
                   for m in TIMER.findall(text))
    mine = sorted((timer["id"], timer["signo"], timer["value"], timer["notify_name"],
                   timer["clock"]) for timer in timers)
    result.same("kernel", "timers", mine, truth)


def check_threads(result, checkpoint, pid, text):
    """The masks of every thread; the numbers of truth and checkpoint must be the same."""
    known = {thread["tid"] for thread in checkpoint.threads(pid)}
    for tid, pending, blocked in THREAD.findall(text):
        if int(tid) not in known:
            continue
        mine = checkpoint.thread_details(pid, int(tid))
        result.same("kernel", "SigPnd of %s" % tid, queue(mine["pending"]), int(pending, 16))
        result.same("kernel", "SigBlk of %s" % tid, mask(mine["blocked"]), int(blocked, 16))


def check(result, build, images, pid, read):
    """@read: name of a file -> its text, or None."""
    checkpoint = module(build).open(images)
    details, leader = checkpoint.details(pid), checkpoint.thread_details(pid, pid)
    text = read("status")
    if text:
        status = fields(text)
        waits = checkpoint.threads(pid)[0]["call"] == "rt_sigtimedwait"
        check_signals(result, status, details, leader, waits)
        check_creds(result, status, leader["creds"], leader["seccomp"])
    text = read("stat")
    if text:
        stat = text.rpartition(")")[2].split()
        result.same("kernel", "nice", leader["nice"], int(stat[STAT_NICE - 2]))
        result.same("kernel", "policy", leader["policy"], int(stat[STAT_POLICY - 2]))
    text = read("limits")
    if text:
        result.same("kernel", "limits", limits_text.limits(details["rlimits"]),
                    [line.rstrip() for line in text.splitlines()])
    text = read("timers")
    if text is not None:
        check_timers(result, details["posix_timers"], text)
    text = read("oom_score_adj")
    if text and details["oom_score_adj"] is not None:
        result.same("kernel", "oom_score_adj", details["oom_score_adj"], int(text))
    check_threads(result, checkpoint, pid, read("threads") or "")
    checkpoint.close()
