# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make archives, sound and unsound ones, out of a few readable lines.

A tar archive is written header by header, as the lines say:

    folder NAME FOLDER      what is in a folder beside the archive, with NAME in front of each name
    member KEY=VALUE...     one header: name, type (one letter, 0 if not said), link, mtime, prefix,
                            magic (gnu, v7), size (if not what follows), sum (if not the right one)
    bytes text ABC          contents of the member before, filled up to a block; also hex, fill
    map 0,512 8192,512      old GNU sparse entries of the next member, which has type S
    pax KEY=VALUE...        an extended header in front of the next member
    global KEY=VALUE...     one for all members
    zeros COUNT             blocks of zeros; two are written at the end unless there is `no end`

    tree NAME FOLDER        as folder, with all that is below

%1b in a value is that byte.

The folder of a container image:

    blob NAME FILE          a file beside the images becomes a blob
    json NAME TEXT          so does this; <OTHER> in it is the descriptor of a blob above,
                            <OTHER KEY=VALUE...> one with other mediaType, digest, size
    index TEXT              index.json, in the same way

    sha512 NAME FILE        as blob, with that digest
    change NAME FILE        what is in a blob above is now this

Where the blobs are is in a file beside the folder, NAME.blobs: {LAYOUT:NAME} in a case's command.
"""

import bz2
import gzip
import hashlib
import json
import lzma
import os
import re
import stat
import subprocess
import urllib.parse

BLOCK = 512
MAGICS = {"ustar": b"ustar\x0000", "gnu": b"ustar  \0", "v7": bytes(8)}


def octal(number, size):
    """A number as headers have it: octal, or binary when that has too many digits."""
    digits = b"%0*o" % (size - 1, number)
    return digits + b"\0" if len(digits) < size else b"\x80" + number.to_bytes(size - 1, "big")


def header(fields, size, sparse=None):
    """512 bytes."""
    name, kind = fields.get("name", "").encode(), fields.get("type", "0").encode()
    out = bytearray(BLOCK)
    out[0:100] = name.ljust(100, b"\0")[:100]
    out[100:124] = octal(0o600, 8) + octal(0, 8) + octal(0, 8)
    out[124:136] = octal(int(fields.get("size", size), 0) if "size" in fields else size, 12)
    out[136:148] = octal(int(fields.get("mtime", "0")), 12)
    out[156:157] = kind
    out[157:257] = fields.get("link", "").encode().ljust(100, b"\0")[:100]
    out[257:265] = MAGICS[fields.get("magic", "ustar")]
    out[345:500] = fields.get("prefix", "").encode().ljust(155, b"\0")
    if sparse:
        old_gnu(out, *sparse)
    out[148:156] = b" " * 8
    out[148:156] = octal(int(fields.get("sum", sum(out)), 0) if "sum" in fields else sum(out), 7) \
        + b" "
    return bytes(out)


def old_gnu(out, entries, size):
    """The map of a sparse file; the rest is in blocks of their own, see more_entries()."""
    out[257:265] = MAGICS["gnu"]
    out[345:500] = bytes(155)
    for i, (start, length) in enumerate(entries[:4]):
        out[386 + 24 * i:410 + 24 * i] = octal(start, 12) + octal(length, 12)
    out[482] = len(entries) > 4
    out[483:495] = octal(size, 12)


def more_entries(entries):
    """Blocks with what of a map has no room in the header."""
    out, rest = b"", entries[4:]
    while rest:
        now, rest = rest[:21], rest[21:]
        block = b"".join(octal(start, 12) + octal(length, 12) for start, length in now)
        out += block.ljust(504, b"\0") + bytes([bool(rest)]) + bytes(7)
    return out


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def pax(words, kind="x"):
    """An extended header."""
    text = b""
    for word in words:
        record = urllib.parse.unquote_to_bytes(word) + b"\n"
        length = len(record) + 2
        while len(str(length)) + 1 + len(record) != length:
            length += 1
        text += b"%d %s" % (length, record)
    return header({"name": "PaxHeaders/x", "type": kind}, len(text)) + padded(text)


def fields_of(words):
    return dict(urllib.parse.unquote(word).split("=", 1) for word in words)


def of_folder(prefix, folder):
    """The headers and contents of all that is in a folder."""
    out = header({"name": prefix + "/", "type": "5"}, 0) if prefix else b""
    for name in sorted(os.listdir(folder)):
        path, full = os.path.join(folder, name), f"{prefix}/{name}".lstrip("/")
        mode = os.lstat(path).st_mode
        fields = {"name": full, "mtime": str(int(os.lstat(path).st_mtime))}
        if stat.S_ISLNK(mode):
            out += header(dict(fields, type="2", link=os.readlink(path)), 0)
        elif stat.S_ISREG(mode):
            with open(path, "rb") as file:
                data = file.read()
            out += header(fields, len(data)) + padded(data)
    return out


def of_tree(prefix, folder):
    """All files below a folder."""
    out = b""
    for at, _, _ in sorted(os.walk(folder)):
        below = os.path.relpath(at, folder)
        out += of_folder(os.path.normpath(os.path.join(prefix, below)).lstrip("."), at)
    return out


def descriptors(text, blobs):
    """<NAME KEY=VALUE...> as JSON."""
    def one(match):
        name, *changes = match[1].split()
        fields = dict(blobs[name], **dict(each.split("=", 1) for each in changes))
        fields["size"] = int(fields["size"])
        return json.dumps({key: value for key, value in fields.items() if value != "-"})
    return re.sub(r"<([^<>]+)>", one, text)


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def blob_path(descriptor):
    return "blobs/" + descriptor["digest"].replace(":", "/")


def layout(lines, path, folder):
    """The folder of a container image."""
    blobs = {}
    write(os.path.join(path, "oci-layout"), b'{"imageLayoutVersion": "1.0.0"}')
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "index":
            write(os.path.join(path, "index.json"), descriptors(rest, blobs).encode())
            continue
        name, _, rest = rest.partition(" ")
        data = descriptors(rest, blobs).encode()
        if word != "json":
            with open(os.path.join(folder, rest), "rb") as file:
                data = file.read()
        if word != "change":
            kind = "sha512" if word == "sha512" else "sha256"
            blobs[name] = {"mediaType": "application/vnd.oci.image." +
                           ("manifest.v1+json" if word == "json" else "layer.v1.tar"),
                           "digest": kind + ":" + hashlib.new(kind, data).hexdigest(),
                           "size": len(data)}
        write(os.path.join(path, blob_path(blobs[name])), data)
    with open(path + ".blobs", "w", encoding="ascii") as file:
        json.dump({name: blob_path(each) for name, each in blobs.items()}, file)


def tar(lines, here, pieces):
    """The bytes of an archive. @pieces: turns `text ABC` into bytes."""
    out, end, i, sparse = b"", True, 0, None
    while i < len(lines):
        word, *rest = lines[i].split()
        i += 1
        if word == "folder":
            out += of_folder(rest[0].strip("."), os.path.join(here, rest[1]))
        elif word == "tree":
            out += of_tree(rest[0].strip("."), os.path.join(here, rest[1]))
        elif word == "member":
            data = b""
            while i < len(lines) and lines[i].startswith("bytes "):
                data += b"".join(pieces([lines[i][len("bytes "):]]))
                i += 1
            out += header(fields_of(rest), len(data), sparse)
            out += (more_entries(sparse[0]) if sparse else b"") + padded(data)
            sparse = None
        elif word == "map":
            *entries, size = rest
            sparse = [tuple(map(int, each.split(","))) for each in entries], int(size)
        elif word == "pax":
            out += pax(rest)
        elif word == "global":
            out += pax(rest, "g")
        elif word == "zeros":
            out += bytes(BLOCK * int(rest[0]))
        elif word == "no":
            end = False
        else:
            raise ValueError(f"not a line of an archive: {word}")
    return out + (bytes(2 * BLOCK) if end else b"")


def compressed(data, kind):
    """The bytes as gz, bz2, xz, zst or lz4."""
    if kind in ("gz", "bz2", "xz"):
        return {"gz": gzip, "bz2": bz2, "xz": lzma}[kind].compress(data)
    command = {"zst": ["zstd", "-qc"], "lz4": ["lz4", "-qc"]}[kind]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout
