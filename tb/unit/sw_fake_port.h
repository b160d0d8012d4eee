// SPDX-License-Identifier: Apache-2.0
//
// A model of a root port for the driver's unit tests, written from pcie-ats.md §8, §9 with its own constants: slot, link, error and
// containment registers, one message for all three conditions, and what becomes of the functions below when the link goes.

#ifndef ATCBENCH_SW_FAKE_PORT_H_
#define ATCBENCH_SW_FAKE_PORT_H_

#include <vector>

#include "sw_fake_smmu.h"

namespace fake {

class RootPort final : public ConfigSpace {
 public:
  RootPort(Machine& m, uint16_t bdf, uint8_t bus, unsigned irq) : m_(m), bdf_(bdf), bus_(bus), irq_(irq) {
    Set(0x00, 0xa7c01234);
    Set(0x04, 0x00100006);
    Set(0x0c, 0x00010000);  // type 1
    Set(0x18, static_cast<uint32_t>(bus) << 16 | static_cast<uint32_t>(bus) << 8);
    Set(0x34, 0x40);
    Set(0x40, 0x01428010);  // PCI Express, root port with a slot -> MSI
    Set(0x54, 1 << 6);      // hot-plug capable
    Set(0x80, 0x00800005);
    Set(0x100, 0x15020001);  // AER -> DPC
    Set(0x150, 0x0001001d);
    m.other[bdf] = this;
  }
  ~RootPort() override { m_.other.erase(bdf_); }

  // ---- what happens to it
  void Pull() { present = false, Update(); }
  void Plug() { present = true, Update(); }
  void Line(bool good) { line = good, Update(); }
  // The line breaks and is mended before anybody can look.
  void Flap() { Line(false), Line(true); }
  // severity 0 correctable, 1 non-fatal, 2 fatal; of a requester ID below, or the port's own.
  void Error(unsigned severity, uint16_t rid) {
    std::lock_guard<std::recursive_mutex> l(m_.mu);
    uint32_t& status = reg(0x130);
    uint32_t& source = reg(0x134);
    if (severity == 0) {
      if (status & 1) status |= 2; else source = (source & 0xffff0000) | rid;
      status |= 1;
    } else {
      if (status & 4) status |= 8; else source = (source & 0xffff) | static_cast<uint32_t>(rid) << 16;
      if (!(status & 4) && severity == 2) status |= 16;
      status |= 4 | (severity == 2 ? 64u : 32u);
    }
    Update();
  }
  void Contain() {
    std::lock_guard<std::recursive_mutex> l(m_.mu);
    reg(0x158) |= 1 | (reg(0x154) >> 19 & 1) << 3 | 3 << 1;
    Update();
  }

  // ---- knobs
  bool present = true, line = true;
  bool mute = false;              // the port itself reads all ones
  bool slot_events_stick = false; // cleared event bits come up again at once
  bool root_errors_stick = false;
  bool never_trains = false;      // once down, the link stays down
  std::function<void(unsigned off, uint32_t v)> on_write;

  // ---- observation
  bool link() const { return up_; }
  uint32_t slot_status() { return reg(0x58) >> 16; }
  unsigned messages = 0, resets = 0;

  uint32_t ReadCfg(unsigned off, unsigned size) override {
    if (mute) return 0xffffffff >> (32 - 8 * size);
    return reg(off & ~3u) >> 8 * (off & 3) & (0xffffffff >> (32 - 8 * size));
  }
  void WriteCfg(unsigned off, unsigned size, uint32_t v) override {
    if (mute) return;
    if (on_write) on_write(off, v);
    const unsigned shift = 8 * (off & 3);
    const uint32_t mask = (0xffffffff >> (32 - 8 * size)) << shift, value = v << shift & mask, at = off & ~3u;
    const auto rw = [&](uint32_t writable) { reg(at) = (reg(at) & ~(mask & writable)) | (value & writable); };
    switch (at) {
      case 0x3c: rw(1 << 22); break;
      case 0x48: rw(0xf); break;
      case 0x58:
        rw(1 << 3 | 1 << 5 | 1 << 12);
        if (!slot_events_stick) reg(at) &= ~(value & (1u << 19 | 1u << 24));
        break;
      case 0x80: rw(1 << 16); break;
      case 0x84: case 0x88: case 0x8c: rw(0xffffffff); break;
      case 0x104: reg(at) &= ~value; break;
      case 0x110: reg(at) &= ~value; break;
      case 0x12c: rw(7); break;
      case 0x130:
        if (!root_errors_stick) reg(at) &= ~(value & 0x7f);
        break;
      case 0x154: rw(3 << 16 | 1 << 19); break;
      case 0x158: reg(at) &= ~(value & 9); break;
      default: break;
    }
    Update();
  }
  uint32_t& reg(unsigned off) { return regs_[off / 4]; }

 private:
  void Set(unsigned off, uint32_t v) { reg(off) = v; }

  void Update() {
    std::lock_guard<std::recursive_mutex> l(m_.mu);
    const bool hold = (reg(0x3c) >> 22 & 1) || (reg(0x158) & 1);
    const bool want = present && line && !hold && !(never_trains && was_down_);
    if (present != present_seen_) reg(0x58) |= 1u << 19;
    present_seen_ = present;
    if (want != up_) {
      reg(0x58) |= 1u << 24;
      up_ = want;
      was_down_ |= !up_;
      for (auto& [bdf, f] : m_.fn) {
        if (bdf >> 8 != bus_) continue;
        f.link_down = !up_;
        if (!up_) {
          f.Reset();
          resets++;
        }
      }
    }
    reg(0x50) = (reg(0x50) & ~(1u << 29)) | (up_ ? 1u << 29 : 0);
    reg(0x58) = (reg(0x58) & ~(1u << 22)) | (present ? 1u << 22 : 0);
    const uint32_t slot = reg(0x58), root = reg(0x130), cmd = reg(0x12c);
    const bool hp = (slot >> 5 & 1) && ((slot >> 3 & 1 && slot >> 19 & 1) || (slot >> 12 & 1 && slot >> 24 & 1));
    const bool aer = (cmd & 1 && root & 1) || (cmd & 2 && root & 32) || (cmd & 4 && root & 64);
    const bool dpc = (reg(0x154) >> 19 & 1) && (reg(0x158) & 8);
    const unsigned level = reg(0x80) >> 16 & 1 ? hp | aer << 1 | dpc << 2 : 0;
    if (level & ~level_) {
      messages++;
      if (reg(0x8c) == irq_) port_host_raise(m_.p, static_cast<port_irq>(irq_));
    }
    level_ = level;
  }

  Machine& m_;
  uint16_t bdf_;
  uint8_t bus_;
  unsigned irq_;
  bool up_ = true, was_down_ = false, present_seen_ = true;
  unsigned level_ = 0;
  std::array<uint32_t, 1024> regs_{[] {
    std::array<uint32_t, 1024> r{};
    r[0x50 / 4] = 1u << 29;
    r[0x58 / 4] = 1u << 22;
    return r;
  }()};
};

}  // namespace fake

#endif  // ATCBENCH_SW_FAKE_PORT_H_
