# SPDX-License-Identifier: LGPL-2.1-or-later
"""Memory: every page that both the checkpoint and a core file have must be equal.

Pages the library calls unavailable are counted by reason and never compared; pages it calls zero
must be zero in the core. What a rule explains (rules.known_bytes) is counted apart.
"""

import collections

CHUNK = 1 << 16
PAGE = 4096


class Memory:
    """What comparing one task's memory found."""

    def __init__(self):
        self.equal = collections.Counter()        # origin kind -> bytes
        self.unavailable = collections.Counter()  # reason -> bytes
        self.excused = collections.Counter()      # rule -> bytes
        self.differences = []                     # (address, length, Origin, ours, theirs)

    def pages(self):
        return sum(self.equal.values()) // PAGE


def runs_of_difference(ours, theirs, joined=16):
    """(offset, length) of each run of differing bytes; runs closer than @joined are one."""
    out = []
    for at in (i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b):
        if out and at - out[-1][1] < joined:
            out[-1][1] = at + 1
        else:
            out.append([at, at + 1])
    return [(low, high - low) for low, high in out]


def _ours(task, origin, start, length):
    if origin.kind == "zero":
        return bytes(length)
    return task.read(start, length)


def _chunk(result, task, origin, start, theirs, excuse):
    ours = _ours(task, origin, start, len(theirs))
    if ours == theirs:
        result.equal[origin.kind] += len(theirs)
        return
    for page in range(0, len(theirs), PAGE):
        a, b = ours[page:page + PAGE], theirs[page:page + PAGE]
        if a == b:
            result.equal[origin.kind] += len(a)
            continue
        known = True
        for off, length in runs_of_difference(a, b):
            at, mine, truth = start + page + off, a[off:off + length], b[off:off + length]
            rule = excuse(at, mine, truth, origin)
            if rule:
                result.excused[rule] += length
            else:
                known = False
                result.differences.append((at, length, origin, mine, truth))
        if known:
            result.equal[origin.kind] += len(a)


def compare(task, pieces, excuse=lambda *_: None):
    """Compare a task's memory with pieces(start, end) -> (start, bytes)."""
    result = Memory()
    for origin in task.origins():
        if origin.kind == "unavailable":
            result.unavailable[origin.why] += origin.end - origin.start
            continue
        for start, theirs in pieces(origin.start, origin.end):
            for off in range(0, len(theirs), CHUNK):
                _chunk(result, task, origin, start + off, theirs[off:off + CHUNK], excuse)
    return result


def describe(difference):
    at, length, origin, ours, theirs = difference
    return "%#x (%d bytes, %s %s+%#x, %s): %s, in truth %s" % (
        at, length, origin.kind, origin.source or "", at - origin.start + origin.off,
        origin.mapping, ours[:16].hex(), theirs[:16].hex())
