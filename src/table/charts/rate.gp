# Rate over time by protocol: megabits of IP packets per second.
stats DATA using 1 nooutput
WORDS = 'TCP UDP ICMP ICMPV6 SCTP OTHER_IP'
COLUMNS = '6 7 2 3 5 4'
COLORS = '#0072B2 #E69F00 #009E73 #56B4E9 #CC79A7 #555555'
set title 'Rate by protocol'
set xlabel 'time since the origin (s)'
set ylabel 'Mbit/s of IP packets'
set yrange [0:*]
set key outside top center horizontal samplen 2
if (STATS_min == STATS_max) { set xrange [STATS_min-1:STATS_max+1] } else { set xrange [STATS_min:STATS_max] }
LINES = ''
do for [i=1:words(WORDS)] {
    stats DATA using int(word(COLUMNS, i)) nooutput
    if (STATS_max > 0) {
        LINES = LINES.sprintf('%sDATA using 1:%s with %s lc rgb ''%s'' lw 1.5 title ''%s''', \
                              strlen(LINES) ? ', ' : '', word(COLUMNS, i), \
                              ROWS > 1 ? 'lines' : 'points pt 7', word(COLORS, i), word(WORDS, i))
    }
}
if (strlen(LINES) == 0) { LINES = 'DATA using 1:6 with lines lc rgb ''#0072B2'' title ''no IP traffic''' }
eval 'plot '.LINES
