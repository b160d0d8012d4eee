// SPDX-License-Identifier: Apache-2.0
#include "matrix_rows.h"

#include <algorithm>
#include <cstring>

namespace atcbench {

const std::vector<MatrixRow>& matrix_rows() {
  static const std::vector<MatrixRow> rows = {
      {"healthy", {2, 4}, {1, 2, 4, 8}, {}},
      {"hang", {1, 4}, {1, 2, 4}, {}},
      // the windows of eight CPUs have to fit into an ATC, or nobody meets what is stale
      {"hang", {1, 4}, {8}, {"load.pages=8"}},
      {"hang", {4}, {2}, {"driver.order=pci-first"}},
      {"hang-many", {2, 4}, {1, 2, 4}, {}},
      {"hang-many", {2, 4}, {8}, {"load.pages=8"}},
      {"slow", {2, 4}, {2}, {}},
      {"shared-queue", {2, 4}, {2, 4, 8}, {}},
      {"irq-blocked", {2, 4}, {1, 2, 4}, {}},
      {"irq-blocked", {2, 4}, {8}, {"load.pages=8"}},
      {"short-poll", {2, 4}, {1, 2, 4}, {}},
      {"short-poll", {2, 4}, {8}, {"load.pages=8"}},
      {"tag-exhaustion", {2, 4}, {2}, {}},
      {"attach-race", {2, 4}, {2, 4, 8}, {}},
      {"detach-race", {2, 4}, {2, 4, 8}, {}},
      {"gerror-race", {2, 4}, {2, 4}, {}},
      {"gerror-race", {2, 4}, {8}, {"load.pages=8"}},
      {"reset-fails", {2, 4}, {2}, {}},
      {"reset-fails", {4}, {2}, {"fault.survive_flr=0", "ep.flr_cycles=30000", "cpu.flr_wait=100", "cpu.ready_timeout=5000"}},
      {"flr-race", {2, 4}, {2}, {}},
      {"flr-race", {2, 4}, {2}, {"fault.reset=raw"}},
      {"stray", {2, 4}, {2}, {}},
      {"stray", {2, 4}, {2}, {"fault.kind=wrong-itag"}},
      {"ur", {2, 4}, {2}, {}},
      {"malicious", {2, 4}, {2}, {}},
      {"malicious", {2, 4}, {2}, {"load.use_ats=0"}},
      {"evtq-overflow", {2, 4}, {1, 2}, {}},
      {"sva", {2, 4}, {2, 4}, {}},
      {"sva", {2, 4}, {8}, {"load.pages=8"}},
      {"reset-nested", {2, 4}, {2}, {}},
      {"linkdown", {2, 4}, {1, 2}, {}},
      {"linkdown", {2, 4}, {2}, {"fault.quarantine=1"}},
      {"linkdown", {2, 4}, {2}, {"slot.what=mute"}},
      {"pri", {2, 4}, {2}, {}},
      {"dpc", {2, 4}, {2}, {}},
      {"dpc", {2, 4}, {2}, {"fault.quarantine=1"}},
      {"suspend", {2, 4}, {2}, {}},
      {"suspend", {2, 4}, {2}, {"fault.quarantine=1"}},
      {"group", {2, 4}, {2}, {}},
      {"group", {2, 4}, {2}, {"load.share=stream"}},
      {"group", {2, 4}, {2}, {"load.share=master"}},
      {"sriov", {2, 3}, {2}, {"ep.vfs=2"}, true},
      {"sriov", {2, 3}, {2}, {"ep.vfs=2", "fault.device=0"}, true},
      {"sriov", {4, 8}, {2}, {"ep.vfs=7"}, true},
      {"cmdq-error", {2, 4}, {2}, {}},
      {"hang", {2}, {2, 4}, {"smmu.ecmdqs=2"}, true},
      {"hang-many", {2}, {2, 4}, {"smmu.ecmdqs=2"}, true},
      {"shared-queue", {2}, {2, 4}, {"smmu.ecmdqs=2"}, true},
      {"gerror-race", {2}, {2, 4}, {"smmu.ecmdqs=2"}, true},
      {"cmdq-error", {2}, {2}, {"smmu.ecmdqs=2"}, true},
  };
  return rows;
}

// What each policy is meant to get wrong, and the figure that shows it.
//
// legacy never finds out who it was: nothing is isolated, the device is trusted on (stale accesses), every later unmap costs
// another time-out. isr-reset resets the last device of a batch: the wrong one as soon as there are two, and the right one
// without telling its driver. block-all spares nobody. sync-per-device and block-all ask nobody, so a device that was merely in
// reset counts as broken. Who does not look at GERROR finds out at the poll limit when the waiter keeps the interrupt out, and has
// left by then.
const std::vector<Expectation>& expectations() {
  static constexpr uint64_t kAny = UINT64_MAX;
  static const std::vector<const char*> kLost = {"stale_access", "recovered", "isolated", "resets_of_faulty"};
  static const std::vector<const char*> kWrongOne = {"stale_access", "recovered", "isolated", "innocent_untouched"};
  static const std::vector<const char*> kByChance = {"resets_of_faulty"};  // the guess may hit the guilty one, too, or more than once
  static const std::vector<Bound> kStorm = {{"stale", 1, kAny}, {"driver.timeouts", 3, kAny}, {"driver.isolated", 0, 0}};
  static const std::vector<Bound> kWrong = {{"stale", 1, kAny}, {"wrong_resets", 1, kAny}, {"driver.isolated", 0, 0}};
  static const std::vector<Bound> kCollateral = {{"stale", 0, 0}, {"collateral", 1, kAny}, {"driver.probes", 0, 0}};
  static const std::vector<Expectation> all = {
      {"hang", nullptr, {"legacy"}, kLost, {}, kStorm},
      {"hang", nullptr, {"isr-reset"}, {"stale_access", "recovered", "isolated"}, kByChance, {{"stale", 1, kAny}, {"lost_io", 1, 1}}},
      {"hang", nullptr, {"isr-reset"}, kWrongOne, kByChance, kWrong, 2},
      {"hang", nullptr, {"block-all"}, {"innocent_untouched"}, {}, kCollateral, 2},
      {"hang", nullptr, {"sync-per-device"}, {}, {}, {{"stale", 0, 0}, {"driver.probes", 0, 0}}},

      {"hang-many", nullptr, {"legacy"}, kLost, {}, kStorm},
      {"hang-many", nullptr, {"isr-reset"}, kWrongOne, kByChance, kWrong},
      {"hang-many", nullptr, {"block-all"}, {"innocent_untouched"}, {}, kCollateral},

      // the entry is gone, only the answer is late; an unmap that has returned meanwhile may be a little ahead of the entry
      {"slow", nullptr, {"legacy"}, {"recovered", "isolated", "resets_of_faulty"}, {"stale_access"}, {{"driver.timeouts", 3, kAny}}},
      {"slow", nullptr, {"isr-reset"}, {"recovered", "isolated", "innocent_untouched"}, {"resets_of_faulty", "stale_access"}, {{"wrong_resets", 1, kAny}}},
      {"slow", nullptr, {"block-all"}, {"innocent_untouched"}, {}, kCollateral},

      // as `slow`: what is missing is the answer, not the entry
      {"stray", "fault.kind=wrong-itag", {"legacy"}, {"recovered", "isolated", "resets_of_faulty"}, {"stale_access"}, {{"driver.timeouts", 3, kAny}}},
      {"stray", "fault.kind=wrong-itag", {"isr-reset"}, {"recovered", "isolated", "innocent_untouched"}, {"resets_of_faulty", "stale_access"}, {{"wrong_resets", 1, kAny}}},
      {"stray", "fault.kind=wrong-itag", {"block-all"}, {"innocent_untouched"}, {}, kCollateral},
      {"sva", nullptr, {"legacy"}, kLost, {"translation_in_tables"}, kStorm},
      {"sva", nullptr, {"isr-reset"}, {"stale_access", "recovered", "isolated"}, {"resets_of_faulty", "innocent_untouched", "translation_in_tables"}, {{"stale", 1, kAny}}},
      // another CPU may have written its batch already
      {"sva", nullptr, {"block-all"}, {"innocent_untouched"}, {"every_domain_stops"}, kCollateral},
      // nobody recovers, so there is nothing that a reset from outside could meet
      {"reset-nested", nullptr, {"legacy"}, {"stale_access", "recovered", "isolated", "resets_of_faulty", "nested", "depth_counted", "attach_refused"},
       {"views_agree"}, kStorm},
      {"reset-nested", nullptr, {"isr-reset"}, {"stale_access", "recovered", "isolated"},
       {"resets_of_faulty", "innocent_untouched", "nested", "depth_counted", "attach_refused", "views_agree"}, {{"stale", 1, kAny}}},
      {"reset-nested", nullptr, {"block-all"}, {"innocent_untouched"}, {}, {{"stale", 0, 0}, {"collateral", 1, kAny}}, 3},
      {"ur", nullptr, {"legacy"}, kLost, {}, kStorm},
      {"ur", nullptr, {"isr-reset"}, kWrongOne, kByChance, kWrong},
      {"ur", nullptr, {"block-all"}, {"innocent_untouched"}, {}, kCollateral},

      // what one domain's device keeps may be the other domain's page by now
      {"shared-queue", nullptr, {"legacy"}, kLost, {"stuck_behind", "translation_in_tables", "foreign_access"}, kStorm},
      {"shared-queue", nullptr, {"isr-reset"}, {"stale_access", "recovered", "isolated"},
       {"resets_of_faulty", "stuck_behind", "innocent_untouched"}, {{"stale", 1, kAny}}},
      // a reset of the wrong device is a time-out in the queue of those who invalidate it
      {"shared-queue", "smmu.ecmdqs=2", {"isr-reset"}, {"stale_access", "recovered", "isolated"},
       {"resets_of_faulty", "stuck_behind", "innocent_untouched", "own_queue_is_free"}, {{"stale", 1, kAny}}},
      {"shared-queue", nullptr, {"block-all"}, {"innocent_untouched"}, {}, kCollateral, 4},

      {"irq-blocked", nullptr, {"legacy"},
       {"stale_access", "recovered", "isolated", "resets_of_faulty", "detected_in_a_poll_interval"}, {},
       {{"stale", 1, kAny}, {"detection", 50000, kAny}}},
      {"irq-blocked", nullptr, {"isr-reset"},
       {"stale_access", "recovered", "isolated", "detected_in_a_poll_interval", "innocent_untouched"}, kByChance,
       {{"stale", 1, kAny}, {"detection", 50000, kAny}}},
      {"irq-blocked", nullptr, {"block-all"}, {"innocent_untouched"}, {}, kCollateral},

      // its waiters are through with the load long before the queue is through with their commands, and the run ends with some in it
      // and what a TLBI behind the stopped queue has not removed is still handed out
      {"short-poll", nullptr, {"legacy"}, kLost, {"conservation", "translation_in_tables"}, kStorm},
      {"short-poll", nullptr, {"isr-reset"}, kWrongOne, {"resets_of_faulty", "conservation", "translation_in_tables"}, kWrong},
      {"short-poll", nullptr, {"block-all"}, {"innocent_untouched"}, {}, kCollateral},

      {"tag-exhaustion", nullptr, {"legacy"}, kLost, {"batch_bounded", "others_bounded"}, kStorm},
      {"tag-exhaustion", nullptr, {"isr-reset"}, {"recovered", "isolated"},
       {"stale_access", "resets_of_faulty", "innocent_untouched", "batch_bounded", "others_bounded"}, {}},
      {"tag-exhaustion", nullptr, {"block-all"}, {"innocent_untouched"}, {}, kCollateral},

      // an attach empties the ATC and starts over, so these may seem to recover
      {"attach-race", nullptr, {"legacy"}, {"isolated", "resets_of_faulty"}, {"stale_access", "recovered", "raced", "views_agree"}, {}},
      {"attach-race", nullptr, {"isr-reset"}, {"isolated"},
       {"stale_access", "recovered", "resets_of_faulty", "raced", "views_agree", "innocent_untouched"}, {}},
      {"attach-race", nullptr, {"block-all"}, {"innocent_untouched"}, {}, {{"stale", 0, 0}, {"collateral", 1, kAny}}},
      {"detach-race", nullptr, {"legacy"}, {"isolated", "resets_of_faulty"}, {"stale_access", "recovered", "raced", "views_agree"}, {}},
      {"detach-race", nullptr, {"isr-reset"}, {"isolated"},
       {"stale_access", "recovered", "resets_of_faulty", "raced", "views_agree", "innocent_untouched"}, {}},
      {"detach-race", nullptr, {"block-all"}, {"innocent_untouched"}, {}, {{"stale", 0, 0}, {"collateral", 1, kAny}}},

      // the device is still dead at the detach, after the driver's counters were read
      {"gerror-race", nullptr, {"legacy"}, kLost, {"one_error_once"}, kStorm},
      {"gerror-race", nullptr, {"isr-reset"}, kWrongOne, {"one_error_once", "resets_of_faulty"}, kWrong},
      {"gerror-race", nullptr, {"block-all"}, {"innocent_untouched"}, {}, kCollateral},

      {"reset-fails", nullptr, {"legacy"}, {"stale_access", "recovered", "isolated", "resets_of_faulty", "reported_once"}, {}, kStorm},
      {"reset-fails", nullptr, {"isr-reset"},
       {"stale_access", "recovered", "isolated", "reported_once", "innocent_untouched"}, kByChance, kWrong},
      {"reset-fails", nullptr, {"block-all"}, {"innocent_untouched"}, {}, kCollateral},

      {"flr-race", "fault.reset=raw", {"isr-reset"}, {"innocent_untouched"}, {"works_again", "stale_access"}, {{"wrong_resets", 1, kAny}}},
      {"flr-race", "fault.reset=raw", {"sync-per-device"}, {"not_reported"}, {}, {{"stale", 0, 0}, {"reported", 1, kAny}}},
      {"flr-race", "fault.reset=raw", {"block-all"}, {"not_reported", "innocent_untouched"}, {}, {{"stale", 0, 0}, {"reported", 1, kAny}}},

      // who finds nobody cannot have quarantined anybody; the containment itself is nobody's time-out
      // a time-out of what was in flight is charged to somebody, or to everybody
      {"dpc", nullptr, {"isr-reset"}, {}, {"innocent_untouched", "stale_access"}, {}},
      {"dpc", nullptr, {"block-all"}, {}, {"innocent_untouched"}, {{"stale", 0, 0}}},
      {"dpc", "fault.quarantine=1", {"legacy"}, {"stale_access", "quarantined_before"}, {}, {{"stale", 1, kAny}, {"driver.isolated", 0, 0}}},
      {"dpc", "fault.quarantine=1", {"isr-reset"}, {"stale_access", "quarantined_before"}, {"innocent_untouched"}, {{"stale", 1, kAny}}},
      {"dpc", "fault.quarantine=1", {"block-all"}, {"innocent_untouched"}, {}, {{"stale", 0, 0}}},

      // what is hit together depends on whom it hits at all
      {"group", nullptr, {"legacy"}, {"stale_access", "recovered", "isolated", "resets_of_faulty", "attach_refused"}, {"hit_together"}, kStorm},
      {"group", nullptr, {"isr-reset"}, {"stale_access", "recovered", "isolated"},
       {"resets_of_faulty", "innocent_untouched", "hit_together", "attach_refused", "others_keep_going"}, {{"stale", 1, kAny}}},
      {"group", nullptr, {"block-all"}, {"innocent_untouched"}, {"hit_together", "siblings_back", "views_agree", "others_keep_going"},
       kCollateral},
      // both are meant: there is nobody else
      {"group", "load.share=stream", {"block-all"}, {}, {}, {{"stale", 0, 0}}},
      {"group", "load.share=stream", {"block-all"}, {"innocent_untouched"}, {"hit_together", "siblings_back", "views_agree", "others_keep_going"},
       kCollateral, 3},
      {"group", "load.share=master", {"block-all"}, {}, {}, {{"stale", 0, 0}}},
      {"group", "load.share=master", {"block-all"}, {"innocent_untouched"}, {"hit_together", "siblings_back", "views_agree", "others_keep_going"},
       kCollateral, 3},

      {"suspend", "fault.quarantine=1", {"legacy"}, {"stale_access", "quarantined_before", "no_timeout", "stays_off"}, {},
       {{"stale", 1, kAny}, {"driver.isolated", 0, 0}}},
      {"suspend", "fault.quarantine=1", {"isr-reset"}, {"stale_access", "quarantined_before", "stays_off"}, {"no_timeout"},
       {{"stale", 1, kAny}, {"driver.isolated", 0, 0}}},
      // what was in flight when the slot went may time out, and then they hit whom they hit
      {"linkdown", nullptr, {"isr-reset", "block-all"}, {}, {"innocent_untouched"}, {{"stale", 0, 0}}},
      // a device that nobody isolates is never off, so there is nothing to bring back
      {"linkdown", "slot.what=mute", {"legacy", "isr-reset"}, {"exactly_one_timeout"},
       {"stale_access", "met_all_ones", "all_ones_not_enabled", "innocent_untouched"}, {{"driver.isolated", 0, 0}}},
      // so long is its search that the link may be back before the attach that is to meet it
      {"linkdown", "slot.what=mute", {"bisect"}, {}, {"met_all_ones"}, {{"stale", 0, 0}}},
      {"linkdown", "slot.what=mute", {"block-all"}, {"innocent_untouched"}, {"met_all_ones"}, {{"stale", 0, 0}}},

      {"pri", nullptr, {"legacy"}, {"stale_access", "recovered", "isolated", "resets_of_faulty", "faulted_in_again"}, {},
       {{"stale", 1, kAny}, {"driver.isolated", 0, 0}}},
      {"pri", nullptr, {"isr-reset"}, {"recovered", "isolated"}, {"stale_access", "resets_of_faulty", "innocent_untouched", "faulted_in_again"},
       {{"driver.isolated", 0, 0}}},
      {"pri", nullptr, {"block-all"}, {"innocent_untouched"}, {}, kCollateral},

      // the physical function's reset at the end is not the driver's
      {"sriov", nullptr, {"legacy"}, {"stale_access", "recovered", "isolated"}, {"resets_of_faulty", "taken_along"},
       {{"stale", 1, kAny}, {"driver.isolated", 0, 0}}},
      // the guess may hit the guilty one before it has met what is stale
      {"sriov", nullptr, {"isr-reset"}, {"recovered", "isolated"}, {"stale_access", "resets_of_faulty", "taken_along", "innocent_untouched"},
       {{"driver.isolated", 0, 0}}},
      // isolated siblings wait for each other's resets, so even the guilty one may not get its own in time
      {"sriov", nullptr, {"block-all"}, {"taken_along"},
       {"recovered", "resets_of_faulty", "innocent_untouched", "others_keep_going", "views_agree", "reset_of_pf", "siblings_back"}, {{"stale", 0, 0}}},
      {"sriov", "fault.device=0", {"block-all"}, {"innocent_untouched"},
       {"recovered", "resets_of_faulty", "taken_along", "others_keep_going", "views_agree", "reset_of_pf", "siblings_back"}, kCollateral},

      {"linkdown", "fault.quarantine=1", {"legacy", "isr-reset"}, {"quarantined_before"}, {"stale_access", "innocent_untouched"}, {{"driver.isolated", 0, 0}}},
      {"linkdown", "fault.quarantine=1", {"block-all"}, {"innocent_untouched"}, {}, {{"stale", 0, 0}}},

      // the waiter that keeps the handler out has left before the handler can tell it
      {"cmdq-error", nullptr, {"legacy", "isr-reset"}, {"illegal_reported"}, {}, {}},
  };
  return all;
}

const Expectation& expectation_of(const MatrixRow& row, const std::string& policy, unsigned devices) {
  static const Expectation all_holds = {nullptr, nullptr, {}, {}, {}, {{"stale", 0, 0}}, 1};
  const auto& table = expectations();
  const auto fits = [&](const Expectation& e) {
    const auto same = [](const char* a) { return [a](const char* b) { return std::strcmp(a, b) == 0; }; };
    return std::strcmp(e.scenario, row.scenario) == 0 && devices >= e.min_devices &&
           (!e.setting || std::any_of(row.settings.begin(), row.settings.end(), same(e.setting))) &&
           std::any_of(e.policies.begin(), e.policies.end(), same(policy.c_str()));
  };
  const auto it = std::find_if(table.rbegin(), table.rend(), fits);
  return it == table.rend() ? all_holds : *it;
}

Expectation isolated_expectation_of(const MatrixRow& row, const std::string& policy, unsigned devices) {
  Expectation expected = expectation_of(row, policy, devices);
  const auto is_stale = [](const char* check) { return std::strcmp(check, "stale_access") == 0; };
  expected.fails.erase(std::remove_if(expected.fails.begin(), expected.fails.end(), is_stale), expected.fails.end());
  expected.bounds.erase(std::remove_if(expected.bounds.begin(), expected.bounds.end(),
                                       [](const Bound& b) { return std::strcmp(b.figure, "stale") == 0; }),
                        expected.bounds.end());
  expected.bounds.push_back({"stale_timed_out", 0, 0});
  if (policy == "legacy") {
    // Its waiters leave at the poll limit with their commands still behind the stopped queue: the unmap returns, and devices that
    // nobody has asked yet use the page. No hardware can know.
    expected.may_fail.push_back("stale_access");
  } else {
    expected.bounds.push_back({"stale", 0, 0});
    expected.bounds.push_back({"stale_window", 0, 0});
  }
  return expected;
}

}  // namespace atcbench
