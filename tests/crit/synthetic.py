# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images that no dump of ours has, from synthetic.txt: kinds that are rare, and every odd value.

The form is that of tests/mk, with payloads: in an @image, a line is a record `message fields`, or

    hex 00 ff      bytes behind the record before: a payload
    text ABC
    fill COUNT BYTE
    wire 08 01     a record of these bytes, for what protoc would not write

and `service` behind the magic's name puts IMG_SERVICE first instead of IMG_COMMON.
"""

import os
import struct

import framing
from framing import mk

SOURCE = os.path.join(framing.HERE, "synthetic.txt")
RAW = ("hex", "text", "fill")
SERVICE_KINDS = ("STATS", "IRMAP_CACHE")


def magics(words, order):
    """The one or two magics that an image starts with."""
    kind = words[1]
    out = struct.pack(order + "I", mk.magics()[kind])
    if kind == "INVENTORY" or "old" in words:
        return out
    service = "service" in words or kind in SERVICE_KINDS and "common" not in words
    return struct.pack(order + "I", framing.SERVICE if service else framing.COMMON) + out


def image_bytes(words, lines):
    """[NAME, MAGIC, options...] and lines to an image."""
    order = ">" if "big" in words else "<"
    out = magics(words, order)
    for line in lines:
        word, _, rest = line.partition(" ")
        if word in RAW:
            out += b"".join(mk.raw_pieces([line]))
            continue
        record = bytes.fromhex(rest) if word == "wire" else mk.encode(word, rest)
        out += struct.pack(order + "I", len(record)) + record
    return out


def images(path=SOURCE):
    """{name: bytes} of a description."""
    out = {}
    for words, lines in mk.sections(path):
        lines = mk.content_lines(lines)
        if words[0] == "image":
            out[words[1]] = image_bytes(words[1:], lines)
        elif words[0] == "raw":
            out[words[1]] = b"".join(mk.raw_pieces(lines))
        elif words[0] == "truncate":
            out[words[1]] = out[words[1]][:int(words[2], 0)]
        elif words[0] == "patch":
            off, data = int(words[2], 0), bytes.fromhex("".join(words[3:]))
            old = out[words[1]]
            out[words[1]] = old[:off] + data + old[off + len(data):]
        else:
            raise ValueError(f"{path}: @{words[0]}")
    return out


def write(folder, path=SOURCE):
    os.makedirs(folder, exist_ok=True)
    for name, data in images(path).items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
