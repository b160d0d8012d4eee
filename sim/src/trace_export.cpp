// SPDX-License-Identifier: Apache-2.0
#include "atcbench/trace_export.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "atcbench/event_names.h"
#include "atcbench/trace.h"

namespace atcbench {
namespace {

using Json = nlohmann::ordered_json;

enum Process { kCpus = 1, kSmmu = 2, kLinks = 3, kDevices = 4 };
enum SmmuThread { kFetch = 1, kConsume = 2, kSync = 3, kTags = 4, kErrors = 5 };

constexpr uint32_t kKindRequest = 0x72;     // message with data, routed by ID
constexpr uint32_t kKindCompletion = 0x32;  // message, routed by ID
constexpr uint64_t kCodeRequest = 1, kCodeCompletion = 2;

class Exporter {
 public:
  std::string run(const std::vector<Event>& events) {
    for (const Track& track : trace_tracks(events)) add_track(track);
    for (const Event& e : events) take(e);
    for (const auto& [process, name] : std::map<int, const char*>{{kCpus, "CPUs"}, {kSmmu, "SMMU"}, {kLinks, "links"}, {kDevices, "devices"}})
      name_of(process, 0, "process_name", name);
    for (const auto& [thread, name] : threads_) name_of(thread.first, thread.second, "thread_name", name);
    Json all;
    all["displayTimeUnit"] = "ns";
    all["otherData"] = {{"clock", "one cycle = 1 ns"}};
    all["traceEvents"] = std::move(out_);
    return all.dump() + "\n";
  }

 private:
  struct Place {
    int process, thread;
  };

  void name_of(int process, int thread, const char* what, const std::string& name) {
    out_.push_back({{"ph", "M"}, {"pid", process}, {"tid", thread}, {"ts", 0}, {"name", what}, {"args", {{"name", name}}}});
  }
  Place place(int process, int thread, const std::string& name) {
    threads_.emplace(std::make_pair(process, thread), name);
    return {process, thread};
  }
  static double time(Cycle cycle) { return static_cast<double>(cycle) / 1000; }  // microseconds

  void complete(Place p, Cycle from, Cycle length, const std::string& name, const std::string& detail) {
    out_.push_back({{"ph", "X"}, {"pid", p.process}, {"tid", p.thread}, {"ts", time(from)}, {"dur", time(length)},
                    {"name", name}, {"cat", "atc"}, {"args", {{"detail", detail}, {"cycle", from}}}});
  }
  void asynchronous(Place p, const Span& s) {
    const std::string id = fmt::format("{:#x}", ++async_id_);
    out_.push_back({{"ph", "b"}, {"pid", p.process}, {"tid", p.thread}, {"ts", time(s.from)}, {"id", id}, {"name", s.name},
                    {"cat", s.name}, {"args", {{"detail", s.detail}}}});
    out_.push_back({{"ph", "e"}, {"pid", p.process}, {"tid", p.thread}, {"ts", time(s.to)}, {"id", id}, {"name", s.name}, {"cat", s.name}});
  }
  // A point of the flow `id`, bound to the event of one cycle at the same place.
  void flow(const char* phase, Place p, Cycle cycle, uint64_t id) {
    Json e = {{"ph", phase}, {"pid", p.process}, {"tid", p.thread}, {"ts", time(cycle)}, {"id", id}, {"name", "ATC_INV"}, {"cat", "flow"}};
    if (*phase == 'f') e["bp"] = "e";
    out_.push_back(std::move(e));
  }

  Place cpu(unsigned index) { return place(kCpus, static_cast<int>(index) + 1, fmt::format("CPU {}", index)); }
  Place commands(unsigned cpu) { return place(kCpus, static_cast<int>(cpu) + 1001, fmt::format("CPU {} commands", cpu)); }
  Place device(unsigned index) { return place(kDevices, static_cast<int>(index) + 1, fmt::format("device {}", index)); }
  Place link(unsigned index, bool up) {
    return place(kLinks, static_cast<int>(2 * index) + 1 + up, fmt::format("link {} {}", index, up ? "up" : "down"));
  }
  Place smmu(SmmuThread thread) {
    static constexpr const char* kNames[] = {"", "command fetch", "command queue", "SYNC", "ITags", "errors"};
    return place(kSmmu, thread, kNames[thread]);
  }
  Place sync_of(uint16_t queue) {
    return queue == 0 ? smmu(kSync) : place(kSmmu, 100 + queue, fmt::format("SYNC of ECMDQ {}", queue - 1));
  }
  Place moment(Place p, const Event& e, const std::string& name = "") {
    complete(p, e.cycle, 1, name.empty() ? std::string(event_name(e.event)) : name, describe_event(e));
    return p;
  }

  void add_track(const Track& track) {
    const Place p = track.kind == Track::Kind::kCpu ? cpu(track.index) : device(track.index);
    for (const Span& s : track.spans) {
      if (track.kind == Track::Kind::kCpu && (s.name == "unmap" || s.name == "unmap_failed" || s.name == "map"))
        complete(p, s.from, s.to - s.from, s.name, s.detail);
      else
        asynchronous(p, s);
    }
  }

  void take(const Event& e) {
    switch (e.event) {
      case EV_CMD_WRITTEN:
        if ((e.a1 & 0xff) == kOpAtcInv) {
          moment(commands(e.src), e, "ATC_INV");
          slots_[e.a0] = ++flow_id_;
          flow("s", commands(e.src), e.cycle, flow_id_);
        }
        break;
      case EV_CMD_FETCHED:
        moment(smmu(kFetch), e);
        if (const uint64_t id = slot(queue_slot(e))) flow("t", smmu(kFetch), e.cycle, id);
        break;
      case EV_CMD_CONSUMED:
        moment(smmu(kConsume), e);
        consumed_[e.src] = slot(queue_slot(e));
        if (consumed_[e.src]) flow("t", smmu(kConsume), e.cycle, consumed_[e.src]);
        slots_.erase(queue_slot(e));
        break;
      case EV_ITAG_ALLOC:
        // Allocated in the cycle in which its command is consumed, or after: the queue's last one consumed is its own (D8).
        tags_[{e.src, e.a0}] = std::exchange(consumed_[0], 0);
        break;
      case EV_INV_QUEUE:  // not queue 0 then
        consumed_[0] = std::exchange(tags_[{e.src, e.a0}], std::exchange(consumed_[static_cast<uint16_t>(e.a1)], 0));
        break;
      case EV_INV_SENT:
        step(moment(smmu(kTags), e), e.cycle, e.src, e.a0);
        break;
      case EV_TLP_DOWN:
        moment(link(e.src, false), e, tlp_name(e));
        if (e.a0 == kKindRequest && (e.a1 & 0xff) == kCodeRequest)
          step(link(e.src, false), e.cycle, e.src, static_cast<uint32_t>(e.a1 >> 8 & 31));
        break;
      case EV_TLP_UP:
        moment(link(e.src, true), e, tlp_name(e));
        if (e.a0 == kKindCompletion && (e.a1 & 0xff) == kCodeCompletion)
          for (uint32_t itag = 0; itag < 32; ++itag)
            if (e.a2 >> itag & 1) step(link(e.src, true), e.cycle, e.src, itag);
        break;
      case EV_INV_RECEIVED:
        step(moment(device(e.src), e), e.cycle, e.src, e.a0);
        break;
      case EV_INV_CPL_SENT:
        moment(device(e.src), e);
        for (uint32_t itag = 0; itag < 32; ++itag)
          if (e.a0 >> itag & 1) step(device(e.src), e.cycle, e.src, itag);
        break;
      case EV_INV_CPL:
      case EV_INV_TIMEOUT: {
        const Place p = moment(smmu(kTags), e);
        const auto it = tags_.find({e.src, e.a0});
        if (it == tags_.end()) break;
        if (it->second) flow("f", p, e.cycle, it->second);
        tags_.erase(it);
        break;
      }
      case EV_SYNC_START:
        sync_[e.src] = e.cycle;
        break;
      case EV_SYNC_COMPLETE:
      case EV_SYNC_ERROR:
        if (const auto it = sync_.find(e.src); it != sync_.end()) {
          complete(sync_of(e.src), it->second, e.cycle - it->second + 1, std::string(event_name(e.event)), describe_event(e));
          sync_.erase(it);
        }
        break;
      case EV_GERROR_SET:
      case EV_IRQ_ASSERT:
      case EV_CMDQ_STOPPED:
      case EV_CMDQ_RESUMED:
      case EV_EVENT_WRITTEN:
        moment(smmu(kErrors), e);
        break;
      case EV_IRQ_ENTRY:
      case EV_GERROR_POLL_HIT:
      case EV_PROTECTED:
      case EV_QUARANTINED:
      case EV_ISOLATED:
      case EV_FLR_WRITE:
        moment(commands(e.src), e);
        break;
      default:
        break;
    }
  }

  uint64_t slot(uint32_t index) const {
    const auto it = slots_.find(index);
    return it == slots_.end() ? 0 : it->second;
  }
  void step(Place p, Cycle cycle, uint16_t device, uint32_t itag) {
    const auto it = tags_.find({device, itag});
    if (it != tags_.end() && it->second) flow("t", p, cycle, it->second);
  }
  static std::string tlp_name(const Event& e) {
    switch (e.a0) {
      case kKindRequest:
        return (e.a1 & 0xff) == kCodeRequest ? "Invalidate Request" : "Msg";
      case kKindCompletion:
        return (e.a1 & 0xff) == kCodeCompletion ? "Invalidate Completion" : "Msg";
      case 0x00:
      case 0x20:
        return "MRd";
      case 0x40:
      case 0x60:
        return "MWr";
      case 0x0a:
        return "Cpl";
      case 0x4a:
        return "CplD";
      case 0x04:
        return "CfgRd0";
      case 0x44:
        return "CfgWr0";
      default:
        return fmt::format("TLP {:#x}", e.a0);
    }
  }

  static constexpr uint64_t kOpAtcInv = 0x40;

  Json out_ = Json::array();
  std::map<std::pair<int, int>, std::string> threads_;
  std::map<uint32_t, uint64_t> slots_;                          // queue index -> flow
  std::map<std::pair<uint16_t, uint32_t>, uint64_t> tags_;      // device, itag -> flow
  std::map<uint16_t, Cycle> sync_;         // queue -> start of the SYNC that waits
  std::map<uint16_t, uint64_t> consumed_;  // queue -> flow of the command consumed last
  uint64_t flow_id_ = 0, async_id_ = 0;
};

}  // namespace

std::string trace_json(const std::vector<Event>& events) { return Exporter().run(events); }

}  // namespace atcbench
