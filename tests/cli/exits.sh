#!/bin/bash
# Exit statuses, messages, and what lies on the disk afterwards.
# usage: exits.sh PROGRAM DATA-FOLDER
set -u
program=$1 data=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0 passed=0

# The kinds of input that are no whole capture. small.pcap begins with 24 bytes of file header and a packet of 86.
good=$data/small.pcap
head -c 300 "$good" >cut.pcap
head -c 20 "$good" >header-short.pcap
: >nothing.pcap
{ head -c 126 "$good" && head -c 4096 /dev/zero; } >zero-tail.pcap
{ head -c 126 "$good" && head -c 64 /dev/zero && tail -c +127 "$good"; } >zero-hole.pcap
cat "$good" "$good" >two.pcap
printf '\x0a\x0d\x0d\x0a' >cut.pcapng
gzip -c "$good" >some.pcap.gz
zstd -qc "$good" | gzip -c >twice.pcap.zst.gz
head -c 300 some.pcap.gz >cut.pcap.gz
{ head -c -8 some.pcap.gz && head -c 8 /dev/zero; } >bad.pcap.gz # the checksum and the length
{ cat some.pcap.gz && echo garbage; } >garbage.pcap.gz
{ cat some.pcap.gz && head -c 512 /dev/zero; } >padded.pcap.gz
{ head -c 126 "$good" && head -c 1200M /dev/zero; } | zstd -qc >bomb.pcap.zst
{ printf '\x50\x2a\x4d\x18\x64\x00\x00\x00' && head -c 200 /dev/zero; } >skippable.only # then nothing known
head -c 12 some.pcap.gz >beheaded.pcap.gz
{ head -c 300 "$good" | xz -c && head -c 8 /dev/zero && tail -c +301 "$good" | xz -c; } >padded-between.pcap.xz
skippable='\x50\x2a\x4d\x18\x03\x00\x00\x00abc' # a frame without data
{ printf $skippable && head -c 300 "$good" | lz4 -qc && printf $skippable && tail -c +301 "$good" | lz4 -qc &&
    printf $skippable; } >skippable.pcap.lz4
printf 'PK\003\004' >some.zip

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

analyze="$program analyze --render none"

expect 0 "" $analyze "$good"
[ -f small.mill/flows.csv ] || { echo "no small.mill/flows.csv"; failed=1; }
expect 1 "exists: name another folder" $analyze "$good"
expect 0 "" $analyze --force "$good"
cp "$good" again.pcap
expect 0 "' holds the same bytes as '.*small.pcap': leave one of them out" $analyze -v -o twins "$good" again.pcap
grep -q '"same_as": ".*small.pcap"' twins/summary.json || { echo "no same_as in summary.json"; failed=1; }
expect 2 "takes a whole number up to 64" $analyze --dedup 65 -o x "$good"
expect 2 "no table 'flow': did you mean 'flows'?" $analyze -t flow -o x "$good"
expect 2 "no option '--treads': did you mean '--threads'?" $analyze --treads=2 -o x "$good"
expect 2 "no command 'analize': did you mean 'analyze'?" "$program" analize "$good"
expect 2 "no command 'frobnicate': try" "$program" frobnicate
expect 1 "cannot open 'no-such.pcap'" $analyze --thread 2 -f --treads no-such.pcap
expect 1 "cannot open 'no-such.pcap'" $analyze -qo --treads no-such.pcap
expect 0 "" "$program" report small.mill
(exec 2>journal && JOURNAL_STREAM=$(stat -Lc %d:%i /dev/stderr) $analyze no-such.pcap)
grep -q "^<3>pcapmill: cannot open" journal || { echo "no level for the journal: $(cat journal)"; failed=1; }
expect 1 "was not written by pcapmill" "$program" report .
expect 2 "name a folder" "$program" report
expect 2 "name tables behind the '+'" $analyze -t + -o x "$good"
mkdir benches
expect 0 "" $program bench -j3 --rounds 2 "$good"
export TMPDIR=$PWD/benches # seen by the next ones alone: others may measure in /dev/shm
grep -q '^3 threads' out && grep -q '^  update flows ' out || { echo "bench: $(cat out)"; failed=1; }
expect 0 "" $program bench -j2 --rounds 1 -p --json "$good"
python3 -c 'import json; runs = json.load(open("out"))["runs"]; assert [r["threads"] for r in runs] == [1, 2], runs' ||
    failed=1
expect 3 "is damaged at byte .* (cut_" $program bench -j1 --rounds 1 cut.pcap
expect 1 "is a folder" $program bench .
expect 2 "can be read only once: save it to a file first" $program bench -
expect 1 "cannot open" $program bench no-such.pcap
expect 2 "takes a whole number above 0" $program bench --rounds 0 "$good"
rmdir benches || { echo "bench left a folder"; failed=1; }
unset TMPDIR

# PKTAP in PKTAP, 16 deep and more: the longest stack of layers
{
    printf '\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00\x02\x01\x00\x00'
    for depth in 16 20 5; do
        printf "\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x$(printf %02x $((12 * depth)))\\x00\\x00\\x00"
        printf "\\x$(printf %02x $((12 * depth)))\\x00\\x00\\x00"
        for ((i = 0; i < depth; i++)); do printf '\x0c\x00\x00\x00\x01\x00\x00\x00\x02\x01\x00\x00'; done
    done
} >pktap.pcap
expect 0 "" $analyze -o pktap pktap.pcap
grep -q '^\(pktap:pcap_pktdata:*\)\{16\},' pktap/protocols.csv || { echo "pktap: $(cat pktap/protocols.csv)"; failed=1; }
mkdir other && touch other/mine
expect 1 "was not written by pcapmill" $analyze --force -o other "$good"
expect 1 "cannot open" $analyze -o x missing.pcap
expect 1 "is empty" $analyze -o x nothing.pcap
expect 1 "ends inside its file header" $analyze -o x header-short.pcap
expect 1 "is a folder" $analyze -o x .
expect 1 "ends inside its section header" $analyze -o x cut.pcapng
expect 0 "" $analyze -o packed some.pcap.gz
expect 1 "compressed twice (zstd in gzip)" $analyze -o x twice.pcap.zst.gz
expect 3 "cut_stream" $analyze -o packed2 cut.pcap.gz
expect 3 "bad_stream" $analyze -o packed3 bad.pcap.gz
expect 3 "trailing_garbage" $analyze -o packed4 garbage.pcap.gz
expect 0 "" $analyze -o packed5 padded.pcap.gz
expect 0 "" $analyze -o packed6 padded-between.pcap.xz
expect 0 "" $analyze -o packed7 skippable.pcap.lz4
expect 1 "not a packet capture" bash -c "cat skippable.only | $analyze -o x -"
expect 1 "ends before the first byte" $analyze -o x beheaded.pcap.gz
expect 1 "unpacks to over 1000 times its size" $analyze -o x bomb.pcap.zst
expect 1 "a zip archive" $analyze -o x some.zip
expect 2 "can be read only once" $analyze -o x - -
expect 1 "'-' is empty" $analyze -o x -
expect 1 "not a packet capture" $analyze -o x "$program"
expect 1 "cannot open the folder" $analyze -o no/where "$good"
expect 2 "name a capture" $analyze
expect 2 "takes times" $analyze -i 5 "$good"
expect 2 "takes times from 1ms" $analyze -i 1us "$good"
expect 2 "takes up to four times" $analyze -i 1s,2s,3s,4s,5s "$good"
expect 2 "an interval is named twice" $analyze -o twice -i 1s,1000ms "$good"
expect 2 "there is no table 'rates_second'" $analyze -o twice -t rates_second "$good"
expect 2 "there is no table '+flows'" $analyze -o twice -t hosts,+flows "$good"
expect 2 "above 0" $analyze --splt 0 "$good"
expect 2 "up to 50" $analyze --splt 51 "$good"
expect 2 "is no filter for this capture" $analyze -o x -f "foo bar" "$good"
expect 1 "cannot read a filter" $analyze -o x -F missing "$good"
expect 2 "a top list has" $analyze -o x --top 0 "$good"
expect 2 "there is no table" $analyze -o x -t nonsense "$good"
expect 2 "no format" $analyze -o x --render gif "$good"
expect 2 "no command" $program analyse
expect 0 "" $analyze -o empty "$data/empty.pcap"
expect 3 "is damaged at byte" $analyze -o cut cut.pcap
expect 0 "is damaged at byte" $analyze --damaged-ok -o cut2 cut.pcap
expect 1 "run without --strict" $analyze --strict -o cut3 cut.pcap
[ -e cut3 ] && { echo "--strict left a folder"; failed=1; }
expect 3 "zero_tail" $analyze -o zeros zero-tail.pcap
expect 3 "zero_hole" $analyze -o hole zero-hole.pcap
expect 3 "second_header" $analyze -o two two.pcap
# Any number of captures, by the list, as one record.
for i in $(seq 1 150); do echo "$good"; done >list
expect 0 "" $analyze --files-from list -o listed
expect 0 "" bash -c "ulimit -n 100 && $analyze -t rates --files-from list -o listed2"
[ "$(grep -c '"path"' listed/summary.json)" -eq 150 ] || { echo "--files-from: not 150 captures"; failed=1; }
expect 1 "cannot read names" $analyze -o x --files-from missing
echo missing.pcap >>list
expect 1 "cannot open 'missing.pcap'" $analyze --files-from list -o x
for packed in packed packed5 packed6 packed7; do
    cmp small.mill/flows.csv "$packed/flows.csv" || failed=1
done
head -n 64 list >list64
echo - >>list64
expect 0 "" bash -c "gzip -c $good | $analyze -o listed3 --files-from list64"
mkfifo fa fb
(cat "$good" >fa; cat "$good" >fb) & # a writer that serves one after the other
expect 0 "" timeout 20 $analyze -o fifos fa fb
expect 2 "cannot be a capture and the list" $analyze -o x --files-from - -
for kind in gzip bzip2 xz zstd lz4; do
    $kind -c <"$good" | $analyze -o "$kind" - || { echo "$kind from a pipe: failed"; failed=1; }
    for table in small.mill/*.csv; do
        cmp "$table" "$kind/${table#*/}" || failed=1
    done
done
expect 0 "" $program info "$good"
expect 0 "" $program info -h
expect 0 "" $program analyze --version
expect 2 "up to 1024, not '5000'" $analyze -j 5000 "$good"
expect 2 "takes names of tables" $analyze -o x -t "" "$good"
expect 2 "behind the last" $analyze -o x -t flows, "$good"
expect 2 "no command 'a?\[31m'" $program $'a\x1b[31m'
ln -s small.mill link
expect 1 "is a symbolic link" $analyze --force -o link "$good"
expect 0 "" $program --version
allocator=libc
grep -q thp:always $program && allocator=jemalloc # the program holds its settings
grep -qx "allocator: $allocator" out || { echo "--version does not say $allocator"; failed=1; }
exec 9>.locked.lock
flock 9
expect 4 "another run is writing" $analyze -o locked "$good"
exec 9>&-
expect 0 "" $analyze -o locked "$good"
for folder in zeros hole; do
    [ "$(wc -l <$folder/sizes.csv)" -eq 2 ] || { echo "$folder: not the packet before"; failed=1; }
done

# The summary on stdout is that of the folder; where it cannot be delivered, nothing is published.
$analyze --json -o summed "$good" >said && cmp said summed/summary.json || { echo "--json is not summary.json"; failed=1; }
for closed in "/dev/full" "&-"; do
    eval "$analyze --json -o undelivered '$good' >$closed 2>err"
    [ $? -eq 1 ] && [ ! -e undelivered ] || { echo "--json to $closed: published"; failed=1; }
    eval "$program info '$good' >$closed 2>err"
    [ $? -eq 1 ] || { echo "info to $closed: no failure"; failed=1; }
done
left=$(find . -name '.*.tmp.*' -o -name '.*.lock' | head)
[ -z "$left" ] || { echo "left behind: $left"; failed=1; }
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
