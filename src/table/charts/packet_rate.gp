# Packets per second over time, of any kind.
set title 'Packets per second'
set ylabel 'packets/s'
set yrange [0:*]
stats DATA using 'packets_per_s' nooutput
set format y numbers(STATS_max)
plot DATA using (column(TIME)):'packets_per_s' with @LINES_OR_DOTS lw 1.5 lc rgb '#0072B2'
