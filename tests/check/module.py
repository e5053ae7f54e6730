# SPDX-License-Identifier: LGPL-2.1-or-later
"""What gdb-plugin/module promises: plain data, errors as exceptions, no descriptor left behind."""

import concurrent.futures
import os
import re
import socket
import sys
import tempfile
import warnings

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
           "0x30000: the pagemap image is missing")
    expect(fails(checkpoint.load, 9),
           "process 9 (gone) is a zombie, exit status 7: it has no memory and no registers")
    checkpoint.close()
    expect(fails(_critcore.open, folder + "/none"),
           folder + "/none: No such file or directory")


def check_views(folder):
    """Views are of the file, read-only, outlive the checkpoint; one that is cut short says so."""
    pages = os.path.join(folder, "pages-1.img")
    before = len(os.listdir("/proc/self/fd"))
    checkpoint = _critcore.open(folder)
    view = checkpoint.view(5, 0x12002, 4094)
    copy = checkpoint.view(5, 0x10fff, 2)
    expect((type(view.obj).__name__, bytes(view) == b"B" * 4094, view.readonly),
           ("View", True, True))
    expect((type(copy.obj), bytes(copy), bytes(checkpoint.view(5, 0x40000, 0))),
           (bytes, b"A\0", b""))
    expect(fails(checkpoint.view, 5, 0x13fff, 2), "0x14000: not mapped")
    checkpoint.close()
    with open(pages, "r+b") as file:
        file.seek(4096 + 2)
        file.write(b"x")
        file.flush()
        expect(view[0], ord("x"))  # it is the file
        file.truncate(4096)
    read = None
    try:
        read = bytes(view)
        sys.exit("%d bytes that are not there any more" % len(read))
    except BufferError as error:
        expect((str(error), view.obj.intact),
               ("the file was cut short while its memory was looked at", False))
    try:
        memoryview(view.obj)
        sys.exit("a view of a file that was cut short can be had again")
    except BufferError as error:
        expect(str(error), "the file was cut short while its memory was looked at")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        del view
    expect([each.category for each in told], [RuntimeWarning])
    expect(len(os.listdir("/proc/self/fd")), before)


def check_dump(folder):
    """To a function or a file; an exception in a callback ends it."""
    checkpoint = _critcore.open(folder)
    pieces, gaps = [], []
    expect(checkpoint.dump(5, 0x50ffe, 0x51002, pieces.append, False, 0x2e,
                           lambda *gap: gaps.append(gap)), 2)
    expect((b"".join(pieces), gaps),
           (b"\0\0..", [(0x51000, 0x51002, "a guard page has no contents")]))
    path = os.path.join(folder, "out")
    try:
        checkpoint.dump(5, 0x50ffe, 0x51002, path, False, 0, lambda *gap: 1 / 0)
        sys.exit("an exception in a callback is lost")
    except ZeroDivisionError:
        expect(os.path.exists(path), False)
    checkpoint.close()


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


def many_files(folder, count):
    """Let process 5 map the one page of each of count files that exist, of zeros and a number."""
    fown = "fown { uid: 0 euid: 0 signum: 0 pid_type: 0 pid: 0 }"
    fields = ("mm_start_code mm_end_code mm_start_data mm_end_data mm_start_stack mm_start_brk "
              "mm_brk mm_arg_start mm_arg_end mm_env_start mm_env_end exe_file_id").split()
    vmas, records = [], []
    for i in range(count):
        path = os.path.join(folder, "mapped-%d" % i)
        with open(path, "wb") as file:
            file.write(bytes(4092) + i.to_bytes(4, "little"))
        os.utime(path, (0, 0))  # before the images were written, however slow we are
        vmas.append("vmas { start: %d end: %d pgoff: 0 shmid: %d prot: 1 flags: 2 status: 0x41 "
                    "fd: -1 }" % (0x10000 + i * 4096, 0x11000 + i * 4096, i + 1))
        records.append('file_entry type: REG id: %d reg { id: %d flags: 0 pos: 0 %s name: "%s" '
                       "size: 4096 }" % (i + 1, i + 1, fown, path))
    mm = "mm_entry " + " ".join(f"{field}: 0" for field in fields) + " " + " ".join(vmas)
    mk.carry_out(["image", "mm-5.img", "MM"], [mm], folder)
    mk.carry_out(["image", "files.img", "FILES"], records, folder)
    mk.carry_out(["image", "pagemap-5.img", "PAGEMAP"], ["pagemap_head pages_id: 1"], folder)


def check_many_files(folder):
    """More mapped files than descriptors are kept; one that is replaced meanwhile is not read."""
    many_files(folder, 50)
    before = len(os.listdir("/proc/self/fd"))
    checkpoint = _critcore.open(folder)
    checkpoint.load(5)
    for i in [*range(50), *range(50)]:
        expect(checkpoint.read(5, 0x10ffc + i * 4096, 4), i.to_bytes(4, "little"))
    if len(os.listdir("/proc/self/fd")) > before + 40:
        sys.exit("a descriptor for each mapped file")
    os.rename(os.path.join(folder, "mapped-1"), os.path.join(folder, "mapped-0"))
    expect("replaced meanwhile" in fails(checkpoint.read, 5, 0x10ffc, 4), True)
    checkpoint.close()
    expect(len(os.listdir("/proc/self/fd")), before)


def plain(reply):
    """A reply without run-length encoding: CHARACTER '*' COUNT."""
    return re.sub(rb"(.)[*](.)", lambda m: m[1] * (m[2][0] - 28), reply)


def check_shared_server(folder):
    """Servers that share a checkpoint answer at the same time, and outlive each other."""
    many_files(folder, 50)
    first = _critcore.serve(folder, 5, "", [], False)
    servers = [first] + [first.another(5) for _ in range(2)]
    expect(fails(first.another, 6), "no process 6")
    requests = [b"m%x,4" % (0x10ffc + i * 4096) for i in [*range(50)] * 4]
    answers = [i.to_bytes(4, "little").hex().encode() for i in [*range(50)] * 4]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for replies in pool.map(lambda server: ask(server.path, *requests), servers[:2]):
            expect([plain(reply) for reply in replies], answers)
    for server in servers[:2]:
        expect(server.close(), None)
    expect(plain(ask(servers[2].path, requests[7])[0]), answers[7])
    servers[2].close()


def main():
    """Make the images of the base case and look at them."""
    with tempfile.TemporaryDirectory() as folder:
        for words, lines in mk.sections(os.path.join(HERE, "../cases/base.inc")):
            mk.carry_out(words, lines, folder)
        check_data(folder)
        before = len(os.listdir("/proc/self/fd"))
        check_server(folder)
        expect(len(os.listdir("/proc/self/fd")), before)
        check_dump(folder)
        check_views(folder)
        check_many_files(folder)
        check_shared_server(folder)


main()
