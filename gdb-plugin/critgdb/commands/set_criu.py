# SPDX-License-Identifier: LGPL-2.1-or-later
"""`set criu` and `show criu`: the plugin's settings."""

import gdb

from .. import session


class SetCriu(gdb.Command):
    """Settings for CRIU checkpoints."""

    def __init__(self):
        super().__init__("set criu", gdb.COMMAND_FILES, prefix=True)


class ShowCriu(gdb.Command):
    """Show settings for CRIU checkpoints."""

    def __init__(self):
        super().__init__("show criu", gdb.COMMAND_FILES, prefix=True)


class TrustFiles(gdb.Parameter):
    """When off, pages that are not in the checkpoint are read from the mapped file only if
its size and build-id are those of the checkpoint.  When on, they are read from
whatever file has its name.  The next `target criu' goes by it."""

    set_doc = "Set whether to use mapped files that differ."
    show_doc = "Show whether mapped files that differ are used."

    def __init__(self):
        super().__init__("criu trust-files", gdb.COMMAND_FILES, gdb.PARAM_BOOLEAN)
        self.value = False

    def get_set_string(self):
        return "Open the checkpoint again to go by it." if session.all_open() else ""

    def get_show_string(self, value):
        return "Using mapped files that differ from the checkpoint's is %s." % value


def register():
    SetCriu()
    ShowCriu()
    TrustFiles()
