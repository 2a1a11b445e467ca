#!/usr/bin/python3
"""What the form of a capture costs: pcapng against pcap, compressed files against the tool that unpacks them
to /dev/null, info against capinfos, and filters against none.

usage: bench/formats.py [--rounds N] [--out FILE.json] CAPTURE.pcap

All commands run in turn, the page cache is warm, files and tables lie on a tmpfs; the table shows medians,
and each one's ratio to that of the command it is held against.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from compare import PROGRAM, machine, run_once  # noqa: E402

PACK = {"gz": "gzip -c {0}", "zst": "zstd -qc {0}", "lz4": "lz4 -qc {0}", "xz": "xz -T0 -1 -c {0}",
        "bz2": "bzip2 -c {0}"}
UNPACK = {"gz": "gzip", "zst": "zstd", "lz4": "lz4", "xz": "xz", "bz2": "bzip2"}
FILTER = "tcp port 443 and not host 10.0.0.1 or greater 1"  # every packet matches, by its last term


def make_forms(capture, folder):
    forms = {"pcap": capture, "pcapng": os.path.join(folder, "capture.pcapng")}
    subprocess.run(["editcap", "-F", "pcapng", capture, forms["pcapng"]], check=True)
    for suffix, command in PACK.items():
        forms[suffix] = os.path.join(folder, "capture.pcap." + suffix)
        subprocess.run(f"{command.format(capture)} >{forms[suffix]}", shell=True, check=True)
    return forms


def commands(forms, folder):
    """NAME -> (command, what it is held against)"""
    mill = [PROGRAM, "analyze", "-q", "--damaged-ok", "--render", "none", "-o", os.path.join(folder, "out")]
    found = {"pcap": (mill + [forms["pcap"]], None),
             "pcapng": (mill + [forms["pcapng"]], "pcap"),
             "pcap, 1 thread": (mill + ["-j1", forms["pcap"]], None),
             "pcap, 1 thread, -f": (mill + ["-j1", "-f", FILTER, forms["pcap"]], "pcap, 1 thread"),
             "cat to a pipe": (["sh", "-c", f"cat {forms['pcap']} | cat"], None),
             "from a pipe": (["sh", "-c", f"cat {forms['pcap']} | {' '.join(mill)} -"], "cat to a pipe"),
             "capinfos without hashes": (["capinfos", "-acdersuxyz", forms["pcap"]], None),
             "info": ([PROGRAM, "info", forms["pcap"]], "capinfos without hashes")}
    for suffix, tool in UNPACK.items():
        found[f"{tool} -dc"] = ([tool, "-dc", forms[suffix]], None)
        found[f"from .{suffix}"] = (mill + [forms[suffix]], f"{tool} -dc")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out")
    parser.add_argument("capture")
    args = parser.parse_args()
    times = {}
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        todo = commands(make_forms(args.capture, folder), folder)
        for _ in range(args.rounds):
            for name, (command, _) in todo.items():
                times.setdefault(name, []).append(run_once(command, folder))
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    print("| what | median s | against | ratio |\n|---|---|---|---|")
    for name, (_, against) in todo.items():
        ratio = f"{medians[name] / medians[against]:.2f}" if against else ""
        print(f"| {name} | {medians[name]:.3f} | {against or ''} | {ratio} |")
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump({"machine": machine(), "capture": os.path.basename(args.capture), "seconds": times}, file,
                      indent=1)
            file.write("\n")


main()
