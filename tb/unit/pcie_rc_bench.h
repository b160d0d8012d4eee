// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc with two ports between a link model, an SMMU model, a memory and a CPU. Nothing here times out: tests step
// the clock and look at the logs.

#ifndef ATCBENCH_TB_UNIT_PCIE_RC_BENCH_H_
#define ATCBENCH_TB_UNIT_PCIE_RC_BENCH_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "../../sw/include/port_cfg.h"
#ifndef ATC_RC_DUT
#include "Vpcie_rc_tb.h"
#define ATC_RC_DUT Vpcie_rc_tb
#endif
#include "tlp.h"

namespace tb {

constexpr std::array<uint16_t, 2> kRid = {0x100, 0x200};
constexpr unsigned kOkay = 0, kSlverr = 2;
constexpr uint64_t kNever = (uint64_t{1} << 48) - 1;
enum Xlat { kXlatOk = 0, kXlatAbort = 1, kXlatUr = 2, kXlatCa = 3 };
enum Done { kDoneWrite = 0, kDoneRead = 1, kDoneXlat = 2, kDoneAbort = 3 };

struct TbuRequest {
  uint64_t cycle;
  unsigned port;
  uint32_t sid;
  bool ssv;
  uint32_t ssid;
  bool priv, exec;
  unsigned at;
  bool write, nw;
  uint64_t addr;
  unsigned num;  // translations asked for, minus one
};
struct TbuAnswer {
  unsigned status = kXlatOk;
  uint64_t pa = 0, entry = 0;
  bool colour = false;
  std::vector<uint64_t> further = {};  // entries after the first
};

struct AxiBurst {
  uint64_t cycle;
  unsigned id;
  uint64_t addr;
  unsigned beats;
  uint32_t user;
};

class RcBench {
 public:
  RcBench() {
    top_.cfg_timeout_i = 1000;
    top_.train_i = 100;
    top_.present_i = top_.line_i = 3;
    top_.rst_ni = 0;
    Edge();
    Edge();
    top_.rst_ni = 1;
    // Max_Payload_Size: what the build carries
    for (int p = 0; kPayload > 128 && p < 2; ++p)
      PortWrite(p, PORT_DEVCTL_DEVSTA, PORT_DEVCTL_DEVSTA_RO_EN | 1 << PORT_DEVCTL_DEVSTA_MPS_SHIFT, 0x1);
  }

  // ---- what the test sets
  std::array<std::deque<Tlp>, 2> rx;               // upstream, oldest first
  std::array<unsigned, 2> tx_classes = {7, 7};     // classes the link takes
  std::array<bool, 2> link_up = {true, true};      // the line works
  std::array<bool, 2> present = {true, true};
  unsigned inv_timeout = 0;                        // ports, for the next cycle
  struct Straps {
    bool surprise = false, rrs_retry = false, flr_snoop = false;
    unsigned iso_mode = 0;
  } straps;
  std::function<TbuAnswer(const TbuRequest&)> translate = [](const TbuRequest& r) {
    return TbuAnswer{kXlatOk, r.addr & 0xffffffffffff, 0, false};
  };
  unsigned xlat_latency = 3;
  unsigned b_latency = 10, r_latency = 10;
  std::array<bool, 2> hold_b = {false, false}, hold_r = {false, false};
  unsigned stall = 0;                              // of 8: how often an AXI or SMMU ready is low
  bool axi_stall = false;                          // AXI takes neither addresses nor data
  bool shuffle = false;                            // responses of different ports in random order
  std::mt19937 rng{1};
  std::map<uint64_t, uint8_t> memory;
  std::function<bool(uint64_t)> bad_address = [](uint64_t) { return false; };
  struct Inv {
    uint16_t rid;
    unsigned itag;
    bool ssv;
    uint32_t ssid;
    uint64_t payload;
  };
  std::array<bool, 2> inv_valid{};
  Inv inv{};
  struct Page {
    uint16_t rid;
    bool ssv;
    uint32_t ssid;
    bool priv, exec, r, w, last;
    unsigned prgi;
    uint64_t page;
  };
  struct Prg {
    uint16_t rid;
    bool ssv;
    uint32_t ssid;
    unsigned prgi, code;
  };
  bool pri_ready = true;         // the SMMU takes Page Requests
  std::deque<Prg> prg;           // responses to send, one a cycle

  // ---- what it looks at
  uint64_t now = 0;
  struct Sent {
    uint64_t cycle;
    Tlp tlp;
  };
  std::array<std::vector<Sent>, 2> tx;
  std::vector<TbuRequest> asked;
  std::vector<AxiBurst> writes, reads;
  struct InvCpl {
    uint64_t cycle;
    uint16_t rid;
    uint32_t itags;
    unsigned cc;
  };
  std::vector<InvCpl> inv_cpl;
  struct InvUr {
    uint64_t cycle;
    uint16_t rid;
    unsigned itag;
  };
  std::vector<InvUr> inv_ur;
  std::vector<Page> pages;       // Page Requests that the SMMU took
  unsigned prg_drops = 0;
  std::array<std::array<unsigned, 2>, 4> done{};   // by kind and colour
  std::array<bool, 2> inv_taken{};                 // in the last cycle
  std::array<unsigned, 2> rx_taken{};
  std::array<uint64_t, 2> b_given{}, b_last{};     // responses, and the cycle of the last
  bool quiet = false;
  uint64_t deadline = 0;
  unsigned link_state() const { return top_.link_up_o; }

  // ---- CPU
  struct Bus {
    bool write;
    uint32_t addr, data;
    unsigned strb;
  };
  struct BusDone {
    uint64_t start, cycle;
    unsigned resp;
    uint32_t data;
  };
  std::optional<Bus> bus;          // put here; gone when the response has come
  std::vector<BusDone> bus_done;

  void Run(unsigned cycles) {
    for (unsigned i = 0; i < cycles; ++i) Tick();
  }
  template <typename F>
  bool Until(F f, unsigned limit = 5000) {
    for (unsigned i = 0; i < limit; ++i) {
      if (f()) return true;
      Tick();
    }
    return f();
  }
  bool BusAccess(const Bus& b, unsigned limit = 5000) {
    bus = b;
    return Until([this] { return !bus; }, limit);
  }

  // Configuration space of a root port: bus 0, device `port`.
  uint32_t PortRead(int port, unsigned offset) {
    EXPECT_TRUE(BusAccess({false, 0x40000000u + (static_cast<unsigned>(port) << 15) + offset, 0, 0xf}, 20));
    EXPECT_EQ(bus_done.back().resp, 0u);
    return bus_done.back().data;
  }
  void PortWrite(int port, unsigned offset, uint32_t value, unsigned strb = 0xf) {
    EXPECT_TRUE(BusAccess({true, 0x40000000u + (static_cast<unsigned>(port) << 15) + offset, value, strb}, 20));
    EXPECT_EQ(bus_done.back().resp, 0u);
  }
  void PortSet(int port, unsigned offset, uint32_t bits) { PortWrite(port, offset, PortRead(port, offset) | bits); }

  void Tick() {
    Drive();
    top_.rx_valid_i = 0;
    top_.clk_i = 0;
    top_.eval();
    OfferUpstream();
    top_.eval();
    Sample();
    Edge();
    ++now;
  }

 private:
  struct Write {
    unsigned id;
    uint64_t addr;
    unsigned beats;
    bool err;
  };
  struct Response {
    uint64_t at;
    unsigned id;
    std::vector<std::array<uint32_t, 4>> beats;   // reads
    bool err = false;
  };

  bool Ready() { return stall == 0 || rng() % 8 >= stall; }

  void Drive() {
    top_.now_i = now;
    top_.line_i = static_cast<uint8_t>(link_up[0] | link_up[1] << 1);
    top_.present_i = static_cast<uint8_t>(present[0] | present[1] << 1);
    top_.inv_timeout_i = static_cast<uint8_t>(inv_timeout);
    inv_timeout = 0;
    top_.surprise_i = straps.surprise;
    top_.rrs_retry_i = straps.rrs_retry;
    top_.flr_snoop_i = straps.flr_snoop;
    top_.iso_mode_i = static_cast<uint8_t>(straps.iso_mode);
    top_.tx_ready_i = static_cast<uint8_t>((tx_classes[0] != 0) | (tx_classes[1] != 0) << 1);
    top_.tx0_class_ready_i = static_cast<uint8_t>(tx_classes[0]);
    top_.tx1_class_ready_i = static_cast<uint8_t>(tx_classes[1]);
    top_.inv_req_valid_i = static_cast<uint8_t>(inv_valid[0] | inv_valid[1] << 1);
    top_.inv_rid_i = inv.rid;
    top_.inv_itag_i = static_cast<uint8_t>(inv.itag);
    top_.inv_ssv_i = inv.ssv;
    top_.inv_ssid_i = inv.ssid;
    top_.inv_payload_i = inv.payload;
    top_.pri_ready_i = pri_ready && Ready();
    top_.prg_valid_i = !prg.empty();
    if (!prg.empty()) {
      top_.prg_rid_i = prg.front().rid;
      top_.prg_ssv_i = prg.front().ssv;
      top_.prg_ssid_i = prg.front().ssid;
      top_.prg_prgi_i = static_cast<uint16_t>(prg.front().prgi);
      top_.prg_code_i = static_cast<uint8_t>(prg.front().code);
    }
    // SMMU
    top_.tbu_req_ready_i = Ready();
    top_.tbu_rsp_valid_i = 0;
    rsp_ = answers_.end();
    std::vector<size_t> due;
    for (size_t i = 0; i < answers_.size(); ++i) if (answers_[i].at <= now) due.push_back(i);
    if (!due.empty()) {
      rsp_ = answers_.begin() + static_cast<long>(due[shuffle ? rng() % due.size() : 0]);
      top_.tbu_rsp_valid_i = 1;
      top_.tbu_rsp_port_i = static_cast<uint8_t>(rsp_->port);
      top_.tbu_rsp_status_i = static_cast<uint8_t>(rsp_->answer.status);
      top_.tbu_rsp_pa_i = rsp_->answer.pa;
      top_.tbu_rsp_entry_i = rsp_->answer.entry;
      top_.tbu_rsp_colour_i = rsp_->answer.colour;
      top_.tbu_rsp_more_i = !rsp_->answer.further.empty();
    }
    // AXI
    top_.dma_awready_i = !axi_stall && Ready();
    top_.dma_wready_i = !axi_stall && Ready();
    top_.dma_arready_i = !axi_stall && Ready();
    b_port_ = Pick(b_queue_, hold_b);
    top_.dma_bvalid_i = b_port_ >= 0;
    if (b_port_ >= 0) {
      top_.dma_bid_i = static_cast<uint8_t>(b_port_);
      top_.dma_bresp_i = 0;
    }
    r_port_ = Pick(r_queue_, hold_r);
    top_.dma_rvalid_i = r_port_ >= 0;
    if (r_port_ >= 0) {
      const Response& r = r_queue_[r_port_].front();
      top_.dma_rid_i = static_cast<uint8_t>(r_port_);
      for (int i = 0; i < 4; ++i) top_.dma_rdata_i[i] = r.beats.front()[i];
      top_.dma_rresp_i = r.err ? 2 : 0;
      top_.dma_rlast_i = r.beats.size() == 1;
    }
    // CPU: address and data are held until taken
    const bool fresh = bus && !bus_taken_;
    top_.pci_awvalid_i = top_.pci_wvalid_i = fresh && bus->write;
    top_.pci_arvalid_i = fresh && !bus->write;
    if (bus) {
      top_.pci_awaddr_i = top_.pci_araddr_i = bus->addr;
      top_.pci_wdata_i = bus->data;
      top_.pci_wstrb_i = static_cast<uint8_t>(bus->strb);
    }
    top_.pci_bready_i = 1;
    top_.pci_rready_i = 1;
  }

  int Pick(const std::array<std::deque<Response>, 2>& queues, const std::array<bool, 2>& hold) {
    std::vector<int> due;
    for (int p = 0; p < 2; ++p) {
      if (!queues[p].empty() && queues[p].front().at <= now && !hold[p]) due.push_back(p);
    }
    if (due.empty()) return -1;
    return due[shuffle ? rng() % due.size() : 0];
  }

  // The link's rule: the oldest packet of a class that would be taken, none past an older posted packet but posted.
  void OfferUpstream() {
    const std::array<unsigned, 2> classes = {top_.rx0_class_ready_o, top_.rx1_class_ready_o};
    unsigned valid = 0;
    for (int p = 0; p < 2; ++p) {
      offered_[p] = -1;
      bool posted_before = false;
      for (size_t i = 0; i < rx[p].size() && offered_[p] < 0; ++i) {
        const int cls = rx[p][i].cls();
        if ((classes[p] >> cls & 1) && !posted_before) offered_[p] = static_cast<int>(i);
        posted_before = posted_before || cls == kPosted;
      }
      if (offered_[p] < 0) continue;
      valid |= 1u << p;
      if (p == 0) rx[p][offered_[p]].To(top_.rx0_i);
      else rx[p][offered_[p]].To(top_.rx1_i);
    }
    top_.rx_valid_i = static_cast<uint8_t>(valid);
  }

  void Sample() {
    quiet = top_.quiet_o;
    deadline = top_.next_deadline_o;
    for (int p = 0; p < 2; ++p) {
      if (offered_[p] >= 0 && (top_.rx_ready_o >> p & 1)) {
        rx[p].erase(rx[p].begin() + offered_[p]);
        ++rx_taken[p];
      }
      if (top_.tx_valid_o >> p & 1) {
        const Tlp t = p == 0 ? Tlp::From(top_.tx0_o) : Tlp::From(top_.tx1_o);
        EXPECT_TRUE(tx_classes[p] >> t.cls() & 1) << "sent without credit";
        tx[p].push_back({now, t});
      }
      inv_taken[p] = inv_valid[p] && (top_.inv_req_ready_o >> p & 1);
    }
    if (top_.inv_cpl_valid_o) inv_cpl.push_back({now, top_.inv_cpl_rid_o, top_.inv_cpl_itags_o, top_.inv_cpl_cc_o});
    if (top_.inv_ur_valid_o) inv_ur.push_back({now, top_.inv_ur_rid_o, top_.inv_ur_itag_o});
    if (top_.pri_valid_o && top_.pri_ready_i) {
      const unsigned f = top_.pri_flags_o;
      pages.push_back({top_.pri_rid_o, top_.pri_ssv_o != 0, top_.pri_ssid_o, (f >> 4 & 1) != 0, (f >> 3 & 1) != 0,
                       (f >> 2 & 1) != 0, (f >> 1 & 1) != 0, (f & 1) != 0, top_.pri_prgi_o, top_.pri_page_o});
    }
    prg_drops += top_.prg_drop_o;
    if (top_.prg_valid_i) {
      EXPECT_TRUE(top_.prg_ready_o) << "a response waits for no port";
      prg.pop_front();
    }
    for (int k = 0; k < 4; ++k) {
      if (top_.txn_done_o >> (2 * k + 1) & 1) ++done[k][top_.txn_done_o >> (2 * k) & 1];
    }
    if (top_.tbu_rsp_valid_i) {
      EXPECT_TRUE(top_.tbu_rsp_ready_o);
      if (rsp_->answer.further.empty()) {
        answers_.erase(rsp_);
      } else {
        rsp_->answer.entry = rsp_->answer.further.front();
        rsp_->answer.further.erase(rsp_->answer.further.begin());
        rsp_->at = now + 1 + rng() % 3;
      }
    }
    if (top_.tbu_req_valid_o) SampleAsk();
    SampleAxi();
    if (bus && (top_.pci_awready_o || top_.pci_arready_o)) {
      bus_taken_ = true;
      bus_start_ = now;
    }
    if (top_.pci_bvalid_o || top_.pci_rvalid_o) {
      EXPECT_TRUE(bus_taken_);
      bus_done.push_back({bus_start_, now, top_.pci_bvalid_o ? top_.pci_bresp_o : top_.pci_rresp_o, top_.pci_rdata_o});
      bus.reset();
      bus_taken_ = false;
    }
  }

  void SampleAsk() {
    TbuRequest r{now,
                 top_.tbu_req_port_o,
                 top_.tbu_req_sid_o,
                 top_.tbu_req_ssv_o != 0,
                 top_.tbu_req_ssid_o,
                 top_.tbu_req_priv_o != 0,
                 top_.tbu_req_exec_o != 0,
                 top_.tbu_req_at_o,
                 top_.tbu_req_write_o != 0,
                 top_.tbu_req_nw_o != 0,
                 top_.tbu_req_addr_o,
                 top_.tbu_req_num_o};
    if (held_ask_) {
      EXPECT_EQ(held_ask_->port, r.port) << "request changed while it waited";
      EXPECT_EQ(held_ask_->addr, r.addr);
    }
    held_ask_ = r;
    if (!top_.tbu_req_ready_i) return;
    held_ask_.reset();
    for (const auto& a : answers_) EXPECT_NE(a.port, r.port) << "two requests of one port";
    answers_.push_back({now + xlat_latency, r.port, translate(r)});
    asked.push_back(r);
  }

  void SampleAxi() {
    if (top_.dma_awvalid_o && top_.dma_awready_i) {
      writes.push_back({now, top_.dma_awid_o, top_.dma_awaddr_o, top_.dma_awlen_o + 1u, top_.dma_awuser_o});
      aw_.push_back({top_.dma_awid_o, top_.dma_awaddr_o, top_.dma_awlen_o + 1u, false});
      EXPECT_EQ(top_.dma_awaddr_o & 15, 0u);
    }
    if (top_.dma_wvalid_o && top_.dma_wready_i) {
      std::array<uint8_t, 16> bytes;
      for (int i = 0; i < 16; ++i) bytes[i] = static_cast<uint8_t>(top_.dma_wdata_o[i / 4] >> (i % 4 * 8));
      w_.push_back({bytes, static_cast<uint16_t>(top_.dma_wstrb_o), top_.dma_wlast_o != 0});
    }
    while (!aw_.empty() && w_.size() >= aw_.front().beats) {
      const Write a = aw_.front();
      aw_.pop_front();
      for (unsigned b = 0; b < a.beats; ++b) {
        const Beat beat = w_.front();
        w_.pop_front();
        EXPECT_EQ(beat.last, b + 1 == a.beats);
        for (unsigned i = 0; i < 16; ++i) {
          if (beat.strb >> i & 1) memory[a.addr + 16 * b + i] = beat.bytes[i];
        }
      }
      b_queue_[a.id].push_back({now + b_latency + (shuffle ? rng() % 40 : 0), a.id, {}, false});
    }
    if (b_port_ >= 0) {
      EXPECT_TRUE(top_.dma_bready_o);
      b_queue_[b_port_].pop_front();
      ++b_given[b_port_];
      b_last[b_port_] = now;
    }
    if (r_port_ >= 0) {
      EXPECT_TRUE(top_.dma_rready_o);
      auto& beats = r_queue_[r_port_].front().beats;
      beats.erase(beats.begin());
      if (beats.empty()) r_queue_[r_port_].pop_front();
    }
    if (top_.dma_arvalid_o && top_.dma_arready_i) {
      const AxiBurst burst{now, top_.dma_arid_o, top_.dma_araddr_o, top_.dma_arlen_o + 1u, top_.dma_aruser_o};
      reads.push_back(burst);
      Response r{now + r_latency + (shuffle ? rng() % 40 : 0), burst.id, {}, bad_address(burst.addr)};
      for (unsigned b = 0; b < burst.beats; ++b) {
        std::array<uint32_t, 4> words{};
        for (unsigned i = 0; i < 16; ++i) {
          auto it = memory.find(burst.addr + 16 * b + i);
          words[i / 4] |= uint32_t{it == memory.end() ? uint8_t{0} : it->second} << (i % 4 * 8);
        }
        r.beats.push_back(words);
      }
      r_queue_[burst.id].push_back(r);
    }
  }

  void Edge() {
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
  }

  struct Answer {
    uint64_t at;
    unsigned port;
    TbuAnswer answer;
  };
  struct Beat {
    std::array<uint8_t, 16> bytes;
    uint16_t strb;
    bool last;
  };

  ATC_RC_DUT top_;
  std::vector<Answer> answers_;
  std::vector<Answer>::iterator rsp_;
  std::optional<TbuRequest> held_ask_;
  std::deque<Write> aw_;
  std::deque<Beat> w_;
  std::array<std::deque<Response>, 2> b_queue_, r_queue_;
  int b_port_ = -1, r_port_ = -1;
  std::array<int, 2> offered_{-1, -1};
  bool bus_taken_ = false;
  uint64_t bus_start_ = 0;
};

inline Tlp Write(int port, uint64_t addr, unsigned dwords, uint8_t fill, At at = kUntranslated) {
  Tlp t = Memory(true, kRid[port], 0, addr, dwords, 0xf, 0xf, at);
  for (unsigned i = 0; i < 4 * dwords; ++i) t.data[i] = static_cast<uint8_t>(fill + i);
  return t;
}

}  // namespace tb

#endif  // ATCBENCH_TB_UNIT_PCIE_RC_BENCH_H_
