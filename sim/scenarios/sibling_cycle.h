// SPDX-License-Identifier: Apache-2.0
//
// A fault cycle about functions that are hit together: what happens to each is counted, somebody knocks in the middle of a reset, and
// in the end core, STE and device have to agree about everybody.
#pragma once

#include <memory>
#include <string>

#include "fault_cycle.h"
#include "siblings.h"

namespace atcbench {

class SiblingCycle : public FaultCycle {
 public:
  void start(Testbed& testbed) override;

 protected:
  const Siblings& siblings() const { return *siblings_; }
  void mark() { siblings_->mark(); }

  // A reset that takes others along is in its middle: knock() follows soon, in a task beside the load.
  void now_knock() { go_ = true; }
  virtual void knock() = 0;
  // Tries to attach somebody to the domain it is in while `resetting` is in its reset: the group is busy.
  void attach_in_reset(Testbed::Endpoint& who, Testbed::Endpoint& resetting);

  // When the load is over and nobody recovers any more, in a task.
  virtual bool wants_ats(unsigned index) const { return (void)index, true; }
  virtual void at_rest() {}
  std::function<void()> beside() final;

  // Checks and figures: everybody else has had an access since the fault (of the faulty one, `recovered` tells), and whoever has
  // nothing to lose went on having some (`gap`); attaches in a reset were refused, at least so often; the views agree.
  void check_siblings(Testbed& testbed, Cycle gap, uint64_t refused_at_least);

 private:
  std::unique_ptr<Siblings> siblings_;
  bool go_ = false;
  uint64_t refused_ = 0, slipped_ = 0;
  std::string disagree_;
};

}  // namespace atcbench
