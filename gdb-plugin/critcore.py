# SPDX-License-Identifier: LGPL-2.1-or-later
"""For Python scripts in gdb: the open checkpoint without the wire.

    (gdb) python import critcore
    (gdb) python print(bytes(critcore.memory(0x7ffc39e0a460, 16)))

gdb's own Inferior.read_memory() works as well, but takes every byte through packets: fine for a
structure, slow for a heap.

    with critcore.target("ckpt", 42) as process:
        for thread in process.inferior.threads():
            ...
"""

import gdb

from critgdb import core, hooks, session


AT_ONCE = 64 << 10  # fewer bytes are copied sooner than they are mapped


def memory(start, length):
    """The bytes of the current inferior from an address on, as a read-only memoryview.

    start is an address and length a number of bytes; a gdb.Value will do for both. All of the bytes
    or gdb.MemoryError, which says which byte is not there and why; gdb.GdbError when the current
    inferior shows no checkpoint.

    Many bytes that lie in a row in an image or a mapped file are not copied: the memoryview is of
    the file, and lives on when the checkpoint is closed. Should the file be cut short meanwhile,
    BufferError is raised right behind the operation that met what is gone, and obj.intact of the
    memoryview is False from then on. A bytes() of it that went through is safe.
    """
    opened = session.required()
    length = int(length)
    checkpoint = opened.checkpoint
    try:
        if length >= AT_ONCE:
            return checkpoint.view(opened.pid, int(start), length)
        return memoryview(checkpoint.read(opened.pid, int(start), length))
    except core.module().Error as error:
        raise gdb.MemoryError(str(error)) from None


class Process:
    """A process of a checkpoint that is open in gdb; made by target().

    pid, comm    its number inside the checkpoint, its command name
    path         the folder of the checkpoint
    notes        what the user must know, one line each: files that are missing or differ, ...
    inferior     the gdb.Inferior that shows it: threads(), read_memory(), progspace, ...
    is_open      False once it was closed, here or by a command
    """

    def __init__(self, opened):
        self._session = opened
        self.pid = opened.pid
        self.comm = opened.task["comm"]
        self.path = opened.path
        self.notes = opened.checkpoint.notes(opened.pid)
        self.inferior = gdb.selected_inferior()

    @property
    def is_open(self):
        return any(each is self._session for each in session.all_open())

    def processes(self):
        """All processes of the checkpoint, as dicts: pid, ppid, comm, state, exit_code, ..."""
        if not self.is_open:
            raise gdb.GdbError("The checkpoint of process %d is closed." % self.pid)
        return self._session.checkpoint.tasks()

    def close(self):
        """Close it, whichever inferior is the current one; again does nothing."""
        if self.is_open:
            session.close_one(self._session)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


def target(directory, pid=0, pages=None):
    """Open a process of a checkpoint in the current inferior, as `target criu` does, but silently.

    pid 0 is the root process; pages is the folder of a page server. gdb.GdbError with one line when
    that cannot be. What the current inferior showed of a checkpoint before is closed.
    """
    opened, _ = session.open_process(str(directory), pid, pages and str(pages))
    hooks.install()
    return Process(opened)
