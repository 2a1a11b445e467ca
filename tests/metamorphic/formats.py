#!/usr/bin/env python3
"""The same packets give the same tables, whatever holds them: pcap, nanosecond pcap and pcapng (by editcap),
the other byte order, blocks that nobody knows, files cut between records, a pipe, and every compression.

usage: formats.py PROGRAM CAPTURE-OR-FOLDER...

What editcap itself changes is left out: captures whose numbers it does not carry over (odd lengths, times
out of range, lengths over the snap length, which it sets anew).
"""
import bz2
import gzip
import lzma
import multiprocessing
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from captures import Tally, captures  # noqa: E402

NOT_CARRIED = {"ts_fraction", "cap_over_orig", "over_snaplen", "ts_range", "no_timestamp", "empty"}
PCAP = struct.pack("<I", 0xA1B2C3D4)
CUSTOM = struct.pack("<IIII", 0x40000BAD, 20, 32473, 0) + struct.pack("<I", 20)


def tables(program, folder, paths, pipe=None):
    """{name: bytes}, or None: not whole captures."""
    out = os.path.join(folder, "out")
    run = subprocess.run([program, "analyze", "-q", "-p", "--force", "--render", "none", "-o", out, *paths],
                         capture_output=True, input=pipe)
    if run.returncode != 0:
        return None
    found = {}
    for name in os.listdir(out):
        if name.endswith(".csv"):
            with open(os.path.join(out, name), "rb") as file:
                found[name] = file.read()
    return found


def holds_times(kind, expected):
    """pcap counts 32 bits of seconds; without nanoseconds it cuts what is finer than a microsecond."""
    times = [int(row.split(b",")[1]) for row in expected["packets.csv"].split(b"\n")[1:-1]]
    return kind == "pcapng" or (all(0 <= t < 2**32 * 10**9 for t in times) and
                                (kind == "nsecpcap" or all(t % 1000 == 0 for t in times)))


def converted(path, folder, expected):
    """(kind, bytes) of what editcap makes of it; several link types do not fit a pcap."""
    odd = {line.split(b",")[0].decode() for line in expected["anomalies.csv"].split(b"\n")}
    for kind in ("pcap", "nsecpcap", "pcapng"):
        to = os.path.join(folder, "converted")
        if not odd & NOT_CARRIED and holds_times(kind, expected) and \
                subprocess.run(["editcap", "-F", kind, path, to], capture_output=True).returncode == 0:
            with open(to, "rb") as file:
                yield kind, file.read()


def pcap_records(data):
    """The records of a usual little-endian pcap."""
    at = 24
    while at < len(data):
        size = 16 + struct.unpack_from("<I", data, at + 8)[0]
        yield data[at:at + size]
        at += size


def big_endian(data):
    def swap(header):
        return struct.pack(f">{len(header) // 4}I", *struct.unpack(f"<{len(header) // 4}I", header))
    header = swap(data[:4]) + data[4:8][1::-1] + data[4:8][:1:-1] + swap(data[8:24])
    return header + b"".join(swap(record[:16]) + record[16:] for record in pcap_records(data))


def with_blocks(data):
    """A pcapng with a block that nobody knows behind each block."""
    at, blocks = 0, []
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 4)[0]
        blocks += [data[at:at + size], CUSTOM]
        at += size
    return b"".join(blocks)


def parts(data):
    """The capture as three files of whole records."""
    records = list(pcap_records(data))
    third = len(records) // 3
    return [data[:24] + b"".join(records[cut]) for cut in (slice(0, third), slice(third, 2 * third),
                                                             slice(2 * third, None))]


def by_command(*command):
    return lambda data: subprocess.run(command, input=data, capture_output=True, check=True).stdout


PACKERS = {"gzip": lambda data: gzip.compress(data, 1), "xz": lambda data: lzma.compress(data, preset=0),
           "bzip2": bz2.compress, "zstd": by_command("zstd", "-qc"), "lz4": by_command("lz4", "-qc")}


def variants(path, data, folder, expected):
    """(name, files as bytes, bytes for a pipe)"""
    yield "pipe", [], data
    for name, pack in PACKERS.items():
        half = len(data) // 2
        yield name, [pack(data)], None
        yield name + " members from a pipe", [], pack(data[:half]) + pack(data[half:])
    for kind, bytes_ in converted(path, folder, expected):
        yield kind, [bytes_], None
        if kind == "pcapng":
            yield "unknown blocks", [with_blocks(bytes_)], None
    if data[:4] == PCAP and data[4:8] == b"\2\0\4\0":
        yield "big-endian", [big_endian(data)], None
        yield "parts", parts(data), None


def compare(program, path, folder):
    expected = tables(program, folder, [path])
    if expected is None:
        return None
    wrong = []
    with open(path, "rb") as file:
        data = file.read()
    for name, files, pipe in variants(path, data, folder, expected):
        paths = [os.path.join(folder, f"{i}.part") for i in range(len(files))]
        for to, bytes_ in zip(paths, files):
            with open(to, "wb") as file:
                file.write(bytes_)
        found = tables(program, folder, paths if files else ["-"], pipe)
        if found != expected:
            wrong.append((name, [table for table in expected if (found or {}).get(table) != expected[table]]))
    return wrong


def work(job):
    with tempfile.TemporaryDirectory() as folder:
        return job[1], compare(*job, folder)


def main():
    tally = Tally()
    with multiprocessing.Pool() as pool:
        for path, wrong in pool.imap(work, [(sys.argv[1], path) for path in captures(sys.argv[2:])], chunksize=4):
            tally.add(path, wrong)
    tally.close()


if __name__ == "__main__":
    main()
