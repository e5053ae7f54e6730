#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measure critcore's decode and encode against crit, and go-crit if there is one.

    tests/bench/images.py [--build DIR] [--inside COMMAND] [--go-crit PROGRAM] [--dir DIR]
                              [--quick]

All run in the same place, in turns: here, or where --inside brings them, for example
"tests/tools/debian-root run DIR" for the crit of another Debian. Their own start counts, the way
there does not. Each number is the median of its runs; slow ones have fewer. Without a crit it says
so and ends with 77; with 1 when a target is missed.
"""

import argparse
import json
import os
import shlex
import shutil
import statistics
import struct
import subprocess
import sys
import tarfile
import tempfile

import synthetic
from synthetic import mk

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SKIP = 77
MIB = 1 << 20
PRESENT_LAZY = 6
MOST_MEMORY = 64 * MIB
SPACE = 6  # times the largest payload: images, and go-crit's output for its own encode


# ---- images ------------------------------------------------------------------------------------

def record(message):
    return struct.pack("<I", len(message)) + message


def magic(kind):
    return struct.pack("<II", mk.COMMON, mk.magics()[kind])


def make_pagemap(path, number):
    """Runs of 1 to 1000 pages with a hole between, as CRIU 4.3 writes them."""
    vaddr = 0x10000000
    with open(path, "wb") as file:
        file.write(magic("PAGEMAP") + record(b"\x08\x01"))
        for first in range(0, number, 1000):
            batch = b""
            for pages in range(1, 1 + min(1000, number - first)):
                batch += record(b"\x08" + synthetic.varint(vaddr) + b"\x10\x00\x20" +
                                bytes([PRESENT_LAZY]) + b"\x28" + synthetic.varint(pages))
                vaddr += (pages + 1) * synthetic.PAGE
            file.write(batch)


def make_payload(path, head, size):
    block = os.urandom(MIB)
    with open(path, "wb") as file:
        file.write(head)
        for _ in range(size // MIB):
            file.write(block)


def make_ghost(path, size):
    """ghost_file_entry uid: 0 gid: 0 mode: 33188, then the file."""
    make_payload(path, magic("GHOST_FILE") + record(b"\x08\x00\x10\x00\x18\xa4\x83\x02"), size)


def make_pipe(path, size):
    """pipe_data_entry pipe_id: 1 bytes: SIZE, then the bytes."""
    make_payload(path, magic("PIPES_DATA") + record(b"\x08\x01\x10" + synthetic.varint(size)), size)


def take_small(path):
    """inventory.img of a real checkpoint."""
    with tarfile.open(os.path.join(TOP, "tests/data/checkpoints.tar.xz")) as tar:
        name = next(name for name in tar.getnames() if name.endswith("/inventory.img"))
        with open(path, "wb") as file:
            file.write(tar.extractfile(name).read())


# ---- measuring ---------------------------------------------------------------------------------

class Bench:
    """The tools, and what was found of them."""

    def __init__(self, args, folder):
        self.folder, self.inside = folder, args.inside
        self.tools = {"crit": ["crit"], "critcore": [os.path.join(args.build, "critcore")]}
        if args.go_crit:
            self.tools["go-crit"] = [args.go_crit]
        self.missed, self.nr_targets = [], 0
        with open(os.path.join(HERE, "timer.py"), encoding="utf-8") as file:
            self._timer = file.read()

    def time(self, commands, rounds, budget=20, outputs=None):
        """{tool: {"wall", "peak", "status"}} of {tool: arguments}."""
        spec = {"commands": {tool: self.tools[tool] + args for tool, args in commands.items()},
                "rounds": rounds, "budget": budget, "outputs": outputs or {}}
        share = ":".join([self.folder] + [os.path.dirname(tool[0]) for tool in
                                          self.tools.values() if "/" in tool[0]])
        done = subprocess.run(self.inside + ["python3", "-c", self._timer],
                              input=json.dumps(spec).encode(), stdout=subprocess.PIPE,
                              env=dict(os.environ, DEBIAN_ROOT_SHARE=share), check=True)
        out = json.loads(done.stdout)
        for numbers in out.values():
            numbers["wall"] = statistics.median(numbers["wall"])
        return out

    def all_tools(self, args, rounds, **options):
        return self.time({tool: args for tool in self.tools}, rounds, **options)

    def show(self, title, got, targets, peak=False):
        """A line for each tool; targets: {tool: how many times faster critcore must be}."""
        ours = got["critcore"]
        print(f"\n{title}")
        for tool, numbers in got.items():
            line = f"  {tool:<10}"
            if numbers["status"]:
                print(line + f"fails, status {numbers['status']}")
                continue
            line += f"{numbers['wall']:>10.4f} s {numbers['peak'] / MIB:>9.1f} MiB"
            if tool != "critcore":
                ratio = numbers["wall"] / ours["wall"]
                line += f"{ratio:>8.1f}x" + self._verdict(title, tool, ratio, targets.get(tool))
            elif peak:
                line += self._verdict(title, "memory", MOST_MEMORY / numbers["peak"], 1)
            print(line, flush=True)

    def _verdict(self, title, what, ratio, least):
        if least is None:
            return ""
        self.nr_targets += 1
        if ratio < least:
            self.missed.append(f"{title}, {what}")
        goal = "< 64 MiB" if what == "memory" else f">= {least}x"
        return f"  {goal}  {'met' if ratio >= least else 'MISSED'}"


def make(bench, name, maker, *args):
    path = os.path.join(bench.folder, name)
    maker(path, *args)
    return path


def small(bench, rounds):
    path = make(bench, "inventory.img", take_small)
    bench.show("a small image, decode", bench.all_tools(["decode", "-i", path], rounds),
               {"crit": 60, "go-crit": 2})


def pagemap(bench, number, rounds):
    path = make(bench, "pagemap-1.img", make_pagemap, number)
    texts = {tool: path + "." + tool for tool in bench.tools}
    decoded = bench.all_tools(["decode", "-i", path], rounds, outputs=texts)
    bench.show(f"pagemap of {number} records, decode", decoded, {"crit": 60, "go-crit": 18}, True)
    # Each encodes its own: go-crit reads no other's.
    encoded = bench.time({tool: ["encode", "-i", text] for tool, text in texts.items()
                          if not decoded[tool]["status"]}, rounds)
    bench.show(f"pagemap of {number} records, encode", encoded, {"crit": 25, "go-crit": 20}, True)
    for name in [path, *texts.values()]:
        os.unlink(name)


def payload(bench, title, name, maker, size, rounds):
    path = make(bench, name, maker, size)
    bench.show(f"{title} of {size // MIB} MiB, decode",
               bench.all_tools(["decode", "-i", path], rounds), {"crit": 10}, True)
    text = path + ".json"
    bench.time({"critcore": ["decode", "-i", path]}, 1, outputs={"critcore": text})
    bench.show(f"{title} of {size // MIB} MiB, encode",
               bench.time({tool: ["encode", "-i", text] for tool in bench.tools
                           if tool != "go-crit"}, rounds), {"crit": 10}, True)
    os.unlink(text)
    os.unlink(path)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default=os.path.join(TOP, "build"), type=os.path.abspath)
    parser.add_argument("--inside", default=[], type=shlex.split, help="a command")
    parser.add_argument("--go-crit", default=shutil.which("go-crit"), help="a program")
    parser.add_argument("--dir", help="where to make a scratch folder")
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


def main():
    args = arguments()
    size, number = (64 * MIB, 50000) if args.quick else (1024 * MIB, 1000000)
    done = subprocess.run(args.inside + ["sh", "-c", "command -v crit && crit --version"],
                          stdout=subprocess.PIPE, check=False)
    if done.returncode:
        print("The benchmark needs crit (--inside COMMAND for one that is in another root).")
        return SKIP
    if shutil.disk_usage(args.dir or tempfile.gettempdir()).free < SPACE * size:
        print(f"The benchmark needs {SPACE * size // MIB} MiB; --dir names another folder.")
        return SKIP
    print(f"crit {done.stdout.decode().split()[-1]}" + ("; QUICK" if args.quick else ""))
    with tempfile.TemporaryDirectory(prefix="critcore-bench-", dir=args.dir) as folder:
        bench = Bench(args, os.path.realpath(folder))
        small(bench, 31)
        pagemap(bench, number, 5)
        payload(bench, "a ghost file", "ghost-file-1.img", make_ghost, size, 3)
        payload(bench, "data of a pipe", "pipes-data.img", make_pipe, size, 3)
    met = bench.nr_targets - len(bench.missed)
    print(f"\n{met} of {bench.nr_targets} targets met" +
          ("; missed: " + "; ".join(bench.missed) if bench.missed else ""))
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
