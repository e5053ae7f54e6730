#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare `critcore x --json` with the crit of go-criu 8, member by member.

    go_explore.py [--build DIR] --crit GO-CRIT FOLDER...

Every member of go-criu must be there, in its order and with its value, and none that it leaves
out, but for what RULES say and docs/explore.md has for people; what else there is must be one of
OURS. The last line is `N listings, N failures`.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys

LISTINGS = ("ps", "fds", "mems", "rss", "sk")
TIMEOUT = 60
OURS = {  # listing -> what we add to the objects in it
    "ps": "ppid state exit_code other_roots",
    "fds": "id cloexec link deleted flags pos ino",
    "mems": "kind name deleted flags pgoff shmid",
    "rss": "where compressed",
    "sk": "ino ns_id backlog uid recv_queue send_queue shutdown peer peer_pid peer_fd name_dir "
          "name_deleted port_id dest_port_id ifindex options known",
}
NAMED = {"6": "DCCP", "132": "SCTP", "262": "MPTCP"}


def ends_path(theirs, ours, _):
    """The NUL behind the path of a UNIX socket is not part of it."""
    return bool(theirs) and re.sub(r"(?<=[^\0( ])\0(?=\]?$)", "", theirs) == ours


def is_compatible(theirs, ours, _):
    """An IPv6 address of the old kind that ends in an IPv4 one."""
    return bool(theirs and ours) and re.fullmatch("::[0-9.]+", ours) and ":" in theirs[2:]


def misread(_theirs, _ours, where):
    """Numbers of other meaning than go-criu takes them to have."""
    return where["fd_type"] in ("NETLINKSK", "PACKETSK")


def is_named(theirs, ours, _):
    """It shows the numbers of these."""
    return NAMED.get(theirs, "") == ours


def has_no_family(theirs, ours, where):
    """It sets the family of internet sockets only."""
    return theirs is None and ours + "SK" == where["fd_type"]


def begins_file(theirs, ours, where):
    """It forgets the path of a mapping from the begin of a file on."""
    return theirs in (None, " (s)", " *", " (s) *") and ours.endswith(theirs or "") and \
        where["pgoff"] == 0 and where["kind"] != "anon"


def is_memfd(theirs, ours, where):
    """It does not look for the names of memfds."""
    return theirs == "unknown" and ours.endswith(" (deleted)")


def is_guard(theirs, ours, where):
    """Guard pages are nothing special to it."""
    return (theirs, ours, where["kind"]) == (" *", "[guard] *", "guard")


RULES = {  # (listing, member) -> rules: does one explain the difference?
    ("fds", "path"): (ends_path,),
    ("sk", "src_addr"): (ends_path, is_compatible),
    ("sk", "family"): (has_no_family,),
    ("sk", "protocol"): (misread, is_named),
    ("sk", "type"): (misread, is_named),
    ("mems", "resource"): (is_guard, begins_file),
    ("rss", "resource"): (is_memfd,),
}


class Comparison:
    """What was compared, and which rules were met."""

    def __init__(self):
        self.listings, self.failures, self.met = 0, [], collections.Counter()

    def values(self, what, path, theirs, ours, where):
        """Compare two values; where: the object of ours that they are in."""
        if isinstance(theirs, dict) and isinstance(ours, dict):
            self.objects(what, path, theirs, ours)
        elif isinstance(theirs, list) and isinstance(ours, list):
            if path.endswith(".children"):  # go-criu has them in the order of a hash
                theirs, ours = (sorted(those, key=lambda one: one["pid"])
                                for those in (theirs, ours))
            if len(theirs) != len(ours):
                self.failures.append(f"{path}: {len(ours)}, go-criu has {len(theirs)}")
            for number, pair in enumerate(zip(theirs, ours)):
                self.values(what, f"{path}[{number}]", *pair, where)
        elif theirs != ours:
            self.different(what, path, theirs, ours, where)

    def different(self, what, path, theirs, ours, where):
        """A member differs; one that is not there is None."""
        where = collections.defaultdict(lambda: None, where)
        for rule in RULES.get((what, path.rpartition(".")[2]), ()):
            if rule(theirs, ours, where):
                self.met[rule.__name__] += 1
                return
        self.failures.append(f"{path}: {ours!r}, go-criu has {theirs!r}")

    def objects(self, what, path, theirs, ours):
        """Compare two objects."""
        mine = set(OURS[what].split())
        for key in theirs:
            self.values(what, f"{path}.{key}", theirs[key], ours.get(key), ours)
        for key in ours:
            if key not in theirs and key not in mine:
                self.different(what, f"{path}.{key}", None, ours[key], ours)
        order = [key for key in ours if key in theirs]
        if order != [key for key in theirs if key in ours]:
            self.failures.append(f"{path}: order {order}, go-criu has {list(theirs)}")

    def rss_of_old_images(self, path, theirs, ours):
        """Where go-criu does not see how many pages a run has, only where runs begin."""
        starts = [[[run["phy_addr"] for run in one["rss"]] for one in those]
                  for those in (theirs, ours)]
        self.met["no page counts"] += 1
        if starts[0] != starts[1]:
            self.failures.append(f"{path}: runs differ")

    def listing(self, name, what, theirs, ours):
        """theirs: what go-criu printed; None: it failed."""
        if theirs is None:
            self.met["fails"] += 1
            return
        self.listings += 1
        if what == "rss" and any("phy_pages" not in run for one in theirs
                                 for run in one.get("rss", ())):
            self.rss_of_old_images(f"{name} rss", theirs, ours)
            return
        self.values(what, f"{name} {what}", theirs, ours, {})


def ask(command, folder, what, *options):
    """The JSON that a crit prints; None if it fails."""
    done = subprocess.run([*command, "x", folder, what, *options], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, timeout=TIMEOUT, check=False)
    return None if done.returncode else json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description="Compare `critcore x` with that of go-criu.")
    parser.add_argument("--build", default="build")
    parser.add_argument("--crit", required=True)
    parser.add_argument("folders", nargs="+")
    args = parser.parse_args()
    comparison = Comparison()
    for top in args.folders:
        for folder, folders, names in sorted(os.walk(top)):
            if "pstree.img" not in names:
                continue
            for what in LISTINGS:
                ours = ask([os.path.join(args.build, "critcore")], folder, what, "--json")
                comparison.listing(folder, what, ask([args.crit], folder, what), ours)
    print("\n".join(line[:300] for line in comparison.failures))
    print(dict(comparison.met))
    print(f"{comparison.listings} listings, {len(comparison.failures)} failures")
    return 1 if comparison.failures or not comparison.listings else 0


if __name__ == "__main__":
    sys.exit(main())
