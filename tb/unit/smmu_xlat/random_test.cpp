// SPDX-License-Identifier: Apache-2.0
//
// A random run against the reference, which has no caches.

#include "xlat_bench.h"

namespace xlat {
namespace {

// Everything random but constant during the run, so that caches must not be visible.
TEST_F(XlatTest, RandomAgainstReference) {
  std::mt19937_64 rng(99);
  for (int world = 0; world < 40 && !HasFatalFailure(); ++world) {
    mem = MrdMemory();
    mem.latency = 1 + rng() % 8;
    const uint64_t seed = rng();
    mem.fallback = [seed](uint64_t addr) {
      uint64_t h = (addr ^ seed) * 0x9E3779B97F4A7C15u;
      h ^= h >> 29;
      h *= 0xBF58476D1CE4E5B9u;
      h ^= h >> 32;
      uint64_t d = (h & 0x7FFF'F000) | (h >> 60) << 59 | (h & 0x0060'0000'0000'00C0u) | 0xC00;
      if ((h >> 20) % 4) d |= 0x40;
      if ((h >> 33) % 16 == 0) d &= ~uint64_t{0x400};
      if ((h >> 37) % 16 == 0) d |= uint64_t{1} << 40;
      const unsigned type = (h >> 42) % 8;
      return d | (type == 0 ? 0 : type == 1 ? 1 : 3);
    };
    cfg.e2h = rng() & 1;
    cfg.atschk = rng() % 4 != 0;
    cfg.recinvsid = rng() & 1;
    cfg.rec_cfg_ats = rng() & 1;
    cfg.log2size = 5;
    int asid = 0;
    for (uint32_t sid = 0; sid < 32; ++sid) {
      constexpr int kConfigs[] = {5, 5, 5, 7, 7, 4, 0, 6};
      // EL2 without E2H has no ASIDs: its streams must share their tables, so here they share a CD.
      const bool el2 = rng() % 4 == 0, shared = el2 && !cfg.e2h;
      const uint64_t cds = kCds + 0x1000 * (shared ? 40 : sid);
      const int eats = rng() % 16 == 0 ? 2 : rng() % 4 == 0 ? 0 : 1;
      SetSte(sid, kConfigs[rng() % 8], cds, !shared && rng() % 3 == 0 ? 2 : 0, static_cast<int>(rng() % 4), eats, 0,
             el2 ? 2 : 0);
      // Streams of one VMID share stage 2, so each has its own here. The walker takes care of the geometry.
      constexpr std::array<std::pair<int, int>, 8> kShapes = {{{16, 2}, {24, 2}, {25, 1}, {21, 1}, {33, 1}, {30, 0}, {34, 0}, {39, 0}}};
      const auto [t0sz, sl0] = kShapes[rng() % 4 ? rng() % 4 : rng() % 8];
      const uint64_t s2flags = (rng() % 4 ? kS2R : 0) | (rng() & uint64_t{1} << 53) | (eats != 1 ? rng() & rng() & kS2S : 0);
      SetS2(sid, rng() & 0x7FFF'FFF0, static_cast<int>(sid) + 1, s2flags, t0sz, sl0);
      if (rng() % 12 == 0) mem.Write64(SteAddr(sid), 0);
      for (int i = 0; i < 4 && !(shared && mem.Read64(cds) & (kV << 31)); ++i) {
        uint64_t d0 = Cd0(++asid, 16 + static_cast<int>(rng() % 24));
        d0 = (d0 & ~(uint64_t{1} << 30)) | uint64_t(16 + rng() % 24) << 16 | uint64_t{2} << 22;
        d0 ^= (rng() & rng()) & (uint64_t{0x3F} << 35);                               // AFFD .. PAN
        d0 ^= (rng() & rng() & rng() & rng()) & (uint64_t{1} << 14 | uint64_t{1} << 30 | uint64_t{1} << 31 | uint64_t{3} << 44);
        SetCd(cds + 64 * i, d0, rng() & 0x7FFF'FFF0, rng() & 0x7FFF'FFF0);
      }
    }
    FlushAll();
    for (int i = 0; i < 1500 && !HasFatalFailure(); ++i) {
      Req q;
      q.port = static_cast<int>(rng() % 4);
      q.sid = static_cast<uint32_t>(rng() % (rng() % 32 == 0 ? 40 : 32));
      if (rng() % 2) q.sid %= 6;
      q.ssv = rng() % 3 == 0;
      q.ssid = static_cast<uint32_t>(rng() % (rng() % 16 == 0 ? 1 << 20 : 4));
      q.priv = rng() & 1;
      q.exec = rng() & 1;
      q.at = static_cast<int>(rng() % 3);
      q.write = rng() & 1;
      q.nw = rng() & 1;
      q.num = q.at == ref::kTranslationReq && rng() % 3 == 0 ? static_cast<int>(rng() % 8) : 0;
      q.addr = (rng() % 4) << 12 | (rng() % 4) << 21 | (rng() % 2) << 30 | (rng() & 0xFFF);
      if (rng() % 4 == 0) q.addr |= ~uint64_t{0} << 25;
      if (rng() % 16 == 0) q.addr ^= uint64_t{1} << (rng() % 64);
      if (q.at == ref::kTranslationReq) q.addr &= ~uint64_t{0xFFF};
      Check(q);
      if (rng() % 500 == 0) FlushAll();
      if (rng() % 100 == 0) Tlbi(kNhVaa, 0, q.addr);
      if (rng() % 100 == 0) Cfgi(kSteRange, q.sid, 0, static_cast<int>(rng() % 4));
    }
  }
  // Further entries, stalls; stage 2 faults by class: on the CD, on a stage 1 table, on the input.
  for (int key : {0x1000, 0x2000, 0x210, 0x213, 0x310, 0x410, 0x412, 0x413, 0x100, 0x101, 0x102, 0x103, 0x02, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0A, 0x10, 0x11, 0x12, 0x13}) {
    EXPECT_GT(seen[key], key == 0x310 || key == 0x412 ? 3 : 20) << std::hex << key;
  }
}

}  // namespace
}  // namespace xlat
