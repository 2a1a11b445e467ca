# The hosts with the most bytes on the wire, sent and received.
set title 'Top hosts'
set xlabel 'bytes on the wire'
stats DATA using (column(2)+column(3)) nooutput
set format x numbers(STATS_max).'B'
set yrange [ROWS > 8 ? ROWS : 8:-1]
set xrange [0:*]
set key outside top center horizontal samplen 2
plot DATA using ($2/2):0:($2/2):(HALF):ytic(1) with boxxyerror lc rgb '#0072B2' title 'sent', \
     DATA using ($2+$3/2):0:($3/2):(HALF) with boxxyerror lc rgb '#E69F00' title 'received'
