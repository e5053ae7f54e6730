# SPDX-License-Identifier: LGPL-2.1-or-later
"""`info criu threads`, `signals`, `timers`, `limits`, `creds`, `namespaces`, `seccomp`, `rseq`,
`attributes`: what the kernel knew of the process and its threads."""

import re

import gdb

from .. import core, output, session


class Listing(output.Command):
    """A command without arguments but -json; WORD and SHOWN are the subclass's."""

    WORD = SHOWN = None  # "limits", and what ask() finds for it as render.MODULE.FUNCTION

    def __init__(self):
        super().__init__("info criu " + self.WORD, gdb.COMMAND_STATUS)

    def ask(self, found):
        """Plain data of a session."""
        raise NotImplementedError

    def invoke(self, argument, from_tty):
        as_json, rest = output.split_json(argument)
        output.no_more(rest, "info criu %s [-json]" % self.WORD)
        found = session.required()
        with core.errors():
            data = self.ask(found)
        output.show(data, as_json, self.render)

    def render(self, data):
        import importlib  # nine commands that most sessions do not use

        module, function = self.SHOWN.split(".")
        package = __package__.rpartition(".")[0]
        return getattr(importlib.import_module("%s.render.%s" % (package, module)), function)(data)


def threads(found, keys):
    """What is asked of every thread; of one whose core image cannot be read, the error."""
    checkpoint, pid = found.checkpoint, found.pid
    critcore = core.module()
    rows = checkpoint.threads(pid)
    for row in rows:
        try:
            details = checkpoint.thread_details(pid, row["tid"])
            row.update({key: details[key] for key in keys})
        except critcore.Error as error:
            row["error"] = str(error)
    return rows


def symbol(address):
    """"handler+4", or None where gdb knows no symbol."""
    try:
        value = str(gdb.parse_and_eval("(void *) %#x" % address))
    except gdb.error:
        return None
    named = re.search(r"<(.*)>", value)
    return named.group(1) if named else None


class Threads(Listing):
    """List the threads: what they were doing, how they were scheduled.
Usage: info criu threads [-json]

State is that of `info threads'.  Of is the descriptor or the futex that the system
call is about, where its first argument says so."""

    WORD, SHOWN = "threads", "threads.threads"

    def ask(self, found):
        return threads(found, ("policy", "policy_name", "priority", "nice", "pdeath_signal",
                               "timerslack", "robust_list"))


class Signals(Listing):
    """Show which signals wait, are blocked, and have handlers.
Usage: info criu signals [-json]

Threads of which the same is to be said share their lines."""

    WORD, SHOWN = "signals", "signals.signals"

    def ask(self, found):
        details = found.checkpoint.details(found.pid)
        for action in details["actions"] or ():
            action["symbol"] = symbol(action["handler"]) if action["handler"] > 1 else None
        return {"pending": details["pending"], "actions": details["actions"],
                "threads": threads(found, ("blocked", "pending", "altstack"))}


class Timers(Listing):
    """List the timers of the process: setitimer(2) and timer_create(2).
Usage: info criu timers [-json]

With -json durations are nanoseconds."""

    WORD, SHOWN = "timers", "timers.timers"

    def ask(self, found):
        details = found.checkpoint.details(found.pid)
        return {key: details[key] for key in ("itimers", "posix_timers")}


class Limits(Listing):
    """List the resource limits of the process, as /proc/PID/limits does.
Usage: info criu limits [-json]

With -json an unlimited one is null."""

    WORD, SHOWN = "limits", "limits.limits"

    def ask(self, found):
        return found.checkpoint.details(found.pid)["rlimits"]


class Creds(Listing):
    """Show user, groups and capabilities of the threads.
Usage: info criu creds [-json]"""

    WORD, SHOWN = "creds", "creds.creds"

    def ask(self, found):
        return threads(found, ("creds",))


class Namespaces(Listing):
    """List the namespaces of the process and what is known of them.
Usage: info criu namespaces [-json]

Id is CRIU's number, as in the names of images.  A namespace that is not the
dumper's is the process's own, or its container's."""

    WORD, SHOWN = "namespaces", "creds.namespaces"

    def ask(self, found):
        return found.checkpoint.namespaces(found.pid)


class Seccomp(Listing):
    """Show the threads' restrictions on system calls.
Usage: info criu seccomp [-json]"""

    WORD, SHOWN = "seccomp", "creds.seccomp"

    def ask(self, found):
        return threads(found, ("seccomp", "seccomp_filters"))


class Rseq(Listing):
    """List where the threads registered restartable sequences, rseq(2).
Usage: info criu rseq [-json]"""

    WORD, SHOWN = "rseq", "creds.rseq"

    def ask(self, found):
        return threads(found, ("rseq",))


class Attributes(Listing):
    """Show personality, login uid and what else the images say.
Usage: info criu attributes [-json]"""

    WORD, SHOWN = "attributes", "threads.attributes"

    def ask(self, found):
        details = found.checkpoint.details(found.pid)
        return {key: details[key] for key in ("personality", "personality_names", "loginuid",
                                              "oom_score_adj", "child_subreaper", "membarrier",
                                              "flags")}


def register():
    for command in (Threads, Signals, Timers, Limits, Creds, Namespaces, Seccomp, Rseq,
                    Attributes):
        command()
