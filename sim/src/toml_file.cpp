// SPDX-License-Identifier: Apache-2.0
#include "toml_file.h"

#include <fmt/format.h>

#include "atcbench/error.h"

namespace atcbench {

toml::table read_toml(const std::string& path) {
  try {
    return toml::parse_file(path);
  } catch (const toml::parse_error& e) {
    throw UsageError(fmt::format("{}:{}: {}", path, e.source().begin.line, e.description()));
  } catch (const TomlInternalError&) {
    throw UsageError(fmt::format("{} is not TOML", path));
  }
}

}  // namespace atcbench
