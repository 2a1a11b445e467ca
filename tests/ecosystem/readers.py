#!/usr/bin/env python3
"""What people read tables with, reads ours: pandas, pyarrow, polars and DuckDB, and Spark where it is asked for.

usage: readers.py [--spark] PROGRAM CAPTURE...       --spark: Spark alone, which takes its time to start

Of every table of every capture, and of one with numbers as large as they get:
* by each reader's own guesses: the same rows, numbers as numbers, and no warning;
* by the types of datapackage.json, or load.sql: the very types, empty tables included; times to the nanosecond;
* as Parquet, which to_parquet.sql made: the same again.
"""
import math
import os
import sys
import tempfile
import warnings

import folders

try:
    import duckdb
    import pandas
    import polars
    import pyarrow
    import pyarrow.csv
    import pyarrow.parquet
except ImportError as missing:
    print(f"skipped: no {missing.name} (tools/test installs it where a package index can be reached)")
    sys.exit(77)


# A reader gives a table as {column: (type, values)}; the type as datapackage.json calls it, or else as the
# reader does.

def kind_of(name):
    """What a type's name means, whoever uses it."""
    name = str(name).lower()
    for kind, names in (("integer", ("int64", "bigint", "int", "long")), ("number", ("double", "float64")),
                        ("string", ("string", "str", "object", "varchar", "large_string"))):
        if name in names:
            return kind
    return name


class Pandas:
    @staticmethod
    def columns(frame):
        return {name: (kind_of(frame[name].dtype), frame[name].tolist()) for name in frame.columns}

    def guess(self, table):
        return self.columns(pandas.read_csv(table.path))

    def typed(self, table):
        types = {"integer": "int64", "number": "float64", "string": "str"}
        return self.columns(pandas.read_csv(table.path, keep_default_na=False, float_precision="round_trip",
                                            dtype={name: types[kind] for name, kind in table.fields.items()}))

    def parquet(self, path):
        return self.columns(pandas.read_parquet(path))


class Pyarrow:
    @staticmethod
    def columns(found):
        return {field.name: (kind_of(field.type), found[field.name].to_pylist()) for field in found.schema}

    def guess(self, table):
        return self.columns(pyarrow.csv.read_csv(table.path))

    def typed(self, table):
        types = {"integer": pyarrow.int64(), "number": pyarrow.float64(), "string": pyarrow.string()}
        options = pyarrow.csv.ConvertOptions(column_types={n: types[kind] for n, kind in table.fields.items()})
        return self.columns(pyarrow.csv.read_csv(table.path, convert_options=options))

    def parquet(self, path):
        return self.columns(pyarrow.parquet.read_table(path))


class Polars:
    @staticmethod
    def columns(frame):
        return {name: (kind_of(kind), frame[name].to_list()) for name, kind in frame.schema.items()}

    def guess(self, table):
        return self.columns(polars.read_csv(table.path))

    def typed(self, table):
        types = {"integer": polars.Int64, "number": polars.Float64, "string": polars.String}
        return self.columns(polars.read_csv(table.path, schema={n: types[kind] for n, kind in table.fields.items()}))

    def parquet(self, path):
        return self.columns(polars.read_parquet(path))


class DuckDB:
    """Its types for tables are those of load.sql, which has run in `loaded`."""

    def __init__(self, loaded):
        self.loaded = loaded

    @staticmethod
    def columns(relation):
        rows = relation.fetchall()
        return {name: (kind_of(kind), [row[at] for row in rows])
                for at, (name, kind) in enumerate(zip(relation.columns, relation.types))}

    def guess(self, table):
        return self.columns(duckdb.sql(f"SELECT * FROM '{table.path}'"))

    def typed(self, table):
        names = ", ".join(f'"{name}"' for name in table.fields)
        return self.columns(self.loaded.sql(f"SELECT {names} FROM {table.name}"))

    def parquet(self, path):
        return self.columns(duckdb.sql(f"SELECT * FROM '{path}'"))


class Spark:
    def __init__(self):
        from pyspark.sql import SparkSession
        self.session = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
                        .config("spark.sql.shuffle.partitions", "1").getOrCreate())
        self.session.sparkContext.setLogLevel("WARN")

    @staticmethod
    def columns(frame):
        rows = frame.collect()
        return {name: (kind_of(kind), [row[at] for row in rows]) for at, (name, kind) in enumerate(frame.dtypes)}

    def guess(self, table):
        return self.columns(self.session.read.csv(table.path, header=True, inferSchema=True))

    def typed(self, table):
        types = {"integer": "BIGINT", "number": "DOUBLE", "string": "STRING"}
        schema = ", ".join(f"`{name}` {types[kind]}" for name, kind in table.fields.items())
        return self.columns(self.session.read.csv(table.path, header=True, schema=schema))

    def parquet(self, path):
        return self.columns(self.session.read.parquet(path))


def is_missing(value):
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def is_same(found, expected, guessed):
    """By default pandas reads floats fast, and wrong in the last bit."""
    if is_missing(found) or is_missing(expected):
        return is_missing(found) and is_missing(expected)
    return found == expected or (guessed and isinstance(expected, float)
                                 and math.isclose(found, expected, rel_tol=1e-15))


def differences(table, columns, guessed):
    """Of what a reader found in a table. Where it guessed, a column without a single value has no type."""
    names = [name for name in columns if name in table.fields]
    if names != list(table.fields):
        yield f"columns {names}"
        return
    for name, kind in table.fields.items():
        found_kind, found = columns[name]
        expected = table.column(name)
        if len(found) != len(expected):
            yield f"{name}: {len(found)} rows, not {len(expected)}"
        yield from (f"{name}: {a!r}, not {b!r}" for a, b in zip(found, expected) if not is_same(a, b, guessed))
        if found_kind != kind and not (guessed and all(map(is_missing, expected))):
            yield f"{name}: {found_kind}, not {kind}"


def time_differences(table, loaded):
    """Each time has a TIMESTAMP_NS, but for the first day that 64 bits hold and the last nanosecond."""
    for name in table.times:
        time = name[:-3] if name.endswith("_ns") else name + "_ts"
        wrong = loaded.sql(f"SELECT count(*) FROM {table.name} WHERE epoch_ns({time}) IS DISTINCT FROM {name} AND "
                           f"{name} BETWEEN -9223286400000000000 AND 9223372036854775806").fetchone()[0]
        if wrong:
            yield f"{time}: {wrong} times are others"


def address_differences(table, loaded):
    for name in table.fields:
        if name.split("_")[-1] in ("ip", "a", "b") and name.startswith(("ip", "src_ip", "dst_ip")):
            wrong = loaded.sql(f"SELECT count(*) FROM {table.name} WHERE {name}::INET::VARCHAR <> {name}").fetchone()
            if wrong[0]:
                yield f"{name}: {wrong[0]} addresses are others as INET"


def load_inet(loaded):
    """The extension as the package duckdb-ext-inet brings it; False where it is not there."""
    try:
        import duckdb_ext
    except ImportError:
        return False
    folder = next(iter(duckdb_ext.__path__))
    loaded.load_extension(os.path.join(folder, "extensions", f"v{duckdb.__version__}", "linux_amd64",
                                       "inet.duckdb_extension"))
    return True


def run_sql(loaded, folder, name):
    """As people do: with the folder as the current one."""
    before = os.getcwd()
    os.chdir(folder)
    with open(name, encoding="utf-8") as file:
        loaded.execute(file.read())
    os.chdir(before)


def check(program, capture, folder, spark):
    """Yields sentences of what is wrong."""
    tables = folders.write(program, capture, folder)
    loaded = duckdb.connect()
    inet = load_inet(loaded)
    run_sql(loaded, folder, "load.sql")
    run_sql(loaded, folder, "to_parquet.sql")
    readers = [spark] if spark else [Pandas(), Pyarrow(), Polars(), DuckDB(loaded)]
    for table in tables:
        parquet = table.path.removesuffix(".csv") + ".parquet"
        for reader in readers:
            found = [("guessed", reader.guess(table))] if table.rows else []
            found += [("typed", reader.typed(table)), ("parquet", reader.parquet(parquet))]
            for how, columns in found:
                for sentence in differences(table, columns, how == "guessed"):
                    yield f"{table.name}, {type(reader).__name__}, {how}: {sentence}"
        yield from (f"{table.name}: {sentence}" for sentence in time_differences(table, loaded))
        if inet:
            yield from (f"{table.name}: {sentence}" for sentence in address_differences(table, loaded))
    if not inet:
        print("skipped: INET, for there is no duckdb-ext-inet")


def main():
    arguments = sys.argv[1:]
    spark = Spark() if arguments[0] == "--spark" else None
    program, *captures = arguments[1 if spark else 0:]
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", ResourceWarning)  # pyspark leaves its sockets to the end
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        huge = os.path.join(work, "huge.pcapng")
        folders.write_huge(huge)
        for capture in [*captures, huge]:
            for sentence in check(program, capture, os.path.join(work, "out.mill"), spark):
                print(f"{os.path.basename(capture)}: {sentence}")
                failed += 1
    print(f"{len(captures) + 1} folders read, {failed} faults")
    sys.exit(failed != 0)


main()
