#!/bin/bash
# Every gnuplot script runs, from another folder, on a capture without packets, on one with a single packet,
# and on a usual one; says nothing; and draws text, SVG and PNG.
# usage: plots.sh PROGRAM DATA-FOLDER
set -u
program=$1 data=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0 drawn=0

# check_picture NAME PATTERN: what each format must hold
check_picture() {
    grep -q "$2" "$1.dumb" || wrong "$1" "an empty picture"
    tr -d '\f' <"$1.dumb" | awk 'length > 79 { exit 1 }' || wrong "$1" "wider than 79 columns"
    grep -q '</svg>' "$1.svg" || wrong "$1" "no SVG"
    [ "$(head -c 4 "$1.png" | tail -c 3)" = PNG ] || wrong "$1" "no PNG"
}

wrong() {
    echo "$1: $2"
    failed=$((failed + 1))
}

head -c $((24 + 16 + 86)) "$data/small.pcap" >one.pcap # its first packet has 86 bytes
for name in empty one small; do
    capture=$name.pcap
    [ -f "$capture" ] || capture=$data/$name.pcap
    "$program" analyze -q --render none -o "$name.mill" "$capture" || { echo "$name: not analyzed"; exit 1; }
    for script in "$name".mill/plots/*.gp; do
        chart=$(basename "$script" .gp)
        for format in dumb svg png; do
            gnuplot -c "$script" $format "$name-$chart.$format" >said 2>&1
            status=$?
            if [ "$(wc -l <"${script%.gp}.csv")" -eq 1 ]; then # a table without rows: gnuplot mentions it
                sed -i '/^$/d; /No valid data points found in file/d' said
            fi
            if [ $status -ne 0 ] || [ -s said ]; then
                wrong "$name-$chart.$format" "$(head -n 3 said)"
            fi
            drawn=$((drawn + 1))
        done
        rows=$(($(wc -l <"${script%.gp}.csv") - 1))
        check_picture "$name-$chart" "$([ $rows -eq 0 ] && echo "no data" || echo "[*#A-Za-z]")"
    done
done

# The program draws them itself; a picture lies beside its script.
"$program" analyze -q --render svg -o drawn.mill "$data/small.pcap"
for script in drawn.mill/plots/*.gp; do
    [ -s "${script%.gp}.svg" ] || wrong "${script%.gp}.svg" "was not drawn"
done
echo "$drawn pictures drawn, $failed failed"
[ $failed -eq 0 ] && [ $drawn -gt 0 ]
