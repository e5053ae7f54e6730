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
NETLINK = ("file_entry type: NETLINKSK id: 28 nlsk { id: 28 ino: 33 protocol: %d state: 7 flags: 2"
           " portid: 1 groups: %d groups: %d dst_portid: 0 dst_group: 0" + FOWN + OPTS + " }")
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


def again(image, old, new_text, *lines):
    """Replace text and add records."""
    def do(folder, texts):
        words, text = texts[image]
        make(folder, words, "\n".join(text).replace(old, new_text, 1).split("\n") + list(lines))
    return do


def cut_out(image, first, last):
    """Take the text from one place to another out, @last excluded."""
    def do(folder, texts):
        words, lines = texts[image]
        text = "\n".join(lines)
        start = text.index(first)
        make(folder, words, (text[:start] + text[text.index(last, start):]).split("\n"))
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


def terminal(old="", new_text=""):
    """The master of pseudo-terminal 4, open and sound but for one thing."""
    text = TTY_INFO % ("PTY", SETTINGS + " pty { index: 4 }")
    text = text.replace("34816", "1282")
    assert old in text
    return both(add(FILES, DEVICE, TTY_FILES),
                new("tty-info.img", "TTY_INFO", text.replace(old, new_text, 1)))


def inotify(*watches):
    """An inotify of (wd, mask, i_ino)."""
    return add(FILES, "file_entry type: INOTIFY id: 25 ify { id: 25 flags: 0 " + " ".join(
        "wd { id: 25 i_ino: %d mask: %d ignored_mask: 0 s_dev: 1 wd: %d f_handle { bytes: 8 type: 1"
        " path: \"/x\" } }" % (ino, mask, wd) for wd, mask, ino in watches) + FOWN + " }")


def fanotify(mark):
    return add(FILES, "file_entry type: FANOTIFY id: 26 ffy { id: 26 flags: 0 faflags: 0 evflags: 0"
               " mark { id: 26 mflags: 0 ignored_mask: 0 s_dev: 1 " + mark + " }" + FOWN + " }")


def lock(text):
    return add("filelocks.img", "file_lock_entry " + text)


def timer(old, new_text):
    """Change the timers of the process."""
    return edit(CORE5, old, new_text)


def timerfd(text):
    return add(FILES, "file_entry type: TIMERFD id: 27 tfd { id: 27 flags: 0 ticks: 0"
               " settime_flags: 0 isec: 0 insec: 0 " + text + FOWN + " }")


def stream(old="", new_text=""):
    """A connection that is sound but for one thing of its image."""
    text = ("tcp_stream_entry inq_len: 0 inq_seq: 1 outq_len: 0 outq_seq: 1 opt_mask: 5"
            " snd_wscale: 7 mss_clamp: 1000 rcv_wscale: 7 timestamp: 1 unsq_len: 0")
    assert old in text
    return both(add(FILES, INET % (1, " src_addr: 1 dst_addr: 1")),
                new("tcp-stream-20.img", "TCP_STREAM", text.replace(old, new_text, 1)))


def mounts(*more):
    return both(OWN_MOUNTS, new("mountpoints-7.img", "MNTS", MOUNT % (40, 39, "/"),
                                MOUNT % (41, 40, "/proc"), *more))


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
C_CC = " ".join("c_cc: 1" for _ in range(19))
TERMIOS = ("{ c_iflag: 0 c_oflag: 0 c_cflag: 0 c_lflag: 0 c_line: 0 c_ispeed: 0 c_ospeed: 0 " +
           C_CC + " }")
SETTINGS = ("termios " + TERMIOS + " termios_locked " + TERMIOS +
            " winsize { ws_row: 1 ws_col: 1 ws_xpixel: 0 ws_ypixel: 0 }")
TTY_FILES = TTY.replace("regf_id: 2", "regf_id: 30")
DEVICE = ("file_entry type: REG id: 30 reg { id: 30 flags: 0 pos: 0 name: \"/dev/pts/4\""
          " mode: 020600" + FOWN + " }")
MOUNT = ("mnt_entry fstype: 5 mnt_id: %d root_dev: 5 parent_mnt_id: %d flags: 0 root: \"/\""
         " mountpoint: \"%s\" source: \"none\" options: \"\"")
OWN_MOUNTS = both(edit("ids-5.img", "mnt_ns_id: 6", "mnt_ns_id: 7"),
                  new("mountpoints-7.img", "MNTS",
                      MOUNT % (40, 39, "/"), MOUNT % (41, 40, "/proc")))
SEM = ("ipc_sem_entry desc { key: 1 uid: 0 gid: 0 cuid: 0 cgid: 0 mode: 0 id: 1 } nsems: 1")
IDS9 = "task_kobj_ids_entry vm_id: 3 files_id: 3 fs_id: 3 sighand_id: 3 pid_ns_id: 1 net_ns_id: 9"
COMPRESSED = edit(INV, "img_version: 2", "img_version: 3 compress: 1 compress_block_size: 4096")

OTHER = (MOUNT % (42, 40, "/a")).replace("root_dev: 5", "root_dev: 6")
BOX = ("memfd_inode_entry name: \"box\" uid: 0 gid: 0 size: 4096 shmid: %d seals: 0"
       " inode_id: 1 mode: 0100777")
IPC_VAR = ("ipc_var_entry %s msg_ctlmax: 1 msg_ctlmnb: 1 msg_ctlmni: 1 auto_msgmni: 0 shm_ctlmax: 1"
           " shm_ctlall: 1 shm_ctlmni: 1 shm_rmid_forced: 0 mq_queues_max: 1 mq_msg_max: 1"
           " mq_msgsize_max: 1")
SHM = ("ipc_shm_entry desc { key: %d uid: 0 gid: 0 cuid: 0 cgid: 0 mode: 0 id: %d } size: %d"
       " in_pagemaps: true")

WINDOW = " snd_wnd: %d max_window: %d rcv_wnd: 10 snd_wl1: %d rcv_wup: %d"

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
    ("record-count", "warning", add("fs-5.img", "fs_entry cwd_id: 3 root_id: 3")),
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
    ("core-state", "error", cut_out(CORE5, "timers {", "}\n\tthread_core")),
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
    ("socket-stream", "error", stream(" rcv_wscale: 7", "")),
    ("socket-stream", "error", stream("snd_wscale: 7", "snd_wscale: 15")),
    ("socket-stream", "error", stream(" timestamp: 1", "")),
    ("socket-stream", "error", stream(" unsq_len: 0", "")),
    ("socket-stream", "error", stream("unsq_len: 0", "unsq_len: 0" + WINDOW % (9, 8, 1, 1))),
    ("socket-stream", "error", stream("unsq_len: 0", "unsq_len: 0" + WINDOW % (9, 9, 11, 2))),
    ("needs-option", "note", stream("unsq_len: 0", "unsq_len: 0" + WINDOW % (9, 9, 11, 1))),
    ("socket-stream", "warning", stream("unsq_len: 0", "unsq_len: 9")),
    ("socket-stream", "error", both(stream(), add(FILES, INET.replace("id: 20", "id: 31") % (
        10, " src_addr: 1 dst_addr: 1")))),
    ("needs-option", "note", stream()),
    ("socket-kind", "error", add(FILES, INET.replace("type: 1 ", "type: 9 ") % (
        7, " src_addr: 1 dst_addr: 1"))),
    ("socket-kind", "error", add(FILES, INET.replace("proto: 6", "proto: 17") % (
        7, " src_addr: 1 dst_addr: 1"))),
    ("socket-kind", "error", add(FILES, INET.replace("tmo_usec: 0", "tmo_usec: 1000000") % (
        7, " src_addr: 1 dst_addr: 1"))),
    ("socket-kind", "error", add(FILES, NETLINK % (32, 1, 0))),
    ("socket-kind", "error", add(FILES, NETLINK % (0, 1, 2))),
    ("tty", "error", add(FILES, TTY)),
    ("tty", "error", both(add(FILES, TTY), new("tty-info.img", "TTY_INFO",
                                              TTY_INFO % ("PTY", "")))),
    ("tty", "error", terminal("rdev: 1282", "rdev: 2049")),
    ("tty", "error", terminal(SETTINGS, "")),
    ("tty", "error", terminal("index: 4", "index: 5")),
    ("tty", "error", terminal("id: 9", "id: 8")),
    ("tty", "error", terminal("sid: 0 pgrp: 0", "sid: 5 pgrp: 77")),
    ("tty", "error", terminal("sid: 0 pgrp: 0", "sid: 9 pgrp: 5")),
    ("needs-option", "note", terminal("sid: 0 pgrp: 0", "sid: 77 pgrp: 77")),
    ("tty", "error", both(terminal(), add(FILES, DEVICE.replace("020600", "0100600"), TTY_FILES))),
    ("epoll", "error", edit(FILES, "tfd: 1", "tfd: 50")),
    ("epoll", "error", edit(FILES, "tfd: 1", "tfd: 5")),
    ("epoll", "error", both(add(
        "fdinfo-2.img", "fdinfo_entry id: 29 flags: 0 type: EVENTPOLL fd: 9"), again(
            FILES, "tfd: 1", "tfd: 9", "file_entry type: EVENTPOLL id: 29 epfd { id: 29 flags: 0"
            " tfd { id: 29 tfd: 5 events: 1 data: 1 }" + FOWN + " }"))),
    ("epoll", "error", edit(FILES, "tfd { id: 8 tfd: 1 events: 1 data: 1 }",
                            "tfd { id: 8 tfd: 1 events: 1 data: 1 }"
                            " tfd { id: 8 tfd: 1 events: 1 data: 2 }")),
    ("memfd", "error", drop("memfd.img")),
    ("memfd", "error", drop("pagemap-shmem-78.img")),
    ("memfd", "error", edit("memfd.img", "seals: 0", "seals: 64")),
    ("memfd", "error", edit("memfd.img", "size: 4096", "size: 9223372036854775808")),
    ("memfd", "error", edit("memfd.img", "\"box\"", "\"%s\"" % ("x" * 250))),
    ("memfd", "error", edit(FILES, "flags: 2 pos: 0 inode_id: 1",
                            "flags: 2 pos: 9223372036854775808 inode_id: 1")),
    ("memfd", "error", add("memfd.img", BOX % 9)),
    ("memfd", "warning", add("memfd.img", BOX % 78)),
    ("pidfd", "error", add(FILES, "file_entry type: PIDFD id: 23 pidfd { id: 23 ino: 1 flags: 0"
                           " nspid: 77" + FOWN + " }")),
    ("ns-file", "error", add(FILES, "file_entry type: NS id: 24 nsf { id: 24 ns_id: 99 ns_cflag: 0"
                             " flags: 0 }")),
    ("file-lock", "error", lock("flag: 1 type: 1 pid: 5 fd: 70 start: 0 len: 0")),
    ("file-lock", "error", lock("flag: 1 type: 1 pid: 77 fd: 0 start: 0 len: 0")),
    ("file-lock", "error", lock("flag: 1 type: 2 pid: 5 fd: 0 start: 0 len: 0")),
    ("file-lock", "error", lock("flag: 3 type: 1 pid: 5 fd: 0 start: 0 len: 0")),
    ("file-lock", "error", lock("flag: 4 type: 1 pid: 5 fd: 0 start: 5 len: -9")),
    ("needs-option", "note", lock("flag: 8 type: 5 pid: 5 fd: 0 start: 0 len: 0")),
    ("timer", "error", timer("vusec: 999999", "vusec: 1000000")),
    ("timer", "error", timer("vnsec: 999999999", "vnsec: 1000000000")),
    ("timer", "error", timer("isec: 1 insec", "isec: 9223372036854775808 insec")),
    ("timer", "error", timer("clock_id: 1", "clock_id: 5")),
    ("timer", "error", timer("si_signo: 12", "si_signo: 65")),
    ("timer", "error", timer("it_sigev_notify: 4", "it_sigev_notify: 3")),
    ("timer", "error", timer("notify_thread_id: 6", "notify_thread_id: 9")),
    ("timer", "error", timerfd("clockid: 2 vsec: 0 vnsec: 0")),
    ("timer", "error", timerfd("clockid: 1 vsec: 0 vnsec: 1000000000")),
    ("watch", "error", inotify((0, 1, 1))),
    ("watch", "error", inotify((1, 0x1000, 1))),
    ("watch", "error", inotify((1, 1, 1), (1, 1, 2))),
    ("watch", "error", inotify((1, 1, 1), (2, 1, 1))),
    ("watch", "error", fanotify("type: INODE mask: 1")),
    ("watch", "error", fanotify("type: MOUNT mask: 1 me { mnt_id: 77 }")),
    ("watch", "error", fanotify("type: MOUNT mask: 0 me { mnt_id: 77 path: \"/x\" }")),
    ("watch", "warning", add(FILES, "file_entry type: INOTIFY id: 25 ify { id: 25 flags: 0"
                             " wd { id: 25 i_ino: 1 mask: 1 ignored_mask: 0 s_dev: 1 wd: 1"
                             " f_handle { bytes: 8 type: 1 handle: 1 } }" + FOWN + " }")),
    ("mount", "error", both(OWN_MOUNTS, new("mountpoints-7.img", "MNTS", MOUNT % (40, 39, "/"),
                                            MOUNT % (41, 50, "/proc")))),
    ("mount", "error", both(OWN_MOUNTS, new("mountpoints-7.img", "MNTS", MOUNT % (40, 39, "/"),
                                            MOUNT % (40, 40, "/proc")))),
    ("mount", "error", both(OWN_MOUNTS, new("mountpoints-7.img", "MNTS", MOUNT % (40, 39, "/"),
                                            MOUNT % (41, 42, "/a"), MOUNT % (42, 41, "/a/b")))),
    ("mount", "error", both(OWN_MOUNTS, new("mountpoints-7.img", "MNTS",
                                            MOUNT % (41, 40, "/proc")))),
    ("mount", "error", mounts(MOUNT % (42, 39, "/"))),
    ("mount", "error", mounts(OTHER.replace("root: \"/\"", "root: \"/in\""))),
    ("mount", "error", mounts(OTHER.replace("fstype: 5", "fstype: 99"))),
    ("mount", "error", mounts(OTHER)),
    ("mount", "error", both(OWN_MOUNTS, new("mountpoints-7.img", "MNTS"))),
    ("needs-option", "note", mounts(MOUNT % (42, 40, "/a") + " master_id: 9")),
    ("needs-option", "note", mounts(MOUNT % (42, 40, "/a") + " ext_mount: true")),
    ("needs-option", "note", mounts()),
    ("image-empty", "error", raw("ifaddr-9.img", b"")),
    ("cgroup", "error", edit("cgroup.img", "id: 2", "id: 3")),
    ("cgroup", "error", drop("cgroup.img")),
    ("cgroup", "error", edit("cgroup.img", "cnames: \"name=systemd\"", "cnames: \"cpu\"")),
    ("ipc", "error", new("ipcns-var-3.img", "IPC_VAR", IPC_VAR % "sem_ctls: 1")),
    ("ipc", "error", new("ipcns-shm-3.img", "IPCNS_SHM", SHM % (1, 78, 0))),
    ("ipc", "error", new("ipcns-shm-3.img", "IPCNS_SHM", SHM % (1, 78, 4096),
                         SHM % (1, 77, 4096))),
    ("ipc", "error", new("ipcns-shm-3.img", "IPCNS_SHM", SHM % (0, 1 << 31, 4096))),
    ("ipc", "error", new("ipcns-shm-3.img", "IPCNS_SHM", SHM % (0, 99, 4096))),
    ("ipc", "error", both(edit(MM, "flags: 0x21 status: 0x101", "flags: 0x1 status: 0x401"), new(
        "ipcns-shm-3.img", "IPCNS_SHM", SHM % (0, 77, 1 << 20)))),
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
