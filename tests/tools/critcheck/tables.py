# SPDX-License-Identifier: LGPL-2.1-or-later
"""Registers and variables as the programs set them, which no debugger has to be trusted for.

avx       zmm n, byte j: 7n + j; k n: 0x0101010101010101 * (n + 1); st0-2: 1.5, 2.5, 3.25
vectors   zmm n, byte j: 11n + j + 1; k n: 0x0102040810204080 << n; st0-2: -0.5, 6.75, 1e300
threads   `mine`, thread-local: N in "worker N", -1 in the first one
"""

MASK = (1 << 64) - 1


def _elements(size, byte):
    raw = bytes(byte(j) & 255 for j in range(size))
    return ["%#x" % int.from_bytes(raw[at:at + 8], "little") for at in range(0, size, 8)]


TABLES = {
    "avx": (lambda n, j: 7 * n + j, lambda n: 0x0101010101010101 * (n + 1),
            ("1.5", "2.5", "3.25"), "0x9fc0"),
    "vectors": (lambda n, j: 11 * n + j + 1, lambda n: (0x0102040810204080 << n) & MASK,
                ("-0.5", "6.75", "1.0000000000000000525e+300"), "0x7fa0"),
}


def check(name, snapshot, result):
    """Compare all vector registers the process's CPU had; nothing for programs without a table."""
    table = TABLES.get(name.split("-")[0])
    if table is None:
        return
    byte, mask, floats, mxcsr = table
    regs = snapshot["threads"][0]["regs"]
    wide = next((w for w in ("zmm", "ymm", "xmm") if w + "0" in regs), "zmm")
    size, number = {"zmm": (64, 32), "ymm": (32, 16), "xmm": (16, 16)}[wide]
    for n in range(number):
        result.same("table registers", "$%s%d" % (wide, n), regs.get("%s%d" % (wide, n)),
                    _elements(size, lambda j, n=n: byte(n, j)))
    for n in range(8 if wide == "zmm" else 0):
        result.same("table registers", "$k%d" % n, regs.get("k%d" % n), "%#x" % mask(n))
    for n, text in enumerate(floats):
        result.same("table registers", "$st%d" % n, regs.get("st%d" % n, [0, 0])[1], text)
    result.same("table registers", "$mxcsr", regs.get("mxcsr"), mxcsr)


def values(name):
    """[thread name, None, expression, value] of thread-local variables with known values."""
    if name.split("-")[0] != "threads":
        return []
    return [["boss", None, "mine", "-1"],
            *(["worker %d" % number, None, "mine", str(number)] for number in range(8))]
