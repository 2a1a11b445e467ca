#!/bin/bash
# Every gnuplot script runs, from another folder, on a capture without packets, on one with a single packet, on one of
# a second, on one of a year, on one without IP, and on a usual one; says nothing; and draws text, SVG and PNG.
# usage: plots.sh PROGRAM DATA-FOLDER
set -u
program=$1 data=$2
work=$(mktemp -d) || exit 1
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

# make_capture NAME PACKETS STEP-NS: UDP among a few hosts, at equal steps
make_capture() {
    /usr/bin/python3 - "$@" <<'END'
import struct
import sys
name, packets, step = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(name + ".pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101))
    for i in range(packets):
        time, length = 1700000000 * 10**9 + i * step, 28 + i % 50
        packet = struct.pack(">BBHHHBBH4s4sHHHH", 0x45, 0, length, i, 0, 64, 17, 0, bytes([10, 0, 0, i % 7]),
                             bytes([10, 0, 1, i % 5]), 1000 + i % 9, 53, length - 20, 0)
        file.write(struct.pack("<IIII", time // 10**9, time % 10**9, 28, length) + packet)
END
}

make_capture second 900 1000003
make_capture year 1460 21600000000000
head -c $((24 + 16 + 86)) "$data/small.pcap" >one.pcap # its first packet has 86 bytes
for name in empty one second year unknown small; do
    capture=$name.pcap
    [ -f "$capture" ] || capture=$(find "$data" -name "$name.pcap")
    "$program" analyze -q --columns tcp --render none -o "$name.mill" "$capture" || { echo "$name: not analyzed"; exit 1; }
    for script in "$name".mill/plots/*.gp; do
        chart=$(basename "$script" .gp)
        rows=$(($(wc -l <"$(dirname "$script")/$(sed -n "s/^DATA_NAME = '\(.*\)'/\1/p" "$script").csv") - 1))
        for format in dumb svg png; do
            gnuplot -c "$script" $format "$name-$chart.$format" >said 2>&1
            status=$?
            if [ $rows -eq 0 ]; then # a table without rows: gnuplot mentions it
                sed -i '/^$/d; /No valid data points found in file/d' said
            fi
            if [ $status -ne 0 ] || [ -s said ]; then
                wrong "$name-$chart.$format" "$(head -n 3 said)"
            fi
            drawn=$((drawn + 1))
        done
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
