# SPDX-License-Identifier: Apache-2.0
#
# atc_verilate(NAME target TOP module [PREFIX p] [SC] [TRACE] [MON] [FAST] [GATED] [COV] [OPT -O2] [PARAMS -Gx=y ...]
#              [SOURCES file ...])
#
# Makes a static library `target` of the Verilated module. The design is found by name in rtl/ (file = module), so a
# new block needs no entry here. Verilator's own makefile compiles the classes; the run-time library is compiled once
# (atc_verilated_rt) and shared. MON adds the bound monitors and assertions of sim/mon. FAST is for a model whose
# inputs change with the clock low only: a ModelClock of its own (<prefix>_clock.h), one class of the whole hierarchy. GATED,
# with FAST, brings the clk_gate of sim/gate that a ModelClock drives. COV counts lines,
# toggles and covers, and needs the run-time library of tb/cov.

cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH ATC_ROOT)
cmake_path(GET ATC_ROOT PARENT_PATH ATC_ROOT)

file(GLOB ATC_REG_PKGS CONFIGURE_DEPENDS ${ATC_ROOT}/rtl/regs/*_pkg.sv)
set(ATC_PKGS
  ${ATC_ROOT}/rtl/common/atc_time_pkg.sv
  ${ATC_REG_PKGS}
  ${ATC_ROOT}/rtl/smmu/smmu_pkg.sv
  ${ATC_ROOT}/rtl/pcie/tlp_pkg.sv ${ATC_ROOT}/rtl/pcie/pcie_port_pkg.sv
  ${ATC_ROOT}/rtl/endpoint/ep_pkg.sv)
set(ATC_RTL_DIRS common smmu pcie endpoint top)
set(ATC_SEARCH -y ${ATC_ROOT}/sim/mon)
foreach(dir IN LISTS ATC_RTL_DIRS)
  list(APPEND ATC_SEARCH -y ${ATC_ROOT}/rtl/${dir})
endforeach()
file(GLOB ATC_MONITORS CONFIGURE_DEPENDS ${ATC_ROOT}/sim/mon/*_mon.sv ${ATC_ROOT}/sim/mon/*_sva.sv)
set(ATC_MON_PKG ${ATC_ROOT}/sim/mon/atc_mon_pkg.sv)

# What every Verilator call has in common. Warnings are the business of `make lint`, which is a test; a build on a newer
# Verilator must not break because it has learned a new one.
set(ATC_VERILATOR_FLAGS -Wno-fatal --unroll-count 512 --x-assign 0 --x-initial 0 --assert ${ATC_ROOT}/sim/lint.vlt)

# Models are built with the Verilator of sim/tools/requirements.txt, in .venv; VERILATOR_ROOT names another one.
if(NOT VERILATOR_ROOT)
  file(GLOB VERILATOR_ROOT ${ATC_ROOT}/.venv/lib/python3*/site-packages/verilator)
endif()
set(VERILATOR_INCLUDE ${VERILATOR_ROOT}/include)
if(NOT EXISTS ${VERILATOR_INCLUDE}/verilated.h)
  message(FATAL_ERROR "no Verilator in .venv: run make configure, or sim/tools/venv.sh sim/tools/requirements.txt")
endif()
cmake_host_system_information(RESULT ATC_JOBS QUERY NUMBER_OF_LOGICAL_CORES)

add_library(atc_verilated_rt STATIC
  ${VERILATOR_INCLUDE}/verilated.cpp ${VERILATOR_INCLUDE}/verilated_dpi.cpp
  ${VERILATOR_INCLUDE}/verilated_threads.cpp ${VERILATOR_INCLUDE}/verilated_fst_c.cpp
  ${ATC_ROOT}/sim/models/verilated_stop.cpp)
target_include_directories(atc_verilated_rt PRIVATE ${ATC_ROOT}/sim/include)
target_include_directories(atc_verilated_rt SYSTEM PUBLIC ${VERILATOR_INCLUDE} ${VERILATOR_INCLUDE}/vltstd)
target_compile_definitions(atc_verilated_rt PUBLIC VM_TRACE=1 VM_TRACE_FST=1 VM_SC=0 VM_COVERAGE=0)
target_compile_definitions(atc_verilated_rt PRIVATE VL_USER_STOP)
target_compile_options(atc_verilated_rt PRIVATE -w)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
target_link_libraries(atc_verilated_rt PUBLIC ZLIB::ZLIB lz4 Threads::Threads atomic)

function(atc_verilate)
  cmake_parse_arguments(V "SC;TRACE;MON;FAST;GATED;COV" "NAME;TOP;PREFIX;OPT" "PARAMS;SOURCES" ${ARGN})
  if(NOT V_PREFIX)
    set(V_PREFIX V${V_TOP})
  endif()
  if(NOT V_OPT)
    set(V_OPT -O1)
  endif()
  set(dir ${CMAKE_BINARY_DIR}/verilated/${V_NAME})
  set(args --cc)
  set(cflags -std=gnu++17 -w)
  set(systemc "")
  if(V_SC)
    set(args --sc)
    cmake_path(GET SYSTEMC_LIBRARY PARENT_PATH systemc)
    set(systemc SYSTEMC_INCLUDE=${SYSTEMC_INCLUDE} SYSTEMC_LIBDIR=${systemc})
    list(APPEND cflags -I${SYSTEMC_INCLUDE})
  endif()
  if(V_TRACE)
    list(APPEND args --trace-fst --trace-structs ${ATC_ROOT}/sim/trace.vlt)
  endif()
  set(rt atc_verilated_rt)
  if(V_COV)
    list(APPEND args --coverage-line --coverage-toggle --coverage-user)
    set(rt atc_verilated_rt_cov)
  endif()
  set(clock 0)
  set(gate "")
  set(header "")
  if(V_FAST)
    list(APPEND args --flatten -O3)
    set(clock 1)
    set(header ${dir}/${V_PREFIX}_clock.h)
  endif()
  if(V_GATED)
    set(gate -y ${ATC_ROOT}/sim/gate)
  endif()
  set(files ${ATC_PKGS})
  if(V_MON)
    list(APPEND files ${ATC_MON_PKG} ${ATC_MONITORS})
  endif()
  list(APPEND files ${V_SOURCES})
  string(JOIN " " cflags ${cflags})
  set(lib ${dir}/${V_PREFIX}__ALL.a)
  add_custom_command(
    OUTPUT ${lib} ${dir}/${V_PREFIX}.h ${header}
    COMMAND ${CMAKE_COMMAND} -E env VERILATOR_ROOT=${VERILATOR_ROOT} CXX=${CMAKE_CXX_COMPILER}
            "CXX_LAUNCHER=${ATC_CCACHE_TEXT}" JOBS=${ATC_JOBS} ${systemc}
            ${ATC_ROOT}/sim/tools/verilate.sh ${dir} ${V_PREFIX} ${V_OPT} ${clock}
            ${args} ${ATC_VERILATOR_FLAGS} --compiler clang -CFLAGS "${cflags}"
            --top-module ${V_TOP} ${V_PARAMS} ${gate} ${ATC_SEARCH} ${files}
    DEPENDS ${files} ${ATC_ROOT}/sim/tools/verilate.sh ${ATC_ROOT}/sim/cmake/ModelClock.cmake
    DEPFILE ${dir}/${V_PREFIX}__ver.d
    COMMENT "Verilating ${V_NAME}"
    VERBATIM)
  add_custom_target(${V_NAME}_gen DEPENDS ${lib})
  add_library(${V_NAME} INTERFACE)
  add_dependencies(${V_NAME} ${V_NAME}_gen)
  target_include_directories(${V_NAME} SYSTEM INTERFACE ${dir})
  target_link_libraries(${V_NAME} INTERFACE ${lib} ${rt})
endfunction()
