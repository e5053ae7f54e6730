# SPDX-License-Identifier: LGPL-2.1-or-later
"""The known differences between critcore and crit 4.3. Anything else is a failure.

docs/crit-differences.md is this table for people; a row here has a section of the same id there.
Each row says which images and commands it is about, and what critcore must do instead.
"""

import json
from collections import namedtuple

import framing
import oracle

# commands: of oracle.COMMANDS, or "encode"
# applies: function of a Case; instead: function of a Case, returns a complaint or None
Row = namedtuple("Row", "id commands applies instead")

# image: of compare.py; theirs, ours: Answers to the command
Case = namedtuple("Case", "image command theirs ours")

SHOWS = ("decode", "pretty", "show", "nopl")
ALL = SHOWS + ("info",)


def said(*words):
    """crit failed, and its last line has one of the words."""
    return lambda case: case.theirs.status and any(word in oracle.why(case.theirs)
                                                   for word in words)


def of_kind(*kinds):
    return lambda case: case.image.head.kind in kinds


def both(one, other):
    return lambda case: one(case) and other(case)


# ---- what critcore does instead ----------------------------------------------------------------

def readable(case):
    """JSON of the right kind."""
    try:
        parsed = json.loads(case.ours.stdout)
    except ValueError as error:
        return f"critcore prints no JSON: {error}"
    if parsed.get("magic") != case.image.head.kind:
        return f"critcore says it is {parsed.get('magic')}"
    return None


def fine(case):
    """Exit status 0, and readable."""
    return f"critcore ends with {case.ours.status}" if case.ours.status else readable(case)


def partly(*members):
    """Exit status 1, and what is not understood is in one of these members."""
    def check(case):
        if case.ours.status != 1 or b"byte" not in case.ours.stderr:
            return f"critcore ends with {case.ours.status}, and says {case.ours.stderr!r}"
        if case.command != "info" and not any(b'"%s": ' % name in case.ours.stdout
                                              for name in members):
            return "critcore does not keep what it does not understand"
        return readable(case)
    return check


def counted(case):
    """The number of whole records, a pagemap's head not among them."""
    number = sum(record.whole for record in case.image.records)
    if case.image.head.kind == "PAGEMAP":
        number = max(number - 1, 0)
    wanted = f'{{\n    "magic": "{case.image.head.kind}",\n    "count": {number}\n}}\n'
    if case.ours.stdout.decode(errors="replace") != wanted:
        return f"critcore counts {case.ours.stdout!r}, not {number} records"
    return None


def without_ours(value):
    """Parsed JSON without the members that crit does not know."""
    if isinstance(value, dict):
        return {key: without_ours(item) for key, item in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [without_ours(item) for item in value]
    return value


def same_without_ours(case):
    """But for members that start with '_' it is what crit prints."""
    complaint = fine(case)
    if complaint:
        return complaint
    rest = json.dumps(without_ours(json.loads(case.ours.stdout)),
                      indent=None if case.command == "decode" else 4)
    if rest.encode() + b"\n" != case.theirs.stdout and not host_addresses(case):
        return "critcore's JSON differs from crit's in more than members that start with '_'"
    return None


def host_addresses(case):
    """IP addresses are in the machine's byte order, and crit takes them for its own machine's."""
    return big_endian(case) and case.command != "decode" and \
        case.image.head.kind in ("INETSK", "FILES", "NETDEV")


def has_ours(case):
    """critcore kept something that crit drops."""
    return not case.theirs.status and b'"_' in case.ours.stdout


def encodes(case):
    """crit cannot write what it printed itself; critcore gives the image back."""
    if in_pagemaps(case):
        return None  # crit's JSON is wrong
    if case.ours.status:
        return f"critcore ends with {case.ours.status}: {oracle.why(case.ours)}"
    if case.ours.stdout != case.image.data:
        return "critcore makes another image of crit's JSON"
    return None


def refuses(case):
    """A payload that is shorter than its message says."""
    if case.ours.status != 1 or b"says" not in case.ours.stderr:
        return "critcore does not refuse it"
    return None


# ---- the table ---------------------------------------------------------------------------------

def cut_short(case):
    """The last record or its payload is not all there, or some bytes are no record at all."""
    records = case.image.records
    end = case.image.head.size
    if records:
        last = records[-1]
        end = last.off + 4 + max(last.size, 0) + last.payload
    return case.image.head.kind and end != len(case.image.data)


def not_understood(case):
    """crit only counts sizes; critcore looks inside and says what is wrong with a record."""
    return case.ours.status == 1 and b" is no sound " in case.ours.stderr


def counts_payloads(case):
    """A kind with payloads, or a pagemap without a head."""
    kind = case.image.head.kind
    return kind in framing.PAYLOADS or kind == "IPCNS_MSG" or \
        kind == "PAGEMAP" and not case.image.records


def big_endian(case):
    return case.image.head.kind and case.image.head.order == ">"


def in_pagemaps(case):
    """A segment of shared memory whose contents are elsewhere, and another one behind it."""
    return case.image.head.kind == "IPCNS_SHM" and \
        any(record.fields.get(3) for record in case.image.records[:-1])


def many_words(case):
    """crit shows the first four of more words as an address."""
    return case.image.name.endswith("inetsk-five.img")


TABLE = [
    Row("no-handler", ALL, both(of_kind("PIDFD", "BINFMT_MISC", "SIGNAL"), said("No handler")),
        fine),
    Row("cut-short", ALL, cut_short, partly(b"_trailing")),
    Row("unsound", SHOWS, said("message.DecodeError"), partly(b"_raw", b"_trailing")),
    Row("unsound", ("info",), not_understood, counted),
    Row("not-utf8", SHOWS, said("UnicodeDecodeError"), fine),
    Row("bpfmap-nopl", ("nopl",), both(of_kind("BPFMAP_DATA"), said("'bytes'")), fine),
    Row("shm-in-pagemaps", SHOWS, in_pagemaps, fine),
    Row("odd-addresses", ("pretty", "show", "nopl"), said("IndexError"), fine),
    Row("odd-addresses", ("pretty", "show", "nopl"), many_words, fine),
    Row("big-endian", SHOWS, big_endian, same_without_ours),
    Row("kept", SHOWS, has_ours, same_without_ours),
    Row("ghost-info", ("info",), both(of_kind("GHOST_FILE"), said("'count'")), counted),
    Row("info-count", ("info",), counts_payloads, counted),
    Row("encode-crash", ("encode",), both(of_kind("BPFMAP_DATA", "IPCNS_SHM"),
                                          said("bytes-like object")), encodes),
    Row("payload-length", ("encode",), cut_short, refuses),
]


def known(case):
    """(id, complaint) of the first row that is about the case; (None, None)."""
    for row in TABLE:
        if case.command in row.commands and row.applies(case):
            return row.id, row.instead(case)
    return None, None
