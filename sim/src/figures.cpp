// SPDX-License-Identifier: Apache-2.0
#include "atcbench/figures.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "atcbench/event_names.h"
#include "atcbench/ownership.h"
#include "atcbench/trace.h"
#include "lock_id.h"
#include "smmu_fmt.h"

namespace atcbench {
namespace {

constexpr uint32_t kPhaseLoad = 2;   // Phase::kLoad
constexpr uint32_t kPhaseDrain = 5;  // Phase::kDrain of a scenario_phase event

void add_span(Figures& figures, const std::string& name, Cycle from, Cycle to) {
  if (from && to && to >= from) figures[name].add(to - from);
}

constexpr const char* kAtcPhases[] = {"prod_write", "cmd_fetched",  "inv_sent", "inv_received",
                                      "inv_cpl_sent", "inv_cpl", "sync_complete", "sync_seen"};

void add_half(Figures& figures, const UnmapTrace::Half& half, Cycle start, const std::string& suffix) {
  const Cycle at[] = {half.prod_write,   half.cmd_fetched, half.inv_sent,      half.inv_received,
                      half.inv_cpl_sent, half.inv_cpl,     half.sync_complete, half.sync_seen};
  Cycle before = start;
  for (size_t i = 0; i < std::size(at); ++i) {
    if (!at[i]) continue;
    add_span(figures, std::string("hot.") + kAtcPhases[i] + suffix, before, at[i]);
    before = at[i];
  }
}

void add_unmaps(Figures& figures, const std::vector<UnmapTrace>& unmaps) {
  for (const UnmapTrace& u : unmaps) {
    if (!u.exit) continue;
    figures["unmap"].add(u.exit - u.enter);
    if (u.halves.size() != 2 || u.halves[0].sync_failed || u.halves[1].sync_failed) continue;
    add_half(figures, u.halves[0], u.enter, "_t");
    add_half(figures, u.halves[1], u.halves[0].sync_seen, "_a");
    add_span(figures, "hot.unmap_exit", u.halves[1].sync_seen, u.exit);
    figures["hot.total"].add(u.exit - u.enter);
  }
}

void add_tags(Figures& figures, const std::vector<Event>& events) {
  struct OfSync {
    uint64_t completed = 0;
    Cycle first = 0;
  };
  std::map<std::pair<uint16_t, uint32_t>, Cycle> sent;
  std::map<std::pair<uint16_t, uint32_t>, uint16_t> queue;  // whose command the tag is for
  std::map<uint16_t, OfSync> of_sync;                       // queue -> since its last SYNC
  // Steady state: attaching before the load and taking everything down after it, one device and one page after the other, is neither.
  uint64_t completed = 0;
  Cycle first = 0, last = 0;
  bool load = true;
  for (const Event& e : events) {
    if (e.event == EV_SCENARIO_PHASE && e.a0 == kPhaseLoad) {
      completed = 0;
      first = last = 0;
    } else if (e.event == EV_SCENARIO_PHASE && e.a0 == kPhaseDrain) {
      load = false;
    } else if (e.event == EV_ITAG_ALLOC) {
      queue[{e.src, e.a0}] = 0;
    } else if (e.event == EV_INV_QUEUE) {
      queue[{e.src, e.a0}] = static_cast<uint16_t>(e.a1);
    } else if (e.event == EV_INV_SENT) {
      sent[{e.src, e.a0}] = e.cycle;
      if (load && !first) first = e.cycle;
      OfSync& batch = of_sync[queue[{e.src, e.a0}]];
      if (!batch.first) batch.first = e.cycle;
    } else if (e.event == EV_INV_CPL) {
      add_span(figures, "inv.round_trip", sent[{e.src, e.a0}], e.cycle);
      ++of_sync[queue[{e.src, e.a0}]].completed;
      if (load && first) {
        ++completed;
        last = e.cycle;
      }
    } else if (e.event == EV_SYNC_COMPLETE) {
      // Between the first request and the SYNC that waited for all of them: no driver in it.
      const OfSync batch = std::exchange(of_sync[e.src], {});
      if (batch.completed && e.cycle > batch.first)
        figures["inv.sync_per_million_cycles"].add(batch.completed * 1000000 / (e.cycle - batch.first));
    }
  }
  if (last > first) figures["inv.per_million_cycles"].add(completed * 1000000 / (last - first));
}

void add_episodes(Figures& figures, const std::vector<Episode>& episodes, const std::vector<UnmapTrace>& unmaps) {
  for (const Episode& ep : episodes) {
    const auto at = [&ep](const char* name) {
      const auto it = ep.first.find(name);
      return it == ep.first.end() ? Cycle{0} : it->second;
    };
    const Cycle irq = at("irq_entry"), poll = at("gerror_poll_hit");
    const Cycle detected = irq && poll ? std::min(irq, poll) : irq + poll;
    add_span(figures, "detect.hw.sync_error", ep.timeout, at("sync_error"));
    add_span(figures, "detect.hw.gerror_set", ep.timeout, at("gerror_set"));
    add_span(figures, "detect.hw.irq_assert", ep.timeout, at("irq_assert"));
    add_span(figures, "detect.driver.first", ep.timeout, detected);
    add_span(figures, "detect.driver.sync_failed", ep.timeout, at("sync_failed"));
    add_span(figures, "isolation", at("sync_failed"), at("isolated"));
    add_span(figures, "protection", ep.timeout, at("protected"));
    add_span(figures, "quarantine", ep.timeout, at("quarantined"));
    add_span(figures, "outage", ep.timeout, at("first_good_access"));
    add_span(figures, "recovery", at("flr_write"), at("first_good_access"));
    // Others' wait: unmaps of the other CPUs that were under way while the device was being dealt with.
    const Cycle until = at("quarantined") ? at("quarantined") : ep.timeout;
    for (const UnmapTrace& u : unmaps)
      if (u.exit && u.cpu != ep.cpu && u.enter <= until && u.exit >= ep.alloc)
        figures["blackout.others"].add(u.exit - u.enter);
  }
}

// What a search for broken devices spends, one for each unmap that has one: from `isolate_start` to the end of its last question or
// isolation, on its CPU. An unmap may search several times (a list longer than a batch, sync-per-device): that is one search.
void add_searches(Figures& figures, const std::vector<Event>& events) {
  struct Spent {
    uint64_t commands = 0, syncs = 0, timeouts = 0;
    Spent operator+(const Spent& o) const { return {commands + o.commands, syncs + o.syncs, timeouts + o.timeouts}; }
  };
  struct Search {
    bool on = false;
    Spent settled, since;  // until the last question or isolation ended, and after it
    uint64_t probes = 0, isolated = 0;
  };
  std::map<uint16_t, Search> open;  // CPU -> its unmap's
  for (const Event& e : events) {
    if (e.event == EV_UNMAP_ENTER) open.erase(e.src);
    if (e.event == EV_ISOLATE_START) {
      Search& s = open[e.src];
      s.on = true;
      s.since = {0, 0, s.since.timeouts};  // the hot path has gone on; what it met counts
    }
    const auto it = open.find(e.src);
    if (it == open.end() || !it->second.on) continue;
    Search& s = it->second;
    switch (e.event) {
      case EV_CMD_WRITTEN:
        ++((e.a1 & 0xff) == OP_SYNC ? s.since.syncs : s.since.commands);
        break;
      case EV_SYNC_FAILED:
        ++s.since.timeouts;
        break;
      case EV_ISOLATE_PROBE:
        ++s.probes;
        break;
      case EV_RETRY_BATCH:
      case EV_QUARANTINED:
        s.settled = s.settled + std::exchange(s.since, Spent());
        s.isolated += e.event == EV_QUARANTINED;
        break;
      case EV_UNMAP_EXIT:
        figures["isolation.probes"].add(s.probes);
        figures["isolation.devices"].add(s.isolated);
        figures["isolation.syncs"].add(s.settled.syncs);
        figures["isolation.commands"].add(s.settled.commands);
        figures["isolation.timeouts"].add(s.settled.timeouts);
        open.erase(it);
        break;
      default:
        break;
    }
  }
}

// Unmaps all of which happened while a device was out of service for good: quarantined, and not being attached again before their end.
void add_quarantine(Figures& figures, const std::vector<Event>& events, const std::vector<UnmapTrace>& unmaps) {
  std::map<uint32_t, Cycle> out;  // sid -> last quarantined without an attach after it
  for (const Event& e : events) {
    if (e.event == EV_QUARANTINED) out[e.a0] = e.cycle;
    if (e.event == EV_ATTACH_START) out.erase(e.a0);
  }
  Cycle since = 0;
  for (const auto& [sid, cycle] : out) since = std::max(since, cycle);
  for (const Event& e : events)  // the worker is through with them
    if (since && e.cycle >= since && e.event == EV_DRV_ERROR_CB) since = e.cycle;
  Cycle drained = 0;
  for (const Event& e : events)
    if (e.event == EV_SCENARIO_PHASE && e.a0 == kPhaseDrain) drained = e.cycle;
  for (const UnmapTrace& u : unmaps)
    if (since && u.enter > since && u.exit && (!drained || u.exit < drained)) figures["unmap.quarantined"].add(u.exit - u.enter);
}

// Stale accesses by translated requests of those that have let a time-out pass, from the release on: what isolation by the root complex
// (D16) must make none of. Others may have some that are the driver's doing: a waiter that leaves lets its unmap return before its commands
// are consumed, so that even untranslated requests meet what the TLBI behind the stopped queue has not removed from the SMMU.
void add_stale(Figures& figures, const std::vector<Event>& events) {
  std::set<uint16_t> timed_out;
  for (const Event& e : events) {
    if (e.event == EV_INV_TIMEOUT) timed_out.insert(e.src);
    if (e.event == EV_STALE_ACCESS && (e.a0 & kStaleTranslated) && timed_out.count(e.src)) figures["stale.timed_out"].add(e.cycle - e.a2);
  }
}

// Of all locks, of the spinlocks among them (interrupts are off meanwhile), and of each by its name.
void add_locks(Figures& figures, const std::vector<Event>& events) {
  struct Lock {
    const char* name;
    bool raw;
  };
  constexpr bool MUTEX = false, RAW = true;
  static constexpr Lock kLocks[] = {{"", MUTEX},
#define LOCK_ROW(id, name, kind) {name, kind},
                                    LOCK_IDS(LOCK_ROW)
#undef LOCK_ROW
  };
  for (const Event& e : events) {
    if (e.event == EV_LOCK_WAIT) figures["lock_wait"].add(e.a1);
    if (e.event != EV_LOCK_HOLD || e.a0 == LOCK_NONE || e.a0 >= LOCK_ID_COUNT) continue;
    figures["lock_hold"].add(e.a1);
    figures[std::string("lock_hold.") + kLocks[e.a0].name].add(e.a1);
    if (kLocks[e.a0].raw) figures["lock_hold_raw"].add(e.a1);
  }
}

}  // namespace

uint64_t Distribution::quantile(unsigned percent) const {
  if (values_.empty()) return 0;
  const size_t rank = (values_.size() * percent + 99) / 100;
  return at_rank(rank ? rank - 1 : 0);
}

uint64_t Distribution::at_rank(uint64_t rank) const {
  if (!sorted_) {
    std::sort(values_.begin(), values_.end());
    sorted_ = true;
  }
  return values_.at(rank);
}

std::vector<UnmapTrace> trace_unmaps(const std::vector<Event>& events) {
  std::vector<UnmapTrace> done;
  struct Live {
    size_t unmap, half;
    uint32_t count;
  };
  std::map<uint16_t, size_t> open;  // cpu -> unmap
  std::vector<Live> live;           // halves whose SYNC the driver has not seen
  std::map<std::pair<uint16_t, uint32_t>, Live> tags;
  Cycle last_prod = 0;
  std::map<uint16_t, std::optional<Live>> consuming;  // queue -> whose command was consumed last
  const auto half_of = [&done](const Live& l) -> UnmapTrace::Half& { return done[l.unmap].halves[l.half]; };
  const auto by_index = [&](uint32_t index) -> Live* {
    for (Live& l : live)
      if (index - half_of(l).first_index < l.count) return &l;
    return nullptr;
  };
  const auto by_batch = [&](uint64_t batch) -> Live* {
    for (Live& l : live)
      if (half_of(l).batch == batch) return &l;
    return nullptr;
  };
  for (const Event& e : events) {
    switch (e.event) {
      case EV_UNMAP_ENTER:
        open[e.src] = done.size();
        done.emplace_back();
        done.back().cpu = e.src;
        done.back().enter = e.cycle;
        break;
      case EV_UNMAP_EXIT: {
        const auto it = open.find(e.src);
        if (it == open.end()) break;
        const size_t unmap = it->second;
        done[unmap].exit = e.cycle;
        done[unmap].code = e.a2;
        open.erase(it);
        live.erase(std::remove_if(live.begin(), live.end(), [unmap](const Live& l) { return l.unmap == unmap; }),
                   live.end());
        break;
      }
      case EV_CMD_SLOT: {
        const auto it = open.find(e.src);
        if (it == open.end()) break;
        UnmapTrace& u = done[it->second];
        UnmapTrace::Half half;
        half.batch = e.a2;
        half.first_index = e.a0;
        u.halves.push_back(half);
        live.push_back(Live{it->second, u.halves.size() - 1, static_cast<uint32_t>(e.a1)});
        break;
      }
      case EV_PROD_WRITE:
        last_prod = e.cycle;
        if (Live* l = by_batch(e.a1)) half_of(*l).prod_write = e.cycle;
        break;
      case EV_CMD_FETCHED:
        if (Live* l = by_index(queue_slot(e))) {
          UnmapTrace::Half& h = half_of(*l);
          // Another CPU may have published this batch with its own.
          if (!h.prod_write) h.prod_write = last_prod;
          if (!h.cmd_fetched) h.cmd_fetched = e.cycle;
        }
        break;
      case EV_CMD_CONSUMED:
        consuming[e.src].reset();
        if (Live* l = by_index(queue_slot(e))) consuming[e.src] = *l;
        break;
      case EV_SYNC_COMPLETE:
        if (Live* l = by_index(queue_slot(e))) half_of(*l).sync_complete = e.cycle;
        break;
      case EV_SYNC_WAIT:
        if (Live* l = by_batch(e.a1)) {
          half_of(*l).sync_index = e.a0;
          half_of(*l).sync_wait = e.cycle;
        }
        break;
      case EV_SYNC_SEEN:
        if (Live* l = by_batch(e.a1)) half_of(*l).sync_seen = e.cycle;
        break;
      case EV_SYNC_FAILED:
        if (Live* l = by_batch(e.a1)) half_of(*l).sync_failed = e.cycle;
        break;
      case EV_ITAG_ALLOC:
        if (const auto& command = consuming[0]) {
          tags[{e.src, e.a0}] = *command;
          ++half_of(*command).invalidations;
        }
        break;
      case EV_INV_QUEUE:  // not queue 0 then
        if (consuming[0] && tags.erase({e.src, e.a0})) --half_of(*consuming[0]).invalidations;
        if (const auto& command = consuming[static_cast<uint16_t>(e.a1)]) {
          tags[{e.src, e.a0}] = *command;
          ++half_of(*command).invalidations;
        }
        break;
      case EV_INV_SENT:
      case EV_INV_RECEIVED:
      case EV_INV_CPL: {
        const auto it = tags.find({e.src, e.a0});
        if (it == tags.end()) break;
        UnmapTrace::Half& h = half_of(it->second);
        if (e.event == EV_INV_SENT) {
          if (!h.inv_sent_first) h.inv_sent_first = e.cycle;
          h.inv_sent = e.cycle;
        } else if (e.event == EV_INV_RECEIVED) {
          h.inv_received = e.cycle;
        } else {
          h.inv_cpl = e.cycle;
          tags.erase(it);
        }
        break;
      }
      case EV_INV_CPL_SENT:
        for (uint32_t itag = 0; itag < 32; ++itag) {
          if (!(e.a0 >> itag & 1)) continue;
          const auto it = tags.find({e.src, itag});
          if (it != tags.end()) half_of(it->second).inv_cpl_sent = e.cycle;
        }
        break;
      default:
        break;
    }
  }
  return done;
}

bool about_gerror(const Event& e) { return (e.event != EV_IRQ_ENTRY && e.event != EV_IRQ_ASSERT) || e.a0 == 0; }

std::vector<Episode> trace_episodes(const std::vector<Event>& events) {
  std::vector<Episode> episodes;
  std::map<uint32_t, size_t> open;  // sid -> episode that has not ended with an access yet
  for (const Event& e : events) {
    if (!about_gerror(e)) continue;
    if (e.event == EV_INV_TIMEOUT && !open.count(static_cast<uint32_t>(e.a1))) {
      open[static_cast<uint32_t>(e.a1)] = episodes.size();
      Episode ep;
      ep.device = e.src;
      ep.sid = static_cast<uint32_t>(e.a1);
      ep.alloc = e.a2;
      ep.timeout = e.cycle;
      episodes.push_back(ep);
    }
    for (auto it = open.begin(); it != open.end();) {
      Episode& ep = episodes[it->second];
      const EventInfo* info = event_info(e.event);
      bool ours = true;
      if (info) {
        for (unsigned i = 0; i < 3; ++i)
          if (info->field[i] == "sid") ours = (i == 0 ? e.a0 : i == 1 ? e.a1 : e.a2) == ep.sid;
        if (info->src == "device" && e.src != ep.device) ours = false;
        if (ours && e.cycle >= ep.timeout && ep.first.emplace(std::string(info->name), e.cycle).second &&
            e.event == EV_SYNC_FAILED)
          ep.cpu = e.src;
      }
      if (ours && e.event == EV_FIRST_GOOD_ACCESS)
        it = open.erase(it);
      else
        ++it;
    }
  }
  return episodes;
}

Figures derive_figures(const std::vector<Event>& events) {
  Figures figures;
  const std::vector<UnmapTrace> unmaps = trace_unmaps(events);
  add_unmaps(figures, unmaps);
  add_tags(figures, events);
  add_episodes(figures, trace_episodes(events), unmaps);
  add_searches(figures, events);
  add_quarantine(figures, events, unmaps);
  add_stale(figures, events);
  add_locks(figures, events);
  return figures;
}

void add_instructions(Figures& figures, const std::vector<Event>& events, const InstructionCount& count) {
  for (const UnmapTrace& u : trace_unmaps(events)) {
    if (!u.exit || u.halves.size() != 2 || u.halves[0].sync_failed || u.halves[1].sync_failed) continue;
    const auto add = [&](const std::string& name, Cycle from, Cycle to) {
      if (from && to) figures["instr." + name].add(count(u.cpu, to) - count(u.cpu, from));
    };
    Cycle start = u.enter;
    for (size_t i = 0; i < 2; ++i) {
      const UnmapTrace::Half& half = u.halves[i];
      const std::string suffix = i ? "_a" : "_t";
      add("prod_write" + suffix, start, half.prod_write);
      add("sync_seen" + suffix, half.prod_write, half.sync_seen);
      start = half.sync_seen;
    }
    add("unmap_exit", start, u.exit);
    add("total", u.enter, u.exit);
  }
}

}  // namespace atcbench
