#!/usr/bin/env -S gnuplot -c
# usage: gnuplot -c THIS [svg|png|dumb [OUTFILE]]       from any folder; svg beside the script if left out
DIR = ARG0
while (strlen(DIR) > 0 && DIR[strlen(DIR):strlen(DIR)] ne '/') { DIR = DIR[1:strlen(DIR)-1] }
TERM = (ARGC >= 1 && strlen(ARG1)) ? ARG1 : 'svg'
OUT = (ARGC >= 2 && strlen(ARG2)) ? ARG2 : DIR.NAME.'.'.TERM
DATA = DIR.NAME.'.csv'
set encoding utf8
set datafile separator comma
set datafile columnheaders
if (TERM eq 'dumb') {
    set terminal dumb size 79,24 noenhanced
    if (ARGC >= 2) { set output OUT }
} else {
    if (TERM eq 'png') {
        set terminal pngcairo size 1200,560 noenhanced font 'sans,11'
    } else {
        set terminal svg size 1200,560 dynamic noenhanced font 'sans-serif,14' background 'white'
    }
    set output OUT
}
set border 3 lc rgb '#555555'
set tics nomirror out
set grid ytics lc rgb '#dddddd' lt 1
set lmargin 12
set rmargin 4
unset key

# A chart without rows says so, instead of failing.
stats DATA using 0 nooutput
ROWS = exists('STATS_records') ? STATS_records : 0
if (ROWS < 1) {
    set xrange [0:1]; set yrange [0:1]; unset tics; unset border
    set label 1 'no data' at graph 0.5,0.5 center
    plot NaN notitle
    exit status 0
}
