# SPDX-License-Identifier: LGPL-2.1-or-later
"""critcore diff against a copy in which one thing was changed: a field of an image, a byte of a
page. What it must say is worked out from the images' JSON here, without the library's ideas of
files and memory; and of two real checkpoints of one process, which pages differ."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CRITCORE = os.path.join(os.environ["BUILD"], "critcore")
COUNT = int(os.environ.get("COUNT", "48"))
PAGE = 4096
PRESENT = 1 << 2
FILE_PRIVATE = 1 << 6  # status of a mapping: its pages are the file's unless they are dumped

REGISTERS = {"ax": "rax", "bx": "rbx", "cx": "rcx", "dx": "rdx", "si": "rsi", "di": "rdi",
             "bp": "rbp", "sp": "rsp", "flags": "eflags"}
FPU = {"cwd": "fctrl", "swd": "fstat", "twd": "ftag", "mxcsr": "mxcsr"}
CREDS = {"uid": "uid", "gid": "gid", "euid": "euid", "egid": "egid", "suid": "saved uid",
         "sgid": "saved gid", "fsuid": "file system uid", "fsgid": "file system gid",
         "secbits": "securebits"}
OPTIONS = {"so_sndbuf": "SO_SNDBUF", "so_rcvbuf": "SO_RCVBUF", "so_priority": "SO_PRIORITY",
           "so_rcvlowat": "SO_RCVLOWAT", "so_mark": "SO_MARK", "reuseaddr": "SO_REUSEADDR",
           "so_keepalive": "SO_KEEPALIVE", "so_broadcast": "SO_BROADCAST", "ttl": "IP_TTL",
           "so_reuseport": "SO_REUSEPORT", "so_dontroute": "SO_DONTROUTE",
           "so_passcred": "SO_PASSCRED", "so_oobinline": "SO_OOBINLINE",
           "keepcnt": "TCP_KEEPCNT", "keepidle": "TCP_KEEPIDLE", "keepintvl": "TCP_KEEPINTVL",
           "nodelay": "TCP_NODELAY"}
SOCKETS = {"usk": {"type": "type", "peer": "peer inode"},
           "isk": {"type": "type", "proto": "protocol", "src_port": "local address",
                   "dst_port": "peer"},
           "nlsk": {"protocol": "protocol", "portid": "port", "dst_portid": "peer's port"}}
FILES = {"reg": ("size", "mode"), "efd": ("counter",), "sgfd": ("sigmask",),
         "tfd": ("clockid", "ticks", "settime_flags", "vsec", "vnsec", "isec", "insec")}


def decode(path):
    done = subprocess.run([CRITCORE, "decode", "-i", path], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def encode(data, path):
    subprocess.run([CRITCORE, "encode", "-o", path], input=json.dumps(data).encode(), check=True)


def diff(*words):
    done = subprocess.run([CRITCORE, "diff", "--json", *words], stdout=subprocess.PIPE, check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [row for row in rows if row["what"] != "totals" and row["how"] != "unknown"]


# ---- A field of an image --------------------------------------------------------------------


def members(data, path=()):
    """(path, value) of all numbers and switches in JSON."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from members(value, (*path, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from members(value, (*path, i))
    elif not isinstance(data, str):
        yield path, data


def of_core(path, tid):
    """What diff must say of a member of a core image; None: not our business here."""
    *_, group, name = path
    if group == "gpregs" and name not in ("mode", "ip", "orig_ax"):
        return {("register", tid, REGISTERS.get(name, name))}
    if group == "fpregs" and name in FPU:
        return {("register", tid, FPU[name])}
    if group == "creds" and name in CREDS:
        return {("thread", tid, CREDS[name])}
    field = {"personality": "personality", "loginuid": "login uid"}.get(name)
    return {("state", None, field)} if group == "tc" and field else None


def of_file(entry, path, fds):
    """The same of a member of files.img; fds: {(type, id): descriptors}."""
    kind, name = path[2], ".".join(map(str, path[3:]))
    numbers = fds.get((entry["type"], entry["id"]), ())
    if not numbers or kind in ("type", "id"):
        return None
    what, field = "fd", None
    if name == "flags":
        field = "flags"
    elif name == "pos" and kind == "reg":
        field = "offset"
    elif name.startswith("fown.") or name in FILES.get(kind, ()):
        field = name
    elif name in SOCKETS.get(kind, ()):
        what, field = "socket", SOCKETS[kind][name]
    elif kind in SOCKETS and path[-1] in OPTIONS and len(path) == 5:
        what, field = "socket", OPTIONS[path[-1]]
    return {(what, each, field) for each in numbers} if field else None


def of_fdinfo(path, entry):
    return {("fd", entry["fd"], "close-on-exec")} if path[-1] == "flags" else None


def of_mapping(path, entry):
    return {("mapping", int(str(entry["start"]), 0), "prot")} if path[-1] == "prot" else None


def candidates(folder):
    """[(image, path, what diff must say)]"""
    core, = (name for name in os.listdir(folder) if name.startswith("core-"))
    pid = int(re.findall(r"\d+", core)[0])
    tables = decode(os.path.join(folder, "fdinfo-2.img"))["entries"]
    fds = {}
    for each in tables:
        fds.setdefault((each["type"], each["id"]), []).append(each["fd"])
    images = {name: decode(os.path.join(folder, name))
              for name in (core, "files.img", "fdinfo-2.img", "mm-%d.img" % pid)}
    found = []
    for name, data in images.items():
        for path, _ in members(data):
            entry = data["entries"][path[1]] if path[0] == "entries" else None
            if name == core:
                said = of_core(path, pid)
            elif name == "files.img":
                said = of_file(entry, path, fds)
            elif name == "fdinfo-2.img":
                said = of_fdinfo(path, entry)
            else:
                said = of_mapping(path, entry["vmas"][path[3]]) if "vmas" in path else None
            if said:
                found.append((name, path, said))
    return images, found


def described(row):
    """A line of diff as candidates() has it."""
    if row["what"] == "mapping":
        return row["what"], int(row["new_range"]["start"], 16), row.get("field")
    if row["what"] == "register":
        return row["what"], row["tid"], row["name"]
    return row["what"], row.get("fd", row.get("tid")), row.get("field")


def mutate(data, path):
    """Change a member; returns what undoes it."""
    for key in path[:-1]:
        data = data[key]
    before = data[path[-1]]
    data[path[-1]] = not before if isinstance(before, bool) else before ^ 1 if before >= 0 else 0

    def undo():
        data[path[-1]] = before
    return undo


def check_fields(folder, chance):
    images, found = candidates(os.path.join(folder, "fds/img"))
    copy = os.path.join(folder, "copy")
    shutil.copytree(os.path.join(folder, "fds/img"), copy)
    kinds = {}
    for each in found:  # as many of each kind of thing as there is room for
        kinds.setdefault((each[0], each[1][-1]), []).append(each)
    if len(found) < 200:
        sys.exit("only %d members are known" % len(found))
    chosen = [chance.choice(each) for each in kinds.values()]
    chance.shuffle(chosen)
    for name, path, said in (chosen + found)[:COUNT]:
        undo = mutate(images[name], path)
        encode(images[name], os.path.join(copy, name))
        # What a thread was doing is concluded from its registers.
        rows = [row for row in diff(os.path.join(folder, "fds/img"), copy)
                if (row["what"], row.get("field")) != ("thread", "state")]
        if set(map(described, rows)) != said or len(rows) != len(said):
            sys.exit("%s, %s: diff must say %s, not\n%s" % (
                name, ".".join(map(str, path)), said, "\n".join(map(str, rows))))
        undo()
        shutil.copy(os.path.join(folder, "fds/img", name), copy)


# ---- Memory ---------------------------------------------------------------------------------


def pages_of(folder):
    """{address: (offset in the pages image, or None)} of what the images have, and the mappings."""
    pid, = (name[3:-4] for name in os.listdir(folder) if name.startswith("mm-"))
    head, *runs = decode(os.path.join(folder, "pagemap-%s.img" % pid))["entries"]
    places, off = {}, 0
    for run in runs:
        if int(run["flags"]) & PRESENT:
            for i in range(run.get("nr_pages") or run["compat_nr_pages"]):
                places[int(str(run["vaddr"]), 0) + i * PAGE] = off
                off += PAGE
    vmas = decode(os.path.join(folder, "mm-%s.img" % pid))["entries"][0]["vmas"]
    return os.path.join(folder, "pages-%d.img" % head["pages_id"]), places, vmas


def said_bytes(row):
    return int(row["new_range"]["start"], 16), row["old_bytes"], row["new_bytes"]


def check_bytes(folder, chance):
    old, copy = os.path.join(folder, "old"), os.path.join(folder, "copy-of-old")
    shutil.copytree(old, copy)
    _, places, _ = pages_of(old)
    path, _, _ = pages_of(copy)
    with open(path, "r+b") as file:
        for page in chance.sample(sorted(places), 12):
            at = chance.choice((0, PAGE - 1, chance.randrange(PAGE)))
            before = os.pread(file.fileno(), 1, places[page] + at)
            after = bytes([before[0] ^ 1 << chance.randrange(8)])
            os.pwrite(file.fileno(), after, places[page] + at)
            rows = diff("--bytes", "--sysroot", os.path.join(folder, "root"), old, copy)
            os.pwrite(file.fileno(), before, places[page] + at)
            wanted = [(page + at, before.hex(), after.hex())]
            others = [row for row in rows if row["what"] not in ("range", "memory")]
            if [said_bytes(row) for row in rows if row["what"] == "range"] != wanted or others \
                    or sum(row.get("changed_bytes", 0) for row in rows) != PAGE:
                sys.exit("%s was changed, not\n%s" % (wanted, "\n".join(map(str, rows))))


def contents(folder):
    """{page: bytes} of private memory that is in the images or was never written."""
    path, places, vmas = pages_of(folder)
    pages = {}
    with open(path, "rb") as file:
        for vma in vmas:
            start, end = int(str(vma["start"]), 0), int(str(vma["end"]), 0)
            for page in range(start, end, PAGE):
                if page in places:
                    pages[page] = os.pread(file.fileno(), PAGE, places[page])
                elif vma["fd"] == -1 and not int(str(vma["status"]), 0) & FILE_PRIVATE:
                    pages[page] = bytes(PAGE)
    return pages


def check_pair(folder):
    """All pages of two dumps of one process that both have in the images, or as zeros."""
    old, new = contents(os.path.join(folder, "old")), contents(os.path.join(folder, "new"))
    wanted = {page for page in old.keys() & new.keys() if old[page] != new[page]}
    said = set()
    for row in diff("--ranges", "--only", "memory", "--sysroot", os.path.join(folder, "root"),
                    os.path.join(folder, "old"), os.path.join(folder, "new")):
        if row["what"] == "range" and row["how"] == "changed":
            said |= set(range(int(row["new_range"]["start"], 16),
                              int(row["new_range"]["end"], 16), PAGE))
    said &= old.keys() & new.keys()
    if said != wanted or len(wanted) < 5:
        sys.exit("changed pages: %s, not %s" % (sorted(map(hex, said)), sorted(map(hex, wanted))))


def main():
    chance = random.Random(int(os.environ.get("SEED", "6")))
    with tempfile.TemporaryDirectory(prefix="critcore-") as folder:
        for name in ("explore", "diff"):
            subprocess.run(["tar", "-C", folder, "-xJf",
                            os.path.join(HERE, "../data/%s.tar.xz" % name)], check=True)
        os.makedirs(os.path.join(folder, "root/tmp/steps"))
        os.rename(os.path.join(folder, "program"), os.path.join(folder, "root/tmp/steps/program"))
        check_fields(folder, chance)
        check_bytes(folder, chance)
        check_pair(folder)


if __name__ == "__main__":
    main()
