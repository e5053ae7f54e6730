# SPDX-License-Identifier: LGPL-2.1-or-later
"""crit itself as a server: its own main(), called in one process for many commands.

crit takes some 300 ms to start, which is most of the time it needs for an image. This script runs
in a Python that has crit and answers on its standard output what each command printed. It imports
nothing of ours, so `PYTHON -c "$(cat server.py)"` works in any root.

A request is a line of JSON and then the bytes of its files; an argument `@N` stands for the path
of the N-th of them. The answer is a line of JSON and then what was printed:

    {"args": ["decode", "-i", "@0"], "files": [1234]} BYTES
    {"status": 0, "stdout": 5678, "stderr": 0} BYTES
"""

import io
import json
import os
import shutil
import sys
import tempfile
import traceback

sys.path[:] = [path for path in sys.path if path]  # not the current folder, whatever it is
import crit.__main__ as crit  # noqa: E402


class Text(io.TextIOWrapper):
    """Standard output as it is when it goes into a pipe."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8", errors="strict", newline="\n")

    def bytes(self):
        try:
            self.flush()
        except UnicodeError:
            pass
        return self.buffer.getvalue()


def forget():
    """`crit x` keeps what it read of files, as if there were only one checkpoint."""
    crit.files_img = None
    crit.files_cache.clear()
    for kind in crit.file_types.values():
        kind["img"] = None


def call(args):
    """What `crit ARGS` does: (exit status, standard output, standard error)."""
    forget()
    sys.argv = ["crit"] + args
    sys.stdin = io.TextIOWrapper(io.BytesIO())
    out, err = sys.stdout, sys.stderr = Text(), Text()
    status = 0
    try:
        crit.main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    return status, out.bytes(), err.bytes()


def serve(requests, answers, folder):
    for line in iter(requests.readline, b""):
        request = json.loads(line)
        paths = []
        for number, size in enumerate(request["files"]):
            paths.append(os.path.join(folder, str(number)))
            with open(paths[-1], "wb") as file:
                file.write(requests.read(size))
        args = [paths[int(arg[1:])] if arg.startswith("@") else arg for arg in request["args"]]
        status, out, err = call(args)
        head = {"status": status, "stdout": len(out), "stderr": len(err)}
        answers.write(json.dumps(head).encode() + b"\n" + out + err)
        answers.flush()


def main():
    folder = tempfile.mkdtemp(prefix="crit-", dir="/tmp")
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer, folder)
    finally:
        shutil.rmtree(folder)


main()
