# SPDX-License-Identifier: LGPL-2.1-or-later
"""Commands of gdb that make no sense for a checkpoint, or ask needless questions about one.

gdb lets a user-defined command `hook-NAME` run before NAME, under all its abbreviations; when the
hook fails NAME is not run. Ours do nothing unless a checkpoint is open, in most cases the current
inferior's. They are defined with the first one that is opened, and never where the user has a hook
of that name.

A hook's body must be a gdb command: gdb 13 prints a traceback for a `python` line that fails.
"""

import re
import sys

import gdb

from . import cpu, render, session, settings

CANNOT_RUN = (
    "continue", "step", "stepi", "next", "nexti", "finish", "until", "advance", "jump", "signal",
    "call", "reverse-continue", "reverse-step", "reverse-stepi", "reverse-next", "reverse-nexti",
    "reverse-finish",
)
# They start or take over a live process, as they do when a core file is open.
LEAVE = ("run", "start", "starti", "attach")
# "Kill the program being debugged?", "A program is being debugged already": nothing is lost.
NO_QUESTION = ("kill", "file", "exec-file", "symbol-file")
# Thousands of small requests, each of which waits for the one before.
MANY_REQUESTS = ("thread apply", "thread apply all", "info threads", "dump memory",
                 "dump binary memory")

HOOKS = {
    "cannot-run": CANNOT_RUN,
    "leave": LEAVE,
    "no-question": NO_QUESTION,
    "one-cpu": MANY_REQUESTS,
    "disconnect": ("disconnect",),
    "quit": ("quit",),
}

_installed = False
_confirm_off = False


def install():
    """Define the hooks, once."""
    global _installed
    if _installed:
        return
    _installed = True
    for action, names in HOOKS.items():
        for name in names:
            _define("hook-", name, action)
    for name in NO_QUESTION:
        _define("hookpost-", name, "question")
    for name in MANY_REQUESTS:
        _define("hookpost-", name, "any-cpu")


def _define(prefix, name, action):
    words = name.split()
    hook = " ".join(words[:-1] + [prefix + words[-1]])  # "thread hook-apply"
    try:
        gdb.execute("show user " + hook, False, True)
    except gdb.error:  # there is none yet
        gdb.execute("define %s\nmaintenance criu-hook %s\nend" % (hook, action), False, True)


class Hook(gdb.Command):
    """What critcore does before commands while a checkpoint is open.
Usage: maintenance criu-hook ACTION"""

    def __init__(self):
        super().__init__("maintenance criu-hook", gdb.COMMAND_MAINTENANCE)
        self.actions = {
            "cannot-run": self.cannot_run,
            "leave": session.close_current,
            "disconnect": self.disconnect,
            "no-question": self.no_question,
            "question": question,
            "one-cpu": lambda: cpu.share(session.servers()),
            "any-cpu": lambda: cpu.give_back(session.servers()),
            "quit": self.quit,
        }

    def invoke(self, argument, from_tty):
        if argument not in self.actions:
            raise gdb.GdbError("Usage: maintenance criu-hook ACTION")
        self.actions[argument]()

    def cannot_run(self):
        found = session.current()
        if found and not under_dap():
            raise gdb.GdbError(render.processes.cannot_run(found.pid))
        if found and gdb_version() < 17:  # later ones pass on what the server says
            gdb.write(render.processes.cannot_run(found.pid) + "\n")

    def no_question(self):
        global _confirm_off
        if session.current() and settings.text("confirm") == "on":
            gdb.execute("set confirm off", False, True)
            _confirm_off = True

    def disconnect(self):
        """gdb's own would take the threads of all other inferiors away: do it, and stop gdb's."""
        found = session.current()
        if found and not session.is_alone():
            session.close_current()
            raise gdb.GdbError("Closed the checkpoint of process %d." % found.pid)

    def quit(self):
        """gdb asks before it leaves a live process, which a remote target is to it."""
        if not session.others_run():
            session.close_all()


def gdb_version():
    found = re.search(r"(\d+)\.", gdb.VERSION)
    return int(found[1]) if found else 0


def under_dap():
    """Before it runs a command DAP tells the client that the process runs, and of one that fails
    then nothing any more (14 to 18): only the server's stop can put that right."""
    return "gdb.dap" in sys.modules


def question():
    """Ask again. Also done before each prompt: no hook runs after a command that failed."""
    global _confirm_off
    if _confirm_off:
        _confirm_off = False
        gdb.execute("set confirm on", False, True)


def _before_prompt():
    question()
    cpu.give_back(session.servers())
    settings.refuse_calls(session.current() is not None)


def register():
    Hook()
    gdb.events.before_prompt.connect(_before_prompt)
