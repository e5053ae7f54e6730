#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare `critcore compress` and `decompress` with those of crit 4.3, on real checkpoints.

    compress.py [--build DIR] --root ROOT [--keep] DIR...

ROOT has crit (see tests/tools/debian-root). DIRs are searched for checkpoints; they are copied, and
the copies go there and back:

    plain       ours -> crit, crit -> ours, ours -> ours with larger blocks: the same bytes again
    compressed  decompressed by both: the same bytes

check() does it for tests/live/run.py.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "tools")]

from critcheck import live  # noqa: E402

# SIZE of --block, and whether crit decompresses it
WAYS = {"page": ([], True), "64K": (["--block", "64K"], True), "4M": (["--block", "4M"], False)}


def images(directory):
    """{name: bytes} of the images that the two verbs change, or have to leave alone."""
    out = {}
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if name.endswith(".img") and os.path.isfile(path) and not os.path.islink(path):
            with open(path, "rb") as file:
                out[name] = file.read()
    return out


def checkpoints(directories):
    """Folders with an inventory and pages."""
    out = []
    for top in directories:
        for folder, _, names in os.walk(top):
            if "inventory.img" in names and any(name.startswith("pagemap-") for name in names):
                out.append(folder)
    return sorted(out)


class Copies:
    """Copies of checkpoints under one folder, and what was done to them."""

    def __init__(self, critcore, crit, scratch):
        self.critcore, self.crit, self.scratch = critcore, crit, scratch
        self.number = 0

    def copy(self, source):
        self.number += 1
        target = os.path.join(self.scratch, str(self.number))
        subprocess.run(["cp", "-a", "--sparse=auto", source, target], check=True)
        return target

    def ours(self, verb, directory, *options):
        """The error, or None."""
        done = subprocess.run([self.critcore, verb, "--in-place", *options, directory],
                              capture_output=True, text=True, timeout=600, check=False)
        return done.stderr.strip() or str(done.returncode) if done.returncode else None

    def theirs(self, verb, directories):
        """{directory: error or None}; one start for all."""
        script = ('verb=$1; shift; for d; do if crit $verb --in-place "$d" >"$d.log" 2>&1; '
                  'then : >"$d.log"; else echo failed >>"$d.log"; fi; done')
        subprocess.run([*self.crit, "sh", "-c", script, "sh", verb, *directories], check=True,
                       timeout=3600, env=dict(os.environ, DEBIAN_ROOT_SHARE=self.scratch))
        out = {}
        for directory in directories:
            with open(directory + ".log", encoding="utf-8", errors="replace") as file:
                out[directory] = file.read().strip() or None
        return out


def is_compressed(source):
    """Does inventory.img have the field `compress`?"""
    with open(os.path.join(source, "inventory.img"), "rb") as file:
        return b"\x78\x01" in file.read()


def same_inventory(before, after, version_may_differ, by_crit):
    """Equal but for what has to differ: img_version with a parent, and the field `compress`, which
    CRIU 4.3 writes as 0 for a plain checkpoint and crit leaves out."""
    if version_may_differ:
        before = before.replace(b"\x08\x02", b"\x08\x03", 1)
    if by_crit and before != after:
        before = before.replace(b"\x78\x00", b"", 1)
        size = int.from_bytes(before[4:8], "little") - 2  # the record is two bytes shorter
        before = before[:4] + size.to_bytes(4, "little") + before[8:]
    return before == after


def differences(before, after, version_may_differ, by_crit=False):
    out = []
    for name in sorted(set(before) | set(after)):
        if before.get(name) == after.get(name):
            continue
        if name != "inventory.img" or not before.get(name) or not after.get(name) or \
                not same_inventory(before[name], after[name], version_may_differ, by_crit):
            out.append(name + " differs")
    return out


def has_parent(source):
    """img_version stays 3 then."""
    return os.path.lexists(os.path.join(source, "parent"))


def go_there(copies, sources, report):
    """First halves of the ways: [(name, source, directory, who comes back)].

    crit takes all images for those of a machine like this one. Where it cannot compress, it is not
    asked to decompress either; and what both refuse (the levels that pre-dump made) is fine.
    """
    trips, refused = [], {}
    for_crit = {copies.copy(source): source for source in sources}
    for directory, error in copies.theirs("compress", for_crit).items():
        source = for_crit[directory]
        if error:
            refused[source] = error.splitlines()[-2]
            report.skip(source + " with crit", "it refuses: " + refused[source])
        else:
            trips.append((source + " crit -> ours", source, directory, "ours"))
    for source in sources:
        for way, (options, by_crit) in WAYS.items():
            for back in ("ours", "crit") if by_crit and source not in refused else ("ours",):
                directory = copies.copy(source)
                error = copies.ours("compress", directory, *options)
                name = "%s %s ours -> %s" % (source, way, back)
                if not error:
                    trips.append((name, source, directory, back))
                elif source in refused and "img_version" in error:
                    report.ok(name, "refused, as by crit")
                else:
                    report.fail(name, [error])
    return trips


def come_back(copies, trips):
    """{directory: error or None}"""
    errors = {d: copies.ours("decompress", d) for _, _, d, back in trips if back == "ours"}
    errors.update(copies.theirs("decompress", [d for _, _, d, back in trips if back == "crit"]))
    return errors


def check_plain(copies, sources, report):
    trips = go_there(copies, sources, report)
    errors = come_back(copies, trips)
    for name, source, directory, back in trips:
        error = errors[directory]
        found = [error] if error else differences(images(source), images(directory),
                                                  has_parent(source),
                                                  back == "crit" or " crit -> " in name)
        if found:
            report.fail(name, found)
        else:
            report.ok(name, "the same bytes")
        shutil.rmtree(directory)


def check_compressed(copies, sources, report):
    pairs = [(source, copies.copy(source), copies.copy(source)) for source in sources]
    errors = copies.theirs("decompress", [pair[2] for pair in pairs])
    for source, mine, theirs in pairs:
        error = copies.ours("decompress", mine) or errors[theirs]
        found = [error] if error else differences(images(theirs), images(mine), False)
        if found:
            report.fail(source, found)
        else:
            report.ok(source, "decompressed as by crit")


def check(critcore, root, directories, scratch, report):
    """Everything; @report has ok(name, text), fail(name, [text]), skip(name, text)."""
    copies = Copies(critcore, [live.TOOL, "run", root], scratch)
    found = checkpoints(directories)
    check_plain(copies, [d for d in found if not is_compressed(d)], report)
    check_compressed(copies, [d for d in found if is_compressed(d)], report)
    return len(found)


class Printer:
    """A report that prints failures, and counts."""

    def __init__(self):
        self.counts = {"ok": 0, "failed": 0, "skipped": 0}

    def ok(self, _name, _text):
        self.counts["ok"] += 1

    def fail(self, name, texts):
        self.counts["failed"] += 1
        print("FAILED  %s: %s" % (name, "; ".join(texts)), flush=True)

    def skip(self, name, text):
        self.counts["skipped"] += 1
        print("skipped %s: %s" % (name, text), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--root", required=True, help="a Debian with crit 4.3")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("directories", nargs="+")
    args = parser.parse_args()
    report = Printer()
    scratch = tempfile.mkdtemp(prefix="critcompress-", dir="/tmp")
    number = check(os.path.join(os.path.abspath(args.build), "critcore"), args.root,
                   args.directories, scratch, report)
    if not args.keep:
        shutil.rmtree(scratch)
    print("%d checkpoints: %s" % (number, ", ".join(
        "%d %s" % (count, what) for what, count in report.counts.items())))
    return 1 if report.counts["failed"] or not report.counts["ok"] else 0


if __name__ == "__main__":
    sys.exit(main())
