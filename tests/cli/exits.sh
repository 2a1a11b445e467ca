#!/bin/bash
# Exit statuses, messages, and what lies on the disk afterwards (CONTRACT.md, section 1).
# usage: exits.sh PROGRAM HOSTILE-FOLDER
set -u
program=$1 hostile=$2
[ -d "$hostile" ] || { echo "skipped: no ../shared"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0 passed=0

# expect STATUS "TEXT ON STDERR" COMMAND...: TEXT is a pattern; empty: stderr must be empty
expect() {
    local status=$1 text=$2
    shift 2
    "$@" >out 2>err </dev/null
    local got=$?
    if [ $got -eq "$status" ] && { [ -z "$text" ] && [ ! -s err ] || grep -qe "${text:-^$}" err; }; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$*: status $got, not $status; or stderr is not '$text': $(head -c 300 err)"
    fi
}

good=$hostile/h01-us-le.pcap
analyze="$program analyze --render none"

expect 0 "" $analyze "$good"
[ -f h01-us-le.mill/flows.csv ] || { echo "no h01-us-le.mill/flows.csv"; failed=1; }
expect 1 "exists: name another folder" $analyze "$good"
expect 0 "" $analyze --force "$good"
mkdir other && touch other/mine
expect 1 "was not written by pcapmill" $analyze --force -o other "$good"
expect 1 "cannot open" $analyze -o x missing.pcap
expect 1 "is empty" $analyze -o x "$hostile/h25-empty.pcap"
expect 1 "ends inside its file header" $analyze -o x "$hostile/h23-header-short.pcap"
expect 1 "is a folder" $analyze -o x .
expect 1 "pcapng" $analyze -o x "$hostile/n01-basic-le.pcapng"
expect 1 "gzip" $analyze -o x "$hostile/z01-one.pcap.gz"
expect 1 "not a packet capture" $analyze -o x "$program"
expect 1 "cannot open the folder" $analyze -o no/where "$good"
expect 2 "name a capture" $analyze
expect 2 "takes a time" $analyze -i 5 "$good"
expect 2 "takes a time from 1ms" $analyze -i 1us "$good"
expect 2 "a top list has" $analyze -o x --top 0 "$good"
expect 2 "there is no table" $analyze -o x -t nonsense "$good"
expect 2 "no format" $analyze -o x --render gif "$good"
expect 2 "no command" $program analyse
expect 0 "" $analyze -o empty "$hostile/h24-header-only.pcap"
expect 3 "is damaged at byte" $analyze -o cut "$hostile/r13-trunc-in-data.pcap"
expect 0 "is damaged at byte" $analyze --damaged-ok -o cut2 "$hostile/r13-trunc-in-data.pcap"
expect 1 "run without --strict" $analyze --strict -o cut3 "$hostile/r13-trunc-in-data.pcap"
[ -e cut3 ] && { echo "--strict left a folder"; failed=1; }
expect 3 "zero_tail" $analyze -o zeros "$hostile/r15-zero-tail-4k.pcap"
expect 3 "zero_hole" $analyze -o hole "$hostile/r16-zero-hole-middle.pcap"
expect 3 "second_header" $analyze -o two "$hostile/r18-two-pcaps-concatenated.pcap"
expect 0 "" $program info "$good"
expect 0 "" $program --version
exec 9>.locked.lock
flock 9
expect 4 "another run is writing" $analyze -o locked "$good"
exec 9>&-
expect 0 "" $analyze -o locked "$good"
for folder in cut cut2 zeros; do
    [ "$(wc -l <$folder/sizes.csv)" -eq 2 ] || { echo "$folder: not the packets before"; failed=1; }
done
left=$(find . -name '.*.tmp.*' -o -name '.*.lock' | head)
[ -z "$left" ] || { echo "left behind: $left"; failed=1; }
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
