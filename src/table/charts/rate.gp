# Rate over time: bits of IP packets per second, a line for each protocol.
set title 'Rate by protocol'
plot for [i=1:words(PRESENT)] DATA using (column(TIME)):(column(word(PRESENT, i))) \
     with @LINES_OR_DOTS lw 1.5 lc rgb word(COLORS_PRESENT, i) title word(TITLES_PRESENT, i)
