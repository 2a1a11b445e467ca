# Writes OUT, a C file with one string: SYMBOL = NAME's line, the prelude, and the chart's own part.
#   cmake -DNAME=rate -DPRELUDE=... -DCHART=... -DOUT=... -P embed.cmake
file(READ ${PRELUDE} prelude)
file(READ ${CHART} chart)
string(FIND "${prelude}" "\n" first_line)
string(SUBSTRING "${prelude}" 0 ${first_line} shebang)
string(SUBSTRING "${prelude}" ${first_line} -1 rest)
set(script "${shebang}\nNAME = '${NAME}'${rest}\n${chart}")
string(REPLACE "\\" "\\\\" script "${script}")
string(REPLACE "\"" "\\\"" script "${script}")
string(REPLACE "\n" "\\n\"\n    \"" script "${script}")
file(WRITE ${OUT} "#include \"table/all_tables.h\"\n\nconst char pm_script_${NAME}[] =\n    \"${script}\";\n")
