# SPDX-License-Identifier: Apache-2.0
#
# atc_mutant(name FILE rtl/... FROM text TO text): atcbench-<name>, the tool on a one-endpoint model in which one line of the
# design is wrong. The text must occur exactly once, so a mutant that has gone stale fails the configuration, not silently.
function(atc_mutant name)
  cmake_parse_arguments(M "" "FILE;FROM;TO" "" ${ARGN})
  set(original ${ATC_ROOT}/${M_FILE})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${original})
  file(READ ${original} text)
  string(FIND "${text}" "${M_FROM}" first)
  string(FIND "${text}" "${M_FROM}" last REVERSE)
  if(first EQUAL -1 OR NOT first EQUAL last)
    message(FATAL_ERROR "mutant ${name}: '${M_FROM}' must occur exactly once in ${M_FILE}")
  endif()
  string(REPLACE "${M_FROM}" "${M_TO}" text "${text}")
  get_filename_component(file ${M_FILE} NAME)
  set(mutated ${CMAKE_BINARY_DIR}/mutants/${name}/${file})
  file(CONFIGURE OUTPUT ${mutated} CONTENT "${text}" @ONLY)

  atc_verilate(NAME model_${name} TOP atc_top PREFIX Vatc_top_n1 MON OPT -O1 PARAMS -GNumEp=1
    SOURCES ${mutated} ${ATC_ROOT}/rtl/top/atc_top.sv)
  set(generated ${CMAKE_BINARY_DIR}/mutants/${name})
  file(CONFIGURE OUTPUT ${generated}/model_includes.inc CONTENT "#include \"Vatc_top_n1.h\"\n" @ONLY)
  file(CONFIGURE OUTPUT ${generated}/model_list.inc CONTENT "ATC_MODEL(Vatc_top_n1, 1)\n" @ONLY)
  add_executable(atcbench-${name} ${ATC_ROOT}/sim/models/verilated_models.cpp ${ATC_ROOT}/sim/src/main.cpp)
  target_include_directories(atcbench-${name} PRIVATE ${generated} ${ATC_ROOT}/sim/include)
  target_compile_options(atcbench-${name} PRIVATE -UVM_TRACE_FST -DVM_TRACE_FST=0)
  target_link_libraries(atcbench-${name} PRIVATE atcsim model_${name})
endfunction()
