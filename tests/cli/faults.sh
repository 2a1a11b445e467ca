#!/bin/bash
# What happens from outside while pcapmill works: signals, a full disk, inputs that change. Nothing may be
# published by halves, and nothing may be left behind.
# usage: faults.sh PROGRAM PCAPGEN
set -u
program=$1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0 passed=0

"$2" flood 200000 flood.pcap
# Small runs take long enough to be caught in the middle; a shell makes its background jobs deaf to SIGINT.
slow="env --default-signal=INT $program analyze -q -j1 --run-bytes 2K --render none -o out"

wrong() {
    echo "$*"
    failed=$((failed + 1))
}

# during STATUS NAME ACTION...: starts slow work on input.pcap, halts it once the capture is mapped, acts, lets
# it go on, and looks at what is left
during() {
    local status=$1 name=$2
    shift 2
    cp flood.pcap input.pcap
    $slow input.pcap 2>err &
    local child=$!
    until grep -qs input.pcap /proc/$child/maps || [ ! -d /proc/$child ]; do :; done
    kill -STOP $child || wrong "$name: ended too early"
    "$@" $child
    kill -CONT $child
    wait $child 2>/dev/null
    local got=$?
    [ $got -eq "$status" ] || wrong "$name: status $got, not $status: $(head -c 300 err)"
    [ "$status" -eq 0 ] || [ ! -e out ] || wrong "$name: published all the same"
    left=$(find . -name '.out*')
    [ -z "$left" ] || wrong "$name: left behind: $left"
    rm -rf out
    passed=$((passed + 1))
}

shrink() { truncate -s 1M input.pcap; }
empty() { : >input.pcap; }
rewrite() { dd if=flood.pcap of=input.pcap bs=1M count=1 conv=notrunc status=none; }
grow() { tail -c 7600 flood.pcap >>input.pcap; }

during 143 SIGTERM kill -TERM
during 130 SIGINT kill -INT
during 129 SIGHUP kill -HUP
during 5 "shrunk input" shrink
grep -q "shrank or was rewritten" err || wrong "shrunk input: says $(head -c 300 err)"
during 5 "emptied input" empty
during 5 "rewritten input" rewrite
during 0 "growing input" grow

# A pipe that is silent does not keep a signal waiting.
mkfifo silent
$program analyze -q --render none -o out silent 2>err &
child=$!
exec 8>silent
head -c 1000 flood.pcap >&8
sleep 0.3
kill -TERM $child
begin=$(date +%s%N)
wait $child
got=$?
exec 8>&-
[ $got -eq 143 ] || wrong "silent pipe: status $got, not 143: $(head -c 300 err)"
[ $((($(date +%s%N) - begin) / 1000000)) -lt 2000 ] || wrong "silent pipe: kept the signal waiting"
[ ! -e out ] || wrong "silent pipe: published all the same"
passed=$((passed + 1))

# Waiting for the lock, and drawing, end by the signal too. gnuplot gets it with the whole process group.
exec 9>.out.lock
flock 9
cp flood.pcap input.pcap
env --default-signal=INT "$program" analyze -q --wait 1h -o out input.pcap 9>&- 2>err &
sleep 0.2
kill -INT $!
wait $! 2>/dev/null
status=$?
[ $status -eq 130 ] || wrong "SIGINT while waiting: status $status"
exec 9>&-
rm -f .out.lock
setsid env --default-signal=INT "$program" analyze -q --render svg -o out input.pcap 2>err &
child=$!
until pgrep -P $child gnuplot >/dev/null || [ ! -d /proc/$child ]; do :; done
kill -INT -- -$child
wait $child 2>/dev/null
status=$?
[ $status -eq 130 ] || wrong "SIGINT while drawing: status $status: $(head -c 300 err)"
[ -z "$(find . -name '*out*')" ] || wrong "SIGINT while drawing: left behind: $(find . -name '*out*')"

# A killed run cannot clean up; the next one does.
mkdir -p .out.tmp.abc123/plots
: >.out.lock
"$program" analyze -q --render none -o out flood.pcap || wrong "after a killed run: status $?"
[ -z "$(find . -name '.out*')" ] || wrong "remains of a killed run stay"
rm -rf out

# A full disk, as a limit on the size of files.
(ulimit -f 64 && "$program" analyze -q --render none -o out flood.pcap 2>err)
status=$?
[ $status -eq 1 ] || wrong "full disk: status $status"
grep -q "cannot write" err || wrong "full disk: says $(head -c 300 err)"
[ ! -e out ] && [ -z "$(find . -name '.out*')" ] || wrong "full disk: something is left"
"$program" info --json flood.pcap >/dev/full 2>err
status=$?
[ $status -eq 1 ] || wrong "full standard output: status $status"

echo "$passed situations, $failed failed"
[ $failed -eq 0 ]
