#!/usr/bin/env python3
"""pcapmill info against capinfos: packets, bytes on the wire, earliest and latest time.

usage: capinfos.py PROGRAM CAPTURE-OR-FOLDER...

capinfos sums the original lengths, pcapmill max(original, captured); captures with more captured bytes
than original ones are compared without their bytes. capinfos stops with an error at damage that
pcapmill reports; the packets before it are compared all the same.
"""
import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal, InvalidOperation

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from captures import Tally, captures  # noqa: E402


def capinfos(path):
    run = subprocess.run(["capinfos", "-TmQ", "-c", "-d", "-a", "-e", "-S", "-t", path],
                         capture_output=True, text=True)
    rows = list(csv.reader(io.StringIO(run.stdout)))
    return dict(zip(rows[0], rows[1])) if len(rows) == 2 else None


def ns(text):
    try:
        return int(Decimal(text) * 10**9)
    except InvalidOperation:  # "n/a", or a time that capinfos cannot print
        return None


def compare(program, path):
    """What differs; None: the capture is not for both."""
    run = subprocess.run([program, "info", "--json", path], capture_output=True, text=True)
    if run.returncode not in (0, 3):
        return None
    ours, theirs = json.loads(run.stdout), capinfos(path)
    if theirs is None or (run.returncode == 3 and
                          ours["damage"][0]["kind"].startswith(("zero", "second", "bad"))):
        return None  # capinfos reads zeros and garbage as packets
    wrong = []
    if int(theirs["Number of packets"]) != ours["packets"]:
        wrong.append(("packets", theirs["Number of packets"], ours["packets"]))
    if (int(theirs["Data size (bytes)"]) != ours["wire_bytes"]
            and "cap_over_orig" not in ours["anomalies"]):
        wrong.append(("bytes", theirs["Data size (bytes)"], ours["wire_bytes"]))
    for name, key in (("Start time", "first_ts_ns"), ("End time", "last_ts_ns")):
        time = ns(theirs[name])
        if ours["packets"] and time is not None and time != ours[key]:
            wrong.append((key, theirs[name], ours[key]))
    return wrong


def main():
    tally = Tally(os.path.join(os.path.dirname(__file__), "capinfos_exceptions.txt"))
    for path in captures(sys.argv[2:]):
        tally.add(path, compare(sys.argv[1], path))
    tally.close()


main()
