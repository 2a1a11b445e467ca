# The protocols that occur: word i of PRESENT names a column, and its colour (Okabe and Ito's) and title follow.
PROTOCOLS = 'tcp udp sctp icmp icmpv6 other_ip'
TITLES = 'TCP UDP SCTP ICMP ICMPv6 other'
COLORS = '#0072B2 #E69F00 #CC79A7 #009E73 #56B4E9 #555555'
PRESENT = ''; COLORS_PRESENT = ''; TITLES_PRESENT = ''; MOST = 0
do for [i=1:words(PROTOCOLS)] {
    stats DATA using word(PROTOCOLS, i).'_bps' nooutput
    if (STATS_max > 0) {
        MOST = STATS_max > MOST ? STATS_max : MOST
        PRESENT = PRESENT.' '.word(PROTOCOLS, i).'_bps'
        COLORS_PRESENT = COLORS_PRESENT.' '.word(COLORS, i)
        TITLES_PRESENT = TITLES_PRESENT.' '.word(TITLES, i)
    }
}
set ylabel 'bits per second of IP packets'
set yrange [0:*]
set key outside top center horizontal samplen 2
if (words(PRESENT) == 0) {
    set label 1 'no IP traffic' at graph 0.5,0.5 center
    set yrange [0:1]
    PRESENT = 'tcp_bps'; COLORS_PRESENT = '#0072B2'; TITLES_PRESENT = 'TCP'
}
set format y numbers(MOST)
