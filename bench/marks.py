#!/usr/bin/python3
"""Every mark that pcapmill sets itself for speed and memory, measured in one go.

usage: bench/marks.py [--rounds N] [--slow] [--large] [--out FILE.json] CAPTURE

CAPTURE is a large one of real packets. What is compared runs in turn, once per round; the figures are ratios
of medians. The page cache is warm unless it says cold, tables go to a tmpfs. --slow: also tshark and the
notebook, once each. --large: also a capture of 8 GB, made beside CAPTURE and removed again. Cold runs drop
the page cache and need root; what cannot be measured here is left out and said. The answers are checked
before any time is taken (compare.py).
"""
import argparse
import json
import math
import os
import shutil
import statistics
import struct
import subprocess
import tempfile
import time

import compare

ROOT = compare.ROOT
PROGRAM = compare.PROGRAM
FLOOR = os.path.join(ROOT, "build-bench", "bench", "floor")
PCAPGEN = os.path.join(ROOT, "build", "pcapgen")
HOSTILE = os.path.join(ROOT, "..", "shared", "tools", "hostile.py")
FLOOD_FLOWS = 10_000_000
LARGE_BYTES = 8_000_000_000
LIMIT_S = 60  # for any command but the slow ones


def mill(folder, threads, *options):
    return [PROGRAM, "analyze", "-q", "--damaged-ok", "--render", "none", f"-j{threads}", "-o",
            os.path.join(folder, "out"), *options]


def in_turn(commands, folder, rounds, prepare=None, limit=LIMIT_S):
    """NAME -> seconds of every round; a command whose program is missing is left out, and one that does not end
    is run no more."""
    times = {}
    for _ in range(rounds):
        for name, command in commands.items():
            if prepare:
                prepare()
            if times.get(name) == [math.inf]:
                continue
            seconds = compare.run_once(command, folder, limit)
            if seconds is not None:
                times.setdefault(name, []).append(seconds)
    return times


def peak_private(command, folder):
    """The most private memory in bytes that a command had, looked at every millisecond, and its seconds."""
    shutil.rmtree(os.path.join(folder, "out"), ignore_errors=True)
    begin, peak = time.perf_counter(), 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
                peak = max([peak] + [int(line.split()[1]) * 1024 for line in file if line.startswith("RssAnon")])
        except (OSError, ValueError):
            pass
        time.sleep(0.001)
    return peak, time.perf_counter() - begin


def usual_peak(command, folder, rounds=5):
    """The median of some peaks, and of their seconds: huge pages make one peak differ from the next by a tenth."""
    peaks = [peak_private(command, folder) for _ in range(rounds)]
    return tuple(statistics.median(values) for values in zip(*peaks))


def merged_ns(capture, rounds):
    """Nanoseconds per packet until the tables are merged, with two threads: of the median round."""
    told = subprocess.run([PROGRAM, "bench", "-j2", "--rounds", str(rounds), "--json", capture], check=True,
                          capture_output=True, text=True)
    result = json.loads(told.stdout)
    series = next(s for s in result["runs"][-1]["series"] if s["stage"] == "merged")
    return statistics.median(series["ns"]) / result["packets"]


def drop_caches():
    subprocess.run(["sync"], check=True)
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
        file.write("3")


def repeat(capture, out, n_bytes):
    """Every record of a little-endian pcap so often in a row that it becomes so large: the same flows."""
    times = n_bytes // os.path.getsize(capture)
    with open(capture, "rb") as source, open(out, "wb") as file:
        file.write(source.read(24))
        while len(header := source.read(16)) == 16:
            file.write((header + source.read(struct.unpack_from("<I", header, 8)[0])) * times)


class Marks:
    def __init__(self, args, folder):
        self.args, self.folder, self.rows, self.raw = args, folder, [], {}

    def row(self, what, value, mark, unit="x", least=False):
        met = value >= mark if least else value <= mark
        self.rows.append((what, f"{value:.2f} {unit}", f"{'>=' if least else '<='} {mark:g}", "yes" if met else "no"))

    def left_out(self, what, why):
        self.rows.append((what, "not measured: " + why, "", ""))

    def throughput(self):
        capture = self.args.capture
        commands = {name: command for name, (command, slow) in compare.commands(capture, self.folder).items()
                    if not slow}
        commands["floor"] = [FLOOR, "2", capture]
        commands["argus"] = ["argus", "-r", capture, "-w", os.path.join(self.folder, "argus.out")]
        times = in_turn(commands, self.folder, self.args.rounds)
        if self.args.slow:
            slow = {name: command for name, (command, is_slow) in compare.commands(capture, self.folder).items()
                    if is_slow}
            times.update(in_turn(slow, self.folder, 1, limit=None))
        self.raw["throughput"] = times
        medians = {name: statistics.median(seconds) for name, seconds in times.items()}
        ours = medians["pcapmill, 2 threads"]
        self.row("two threads against wc -l", ours / medians["wc -l"], 1.0)
        if "floor" in medians:
            self.row("two threads against two that read every byte of the map", ours / medians["floor"], 2.5)
        else:
            self.left_out("two threads against two that read every byte of the map", "build the preset bench")
        self.row("two threads against one", ours / medians["pcapmill, 1 thread"], 0.56)
        for name, mark in (("nfpcapd", 8), ("softflowd", 5), ("argus", 15), ("tshark conversations", 2000),
                           ("the notebook (dpkt + pandas)", 150)):
            if medians.get(name) == math.inf:
                self.left_out(f"faster than {name}", f"it does not end within {LIMIT_S} s")
            elif name in medians:
                self.row(f"faster than {name}", medians[name] / ours, mark, least=True)
            else:
                self.left_out(f"faster than {name}", "it is not installed, or slow")

    def packets_text(self):
        tables = os.path.join(self.folder, "tables")
        subprocess.run(mill(self.folder, 2, "-p", self.args.capture), check=True)
        shutil.rmtree(tables, ignore_errors=True)
        os.rename(os.path.join(self.folder, "out"), tables)
        n_bytes = {name: os.path.getsize(os.path.join(tables, name)) for name in os.listdir(tables)
                   if name.endswith(".csv")}
        out = os.path.join(self.folder, "cat.out")
        times = in_turn({"with -p": mill(self.folder, 2, "-p", self.args.capture),
                         "without": mill(self.folder, 2, self.args.capture),
                         "cat": ["sh", "-c", f"rm -f {out}; cat {tables}/*.csv >{out}"]},
                        self.folder, self.args.rounds)
        os.remove(out)
        shutil.rmtree(tables)
        self.raw["packets"] = {"bytes": n_bytes, "seconds": times}
        medians = {name: statistics.median(seconds) for name, seconds in times.items()}
        more = n_bytes["packets.csv"] / (medians["with -p"] - medians["without"])
        self.row("-p: its text per second of its own time, against cat",
                 more / (sum(n_bytes.values()) / medians["cat"]), 0.5, least=True)

    def cold(self):
        if os.geteuid() != 0:
            self.left_out("cold cache against cat", "needs root")
            return
        times = in_turn({"cat": ["cat", self.args.capture], "pcapmill": mill(self.folder, 2, self.args.capture)},
                        self.folder, min(self.args.rounds, 5), drop_caches)
        self.raw["cold"] = times
        self.row("cold cache against cat", statistics.median(times["pcapmill"]) / statistics.median(times["cat"]),
                 1.1)

    def flood(self):
        if not os.path.exists(PCAPGEN):
            self.left_out("flood of 10 million flows", "build the preset release")
            return
        flood = os.path.join(self.folder, "flood.pcap")
        subprocess.run([PCAPGEN, "flood", str(FLOOD_FLOWS), flood], check=True)
        peak, seconds = peak_private(mill(self.folder, 2, flood), self.folder)
        per_packet = {"flood": merged_ns(flood, 1), "capture": merged_ns(self.args.capture, self.args.rounds)}
        self.raw["flood"] = {"ns_per_packet": per_packet, "private_bytes": peak, "seconds": seconds}
        os.remove(flood)
        self.row("flood of 10 million flows, per packet until merged",
                 per_packet["flood"] / per_packet["capture"], 4)
        empty, _ = peak_private(mill(self.folder, 2, os.path.join(ROOT, "data", "empty.pcap")), self.folder)
        ours, _ = usual_peak(mill(self.folder, 2, self.args.capture), self.folder)
        self.raw["private_bytes"] = {"empty": empty, "capture": ours}
        self.row("private memory of the capture", ours / 1e6, 64, "MB")
        self.row("private memory per flow of the flood", (peak - empty) / FLOOD_FLOWS, 320, "bytes")

    def large(self):
        if not self.args.large or "private_bytes" not in self.raw:
            self.left_out("8 GB against the capture: private memory", "asked for with --large")
            return
        path = self.args.capture + ".8gb"
        repeat(self.args.capture, path, LARGE_BYTES)
        peak, seconds = usual_peak(mill(self.folder, 2, path), self.folder)
        os.remove(path)
        ours = self.raw["private_bytes"]["capture"]
        self.raw["large"] = {"private_bytes": peak, "seconds": seconds}
        self.row("8 GB against the capture: private memory", peak / ours, 1.1)

    def hostile(self):
        if not os.path.exists(HOSTILE):
            self.left_out("hostile captures: two threads against one", "no ../shared")
            return
        made = os.path.join(self.folder, "hostile")
        subprocess.run([HOSTILE, made, "--nest"], check=True, stdout=subprocess.DEVNULL)
        worst = 0
        for name in sorted(name for name in os.listdir(made) if name.startswith("nest-")):
            path = os.path.join(made, name)
            times = in_turn({"1": mill(self.folder, 1, path), "2": mill(self.folder, 2, path)}, self.folder,
                            self.args.rounds)
            self.raw.setdefault("hostile", {})[name] = times
            worst = max(worst, statistics.median(times["2"]) / statistics.median(times["1"]))
        self.row("hostile captures: two threads against one", worst, 2.0)

    def start(self):
        times = in_turn({"empty": mill(self.folder, 2, os.path.join(ROOT, "data", "empty.pcap"))}, self.folder,
                        3 * self.args.rounds)
        self.raw["start"] = times
        self.row("an empty capture", statistics.median(times["empty"]) * 1e3, 10, "ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--out")
    parser.add_argument("capture")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        packets = compare.check_answers(args.capture, folder)
        marks = Marks(args, folder)
        for measure in (marks.throughput, marks.packets_text, marks.cold, marks.flood, marks.large, marks.hostile,
                        marks.start):
            measure()
    where = compare.machine()
    print(f"{os.path.basename(args.capture)}: {os.path.getsize(args.capture) / 1e6:.0f} MB, {packets} packets; "
          f"{where['cores']} cores of {where['cpu']}, {where['compiler']}, commit {where['commit']}, "
          f"{where['date']}\n\n| what | measured | mark | met |\n|---|---|---|---|")
    for row in marks.rows:
        print("| " + " | ".join(row) + " |")
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            ended = {name: seconds for name, seconds in marks.raw["throughput"].items()
                     if math.inf not in seconds}  # JSON has no infinity
            marks.raw["throughput"] = ended
            json.dump({"machine": where, "capture": {"packets": packets, "bytes": os.path.getsize(args.capture)},
                       "rows": marks.rows, "raw": marks.raw}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
