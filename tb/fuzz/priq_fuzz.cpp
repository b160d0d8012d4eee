// SPDX-License-Identifier: Apache-2.0
//
// PRI queue: any entries, any PROD, any overflow flag (smmuv3.md §1.6, §9). The model keeps the groups that have not ended, and says for
// each entry who is asked and what is answered: once a group, by its worst request, nothing to a stop marker.

#include <algorithm>
#include <map>
#include <tuple>

#include "fuzz.h"

namespace {

constexpr uint32_t kBase = 0xc0, kProd = 0x100c8, kCons = 0x100cc, kFlag = 0x80000000;
constexpr unsigned kLog2 = 3, kSize = 1u << kLog2, kMask = 2 * kSize - 1;
constexpr unsigned kFailure = 0, kInvalid = 1, kSuccess = 2;

struct Answer {
  uint64_t dw0, dw1;
};

struct Run {
  explicit Run(fuzz::Input in) : in(in) {
    d.plat.priq_log2 = kLog2;
    d.Start(2);
    FUZZ_CHECK(iommu_attach_pasid(d.dom, d.dev[0], 1) == 0, "PASID");
    iommu_set_fault_handler(d.dom, [](void*, uint64_t iova, unsigned) { return Refused(iova) ? -EFAULT : 0; }, nullptr);
    ring = reinterpret_cast<uint64_t*>(d.Ring(kBase, 16));
  }
  static bool Refused(uint64_t iova) { return iova >> 12 & 1; }

  // What one request is worth, by who asks.
  unsigned Verdict(uint32_t sid, bool ssv, uint32_t ssid, uint64_t iova) const {
    const bool known = (sid == fuzz::Driver::Bdf(0) && (!ssv || ssid <= 1)) || (sid == fuzz::Driver::Bdf(1) && (!ssv || ssid == 0));
    return !known ? kFailure : Refused(iova) ? kInvalid : kSuccess;
  }
  void Entry(uint64_t dw0, uint64_t dw1) {
    const auto sid = static_cast<uint32_t>(dw0), ssid = static_cast<uint32_t>(dw0 >> 32 & 0xfffff);
    const bool ssv = dw0 >> 63, last = dw0 >> 62 & 1, write = dw0 >> 61 & 1, read = dw0 >> 60 & 1;
    if (ssv && last && !read && !write) return;
    const auto group = std::make_tuple(sid, ssv, ssid, dw1 & 0x1ff);
    unsigned verdict = Verdict(sid, ssv, ssid, dw1 & ~uint64_t{0xfff});
    const auto it = groups.find(group);
    if (it != groups.end()) verdict = std::min(verdict, it->second);
    if (last) {
      groups.erase(group);
      due.push_back({0x41 | uint64_t{sid} << 32 | (ssv ? 1u << 11 | uint64_t{ssid} << 12 : 0), (dw1 & 0x1ff) | verdict << 12});
    } else if (verdict != kSuccess) {
      groups[group] = verdict;
    }
  }
  void Go() {
    for (unsigned steps = 0; in.more() && steps < 32; steps++) {
      const uint8_t b = in.Byte();
      for (unsigned i = 0; i < b % kSize; i++) {  // mostly entries that mean something
        uint64_t* e = ring + 2 * ((prod + i) % kSize);
        const uint8_t kind = in.Byte(), which = in.Byte();
        e[0] = uint64_t{kind} << 60 | fuzz::Driver::Bdf(which % 3) | uint64_t{which / 3u % 3} << 32;
        e[1] = (which >> 5 & 1) | uint64_t{in.Byte()} << 12;
        if (kind & 0x10) e[0] ^= uint64_t{in.Word()} << 32 | in.Word();
        if (kind & 0x20) e[1] ^= in.Word();
      }
      if (b & 0x40) {
        prod = in.Word();
      } else {
        prod = ((prod ^ (b & 0x80 ? kFlag : 0)) & kFlag) | ((prod + b % kSize) & kMask);
      }
      const uint32_t n = (prod - cons) & kMask;
      if (n <= kSize) {
        for (uint32_t i = 0; i < n; i++) Entry(ring[2 * ((cons + i) % kSize)], ring[2 * ((cons + i) % kSize) + 1]);
        if ((prod ^ cons) & kFlag) groups.clear();
        cons = prod & (kFlag | kMask);
      }
      d.m.reg32[kProd] = prod;
      d.m.consumed.clear();
      d.Interrupt(PORT_IRQ_PRIQ);
      port_host_run_work(d.m.p);
      Settle();
    }
  }
  void Settle() {
    size_t k = 0;
    for (const auto& c : d.m.consumed) {
      if (c.op() == 0x46) continue;
      FUZZ_CHECK(k < due.size(), "an answer to nobody: 0x%llx 0x%llx", (unsigned long long)c.dw0, (unsigned long long)c.dw1);
      FUZZ_CHECK(c.dw0 == due[k].dw0 && c.dw1 == due[k].dw1, "answer 0x%llx 0x%llx, not 0x%llx 0x%llx", (unsigned long long)c.dw0,
                 (unsigned long long)c.dw1, (unsigned long long)due[k].dw0, (unsigned long long)due[k].dw1);
      k++;
    }
    FUZZ_CHECK(k == due.size(), "%zu groups were not answered", due.size() - k);
    due.clear();
    FUZZ_CHECK(d.m.reg32[kCons] == cons, "CONS 0x%x, not 0x%x", d.m.reg32[kCons], cons);
  }

  fuzz::Input in;
  fuzz::Driver d;
  uint64_t* ring;
  uint32_t prod = 0, cons = 0;
  std::map<std::tuple<uint32_t, bool, uint32_t, uint64_t>, unsigned> groups;
  std::vector<Answer> due;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Run(fuzz::Input(data, size)).Go();
  return 0;
}

std::vector<std::string> fuzz::Seeds() {
  using namespace std::string_literals;
  return {
      "\x01\x05\x00\x00"s,                              // one request, granted
      "\x02\x01\x00\x01\x05\x00\x00"s,                  // two of a group, the first one refused
      "\x02\x09\x03\x01\x0d\x03\x00\x81\x05\x00\x02"s,  // by PASID; then an overflow
      "\x40\xff\xff\xff\xff"s,                          // all ones
  };
}
