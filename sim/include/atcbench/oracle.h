// SPDX-License-Identifier: Apache-2.0
//
// Oracles: each watches the event stream for one promise and says where it was first broken.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "atcbench/event_log.h"

namespace atcbench {

class Ownership;

struct CheckResult {
  std::string name;
  bool pass = true;
  Cycle cycle = 0;  // of the first violation
  std::string message;
  uint64_t violations = 0;
};

class Oracle {
 public:
  explicit Oracle(std::string name) { result_.name = std::move(name); }
  virtual ~Oracle() = default;

  virtual void on_event(const Event& event) = 0;
  // The run is over at cycle `now`, everything at rest.
  virtual void finish(Cycle now) { (void)now; }

  const CheckResult& result() const { return result_; }

 protected:
  void fail(Cycle cycle, std::string message) {
    if (result_.violations++ == 0) {
      result_.pass = false;
      result_.cycle = cycle;
      result_.message = std::move(message);
    }
  }

 private:
  CheckResult result_;
};

// The set that watches one run.
class OracleSet {
 public:
  void add(std::unique_ptr<Oracle> oracle) { oracles_.push_back(std::move(oracle)); }
  void attach(EventLog& log);
  void finish(Cycle now);
  std::vector<CheckResult> results() const;

 private:
  std::vector<std::unique_ptr<Oracle>> oracles_;
};

// ---- the promises (sim/src/oracles_*.cpp)

// A SYNC never completes while an Invalidate Request issued before it is neither completed, nor reported as
// timed out, nor retired locally; its error is raised instead if one timed out (D1, D2, D7).
std::unique_ptr<Oracle> make_sync_oracle();
// Every completion that the SMMU accepts was preceded by the device receiving that request, and the device
// sent none before the transactions that used the range had drained.
std::unique_ptr<Oracle> make_completion_oracle();
// `protected` only when EATS = 0 was stored and a SYNC seen by that CPU since; and a device for which ATC_INVs
// are left out is never attached with EATS = 1 in force (step 5 of the flow).
// With `ownership`, no translated access of a protected device reaches memory either.
std::unique_ptr<Oracle> make_eats_oracle(Ownership* ownership);
// No packet on any link breaks a rule of the protocol (events of sim/mon/tlp_mon.sv), unless the device was told to.
std::unique_ptr<Oracle> make_tlp_oracle(FunctionMap functions = {});
// Conservation: each tag ends free or quarantined, each SYNC wait ends, each unmap returns; each record that the event
// queue took was written or counted as lost; on each link, for each direction and class, packets sent are packets received
// or lost with the link, and every credit is back (event link_balance: Simulation::come_to_rest first).
std::unique_ptr<Oracle> make_conservation_oracle(const FunctionMap& functions = {});
// Every translation that a device is given was in the tables at some moment between its request and the answer.
std::unique_ptr<Oracle> make_translation_oracle();
// Every write that an endpoint has sent is seen in memory, with its signature, or was aborted, or died in a reset or with the link.
std::unique_ptr<Oracle> make_dma_oracle(Ownership* ownership, const FunctionMap& functions = {});
// Each page request group of a device gets one response, none comes unasked.
std::unique_ptr<Oracle> make_pri_oracle(const FunctionMap& functions = {});
// The GERROR interrupt is taken, queued work starts, a SYNC that completes is noticed, no wait outlives its limit.
struct CpuPromises {
  bool gerror_irq = true;   // the driver takes it
  Cycle poll_timeout = 0;   // the driver's limit of a SYNC wait
  Cycle wake_up = 0;        // a completed SYNC is noticed within
  Cycle last_look = 0;      // and this, when the MSI of a SYNC was aborted: the waiter finds it in CONS, after its limit
};
std::unique_ptr<Oracle> make_cpu_oracle(const CpuPromises& promises);

}  // namespace atcbench
