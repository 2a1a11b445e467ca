# Room at the left for the names of the first column, in characters.
stats DATA using (strlen(strcol(1))) nooutput
NAME_LENGTH = STATS_max
set lmargin NAME_LENGTH + 5
