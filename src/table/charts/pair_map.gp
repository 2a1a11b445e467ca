# Who sends how much to whom, among the hosts of the largest pairs. On a terminal columns bear the places that the
# file's column dst has, for there is no room for names.
stats DATA using 'dst' nooutput
COLUMNS = STATS_max + 1
stats DATA using 'src' nooutput
LINES = STATS_max + 1
stats DATA using 'wire_bytes' nooutput
LEAST = STATS_min == STATS_max ? STATS_min/2.0 : STATS_min
MOST = STATS_min == STATS_max ? STATS_max*2.0 : STATS_max
set title 'Bytes from host (left) to host (below)'
set rmargin 14
set xrange [-0.5:COLUMNS-0.5]
set yrange [LINES-0.5:-0.5]
set ytics scale 0
unset grid
set palette defined (0 '#440154', 0.25 '#3b528b', 0.5 '#21918c', 0.75 '#5ec962', 1 '#fde725')
if (MOST >= 20 * LEAST) { set logscale cb }
set cbrange [LEAST:MOST]
set format cb '%.0s%cB'
set style fill solid noborder
if (TERM eq 'dumb') {
    set xtics 1
    set format x '%.0f'
    plot DATA using 'dst':'src':ytic(1) with points pt 5
} else {
    set bmargin NAME_LENGTH * 0.45 + 2
    set xtics rotate by -50 scale 0
    plot DATA using (column('dst')):(column('src')):(0.48):(0.48):(column('wire_bytes')):xtic(2):ytic(1) \
         with boxxyerror lc palette
}
