#!/usr/bin/env python3
"""The Python module, installed with pip into an empty folder, gives the very tables that the program writes: to pandas,
polars, DuckDB and pyarrow, with times to the nanosecond; its streams outlive what they come from.

usage: python_module.py PROGRAM LIBRARY MODULE-FOLDER CAPTURE...
"""
import gc
import os
import shutil
import subprocess
import sys
import tempfile

import folders

try:
    import duckdb
    import pandas
    import polars
    import pyarrow
except ImportError as missing:
    print(f"skipped: no {missing.name} (tools/test installs it where a package index can be reached)")
    sys.exit(77)

LIKE_FOLDERS = {"packets": True, "tables": "+features,burstiness", "splt": 3, "columns": "all"}
KINDS = {"integer": pyarrow.int64(), "number": pyarrow.float64(), "string": pyarrow.string()}


def install(source, work):
    """What pip makes of the source must not land in it."""
    copy, target = os.path.join(work, "source"), os.path.join(work, "installed")
    shutil.copytree(source, copy)
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-build-isolation", "--target",
                    target, copy], check=True)
    sys.path.insert(0, target)


def time_name(name):
    return name[:-3] if name.endswith("_ns") else name + "_ts"


def table_faults(table, found):
    """`found` is a pyarrow.Table."""
    expected = [*table.fields, *map(time_name, table.times)]
    if found.column_names != expected:
        yield f"columns {found.column_names}"
        return
    for name, kind in table.fields.items():
        if found.schema.field(name).type != KINDS[kind]:
            yield f"{name}: {found.schema.field(name).type}"
        if found[name].to_pylist() != [value if value != "" else None for value in table.column(name)]:
            yield f"{name}: other values"
    for name in table.times:
        time = found[time_name(name)]
        if time.type != pyarrow.timestamp("ns", "UTC") or time.cast(pyarrow.int64()).to_pylist() != table.column(name):
            yield f"{time_name(name)}: other times"


def frame_faults(table, analysis):
    """The ways that users take."""
    given = analysis.tables[table.name]
    arrow, frame, polar = given.to_arrow(), given.to_pandas(), given.to_polars()
    connection = duckdb.connect()
    relation = given.to_duckdb(connection)
    if not (len(given) == arrow.num_rows == len(frame) == len(polar) == len(relation)):
        yield "other numbers of rows"
    if not (arrow.column_names == list(frame.columns) == polar.columns == relation.columns):
        yield "other columns"
    if not pyarrow.table(given).equals(arrow) or not polars.DataFrame(given).equals(polar):
        yield "PyCapsules give something else"
    for name in table.fields:
        if table.fields[name] == "integer" and not (frame[name].dtype == "int64" and polar[name].dtype == polars.Int64):
            yield f"{name}: {frame[name].dtype}, {polar[name].dtype}"
    for name in map(time_name, table.times):
        if frame[name].dtype != pandas.DatetimeTZDtype("ns", "UTC"):
            yield f"{name}: {frame[name].dtype}"


def check(pcapmill, program, capture, folder):
    analysis = pcapmill.analyze(capture, **LIKE_FOLDERS)
    for table in folders.write(program, capture, folder):
        if table.name not in analysis.tables:
            if table.name != "rates_10ms":  # of a further interval
                yield f"no table {table.name}"
            continue
        faults = [*table_faults(table, getattr(analysis, table.name).to_arrow()), *frame_faults(table, analysis)]
        yield from (f"{table.name}: {fault}" for fault in faults)


def life_faults(pcapmill, capture):
    """A stream keeps the analysis; a capsule that nobody takes lets go of it."""
    flows = pcapmill.analyze(capture).flows
    reader, rows = pyarrow.RecordBatchReader.from_stream(flows), len(flows)
    unused = flows.__arrow_c_stream__()
    del flows, unused
    gc.collect()
    if reader.read_all().num_rows != rows:
        yield "a stream has lost its rows"
    for arguments, error in ((("no-such.pcap",), pcapmill.Error), ((capture,), ValueError)):
        try:
            pcapmill.analyze(*arguments, columns="basic" if error is pcapmill.Error else "none")
            yield f"no {error}"
        except error:
            pass
    try:
        pcapmill.analyze(capture).flow
        yield "a table that is none"
    except AttributeError as error:
        if "flows" not in str(error):
            yield f"{error} does not help"


def main():
    program, library, source, *captures = sys.argv[1:]
    os.environ["PCAPMILL_LIBRARY"] = library
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        install(source, work)
        import pcapmill
        huge = os.path.join(work, "huge.pcapng")
        folders.write_huge(huge)
        for capture in [*captures, huge]:
            for fault in [*check(pcapmill, program, capture, os.path.join(work, "out.mill")),
                          *life_faults(pcapmill, capture)]:
                print(f"{os.path.basename(capture)}: {fault}")
                failed += 1
    print(f"{len(captures) + 1} captures, {failed} faults")
    sys.exit(failed != 0)


main()
