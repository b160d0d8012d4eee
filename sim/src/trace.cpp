// SPDX-License-Identifier: Apache-2.0
#include "atcbench/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "atcbench/event_names.h"

namespace atcbench {
namespace {

// Bus of endpoint 0: a log says it by what travels only above a switch, type 1 configuration requests.
unsigned first_bus(const std::vector<Event>& events) {
  const bool switched = std::any_of(events.begin(), events.end(),
                                    [](const Event& e) { return e.event == EV_TLP_DOWN && (e.a0 & 0xbf) == 0x05; });
  return switched ? 3 : 1;
}

class Tracer {
 public:
  std::vector<Track> run(const std::vector<Event>& events) {
    first_bus_ = first_bus(events);
    for (const Event& e : events) take(e);
    const Cycle end = events.empty() ? 0 : events.back().cycle;
    for (auto& [key, span] : open_) close(key, span, end, " (never ended)");
    std::vector<Track> out;
    for (auto* tracks : {&cpus_, &devices_})
      for (auto& [index, track] : *tracks) {
        std::stable_sort(track.spans.begin(), track.spans.end(), [](const Span& a, const Span& b) { return a.from < b.from; });
        out.push_back(std::move(track));
      }
    return out;
  }

 private:
  struct Key {
    Track::Kind kind;
    unsigned index;
    std::string name;
    uint64_t id;
    bool operator<(const Key& o) const { return std::tie(kind, index, name, id) < std::tie(o.kind, o.index, o.name, o.id); }
  };

  unsigned device_of_sid(uint64_t sid) const { return static_cast<unsigned>((sid >> 8) - first_bus_); }
  Track& track(Track::Kind kind, unsigned index) {
    Track& t = kind == Track::Kind::kCpu ? cpus_[index] : devices_[index];
    t.kind = kind;
    t.index = index;
    return t;
  }
  void open(Track::Kind kind, unsigned index, const std::string& name, uint64_t id, Span span) {
    span.name = name;
    open_[{kind, index, name, id}] = std::move(span);
  }
  void close(const Key& key, Span span, Cycle to, const std::string& more) {
    span.to = to;
    span.detail += more;
    track(key.kind, key.index).spans.push_back(std::move(span));
  }
  // Ends it, perhaps under another name.
  void end(Track::Kind kind, unsigned index, const std::string& name, uint64_t id, Cycle to, const std::string& as = "",
           const std::string& more = "") {
    const auto it = open_.find({kind, index, name, id});
    if (it == open_.end()) return;
    if (!as.empty()) it->second.name = as;
    close(it->first, it->second, to, more);
    open_.erase(it);
  }
  void mark(Track::Kind kind, unsigned index, const Event& e) {
    track(kind, index).marks.emplace_back(e.cycle, std::string(event_name(e.event)));
  }

  void take(const Event& e) {
    constexpr auto kCpu = Track::Kind::kCpu;
    constexpr auto kDevice = Track::Kind::kDevice;
    const auto span = [&e](std::string detail) { return Span{e.cycle, 0, "", std::move(detail), e.a0, e.a1}; };
    switch (e.event) {
      case EV_UNMAP_ENTER:
        open(kCpu, e.src, "unmap", 0, span(fmt::format("iova {:#x}, {} bytes", e.a1, e.a2)));
        break;
      case EV_UNMAP_EXIT:
        end(kCpu, e.src, "isolation", 0, e.cycle);  // by another CPU's hand
        end(kCpu, e.src, "unmap", 0, e.cycle, e.a2 ? "unmap_failed" : "", e.a2 ? fmt::format(", error {}", e.a2) : "");
        break;
      case EV_MAP_ENTER:
        open(kCpu, e.src, "map", 0, span(fmt::format("iova {:#x}, {} bytes", e.a1, e.a2)));
        break;
      case EV_MAP_EXIT:
        end(kCpu, e.src, "map", 0, e.cycle);
        break;
      case EV_SYNC_WAIT:
        open(kCpu, e.src, "sync_wait", e.a1, span(fmt::format("batch {}, index {:#x}", e.a1, e.a0)));
        break;
      case EV_SYNC_SEEN:
        end(kCpu, e.src, "sync_wait", e.a1, e.cycle);
        break;
      case EV_SYNC_FAILED:
        end(kCpu, e.src, "sync_wait", e.a1, e.cycle, "sync_failed", fmt::format(", error {}", e.a2));
        break;
      case EV_ISOLATE_START:
        open(kCpu, e.src, "isolation", 0, span(fmt::format("{} devices", e.a1)));
        break;
      case EV_QUARANTINED:
        end(kCpu, e.src, "isolation", 0, e.cycle);
        mark(kCpu, e.src, e);
        break;
      case EV_IRQ_ENTRY:
        if (e.a0 == 0) mark(kCpu, e.src, e);
        break;
      case EV_GERROR_POLL_HIT:
      case EV_ISOLATED:
      case EV_WORKER_START:
      case EV_FLR_WRITE:
        mark(kCpu, e.src, e);
        break;
      case EV_ITAG_ALLOC:
        open(kDevice, e.src, "invalidation", e.a0, span(fmt::format("itag {}, payload {:#x}", e.a0, e.a2)));
        break;
      case EV_INV_CPL:
      case EV_INV_UR_LOCAL:
        end(kDevice, e.src, "invalidation", e.a0, e.cycle);
        break;
      case EV_INV_TIMEOUT:
        end(kDevice, e.src, "invalidation", e.a0, e.cycle, "timed_out");
        if (!open_.count({kDevice, e.src, "exposed", 0}) && !open_.count({kDevice, e.src, "quarantined", 0}))
          open(kDevice, e.src, "exposed", 0, span("time-out to protected"));
        break;
      case EV_PROTECTED:
        end(kDevice, device_of_sid(e.a0), "exposed", 0, e.cycle);
        open(kDevice, device_of_sid(e.a0), "quarantined", 0, span("protected to attached again"));
        break;
      case EV_REATTACHED:
        end(kDevice, device_of_sid(e.a0), "quarantined", 0, e.cycle);
        break;
      case EV_FLR_START:
        open(kDevice, e.src, "flr", 0, span("function level reset"));
        break;
      case EV_FLR_DONE:
        end(kDevice, e.src, "flr", 0, e.cycle);
        break;
      case EV_STALE_ACCESS:
        track(kDevice, e.src).spans.push_back({e.a2, e.cycle, "stale", fmt::format("access to {:#x}, released in cycle {}", e.a1, e.a2), 0, 0});
        break;
      case EV_FIRST_GOOD_ACCESS:
      case EV_FAULT_ARMED:
        mark(kDevice, e.src, e);
        break;
      default:
        break;
    }
  }

  unsigned first_bus_ = 1;
  std::map<unsigned, Track> cpus_, devices_;
  std::map<Key, Span> open_;
};

void step(Series& series, Cycle cycle, int64_t change) {
  const int64_t value = (series.empty() ? 0 : series.back().second) + change;
  if (!series.empty() && series.back().first == cycle)
    series.back().second = value;
  else
    series.emplace_back(cycle, value);
}

}  // namespace

std::vector<Track> trace_tracks(const std::vector<Event>& events) { return Tracer().run(events); }

Occupancy trace_occupancy(const std::vector<Event>& events) {
  Occupancy out;
  std::set<std::pair<uint16_t, uint32_t>> held;
  for (const Event& e : events) {
    if (e.event == EV_CMD_WRITTEN) {
      step(out.commands, e.cycle, 1);
    } else if (e.event == EV_CMD_CONSUMED) {
      step(out.commands, e.cycle, -1);
    } else if (e.event == EV_ITAG_ALLOC) {
      if (held.emplace(e.src, e.a0).second) step(out.itags[e.src], e.cycle, 1);
    } else if (e.event == EV_ITAG_FREE) {
      if (held.erase({e.src, e.a0})) step(out.itags[e.src], e.cycle, -1);
    }
  }
  return out;
}

Series thin_out(const Series& series, size_t limit) {
  if (series.size() <= limit || limit < 4) return series;
  Series out;
  const size_t stretch = (series.size() + limit / 2 - 1) / (limit / 2);
  for (size_t i = 0; i < series.size(); i += stretch) {
    const auto first = series.begin() + static_cast<std::ptrdiff_t>(i);
    const auto last = series.begin() + static_cast<std::ptrdiff_t>(std::min(i + stretch, series.size()));
    auto [low, high] = std::minmax_element(first, last, [](const auto& a, const auto& b) { return a.second < b.second; });
    if (high < low) std::swap(low, high);
    out.push_back(*low);
    if (high != low) out.push_back(*high);
  }
  return out;
}

std::string describe_event(const Event& e) {
  const EventInfo* info = event_info(e.event);
  if (!info) return {};
  std::string text;
  if (info->src != "none") text = fmt::format("{} {}", info->src, e.src);
  const uint64_t values[] = {e.a0, e.a1, e.a2};
  for (int i = 0; i < 3; ++i)
    if (!info->field[i].empty()) text += fmt::format("{}{}={:#x}", text.empty() ? "" : " ", info->field[i], values[i]);
  return text;
}

}  // namespace atcbench
