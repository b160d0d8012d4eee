// SPDX-License-Identifier: Apache-2.0
//
// The two ways in which a run ends without a verdict.
#pragma once

#include <stdexcept>
#include <string>

namespace atcbench {

// Wrong use: one clear line for the user, exit status 2, nothing written.
class UsageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The world does not allow it (disk full, file unreadable): one clear line, nothing half-written.
class HostError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace atcbench
