# SPDX-License-Identifier: Apache-2.0
#
# The command line and the files of results: what is run once for a run of the simulation, and costs more to compile than to run.
# Part of atcsim, compiled without optimisation, with the headers that are dear in a precompiled one of its own.

set(ATC_COLD cli compare matrix report report_file report_html sweep sweep_plot sweep_spec sweep_table toml_file trace_export)
list(TRANSFORM ATC_COLD REPLACE "(.+)" "${ATC_ROOT}/sim/src/\\1.cpp")
get_target_property(sources atcsim SOURCES)
list(REMOVE_ITEM sources ${ATC_COLD})
set_target_properties(atcsim PROPERTIES SOURCES "${sources}")

add_library(atcsim_cold OBJECT ${ATC_COLD})
target_include_directories(atcsim_cold PRIVATE $<TARGET_PROPERTY:atcsim,INCLUDE_DIRECTORIES>
  $<TARGET_PROPERTY:atc_driver,INTERFACE_INCLUDE_DIRECTORIES>)
target_include_directories(atcsim_cold SYSTEM PRIVATE ${VALIJSON_INCLUDE})
target_link_libraries(atcsim_cold PRIVATE Boost::context fmt::fmt nlohmann_json::nlohmann_json CLI11::CLI11)
target_compile_options(atcsim_cold PRIVATE ${ATC_WARN} -O0 "SHELL:-Xclang -fno-pch-timestamp")
target_precompile_headers(atcsim_cold PRIVATE <CLI/CLI.hpp> <algorithm> <filesystem> <functional> <map> <memory> <string> <vector>
  <fmt/format.h> <nlohmann/json.hpp>)
add_dependencies(atcsim_cold atc_revision)
target_sources(atcsim PRIVATE $<TARGET_OBJECTS:atcsim_cold>)

# An inline function that both have is taken from whoever comes first: in the tool that is the optimised code.
target_sources(atcbench PRIVATE $<TARGET_OBJECTS:atcsim>)
