# What became of the flows of TCP: closed (FIN from both sides), reset (RST), refused (an RST answers the SYN),
# unanswered (neither an answer nor an ACK of one), open (none of these).
stats DATA using 2 nooutput
set title 'What became of the flows of TCP'
set xlabel 'flows'
set format x numbers(STATS_max)
unset grid
if (TERM ne 'dumb') { set grid xtics lc rgb '#dddddd' lt 1 }
set yrange [ROWS:-1]
set xrange [0:*]
set ytics scale 0
set style fill solid 0.85 noborder
HALF = 0.4
plot DATA using ($2/2.0):0:($2/2.0):(HALF):ytic(1) with boxxyerror lc rgb '#0072B2'
