# SPDX-License-Identifier: LGPL-2.1-or-later
"""The differences that are known, each with its reason and as narrow as it can be said.

Same       nothing differs: the truth is of the very state that was dumped.
AfterDump  the same, as a gdb of another version saw it.
BeforeDump the truth is of just before the dump, by gdb 13.1: system calls were then interrupted,
           running threads ran on, and gdb misread part of the vector state of an AMD CPU.
"""

import re

from . import text as spelling

NO_ACCESS = re.compile(r"Cannot access memory at address (0x[0-9a-f]+)")
RESTART = {-512, -513, -514}  # ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND
RESTART_BLOCK = -516          # ERESTART_RESTARTBLOCK: nanosleep, poll
EINTR = -4
SYSCALL_LEN = 2               # bytes of `syscall`, `sysenter` and `int $0x80`

RESTARTED = "restartable system call: pc 2 bytes back, its number in rax"
INTERRUPTED = "nanosleep, poll: pc unchanged, rax -4"
MOVING = "a running thread moved on between the truth and the dump"
AMD_LAYOUT = "gdb 13.1 misreads AVX-512 state of an AMD CPU"
MOVED_VALUE = "location list differs at the system call instruction and after it"
RSEQ_GLIBC_2_36 = 2336  # where no program is at hand to ask for __rseq_offset
RSEQ = "rseq area: the CPU a thread last ran on"
COUNTER = "counter of a running thread"
REMAINING = "nanosleep: the kernel writes the time left whenever it is interrupted"


class Verdict:
    """What to do with one register."""

    def __init__(self, skip=None, expect=None, rule=None, elements=None):
        self.skip, self.expect, self.rule, self.elements = skip, expect, rule, elements


EQUAL = Verdict()


def signed(text, bits):
    value = int(text, 16)
    return value - (1 << bits) if value >> (bits - 1) else value


class Same:
    """No difference is known."""

    other_pids = False
    why = None  # address -> why it is unavailable, or None

    def register(self, name, mine, true, ours, truth):
        return EQUAL

    def alias(self, name, regs):
        """A register of the truth that ours has under a wider name, or None."""
        for wide in ("zmm", "ymm", "xmm"):
            found = re.fullmatch(r"[xyz]mm(\d+)", name)
            if found and wide + found.group(1) in regs:
                return regs[wide + found.group(1)]
        return None

    def without_debug_info(self, ours, truth):
        return set()

    def pc(self, frame, ours, truth):
        """Added to our pc before it is compared."""
        return 0

    def moving(self, ours, truth):
        return None

    def line(self, a, b, number, ours, truth):
        return None

    def variable(self, name, a, b, number, ours, truth):
        return None

    def text(self, text):
        return spelling.expand(text)

    def value_skip(self, expression):
        return None

    def unavailable(self, text):
        """The reason when gdb could not read a byte that the library calls unavailable."""
        found = NO_ACCESS.search(text)
        return self.why(int(found.group(1), 16)) if found and self.why else None


class AfterDump(Same):
    """The truth is of the stopped process itself."""

    def register(self, name, mine, true, ours, truth):
        if true == "?":
            return Verdict(skip="the live gdb does not have it either")
        return EQUAL


class BeforeDump(Same):
    """@kernel: {tid: (name, state, system call)} of the truth; @spin_registers: what a
    running thread's loop changes; @busy: why the result of the last call and the scratch vector
    registers may differ."""

    def __init__(self, kernel, spin_registers=(), other_pids=False, busy=None):
        self.kernel, self.busy = kernel, busy
        self.spin_registers, self.other_pids = set(spin_registers), other_pids

    def _names(self, truth):
        wide = "rip" in truth["regs"]
        return ("rip", "rax", 64) if wide else ("eip", "eax", 32)

    def _result(self, truth):
        """What the interrupted system call of a thread returned, None if it was in none."""
        if self._running(truth) or not truth["regs"]:
            return None
        _, ax, bits = self._names(truth)
        return signed(truth["regs"][ax], bits)

    def _running(self, truth):
        return self.kernel.get(truth["lwp"], (None, None, None))[1] == "R"

    def _restarted(self, truth):
        return self._result(truth) in RESTART

    def register(self, name, mine, true, ours, truth):
        pc, ax, bits = self._names(truth)
        if self.busy and re.fullmatch(r"[re]ax|zmm\d+", name) and mine != true:
            return Verdict(skip=self.busy)
        mask = (1 << bits) - 1
        if self._running(truth) and name in self.spin_registers | {pc}:
            return Verdict(skip=MOVING)
        if name == pc and self._restarted(truth):
            return Verdict(expect="%#x" % (int(true, 16) - SYSCALL_LEN), rule=RESTARTED)
        if name == ax and self._restarted(truth):
            call = self.kernel[truth["lwp"]][2]
            return Verdict(expect="%#x" % call, rule=RESTARTED)
        if name == ax and self._result(truth) == RESTART_BLOCK:
            return Verdict(expect="%#x" % (EINTR & mask), rule=INTERRUPTED)
        if re.fullmatch(r"k[0-7]|zmm(1[6-9]|2\d|3[01])", name):
            return Verdict(skip=AMD_LAYOUT)
        if name.startswith("zmm"):
            return Verdict(elements=4)
        return EQUAL

    def without_debug_info(self, ours, truth):
        """pcs of the truth that are in a library whose debug info is not here."""
        shift = SYSCALL_LEN if self._restarted(truth) else 0
        bare = set()
        for number, frame in enumerate(ours["frames"]):
            if frame["file"] is None:
                bare.add("%#x" % (int(frame["pc"], 16) + (0 if number else shift)))
        named = {f["pc"] for f in truth["frames"] if f["file"]}
        return bare & named

    def pc(self, frame, ours, truth):
        first = ours["frames"][0]["pc"]
        return SYSCALL_LEN if self._restarted(truth) and frame["pc"] == first else 0

    def moving(self, ours, truth):
        return MOVING if self._running(truth) else None

    def line(self, a, b, number, ours, truth):
        if (a["fn"], a["file"]) != (b["fn"], b["file"]) or number:
            return None
        if self._running(truth):
            return MOVING
        # In assembly the system call has a line of its own.
        if (self._restarted(truth) and (b["file"] or "").endswith(".S")
                and a["line"] == b["line"] - 1):
            return RESTARTED
        return None

    def variable(self, name, a, b, number, ours, truth):
        """Only in the innermost frames: a copy of rax, and a value known on one side only."""
        pair = (a["locals"][name], b["locals"][name])
        if a["pc"] != ours["frames"][0]["pc"]:
            return None
        if self._result(truth) == RESTART_BLOCK and pair == (str(EINTR), str(RESTART_BLOCK)):
            return INTERRUPTED
        if not self._restarted(truth):
            return None
        if "<optimized out>" in (a["locals"][name], b["locals"][name]):
            return MOVED_VALUE
        return None


class Sibling(BeforeDump):
    """The truth is of another process that runs the same program: the calls must be the same
    (function, file, line), and nothing that holds an address or a process id."""

    def moving(self, ours, truth):
        return "addresses of another process"

    def variable(self, name, a, b, number, ours, truth):
        return "values of another process"

    def register(self, name, mine, true, ours, truth):
        return Verdict(skip="registers of another process")

    def value_skip(self, expression):
        return "values of another process"


# ---- memory -------------------------------------------------------------------------------------

def thread_pointer(regs):
    """What thread-local storage is found by, of any CPU; None when no register has it."""
    names = ["fs_base", "tpidr", "tpidruro", "tp"]
    names += ["r13"] if "msr" in regs else ["r2"] if "fcc0" in regs else []
    values = [regs[name] for name in names if regs.get(name, "?") != "?"]
    if "acr0" in regs:
        return int(regs["acr0"], 16) << 32 | int(regs["acr1"], 16)
    return int(values[0], 16) if values else None


def known_bytes(snapshot, counters=(), busy=None):
    """A function for pages.compare(): the rule that explains a difference, or None.

    @counters: symbols a running thread writes; @busy: why all written pages may differ.
    """
    spans = []
    offset = snapshot.get("rseq_offset")
    if offset is None:
        offset = RSEQ_GLIBC_2_36
    for thread in snapshot["threads"]:
        regs = thread["regs"]
        base = thread_pointer(regs)
        if base is not None:
            start = (base + offset) & ((1 << 64) - 1)
            # cpu_id_start, cpu_id; node_id, mm_cid: the fields the kernel writes by itself
            spans += [(start, start + 8, RSEQ), (start + 20, start + 28, RSEQ)]
        for ax, remaining, bits in (("rax", "r10", 64), ("eax", "esi", 32)):
            # fourth argument of clock_nanosleep
            if ax in regs and signed(regs[ax], bits) == EINTR:
                start = int(regs[remaining], 16)
                spans.append((start, start + 16, REMAINING))
    for name in counters:
        found = snapshot["symbols"].get(name)
        if found:
            spans.append((int(found[0], 16), int(found[0], 16) + found[1], COUNTER))

    def rule(at, mine, truth, origin):
        for start, end, name in spans:
            if start <= at and at + len(mine) <= end:
                return name
        return busy if busy and origin.kind == "image" else None

    return rule


def task_bytes(task):
    """The same where no debugger was asked: by the registers that the library reads."""
    regs = [{name: "%#x" % int.from_bytes(value, "little")
             for name, value in task.registers(index).items()
             if value is not None and name in ("fs_base", "rax", "r10")}
            for index in range(task.nr_threads)]
    return known_bytes({"threads": [{"regs": one} for one in regs], "symbols": {}})
