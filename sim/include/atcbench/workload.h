// SPDX-License-Identifier: Apache-2.0
//
// The load that most scenarios run under: every CPU maps, holds and unmaps pages of its part of a window in
// which all endpoints read and write at random.
#pragma once

#include <functional>

#include "atcbench/testbed.h"

namespace atcbench {

class Workload {
 public:
  // Called on each CPU before each of its rounds; false ends that CPU's load.
  using Round = std::function<bool(unsigned cpu, uint64_t round)>;

  // `arms`: the scenario arms faults itself; only the planted bugs of the device are there from the start.
  Workload(Testbed& testbed, Round round, bool arms = false)
      : testbed_(testbed), round_(std::move(round)), arms_(arms) {}

  // One more task on the last CPU, from the start of the load on; the load lasts until it returns, too.
  void beside(std::function<void()> task) { beside_ = std::move(task); }
  // Makes the tasks: boot on CPU 0, then the load on every CPU, then `after` on CPU 0, then shut-down.
  void start(std::function<void()> after = {});

 private:
  void run_cpu(unsigned cpu);

  Testbed& testbed_;
  Round round_;
  const bool arms_;
  std::function<void()> beside_;
  std::function<void()> after_;
  port_atomic_t left_{0};  // CPUs whose load has not ended
};

}  // namespace atcbench
