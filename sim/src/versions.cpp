// SPDX-License-Identifier: Apache-2.0
#include "atcbench/versions.h"

#include <fmt/format.h>

#include "revision.inc"  // made at every build

namespace atcbench {

const char* git_revision() { return ATC_GIT_REVISION; }
std::string verilator_version() { return ATC_VERILATOR_VERSION; }

std::string compiler_version() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

std::string tool_versions_text() {
  return fmt::format("atcbench {}, {}, {}", git_revision(), verilator_version(), compiler_version());
}

}  // namespace atcbench
