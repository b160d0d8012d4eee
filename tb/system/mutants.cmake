# SPDX-License-Identifier: Apache-2.0
#
# atcbench-mutants: the tool on a one-endpoint model that has every wrong line of the list below at once; `sim.mutant` says
# which of them is wrong in a run, so that all of them cost one model.
# A mutant's name is a choice of that key in sim/src/config.cpp.
function(atc_mutants_tool)
  atc_verilate(NAME model_mutants TOP atc_top PREFIX Vatc_top_n1 MON OPT -O1 PARAMS -GNumEp=1
    SOURCES ${ATC_MUTATED_system} ${ATC_ROOT}/rtl/top/atc_top.sv)
  set(generated ${CMAKE_BINARY_DIR}/mutants/system)
  file(CONFIGURE OUTPUT ${generated}/model_includes.inc CONTENT "#include \"Vatc_top_n1.h\"\n" @ONLY)
  file(CONFIGURE OUTPUT ${generated}/model_list.inc CONTENT "ATC_MODEL(Vatc_top_n1, \"n1\", 1, 1, 0, \"rootports\", 64, 0)\n" @ONLY)
  add_executable(atcbench-mutants ${ATC_ROOT}/sim/models/verilated_models.cpp ${ATC_ROOT}/sim/src/main.cpp)
  target_include_directories(atcbench-mutants PRIVATE ${generated} ${ATC_ROOT}/sim/include)
  target_compile_options(atcbench-mutants PRIVATE -UVM_TRACE_FST -DVM_TRACE_FST=0)
  target_compile_definitions(atcbench-mutants PRIVATE ATC_MUTANTS=1)
  target_link_libraries(atcbench-mutants PRIVATE atcsim model_mutants)
endfunction()
