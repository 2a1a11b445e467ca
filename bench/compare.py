#!/usr/bin/python3
"""The whole way, from a capture to tables, against the tools that people use for it.

usage: bench/compare.py [--rounds N] [--slow] [--out FILE.json] CAPTURE

Every tool runs once per round, in turn, so that what disturbs the machine disturbs all; the table shows
medians and ratios of them. The page cache is warm, tables go to a tmpfs. --slow: also tshark's
conversations and the notebook, once each (minutes on a large capture). Tools that are not installed are
left out. pcapmill's answers are checked before any time is printed: its packets are capinfos', and its
tables for one and two threads have the same SHA-256.
"""
import argparse
import datetime
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PROGRAM = os.path.join(ROOT, "build", "pcapmill")
NOTEBOOK = ("import sys; sys.path.insert(0, sys.argv[1]); import notebook; "
            "notebook.notebook(sys.argv[2])")


def commands(capture, folder):
    """NAME -> (command, slow)."""
    out = os.path.join(folder, "out")
    mill = [PROGRAM, "analyze", "-q", "--render", "none", "-o", out]
    return {
        "wc -l": (["wc", "-l", capture], False),
        "pcapmill, 1 thread": (mill + ["-j1", capture], False),
        "pcapmill, 2 threads": (mill + ["-j2", capture], False),
        "tcpstat": (["tcpstat", "-r", capture, "-o", "%n\n"], False),
        # Not -w /dev/null: run by root, tcpdump gives what it writes to its own user.
        "tcpdump -w - >/dev/null": (["tcpdump", "-r", capture, "-w", "-"], False),
        "softflowd": (["softflowd", "-d", "-m", "1000000", "-r", capture], False),
        "nfpcapd": (["nfpcapd", "-r", capture, "-w", out], False),
        "tshark conversations": (["tshark", "-q", "-z", "conv,tcp", "-z", "conv,udp", "-r", capture],
                                 True),
        "the notebook (dpkt + pandas)": (["/usr/bin/python3", "-c", NOTEBOOK,
                                          os.path.join(ROOT, "tests", "oracle"), capture], True),
    }


def run_once(command, folder, limit=None):
    """Seconds, infinite past the limit, or None where the tool is not there. 3: the capture is damaged, the
    tables are written."""
    out = os.path.join(folder, "out")
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out) if command[0] == "nfpcapd" else None
    if shutil.which(command[0]) is None:
        return None
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    timer = threading.Timer(limit, process.kill) if limit else None  # a wait with a limit would poll
    if timer:
        timer.daemon = True
        timer.start()
    status = process.wait()
    seconds = time.perf_counter() - begin
    if timer:
        timer.cancel()
    if limit is not None and seconds >= limit:
        return math.inf
    if status not in (0, 3):
        sys.exit(f"{' '.join(command)}: status {status}")
    return seconds


def check_answers(capture, folder):
    summaries = []
    for threads in ("-j1", "-j2"):
        out = os.path.join(folder, "out")
        shutil.rmtree(out, ignore_errors=True)
        subprocess.run([PROGRAM, "analyze", "-q", "--damaged-ok", "--render", "none", threads, "-o", out,
                        capture], check=True)
        with open(os.path.join(out, "summary.json"), encoding="utf-8") as file:
            summaries.append(json.load(file))
    if summaries[0] != summaries[1]:
        sys.exit("one and two threads do not say the same: no times")
    counted = subprocess.run(["capinfos", "-TrmQ", "-c", capture], capture_output=True, text=True)
    if counted.returncode == 0 and int(counted.stdout.split(",")[-1].strip("\"\n")) != summaries[0]["packets"]:
        sys.exit("pcapmill and capinfos count different packets: no times")
    return summaries[0]["packets"]


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        cpu = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "?")
    compiler = subprocess.run(["gcc", "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True,
                            text=True).stdout.strip()
    return {"cpu": cpu, "cores": os.cpu_count(), "kernel": platform.release(), "compiler": compiler,
            "commit": commit, "date": datetime.date.today().isoformat()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--out")
    parser.add_argument("capture")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        packets = check_answers(args.capture, folder)
        times = {}
        for round_number in range(args.rounds):
            for name, (command, slow) in commands(args.capture, folder).items():
                if slow and not (args.slow and round_number == 0):
                    continue
                seconds = run_once(command, folder)
                if seconds is not None:
                    times.setdefault(name, []).append(seconds)
    result = {"machine": machine(), "capture": {"name": os.path.basename(args.capture), "packets": packets,
                                                "bytes": os.path.getsize(args.capture)},
              "commands": {name: [part.replace(ROOT + os.sep, "") for part in command] for name, (command, _) in
                           commands(os.path.basename(args.capture), "FOLDER").items() if name in times},
              "seconds": times}
    show(result)
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
            file.write("\n")


def show(result):
    capture, where = result["capture"], result["machine"]
    print(f"{capture['name']}: {capture['bytes'] / 1e6:.0f} MB, {capture['packets']} packets; "
          f"{where['cores']} cores of {where['cpu']}, {where['compiler']}, commit {where['commit']}, "
          f"{where['date']}\n")
    medians = {name: statistics.median(seconds) for name, seconds in result["seconds"].items()}
    print("| tool | median s | runs | x wc -l | x pcapmill, 2 threads |\n|---|---|---|---|---|")
    for name, median in sorted(medians.items(), key=lambda item: item[1]):
        print(f"| {name} | {median:.3f} | {len(result['seconds'][name])} | {median / medians['wc -l']:.1f} "
              f"| {median / medians['pcapmill, 2 threads']:.1f} |")
    print(f"\ntwo threads take {medians['pcapmill, 2 threads'] / medians['pcapmill, 1 thread']:.2f} of the "
          "time of one")


if __name__ == "__main__":
    main()
