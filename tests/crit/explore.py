#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare `critcore x` with crit's, line by line, on every checkpoint below some folders.

    explore.py [--build DIR] --crit COMMAND FOLDER...

COMMAND is a Python that has crit 4.3, as for compare.py. Where crit fails for what it does not
expect (dead processes, images of old versions), it is asked again about a copy in which that is
put right: see repaired(). Lines may differ as RULES say, which docs/crit-differences.md has for
people. The last line is `N checkpoints, N listings, N failures`.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

import oracle

LISTINGS = ("ps", "fds", "mems", "rss")
TIMEOUT = 100
AT_PAGESZ = 6
DEAD = (2, 6)  # task_core_entry.task_state
BLANK = "\t" + " " * 23
MEMFD = r"(/memfd:.*|/dev/zero|/anon_hugepage) \(deleted\)"


def is_memfd(theirs, ours):
    before, unknown, behind = theirs.partition("unknown path")
    return unknown and re.fullmatch(re.escape(before) + MEMFD + re.escape(behind), ours)


RULES = {
    "memfd": is_memfd,
    "elsewhere": lambda theirs, ours: theirs == BLANK and ours in (
        BLANK + " (in the parent checkpoint)", BLANK + " (left with the page server)"),
    "guard": lambda theirs, ours: ours.endswith("--- [guard] *") and ours[:38] == theirs[:38],
}


def differences(theirs, ours, met):
    """Lines that no rule explains; met counts what the rules did."""
    theirs, ours = theirs.split("\n"), ours.split("\n")
    if len(theirs) != len(ours):
        yield "%d lines, crit has %d" % (len(ours), len(theirs))
        return
    for number, (wanted, line) in enumerate(zip(theirs, ours)):
        if wanted == line:
            continue
        rule = next((name for name, fits in RULES.items() if fits(wanted, line)), None)
        if rule:
            met[rule] += 1
        else:
            yield "line %d: %r, crit has %r" % (number + 1, line, wanted)


def without_guards(theirs, ours, guards, met):
    """crit takes guard pages, behind all mappings, for mappings behind the last one."""
    kept, lines = [], set(ours.split("\n"))
    for line in theirs.split("\n"):
        found = re.fullmatch(r"\t {24}([0-9a-f]+) / 1 {7}", line)
        if found and line not in lines and found[1] in guards:
            met["guard"] += 1
        else:
            kept.append(line)
    return "\n".join(kept)


class Critcore:
    """Our command."""

    def __init__(self, build):
        self.program = os.path.join(build, "critcore")

    def run(self, *args):
        return subprocess.run([self.program, *args], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=TIMEOUT, check=False)

    def listing(self, folder, what):
        """(status, text, what was said)"""
        done = self.run("x", folder, what)
        return done.returncode, done.stdout.decode(errors="surrogateescape"), \
            done.stderr.decode(errors="replace")

    def decoded(self, path):
        return json.loads(self.run("decode", "-i", path).stdout)

    def encode(self, data, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(data, file)
        if self.run("encode", "-i", path, "-o", path + ".img").returncode:
            raise ValueError("cannot encode " + path)
        os.replace(path + ".img", path)


def is_dead(critcore, folder, pid):
    core = critcore.decoded(os.path.join(folder, f"core-{pid}.img"))["entries"][0]
    return core["tc"]["task_state"] in DEAD


def repaired(critcore, folder, into):
    """A copy of a checkpoint that crit understands: without the dead, with today's page counts."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if not name.endswith(".img") or name.startswith("pages-"):
            continue
        copy = os.path.join(into, name)
        if name == "pstree.img":
            tree = critcore.decoded(path)
            tree["entries"] = [entry for entry in tree["entries"]
                               if not is_dead(critcore, folder, entry["pid"])]
            critcore.encode(tree, copy)
        elif re.fullmatch(r"pagemap-\d+\.img", name):
            pagemap = critcore.decoded(path)
            for entry in pagemap["entries"][1:]:
                entry.setdefault("nr_pages", entry.get("compat_nr_pages"))
            critcore.encode(pagemap, copy)
        else:
            with open(path, "rb") as old, open(copy, "wb") as new:
                new.write(old.read())


def ask(crit, critcore, folder, scratch):
    """{listing: crit's answer}, None where it fails even so."""
    answers = {what: crit.run(["x", folder, what]) for what in LISTINGS}
    if any(answer.status for answer in answers.values()):
        with tempfile.TemporaryDirectory(prefix="explore-", dir=scratch) as copy:
            repaired(critcore, folder, copy)
            for what in LISTINGS:
                if answers[what].status:
                    answers[what] = crit.run(["x", copy, what])
    return {what: None if answer.status else answer.stdout.decode()
            for what, answer in answers.items()}


def checkpoints(folders):
    for top in folders:
        for folder, _, names in sorted(os.walk(top)):
            if "pstree.img" in names and "inventory.img" in names:
                yield folder


def has_large_pages(critcore, folder):
    """crit counts in pages of 4 KiB."""
    for name in os.listdir(folder):
        if re.fullmatch(r"mm-\d+\.img", name):
            auxv = critcore.decoded(os.path.join(folder, name))["entries"][0]["mm_saved_auxv"]
            sizes = [value for key, value in zip(auxv[::2], auxv[1::2]) if key == AT_PAGESZ]
            return bool(sizes) and sizes[0] > 4096
    return False


class Total:
    """What was compared."""

    def __init__(self):
        self.listings = 0
        self.failures = []
        self.met = collections.Counter()

    def compare(self, critcore, folder, name, answers):
        """answers: as of ask()"""
        guards = ()
        for what in LISTINGS:
            theirs = answers.get(what)
            if theirs is None:
                self.met["crit fails"] += 1
                continue
            if what == "rss" and has_large_pages(critcore, folder):
                self.met["page-size"] += 1
                continue
            self.listings += 1
            status, ours, said = critcore.listing(folder, what)
            if status:
                self.failures.append(f"{name} {what}: exit status {status}: {said}")
            if what == "mems":
                guards = set(re.findall(r"\t([0-9a-f]+)-[0-9a-f]+ +--- \[guard\]", ours))
            elif what == "rss":
                theirs = without_guards(theirs, ours, guards, self.met)
            self.failures += [f"{name} {what}: {line}"
                              for line in differences(theirs, ours, self.met)]


def main():
    parser = argparse.ArgumentParser(description="Compare `critcore x` with `crit x`.")
    parser.add_argument("--build", default="build")
    parser.add_argument("--crit", required=True)
    parser.add_argument("folders", nargs="+")
    args = parser.parse_args()
    crit, critcore = oracle.Crit(args.crit, jobs=1), Critcore(args.build)
    total, number = Total(), 0
    with tempfile.TemporaryDirectory(prefix="critcore-") as scratch:
        for number, folder in enumerate(checkpoints(args.folders), 1):
            total.compare(critcore, folder, folder, ask(crit, critcore, folder, scratch))
    crit.close()
    for line in total.failures:
        print(line[:1000])
    print(dict(total.met))
    print(f"{number} checkpoints, {total.listings} listings, {len(total.failures)} failures")
    return 1 if total.failures or not number else 0


if __name__ == "__main__":
    sys.exit(main())
