// SPDX-License-Identifier: Apache-2.0
//
// How a run ends before its time: two ways without a verdict, one with.
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

// An assertion bound to the design failed: the run has a verdict.
class AssertionError : public std::logic_error {
  using std::logic_error::logic_error;
};

}  // namespace atcbench
