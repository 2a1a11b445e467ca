#!/usr/bin/env python3
"""DuckDB, guessing alone, reads every table as what it is: the rows that summary.json counts, and the type
of every column; Parquet made of it holds the same.

usage: duckdb_reads.py PROGRAM CAPTURE...
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

try:
    import duckdb
except ImportError:
    print("skipped: no duckdb (tools/test installs it where a package index can be reached)")
    sys.exit(77)

TYPES = {"integer": "BIGINT", "number": "DOUBLE", "string": "VARCHAR"}


def wrong_types(path, fields):
    """Columns that DuckDB takes for something else than datapackage.json says."""
    found = duckdb.sql(f"DESCRIBE SELECT * FROM read_csv('{path}')").fetchall()
    for field, (name, kind, *_) in zip(fields, found, strict=True):
        if (field["name"], TYPES[field["type"]]) != (name, kind):
            yield f"{os.path.basename(path)}: {name} is {kind}, not {TYPES[field['type']]} {field['name']}"


def check(program, capture, folder):
    mill = os.path.join(folder, "mill")
    subprocess.run([program, "analyze", "-q", "-p", "-t", "+features", "--columns", "all", "--force", "--render", "none",
                    "-o", mill, capture], check=True)
    with open(os.path.join(mill, "summary.json"), encoding="utf-8") as file:
        rows = {table["name"]: table["rows"] for table in json.load(file)["tables"]}
    with open(os.path.join(mill, "datapackage.json"), encoding="utf-8") as file:
        fields = {table["name"]: table["schema"]["fields"] for table in json.load(file)["resources"]}
    wrong = [] if len(rows) == len(glob.glob(mill + "/*.csv")) else ["files and summary.json differ"]
    for name, n in rows.items():
        path, parquet = f"{mill}/{name}.csv", f"{folder}/{name}.parquet"
        found = duckdb.sql(f"SELECT count(*) FROM read_csv('{path}', header=true)").fetchone()[0]
        if found != n:
            wrong.append(f"{name}: {found} rows, not {n}")
        if n:
            wrong += wrong_types(path, fields[name])
        duckdb.sql(f"COPY (SELECT * FROM read_csv('{path}', header=true)) TO '{parquet}' (FORMAT parquet)")
        different = duckdb.sql(f"SELECT count(*) FROM (SELECT * FROM '{parquet}' EXCEPT ALL "
                               f"SELECT * FROM read_csv('{path}', header=true))").fetchone()[0]
        if different:
            wrong.append(f"{name}: {different} rows are not the same in Parquet")
    return len(rows), wrong


def main():
    tables = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for capture in sys.argv[2:]:
            n, wrong = check(sys.argv[1], capture, folder)
            tables += n
            failed += len(wrong)
            for sentence in wrong:
                print(f"{capture}: {sentence}")
    print(f"{tables} tables read, {failed} faults")
    sys.exit(failed != 0)


main()
