# SPDX-License-Identifier: LGPL-2.1-or-later
"""Time commands in turns. Imports nothing of ours, so that it runs in any root as
`python3 -c "$(cat timer.py)"`: then the way into the root is not measured.

On standard input, {"commands": {NAME: [ARGUMENT, ...]}, "rounds": N, "budget": SECONDS}; a NAME
that has used up its budget takes part in no further round. On standard output, {NAME: {"wall":
[SECONDS, ...], "peak": BYTES, "status": STATUS}}. What a command prints is thrown away
or goes into the file that "outputs" has for its NAME.
"""

import json
import os
import sys
import time


def run(args, output):
    """(seconds, bytes at its peak, exit status) of one command."""
    actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 1, output or "/dev/null",
                os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
               (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)]
    start = time.perf_counter()
    pid = os.posix_spawnp(args[0], args, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    return wall, usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status)


def measure(commands, rounds, budget, outputs):
    out = {name: {"wall": [], "peak": 0, "status": 0} for name in commands}
    for _ in range(rounds):
        for name, args in commands.items():
            mine = out[name]
            if mine["status"] or sum(mine["wall"]) > budget:
                continue
            wall, peak, mine["status"] = run(args, outputs.get(name))
            mine["wall"].append(wall)
            mine["peak"] = max(peak, mine["peak"])
    return out


def main():
    spec = json.load(sys.stdin)
    result = measure(spec["commands"], spec["rounds"], spec["budget"], spec.get("outputs", {}))
    json.dump(result, sys.stdout)


main()
