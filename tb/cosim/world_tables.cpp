// SPDX-License-Identifier: Apache-2.0
//
// Page tables of both stages: virtual machines, address spaces, and what is mapped in them.
#include <algorithm>

#include "model/bits.h"
#include "world.h"
#include "world_table.h"

namespace cosim {

using model::Ones;
using model::Put;

uint64_t World::Alloc(uint64_t bytes) {
  bytes = std::max<uint64_t>(bytes, 64);
  next_ = (next_ + bytes - 1) & ~(bytes - 1);
  const uint64_t at = next_;
  next_ += bytes;
  return at;
}

uint64_t World::LeafBits() {
  uint64_t d = uint64_t{1} << 10 | uint64_t{1} << 11;  // AF, nG
  if (rng_.OneIn(12)) d &= ~(uint64_t{1} << 10);
  if (!rng_.OneIn(5)) d |= uint64_t{1} << 6;
  if (rng_.OneIn(4)) d |= uint64_t{1} << 7;
  if (rng_.OneIn(4)) d |= uint64_t{1} << 53;
  if (rng_.OneIn(4)) d |= uint64_t{1} << 54;
  d |= (rng_.Bits() & 7) << 2 | (rng_.Bits() & 3) << 8;
  if (rng_.OneIn(8)) d |= uint64_t{1} << 52;
  return d;
}

uint64_t World::OutputFor(const Space& space) {
  if (space.vm >= 0 && !rng_.OneIn(10)) {
    const Vm& vm = vms_[static_cast<size_t>(space.vm)];
    if (!vm.ipas.empty()) return rng_.Of(vm.ipas) & ~uint64_t{0xFFF};
  }
  if (rng_.OneIn(25)) return rng_.Bits() & 0x000F'FFFF'FFFF'F000;  // maybe above IPS
  return rng_.Bits() & Ones(model::OasBits(static_cast<uint64_t>(space.ips))) & ~uint64_t{0xFFF};
}

void World::MapStage2(Vm* vm, uint64_t ipa, uint64_t pa, int level) {
  uint64_t table = vm->root;
  int bits = vm->width - Low(vm->level);
  if (level < vm->level || level == 0) level = std::max(1, vm->level);
  for (int l = vm->level;; ++l, bits = 9) {
    const uint64_t slot = table + 8 * ((ipa >> Low(l)) & Ones(bits));
    const uint64_t d = m_.Peek(slot);
    if (l == level) {
      if (d & 1) return;
      uint64_t leaf = (pa & kOut & ~Ones(Low(l))) | (l == 3 ? 3 : 1) | uint64_t{0xF} << 2 | uint64_t{3} << 6 | uint64_t{1} << 10;
      m_.Write(slot, leaf);
      leaves_.push_back(slot);
      aborts_.push_back(slot);
      return;
    }
    if ((d & 3) == 1) return;  // a block is there
    if (!(d & 1)) {
      const uint64_t next = Alloc(4096);
      m_.Write(slot, next | kTable);
      table = next;
    } else {
      table = d & kOut;
    }
  }
}

void World::MakeVm() {
  Vm vm;
  vm.vmid = static_cast<uint32_t>(3 + vms_.size() * (rng_.OneIn(2) ? 1 : 0x40));
  struct Shape {
    int level, width;
  };
  const Shape s = rng_.Of<Shape>({{2, 34}, {1, 34}, {1, 36}, {1, 39}, {1, 40}, {1, 42}, {1, 43}, {0, 42}, {0, 44}, {0, 48}});
  vm.level = s.level;
  vm.width = s.width;
  vm.root = Alloc(uint64_t{8} << (s.width - Low(s.level)));
  vm.offset = rng_.Of<uint64_t>({0, 0x4000'0000, 0x20'0000, s.width > 38 ? 0x10'0000'0000u : 0});
  const int ps = rng_.Of({5, 5, 4, 3, 2, 1});
  vm.dw2 = Put(vm.vmid, STE2_S2VMID) | Put(static_cast<uint64_t>(64 - s.width), STE2_S2T0SZ) |
           Put(static_cast<uint64_t>(2 - s.level), STE2_S2SL0) | Put(static_cast<uint64_t>(ps), STE2_S2PS) | STE2_S2AA64 |
           (rng_.Chance(80) ? STE2_S2R : 0) | (rng_.OneIn(6) ? STE2_S2AFFD : 0) | (rng_.OneIn(4) ? STE2_S2PTW : 0);
  if (stalls_ && rng_.OneIn(2)) vm.dw2 |= STE2_S2S;
  vm.dw3 = vm.root;
  // The tables, by blocks or by pages; then data.
  const int grain = rng_.Of({1, 2, 2, 3});
  const uint64_t step = uint64_t{1} << Low(std::max(grain, 1));
  const bool aligned = ((vm.offset & (step - 1)) == 0) || grain > 1;
  if (grain == 1 && aligned) {
    MapStage2(&vm, 0x8000'0000 + vm.offset, 0x8000'0000, 1);
  } else {
    for (uint64_t pa = kTableRegion; pa < kTableEnd; pa += 0x20'0000) {
      MapStage2(&vm, pa + vm.offset, pa, 2);
    }
  }
  for (int i = 0; i < 10; ++i) {
    const int level = rng_.Of({3, 3, 3, 2, 1});
    const uint64_t ipa = rng_.Bits() & Ones(vm.width) & ~Ones(Low(level));
    const uint64_t pa = rng_.Bits() & Ones(model::OasBits(static_cast<uint64_t>(ps))) & ~Ones(Low(level));
    MapStage2(&vm, ipa, pa, level);
    vm.ipas.push_back(ipa | (rng_.Bits() & Ones(Low(level)) & ~uint64_t{0xFFF}));
    if (level == 3) {
      MapStage2(&vm, ipa + 0x1000, pa ^ 0x5000, level);
      vm.ipas.push_back(ipa + 0x1000);
    }
  }
  vms_.push_back(vm);
}

void World::MapStage1(Space* space, uint64_t va, uint64_t out, int level, uint64_t attributes) {
  const bool high = va >> 55 & 1;
  const int width = 64 - space->tsz[high];
  const int start = width > 39 ? 0 : width > 30 ? 1 : 2;
  level = std::max({level, start, 1});
  uint64_t offset = 0;
  if (space->vm >= 0) offset = vms_[static_cast<size_t>(space->vm)].offset;
  uint64_t table = space->root[high];
  int bits = width - Low(start);
  for (int l = start;; ++l, bits = 9) {
    const uint64_t slot = table + 8 * ((va >> Low(l)) & Ones(bits));
    const uint64_t d = m_.Peek(slot);
    if (l == level) {
      if (d & 1) return;
      m_.Write(slot, (out & 0x000F'FFFF'FFFF'F000 & ~Ones(Low(l))) | (l == 3 ? 3 : 1) | attributes);
      leaves_.push_back(slot);
      if (!space->window) aborts_.push_back(slot);
      return;
    }
    if ((d & 3) == 1) return;
    if (!(d & 1)) {
      const uint64_t next = Alloc(4096);
      uint64_t bits63 = 0;
      if (!space->window && rng_.OneIn(6)) bits63 = (rng_.Bits() & 0xF) << 59;
      m_.Write(slot, (next + offset) | kTable | bits63);
      table = next;
    } else {
      table = (d & kOut) - offset;
    }
  }
}

void World::MakeSpace(int vm, bool el2) {
  Space s;
  s.vm = vm;
  s.el2 = el2;
  s.asid = next_asid_++;
  if (rng_.OneIn(3)) s.asid |= 0x100 * static_cast<uint32_t>(rng_.In(1, 255));
  s.vmid = vm >= 0 ? vms_[static_cast<size_t>(vm)].vmid : f_.s2p ? static_cast<uint32_t>(rng_.Below(3)) : 0;
  s.ips = rng_.Of({5, 5, 5, 4, 2, 1, 6});
  for (int h = 0; h < 2; ++h) s.tsz[h] = static_cast<int>(rng_.Of<uint64_t>({16, 16, 25, 24, 33, 34, rng_.In(16, 39)}));
  s.epd[1] = rng_.OneIn(2);
  s.epd[0] = rng_.OneIn(15);
  for (int h = 0; h < 2; ++h) {
    const int width = 64 - s.tsz[h];
    const int start = width > 39 ? 0 : width > 30 ? 1 : 2;
    s.root[h] = Alloc(uint64_t{8} << (width - Low(start)));
  }
  s.window = !el2 && s.tsz[0] <= 33 && rng_.OneIn(2);
  const uint64_t offset = vm >= 0 ? vms_[static_cast<size_t>(vm)].offset : 0;
  if (s.window) {
    size_t w = 0;
    while (w < window_.size() && window_vmid_[w] != (s.vmid | (vm >= 0 ? 0x10000 : 0))) ++w;
    // One table of leaves with nG = 0 for a VMID and a kind of stage 2, outputs that every IPS reaches.
    if (w == window_.size()) {
      bool taken = false;
      for (uint32_t v : window_vmid_) taken |= (v & 0xFFFF) == s.vmid;
      if (taken) {
        s.window = false;
      } else {
        window_.push_back(Alloc(4096));
        window_vmid_.push_back(s.vmid | (vm >= 0 ? 0x10000 : 0));
        for (uint64_t i = 0; i < 6; ++i) {
          m_.Write(window_.back() + 8 * i, (rng_.Bits() & 0xFFFF'F000) | 3 | (LeafBits() & ~(uint64_t{1} << 11)) | 1 << 10);
          leaves_.push_back(window_.back() + 8 * i);
        }
      }
    }
    if (s.window) {
      // The way down to it has no attributes.
      const int width = 64 - s.tsz[0];
      const int start = width > 39 ? 0 : width > 30 ? 1 : 2;
      uint64_t table = s.root[0];
      int bits = width - Low(start);
      for (int l = start; l < 3; ++l, bits = 9) {
        const uint64_t slot = table + 8 * ((kWindowVa >> Low(l)) & Ones(bits));
        const uint64_t next = l == 2 ? window_[w] : Alloc(4096);
        m_.Write(slot, (next + offset) | kTable);
        table = next;
      }
      for (uint64_t i = 0; i < 6; ++i) s.vas.push_back(kWindowVa + 0x1000 * i);
    }
  }
  for (int h = 0; h < 2; ++h) {
    if (s.epd[h]) continue;
    const int width = 64 - s.tsz[h];
    const uint64_t top = h ? ~Ones(width) : 0;
    const int groups = h ? 2 : 3;
    for (int g = 0; g < groups; ++g) {
      uint64_t base = (rng_.Bits() & Ones(width) & ~uint64_t{0x1F'FFFF}) | top;
      if (rng_.OneIn(6)) base = (Ones(width) & ~uint64_t{0x1F'FFFF}) | top;
      if (rng_.OneIn(6)) base = top;
      const int level = rng_.Of({3, 3, 3, 2, 1});
      const int n = level == 3 ? 5 : 2;
      for (int i = 0; i < n; ++i) {
        const uint64_t va = base + (static_cast<uint64_t>(i) << Low(level)) * (rng_.OneIn(3) ? 3 : 1);
        if ((va ^ top) >> width) continue;
        MapStage1(&s, va, OutputFor(s), level, LeafBits());
        s.vas.push_back(va);
      }
    }
  }
  if (s.vas.empty()) s.vas.push_back(0);
  spaces_.push_back(s);
}

}  // namespace cosim
