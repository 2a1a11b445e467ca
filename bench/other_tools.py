#!/usr/bin/python3
"""What people type today, and what gives the same with pcapmill, each run once or more on the same capture; prints
the table of bench/other-tools.md.

usage: bench/other_tools.py [--rounds N] CAPTURE       N: of what takes under 5 seconds (default: 5)

Everything goes to a tmpfs; the page cache is warm. Tools that are not installed are told and left out.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "build", "pcapmill")
SLOW_S = 5

# What is wanted; the usual way (run in a folder of its own); pcapmill's options; and what then holds the answer.
DPKT = """/usr/bin/python3 -c 'import dpkt, pandas; print(pandas.DataFrame((t, len(b)) for t, b in dpkt.pcap.Reader(open("CAPTURE", "rb"))))'"""
WAYS = [
    ("what is in the file", "capinfos CAPTURE", "info CAPTURE", "stdout"),
    ("protocol hierarchy", "tshark -q -z io,phs -r CAPTURE", "analyze -t protocols CAPTURE", "protocols.csv"),
    ("rate per second", "tshark -q -z io,stat,1 -r CAPTURE", "analyze -t rates CAPTURE", "rates.csv"),
    ("conversations", "tshark -q -z conv,ip -r CAPTURE", "analyze -t pairs CAPTURE", "pairs.csv"),
    ("endpoints", "tshark -q -z endpoints,ip -r CAPTURE", "analyze -t hosts CAPTURE", "hosts.csv"),
    ("packet lengths", "tshark -q -z plen,tree -r CAPTURE", "analyze -t sizes CAPTURE", "sizes.csv"),
    ("a table of packets", "tshark -T fields -E separator=, -e frame.number -e frame.time_epoch -e ip.src -e ip.dst "
     "-e frame.len -r CAPTURE >packets.csv", "analyze -t packets CAPTURE", "packets.csv"),
    ("the packets of a host", "tcpdump -nr CAPTURE host 10.0.0.1 >host.txt",
     "analyze -t packets -f 'host 10.0.0.1' CAPTURE", "packets.csv"),
    ("flows", "nfpcapd -r CAPTURE -l . && nfdump -R . -o csv >flows.csv", "analyze -t flows CAPTURE", "flows.csv"),
    ("top talkers", "nfpcapd -r CAPTURE -l . && nfdump -R . -s ip/bytes", "analyze -t hosts CAPTURE",
     "hosts.csv"),
    ("times and lengths in pandas", DPKT, "analyze -t packets CAPTURE", "packets.csv, or the Python module"),
    ("features for machine learning", "cfm CAPTURE .", "analyze -t features CAPTURE", "features.csv"),
]


def seconds(command, rounds):
    """The median of some runs, or of one where it is slow; None where it fails or is not there."""
    times = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            begin = time.perf_counter()
            done = subprocess.run(["bash", "-c", command], cwd=folder, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, check=False)
            times.append(time.perf_counter() - begin)
        if done.returncode != 0:
            return None
        if times[0] > SLOW_S:
            break
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("capture")
    arguments = parser.parse_args()
    capture = os.path.abspath(arguments.capture)
    print("| you want | usual way | s | pcapmill | s | is in |\n|---|---|---|---|---|---|")
    for wanted, usual, ours, where in WAYS:
        there = shutil.which(usual.split()[0])
        before = seconds(usual.replace("CAPTURE", capture), arguments.rounds) if there else None
        options = "" if ours.startswith("info") else " --render none -o out"
        after = seconds(f"{PROGRAM} {ours.replace('CAPTURE', capture)}{options}", arguments.rounds)
        usual = usual.replace("CAPTURE", "x.pcap").replace("|", "\\|")
        print(f"| {wanted} | `{usual}` | {'not measured' if before is None else f'{before:.2f}'} | "
              f"`pcapmill {ours.replace('CAPTURE', 'x.pcap')}` | {after:.2f} | {where} |", flush=True)


main()
