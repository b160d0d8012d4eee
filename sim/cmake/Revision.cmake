# SPDX-License-Identifier: Apache-2.0
#
# Run at every build (cmake -P): OUT holds the revision that is being built, and changes only when that does.
# REVISION_ROOT: the repository; REVISION_VERILATOR: the program.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git -C ${REVISION_ROOT} describe --always --dirty --abbrev=12
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
execute_process(COMMAND ${REVISION_VERILATOR} --version OUTPUT_VARIABLE verilator OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT revision)
  set(revision "unknown")
endif()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT "#define ATC_GIT_REVISION \"${revision}\"\n#define ATC_VERILATOR_VERSION \"${verilator}\"\n")
