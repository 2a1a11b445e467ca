# How long flows last: the share of flows that last at least so long.
stats DATA using 1 nooutput
set title 'Flow durations'
set xlabel 'duration'
set ylabel 'share of flows at least that long'
set format y '%g'
if (TERM ne 'dumb') { set grid xtics }
set yrange [0:1.05]
if (STATS_max > 0) {
    if (STATS_min == STATS_max) { set xrange [decade_below(STATS_min):decade_above(STATS_max)] }
    set logscale x
    set xlabel 'duration (flows of a single moment are left of the axis)'
    set format x '%.0s %cs'
    plot DATA using ($1 > 0 ? $1 : 1/0):3 with linespoints pt 7 ps (ROWS == 1 ? 1 : 0.3) lw 1.5 lc rgb '#D55E00'
} else {
    set xrange [-1:1]
    plot DATA using 1:3 with points pt 7 lc rgb '#D55E00'
}
