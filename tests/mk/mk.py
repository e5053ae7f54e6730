# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make real image files out of a few readable lines.

A description is text. A line that starts with `@` begins a section, `#` a comment. Sections are
carried out in order, so a later one changes what an earlier one made:

    @include FILE            the sections of another description, beside this one
    @image NAME MAGIC        an image: one record a line, `message_type text-format-fields`, or
                             `hex 08 01` for a record of these very bytes; `payload hex 00 ff`,
                             `payload text ABC`, `payload fill COUNT BYTE` for bytes behind one
    @image NAME MAGIC old    in the first framing, without the common magic
    @image NAME MAGIC big    as a big-endian machine writes it
    @raw NAME                a file without framing, of lines `hex 00 ff`, `text ABC`,
                             `fill COUNT BYTE`, `hole COUNT`
    @remove NAME             the include had it, this case has not
    @clear NAME              remove a whole folder
    @copy NAME               a folder beside this one that has what this one has so far
    @truncate NAME LENGTH    cut a file
    @patch NAME OFFSET HEX   overwrite bytes; a negative offset counts from the end
    @link NAME TARGET        a symbolic link
    @fifo NAME               a named pipe
    @time NAME SECONDS       when it was last modified, since 1970
    @tar NAME                a tar archive: archives.py explains the lines
    @compress NAME KIND OLD  a file as gz, bz2, xz or zst
    @layout NAME             the folder of a container image: archives.py explains the lines

In a record, `str8(ABC)` is the number whose eight little-endian bytes are the text, padded with
spaces: a register that holds its own name prints as a wrong name when it comes from a wrong place.
`str4(AB)` has four bytes, `big8(ABC)` and `big4(AB)` are big-endian. `each(FIELD: str8(x#), 31)` is
the same for x0 to x30; a # in FIELD counts as well, and there may be several fields.
protoc turns the records into bytes, with the schema in proto/: all of a description in one run,
if prepare() is told of it first.
"""

import os
import re
import shutil
import struct
import subprocess
import tempfile

import archives

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMMON = 0x54564319
SECTIONS = {"image", "raw", "remove", "clear", "copy", "truncate", "patch", "link", "fifo", "time",
            "tar", "compress", "layout"}


def magics():
    """{name: number} of tests/mk/magics.tsv."""
    with open(os.path.join(TOP, "tests/mk/magics.tsv"), encoding="ascii") as table:
        rows = [line.rstrip("\n").split("\t") for line in table][1:]
    return {row[0]: int(row[1], 16) for row in rows}


def number(word):
    """The number that a match of `str8(ABC)` and the like stands for."""
    order, size, name = word[1], int(word[2]), word[3].encode()
    return str(int.from_bytes(name.ljust(size)[:size], "little" if order == "str" else "big"))


def each(match):
    """The fields of `each(FIELDS, COUNT)`."""
    return " ".join(match[1].replace("#", str(n)) for n in range(int(match[2])))


def plain(text):
    """Text format as protoc knows it."""
    text = re.sub(r"\beach\(((?:[^()]|\([^()]*\))*), (\d+)\)", each, text)
    return re.sub(r"\b(str|big)([48])\(([^)]*)\)", number, text)


def schema():
    """The names of the files in proto/."""
    return [name for name in sorted(os.listdir(os.path.join(TOP, "proto")))
            if name.endswith(".proto")]


def protoc(message, text, protos, *folders):
    """The bytes of one message."""
    done = subprocess.run(["protoc", *("-I" + folder for folder in folders),
                           "-I" + os.path.join(TOP, "proto"), "-I/usr/include",
                           "--encode=" + message, *protos],
                          input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode:
        raise ValueError(f"{message} {text}: {done.stderr.decode()}")
    return done.stdout


_RECORDS = {}  # (message, text) -> bytes


def encode(message, text):
    """The protobuf bytes of one record."""
    if (message, text) not in _RECORDS:
        _RECORDS[message, text] = protoc("criu." + message, plain(text), schema())
    return _RECORDS[message, text]


def encode_at_once(records):
    """Those of many, by way of one message that has a field for each."""
    with tempfile.TemporaryDirectory(prefix="critcore-") as folder:
        with open(os.path.join(folder, "batch.proto"), "w", encoding="utf-8") as file:
            file.write('syntax = "proto2";\n' +
                       "".join(f'import "{name}";\n' for name in schema()) + "message batch {\n" +
                       "".join(f"optional criu.{message} r{number} = {number};\n"
                               for number, (message, _) in enumerate(records, 1)) + "}\n")
        text = "\n".join(f"r{number} {{ {plain(text)} }}"
                         for number, (_, text) in enumerate(records, 1))
        data, pos = protoc("batch", text, ["batch.proto"], folder), 0
    for record in records:
        _, pos = varint(data, pos)  # which field
        size, pos = varint(data, pos)
        _RECORDS[record] = data[pos:pos + size]
        pos += size


def varint(data, pos):
    """(number, where it ends)"""
    value = shift = 0
    while data[pos] & 0x80:
        value |= (data[pos] & 0x7f) << shift
        pos, shift = pos + 1, shift + 7
    return value | data[pos] << shift, pos + 1


def prepare(all_sections):
    """Encode what the images among the sections have: a run of protoc takes as long for one record
    as for a hundred."""
    records = {tuple(line.partition(" ")[::2]) for words, lines in all_sections
               if words[0] == "image" for line in content_lines(lines)}
    records = sorted(record for record in records - _RECORDS.keys()
                     if record[0] not in ("hex", "payload"))
    try:
        if records:
            encode_at_once(records)
    except ValueError:
        pass  # whoever makes the image is told which record it is


def image_bytes(words, lines):
    """An image file: magic words, then each record with its size."""
    order = ">" if "big" in words else "<"
    magic = magics()[words[1]]
    out = b""
    if words[1] != "INVENTORY" and "old" not in words:
        out += struct.pack(order + "I", COMMON)
    out += struct.pack(order + "I", magic)
    for line in lines:
        message, _, text = line.partition(" ")
        if message == "payload":
            out += b"".join(raw_pieces([text]))
            continue
        record = bytes.fromhex(text) if message == "hex" else encode(message, text)
        out += struct.pack(order + "I", len(record)) + record
    return out


def raw_pieces(lines):
    """What `hex`, `text`, `fill` and `hole` lines describe; a number is a hole."""
    out = []
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "hex":
            out.append(bytes.fromhex(rest))
        elif word == "text":
            out.append(rest.encode())
        elif word == "fill":
            count, byte = rest.split()
            out.append(bytes([int(byte, 0)]) * int(count, 0))
        elif word == "hole":
            out.append(int(rest, 0))
        else:
            raise ValueError(f"not a raw line: {line}")
    return out


def sections(path):
    """[(words, lines)] of a description, includes put in place."""
    out = []
    with open(path, encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if line.startswith("@"):
                out.append((line[1:].split(), []))
            elif out:
                out[-1][1].append(line)
    done = []
    for words, lines in out:
        if words[0] == "include":
            done += sections(os.path.join(os.path.dirname(path), words[1]))
        else:
            done.append((words, lines))
    return done


def content_lines(lines):
    """Without comments and empty lines; a line that starts with white space continues."""
    joined = []
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] in " \t" and joined:
            joined[-1] += " " + line.strip()
        else:
            joined.append(line.strip())
    return joined


_CACHE = {}


def cached_image(words, lines):
    """image_bytes(), once for the same text: many cases start from the same images."""
    key = (tuple(words), tuple(lines))
    if key not in _CACHE:
        _CACHE[key] = image_bytes(words, lines)
    return _CACHE[key]


def carry_out(words, lines, folder):
    """Do what one section says, below folder; False if it is not one that makes files."""
    if words[0] not in SECTIONS:
        return False
    path = os.path.join(folder, words[1])
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if words[0] in ("image", "raw", "link", "fifo") and os.path.lexists(path):
        os.unlink(path)
    if words[0] == "image":
        write(path, [cached_image(words[1:], content_lines(lines))])
    elif words[0] == "raw":
        write(path, raw_pieces(content_lines(lines)))
    elif words[0] == "remove":
        os.unlink(path)
    elif words[0] == "truncate":
        os.truncate(path, int(words[2], 0))
    elif words[0] == "patch":
        with open(path, "r+b") as file:
            file.seek(int(words[2], 0), os.SEEK_END if words[2][0] == "-" else os.SEEK_SET)
            file.write(bytes.fromhex("".join(words[3:])))
    elif words[0] == "link":
        os.symlink(words[2], path)
    elif words[0] == "fifo":
        os.mkfifo(path)
    elif words[0] == "time":
        os.utime(path, (int(words[2]), int(words[2])))
    elif words[0] == "tar":
        here = os.path.dirname(path)
        write(path, [archives.tar(content_lines(lines), here, raw_pieces)])
    elif words[0] == "compress":
        with open(os.path.join(folder, words[3]), "rb") as file:
            write(path, [archives.compressed(file.read(), words[2])])
    elif words[0] == "layout":
        archives.layout(content_lines(lines), path, folder)
    elif words[0] == "clear":
        shutil.rmtree(path)
    elif words[0] == "copy":
        shutil.copytree(folder, path, symlinks=True)
    return True


def write(path, pieces):
    """Write a whole file; a number among the pieces is a hole of that many bytes."""
    with open(path, "wb") as file:
        for piece in pieces:
            if isinstance(piece, int):
                file.seek(piece, os.SEEK_CUR)
            else:
                file.write(piece)
        file.truncate(file.tell())
