// SPDX-License-Identifier: Apache-2.0
//
// A scenario: what the operating system and the devices do, and what must hold at the end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "atcbench/testbed.h"

namespace atcbench {

class Scenario {
 public:
  virtual ~Scenario() = default;

  // Defaults of this scenario where the user has said nothing; UsageError for what it cannot do.
  virtual void configure(Config& config) const { (void)config; }
  // Makes the tasks. They run when the simulation does; the run ends when all of them have.
  virtual void start(Testbed& testbed) = 0;
  // After the run: testbed.check(...).
  virtual void verify(Testbed& testbed) = 0;
};

struct ScenarioEntry {
  const char* name;
  const char* summary;
  std::unique_ptr<Scenario> (*create)();
};

const std::vector<ScenarioEntry>& scenario_registry();
// UsageError with the nearest name when there is none.
const ScenarioEntry& find_scenario(const std::string& name);

// sim/scenarios/*.cpp
std::unique_ptr<Scenario> make_healthy();
std::unique_ptr<Scenario> make_hang();
std::unique_ptr<Scenario> make_hang_many();
std::unique_ptr<Scenario> make_slow();
std::unique_ptr<Scenario> make_stray();
std::unique_ptr<Scenario> make_ur();
std::unique_ptr<Scenario> make_malicious();
std::unique_ptr<Scenario> make_evtq_overflow();
std::unique_ptr<Scenario> make_sva();
std::unique_ptr<Scenario> make_group();
std::unique_ptr<Scenario> make_sriov();
std::unique_ptr<Scenario> make_reset_nested();
std::unique_ptr<Scenario> make_shared_queue();
std::unique_ptr<Scenario> make_irq_blocked();
std::unique_ptr<Scenario> make_short_poll();
std::unique_ptr<Scenario> make_tag_exhaustion();
std::unique_ptr<Scenario> make_attach_race();
std::unique_ptr<Scenario> make_detach_race();
std::unique_ptr<Scenario> make_gerror_race();
std::unique_ptr<Scenario> make_reset_fails();
std::unique_ptr<Scenario> make_flr_race();
std::unique_ptr<Scenario> make_pri();
std::unique_ptr<Scenario> make_dma_ring();
std::unique_ptr<Scenario> make_cmdq_error();
std::unique_ptr<Scenario> make_hotplug();
std::unique_ptr<Scenario> make_linkdown();
std::unique_ptr<Scenario> make_dpc();
std::unique_ptr<Scenario> make_suspend();
std::unique_ptr<Scenario> make_inv_stream();

}  // namespace atcbench
