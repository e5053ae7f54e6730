# SPDX-License-Identifier: LGPL-2.1-or-later
"""A sysroot whose libc is of another build: its names and bytes must not be believed."""

import os
import re
import shutil
import subprocess

FRAME = re.compile(r"^#\d+ +(?:0x[0-9a-f]+ in )?(\S+) \(", re.MULTILINE)


def build_id(path):
    """The build-id of an ELF file, in hex."""
    notes = subprocess.run(["readelf", "-n", path], capture_output=True, text=True, check=True)
    return re.search(r"Build ID: ([0-9a-f]+)", notes.stdout)[1]


def make(root, paths, directory):
    """Copy files of a root to another one and change libc's build-id; its path, None without."""
    libc = None
    for path in paths:
        copy = directory + path
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copyfile(root + path, copy)
        if "/libc.so" in path:
            libc = copy
    if libc:
        wanted = bytes.fromhex(build_id(libc))
        with open(libc, "r+b") as file:
            at = file.read().index(wanted)
            file.seek(at)
            file.write(bytes([wanted[0] ^ 1]))
    return libc


def functions(gdb, opening):
    """(names in all backtraces, everything printed) of a checkpoint."""
    command = [*gdb.command, "-nx", "-batch", "-x", gdb.plugin]
    for line in [*opening, "thread apply all bt"]:
        command += ["-ex", line]
    done = subprocess.run(command, env=gdb.environment, stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, errors="replace", timeout=120, check=False)
    return set(FRAME.findall(done.stdout)), done.stdout + done.stderr


def differences(gdb, right, wrong, exe_functions, libc):
    """What is wrong when a checkpoint is opened with each sysroot; [] if nothing."""
    names, _ = functions(gdb, right)
    of_libc = names - exe_functions - {"??"}
    if not of_libc:
        return ["no frame is in libc, so there is nothing to believe"]
    names, text = functions(gdb, wrong)
    out = ["believes the wrong libc: %s" % name for name in sorted(names & of_libc)]
    if not names & exe_functions:
        out.append("no frame of the program either: " + text[-500:])
    if "%s is not the file of the checkpoint: build-id" % libc not in text:
        out.append("does not say that libc is another one: " + text[:500])
    return out


def exe_functions(exe):
    """Names of the functions that a program itself has."""
    table = subprocess.run(["nm", exe], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in table.splitlines() if line.split()[-2] in "tT"}
