// SPDX-License-Identifier: Apache-2.0
//
// toml++ as every file here includes it. Version 3.3 checks some malformed input with an assertion; that must be an
// error of the user's file, not the end of the tool.
#pragma once

#include <stdexcept>
#include <string>

namespace atcbench {

class TomlInternalError : public std::logic_error {
  using std::logic_error::logic_error;
};

}  // namespace atcbench

#define TOML_ASSERT(expression) \
  (static_cast<bool>(expression) ? static_cast<void>(0) : throw ::atcbench::TomlInternalError(#expression))
#include <toml++/toml.h>

namespace atcbench {

// Throws UsageError with file and line.
toml::table read_toml(const std::string& path);

}  // namespace atcbench
