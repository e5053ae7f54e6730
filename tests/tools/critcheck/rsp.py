# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of `critcore serve`: files and tables, as gdb asks for them.

Written from the protocol's description ("Host I/O Packets", "General Query Packets").
"""

import subprocess
import xml.etree.ElementTree

PIECE = 0xf000


class RspError(Exception):
    """The server answered with an error, or with nothing."""


class Server:
    """A served process; use it as a context manager."""

    def __init__(self, critcore, images, pid, options=()):
        self._child = subprocess.Popen([critcore, "serve", *options, images, str(pid)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL)
        self._ask("qSupported:multiprocess+;swbreak+")
        self._ask("QStartNoAckMode")
        self._acks = False

    _acks = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait()

    def _byte(self):
        byte = self._child.stdout.read(1)
        if not byte:
            raise RspError("the server is gone")
        return byte

    def _ask(self, text):
        """The reply's payload: runs expanded, escapes undone."""
        payload = text.encode()
        self._child.stdin.write(b"$" + payload + b"#%02x" % (sum(payload) & 255))
        self._child.stdin.flush()
        while self._byte() != b"$":
            pass
        out = bytearray()
        while (byte := self._byte()) != b"#":
            if byte == b"}":
                out.append(self._byte()[0] ^ 0x20)
            elif byte == b"*":
                out += out[-1:] * (self._byte()[0] - 29)
            else:
                out += byte
        self._child.stdout.read(2)
        if self._acks:
            self._child.stdin.write(b"+")
        return bytes(out)

    @staticmethod
    def _result(reply):
        """(number, bytes) of a Host I/O reply."""
        head, _, data = reply.partition(b";")
        if not head.startswith(b"F") or head.startswith(b"F-1"):
            raise RspError(reply.decode("ascii", "replace"))
        return int(head[1:], 16), data

    def read_file(self, path):
        """All bytes; None if there is no such file."""
        try:
            handle, _ = self._result(self._ask("vFile:open:%s,0,0" % path.encode().hex()))
        except RspError as error:
            if str(error) == "F-1,2":
                return None
            raise
        out = b""
        while True:
            _, data = self._result(self._ask("vFile:pread:%x,%x,%x" % (handle, PIECE, len(out))))
            if not data:
                break
            out += data
        self._ask("vFile:close:%x" % handle)
        return out

    def read_link(self, path):
        """Where it leads as bytes; None if there is no such link."""
        try:
            return self._result(self._ask("vFile:readlink:" + path.encode().hex()))[1]
        except RspError as error:
            if str(error) == "F-1,2":
                return None
            raise

    def table(self, kind):
        """Rows of `info os`, dictionaries; None if it cannot be fetched."""
        out, more = b"", b"m"
        while more == b"m":
            reply = self._ask("qXfer:osdata:read:%s:%x,%x" % (kind, len(out), PIECE))
            if reply[:1] not in (b"m", b"l"):
                return None
            more, out = reply[:1], out + reply[1:]
        return [{column.get("name"): column.text or "" for column in item}
                for item in xml.etree.ElementTree.fromstring(out)]
