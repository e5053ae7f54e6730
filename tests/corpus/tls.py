# SPDX-License-Identifier: LGPL-2.1-or-later
"""Thread-local variables of every CPU, without a debugger: where the library says that they are
must be where the live gdb saw them."""

import re
import subprocess

from critcheck import compare, foreign

VARIABLES = {"&tls_id": "", "&lib_tls": "libtls.so"}  # what the truth has -> end of a module's name


def offset(path, name):
    """Of a thread-local symbol in its module's block."""
    out = subprocess.run(["readelf", "-Ws", path], capture_output=True, text=True, check=True)
    return int(re.search(r": ([0-9a-f]+) .* TLS .* %s$" % name, out.stdout, re.M).group(1), 16)


def check(context, fixture, task, exe, library):
    """@exe, @library: the files that have the two variables."""
    truth = foreign.snapshot(fixture.truth_file("gdb-post", task.pid))
    if not truth["values"]:
        context.report.skip(fixture.name + " thread-local", "no debugger saw it after the dump")
        return
    modules = task.tls_modules()
    result = compare.Comparison()
    tids = {thread["name"]: thread["lwp"] for thread in truth["threads"]}
    for name, _, expression, true in truth["values"]:
        if expression not in VARIABLES:
            continue
        end = VARIABLES[expression]
        module = next(m for m in modules if m.name.endswith(end) and bool(m.name) == bool(end))
        where = offset(library if end else exe, expression[1:])
        mine = task.tls_address(tids[name], module.link_map, where)
        result.same("thread-local addresses", "%s %s" % (name, expression), "%#x" % mine, true)
    context.report.result("%s thread-local" % fixture.name, result.compared, result.differences,
                          result.excused)
