#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Time searching memory: beside memmem(), gdb's `find` in a core file, and checkpointctl.

    search.py [--build DIR] [--gdb COMMAND] [--checkpointctl COMMAND] [--folder DIR] [--quick]

The checkpoint is made, not dumped: one mapping, whose bytes are those of the programs of this
machine. The core file and checkpointctl's archive hold the same bytes. What is looked for stands
once, at the very end. Ends with 1 when a target is missed.
"""

import argparse
import glob
import os
import shlex
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import time

import harness
import pages
from pages import FIRST, MIB, PAGE, PRESENT

HERE = os.path.dirname(os.path.abspath(__file__))
NEEDLE = b"crit8byt"  # as wide as the widest that gdb's find takes
NUMBER = int.from_bytes(NEEDLE, "little")
PATTERNS = (  # what, kind, pattern, what memmem() looks for
    ("text, 8 letters", "text", "crit8byt", "crit8byt"),
    ("text, 24 letters", "text", "no such text in memory!!", "no such text in memory!!"),
    ("text, frequent letters", "text", " the ete ", " the ete "),
    ("hex with wildcards", "hex", "63 72 69 74 3? ?? 79 74", "crit8byt"),
    ("8-byte integer, aligned", "int", str(NUMBER), "crit8byt"),
    ("regex, a word before it", "regex", "crit[0-9][a-z]{3}", "crit8byt"),
)


def some_bytes(nr_bytes):
    """What programs and libraries consist of, over and over."""
    out, enough = b"", min(nr_bytes, 256 * MIB)
    for path in sorted(glob.glob("/usr/lib/*/lib*.so*") + glob.glob("/usr/bin/*")):
        if os.path.isfile(path) and not os.path.islink(path) and len(out) < enough:
            with open(path, "rb") as file:
                out += file.read(8 * MIB)
    out = (out * (nr_bytes // len(out) + 1))[:nr_bytes]
    return out[:-PAGE] + b"\0" * (PAGE - len(NEEDLE)) + NEEDLE


def write_core(path, data):
    """The same bytes as a core file: an ELF header, one segment, and the least of notes."""
    note = struct.pack("<III", 5, 336, 1) + b"CORE\0\0\0\0" + b"\0" * 336  # NT_PRSTATUS
    offset = 64 + 2 * 56
    header = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64,
                                                       56, 2, 0, 0, 0)
    notes = struct.pack("<IIQQQQQQ", 4, 0, offset, 0, 0, len(note), 0, 4)
    load = struct.pack("<IIQQQQQQ", 1, 6, PAGE, FIRST, 0, len(data), len(data), PAGE)
    with open(path, "wb") as file:
        file.write((header + notes + load + note).ljust(PAGE, b"\0") + data)


def best_of(rounds, commands):
    """{name: least seconds}, in turns; each command must print what it found."""
    took = {}
    for _ in range(rounds):
        for name, (command, expected) in commands.items():
            start = time.monotonic()
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False)
            took[name] = min(took.get(name, 1e9), time.monotonic() - start)
            if expected not in done.stdout:
                sys.exit(f"{command} did not print {expected}:\n{done.stdout[-2000:]}")
    return took


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder, self.missed = args, folder, 0
        self.mib = 64 if args.quick else 1024
        self.ckpt = os.path.join(folder, "ckpt")
        pages.small_images(self.ckpt, self.mib)
        pages.write_pagemap(self.ckpt, [(0, self.mib * MIB // PAGE, PRESENT)])
        self.data = some_bytes(self.mib * MIB)
        with open(os.path.join(self.ckpt, "pages-1.img"), "wb") as file:
            file.write(self.data)
        self.hit = "0x%x" % (FIRST + len(self.data) - len(NEEDLE))

    def line(self, what, ours, base, name, most):
        """Ours may take at most `most` times as long."""
        met = most is None or ours <= most * base
        self.missed += not met
        print("%-44s %7.3f s   %-22s %7.3f s  %5.2f times%s%s" % (
            what, ours, name, base, ours / base,
            "" if most is None else "  <= %.2f" % most, "" if met else "  MISSED"), flush=True)

    def against_memmem(self):
        program = harness.compile("bench_search.c", self.args.build, self.folder)
        for what, kind, pattern, literal in PATTERNS:
            done = subprocess.run([program, self.ckpt, kind, pattern, literal], check=True,
                                  stdout=subprocess.PIPE, text=True)
            got = dict(line.split() for line in done.stdout.splitlines())
            self.line("library: " + what, float(got["ours"]), float(got["base"]), "memmem()",
                      None if kind == "regex" else 1.25)

    def against_gdb(self):
        core = os.path.join(self.folder, "core")
        write_core(core, self.data)
        gdb = self.args.gdb + ["-nx", "-batch"]
        plugin = gdb + ["-x", os.path.join(self.args.build, "critgdb.py"), "-ex",
                        f"target criu {self.ckpt}"]
        find = f"find /g 0x{FIRST:x}, +{len(self.data)}, {NUMBER}"
        took = best_of(1 if self.args.quick else 3, {
            "find, core": (gdb + ["-c", core, "-ex", find], self.hit),
            "find, criu": (plugin + ["-ex", find], self.hit),
            "crit-find": (plugin + ["-ex", "crit-find crit8byt"], self.hit),
            "critcore find": ([os.path.join(self.args.build, "critcore"), "find", self.ckpt,
                               "crit8byt"], self.hit),
        })
        os.unlink(core)
        for name in ("find, criu", "crit-find", "critcore find"):
            self.line(f"a whole run: {name}", took[name], took["find, core"], "gdb's find, core", 1)
        return took["critcore find"]

    def against_checkpointctl(self, ours):
        archive = os.path.join(self.folder, "ckpt.tar")
        if not self.args.checkpointctl:
            print("checkpointctl: none to compare with (--checkpointctl or CHECKPOINTCTL)")
            return
        with tarfile.open(archive, "w") as tar:
            tar.add(self.ckpt, "checkpoint")
            for name in ("config.dump", "spec.dump"):
                path = os.path.join(self.folder, name)
                with open(path, "w", encoding="ascii") as file:
                    file.write("{}")
                tar.add(path, name)
        command = self.args.checkpointctl + ["memparse", "--pid", "5", "--search", "crit8byt",
                                             archive]
        took = best_of(1, {"theirs": (command, "crit8byt")})
        self.line("a whole run: critcore find", ours, took["theirs"], "checkpointctl memparse", 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build", type=os.path.abspath)
    parser.add_argument("--gdb", default=["gdb"], type=shlex.split, help="a command")
    parser.add_argument("--checkpointctl", type=shlex.split, help="a command",
                        default=shlex.split(os.environ.get("CHECKPOINTCTL", "")))
    parser.add_argument("--folder", help="where there is room for some GiB")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="critsearch-", dir=args.folder)
    try:
        bench = Bench(args, folder)
        bench.against_memmem()
        bench.against_checkpointctl(bench.against_gdb())
    finally:
        shutil.rmtree(folder)
    print("targets missed: %d" % bench.missed)
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
