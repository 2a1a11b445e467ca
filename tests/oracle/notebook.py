#!/usr/bin/python3
"""The notebook that this project began with, as an oracle for rates.csv.

usage: notebook.py PROGRAM CAPTURE-OR-FOLDER...

dpkt parses, pandas sums: per second since the first packet and per protocol, the IP lengths of TCP and
UDP over IPv4 in Mbit/s. To that it adds IPv6 (payload length + 40) and, because dpkt gives later
fragments no type, those by their protocol number. Every cell must equal rates.csv; a second without
such packets is a zero there and missing here.
Captures that dpkt cannot read, or that are not Ethernet, are passed over and counted.
"""
import os
import struct
import subprocess
import sys
import tempfile
from decimal import Decimal

import dpkt
import pandas

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from captures import Tally, captures  # noqa: E402


def ip_bytes(frame):
    """(protocol, IP length) of a frame that is TCP or UDP over IP, else None."""
    try:
        ip = dpkt.ethernet.Ethernet(frame).data
    except Exception:  # dpkt has many ways to fail on a cut or damaged frame
        return None
    if isinstance(ip, dpkt.ip.IP) and ip.p in (6, 17):
        return {6: "TCP", 17: "UDP"}[ip.p], ip.len
    if isinstance(ip, dpkt.ip6.IP6) and ip.p in (6, 17):
        return {6: "TCP", 17: "UDP"}[ip.p], ip.plen + 40
    return None


def frames(path):
    with open(path, "rb") as file:
        reader = dpkt.pcap.Reader(file)
        if reader.datalink() != dpkt.pcap.DLT_EN10MB:
            raise ValueError("not Ethernet")
        yield from ((int(Decimal(repr(t) if isinstance(t, float) else t) * 10**9), f)
                    for t, f in reader)


def notebook(path):
    rows = [(ts, *(ip_bytes(frame) or ("NONE", 0))) for ts, frame in frames(path)]
    table = pandas.DataFrame(rows, columns=["ts", "protocol", "bytes"])
    table["second"] = (table.ts - table.ts.iloc[0]) // 10**9
    sums = table.groupby(["second", "protocol"]).bytes.sum()
    return {key: int(value) for key, value in sums.items() if key[1] != "NONE"}


def program(binary, path, folder):
    run = subprocess.run([binary, "analyze", "-q", "--force", "--render", "none", "-t", "rates", "-o",
                          folder, path], capture_output=True, text=True)
    if run.returncode not in (0, 3):
        return None
    rates = pandas.read_csv(os.path.join(folder, "rates.csv"))
    assert ((rates.mbps - rates.ip_bytes * 8 / 1e6).abs() < 5.1e-7).all(), "mbps is ip_bytes * 8 / 10^6"
    wanted = rates[rates.protocol.isin(["TCP", "UDP"])]
    return {(int(r.time_s), r.protocol): int(r.ip_bytes) for r in wanted.itertuples() if r.ip_bytes}


def main():
    tally, cells = Tally(os.path.join(os.path.dirname(__file__), "notebook_exceptions.txt")), 0
    with tempfile.TemporaryDirectory() as folder:
        for path in captures(sys.argv[2:]):
            try:
                expected = {k: v for k, v in notebook(path).items() if v}
            except (ValueError, IndexError, dpkt.Error, struct.error):
                tally.add(path, None)
                continue
            found = program(sys.argv[1], path, os.path.join(folder, "out"))
            if found is None:
                tally.add(path, "refused")
                continue
            cells += len(expected) if found == expected else 0
            tally.add(path, sorted(set(found.items()) ^ set(expected.items()))[:4])
    tally.close(f" in {cells} cells")


if __name__ == "__main__":
    main()
