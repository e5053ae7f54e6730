# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs inside gdb (source it): does what the job file says and writes a snapshot as JSON.

The job, named by $CRITCHECK_JOB, is a dictionary:
  open        gdb commands that open the target; the first that fails ends the job
  values      [thread name or null, function or null, expression] to print
  run         gdb commands whose output is wanted
  symbols     names of objects whose address and size are wanted
  reads       [address, length] to read through gdb and hash
  unreadable  addresses where one byte must not be readable
  elements    how much of a string or array to print (gdb's default when missing)
  registers   "all", "general" or "none"
  max_threads how many threads to look at (null: all)
  out         where the snapshot goes

It works the same on a checkpoint, on a live process and on a core file, and needs gdb 12 or later.
A register is a number in hexadecimal, "?" when it is unavailable, a list of its 64-bit elements
when it is a vector, or a [raw, text] pair when it is an x87 register.
"""

import hashlib
import json
import os
import re

import gdb

SETTINGS = ("set pagination off", "set width 0", "set height 0", "set confirm off",
            "set debuginfod enabled off", "set auto-load python-scripts off",
            "set auto-load safe-path /", "set style enabled off",
            "set print thread-events off", "set print inferior-events off")
VECTOR_FIELD = re.compile(r"v\d+_int64$")
UNAVAILABLE = "<unavailable>"


def settings():
    for command in SETTINGS:
        try:
            gdb.execute(command, to_string=True)
        except gdb.error:
            pass  # a gdb that does not have this setting


def opened(job, snapshot):
    for command in job["open"]:
        try:
            snapshot["said"].append(gdb.execute(command, to_string=True) or "")
        except gdb.error as error:
            snapshot["errors"].append("%s: %s" % (command, error))
            return False
    return True


# ---- registers ----------------------------------------------------------------------------------

def element(value):
    text = value.format_string(format="x")
    return "?" if UNAVAILABLE in text or "optimized out" in text else "%#x" % int(text, 16)


def vector(value):
    """The 64-bit elements of a vector register, or None when it is not one."""
    fields = [f.name for f in value.type.fields()]
    for name in fields:
        if VECTOR_FIELD.match(name):
            array = value[name]
            low, high = array.type.range()
            return [element(array[i]) for i in range(low, high + 1)]
    return [element(value["uint64"])] if "uint64" in fields else None


def x87(name):
    text = gdb.execute("info registers " + name, to_string=True)
    raw = re.search(r"\(raw (0x[0-9a-f]+)\)", text)
    return ["%#x" % int(raw.group(1), 16), text.split()[1]] if raw else "?"


def register(frame, name):
    if re.fullmatch(r"st[0-7]", name):
        return x87(name)
    value = frame.read_register(name)
    if value.type.strip_typedefs().code in (gdb.TYPE_CODE_UNION, gdb.TYPE_CODE_STRUCT):
        return vector(value)
    text = str(value)
    if UNAVAILABLE in text or "unavailable" in text:
        return "?"
    return "%#x" % (int(value) & ((1 << 8 * value.type.sizeof) - 1))


def registers(frame, which):
    out = {}
    arch = frame.architecture()
    groups = ("all", "system") if which == "all" else ("general", "system")
    for name in [r.name for group in groups for r in arch.registers(group)]:
        if not name or name in out:
            continue
        try:
            value = register(frame, name)
        except (gdb.error, ValueError) as error:
            value = "error: %s" % error
        if value is not None:
            out[name] = value
    return out


# ---- frames and variables -----------------------------------------------------------------------

def printed(make):
    try:
        return str(make())
    except (gdb.error, RuntimeError, UnicodeError) as error:
        return "error: %s" % error


def scopes(frame):
    try:
        block = frame.block()
    except RuntimeError:
        return  # no symbols here
    while block is not None and not block.is_global and not block.is_static:
        yield block
        if block.function is not None:
            return
        block = block.superblock


def variables(frame):
    args, found = [], {}
    for block in scopes(frame):
        for symbol in block:
            if not (symbol.is_variable or symbol.is_argument) or symbol.name in found:
                continue
            found[symbol.name] = printed(lambda s=symbol: s.value(frame))
            if symbol.is_argument:
                args.append(symbol.name)
    return args, found


FRAME_TYPES = {gdb.NORMAL_FRAME: "normal", gdb.INLINE_FRAME: "inline",
               gdb.SIGTRAMP_FRAME: "sigtramp", gdb.TAILCALL_FRAME: "tailcall"}


def library_of(pc):
    """Base name of the shared library at @pc, or None."""
    name = gdb.solib_name(pc)
    return os.path.basename(name) if name else None


def one_frame(frame):
    args, found = variables(frame)
    sal = frame.find_sal()
    table = sal.symtab
    return {"fn": frame.name(), "pc": "%#x" % frame.pc(),
            "type": FRAME_TYPES.get(frame.type(), "other"),
            "file": os.path.basename(table.filename) if table else None,
            "line": sal.line if table else None, "solib": library_of(frame.pc()),
            "args": args, "locals": found}


def frames():
    out, frame = [], gdb.newest_frame()
    while frame is not None and len(out) < 200:
        out.append(one_frame(frame))
        try:
            frame = frame.older()
        except gdb.error as error:
            out.append({"fn": "error: %s" % error, "pc": "?", "type": "other", "file": None,
                        "line": None, "solib": None, "args": [], "locals": {}})
            break
    return out


def one_thread(thread, which):
    thread.switch()
    out = {"num": thread.num, "lwp": thread.ptid[1] or thread.ptid[0], "name": thread.name}
    out["frames"] = frames()
    out["bt"] = printed(lambda: gdb.execute("bt", to_string=True)).splitlines()
    gdb.newest_frame().select()
    out["regs"] = registers(gdb.newest_frame(), which) if which != "none" else {}
    return out


def select(threads, name, function):
    thread = next((t for t in threads if t.name == name), None) if name else threads[0]
    if thread is None:
        raise gdb.error("no thread %s" % name)
    thread.switch()
    frame = gdb.newest_frame()
    frame.select()
    while function and frame is not None:
        if frame.name() == function:
            frame.select()
            return
        frame = frame.older()
    if function:
        raise gdb.error("no frame %s" % function)


def value(threads, name, function, expression):
    select(threads, name, function)
    return gdb.parse_and_eval(expression)


def address_of(expression):
    return "%#x" % int(gdb.parse_and_eval("(unsigned long)&" + expression))


def size_of(expression):
    try:
        return int(gdb.parse_and_eval("sizeof(%s)" % expression))
    except gdb.error:
        return 0  # known by its linker symbol only


def symbol(name):
    try:
        return [address_of(name), size_of(name)]
    except gdb.error:
        return None


def rseq_offset():
    """glibc's __rseq_offset: where struct rseq stands from the thread pointer."""
    try:
        return int(gdb.parse_and_eval("*(long*)&__rseq_offset"))
    except gdb.error:
        return None


# ---- memory -------------------------------------------------------------------------------------

def hashed(start, length):
    digest = hashlib.sha256()
    inferior = gdb.selected_inferior()
    try:
        for at in range(start, start + length, 1 << 18):
            part = min(1 << 18, start + length - at)
            digest.update(inferior.read_memory(at, part))
    except gdb.error as error:
        return "error: %s" % error
    return digest.hexdigest()


def readable(address):
    try:
        return gdb.selected_inferior().read_memory(address, 1).tobytes().hex()
    except gdb.error:
        return None


def said(command):
    return printed(lambda: gdb.execute(command, to_string=True)).rstrip("\n")


# ---- the job ------------------------------------------------------------------------------------

def run(job):
    snapshot = {"gdb": gdb.VERSION, "said": [], "errors": [], "threads": [], "values": []}
    settings()
    if "elements" in job:
        gdb.execute("set print elements %d" % job["elements"])
    if not opened(job, snapshot):
        return snapshot
    threads = sorted(gdb.selected_inferior().threads(), key=lambda t: t.num)
    snapshot["thread_count"] = len(threads)
    for thread in threads[:job.get("max_threads")]:
        snapshot["threads"].append(one_thread(thread, job.get("registers", "all")))
    for name, function, expression in job.get("values", []):
        text = printed(lambda: value(threads, name, function, expression))
        snapshot["values"].append([name, function, expression, text])
    threads[0].switch()
    snapshot["ran"] = [said(command) for command in job.get("run", [])]
    snapshot["symbols"] = {name: symbol(name) for name in job.get("symbols", [])}
    snapshot["rseq_offset"] = rseq_offset()
    snapshot["reads"] = [hashed(start, length) for start, length in job.get("reads", [])]
    snapshot["unreadable"] = [readable(address) for address in job.get("unreadable", [])]
    snapshot["objfiles"] = [o.filename for o in gdb.objfiles() if o.filename]
    snapshot["debug_objfiles"] = [o.owner.filename for o in gdb.objfiles()
                                  if o.owner is not None and o.owner.filename]
    return snapshot


def main():
    with open(os.environ["CRITCHECK_JOB"], encoding="utf-8") as file:
        job = json.load(file)
    try:
        snapshot = run(job)
    except Exception as error:  # the runner must learn of it, whatever it is
        import traceback
        snapshot = {"errors": [traceback.format_exc()], "fatal": str(error)}
    with open(job["out"], "w", encoding="utf-8", errors="surrogateescape") as file:
        json.dump(snapshot, file)


main()
