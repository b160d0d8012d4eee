// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "atcbench/error.h"
#include "atcbench/scenario.h"

namespace atcbench {

const std::vector<ScenarioEntry>& scenario_registry() {
  static const std::vector<ScenarioEntry> entries = {
      {"healthy", "N ATS devices share a domain, maps and unmaps under DMA load", make_healthy},
      {"hang", "fault.count of N devices stop answering invalidations; found, isolated, reset, back", make_hang},
      {"hang-many", "half of the devices stop answering in one batch", make_hang_many},
      {"slow", "a device answers after the time-out; the late completion is credited to nobody", make_slow},
      {"stray", "a device answers with duplicate, wrong or foreign completions: reported, discarded", make_stray},
      {"ur", "invalidations end as Unsupported Request: at the root without error, at the device as a time-out", make_ur},
      {"malicious", "a device that was cut off goes on: foreign addresses, forged requester IDs, malformed packets", make_malicious},
      {"evtq-overflow", "more events than the event queue holds", make_evtq_overflow},
      {"sva", "every device in several domains by PASID, unmaps with interrupts off: all domains stop sending", make_sva},
      {"reset-nested", "resets of two devices of one group meet the worker's; attach and detach in between", make_reset_nested},
      {"group", "functions of one group, behind one StreamID, or of one master: what is hit together is counted", make_group},
      {"sriov", "a virtual function hangs; the physical one is reset and takes the virtual ones along", make_sriov},
      {"inv-stream", "ATC_INVs as fast as the hardware takes them: throughput against its bound", make_inv_stream},
      {"shared-queue", "two domains, several CPUs: the one without a broken device waits, and is not charged", make_shared_queue},
      {"irq-blocked", "the waiter keeps the GERROR interrupt out", make_irq_blocked},
      {"short-poll", "the driver's poll limit is shorter than the ATC time-out", make_short_poll},
      {"tag-exhaustion", "more invalidations than tags, one device dead", make_tag_exhaustion},
      {"attach-race", "an attach meets the quarantine", make_attach_race},
      {"detach-race", "a detach meets the quarantine", make_detach_race},
      {"gerror-race", "the handler and several pollers meet one error; another GERROR bit comes up", make_gerror_race},
      {"reset-fails", "the device hangs again after its reset, or does not come back", make_reset_fails},
      {"flr-race", "resets, with prepare or raw, meet invalidations in flight", make_flr_race},
      {"hotplug", "a device is pulled under load and comes back; its invalidations end at once meanwhile", make_hotplug},
      {"linkdown", "a device is pulled or its link dies, with and without a hot-plug event, quarantined or not", make_linkdown},
      {"dpc", "a root port contains itself under load: found, released, recovered; ATS comes back only with EATS", make_dpc},
      {"suspend", "devices go to D3hot and back under load; quarantined ones stay off", make_suspend},
      {"dma-ring", "descriptor rings in memory: signed writes, reads, AtomicOps on a shared word", make_dma_ring},
      {"pri", "devices fault their pages in by page requests, also while one of them is quarantined", make_pri},
      {"cmdq-error", "illegal command and aborted fetch: skipped, the queue goes on", make_cmdq_error},
  };
  return entries;
}

const ScenarioEntry& find_scenario(const std::string& name) {
  std::vector<std::string> names;
  for (const ScenarioEntry& entry : scenario_registry()) {
    if (name == entry.name) return entry;
    names.emplace_back(entry.name);
  }
  const std::string near = nearest(name, names);
  throw UsageError(fmt::format("unknown scenario '{}'; there are {}{}", name, fmt::join(names, ", "),
                               near.empty() ? "" : "; nearest is '" + near + "'"));
}

}  // namespace atcbench
