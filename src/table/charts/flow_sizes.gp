# How large flows are: the share of flows with at least so many bytes on the wire.
stats DATA using 1 nooutput
set title 'Flow sizes'
set xlabel 'bytes on the wire, both ways'
set ylabel 'share of flows at least that large'
set logscale xy
set format x '%.0s%cB'
set format y '%g'
if (TERM ne 'dumb') { set grid xtics }
set yrange [*:1.2]
if (ROWS == 1) { set xrange [decade_below(STATS_min):decade_above(STATS_max)]; set yrange [0.1:1.2] }
plot DATA using 1:3 with linespoints pt 7 ps (ROWS == 1 ? 1 : 0.3) lw 1.5 lc rgb '#0072B2'
