// SPDX-License-Identifier: Apache-2.0
//
// fault.quarantine: a device that stops answering and whose driver is gone: isolated, and nobody asks for its reset. What happens
// to such a device next is the business of the scenarios that use this; in the end it is reset from outside and has to work.
#pragma once

#include <map>
#include <string>

#include "atcbench/testbed.h"

namespace atcbench {

// In a task. Returns whether it got there within the time that a search may take.
bool quarantine(Testbed& testbed, Testbed::Endpoint& ep);
// EATS = 0 in force by the driver's account, and neither the core nor the device thinks that ATS is on.
bool ats_is_off(Testbed& testbed, Testbed::Endpoint& ep);
// EATS, the core and the device agree that ATS is on.
bool ats_is_on(Testbed& testbed, Testbed::Endpoint& ep);

// In a task: the outside reset that such a device waits for, with a driver for it again.
void reset_from_outside(Testbed& testbed, Testbed::Endpoint& ep);

// Whether a device works in the end: its accesses to memory, through ATS.
class ComebackWatch {
 public:
  explicit ComebackWatch(unsigned endpoint) : endpoint_(endpoint) {}
  void on_event(const Event& e);
  // In a task: waits for some accesses from now on.
  bool works_again(Testbed& testbed);

 private:
  unsigned endpoint_;
  uint64_t accesses_ = 0;
};

// ATS Enable comes on at a device only by an attach: never between EATS = 0, or the blocking STE, and the next attach.
class AtsWatch {
 public:
  explicit AtsWatch(const FunctionMap& functions) : functions_(functions) {}
  void on_event(const Event& e);
  const std::string& violations() const { return violations_; }

 private:
  FunctionMap functions_;
  std::map<unsigned, bool> off_;
  std::string violations_;
};

}  // namespace atcbench
