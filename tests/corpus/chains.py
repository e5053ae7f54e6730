# SPDX-License-Identifier: LGPL-2.1-or-later
"""Incremental dumps: every level against what the program had at that moment.

The program `chain` wrote down what each of its pages holds, after each of its steps
(expected.stepN); level N was dumped after step N. What pre-dump made has no core, mm or pstree, so
a level is opened as a view: the processes of the last level, with the mappings of that step, before
the pages of the level in question.

Pages that deduplication punched out are known from the file system: they are holes.
"""

import copy as copy_module
import json
import os
import re
import shutil
import struct
import subprocess

from critcheck import library, pages

import truth as memory_truth

AREA = (0x1000000000, 0x1050000000)  # the pages that the program talks of
LINE = re.compile(r'(0x[0-9a-f]+) (?:(zero|unmapped)|text "(.*)" fill (0x[0-9a-f]+)) ')
STEP = re.compile(r"# step (\d+) pid (\d+) pagesize (\d+) g_step=(\d+) g_global_changes=(\d+) "
                  r"g_global_same=(\d+)")
PRESENT, PARENT = 4, 1
RW, ANON_PRIVATE = 3, 0x22
REGULAR_ANON = 0x201  # status: regular, private anonymous

# Page servers numbered their folders, and the second dump was made after the third step.
STEPS = {"x86_64-chain-ps-inc": {1: 1, 2: 3}, "x86_64-chain-pageserver": {1: 3}}
BLOCKS = (4096, 16384, 262144)
# What the files have is not what a chain is about.
NO_FILES = [(r".*", r"file", r"/.*", "file missing")]
# Files of a process; the others belong to a level.
LEVEL_FILES = re.compile(r"(pagemap|pages)-.*\.img|parent|stats-dump|irmap-cache|.*\.log")


class Step:
    """What the program said after one step: {page address: bytes, or None where nothing is
    mapped}, and its counters."""

    def __init__(self, path):
        self.pages = {}
        with open(path, encoding="ascii") as file:
            head = STEP.match(file.readline())
            number, self.pid, self.page = (int(head.group(i)) for i in (1, 2, 3))
            self.variables = {"g_step": number, "g_global_changes": int(head.group(5)),
                              "g_global_same": int(head.group(6))}
            for line in file:
                found = LINE.match(line)
                self.pages[int(found.group(1), 16)] = self._page(*found.groups()[1:])

    def _page(self, word, text, fill):
        if word:
            return bytes(self.page) if word == "zero" else None
        return (text.encode() + b"\0").ljust(self.page, bytes([int(fill, 16)]))

    def mapped(self):
        """[(start, end)] of pages that are mapped."""
        out = []
        for at in sorted(at for at, data in self.pages.items() if data is not None):
            if out and out[-1][1] == at:
                out[-1][1] = at + self.page
            else:
                out.append([at, at + self.page])
        return out


class Pagemap:
    """Which pages one level has, and where in its pages file: {address: offset}."""

    def __init__(self, critcore, directory, pid, page):
        path = os.path.join(directory, "pagemap-%d.img" % pid)
        done = subprocess.run([critcore, "decode", "-i", path], capture_output=True, check=True)
        head, *entries = json.loads(done.stdout)["entries"]
        self.file = os.path.join(directory, "pages-%d.img" % head["pages_id"])
        self.offsets, self.parent, offset = {}, set(), 0
        for entry in entries:
            number = entry.get("nr_pages") or entry["compat_nr_pages"]
            for at in range(entry["vaddr"], entry["vaddr"] + number * page, page):
                if entry["flags"] & PRESENT:
                    self.offsets[at] = offset
                    offset += page
                elif entry["flags"] & PARENT:
                    self.parent.add(at)

    def is_hole(self, at):
        with open(self.file, "rb") as file:
            try:
                return file.seek(self.offsets[at], os.SEEK_DATA) > self.offsets[at]
            except OSError:  # no data behind it
                return True


def copy(source, target):
    subprocess.run(["cp", "-a", "--sparse=auto", source, target], check=True)


class Chain:
    """The levels of one fixture: folders with pages, and the folder with the processes."""

    def __init__(self, fixture, critcore):
        self.fixture, self.critcore = fixture, critcore
        top = os.path.join(fixture.directory, "images")
        names = sorted(n for n in os.listdir(top) if re.match(r"\d+$|server\d*$", n))
        self.levels = [os.path.join(top, name) for name in names]
        self._originals = list(self.levels)
        self.compressed = {}  # level -> bytes of memory in a block
        self.last = fixture.images
        steps = STEPS.get(fixture.name, {})
        self.steps = [Step(os.path.join(fixture.directory, "expected.step%d" % steps.get(n, n)))
                      for n in range(1, len(names) + 1)]
        self.pid, self.page = self.steps[0].pid, self.steps[0].page
        self._pagemaps = [Pagemap(critcore, level, self.pid, self.page) for level in self.levels]

    def punched(self, level, at):
        """Whether the page that level @level (from 0) has at @at was punched out."""
        for pagemap in self._pagemaps[level::-1]:
            if at in pagemap.offsets:
                return pagemap.is_hole(at)
            if at not in pagemap.parent:
                return False
        return False

    def _mappings(self, view, step):
        """Write mm-PID.img with the mappings that the program had then."""
        name = "mm-%d.img" % self.pid
        done = subprocess.run([self.critcore, "decode", "-i", os.path.join(self.last, name)],
                              capture_output=True, check=True)
        image = json.loads(done.stdout)
        entry = image["entries"][0]
        others = [v for v in entry["vmas"] if not AREA[0] <= v["start"] < AREA[1]]
        mine = [{"start": start, "end": end, "pgoff": 0, "shmid": 0, "prot": RW,
                 "flags": ANON_PRIVATE, "status": REGULAR_ANON, "fd": -1}
                for start, end in step.mapped()]
        entry["vmas"] = sorted(others + mine, key=lambda v: v["start"])
        subprocess.run([self.critcore, "encode", "-o", os.path.join(view, name)],
                       input=json.dumps(image).encode(), check=True)

    def mixed(self, scratch, chosen, block):
        """The same chain with the pages of some levels compressed; @chosen: their indexes."""
        other = copy_module.copy(self)
        other.levels, other.compressed = [], {level: block for level in chosen}
        for level, source in enumerate(self.levels):
            target = os.path.join(scratch, str(level))
            os.mkdir(target)
            for name in os.listdir(source):
                if re.fullmatch(r"(pagemap|pages)-.*\.img", name):
                    copy(os.path.join(source, name), target)
            if level:
                os.symlink("../%d" % (level - 1), os.path.join(target, "parent"))
            if level in chosen:
                self._compress(target, block)
            other.levels.append(target)
        return other

    def _compress(self, folder, block):
        """What pre-dump made has an inventory that nothing can be told by: the last one serves."""
        inventory = os.path.join(folder, "inventory.img")
        shutil.copy(os.path.join(self.last, "inventory.img"), inventory)
        subprocess.run([self.critcore, "compress", "--in-place", "--block", str(block), folder],
                       check=True, capture_output=True)
        os.unlink(inventory)

    def _say_compressed(self, view):
        """inventory.img of a checkpoint with compressed pages, as `compress` writes it."""
        empty = os.path.join(view, "empty")
        os.mkdir(empty)
        for name in ("inventory.img", "pagemap-%d.img" % self.pid):
            shutil.copy(os.path.join(self.last if name[0] == "i" else self._originals[0], name),
                        empty)
        copy(self._pagemaps[0].file, empty)
        subprocess.run([self.critcore, "compress", "--in-place", empty], check=True,
                       capture_output=True)
        shutil.copy(os.path.join(empty, "inventory.img"), view)
        shutil.rmtree(empty)

    def view(self, scratch, level):
        """A checkpoint with the pages of level @level, from 0."""
        view = os.path.join(scratch, "view%d" % level)
        os.makedirs(view)
        for name in os.listdir(self.last):
            if not LEVEL_FILES.fullmatch(name):
                shutil.copy(os.path.join(self.last, name), view)
        if os.path.exists(os.path.join(self._originals[level], "mm-%d.img" % self.pid)):
            shutil.copy(os.path.join(self._originals[level], "mm-%d.img" % self.pid), view)
        else:
            self._mappings(view, self.steps[level])
        for name in os.listdir(self.levels[level]):
            if re.fullmatch(r"(pagemap|pages)-.*\.img", name):
                copy(os.path.join(self.levels[level], name), view)
        if level in self.compressed:
            self._say_compressed(view)
        if level:
            os.symlink(os.path.abspath(self.levels[level - 1]), os.path.join(view, "parent"))
        return view


# ---- comparing ----------------------------------------------------------------------------------

def symbols(program):
    """{name: offset from the load address}"""
    done = subprocess.run(["nm", program], capture_output=True, text=True, check=True)
    rows = (line.split() for line in done.stdout.splitlines())
    return {row[2]: int(row[0], 16) for row in rows if len(row) == 3}


def check_page(task, chain, level, at, expected, counts, differences):
    origin = task.locate(at)
    if expected is None:
        if origin.kind != "unmapped":
            differences.append("%#x is %s, and was not mapped" % (at, origin.kind))
        counts["unmapped"] += 1
    elif chain.punched(level, at):
        if origin.kind != "unavailable" or origin.reason != "punched":
            differences.append("%#x is %s %s, and was punched out" % (at, origin.kind,
                                                                      origin.reason))
        counts["punched out"] += 1
    elif origin.kind == "unavailable":
        differences.append("%#x is unavailable: %s" % (at, origin.why))
    else:
        differences += ["%#x: %d bytes differ from what the program wrote" % (at + off, length)
                        for off, length in pages.runs_of_difference(
                            task.read(at, len(expected)), expected)]
        counts["pages"] += 1
        counts["pages of older levels"] += origin.level > 0
        counts["pages in blocks"] += origin.block_len > 0


def check_variables(task, chain, step, program, counts, differences):
    """The program's counters, which are in its data and change with every step."""
    base = min(m.start for m in task.mappings()
               if m.path and os.path.basename(m.path) == os.path.basename(program))
    order = ">i" if open_order(program) == 2 else "<i"
    where = symbols(program)
    for name, value in step.variables.items():
        origin = task.locate(base + where[name])
        if origin.kind == "unavailable":
            if not (chain.fixture.deduplicated and origin.reason == "punched"):
                differences.append("%s is unavailable: %s" % (name, origin.why))
            continue
        mine, = struct.unpack(order, task.read(base + where[name], 4))
        if mine != value:
            differences.append("%s is %d, in truth %d" % (name, mine, value))
        counts["variables"] += 1


def open_order(program):
    """EI_DATA of an ELF file: 1 little-endian, 2 big-endian."""
    with open(program, "rb") as file:
        return file.read(6)[5]


class Result:
    """What checking one or more levels counted."""

    def __init__(self):
        self.counts = dict.fromkeys(("levels", "pages", "pages of older levels", "pages in blocks",
                                     "unmapped", "punched out", "variables", "pages of the core"),
                                    0)
        self.differences = []

    def report(self, context, name):
        wanted = {key: number for key, number in self.counts.items() if number or key == "pages"}
        context.report.result(name, wanted, self.differences, {})


def check_level(context, chain, level, view, result):
    """One view against its step; the last level also against a core file."""
    fixture, step = chain.fixture, chain.steps[level]
    counts, differences = dict.fromkeys(result.counts, 0), []
    last = level + 1 == len(chain.levels)
    with library.Checkpoint(context.library, view, fixture.sysroot) as ckpt:
        paths = [view] + [os.path.realpath(path) for path in chain.levels[level - 1::-1] if level]
        if ckpt.levels() != [(path, None, False) for path in paths]:
            differences.append("the levels are %s, in truth %s" % (ckpt.levels(), paths))
        task = ckpt.tasks()[0]
        task.load()
        for at, expected in step.pages.items():
            check_page(task, chain, level, at, expected, counts, differences)
        program = os.path.join(fixture.directory, "chain")
        if os.path.exists(program):
            check_variables(task, chain, step, program, counts, differences)
        if last:
            reasons = memory_truth.Reasons(fixture.name, rows=NO_FILES)
            memory = pages.compare(task, fixture.core(chain.pid), accept=reasons.accept,
                                   accept_unmapped=reasons.accept_unmapped)
            differences += memory.differences
            counts["pages of the core"] = memory.pages()
    if fixture.deduplicated and not last and not counts["punched out"]:
        differences.append("nothing was punched out")
    if (fixture.deduplicated and last or not fixture.deduplicated) and counts["punched out"]:
        differences.append("%d pages were punched out of what is whole" % counts["punched out"])
    counts["levels"] = 1
    for key, number in counts.items():
        result.counts[key] += number
    result.differences += ["level %d: %s" % (level + 1, text) for text in differences]


def check_levels(context, chain, scratch, result):
    for level in range(len(chain.levels)):
        view = chain.view(scratch, level)
        check_level(context, chain, level, view, result)
        shutil.rmtree(view)


def check(context, fixture, scratch, blocks=BLOCKS):
    """Every level of one chain: as it is, and with some or all levels compressed."""
    chain, result = Chain(fixture, context.critcore), Result()
    check_levels(context, chain, scratch, result)
    result.report(context, fixture.name + " by its steps")
    numbers = range(len(chain.levels))
    ways = {frozenset(way) for way in ([0], [len(numbers) - 1], numbers[1:-1] or [0], numbers)}
    for way in sorted(ways, key=sorted):
        result = Result()
        for block in blocks:
            with context.folder() as folder:
                check_levels(context, chain.mixed(folder, way, block), folder, result)
        if not result.counts["pages in blocks"]:
            result.differences.append("nothing was read from an LZ4 block")
        result.report(context, "%s by its steps, compressed: level %s" % (
            fixture.name, ", ".join(str(level + 1) for level in sorted(way))))
