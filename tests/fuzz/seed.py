#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pack the images of a case into one input of fuzz_checkpoint.c: seed.py FILE.case OUT"""

import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../mk"))
import mk  # noqa: E402


def names():
    """The names that fuzz_checkpoint.c knows, in its order."""
    with open(os.path.join(HERE, "fuzz_checkpoint.c"), encoding="ascii") as source:
        table = re.search(r"names\[\] = \{(.*?)\};", source.read(), re.S)[1]
    return re.findall(r'"([^"]+)"', table)


def main():
    """Make the images, pack them."""
    with tempfile.TemporaryDirectory() as folder, open(sys.argv[2], "wb") as out:
        for words, lines in mk.sections(sys.argv[1]):
            mk.carry_out(words, lines, folder)
        for index, name in enumerate(names()):
            path = os.path.join(folder, name)
            if os.path.exists(path):
                with open(path, "rb") as file:
                    data = file.read()
                if name.startswith("pages-"):
                    data = data[:64]  # contents are not worth damaging
                out.write(bytes([index]) + len(data).to_bytes(3, "little") + data)


if __name__ == "__main__":
    main()
