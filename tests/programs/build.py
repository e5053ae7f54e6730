# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compile the test programs, each in the ways it is of use in.

build(directory, compiler) gives {name: path}; what it cannot make (32-bit code, static-pie)
is left out and named in the second result, with the reason.
"""

import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
# The same debug information wherever the sources are.
BASE = ["-std=gnu11", "-g", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-pthread",
        "-ffile-prefix-map=%s=programs" % HERE]
PLAIN = ["-O0", "-fno-omit-frame-pointer"]

# name -> (source, options)
PROGRAMS = {
    "deep": ("deep.c", [*PLAIN, "-fPIE", "-pie"]),
    "deep-O2": ("deep.c", ["-O2", "-fPIE", "-pie"]),
    "deep-nopie": ("deep.c", [*PLAIN, "-no-pie"]),
    "deep-static": ("deep.c", [*PLAIN, "-static"]),
    "deep-static-pie": ("deep.c", [*PLAIN, "-static-pie", "-fPIE"]),
    "deep-stripped": ("deep.c", [*PLAIN, "-fPIE", "-pie", "-s"]),
    "compat32": ("compat32.c", ["-O0", "-m32", "-static", "-nostdlib", "-ffreestanding",
                                "-fno-stack-protector", "-fno-pic", "-no-pie"]),
    "threads": ("threads.c", [*PLAIN, "-fPIE", "-pie"]),
    "threads-static": ("threads.c", [*PLAIN, "-static"]),
    "mem": ("mem.c", [*PLAIN, "-fPIE", "-pie"]),
    "mem-static": ("mem.c", [*PLAIN, "-static"]),
    "vectors": ("vectors.c", [*PLAIN, "-fPIE", "-pie"]),
    "vectors-static": ("vectors.c", [*PLAIN, "-static"]),
    "tree": ("tree.c", [*PLAIN, "-fPIE", "-pie"]),
    "tree-static": ("tree.c", [*PLAIN, "-static"]),
    "kinds-static": ("kinds.c", [*PLAIN, "-static"]),
    "held-static": ("held.c", [*PLAIN, "-static"]),
    "ttys-static": ("ttys.c", [*PLAIN, "-static"]),
    "events-static": ("events.c", [*PLAIN, "-static"]),
    "inet-static": ("inet.c", [*PLAIN, "-static"]),
    "boxed-static": ("boxed.c", [*PLAIN, "-static"]),
    "handler": ("handler.c", [*PLAIN, "-fPIE", "-pie"]),
    "handler-static": ("handler.c", [*PLAIN, "-static"]),
}


def build(directory, compiler="cc"):
    made, left_out = {}, {}
    for name, (source, options) in PROGRAMS.items():
        path = os.path.join(directory, name)
        done = subprocess.run([compiler, *BASE, *options, source, "-o", path], cwd=HERE,
                              capture_output=True, text=True)
        if done.returncode:
            left_out[name] = (done.stderr.strip().splitlines() or ["?"])[-1]
        else:
            made[name] = path
    return made, left_out
