# SPDX-License-Identifier: LGPL-2.1-or-later
"""`crit-decode`, `crit-encode`, `crit-show`, `crit-info`: single images, as the critcore command
has them."""

import os

import gdb

from .. import core, render, words


class ImageCommand(gdb.Command):
    """What these commands share."""

    def __init__(self, name):
        super().__init__(name, gdb.COMMAND_FILES)

    def complete(self, text, word):
        return words.complete_image(text, word)


def tell(line):
    gdb.write(render.text.printable(line) + "\n", gdb.STDERR)


def show(data):
    gdb.write(data.decode("ascii"))


def one_word(options, rest, usage):
    """The name of the file to read, by -i or as the only word."""
    given = [options[name] for name in ("-i", "--in") if name in options] + rest
    if len(given) != 1:
        raise gdb.GdbError("Usage: %s" % usage)
    return given[0]


def one_image(options, rest, usage):
    return words.source(one_word(options, rest, usage))


def output_file(options):
    to = options.get("-o") or options.get("--out")
    return os.path.expanduser(to) if to else None


def decode(options, path, to, pretty, no_payload=False):
    layout = options.get("-f")
    if layout not in (None, "raw", "nice"):
        raise gdb.GdbError("-f takes raw or nice.")
    indented = layout == "nice" or (pretty and layout != "raw")
    with core.errors() as critcore:
        kept = critcore.image_decode(path, to, show, tell, indented, pretty, no_payload)
    if not to:
        gdb.write("\n")
    if kept:
        raise gdb.GdbError(render.text.printable(kept))


class CritDecode(ImageCommand):
    """Print a CRIU image as JSON, or write it to a file.
Usage: crit-decode [--pretty] [-f raw|nice] [-i] IMAGE [-o FILE]

A bare name means an image of the checkpoint that is open.  --pretty indents and
shows addresses in hex and flags by name; -f chooses the layout alone.  `crit-encode'
makes the very same image of it again."""

    USAGE = "crit-decode [--pretty] [-f raw|nice] [-i] IMAGE [-o FILE]"

    def invoke(self, argument, from_tty):
        options, rest = words.parse(argument, self.USAGE, ("--pretty",),
                                    ("-i", "--in", "-o", "--out", "-f"))
        path = one_image(options, rest, self.USAGE)
        decode(options, path, output_file(options), "--pretty" in options)


class CritShow(ImageCommand):
    """Print a CRIU image in readable form.
Usage: crit-show [--nopl] [-f raw|nice] IMAGE

A bare name means an image of the checkpoint that is open.  With --nopl only the
sizes of payloads are shown."""

    USAGE = "crit-show [--nopl] [-f raw|nice] IMAGE"

    def invoke(self, argument, from_tty):
        options, rest = words.parse(argument, self.USAGE, ("--nopl",), ("-f",))
        decode(options, one_image(options, rest, self.USAGE), None, True, "--nopl" in options)


class CritInfo(ImageCommand):
    """Print the kind of a CRIU image and how many records it has.
Usage: crit-info IMAGE

A bare name means an image of the checkpoint that is open."""

    USAGE = "crit-info IMAGE"

    def invoke(self, argument, from_tty):
        options, rest = words.parse(argument, self.USAGE)
        path = one_image(options, rest, self.USAGE)
        with core.errors() as critcore:
            info = critcore.image_info(path)
        gdb.write('{\n    "magic": "%s",\n    "count": %d\n}\n' % (info["magic"], info["count"]))
        if info["kept"]:
            raise gdb.GdbError(render.text.printable(info["kept"]))


class CritEncode(ImageCommand):
    """Make a CRIU image of JSON.
Usage: crit-encode [-i] JSON -o IMAGE

JSON is a file that `crit-decode', `critcore decode', CRIT or go-crit wrote.  Names
are those of files, not of images of the checkpoint that is open: it stays as it is."""

    USAGE = "crit-encode [-i] JSON -o IMAGE"

    def invoke(self, argument, from_tty):
        options, rest = words.parse(argument, self.USAGE, (), ("-i", "--in", "-o", "--out"))
        path = os.path.expanduser(one_word(options, rest, self.USAGE))
        to = output_file(options)
        if not to:
            raise gdb.GdbError("Usage: %s" % self.USAGE)
        with core.errors() as critcore:
            critcore.image_encode(path, to, tell)

    def complete(self, text, word):
        return gdb.COMPLETE_FILENAME


def register():
    CritDecode("crit-decode")
    CritShow("crit-show")
    CritInfo("crit-info")
    CritEncode("crit-encode")
