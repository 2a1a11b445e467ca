# Writes OUT, a C file with one string: the script of chart NAME, which reads DATA.csv; PARTS, the first of which
# begins with the line that names gnuplot, are joined behind what they need to know.
#   cmake -DNAME=rate -DDATA=rate "-DPARTS=prelude.gp;rate.gp" -DOUT=... -P embed.cmake
set(body "")
foreach(part IN LISTS PARTS)
  file(READ ${part} text)
  string(APPEND body "${text}\n")
endforeach()
string(FIND "${body}" "\n" first_line)
string(SUBSTRING "${body}" 0 ${first_line} shebang)
string(SUBSTRING "${body}" ${first_line} -1 rest)
string(REGEX REPLACE "\n+$" "\n" rest "${rest}")
set(script "${shebang}\nNAME = '${NAME}'\nDATA_NAME = '${DATA}'${rest}")
string(REPLACE "\\" "\\\\" script "${script}")
string(REPLACE "\"" "\\\"" script "${script}")
string(REPLACE "\n" "\\n\"\n    \"" script "${script}")
file(WRITE ${OUT} "#include \"table/all_tables.h\"\n\nconst char pm_script_${NAME}[] =\n    \"${script}\";\n")
