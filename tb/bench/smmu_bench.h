// SPDX-License-Identifier: Apache-2.0
//
// smmu_top with eight devices as the benches drive it: the harness's AXI memory, devices that answer invalidations after
// a fixed round trip, one device request a cycle, and the event log of the bound monitors.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "atcbench/axi_memory.h"
#include "atcbench/dram.h"
#include "atcbench/event_log.h"
#include "log_events.h"

namespace bench {

using atcbench::Addr;
using atcbench::Cycle;
using atcbench::Event;

constexpr unsigned kEps = 8;
constexpr unsigned kTags = 32;
constexpr Cycle kMemLatency = 40;
constexpr Addr kCmdq = 0x8000'0000, kEvtq = 0x8010'0000, kMsi = 0x8018'0000, kStrtab = 0x8020'0000,
               kCds = 0x8030'0000, kTables = 0x8040'0000;
constexpr unsigned kQueueLog2 = 12;
constexpr uint32_t kSmmuEn = 1, kEventqEn = 4, kCmdqEn = 8, kAtsChk = 16;
enum At : uint8_t { kUntranslated = 0, kTranslated = 2 };

struct Command {
  uint64_t dw0, dw1;
};
inline uint32_t Sid(unsigned dev) { return (dev + 1) << 8; }
inline Command AtcInv(unsigned dev, uint64_t addr = 0) { return {0x40 | uint64_t{Sid(dev)} << 32, addr & ~uint64_t{0xFFF}}; }
inline Command TlbiVa(uint64_t va, uint16_t asid = 1) { return {0x12 | uint64_t{asid} << 48, va & ~uint64_t{0xFFF}}; }
inline Command TlbiAll() { return {0x30, 0}; }
inline Command CfgiAll() { return {0x04, 31}; }
inline Command Sync() { return {0x46, 0}; }
inline Command SyncMsi(Addr addr, uint32_t data) { return {0x46 | 1 << 12 | uint64_t{data} << 32, addr}; }

struct DeviceRequest {
  unsigned port;
  At at;
  uint64_t addr;
};
struct DeviceResponse {
  Cycle cycle;
  unsigned port;
  unsigned status;
  uint64_t pa;
};

// `Top` is a Verilated smmu_bench_tb.
template <class Top>
class SmmuBench {
 public:
  explicit SmmuBench(Cycle mem_latency = kMemLatency)
      : memory_(dram_, {mem_latency, 64}), scope_(log) {
    rtt.fill(1);
    log.observe([this](const Event& e) { ++count[e.event]; });
    top.rst_ni = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.rst_ni = 1;
    top.eval();
  }
  ~SmmuBench() { top.final(); }

  // ---- one cycle
  void Cycle1() {
    memory_.drive(now, axi_in_);
    DriveAxi();
    DriveDevices();
    top.now_i = now;
    top.eval();
    Sample();
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    log.end_cycle(now);
    ++now;
  }
  void Run(Cycle cycles) {
    for (const Cycle end = now + cycles; now < end;) Cycle1();
  }
  template <typename F>
  bool Until(F done, Cycle limit = 100000) {
    const Cycle end = now + limit;
    while (!done()) {
      if (now >= end) {
        ADD_FAILURE() << "not reached within " << limit << " cycles";
        return false;
      }
      Cycle1();
    }
    return true;
  }

  // ---- registers; a call ends in the cycle after the answer
  void Write(uint32_t addr, uint64_t value, bool wide = false) {
    const bool high = (addr & 4) && !wide;
    top.reg_awaddr_i = addr;
    top.reg_wdata_i = high ? value << 32 : value;
    top.reg_wstrb_i = wide ? 0xFF : (high ? 0xF0 : 0x0F);
    top.reg_awvalid_i = top.reg_wvalid_i = 1;
    Cycle1();
    top.reg_awvalid_i = top.reg_wvalid_i = 0;
    Until([&] { return top.reg_bvalid_o; }, 16);
    Cycle1();
  }
  uint32_t Read(uint32_t addr) {
    top.reg_araddr_i = addr;
    top.reg_arvalid_i = 1;
    Cycle1();
    top.reg_arvalid_i = 0;
    top.eval();
    EXPECT_TRUE(top.reg_rvalid_o);
    const uint64_t v = top.reg_rdata_o;
    Cycle1();
    return static_cast<uint32_t>(v >> ((addr & 4) ? 32 : 0));
  }

  void Start(uint64_t threshold = 20000) {
    const uint32_t cr0 = kSmmuEn | kEventqEn | kCmdqEn | kAtsChk;
    Write(0x80, kStrtab, true);
    Write(0x88, 12);
    Write(0x90, kCmdq | kQueueLog2, true);
    Write(0xA0, kEvtq | 4, true);
    Write(0x2C, 2);
    Write(0x50, 5);
    Write(0xE00, threshold, true);
    Write(0x20, cr0);
    EXPECT_EQ(Read(0x24), cr0);
  }
  void Limit(unsigned dev, unsigned n) { Write(0xE20 + 4 * dev, n); }

  // ---- commands
  void Put(const std::vector<Command>& commands) {
    for (const Command& c : commands) {
      const Addr at = kCmdq + 16 * (prod & ((1u << kQueueLog2) - 1));
      dram_.write(at, c.dw0);
      dram_.write(at + 8, c.dw1);
      prod = (prod + 1) & ((2u << kQueueLog2) - 1);
    }
  }
  void Ring() { Write(0x98, prod); }
  void Issue(const std::vector<Command>& commands) {
    Put(commands);
    Ring();
  }
  uint32_t Cons() { return Read(0x9C) & 0xFFFFF; }
  // The same from the events, without a cycle: commands consumed so far are the index.
  uint32_t Rd() const { return static_cast<uint32_t>(count[EV_CMD_CONSUMED]) & ((2u << kQueueLog2) - 1); }
  void Acknowledge() { Write(0x64, Read(0x60)); }

  // ---- tables: one StreamID a device, one CD (ASID 1) and one stage-1 table for all
  void MakeTables() {
    for (unsigned d = 0; d < kEps; ++d) {
      const Addr ste = kStrtab + 64 * Sid(d);
      dram_.write<uint64_t>(ste, 1 | 5 << 1 | kCds);
      dram_.write<uint64_t>(ste + 8, uint64_t{1} << 28);  // EATS = 1
    }
    const uint64_t cd0 = 16 | uint64_t{1} << 30 | uint64_t{1} << 31 | uint64_t{5} << 32 | uint64_t{1} << 41 |
                         uint64_t{1} << 45 | uint64_t{1} << 46 | uint64_t{1} << 48;
    dram_.write<uint64_t>(kCds, cd0);
    dram_.write<uint64_t>(kCds + 8, kTables);
    next_table_ = kTables + 0x1000;
  }
  void Map(uint64_t va, uint64_t pa) {
    Addr table = kTables;
    for (int level = 0; level < 3; ++level) {
      const Addr at = table + 8 * ((va >> (39 - 9 * level)) & 511);
      if (!(dram_.read<uint64_t>(at) & 1)) {
        dram_.write<uint64_t>(at, next_table_ | 3);
        next_table_ += 0x1000;
      }
      table = dram_.read<uint64_t>(at) & 0xFFFF'FFFF'F000;
    }
    dram_.write<uint64_t>(table + 8 * ((va >> 12) & 511), pa | 3 | 1 << 6 | 1 << 10 | 1 << 11);
  }
  uint64_t Load(Addr addr) { return dram_.read<uint64_t>(addr); }
  void Store(Addr addr, uint64_t value) { dram_.write<uint64_t>(addr, value); }

  // ---- events
  std::vector<Event> All(uint16_t number) const {
    std::vector<Event> found;
    for (const Event& e : log.events())
      if (e.event == number) found.push_back(e);
    return found;
  }
  Cycle First(uint16_t number) const {
    const auto all = All(number);
    return all.empty() ? 0 : all.front().cycle;
  }
  Cycle Last(uint16_t number) const {
    const auto all = All(number);
    return all.empty() ? 0 : all.back().cycle;
  }

  Top top;
  atcbench::EventLog log;
  std::array<uint64_t, 256> count{};  // events so far, by number
  Cycle now = 0;
  uint32_t prod = 0;
  std::array<Cycle, kEps> rtt;  // from a request's hand-over to its completion; 0: dead
  std::deque<DeviceRequest> requests;
  std::vector<DeviceResponse> responses;
  std::vector<Cycle> accepted;   // device requests
  std::vector<Cycle> aw, ar;     // address handshakes of the SMMU's port
  std::vector<Cycle> irq_gerror;

 private:
  void DriveAxi() {
    top.tcu_arready_i = axi_in_.arready;
    top.tcu_awready_i = axi_in_.awready;
    top.tcu_wready_i = axi_in_.wready;
    top.tcu_rvalid_i = axi_in_.rvalid;
    top.tcu_rid_i = axi_in_.rid;
    top.tcu_rresp_i = axi_in_.rresp;
    top.tcu_rlast_i = axi_in_.rlast;
    for (unsigned w = 0; w < 4; ++w) top.tcu_rdata_i[w] = axi_in_.rdata[w];
    top.tcu_bvalid_i = axi_in_.bvalid;
    top.tcu_bid_i = axi_in_.bid;
    top.tcu_bresp_i = axi_in_.bresp;
  }
  void DriveDevices() {
    top.cpl_valid_i = 0;
    if (!completions_.empty() && completions_.begin()->first <= now) {
      const auto [dev, itag] = completions_.begin()->second;
      completions_.erase(completions_.begin());
      top.cpl_valid_i = 1;
      top.cpl_rid_i = static_cast<uint16_t>(Sid(dev));
      top.cpl_itags_i = 1u << itag;
    }
    top.tbu_valid_i = !requests.empty() && !open_[requests.front().port];
    if (top.tbu_valid_i) {
      const DeviceRequest& r = requests.front();
      top.tbu_port_i = static_cast<uint8_t>(r.port);
      top.tbu_sid_i = Sid(r.port);
      top.tbu_at_i = r.at;
      top.tbu_write_i = 1;
      top.tbu_addr_i = r.addr;
    }
    top.txn_done_valid_i = !done_.empty() && done_.front().first <= now;
    if (top.txn_done_valid_i) {
      top.txn_done_colour_i = done_.front().second;
      done_.pop_front();
    }
  }
  void Sample() {
    atcbench::AxiOut out;
    out.arvalid = top.tcu_arvalid_o;
    out.araddr = top.tcu_araddr_o;
    out.arid = top.tcu_arid_o;
    out.arlen = top.tcu_arlen_o;
    out.rready = top.tcu_rready_o;
    out.awvalid = top.tcu_awvalid_o;
    out.awaddr = top.tcu_awaddr_o;
    out.awid = top.tcu_awid_o;
    out.awlen = top.tcu_awlen_o;
    out.wvalid = top.tcu_wvalid_o;
    for (unsigned w = 0; w < 4; ++w) out.wdata[w] = top.tcu_wdata_o[w];
    out.wstrb = top.tcu_wstrb_o;
    out.wlast = top.tcu_wlast_o;
    out.bready = top.tcu_bready_o;
    memory_.observe(now, out, axi_in_);
    if (out.arvalid && axi_in_.arready) ar.push_back(now);
    if (out.awvalid && axi_in_.awready) aw.push_back(now);

    for (unsigned d = 0; d < kEps && top.inv_valid_o; ++d) {
      if (!(top.inv_valid_o >> d & 1)) continue;
      const unsigned itag = static_cast<unsigned>(top.inv_itag_o >> (5 * d)) & 31;
      if (rtt[d]) completions_.emplace(now + rtt[d], std::make_pair(d, itag));
    }
    if (top.tbu_valid_i && top.tbu_ready_o) {
      open_[requests.front().port] = true;
      requests.pop_front();
      accepted.push_back(now);
    }
    if (top.tbu_rsp_valid_o) {
      open_[top.tbu_rsp_port_o] = false;
      responses.push_back({now, top.tbu_rsp_port_o, top.tbu_rsp_status_o, top.tbu_rsp_pa_o});
      done_.emplace_back(now + 1, top.tbu_rsp_colour_o);
    }
    if (top.irq_gerror_o) irq_gerror.push_back(now);
  }

  atcbench::Dram dram_{0x8000'0000, 16 << 20};
  atcbench::AxiMemory memory_;
  atcbench::AxiIn axi_in_;
  atcbench::EventScope scope_;
  std::multimap<Cycle, std::pair<unsigned, unsigned>> completions_;  // due -> device, itag
  std::array<bool, kEps> open_{};
  std::deque<std::pair<Cycle, uint8_t>> done_;
  Addr next_table_ = kTables;
};

}  // namespace bench
