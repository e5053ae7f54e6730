# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compiling the C parts of benchmarks against the library that was built."""

import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))


def libraries(build):
    """What libcritcore.a needs; build/critcore.pc says so."""
    done = subprocess.run(
        ["pkg-config", "--print-requires-private", os.path.join(build, "critcore.pc")],
        check=True, stdout=subprocess.PIPE, text=True)
    done = subprocess.run(["pkg-config", "--libs", *done.stdout.split()], check=True,
                          stdout=subprocess.PIPE, text=True)
    return done.stdout.split() + ["-liberty"]


def compile(source, build, folder):
    """The path of a program made of one file of this folder."""
    path = os.path.join(folder, os.path.splitext(source)[0])
    subprocess.run(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-O2",
                    "-I" + os.path.join(TOP, "libcritcore/include"), os.path.join(HERE, source),
                    os.path.join(build, "libcritcore.a"), *libraries(build), "-pthread",
                    "-o", path], check=True)
    return path
