# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measure commands against each other: in turns, so that what else the machine does hits all."""

import os
import statistics
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Failed(Exception):
    """A command did not do what is measured."""


def environment(**values):
    """Ours, without what would make gdb ask the network."""
    out = {name: value for name, value in os.environ.items() if name != "DEBUGINFOD_URLS"}
    return dict(out, **values)


def run(command, expected="", **values):
    """Run one command: {"wall": seconds, "first": seconds to its first output, "peak": bytes} and
    its `name seconds` lines.

    The peak is that of the largest process below ours; ours is smaller than any gdb."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=environment(**values))
    text = process.stdout.read(1)
    first = time.perf_counter() - start
    text = (text + process.stdout.read()).decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or expected not in text:
        raise Failed(f"{' '.join(command)}: status {process.returncode}, printed:\n{text}")
    return dict(numbers(text), wall=wall, first=first, peak=usage.ru_maxrss * 1024)


def numbers(text):
    """The lines of two words, the second one a number."""
    out = {}
    for line in text.split("\n"):
        words = line.split()
        if len(words) == 2 and words[1].replace(".", "", 1).isdigit():
            out[words[0]] = float(words[1])
    return out


def in_turns(commands, rounds, **options):
    """{name: {number: median}} of named commands, each run once more before that counts."""
    samples = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            sample = run(command, **options)
            if turn:
                samples[name].append(sample)
    return {name: medians(runs) for name, runs in samples.items()}


def medians(runs):
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


class Gdb:
    """Command lines of the gdb that is measured."""

    def __init__(self, command, build, program):
        self.start = command + ["-nx", "-batch"]
        self.plugin = os.path.join(build, "critgdb.py")
        self.program = program

    def plain(self, *commands):
        return self.start + [self.program] + words(commands)

    def core(self, path, *commands):
        return self.start + [self.program, path] + words(commands)

    def criu(self, folder, *commands):
        return self.start + ["-x", self.plugin] + words([f"target criu {folder}", *commands])


def words(commands):
    return [word for command in commands for word in ("-ex", command)]


IN_GDB = f"source {os.path.join(HERE, 'in_gdb.py')}"
