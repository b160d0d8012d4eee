// SPDX-License-Identifier: Apache-2.0
//
// Software, memory, devices and a log around smmu_top_tb, for the benches of the whole SMMU.

#ifndef ATCBENCH_TB_UNIT_SMMU_TOP_BENCH_H_
#define ATCBENCH_TB_UNIT_SMMU_TOP_BENCH_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace smmu_bench {

inline constexpr uint64_t kCmdq = 0x9000'0000, kEvtq = 0x8020'0000, kStrtab = 0x8030'0000,
                   kMsi = 0x8040'0000;
inline constexpr uint32_t kQs = 8;  // 256 commands, unless the bench says otherwise
inline constexpr uint64_t kCmdqStride = 0x100'0000;  // between the command queues
inline constexpr uint32_t kSmmuEn = 1, kEventqEn = 4, kCmdqEn = 8;
inline constexpr uint64_t kNever = ~uint64_t{0};

struct Command {
  uint64_t dw0, dw1;
};
inline Command AtcInv(int dev, uint64_t addr = 0, int size = 0) {
  return {0x40 | (static_cast<uint64_t>(dev + 1) << 40), addr | static_cast<uint64_t>(size)};
}
inline Command Sync(int cs = 0, uint64_t msi_addr = 0, uint32_t data = 0) {
  return {0x46u | (static_cast<uint64_t>(cs) << 12) | (uint64_t{data} << 32), msi_addr};
}
inline const Command kTlbiAll = {0x30, 0};
inline const Command kCfgiAll = {0x04, 31};
inline const Command kIllegal = {0xFF, 0};

// Queue 0 is CMDQ, n is ECMDQ n - 1; what is noted of queue n > 0 has n behind its name.
template <class Top>
class SmmuBench {
 public:
  explicit SmmuBench(unsigned seed = 1) : rng(seed) {
    top.rst_ni = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.rst_ni = 1;
    top.inv_ready_i = 3;
    top.eval();
  }

  // One cycle, or the jump that the idle rule allows.
  void Cycle() {
    DriveBus();
    top.now_i = now;
    top.eval();
    Sample();
    uint64_t step = 1;
    if (jump && top.quiet_o && !reg_busy) {
      uint64_t next = std::min<uint64_t>(top.next_deadline_o, harness_event);
      if (next == (uint64_t{1} << 48) - 1) next = kNever;
      next = std::min(next, BusEvent());
      if (next != kNever && next > now + 1) {
        step = next - now;
        ++jumps;
      }
    }
    top.step_i = step;
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    now += step;
  }
  void Cycles(uint64_t n) {
    for (const uint64_t end = now + n; now < end;) {
      harness_event = end;
      Cycle();
    }
    harness_event = kNever;
  }
  template <typename F>
  uint64_t Until(F done, uint64_t limit = 5000) {
    const uint64_t end = now + limit;
    harness_event = end;
    while (!done()) {
      if (now >= end) {
        ADD_FAILURE() << "not reached within " << limit << " cycles";
        break;
      }
      Cycle();
    }
    harness_event = kNever;
    return now;
  }

  void Write(uint32_t addr, uint64_t value, bool wide = false) {
    const bool high = (addr & 4) && !wide;
    top.reg_awaddr_i = addr;
    top.reg_wdata_i = high ? value << 32 : value;
    top.reg_wstrb_i = wide ? 0xFF : (high ? 0xF0 : 0x0F);
    top.reg_awvalid_i = top.reg_wvalid_i = 1;
    reg_busy = true;
    Cycle();
    top.reg_awvalid_i = top.reg_wvalid_i = 0;
    Cycle();
    reg_busy = false;
  }
  uint32_t Read(uint32_t addr) {
    top.reg_araddr_i = addr;
    top.reg_arvalid_i = 1;
    reg_busy = true;
    Cycle();
    top.reg_arvalid_i = 0;
    top.eval();
    EXPECT_TRUE(top.reg_rvalid_o);
    const uint64_t v = top.reg_rdata_o;
    Cycle();
    reg_busy = false;
    return static_cast<uint32_t>(v >> ((addr & 4) ? 32 : 0));
  }

  void Start(uint32_t cr0 = kCmdqEn | kEventqEn | kSmmuEn) {
    Write(0x80, kStrtab, true);
    Write(0x88, 10);  // 1024 STEs, all zero: not valid
    Write(0x90, kCmdq | qs, true);
    Write(0xA0, kEvtq | 4, true);
    Write(0x2C, 2);  // RECINVSID
    Write(0x50, 5);  // GERROR and EVENTQ interrupts
    Write(0x20, cr0);
    EXPECT_EQ(Read(0x24), cr0);
  }
  static uint64_t Slot(int q, uint32_t index) {
    return kCmdq + kCmdqStride * static_cast<uint64_t>(q) + 16 * uint64_t{index};
  }
  // Registers of an enhanced queue, two of them on the page.
  static uint32_t Ecmdq(int q) { return 0x20000 + 0x8000 * (static_cast<uint32_t>(q) - 1); }
  void StartEcmdq(int q) {
    Write(Ecmdq(q), Slot(q, 0) | qs, true);
    Write(Ecmdq(q) + 8, 0x8000'0000);
    EXPECT_EQ(Read(Ecmdq(q) + 12), 0x8000'0000u);
  }
  void Put(const std::vector<Command>& commands, int q = 0) {
    uint32_t& p = prods[static_cast<size_t>(q)];
    for (const Command& c : commands) {
      Store(Slot(q, p % (1u << qs)), c.dw0);
      Store(Slot(q, p % (1u << qs)) + 8, c.dw1);
      p = (p + 1) % (2u << qs);
    }
  }
  void Ring(int q = 0) {
    const uint32_t p = prods[static_cast<size_t>(q)];
    if (q == 0)
      Write(0x98, p);
    else
      Write(Ecmdq(q) + 8, 0x8000'0000 | errack[static_cast<size_t>(q)] << 23 | p);
  }
  void Run(const std::vector<Command>& commands, int q = 0) {
    Put(commands, q);
    Ring(q);
  }
  uint32_t Rd(int q = 0) const { return static_cast<uint32_t>(uint64_t{top.cons_of_o} >> 20 * q) & 0xFFFFF; }
  uint32_t Err() const { return top.cons_o >> 24; }
  bool Drained(int q = 0) const { return Rd(q) == prods[static_cast<size_t>(q)]; }
  bool Failed(int q = 0) const { return top.err_of_o >> q & 1; }
  void Ack() { Write(0x64, Read(0x60)); }
  // The error of an enhanced queue: its code; the queue goes on.
  uint32_t AckEcmdq(int q) {
    const uint32_t cons = Read(Ecmdq(q) + 12);
    errack[static_cast<size_t>(q)] = cons >> 23 & 1;
    Ring(q);
    return cons >> 24 & 7;
  }

  void Store(uint64_t addr, uint64_t v) { memory[addr] = v; }
  uint64_t Load(uint64_t addr) const {
    auto it = memory.find(addr);
    return it == memory.end() ? 0 : it->second;
  }

  Top top;
  std::mt19937 rng;
  uint64_t now = 0, latency = 10, jumps = 0, harness_event = kNever;
  uint32_t qs = kQs;
  std::array<uint32_t, 3> prods{}, errack{};
  uint32_t& prod = prods[0];
  int bus_percent = 100;     // how often the bus is ready
  int answer = 0;            // cycles after which a device answers; 0 = never
  std::set<int> dead;        // devices that never answer
  std::set<uint64_t> abort;  // addresses (16-byte aligned) whose access aborts
  bool jump = false, reg_busy = false;

  // What happened, with its cycle.
  std::vector<std::pair<uint64_t, std::string>> log;
  std::map<std::string, std::vector<uint64_t>> at;
  uint64_t transactions = 0;  // device transactions to send
  uint32_t tbu_sid = 0x100;
  uint64_t txn_delay = 20;  // from the translation answer to txn_done

 private:
  struct ReadBeat {
    uint64_t addr, due;
    bool last;
  };
  struct WriteBurst {
    uint64_t addr;
    int id, len;
  };
  struct WriteBeat {
    uint64_t lo, hi;
    uint32_t strobes;
  };
  struct Response {
    int id;
    uint64_t due;
    bool err;
  };

  void Note(const std::string& what, uint64_t detail = 0) {
    log.emplace_back(now, what + " " + std::to_string(detail));
    at[what].push_back(now);
  }
  bool Ready() { return bus_percent == 100 || static_cast<int>(rng() % 100) < bus_percent; }

  // The next cycle at which this side does something by itself.
  uint64_t BusEvent() const {
    uint64_t next = kNever;
    for (const auto& q : reads) {
      if (!q.empty()) next = std::min(next, std::max(q.front().due, now + 1));
    }
    for (const Response& r : responses) next = std::min(next, std::max(r.due, now + 1));
    for (const auto& c : completions) next = std::min(next, std::max(c.first, now + 1));
    for (const auto& d : txns) next = std::min(next, std::max(d.first, now + 1));
    if (transactions > 0 || top.tcu_arvalid_o || top.tcu_awvalid_o || top.tcu_wvalid_o)
      next = now + 1;
    return next;
  }

  void DriveBus() {
    top.tcu_arready_i = Ready();
    top.tcu_awready_i = Ready();
    top.tcu_wready_i = Ready();
    top.tcu_rvalid_i = 0;
    for (int i = 0; i < 16; ++i) {  // the IDs take turns
      const int id = (last_read_id + 1 + i) % 16;
      auto& q = reads[id];
      if (q.empty() || q.front().due > now || top.tcu_rvalid_i) continue;
      last_read_id = id;
      const ReadBeat b = q.front();
      q.pop_front();
      top.tcu_rvalid_i = 1;
      top.tcu_rid_i = static_cast<CData>(id);
      top.tcu_rdata_lo_i = Load(b.addr);
      top.tcu_rdata_hi_i = Load(b.addr + 8);
      top.tcu_rresp_i = abort.count(b.addr) ? 2 : 0;
      top.tcu_rlast_i = b.last;
    }
    top.tcu_bvalid_i = 0;
    for (size_t i = 0; i < responses.size(); ++i) {
      if (responses[i].due > now) continue;
      top.tcu_bvalid_i = 1;
      top.tcu_bid_i = static_cast<CData>(responses[i].id);
      top.tcu_bresp_i = responses[i].err ? 2 : 0;
      responses.erase(responses.begin() + static_cast<long>(i));
      break;
    }
    top.cpl_valid_i = 0;
    if (!completions.empty() && completions.begin()->first <= now) {
      const auto [dev, itag] = completions.begin()->second;
      completions.erase(completions.begin());
      top.cpl_valid_i = 1;
      top.cpl_rid_i = static_cast<SData>((dev + 1) << 8);
      top.cpl_itags_i = 1u << itag;
      Note("cpl", static_cast<uint64_t>(dev * 100 + itag));
    }
    top.tbu_valid_i = transactions > 0 && !tbu_open;
    top.tbu_sid_i = tbu_sid;
    top.tbu_addr_i = 0x1000 * transactions;
    top.txn_done_valid_i = 0;
    if (!txns.empty() && txns.begin()->first <= now) {
      top.txn_done_valid_i = 1;
      top.txn_done_colour_i = txns.begin()->second;
      txns.erase(txns.begin());
      Note("txn_done");
    }
  }

  void Sample() {
    if (top.tcu_arvalid_o && top.tcu_arready_i) {
      Note("ar", top.tcu_arid_o);
      auto& q = reads[top.tcu_arid_o];
      const uint64_t due = std::max(now + latency, q.empty() ? 0 : q.back().due + 1);
      for (int i = 0; i <= top.tcu_arlen_o; ++i) {
        q.push_back({top.tcu_araddr_o + 16u * static_cast<uint64_t>(i),
                     due + static_cast<uint64_t>(i), i == top.tcu_arlen_o});
      }
    }
    if (top.tcu_awvalid_o && top.tcu_awready_i) {
      Note("aw", top.tcu_awaddr_o);
      bursts.push_back({top.tcu_awaddr_o, top.tcu_awid_o, top.tcu_awlen_o});
    }
    if (top.tcu_wvalid_o && top.tcu_wready_i)
      beats.push_back({top.tcu_wdata_lo_o, top.tcu_wdata_hi_o, top.tcu_wstrb_o});
    while (!bursts.empty() && static_cast<int>(beats.size()) > bursts.front().len) {
      const WriteBurst w = bursts.front();
      const bool err = abort.count(w.addr & ~uint64_t{15}) != 0;
      for (int i = 0; i <= w.len; ++i) {
        if (!err)
          StoreBeat((w.addr & ~uint64_t{15}) + 16u * static_cast<uint64_t>(i), beats.front());
        beats.pop_front();
      }
      responses.push_back({w.id, now + latency, err});
      bursts.pop_front();
    }
    for (int dev = 0; dev < 2; ++dev) {
      if (!((top.inv_valid_o & top.inv_ready_i) >> dev & 1)) continue;
      const int itag = dev ? top.inv_itag1_o : top.inv_itag0_o;
      Note("inv", static_cast<uint64_t>(dev * 100 + itag));
      if (answer && !dead.count(dev)) {
        uint64_t due = now + static_cast<uint64_t>(answer);
        while (completions.count(due)) ++due;
        completions[due] = {dev, itag};
      }
    }
    if (top.tbu_valid_i && top.tbu_ready_o) {
      tbu_open = true;
      --transactions;
      Note("tbu");
    }
    if (top.tbu_rsp_valid_o) {
      tbu_open = false;
      uint64_t due = now + txn_delay;
      while (txns.count(due)) ++due;
      txns[due] = top.tbu_rsp_colour_o;
      Note("rsp", top.tbu_rsp_status_o);
    }
    if (top.irq_gerror_o) Note("irq_gerror");
    if (top.irq_evtq_o) Note("irq_evtq");
    if (top.irq_sync_o) Note("irq_sync");
    if (top.irq_priq_o) Note("irq_priq");
    if (top.irq_pmcg_o) Note("irq_pmcg");
    if (top.prg_valid_o)
      Note("prg", uint64_t{top.prg_rid_o} << 16 | static_cast<uint64_t>(top.prg_prgi_o << 4) | top.prg_code_o);
    if (top.sev_o) Note("sev");
    for (int q = 0; q < 3; ++q) {
      const std::string tail = q ? std::to_string(q) : "";
      if (top.consume_o >> q & 1) Note("consume" + tail, Rd(q));
      if (top.atc_alloc_o >> q & 1) Note("alloc" + tail);
      const bool sync = top.sync_valid_o >> q & 1;
      if (sync && !sync_seen[q]) Note("sync_start" + tail);
      sync_seen[q] = sync;
      const bool failed = Failed(q);
      if (q && failed && !err_seen[q]) Note("error" + tail);
      err_seen[q] = failed;
      const bool late = top.timed_out_o >> q & 1;
      if (late && !timed_out_seen[q]) Note("timed_out" + tail);
      timed_out_seen[q] = late;
    }
    if (top.cons_o != cons_seen) Note("cons", cons_seen = top.cons_o);
    if (top.gerror_active_o != gerror_seen) Note("gerror", gerror_seen = top.gerror_active_o);
    if (top.evtq_prod_o != evtq_seen) Note("evtq_prod", evtq_seen = top.evtq_prod_o);
  }
  void StoreBeat(uint64_t addr, const WriteBeat& b) {
    for (int half = 0; half < 2; ++half) {
      uint64_t& cell = memory[addr + 8u * static_cast<uint64_t>(half)];
      const uint64_t data = half ? b.hi : b.lo;
      for (int i = 0; i < 8; ++i) {
        if (b.strobes >> (8 * half + i) & 1) {
          cell = (cell & ~(uint64_t{0xFF} << 8 * i)) | (data & (uint64_t{0xFF} << 8 * i));
        }
      }
    }
    Note("write", addr);
  }

  std::map<uint64_t, uint64_t> memory;
  std::deque<ReadBeat> reads[16];
  int last_read_id = 15;
  std::deque<WriteBurst> bursts;
  std::deque<WriteBeat> beats;
  std::vector<Response> responses;
  std::map<uint64_t, std::pair<int, int>> completions;  // due -> device, itag
  std::map<uint64_t, uint8_t> txns;                     // due -> colour
  bool tbu_open = false, sync_seen[3] = {}, err_seen[3] = {}, timed_out_seen[3] = {};
  uint32_t cons_seen = 0, gerror_seen = 0, evtq_seen = 0;
};

template <class Top>
uint64_t Last(SmmuBench<Top>& b, const std::string& what) {
  return b.at[what].empty() ? 0 : b.at[what].back();
}

}  // namespace smmu_bench

#endif  // ATCBENCH_TB_UNIT_SMMU_TOP_BENCH_H_
