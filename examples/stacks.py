# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the threads of a checkpoint are: each process is opened in turn, and threads with the same
functions on their stacks are counted together.

    gdb -batch -ex 'python checkpoint = "DIR"' -x stacks.py
"""

import collections

import critcore


def functions(thread):
    """The names of the innermost functions of a thread."""
    thread.switch()
    frame, names = gdb.newest_frame(), []
    while frame and len(names) < 5:
        names.append(frame.name() or hex(frame.pc()))
        frame = frame.older()
    return " < ".join(names)


def main():
    counts = collections.Counter()
    with critcore.target(checkpoint) as root:
        pids = [task["pid"] for task in root.processes() if task["state"] != "zombie"]
    for pid in pids:
        try:
            with critcore.target(checkpoint, pid) as process:
                counts.update(functions(each) for each in process.inferior.threads())
        except gdb.GdbError as error:  # one process is damaged: the others are not
            print("process %d: %s" % (pid, error))
    for names, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        print("%5d  %s" % (count, names))


main()
