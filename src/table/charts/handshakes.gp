# How long the two halves of TCP's handshake take, seen from where the capture was taken.
stats DATA using 'rtt_s' nooutput
set title 'TCP handshakes'
set xlabel 'time until the answer'
set ylabel 'share of the answers that came within that time'
set logscale x
set format x '%.0s %cs'
set format y '%g'
if (TERM ne 'dumb') { set grid xtics }
set yrange [0:1.05]
set key outside top center horizontal samplen 2
if (STATS_min == STATS_max) { set xrange [decade_below(STATS_min):decade_above(STATS_max)] }
plot DATA using 'rtt_s':'server_share' with linespoints pt 7 ps 0.3 lw 1.5 lc rgb '#0072B2' title 'SYN to SYN+ACK (server side)', \
     DATA using 'rtt_s':'client_share' with linespoints pt 7 ps 0.3 lw 1.5 lc rgb '#E69F00' title 'SYN+ACK to ACK (client side)'
