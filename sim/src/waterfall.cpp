// SPDX-License-Identifier: Apache-2.0
//
// The latency waterfall: the steps of one time-out in order, or those of a fault-free unmap.
#include <algorithm>
#include <utility>

#include "atcbench/event_names.h"
#include "atcbench/figures.h"
#include "atcbench/trace.h"

namespace atcbench {
namespace {

// What a step of the time-out waterfall must match besides its name.
enum class Match { kAny, kCpu, kDevice, kSid, kTag };
struct Step {
  atc_log_event event;
  Match match;
  bool after_timeout;
};
// In the order of the event table of the measurement rules; found steps are sorted by cycle.
constexpr Step kSteps[] = {
    {EV_CMD_SLOT, Match::kCpu, false},          {EV_PROD_WRITE, Match::kCpu, false},
    {EV_CMD_FETCHED, Match::kAny, false},       {EV_ITAG_ALLOC, Match::kTag, false},
    {EV_INV_SENT, Match::kTag, false},          {EV_INV_RECEIVED, Match::kTag, false},
    {EV_SYNC_START, Match::kAny, false},        {EV_SYNC_WAIT, Match::kCpu, false},
    {EV_INV_TIMEOUT, Match::kTag, true},        {EV_SYNC_ERROR, Match::kAny, true},
    {EV_GERROR_SET, Match::kAny, true},         {EV_IRQ_ASSERT, Match::kAny, true},
    {EV_IRQ_ENTRY, Match::kAny, true},          {EV_GERROR_POLL_HIT, Match::kAny, true},
    {EV_GERROR_ACK, Match::kAny, true},         {EV_ECMDQ_ACK, Match::kAny, true},
    {EV_SYNC_FAILED, Match::kAny, true},
    {EV_ISOLATE_START, Match::kAny, true},      {EV_ISOLATE_PROBE, Match::kSid, true},
    {EV_ISOLATED, Match::kSid, true},           {EV_ATS_DISABLE_WRITE, Match::kSid, true},
    {EV_STE_EATS_CLEAR, Match::kSid, true},     {EV_PROTECTED, Match::kSid, true},
    {EV_INVS_MARKED, Match::kSid, true},        {EV_QUARANTINED, Match::kSid, true},
    {EV_ERROR_EVENT, Match::kSid, true},        {EV_UNMAP_EXIT, Match::kCpu, true},
    {EV_WORKER_START, Match::kAny, true},       {EV_BLOCKED, Match::kSid, true},
    {EV_DRV_ERROR_CB, Match::kSid, true},       {EV_RESET_PREPARE, Match::kSid, true},
    {EV_FLR_WRITE, Match::kSid, true},          {EV_FLR_START, Match::kDevice, true},
    {EV_FLR_DONE, Match::kDevice, true},        {EV_RESET_DONE, Match::kSid, true},
    {EV_ATTACH_START, Match::kSid, true},       {EV_ATS_ENABLED, Match::kDevice, true},
    {EV_REATTACHED, Match::kSid, true},         {EV_FIRST_GOOD_INV, Match::kSid, true},
    {EV_FIRST_GOOD_ACCESS, Match::kDevice, true},
};

std::vector<WaterfallStep> finish(std::vector<WaterfallStep> steps) {
  std::stable_sort(steps.begin(), steps.end(),
                   [](const WaterfallStep& a, const WaterfallStep& b) { return a.cycle < b.cycle; });
  for (size_t i = 1; i < steps.size(); ++i) steps[i].delta = steps[i].cycle - steps[i - 1].cycle;
  return steps;
}

std::vector<WaterfallStep> waterfall_of(const Episode& ep, const std::vector<Event>& events) {
  // The unmap in which the tag was allocated, on the CPU that learned of the time-out.
  const Event* enter = nullptr;
  uint32_t itag = 0;
  for (const Event& e : events) {
    if (e.cycle > ep.timeout) break;
    if (e.event == EV_UNMAP_ENTER && e.src == ep.cpu && e.cycle <= ep.alloc) enter = &e;
    if (e.event == EV_INV_TIMEOUT && e.src == ep.device && e.cycle == ep.timeout && e.a2 == ep.alloc) itag = e.a0;
  }
  const Cycle start = enter ? enter->cycle : ep.alloc;
  // Steps before the time-out belong to the ATC half: its slots are the last reserved before the tag.
  Cycle half = start;
  for (const Event& e : events)
    if (e.event == EV_CMD_SLOT && e.src == ep.cpu && e.cycle >= start && e.cycle <= ep.alloc) half = e.cycle;
  std::vector<WaterfallStep> steps;
  if (enter) steps.push_back({"unmap_enter", start, 0, describe_event(*enter), ep.cpu, {}});
  for (const Step& step : kSteps) {
    const Cycle from = step.after_timeout ? ep.timeout : half;
    auto it = std::lower_bound(events.begin(), events.end(), from,
                               [](const Event& e, Cycle cycle) { return e.cycle < cycle; });
    for (; it != events.end(); ++it) {
      if (it->event != step.event) continue;
      const Event& e = *it;
      if (!about_gerror(e)) continue;
      const bool sid_in_a1 = e.event == EV_WORKER_START;
      if (step.match == Match::kCpu && e.src != ep.cpu) continue;
      if (step.match == Match::kDevice && e.src != ep.device) continue;
      if (step.match == Match::kTag && (e.src != ep.device || e.a0 != itag)) continue;
      if (step.match == Match::kSid && (sid_in_a1 ? e.a1 : e.a0) != ep.sid) continue;
      const EventInfo* info = event_info(e.event);
      const uint16_t cpu = info && info->src == "cpu" ? e.src : ep.cpu;
      steps.push_back({std::string(event_name(e.event)), e.cycle, 0, describe_event(e), cpu, {}});
      break;
    }
  }
  return finish(std::move(steps));
}

std::vector<WaterfallStep> waterfall_of(const UnmapTrace& u) {
  std::vector<WaterfallStep> steps;
  const auto put = [&steps, &u](const std::string& name, Cycle cycle) {
    if (cycle) steps.push_back({name, cycle, 0, {}, u.cpu, {}});
  };
  put("unmap_enter", u.enter);
  for (size_t i = 0; i < u.halves.size(); ++i) {
    const UnmapTrace::Half& h = u.halves[i];
    const std::string suffix = i == 0 ? "_t" : "_a";
    put("prod_write" + suffix, h.prod_write);
    put("cmd_fetched" + suffix, h.cmd_fetched);
    if (h.invalidations > 1) put("inv_sent_first" + suffix, h.inv_sent_first);
    put("inv_sent_last" + suffix, h.inv_sent);
    put("inv_received_last" + suffix, h.inv_received);
    put("inv_cpl_sent_last" + suffix, h.inv_cpl_sent);
    put("inv_cpl_last" + suffix, h.inv_cpl);
    put("sync_complete" + suffix, h.sync_complete);
    put("sync_seen" + suffix, h.sync_seen);
  }
  put("unmap_exit", u.exit);
  return finish(std::move(steps));
}

}  // namespace

std::vector<WaterfallStep> build_waterfall(const std::vector<Event>& events) {
  const std::vector<Episode> episodes = trace_episodes(events);
  if (!episodes.empty()) return waterfall_of(episodes.front(), events);
  std::vector<UnmapTrace> complete;
  for (UnmapTrace& u : trace_unmaps(events))
    if (u.exit && u.halves.size() == 2 && u.halves[1].invalidations) complete.push_back(std::move(u));
  if (complete.empty()) return {};
  return waterfall_of(complete[complete.size() / 2]);
}

void add_instructions(std::vector<WaterfallStep>& steps, const InstructionCount& count) {
  for (size_t i = 0; i < steps.size(); ++i)
    steps[i].instructions = i ? count(steps[i].cpu, steps[i].cycle) - count(steps[i].cpu, steps[i - 1].cycle) : 0;
}

}  // namespace atcbench
