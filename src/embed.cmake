# Writes OUT, a C file with one string, SYMBOL, which HEADER declares: the files PARTS, joined; in them @NAME@ and
# @DATA@ become what NAME and DATA are.
#   cmake -DSYMBOL=pm_script_rate -DHEADER=table/all_tables.h -DNAME=rate -DDATA=rate "-DPARTS=prelude.gp;rate.gp"
#         -DOUT=... -P embed.cmake
cmake_minimum_required(VERSION 3.25)
set(text "")
foreach(part IN LISTS PARTS)
  file(READ ${part} part_text)
  if(NOT text STREQUAL "")
    string(APPEND text "\n")
  endif()
  string(APPEND text "${part_text}")
endforeach()
string(REPLACE "@NAME@" "${NAME}" text "${text}")
string(REPLACE "@DATA@" "${DATA}" text "${text}")
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
file(WRITE ${OUT} "#include \"${HEADER}\"\n\nconst char ${SYMBOL}[] =\n    \"${text}\";\n")
