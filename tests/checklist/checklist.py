#!/usr/bin/env python3
"""What a flow exporter must get right, case by case: see cases.txt.

usage: checklist.py PROGRAM LAWS [OPTION-OF-LAWS]

Each case is written as a capture with nanoseconds and analyzed; its rows must be those that the case names. Then
LAWS cuts each of them everywhere, with 1, 2, 7 and 64 threads and the options of the case.
"""
import csv
import ipaddress
import json
import os
import struct
import subprocess
import sys
import tempfile
from collections import defaultdict

EPOCH = 1700000000 * 10**9
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128}
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "frag": 17, "gre": 47}


# ---- packets ------------------------------------------------------------------------------------

def tcp(keys, flags, sport, dport):
    options = b""
    if "mss" in keys:
        options += struct.pack("!BBH", 2, 4, keys["mss"])
    if "ws" in keys:
        options += struct.pack("!BBBB", 1, 3, 3, keys["ws"])
    bits = sum(FLAGS[letter] for letter in flags if letter != "-")
    return struct.pack("!HHIIBBHHH", sport, dport, keys.get("seq", 0), keys.get("ack", 0), 80 + len(options) * 4, bits,
                       keys.get("win", 1000), 0, 0) + options


def transport(protocol, flags, sport, dport, keys):
    length = keys.get("len", 0)
    if protocol == "tcp":
        return tcp(keys, flags, sport, dport) + bytes(length)
    if protocol == "udp":
        return struct.pack("!HHHH", sport, dport, 8 + length, 0) + bytes(length)
    if protocol == "icmp":
        return struct.pack("!BBHHH", keys["type"], keys["code"], 0, 1, 1) + bytes(length)
    if protocol == "gre":  # with a key, and around UDP
        inner = struct.pack("!HHHH", 5, 6, 8 + length, 0) + bytes(length)
        return struct.pack("!HHI", 0x2000, 0x0800, keys["key"]) + ip(address("C"), address("D"), 17, inner, {})
    return bytes(length)  # the rest of a fragmented datagram


def address(name):
    return ipaddress.ip_address(f"fd00::{ord(name[0]) - 64}" if name.endswith("6") else f"10.0.0.{ord(name[0]) - 64}")


def ip(source, target, protocol, payload, keys):
    ttl, tos = keys.get("ttl", 64), keys.get("dscp", 0) << 2
    if source.version == 6:
        return (struct.pack("!IHBB", 6 << 28 | tos << 20, len(payload), protocol, ttl) + source.packed + target.packed
                + payload)
    offset = keys.get("off", 0) // 8 | keys.get("more", 0) << 13
    return struct.pack("!BBHHHBBH", 0x45, tos, keys.get("ip_len", 20 + len(payload)), keys.get("id", 0), offset, ttl,
                       protocol, 0) + source.packed + target.packed + payload


def frame(words):
    source, _, target, protocol = words[:4]
    flags = words[4] if protocol == "tcp" else ""
    keys = {key: int(value) for key, value in (word.split("=") for word in words[4 + bool(flags):])}
    (source, sport), (target, dport) = (end.split(":") for end in (source, target))
    source, target = address(source), address(target)
    if protocol == "arp":
        kind, rest = 0x0806, struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + bytes(20)
    else:
        kind = 0x86DD if source.version == 6 else 0x0800
        rest = ip(source, target, PROTOCOLS[protocol], transport(protocol, flags, int(sport), int(dport), keys), keys)
    tag = struct.pack("!HH", 0x8100, keys["vlan"]) if "vlan" in keys else b""
    data = bytes.fromhex("020000000001020000000002") + tag + struct.pack("!H", kind) + rest + bytes(keys.get("pad", 0))
    return data, keys.get("snap", len(data))


def nanoseconds(text):
    whole, _, fraction = text.partition(".")
    return EPOCH + int(whole) * 10**9 + int(fraction.ljust(9, "0"))


def record(words):
    time, (data, captured) = nanoseconds(words[0]), frame(words[1:])
    header = struct.pack("<IIII", time // 10**9, time % 10**9, min(captured, len(data)), len(data))
    return header + data[:captured]


# ---- cases --------------------------------------------------------------------------------------

class Case:
    def __init__(self, name):
        self.name, self.options = name, []
        self.flows, self.features, self.anomalies, self.summary = [], [], {}, {}
        self.capture = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)

    def add(self, words):
        expected = words[0] in ("flow", "features", "anomaly", "summary")
        cells = dict(word.split("=") for word in words[1:]) if expected else {}
        if words[0] == "options":
            self.options = words[1:]
        elif words[0] == "flow":
            self.flows.append(cells)
        elif words[0] == "features":
            self.features.append(cells)
        elif words[0] == "anomaly":
            self.anomalies |= cells
        elif words[0] == "summary":
            self.summary |= cells
        else:
            self.capture += record(words)


def read_cases():
    cases = []
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.txt"), encoding="utf-8") as file:
        for words in (line.split() for line in file):
            if words and words[0] == "case":
                cases.append(Case(words[1]))
            elif words and not words[0].startswith("#"):
                cases[-1].add(words)
    return cases


def rows(folder, table):
    with open(os.path.join(folder, table + ".csv"), newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if len(set(reader.fieldnames)) != len(reader.fieldnames):
            sys.exit(f"{table} names a column twice")
        return list(reader)


def wrong_rows(table, found_rows, expected_rows):
    if len(found_rows) != len(expected_rows):
        yield f"{len(found_rows)} {table}, not {len(expected_rows)}"
    for number, (found, expected) in enumerate(zip(found_rows, expected_rows), 1):
        for column, value in expected.items():
            if found[column] != value:
                yield f"{table} {number}: {column} is {found[column]}, not {value}"


def faults(case, program, capture, out):
    subprocess.run([program, "analyze", "-q", "--columns", "all", "--render", "none", "-o", out, *case.options,
                    capture], check=True)
    yield from wrong_rows("flows", rows(out, "flows"), case.flows)
    if case.features:
        yield from wrong_rows("features", rows(out, "features"), case.features)
    with open(os.path.join(out, "summary.json"), encoding="utf-8") as file:
        summary = json.load(file)
    summary |= summary["options"]
    yield from (f"{name} is {summary[name]}, not {value}" for name, value in case.summary.items()
                if str(summary[name]) != value)
    anomalies = {row["anomaly"]: row["packets"] for row in rows(out, "anomalies")}
    if anomalies != case.anomalies:
        yield f"anomalies {anomalies}, not {case.anomalies}"


def cut_everywhere(laws, cases, folder):
    """Cases with the same options in one run. Says how many runs have failed."""
    groups = defaultdict(list)
    for case in cases:
        groups[tuple(case.options)].append(os.path.join(folder, case.name + ".pcap"))
    everything = ["--every-cut", "-p", "--columns", "all", "-t", "+features,burstiness", "--splt", "3"]
    return sum(subprocess.run([*laws, *everything, *options, *paths], check=False).returncode != 0
               for options, paths in groups.items())


def main():
    program, *laws = sys.argv[1:]
    cases, failed = read_cases(), 0
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            capture = os.path.join(folder, case.name + ".pcap")
            with open(capture, "wb") as file:
                file.write(case.capture)
            for fault in faults(case, program, capture, os.path.join(folder, case.name)):
                print(f"{case.name}: {fault}")
                failed += 1
        failed += cut_everywhere(laws, cases, folder)
    print(f"{len(cases)} cases, {failed} faults")
    sys.exit(failed != 0)


main()
