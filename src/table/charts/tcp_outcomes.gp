# What became of the flows of TCP: closed (FIN from both sides), reset (RST), refused (an RST answers the SYN),
# unanswered (neither an answer nor an ACK of one), open (none of these).
stats DATA using 2 nooutput
set title 'What became of the flows of TCP'
set xlabel 'flows'
set format x numbers(STATS_max)
set yrange [ROWS:-1]
set xrange [0:*]
plot DATA using ($2/2.0):0:($2/2.0):(HALF):ytic(1) with boxxyerror lc rgb '#0072B2'
