# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real processes for the benchmarks, dumped by criu and by gdb's gcore in the same state."""

import contextlib
import os
import signal
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


class CannotDump(Exception):
    """There is no criu here, or it cannot work; the text says why."""


def compile_program(folder, name="big", how=("-static", "-no-pie"), source="big.c"):
    """Build a program; static, so that no library of this machine is measured with it."""
    program = os.path.join(folder, name)
    subprocess.run(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-g", "-O0", *how, "-Wl,--build-id",
                    "-o", program, os.path.join(HERE, source), "-pthread"], check=True)
    return program


@contextlib.contextmanager
def running(program, mib, threads):
    """A process of big.c that has come to rest, or of family.c, @mib in number; its pid. It is
    killed in the end."""
    process = subprocess.Popen([program, str(mib), str(threads)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               cwd=os.path.dirname(program), start_new_session=True)
    try:
        if process.stdout.readline() != b"ready\n":
            raise CannotDump(f"a process of {mib} MiB and {threads} threads cannot be started")
        yield process.pid
    finally:
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.wait()


def last_line(path):
    """What a log ends with."""
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as log:
        return ([""] + log.read().rstrip().split("\n"))[-1]
    return ""


def dump(criu, pid, folder):
    """Let criu write a checkpoint into a new folder and leave the process stopped."""
    os.mkdir(folder)
    try:
        done = subprocess.run(criu + ["dump", "-t", str(pid), "-D", folder, "-o", "dump.log",
                                      "--leave-stopped"],
                              cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
    except OSError as error:
        raise CannotDump(f"{criu[0]}: {error.strerror}") from None
    if done.returncode:
        said = done.stdout.decode(errors="replace").strip().split("\n")[-1]
        raise CannotDump("criu dump failed: " +
                         (last_line(os.path.join(folder, "dump.log")) or said))


def core(gdb, pid, path):
    """Let gdb write a core file of the process."""
    subprocess.run(gdb + ["-nx", "-batch", "-p", str(pid), "-ex", f"gcore {path}"],
                   cwd=os.path.dirname(path), stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    if not os.path.exists(path):
        raise CannotDump("gdb's gcore made no core file")
