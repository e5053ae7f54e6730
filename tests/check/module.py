# SPDX-License-Identifier: LGPL-2.1-or-later
"""What gdb-plugin/module promises: plain data, errors as exceptions, no descriptor left behind."""

import os
import socket
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "../mk"))
sys.path.insert(0, os.path.join(os.environ["BUILD"], "critgdb"))
import _critcore  # noqa: E402
import mk  # noqa: E402


def expect(actual, wanted):
    """Like assert, but it cannot be switched off."""
    if actual != wanted:
        sys.exit(f"{wanted!r} was expected, not {actual!r}")


def fails(function, *args):
    """The one-line error of a call that must fail."""
    try:
        function(*args)
    except _critcore.Error as error:
        return str(error)
    sys.exit(f"{function} {args} should have failed")


def ask(path, *requests):
    """Replies of a server, in no-ack mode from the second on."""
    replies = []
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        stream = client.makefile("rb")
        for request in requests:
            client.sendall(b"$%s#%02x" % (request, sum(request) & 255))
            reply = b""
            while not reply.endswith(b"#") or not reply:
                reply += stream.read(1)
            stream.read(2)
            replies.append(reply.lstrip(b"+").strip(b"$#"))
            client.sendall(b"+")
    return replies


def check_data(folder):
    """A checkpoint as plain data."""
    checkpoint = _critcore.open(folder)
    expect([(task["pid"], task["comm"], task["state"]) for task in checkpoint.tasks()],
           [(5, "small", "alive"), (9, "gone", "zombie")])
    checkpoint.load(5)
    expect([(each["start"], each["kind"], each["path"]) for each in checkpoint.mappings(5)][:2],
           [(0x10000, "anon", None), (0x20000, "file", "/no/such/file")])
    expect(checkpoint.totals(5, 0x10000, 0x30000)["image"], 3 * 4096)
    expect(checkpoint.read(5, 0x10ffe, 4), b"AA\0\0")
    expect(checkpoint.locate(5, 0x12001)["source"], "pages-1.img")
    expect(checkpoint.locate(5, 0x12001)["off"], 4097)
    expect(fails(checkpoint.read, 5, 0x30000, 1),
           "0x30000: shared memory, which this version does not read")
    expect(fails(checkpoint.load, 9),
           "process 9 (gone) is a zombie, exit status 7: it has no memory and no registers")
    checkpoint.close()
    expect(fails(_critcore.open, folder + "/none"),
           folder + "/none: No such file or directory")


def check_server(folder):
    """A server answers one client, and everything is gone afterwards."""
    server = _critcore.serve(folder, 5, "", [], False)
    path = server.path
    expect(ask(path, b"?", b"qC", b"m10ffe,4", b"m30000,1"),
           [b"T00thread:5;", b"QC5", b"41410* ", b"E0e"])
    expect(server.close(), None)
    expect(os.path.exists(os.path.dirname(path)), False)
    for _ in range(20):
        _critcore.serve(folder, 5, "", [], False).close()


def main():
    """Make the images of the base case and look at them."""
    with tempfile.TemporaryDirectory() as folder:
        for words, lines in mk.sections(os.path.join(HERE, "../cases/base.inc")):
            mk.carry_out(words, lines, folder)
        check_data(folder)
        before = len(os.listdir("/proc/self/fd"))
        check_server(folder)
        expect(len(os.listdir("/proc/self/fd")), before)


main()
