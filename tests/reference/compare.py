#!/usr/bin/env python3
"""The serial reference against the program, on real and on hostile captures.

usage: compare.py PROGRAM [--idle-timeout SECONDS] [--inner] CAPTURE-OR-FOLDER...

Every table must be equal to the byte (the names of services aside, and floats of stats). Captures that are not pcap are
passed over, and counted.
"""
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

TABLES = "rates rates_10ms flows pairs hosts services protocols sizes gaps stats features splt burstiness anomalies packets".split()


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


def differs(program, idle, inner, path, folder):
    """None: not a pcap. Otherwise the first difference as text, or ''."""
    ours, theirs = os.path.join(folder, "ours"), os.path.join(folder, "theirs")
    run = subprocess.run([program, "analyze", "-q", "-p", "-t", "+features,burstiness", "--splt", "7", "-i", "1s,10ms", "-j2", "--columns", "all", "--force", "--render", "none",
                          "--idle-timeout", f"{idle}s", "--tunnels", "inner" if inner else "outer", "-o", ours, path], capture_output=True,
                         text=True)
    sys.argv = ["reference.py", "--idle-timeout", str(idle), path, theirs] + ["--inner"] * inner
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            reference.main()
    except SystemExit:
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
    program, args, idle = sys.argv[1], sys.argv[2:], 120
    if args[:1] == ["--idle-timeout"]:
        idle, args = int(args[1]), args[2:]
    inner = args[:1] == ["--inner"]
    tally = Tally(os.path.join(HERE, "exceptions.txt"))
    with tempfile.TemporaryDirectory() as folder:
        for path in captures(args[inner:]):
            tally.add(path, differs(program, idle, inner, path, folder))
    tally.close()


main()
