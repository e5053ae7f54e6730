# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plain data -> lines of text. What is here knows no gdb and no checkpoint, only dicts, and opens
nothing. One file for each thing that is shown."""

from . import files, images, matches, memory, processes, sessions, text, tls, variables
