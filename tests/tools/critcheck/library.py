# SPDX-License-Identifier: LGPL-2.1-or-later
"""libcritcore through ctypes: just what the comparisons need.

Reading pages this way is at memory speed, and it exercises the shared library's public symbols.
The structures repeat critcore.h by hand and have to follow it.
"""

import collections
import ctypes
import os
import re
from ctypes import POINTER, Structure, byref, c_bool, c_char, c_char_p, c_int, c_size_t, c_uint
from ctypes import c_uint32, c_uint64, c_uint8, c_void_p

ORIGINS = ("unmapped", "image", "zero", "file", "unavailable")
STATES = ("unknown", "alive", "stopped", "zombie")
ACTIVITIES = ("unknown", "running", "in call", "sleeping", "dead")
HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../libcritcore/include",
                      "critcore", "memory.h")
TOP = 1 << 64
NOT_FOUND = 1  # CRIT_NOT_FOUND


def _whys():
    """enum crit_why as tests name the reasons: "past eof" for CRIT_WHY_PAST_EOF."""
    with open(HEADER, encoding="utf-8") as file:
        body = re.search(r"enum crit_why \{(.*?)\n\};", file.read(), re.S).group(1)
    return [name.lower().replace("_", " ")
            for name in re.findall(r"^\tCRIT_WHY_(\w+)", body, re.M)]


WHYS = _whys()


class LibraryError(Exception):
    """A call failed; the text is the library's."""


class _Error(Structure):
    _fields_ = [("status", c_int), ("os_errno", c_int), ("has_off", c_bool), ("off", c_uint64),
                ("image", c_char * 128), ("message", c_char * 512)]


class _TaskInfo(Structure):
    _fields_ = [("pid", c_uint32), ("ppid", c_uint32), ("pgid", c_uint32), ("sid", c_uint32),
                ("state", c_int), ("exit_code", c_uint32), ("stop_signo", c_uint32),
                ("comm", c_char_p), ("nr_threads", c_size_t), ("depth", c_uint)]


class _ThreadState(Structure):
    _fields_ = [("activity", c_int), ("call_nr", ctypes.c_int32), ("call_name", c_char_p),
                ("args", c_uint64 * 6), ("has_first_arg", c_bool), ("stop_signo", c_uint32),
                ("stopped", c_bool), ("on_altstack", c_bool), ("exit_code", c_uint32)]


class _Mapping(Structure):
    _fields_ = [("start", c_uint64), ("end", c_uint64), ("prot", c_uint32), ("flags", c_uint32),
                ("status", c_uint32), ("pgoff", c_uint64), ("shmid", c_uint64), ("kind", c_int),
                ("heap", c_bool), ("stack", c_bool), ("path", c_char_p), ("name", c_char_p),
                ("deleted", c_bool)]


class _Origin(Structure):
    _fields_ = [("kind", c_int), ("why", c_int), ("vaddr", c_uint64), ("len", c_uint64),
                ("source", c_char_p), ("off", c_uint64), ("mapping", c_size_t),
                ("shared", c_bool), ("in_image", c_bool), ("level", c_uint),
                ("block_len", c_uint32), ("block_mem_len", c_uint32), ("block_pos", c_uint32),
                ("block_index", c_uint64)]


class _TlsModule(Structure):
    _fields_ = [("number", c_uint64), ("link_map", c_uint64), ("base", c_uint64),
                ("dynamic", c_uint64), ("name", c_char_p), ("plain", c_bool)]


class _Level(Structure):
    _fields_ = [("path", c_char_p), ("problem", c_char_p), ("in_pages_dir", c_bool)]


class Totals(Structure):
    """struct crit_mem_totals, in bytes."""

    _fields_ = [(name, c_uint64) for name in ("image", "zero", "file", "unavailable", "parent",
                                              "compressed", "shared", "lazy")]


class _Register(Structure):
    _fields_ = [("name", c_char_p), ("size", ctypes.c_uint16), ("available", c_bool),
                ("bytes", POINTER(c_uint8))]


_TLS_FOUND = ctypes.CFUNCTYPE(c_bool, c_void_p, POINTER(_TlsModule))
_SIGNATURES = {
    "crit_thread_find": (c_void_p, [c_void_p, c_uint32]),
    "crit_tls_modules": (c_int, [c_void_p, _TLS_FOUND, c_void_p, POINTER(_Error)]),
    "crit_tls_address": (c_int, [c_void_p, c_uint64, c_uint64, POINTER(c_uint64),
                                 POINTER(_Error)]),
    "crit_checkpoint_open": (c_int, [c_char_p, POINTER(c_void_p), POINTER(_Error)]),
    "crit_checkpoint_close": (None, [c_void_p]),
    "crit_checkpoint_set_sysroot": (c_int, [c_void_p, c_char_p, POINTER(_Error)]),
    "crit_checkpoint_set_pages_dir": (c_int, [c_void_p, c_char_p, POINTER(_Error)]),
    "crit_level_count": (c_size_t, [c_void_p]),
    "crit_level_at": (c_bool, [c_void_p, c_size_t, POINTER(_Level)]),
    "crit_checkpoint_offer_file": (c_int, [c_void_p, c_char_p, POINTER(_Error)]),
    "crit_task_count": (c_size_t, [c_void_p]),
    "crit_task_at": (c_void_p, [c_void_p, c_size_t]),
    "crit_task_find": (c_void_p, [c_void_p, c_uint32]),
    "crit_task_info": (c_int, [c_void_p, POINTER(_TaskInfo), POINTER(_Error)]),
    "crit_task_load": (c_int, [c_void_p, POINTER(_Error)]),
    "crit_task_arch": (c_char_p, [c_void_p]),
    "crit_task_big_endian": (c_bool, [c_void_p]),
    "crit_task_page_size": (c_uint32, [c_void_p]),
    "crit_task_note_at": (c_char_p, [c_void_p, c_size_t]),
    "crit_thread_count": (c_size_t, [c_void_p]),
    "crit_thread_at": (c_void_p, [c_void_p, c_size_t]),
    "crit_thread_tid": (c_uint32, [c_void_p]),
    "crit_thread_name": (c_char_p, [c_void_p]),
    "crit_thread_state": (c_int, [c_void_p, POINTER(_ThreadState), POINTER(_Error)]),
    "crit_thread_state_text": (None, [c_void_p, POINTER(_ThreadState), c_char_p, c_size_t]),
    "crit_register_count": (c_size_t, [c_void_p]),
    "crit_register_get": (c_int, [c_void_p, c_size_t, POINTER(_Register), POINTER(_Error)]),
    "crit_mapping_count": (c_size_t, [c_void_p]),
    "crit_mapping_at": (c_bool, [c_void_p, c_size_t, POINTER(_Mapping)]),
    "crit_mapping_kind_name": (c_char_p, [c_int]),
    "crit_mem_locate": (c_int, [c_void_p, c_uint64, POINTER(_Origin), POINTER(_Error)]),
    "crit_mem_read": (c_int, [c_void_p, c_uint64, c_size_t, c_char_p, POINTER(c_size_t),
                              POINTER(_Error)]),
    "crit_mem_next": (c_int, [c_void_p, c_uint64, c_uint, POINTER(_Origin), POINTER(_Error)]),
    "crit_task_args": (c_int, [c_void_p, POINTER(c_void_p), POINTER(c_size_t), POINTER(_Error)]),
    "crit_task_env": (c_int, [c_void_p, POINTER(c_void_p), POINTER(c_size_t), POINTER(_Error)]),
    "crit_mem_totals": (c_int, [c_void_p, c_uint64, c_uint64, POINTER(Totals), POINTER(_Error)]),
    "crit_why_text": (c_char_p, [c_int]),
}


_free = ctypes.CDLL(None).free
_free.restype, _free.argtypes = None, [c_void_p]


def sanitized(build):
    """Whether the library was built with AddressSanitizer: Python and gdb then cannot load it."""
    with open(os.path.join(build, "libcritcore.so"), "rb") as file:
        return b"libasan.so" in file.read()


def load(build):
    """Load build/libcritcore.so."""
    lib = ctypes.CDLL(os.path.join(build, "libcritcore.so"))
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


TlsModule = collections.namedtuple("TlsModule", "number link_map name")


class Mapping:
    """One mapping: start, end, prot, kind (a name), path (or None), flags, pgoff."""

    def __init__(self, lib, raw):
        self.start, self.end, self.prot = raw.start, raw.end, raw.prot
        self.flags, self.status, self.pgoff = raw.flags, raw.status, raw.pgoff
        self.kind = lib.crit_mapping_kind_name(raw.kind).decode()
        self.path = raw.path.decode("utf-8", "surrogateescape") if raw.path else None

    def __str__(self):
        return "%#x-%#x %s %s" % (self.start, self.end, self.kind, self.path or "")


class Origin:
    """Where a range of bytes comes from: start, end, kind, why (a sentence or None), reason (a word
    of WHYS), source, level, block_len (0: in no LZ4 block)."""

    def __init__(self, lib, raw, end):
        self.start, self.end, self.off = raw.vaddr, end, raw.off
        self.kind = ORIGINS[raw.kind]
        self.why = lib.crit_why_text(raw.why).decode() if self.kind == "unavailable" else None
        self.source = raw.source.decode("utf-8", "surrogateescape") if raw.source else None
        self.reason = WHYS[raw.why]
        self.mapping = raw.mapping
        self.shared, self.in_image, self.level = raw.shared, raw.in_image, raw.level
        self.block_len = raw.block_len


class ThreadState:
    """activity (of ACTIVITIES), call_nr (or None), args (the first is None where it is lost),
    stopped, stop_signo, on_altstack, text."""

    def __init__(self, lib, thread, raw):
        self.activity = ACTIVITIES[raw.activity]
        self.call_nr = raw.call_nr if raw.call_nr >= 0 else None
        self.args = list(raw.args)
        if not raw.has_first_arg:
            self.args[0] = None
        self.stopped, self.stop_signo = raw.stopped, raw.stop_signo
        self.on_altstack = raw.on_altstack
        buf = ctypes.create_string_buffer(128)
        lib.crit_thread_state_text(thread, byref(raw), buf, len(buf))
        self.text = buf.value.decode("ascii")


class Task:
    """One process of a checkpoint."""

    def __init__(self, lib, handle, levels=()):
        self._lib, self._handle, self._levels = lib, handle, levels
        info = _TaskInfo()
        self._check(lib.crit_task_info, handle, byref(info))
        self.pid, self.ppid = info.pid, info.ppid
        self.state = STATES[info.state]
        self.comm = info.comm.decode("utf-8", "surrogateescape")
        self.exit_code, self.nr_threads = info.exit_code, info.nr_threads

    @staticmethod
    def _check(function, *arguments):
        error = _Error()
        status = function(*arguments, byref(error))
        if status:
            raise LibraryError(error.message.decode("utf-8", "replace") or "status %d" % status)

    def load(self):
        self._check(self._lib.crit_task_load, self._handle)

    def arch(self):
        """gdb's name of the CPU."""
        return self._lib.crit_task_arch(self._handle).decode()

    def big_endian(self):
        return self._lib.crit_task_big_endian(self._handle)

    def page_size(self):
        return self._lib.crit_task_page_size(self._handle)

    def notes(self):
        lines = []
        while (line := self._lib.crit_task_note_at(self._handle, len(lines))) is not None:
            lines.append(line.decode("utf-8", "replace"))
        return lines

    def threads(self):
        """(tid, name) of every thread, the leader first."""
        lib = self._lib
        handles = [lib.crit_thread_at(self._handle, i)
                   for i in range(lib.crit_thread_count(self._handle))]
        return [(lib.crit_thread_tid(h), lib.crit_thread_name(h).decode("utf-8", "replace"))
                for h in handles]

    def thread_state(self, index):
        """What the index-th thread was doing: a ThreadState."""
        thread, raw = self._lib.crit_thread_at(self._handle, index), _ThreadState()
        self._check(self._lib.crit_thread_state, thread, byref(raw))
        return ThreadState(self._lib, thread, raw)

    def tls_modules(self):
        """A TlsModule for each module with thread-local storage."""
        out = []

        def found(_, module):
            raw = module.contents
            out.append(TlsModule(raw.number, raw.link_map, raw.name.decode("utf-8", "replace")))
            return True

        self._check(self._lib.crit_tls_modules, self._handle, _TLS_FOUND(found), None)
        return out

    def tls_address(self, tid, link_map, offset):
        vaddr = c_uint64()
        thread = self._lib.crit_thread_find(self._handle, tid)
        self._check(self._lib.crit_tls_address, thread, link_map, offset, byref(vaddr))
        return vaddr.value

    def registers(self, index):
        """{name: bytes or None} of the index-th thread."""
        lib, out, raw = self._lib, {}, _Register()
        thread = lib.crit_thread_at(self._handle, index)
        for i in range(lib.crit_register_count(self._handle)):
            self._check(lib.crit_register_get, thread, i, byref(raw))
            value = ctypes.string_at(raw.bytes, raw.size) if raw.available else None
            out[raw.name.decode()] = value
        return out

    def mappings(self):
        lib, out, raw = self._lib, [], _Mapping()
        for i in range(lib.crit_mapping_count(self._handle)):
            lib.crit_mapping_at(self._handle, i, byref(raw))
            out.append(Mapping(lib, raw))
        return out

    def locate(self, vaddr):
        raw = _Origin()
        self._check(self._lib.crit_mem_locate, self._handle, vaddr, byref(raw))
        return Origin(self._lib, raw, raw.vaddr + raw.len if raw.len else TOP)

    def origins(self):
        """The whole address space as a list of Origin, unmapped ranges left out."""
        out = []
        for mapping in self.mappings():
            at = mapping.start
            while at < mapping.end:
                origin = self.locate(at)
                if origin.end <= at:
                    raise LibraryError("locate(%#x) makes no progress" % at)
                origin.end = min(origin.end, mapping.end)
                origin.mapping = mapping
                out.append(origin)
                at = origin.end
        return out

    def read(self, vaddr, length):
        """Bytes; LibraryError unless all of them are there."""
        buffer = ctypes.create_string_buffer(length)
        got = c_size_t(0)
        self._check(self._lib.crit_mem_read, self._handle, vaddr, length, buffer, byref(got))
        if got.value != length:
            raise LibraryError("read(%#x, %d) filled %d bytes" % (vaddr, length, got.value))
        return buffer.raw

    def read_some(self, vaddr, length):
        """(bytes, error or None): what is there from @vaddr on, and why no more."""
        buffer, got, error = ctypes.create_string_buffer(length), c_size_t(0), _Error()
        status = self._lib.crit_mem_read(self._handle, vaddr, length, buffer, byref(got),
                                         byref(error))
        text = error.message.decode("utf-8", "replace") if status else None
        return buffer.raw[:got.value], text

    def populated(self):
        """[(start, end)] of what crit_mem_next() says to come from images and files, joined."""
        raw, error, at, out = _Origin(), _Error(), 0, []
        kinds = 1 << ORIGINS.index("image") | 1 << ORIGINS.index("file")
        while at < TOP:
            status = self._lib.crit_mem_next(self._handle, at, kinds, byref(raw), byref(error))
            if status == NOT_FOUND:
                break
            if status or raw.vaddr < at:
                raise LibraryError("next(%#x): %s" % (at, error.message.decode("utf-8", "replace")))
            at = raw.vaddr + raw.len if raw.len else TOP
            if out and out[-1][1] == raw.vaddr:
                out[-1][1] = at
            else:
                out.append([raw.vaddr, at])
        return [tuple(one) for one in out]

    def _string(self, function):
        text, length = c_void_p(), c_size_t(0)
        self._check(function, self._handle, byref(text), byref(length))
        try:
            return ctypes.string_at(text, length.value)
        finally:
            _free(text)

    def args(self):
        """The arguments as bytes, as /proc/PID/cmdline has them."""
        return self._string(self._lib.crit_task_args)

    def env(self):
        return self._string(self._lib.crit_task_env)

    def in_parent(self, origin):
        """Whether an image of a parent checkpoint has the bytes: the second folder is none."""
        level = origin.level
        return origin.kind == "image" and level > 0 and \
            self._levels[level][2] == self._levels[level - 1][2]

    def totals(self, start=0, end=TOP - 1):
        out = Totals()
        self._check(self._lib.crit_mem_totals, self._handle, start, end, byref(out))
        return out


class Checkpoint:
    """An open checkpoint; use it as a context manager."""

    def __init__(self, lib, path, sysroot=None, exe=None, pages_dir=None):
        self._lib, self._handle = lib, c_void_p()
        Task._check(lib.crit_checkpoint_open, os.fsencode(path), byref(self._handle))
        if sysroot:
            Task._check(lib.crit_checkpoint_set_sysroot, self._handle, os.fsencode(sysroot))
        if exe:
            Task._check(lib.crit_checkpoint_offer_file, self._handle, os.fsencode(exe))
        if pages_dir:
            Task._check(lib.crit_checkpoint_set_pages_dir, self._handle, os.fsencode(pages_dir))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._lib.crit_checkpoint_close(self._handle)

    def tasks(self):
        levels = self.levels()
        return [Task(self._lib, self._lib.crit_task_at(self._handle, i), levels)
                for i in range(self._lib.crit_task_count(self._handle))]

    def levels(self):
        """[(path, problem or None, in the second folder)]"""
        raw, out = _Level(), []
        for i in range(self._lib.crit_level_count(self._handle)):
            self._lib.crit_level_at(self._handle, i, byref(raw))
            out.append((os.fsdecode(raw.path), raw.problem.decode("utf-8", "replace")
                        if raw.problem else None, raw.in_pages_dir))
        return out
