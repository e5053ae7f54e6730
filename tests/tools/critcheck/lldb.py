# SPDX-License-Identifier: LGPL-2.1-or-later
"""What gdb and lldb say of the same threads: names, registers, frames, memory.

Both are asked in a batch and answer in text; a thread is (name, {register: value},
[(pc, function)], [hex of 64 bytes of its stack]).
"""

import re

NR_BYTES = 64
ASK = """
for thread in sorted(gdb.selected_inferior().threads(), key=lambda each: each.ptid[1]):
    thread.switch()
    print("thread", thread.ptid[1], thread.name)
    frame = gdb.newest_frame()
    for name in "{registers}".split():
        print("register", name, int(frame.read_register(name)) & (1 << 64) - 1)
    while frame:
        if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
            print("frame", hex(frame.pc()), frame.name())
        frame = frame.older()
    print("memory", gdb.selected_inferior().read_memory(
        int(gdb.newest_frame().read_register("rsp")), {nr}).tobytes().hex())
for place in {places}:
    try:
        print("place", place, gdb.selected_inferior().read_memory(place, {nr}).tobytes().hex())
    except gdb.MemoryError:
        print("place", place, None)
"""


def ask_gdb(registers, places=()):
    """Python for gdb, whose output from_gdb() reads; @places: addresses of more memory."""
    return ASK.format(registers=" ".join(registers), places=list(places), nr=NR_BYTES)


def from_gdb(text):
    """({tid: thread}, {place: hex of its bytes, or "None"})"""
    threads, places = {}, {}
    for words in map(str.split, text.split("\n")):
        if words[:1] == ["thread"]:
            now = threads[int(words[1])] = (words[2], {}, [], [])
        elif words[:1] == ["register"]:
            now[1][words[1]] = int(words[2])
        elif words[:1] == ["frame"]:
            now[2].append((int(words[1], 16), words[2]))
        elif words[:1] == ["memory"]:
            now[3].append(words[1])
        elif words[:1] == ["place"]:
            places[int(words[1])] = words[2]
    return threads, places


def read_memory(place):
    return f"memory read --format x --size 1 --count {NR_BYTES} {place}"


def ask_lldb(registers, number, places=()):
    """lldb's options that ask for the same of so many threads, one by one. It stops at the first
    place that it cannot read."""
    commands = ["thread list"]
    for thread in range(1, number + 1):
        commands += [f"thread select {thread}", "register read " + " ".join(registers),
                     "thread backtrace", read_memory("$rsp")]
    commands += map(read_memory, places)
    return [word for each in commands for word in ("-o", each)]


def from_lldb(text):
    """As from_gdb(); threads without a name have None."""
    heads = re.findall(r"thread #\d+: tid = (\d+),(?:.*?name = '([^']*)')?", text)
    parts = re.split(r"\(lldb\) thread select \d+\n", text)[1:]
    threads = {}
    for (tid, name), part in zip(heads, parts):
        threads[int(tid)] = (
            name or None,
            {each: int(value, 16) for each, value in
             re.findall(r"^ *(\w+) = (0x[0-9a-f]+)", part, re.MULTILINE)},
            frames_of(part.rpartition("thread backtrace\n")[2].partition("(lldb)")[0]),
            [memory_of(part.partition("$rsp\n")[2].partition("(lldb)")[0])])
    places = {int(place): memory_of(said) or "None" for place, said in re.findall(
        r"^\(lldb\) memory read [^\n]* (\d+)\n((?:(?!\(lldb\)).*\n?)*)", text, re.MULTILINE)}
    return threads, places


def frames_of(text):
    """An inlined call has the address, and what it is inlined in follows, at another one."""
    frames, inlined = [], None
    for line in text.splitlines():
        found = re.match(r"[ *]*frame #\d+: (0x[0-9a-f]+)(?: [^`]*`(.*))?", line)
        if not found:
            continue
        pc, said = int(found[1], 16), found[2] or ""
        inlined = inlined or pc
        if " [inlined] " not in said:
            frames.append((inlined, re.split(r"\(| at | \+ ", said)[0].strip()))
            inlined = None
    return frames


def memory_of(text):
    return "".join(re.findall(r"\b0x([0-9a-f]{2})\b", text))


def plain(frames):
    """Frames up to main, where gdb stops. One address may have several names (clone3, __clone3),
    and lldb's late word of the stop may repeat the innermost frame. C++ is spelled in two ways, and
    what has no name in gdb has one in lldb."""
    out = []
    for pc, function in frames:
        known = re.fullmatch(r"(::)?(?!None$|operator$|_*lldb_unnamed)[\w.@]+", function or "")
        name = function.lstrip("_:").partition("@")[0] if known else None
        if (pc, name) not in out[-1:]:
            out.append((pc, name))
        if function == "main":
            break
    return out
