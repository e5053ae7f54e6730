# SPDX-License-Identifier: LGPL-2.1-or-later
"""Damages to checkpoints of the programs that hold what few checkpoints have: terminals, watches,
timers, locks, connections, System V objects, mounts, namespaces, control groups."""

import os

from damage import both, cut, cut_by, drop, each, edit, empty, field, swap, vma, without

RDEV_PTMX = 1282
# A control group of its own in the hierarchies that there are; none is fine, too.
GROUP = "critcore-check"
HIERARCHIES = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids")
JOIN_GROUP = ("for dir in %s; do [ ! -e $dir/cgroup.procs ] || { mkdir -p $dir/%s &&"
              " echo $$ >$dir/%s/cgroup.procs; }; done;" % (" ".join(HIERARCHIES), GROUP, GROUP))

# Errors although all is as it was: of two records that contradict each other CRIU believes the
# right one here.
UNSEEN = {"mappings that overlap", "a socket of another type than its peer"}


def leave_group():
    for hierarchy in HIERARCHIES:
        path = os.path.join(hierarchy, GROUP)
        if os.path.isdir(path):
            os.rmdir(path)


def info(change, index=None, at=0):
    """Change the settings of a terminal: of one end of the pair with this index, or the first."""
    def do(entries):
        chosen = [entry for entry in entries
                  if index is None or entry.get("pty", {}).get("index") == index]
        change(chosen[at])
    return edit("tty-info.img", do)


def of_file(kind, number, change):
    """Change an open file of a type, counted from 0."""
    def do(entries):
        change([entry for entry in entries if entry["type"] == kind][number])
    return edit("files.img", do)


def stream(fields):
    """Change what the image of the first connection says; numbers begin anew after 2^32."""
    return edit("tcp-stream-*.img", lambda entries: entries[0].update(
        (key, number % 2**32) for key, number in fields(entries[0]).items()))


def take(name, choose):
    """Remove the records that are chosen."""
    def do(entries):
        entries[:] = [entry for entry in entries if not choose(entry)]
    return edit(name, do)


def is_master(entry):
    return entry.get("rdev") == RDEV_PTMX


def has_session(entry):
    return entry["sid"] != 0


TTYS = {
    "no settings": drop("tty-info.img"),
    "settings empty": empty("tty-info.img"),
    "settings cut": cut("tty-info.img"),
    "no data": drop("tty-data.img"),
    "data of no terminal": field("tty-data.img", "tty_id", 4711),
    "data twice": edit("tty-data.img", lambda entries: entries.append(dict(entries[0]))),
    "settings of no terminal": of_file("TTY", 0, lambda e: e["tty"].update(tty_info_id=4711)),
    "no file of its name": of_file("TTY", 0, lambda e: e["tty"].update(regf_id=4711)),
    "no regf_id": of_file("TTY", 0, lambda e: e["tty"].pop("regf_id")),
    "a name of another kind": of_file("TTY", 0, lambda e: e["tty"].update(regf_id=1)),
    "no pty": info(lambda e: e.pop("pty")),
    "type UNKNOWN": info(lambda e: e.update(type="UNKNOWN")),
    "type CONSOLE": info(lambda e: e.update(type="CONSOLE")),
    "type CTTY": info(lambda e: e.update(type="CTTY")),
    "type EXT_TTY": info(lambda e: e.update(type="EXT_TTY")),
    "type 9": info(lambda e: e.update(type=9)),
    "rdev 0": info(lambda e: e.update(rdev=0)),
    "rdev of a disk": info(lambda e: e.update(rdev=0x801)),
    "dev 0": info(lambda e: e.update(dev=0)),
    "few control characters": info(lambda e: e["termios"].update(c_cc=[1, 2, 3])),
    "many control characters": info(lambda e: e["termios"].update(c_cc=[1] * 40)),
    "few locked control characters": info(lambda e: e["termios_locked"].update(c_cc=[])),
    "no termios": info(lambda e: e.pop("termios")),
    "no termios_locked": info(lambda e: e.pop("termios_locked")),
    "no winsize": info(lambda e: e.pop("winsize")),
    "a slave without winsize": info(lambda e: e.pop("winsize"), 2, 1),
    "no settings of a master at all": info(lambda e: [e.pop(name) for name in (
        "termios", "termios_locked", "winsize")]),
    "no settings of a slave at all": info(lambda e: [e.pop(name) for name in (
        "termios", "termios_locked", "winsize")], 2, 1),
    "another index": info(lambda e: e["pty"].update(index=7)),
    "an index of another pair": info(lambda e: e["pty"].update(index=2)),
    "index 65535": info(lambda e: e["pty"].update(index=65535), 2, 0),
    "index 1000000": both(info(lambda e: e["pty"].update(index=1000000), 2, 1),
                          info(lambda e: e["pty"].update(index=1000000), 2, 0)),
    "a foreground that is not there": each("tty-info.img",
                                           lambda e: e["pgrp"] and e.update(pgrp=4711)),
    "no master": both(take("tty-info.img", lambda e: is_master(e) and e["pty"]["index"] == 2)),
    "uid 4711": each("tty-info.img", lambda e: e.update(uid=4711)),
    "an id above all terminals": info(lambda e: e.update(id=4711)),
    "settings twice": edit("tty-info.img", lambda entries: entries.append(dict(entries[0]))),
    "settings of no file": edit("tty-info.img", lambda entries: entries.append(
        dict(entries[0], id=33, pty={"index": 9}))),
    "no terminals": without("TTY"),
    "a session of the tree that is not there": field("pstree.img", "sid", 4711, 1),
    "the job in a session of its own": field("pstree.img", "sid", lambda sid: sid + 1, -1),
    "the job in a group that is not there": field("pstree.img", "pgid", 4711, -1),
    "pgid 0": field("pstree.img", "pgid", 0, -1),
    "sid 0": field("pstree.img", "sid", 0, -1),
    "a session of a sibling": edit("pstree.img", lambda entries: entries[-1].update(
        sid=entries[1]["sid"])),
}

EVENTS = {
    "no epoll targets' fdinfo": field("fdinfo-2.img", "fd", lambda fd: fd + 100, -5),
    "epoll of no descriptor": of_file("EVENTPOLL", 0, lambda e: e["epfd"]["tfd"][0].update(tfd=99)),
    "epoll of itself": of_file("EVENTPOLL", 0, lambda e: e["epfd"]["tfd"][0].update(tfd=3)),
    "epolls in a circle": of_file("EVENTPOLL", 0, lambda e: e["epfd"]["tfd"][0].update(tfd=4)),
    "epoll of a regular file": of_file("EVENTPOLL", 0, lambda e: e["epfd"]["tfd"][0].update(tfd=7)),
    "epoll of a descriptor twice": of_file("EVENTPOLL", 0, lambda e: e["epfd"]["tfd"].append(
        dict(e["epfd"]["tfd"][0]))),
    "epoll events 0": of_file("EVENTPOLL", 0, lambda e: e["epfd"]["tfd"][0].update(events=0)),
    "inotify wd 0": of_file("INOTIFY", 0, lambda e: e["ify"]["wd"][0].update(wd=0)),
    "inotify wd -1": of_file("INOTIFY", 0, lambda e: e["ify"]["wd"][0].update(wd=0xffffffff)),
    "inotify wd twice": of_file("INOTIFY", 0, lambda e: e["ify"]["wd"][0].update(wd=1)),
    "inotify of one file twice": of_file("INOTIFY", 0, lambda e: e["ify"]["wd"].append(
        dict(e["ify"]["wd"][0], wd=3))),
    "inotify wd far away": of_file("INOTIFY", 0, lambda e: e["ify"]["wd"][0].update(wd=3000)),
    "inotify in disorder": of_file("INOTIFY", 0, lambda e: swap(e["ify"]["wd"])),
    "inotify mask 0": of_file("INOTIFY", 0, lambda e: e["ify"]["wd"][0].update(mask=0)),
    "inotify mask of no event": of_file("INOTIFY", 0, lambda e: e["ify"]["wd"][0].update(
        mask=0x1000)),
    "inotify a short handle": of_file("INOTIFY", 0, lambda e: e["ify"]["wd"][0][
        "f_handle"].update(handle=[1, 2])),
    "fanotify without me": of_file("FANOTIFY", 0, lambda e: e["ffy"]["mark"][0].pop("me")),
    "fanotify without ie": of_file("FANOTIFY", 0, lambda e: e["ffy"]["mark"][1].pop("ie")),
    "fanotify type 9": of_file("FANOTIFY", 0, lambda e: e["ffy"]["mark"][0].update(type=9)),
    "fanotify of no mount": of_file("FANOTIFY", 0, lambda e: e["ffy"]["mark"][0]["me"].update(
        mnt_id=4711)),
    "fanotify of no mount without path": of_file("FANOTIFY", 0, lambda e: e["ffy"]["mark"][
        0].update(me={"mnt_id": 4711})),
    "fanotify mask 0": of_file("FANOTIFY", 0, lambda e: e["ffy"]["mark"][0].update(mask=0)),
    "timerfd of no clock": of_file("TIMERFD", 0, lambda e: e["tfd"].update(clockid=99)),
    "timerfd of another clock": of_file("TIMERFD", 0, lambda e: e["tfd"].update(clockid=2)),
    "timerfd nanoseconds": of_file("TIMERFD", 0, lambda e: e["tfd"].update(vnsec=2000000000)),
    "timerfd interval nanoseconds": of_file("TIMERFD", 0, lambda e: e["tfd"].update(
        insec=2000000000)),
    "timerfd interval 2^63": of_file("TIMERFD", 0, lambda e: e["tfd"].update(isec=1 << 63)),
    "timerfd time 2^63": of_file("TIMERFD", 0, lambda e: e["tfd"].update(vsec=1 << 63)),
    "eventfd counter 2^64-1": of_file("EVENTFD", 0, lambda e: e["efd"].update(
        counter=(1 << 64) - 1)),
    "signalfd of every signal": of_file("SIGNALFD", 0, lambda e: e["sgfd"].update(
        sigmask=(1 << 64) - 1)),
    "no memfds": drop("memfd.img"),
    "a memfd of no inode": of_file("MEMFD", 0, lambda e: e["memfd"].update(inode_id=4711)),
    "memfd seals -1": field("memfd.img", "seals", 0xffffffff),
    "memfd seals 64": field("memfd.img", "seals", 64),
    "memfd sealed twice": field("memfd.img", "seals", 15),
    "memfd of no size": field("memfd.img", "size", 0),
    "memfd smaller than its pages": field("memfd.img", "size", 4096),
    "memfd larger": field("memfd.img", "size", 1 << 20),
    "memfd of 2^63 bytes": field("memfd.img", "size", 1 << 63),
    "memfd contents that are not there": field("memfd.img", "shmid", 4711),
    "memfd long name": field("memfd.img", "name", "x" * 300),
    "memfd mode 0": field("memfd.img", "mode", 0),
    "memfd uid": field("memfd.img", "uid", 4711),
    "memfd twice": edit("memfd.img", lambda entries: entries.append(dict(entries[0]))),
    "memfd position": of_file("MEMFD", 1, lambda e: e["memfd"].update(pos=1 << 63)),
    "pidfd of no process": of_file("PIDFD", 0, lambda e: e["pidfd"].update(nspid=4711)),
    "pidfd 0": of_file("PIDFD", 0, lambda e: e["pidfd"].update(nspid=0)),
    "pidfd -2": of_file("PIDFD", 0, lambda e: e["pidfd"].update(nspid=-2)),
    "pidfd of a thread": of_file("PIDFD", 0, lambda e: e["pidfd"].update(flags=0x80)),
    "pidfd of a dead one of its own": of_file("PIDFD", 1, lambda e: e["pidfd"].update(ino=4711)),
    "locks empty": empty("filelocks.img"),
    "locks cut": cut("filelocks.img"),
    "no locks": drop("filelocks.img"),
    "a lock of no process": field("filelocks.img", "pid", 4711),
    "a lock of no descriptor": field("filelocks.img", "fd", 99),
    "a lock of another kind of file": field("filelocks.img", "fd", 3),
    "a lock of no kind": field("filelocks.img", "flag", 0),
    "a lock of two kinds": field("filelocks.img", "flag", 3),
    "a lock of type 9": field("filelocks.img", "type", 9),
    "a lock of type unlock": field("filelocks.img", "type", 2),
    "a lock that ends before it begins": field("filelocks.img", "len", -100),
    "a lock from -5": field("filelocks.img", "start", -5),
    "a flock of type 9": field("filelocks.img", "type", 9, 2),
    "an ofd lock of no kind": field("filelocks.img", "type", 9, 1),
    "an ofd lock of no descriptor": field("filelocks.img", "fd", 99, 1),
    "a lease of type 9": field("filelocks.img", "type", 9, 3),
    "a lease for writing": field("filelocks.img", "type", 1, 3),
    "locks twice": edit("filelocks.img", lambda entries: entries.append(dict(entries[0]))),
    "flocks twice": edit("filelocks.img", lambda entries: entries.append(dict(entries[2]))),
    "no timers": field("core-{root}.img", "tc.timers", None),
    "timer nanoseconds": field("core-{root}.img", "tc.timers", lambda t: (
        t["posix"][0].update(vnsec=2000000000), t)[1]),
    "timer interval nanoseconds": field("core-{root}.img", "tc.timers", lambda t: (
        t["posix"][0].update(insec=2000000000), t)[1]),
    "timer interval 2^63": field("core-{root}.img", "tc.timers", lambda t: (
        t["posix"][0].update(isec=1 << 63), t)[1]),
    "timer of no clock": field("core-{root}.img", "tc.timers", lambda t: (
        t["posix"][0].update(clock_id=99), t)[1]),
    "timer signal 99": field("core-{root}.img", "tc.timers", lambda t: (
        t["posix"][0].update(si_signo=99), t)[1]),
    "timer notifies in way 9": field("core-{root}.img", "tc.timers", lambda t: (
        t["posix"][0].update(it_sigev_notify=9), t)[1]),
    "timer notifies a thread": field("core-{root}.img", "tc.timers", lambda t: (
        t["posix"][0].update(it_sigev_notify=4, notify_thread_id=4711), t)[1]),
    "timer of id 1000": field("core-{root}.img", "tc.timers", lambda t: (
        t["posix"][1].update(it_id=1000), t)[1]),
    "timers of one id": field("core-{root}.img", "tc.timers", lambda t: (
        t["posix"][1].update(it_id=0), t)[1]),
    "timers in disorder": field("core-{root}.img", "tc.timers", lambda t: (
        swap(t["posix"]), t)[1]),
    "itimer microseconds": field("core-{root}.img", "tc.timers", lambda t: (
        t["real"].update(vusec=2000000), t)[1]),
    "itimer interval microseconds": field("core-{root}.img", "tc.timers", lambda t: (
        t["real"].update(iusec=2000000), t)[1]),
    "itimer seconds 2^63": field("core-{root}.img", "tc.timers", lambda t: (
        t["virt"].update(isec=1 << 63), t)[1]),
}

INET = {
    "no stream": drop("tcp-stream-*.img"),
    "stream empty": empty("tcp-stream-*.img"),
    "stream cut": cut("tcp-stream-*.img"),
    "stream short by a byte": cut_by("tcp-stream-*.img", 1),
    "no unsq_len": field("tcp-stream-*.img", "unsq_len", None),
    "unsq_len above outq_len": field("tcp-stream-*.img", "unsq_len", 4711),
    "no rcv_wscale": field("tcp-stream-*.img", "rcv_wscale", None),
    "rcv_wscale 99": field("tcp-stream-*.img", "rcv_wscale", 99),
    "no timestamp": field("tcp-stream-*.img", "timestamp", None),
    "no snd_wnd": field("tcp-stream-*.img", "snd_wnd", None),
    "opt_mask -1": field("tcp-stream-*.img", "opt_mask", 0xffffffff),
    "opt_mask 0": field("tcp-stream-*.img", "opt_mask", 0),
    "opt_mask TS without": both(field("tcp-stream-*.img", "opt_mask", 1)),
    "mss_clamp 0": field("tcp-stream-*.img", "mss_clamp", 0),
    "snd_wscale 99": field("tcp-stream-*.img", "snd_wscale", 99),
    "sequence": field("tcp-stream-*.img", "inq_seq", 0),
    "window ahead": stream(lambda e: {"rcv_wup": e["inq_seq"] + 1}),
    "window behind": stream(lambda e: {"rcv_wup": e["inq_seq"] - 9}),
    "window below": stream(lambda e: {"max_window": e["snd_wnd"] - 1}),
    "window update ahead": stream(lambda e: {"snd_wl1": e["inq_seq"] + e["rcv_wnd"] + 1}),
    "family 99": of_file("INETSK", 1, lambda e: e["isk"].update(family=99)),
    "IPv6 addresses of IPv4": of_file("INETSK", 4, lambda e: e["isk"].update(family=2)),
    "IPv4 addresses of IPv6": of_file("INETSK", 1, lambda e: e["isk"].update(family=10)),
    "no dst_addr": of_file("INETSK", 1, lambda e: e["isk"].pop("dst_addr")),
    "no src_addr": of_file("INETSK", 0, lambda e: e["isk"].pop("src_addr")),
    "type 9": of_file("INETSK", 1, lambda e: e["isk"].update(type=9)),
    "a connection of datagrams": of_file("INETSK", 1, lambda e: e["isk"].update(type=2)),
    "datagrams that listen": of_file("INETSK", 6, lambda e: e["isk"].update(state=10)),
    "proto 99": of_file("INETSK", 1, lambda e: e["isk"].update(proto=99)),
    "proto 99 listening": of_file("INETSK", 0, lambda e: e["isk"].update(proto=99)),
    "proto udp of a stream": of_file("INETSK", 1, lambda e: e["isk"].update(proto=17)),
    "proto tcp of datagrams": of_file("INETSK", 6, lambda e: e["isk"].update(proto=6)),
    "state 0": of_file("INETSK", 1, lambda e: e["isk"].update(state=0)),
    "state 99": of_file("INETSK", 1, lambda e: e["isk"].update(state=99)),
    "state 99 of datagrams": of_file("INETSK", 6, lambda e: e["isk"].update(state=99)),
    "state SYN_RECV": of_file("INETSK", 1, lambda e: e["isk"].update(state=3)),
    "state NEW_SYN_RECV": of_file("INETSK", 1, lambda e: e["isk"].update(state=12)),
    "state TIME_WAIT": of_file("INETSK", 1, lambda e: e["isk"].update(state=6)),
    "state CLOSE_WAIT": of_file("INETSK", 1, lambda e: e["isk"].update(state=8)),
    "state CLOSE of a connection": of_file("INETSK", 1, lambda e: e["isk"].update(state=7)),
    "state LISTEN of a connection": of_file("INETSK", 1, lambda e: e["isk"].update(state=10)),
    "shutdown 9": of_file("INETSK", 6, lambda e: e["isk"].update(shutdown=9)),
    "shutdown of a listener": of_file("INETSK", 0, lambda e: e["isk"].update(shutdown="READ")),
    "port 70000": of_file("INETSK", 0, lambda e: e["isk"].update(src_port=70000)),
    "an ino twice": edit("files.img", lambda entries: [
        entry["isk"].update(ino=4711) for entry in entries if entry["type"] == "INETSK"]),
    "backlog -1": of_file("INETSK", 0, lambda e: e["isk"].update(backlog=0xffffffff)),
    "a network namespace that is not there": of_file("INETSK", 0, lambda e: e["isk"].update(
        ns_id=99)),
    "sndbuf 0": of_file("INETSK", 6, lambda e: e["isk"]["opts"].update(so_sndbuf=0)),
    "timeout": of_file("INETSK", 6, lambda e: e["isk"]["opts"].update(so_snd_tmo_usec=2000000)),
    "no sockets": without("INETSK"),
    "netlink protocol 99": of_file("NETLINKSK", 0, lambda e: e["nlsk"].update(protocol=99)),
    "netlink groups": of_file("NETLINKSK", 0, lambda e: e["nlsk"].update(groups=[1, 2])),
    "netlink no groups": of_file("NETLINKSK", 0, lambda e: e["nlsk"].update(groups=[])),
    "netlink state 9": of_file("NETLINKSK", 0, lambda e: e["nlsk"].update(state=9)),
    "netlink state 1": of_file("NETLINKSK", 0, lambda e: e["nlsk"].update(state=1)),
    "netlink port twice": of_file("NETLINKSK", 0, lambda e: e["nlsk"].update(portid=0)),
    "packet type 9": of_file("PACKETSK", 0, lambda e: e["psk"].update(type=9)),
    "packet protocol": of_file("PACKETSK", 0, lambda e: e["psk"].update(protocol=0)),
    "packet version 9": of_file("PACKETSK", 0, lambda e: e["psk"].update(version=9)),
    "packet mclist": of_file("PACKETSK", 0, lambda e: e["psk"].update(
        mclist=[{"index": 1, "type": 9, "addr": ""}])),
}


def mount_at(where, change):
    def do(entries):
        change([entry for entry in entries if entry["mountpoint"] == where][0])
    return edit("mountpoints-*.img", do)


BOXED = {
    "no mounts": drop("mountpoints-*.img"),
    "mounts empty": empty("mountpoints-*.img"),
    "mounts cut": cut("mountpoints-*.img"),
    "no root": take("mountpoints-*.img", lambda e: e["mountpoint"] == "/"),
    "no /kept": take("mountpoints-*.img", lambda e: e["mountpoint"] == "/kept"),
    "no mounts at all": take("mountpoints-*.img", lambda e: True),
    "a mount on nothing": mount_at("/proc", lambda e: e.update(parent_mnt_id=4711)),
    "a mount on itself": mount_at("/proc", lambda e: e.update(parent_mnt_id=e["mnt_id"])),
    "the root on another mount": mount_at("/", lambda e: e.update(parent_mnt_id=4711)),
    "the root on itself": mount_at("/", lambda e: e.update(parent_mnt_id=e["mnt_id"])),
    "a mount id twice": edit("mountpoints-*.img", lambda entries: entries[0].update(
        mnt_id=entries[1]["mnt_id"])),
    "a mount twice": edit("mountpoints-*.img", lambda entries: entries.append(dict(entries[0]))),
    "two roots": edit("mountpoints-*.img", lambda entries: entries.append(
        dict(entries[-1], mnt_id=4711))),
    "mounts in a circle": edit("mountpoints-*.img", lambda entries: (
        entries[0].update(parent_mnt_id=entries[1]["mnt_id"]),
        entries[1].update(parent_mnt_id=entries[0]["mnt_id"]))),
    "a mount of type 99": mount_at("/kept", lambda e: e.update(fstype=99)),
    "a mount of AUTO without name": mount_at("/kept", lambda e: e.update(fstype=0xffff)),
    "a mount of AUTO": mount_at("/kept", lambda e: e.update(fstype=0xffff, fsname="tmpfs")),
    "a mount of UNSUPPORTED": mount_at("/kept", lambda e: e.update(fstype=0)),
    "a file system's name too much": mount_at("/kept", lambda e: e.update(fsname="tmpfs")),
    "a device that nothing has": mount_at("/bound", lambda e: e.update(root_dev=99)),
    "a shared group of its own": mount_at("/kept", lambda e: e.update(shared_id=99)),
    "a slave of its source": mount_at("/bound", lambda e: e.update(master_id=1)),
    "internal sharing": mount_at("/kept", lambda e: e.update(internal_sharing=True)),
    "no tmpfs contents": drop("tmpfs-dev-*.tar.gz.img"),
    "a file on no mount": edit("files.img", lambda entries: [
        entry["reg"].update(mnt_id=4711) for entry in entries
        if entry["type"] == "REG" and entry["reg"]["name"] == "/kept/file"]),
    "a program on no mount": field("files.img", "reg.mnt_id", 4711),
    "a file on another mount": edit("files.img", lambda entries: [
        entry["reg"].update(mnt_id=entries[0]["reg"]["mnt_id"]) for entry in entries
        if entry["type"] == "REG" and entry["reg"]["name"] == "/kept/file"]),
    "no variables": drop("ipcns-var-*.img"),
    "variables empty": empty("ipcns-var-*.img"),
    "few sem_ctls": field("ipcns-var-*.img", "sem_ctls", [1, 2]),
    "no sem_ctls": field("ipcns-var-*.img", "sem_ctls", []),
    "many sem_ctls": field("ipcns-var-*.img", "sem_ctls", [1] * 9),
    "no semaphores": drop("ipcns-sem-*.img"),
    "semaphores empty": empty("ipcns-sem-*.img"),
    "semaphores cut": cut_by("ipcns-sem-*.img", 3),
    "semaphores twice": edit("ipcns-sem-*.img", lambda entries: entries.append(dict(entries[0]))),
    "a key twice": both(edit("ipcns-sem-*.img", lambda entries: entries.append(
        dict(entries[0], desc=dict(entries[0]["desc"], id=1))))),
    "id 2^31": field("ipcns-sem-*.img", "desc.id", (1 << 31) + 5),
    "id of another sequence": field("ipcns-sem-*.img", "desc.id", 32768 * 3 + 1),
    "id 40": field("ipcns-sem-*.img", "desc.id", 40),
    "no messages": drop("ipcns-msg-*.img"),
    "messages cut": cut_by("ipcns-msg-*.img", 4),
    "messages above qbytes": field("ipcns-msg-*.img", "qbytes", 4),
    "qbytes 2^31": field("ipcns-msg-*.img", "qbytes", 1 << 31),
    "messages' id 5000000000": field("ipcns-msg-*.img", "desc.id", 40000),
    "messages of uid 4711": field("ipcns-msg-*.img", "desc.uid", 4711),
    "no segments": drop("ipcns-shm-*.img"),
    "segments empty": empty("ipcns-shm-*.img"),
    "segments cut": cut("ipcns-shm-*.img"),
    "segments twice": edit("ipcns-shm-*.img", lambda entries: entries.append(dict(entries[0]))),
    "a segment of another id": field("ipcns-shm-*.img", "desc.id", 4711),
    "a segment of no bytes": field("ipcns-shm-*.img", "size", 0),
    "a smaller segment": field("ipcns-shm-*.img", "size", 4096),
    "a larger segment": field("ipcns-shm-*.img", "size", 1 << 20),
    "a segment without pagemap": drop("pagemap-shmem-0.img"),
    "a huge segment": field("ipcns-shm-*.img", "hugetlb_flag", 4),
    "a mapping of no segment": vma(lambda vmas: [
        each_vma.update(shmid=4711) for each_vma in vmas if each_vma["status"] & 0x400]),
    "segments of one key": edit("ipcns-shm-*.img", lambda entries: entries[1]["desc"].update(
        key=77)),
    "mode 0": field("ipcns-shm-*.img", "desc.mode", 0),
    "no names": drop("utsns-*.img"),
    "names empty": empty("utsns-*.img"),
    "a long name": field("utsns-*.img", "nodename", "x" * 200),
    "no name": field("utsns-*.img", "nodename", ""),
    "two names": edit("utsns-*.img", lambda entries: entries.append(dict(entries[0]))),
    "no netns": drop("netns-*.img"),
    "netns empty": empty("netns-*.img"),
    "few settings of IPv4": field("netns-*.img", "def_conf4", lambda conf: conf[:3]),
    "unknown settings of IPv4": field("netns-*.img", "def_conf4", lambda conf: conf + conf),
    "a setting of type 9": field("netns-*.img", "def_conf4", lambda conf: [
        dict(conf[0], type=9)] + conf[1:]),
    "a setting without value": field("netns-*.img", "def_conf4", lambda conf: [
        {"type": "CTL_32"}] + conf[1:]),
    "few settings of unix": field("netns-*.img", "unix_conf", []),
    "no devices": drop("netdev-*.img"),
    "devices empty": empty("netdev-*.img"),
    "no lo": take("netdev-*.img", lambda e: e["name"] == "lo"),
    "a device twice": edit("netdev-*.img", lambda entries: entries.append(dict(entries[0]))),
    "an external device": field("netdev-*.img", "type", "EXTLINK"),
    "no addresses": drop("ifaddr-*.img"),
    "addresses empty": empty("ifaddr-*.img"),
    "no routes": drop("route-*.img"),
    "no rules": drop("rule-*.img"),
    "no nftables": drop("nftables-*.img"),
    "no clocks": drop("timens-0.img"),
    "clocks empty": empty("timens-0.img"),
    "a clock of 2000000000 ns": field("timens-0.img", "monotonic.tv_nsec", 2000000000),
    "a namespace file of nothing": of_file("NS", 0, lambda e: e["nsf"].update(ns_id=99)),
    "a namespace file of another kind": of_file("NS", 0, lambda e: e["nsf"].update(
        ns_cflag=0x40000000)),
    "a namespace file of no kind": of_file("NS", 0, lambda e: e["nsf"].update(ns_cflag=0)),
}

GROUPS = {
    "no groups": drop("cgroup.img"),
    "groups empty": empty("cgroup.img"),
    "groups cut": cut("cgroup.img"),
    "a cg_set that is not there": field("core-{root}.img", "thread_core.cg_set", 4711),
    "cg_set 0": field("core-{root}.img", "thread_core.cg_set", 0),
    "no cg_set": field("core-{root}.img", "thread_core.cg_set", None),
    "no sets": field("cgroup.img", "sets", []),
    "no controllers": field("cgroup.img", "controllers", []),
    "a set twice": field("cgroup.img", "sets", lambda sets: sets + sets),
    "a set of id 0": field("cgroup.img", "sets", lambda sets: [dict(one, id=0) for one in sets]),
    "a set without members": field("cgroup.img", "sets", lambda sets: [
        dict(one, ctls=[]) for one in sets]),
    "a member of no controller": field("cgroup.img", "sets", lambda sets: [
        dict(one, ctls=[dict(ctl, name="nonsense") for ctl in one["ctls"]]) for one in sets]),
    "a relative path": field("cgroup.img", "sets", lambda sets: [
        dict(one, ctls=[dict(ctl, path="") for ctl in one["ctls"]]) for one in sets]),
    "a prefix of the path": field("cgroup.img", "sets", lambda sets: [
        dict(one, ctls=[dict(ctl, cgns_prefix=3) for ctl in one["ctls"]]) for one in sets]),
    "a prefix longer than the path": field("cgroup.img", "sets", lambda sets: [
        dict(one, ctls=[dict(ctl, cgns_prefix=300) for ctl in one["ctls"]]) for one in sets]),
    "a controller without name": field("cgroup.img", "controllers", lambda all_of: [
        dict(one, cnames=[]) for one in all_of]),
    "a controller that is not there": field("cgroup.img", "controllers", lambda all_of: [
        dict(one, cnames=["nonsense"]) for one in all_of]),
    "no dirs": field("cgroup.img", "controllers", lambda all_of: [
        dict(one, dirs=[]) for one in all_of]),
    "a dir twice": field("cgroup.img", "controllers", lambda all_of: [
        dict(one, dirs=one.get("dirs", []) * 2) for one in all_of]),
    "a dir without name": field("cgroup.img", "controllers", lambda all_of: [
        dict(one, dirs=[dict(d, dir_name="") for d in one.get("dirs", [])]) for one in all_of]),
    "a property that is not there": field("cgroup.img", "controllers", lambda all_of: [
        dict(one, dirs=[dict(d, properties=[{"name": "nonsense", "value": "1"}])
                        for d in one.get("dirs", [])]) for one in all_of]),
    "a property of nonsense": field("cgroup.img", "controllers", lambda all_of: [
        dict(one, dirs=[dict(d, properties=[{"name": "pids.max", "value": "nonsense"}])
                        for d in one.get("dirs", [])]) for one in all_of]),
}
