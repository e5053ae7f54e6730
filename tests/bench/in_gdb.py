# SPDX-License-Identifier: LGPL-2.1-or-later
"""Timings inside gdb, sourced with -x: prints lines `name seconds`.

CRIT_BENCH names what is timed, CRIT_BENCH_READS says how many small reads."""

import os
import random
import tempfile
import time

import gdb

MIB = 1 << 20
READS = int(os.environ["CRIT_BENCH_READS"])


def timed(name, function, *args):
    """Print how long a call takes; what it returns."""
    start = time.perf_counter()
    out = function(*args)
    print(f"{name} {time.perf_counter() - start:.6f}")
    return out


def quietly(command):
    return gdb.execute(command, False, True)


def expect(right, what):
    if not right:
        raise gdb.GdbError(f"{what}: this is not what the process had")


def threads():
    """A thousand threads. The second time everything is in gdb's caches."""
    count = len(gdb.selected_inferior().threads())
    text = timed("bt-first", quietly, "thread apply all bt")
    expect(text.count(" in rest ") == text.count(" in main ") + text.count(" in work ") == count,
           "thread apply all bt")
    timed("bt-again", quietly, "thread apply all bt")
    text = timed("info-threads", quietly, "info threads")
    expect(text.count("\n") == count + 1, "info threads")


def thread_local():
    """A thread-local variable of every thread; the library that helps with it is loaded before."""
    count = len(gdb.selected_inferior().threads())
    quietly("print number")
    text = timed("tls", quietly, "thread apply all -q print number")
    values = {line.split(" = ")[1] for line in text.splitlines()}
    expect(values == {str(number) for number in range(count)}, "thread-local variables")


def read_at(addresses):
    inferior = gdb.selected_inferior()
    for address in addresses:
        inferior.read_memory(address, 8)


def reads(memory, length):
    """Small reads, as scripts make them. The area is small enough to be cached, or it is not."""
    chance = random.Random(1)
    timed("sequential", read_at, range(memory, memory + 8 * READS, 8))
    for name, size in (("random-4M", 4 * MIB), ("random-all", length)):
        timed(name, read_at, [memory + chance.randrange(size // 8) * 8 for _ in range(READS)])


def wire():
    """Much memory through gdb. The program has a mark at the end of its first quarter."""
    memory = int(gdb.parse_and_eval("(unsigned long) memory"))
    length = int(gdb.parse_and_eval("memory_len")) // 4
    reads(memory, length)
    mark = ", ".join(f"'{c}'" for c in "critcore")
    found = timed("find", quietly, f"find /b {memory}, +{length}, {mark}")
    expect(f"{memory + length - 8:x}" in found, "find")
    with tempfile.NamedTemporaryFile() as out:
        timed("dump", quietly, f"dump binary memory {out.name} {memory} {memory + length // 4}")
        expect(os.path.getsize(out.name) == length // 4, "dump binary memory")
    everything = timed("script", all_of, memory, length)
    expect(bytes(everything[-8:]) == b"critcore", "reading from a script")


def all_of(start, length):
    """Memory for a script: by critcore.memory() where there is a checkpoint."""
    inferior = gdb.selected_inferior()
    if inferior.connection.type == "core":
        return inferior.read_memory(start, length)
    import critcore  # the plugin's

    return critcore.memory(start, length)


{"threads": threads, "tls": thread_local, "wire": wire}[os.environ["CRIT_BENCH"]]()
