# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the magics, records and payloads of an image are. Knows nothing of fields but payloads."""

import os
import struct
import sys
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "mk"))
import mk  # noqa: E402

COMMON, SERVICE = 0x54564319, 0x55105940
NAMES = {number: name for name, number in mk.magics().items()}

# order: "<" or ">"; framing: "common", "service", "none"; kind: CRIU's name, None if there is none
Header = namedtuple("Header", "kind order framing size")
# off: of the size word; fields: as fields() of the message; payload: bytes, None for what the
# message does not tell; whole: all of it is in the file
Record = namedtuple("Record", "off size fields payload whole")


def is_image(name):
    """Would criu give a file this name?"""
    return name.endswith(".img") or name in ("stats-dump", "stats-restore", "irmap-cache")


def header(data):
    """The Header, its kind None when no magic is known."""
    for order in "<>":
        words = [struct.unpack_from(order + "I", data, off)[0]
                 for off in (0, 4) if len(data) >= off + 4]
        if len(words) == 2 and words[0] in (COMMON, SERVICE) and words[1] in NAMES:
            return Header(NAMES[words[1]], order,
                          "common" if words[0] == COMMON else "service", 8)
        if words and words[0] in NAMES and words[0] not in (0, COMMON, SERVICE):
            return Header(NAMES[words[0]], order, "none", 4)
    return Header(None, "<", "none", 0)


def varint(data, pos):
    value = shift = 0
    while True:
        byte = data[pos]
        pos += 1
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, pos


def fields(data):
    """{number: last value}: what can be read of a message; a value is an int or bytes."""
    out, pos = {}, 0
    try:
        while pos < len(data):
            key, pos = varint(data, pos)
            wire = key & 7
            if wire == 0:
                out[key >> 3], pos = varint(data, pos)
            elif wire in (1, 5):
                pos += 8 if wire == 1 else 4
            elif wire == 2:
                size, pos = varint(data, pos)
                out[key >> 3], pos = data[pos:pos + size], pos + size
            else:
                break
    except IndexError:
        pass
    return out


def round_up(size, unit):
    return -(-size // unit) * unit


def number_of(message, field):
    """A field that should be a number."""
    value = message.get(field, 0)
    return value if isinstance(value, int) else 0


def message_queue(data, pos, number, order):
    """Bytes of `number` messages from pos on, whether they are all there or not."""
    start = pos
    for _ in range(number):
        if pos + 4 > len(data):
            break
        size = struct.unpack_from(order + "i", data, pos)[0]
        message = fields(data[pos + 4:pos + 4 + max(size, 0)])
        pos += 4 + max(size, 0) + round_up(number_of(message, 2), 8)
    return pos - start


# Bytes behind a message, from its fields.
PAYLOADS = {
    "PIPES_DATA": lambda of: of(2),
    "FIFO_DATA": lambda of: of(2),
    "SK_QUEUES": lambda of: of(2),
    "TCP_STREAM": lambda of: of(1) + of(3),
    "BPFMAP_DATA": lambda of: of(2) + of(3),
    "IPCNS_SEM": lambda of: round_up(2 * of(2), 8),
    "IPCNS_SHM": lambda of: 0 if of(3) else round_up(of(2), 4),
    "GHOST_FILE": lambda of: of(1),  # of a chunk
}


def payload_size(head, first, message, data, pos):
    """Bytes behind the message that ends at pos."""
    def number(field):
        return number_of(message, field)

    if head.kind == "IPCNS_MSG":
        return message_queue(data, pos, number(3), head.order)
    if head.kind == "GHOST_FILE" and first:
        return 0 if number(9) else len(data) - pos
    return PAYLOADS[head.kind](number) if head.kind in PAYLOADS else 0


def records(data, head=None):
    """The records up to the first one that is not whole, which is among them."""
    head = head or header(data)
    out, pos = [], head.size
    while head.kind and pos + 4 <= len(data):
        size = struct.unpack_from(head.order + "i", data, pos)[0]
        if size < 0 or pos + 4 + size > len(data):
            out.append(Record(pos, size, {}, 0, False))
            break
        message = fields(data[pos + 4:pos + 4 + size])
        end = pos + 4 + size
        payload = payload_size(head, not out, message, data, end)
        out.append(Record(pos, size, message, payload, end + payload <= len(data)))
        pos = end + payload
        if not out[-1].whole:
            break
    return out


def turned(data, off, size):
    """The bytes of a number, the other way round."""
    data[off:off + size] = data[off:off + size][::-1]


def little_endian(data, head, all_records):
    """An image of a big-endian machine as a little-endian one writes it; others as they are.
    Numbers inside messages have no byte order."""
    if head.order != ">":
        return data
    out = bytearray(data)
    for off in range(0, head.size, 4):
        turned(out, off, 4)
    for record in all_records:
        turned(out, record.off, 4)
        pos = record.off + 4 + max(record.size, 0)
        if head.kind == "IPCNS_SEM" and record.whole:
            for number in range(number_of(record.fields, 2)):
                turned(out, pos + 2 * number, 2)
        elif head.kind == "IPCNS_MSG" and record.whole:
            for _ in range(number_of(record.fields, 3)):
                turned(out, pos, 4)
                pos += message_queue(data, pos, 1, head.order)
    return bytes(out)
