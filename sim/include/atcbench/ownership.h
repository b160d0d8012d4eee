// SPDX-License-Identifier: Apache-2.0
//
// Who owns each physical page, and which device access broke that.
//
// Scenarios grant and release pages; every device access on the dma port is checked in the cycle in which
// its address is accepted and again, beat by beat, in which it is sampled or becomes visible (D9). An access
// to a page that the requester's domain owned and has released is stale, and belongs to the unmap that
// released the page (D24). An access to anything that was never granted is foreign: always a failure.
#pragma once

#include <map>
#include <unordered_map>

#include <vector>

#include "atcbench/axi_memory.h"
#include "atcbench/event_log.h"
#include "atcbench/oracle.h"

namespace atcbench {

struct StaleCounts {
  uint64_t after_success = 0;
  uint64_t after_failure = 0;
  Cycle first_cycle = 0;
  Cycle last_cycle = 0;
  Cycle longest_window = 0;  // release -> access
};

// In a0 of EV_STALE_ACCESS, beside the domain: the request was a translated one.
constexpr uint32_t kStaleTranslated = 1u << 16;

class Ownership final : public DmaObserver {
 public:
  enum Perm : uint8_t { kRead = 1, kWrite = 2 };
  static constexpr uint32_t kNoDomain = 0;

  explicit Ownership(EventLog& log, FunctionMap functions = {}) : log_(log), functions_(functions) {}

  // `devices`: bit i = endpoint i may use it. The page must be free.
  void grant(Cycle now, Addr page, uint32_t domain, uint64_t iova, uint8_t perms, uint32_t devices);
  // The unmap returned; `success` is what it said.
  void release(Cycle now, Addr page, bool success);
  bool owned(Addr page) const;

  // Counted, not failed, when the scenario's expectation says so.
  void tolerate_stale(bool after_success, bool after_failure) {
    tolerate_[0] = after_failure;
    tolerate_[1] = after_success;
  }

  void on_arrival(Cycle now, bool write, Addr addr, uint32_t bytes, uint32_t user) override;
  void on_beat(Cycle now, bool write, Addr addr, uint32_t user, const Beat& data, uint16_t strb) override;

  // Every access becomes an event as well.
  void log_accesses(bool on) { log_accesses_ = on; }
  struct Access {
    Cycle cycle;
    unsigned endpoint;
    uint16_t rid;
    bool write;
    bool translated;
    bool good;  // the page is the device's
    Addr addr;
  };
  // Called for each beat of a write that becomes visible.
  using WriteHook = std::function<void(Addr, const Beat&, uint16_t strb)>;
  void on_write(WriteHook f) { write_hook_ = std::move(f); }
  // Called for each access on arrival.
  void on_access(std::function<void(const Access&)> f) { access_.push_back(std::move(f)); }

  const StaleCounts& stale() const { return stale_; }
  uint64_t accesses() const { return accesses_; }
  CheckResult stale_check() const;
  CheckResult foreign_check() const;

 private:
  struct Release {
    uint32_t domain;
    uint32_t devices;
    Cycle cycle;
    bool success;
  };
  struct Page {
    uint32_t domain = kNoDomain;
    uint32_t devices = 0;
    uint64_t iova = 0;
    uint8_t perms = 0;
    std::vector<Release> history;  // the last few
  };
  enum class Verdict { kGood, kStale, kForeign };

  Verdict judge(Addr addr, bool write, uint32_t user, const Release** released) const;
  void violation(Cycle now, Verdict verdict, bool write, Addr addr, uint32_t user, const Release* released,
                 const Beat* data);

  EventLog& log_;
  FunctionMap functions_;
  std::unordered_map<Addr, Page> pages_;
  StaleCounts stale_;
  CheckResult stale_result_{"stale_access", true, 0, "", 0};
  CheckResult foreign_result_{"foreign_access", true, 0, "", 0};
  std::vector<std::function<void(const Access&)>> access_;
  WriteHook write_hook_;
  std::unordered_map<uint64_t, size_t> judged_;  // beats to come of accesses that failed on arrival
  uint64_t last_late_ = 0;
  Cycle last_late_cycle_ = 0;
  uint64_t accesses_ = 0;
  bool tolerate_[2] = {false, false};
  bool log_accesses_ = false;
};

}  // namespace atcbench
