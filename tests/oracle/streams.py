#!/usr/bin/python3
"""TCP and UDP flows against tshark's streams: how many there are, which packets are in each, their bytes, and
what tshark's TCP analysis (tcp.analysis.*) says of them.

usage: streams.py PROGRAM CAPTURE-OR-FOLDER...

Without an idle timeout a flow is what tshark calls a stream. Compared are streams of the outermost IP header;
tshark knows no protocol above TCP and UDP here, for some open streams of their own. Equal must be: the packets
and frame bytes of each stream; of TCP the sum of retransmissions (also fast and spurious ones) and segments out
of order, zero windows, keep-alives, duplicate ACKs, and the two handshake times, which are
tcp.analysis.initial_rtt. How that sum is divided is a matter of taste; the last line says how often the division
agrees. Captures that differ for a reason of their own stand in streams_exceptions.txt.
"""
import csv
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from captures import Tally, captures  # noqa: E402
from tshark import KNOWN, TRANSPORTS  # noqa: E402

# The first one: all kinds of it.
ANALYSIS = ["retransmission", "out_of_order", "zero_window", "keep_alive", "duplicate_ack"]
FIELDS = ["frame.number", "frame.len", "frame.protocols", "tcp.stream", "udp.stream", "tcp.analysis.initial_rtt",
          "tcp.flags"] + [f"tcp.analysis.{name}" for name in ANALYSIS]
PREFERENCES = ["ip.defragment:FALSE", "ipv6.defragment:FALSE", "tcp.desegment_tcp_streams:FALSE",
               "tcp.analyze_sequence_numbers:TRUE"]
SYN, ACK = 2, 16
BELOW = KNOWN | {"frame", "ppp_hdlc", "mstp", "lapd"}  # and between


def quiet_home(folder):
    """A configuration of tshark in which it knows nothing above the transports."""
    listed = subprocess.run(["tshark", "-G", "protocols"], capture_output=True, text=True, check=True).stdout
    names = {line.split("\t")[2] for line in listed.splitlines()}
    with open(os.path.join(folder, "disabled_protos"), "w", encoding="utf-8") as file:
        file.writelines(name + "\n" for name in sorted(names - BELOW))
    os.environ["WIRESHARK_CONFIG_DIR"] = folder


def outer_transport(layers):
    """The transport of the outermost IP header, or nothing."""
    seen = False
    for layer in layers:
        if seen and not layer.startswith("ipv6."):
            return layer if layer in TRANSPORTS else ""
        seen = seen or layer in ("ip", "ipv6")
    return ""


def read_streams(path):
    """(protocol, stream) -> its packets and what they are; a dict of Counters and packet numbers."""
    command = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "occurrence=f"]
    for preference in PREFERENCES:
        command += ["-o", preference]
    for field in FIELDS:
        command += ["-e", field]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace")
    streams = defaultdict(lambda: {"packets": set(), "counts": Counter(), "flags": set()})
    for line in run.stdout.split("\n"):
        cells = dict(zip(FIELDS, line.split("\t")))
        protocol = outer_transport(cells.get("frame.protocols", "").split(":"))
        number = cells.get(f"{protocol}.stream", "")
        if protocol not in ("tcp", "udp") or not number:
            continue
        stream = streams[protocol, number]
        stream["packets"].add(int(cells["frame.number"]))
        stream["counts"]["wire_bytes"] += int(cells["frame.len"])
        for name in ANALYSIS:
            stream["counts"][name] += cells[f"tcp.analysis.{name}"] != ""
        stream["flags"].add(int(cells["tcp.flags"] or "0", 16) & (SYN | ACK))
        if cells["tcp.analysis.initial_rtt"]:
            stream["rtt"] = round(float(cells["tcp.analysis.initial_rtt"]) * 10**9)
    return streams


def read_flows(program, path, folder):
    """flow_id -> its row and its packets that bear a whole header of TCP or UDP; None: refused."""
    out = os.path.join(folder, "out")
    run = subprocess.run([program, "analyze", "-q", "-p", "-t", "flows", "--columns", "tcp", "--idle-timeout", "0",
                          "--render", "none", "--damaged-ok", "--force", "-o", out, path],
                         capture_output=True, text=True)
    if run.returncode not in (0, 3):
        return None
    with open(os.path.join(out, "flows.csv"), encoding="ascii") as file:
        flows = {row["flow_id"]: (row, {}) for row in csv.DictReader(file)}
    with open(os.path.join(out, "packets.csv"), encoding="ascii") as file:
        for packet in csv.DictReader(file):
            if packet["flow_id"] != "0" and packet["fragment_offset"] == "0":  # tshark knows no flow of the others
                flows[packet["flow_id"]][1][int(packet["packet"])] = int(packet["wire_length"])
    return {flow: found for flow, found in flows.items() if found[0]["protocol"] in ("TCP", "UDP") and found[1]}


def both(row, name):
    return int(row["fwd_" + name]) + int(row["rev_" + name])


def faults(row, stream, agreement):
    counts = stream["counts"]
    if both(row, "wire_bytes") != counts["wire_bytes"] and row["fragments"] == "0":
        yield "bytes"
    if row["protocol"] != "TCP":
        return
    again, late = counts["retransmission"], counts["out_of_order"]
    ours = both(row, "retransmissions"), both(row, "out_of_order")
    if sum(ours) != again + late:
        yield f"again and late {ours}, not {again, late}"
    agreement["agree" if ours == (again, late) else "differ"] += ours != (0, 0)
    for name in ("zero_windows", "keep_alives", "duplicate_acks"):
        if both(row, name) != counts[name[:-1]]:
            yield f"{name} {both(row, name)}, not {counts[name[:-1]]}"
    rtt = int(row["syn_to_syn_ack_ns"]) + int(row["syn_ack_to_ack_ns"])
    whole = {SYN, SYN | ACK} <= stream["flags"]  # tshark tells half a handshake, too
    if whole and "rtt" in stream and rtt != stream["rtt"]:
        yield f"handshake {rtt}, not {stream['rtt']}"


def compare(task):
    program, path = task
    agreement = Counter()
    with tempfile.TemporaryDirectory() as folder:
        flows = read_flows(program, path, folder)
    if not flows:
        return None, agreement
    streams = {min(stream["packets"]): (key, stream) for key, stream in read_streams(path).items()}
    wrong = []
    for flow, (row, packets) in flows.items():
        key, stream = streams.pop(min(packets), ((), None))
        if stream is None or stream["packets"] != packets.keys():
            wrong.append(f"flow {flow}: packets {len(packets)}, not {stream and len(stream['packets'])}")
            continue
        wrong += [f"flow {flow}, stream {key[1]}: {fault}" for fault in faults(row, stream, agreement)]
        agreement["streams"] += 1
    wrong += [f"stream {key} is no flow" for key, _ in streams.values()]
    return wrong[:3], agreement


def main():
    program, *paths = sys.argv[1:]
    tally = Tally(os.path.join(os.path.dirname(os.path.abspath(__file__)), "streams_exceptions.txt"))
    agreement = Counter()
    paths = list(captures(paths))
    with tempfile.TemporaryDirectory() as folder, multiprocessing.Pool(
            len(os.sched_getaffinity(0)), quiet_home, (folder,)) as pool:
        for path, (wrong, found) in zip(paths, pool.imap(compare, [(program, path) for path in paths])):
            tally.add(path, wrong)
            agreement += found
    tally.close(f" ({agreement['streams']} streams; of those with segments again or late {agreement['agree']} are "
                f"divided as by tshark, {agreement['differ']} are not)")


main()
