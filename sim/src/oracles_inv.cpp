// SPDX-License-Identifier: Apache-2.0
//
// The invalidation contract, from the SYNC's side and from the device's.
#include <fmt/format.h>

#include <map>
#include <set>

#include "atcbench/event_names.h"
#include "atcbench/oracle.h"

namespace atcbench {
namespace {

constexpr uint64_t kCerrorAtcInvSync = 3;
constexpr unsigned kTags = 32;
constexpr uint32_t kNoTag = 0xffffffff;

using Tag = std::pair<uint16_t, uint32_t>;  // device, itag

// A SYNC waits for what was issued before it. One command queue: every tag that is busy when a SYNC is
// consumed belongs to commands before it, for a SYNC holds back all later ones (D8).
class SyncOracle final : public Oracle {
 public:
  SyncOracle() : Oracle("sync_waits_for_atc_inv") {}

  void on_event(const Event& e) override {
    // Within a cycle the log's order says nothing, so a SYNC is judged when its cycle is over.
    if (pending_ && e.cycle != sync_cycle_) judge();
    switch (e.event) {
      case EV_ITAG_ALLOC:
        busy_[{e.src, e.a0}] = e.cycle;
        break;
      case EV_INV_CPL:
      case EV_INV_UR_LOCAL:
        busy_.erase({e.src, e.a0});
        break;
      case EV_INV_TIMEOUT:
        busy_.erase({e.src, e.a0});
        unreported_since_ = unreported_ ? unreported_since_ : e.cycle;
        unreported_ = true;
        break;
      case EV_INV_REFUSED:
        unreported_since_ = unreported_ ? unreported_since_ : e.cycle;
        unreported_ = true;
        break;
      case EV_SYNC_ERROR:
        if (e.a1 == kCerrorAtcInvSync) unreported_ = false;
        break;
      case EV_SYNC_COMPLETE:
        pending_ = true;
        sync_cycle_ = e.cycle;
        sync_index_ = e.a0;
        break;
      default:
        break;
    }
  }
  void finish(Cycle) override {
    if (pending_) judge();
  }

 private:
  void judge() {
    pending_ = false;
    for (const auto& [tag, since] : busy_)
      if (since < sync_cycle_)
        fail(sync_cycle_, fmt::format("SYNC {:#x} completed while device {} itag {} of cycle {} was not answered",
                                      sync_index_, tag.first, tag.second, since));
    if (unreported_ && unreported_since_ < sync_cycle_)
      fail(sync_cycle_, fmt::format("SYNC {:#x} completed, the time-out of cycle {} was never reported", sync_index_,
                                    unreported_since_));
  }

  std::map<Tag, Cycle> busy_;
  bool unreported_ = false;
  Cycle unreported_since_ = 0;
  bool pending_ = false;
  Cycle sync_cycle_ = 0;
  uint32_t sync_index_ = 0;
};

// What the device must have done before its completion counts.
class CompletionOracle final : public Oracle {
 public:
  CompletionOracle() : Oracle("completion_after_drain") {}

  void on_event(const Event& e) override {
    switch (e.event) {
      case EV_ITAG_ALLOC:
        tags_[{e.src, e.a0}].received = false;
        break;
      case EV_INV_RECEIVED: {
        State& state = tags_[{e.src, e.a0}];
        state = State{};
        state.received = state.open = true;
        break;
      }
      case EV_DRAIN_DONE:
        tags_[{e.src, e.a0}].drained = true;
        if (e.a1 != 0)
          fail(e.cycle, fmt::format("device {} answers itag {} with {} older translated reads outstanding", e.src, e.a0, e.a1));
        break;
      case EV_INV_CPL_SENT:
        for (uint32_t itag = 0; itag < kTags; ++itag) {
          if (!(e.a0 >> itag & 1)) continue;
          const State& state = tags_[{e.src, itag}];
          if (!state.open)
            fail(e.cycle, fmt::format("device {} completed itag {}, which it was never sent", e.src, itag));
          else if (!state.drained)
            fail(e.cycle, fmt::format("device {} completed itag {} before the drain was done", e.src, itag));
        }
        break;
      case EV_INV_CPL: {
        const auto it = tags_.find({e.src, e.a0});
        if (it == tags_.end() || !it->second.received)
          fail(e.cycle, fmt::format("a completion was taken for device {} itag {}, which it had not received", e.src,
                                    e.a0));
        break;
      }
      default:
        break;
    }
  }

 private:
  struct State {
    bool open = false;      // received by the device at some time
    bool received = false;  // received since the tag was allocated
    bool drained = false;
  };
  std::map<Tag, State> tags_;
};

// Everything that began has ended.
class ConservationOracle final : public Oracle {
 public:
  ConservationOracle() : Oracle("conservation") {}

  void on_event(const Event& e) override {
    switch (e.event) {
      case EV_ITAG_ALLOC:
        if (!busy_.emplace(Tag{e.src, e.a0}, e.cycle).second)
          fail(e.cycle, fmt::format("device {} itag {} allocated while busy", e.src, e.a0));
        break;
      case EV_INV_CPL:
      case EV_INV_TIMEOUT:
      case EV_INV_UR_LOCAL:
        if (e.a0 == kNoTag) break;  // a StreamID without an endpoint: retired before it had a tag
        if (!busy_.erase({e.src, e.a0}))
          fail(e.cycle, fmt::format("{} of device {} itag {}, which is not busy", event_name(e.event), e.src, e.a0));
        break;
      case EV_CMD_WRITTEN:
        commands_[e.a0] = e.cycle;
        break;
      case EV_CMD_CONSUMED:
        if (!commands_.erase(e.a0)) fail(e.cycle, fmt::format("command {:#x} was consumed, but not written before", e.a0));
        break;
      case EV_XLAT_REQ:
        if (!asked_.emplace(Tag{e.src, e.a0}, e.cycle).second)
          fail(e.cycle, fmt::format("device {} asks again with tag {:#x}", e.src, e.a0));
        break;
      case EV_XLAT_CPL:
        asked_.erase({e.src, e.a0});
        break;
      case EV_FLR_START:
        asked_.erase(asked_.lower_bound({e.src, 0}), asked_.upper_bound({e.src, UINT32_MAX}));
        break;
      case EV_SYNC_WAIT:
        waits_[e.a1] = e.cycle;
        break;
      case EV_SYNC_SEEN:
      case EV_SYNC_FAILED:
        waits_.erase(e.a1);
        break;
      case EV_UNMAP_ENTER:
        ++unmaps_[e.src];
        break;
      case EV_UNMAP_EXIT:
        if (unmaps_[e.src]-- == 0) fail(e.cycle, fmt::format("cpu {} left an unmap that it never entered", e.src));
        break;
      default:
        break;
    }
  }
  void finish(Cycle now) override {
    for (const auto& [tag, since] : busy_)
      fail(now, fmt::format("device {} itag {} of cycle {} is still busy at the end", tag.first, tag.second, since));
    for (const auto& [index, since] : commands_)
      fail(now, fmt::format("command {:#x}, written in cycle {}, was never consumed", index, since));
    for (const auto& [tag, since] : asked_)
      fail(now, fmt::format("device {} tag {:#x}: a Translation Request of cycle {} was never answered", tag.first, tag.second, since));
    for (const auto& [batch, since] : waits_)
      fail(now, fmt::format("the SYNC wait of batch {} at cycle {} never ended", batch, since));
    for (const auto& [cpu, count] : unmaps_)
      if (count) fail(now, fmt::format("cpu {} is still in an unmap at the end", cpu));
  }

 private:
  std::map<Tag, Cycle> busy_;
  std::map<Tag, Cycle> asked_;             // device, tag of a Translation Request
  std::map<uint32_t, Cycle> commands_;     // index in the queue
  std::map<uint64_t, Cycle> waits_;
  std::map<uint16_t, int> unmaps_;
};

}  // namespace

std::unique_ptr<Oracle> make_sync_oracle() { return std::make_unique<SyncOracle>(); }
std::unique_ptr<Oracle> make_completion_oracle() { return std::make_unique<CompletionOracle>(); }
std::unique_ptr<Oracle> make_conservation_oracle() { return std::make_unique<ConservationOracle>(); }

void OracleSet::attach(EventLog& log) {
  log.observe([this](const Event& e) {
    for (auto& oracle : oracles_) oracle->on_event(e);
  });
}

void OracleSet::finish(Cycle now) {
  for (auto& oracle : oracles_) oracle->finish(now);
}

std::vector<CheckResult> OracleSet::results() const {
  std::vector<CheckResult> all;
  for (const auto& oracle : oracles_) all.push_back(oracle->result());
  return all;
}

}  // namespace atcbench
