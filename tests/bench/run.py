#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measure `target criu` against gdb's core target on the same process, and print the ratios.

    tests/bench/run.py [--build DIR] [--gdb COMMAND] [--criu COMMAND] [--dir DIR] [--quick]

Needs root and a criu that can dump here; without them it says so and ends with 77. Both sides are
measured in turns, each number is the median after a warm-up. Ends with 1 when a target is missed.
With --quick everything is smaller: to see that it works, not for numbers to quote.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

import harness
import measure
import processes
import synthetic

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SKIP = 77
MIB = 1 << 20


class Sizes:
    """How much of everything."""

    def __init__(self, quick):
        self.small = 128 if quick else 1024  # MiB
        self.large = 512 if quick else 4096
        self.threads = 200 if quick else 1000
        self.family = 40 if quick else 200  # processes
        self.runs = 100000
        self.reads = 10000 if quick else 100000
        self.rounds = 5 if quick else 11
        self.thread_rounds = 5
        self.wire_rounds = 1 if quick else 5

    def disk(self):
        """Bytes needed in the scratch folder: checkpoints and a core, pages, some more."""
        return (2 * self.small + self.large + 600) * MIB + self.runs * synthetic.PAGE


# ---- The table ------------------------------------------------------------------------------


class Table:
    """Lines of two numbers and how they compare; remembers which targets were missed."""

    def __init__(self):
        self.missed = []
        self.nr_targets = 0

    def head(self, title, base, ours):
        print(f"\n{title:<46}{base:>11}{ours:>11}{'':>9}  target", flush=True)

    def ratio(self, name, base, ours, most=None, unit="s"):
        """ours / base, which must be at most `most`."""
        self._line(name, show(base, unit), show(ours, unit), f"{ours / base:.2f}x",
                   most and f"<= {most:.2f}x", most and round(ours / base, 2) <= most)

    def difference(self, name, base, ours, most=None):
        """ours - base in MiB, which must be at most `most`."""
        more = (ours - base) / MIB
        self._line(name, show(base, "B"), show(ours, "B"), f"{more:+.1f} M",
                   most and f"<= +{most} M", most and more <= most)

    def limit(self, name, ours, most=None):
        """Seconds, which must be less than `most`."""
        self._line(name, "", show(ours, "s"), "", most and f"< {show(most, 's')}",
                   most and ours < most)

    def _line(self, name, base, ours, relation, target, met):
        if target:
            self.nr_targets += 1
            if not met:
                self.missed.append(name)
            target += "  met" if met else "  MISSED"
        print(f"  {name:<44}{base:>11}{ours:>11}{relation:>9}  {target or ''}".rstrip(), flush=True)

    def verdict(self):
        """The last line."""
        met = self.nr_targets - len(self.missed)
        text = f"{met} of {self.nr_targets} targets met"
        return text + ("; missed: " + "; ".join(self.missed) if self.missed else "")


def show(value, unit):
    """A number of seconds or bytes for people."""
    if unit == "B":
        return f"{value / MIB:.1f} MiB"
    for scale, name in ((1, "s"), (1e-3, "ms"), (1e-6, "us")):
        if value >= scale:
            return f"{value / scale:.3g} {name}" if value < 100 * scale else \
                f"{value / scale:.0f} {name}"
    return f"{value / 1e-9:.0f} ns"


# ---- What is measured -----------------------------------------------------------------------


def first_backtrace(table, gdb, made, sizes):
    """A whole gdb, from its start to the first bt."""
    small, large = (f"{size // 1024} GiB" if size >= 1024 else f"{size} MiB"
                    for size in (sizes.small, sizes.large))
    got = measure.in_turns({
        "plain": gdb.plain("info scope descend"),  # reads the symbols that bt needs
        "core": gdb.core(made["small.core"], "bt"),
        "small": gdb.criu(made["small"], "bt"),
        "large": gdb.criu(made["large"], "bt"),
    }, sizes.rounds, expected=" descend")
    core, one, four = (got[name] for name in ("core", "small", "large"))
    table.head("gdb from its start to the first bt", "core", "criu")
    table.ratio(f"{small} (goal: 1.20x)", core["wall"], one["wall"], 1.5)
    table.head("", small, large)
    table.ratio("criu, by size", one["wall"], four["wall"], 1.15)
    table.head("peak memory of gdb", "plain gdb", "criu")
    table.difference(small, got["plain"]["peak"], one["peak"], 40)
    table.difference(large, got["plain"]["peak"], four["peak"], 40)
    table.difference(f"{small}, the core target", got["plain"]["peak"], core["peak"])


def many_runs(table, build, folder, sizes):
    """The library alone, on a pagemap without two adjacent pages."""
    synthetic.make(os.path.join(folder, "runs"), sizes.runs)
    program = harness.compile("bench_memory.c", build, folder)
    got = measure.run([program, os.path.join(folder, "runs"), str(sizes.runs)])
    table.head(f"library, {sizes.runs} page runs", "", "critcore")
    table.limit("opening", got["open"] / 1e9, 0.1)
    table.limit("8-byte read at random", got["read"] / 1e9, 1e-6)
    table.limit("8-byte read, a page's first", got["first"] / 1e9)


def compare_in_gdb(gdb, made, name, what, rounds, reads):
    """in_gdb.py in both."""
    return measure.in_turns({"core": gdb.core(made[name + ".core"], measure.IN_GDB),
                             "criu": gdb.criu(made[name], measure.IN_GDB)},
                            rounds, CRIT_BENCH=what, CRIT_BENCH_READS=str(reads))


def many_threads(table, gdb, made, sizes):
    got = compare_in_gdb(gdb, made, "threads", "threads", sizes.thread_rounds, 0)
    table.head(f"{sizes.threads} threads", "core", "criu")
    for key, name, most in (("bt-first", "thread apply all bt", 1.0),
                            ("bt-again", "thread apply all bt, again", None),
                            ("info-threads", "info threads", None),
                            ("wall", "a whole gdb with all three", None)):
        table.ratio(name, got["core"][key], got["criu"][key], most)


def thread_local(table, args, folder, sizes):
    """With libraries: in a static program gdb looks for their list anew at each question."""
    program = processes.compile_program(folder, "big-shared", ("-fPIE", "-pie"))
    made = make_process(args, program, folder, "tls", 1, sizes.threads, True)
    gdb = measure.Gdb(args.gdb, args.build, program)
    got = compare_in_gdb(gdb, made, "tls", "tls", sizes.rounds, 0)
    table.ratio(f"a thread-local variable, {sizes.threads} times", got["core"]["tls"],
                got["criu"]["tls"], 1.3)


def all_stacks(table, gdb, made, critcore, sizes):
    """A whole gdb against the command that needs none."""
    bt = [critcore, "bt", "--exe", gdb.program]
    got = measure.in_turns({
        "core": gdb.core(made["threads.core"], "thread apply all bt"),
        "all": [*bt, "--all", made["threads"]],
        "group": [*bt, "--group", made["threads"]],
    }, sizes.rounds, expected=" descend")
    table.head(f"all stacks of {sizes.threads} threads", "gdb, core", "critcore")
    for key, name in (("all", "thread apply all bt, critcore bt --all"),
                      ("group", "... critcore bt --group")):
        table.ratio(name, got["core"]["wall"], got[key]["wall"], 0.1)
    table.ratio("up to the first output", got["core"]["first"], got["all"]["first"])


def many_processes(table, args, folder, sizes):
    """Linked statically; and with libraries, with which gdb's work grows faster than the number."""
    table.head("target criu -all, until all are open", "", "criu")
    for name, number, how, most in (("family-static", sizes.family, ("-static", "-no-pie"), 10),
                                    ("family", sizes.family // 5, ("-fPIE", "-pie"), None),
                                    ("family-shared", sizes.family, ("-fPIE", "-pie"), 10)):
        program = processes.compile_program(folder, name, how, "family.c")
        images = os.path.join(folder, name + ".img")
        with processes.running(program, number, 0) as pid:
            processes.dump(args.criu, pid, images)
        gdb = measure.Gdb(args.gdb, args.build, program)
        got = measure.run(gdb.criu("-all " + images, "info inferiors"), expected=f" {number} ")
        table.limit(f"{number} processes, {name}", got["wall"], most)


def slow_wire(table, gdb, made, sizes):
    got = compare_in_gdb(gdb, made, "small", "wire", sizes.wire_rounds, sizes.reads)
    area = sizes.small // 4
    table.head("much memory through gdb", "core", "criu")
    for key, name in (("sequential", f"{sizes.reads} 8-byte reads in a row"),
                      ("random-4M", f"{sizes.reads} at random in 4 MiB"),
                      ("random-all", f"{sizes.reads} at random in {area} MiB"),
                      ("find", f"find in {area} MiB"),
                      ("dump", f"dump binary memory, {area // 4} MiB"),
                      ("script", f"{area} MiB for a Python script")):
        table.ratio(name, got["core"][key], got["criu"][key])


# ---- What they need -------------------------------------------------------------------------


def make_process(args, program, folder, name, mib, threads, with_core):
    """A checkpoint NAME, and a core file NAME.core, of one process; their paths by name."""
    made = {name: os.path.join(folder, name)}
    with processes.running(program, mib, threads) as pid:
        processes.dump(args.criu, pid, made[name])
        if with_core:
            made[name + ".core"] = made[name] + ".core"
            processes.core(args.gdb, pid, made[name + ".core"])
    return made


def make_all(args, program, folder, sizes):
    made = {}
    for name, mib, threads, with_core in (("small", sizes.small, 3, True),
                                          ("large", sizes.large, 3, False),
                                          ("threads", 16, sizes.threads, True)):
        made.update(make_process(args, program, folder, name, mib, threads, with_core))
    return made


def measure_all(args, folder):
    """Everything; the exit status."""
    sizes, table = Sizes(args.quick), Table()
    if shutil.disk_usage(folder).free < sizes.disk():
        raise processes.CannotDump(f"{folder} has less than {sizes.disk() // MIB} MiB left; "
                                   "--dir names another folder")
    program = processes.compile_program(folder)
    made = make_all(args, program, folder, sizes)
    gdb = measure.Gdb(args.gdb, args.build, program)
    version = subprocess.run(args.gdb + ["--version"], stdout=subprocess.PIPE, check=True)
    print(f"{version.stdout.decode().splitlines()[0]}; medians of {sizes.rounds} "
          f"({sizes.thread_rounds} with many threads, {sizes.wire_rounds} with much memory), "
          "in turns" + ("; QUICK, so small sizes" if args.quick else ""))
    first_backtrace(table, gdb, made, sizes)
    many_runs(table, args.build, folder, sizes)
    many_threads(table, gdb, made, sizes)
    thread_local(table, args, folder, sizes)
    many_processes(table, args, folder, sizes)
    all_stacks(table, gdb, made, os.path.join(args.build, "critcore"), sizes)
    slow_wire(table, gdb, made, sizes)
    print("\n" + table.verdict())
    return 1 if table.missed else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default=os.path.join(TOP, "build"), type=os.path.abspath)
    parser.add_argument("--gdb", default=["gdb"], type=shlex.split, help="a command")
    parser.add_argument("--criu", default=["criu"], type=shlex.split, help="a command")
    parser.add_argument("--dir", help="where to make a scratch folder of some 7 GiB")
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


def main():
    args = arguments()
    if os.geteuid() != 0 or not shutil.which(args.criu[0]):
        print("The benchmark dumps processes: it needs root and criu (--criu COMMAND).")
        return SKIP
    try:
        with tempfile.TemporaryDirectory(prefix="critcore-bench-", dir=args.dir) as folder:
            return measure_all(args, os.path.realpath(folder))
    except processes.CannotDump as error:
        print(f"The benchmark cannot run here: {error}")
        return SKIP
    except (measure.Failed, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
