#!/usr/bin/env python3
"""Captures cut short: by their end, and by the snap length.

usage: cuts.py PROGRAM CAPTURE-OR-FOLDER...

The first bytes of a pcap give its whole records, and status 3 unless the cut lies between two. Packets cut
to a snap length that leaves their headers give the same flows, hosts, pairs, services, rates and sizes.
"""
import json
import multiprocessing
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from captures import Tally, captures  # noqa: E402

USUAL = (b"\xd4\xc3\xb2\xa1\2\0\4\0", b"\x4d\x3c\xb2\xa1\2\0\4\0")
CUTS = 12
SNAP_LENGTH = 256
TABLES = "flows hosts pairs services rates sizes".split()


def boundaries(data):
    at = 24
    while True:
        yield at
        if len(data) - at < 16:
            return
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
        if at > len(data):
            return


def info(program, path):
    run = subprocess.run([program, "info", "-q", "--json", path], capture_output=True, text=True)
    return run.returncode, json.loads(run.stdout)["packets"] if run.returncode in (0, 3) else None


def check_ends(program, data, folder):
    """A cut at every few bytes, as primes would have it, and at boundaries."""
    ends, wrong = list(boundaries(data)), []
    offsets = {24 + (len(data) - 24) * i // CUTS for i in range(CUTS)} | set(ends[1:4])
    for offset in sorted(offsets):
        path = os.path.join(folder, "cut.pcap")
        with open(path, "wb") as file:
            file.write(data[:offset])
        whole = sum(end <= offset for end in ends) - 1
        expected = (0 if offset in ends else 3, whole)
        if info(program, path) != expected:
            wrong.append((f"cut at {offset}", info(program, path), expected))
    return wrong


def tables(program, path, folder):
    out = os.path.join(folder, "out")
    run = subprocess.run([program, "analyze", "-q", "--force", "--render", "none", "-o", out, path],
                         capture_output=True)
    if run.returncode != 0:
        return None
    found = {}
    for name in TABLES:
        with open(os.path.join(out, name + ".csv"), "rb") as file:
            found[name] = file.read()
    return found


def check_snap_length(program, path, data, folder):
    short, ends = os.path.join(folder, "short.pcap"), list(boundaries(data))
    with open(short, "wb") as file:
        file.write(data[:24])
        for begin, end in zip(ends, ends[1:]):
            cap_len = min(end - begin - 16, SNAP_LENGTH)
            file.write(data[begin:begin + 8] + struct.pack("<I", cap_len) + data[begin + 12:begin + 16 + cap_len])
    before, after = tables(program, path, folder), tables(program, short, folder)
    return [(f"snap length {SNAP_LENGTH}", name) for name in TABLES
            if before and (after or {}).get(name) != before[name]]


def work(job):
    program, path = job
    with open(path, "rb") as file:
        data = file.read()
    if data[:8] not in USUAL or info(program, path)[0] != 0:
        return path, None
    with tempfile.TemporaryDirectory() as folder:
        return path, check_ends(program, data, folder) + check_snap_length(program, path, data, folder)


def main():
    tally = Tally()
    with multiprocessing.Pool() as pool:
        for path, wrong in pool.imap(work, [(sys.argv[1], path) for path in captures(sys.argv[2:])], chunksize=8):
            tally.add(path, wrong)
    tally.close()


if __name__ == "__main__":
    main()
