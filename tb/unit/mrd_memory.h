// SPDX-License-Identifier: Apache-2.0
//
// Memory behind mrd_* ports for unit benches: a fixed latency, one burst after the other, words sampled per beat (D9).
//
// Words that were never written read as 0, or as what `fallback` says. Beats whose address is in `errors` are aborted.

#ifndef ATCBENCH_TB_UNIT_MRD_MEMORY_H_
#define ATCBENCH_TB_UNIT_MRD_MEMORY_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <unordered_map>

class MrdMemory {
 public:
  struct Beat {
    bool valid = false;
    int port = 0;
    uint64_t lo = 0;
    uint64_t hi = 0;
    bool err = false;
    bool last = false;
  };

  uint64_t Read64(uint64_t addr) const {
    const auto it = words_.find(addr & ~uint64_t{7});
    if (it != words_.end()) return it->second;
    return fallback ? fallback(addr & ~uint64_t{7}) : 0;
  }
  void Write64(uint64_t addr, uint64_t value) { words_[addr & ~uint64_t{7}] = value; }
  bool Fails(uint64_t addr) const { return errors.count(addr & ~uint64_t{15}) != 0; }

  // A request's handshake in cycle `now`: the first beat is there in cycle now + latency.
  void Request(uint64_t addr, unsigned beats_minus_1, uint64_t now, int port = 0) {
    ++requests;
    for (unsigned i = 0; i <= beats_minus_1; ++i) {
      pending_.push_back({now + latency + i, addr + 16 * i, i == beats_minus_1, port});
    }
  }
  // What the port shows in cycle `now`; a beat is shown once.
  Beat Respond(uint64_t now) {
    Beat beat;
    if (pending_.empty() || pending_.front().cycle > now) return beat;
    const Pending p = pending_.front();
    pending_.pop_front();
    beat.valid = true;
    beat.err = Fails(p.addr);
    beat.lo = beat.err ? ~uint64_t{0} : Read64(p.addr);
    beat.hi = beat.err ? ~uint64_t{0} : Read64(p.addr + 8);
    beat.last = p.last;
    beat.port = p.port;
    return beat;
  }

  uint64_t latency = 5;
  uint64_t requests = 0;
  std::set<uint64_t> errors;  // 16-byte aligned
  std::function<uint64_t(uint64_t)> fallback;

 private:
  struct Pending {
    uint64_t cycle;
    uint64_t addr;
    bool last;
    int port;
  };
  std::unordered_map<uint64_t, uint64_t> words_;
  std::deque<Pending> pending_;
};

#endif  // ATCBENCH_TB_UNIT_MRD_MEMORY_H_
