# SPDX-License-Identifier: Apache-2.0
#
# Wrong lines of the design, as many as wanted in one model: a run turns one on by the plusarg +mutant+NAME.
#
# atc_mutant(SET NAME FILE rtl/... FROM text TO text) adds one to SET. MUTANT in TO is 1 in runs with +mutant+NAME. FROM must
# occur exactly once, so a mutant that has gone stale fails the configuration, not silently.
# ATC_MUTATED_<SET>: the changed files, to be given to atc_verilate as SOURCES.
function(atc_mutant set name)
  cmake_parse_arguments(PARSE_ARGV 2 M "" "FILE;FROM;TO" "")
  set(original ${ATC_ROOT}/${M_FILE})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${original})
  get_filename_component(file ${M_FILE} NAME)
  set(mutated ${CMAKE_BINARY_DIR}/mutants/${set}/${file})
  if(mutated IN_LIST ATC_MUTATED_${set})
    file(READ ${mutated}.text text)
  else()
    file(READ ${original} text)
  endif()
  string(FIND "${text}" "${M_FROM}" first)
  string(FIND "${text}" "${M_FROM}" last REVERSE)
  if(first EQUAL -1 OR NOT first EQUAL last)
    message(FATAL_ERROR "mutant ${name}: '${M_FROM}' must occur exactly once in ${M_FILE}")
  endif()
  string(REPLACE "-" "_" flag "mutant_${name}")
  string(REPLACE "MUTANT" "${flag}" to "${M_TO}")
  string(REPLACE "${M_FROM}" "${to}" text "${text}")
  string(FIND "${text}" "\n);\n" header)      # the end of the module's header
  if(header EQUAL -1)
    message(FATAL_ERROR "mutant ${name}: ${M_FILE} has no module header that ends in a line of its own")
  endif()
  math(EXPR header "${header} + 4")
  string(SUBSTRING "${text}" 0 ${header} before)
  string(SUBSTRING "${text}" ${header} -1 after)
  set(text "${before}  logic ${flag};\n  initial ${flag} = $test$plusargs(\"mutant+${name}\") != 0;\n${after}")
  file(WRITE ${mutated}.text "${text}")
  file(CONFIGURE OUTPUT ${mutated} CONTENT "${text}" @ONLY)
  list(APPEND ATC_MUTATED_${set} ${mutated})
  list(REMOVE_DUPLICATES ATC_MUTATED_${set})
  set(ATC_MUTATED_${set} ${ATC_MUTATED_${set}} PARENT_SCOPE)
endfunction()
