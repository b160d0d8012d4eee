// SPDX-License-Identifier: Apache-2.0

#include "traffic.h"

#include <algorithm>
#include <cinttypes>

namespace cosim {

size_t Events::Settle(size_t* optional) {
  // A matching of records and slots, slots with one alternative first so that the search stays short.
  std::stable_sort(slots_.begin(), slots_.end(), [](const Slot& a, const Slot& b) { return a.any.size() < b.any.size(); });
  std::multimap<model::Record, size_t> by_record;
  for (size_t i = 0; i < written_.size(); ++i) by_record.emplace(written_[i], i);
  constexpr size_t kFree = ~size_t{0};
  std::vector<size_t> owner(written_.size(), kFree);
  std::vector<char> tried(written_.size());
  const std::function<bool(size_t)> place = [&](size_t slot) {
    for (const bool take_free : {true, false}) {
      for (const model::Record& r : slots_[slot].any) {
        const auto range = by_record.equal_range(r);
        for (auto it = range.first; it != range.second; ++it) {
          const size_t i = it->second;
          if (tried[i] || (take_free && owner[i] != kFree)) continue;
          if (!take_free) tried[i] = 1;
          if (owner[i] == kFree || place(owner[i])) {
            owner[i] = slot;
            return true;
          }
        }
      }
    }
    return false;
  };
  size_t missing = 0;
  *optional = 0;
  // What must have been written gets its record before what may have been.
  for (const bool may : {false, true}) {
    for (size_t s = 0; s < slots_.size(); ++s) {
      if (slots_[s].maybe_none != may) continue;
      std::fill(tried.begin(), tried.end(), 0);
      if (!place(s)) ++(may ? *optional : missing);
    }
  }
  for (size_t i = 0; i < written_.size(); ++i) {
    if (owner[i] != kFree) continue;
    const model::Record& r = written_[i];
    std::string text = Format("event nobody expects: %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64, r[0], r[1], r[2], r[3]);
    for (const Slot& slot : slots_) {
      for (const model::Record& e : slot.any) {
        if ((e[0] >> 32) != (r[0] >> 32) || e[2] != r[2]) continue;
        text += Format("\n  model expects         %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 "%s", e[0], e[1], e[2], e[3],
                       slot.any.size() > 1 ? ", or another" : "");
      }
    }
    throw Difference(text);
  }
  slots_.clear();
  written_.clear();
  return missing;
}

bool Transactions::Idle() const {
  if (!forced_.empty()) return false;
  for (const Port& p : ports_) {
    if (p.busy || p.offered) return false;
  }
  for (const auto& d : done_) {
    if (!d.empty()) return false;
  }
  return true;
}

bool Transactions::Settled() const {
  for (int i = 0; i < kPorts; ++i) {
    const Port& p = ports_[static_cast<size_t>(i)];
    const model::Stall& s = stalls.At(i);
    if (p.offered || !done_[static_cast<size_t>(i)].empty() || (p.busy && (!s.open || s.may_abort))) return false;
  }
  return forced_.empty();
}

bool Transactions::RecordsDue() const {
  return std::any_of(late_.begin(), late_.end(), [](const Events::Slot& s) { return !s.maybe_none; });
}

void Transactions::Drive(Dut* dut, World* world) {
  for (size_t i = 0; i < kPorts; ++i) {
    std::vector<Done>& d = done_[i];
    for (size_t n = 0; n < d.size(); ++n) {
      if (d[n].due > s_.now) continue;
      dut->Done(static_cast<int>(i), d[n].colour);
      d.erase(d.begin() + static_cast<long>(n));
      break;
    }
  }
  for (size_t i = 0; i < kPorts; ++i) {
    if (ports_[i].offered) {
      dut->Offer(static_cast<int>(i), ports_[i].request);  // a valid request stays
      return;
    }
  }
  if (forced_.empty() && (stop || (rate < 100 && !s_.rng.Chance(rate)))) return;
  turn_ = (turn_ + 1) % kPorts;
  Port& p = ports_[static_cast<size_t>(turn_)];
  if (p.busy) return;
  p.offered = true;
  if (!forced_.empty()) {
    p.request = forced_.front();
    forced_.pop_front();
  } else if (hot_.size() < 12 || s_.rng.OneIn(4)) {
    const model::Request q = world->Draw();
    if (hot_.size() < 12) {
      hot_.push_back(q);
    } else {
      hot_[s_.rng.Below(hot_.size())] = q;
    }
    p.request = q;
  } else {
    p.request = s_.rng.Of(hot_);
    if (p.request.at != model::At::kTranslationReq) {
      p.request.write = s_.rng.OneIn(2);
      p.request.addr ^= s_.rng.Bits() & 0xFFF;
    }
    if (s_.rng.OneIn(4) && p.request.at != model::At::kReserved) {
      p.request.at = s_.rng.Of({model::At::kUntranslated, model::At::kTranslationReq});
      p.request.num = 0;
      if (p.request.at == model::At::kTranslationReq) {
        p.request.write = false;
        p.request.addr &= ~uint64_t{0xFFF};
        if (s_.rng.OneIn(2)) p.request.num = static_cast<uint32_t>(s_.rng.Below(8));
      }
    }
  }
  // The record of a stall names the transaction by its address: no two are equal.
  if (p.request.at == model::At::kUntranslated) p.request.addr = (p.request.addr & ~uint64_t{3}) | static_cast<uint64_t>(turn_);
  dut->Offer(turn_, p.request);
}

void Transactions::Accepted(int port) {
  Port& p = ports_[static_cast<size_t>(port)];
  p.offered = false;
  p.busy = true;
  p.entries.clear();
  stalls.Accepted(port, p.request.sid, s_.stale.Mark());
  s_.history.Add(s_.now, "port %llu request sid %llx addr %llx flags %llx", static_cast<uint64_t>(port), p.request.sid, p.request.addr,
                 static_cast<uint64_t>(p.request.at) | (p.request.write ? 0x10u : 0u) | (p.request.ssv ? 0x100u : 0u) |
                     (p.request.priv ? 0x200u : 0u) | (p.request.exec ? 0x400u : 0u) | uint64_t{p.request.ssid} << 12);
}

void Transactions::Response(const cosim::Response& r) {
  Port& p = ports_[static_cast<size_t>(r.port)];
  s_.history.Add(s_.now, "port %llu answer  status %llu pa %llx entry %llx", static_cast<uint64_t>(r.port),
                 static_cast<uint64_t>(r.status) | (r.more ? 0x10u : 0u), r.pa, r.entry);
  if (!p.busy) throw Difference(Format("port %d: an answer without a request", r.port));
  p.entries.push_back(r.entry);
  if ((r.more || p.entries.size() > 1) && (r.status != model::Status::kOk || p.entries.size() > p.request.num + (r.more ? 0 : 1))) {
    throw Difference(Format("port %d: entry %zu with status %d, more %d; %u asked for", r.port, p.entries.size(), static_cast<int>(r.status),
                            r.more, p.request.num + 1));
  }
  if (r.more) return;
  p.busy = false;
  ++count;
  const model::Stall stall = stalls.At(r.port);
  stalls.Answered(r.port);
  const bool aborted = r.status == model::Status::kAbort;
  if ((stall.must_abort && !aborted) || (stall.open && !(stall.may_abort && aborted))) {
    throw Difference(Format("port %d: sid %x addr %016" PRIx64 ", stalled with STAG %x, %s, is answered with status %d", r.port, p.request.sid,
                            p.request.addr, stall.stag, stall.open ? "not resumed" : "to be aborted", static_cast<int>(r.status)));
  }
  if (!stall.must_abort && !stall.open) {
    Compare(p, r, stall);
    if (p.request.at == model::At::kTranslationReq && r.status == model::Status::kOk) CompareFurther(p, r, stall.mark);
  }
  done_[static_cast<size_t>(r.port)].push_back({s_.now + 1 + s_.rng.Below(s_.rng.OneIn(8) ? 60 : 6), r.colour});
}

void Transactions::StallRecord(const model::Record& record) {
  model::Record untagged = record;
  untagged[1] &= ~EVT_FAULT1_STAG;
  const auto late = std::find_if(late_.begin(), late_.end(), [&](const Events::Slot& slot) {
    return std::find(slot.any.begin(), slot.any.end(), untagged) != slot.any.end();
  });
  if (late != late_.end()) {
    late_.erase(late);
    events_.Written(untagged);
    return;
  }
  for (int i = 0; i < kPorts; ++i) {
    const Port& p = ports_[static_cast<size_t>(i)];
    if (!p.busy || p.request.sid != static_cast<uint32_t>(record[0] >> 32) || p.request.addr != record[2]) continue;
    bool legal = false;
    const auto consider = [&](const model::Answer& a) { legal |= a.stall && a.record == untagged; };
    Possible(p.request, stalls.At(i).mark, consider);
    if (!legal) PossibleMixed(p.request, stalls.At(i).mark, consider);
    if (!legal) break;
    if (!stalls.Seen(i, static_cast<uint32_t>(record[1] & EVT_FAULT1_STAG), s_.now)) {
      throw Difference(Format("port %d stalls although it is stalled already or terminated", i));
    }
    ++stalled;
    s_.history.Add(s_.now, "port %llu stalled, sid %llx STAG %llx", static_cast<uint64_t>(i), p.request.sid, record[1] & EVT_FAULT1_STAG);
    return;
  }
  throw Difference(Format("stall that nobody expects: %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64, record[0], record[1], record[2],
                          record[3]));
}

bool Transactions::Same(const model::Answer& a, const Port& p, const cosim::Response& r) const {
  if (a.status != r.status || a.stall) return false;
  if (r.status != model::Status::kOk) return true;
  return p.request.at == model::At::kTranslationReq ? a.entry == p.entries.front() : a.pa == r.pa;
}

template <typename Consider>
void Transactions::Possible(const model::Request& q, size_t mark, const Consider& consider) const {
  consider(Translate(model::Views(s_.memory), s_.control, s_.features, q));
  if (!TablesOld()) return;
  // Memory has changed since caches were last known to be empty: any combination of what may still be used.
  const uint64_t first = s_.memory.Oldest(), last = s_.memory.Version();
  for (uint64_t c = first; c <= last; ++c) {
    if (!s_.stale.ConfigAllowed(c, mark, q.sid, q.ssv, q.ssid)) continue;
    const Memory::View config(s_.memory, c);
    for (uint64_t t = first; t <= last; ++t) {
      const Memory::View tables(s_.memory, t);
      for (uint64_t f = first; f <= t; ++f) {
        const Memory::View fill(s_.memory, f);
        const model::Answer a = Translate(model::Views(config, fill, tables), s_.control, s_.features, q);
        if (s_.stale.TlbAllowed(t, mark, a.tag, s_.control.e2h, s_.features.s2p)) consider(a);
        if (!a.tag.used) break;  // nothing of the tables matters
      }
    }
  }
}

template <typename Consider>
void Transactions::PossibleMixed(const model::Request& q, size_t mark, const Consider& consider) const {
  constexpr int kReads = 30;  // a nested walk of four levels each has 24
  const uint64_t first = s_.memory.Oldest(), last = s_.memory.Version();
  const auto allowed = [&](uint64_t v, const model::Answer& a) { return s_.stale.TlbAllowed(v, mark, a.tag, s_.control.e2h, s_.features.s2p); };
  for (uint64_t c = first; c <= last; ++c) {
    if (!s_.stale.ConfigAllowed(c, mark, q.sid, q.ssv, q.ssid)) continue;
    const Memory::View config(s_.memory, c);
    for (uint64_t u = first; u < last; ++u) {
      const Memory::View upper(s_.memory, u);
      for (uint64_t t = u + 1; t <= last; ++t) {
        const Memory::View rest(s_.memory, t);
        for (int n = 1; n < kReads; ++n) {
          const Memory::Mixed tables(upper, rest, n);
          const model::Answer a = Translate(model::Views(config, config, tables), s_.control, s_.features, q);
          if (allowed(u, a) && allowed(t, a)) consider(a);
        }
      }
    }
  }
}

void Transactions::Compare(const Port& p, const cosim::Response& r, const model::Stall& stall) {
  const model::Answer now = Translate(model::Views(s_.memory), s_.control, s_.features, p.request);
  if (TablesOld() && Same(now, p, r) && !now.has_record && r.status != model::Status::kAbort) return;
  compared_with_past += TablesOld();
  // A stall that a STALL_TERM ended before its record was seen: the record comes later, or it was no stall.
  const bool terminated = stall.may_abort && r.status == model::Status::kAbort;
  Events::Slot slot;
  bool legal = false, stalls_too = false;
  const auto consider = [&](const model::Answer& a) {
    if (!Same(a, p, r) && !(a.stall && terminated)) return;
    legal = true;
    stalls_too |= a.stall;
    if (!a.has_record) {
      slot.maybe_none = true;
    } else if (std::find(slot.any.begin(), slot.any.end(), a.record) == slot.any.end()) {
      slot.any.push_back(a.record);
    }
  };
  Possible(p.request, stall.mark, consider);
  if (!legal) PossibleMixed(p.request, stall.mark, consider);
  if (!legal) {
    std::string past;
    for (uint64_t v = s_.memory.Oldest(); TablesOld() && v <= s_.memory.Version(); ++v) {
      const Memory::View view(s_.memory, v);
      const model::Answer a = Translate(model::Views(view), s_.control, s_.features, p.request);
      const model::Command* by = s_.stale.TlbForbidden(v, stall.mark, a.tag, s_.control.e2h, s_.features.s2p);
      past += Format("\n  version %" PRIu64 ": status %d pa %012" PRIx64 " entry %016" PRIx64 ", configuration %s, tables %s", v,
                     static_cast<int>(a.status), a.pa, a.entry,
                     s_.stale.ConfigAllowed(v, stall.mark, p.request.sid, p.request.ssv, p.request.ssid) ? "allowed" : "invalidated",
                     by == nullptr ? "allowed" : "invalidated");
      if (by != nullptr) past += Format(" by %016" PRIx64 " %016" PRIx64, by->dw0, by->dw1);
    }
    const model::Ste ste = LookupSte(s_.memory, s_.control, s_.features, p.request.sid).ste;
    s_.history.Add(s_.now, "the STE: %016llx %016llx %016llx %016llx", ste.dw[0], ste.dw[1], ste.dw[2], ste.dw[3]);
    throw Difference(Format("port %d: sid %x ssv %d ssid %x at %d write %d priv %d exec %d nw %d addr %016" PRIx64
                            "\n  design: status %d pa %012" PRIx64 " entry %016" PRIx64
                            "\n  model:  status %d pa %012" PRIx64 " entry %016" PRIx64 " event %02x stall %d",
                            r.port, p.request.sid, p.request.ssv, p.request.ssid, static_cast<int>(p.request.at), p.request.write,
                            p.request.priv, p.request.exec, p.request.nw, p.request.addr, static_cast<int>(r.status), r.pa, p.entries.front(),
                            static_cast<int>(now.status), now.pa, now.entry, static_cast<unsigned>(now.record[0] & 0xFF), now.stall) + past);
  }
  if (!slot.any.empty()) events_.Expect(slot);
  if (stalls_too) {
    slot.maybe_none |= std::any_of(slot.any.begin(), slot.any.end(), [](const model::Record& e) { return !(e[1] & EVT_FAULT1_STALL); });
    late_.push_back(slot);
  }
}

// The entries after the first. Fewer than asked for is right only if the next page does not continue the answer.
void Transactions::CompareFurther(const Port& p, const cosim::Response& r, size_t mark) {
  model::Request q = p.request;
  if (!(p.entries.front() & 3)) {
    if (p.entries.size() > 1) throw Difference(Format("port %d: an entry without access is followed by another", r.port));
    return;
  }
  const uint64_t size = model::EntrySize(p.entries.front());
  for (size_t k = 1;; ++k) {
    const bool more = k < p.entries.size();
    if (!model::NextPages(q, size, &q)) {
      if (more) throw Difference(Format("port %d: %zu entries of %" PRIx64 " bytes for %u pages from %016" PRIx64, r.port, p.entries.size(), size,
                                        p.request.num + 1, p.request.addr));
      return;
    }
    bool legal = false;
    model::Answer now;
    bool first = true;
    const auto consider = [&](const model::Answer& a) {
      if (first) now = a;
      first = false;
      legal |= model::Continues(a, size) ? more && a.entry == p.entries[k] : !more;
    };
    Possible(q, mark, consider);
    if (!legal) PossibleMixed(q, mark, consider);
    if (!legal) {
      throw Difference(Format("port %d: translation request sid %x ssv %d ssid %x priv %d exec %d addr %016" PRIx64 " for %u pages, entry %zu"
                              "\n  design: %s %016" PRIx64 "\n  model:  status %d entry %016" PRIx64 " behind one of %" PRIx64 " bytes",
                              r.port, p.request.sid, p.request.ssv, p.request.ssid, p.request.priv, p.request.exec, p.request.addr,
                              p.request.num + 1, k + 1, more ? "entry" : "none", more ? p.entries[k] : 0, static_cast<int>(now.status), now.entry,
                              size));
    }
    if (!more) return;
    ++further_pages;
  }
}

void Devices::Invalidate(int port, int itag, const model::InvMessage& m) {
  ++messages;
  s_.history.Add(s_.now, "inv on port %llu itag %llu payload %llx ssid %llx", static_cast<uint64_t>(port), static_cast<uint64_t>(itag), m.payload,
                 m.ssid | (m.ssv ? 0x80000000u : 0u));
  t_.Expire(s_.now - std::min(s_.now, timeout + 5));
  const std::string wrong = t_.Sent(port, itag, m, s_.now);
  if (!wrong.empty()) {
    throw Difference(Format("port %d: Invalidate Request rid %x itag %d ssv %d ssid %x payload %016" PRIx64 ": %s", port, m.rid, itag,
                            m.ssv, m.ssid, m.payload, wrong.c_str()));
  }
  const int cc = s_.rng.OneIn(5) ? static_cast<int>(s_.rng.In(1, 8)) : 1;
  switch (manner[static_cast<size_t>(port)]) {
    case Manner::kDead:
    case Manner::kBlocked:
      break;
    case Manner::kUr:
      due_.emplace(s_.now + 1 + s_.rng.Below(answer), Answer{m.rid, itag, 1, true});
      break;
    case Manner::kLate:
      for (int i = 0; i < cc; ++i) due_.emplace(s_.now + timeout + 20 + s_.rng.Below(300), Answer{m.rid, itag, cc, false});
      break;
    default:
      for (int i = 0; i < cc; ++i) due_.emplace(s_.now + 1 + s_.rng.Below(answer), Answer{m.rid, itag, cc, false});
      break;
  }
}

void Devices::Drive(Dut* dut) {
  // The two ways back are apart: one completion and one local UR a cycle.
  auto it = due_.begin();
  if (it == due_.end() || it->first > s_.now) return;
  t_.Expire(s_.now - std::min(s_.now, timeout + 5));
  const Answer a = it->second;
  it = due_.erase(it);
  if (a.ur) {
    s_.history.Add(s_.now, "local UR rid %llx itag %llu", a.rid, static_cast<uint64_t>(a.itag));
    dut->Ur({a.rid, a.itag});
    t_.LocalUr(a.rid, a.itag);
    return;
  }
  Completion c;
  c.rid = a.rid;
  c.cc = a.cc;
  c.itags = 1u << a.itag;
  // Others of the function that are due go along.
  while (it != due_.end() && it->first <= s_.now) {
    const Answer& b = it->second;
    if (b.rid == a.rid && b.cc == a.cc && !b.ur && !(c.itags >> b.itag & 1) && !s_.rng.OneIn(3)) {
      c.itags |= 1u << b.itag;
      it = due_.erase(it);
    } else {
      ++it;
    }
  }
  s_.history.Add(s_.now, "completion rid %llx itags %llx cc %llu", c.rid, c.itags, static_cast<uint64_t>(c.cc));
  dut->Complete(c);
  t_.Complete(c.rid, c.itags, c.cc);
}

void Devices::Stray() {
  if (!due_.empty()) return;
  const uint32_t rid = s_.rng.Of<uint32_t>({0x100, 0x200, 0x300, 0x400, 0x500, 0x101, 0});
  due_.emplace(s_.now, Answer{rid, static_cast<int>(s_.rng.Below(32)), static_cast<int>(s_.rng.In(1, 8)), false});
}

}  // namespace cosim
