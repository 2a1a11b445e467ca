# Rate over time: bits of IP packets per second, the protocols on top of each other. The highest sum is drawn
# first, and what is below it over it.
set title 'Rate, all protocols together'
set style fill solid 0.9 border
set boxwidth 0.5
sum_to(n) = sum [j=1:n] column(word(PRESENT, j))
N = words(PRESENT)
if (ROWS > 1) {
    plot for [i=N:1:-1] DATA using (column(TIME)):(sum_to(i)) with filledcurves y1=0 \
         lc rgb word(COLORS_PRESENT, i) title word(TITLES_PRESENT, i)
} else {
    plot for [i=N:1:-1] DATA using (column(TIME)):(sum_to(i)) with boxes \
         lc rgb word(COLORS_PRESENT, i) title word(TITLES_PRESENT, i)
}
