# SPDX-License-Identifier: LGPL-2.1-or-later
"""`info criu creds`, `info criu seccomp`, `info criu rseq`, `info criu namespaces`."""

from . import signals, text

NOT_RECORDED = signals.NOT_RECORDED
FEW = 4  # capabilities to be named as lacking
SETS = ("inheritable", "permitted", "effective", "bounding", "ambient")


def capabilities(found):
    """Names; of a nearly full set those that it lacks."""
    if found is None:
        return NOT_RECORDED
    names, lacking = (found[key].replace("|", " ").split() for key in ("names", "lacking"))
    if "0x" in found["names"] or len(lacking) > FEW:  # one that has no name yet
        return " ".join(names) or "none"
    return "all but " + text.join(lacking) if lacking else "all"


def ids(kind, numbers):
    if len(set(numbers)) == 1:
        return "%s: %d" % (kind, numbers[0])
    return "%s: real %d, effective %d, saved %d, file system %d" % (kind, *numbers)


def thread_creds(thread):
    creds = thread.get("creds")
    if thread["error"]:
        return ["  " + text.printable(thread["error"])]
    if not creds:
        return ["  " + NOT_RECORDED]
    lines = [ids("uid", creds["uids"]), ids("gid", creds["gids"]),
             "groups: " + (" ".join(map(str, creds["groups"])) or "none")]
    lines += ["%s capabilities: %s" % (name, capabilities(creds[name])) for name in SETS]
    no_new = creds["no_new_privs"]
    lines += ["securebits: " + (creds["securebits"].replace("|", " ") or "none"),
              "no_new_privs: " + {True: "yes", False: "no"}.get(no_new, "no, or not recorded")]
    for key, name in (("lsm_profile", "security label"), ("lsm_sockcreate", "label of sockets")):
        if creds[key] is not None:
            lines.append("%s: %s" % (name, text.printable(creds[key])))
    return ["  " + line for line in lines]


def creds(threads):
    return signals.grouped(threads, thread_creds)


# CRIU writes no mode where there is none, nor did old versions.
MODES = {"none": "no restriction recorded",
         "strict": "strict: read, write, exit and sigreturn only"}


def thread_seccomp(thread):
    if thread["error"]:
        return ["  " + text.printable(thread["error"])]
    if thread["seccomp"] != "filter":
        return ["  " + MODES.get(thread["seccomp"], "a mode that is not known")]
    number = thread["seccomp_filters"]
    return ["  filter mode, " + ("the filters are not in seccomp.img" if number is None
                                 else text.count(number, "filter"))]


def seccomp(threads):
    return signals.grouped(threads, thread_seccomp)


def rseq(threads):
    rows = []
    for thread in threads:
        area = thread.get("rseq")
        name = "%d \"%s\"" % (thread["tid"], text.printable(thread["name"] or ""))
        if thread["error"] or not area:
            why = thread["error"] or "none registered, or not recorded"
            rows.append((name, text.printable(why), "", "", ""))
        else:
            section = area["critical_section"]
            rows.append((name, "%#x" % area["address"], "%d bytes" % area["len"],
                         "signature %#x" % area["signature"],
                         "in critical section %#x" % section if section else ""))
    return text.columns(rows, right=())


def namespaces(rows):
    table = [("Kind", "Id", "Whose", "Known of it")]
    for row in rows:
        whose = {None: NOT_RECORDED, True: "own", False: "the dumper's"}[row["own"]]
        number = NOT_RECORDED if row["id"] is None else str(row["id"])
        table.append((row["kind"], number, whose, text.printable(row["known"])))
    return text.columns(table, right=())
