# SPDX-License-Identifier: Apache-2.0
#
# atcbench-mutants: the tool on a one-endpoint model that has every wrong line of the list below at once; `sim.mutant` says
# which of them is wrong in a run, so that all of them cost one model.
#
# atc_mutant(name FILE rtl/... FROM text TO text) adds one. MUTANT in TO is 1 in runs with sim.mutant=name (a choice of that key
# in sim/src/config.cpp). FROM must occur exactly once, so a mutant that has gone stale fails the configuration, not silently.
set(ATC_MUTATED "")
function(atc_mutant name)
  cmake_parse_arguments(M "" "FILE;FROM;TO" "" ${ARGN})
  set(original ${ATC_ROOT}/${M_FILE})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${original})
  get_filename_component(file ${M_FILE} NAME)
  set(mutated ${CMAKE_BINARY_DIR}/mutants/${file})
  if(mutated IN_LIST ATC_MUTATED)
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
  list(APPEND ATC_MUTATED ${mutated})
  list(REMOVE_DUPLICATES ATC_MUTATED)
  set(ATC_MUTATED ${ATC_MUTATED} PARENT_SCOPE)
endfunction()

function(atc_mutants_tool)
  atc_verilate(NAME model_mutants TOP atc_top PREFIX Vatc_top_n1 MON OPT -O1 PARAMS -GNumEp=1
    SOURCES ${ATC_MUTATED} ${ATC_ROOT}/rtl/top/atc_top.sv)
  set(generated ${CMAKE_BINARY_DIR}/mutants)
  file(CONFIGURE OUTPUT ${generated}/model_includes.inc CONTENT "#include \"Vatc_top_n1.h\"\n" @ONLY)
  file(CONFIGURE OUTPUT ${generated}/model_list.inc CONTENT "ATC_MODEL(Vatc_top_n1, \"n1\", 1, 1, 0, \"rootports\")\n" @ONLY)
  add_executable(atcbench-mutants ${ATC_ROOT}/sim/models/verilated_models.cpp ${ATC_ROOT}/sim/src/main.cpp)
  target_include_directories(atcbench-mutants PRIVATE ${generated} ${ATC_ROOT}/sim/include)
  target_compile_options(atcbench-mutants PRIVATE -UVM_TRACE_FST -DVM_TRACE_FST=0)
  target_compile_definitions(atcbench-mutants PRIVATE ATC_MUTANTS=1)
  target_link_libraries(atcbench-mutants PRIVATE atcsim model_mutants)
endfunction()
