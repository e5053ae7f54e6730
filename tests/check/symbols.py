# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where names of functions come from: the program, a debug file by its name or build-id, the small
table in .gnu_debugdata. Of a program compiled here, in a checkpoint made here, with its pc in
it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "../mk"))
import mk  # noqa: E402

SOURCE = """
__attribute__((noinline)) static int secret(int a) { return a * 3 + 1; }
int _ZN5space4callEPKc(int a) { return secret(a) + 1; }
int _RNvCs15kBYyAo9fc_7mycrate7example(int a) { return secret(a) + 2; }
int main(int argc, char **argv) { (void)argv; return secret(argc); }
"""
NAMES = {"secret": "secret", "_ZN5space4callEPKc": "space::call(char const*)",
         "_RNvCs15kBYyAo9fc_7mycrate7example": "mycrate", "main": "main"}
BASE = 0x400000


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def compile_program(folder):
    """(path, {symbol: address}, build-id) of a program with debug information."""
    source, path = os.path.join(folder, "prog.c"), os.path.join(folder, "prog")
    with open(source, "w", encoding="ascii") as file:
        file.write(SOURCE)
    run("gcc", "-g", "-O1", "-no-pie", "-static", "-nostdlib", "-Wl,-e,main,--build-id=sha1,"
        "-z,noseparate-code,-Ttext-segment=%#x" % BASE, "-o", path, source)
    table = run("readelf", "-sW", path)
    found = {m[2]: int(m[1], 16) for m in
             re.finditer(r": ([0-9a-f]{16}) +\d+ FUNC .* (\S+)$", table, re.M)}
    return path, found, re.search(r"Build ID: (\w+)", run("readelf", "-n", path))[1]


def ghost(path):
    """Lines of images that say that the file was deleted, and have its contents."""
    with open(path, "rb") as file:
        data = file.read()
    return ["@image remap-fpath.img REMAP_FPATH",
            "remap_file_path_entry orig_id: 1 remap_id: 1 remap_type: GHOST",
            "@image ghost-file-1.img GHOST_FILE", "ghost_file_entry uid: 0 gid: 0 mode: 0x81ed",
            *("payload hex " + data[at:at + 4096].hex() for at in range(0, len(data), 4096))]


def checkpoint(folder, path, symbols, build_id, deleted=False):
    """Images of a process with one thread in each function; {tid: symbol}."""
    size = os.path.getsize(path)
    pages = (size + 4095) // 4096
    tids = dict(enumerate(sorted(NAMES), 5))
    words = ", ".join(str(int.from_bytes(bytes.fromhex(build_id[at:at + 8]), "little"))
                      for at in range(0, len(build_id), 8))
    with open(os.path.join(HERE, "../cases/bt-frame-pointers.case"), encoding="utf-8") as file:
        core = re.search(r"@image core-5.img CORE\n(core_entry.*?)(?=^[@#])", file.read(),
                         re.S | re.M)[1]
    text = ["@image inventory.img INVENTORY", "inventory_entry img_version: 2",
            "@image pstree.img PSTREE", "pstree_entry pid: 5 ppid: 0 pgid: 5 sid: 5 " +
            " ".join("threads: %d" % tid for tid in tids)]
    for tid, name in tids.items():
        text += ["@image core-%d.img CORE" % tid,
                 core.replace("ip: 0x10010", "ip: %#x" % symbols[name]).rstrip()]
    text += ["@image mm-5.img MM", "mm_entry mm_start_code: 0 mm_end_code: 0 mm_start_data: 0 "
             "mm_end_data: 0 mm_start_stack: 0 mm_start_brk: 0 mm_brk: 0 mm_arg_start: 0 "
             "mm_arg_end: 0 mm_env_start: 0 mm_env_end: 0 exe_file_id: 1 mm_saved_auxv: 6 "
             "mm_saved_auxv: 4096 vmas { start: %d end: %d pgoff: 0 shmid: 1 prot: 5 flags: 2 "
             "status: 0x41 fd: -1 }" % (BASE, BASE + pages * 4096),
             "@image files.img FILES", "file_entry type: REG id: 1 reg { id: 1 flags: 0 pos: 0 "
             "fown { uid: 0 euid: 0 signum: 0 pid_type: 0 pid: 0 } name: \"/opt/bin/prog\" "
             "size: %d build_id: [%s] }" % (size, words), "@image pagemap-5.img PAGEMAP",
             "pagemap_head pages_id: 1", "@raw pages-1.img", "fill 0 0",
             *(ghost(path) if deleted else [])]
    case = os.path.join(folder, "case")
    with open(case, "w", encoding="ascii") as file:
        file.write("\n".join(text) + "\n")
    shutil.rmtree(os.path.join(folder, "img"), ignore_errors=True)
    for section, lines in mk.sections(case):
        mk.carry_out(section, lines, os.path.join(folder, "img"))
    return tids


class Scene:
    """A sysroot with the program in some form, and its checkpoint."""

    def __init__(self, folder):
        self.folder, self.root = folder, os.path.join(folder, "root")
        self.full, self.symbols, self.build_id = compile_program(folder)
        self.debug = os.path.join(folder, "prog.debug")
        run("objcopy", "--only-keep-debug", self.full, self.debug)

    def place(self, program, extra=()):
        """Put files into a new sysroot: @extra are (path in it, file)."""
        shutil.rmtree(self.root, ignore_errors=True)
        for path, source in (("opt/bin/prog", program), *extra):
            target = os.path.join(self.root, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(source, target)
        return checkpoint(self.folder, program, self.symbols, self.build_id)

    def stacks(self, tids):
        """{symbol: newest frame}"""
        done = subprocess.run([os.path.join(os.environ["BUILD"], "critcore"), "bt", "--json",
                               "--sysroot", self.root, os.path.join(self.folder, "img")],
                              check=False, stdout=subprocess.PIPE, text=True)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return {tids[row["tid"]]: row["frames"][0] for row in rows}

    def expect(self, what, tids, lines, named=True):
        for symbol, frame in self.stacks(tids).items():
            name = frame["function"]
            assert (name or "").startswith(NAMES[symbol]) if named else name is None, \
                (what, symbol, frame)
            assert (frame["line"] > 0) == lines, (what, frame)

    def stripped(self, *more):
        path = os.path.join(self.folder, "stripped%d" % len(os.listdir(self.folder)))
        run("objcopy", "--strip-all", *more, self.full, path)
        return path

    def with_table(self):
        """As Fedora leaves it: a symbol table of its own, packed."""
        table = os.path.join(self.folder, "table")
        run("objcopy", "-S", "--remove-section", ".comment", "--keep-symbol", "secret", *(
            word for name in NAMES for word in ("--keep-symbol", name)), self.debug, table)
        run("xz", "-f", table)
        return self.stripped("--add-section", ".gnu_debugdata=" + table + ".xz")


def main():
    if not all(shutil.which(tool) for tool in ("gcc", "objcopy", "xz")):
        print("gcc, objcopy or xz is missing")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(folder)
        id_path = "usr/lib/debug/.build-id/%s/%s.debug" % (scene.build_id[:2], scene.build_id[2:])
        linked = scene.stripped("--add-gnu-debuglink=" + scene.debug)
        other = os.path.join(folder, "other.debug")
        shutil.copy(scene.debug, other)
        with open(other, "ab") as file:
            file.write(b"x")  # another checksum
        scene.expect("in the program", scene.place(scene.full), True)
        scene.expect("nowhere", scene.place(scene.stripped()), False, named=False)
        scene.expect("by build-id", scene.place(scene.stripped(), [(id_path, scene.debug)]), True)
        scene.expect("by name", scene.place(linked, [("opt/bin/.debug/prog.debug",
                                                      scene.debug)]), True)
        scene.expect("far away", scene.place(linked, [("usr/lib/debug/opt/bin/prog.debug",
                                                       scene.debug)]), True)
        scene.expect("wrong one", scene.place(linked, [("opt/bin/prog.debug", other)]), False,
                     named=False)
        scene.place(scene.stripped())
        tids = checkpoint(folder, scene.full, scene.symbols, scene.build_id, deleted=True)
        shutil.rmtree(os.path.join(scene.root, "opt"))
        scene.expect("deleted", tids, True)
        scene.expect("packed table", scene.place(scene.with_table()), False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
