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

TEXTS = {"protocol", "service", "path", "anomaly", "src_ip", "dst_ip", "ip", "ip_a", "ip_b", "end_reason", "metric",
         "unit", "conn_state", "history"}
FLOATS = {"time_s", "duration_s", "mbps", "min", "max", "skewness", "kurtosis", "p01", "p05", "p25", "p50", "p75", "p95",
          "p99", "p999"}
FLOAT_PARTS = {"mean", "stddev", "std", "var", "ratio", "avg", "subflow"}


def wrong_types(path):
    """Columns that DuckDB takes for something else than they are."""
    table = duckdb.sql(f"DESCRIBE SELECT * FROM read_csv('{path}')").fetchall()
    for name, kind, *_ in table:
        is_float = name in FLOATS or name.endswith("_s") or FLOAT_PARTS & set(name.split("_"))
        is_text = name in TEXTS and not (name == "protocol" and "features" in path)  # a number there
        expected = "VARCHAR" if is_text else "DOUBLE" if is_float else "BIGINT"
        if kind != expected:
            yield f"{os.path.basename(path)}: {name} is {kind}, not {expected}"


def check(program, capture, folder):
    mill = os.path.join(folder, "mill")
    subprocess.run([program, "analyze", "-q", "-p", "-t", "+features", "--columns", "all", "--force", "--render", "none", "-o", mill, capture],
                   check=True)
    with open(os.path.join(mill, "summary.json"), encoding="utf-8") as file:
        rows = {table["name"]: table["rows"] for table in json.load(file)["tables"]}
    wrong = [] if len(rows) == len(glob.glob(mill + "/*.csv")) else ["files and summary.json differ"]
    for name, n in rows.items():
        path, parquet = f"{mill}/{name}.csv", f"{folder}/{name}.parquet"
        found = duckdb.sql(f"SELECT count(*) FROM read_csv('{path}', header=true)").fetchone()[0]
        if found != n:
            wrong.append(f"{name}: {found} rows, not {n}")
        if n:
            wrong += wrong_types(path)
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
