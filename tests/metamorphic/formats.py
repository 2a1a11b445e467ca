#!/usr/bin/env python3
"""The same packets in another format give the same tables: pcap, nanosecond pcap and pcapng, by editcap.

usage: formats.py PROGRAM CAPTURE-OR-FOLDER...

What editcap itself changes is left out: captures whose numbers it does not carry over (odd lengths, times
out of range, lengths over the snap length, which it sets anew).
"""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from captures import Tally, captures  # noqa: E402

NOT_CARRIED = {"ts_fraction", "cap_over_orig", "over_snaplen", "ts_range", "no_timestamp", "empty"}


def tables(program, path, folder):
    """{name: bytes}, or None: not a whole capture without oddities."""
    run = subprocess.run([program, "analyze", "-q", "-p", "--force", "--render", "none", "-o",
                          os.path.join(folder, "out"), path], capture_output=True)
    if run.returncode != 0:
        return None
    found = {}
    for name in os.listdir(os.path.join(folder, "out")):
        if name.endswith(".csv"):
            with open(os.path.join(folder, "out", name), "rb") as file:
                found[name] = file.read()
    odd = {line.split(b",")[0].decode() for line in found["anomalies.csv"].split(b"\n")}
    return None if odd & NOT_CARRIED else found


def compare(program, path, folder):
    expected = tables(program, path, folder)
    if expected is None:
        return None
    wrong = []
    for kind in ("pcap", "nsecpcap", "pcapng"):
        converted = os.path.join(folder, "converted")
        if subprocess.run(["editcap", "-F", kind, path, converted], capture_output=True).returncode:
            continue  # several link types do not fit a pcap
        found = tables(program, converted, folder)
        if found != expected and holds_times(kind, expected):
            wrong.append((kind, [name for name in expected if (found or {}).get(name) != expected[name]]))
    return wrong


def holds_times(kind, expected):
    """pcap counts 32 bits of seconds; without nanoseconds it cuts what is finer than a microsecond."""
    times = [int(row.split(b",")[1]) for row in expected["packets.csv"].split(b"\n")[1:-1]]
    return kind == "pcapng" or (all(0 <= t < 2**32 * 10**9 for t in times) and
                                (kind == "nsecpcap" or all(t % 1000 == 0 for t in times)))


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for path in captures(sys.argv[2:]):
            tally.add(path, compare(sys.argv[1], path, folder))
    tally.close()


main()
