# SPDX-License-Identifier: LGPL-2.1-or-later
"""A stack of a hundred thousand frames: all of it, in little memory."""

import os
import re
import resource
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "../mk"))
import mk  # noqa: E402

FRAMES = 102400 + 2  # a return address in every word of 200 pages; the newest, and the end's
MOST_KIB = 128 << 10
LINE = re.compile(rb"#(\d+) +0x1010101010101010 in many \(\) from \[vdso\]$")


def main():
    critcore = os.path.join(os.environ["BUILD"], "critcore")
    with tempfile.TemporaryDirectory() as folder:
        images = os.path.join(folder, "img")
        for words, lines in mk.sections(os.path.join(HERE, "../cases/bt-tables.case")):
            mk.carry_out(words, lines, images)
        done = subprocess.run([critcore, "bt", "--limit", "200000", images, "5"], timeout=60,
                              stdout=subprocess.PIPE, check=True)
    lines = done.stdout.split(b"Thread 6", 1)[0].splitlines()
    deep = [int(LINE.match(line)[1]) for line in lines if LINE.match(line)]
    assert deep == list(range(1, FRAMES - 1)), (len(deep), deep[:3], deep[-3:])
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert used < MOST_KIB or "PRELOAD" in os.environ and os.environ["PRELOAD"], "%d KiB" % used
    print("%d frames" % len(deep))


if __name__ == "__main__":
    main()
