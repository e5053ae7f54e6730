# SPDX-License-Identifier: LGPL-2.1-or-later
"""Memory: every byte of the truth must be the checkpoint's, or be missing for the true reason.

The truth (a core file, /proc/PID/mem, the mapped files) has ranges() and pieces(start, end). Each
of its bytes is one of
    equal       read through the library and the same
    excused     different, and a rule says why (rules.known_bytes)
    unavailable the library has not got it, for a reason that is accepted there
    unmapped    no mapping in the checkpoint, which is accepted for the kernel's own pages only
and anything else is a difference. What the library has and the truth has not is counted, too: it
was compared with nothing.
"""

import collections

from . import library

CHUNK = 1 << 16
PAGE = 4096
AROUND = 24  # bytes read on either side of a border
SPAN = 1 << 20  # largest single read over many borders


class Memory:
    """What comparing one task's memory found, all in bytes."""

    def __init__(self):
        self.equal = collections.Counter()        # origin kind -> bytes
        self.unavailable = collections.Counter()  # reason of WHYS -> bytes, whether in the truth
        self.missing = collections.Counter()      # (mapping kind, reason) -> bytes of the truth
        self.alone = collections.Counter()        # mapping kind -> bytes with no truth
        self.parents = 0                          # bytes that were equal and in parents
        self.compressed = 0                       # bytes that were equal and in LZ4 blocks
        self.borders = 0                          # reads that crossed from one origin to the next
        self.excused = collections.Counter()      # rule -> bytes
        self.differences = []                     # lines

    def pages(self):
        return sum(self.equal.values()) // PAGE

    def counts(self):
        """For a report."""
        out = {"of them in parents": self.parents, "of them in LZ4 blocks": self.compressed,
               "rightly missing": sum(self.missing.values()),
               "without truth": sum(self.alone.values()),
               "unavailable": sum(self.unavailable.values())}
        return {"pages": self.pages(), **{k: n // PAGE for k, n in out.items() if n >= PAGE}}


def differing(ours, theirs, step=4096):
    """Where bytes differ. Most do not: byte by byte only where larger pieces differ."""
    for start in range(0, min(len(ours), len(theirs)), step):
        mine, other = ours[start:start + step], theirs[start:start + step]
        if mine == other:
            continue
        if step > 64:
            yield from (start + at for at in differing(mine, other, step // 8))
        else:
            yield from (start + at for at, (a, b) in enumerate(zip(mine, other)) if a != b)


def runs_of_difference(ours, theirs, joined=16):
    """(offset, length) of each run of differing bytes; runs closer than @joined are one."""
    out = []
    for at in differing(ours, theirs):
        if out and at - out[-1][1] < joined:
            out[-1][1] = at + 1
        else:
            out.append([at, at + 1])
    return [(low, high - low) for low, high in out]


def _equal(result, task, origin, length):
    result.equal[origin.kind] += length
    result.parents += length if task.in_parent(origin) else 0
    result.compressed += length if origin.block_len else 0


def _page(result, task, origin, at, ours, theirs, excuse):
    known = True
    for off, length in runs_of_difference(ours, theirs):
        mine, truth = ours[off:off + length], theirs[off:off + length]
        rule = excuse(at + off, mine, truth, origin)
        if rule:
            result.excused[rule] += length
        else:
            known = False
            result.differences.append(_describe(at + off, length, origin, mine, truth))
    if known:
        _equal(result, task, origin, len(ours))


def _chunk(result, task, origin, start, theirs, excuse):
    ours = task.read(start, len(theirs))
    if ours == theirs:
        _equal(result, task, origin, len(theirs))
        return
    for off in range(0, len(theirs), PAGE):
        _page(result, task, origin, start + off, ours[off:off + PAGE], theirs[off:off + PAGE],
              excuse)


def _describe(at, length, origin, ours, theirs):
    return "%#x (%d bytes, %s %s+%#x, level %d, %s): %s, in truth %s" % (
        at, length, origin.kind, origin.source or "", at - origin.start + origin.off, origin.level,
        origin.mapping, ours[:16].hex(), theirs[:16].hex())


def _missing(result, origin, truth, accept):
    """The truth has bytes that the library calls unavailable."""
    result.unavailable[origin.reason] += origin.end - origin.start
    for start, theirs in truth.pieces(origin.start, origin.end):
        if accept(origin, start, theirs):
            result.missing[origin.mapping.kind, origin.reason] += len(theirs)
        else:
            result.differences.append("%#x (%d bytes, %s) is unavailable (%s: %s), in truth %s" % (
                start, len(theirs), origin.mapping, origin.reason, origin.why, theirs[:16].hex()))


def _origin(result, task, origin, truth, excuse):
    covered = 0
    for start, theirs in truth.pieces(origin.start, origin.end):
        covered += len(theirs)
        for off in range(0, len(theirs), CHUNK):
            _chunk(result, task, origin, start + off, theirs[off:off + CHUNK], excuse)
    if covered < origin.end - origin.start:
        result.alone[origin.mapping.kind] += origin.end - origin.start - covered


def _unmapped(result, task, truth, accept):
    """Ranges of the truth that the checkpoint does not map."""
    mappings = [(m.start, m.end) for m in task.mappings()] + [(1 << 64, 1 << 64)]
    for start, end in truth.ranges():
        for low, high in mappings:
            if low >= end or start >= end:
                break
            if start < low and not accept(start, min(low, end)):
                result.differences.append("%#x-%#x is in the truth and not mapped" % (
                    start, min(low, end)))
            start = max(start, high)
        if start < end and not accept(start, end):
            result.differences.append("%#x-%#x is in the truth and not mapped" % (start, end))


def _borders(result, task, origins):
    """Reads that cross from one origin to the next say what reads on either side say, and stop
    where bytes are missing."""
    for a, b in zip(origins, origins[1:]):
        if a.kind == "unavailable":
            continue
        low = max(a.start, a.end - AROUND)
        left = task.read(low, a.end - low)
        wanted, stops = left, True
        if b.start == a.end and b.kind != "unavailable":
            wanted, stops = left + task.read(b.start, min(AROUND, b.end - b.start)), False
        got, error = task.read_some(low, len(wanted) + stops)
        if got != wanted or bool(error) != stops:
            result.differences.append("reading across %#x gives %s (%s), and in parts %s" % (
                a.end, got.hex(), error, wanted.hex()))
        result.borders += 1


def _spans(result, task, origins):
    """One large read over many origins is the same as many small ones."""
    at = 0
    while at < len(origins):
        first, parts, length = at, [], 0
        while at < len(origins) and origins[at].kind != "unavailable" and length < SPAN and \
                (at == first or origins[at].start == origins[at - 1].end):
            parts.append(origins[at])
            length += min(origins[at].end - origins[at].start, SPAN)
            at += 1
        if len(parts) > 1 and length == parts[-1].end - parts[0].start:
            whole = b"".join(task.read(o.start, o.end - o.start) for o in parts)
            if task.read(parts[0].start, length) != whole:
                result.differences.append("one read of %d bytes at %#x differs from %d reads" % (
                    length, parts[0].start, len(parts)))
        at = max(at, first + 1)


def _totals(result, task, origins):
    """crit_mem_totals() adds up to what crit_mem_locate() says."""
    ours, sums = task.totals(), collections.Counter()
    for origin in origins:
        length = origin.end - origin.start
        sums[origin.kind] += length
        sums["compressed"] += length if origin.block_len else 0
        sums["lazy"] += length if origin.reason == "lazy" else 0
        sums["parent"] += length if task.in_parent(origin) else 0
    for name in ("image", "zero", "file", "unavailable", "compressed", "lazy", "parent"):
        if getattr(ours, name) != sums[name]:
            result.differences.append("totals: %d bytes %s, but located are %d" % (
                getattr(ours, name), name, sums[name]))


def _populated(result, task, origins):
    """crit_mem_next() finds just what crit_mem_locate() says to come from images and files."""
    wanted = []
    for origin in origins:
        if origin.kind in ("image", "file"):
            if wanted and wanted[-1][1] == origin.start:
                wanted[-1] = (wanted[-1][0], origin.end)
            else:
                wanted.append((origin.start, origin.end))
    found = task.populated()
    for start, end in sorted(set(wanted) ^ set(found)):
        result.differences.append("%#x-%#x is populated by %s only" % (
            start, end, "crit_mem_next()" if (start, end) in found else "crit_mem_locate()"))


def compare(task, truth, excuse=lambda *_: None, accept=lambda *_: False,
            accept_unmapped=lambda *_: False):
    """Compare a task's memory with a truth.

    @accept(origin, start, bytes): may the library lack these bytes, for the reason it gives?
    @accept_unmapped(start, end): may the checkpoint not map them?
    """
    result = Memory()
    origins = task.origins()
    for origin in origins:
        if origin.kind == "unavailable":
            _missing(result, origin, truth, accept)
        else:
            _origin(result, task, origin, truth, excuse)
    _unmapped(result, task, truth, accept_unmapped)
    _borders(result, task, origins)
    _spans(result, task, origins)
    _totals(result, task, origins)
    _populated(result, task, origins)
    return result


def check_strings(result, task, strings, lacking=None):
    """Arguments and environment against what /proc said; @strings: both as bytes, or None.
    @lacking: why the page with them is not in the checkpoint."""
    for name, mine, true in zip(("arguments", "environment"), (task.args, task.env), strings or ()):
        try:
            said = mine()
        except library.LibraryError as error:
            said = str(error)
            true = said if lacking and lacking in said else true
        result.same("strings", name, said, true)
