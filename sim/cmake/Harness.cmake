# SPDX-License-Identifier: Apache-2.0
#
# The harness library (atcsim), the models it runs, and the tools linked from them: atcbench, atcbench-sc.

find_package(Boost REQUIRED COMPONENTS context)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)

file(GLOB ATC_SIM_SOURCES CONFIGURE_DEPENDS ${ATC_ROOT}/sim/src/*.cpp ${ATC_ROOT}/sim/scenarios/*.cpp)
list(FILTER ATC_SIM_SOURCES EXCLUDE REGEX "/main\\.cpp$")

find_path(UNICORN_INCLUDE unicorn/unicorn.h REQUIRED)
find_library(UNICORN_LIBRARY unicorn REQUIRED)
find_path(VALIJSON_INCLUDE valijson/validator.hpp REQUIRED)

# The headers that cost more than the code that includes them, compiled once. (No time stamp in it: ccache.)
function(atc_precompile target)
  target_precompile_headers(${target} PRIVATE <algorithm> <filesystem> <functional> <map> <memory> <string> <vector>
    <fmt/format.h> <nlohmann/json.hpp>)
  target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
endfunction()

# What becomes part of the tool: where it came from, and the files of sim/schema and sim/report as string literals.
set(ATC_GENERATED ${CMAKE_BINARY_DIR}/generated)
add_custom_target(atc_revision BYPRODUCTS ${ATC_GENERATED}/revision.inc COMMAND ${CMAKE_COMMAND} -DREVISION_ROOT=${ATC_ROOT}
  -DREVISION_VERILATOR=${VERILATOR_ROOT} -DOUT=${ATC_GENERATED}/revision.inc -P ${CMAKE_CURRENT_LIST_DIR}/Revision.cmake)
function(atc_embed file output)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text)
  file(GENERATE OUTPUT ${ATC_GENERATED}/${output} CONTENT "R\"atcbench(${text})atcbench\"\n")
endfunction()
atc_embed(${ATC_ROOT}/sim/schema/report.schema.json report_schema.inc)
atc_embed(${ATC_ROOT}/sim/report/report.html report_html.inc)

# The driver for AArch64 is part of the tool, as a file in its read-only data.
set(image ${ATC_ROOT}/sim/src/aarch64_image.S)
set_source_files_properties(${image} PROPERTIES OBJECT_DEPENDS ${ATC_AARCH64_DRIVER}
  COMPILE_DEFINITIONS "ATC_IMAGE=\"${ATC_AARCH64_DRIVER}\"")
add_library(atcsim STATIC ${ATC_SIM_SOURCES} ${image})
target_include_directories(atcsim PUBLIC ${ATC_ROOT}/sim/include ${ATC_ROOT}/sim/scenarios PRIVATE ${ATC_ROOT}/sim/src
  ${ATC_GENERATED})
target_include_directories(atcsim PRIVATE ${ATC_ROOT}/sw/port/aarch64)
target_include_directories(atcsim SYSTEM PRIVATE ${VALIJSON_INCLUDE} ${UNICORN_INCLUDE})
add_dependencies(atcsim atc_revision atc_driver_aarch64)
target_compile_options(atcsim PRIVATE ${ATC_WARN})
atc_precompile(atcsim)
target_link_libraries(atcsim PUBLIC atc_driver Boost::context fmt::fmt nlohmann_json::nlohmann_json CLI11::CLI11 ${UNICORN_LIBRARY})
# and back: the harness implements the port that the driver calls
target_link_libraries(atc_driver INTERFACE atcsim)

# ---- models
# Gated clocks (doc/harness.md) leave out what is idle. They rest on every block's own quiet, so a design is run with them
# when its logs with and without --no-skip have been compared.
option(ATC_GATED "the models stop the clocks of idle blocks" ON)
include(${CMAKE_CURRENT_LIST_DIR}/Models.cmake)
atc_models(atc_models "${ATC_MODELS}" ${CMAKE_BINARY_DIR}/generated)
set(ATC_MODEL_LIBS ${atc_models_LIBS})

add_executable(atcbench ${ATC_ROOT}/sim/src/main.cpp)
target_link_libraries(atcbench PRIVATE atc_models atcsim atc_models)

# ---- the tool on a model with enhanced command queues, for the tests: the first `make run` need not build it
set(ATC_ECMDQ_TOOL atcbench)
if(NOT "${ATC_MODELS}" MATCHES "(^| )2q2( |$)")
  set(ATC_ECMDQ_TOOL atcbench-ecmdq)
  atc_models(atc_models_ecmdq 2q2 ${CMAKE_BINARY_DIR}/generated/ecmdq)
  add_executable(atcbench-ecmdq ${ATC_ROOT}/sim/src/main.cpp)
  target_link_libraries(atcbench-ecmdq PRIVATE atc_models_ecmdq atcsim atc_models_ecmdq)
endif()

# ---- the tool for finding faults of the harness, built on request: no optimisation, checks of the library and of undefined
# behaviour on. Same models; nightly compares its log with the tool's.
add_library(atcsim_debug STATIC EXCLUDE_FROM_ALL ${ATC_SIM_SOURCES} ${image})
target_include_directories(atcsim_debug PUBLIC ${ATC_ROOT}/sim/include ${ATC_ROOT}/sim/scenarios PRIVATE ${ATC_ROOT}/sim/src
  ${ATC_GENERATED})
target_include_directories(atcsim_debug PRIVATE ${ATC_ROOT}/sw/port/aarch64)
target_include_directories(atcsim_debug SYSTEM PRIVATE ${VALIJSON_INCLUDE} ${UNICORN_INCLUDE})
add_dependencies(atcsim_debug atc_revision atc_driver_aarch64)
target_compile_options(atcsim_debug PRIVATE ${ATC_WARN} PUBLIC -O0 -g -D_GLIBCXX_ASSERTIONS -fsanitize=undefined
  -fno-sanitize-recover=all -fno-sanitize=vptr)
target_link_options(atcsim_debug PUBLIC -fsanitize=undefined)
target_link_libraries(atcsim_debug PUBLIC Boost::context fmt::fmt nlohmann_json::nlohmann_json CLI11::CLI11 ${UNICORN_LIBRARY})
target_include_directories(atcsim_debug PUBLIC $<TARGET_PROPERTY:atc_driver,INTERFACE_INCLUDE_DIRECTORIES>)
add_executable(atcbench-debug EXCLUDE_FROM_ALL ${ATC_ROOT}/sim/src/main.cpp ${ATC_ROOT}/sim/models/verilated_models.cpp)
target_include_directories(atcbench-debug PRIVATE ${CMAKE_BINARY_DIR}/generated ${ATC_ROOT}/sim/include)
target_link_libraries(atcbench-debug PRIVATE atcsim_debug $<TARGET_FILE:atc_driver> atcsim_debug ${ATC_MODEL_LIBS})
add_dependencies(atcbench-debug atc_driver)

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
