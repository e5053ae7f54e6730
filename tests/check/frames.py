# SPDX-License-Identifier: LGPL-2.1-or-later
"""crit-diff's locals: tests/programs/frames.cpp at two stops, frame by frame, with and without
optimization, against what a gdb said of the process while it lived; and that nothing in the user's
gdb is another thing afterwards."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ["BUILD"]
BEGIN, STATE = "---- frame ", "---- state"

# What the user has and sees; the second breakpoint hits nothing and is pending.
BEFORE = ["break plain::leaf", "break nowhere", "tbreak fast::leaf", "set $mine = 5",
          "print counted", "display step", "python held = gdb.parse_and_eval('numbers')"]
LOOK = ["info inferiors", "info breakpoints", "info display", "info threads", "frame",
        "show values", "output $mine", "output $", "output $_thread", "python print(held)",
        "info locals", "info args",
        "info registers", "info registers xmm0", "show confirm", "show pagination", "bt",
        "python print(noted)", "python print(len(gdb.inferiors()))"]
WATCH = """python
noted = []
for name in ("new_inferior", "inferior_deleted", "new_thread", "thread_exited", "new_objfile",
             "free_objfile", "clear_objfiles", "cont", "stop", "exited", "breakpoint_created",
             "breakpoint_modified", "breakpoint_deleted", "memory_changed", "register_changed",
             "connection_removed", "inferior_call", "executable_changed", "new_progspace"):
    if hasattr(gdb.events, name):
        getattr(gdb.events, name).connect(lambda event, name=name: noted.append(name))
end
"""


INTERRUPT = """python
from critgdb import elsewhere
calls, forget = [], elsewhere.forget
def interrupted():
    calls.append(1)
    if len(calls) == 2:  # the first is on the way there
        print("stopped here")
        raise KeyboardInterrupt
    forget()
elsewhere.forget = interrupted
end
"""


def load(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def is_same(old, new, level):
    """Was the frame at a level of the new stack on the old one: with the same callers at the same
    places? The pc of an inlined frame is its caller's."""
    at = len(new) - level
    rows = list(zip(old[::-1][:at], new[::-1][:at]))
    return len(old) >= at and all(
        (a["function"], a["cfa"]) == (b["function"], b["cfa"]) for a, b in rows) and all(
            a["pc"] == b["pc"] for a, b in rows[:-1])


def differing(old, new):
    """{name: (old, new)} of variables whose texts differ, and the names without a value in one."""
    changed, unknown = {}, set()
    for (name, before), (_, after) in zip(old, new):
        if "<optimized out>" in before + after:
            unknown.add(name)
        elif before != after:
            changed[name] = before, after
    return changed, unknown


def first_word(text):
    """Of a pointer or a character; the rest is what stands there, or the same again."""
    return text.split()[0] if re.match(r"0x|\d+ '", text) else text


def check_frame(what, rows, old, new):
    """What crit-diff said of a frame that is the same one."""
    changed, unknown = differing(old["locals"], new["locals"])
    bases = {re.split(r"[.\[]", row["name"].lstrip("*&"))[0]: row for row in rows}
    names = {name for name, _ in new["locals"]}
    wrong = [name for name in changed if name not in bases and name not in unknown]
    wrong += [name for name in bases if name not in names]
    wrong += [name for name, row in bases.items() if row["how"] == "changed" and
              name not in changed and not row["name"].startswith("*") and name not in unknown]
    wrong += [name for name, row in bases.items() if row["how"] == "unknown" and
              name not in unknown]
    for row in rows:
        pair = changed.get(row["name"])
        if pair and not pair[0].startswith(("{", "@")) and (row["old"], row["new"]) != tuple(
                map(first_word, pair)) and row["old"] != pair[0]:
            wrong.append(row)
    if wrong:
        sys.exit("%s: not so: %s\nsaid: %s\ngdb: %s\nthen: %s" % (
            what, wrong, rows, old["locals"], new["locals"]))
    return len(changed)


def frames_of(threads):
    """(number of the thread, its id, level) of all that have locals."""
    for number, (tid, frames) in enumerate(threads.items(), 1):
        for level, frame in enumerate(frames):
            if frame["locals"]:
                yield number, tid, level


def run(folder, commands):
    script = os.path.join(folder, "script.gdb")
    with open(script, "w", encoding="ascii") as file:
        file.write("\n".join(commands) + "\n")
    done = subprocess.run(
        [*shlex.split(os.environ["GDB"]), "-nx", "-batch", "-x", os.path.join(BUILD, "critgdb.py"),
         "-x", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False, cwd=folder)
    return done.stdout


def check_frames(folder, name, other, option):
    threads, others = load(folder, name + ".json"), load(folder, other + ".json")
    asked = [each for each in frames_of(threads) if not option or each[1] != min(threads)]
    commands = ["set sysroot %s/root" % folder, "target criu %s" % name]
    for _, tid, level in asked:
        commands += ["python [each.switch() for each in gdb.selected_inferior().threads() "
                     "if each.ptid[1] == %s]" % tid, "frame level %d" % level,
                     "echo %s%s %d\\n" % (BEGIN, tid, level),
                     "crit-diff -json -variables %s %s" % (option, other)]
    out = run(folder, commands)
    parts = re.split("^" + BEGIN, out, flags=re.M)[1:]
    if len(parts) != len(asked):
        sys.exit("%d frames of %d were reached:\n%s" % (len(parts), len(asked), out))
    same = changed = 0
    for (_, tid, level), part in zip(asked, parts):
        old, new = (threads, others) if option else (others, threads)
        rows = [json.loads(line) for line in part.splitlines() if line.startswith("{")]
        what = "%s, thread %s, frame %d" % (name, tid, level)
        if not any(row["name"] == "of_thread" for row in rows):
            sys.exit("%s: of_thread is not said to differ in\n%s" % (what, part))
        rows = [row for row in rows if row["name"] != "of_thread"]
        if is_same(others[tid], threads[tid], level):
            end = len(threads[tid]) - level
            same += 1
            changed += check_frame(what, rows, old[tid][len(old[tid]) - end],
                                   new[tid][len(new[tid]) - end])
        elif [row["name"].partition(" of ")[0] for row in rows] != ["locals"]:
            sys.exit("%s: is not the same frame, but\n%s" % (what, part))
    if same < 3 or same == len(asked) or changed < 15:
        sys.exit("%d frames of %d are the same, %d locals changed: too few" % (
            same, len(asked), changed))


def check_traces(folder):
    commands = ["set sysroot %s/root" % folder, "target criu new", "frame function plain::run",
                "up", *BEFORE, "source watch.gdb", *LOOK, "echo %s\\n" % STATE,
                "crit-diff -variables old", "echo %s\\n" % STATE, *LOOK]
    with open(os.path.join(folder, "watch.gdb"), "w", encoding="ascii") as file:
        file.write(WATCH)
    out = run(folder, ["set breakpoint pending on", *commands])
    before, said, after = out.split(STATE + "\n")
    before = before[before.index("  Num  Description"):]
    if before != after or "~ counted: 5 -> 12" not in said:
        sys.exit("crit-diff left traces, or did nothing: before\n%s\nafter\n%s\nsaid\n%s" % (
            before, after, said))


def check_interrupted(folder):
    """Ctrl-C on the way back from the other checkpoint: at the next prompt all is as it was."""
    look = ["echo %s\\n" % STATE, "info locals", "info registers", "output counted"]
    commands = ["set sysroot %s/root" % folder, "target criu new", "frame function plain::run",
                *look, "source interrupt.gdb", "crit-diff -variables old", *look,
                "echo %s\\n" % STATE]
    with open(os.path.join(folder, "interrupt.gdb"), "w", encoding="ascii") as file:
        file.write(INTERRUPT)
    done = subprocess.run(
        [*shlex.split(os.environ["GDB"]), "-nx", "-q", "-x", os.path.join(BUILD, "critgdb.py")],
        input="\n".join(commands) + "\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False, cwd=folder)
    parts = done.stdout.replace("(gdb) ", "").split(STATE + "\n")
    if len(parts) != 4 or "stopped here" not in parts[1]:
        sys.exit("it was not interrupted: %s" % done.stdout)
    if parts[1][:parts[1].index("stopped here")] != parts[2]:
        sys.exit("after Ctrl-C it is the other one's: %s" % done.stdout)


def check_obstacles(folder):
    """Where there is nothing to compare with: one line, and no bytes of something else."""
    for name in ("bare", "gone", "alone"):
        shutil.copytree(os.path.join(folder, "old"), os.path.join(folder, name))
    pid, = (each[3:-4] for each in os.listdir(os.path.join(folder, "old"))
            if each.startswith("mm-"))
    other, = (each[5:-4] for each in os.listdir(os.path.join(folder, "old"))
              if each.startswith("core-") and each != "core-%s.img" % pid)
    for image in ("pstree.img", "inventory.img"):
        os.unlink(os.path.join(folder, "bare", image))
    for name, changes in (("gone", {"pid": 1}), ("alone", {"threads": [int(pid)]})):
        change_tree(os.path.join(folder, name, "pstree.img"), changes)
    out = run(folder, ["set sysroot %s/root" % folder, "target criu new", "thread 2",
                       "frame function fast::run"] +
              ["crit-diff -variables " + name for name in ("bare", "gone", "alone")])
    for why in ("a pre-dump has no registers", "process %s is not there" % pid,
                "thread %s is not there" % other):
        line = "? thread-local variables and locals of fast::middle: cannot be compared: " + why
        if line not in out:
            sys.exit("nobody says: %s in\n%s" % (line, out))


def change_tree(path, changes):
    critcore = os.path.join(BUILD, "critcore")
    tree = json.loads(subprocess.run([critcore, "decode", "-i", path], check=True,
                                     stdout=subprocess.PIPE).stdout)
    tree["entries"][0].update(changes)
    subprocess.run([critcore, "encode", "-o", path], input=json.dumps(tree).encode(), check=True)


def main():
    with tempfile.TemporaryDirectory(prefix="critcore-") as folder:
        subprocess.run(["tar", "-C", folder, "-xJf", os.path.join(HERE, "../data/frames.tar.xz")],
                       check=True)
        os.makedirs(os.path.join(folder, "root/tmp/frames"))
        os.rename(os.path.join(folder, "program"),
                  os.path.join(folder, "root/tmp/frames/program"))
        check_frames(folder, "new", "old", "")
        check_frames(folder, "old", "new", "-newer")
        check_traces(folder)
        check_interrupted(folder)
        check_obstacles(folder)


if __name__ == "__main__":
    if os.environ.get("PRELOAD"):
        print("gdb does not start with AddressSanitizer preloaded")
        sys.exit(77)
    main()
