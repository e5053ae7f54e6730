#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Damage checkpoints in many ways, and compare `critcore check` with what `criu restore` does.

    check.py [--build DIR] --root ROOT [--keep] [--verbose] [--area NAME] [--only TEXT]

ROOT has a criu (see tests/tools/debian-root). The programs of AREAS are dumped there. The intact
checkpoints must restore, and `critcore check` find no error in them. Then each damage is done to a
copy, with `critcore decode` and `encode` or to the file itself:

    criu restore fails                     critcore check must end with 1
    all comes back as from the intact one  critcore check must find no error, but for those of
                                           UNSEEN, which say what a look from outside does not show
    something else comes back              critcore may know (--verbose lists it) or not

criu restores in a pid namespace of its own, which ends with it; tests/tools/restore-and-look says
what is in there then. check() does it for tests/live/run.py.
"""

import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(TESTS, "tools"), os.path.join(TESTS, "programs")]

import areas  # noqa: E402
import build  # noqa: E402  (tests/programs)
import damage  # noqa: E402
import held  # noqa: E402
from critcheck import live  # noqa: E402

TIMEOUT = 20
LOOK = os.path.join(live.TOOLS, "restore-and-look")
OWN_DEVPTS = ("mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts;"
              " mount --bind /dev/pts/ptmx /dev/ptmx;")


class Area:
    """One program, and how it is dumped and restored."""

    def __init__(self, program, damages, dump=(), restore=(), look=(), **started):
        self.program, self.damages = program, damages
        self.dump, self.restore, self.look = dump, restore, look
        self.started = started  # arguments, first, own: for live.Process


# {files} is a folder for the program.
AREAS = {
    "held": Area("held-static", held.DAMAGES, arguments="{files}"),
    "ttys": Area("ttys-static", areas.TTYS, look=["--own-devpts"], first=OWN_DEVPTS),
    "events": Area("events-static", areas.EVENTS, ["--file-locks"], ["--file-locks"],
                   arguments="{files}", first="mount --bind {files}/mnt {files}/mnt;"),
    "inet": Area("inet-static", areas.INET, ["--tcp-established", "--network-lock", "skip"],
                 ["--tcp-established"], ["--own-net"], own=("mount", "net")),
    "boxed": Area("boxed-static", areas.BOXED, ["--network-lock", "skip"], ["--root", "{files}"],
                  arguments="{files}", own=()),
    "groups": Area("held-static", areas.GROUPS, ["--manage-cgroups"], ["--manage-cgroups"],
                   arguments="{files}", first=areas.JOIN_GROUP),
}
PROGRAMS = sorted({area.program for area in AREAS.values()})


# ---- criu and critcore --------------------------------------------------------------------------

def restore(root, folder, options, look):
    """What came back, or why criu fails: {"criu": what it says or None, ...}"""
    # All of it ends with what it was started by, should it hang.
    command = [live.TOOL, "run", root, "unshare", "--pid", "--fork", "--kill-child",
               "--mount-proc", "python3", LOOK, *look, folder, *options]
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                              env=dict(os.environ, DEBIAN_ROOT_SHARE=live.TOOLS), text=True,
                              timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return {"criu": "no end after %d s" % TIMEOUT}
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"criu": "?", "trouble": (done.stdout + done.stderr)[-500:]}


def check_images(critcore, folder, options):
    """(exit status, names of the checks that found errors)"""
    done = subprocess.run([critcore, "check", "--json", *options, folder], capture_output=True,
                          text=True, timeout=TIMEOUT)
    if done.returncode not in (0, 1):
        return done.returncode, [done.stderr.strip()]
    rows = json.loads(done.stdout)["findings"]
    return done.returncode, sorted({row["check"] for row in rows if row["severity"] == "error"})


class Corpus:
    """A checkpoint of one area, and what was found of its damaged forms."""

    KEPT = {"kept", "locked", "whole", "leased", "watched", "mnt", "boxed", "proc", "bound", "old",
            "inner"}  # what programs have open; other files are left from restores that failed

    def __init__(self, critcore, root, scratch, name):
        self.critcore, self.root, self.scratch, self.name = critcore, root, scratch, name
        self.area = AREAS[name]
        self.intact = os.path.join(scratch, "img")
        self.files = os.path.join(scratch, "files")
        self.rows = []  # (damage, what criu says or None, is all back?, exit status, checks)
        self.back = None  # what comes back of the intact one

    def dump(self, exe):
        os.makedirs(os.path.join(self.files, "mnt"))
        started = dict({"arguments": ""}, **self.area.started)
        for key in ("arguments", "first"):
            started[key] = started.get(key, "").replace("{files}", self.files)
        with live.Process(self.root, exe, started.pop("arguments"), self.scratch,
                          **started) as process:
            process.dump(self.intact, *self.area.dump)

    def copy(self):
        for name in os.listdir(self.files):
            path = os.path.join(self.files, name)
            if name not in self.KEPT and os.path.isfile(path):
                os.unlink(path)
        folder = os.path.join(self.scratch, "damaged")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.intact, folder, symlinks=True)
        return folder

    def run(self, name, do):
        folder = self.copy()
        if do:
            do(damage.Images(self.critcore, folder))
        # What is in a root of its own is not on this machine.
        status, checks = check_images(self.critcore, folder,
                                      [] if self.name == "boxed" else ["--files"])
        options = [option.replace("{files}", self.files) for option in self.area.restore]
        back = restore(self.root, folder, options, self.area.look)
        if not do:
            self.back = back
        self.rows.append((name, back["criu"], back == self.back, status, checks))

    def problems(self):
        out = []
        for name, said, same, status, checks in self.rows:
            what = "%s: %s: criu %s, critcore check ends with %d %s" % (
                self.name, name, "says %r" % said if said else "restores all of it" if same else
                "restores something else", status, checks)
            if name == "intact":
                out += [what] if said or status else []
            elif said and status != 1 or not said and same and status and \
                    name not in areas.UNSEEN:
                out.append(what)
        return out

    def count(self):
        """{what: how many}; not every area has damages that only critcore knows of."""
        rows = self.rows[1:]
        counts = {"damages": len(rows), "refused by criu": sum(1 for row in rows if row[1]),
                  "something else": sum(1 for row in rows if not row[1] and not row[2])}
        known = sum(1 for row in rows if not row[1] and not row[2] and row[3])
        return {**counts, "known of that": known} if known else counts


def table(corpus):
    for name, said, same, status, checks in corpus.rows:
        print("%-7s %-45s criu: %-60s critcore: %d %s" % (
            corpus.name, name, (said or ("restores" if same else "something else"))[:60], status,
            " ".join(checks)))


def run_area(critcore, root, scratch, name, exe, only=""):
    """A Corpus. LiveError: the program cannot be dumped here."""
    corpus = Corpus(critcore, root, scratch, name)
    try:
        corpus.dump(exe)
        corpus.run("intact", None)
        for what, do in corpus.area.damages.items():
            if only in what:
                corpus.run(what, do)
    finally:
        if name == "groups":
            areas.leave_group()
    return corpus


def run_areas(critcore, root, scratch, programs, names, only=""):
    """(name, Corpus or the reason why there is none) of each, two at a time."""
    def run_one(name):
        folder = os.path.join(scratch, name)
        os.mkdir(folder)
        try:
            return name, run_area(critcore, root, folder, name, programs[AREAS[name].program],
                                  only)
        except live.LiveError as error:
            return name, str(error)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        yield from pool.map(run_one, names)


def check(context, root):
    """For tests/live/run.py."""
    with context.folder() as scratch:
        for name, corpus in run_areas(context.critcore, root, scratch, context.programs, AREAS):
            if isinstance(corpus, str):
                context.report.skip("sid check " + name, corpus)
            else:
                context.report.result("sid check " + name, corpus.count(), corpus.problems(), {})


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--root", required=True)
    parser.add_argument("--cc", default=os.environ.get("CC", "cc"))
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="print every damage")
    parser.add_argument("--area", action="append", choices=AREAS)
    parser.add_argument("--only", default="", help="damages with this in their name")
    return parser.parse_args()


def main():
    chosen = options()
    scratch = tempfile.mkdtemp(prefix="critcheck-", dir="/tmp")
    critcore = os.path.join(os.path.abspath(chosen.build), "critcore")
    failed = False
    try:
        build.PROGRAMS = {name: build.PROGRAMS[name] for name in PROGRAMS}
        programs, _ = build.build(scratch, chosen.cc)
        for name, corpus in run_areas(critcore, chosen.root, scratch, programs,
                                      chosen.area or AREAS, chosen.only):
            if isinstance(corpus, str):
                print("%s: cannot be dumped here: %s" % (name, corpus))
                continue
            if chosen.verbose:
                table(corpus)
            failed |= bool(corpus.problems())
            print("\n".join(corpus.problems() + ["%s: %s" % (name, corpus.count())]), flush=True)
    finally:
        if chosen.keep:
            print("kept: " + scratch)
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
