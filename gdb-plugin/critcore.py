# SPDX-License-Identifier: LGPL-2.1-or-later
"""For Python scripts in gdb: the open checkpoint without the wire.

    (gdb) python import critcore
    (gdb) python print(bytes(critcore.memory(0x7ffc39e0a460, 16)))

gdb's own Inferior.read_memory() works as well, but takes every byte through packets: fine for a
structure, slow for a heap.
"""

import gdb

from critgdb import core, session


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
