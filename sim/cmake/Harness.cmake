# SPDX-License-Identifier: Apache-2.0
#
# The harness library, the models it can run, and the tools linked from them.

find_package(Boost REQUIRED COMPONENTS context)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)

file(GLOB ATC_SIM_SOURCES CONFIGURE_DEPENDS ${ATC_ROOT}/sim/src/*.cpp ${ATC_ROOT}/sim/scenarios/*.cpp)
list(FILTER ATC_SIM_SOURCES EXCLUDE REGEX "/main\\.cpp$")
