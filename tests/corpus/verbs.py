# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every verb that looks at a whole checkpoint, on one of the corpus: text, and JSON that is JSON.

What one verb counts another must count, too; an intact checkpoint has no errors, and does not
differ from itself. What crit prints is compared by tests/crit/explore.py.
"""

import json
import os
import re
import subprocess

from critcheck import compare

TIMEOUT = 100
LISTINGS = ("ps", "fds", "mems", "rss", "sk")
REPORTS = ("stats", "check", "ls")
BEFORE = {"check": ["--no-cpu"]}  # it was made on another machine
FULL_PS = ["--args", "--env", "--threads", "--state"]
LEFT_OUT = re.compile(r"critcore: process \d+(: .* not there: | is a zombie: no core file$)")


class Verbs:
    """The command, and what it did wrong."""

    def __init__(self, critcore, cache):
        self.critcore, self.result = critcore, compare.Comparison()
        self.cache = {"CRITCORE_CACHE": cache}
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", **self.cache)

    def run(self, *words, allowed=(0,)):
        """(exit status, standard output, standard error)"""
        try:
            done = subprocess.run([self.critcore, *words], stdin=subprocess.DEVNULL,
                                  timeout=TIMEOUT, capture_output=True, env=self.environment,
                                  check=False)
        except subprocess.TimeoutExpired:
            self.result.differ("verbs", "%s: not done after %d s" % (" ".join(words), TIMEOUT))
            return None, "", ""
        self.result.compared["runs of verbs"] += 1
        said = done.stderr.decode(errors="replace")
        if done.returncode not in allowed:
            self.result.differ("verbs", "%s: exit status %d: %s" % (" ".join(words),
                                                                    done.returncode, said))
        for line in said.splitlines():
            if not line.startswith("critcore: "):
                self.result.differ("verbs", "%s: says: %s" % (" ".join(words), line))
        return done.returncode, done.stdout.decode(errors="surrogateescape"), said

    def json(self, *words, allowed=(0,)):
        """Its answer as data, None when it is none."""
        text = self.run(*words, "--json", allowed=allowed)[1]
        try:
            return json.loads(text)
        except ValueError as error:
            self.result.differ("verbs", "%s: no JSON: %s" % (" ".join(words), error))
            return None

    def same(self, what, mine, theirs):
        self.result.same("facts", what, mine, theirs)


def pids_of(tree):
    """{pid: number of threads} below a process, or below several."""
    found = {}
    for process in tree if isinstance(tree, list) else [tree]:
        found[process["pid"]] = len(process.get("threads") or ())
        found.update(pids_of(process.get("children") or []))
    return found


def listings(verbs, images, places):
    """{listing: its JSON}; pids with their threads."""
    found = {}
    for listing in LISTINGS:
        verbs.run("x", images, listing, *places)
        found[listing] = verbs.json("x", images, listing, *places)
    verbs.run("x", images, "ps", *FULL_PS, *places)
    return found, pids_of(verbs.json("x", images, "ps", *FULL_PS, *places) or [])


def reports(verbs, images, places):
    """{verb: its JSON}"""
    found = {}
    for verb in REPORTS:
        words = [verb, *BEFORE.get(verb, []), *(places if verb != "ls" else []), images]
        verbs.run(*words)
        found[verb] = verbs.json(*words)
    return found


def compare_verbs(verbs, lists, threads, found):
    stats, checked, listed = (found[verb] for verb in REPORTS)
    verbs.same("errors", checked["errors"], 0)
    verbs.same("processes", stats["processes"]["total"], len(threads))
    verbs.same("threads", stats["threads"], sum(threads.values()))
    descriptors = sum(file["fd"].isdigit() for process in lists["fds"] for file in process["files"])
    verbs.same("descriptors", stats["open_files"]["descriptors"], descriptors)
    verbs.same("checkpoints", len(listed), 1)


def cores(context, verbs, images, places, alive):
    """Each living process in a file of its own, and no other file."""
    with context.folder() as folder:
        _, _, said = verbs.run("core", "--all", *places, "-o", folder + "/", images)
        for line in said.splitlines():
            if not LEFT_OUT.match(line):
                verbs.result.differ("verbs", "core: says: " + line)
        verbs.same("core files", len(os.listdir(folder)), alive)


def with_itself(verbs, images, places):
    """The same; what is not there cannot be known to be."""
    status, text, _ = verbs.run("diff", *places, images, images, allowed=(0, 2))
    _, lines, _ = verbs.run("diff", "--json", *places, images, images, allowed=(status,))
    verbs.run("diff", "--bytes", "--ranges", *places, images, images, allowed=(status,))
    found = [json.loads(line) for line in lines.splitlines()]
    totals = found[-1]
    for what in ("changed", "added", "gone", "differences"):
        verbs.same("%s in itself" % what, totals[what], 0)
    verbs.same("bytes that are not known", totals["unknown_bytes"] > 0, status == 2)
    if not status and "Memory: the same" not in text:
        verbs.result.differ("verbs", "a checkpoint differs from itself: " + text[:200])


def with_other(verbs, images, other):
    """Two checkpoints, most often of different processes."""
    status, lines, _ = verbs.run("diff", "--json", other, images, allowed=(0, 1, 2))
    totals = json.loads(lines.splitlines()[-1])
    verbs.same("exit status of diff", status,
               1 if totals["differences"] else 2 if totals["unknown"] else 0)
    for words in ([], ["--bytes", "--ranges"]):
        verbs.run("diff", *words, other, images, allowed=(status,))


def check(context, name, images, pages_dir=None):
    """All of that on the checkpoint in @images."""
    places = ["--pages", pages_dir] if pages_dir else []
    with context.folder() as cache:
        verbs = Verbs(context.critcore, cache)
        lists, threads = listings(verbs, images, places)
        found = reports(verbs, images, places)
        if None not in lists.values() and None not in found.values():
            compare_verbs(verbs, lists, threads, found)
            states = found["stats"]["processes"]
            cores(context, verbs, images, places, states["total"] - states["zombie"])
        with_itself(verbs, images, places)
        if context.previous:
            with_other(verbs, images, context.previous)
        verbs.same("cache entries", os.listdir(cache), [])
    context.previous = images
    context.report.result(name + " in all verbs", verbs.result.compared, verbs.result.differences,
                          verbs.result.excused)
