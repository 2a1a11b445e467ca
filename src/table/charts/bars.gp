# Horizontal bars. Their ranges are set behind `stats`, which would heed them.
unset grid
if (TERM ne 'dumb') { set grid xtics lc rgb '#dddddd' lt 1 }
set ytics scale 0
set style fill solid 0.85 noborder
HALF = 0.4
