// SPDX-License-Identifier: Apache-2.0
//
// An AXI4 subordinate in front of Dram and the MSI doorbell.
//
// Guarantees (D9): a write becomes visible in the cycle before its B, whole; a read samples each beat when
// the beat is driven. All responses come in the order of acceptance, so same-ID order holds too. The first
// response is driven `latency` cycles after the address (read) or the last data beat (write) was accepted,
// one beat a cycle after that. Outside DRAM and doorbell: DECERR. In an abort range: SLVERR.
// Does not: reorder, model banks, narrow or wrapping bursts.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "atcbench/dram.h"
#include "atcbench/model.h"

namespace atcbench {

class DmaObserver {
 public:
  virtual ~DmaObserver() = default;
  // The address of an access was accepted.
  virtual void on_arrival(Cycle now, bool write, Addr addr, uint32_t bytes, uint32_t user) = 0;
  // A beat of a read was sampled, or a beat of a write became visible.
  virtual void on_beat(Cycle now, bool write, Addr addr, uint32_t user, const Beat& data, uint16_t strb) = 0;
};

class AxiMemory {
 public:
  struct Params {
    Cycle latency = 40;        // >= 1
    unsigned outstanding = 16;  // reads, and as many writes
  };
  struct AbortRange {
    Addr first;
    Addr last;  // inclusive
    bool reads;
    bool writes;
    uint64_t count = kNever;  // bursts that are aborted before the range works again
  };

  AxiMemory(Dram& dram, Params params, DmaObserver* observer = nullptr)
      : dram_(dram), params_(params), observer_(observer) {}

  // A write of 4 bytes to the doorbell, in its visible cycle.
  void on_doorbell(std::function<void(uint32_t)> f) { doorbell_ = std::move(f); }

  // A write of this bus to a whole word of memory, just before it becomes visible: address of 4 bytes, what it held, what it will hold.
  void on_overwrite(std::function<void(Addr, uint32_t before, uint32_t after)> f) { overwrite_ = std::move(f); }

  void add_abort_range(AbortRange range) { aborts_.push_back(range); }
  void clear_abort_ranges() { aborts_.clear(); }

  // Start of cycle: what is driven in it.
  void drive(Cycle now, AxiIn& in);
  // After settle: the handshakes of this cycle, and the writes that become visible in it.
  void observe(Cycle now, const AxiOut& out, const AxiIn& in);

  // The next cycle at which this side changes by itself; 0 while a transfer is under way.
  Cycle next_event() const;
  bool idle() const { return next_event() == kNever; }

  uint64_t accepted() const { return accepted_; }

 private:
  struct Read {
    Addr addr;
    uint32_t user;
    Cycle ready_at;
    uint8_t id;
    uint8_t beats;
    uint8_t next;
    bool aborted;
  };
  struct Write {
    Addr addr;
    uint32_t user;
    Cycle response_at;  // kNever until the last beat is in
    uint8_t id;
    uint8_t beats;
    uint8_t resp;
    bool visible;
    bool aborted;
  };
  struct WriteBeat {
    Beat data;
    uint16_t strb;
  };

  void load_beat(Cycle now, AxiIn& in);
  void make_visible(Cycle now, Write& write);
  bool aborted(Addr addr, uint32_t bytes, bool write);
  uint8_t response(Addr addr, uint32_t bytes, bool write) const;

  Dram& dram_;
  Params params_;
  DmaObserver* observer_;
  std::function<void(uint32_t)> doorbell_;
  std::function<void(Addr, uint32_t, uint32_t)> overwrite_;
  std::vector<AbortRange> aborts_;
  std::deque<Read> reads_;
  std::deque<Write> writes_;
  std::deque<WriteBeat> beats_;   // data of writes in order, kept until visible
  size_t complete_ = 0;           // writes at the front that have all their data
  size_t spare_beats_ = 0;        // beats in beats_ that no complete write owns
  uint64_t accepted_ = 0;
  bool r_driven_ = false;
  bool b_driven_ = false;
};

}  // namespace atcbench
