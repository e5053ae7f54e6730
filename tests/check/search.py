# SPDX-License-Identifier: LGPL-2.1-or-later
"""Searching real checkpoints, compared with bytes.find() over what gdb's core files had; and being
stopped in the middle of a search."""

import glob
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "../mk"))
sys.path.insert(0, os.path.join(os.environ["BUILD"], "critgdb"))
import _critcore  # noqa: E402
import mk  # noqa: E402

ARCHIVES = ("checkpoints.tar.xz", "memory.tar.xz")
NAMES = ("mem-static", "tree-static", "compat32", "mem", "mem-static-b4", "sysv", "lazy")
PATTERNS = 25  # for each process
MOST = 3000  # matches of a pattern that is worth while


def stretches(folder):
    """[(address, bytes)] of what the core file had, without a gap in them."""
    with open(os.path.join(folder, "memory.bin"), "rb") as file:
        data = file.read()
    out = []
    with open(os.path.join(folder, "memory.map"), encoding="ascii") as file:
        for line in file:
            start, end, where = line.split()
            start, length = int(start, 16), int(end, 16) - int(start, 16)
            if where == "zero":
                part = bytes(length)
            else:
                part = data[int(where, 16):int(where, 16) + length]
            if out and out[-1][0] + len(out[-1][1]) == start:
                out[-1][1].extend(part)
            else:
                out.append((start, bytearray(part)))
    return out


def naive(truth, pattern):
    """Addresses of a pattern in the truth; None: too many."""
    out = []
    for start, data in truth:
        at = data.find(pattern)
        while at >= 0:
            out.append(start + at)
            if len(out) > MOST:
                return None
            at = data.find(pattern, at + 1)
    return out


def search(checkpoint, pid, kind, text):
    found = []
    checkpoint.find(pid, kind, text, lambda match: found.append((match["pid"], match["vaddr"])),
                    lambda why: sys.exit("not searched: " + why), False, False, 0, 0, 0, 0, 0, True)
    return found


def is_there(checkpoint, pid, vaddr, length):
    try:
        checkpoint.read(pid, vaddr, length)
    except _critcore.Error:
        return False
    return True


def some_pattern(rng, truth):
    """Bytes that are somewhere, often at a border of pages, and not only zeros."""
    while True:
        start, data = rng.choice(truth)
        length = rng.randint(2, 12)
        at = rng.randrange(len(data))
        if rng.random() < 0.3:
            at = at // 4096 * 4096 - rng.randint(1, length)
        pattern = bytes(data[max(at, 0):max(at, 0) + length])
        if len(pattern) > 1 and any(pattern):
            return pattern


def check_pattern(checkpoint, pid, truth, pattern):
    """Compare one pattern; how often it was found."""
    wanted = naive(truth, pattern)
    if wanted is None:
        return 0
    found = {vaddr for _, vaddr in search(checkpoint, pid, "text", pattern)}
    missed = [vaddr for vaddr in wanted
              if vaddr not in found and is_there(checkpoint, pid, vaddr, len(pattern))]
    if missed:
        sys.exit(f"process {pid}: {pattern!r} at {missed[0]:#x} was not found")
    for vaddr in found - set(wanted):
        for start, data in truth:
            if start <= vaddr and vaddr + len(pattern) <= start + len(data):
                sys.exit(f"process {pid}: {pattern!r} was found at {vaddr:#x}, where it is not")
    if {vaddr for _, vaddr in search(checkpoint, pid, "hex", pattern.hex().encode())} != found:
        sys.exit(f"process {pid}: {pattern!r} and the same in hex differ")
    everywhere = search(checkpoint, 0, "text", pattern)
    if found and not everywhere or \
            {vaddr for where, vaddr in everywhere if where == pid} - found:
        sys.exit(f"process {pid}: {pattern!r} in all processes: {everywhere[:5]}")
    return len(found)


def check_checkpoint(folder, rng):
    """Every process of which there is truth; matches in all."""
    total = 0
    checkpoint = _critcore.open(os.path.join(folder, "img"))
    for truth_folder in glob.glob(os.path.join(folder, "truth/*/memory.map")):
        truth_folder = os.path.dirname(truth_folder)
        truth = stretches(truth_folder)
        for _ in range(PATTERNS):
            total += check_pattern(checkpoint, int(os.path.basename(truth_folder)), truth,
                                   some_pattern(rng, truth))
    checkpoint.close()
    return total


def check_truth(folder):
    """Every checkpoint in the archives."""
    rng, seen = random.Random(4), 0
    for archive in ARCHIVES:
        path = os.path.join(HERE, "../data", archive)
        if os.path.exists(path):
            subprocess.run(["tar", "-C", folder, "-xf", path], check=True)
    for name in NAMES:
        if os.path.isdir(os.path.join(folder, name)):
            total = check_checkpoint(os.path.join(folder, name), rng)
            seen += 1
            if not total:
                sys.exit(f"{name}: nothing was found, so nothing was compared")
    if not seen:
        sys.exit("no checkpoints")


# ---- Being stopped --------------------------------------------------------------------------


def make_endless(folder):
    """A process with 64 TiB of zeros."""
    for words, lines in mk.sections(os.path.join(HERE, "../cases/base.inc")):
        lines = [line.replace("end: 0x14000", "end: 0x20000").replace(
            "end: 0x52000", "end: 0x400000000000").replace("start: 0x51000 end: 0x400000000000",
                                                           "start: 0x51000 end: 0x52000")
                 for line in lines]
        mk.carry_out(words, lines, folder)


def check_signal(folder):
    """Ctrl-C ends `critcore find` as it ends others."""
    command = [os.path.join(os.environ["BUILD"], "critcore"), "find", "--int", "--align",
               "0x1000000000000", folder, "0"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process:
        caught = 0
        while not caught >> (signal.SIGINT - 1) & 1:
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                caught = int(status.read().split("SigCgt:\t")[1].split()[0], 16)
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=30)[0]
        if process.returncode != -signal.SIGINT or text:
            sys.exit(f"SIGINT: status {process.returncode}, {text}")


def check_exceptions(folder):
    """An exception in a callback, or of a signal handler, ends a search at once."""
    checkpoint = _critcore.open(folder)

    def fail(match):
        raise ZeroDivisionError(match["vaddr"])

    def interrupt(signo, frame):
        raise KeyboardInterrupt

    for kind, text, align, function, wanted in (
            ("text", b"A", 0, fail, ZeroDivisionError),
            ("int", b"0", 1 << 48, fail, KeyboardInterrupt)):
        signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.2 if wanted is KeyboardInterrupt else 0)
        start = time.monotonic()
        try:
            checkpoint.find(5, kind, text, function, print, False, False, 0, 0, 0, align)
        except wanted:
            pass
        else:
            sys.exit(f"{wanted} was lost")
        if time.monotonic() - start > 10:
            sys.exit("a search went on after it was stopped")
    checkpoint.close()


def main():
    with tempfile.TemporaryDirectory(prefix="critcore-") as folder:
        check_truth(folder)
        endless = os.path.join(folder, "endless")
        make_endless(endless)
        check_signal(endless)
        check_exceptions(endless)


if __name__ == "__main__":
    main()
