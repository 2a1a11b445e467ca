#!/usr/bin/env -S gnuplot -c
# usage: gnuplot -c THIS [svg|png|dumb [OUTFILE]]       from any folder; svg beside the script if left out
NAME = '@NAME@'
DATA_NAME = '@DATA@'
DIR = ARG0
while (strlen(DIR) > 0 && DIR[strlen(DIR):strlen(DIR)] ne '/') { DIR = DIR[1:strlen(DIR)-1] }
TERM = (ARGC >= 1 && strlen(ARG1)) ? ARG1 : 'svg'
if (TERM ne 'svg' && TERM ne 'png' && TERM ne 'dumb') { print 'formats: svg, png, dumb'; exit status 2 }
OUT = (ARGC >= 2 && strlen(ARG2)) ? ARG2 : DIR.NAME.'.'.TERM
DATA = DIR.DATA_NAME.'.csv'
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
if (TERM ne 'dumb') { set grid ytics lc rgb '#dddddd' lt 1 }
set lmargin 12
set rmargin 4
unset key

# Numbers up to `most` on an axis, in full or with the prefixes of the SI; a digit behind the point where tics
# would look alike.
numbers(most) = most < 10 ? '%g' : most < 1e4 ? '%.0f' : most / 1000.0**floor(log10(most)/3.0) < 10 ? '%.1s%c' : '%.0s%c'

# The powers of ten around a number: a logarithmic axis without one has no tics.
decade_below(x) = 10.0**floor(log10(x))
decade_above(x) = 10.0**(floor(log10(x)) + 1)

# A chart without rows says so, instead of failing.
stats DATA using 0 nooutput
ROWS = exists('STATS_records') ? STATS_records : 0
LINES_OR_DOTS = ROWS > 1 ? 'lines' : 'points pt 7'
if (ROWS < 1) {
    set xrange [0:1]; set yrange [0:1]; unset tics; unset border
    set label 1 NAME.': no data' at graph 0.5,0.5 center
    plot NaN notitle
    exit status 0
}
