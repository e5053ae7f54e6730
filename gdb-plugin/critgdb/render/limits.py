# SPDX-License-Identifier: LGPL-2.1-or-later
"""`info criu limits`, in the form of /proc/PID/limits."""


def value(limit):
    return "unlimited" if limit is None else str(limit)


def limits(rows):
    if rows is None:
        return ["Limits: not recorded"]
    form = "%-25s %-20s %-20s %-10s"
    lines = [form % ("Limit", "Soft Limit", "Hard Limit", "Units")]
    lines += [form % (row["name"], value(row["soft"]), value(row["hard"]), row["unit"])
              for row in rows]
    return [line.rstrip() for line in lines]
