// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace atcbench {

struct DriverFunction {
  const char* name;
  const void* native;
};
const std::vector<DriverFunction>& driver_functions();

}  // namespace atcbench
