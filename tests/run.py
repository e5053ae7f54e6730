#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run the tests, two at a time, and end with a line `N passed, N failed, N skipped`.

    tests/run.py [--build DIR] [--gdb COMMAND] [--rewrite] [NAME...]

What is run:

    tests/cases/*.case     images as text (tests/mk/mk.py), commands, and what they must print
    tests/check/*          executable scripts
    BUILD/tests/test_*     programs of tests/unit and tests/schema
    BUILD/tests/fuzz_*     fuzz harnesses over tests/fuzz/corpus, damaged in a fixed number of ways
    tests/corpus/run.py    real checkpoints against what gdb said of the live process

A script or program passes with exit status 0, is skipped with 77 (its last line says why), and
fails otherwise. In a case, `...` in the expectation skips any number of lines, a `*` any
characters of its line:

    @run PROGRAM ARGUMENT... [< FILE]
                               a program of BUILD or BUILD/examples, in the folder of the images
    @lossless IMAGE...         `critcore decode`, in each of its forms, and `critcore encode` give
                               back the same bytes
    @gdb                       gdb commands, one a line, in gdb -nx -batch with the plugin loaded
    @gdb multiarch [CPU]       the same in the gdb-multiarch of the same release; left out when
                               there is none, or when it does not know the CPU
                               {LAYOUT:NAME} in an argument is a blob of a @layout
    @stdout  @stderr           what the last command must have printed
    @exit STATUS               its exit status if not 0
"""

import argparse
import concurrent.futures
import fnmatch
import functools
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "mk"))
import mk  # noqa: E402

SKIP = 77
NO_GDB = "gdb, which does not start with AddressSanitizer preloaded"
NO_MODULE = b"ASan runtime does not come first"  # when gdb loads a module built with it
FUZZ_COUNT = 1000  # damaged forms of each corpus file; `make fuzz-replay` does more
FUZZ_SLOWER = 5  # that much slower is a sanitizer
TIMEOUT = 300  # of one command: for tests that hang, not for machines that are busy


class Failure(Exception):
    """A test failed; the text says how."""


def matches(expected, actual):
    """Do the lines fit, with `...` and `*` in the expected ones?"""
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(matches(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    pattern = expected[0].replace("[", "[[]").replace("?", "[?]")
    return bool(actual) and fnmatch.fnmatchcase(actual[0], pattern) and \
        matches(expected[1:], actual[1:])


class Partly(str):
    """What of a test that passed was left out."""


def compare(what, expected, actual):
    """Fail with both texts when they do not fit."""
    expected = [line for line in expected if not line.startswith("# ")]
    expected = "\n".join(expected).strip("\n").split("\n")
    actual = actual.rstrip("\n").split("\n")
    if not matches(expected, actual):
        raise Failure(f"{what} should be\n  | " + "\n  | ".join(expected) +
                      "\nbut is\n  | " + "\n  | ".join(actual))


def program(build, name):
    """The path of a program of ours."""
    for path in (os.path.join(build, name), os.path.join(build, "examples", name)):
        if os.path.exists(path):
            return path
    raise Failure(f"no program {name} in {build}")


def gdb_words(args, kind):
    """The command of a gdb; @kind: what stands behind @gdb."""
    words = shlex.split(args.gdb)
    return words[:-1] + [words[-1] + "-multiarch"] if "multiarch" in kind else words


@functools.lru_cache(maxsize=None)
def cpus_of(*gdb):
    """The CPUs that a gdb knows; None when there is no such gdb."""
    try:
        done = subprocess.run([*gdb, "-nx", "-batch", "-ex",
                               "python print(*gdb.architecture_names())"], timeout=TIMEOUT,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return None
    return done.stdout.decode().split() if not done.returncode else None


def gdb_command(args, kind, lines):
    """gdb with the plugin and these commands."""
    command = gdb_words(args, kind) + ["-nx", "-batch", "-x",
                                       os.path.join(args.build, "critgdb.py")]
    for line in mk.content_lines(lines):
        command += ["-ex", line]
    return command


def finish(run):
    """Compare what the last command of a case printed with what was expected of it."""
    if not run or "left out" in run:
        return
    done, title = run["done"], run["title"]
    compare(f"{title}: standard error", run["stderr"], done.stderr.decode(errors="replace"))
    compare(f"{title}: standard output", run["stdout"], done.stdout.decode(errors="replace"))
    if done.returncode != run["exit"]:
        raise Failure(f"{title}: exit status is {done.returncode}, not {run['exit']}")


def blob_path(folder, match):
    """{LAYOUT:NAME}: where in a @layout a blob is."""
    with open(os.path.join(folder, match[1] + ".blobs"), encoding="ascii") as file:
        return json.load(file)[match[2]]


def run_command(args, words, lines, folder):
    """Carry out a @run or @gdb section."""
    source = os.devnull
    words = [re.sub(r"\{([^:{}]+):([^{}]+)\}", functools.partial(blob_path, folder), word)
             for word in words]
    if words[0] == "run":
        if words[-2] == "<":
            words, source = words[:-2], os.path.join(folder, words[-1])
        command = [program(args.build, words[1]), *words[2:]]
    else:
        command = gdb_command(args, words[1:], lines)
    with open(source, "rb") as stdin:
        done = subprocess.run(command, cwd=folder, stdin=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=TIMEOUT, env=environment(args),
                              check=False)
    if args.preload and words[0] == "gdb" and NO_MODULE in done.stderr:
        return {"left out": NO_GDB}
    title = " ".join(words[1:] if words[0] == "run" else mk.content_lines(lines))
    return {"title": title, "done": done, "stdout": [], "stderr": [], "exit": 0}


def check_lossless(args, names, folder):
    """Carry out a @lossless section."""
    critcore = program(args.build, "critcore")
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            image = file.read()
        for options in ([], ["--pretty"], ["-f", "nice"]):
            json = subprocess.run([critcore, "decode", *options], input=image, timeout=TIMEOUT,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            back = subprocess.run([critcore, "encode"], input=json.stdout, timeout=TIMEOUT,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            if back.returncode or back.stdout != image:
                raise Failure(f"{name} is lost by decode {options}: {json.stdout[:2000]}\n"
                              f"{back.stderr.decode()}\n{image.hex()}\n{back.stdout.hex()}")


def reason_to_leave_out(args, words, left_out):
    """Why a section is not run, in words that follow "in"; None when it is."""
    if words[0] != "gdb":
        return None
    if NO_GDB in left_out:  # what the one before would have left behind is not there
        return NO_GDB
    if "multiarch" in words:
        known = cpus_of(*gdb_words(args, words))
        if known is None:
            return "gdb-multiarch, which is not installed"
        if not set(words[2:]) <= set(known):
            return "gdb-multiarch, which is too old to know " + " ".join(words[2:])
    return None


def run_case(args, path):
    """Make images, run commands and compare, in the order of the case."""
    run, commands, left_out = None, 0, []
    with tempfile.TemporaryDirectory(prefix="critcore-") as folder:
        sections = mk.sections(path)
        mk.prepare(sections)
        for words, lines in sections:
            if mk.carry_out(words, lines, os.path.join(folder, "img")):
                continue
            if words[0] in ("run", "gdb"):
                finish(run)
                reason = reason_to_leave_out(args, words, left_out)
                run = {"left out": reason} if reason else run_command(args, words, lines, folder)
                if "left out" in run:
                    left_out.append(run["left out"])
                else:
                    commands += 1
            elif words[0] == "lossless":
                check_lossless(args, words[1:], folder)
                commands += 1
            elif words[0] in ("stdout", "stderr"):
                run[words[0]] = lines
            elif words[0] == "exit":
                run["exit"] = int(words[1])
            else:
                raise Failure(f"the case has a section @{words[0]}")
        finish(run)
    if left_out and not commands:
        return left_out[0]
    if not commands:
        raise Failure("the case runs nothing")
    return Partly(f"{len(left_out)} commands in " + "; ".join(sorted(set(left_out)))
                  ) if left_out else None


def environment(args):
    """What tests may rely on: no user settings, ours for scripts."""
    env = {name: value for name, value in os.environ.items() if not re.match("PYTHON.", name)}
    env.update(LC_ALL="C.UTF-8", BUILD=args.build, GDB=args.gdb,
               TOP=os.path.dirname(HERE), PYTHONDONTWRITEBYTECODE="1", DEBUGINFOD_URLS="",
               CRITCORE_CACHE=os.path.abspath(os.path.join(args.build, "tests/cache")))
    env.pop("LD_PRELOAD", None)
    # python leaks by design
    env["ASAN_OPTIONS"] = "detect_leaks=0"
    env["PRELOAD"] = args.preload  # for scripts that load our module into a python
    return env


def run_program(args, command):
    """A program or script: its exit status decides."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=TIMEOUT, env=environment(args),
                          check=False)
    text = done.stdout.decode(errors="replace")
    if done.returncode == SKIP:
        return text.strip().split("\n")[-1] or "no reason given"
    if done.returncode:
        raise Failure(f"exit status {done.returncode}\n{text}")
    return None


def run_one(args, name, job):
    """(name, None | reason of a skip | Failure, seconds)"""
    start = time.monotonic()
    try:
        result = job(args)
    except Failure as failure:
        result = failure
    except (subprocess.TimeoutExpired, ValueError, OSError) as failure:
        result = Failure(str(failure))
    return name, result, time.monotonic() - start


def jobs(args):
    """[(name, function of args)]; the long ones first, so that none of them ends alone."""
    out = []
    for name in sorted(os.listdir(os.path.join(HERE, "check"))):
        path = os.path.join(HERE, "check", name)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            out.append(("check/" + name, lambda a, p=path: run_program(a, [p])))
    for name in sorted(os.listdir(os.path.join(HERE, "cases"))):
        if name.endswith(".case"):
            path = os.path.join(HERE, "cases", name)
            out.append(("cases/" + name, lambda a, p=path: run_case(a, p)))
    built = os.path.join(args.build, "tests")
    for name in sorted(os.listdir(built)):
        path = os.path.join(built, name)
        if name == "test_schema":
            command = [path, os.path.join(HERE, "schema"),
                       os.path.join(args.build, "proto/schema.binpb")]
            out.append((name, lambda a, c=command: run_program(a, c)))
        elif name.startswith("fuzz_") and os.access(path, os.X_OK) and not name.endswith(".d"):
            corpus = os.path.join(HERE, "fuzz/corpus", name[len("fuzz_"):])
            count = FUZZ_COUNT // FUZZ_SLOWER if args.preload else FUZZ_COUNT
            command = [path, str(count)] + sorted(os.path.join(corpus, seed)
                                                  for seed in os.listdir(corpus))
            out.append((name, lambda a, c=command: run_program(a, c)))
        elif name.startswith("test_") and not name.endswith(".d") and os.access(path, os.X_OK):
            out.append((name, lambda a, p=path: run_program(a, [p])))
    return sorted(out, key=lambda job: not job[0].startswith("fuzz_"))


def main():
    """Run what was asked for; exit status 1 when something failed or nothing ran."""
    # A shell's background job is born deaf to Ctrl-C, one of nohup to a hangup; critcore respects
    # that, and so would all tests be.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    parser = argparse.ArgumentParser(description="Run critcore's tests.")
    parser.add_argument("--build", default="build")
    parser.add_argument("--gdb", default="gdb")
    parser.add_argument("--preload", default="", help="runtime of the sanitizer BUILD has")
    parser.add_argument("names", nargs="*", help="only tests whose name contains one of these")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    chosen = [(name, job) for name, job in jobs(args)
              if not args.names or any(word in name for word in args.names)]
    passed = failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        results = [pool.submit(run_one, args, name, job) for name, job in chosen]
        for result in concurrent.futures.as_completed(results):
            name, outcome, seconds = result.result()
            if outcome is None:
                passed += 1
                print(f"ok      {name} ({seconds:.1f} s)", flush=True)
            elif isinstance(outcome, Partly):
                passed += 1
                print(f"ok      {name} ({seconds:.1f} s), without {outcome}", flush=True)
            elif isinstance(outcome, Failure):
                failed += 1
                print(f"FAILED  {name}: {outcome}", flush=True)
            else:
                skipped += 1
                print(f"skipped {name}: {outcome}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
