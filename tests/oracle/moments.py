#!/usr/bin/python3
"""Means, deviations and quantiles by numpy, scipy and pandas from packets.csv, against flows.csv and stats.csv.

usage: moments.py PROGRAM CAPTURE-OR-FOLDER...

Floats are equal to 10^-9, or in the last place that is written. Captures with packets that bear no time are
passed over: packets.csv shows their time as 0.
"""
import os
import subprocess
import sys
import tempfile
import warnings

import numpy
import pandas
from scipy import stats

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from captures import Tally, captures  # noqa: E402

QUANTILES = {"p01": 0.01, "p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99, "p999": 0.999}
WITHOUT_TIME = {"no_timestamp", "ts_range"}


def close(ours, theirs):
    return abs(ours - theirs) <= 1.1e-6 + 1e-9 * abs(theirs)


def bin_end(gap):
    """The last value of the bin that holds a gap."""
    shift = max(0, int(gap).bit_length() - 5)
    return (int(gap) >> shift << shift) + (1 << shift) - 1


# ---- stats --------------------------------------------------------------------------------------

def samples(tables):
    flows, rates = tables["flows"], tables["rates"]
    packets = flows.fwd_packets + flows.rev_packets
    wire = flows.fwd_wire_bytes + flows.rev_wire_bytes
    gaps = numpy.diff(tables["packets"].ts_ns.to_numpy())
    yield "flow_bytes", wire
    yield "flow_duration", flows.last_ts_ns - flows.first_ts_ns
    yield "flow_packet_length", flows.wire_mean_bytes
    yield "flow_packets", packets
    yield "gap", gaps[gaps >= 0]
    yield "packet_length", tables["packets"].wire_length
    yield "rate", rates.groupby("bin_start_ns").wire_bytes.sum() * 8


def expected_row(name, sample):
    values = numpy.asarray(sample)
    constant = values.min() == values.max()
    row = {"count": len(values), "min": values.min(), "max": values.max(), "mean": values.mean(),
           "stddev": values.std()}
    if name != "gap":
        row["skewness"] = 0 if constant else stats.skew(values)
        row["kurtosis"] = 0 if constant else stats.kurtosis(values)
    for column, share in QUANTILES.items():
        quantile = numpy.quantile(values, share, method="inverted_cdf")
        row[column] = bin_end(quantile) if name == "gap" else quantile
    return row


def wrong_stats(tables):
    ours = tables["stats"].set_index("metric")
    for name, sample in samples(tables):
        if len(sample) == 0:
            if name in ours.index:
                yield f"stats: {name} of nothing"
            continue
        for column, value in expected_row(name, sample).items():
            if not close(ours.at[name, column], value):
                yield f"stats: {name}, {column}: {ours.at[name, column]}, not {value}"


# ---- flows --------------------------------------------------------------------------------------

def gaps_within_flows(packets):
    """In integers: pandas' own differences within groups are those of floats."""
    ordered = packets.sort_values("flow_id", kind="stable")
    flow, times = ordered.flow_id.to_numpy(), ordered.ts_ns.to_numpy()
    gaps = pandas.DataFrame({"flow_id": flow[1:], "gap": numpy.diff(times)})
    return gaps[(numpy.diff(flow) == 0) & (gaps.gap >= 0)]


def expected_columns(packets, prefix):
    """Of the packets of each flow, or of one direction: a table by flow_id."""
    groups = {"wire": packets.groupby("flow_id").wire_length, "payload": packets.groupby("flow_id").payload_length,
              "gap": gaps_within_flows(packets).groupby("flow_id").gap}
    found = {}
    for name, group in groups.items():
        unit = "ns" if name == "gap" else "bytes"
        for what, values in (("min", group.min()), ("max", group.max()), ("mean", group.mean()),
                             ("stddev", group.std(ddof=0))):
            found[f"{prefix}{name}_{what}_{unit}"] = values
    return found


def wrong_flows(tables):
    flows = tables["flows"].set_index("flow_id")
    packets = tables["packets"]
    packets = packets[packets.flow_id != 0]
    expected = expected_columns(packets, "")
    two_ended = flows[flows.src_ip != flows.dst_ip]
    packets = packets[packets.flow_id.isin(two_ended.index)]
    forward = packets.src_ip.to_numpy() == two_ended.src_ip.reindex(packets.flow_id).to_numpy()
    expected |= expected_columns(packets[forward], "fwd_") | expected_columns(packets[~forward], "rev_")
    for name, values in expected.items():
        ours = flows[name] if not name.startswith(("fwd_", "rev_")) else two_ended[name]
        theirs = values.reindex(ours.index).fillna(0)
        bad = ~((ours - theirs).abs() <= 1.1e-6 + 1e-9 * theirs.abs())
        for flow in ours.index[bad][:1]:
            yield f"flows: flow {flow}, {name}: {ours[flow]}, not {theirs[flow]}"


def differs(program, path, folder):
    mill = os.path.join(folder, "mill")
    run = subprocess.run([program, "analyze", "-q", "-p", "--columns", "all", "--force", "--render", "none", "-o", mill,
                          path], capture_output=True)
    if run.returncode not in (0, 3):
        return None
    tables = {name: pandas.read_csv(os.path.join(mill, name + ".csv"), keep_default_na=False)
              for name in ("flows", "packets", "rates", "stats", "anomalies")}
    if WITHOUT_TIME & set(tables["anomalies"].anomaly) or tables["packets"].empty:
        return None
    return next(wrong_stats(tables), "") or next(wrong_flows(tables), "")


def main():
    warnings.simplefilter("ignore", RuntimeWarning)  # scipy, of samples that are nearly constant
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for path in captures(sys.argv[2:]):
            tally.add(path, differs(sys.argv[1], path, folder))
    tally.close()


main()
