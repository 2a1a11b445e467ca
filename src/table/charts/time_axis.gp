# The axis of time: tics at whole seconds, minutes, hours or days of UTC. Doubles hold no nanoseconds since the
# epoch, so what lasts under a minute is drawn by the seconds since its start.
stats DATA using 'utc_s' nooutput
BEGIN = STATS_min
SPAN = STATS_max - STATS_min
if (SPAN < 60) {
    TIME = 'since_s'
    set xlabel strftime('seconds since %Y-%m-%d %H:%M:%S UTC', BEGIN)
    set xrange [SPAN > 0 ? 0 : -1 : SPAN > 0 ? SPAN : 1]
} else {
    TIME = 'utc_s'
    STEPS = '10 15 30 60 120 300 600 900 1800 3600 7200 10800 21600 43200 86400 172800 604800 1209600 2592000 7776000'
    STEP = 7776000
    do for [i=words(STEPS):1:-1] {
        if (SPAN / word(STEPS, i) <= (TERM eq 'dumb' ? 5 : 10)) { STEP = word(STEPS, i) + 0 }
    }
    set xtics STEP
    set format x (STEP < 60 ? "%H:%M:%S" : STEP < 86400 ? "%H:%M\n%d %b" : "%d %b\n%Y") timedate
    YEARS = SPAN / 31556952
    if (YEARS > 3) { # calendar years, for they differ in length
        YEAR_STEP = YEARS > 400 ? 100 : YEARS > 160 ? 50 : YEARS > 80 ? 20 : YEARS > 40 ? 10 : YEARS > 16 ? 5 : \
                    YEARS > 8 ? 2 : 1
        FIRST = int(floor(tm_year(BEGIN) / YEAR_STEP) + 1) * YEAR_STEP
        set format x '%Y' timedate
        set xtics (strptime('%Y', sprintf('%d', FIRST)))
        do for [YEAR=FIRST + YEAR_STEP:int(tm_year(BEGIN + SPAN)):YEAR_STEP] {
            set xtics add (strptime('%Y', sprintf('%d', YEAR)))
        }
    }
    set xlabel strftime('time (UTC), from %Y-%m-%d %H:%M:%S', BEGIN)
    set xrange [BEGIN:BEGIN + SPAN]
}
