#!/bin/bash
# What pcapmill wrote once, and people have read: a folder per case of the list below.
#
# usage: golden.sh PROGRAM                    compares all cases
#        golden.sh PROGRAM --rewrite NAME     writes the folder of one case anew, to be read and committed
set -u
program=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../data" || exit 1 # so that summary.json holds no folder of this machine

# NAME OPTIONS... CAPTURE
cases="
example example.pcap
small -p --columns all --origin epoch -i 100ms --idle-timeout 1s small.pcap
tables -t hosts,flows -i 1m --origin 1795430000.5 small.pcap
two_files small.pcap small.pcap
filtered -p -f ip6 small.pcap
empty -p --columns all -t +features,splt,burstiness empty.pcap
links -p links/*.pcap
tags -p tags.pcap
sections -p sections.pcapng
tunnels -p tunnels.pcap
tunnels_inner -p --tunnels inner tunnels.pcap
"

# Scripts and pictures are not kept: they are sources of ours, and gnuplot's; nor is report.html, which says what
# report.txt says. datapackage.json and the SQL say the
# same in every case; those of `empty`, which has every table, are kept.
write_case() {
    "$program" analyze -q --render none -o "$1" $2 && rm -f "$1"/plots/*.gp "$1"/report.html
    case $2 in *empty.pcap) ;; *) rm -f "$1"/datapackage.json "$1"/*.sql ;; esac
}

if [ "${2-}" = --rewrite ]; then
    options=$(sed -n "s/^$3 //p" <<<"$cases")
    [ -n "$options" ] || { echo "there is no case '$3'"; exit 2; }
    rm -rf "${here:?}/$3"
    write_case "$here/$3" "$options"
    exit
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0 passed=0
while read -r name options; do
    [ -n "$name" ] || continue
    if write_case "$work/$name" "$options" && diff -r "$here/$name" "$work/$name" >"$work/diff"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$name: not what it was ('-' before, '+' now):"
        diff -ru "$here/$name" "$work/$name" | head -n 20
    fi
done <<<"$cases"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
