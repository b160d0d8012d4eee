// SPDX-License-Identifier: Apache-2.0
//
// Event queue: any records, any PROD, any overflow flag, PROD that moves while the handler reads (smmuv3.md §1.6).
// The model: of each PROD that the driver reads it must take exactly the records between its CONS and that PROD, in order, or none if
// the distance is more than a ring; then CONS is that PROD, and OVACKFLG follows OVFLG. Two rings full at most in one handler or work
// item; what is left then is left whole, and the next work item takes it.

#include <array>
#include <deque>

#include "fuzz.h"

namespace {

constexpr uint32_t kBase = 0xa0, kProd = 0x100a8, kCons = 0x100ac, kFlag = 0x80000000;
constexpr unsigned kLog2 = 3, kSize = 1u << kLog2, kMask = 2 * kSize - 1, kReadsMax = 64;

using Record = std::array<uint64_t, 4>;

struct Run {
  explicit Run(fuzz::Input in) : in(in) {
    d.plat.evtq_log2 = kLog2;
    d.Start();
    ring = reinterpret_cast<uint64_t*>(d.Ring(kBase, 32));
    smmu_set_event_handler(d.s, [](void* arg, const uint64_t rec[4]) { static_cast<Run*>(arg)->Taken(rec); }, this);
    d.m.lie = [this](uint32_t off, uint64_t& v) {
      if (off == kProd) v = Read();
    };
  }
  Record At(uint32_t index) const {
    Record r;
    for (unsigned i = 0; i < 4; i++) r[i] = ring[4 * (index % kSize) + i];
    return r;
  }
  void Settle() {
    FUZZ_CHECK(due.empty(), "%zu records were not taken", due.size());
    FUZZ_CHECK(d.m.reg32[kCons] == cons, "CONS 0x%x, not 0x%x", d.m.reg32[kCons], cons);
  }
  // The driver reads PROD: what is due from the read before is settled, or left to the work item.
  uint32_t Read() {
    if (due.size() > budget) {
      Restart();  // more than this one may take: nothing of it, the work item begins anew
      cons = before;
    } else {
      budget -= static_cast<unsigned>(due_in_all);
    }
    Settle();
    reads++;
    if (moving && reads < kReadsMax) prod = Next();
    before = cons;
    const uint32_t n = (prod - cons) & kMask;
    if (n <= kSize) {
      for (uint32_t i = 0; i < n; i++) due.push_back(At(cons + i));
      cons = (prod & kFlag) | ((cons + n) & kMask);
    }
    due_in_all = due.size();
    return prod;
  }
  // A handler, or a work item, begins.
  void Restart() {
    due.clear();
    due_in_all = 0;
    budget = 2 * kSize;
  }
  uint32_t Next() {
    switch (const uint8_t b = in.Byte(); b & 3) {
      case 0:
        return in.Word();
      case 1:
        return (prod & kFlag) | ((prod + (b >> 2) % (kSize + 2)) & kMask);
      case 2:
        return prod ^ kFlag;
      default:
        return prod;
    }
  }
  void Taken(const uint64_t rec[4]) {
    FUZZ_CHECK(!due.empty(), "a record that hardware has not written");
    const Record r = {rec[0], rec[1], rec[2], rec[3]};
    FUZZ_CHECK(r == due.front(), "not the oldest record");
    due.pop_front();
  }
  void Go() {
    for (unsigned steps = 0; in.more() && steps < 32; steps++) {
      const uint8_t b = in.Byte();
      moving = b & 1;
      reads = 0;
      Restart();
      for (unsigned i = 0; i < (b >> 1) % 8u; i++) ring[in.Byte() % (4 * kSize)] = in.Word() | uint64_t{in.Word()} << 32;
      if (!moving) prod = Next();
      d.Interrupt(PORT_IRQ_EVENTQ);
      port_host_run_work(d.m.p);
      moving = false;
      Settle();
    }
  }

  fuzz::Input in;
  fuzz::Driver d;
  uint64_t* ring;
  std::deque<Record> due;  // of the last PROD that was read
  size_t due_in_all = 0;
  uint32_t prod = 0, cons = 0, before = 0;
  unsigned reads = 0, budget = 0;  // records that the one who reads may still take
  bool moving = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Run(fuzz::Input(data, size)).Go();
  return 0;
}

std::vector<std::string> fuzz::Seeds() {
  using namespace std::string_literals;
  return {
      "\x00\x05"s,                                    // one record
      "\x00\x21\x00\x02\x00"s,                        // a ring full, overflow
      "\x00\x00\xff\xff\xff\xff"s,                    // all ones
      "\x01\x21\x21\x21\x21\x05\x05\x02\x03\x03\x03"s,  // PROD runs away under the handler
  };
}
