# The services with the most bytes on the wire.
set title 'Top services'
set xlabel 'bytes on the wire, both ways'
stats DATA using 2 nooutput
set format x numbers(STATS_max).'B'
unset grid
if (TERM ne 'dumb') { set grid xtics lc rgb '#dddddd' lt 1 }
set yrange [ROWS > 8 ? ROWS : 8:-1]
set xrange [0:*]
set ytics scale 0
set style fill solid 0.85 noborder
HALF = 0.4
plot DATA using ($2/2.0):0:($2/2.0):(HALF):ytic(1) with boxxyerror lc rgb '#0072B2'
