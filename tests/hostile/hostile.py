#!/usr/bin/env python3
"""Every hostile case ends as cases.txt says: packets counted, exit status, damage, anomalies.

usage: hostile.py PROGRAM FOLDER            compares all cases of ../shared/tools/hostile.py in FOLDER
       hostile.py PROGRAM FOLDER --write    prints the table as it is now, to be read
"""
import json
import os
import subprocess
import sys

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.txt")
LIMIT_S = 60


def outcome(program, path):
    """packets, status, kinds of damage, anomalies; for what is refused the sentence."""
    run = subprocess.run([program, "info", "-q", "--json", path], capture_output=True, text=True, timeout=LIMIT_S)
    if run.returncode not in (0, 3):
        message = run.stderr.strip().removeprefix("pcapmill: ").replace(path, "FILE")
        return f"- {run.returncode} {message}"
    said = json.loads(run.stdout)
    damage = "+".join(what["kind"] for what in said["damage"]) or "whole"
    anomalies = " ".join(f"{name}:{n}" for name, n in said["anomalies"].items()) or "-"
    return f"{said['packets']} {run.returncode} {damage} {anomalies}"


def expected_outcomes():
    """{case: outcome} of the table; lines of the form `case: outcome`, and comments."""
    with open(TABLE, encoding="utf-8") as file:
        lines = (line.rstrip("\n") for line in file)
        return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))


def main():
    program, folder = sys.argv[1:3]
    if not os.path.isdir(folder):
        print("skipped: no ../shared")
        return 77
    found = {name: outcome(program, os.path.join(folder, name)) for name in sorted(os.listdir(folder))
             if not name.endswith((".txt", ".md", ".json", ".tsv"))}
    if sys.argv[3:] == ["--write"]:
        print("\n".join(f"{name}: {what}" for name, what in found.items()))
        return 0
    expected, differ = expected_outcomes(), 0
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            differ += 1
            print(f"{name}:\n    found    {found.get(name)}\n    expected {expected.get(name)}")
    print(f"{len(found) - differ} cases as they should be, {differ} differ")
    return int(differ != 0)


sys.exit(main())
