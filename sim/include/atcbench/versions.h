// SPDX-License-Identifier: Apache-2.0
//
// What this tool was made from.
#pragma once

#include <string>

namespace atcbench {

const char* git_revision();  // at the last build; "-dirty" when files differed from it
std::string verilator_version();
std::string compiler_version();
std::string tool_versions_text();  // all of it in one line

}  // namespace atcbench
