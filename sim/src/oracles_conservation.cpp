// SPDX-License-Identifier: Apache-2.0
//
// What began has ended, what went in has come out: commands, tags, Translation Requests, SYNC waits, unmaps, event
// records, packets and credits.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "atcbench/event_names.h"
#include "atcbench/oracle.h"

namespace atcbench {
namespace {

constexpr uint32_t kNoTag = 0xffffffff;

using Tag = std::pair<uint16_t, uint32_t>;  // device, itag

// Everything that began has ended.
class ConservationOracle final : public Oracle {
 public:
  explicit ConservationOracle(const FunctionMap& functions) : Oracle("conservation"), functions_(functions) {}

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
        if (!commands_.erase(queue_slot(e)))
          fail(e.cycle, fmt::format("command {:#x} was consumed, but not written before", queue_slot(e)));
        break;
      case EV_XLAT_REQ:
        if (!asked_.emplace(Tag{e.src, e.a0}, e.cycle).second)
          fail(e.cycle, fmt::format("device {} asks again with tag {:#x}", e.src, e.a0));
        break;
      case EV_CPL_TIMEOUT:
      case EV_XLAT_CPL:
        asked_.erase({e.src, e.a0});
        break;
      case EV_FLR_START:
        forget({e.src, e.src + 1u});
        break;
      // A device below a link that is down is in reset, from the cycle after on.
      case EV_LINK_DOWN:
      case EV_LINK_UP:
        forget(functions_.behind(e.src));
        break;
      case EV_SYNC_WAIT:
        waits_[e.a1] = e.cycle;
        break;
      case EV_SYNC_SEEN:
      case EV_SYNC_FAILED:
        waits_.erase(e.a1);
        break;
      case EV_EVENT_ACCEPTED:
        ++records_[e.a1];
        break;
      case EV_EVENT_WRITTEN:
      case EV_EVENT_LOST:
        if (const auto it = records_.find(e.a1); it == records_.end())
          fail(e.cycle, fmt::format("{} of a record {:#x} that the event queue did not take", event_name(e.event), e.a1));
        else if (--it->second == 0)
          records_.erase(it);
        break;
      case EV_LINK_BALANCE:
        balance(e);
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
    for (const auto& [record, count] : records_)
      fail(now, fmt::format("an event record {:#x} ({} of them) was neither written nor counted as lost", record, count));
    for (const auto& [cpu, count] : unmaps_)
      if (count) fail(now, fmt::format("cpu {} is still in an unmap at the end", cpu));
  }

 private:
  void forget(FunctionMap::Span span) {
    asked_.erase(asked_.lower_bound({static_cast<uint16_t>(span.first), 0}), asked_.lower_bound({static_cast<uint16_t>(span.last), 0}));
  }
  // What a link has counted, everything at rest.
  void balance(const Event& e) {
    static constexpr const char* kClass[] = {"posted", "non-posted", "completion"};
    const auto low = [](uint64_t pair) { return static_cast<uint32_t>(pair); };
    const auto high = [](uint64_t pair) { return static_cast<uint32_t>(pair >> 32); };
    const uint32_t sent = high(e.a1), received = low(e.a1), lost = high(e.a2);
    const auto missing = static_cast<int32_t>(low(e.a2));
    const std::string stream = fmt::format("link {} {} {}", e.src, e.a0 & 4 ? "towards the root" : "towards the device",
                                           kClass[std::min(e.a0 & 3, 2u)]);
    if (sent != received + lost)
      fail(e.cycle, fmt::format("{}: {} packets sent, {} received, {} lost with the link", stream, sent, received, lost));
    if (missing != 0) fail(e.cycle, fmt::format("{}: {} credits of the sender did not come back", stream, missing));
  }

  const FunctionMap functions_;
  std::map<Tag, Cycle> busy_;
  std::map<Tag, Cycle> asked_;             // device, tag of a Translation Request
  std::map<uint32_t, Cycle> commands_;     // queue and index
  std::map<uint64_t, Cycle> waits_;
  std::map<uint16_t, int> unmaps_;
  std::map<uint64_t, unsigned> records_;   // dword 0 of event records that the queue holds
};

}  // namespace

std::unique_ptr<Oracle> make_conservation_oracle(const FunctionMap& functions) {
  return std::make_unique<ConservationOracle>(functions);
}

}  // namespace atcbench
