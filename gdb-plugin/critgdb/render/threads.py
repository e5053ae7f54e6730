# SPDX-License-Identifier: LGPL-2.1-or-later
"""`info criu threads`, `info criu attributes`."""

from . import text

NOT_RECORDED = "not recorded"
# System calls whose first argument is a descriptor, or the address of a futex.
BY_DESCRIPTOR = {
    "read", "write", "readv", "writev", "pread64", "pwrite64", "recvfrom", "sendto", "recvmsg",
    "sendmsg", "recvmmsg", "sendmmsg", "recv", "send", "accept", "accept4", "connect", "ioctl",
    "fcntl", "flock", "fsync", "epoll_wait", "epoll_pwait", "epoll_pwait2", "getdents64",
}
BY_ADDRESS = {"futex", "futex_time64"}


def waits_on(thread):
    """What the system call is about, where its first argument says so."""
    arguments = thread["args"]
    if not arguments or arguments[0] is None:
        return ""
    if thread["call"] in BY_DESCRIPTOR and arguments[0] < 1 << 31:
        return "descriptor %d" % arguments[0]
    return "%#x" % arguments[0] if thread["call"] in BY_ADDRESS else ""


def schedule(thread):
    if thread["policy"] is None:
        return NOT_RECORDED
    line = thread["policy_name"] or "policy %d" % thread["policy"]
    if thread["priority"]:
        line += ", priority %d" % thread["priority"]
    return line + (", nice %d" % thread["nice"] if thread["nice"] else "")


def threads(rows):
    table = [("Thread", "Name", "State", "Of", "Schedule")]
    for row in rows:
        state = row["error"] or row["state"] or "not known"
        table.append(("%d" % row["tid"], text.printable(row["name"] or ""), text.printable(state),
                      waits_on(row), "" if row["error"] else schedule(row)))
    return text.columns(table, right=())


def said(value, form="%s"):
    return NOT_RECORDED if value is None else form % value


def attributes(data):
    loginuid = data["loginuid"]
    names = data["personality_names"]
    subreaper = data["child_subreaper"]
    membarrier = data["membarrier"] if data["membarrier"] != "" else "none"
    return [
        "personality: %#x%s" % (data["personality"], " (%s)" % names if names else ""),
        "login uid: " + ("never set" if loginuid == 0xFFFFFFFF else said(loginuid)),
        "oom_score_adj: " + said(data["oom_score_adj"]),
        "child subreaper: " + said({True: "yes", False: "no"}.get(subreaper)),
        "membarrier: " + said(membarrier and membarrier.replace("|", " ")),
        "kernel flags (PF_*): %#x" % data["flags"],
    ]
