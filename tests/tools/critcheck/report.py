# SPDX-License-Identifier: LGPL-2.1-or-later
"""One line for each check, and the closing line with the numbers."""

import collections
import sys


class Report:
    """Counts and prints. A check that compared nothing is a failure."""

    def __init__(self, verbose=False, most=25):
        self.passed = self.failed = self.skipped = 0
        self.verbose, self.most = verbose, most
        self.excused = collections.Counter()

    def _say(self, text):
        print(text)
        sys.stdout.flush()

    def ok(self, name, text=""):
        self.passed += 1
        self._say("PASS %s%s" % (name, ": " + text if text else ""))

    def fail(self, name, lines):
        self.failed += 1
        self._say("FAIL %s" % name)
        for line in lines[:self.most]:
            self._say("     " + line[:600])
        if len(lines) > self.most:
            self._say("     ... and %d more" % (len(lines) - self.most))

    def skip(self, name, reason):
        self.skipped += 1
        self._say("SKIP %s: %s" % (name, reason))

    def result(self, name, compared, differences, excused):
        """One check: fails on differences, and when any count in @compared is zero."""
        self.excused.update(excused)
        nothing = ["compared no %s" % what for what, number in compared.items() if not number]
        if differences or nothing:
            self.fail(name, nothing + differences)
            return
        self.ok(name, ", ".join("%d %s" % (number, what) for what, number in compared.items()))
        if self.verbose:
            self._say_rules(excused)

    def _say_rules(self, excused):
        for rule, number in sorted(excused.items()):
            self._say("     %6d  %s" % (number, rule))

    def close(self):
        """Say which rule explained how many differences, and the closing line; the exit status,
        which is 77 when all was skipped."""
        if self.excused:
            self._say("not compared, or different for a known reason (items; bytes in memory):")
            self._say_rules(self.excused)
        self._say("%d passed, %d failed, %d skipped" % (self.passed, self.failed, self.skipped))
        if self.skipped and not self.passed + self.failed:
            return 77
        return 1 if self.failed or not self.passed else 0
