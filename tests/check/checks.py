# SPDX-License-Identifier: LGPL-2.1-or-later
"""Damages the checkpoint of tests/cases/check.inc, one place at a time, and asks `critcore check`.

Each row of DAMAGES names the check that must find the damage; an error must end with exit status 1,
anything else with 0. Every check there is must have a row. tests/live/check.py compares with what
criu itself says of such damages.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "mk"))
import mk  # noqa: E402

CRITCORE = os.path.join(os.environ.get("BUILD", "build"), "critcore")
BASE = os.path.join(TOP, "tests", "cases", "check.inc")
FOWN = " fown { uid: 0 euid: 0 signum: 0 pid_type: 0 pid: 0 }"
OPTS = (" opts { so_sndbuf: 1 so_rcvbuf: 1 so_snd_tmo_sec: 0 so_snd_tmo_usec: 0 so_rcv_tmo_sec: 0"
        " so_rcv_tmo_usec: 0 }")
INET = ("file_entry type: INETSK id: 20 isk { id: 20 ino: 32 family: 2 type: 1 proto: 6 state: %d"
        " src_port: 1 dst_port: 2 flags: 2 backlog: 0%s" + FOWN + OPTS + " }")
NEST = "children { dir_name: \"x\" %s }"
DEEP = functools.reduce(lambda inner, _: NEST % inner, range(110), "")


# ---- what can be done to a checkpoint -----------------------------------------------------------

def edit(image, old, new, times=1):
    """Replace text in the description of an image."""
    def do(folder, texts):
        words, lines = texts[image]
        text = "\n".join(lines)
        assert text.count(old) >= 1, "%s has no %r" % (image, old)
        make(folder, words, text.replace(old, new, times).split("\n"))
    return do


def add(image, *lines):
    """Add records to an image, or make it."""
    def do(folder, texts):
        words, old = texts.get(image, (["image", image, KINDS.get(image)], []))
        make(folder, words, old + list(lines))
    return do


def new(image, kind, *lines):
    return lambda folder, texts: make(folder, ["image", image, kind], list(lines))


def drop(image):
    return lambda folder, texts: os.unlink(os.path.join(folder, image))


def copy(image, name):
    def do(folder, texts):
        shutil.copy(os.path.join(folder, image), os.path.join(folder, name))
    return do


def resize(image, size):
    return lambda folder, texts: os.truncate(os.path.join(folder, image), size)


def raw(image, data):
    def do(folder, texts):
        path = os.path.join(folder, image)
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "wb") as file:
            file.write(data)
    return do


def link(name, target):
    def do(folder, texts):
        path = os.path.join(folder, name)
        if os.path.lexists(path):
            os.unlink(path)
        os.symlink(target, path)
    return do


def both(*steps):
    def do(folder, texts):
        for step in steps:
            step(folder, texts)
    return do


def keep_only(*images):
    def do(folder, texts):
        for name in os.listdir(folder):
            if name not in images:
                os.unlink(os.path.join(folder, name))
    return do


def packed(*members):
    """The checkpoint in an archive with a few members besides; it is what is checked then."""
    def do(folder, texts):
        path = folder + ".tar"
        with tarfile.open(path, "w") as archive:
            archive.add(folder, "checkpoint")
            for name in members:
                archive.addfile(tarfile.TarInfo(name))
        return path
    return do


def misnamed(folder, texts):
    """The checkpoint in the layer of an image, under a digest that it has not."""
    path = os.path.join(folder, "blobs/sha256", 64 * "0")
    os.makedirs(os.path.dirname(path))
    os.rename(packed()(folder, texts), path)
    return path


def make(folder, words, lines):
    with open(os.path.join(folder, words[1]), "wb") as file:
        file.write(mk.image_bytes(words[1:], mk.content_lines(lines)))


# ---- the damages --------------------------------------------------------------------------------

CORE5, CORE6, MM, FILES, INV = "core-5.img", "core-6.img", "mm-5.img", "files.img", "inventory.img"
PAGEMAP = "pagemap-5.img"
KINDS = {"cpuinfo.img": "CPUINFO", "filelocks.img": "FILE_LOCKS"}
TTY = "file_entry type: TTY id: 21 tty { id: 21 tty_info_id: 9 flags: 2 regf_id: 2" + FOWN + " }"
TTY_INFO = ("tty_info_entry id: 9 type: %s locked: false exclusive: false packet_mode: false sid: 0"
            " pgrp: 0 rdev: 34816 %s")
MOUNT = ("mnt_entry fstype: 5 mnt_id: %d root_dev: 5 parent_mnt_id: %d flags: 0 root: \"/\""
         " mountpoint: \"%s\" source: \"none\" options: \"\"")
OWN_MOUNTS = both(edit("ids-5.img", "mnt_ns_id: 6", "mnt_ns_id: 7"),
                  new("mountpoints-7.img", "MNTS", MOUNT % (40, 39, "/"), MOUNT % (41, 40, "/proc")))
SEM = ("ipc_sem_entry desc { key: 1 uid: 0 gid: 0 cuid: 0 cgid: 0 mode: 0 id: 1 } nsems: 1")
IDS9 = "task_kobj_ids_entry vm_id: 3 files_id: 3 fs_id: 3 sighand_id: 3 pid_ns_id: 1 net_ns_id: 9"
COMPRESSED = edit(INV, "img_version: 2", "img_version: 3 compress: 1 compress_block_size: 4096")

DAMAGES = [
    # (check, severity, damage)
    ("digest", "error", misnamed),
    ("archive", "warning", packed("checkpoint/../../evil.img")),
    ("inventory", "error", drop(INV)),
    ("inventory", "error", edit(INV, "fdinfo_per_id: true", "")),
    ("inventory", "error", edit(INV, "root_cg_set: 1", "root_cg_set: 0")),
    ("version", "error", edit(INV, "img_version: 2", "img_version: 4")),
    ("version", "error", edit(INV, "img_version: 2", "img_version: 2 compress: 1")),
    ("version", "error", edit(INV, "img_version: 2", "img_version: 3 compress: 7")),
    ("image-empty", "error", raw(MM, b"")),
    ("image-kind", "error", new(CORE6, "MM")),
    ("image-kind", "error", raw("pstree.img", b"\x7fELF\0\0\0\0")),
    ("image-cut", "error", resize(FILES, 100)),
    ("image-cut", "error", resize("pipes-data.img", 24)),
    ("image-unreadable", "error", link("seccomp.img", "core-5.img")),
    ("record", "error", new("fs-5.img", "FS", "hex 08 03")),
    ("record", "error", new("fs-5.img", "FS", "hex ff ff ff")),
    ("record", "error", new("fs-5.img", "FS", "hex 0d 00 00 00 00 10 03")),
    ("record-depth", "error", edit("cgroup.img", "dirs { dir_name: \"/small\" }",
                                   "dirs { dir_name: \"/small\" %s }" % DEEP)),
    ("record-enum", "warning", add("fdinfo-2.img", "hex 08 02 10 00 18 63 20 09")),
    ("record-count", "error", add("fs-5.img", "fs_entry cwd_id: 3 root_id: 3")),
    ("record-count", "error", new("seccomp.img", "SECCOMP")),
    ("unknown-image", "note", raw("unheard-of.img", b"?")),
    ("not-checked", "note", raw("route-9.img", b"?")),
    ("needs-version", "note", COMPRESSED),
    ("needs-option", "note", edit(INV, "img_version: 2", "img_version: 2 tcp_close: true")),
    ("needs-option", "note", edit("pstree.img", "sid: 5", "sid: 4", 2)),
    ("needs-plugin", "warning", edit(INV, "img_version: 2",
                                     "img_version: 2 plugins_entry { plugins: \"amdgpu\" }")),
    ("pre-dump", "warning", keep_only(PAGEMAP, "pages-1.img")),
    ("tree", "error", drop("pstree.img")),
    ("tree", "error", new("pstree.img", "PSTREE")),
    ("tree-pid", "error", edit("pstree.img", "threads: 6", "threads: 9")),
    ("tree-parent", "error", edit("pstree.img", "ppid: 5", "ppid: 8")),
    ("tree-parent", "error", edit("pstree.img", "pid: 9 ppid: 5", "pid: 9 ppid: 0")),
    ("tree-threads", "error", edit("pstree.img", "threads: 5 threads: 6", "threads: 7 threads: 6")),
    ("tree-session", "error",
     add("pstree.img", "pstree_entry pid: 10 ppid: 9 pgid: 5 sid: 77 threads: 10")),
    ("core-missing", "error", drop(CORE6)),
    ("core-missing", "error", drop("core-9.img")),
    ("core-cpu", "error", edit(CORE6, "mtype: X86_64", "mtype: S390")),
    ("core-state", "error", edit(CORE5, "task_state: 1", "task_state: 4")),
    ("core-thread", "error", edit(CORE6, "thread_core {", "tc { task_state: 1 exit_code: 0"
                                  " personality: 0 flags: 0 blk_sigset: 0 comm: \"\" }"
                                  " thread_core {")),
    ("core-registers", "error", edit(CORE6, "each(st_space: 0, 32)", "each(st_space: 0, 31)")),
    ("core-registers", "error", edit(CORE6, "each(xmm_space: 0, 64)", "each(xmm_space: 0, 64)"
                                     " xsave { xstate_bv: 0 ymmh_space: 1 }")),
    ("core-limits", "error", edit(CORE5, "cur: 1024", "cur: 5000")),
    ("core-signals", "error", edit(CORE5, "task_state: 1", "task_state: 1 sigactions {"
                                   " sigaction: 0 flags: 0 restorer: 0 mask: 0 }")),
    ("core-seccomp", "error", edit(CORE5, "seccomp_filter: 1", "seccomp_filter: 2")),
    ("core-seccomp", "error", drop("seccomp.img")),
    ("core-seccomp", "error", edit("seccomp.img", "prev: 0", "prev: 5")),
    ("ids", "error", drop("ids-5.img")),
    ("image-missing", "error", drop(MM)),
    ("image-missing", "error", drop(PAGEMAP)),
    ("image-missing", "error", drop("fdinfo-2.img")),
    ("image-missing", "error", drop("fs-5.img")),
    ("image-missing", "error", drop(FILES)),
    ("image-stray", "warning", copy(CORE6, "core-7.img")),
    ("image-stray", "warning", new("fdinfo-3.img", "FDINFO", "fdinfo_entry id: 2 flags: 0 type: REG"
                                   " fd: 0")),
    ("namespace", "error", edit("ids-5.img", "uts_ns_id: 4", "uts_ns_id: 5")),
    ("namespace", "error", edit("ids-5.img", "pid_ns_id: 1", "pid_ns_id: 9")),
    ("namespace", "error", both(edit("core-9.img", "task_state: 2", "task_state: 1"),
                                new("ids-9.img", "IDS", IDS9))),
    ("vma-range", "error", edit(MM, "end: 0x14000", "end: 0x10000")),
    ("vma-range", "error", edit(MM, "start: 0x30000", "start: 0x30800")),
    ("vma-order", "error", edit(MM, "end: 0x14000", "end: 0x21000")),
    ("vma-order", "error", edit(MM, "start: 0x30000 end: 0x32000", "start: 0x8000 end: 0x9000")),
    ("vma-kind", "error", edit(MM, "status: 0x201", "status: 0x1")),
    ("vma-file", "error", edit(MM, "shmid: 1 ", "shmid: 11 ")),
    ("vma-shared", "error", drop("pagemap-shmem-77.img")),
    ("exe", "error", edit(MM, "exe_file_id: 1", "exe_file_id: 4")),
    ("pagemap-entry", "error", edit(PAGEMAP, "nr_pages: 1 flags: 4", "nr_pages: 1 flags: 5")),
    ("pagemap-entry", "error", edit(PAGEMAP, "nr_pages: 1 flags: 4", "nr_pages: 1 flags: 0")),
    ("pagemap-entry", "error", both(COMPRESSED, edit(
        PAGEMAP, "nr_pages: 1 flags: 4",
        "nr_pages: 1 flags: 4"
        " blocks { block_sizes: 9 total_payload_size: 8 pages_per_block: 1 }"))),
    ("pagemap-order", "error", edit(PAGEMAP, "0x12000", "0x10000")),
    ("pagemap-vma", "error", edit(PAGEMAP, "0x12000", "0x15000")),
    ("pagemap-vma", "error", edit(PAGEMAP, "0x21000", "0x30000")),
    ("pagemap-parent", "error", edit(PAGEMAP, "nr_pages: 1 flags: 4", "nr_pages: 1 flags: 1")),
    ("pagemap-lazy", "warning", both(edit(PAGEMAP, "flags: 6", "flags: 2"),
                                     resize("pages-1.img", 8192))),
    ("parent", "error", link("parent", "nowhere")),
    ("pages-missing", "error", drop("pages-1.img")),
    ("pages-size", "error", resize("pages-1.img", 12287)),
    ("pages-size", "warning", resize("pages-1.img", 12289)),
    ("pages-size", "error", both(COMPRESSED, edit(
        PAGEMAP, "nr_pages: 1 flags: 6",
        "nr_pages: 1 flags: 6 blocks { block_sizes: 9 total_payload_size: 9 pages_per_block: 1 }"),
                                 resize("pages-1.img", 8192))),
    ("pages-punched", "warning", both(resize("pages-1.img", 0), resize("pages-1.img", 12288))),
    ("pages-stray", "warning", raw("pages-9.img", b"?")),
    ("file-id", "error", edit(FILES, "id: 3 reg { id: 3", "id: 2 reg { id: 2")),
    ("file-body", "error", edit(FILES, "type: PIPE id: 4", "type: FIFO id: 4")),
    ("file-body", "error", edit(FILES, "id: 2 reg { id: 2", "id: 2 reg { id: 12")),
    ("fd-file", "error", edit("fdinfo-2.img", "id: 4 ", "id: 44 ")),
    ("fd-number", "error", edit("fdinfo-2.img", "fd: 7", "fd: 2147483647")),
    ("fd-number", "warning", edit("fdinfo-2.img", "fd: 7", "fd: 2000000")),
    ("fd-double", "error", edit("fdinfo-2.img", "fd: 2", "fd: 1")),
    ("fs", "error", edit("fs-5.img", "root_id: 3", "root_id: 4")),
    ("file-mount", "error", both(OWN_MOUNTS, edit(FILES, "name: \"/dev/null\"",
                                                  "name: \"/dev/null\" mnt_id: 99"))),
    ("remap", "error", edit("remap-fpath.img", "orig_id: 10", "orig_id: 4")),
    ("remap", "error", drop("ghost-file-1a.img")),
    ("remap", "error", edit("remap-fpath.img", "remap_id: 26 remap_type: GHOST",
                            "remap_id: 26 remap_type: LINKED")),
    ("ghost", "error", resize("ghost-file-1a.img", 24)),
    ("pipe-data", "error", edit("pipes-data.img", "pipe_id: 40", "pipe_id: 41")),
    ("pipe-data", "error", edit("pipes-data.img", "size: 65536", "size: 4")),
    ("fifo", "error", add(FILES, "file_entry type: FIFO id: 22"
                          " fifo { id: 22 pipe_id: 9 regf_id: 99 }")),
    ("socket-peer", "error", edit(FILES, "peer: 70", "peer: 71")),
    ("socket-peer", "error", edit(FILES, "ino: 70 type: 1", "ino: 70 type: 2")),
    ("socket-queue", "error", edit("sk-queues.img", "id_for: 6", "id_for: 5")),
    ("socket-queue", "error", edit("sk-queues.img", "rights: 2", "rights: 99")),
    ("socket-address", "error", add(FILES, INET % (7, ""))),
    ("socket-stream", "error", add(FILES, INET % (1, " src_addr: 1 dst_addr: 1"))),
    ("tty", "error", add(FILES, TTY)),
    ("tty", "error", both(add(FILES, TTY), new("tty-info.img", "TTY_INFO",
                                              TTY_INFO % ("PTY", "")))),
    ("epoll", "error", edit(FILES, "tfd: 1", "tfd: 50")),
    ("memfd", "error", drop("memfd.img")),
    ("memfd", "error", drop("pagemap-shmem-78.img")),
    ("pidfd", "error", add(FILES, "file_entry type: PIDFD id: 23 pidfd { id: 23 ino: 1 flags: 0"
                           " nspid: 77" + FOWN + " }")),
    ("ns-file", "error", add(FILES, "file_entry type: NS id: 24 nsf { id: 24 ns_id: 99 ns_cflag: 0"
                             " flags: 0 }")),
    ("file-lock", "warning", add("filelocks.img", "file_lock_entry flag: 1 type: 1 pid: 5 fd: 70"
                                 " start: 0 len: 0")),
    ("watch", "warning", add(FILES, "file_entry type: INOTIFY id: 25 ify { id: 25 flags: 0"
                             " wd { id: 25 i_ino: 1 mask: 1 ignored_mask: 0 s_dev: 1 wd: 1 f_handle { bytes: 8"
                             " type: 1 handle: 1 } }" + FOWN + " }")),
    ("mount", "error", both(OWN_MOUNTS, new("mountpoints-7.img", "MNTS", MOUNT % (40, 39, "/"),
                                            MOUNT % (41, 50, "/proc")))),
    ("mount", "error", both(OWN_MOUNTS, new("mountpoints-7.img", "MNTS", MOUNT % (40, 39, "/"),
                                            MOUNT % (40, 40, "/proc")))),
    ("mount", "error", both(OWN_MOUNTS, new("mountpoints-7.img", "MNTS", MOUNT % (40, 39, "/"),
                                            MOUNT % (41, 42, "/a"), MOUNT % (42, 41, "/a/b")))),
    ("mount", "error", both(OWN_MOUNTS, new("mountpoints-7.img", "MNTS",
                                            MOUNT % (41, 40, "/proc")))),
    ("cgroup", "error", edit("cgroup.img", "id: 2", "id: 3")),
    ("cgroup", "error", drop("cgroup.img")),
    ("cgroup", "error", edit("cgroup.img", "cnames: \"name=systemd\"", "cnames: \"cpu\"")),
    ("ipc", "error", new("ipcns-sem-3.img", "IPCNS_SEM", SEM, "payload hex 01 00 00 00 00 00 00 00",
                         SEM, "payload hex 01 00 00 00 00 00 00 00")),
]
# What depends on this machine, or on options: (check, severity, damage, options).
WITH_OPTIONS = [
    ("cpu-kind", "warning", both(edit(CORE5, "mtype: X86_64", "mtype: S390"),
                                 edit(CORE6, "mtype: X86_64", "mtype: S390")), []),
    ("host-file", "error", lambda folder, texts: None, ["--no-cpu", "--files"]),
]
X86_ONLY = [
    ("cpu-features", "warning",
     edit(CORE5, "each(xmm_space: 0, 64)",
          "each(xmm_space: 0, 64) xsave { xstate_bv: 8 }"), []),  # MPX: no kernel has it any more
]


# ---- running ------------------------------------------------------------------------------------

def check(folder, options):
    done = subprocess.run([CRITCORE, "check", "--json", *options, folder], capture_output=True,
                          text=True, errors="surrogateescape", timeout=60)
    if done.returncode not in (0, 1) or done.stderr:
        raise AssertionError("exit status %d: %s" % (done.returncode, done.stderr))
    return done.returncode, json.loads(done.stdout)["findings"]


def all_checks():
    done = subprocess.run([CRITCORE, "check", "--list", "--json"], capture_output=True, text=True,
                          check=True, timeout=60)
    return [row["check"] for row in json.loads(done.stdout)]


def describe(findings):
    return "\n".join("    %(severity)s %(check)s %(file)s: %(text)s" % row for row in findings)


def run_damage(scratch, number, texts, row):
    wanted, severity, damage = row[:3]
    folder = os.path.join(scratch, "damaged")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(os.path.join(scratch, "img"), folder, symlinks=True)
    archive = damage(folder, texts)
    status, findings = check(archive or folder, row[3] if len(row) > 3 else ["--no-cpu"])
    found = [one for one in findings if one["check"] == wanted and one["severity"] == severity]
    if found and status == any(one["severity"] == "error" for one in findings) and \
            status >= (severity == "error"):
        return True
    print("damage %d should be a %s of %s; exit status %d, and found is\n%s" % (
        number, severity, wanted, status, describe(findings) or "    nothing"))
    return False


def main():
    mk.encode = functools.lru_cache(maxsize=None)(mk.encode)
    rows = DAMAGES + WITH_OPTIONS + (X86_ONLY if os.uname().machine == "x86_64" else [])
    failed = 0
    with tempfile.TemporaryDirectory(prefix="critcore-") as scratch:
        texts = {}
        for words, lines in mk.sections(BASE):
            texts[words[1]] = (words, lines)
            mk.carry_out(words, lines, os.path.join(scratch, "img"))
        status, findings = check(os.path.join(scratch, "img"), ["--no-cpu"])
        if status or findings:
            print("the sound one: exit status %d\n%s" % (status, describe(findings)))
            failed += 1
        for number, row in enumerate(rows):
            failed += not run_damage(scratch, number, texts, row)
    untested = set(all_checks()) - {row[0] for row in DAMAGES + WITH_OPTIONS + X86_ONLY}
    if untested:
        print("no damage is there for " + ", ".join(sorted(untested)))
    print("%d damages, %d not found" % (len(rows), failed))
    return 1 if failed or untested else 0


if __name__ == "__main__":
    sys.exit(main())
