# SPDX-License-Identifier: LGPL-2.1-or-later
"""A checkpoint with what go-criu has a name or a form for, and recorded ones seldom have: every
state, type, family and protocol of sockets, addresses of all shapes, sizes of buffers, files and
mappings of every kind, whose records may be missing."""

import os
import sys
import tempfile

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "mk"))

import mk  # noqa: E402

FOWN = "fown { uid: 0 euid: 0 signum: 0 pid_type: 0 pid: 0 }"
TIMES = "so_snd_tmo_sec: 0 so_snd_tmo_usec: 0 so_rcv_tmo_sec: 0 so_rcv_tmo_usec: 0"
SIZES = (0, 1, 1023, 1024, 1100, 1536, 212992, 1048575, 1048576, 4294967295)
ADDRESSES = (  # words of four bytes, as the bytes lie in memory
    "src_addr: 0x0100007f dst_addr: 0", "src_addr: 0xffffffff",
    "src_addr: 0 src_addr: 0 src_addr: 0 src_addr: 0x01000000 dst_addr: 0 dst_addr: 0 dst_addr: 0 "
    "dst_addr: 0",
    "src_addr: 0xb80d0120 src_addr: 0 src_addr: 0x0100 src_addr: 0x78563412",
    "src_addr: 0 src_addr: 0 src_addr: 0xffff0000 src_addr: 0x0100007f",
    "src_addr: 0 src_addr: 0 src_addr: 0 src_addr: 0x0403a8c0", "")
NAMES = ("", "/run/a.sock\\000", "\\000abstract", "run/b", "/run/<&>.sock\\000", "/run/\\303\\251")
STATUSES = (0x201, 0x200, 0x41, 0x81, 0x101, 0x401, 0x801, 0x2001, 0x9, 0x5, 0x3, 0x4, 0x1001)
PROTOCOLS = (0, 1, 2, 6, 17, 58, 132, 136, 255, 262, 99)


def opts(number):
    """Options of a socket; the sizes of its buffers are those of SIZES."""
    return (f"opts {{ so_sndbuf: {SIZES[number % len(SIZES)]} "
            f"so_rcvbuf: {SIZES[(number + 3) % len(SIZES)]} {TIMES} }}")


def inet_sockets():
    """Every state, type, family and protocol, one thing at a time."""
    usual = {"family": 2, "type": 1, "proto": 6, "state": 1, "ports": "src_port: 80 dst_port: 0",
             "addr": ADDRESSES[0]}
    odd = [{"state": state} for state in range(14)] + [{"type": kind} for kind in range(1, 12)]
    odd += [{"proto": number} for number in PROTOCOLS]
    odd += [{"addr": addr, "family": 10 if addr.count("src") > 1 else 2} for addr in ADDRESSES]
    odd += [{"ports": "src_port: 0 dst_port: 65535"}]
    for number, change in enumerate(odd):
        v = {**usual, **change}
        yield ("INETSK", f"family: {v['family']} type: {v['type']} proto: {v['proto']} "
               f"state: {v['state']} {v['ports']} flags: 2 backlog: 0 {v['addr']} {FOWN} "
               f"{opts(number)} ip_opts {{ }}", "isk", f"ino: {100 + number}")


def other_sockets():
    """UNIX, netlink and packet sockets."""
    for number, name in enumerate(NAMES):
        yield ("UNIXSK", f"type: {1 + number % 2} state: {(0, 1, 7, 10)[number % 4]} flags: 2 "
               f"uflags: 0 backlog: 0 peer: {number % 2} {FOWN} {opts(number)} name: \"{name}\"",
               "usk", f"ino: {300 + number}")
    for number, protocol in enumerate((0, 4, 16, 99)):
        yield ("NETLINKSK", f"protocol: {protocol} state: {number} flags: 2 portid: 7 groups: 1 "
               f"dst_portid: 0 dst_group: 0 {FOWN} {opts(number)}", "nlsk", f"ino: {400 + number}")
    for number, protocol in enumerate((0, 0x0300, 0x0008)):
        yield ("PACKETSK", f"type: {2 + number} protocol: {protocol} flags: 2 ifindex: {number} "
               f"version: 0 reserve: 0 aux_data: false orig_dev: false vnet_hdr: false loss: false "
               f"timestamp: 0 copy_thresh: 0 {FOWN} {opts(number)}", "psk", "")


def files():
    """files.img, and the descriptors of process 1 in fdinfo-1.img."""
    records, fds = [], []
    for number, (kind, fields, name, ino) in enumerate((*inet_sockets(), *other_sockets()), 10):
        records.append(f"file_entry type: {kind} id: {number} "
                       f"{name} {{ id: {number} {ino} {fields} }}")
        fds.append((number, kind))
    records += [f"file_entry type: REG id: {number} reg {{ id: {number} flags: 0 pos: {number} "
                f"{FOWN} name: \"{name}\" }}"
                for number, name in ((1, "/"), (2, "/bin/a <b>"), (3, "/x"))]
    records += [f"file_entry type: PIPE id: 4 pipe {{ id: 4 pipe_id: 77 flags: 0 {FOWN} }}",
                f"file_entry type: EVENTFD id: 5 efd {{ id: 5 flags: 0 counter: 1 {FOWN} }}"]
    # The last ones have no record, or one of another kind.
    fds += [(1, "REG"), (4, "PIPE"), (5, "EVENTFD"), (900, "REG"), (901, "PIPE"), (902, "UNIXSK"),
            (5, "REG"), (4, "UNIXSK")]
    return records, [f"fdinfo_entry id: {number} flags: 0 type: {kind} fd: {fd}"
                     for fd, (number, kind) in enumerate(fds)]


def mappings(exe, statuses):
    """mm_entry: a mapping of three pages for each status, its file being 2, 3 or none."""
    out = [f"mm_entry mm_start_code: 0 mm_end_code: 0 mm_start_data: 0 mm_end_data: 0 "
           f"mm_start_stack: 0 mm_start_brk: 0 mm_brk: 0 mm_arg_start: 0 mm_arg_end: 0 "
           f"mm_env_start: 0 mm_env_end: 0 exe_file_id: {exe}"]
    # Without a last one that has no pages go-criu's rss fails.
    for number, (status, flags, pgoff) in enumerate((*statuses, (0x4, 0x22, 0))):
        start = 0x10000 * (number + 1)
        out.append(f"\tvmas {{ start: {start:#x} end: {start + 0x3000:#x} pgoff: {pgoff:#x} "
                   f"shmid: {(2, 3, 900)[number % 3]} prot: {number % 8} flags: {flags:#x} "
                   f"status: {status:#x} fd: -1 }}")
    return out


def task(pid, exe, statuses, runs, fds):
    """The images of a process."""
    yield f"@image core-{pid}.img CORE"
    yield (f"core_entry mtype: X86_64 tc {{ task_state: {1 if pid < 5 else 3} exit_code: 0 "
           f"personality: 0 flags: 0 blk_sigset: 0 comm: \"c{pid}\\\"<\\\\\" }}")
    yield f"@image ids-{pid}.img IDS"
    yield f"task_kobj_ids_entry vm_id: {pid} files_id: {pid} fs_id: {pid} sighand_id: {pid}"
    yield f"@image fdinfo-{pid}.img FDINFO"
    yield from fds
    yield f"@image fs-{pid}.img FS"
    yield f"fs_entry cwd_id: {pid} root_id: {900 if pid > 1 else 1}"
    yield f"@image mm-{pid}.img MM"
    yield from mappings(exe, statuses)
    yield f"@image pagemap-{pid}.img PAGEMAP"
    yield f"pagemap_head pages_id: {pid}"
    for vaddr, nr in runs:
        yield f"pagemap_entry vaddr: {vaddr:#x} compat_nr_pages: 0 nr_pages: {nr} flags: 4"


def lines():
    """The description, for tests/mk."""
    records, fds = files()
    yield "@image inventory.img INVENTORY"
    yield "inventory_entry img_version: 2 fdinfo_per_id: true"
    yield "@image pstree.img PSTREE"
    for pid, ppid in ((1, 0), (2, 1), (3, 1), (4, 3), (5, 4)):
        yield f"pstree_entry pid: {pid} ppid: {ppid} pgid: {pid % 3} sid: {pid % 2} threads: {pid}"
    yield "@image files.img FILES"
    yield from records
    for old in ("reg-files", "pipes", "unixsk"):  # go-criu looks there for what it does not find
        yield f"@image {old}.img {old.upper().replace('-', '_')}"
    statuses = [(status, 0x22, 0x1000 * (status & 1)) for status in STATUSES]
    statuses += [(0x201, 0x122, 0), (0x41, 2, 0)]
    yield from task(1, 2, statuses, ((0x10000, 1), (0x11000, 2), (0x30000, 0x21)), fds)
    yield from task(2, 900, [(0x41, 2, 0), (0x81, 1, 0x2000), (0x101, 1, 0), (0x201, 2, 0)],
                    ((0x10000, 3), (0x22000, 1)), ())
    yield from task(3, 5, [(0x201, 2, 0)] * 2, (), fds[:1])
    yield from task(4, 3, [(0x401, 1, 0), (0x801, 1, 0), (0x201, 2, 0)], ((0x12000, 1),), fds[-8:])
    yield from task(5, 3, [(0x201, 2, 0)] * 2, ((0x10000, 1),), ())


def make(folder):
    """Make the images."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="ascii") as file:
        file.write("\n".join(lines()) + "\n")
        file.flush()
        sections = mk.sections(file.name)
    mk.prepare(sections)
    for words, content in sections:
        mk.carry_out(words, content, folder)
