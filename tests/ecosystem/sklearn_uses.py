#!/usr/bin/python3
"""scikit-learn takes the table of features as it is: an isolation forest and a k-means over all of its numbers,
without cleaning a single cell.

usage: sklearn_uses.py PROGRAM CAPTURE
"""
import os
import subprocess
import sys
import tempfile

import pandas
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

NAMES = ["flow_id", "src_ip", "dst_ip", "timestamp"]  # what a flow is called, which is none of its features


def main():
    program, capture = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        subprocess.run([program, "analyze", "-q", "-t", "features", "--render", "none", "-o", out, capture], check=True)
        table = pandas.read_csv(os.path.join(out, "features.csv"))
    features = table.drop(columns=NAMES)
    assert all(kind.kind in "if" for kind in features.dtypes), features.dtypes[features.dtypes == object]
    odd = IsolationForest(random_state=1).fit_predict(features)
    groups = make_pipeline(StandardScaler(), KMeans(4, n_init=3, random_state=1)).fit_predict(features)
    print(f"{len(table)} flows with {len(features.columns)} features: {sum(odd == -1)} odd ones, "
          f"{len(set(groups))} groups")
    assert 0 < sum(odd == -1) < len(table) and len(set(groups)) == 4


main()
