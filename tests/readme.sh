#!/bin/sh
# README.md lists every anomaly with its meaning, as src/decode/anomaly.h says it.
# usage: readme.sh PROJECT
set -u
cd "$1" || exit 1
sed -n 's/^ *X([A-Z0-9_]*, "\([a-z0-9_]*\)", "\(.*\)").*/| `\1` | \2 |/p' src/decode/anomaly.h >/tmp/readme.$$
missing=$(grep -vxFf README.md /tmp/readme.$$)
n=$(wc -l </tmp/readme.$$)
rm -f /tmp/readme.$$
[ -z "$missing" ] || echo "README.md lacks:\n$missing"
echo "$n anomalies"
[ -z "$missing" ] && [ "$n" -gt 0 ]
