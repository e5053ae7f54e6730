# SPDX-License-Identifier: LGPL-2.1-or-later
"""The CPU of a checkpoint in a gdb that runs on another one.

gdb takes the CPU from the target description and its details (ABI, byte order) from the executable.
Most distributions' gdb knows the machine's own CPU only, and would go on with that, wrongly, so it
is asked before.
"""

import gdb

from . import settings

MANY = 50  # a gdb that knows so many names was built for all CPUs


def refuse_unknown(machine, pid):
    """One line when this gdb cannot show a process of such a CPU."""
    known = gdb.architecture_names()
    if machine["arch"] in known:
        return
    advice = "a newer one" if len(known) > MANY else "gdb-multiarch"
    raise gdb.GdbError("The CPU of process %d is %s, which this gdb %s does not know: use %s." % (
        pid, machine["arch"], gdb.VERSION, advice))


def lead_gdb(machine, has_executable):
    """Say what gdb cannot know without an executable: the description has no byte order, and no
    ABI, which on MIPS decides how wide registers are (no CRIU dumps other processes than n64).

    These settings are one for all inferiors."""
    if machine["arch"].startswith("mips") and not has_executable:
        settings.borrow_one("mips abi", "n64")
    wanted = "big" if machine["big_endian"] else "little"
    set_to = settings.text("endian")
    if set_to == wanted or set_to == "auto" and (has_executable or wanted == "little"):
        return
    if set_to != settings.of_user("endian"):
        raise gdb.GdbError("A %s-endian checkpoint is open without its executable, and gdb has one "
                           "byte order only: close it first, or give it its executable." % set_to)
    settings.borrow_one("endian", wanted)
