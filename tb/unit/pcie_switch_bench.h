// SPDX-License-Identifier: Apache-2.0
//
// The switch with a link model at each port: a source that offers like a link's receive buffer, a sink whose credits come and
// go. Drives the RTL, feeds the reference model (pcie_switch_model.h), collects what is wrong.

#ifndef ATCBENCH_TB_UNIT_PCIE_SWITCH_BENCH_H_
#define ATCBENCH_TB_UNIT_PCIE_SWITCH_BENCH_H_

#include <array>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "Vpcie_switch_tb.h"
#include "pcie_switch_model.h"

namespace sw {

struct Sent {
  uint64_t cycle;
  unsigned out;
  Header h;
  uint64_t id;
};

class Bench {
 public:
  Model model;
  std::array<unsigned, kPorts> acs{};
  std::array<unsigned, kPorts> ready{};  // what the links would take, {CPL, NP, P}
  std::vector<Sent>* sent = nullptr;     // if somebody wants to know
  std::array<unsigned, kPorts> drops{}, acs_drops{};
  Gates gates;
  struct Access {
    unsigned port;
    bool write;
    unsigned offset, be;
    uint32_t data;
  };
  std::vector<Access> accesses;           // to the ports' configuration spaces
  std::deque<Header> inject;              // packets of the ports themselves, their data is the header's dw3
  uint64_t messages = 0;                  // error messages that were looked at

  // mutant: of those that tb/CMakeLists.txt has planted; empty: none.
  explicit Bench(const std::string& mutant = "") {
    const std::string flag = "+mutant+" + mutant;
    const char* arguments[] = {"pcie_switch", flag.c_str()};
    Verilated::commandArgs(mutant.empty() ? 1 : 2, arguments);  // the model asks when it is looked at first
    ready.fill(7);
    top_.rst_ni = 0;
    top_.up_i = model.up;
    top_.tx_ready_i = (1u << kPorts) - 1;
    top_.mem_en_i = top_.bme_i = kAll;
    top_.eval();  // without a first look the edge would not be one
    Edge();
    top_.rst_ni = 1;
  }

  // Puts a packet into the receive buffer of the link at `in`; its number comes back.
  uint64_t Offer(unsigned in, const Header& h) {
    const uint64_t id = ++ids_;
    source_[in][ClassOf(h.kind())].push_back({h, id});
    return id;
  }
  size_t Waiting(unsigned in) const { return source_[in][0].size() + source_[in][1].size() + source_[in][2].size(); }
  bool SetUp(unsigned mask) {
    if (model.Copying()) return false;
    model.SetUp(mask);
    top_.up_i = mask;
    return true;
  }
  bool quiet() const { return top_.quiet_o; }
  unsigned ClassReady(unsigned in) const { return static_cast<unsigned>(top_.rx_class_ready_o >> (3 * in) & 7); }
  bool Idle() const {
    for (unsigned i = 0; i < kPorts; ++i)
      if (Waiting(i)) return false;
    return model.Empty();
  }

  void Cycle() {
    ++model.cycle;
    // ---- what the links offer
    uint32_t valid = 0;
    std::array<int, kPorts> choice;
    for (unsigned i = 0; i < kPorts; ++i) {
      choice[i] = model.up >> i & 1 ? Choose(i, ClassReady(i)) : -1;  // a link that is down offers nothing
      if (choice[i] < 0) continue;
      valid |= 1u << i;
      const Item& item = source_[i][choice[i]].front();
      if (item.id != driven_[i]) {
        Drive(i, item);
        driven_[i] = item.id;
        if (i == 0) {
          route_[0] = Decide(0, item.h, acs[0], gates);
          if (route_[0].what == Route::kBroadcast && item.id != begun_) {
            begun_ = item.id;
            model.BeginBroadcast(item.h, item.id);
          }
        }
      }
    }
    top_.rx_valid_i = valid;
    uint64_t take = 0;
    for (unsigned o = 0; o < kPorts; ++o) {
      const unsigned r = model.up >> o & 1 ? ready[o] : 7;  // a link that is down takes everything
      take |= uint64_t{r} << (3 * o);
      top_.acs_i[o] = static_cast<uint8_t>(acs[o]);
    }
    top_.tx_class_ready_i = take;
    top_.mem_en_i = gates.mem_en;
    top_.bme_i = gates.bme;
    top_.mute_msg_i = !gates.messages;
    top_.inj_valid_i = !inject.empty();
    if (!inject.empty()) {
      const Header& h = inject.front();
      const uint32_t words[5] = {h.dw0, h.dw1, h.dw2, h.dw3, h.dw3};
      for (unsigned n = 0; n < 5; ++n) top_.inj_i[n] = words[n];
    }
    top_.clk_i = 0;
    top_.eval();
    // ---- what leaves, then what has come in
    for (unsigned o = 0; o < kPorts; ++o) {
      const unsigned r = static_cast<unsigned>(take >> (3 * o) & 7);
      if (!(top_.tx_valid_o >> o & 1)) {
        model.Depart(o, nullptr, 0, r);
        continue;
      }
      const Header h = HeaderOf(top_.tx_o[o]);
      const bool injected = o == 0 && top_.inj_ready_o;
      // Whatever the switch itself sends has one of its own IDs, on bus 1 or 2.
      const bool own = injected || (ClassOf(h.kind()) == kCpl && h.dw1 >> 24 >= 1 && h.dw1 >> 24 <= 2);
      const uint32_t data = own ? top_.tx_o[o][0] : 0;
      const uint64_t id = own ? 0 : top_.tx_o[o][0] | uint64_t{top_.tx_o[o][1]} << 32;
      if (injected) {
        if (!(inject.front() == h) || data != h.dw3) model.Fault("a packet of the ports themselves has changed");
        inject.pop_front();
      }
      if (id && top_.tx_o[o][kWords - 7] != Tail(id)) model.Fault("payload of packet " + std::to_string(id) + " has changed");
      model.Depart(o, &h, id, r, data, injected);
      if (sent) sent->push_back({model.cycle, o, h, id});
    }
    for (unsigned i = 0; i < kPorts; ++i) {
      drops[i] += top_.drop_o >> i & 1;
      acs_drops[i] += top_.drop_acs_o >> i & 1;
      if (!(valid >> i & 1) || !(top_.rx_ready_o >> i & 1)) continue;
      auto& q = source_[i][choice[i]];
      const Header& h = q.front().h;
      const Route route = Decide(i, h, acs[i], gates);
      const int error = top_.err_valid_o >> i & 1 ? top_.err_o[i] : -1;
      if (error != Error(h, route)) model.Fault("port " + std::to_string(i) + " logs " + std::to_string(error) + " for " + std::to_string(h.kind()));
      model.Accept(i, h, q.front().id, route);
      q.pop_front();
    }
    for (unsigned p = 0; p < kPorts; ++p) {
      messages += (uint64_t{top_.msg_o} >> (3 * p) & 7) != 0;
      if (top_.acc_valid_o >> p & 1)
        accesses.push_back({p, top_.acc_write_o != 0, top_.acc_offset_o, top_.acc_be_o, top_.acc_data_o});
    }
    Edge();
    // ---- a lost slot, or one that does not exist
    const bool copying = model.Copying();
    for (unsigned i = 0; i < kPorts; ++i) {
      const unsigned free = ClassReady(i);
      for (unsigned c = 0; c < 3; ++c) {
        if (i == 0 && c == kP && copying) continue;
        const unsigned held = model.Held(i, c);
        if (held < kSlots[c] && !(free >> c & 1))
          model.Fault("port " + std::to_string(i) + ": a slot of class " + std::to_string(c) + " is lost");
        if (c != kNp && held >= kSlots[c] && (free >> c & 1))
          model.Fault("port " + std::to_string(i) + ": more packets of class " + std::to_string(c) + " than slots");
      }
    }
  }

  // Everything is taken at once until nothing is left; false if that does not end.
  bool Drain(unsigned limit = 20000) {
    ready.fill(7);
    for (unsigned n = 0; n < limit && !Idle(); ++n) Cycle();
    return Idle();
  }

 private:
  struct Item {
    Header h;
    uint64_t id;
  };
  static constexpr size_t kWords = sizeof(Vpcie_switch_tb::tx_o[0]) / sizeof(uint32_t);

  Vpcie_switch_tb top_;
  std::deque<Item> source_[kPorts][3];
  std::array<uint64_t, kPorts> driven_{};
  std::array<Route, kPorts> route_{};
  uint64_t ids_ = 0, begun_ = 0;

  // What the port's log gets, {advisory, bit of the uncorrectable error status}; -1: nothing.
  static int Error(const Header& h, const Route& r) {
    const bool cfg = (h.kind() & 0x3e) == 0x04;
    switch (r.what) {
      case Route::kRefuse:
        if (cfg && (h.dw0 >> 14 & 1) && (h.kind() & 1 ? h.dw2 >> 24 == 2 && (h.dw2 >> 19 & 31) < kDown : (h.dw2 >> 19 & 31) == 0) &&
            (h.dw2 >> 16 & 7) == 0 && r.status == 1 && h.dw1 >> 24 == 0)
          return 32 | 12;
        return 32 | (r.status == 4 ? 21 : 20);
      case Route::kDrop: return ClassOf(h.kind()) == kCpl ? 16 : 20;
      case Route::kDropAcs: return 21;
      case Route::kDropBad: return 18;
      default: return -1;
    }
  }
  static uint32_t Tail(uint64_t id) { return static_cast<uint32_t>(id * 0x9e3779b97f4a7c15ull >> 32); }

  void Edge() {
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
  }

  // The oldest packet of a class that the switch would take; nothing passes an older posted packet.
  int Choose(unsigned i, unsigned classes) const {
    int best = -1;
    for (int c = 0; c < 3; ++c) {
      if (source_[i][c].empty() || !(classes >> c & 1)) continue;
      if (c != kP && !source_[i][kP].empty() && source_[i][kP].front().id < source_[i][c].front().id) continue;
      if (best < 0 || source_[i][c].front().id < source_[i][best].front().id) best = c;
    }
    return best;
  }

  void Drive(unsigned i, const Item& item) {
    auto& w = top_.rx_i[i];
    w[0] = static_cast<uint32_t>(item.id);
    w[1] = static_cast<uint32_t>(item.id >> 32);
    w[kWords - 7] = Tail(item.id);
    w[kWords - 6] = item.h.dw3;
    w[kWords - 5] = item.h.dw2;
    w[kWords - 4] = item.h.dw1;
    w[kWords - 3] = item.h.dw0;
    w[kWords - 2] = item.h.pfx;
    w[kWords - 1] = item.h.pfx_valid;
  }

  template <class W>
  static Header HeaderOf(const W& w) {
    return {w[kWords - 1], w[kWords - 2], w[kWords - 3], w[kWords - 4], w[kWords - 5], w[kWords - 6]};
  }
};

// ---- random traffic
class Traffic {
 public:
  explicit Traffic(uint64_t seed) : rng_(seed * 0x9e3779b97f4a7c15ull + 1) {}

  uint64_t Below(uint64_t n) { return rng_() % n; }
  bool Percent(unsigned p) { return Below(100) < p; }

  // Any packet that port `in` may see; `hot` is a downstream port that much of the traffic is for.
  Header Packet(unsigned in, unsigned hot) {
    Header h;
    const unsigned d = Percent(40) ? hot : static_cast<unsigned>(Below(kDown));
    const unsigned self = in == 0 ? 0 : in - 1;
    const unsigned n = number_[in]++;  // function and tag: no two open requests have both
    const uint16_t rid = static_cast<uint16_t>((in == 0 ? 0 : FirstBus(self) << 8) | (n >> 8 & 7));
    const uint32_t attr = static_cast<uint32_t>(Below(2) << 13 | Below(2) << 18);
    const uint32_t tc = static_cast<uint32_t>(Below(8) << 20);
    const uint32_t tag = (n & 255) << 8;
    const unsigned pick = static_cast<unsigned>(Below(100));
    if (pick < 55) {  // memory
      uint64_t addr = Percent(50) ? 0x50000000 + (uint64_t{d} << 16) + (Below(0x10000) & ~3ull)
                                  : 0x4000000000 + (uint64_t{d} << 30) + (Below(1u << 30) & ~3ull);
      if (Percent(in == 0 ? 5 : 60)) addr = Below(2) ? 0x80000000 + (Below(1u << 30) & ~3ull) : 0x100000000 + (Below(1u << 30) & ~3ull);
      const bool wide = addr >> 32 != 0;
      static constexpr uint32_t kKinds[] = {0x00, 0x00, 0x40, 0x40, 0x40, 0x4c, 0x4d, 0x4e};
      const uint32_t kind = kKinds[Below(8)];
      const uint32_t at = in == 0 || kind >= 0x4c ? 0 : static_cast<uint32_t>(Below(4) ? Below(2) * 2 : kind == 0x00);
      const uint32_t len = kind == 0x4c || kind == 0x4d ? 1 + static_cast<uint32_t>(Below(2)) : kind == 0x4e ? 2 : 1 + static_cast<uint32_t>(Below(16));
      h.dw0 = (kind | (wide ? 0x20u : 0u)) << 24 | tc | attr | at << 10 | len;
      h.dw1 = uint32_t{rid} << 16 | tag | static_cast<uint32_t>(Below(16)) | (len > 1 ? static_cast<uint32_t>(1 + Below(15)) << 4 : 0);
      h.dw2 = wide ? static_cast<uint32_t>(addr >> 32) : static_cast<uint32_t>(addr);
      h.dw3 = wide ? static_cast<uint32_t>(addr) : 0;
      if (Percent(20)) {
        h.pfx_valid = 1;
        h.pfx = 0x91000000u | static_cast<uint32_t>(Below(1 << 20));
      }
    } else if (pick < 75) {  // completions
      const uint32_t to = in == 0 || Percent(30) ? FirstBus(d) << 8 : 0;
      h.dw0 = (Below(2) ? 0x4a000001u : 0x0a000000u) | tc | attr;
      h.dw1 = uint32_t{rid} << 16 | static_cast<uint32_t>(Below(3) << 13) | 4;
      h.dw2 = to << 16 | tag;
    } else if (pick < 90) {  // messages
      const uint32_t to = in == 0 || Percent(20) ? FirstBus(d) << 8 : 0;
      static constexpr uint32_t kKinds[] = {0x32, 0x72, 0x72, 0x32, 0x30, 0x30, 0x33, 0x34, 0x31};
      const uint32_t kind = kKinds[Below(in == 0 || Percent(20) ? 9 : 6)];
      h.dw0 = kind << 24 | tc | (kind & 0x40 ? 2 : 0);
      const uint32_t code = kind == 0x30 && Percent(50) ? 0x30 + static_cast<uint32_t>(Below(4)) : static_cast<uint32_t>(Below(6));
      h.dw1 = uint32_t{rid} << 16 | tag | code;
      h.dw2 = to << 16;
      h.dw3 = static_cast<uint32_t>(rng_());
    } else if (pick < 98) {  // configuration
      const bool own = Percent(30);  // for a port of the switch
      const uint32_t bus = own ? 2 : Percent(10) ? static_cast<uint32_t>(Below(kDown + 8)) : FirstBus(d) + (Percent(20) ? 1 : 0);
      h.dw0 = (Percent(90) ? 5u : 4u) << 24 | static_cast<uint32_t>(Below(2)) << 30 | (Percent(5) ? 1u << 14 : 0) | 1;
      h.dw1 = uint32_t{rid} << 16 | tag | 0xf;
      h.dw2 = bus << 24 | static_cast<uint32_t>(own || Percent(10) ? Below(32) : 0) << 19 | static_cast<uint32_t>(Percent(5) ? Below(8) : 0) << 16 | static_cast<uint32_t>(Below(1024)) << 2;
    } else {  // nonsense, and requester IDs that are somebody else's
      h.dw0 = Percent(50) ? static_cast<uint32_t>(0x1f000000) : 0x40000001 | tc;
      h.dw1 = static_cast<uint32_t>(Below(kDown + 6)) << 24 | tag | 0xf;
      h.dw2 = 0x80000000;
    }
    return h;
  }

 private:
  std::mt19937_64 rng_;
  std::array<unsigned, kPorts> number_{};
};

struct RunResult {
  std::vector<std::string> faults;
  uint64_t delivered, refused, worst_latency;
  unsigned worst_overtaken;
};

// One seed: loads, hot spots, access control, credits that come, go and stay away, and links that fail, all at random.
inline RunResult RandomRun(uint64_t seed, uint64_t cycles, const std::string& mutant = "") {
  Bench b(mutant);
  Traffic t(seed);
  for (unsigned p = 1; p < kPorts; ++p) b.acs[p] = static_cast<unsigned>(t.Percent(60) ? kSource | kRequest | kCompletion : t.Below(32));
  std::array<unsigned, kPorts> load{}, open[3];
  std::array<uint64_t, kPorts> shut{};  // until then the port takes only what `mask` says
  std::array<unsigned, kPorts> mask{};
  unsigned hot = 0;
  for (auto& o : open) o.fill(100);
  for (uint64_t n = 0; n < cycles && b.model.faults.empty(); ++n) {
    if (n % 512 == 0) {
      hot = static_cast<unsigned>(t.Below(kDown));
      for (unsigned p = 0; p < kPorts; ++p) {
        load[p] = static_cast<unsigned>(t.Percent(20) ? 0 : t.Below(p == 0 ? 101 : t.Percent(50) ? 15 : 101));
        const unsigned common = static_cast<unsigned>(t.Percent(50) ? 100 : 5 + t.Below(95));
        for (auto& o : open) o[p] = t.Percent(20) ? static_cast<unsigned>(5 + t.Below(95)) : common;
      }
      b.gates = Gates();
      if (t.Percent(20)) b.gates.mem_en &= ~(1u << t.Below(kPorts));
      if (t.Percent(20)) b.gates.bme &= ~(1u << t.Below(kPorts));
      b.gates.messages = !t.Percent(20);
      if (t.Percent(15)) b.SetUp(((1u << kPorts) - 1) & ~(1u << t.Below(kPorts)));
      else if (t.Percent(50)) b.SetUp((1u << kPorts) - 1);
    }
    for (unsigned p = 0; p < kPorts; ++p) {
      if (shut[p] <= n && t.Below(2000) == 0) {
        shut[p] = n + t.Below(400);
        mask[p] = static_cast<unsigned>(t.Below(8));
      }
      unsigned r = 0;
      for (unsigned c = 0; c < 3; ++c) r |= static_cast<unsigned>(open[c][p] == 100 || t.Percent(open[c][p])) << c;
      b.ready[p] = shut[p] > n ? r & mask[p] : r;
      if (b.Waiting(p) < 12 && load[p] && t.Percent(load[p])) b.Offer(p, t.Packet(p, hot));
    }
    if (b.inject.empty() && t.Below(50) == 0) {
      const bool msi = t.Below(2);
      b.inject.push_back({0, 0, msi ? 0x40000001u : 0x30000000u, uint32_t{0x0200} << 16 | (msi ? 0x0f : 0x31), msi ? 0xfee00000u : 0, static_cast<uint32_t>(t.Below(1u << 31))});
    }
    b.Cycle();
  }
  if (b.model.faults.empty()) {
    b.ready.fill(7);
    for (unsigned n = 0; n < 1000 && !b.SetUp((1u << kPorts) - 1); ++n) b.Cycle();
    for (unsigned n = 0; n < 1000 && !b.inject.empty(); ++n) b.Cycle();
    if (!b.inject.empty()) b.model.Fault("a packet of the ports themselves starves");
    if (!b.Drain()) b.model.Fault("packets are left that never leave");
    for (unsigned p = 0; p < kPorts; ++p)
      if (b.model.faults.empty() && b.ClassReady(p) != 7) b.model.Fault("port " + std::to_string(p) + " is empty and has no credit");
    b.Cycle();
    if (b.model.faults.empty() && !b.quiet()) b.model.Fault("empty and not quiet");
  }
  return {b.model.faults, b.model.delivered, b.model.refused, b.model.worst_latency, b.model.worst_overtaken};
}

}  // namespace sw

#endif  // ATCBENCH_TB_UNIT_PCIE_SWITCH_BENCH_H_
