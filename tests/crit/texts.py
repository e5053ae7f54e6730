# SPDX-License-Identifier: LGPL-2.1-or-later
"""Texts for `encode` that no decoder writes: people and scripts do. They are in texts.txt, a name
and a text a line."""

import os

import compare
import framing
import oracle

SOURCE = os.path.join(framing.HERE, "texts.txt")

# Where critcore is not crit, by the id of its section in docs/crit-differences.md.
# crit makes something of these; critcore refuses, with a line that says where and why.
STRICTER = {
    "unknown-member", "unknown-top", "duplicate-member", "extra-for-nothing", "entries-object",
    "submessage-list", "numbers-as-text-2", "float", "float-fraction", "exponent",
    "bool-for-number", "bool-texts", "bool-false-text", "bool-null", "text-number", "text-null",
    "bytes-strange", "bytes-url", "bytes-after-padding", "pipes-short", "msg-text-long",
}
# crit fails on these, with a traceback.
MORE_LENIENT = {"enum-number", "list-empty", "dev-hex", "dev-one", "ghost-no-extra", "ghost-empty"}
# crit drops all addresses but the first.
ALL_ADDRESSES = {"address-two"}

IDS = {"encode-stricter", "encode-more-lenient", "encode-addresses"}


def texts():
    """{name: text}"""
    out = {}
    with open(SOURCE, encoding="utf-8") as file:
        for line in file.read().split("\n"):
            name, _, text = line.partition(" ")
            if name and name != "#":
                out[name] = text.encode()
    return out


def known(name, theirs, ours):
    """The id of the difference that it is, or None."""
    if name in STRICTER and not theirs.status and ours.status:
        return "encode-stricter"
    if name in MORE_LENIENT and theirs.status and not ours.status:
        return "encode-more-lenient"
    if name in ALL_ADDRESSES and not theirs.status and not ours.status:
        return "encode-addresses"
    return None


def compare_texts(crit, critcore):
    """A Comparison of all texts."""
    total = compare.Comparison()
    for name, text in texts().items():
        theirs, ours = crit.encode_text(name, text), critcore.run(["encode"], text)
        row = known(name, theirs, ours)
        total.compared += 1
        # crit has written a part of the image when it fails.
        same = theirs.status and ours.status or \
            not theirs.status and not ours.status and theirs.stdout == ours.stdout
        wrong = ours.status not in (0, 1) or \
            ours.status and (ours.stdout or not ours.stderr.startswith(b"critcore: "))
        if row and not wrong:
            total.excused[row] += 1
        elif not same or wrong:
            total.failures.append(
                f"encode of the text {name}: crit {theirs.status} {oracle.why(theirs)} "
                f"{theirs.stdout.hex()}, critcore {ours.status} {oracle.why(ours)} "
                f"{ours.stdout.hex()}")
    return total
