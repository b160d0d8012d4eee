// SPDX-License-Identifier: Apache-2.0
//
// Root complex, links, switch and two endpoints (pcie_fabric_tb) as a CPU and the SMMU's invalidation side see them.

#ifndef ATCBENCH_TB_UNIT_PCIE_FABRIC_BENCH_H_
#define ATCBENCH_TB_UNIT_PCIE_FABRIC_BENCH_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

#include "Vpcie_fabric_tb.h"

namespace fabric {

enum Topology { kRootPorts, kSwitch };

constexpr uint32_t kCommand = 0x04, kBar0 = 0x10;
constexpr uint32_t kFaultCtrl = 0x100, kFaultDelay = 0x104, kNeverAnswer = 1u << 0, kNoCredit = 1u << 20;
constexpr unsigned kLatency = 50;

struct Answer {
  bool error;
  uint32_t data;
  uint64_t cycles;
};

class Bench {
 public:
  explicit Bench(Topology topology) : first_bus_(topology == kSwitch ? 3 : 1) {
    top_.sel_i = topology == kSwitch;
    top_.latency_i = kLatency;
    top_.present_i = 3;
    top_.rst_ni = 0;
    top_.eval();
    Edge();
    top_.rst_ni = 1;
    for (unsigned d = 0; d < 2; ++d) {
      EXPECT_FALSE(Write(Config(d, kBar0), Bar(d)).error);
      EXPECT_FALSE(Write(Config(d, kCommand), 0x6).error);
    }
  }

  uint64_t now() const { return now_; }
  uint32_t Config(unsigned d, uint32_t reg, unsigned device = 0) const {
    return 0x40000000 + ((first_bus_ + d) << 20) + (device << 15) + reg;
  }
  // Address of configuration space, and of BAR0 of device d: bridges have windows of whole megabytes.
  static uint32_t Ecam(unsigned bus, unsigned device, unsigned function, uint32_t reg) {
    return 0x40000000 + (bus << 20) + (device << 15) + (function << 12) + reg;
  }
  uint32_t Bar(unsigned d) const { return 0x50000000 + (first_bus_ == 3 ? d << 20 : d << 16); }
  uint16_t Rid(unsigned d) const { return static_cast<uint16_t>((first_bus_ + d) << 8); }
  void Present(unsigned mask) { top_.present_i = static_cast<uint8_t>(mask); }

  Answer Write(uint32_t addr, uint32_t data) { return Access(true, addr, data); }
  Answer Read(uint32_t addr) { return Access(false, addr, 0); }

  // Cycles until the root complex takes it; nothing if it does not.
  std::optional<uint64_t> Send(unsigned d, unsigned itag, uint64_t limit = 100) {
    top_.inv_valid_i = static_cast<uint8_t>(1u << d);
    top_.inv_itag_i = static_cast<uint8_t>(itag);
    const uint64_t start = now_;
    std::optional<uint64_t> taken;
    while (!taken && now_ - start < limit) {
      Look();
      if (top_.inv_ready_o >> d & 1) taken = now_ - start;
      Edge();
    }
    top_.inv_valid_i = 0;
    return taken;
  }
  // Cycles until the completion of that tag; nothing if it does not come.
  std::optional<uint64_t> Complete(unsigned d, unsigned itag, uint64_t limit) {
    const uint64_t start = now_;
    while (now_ - start < limit) {
      if (completed_[d] >> itag & 1) return now_ - start;
      Cycle();
    }
    return std::nullopt;
  }
  bool refused(unsigned d, unsigned itag) const { return refused_[d] >> itag & 1; }
  void Run(uint64_t cycles) {
    while (cycles--) Cycle();
  }

 private:
  Vpcie_fabric_tb top_;
  unsigned first_bus_;
  uint64_t now_ = 0;
  uint32_t completed_[2] = {}, refused_[2] = {};

  void Look() {
    top_.now_i = now_;
    top_.clk_i = 0;
    top_.eval();
    for (unsigned d = 0; d < 2; ++d) {
      if (top_.cpl_valid_o && top_.cpl_rid_o == Rid(d)) completed_[d] |= top_.cpl_itags_o;
      if (top_.ur_valid_o && top_.ur_rid_o == Rid(d)) refused_[d] |= 1u << top_.ur_itag_o;
    }
  }
  void Edge() {
    top_.clk_i = 1;
    top_.eval();
    ++now_;
  }
  void Cycle() {
    Look();
    Edge();
  }
  Answer Access(bool write, uint32_t addr, uint32_t data) {
    top_.addr_i = addr;
    top_.wdata_i = data;
    (write ? top_.write_i : top_.read_i) = 1;
    const uint64_t start = now_;
    bool taken = false;
    for (;;) {
      Look();
      if (taken && top_.done_o) break;
      const bool take = !taken && top_.taken_o;
      if (now_ - start > 20000) {
        ADD_FAILURE() << "no answer to " << std::hex << addr;
        break;
      }
      Edge();
      if (take) {
        taken = true;
        top_.write_i = top_.read_i = 0;
      }
    }
    const Answer a{top_.error_o != 0, top_.rdata_o, now_ - start};
    Edge();
    return a;
  }
};

}  // namespace fabric

#endif  // ATCBENCH_TB_UNIT_PCIE_FABRIC_BENCH_H_
