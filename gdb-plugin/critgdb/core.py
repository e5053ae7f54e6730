# SPDX-License-Identifier: LGPL-2.1-or-later
"""The C module, loaded when it is first needed so that starting gdb stays cheap."""

import contextlib
import sys
import time

import gdb

from . import render


def module():
    """The module _critcore, or one line that says why it cannot be loaded."""
    try:
        from . import _critcore
    except ImportError as error:
        raise gdb.GdbError("critcore cannot be loaded: %s" % error) from None
    return _critcore


@contextlib.contextmanager
def errors():
    """Show what the library complains about as one line, as gdb shows mistakes of the user."""
    critcore = module()
    try:
        yield critcore
    except critcore.Error as error:
        raise gdb.GdbError(render.text.printable(str(error))) from None


class Progress:
    """How far an archive is unpacked, on a terminal; nothing of what takes no time."""

    def __init__(self, path):
        self.path = path
        self.since = time.monotonic()
        self.percent = -1

    def __call__(self, done, total):
        percent = 100 * done // total if total else 0
        if percent == self.percent or time.monotonic() - self.since < 1 or not sys.stdout.isatty():
            return
        self.percent = percent
        gdb.write("\rUnpacking %s: %d %%" % (render.text.printable(self.path), percent))
        gdb.flush()

    def erase(self):
        if self.percent >= 0:
            gdb.write("\r\033[K")


def not_for_long():
    """In place of a Progress where nobody wants to wait: it gives up after a second."""
    since = time.monotonic()

    def progress(done, total):
        if time.monotonic() - since > 1:
            raise gdb.GdbError("not unpacked yet")
    return progress


@contextlib.contextmanager
def unpacking(path):
    """Show how an archive is unpacked, if it has to be; Ctrl-C ends it."""
    progress = Progress(path)
    try:
        yield progress
    finally:
        progress.erase()
