# SPDX-License-Identifier: LGPL-2.1-or-later
"""For Python scripts in gdb: the open checkpoint without the wire.

    (gdb) python import critcore
    (gdb) python print(bytes(critcore.memory(0x7ffc39e0a460, 16)))

gdb's own Inferior.read_memory() works as well, but takes every byte through packets: fine for a
structure, slow for a heap.
"""

import gdb

from critgdb import core, session


def memory(start, length):
    """The bytes of the current inferior from an address on, as a read-only memoryview.

    start is an address and length a number of bytes; a gdb.Value will do for both. All of the bytes
    or gdb.MemoryError, which says which byte is not there and why; gdb.GdbError when the current
    inferior shows no checkpoint.
    """
    opened = session.required()
    try:
        return memoryview(opened.checkpoint.read(opened.pid, int(start), int(length)))
    except core.module().Error as error:
        raise gdb.MemoryError(str(error)) from None
