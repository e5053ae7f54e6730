#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare critcore with crit, byte for byte, on every image of some folders.

    compare.py [--build DIR] --crit COMMAND [--jobs N] [--kinds] [--texts] FOLDER...

COMMAND is a Python that has crit 4.3, with what runs it: "python3", or
"tests/tools/debian-root run DIR python3". For each file that criu would call an image:

    decode, decode --pretty, show, show --nopl, info     what crit prints, and its exit status
    encode of what crit decoded                          what crit encodes
    decode | encode, and with --pretty                   the image itself, whatever crit does

Big-endian images are brought into little-endian form for crit.

What may differ is in differences.py. The last line is `N images, N comparisons, N failures`.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys

import differences
import framing
import oracle

TIMEOUT = 100


class Image:
    """A file, and where its records are."""

    def __init__(self, name, data):
        self.name, self.data = name, data
        self.head = framing.header(data)
        self.records = framing.records(data, self.head)
        # crit knows only its own machine's byte order.
        self.for_crit = framing.little_endian(data, self.head, self.records)


def images(folders):
    """Image for every one below the folders; equal files once."""
    seen = set()
    for top in folders:
        for folder, names, files in os.walk(top):
            names.sort()
            for name in sorted(files):
                path = os.path.join(folder, name)
                if not framing.is_image(name) or os.path.islink(path):
                    continue
                with open(path, "rb") as file:
                    data = file.read()
                digest = hashlib.sha256(data).digest()
                if digest not in seen:
                    seen.add(digest)
                    yield Image(os.path.relpath(path, top), data)


class Critcore:
    """Our command."""

    def __init__(self, build):
        self.program = os.path.join(build, "critcore")

    def run(self, args, data=b""):
        """An Answer; `data` is the standard input."""
        done = subprocess.run([self.program, *args], input=data, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=TIMEOUT, check=False,
                              close_fds=False)
        return oracle.Answer(done.returncode, done.stdout, done.stderr)

    def about(self, path):
        return {command: self.run([path if arg == "@0" else arg for arg in args])
                for command, args in oracle.COMMANDS.items()}


def where(one, other):
    """The first byte that differs, with what is around it."""
    at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b),
              min(len(one), len(other)))
    start = max(at - 30, 0)
    return f"at byte {at} of {len(one)} and {len(other)}: {one[start:at + 30]!r}, " \
        f"critcore {other[start:at + 30]!r}"


def complaint_of(case):
    """What is wrong with an answer of ours, as such."""
    if case.ours.status < 0 or case.ours.status > 1:
        return f"critcore ends with {case.ours.status}"
    if case.ours.status and not case.ours.stderr.startswith(b"critcore"):
        return f"critcore fails and says {case.ours.stderr!r}"
    if b"Sanitizer" in case.ours.stderr or b"runtime error" in case.ours.stderr:
        return oracle.why(case.ours)
    return None


def judge(case):
    """(id of the difference that excuses it, what is wrong)."""
    complaint = complaint_of(case)
    if complaint:
        return None, complaint
    theirs, ours = case.theirs, case.ours
    if theirs.status and ours.status and not ours.stdout:
        return None, None  # both refuse
    if theirs.status == ours.status and theirs.stdout == ours.stdout:
        return None, None
    row, complaint = differences.known(case)
    if row:
        return row, complaint and f"{row}: {complaint}"
    if theirs.status != ours.status:
        return None, f"crit ends with {theirs.status} ({oracle.why(theirs)}), " \
            f"critcore with {ours.status} ({oracle.why(ours)})"
    return None, "they differ " + where(theirs.stdout, ours.stdout)


class Comparison:
    """Counts, differences that were excused, and failures; of one image or of all."""

    def __init__(self):
        self.compared, self.failures = 0, []
        self.excused = collections.Counter()

    def add(self, image, command, theirs, ours):
        self.compared += 1
        row, complaint = judge(differences.Case(image, command, theirs, ours))
        if complaint:
            self.failures.append(f"{image.name}: {command}: {complaint}")
        elif row:
            self.excused[row] += 1

    def expect(self, image, what, right):
        self.compared += 1
        if not right:
            self.failures.append(f"{image.name}: {what}")

    def merge(self, other):
        self.compared += other.compared
        self.failures += other.failures
        self.excused.update(other.excused)


def compare_encode(result, crit, critcore, image, theirs):
    """crit's own JSON, encoded by both."""
    if theirs["decode"].status:
        return
    encoded = crit.encode(image.name, theirs["decode"].stdout)
    ours = critcore.run(["encode"], theirs["decode"].stdout)
    result.add(image, "encode", encoded, ours)
    pretty = theirs["pretty"]
    if not pretty.status and not ours.status and not encoded.status:
        again = critcore.run(["encode"], pretty.stdout)
        result.expect(image, "encode of --pretty is another image",
                      again.status == 0 and again.stdout == ours.stdout or
                      "inetsk-five" in image.name)


def round_trips(result, critcore, image, ours):
    """decode | encode gives back every byte."""
    for command in ("decode", "pretty"):
        if not ours[command].stdout:
            continue
        back = critcore.run(["encode"], ours[command].stdout)
        result.compared += 1
        if back.status or back.stdout != image.data:
            result.failures.append(f"{image.name}: {command} | encode: status {back.status} "
                                   f"{oracle.why(back)} {where(image.data, back.stdout)}")


def other_forms(result, critcore, image, path, ours):
    """Standard input, an output file, the other layouts: the same in another way."""
    plain, pretty = ours["decode"], ours["pretty"]
    if plain.status:
        return
    piped = critcore.run(["decode"], image.data)
    result.expect(image, "decode of standard input", piped.stdout == plain.stdout)
    for args in (["decode", "-i", path, "-o", path + ".out"],
                 ["decode", "--in", path, "--out", path + ".out"]):
        done = critcore.run(args)
        with open(path + ".out", "rb") as file:
            result.expect(image, "decode -o", file.read() + b"\n" == plain.stdout and
                          done.stdout == b"")
        os.unlink(path + ".out")
    nice = critcore.run(["decode", "-f", "nice", "-i", path])
    result.expect(image, "decode -f nice", nice.stdout.decode() ==
                  json.dumps(json.loads(plain.stdout), indent=4) + "\n")
    raw = critcore.run(["decode", "-f", "raw", "-i", path])
    result.expect(image, "decode -f raw", raw.stdout == plain.stdout)
    both = critcore.run(["decode", "-f", "raw", "--pretty", "-i", path])
    result.expect(image, "decode -f raw --pretty", json.loads(both.stdout) ==
                  json.loads(pretty.stdout))


def compare_image(crit, critcore, image, path, forms=False):
    """Everything about one image, which is at path for us."""
    result = Comparison()
    theirs = crit.about(image.name, image.for_crit)
    ours = critcore.about(path)
    for command in oracle.COMMANDS:
        result.add(image, command, theirs[command], ours[command])
    compare_encode(result, crit, critcore, image, theirs)
    round_trips(result, critcore, image, ours)
    if forms:
        other_forms(result, critcore, image, path, ours)
    return result


def compare_all(crit, critcore, todo, jobs):
    """todo: (Image, path, forms). The Comparison of all."""
    total = Comparison()
    with concurrent.futures.ThreadPoolExecutor(max_workers=jobs) as pool:
        results = [pool.submit(compare_image, crit, critcore, *item) for item in todo]
        for result in concurrent.futures.as_completed(results):
            total.merge(result.result())
    return total


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--crit", required=True, metavar="COMMAND", help="a Python with crit")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kinds", action="store_true", help="list the kinds of image seen")
    parser.add_argument("--texts", action="store_true", help="also those of texts.txt")
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    return parser.parse_args()


def show(total, kinds):
    """Print what was found; the exit status."""
    for line in total.failures:
        print("FAILED  " + line)
    for row, number in sorted(total.excused.items()):
        print(f"known   {row}: {number}")
    print(f"{sum(kinds.values())} images, {total.compared} comparisons, "
          f"{len(total.failures)} failures")
    return 1 if total.failures or not kinds else 0


def main():
    chosen = options()
    kinds, todo = collections.Counter(), []
    for top in chosen.folders:
        for number, image in enumerate(images([top])):
            todo.append((image, os.path.join(top, image.name), False))
            kinds[image.head.kind or "none"] += 1
    crit = oracle.Crit(chosen.crit, chosen.jobs)
    try:
        total = compare_all(crit, Critcore(chosen.build), todo, chosen.jobs)
        if chosen.texts:
            import texts  # it needs us
            total.merge(texts.compare_texts(crit, Critcore(chosen.build)))
    finally:
        crit.close()
    if chosen.kinds:
        for kind, number in sorted(kinds.items()):
            print(f"{number:7} {kind}")
    return show(total, kinds)


if __name__ == "__main__":
    sys.exit(main())
