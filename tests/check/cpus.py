# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every register of every CPU comes from its own place: in the images of tests/cases/cpu-*.inc it
holds its own name. (x86 has registers.case and registers-xsave.case.)"""

import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "../mk"))
sys.path.insert(0, os.path.join(os.environ["BUILD"], "critgdb"))
import _critcore  # noqa: E402
import mk  # noqa: E402

RISCV_FLOATS = ("ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 "
                "fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11").split()


def run(pre, first, last, post=""):
    return [f"{pre}{n}{post}" for n in range(first, last + 1)]


NOT_ON_POWER = "ppr dscr tar bescr ebbhr ebbrr mmcr0 mmcr2 siar sdar sier".split()
OLD_ON_POWER = ["tfhar", "texasr", "tfiar", *run("cr", 0, 31), "ccr", "cxer", "clr", "cctr",
                *run("cf", 0, 31), "cfpscr", *run("cvr", 0, 31), "cvscr", "cvrsave",
                *run("cvs", 0, 31, "h")]
POWER = [*run("r", 0, 31), "pc", "msr", "cr", "lr", "ctr", "xer", *run("f", 0, 31), "fpscr",
         "orig_r3", "trap", *run("vr", 0, 31), "vscr", "vrsave", *run("vs", 0, 31, "h"),
         *NOT_ON_POWER]
MIPS = [*run("r", 0, 31), "lo", "hi", "pc", "status", "badvaddr", "cause", *run("f", 0, 31),
        "fcsr", "fir", "restart"]
ARM = [*run("r", 0, 12), "sp", "lr", "pc", "cpsr", *run("d", 0, 31), "fpscr", "tpidruro"]
AARCH64 = [*run("x", 0, 30), "sp", "pc", "cpsr", *run("v", 0, 31), "fpsr", "fpcr", "tpidr"]
GCS = ["gcspr", "gcs_features_enabled", "gcs_features_locked"]
MASKS = ["pauth_dmask", "pauth_cmask"]

# CPU -> gdb's name, registers in gdb's order, those without a value, texts that are not the name.
CPUS = {
    "aarch64": ("aarch64", AARCH64 + GCS + MASKS, ["gcs_features_locked"],
                {"gcs_features_enabled": b"enabled ",
                 **dict.fromkeys(MASKS, (0x7f << 48).to_bytes(8, "little"))}),
    "aarch64_be": ("aarch64", AARCH64, [], {}),
    "arm": ("arm", ARM, [], {"tpidruro": b"tls "}),
    "arm_be": ("arm", ARM, run("d", 16, 31), {"tpidruro": b"tls "}),
    "ppc64": ("powerpc:common64", POWER, NOT_ON_POWER, {}),
    "ppc64_be": ("powerpc:common64", POWER + OLD_ON_POWER, NOT_ON_POWER, {}),
    "s390x": ("s390:64-bit", [
        "pswm", "pswa", *run("r", 0, 15), *run("acr", 0, 15), "fpc", *run("f", 0, 15), "orig_r2",
        "last_break", "system_call", *run("v", 0, 15, "l"), *run("v", 16, 31),
        "gsd", "gssm", "gsepla", "bc_gsd", "bc_gssm", "bc_gsepla"], ["orig_r2", "last_break"],
        {"system_call": b"call", "bc_gsepla": b"bc_gsep ",
         **{f"acr{n}": b"ac%-2d" % n for n in range(16)},
         **{f"v{n + 16}": b"h%-7sh%-7s" % (b"%d.0" % n, b"%d.1" % n) for n in range(16)}}),
    "mips64": ("mips:isa64r2", MIPS, ["restart"],
               {"fcsr": b"fcsr\0\0\0\0", "fir": b"fir \0\0\0\0"}),
    "mips64_be": ("mips:isa64r2", MIPS, ["restart"],
                  {"fcsr": b"\0\0\0\0fcsr", "fir": b"\0\0\0\0fir "}),
    "loongarch64": ("Loongarch64", [
        *run("r", 0, 31), "orig_a0", "pc", "badv", *run("f", 0, 31), *run("fcc", 0, 7), "fcsr",
        *run("vr", 0, 31), *run("xr", 0, 31), *run("scr", 0, 3), "eflags", "ftop"],
        ["orig_a0", "badv", *run("f", 0, 31), *run("vr", 0, 31), *run("xr", 0, 31),
         *run("scr", 0, 3), "eflags", "ftop"],
        {f"fcc{n}": b"%d" % n for n in range(8)}),
    "riscv64": ("riscv:rv64", [
        "zero", "ra", "sp", "gp", "tp", *run("t", 0, 2), "fp", "s1", *run("a", 0, 7),
        *run("s", 2, 11), *run("t", 3, 6), "pc", *RISCV_FLOATS, "fcsr"], [],
        {"zero": bytes(8), **{name: b"f%-7d" % n for n, name in enumerate(RISCV_FLOATS)}}),
}


def own_name(name, size):
    """What a register of so many bytes holds."""
    if size == 16:
        return b"%-8s%-8s" % (name.encode() + b".0", name.encode() + b".1")
    return name.encode().ljust(size)[:size]


def differences(folder, arch, names, unknown, texts):
    checkpoint = _critcore.open(folder)
    checkpoint.load(5)
    registers = checkpoint.registers(5, 5)
    if checkpoint.machine(5)["arch"] != arch:
        yield f"the CPU is {checkpoint.machine(5)['arch']}"
    if [each["name"] for each in registers] != names:
        yield f"the registers are {[each['name'] for each in registers]}"
    for each in registers:
        name, value = each["name"], each["bytes"]
        wanted = None if name in unknown else texts.get(name, own_name(name, each["size"]))
        if value != wanted:
            yield f"{name} is {value}, and should be {wanted}"
    checkpoint.close()


def main():
    bad = 0
    for cpu, facts in CPUS.items():
        with tempfile.TemporaryDirectory(prefix="cpus-") as folder:
            for words, lines in mk.sections(os.path.join(HERE, f"../cases/cpu-{cpu}.inc")):
                mk.carry_out(words, lines, folder)
            for text in differences(folder, *facts):
                print(f"{cpu}: {text}")
                bad = 1
    files = {name[4:-4] for name in os.listdir(os.path.join(HERE, "../cases"))
             if name.startswith("cpu-") and name.endswith(".inc")}
    if files != set(CPUS):
        print(f"not looked at: {files ^ set(CPUS)}")
        bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
