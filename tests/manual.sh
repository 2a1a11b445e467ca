#!/bin/bash
# The manual page of the tables is well-formed, fits 80 columns, and names every column of every table.
# usage: manual.sh PAGE PROGRAM CAPTURE
set -u
page=$1 program=$2 capture=$3
command -v groff >/dev/null || { echo "skipped: no groff"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
faults=$(groff -man -ww -z "$page" 2>&1)
[ -z "$faults" ] || echo "$faults"
groff -man -Tutf8 -rLL=78n "$page" | sed 's/\x1b\[[0-9;]*m//g; s/.\x08//g' >"$work/text"
[ "$(wc -L <"$work/text")" -le 80 ] || { faults=wide; echo "a line is longer than 80"; }
"$program" analyze -q -p --columns all -t +features,splt,burstiness --splt 1 --render none -o "$work/mill" "$capture"
n=0
for table in "$work"/mill/*.csv; do
    for column in $(head -n 1 "$table" | tr , ' '); do
        n=$((n + 1))
        grep -q "^ *$column (" "$work/text" || { faults=missing; echo "$table: no word of $column"; }
    done
done
echo "$n columns"
[ -z "$faults" ] && [ $n -gt 0 ]
