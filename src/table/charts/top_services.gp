# The services with the most bytes on the wire.
set title 'Top services'
set xlabel 'bytes on the wire, both ways'
stats DATA using 2 nooutput
set format x numbers(STATS_max).'B'
set yrange [ROWS > 8 ? ROWS : 8:-1]
set xrange [0:*]
plot DATA using ($2/2.0):0:($2/2.0):(HALF):ytic(1) with boxxyerror lc rgb '#0072B2'
