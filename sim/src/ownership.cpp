// SPDX-License-Identifier: Apache-2.0
#include "atcbench/ownership.h"

#include <fmt/format.h>

#include <algorithm>

#include "atcbench/event_names.h"

namespace atcbench {
namespace {

constexpr size_t kHistory = 4;

// {translated, device-visible 0, requester ID[15:0]}, doc/interfaces.md.
constexpr uint16_t rid_of(uint32_t user) { return static_cast<uint16_t>(user); }
// One line of memory, one direction, one requester.
constexpr uint64_t key(Addr addr, bool write, uint32_t user) {
  return (addr / 64) << 17 | uint64_t{rid_of(user)} << 1 | (write ? 1 : 0);
}
constexpr bool translated(uint32_t user) { return user >> 17 & 1; }

}  // namespace

void Ownership::grant(Cycle, Addr page, uint32_t domain, uint64_t iova, uint8_t perms, uint32_t devices) {
  Page& p = pages_[page / kPageBytes];
  p.domain = domain;
  p.devices = devices;
  p.iova = iova;
  p.perms = perms;
  log_.add(EV_PAGE_GRANT, 0, domain, page, iova | (perms & kWrite ? 1 : 0));
}

void Ownership::release(Cycle now, Addr page, bool success) {
  Page& p = pages_[page / kPageBytes];
  log_.add(EV_PAGE_RELEASE, 0, p.domain, page, p.iova);
  if (p.history.size() == kHistory) p.history.erase(p.history.begin());
  p.history.push_back(Release{p.domain, p.devices, now, success});
  p.domain = kNoDomain;
  p.devices = 0;
  p.perms = 0;
}

bool Ownership::owned(Addr page) const {
  const auto it = pages_.find(page / kPageBytes);
  return it != pages_.end() && it->second.domain != kNoDomain;
}

Ownership::Verdict Ownership::judge(Addr addr, bool write, uint32_t user, const Release** released) const {
  if (pages_.empty()) return Verdict::kGood;  // nobody keeps books
  const auto it = pages_.find(addr / kPageBytes);
  if (it == pages_.end()) return Verdict::kForeign;
  const Page& page = it->second;
  const unsigned endpoint = functions_.endpoint(rid_of(user));
  const uint32_t bit = endpoint < 32 ? 1u << endpoint : 0;
  if (page.devices & bit && page.perms & (write ? kWrite : kRead)) return Verdict::kGood;
  for (auto r = page.history.rbegin(); r != page.history.rend(); ++r) {
    if (!(r->devices & bit)) continue;
    *released = &*r;
    return Verdict::kStale;
  }
  return Verdict::kForeign;
}

void Ownership::violation(Cycle now, Verdict verdict, bool write, Addr addr, uint32_t user, const Release* released,
                          const Beat* data) {
  const unsigned endpoint = functions_.endpoint(rid_of(user));
  const std::string what =
      fmt::format("endpoint {} {} {:#x} ({}){}", endpoint, write ? "wrote" : "read", addr,
                  translated(user) ? "translated" : "untranslated",
                  data && write ? fmt::format(" data {:08x}{:08x}", (*data)[1], (*data)[0]) : std::string());
  if (verdict == Verdict::kForeign) {
    if (foreign_result_.violations++ == 0) {
      foreign_result_.pass = false;
      foreign_result_.cycle = now;
      foreign_result_.message = what + ", which it never owned";
    }
    return;
  }
  log_.add(EV_STALE_ACCESS, static_cast<uint16_t>(endpoint), released->domain | (translated(user) ? kStaleTranslated : 0), addr,
           released->cycle);
  ++(released->success ? stale_.after_success : stale_.after_failure);
  if (!stale_.first_cycle) stale_.first_cycle = now;
  stale_.last_cycle = now;
  stale_.longest_window = std::max(stale_.longest_window, now - released->cycle);
  if (tolerate_[released->success]) return;
  if (stale_result_.violations++ == 0) {
    stale_result_.pass = false;
    stale_result_.cycle = now;
    stale_result_.message = fmt::format("{}, released at cycle {} by an unmap that reported {}", what,
                                        released->cycle, released->success ? "success" : "failure");
  }
}

void Ownership::on_arrival(Cycle now, bool write, Addr addr, uint32_t bytes, uint32_t user) {
  ++accesses_;
  if (log_accesses_)
    log_.add(EV_DMA_ACCESS, static_cast<uint16_t>(functions_.endpoint(rid_of(user))), (write ? 1u : 0u) | (translated(user) ? 2u : 0u),
             addr, bytes);
  const Release* released = nullptr;
  const Verdict verdict = judge(addr, write, user, &released);
  for (const auto& hook : access_)
    hook(Access{now, functions_.endpoint(rid_of(user)), rid_of(user), write, translated(user), verdict == Verdict::kGood, addr});
  if (verdict == Verdict::kGood) return;
  for (Addr beat = addr; beat < addr + bytes; beat += sizeof(Beat)) ++judged_[key(beat, write, user)];
  violation(now, verdict, write, addr, user, released, nullptr);
}

void Ownership::on_beat(Cycle now, bool write, Addr addr, uint32_t user, const Beat& data, uint16_t strb) {
  if (write && write_hook_) write_hook_(addr, data, strb);
  // Beats of an access that was judged when it arrived are not judged again.
  if (!judged_.empty()) {
    const auto it = judged_.find(key(addr, write, user));
    if (it != judged_.end()) {
      if (--it->second == 0) judged_.erase(it);
      return;
    }
  }
  const Release* released = nullptr;
  const Verdict verdict = judge(addr, write, user, &released);
  if (verdict == Verdict::kGood) return;
  // The page was released while the access was on its way. One access counts once: its beats are neighbours.
  const uint64_t line = key(addr, write, user);
  const bool same = line == last_late_ && now - last_late_cycle_ <= 1;
  last_late_ = line;
  last_late_cycle_ = now;
  if (!same) violation(now, verdict, write, addr, user, released, &data);
}

CheckResult Ownership::stale_check() const { return stale_result_; }
CheckResult Ownership::foreign_check() const { return foreign_result_; }

}  // namespace atcbench
