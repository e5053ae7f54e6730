# SPDX-License-Identifier: LGPL-2.1-or-later
"""One spelling for values that gdb prints in several.

gdb versions and settings differ in when they write 'x' <repeats N times> for a run of characters
or elements; expand() writes all of them out and joins the pieces of a string.
"""

import re

CHARACTERS = re.compile(r"'((?:[^'\\]|\\.[0-7]{0,2})+)' <repeats (\d+) times>")
ELEMENTS = re.compile(r"([^\s{}<>,]+) <repeats (\d+) times>")
STRING = r'"((?:[^"\\]|\\.)*)"'
JOINED = re.compile(STRING + r", " + STRING)


def expand(text):
    if "<repeats " in text:
        text = CHARACTERS.sub(lambda m: '"%s"' % (m.group(1) * int(m.group(2))), text)
        text = ELEMENTS.sub(lambda m: ", ".join([m.group(1)] * int(m.group(2))), text)
    joined = 1
    while joined:
        text, joined = JOINED.subn(r'"\1\2"', text)
    return text


def function(name):
    """A function's name without its C++ parameter list, which gdb leaves out since version 14."""
    if not name or not name.endswith((")", ") const")):
        return name
    bare = name[:-len(" const")] if name.endswith(" const") else name
    depth = 0
    for at in range(len(bare) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(bare[at], 0)
        if not depth:
            break
    bare = bare[:at]
    return name if bare.endswith("operator") else bare.replace(" (", "(")
