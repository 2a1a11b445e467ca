#!/usr/bin/env python3
"""The serial reference against the program, on real and on hostile captures.

usage: compare.py PROGRAM [--idle-timeout SECONDS] [--inner] [--dedup N] CAPTURE-OR-FOLDER...

Every table must be equal to the byte (the names of services aside, and floats of stats). Captures that are not pcap are
passed over, and counted.
"""
import argparse
import contextlib
import io
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.dirname(HERE))
import reference  # noqa: E402
from captures import Tally, captures  # noqa: E402

TABLES = ("rates rates_10ms flows pairs hosts services protocols sizes gaps stats features splt burstiness anomalies "
          "packets").split()


def without_names(name, rows):
    if name != "services":
        return rows
    cells = [row.split(",") for row in rows]
    return [",".join(c[:2] + ([""] if i else c[2:3]) + c[3:]) for i, c in enumerate(cells)]


def same(name, x, y):
    """Of these, floats that no two ways of computing round alike: equal to 10^-12, or in the last place."""
    if name not in ("stats", "burstiness") or x == y:
        return x == y
    cells = list(zip(x.split(","), y.split(",")))
    return x.count(",") == y.count(",") and all(a == b for a, b in cells[:3]) and all(
        abs(float(a) - float(b)) <= 1.5e-6 + 1e-12 * abs(float(b)) for a, b in cells[3:])


def run_both(args, path, ours, theirs):
    """How the program ended, and whether the reference takes the capture at all."""
    run = subprocess.run([args.program, "analyze", "-q", "-p", "-t", "+features,burstiness", "--splt", "7", "-i",
                          "1s,10ms", "-j2", "--columns", "all", "--force", "--render", "none", "--idle-timeout",
                          f"{args.idle_timeout}s", "--tunnels", "inner" if args.inner else "outer", "--dedup",
                          str(args.dedup), "-o", ours, path], capture_output=True, text=True)
    sys.argv = ["reference.py", "--idle-timeout", str(args.idle_timeout), "--dedup", str(args.dedup), path, theirs]
    sys.argv += ["--inner"] * args.inner
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            reference.main()
    except SystemExit:
        return run, False
    return run, True


def differs(args, path, folder):
    """None: not a pcap. Otherwise the first difference as text, or ''."""
    ours, theirs = os.path.join(folder, "ours"), os.path.join(folder, "theirs")
    run, known = run_both(args, path, ours, theirs)
    if not known:
        return None if run.returncode == 1 else f"not a pcap, yet status {run.returncode}"
    if run.returncode not in (0, 3):
        return f"status {run.returncode}: {run.stderr.strip()}"
    for name in TABLES:
        a, b = (open(os.path.join(d, name + ".csv"), encoding="utf-8").read().splitlines()
                for d in (ours, theirs))
        a, b = without_names(name, a), b
        for i in range(max(len(a), len(b))):
            x, y = (rows[i] if i < len(rows) else "(no row)" for rows in (a, b))
            if not same(name, x, y):
                return f"{name}.csv, line {i + 1}:\n    program   {x}\n    reference {y}"
    return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--idle-timeout", type=int, default=120)
    parser.add_argument("--inner", action="store_true")
    parser.add_argument("--dedup", type=int, default=0)
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args()
    tally = Tally(os.path.join(HERE, "exceptions.txt"))
    with tempfile.TemporaryDirectory() as folder:
        for path in captures(args.paths):
            tally.add(path, differs(args, path, folder))
    tally.close()


main()
