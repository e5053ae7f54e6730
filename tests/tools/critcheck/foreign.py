# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recorded truth, second layout: truth/gdb-post.PID and friends, as text of a gdb session.

That gdb was attached after the dump, to the very state that was dumped, so everything must be
equal. A session file has sections headed ==THREADS, ==BT, ==REGS, ==VALUES and so on.
"""

import re

from . import native

HEAD = re.compile(r"Thread (\d+) \((?:.*?LWP |Thread \d+\.)(\d+)\)?(?: \"(.*)\")?(?: \(.*\))?\):")
ROW = re.compile(r"([a-z]\w*) +(\S.*)$")
RAW = re.compile(r"\(raw (0x[0-9a-f]+)\)")
FRAME = re.compile(r"#\d+ ")


def sections(path):
    """{section: [lines]}; what stands before the first head is section ''."""
    out, name = {"": []}, ""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        # gdb for MIPS warns in the middle of a line.
        text = re.sub(r"(?<=\()warning: GDB can't find the start of the function at .*\n", "",
                      file.read())
        for line in text.splitlines():
            if line.startswith("==") and line[2:].isupper():
                name = line[2:]
                out[name] = []
            else:
                out[name].append(line)
    return out


def by_thread(lines):
    """{lwp: (name, [lines])} of what `thread apply all` printed, heads left out."""
    out, current = {}, None
    for line in lines:
        head = HEAD.match(line)
        if head:
            current = out.setdefault(int(head.group(2)), (head.group(3), []))[1]
        elif current is not None and line:
            current.append(line)
    return out


def register(name, text):
    if re.fullmatch(r"st[0-7]", name):
        return ["%#x" % int(RAW.search(text).group(1), 16), text.split()[0]]
    return native.register(name, text if text.startswith("{") else text.split()[0])


def registers(lines):
    out = {}
    for line in lines:
        row = ROW.match(line)
        if row:
            out[row.group(1)] = register(*row.groups())
    return out


def values(lines):
    """What the print commands printed, in order, as one string each."""
    out = []
    for line in lines:
        found = re.match(r"\$\d+ = (.*)", line)
        if found:
            out.append(found.group(1))
    return out


def thread_local(lines):
    """[thread name, None, expression, what gdb printed] of thread-local variables."""
    out = []
    for name, printed in by_thread(lines).values():
        found = values(printed)[:len(THREAD_LOCAL)]  # behind the last thread's come others
        out += [[name, None, expression, re.sub(r"^\(int \*\) ", "", text)]
                for expression, text in zip(THREAD_LOCAL, found)]
    return out


def snapshot(post, allregs=None, parse=registers):
    """The truth as a snapshot; frames are kept as text ("bt"). @parse: lines of `info registers`
    as a dictionary."""
    parts = sections(post)
    regs = by_thread(parts["REGS"])
    if allregs:
        for lwp, (_, lines) in by_thread(sections(allregs)[""]).items():
            regs[lwp] = (regs[lwp][0], lines)
    threads = []
    for lwp, (name, lines) in by_thread(parts["BT"]).items():
        threads.append({"lwp": lwp, "name": name, "frames": [], "regs": parse(regs[lwp][1]),
                        "bt": [line for line in lines if FRAME.match(line)]})
    return {"threads": threads, "values": thread_local(parts.get("VALUES", [])),
            "printed": values(parts.get("VALUES", []))}


# What the recording script of the threads printed of each thread.
THREAD_LOCAL = ["tls_id", "tls_name", "tls_zero", "lib_tls", "&tls_id", "&lib_tls"]
# What the recording scripts printed last in their ==VALUES sections, in that order.
PRINTED = {
    "deep": ["print/x g_magic", "print/x g_u64", "print g_ro", "print g_str", "print g_bss[0]",
             "print g_bss[1024]", "print g_pi", "print g_depth_reached", "print *g_list",
             "print *g_list->next", "print g_list", "print g_page"],
    "threads": ["print started"],
    "chain": ["print g_step", "print g_global_changes", "print g_global_same", "print g_base",
              "print g_big", "print g_new2", "print g_new3", "print g_moved"],
}
