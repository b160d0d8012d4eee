# SPDX-License-Identifier: Apache-2.0
#
# The harness library (atcsim), the models it runs, and the tools linked from them: atcbench, atcbench-sc.

find_package(Boost REQUIRED COMPONENTS context)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)

file(GLOB ATC_SIM_SOURCES CONFIGURE_DEPENDS ${ATC_ROOT}/sim/src/*.cpp ${ATC_ROOT}/sim/scenarios/*.cpp)
list(FILTER ATC_SIM_SOURCES EXCLUDE REGEX "/main\\.cpp$")

# Shown in reports: where a result came from.
execute_process(COMMAND git -C ${ATC_ROOT} describe --always --dirty --abbrev=12 OUTPUT_VARIABLE ATC_GIT_REVISION
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
execute_process(COMMAND ${VERILATOR} --version OUTPUT_VARIABLE ATC_VERILATOR_VERSION OUTPUT_STRIP_TRAILING_WHITESPACE)

add_library(atcsim STATIC ${ATC_SIM_SOURCES})
target_include_directories(atcsim PUBLIC ${ATC_ROOT}/sim/include ${ATC_ROOT}/sim/scenarios PRIVATE ${ATC_ROOT}/sim/src)
target_compile_options(atcsim PRIVATE ${ATC_WARN})
target_compile_definitions(atcsim PRIVATE
  ATC_GIT_REVISION="${ATC_GIT_REVISION}" ATC_VERILATOR_VERSION="${ATC_VERILATOR_VERSION}")
target_link_libraries(atcsim PUBLIC atc_driver Boost::context fmt::fmt nlohmann_json::nlohmann_json CLI11::CLI11)

# ---- models
set(includes "")
set(list "")
set(ATC_MODEL_LIBS "")
list(SORT ATC_MODELS COMPARE NATURAL)
foreach(n IN LISTS ATC_MODELS)
  atc_verilate(NAME model_n${n} TOP atc_top PREFIX Vatc_top_n${n} TRACE MON FAST OPT -O2
    PARAMS -GNumEp=${n} SOURCES ${ATC_ROOT}/rtl/top/atc_top.sv)
  list(APPEND ATC_MODEL_LIBS model_n${n})
  string(APPEND includes "#include \"Vatc_top_n${n}.h\"\n")
  string(APPEND list "ATC_MODEL(Vatc_top_n${n}, ${n})\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/model_includes.inc CONTENT "${includes}" @ONLY)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/model_list.inc CONTENT "${list}" @ONLY)

add_library(atc_models STATIC ${ATC_ROOT}/sim/models/verilated_models.cpp)
target_include_directories(atc_models PRIVATE ${CMAKE_BINARY_DIR}/generated ${ATC_ROOT}/sim/include)
target_link_libraries(atc_models PUBLIC atcsim ${ATC_MODEL_LIBS})

add_executable(atcbench ${ATC_ROOT}/sim/src/main.cpp)
target_link_libraries(atcbench PRIVATE atc_models atcsim atc_models)

# ---- SystemC: built on request (make systemc)
find_path(SYSTEMC_INCLUDE systemc)
find_library(SYSTEMC_LIBRARY systemc)
if(SYSTEMC_INCLUDE AND SYSTEMC_LIBRARY)
  atc_verilate(NAME model_sc TOP atc_top PREFIX Vatc_top_sc SC MON OPT -O1 PARAMS -GNumEp=4
    SOURCES ${ATC_ROOT}/rtl/top/atc_top.sv)
  add_executable(atcbench-sc EXCLUDE_FROM_ALL ${ATC_ROOT}/sim/systemc/sc_main.cpp ${ATC_ROOT}/sim/systemc/sc_models.cpp
    ${VERILATOR_INCLUDE}/verilated.cpp ${VERILATOR_INCLUDE}/verilated_dpi.cpp ${VERILATOR_INCLUDE}/verilated_threads.cpp
    ${ATC_ROOT}/sim/models/verilated_stop.cpp)
  set_source_files_properties(${VERILATOR_INCLUDE}/verilated.cpp ${VERILATOR_INCLUDE}/verilated_dpi.cpp
    ${VERILATOR_INCLUDE}/verilated_threads.cpp PROPERTIES COMPILE_OPTIONS -w)
  target_include_directories(atcbench-sc SYSTEM PRIVATE ${VERILATOR_INCLUDE} ${VERILATOR_INCLUDE}/vltstd
    ${CMAKE_BINARY_DIR}/verilated/model_sc ${SYSTEMC_INCLUDE})
  target_include_directories(atcbench-sc PRIVATE ${ATC_ROOT}/sim/systemc)
  target_compile_definitions(atcbench-sc PRIVATE VL_USER_STOP VM_SC=1 VM_TRACE=0 VM_TRACE_FST=0 VM_COVERAGE=0)
  add_dependencies(atcbench-sc model_sc_gen)
  target_link_libraries(atcbench-sc PRIVATE atcsim ${CMAKE_BINARY_DIR}/verilated/model_sc/Vatc_top_sc__ALL.a
    ${SYSTEMC_LIBRARY} atomic)
endif()
