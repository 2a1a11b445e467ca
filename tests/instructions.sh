#!/bin/bash
# What a packet costs in instructions, by callgrind: the same on any machine, but for libraries that choose their code
# by the processor. More than the budget fails; a change that needs more says why, and raises it.
#
# usage: instructions.sh PROGRAM CAPTURE
set -u
program=$1 capture=$2
command -v valgrind >/dev/null || { echo "skipped: no valgrind"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
# A larger part would be taken by pieces, in a way that the clock chooses.
head -c 4000000 "$capture" >"$work/part.pcap"
capture=$work/part.pcap
packets=$("$program" info --damaged-ok --json "$capture" | sed -n 's/^  "packets": \([0-9]*\),/\1/p')

# Instructions a packet, and the command line: a tenth over what was measured. Some 250 of them are charts and the
# report, which cost 8 million whatever the capture; of a large one they are nothing.
budgets="
560 info
605 analyze -t protocols
1900 analyze
2190 analyze --columns tcp
2900 analyze --columns all
9700 analyze -p
2220 analyze --dedup 8
"

# The command's instructions a packet.
count() {
    local options="-j1 --damaged-ok -q"
    [ "$1" = info ] || options="$options --force --render none -o $work/mill"
    valgrind -q --tool=callgrind --callgrind-out-file="$work/out" "$program" $* $options "$capture" >/dev/null || exit 1
    echo $(($(sed -n 's/^\(summary\|totals\): \([0-9]*\)$/\2/p' "$work/out" | tail -n 1) / packets))
}

failed=0
while read -r budget options; do
    [ -n "$budget" ] || continue
    cost=$(count $options) || { echo "$options: failed under valgrind"; failed=1; continue; }
    [ "$cost" -le "$budget" ] && verdict="" || { verdict="  over its budget of $budget"; failed=1; }
    printf '%6d instructions a packet: %s%s\n' "$cost" "$options" "$verdict"
done <<<"$budgets"
[ $failed -eq 0 ]
