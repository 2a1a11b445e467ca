#!/usr/bin/env python3
"""frictionless validates every folder by its datapackage.json: files, digests, columns, the type of every cell.

usage: datapackage.py PROGRAM CAPTURE...
"""
import glob
import os
import subprocess
import sys
import tempfile

try:
    from frictionless import Package, validate
except ImportError:
    print("skipped: no frictionless (tools/test installs it where a package index can be reached)")
    sys.exit(77)


def check(program, capture, folder):
    subprocess.run([program, "analyze", "-q", "-p", "-t", "+features,burstiness", "--splt", "3", "-i", "1s,10ms",
                    "--columns", "all", "--force", "--render", "none", "-o", folder, capture], check=True)
    path = os.path.join(folder, "datapackage.json")
    described = {resource.path for resource in Package(path).resources}
    if described != {os.path.basename(table) for table in glob.glob(folder + "/*.csv")}:
        yield "the tables in the folder are not those in datapackage.json"
    report = validate(path)
    for task in report.tasks:
        yield from (f"{task.place}: {error.message}" for error in task.errors[:3])
    yield from (error.message for error in report.errors)


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for capture in sys.argv[2:]:
            for fault in check(sys.argv[1], capture, os.path.join(folder, "mill")):
                print(f"{capture}: {fault}")
                failed += 1
    print(f"{len(sys.argv) - 2} folders, {failed} faults")
    sys.exit(failed != 0)


main()
