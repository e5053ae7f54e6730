# SPDX-License-Identifier: LGPL-2.1-or-later
"""Thread-local variables of tests/data/tls.tar.xz, of glibc 2.31, a new one, and musl: each must be
where the program said, in each thread, and none where it said that the thread has none yet. Then
the same with the C library's file gone."""

import os
import re
import subprocess
import sys
import tarfile
import tempfile

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["BUILD"], "critgdb"))
import _critcore  # noqa: E402

SYMBOL = re.compile(r": ([0-9a-f]+) +\d+ TLS +\w+ +\w+ +\d+ (\w+)", re.M)
NOT_THERE = "not allocated yet"


def symbols(folder):
    """{name: (short name of the file, offset)} of all thread-local symbols."""
    out = {}
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    for name in os.listdir(folder):
        if name == "tls" or name.startswith("lib"):
            text = subprocess.run(["readelf", "-Ws", os.path.join(folder, name)], env=environment,
                                  capture_output=True, text=True, check=True).stdout
            for offset, symbol in SYMBOL.findall(text):
                out.setdefault(symbol, (name if name != "tls" else "", int(offset, 16)))
    return out


def opened(images, root):
    checkpoint = _critcore.open(images)
    checkpoint.set_sysroot(root)
    task = checkpoint.tasks()[0]["pid"]
    tids = {thread["name"]: thread["tid"] for thread in checkpoint.threads(task)}
    return checkpoint, task, tids


def check(name, folder):
    """How many addresses were compared, and how many were nowhere."""
    root = os.path.join(folder, "root")
    home = next(path for path, _, files in os.walk(root) if "tls" in files)
    known, nowhere, right = symbols(home), 0, 0
    checkpoint, pid, tids = opened(os.path.join(folder, "img"), root)
    link_maps = {os.path.basename(module["name"]): module["link_map"]
                 for module in checkpoint.tls_modules(pid)}
    with open(os.path.join(folder, "truth"), encoding="ascii") as file:
        rows = [line.split() for line in file]
    for thread, what, true in rows:
        if what not in known or (true == "-" and name == "musl"):
            assert what == "errno" or name == "musl", what
            continue  # musl has no symbol for errno, and blocks for all threads at once
        module, offset = known[what]
        try:
            found = "%#x" % checkpoint.tls_address(pid, tids[thread], link_maps[module], offset)
        except _critcore.Error as error:
            found = "-" if NOT_THERE in str(error) else str(error)
        assert found == true, "%s: %s of %s: %s, in truth %s" % (name, what, thread, found, true)
        nowhere, right = nowhere + (true == "-"), right + (true != "-")
    checkpoint.close()
    without_libc(name, folder, root, home, tids)
    return right, nowhere


def without_libc(name, folder, root, home, tids):
    """One line that says what is missing; the executable's variables are still found."""
    if name == "musl":  # is known by its name, and has nothing to be looked up
        return
    for file in os.listdir(home):
        if file.startswith(("libc.so", "libpthread")):
            os.unlink(os.path.join(home, file))
    checkpoint, pid, _ = opened(os.path.join(folder, "img"), root)
    try:
        checkpoint.tls_modules(pid)
        raise AssertionError("%s: modules without libc" % name)
    except _critcore.Error as error:
        assert "neither glibc's descriptors" in str(error), error
    for tid in tids.values():
        try:
            checkpoint.tls_address(pid, tid, 0x1000, 0)
            raise AssertionError("%s: an address without libc" % name)
        except _critcore.Error as error:
            assert "neither glibc's descriptors" in str(error), error
    checkpoint.close()


def main():
    total = [0, 0]
    with tempfile.TemporaryDirectory(prefix="crittls-", dir="/tmp") as scratch:
        with tarfile.open(os.path.join(TESTS, "data/tls.tar.xz")) as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4
            tar.extractall(scratch)
        for name in sorted(os.listdir(scratch)):
            for i, number in enumerate(check(name, os.path.join(scratch, name))):
                total[i] += number
    assert total[0] > 60 and total[1] >= 6, total
    print("%d addresses, %d nowhere" % tuple(total))


main()
