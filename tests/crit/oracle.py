# SPDX-License-Identifier: LGPL-2.1-or-later
"""What crit says: of a crit that runs (Crit), or what it said when tests/data was made (Recorded).

A COMMAND of either is a Python that has crit, with what runs it, for example
"tests/tools/debian-root run DIR python3".
"""

import base64
import json
import os
import queue
import shlex
import subprocess
import tarfile
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))

# What is asked about every image; "@0" is the image.
COMMANDS = {
    "decode": ["decode", "-i", "@0"],
    "pretty": ["decode", "--pretty", "-i", "@0"],
    "show": ["show", "@0"],
    "nopl": ["show", "--nopl", "@0"],
    "info": ["info", "@0"],
}

Answer = namedtuple("Answer", "status stdout stderr")


class CritError(Exception):
    """crit cannot be run here."""


def why(answer):
    """The last line that a failing command wrote."""
    return (answer.stderr.decode(errors="replace").strip().split("\n") or [""])[-1]


class Crit:
    """A crit that runs: `jobs` processes of server.py, each of which does one command at a time."""

    def __init__(self, command, jobs=2):
        with open(os.path.join(HERE, "server.py"), encoding="utf-8") as file:
            script = file.read()
        self._servers = [self._start(shlex.split(command) + ["-c", script]) for _ in range(jobs)]
        self._idle = queue.Queue()
        for server in self._servers:
            self._idle.put(server)

    @staticmethod
    def _start(command):
        try:
            return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            raise CritError(f"{command[0]}: {error.strerror}") from None

    def close(self):
        for server in self._servers:
            server.stdin.close()
            server.wait()
            server.stdout.close()

    def run(self, args, *files):
        """`crit ARGS`; an argument "@N" is a file with the bytes of files[N]."""
        server = self._idle.get()
        try:
            return self._ask(server, args, files)
        except (OSError, ValueError):
            raise CritError("crit's process ended early") from None
        finally:
            self._idle.put(server)

    @staticmethod
    def _ask(server, args, files):
        head = {"args": args, "files": [len(data) for data in files]}
        server.stdin.write(json.dumps(head).encode() + b"\n" + b"".join(files))
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        out, err = (server.stdout.read(answer[name]) for name in ("stdout", "stderr"))
        return Answer(answer["status"], out, err)

    def about(self, name, data):
        """The answer to one of COMMANDS. The name is for those who have only records."""
        del name
        return {command: self.run(args, data) for command, args in COMMANDS.items()}

    def encode(self, name, text):
        """Of what crit made of the image."""
        del name
        return self.run(["encode", "-i", "@0"], text)

    encode_text = encode  # of one of texts.txt


class Recorded:
    """Answers of an archive that tests/tools/make-crit-data made; `folder` receives its images.

    records.json has {image: {command: [status, answer] }}. An answer is the name of a file, or
    "=COMMAND" when that command printed the same, or "=" for encode when it gave the image back;
    when crit failed it is the last line of its traceback. texts.json has {name: [status, the image
    in base64 or that line, text]} of texts.txt."""

    def __init__(self, archive, folder):
        with tarfile.open(archive) as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4
            tar.extractall(folder)
        self.folder = folder
        self.images = os.path.join(folder, "images")
        with open(os.path.join(folder, "records.json"), encoding="utf-8") as file:
            self._records = json.load(file)
        with open(os.path.join(folder, "texts.json"), encoding="utf-8") as file:
            self._texts = json.load(file)

    def names(self):
        return sorted(self._records)

    def close(self):
        pass

    def _answer(self, name, command):
        status, text = self._records[name][command]
        if status:
            return Answer(status, b"", text.encode())
        if text == "=":
            path = os.path.join(self.images, name)
        elif text.startswith("="):
            return self._answer(name, text[1:])
        else:
            path = os.path.join(self.folder, "answers", text)
        with open(path, "rb") as file:
            return Answer(0, file.read(), b"")

    def about(self, name, data):
        del data
        return {command: self._answer(name, command) for command in COMMANDS}

    def encode(self, name, text):
        """What crit made of its own output; not of any other text."""
        del text
        return self._answer(name, "encode")

    def encode_text(self, name, text):
        """What it made of one of texts.txt; what is new there is not recorded."""
        status, answer, recorded_text = self._texts[name]
        if recorded_text != text.decode():
            raise CritError(f"texts.txt has changed at {name}: run tests/tools/make-crit-data")
        if status:
            return Answer(status, b"", answer.encode())
        return Answer(0, base64.b64decode(answer), b"")
