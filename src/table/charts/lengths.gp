# Packet lengths on the wire: packets per bin, and the share of packets up to there.
stats DATA using 2 nooutput
set format y numbers(STATS_max)
stats DATA using 1 nooutput
set title 'Packet lengths'
set xlabel 'length on the wire (bytes)'
set ylabel 'packets'
set y2label 'share of packets at most that long'
set rmargin 12
set y2range [0:1.05]
set y2tics
set yrange [0:*]
set key outside top center horizontal samplen 2
set logscale x
set xrange [STATS_min < 20 ? (STATS_min > 0 ? STATS_min/2.0 : 1) : 20 : STATS_max*1.5+2]
set xtics (16, 32, 64, 128, 256, 512, 1518, 4096, 9000, 65535, 262144) rotate by -35
plot DATA using ($1 > 0 ? $1 : 1/0):2 with impulses lw 3 lc rgb '#0072B2' title 'packets', \
     DATA using ($1 > 0 ? $1 : 1/0):3 axes x1y2 with lines lw 1.5 lc rgb '#D55E00' title 'share'
