# How many flows there are at a time: those that have begun and not ended.
set title 'Concurrent flows'
set ylabel 'flows'
set yrange [0:*]
stats DATA using 'flows' nooutput
set format y numbers(STATS_max)
if (ROWS > 1) {
    plot DATA using (column(TIME)):'flows' with steps lw 1.5 lc rgb '#0072B2'
} else {
    plot DATA using (column(TIME)):'flows' with points pt 7 lc rgb '#0072B2'
}
