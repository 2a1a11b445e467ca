# Packet lengths on the wire, in bins of equal width.
set title 'Packet lengths'
set xlabel 'length on the wire (bytes; the last bin holds what is longer too)'
set ylabel 'packets'
set format y '%.0s%c'
set style fill solid 0.85 noborder
set yrange [0:*]
set xrange [0:*]
plot DATA using ($1+$2/2):3:($2*0.9) with boxes lc rgb '#0072B2'
