# SPDX-License-Identifier: LGPL-2.1-or-later
"""The C module, loaded when it is first needed so that starting gdb stays cheap."""

import contextlib

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
