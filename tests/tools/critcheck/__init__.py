# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare what gdb and the library say of a checkpoint with what was true of the processes in it.

A *snapshot* is plain data (see probe.py): threads, frames, variables, registers. It comes from
gdb on a checkpoint, from gdb on the live process or a core file, or from recorded truth
(native.py, foreign.py). compare.py compares two of them under rules (rules.py) that say exactly
which differences are known and why; pages.py compares memory; report.py counts and prints.
"""
