#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Core files of processes with more mappings than an ELF header can count, with damaged pages, in
all their forms, and those that cannot be finished.

The processes have mappings of one page each, with a page between them. The first mapping, which may
have more, and the last one are dumped, full of 'A' and 'B'; the others were never written to.
"""

import filecmp
import os
import shutil
import signal
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(TOP, "tests/mk"), os.path.join(TOP, "tests/tools")]

import mk  # noqa: E402
from critcheck import elfcore  # noqa: E402

CRITCORE = os.path.join(os.path.abspath(os.environ["BUILD"]), "critcore")
PAGE, START, STEP = 4096, 0x10000, 0x2000
MANY = 65600  # an ELF header counts to 65,534
FAILED = []


def expect(what, condition, details=""):
    if not condition:
        FAILED.append(what)
        print("FAILED: %s %s" % (what, details))


def make(folder, number, pages=1):
    """Images of such a process; the first mapping has a row of dumped pages."""
    for words, lines in mk.sections(os.path.join(TOP, "tests/cases/base.inc")):
        mk.carry_out(words, lines, folder)
    vmas = ["vmas { start: %d end: %d pgoff: 0 shmid: 0 prot: 3 flags: 0x22 status: 0x201 fd: -1 }"
            % (address(i), address(i) + (PAGE if i else pages * PAGE)) for i in range(number)]
    mk.carry_out(["image", "mm-5.img", "MM"], [
        "mm_entry mm_start_code: 0 mm_end_code: 0 mm_start_data: 0 mm_end_data: 0 "
        "mm_start_stack: 0 mm_start_brk: 0 mm_brk: 0 mm_arg_start: 0 mm_arg_end: 0 "
        "mm_env_start: 0 mm_env_end: 0 exe_file_id: 1 mm_saved_auxv: 6 mm_saved_auxv: 4096 "
        + " ".join(vmas)], folder)
    mk.carry_out(["image", "pagemap-5.img", "PAGEMAP"], ["pagemap_head pages_id: 1"] + [
        "pagemap_entry vaddr: %d compat_nr_pages: 0 nr_pages: %d flags: 4" % (address(at), nr)
        for at, nr in ((0, pages), (number - 1, 1))], folder)
    mk.carry_out(["raw", "pages-1.img"], ["fill %d 0x41" % (pages * PAGE), "fill 4096 0x42"],
                 folder)


def column(place, add, number):
    """A byte of the varints of 2^34 + add, 2^34 + STEP + add, ...: as many."""
    run = 1 << max(0, 7 * place - STEP.bit_length() + 1)
    values = (((1 << 34) + i * STEP + add) >> 7 * place & 127 for i in range(0, run * 128, run))
    once = b"".join(bytes([value | (128 if place < 4 else 0)]) * run for value in values)
    return (once * (number // len(once) + 1))[:number]


def add_mappings(folder, number):
    """More mappings of that kind, too many to be written as text, from 2^34 on."""
    path = os.path.join(folder, "mm-5.img")
    vma = bytes.fromhex("7219 08ffffffff7f 10ffffffff7f 1800 2000 2803 3022 388104 4001")
    rows = bytearray(vma * number)
    for place in range(5):
        rows[3 + place::len(vma)] = column(place, 0, number)
        rows[9 + place::len(vma)] = column(place, PAGE, number)
    with open(path, "r+b") as file:
        head, length = file.read(8), int.from_bytes(file.read(4), "little")
        file.seek(0, os.SEEK_END)
        file.write(rows)
        file.seek(len(head))
        file.write((length + len(rows)).to_bytes(4, "little"))


def address(index):
    """The first mapping has room to grow."""
    return (1 << 30) + index * STEP if index else START


def run(*words, **options):
    return subprocess.run([CRITCORE, *words], capture_output=True, timeout=60, check=False,
                          **options)


def many(folder):
    images, path = os.path.join(folder, "img"), os.path.join(folder, "core")
    make(images, MANY)
    done = run("core", "-o", path, images)
    expect("many mappings are written", done.returncode == 0, done.stderr)
    core = elfcore.Core(path)
    expect("all of them", len(core.spans) == MANY, len(core.spans))
    expect("the last one", core.spans[-1] == (address(MANY - 1), address(MANY - 1) + PAGE))
    last = list(core.pieces(*core.spans[-1]))
    expect("its bytes", last == [(address(MANY - 1), b"B" * PAGE)])
    for tool in ("-n", "-l"):
        done = subprocess.run(["readelf", tool, path], capture_output=True, timeout=60, check=False)
        expect("readelf " + tool, not done.returncode and not done.stderr, done.stderr)
    expect("readelf counts them", done.stdout.count(b"  LOAD ") == MANY)
    seen = subprocess.run([*os.environ["GDB"].split(), "-nx", "-batch", "-ex", "core-file " + path,
                           "-ex", "x/1xw %d" % address(MANY - 1)], capture_output=True, timeout=60,
                          check=False).stdout
    expect("gdb reads the last one", b"0x42424242" in seen, seen)


def very_many(folder):
    """What takes a step for each pair of them does not end."""
    images, path = os.path.join(folder, "most"), os.path.join(folder, "most-core")
    make(images, 2)
    add_mappings(images, 10 * MANY)
    done = run("core", "-o", path, images)
    expect("very many mappings", done.returncode == 0, done.stderr)
    with open(path, "rb") as file:
        header = file.read(64)
        file.seek(int.from_bytes(header[40:48], "little"))  # e_shoff; sh_info has the number
        expect("all of them", int.from_bytes(file.read(64)[44:48], "little") == 10 * MANY + 3)


def data_pieces(path):
    """How many a file has between its holes."""
    pieces, at = 0, 0
    with open(path, "rb") as file:
        while at < os.fstat(file.fileno()).st_size:
            try:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:
                break
            at = os.lseek(file.fileno(), at, os.SEEK_HOLE)
            pieces += 1
    return pieces


def scattered(folder):
    """Pages with few zeros between them lie together in the file, those with many do not."""
    images, path = os.path.join(folder, "apart"), os.path.join(folder, "apart-core")
    make(images, 2, pages=1100)
    places = [*range(0, 24, 2), *range(100, 1100, 250)]
    mk.carry_out(["image", "pagemap-5.img", "PAGEMAP"], ["pagemap_head pages_id: 1"] + [
        "pagemap_entry vaddr: %d compat_nr_pages: 0 nr_pages: 1 flags: 4" % (START + at * PAGE)
        for at in places], images)
    mk.carry_out(["raw", "pages-1.img"], ["fill 4096 0x%02x" % (1 + at % 255) for at in places],
                 images)
    done = run("core", "-o", path, images)
    expect("a core file", done.returncode == 0, done.stderr)
    with open(path, "rb") as file:
        plain = file.read()
    memory = b"".join(data for _, data in elfcore.Core(path).pieces(START, START + 1100 * PAGE))
    wanted = bytearray(1100 * PAGE)
    for at in places:
        wanted[at * PAGE:(at + 1) * PAGE] = bytes([1 + at % 255]) * PAGE
    expect("pages are in their places", memory == wanted)
    expect("pieces of the file", data_pieces(path) <= 7, data_pieces(path))
    expect("holes of the file", os.stat(path).st_blocks * 512 < 1 << 20, os.stat(path).st_blocks)
    expect("a stream is the same", run("core", "-o", "-", images).stdout == plain)


def forms(folder):
    """A stream and a compressed file hold the same; the file has holes."""
    images, path = os.path.join(folder, "img"), os.path.join(folder, "forms")
    make(images, 200)
    for words in ([], ["-z"]):
        done = run("core", *words, "-o", path + "".join(words), images)
        expect("a core file", done.returncode == 0, done.stderr)
    with open(path, "rb") as file:
        plain = file.read()
    expect("a stream is the same", run("core", "-o", "-", images).stdout == plain)
    packed = subprocess.run(["zstd", "-dc", path + "-z"], capture_output=True, timeout=60,
                            check=False)
    expect("compressed it is the same", packed.stdout == plain, packed.stderr)
    expect("zeros take no room", os.stat(path).st_blocks * 512 < len(plain) // 2, len(plain))


def damaged(folder):
    """LZ4 blocks of one page, of which one is damaged: that page is not there, the others are."""
    images, path = os.path.join(folder, "lz4"), os.path.join(folder, "damaged")
    make(images, 3, pages=8)
    done = run("compress", "--in-place", "--block", "4K", images)
    expect("compressing", done.returncode == 0, done.stderr)
    pages = os.path.join(images, "pages-1.img")
    with open(pages, "r+b") as file:
        whole = file.read()
        block = len(whole) // 9  # eight of one kind, and one
        file.seek(2 * block)
        file.write(b"\xff" * block)
    done = run("core", "-o", path, images)
    expect("a damaged block is no failure", done.returncode == 0, done.stderr)
    expect("and is told", b"4 KiB not there" in done.stderr and b"LZ4 block 2" in done.stderr,
           done.stderr)
    core = elfcore.Core(path)
    hole = START + 2 * PAGE
    expect("nothing is there", core.overlaps(hole, hole + PAGE) == [], core.spans)
    for start, end in ((START, hole), (hole + PAGE, START + 8 * PAGE)):
        expect("the rest is", list(core.pieces(start, end)) == [(start, b"A" * (end - start))])
    stream = run("core", "-o", "-", images)
    with open(path, "rb") as file:
        expect("a stream is the same", stream.stdout == file.read())


def unfinished(folder):
    images, target = os.path.join(folder, "big"), os.path.join(folder, "target")
    make(images, 2, pages=2)
    os.mkdir(target)

    def no_room():
        import resource
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (12288, 12288))

    for words in ([], ["-z"]):
        path = os.path.join(target, "core")
        with open(path, "w", encoding="ascii") as file:
            file.write("old")
        done = run("core", *words, "-o", path, images, preexec_fn=no_room)
        if words:  # it is small
            expect("compressed it has room", done.returncode == 0, done.stderr)
            continue
        expect("no room is a failure", done.returncode == 1 and b"File too large" in done.stderr,
               done.stderr)
        with open(path, encoding="ascii") as file:
            expect("the old file stays", file.read() == "old")
        expect("nothing else is left", os.listdir(target) == ["core"], os.listdir(target))
    with open(os.path.join(target, "closed"), "wb") as file:
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([CRITCORE, "core", "-o", "-", images], stdout=write, check=False,
                              stderr=file, timeout=60)
        os.close(write)
    expect("a closed pipe ends it", done.returncode in (1, -signal.SIGPIPE), done.returncode)


def full_disk(folder):
    images = os.path.join(folder, "big")
    for words in ([], ["-z"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([CRITCORE, "core", *words, "-o", "-", images], stdout=full,
                                  stderr=subprocess.PIPE, timeout=60, check=False)
        expect("a full disk is one line", done.returncode == 1 and
               done.stderr.count(b"\n") == 1 and b"No space left" in done.stderr, done.stderr)


def begun(process, target):
    """Has it a file in that folder, that has no name yet?"""
    while process.poll() is None:
        try:
            fds = "/proc/%d/fd" % process.pid
            if any(os.readlink(os.path.join(fds, fd)).startswith(target + "/")
                   for fd in os.listdir(fds)):
                return True
        except OSError:
            pass
    return False


def half_way(images, target):
    """A command that stopped while it wrote to that folder."""
    for _ in range(50):
        os.makedirs(target, exist_ok=True)
        path = os.path.join(target, "core")
        process = subprocess.Popen([CRITCORE, "core", "-o", path, images],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if begun(process, target):
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            if process.poll() is None and not os.listdir(target):
                return process
            process.kill()
        process.communicate()
        shutil.rmtree(target)
    sys.exit("no core file was seen half-way")


def cut_off(folder):
    """Killed, or its folder taken away, while it writes: nothing of it is left; or all of it, if
    SIGTERM came when it was written."""
    images, target = os.path.join(folder, "longer"), os.path.join(folder, "gone")
    make(images, 2, pages=4096)
    whole = run("core", "-o", os.path.join(folder, "whole"), images)
    expect("a core file", whole.returncode == 0, whole.stderr)
    for signo in (signal.SIGKILL, signal.SIGTERM):
        process = half_way(images, target)
        process.send_signal(signo)
        process.send_signal(signal.SIGCONT)
        process.communicate()
        expect("killed by %s" % signo, process.returncode == -signo, process.returncode)
        left = os.listdir(target)
        if left == ["core"] and signo == signal.SIGTERM:
            left = [] if filecmp.cmp(os.path.join(target, "core"), os.path.join(folder, "whole"),
                                     shallow=False) else left
        expect("nothing is left", left == [], left)
    process = half_way(images, target)
    os.rmdir(target)
    process.send_signal(signal.SIGCONT)
    said = process.communicate()[1]
    expect("no folder is a failure", process.returncode == 1 and said.count(b"\n") == 1 and
           b"No such file" in said, said)


def main():
    with tempfile.TemporaryDirectory(prefix="check-core-") as folder:
        many(folder)
        very_many(folder)
        scattered(folder)
        forms(folder)
        damaged(folder)
        unfinished(folder)
        full_disk(folder)
        cut_off(folder)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
