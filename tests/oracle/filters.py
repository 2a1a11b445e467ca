#!/usr/bin/env python3
"""Filters against tcpdump: as many packets match each expression.

usage: filters.py PROGRAM CAPTURE-OR-FOLDER...

Captures that tcpdump refuses or stops in are passed over.
"""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from captures import Tally, captures  # noqa: E402

EXPRESSIONS = ["tcp", "udp port 53 or arp", "ip6 and not icmp6", "less 100", "ip[6:2] & 0x1fff != 0"]


def tcpdump(path, expression):
    """How many packets match; None: tcpdump cannot say."""
    run = subprocess.run(["tcpdump", "--count", "-n", "-r", path, expression], capture_output=True, text=True)
    found = re.search(r"^(\d+) packets?$", run.stdout, re.M)
    return int(found[1]) if found and run.returncode == 0 else None


def compare(program, path):
    wrong, compared = [], False
    for expression in EXPRESSIONS:
        theirs = tcpdump(path, expression)
        run = subprocess.run([program, "info", "--json", "-f", expression, path], capture_output=True, text=True)
        if theirs is None or run.returncode != 0:
            continue
        compared = True
        ours = json.loads(run.stdout)
        if ours["packets"] != theirs:
            wrong.append((expression, ours["packets"], theirs))
        if ours["packets"] + ours["filtered_packets"] != ours["inputs"][0]["packets"]:
            wrong.append((expression, "packets are missing"))
    return wrong if compared else None


def main():
    tally = Tally()
    for path in captures(sys.argv[2:]):
        tally.add(path, compare(sys.argv[1], path))
    tally.close(f" for {len(EXPRESSIONS)} filters")


main()
