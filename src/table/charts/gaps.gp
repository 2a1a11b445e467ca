# Time between neighbouring packets: packets per bin, and the share of gaps up to there.
stats DATA using 2 nooutput
set format y numbers(STATS_max)
stats DATA using 1 nooutput
set title 'Gaps between packets'
set xlabel 'time between a packet and the one before it'
set ylabel 'packets'
set y2label 'share of gaps at most that long'
set rmargin 12
set y2range [0:1.05]
set y2tics
set yrange [0:*]
set key top left
if (STATS_max > 0) {
    if (STATS_min == STATS_max) { set xrange [decade_below(STATS_min):decade_above(STATS_max)] }
    set logscale x
    set xlabel 'time between a packet and the one before it (no gap: left of the axis)'
    set format x '%.0s %cs'
    plot DATA using ($1 > 0 ? $1 : 1/0):2 with impulses lw 2 lc rgb '#0072B2' title 'packets', \
         DATA using ($1 > 0 ? $1 : 1/0):3 axes x1y2 with lines lw 1.5 lc rgb '#D55E00' title 'share'
} else {
    set xrange [-1:1]
    plot DATA using 1:2 with impulses lw 2 lc rgb '#0072B2' title 'packets'
}
