// SPDX-License-Identifier: Apache-2.0
//
// smmu_top from its registers to its pins: what software and the device see of the command path.
// Latencies are checked for equality where they are contract (doc/rtl/smmu_top.md), so a change of
// one is a reviewed difference.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "Vsmmu_top_tb.h"

namespace {

constexpr uint64_t kCmdq = 0x8010'0000, kEvtq = 0x8020'0000, kStrtab = 0x8030'0000,
                   kMsi = 0x8040'0000;
constexpr uint32_t kQs = 8;  // 256 commands
constexpr uint32_t kSmmuEn = 1, kEventqEn = 4, kCmdqEn = 8;
constexpr uint64_t kNever = ~uint64_t{0};

struct Command {
  uint64_t dw0, dw1;
};
Command AtcInv(int dev, uint64_t addr = 0, int size = 0) {
  return {0x40 | (static_cast<uint64_t>(dev + 1) << 40), addr | static_cast<uint64_t>(size)};
}
Command Sync(int cs = 0, uint64_t msi_addr = 0, uint32_t data = 0) {
  return {0x46u | (static_cast<uint64_t>(cs) << 12) | (uint64_t{data} << 32), msi_addr};
}
const Command kTlbiAll = {0x30, 0};
const Command kCfgiAll = {0x04, 31};
const Command kIllegal = {0xFF, 0};

class Bench {
 public:
  explicit Bench(unsigned seed = 1) : rng(seed) {
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
    Write(0x90, kCmdq | kQs, true);
    Write(0xA0, kEvtq | 4, true);
    Write(0x2C, 2);  // RECINVSID
    Write(0x50, 5);  // GERROR and EVENTQ interrupts
    Write(0x20, cr0);
    EXPECT_EQ(Read(0x24), cr0);
  }
  void Put(const std::vector<Command>& commands) {
    for (const Command& c : commands) {
      Store(kCmdq + 16 * (prod % (1u << kQs)), c.dw0);
      Store(kCmdq + 16 * (prod % (1u << kQs)) + 8, c.dw1);
      prod = (prod + 1) % (2u << kQs);
    }
  }
  void Ring() { Write(0x98, prod); }
  void Run(const std::vector<Command>& commands) {
    Put(commands);
    Ring();
  }
  uint32_t Rd() const { return top.cons_o & 0xFFFFF; }
  uint32_t Err() const { return top.cons_o >> 24; }
  bool Drained() const { return Rd() == prod; }
  bool Failed() const { return top.gerror_active_o & 1; }
  void Ack() { Write(0x64, Read(0x60)); }

  void Store(uint64_t addr, uint64_t v) { memory[addr] = v; }
  uint64_t Load(uint64_t addr) const {
    auto it = memory.find(addr);
    return it == memory.end() ? 0 : it->second;
  }

  Vsmmu_top_tb top;
  std::mt19937 rng;
  uint64_t now = 0, latency = 10, jumps = 0, harness_event = kNever;
  uint32_t prod = 0;
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
    for (int id = 0; id < 2; ++id) {
      auto& q = reads[id];
      if (q.empty() || q.front().due > now || top.tcu_rvalid_i) continue;
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
      auto& q = reads[top.tcu_arid_o & 1];
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
    if (top.consume_o) Note("consume", Rd());
    if (top.cons_o != cons_seen) Note("cons", cons_seen = top.cons_o);
    if (top.gerror_active_o != gerror_seen) Note("gerror", gerror_seen = top.gerror_active_o);
    if (top.evtq_prod_o != evtq_seen) Note("evtq_prod", evtq_seen = top.evtq_prod_o);
    if (top.sync_valid_o && !sync_seen) Note("sync_start");
    sync_seen = top.sync_valid_o;
    if (top.timed_out_o && !timed_out_seen) Note("timed_out");
    timed_out_seen = top.timed_out_o;
    if (top.atc_alloc_o) Note("alloc");
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
  std::deque<ReadBeat> reads[2];
  std::deque<WriteBurst> bursts;
  std::deque<WriteBeat> beats;
  std::vector<Response> responses;
  std::map<uint64_t, std::pair<int, int>> completions;  // due -> device, itag
  std::map<uint64_t, uint8_t> txns;                     // due -> colour
  bool tbu_open = false, sync_seen = false, timed_out_seen = false;
  uint32_t cons_seen = 0, gerror_seen = 0, evtq_seen = 0;
};

uint64_t Last(Bench& b, const std::string& what) {
  return b.at[what].empty() ? 0 : b.at[what].back();
}

TEST(Top, SyncLatency) {
  Bench b;
  b.Start();
  b.Run({Sync(1, kMsi, 0xCAFE)});
  b.Until([&] { return !b.at["write"].empty(); });
  const uint64_t head = Last(b, "sync_start");
  EXPECT_EQ(Last(b, "consume") - head, 1u);
  EXPECT_EQ(Last(b, "cons") - head, 2u) << "SYNC at the head to CONS: at most 4";
  EXPECT_EQ(Last(b, "aw") - Last(b, "cons"), 1u) << "CONS to the MSI on the bus: at most 4";
  EXPECT_EQ(b.Load(kMsi), 0xCAFEu);
  EXPECT_TRUE(b.at["irq_sync"].empty()) << "an MSI, not the wire";
}

TEST(Top, FetchLatency) {
  Bench b;
  b.Start();
  const uint64_t rung = b.now;  // PROD is written at the end of this cycle
  b.Run({kTlbiAll});
  b.Until([&] { return b.Drained(); });
  EXPECT_EQ(Last(b, "ar") - rung, 2u);
  EXPECT_EQ(Last(b, "consume") - Last(b, "ar"), b.latency + 2) << "R, buffer, unit";
}

TEST(Top, WiredSyncInterruptIsNotBeforeCons) {
  Bench b;
  b.Start();
  b.Run({Sync(1)});
  b.Until([&] { return !b.at["irq_sync"].empty(); });
  EXPECT_EQ(Last(b, "irq_sync"), Last(b, "cons"));
  b.Run({Sync(2), Sync(0)});
  b.Until([&] { return b.Drained(); });
  b.Cycles(20);
  EXPECT_EQ(b.at["irq_sync"].size(), 1u) << "CS = 2 without SEV acts as 0";
}

TEST(Top, OneCommandACycle) {
  Bench b;
  b.latency = 40;
  b.Start();
  b.Run(std::vector<Command>(255, kTlbiAll));
  b.Until([&] { return b.Drained(); });
  const auto& c = b.at["consume"];
  ASSERT_EQ(c.size(), 255u);
  EXPECT_EQ(c.back() - c.front(), 254u);
  // ATC_INV too, until the 32 tags run out.
  b.at.clear();
  b.answer = 500;
  b.Run(std::vector<Command>(32, AtcInv(0)));
  b.Until([&] { return b.Drained(); });
  b.Cycles(5);
  EXPECT_EQ(b.at["alloc"].back() - b.at["alloc"].front(), 31u);
  EXPECT_EQ(b.at["inv"].back() - b.at["inv"].front(), 31u);
}

TEST(Top, DetectionLatency) {
  for (bool first : {false, true}) {
    Bench b;
    b.top.sync_err_first_i = first;
    b.Start();
    b.Write(0xE00, 200, true);
    b.answer = 50;
    b.dead = {1};
    b.Run({AtcInv(0), AtcInv(1), AtcInv(1), Sync(1, kMsi, 1)});
    b.Until([&] { return !b.at["irq_gerror"].empty(); });
    // The deadline of the oldest (first) or of the newest (drained) request.
    const uint64_t deadline = b.at["alloc"][first ? 1 : 2] + 200;
    EXPECT_EQ(Last(b, "timed_out"), b.at["alloc"][1] + 201);
    EXPECT_EQ(Last(b, "gerror") - deadline, 2u);
    EXPECT_EQ(Last(b, "cons"), Last(b, "gerror")) << "CONS.ERR not after GERROR";
    EXPECT_EQ(Last(b, "irq_gerror") - deadline, 3u) << "at most 8";
    EXPECT_EQ(b.Err(), 3u);
    EXPECT_EQ(b.Rd(), 3u) << "at the SYNC";
    b.Cycles(50);
    EXPECT_EQ(b.Load(kMsi), 0u) << "no MSI of a failed SYNC";
    b.Ack();
    b.Until([&] { return b.Drained() || b.at["irq_gerror"].size() > 1; });
    if (first && b.at["irq_gerror"].size() > 1) {
      b.Ack();  // the second request timed out after the first error: once more
      b.Until([&] { return b.Drained(); });
    }
    b.Until([&] { return b.Load(kMsi) == 1; });
  }
}

TEST(Top, DetectionByMsiAndRestart) {
  Bench b;
  b.Write(0x68, kMsi + 0x80, true);
  b.Write(0x70, 0x6E);
  b.Start();
  b.Write(0xE00, 200, true);
  b.Run({AtcInv(0), Sync()});
  b.Until([&] { return !b.at["aw"].empty(); });
  EXPECT_EQ(Last(b, "aw") - (Last(b, "alloc") + 200), 4u);
  b.Until([&] { return b.Load(kMsi + 0x80) == 0x6E; });
  EXPECT_TRUE(b.at["irq_gerror"].empty());
  b.Cycles(50);
  const uint32_t gerror = b.Read(0x60);
  const uint64_t acknowledged = b.now;
  b.at.clear();
  b.Write(0x64, gerror);
  b.Until([&] { return b.Drained(); });
  EXPECT_EQ(b.at["ar"].front() - acknowledged, 2u) << "the acknowledge alone restarts";
}

TEST(Top, SyncWaitsForTheLastCompletion) {
  Bench b;
  b.Start();
  b.answer = 300;
  b.Run({AtcInv(0), AtcInv(1), AtcInv(0), Sync()});
  b.Until([&] { return b.Drained(); });
  b.Cycle();
  EXPECT_EQ(b.at["cpl"].size(), 3u);
  EXPECT_EQ(Last(b, "cons") - Last(b, "cpl"), 2u);
  EXPECT_EQ(b.Read(0x60), 0u);
}

TEST(Top, EntriesAreReadAgainAfterAnError) {
  Bench b;
  b.Start();
  b.Run({kTlbiAll, kIllegal, AtcInv(0), Sync(1, kMsi, 5)});
  b.Until([&] { return b.Failed(); });
  EXPECT_EQ(b.Err(), 1u);
  EXPECT_EQ(b.Rd(), 1u);
  b.Cycles(100);
  // All of it was prefetched; the handler replaces the bad entry and the one after it, then
  // acknowledges.
  b.Store(kCmdq + 16, Sync().dw0);
  b.Store(kCmdq + 32, kTlbiAll.dw0);
  b.Ack();
  b.Until([&] { return b.Drained(); });
  EXPECT_TRUE(b.at["inv"].empty()) << "a stale ATC_INV was executed";
  b.Until([&] { return b.Load(kMsi) == 5; });
  EXPECT_EQ(b.at["irq_gerror"].size(), 1u);
}

TEST(Top, ProdCanBePulledBackWhileStopped) {
  Bench b;
  b.Start();
  b.Run({kTlbiAll, kIllegal, AtcInv(0), AtcInv(0)});
  b.Until([&] { return b.Failed(); });
  b.prod = 1;
  b.Ring();
  b.Ack();
  b.Cycles(100);
  EXPECT_FALSE(b.Failed());
  EXPECT_EQ(b.Rd(), 1u);
  b.answer = 10;
  b.Run({AtcInv(1), Sync()});
  b.Until([&] { return b.Drained(); });
  EXPECT_EQ(b.at["inv"].size(), 1u);
}

TEST(Top, FetchAbort) {
  Bench b;
  b.Start();
  b.abort = {kCmdq + 32};
  b.Run({kTlbiAll, kTlbiAll, kTlbiAll, Sync()});
  b.Until([&] { return b.Failed(); });
  EXPECT_EQ(b.Err(), 2u);
  EXPECT_EQ(b.Rd(), 2u);
  b.abort.clear();
  b.Ack();
  b.Until([&] { return b.Drained(); });
}

TEST(Top, IllegalBeforeTheSyncComesFirst) {
  Bench b;
  b.Start();
  b.Write(0xE00, 100, true);
  b.Run({AtcInv(0)});
  b.Until([&] { return b.top.timed_out_o; });
  b.Run({kIllegal, Sync()});
  b.Until([&] { return b.Failed(); });
  EXPECT_EQ(b.Err(), 1u);
  EXPECT_EQ(b.Rd(), 1u);
  b.Store(kCmdq + 16, kTlbiAll.dw0);
  b.Ack();
  b.Until([&] { return b.Failed() && b.Err() == 3; });
  EXPECT_EQ(b.Rd(), 2u) << "the time-out is remembered for the SYNC";
  b.Ack();
  b.Until([&] { return b.Drained(); });
}

TEST(Top, ProgressWithADeadDeviceAndNoTags) {
  // D1: 100 invalidations to a device that never answers, 32 tags: each waits at most a threshold
  // for a tag, then the tags are all quarantined and the rest are refused at once. The other device
  // is served in between.
  Bench b;
  b.Start();
  const uint64_t threshold = 500;
  b.Write(0xE00, threshold, true);
  b.answer = 20;
  b.dead = {1};
  std::vector<Command> batch;
  for (int i = 0; i < 100; ++i) batch.push_back(AtcInv(1));
  batch.push_back(AtcInv(0));
  batch.push_back(Sync());
  const uint64_t start = b.now;
  b.Run(batch);
  b.Until([&] { return b.Failed(); }, 20000);
  EXPECT_LE(b.now - start, 4 * threshold + 500)
      << "at most ceil(100 / 32) thresholds and a constant";
  EXPECT_EQ(b.Rd(), 101u);
  EXPECT_EQ(b.Err(), 3u);
  b.Ack();
  b.Until([&] { return b.Drained(); });
  b.Run({AtcInv(0), Sync()});
  b.Until([&] { return b.Drained(); });
  EXPECT_FALSE(b.Failed());
}

TEST(Top, AtcInvWhileTheSmmuIsOff) {
  Bench b;
  b.Start(kCmdqEn);
  b.Run({AtcInv(0), {AtcInv(0).dw0, 53}});
  b.Until([&] { return b.Failed(); });
  EXPECT_EQ(b.Rd(), 1u) << "illegal outranks the silent consumption";
  b.Store(kCmdq + 16, Sync().dw0);
  b.Store(kCmdq + 24, 0);
  b.Ack();
  b.Until([&] { return b.Drained(); });
  EXPECT_TRUE(b.at["inv"].empty());
}

TEST(Top, CmdqDisabledUnderASync) {
  Bench b;
  b.Start();
  b.answer = 400;
  b.Run({AtcInv(0), Sync(), kTlbiAll, kTlbiAll});
  b.Until([&] { return b.top.sync_valid_o; });
  b.Write(0x20, kSmmuEn | kEventqEn);
  EXPECT_EQ(b.Read(0x24) & kCmdqEn, kCmdqEn) << "the SYNC is in progress";
  b.Until([&] { return b.Rd() == 2; });
  b.Cycles(5);
  EXPECT_EQ(b.Read(0x24) & kCmdqEn, 0u);
  const size_t reads = b.at["ar"].size();
  b.Cycles(50);
  EXPECT_EQ(b.Rd(), 2u) << "the next command is not begun";
  EXPECT_EQ(b.at["ar"].size(), reads) << "no more fetches";
  b.Write(0x20, kSmmuEn | kEventqEn | kCmdqEn);
  b.Until([&] { return b.Drained(); });
}

TEST(Top, SyncWaitsForTransactionsAndTheirEvents) {
  Bench b;
  b.Start();
  b.txn_delay = 300;
  b.transactions = 1;
  b.Until([&] { return !b.at["rsp"].empty(); });
  b.Run({kCfgiAll, Sync(1, kMsi, 9)});
  b.Until([&] { return b.Load(kMsi) == 9; });
  EXPECT_GT(Last(b, "consume"), Last(b, "txn_done"));
  ASSERT_FALSE(b.at["evtq_prod"].empty()) << "an STE that is not valid: C_BAD_STE";
  EXPECT_GE(Last(b, "consume"), Last(b, "evtq_prod"));
  EXPECT_EQ(b.Load(kEvtq) & 0xFF, 0x04u);
  EXPECT_EQ(b.Load(kEvtq) >> 32, 0x100u);
  EXPECT_EQ(b.at["irq_evtq"].size(), 1u);
  EXPECT_GT(Last(b, "irq_evtq"), b.at["write"].front());
}

TEST(Top, SmmuOffAcknowledgeWaitsForTransactions) {
  Bench b;
  b.Start();
  b.txn_delay = 300;
  b.transactions = 1;
  b.Until([&] { return !b.at["rsp"].empty(); });
  b.Write(0x20, kCmdqEn | kEventqEn);
  EXPECT_EQ(b.Read(0x24) & kSmmuEn, kSmmuEn);
  b.Until([&] { return !b.at["txn_done"].empty(); });
  b.Cycles(4);
  EXPECT_EQ(b.Read(0x24) & kSmmuEn, 0u);
}

TEST(Top, EventQueueMsiAfterProdAndAborts) {
  Bench b;
  b.Write(0xB0, kMsi + 0x40, true);
  b.Write(0xB8, 0xE7);
  b.Write(0x68, kMsi + 0x80, true);
  b.Write(0x70, 0x6E);
  b.Start();
  b.transactions = 1;
  b.Until([&] { return b.Load(kMsi + 0x40) == 0xE7; });
  EXPECT_TRUE(b.at["irq_evtq"].empty());
  EXPECT_EQ(b.top.evtq_prod_o, 1u);
  // The record aborts: GERROR.EVENTQ_ABT_ERR, its interrupt is an MSI too.
  b.abort = {kEvtq + 32};
  b.transactions = 1;
  b.Until([&] { return b.Load(kMsi + 0x80) == 0x6E; });
  EXPECT_EQ(b.top.gerror_active_o, 4u);
  EXPECT_EQ(b.top.evtq_prod_o, 1u);
  b.Ack();
  // The GERROR MSI aborts: recorded, no interrupt about it.
  b.abort = {kEvtq + 32, (kMsi + 0x80)};
  b.transactions = 1;
  b.Until([&] { return b.top.gerror_active_o == 0x84; });
  b.Cycles(100);
  EXPECT_TRUE(b.at["irq_gerror"].empty());
  b.Ack();
  // The MSI of a SYNC aborts: the SYNC is complete all the same.
  b.abort = {kMsi};
  b.Run({Sync(1, kMsi, 1)});
  b.Until([&] { return b.top.gerror_active_o == 0x10; });
  EXPECT_TRUE(b.Drained());
}

void PageRequest(Bench* b, unsigned prgi) {
  b->top.pri_valid_i = 1;
  b->top.pri_rid_i = 0x200;
  b->top.pri_prgi_i = static_cast<SData>(prgi);
  do b->Cycle();
  while (!b->top.pri_ready_o);
  b->top.pri_valid_i = 0;
}

TEST(Top, PageRequestsAndTheirResponses) {
  constexpr uint64_t kPriq = 0x8050'0000;
  constexpr uint32_t kProd = 0x100C8, kCons = 0x100CC;
  Bench b;
  b.Write(0xC0, kPriq | 1, true);  // two entries
  PageRequest(&b, 1);              // the queue is off
  b.Until([&] { return b.at["prg"].size() == 1; }, 20);
  EXPECT_EQ(b.log.back().second, "prg " + std::to_string(0x0200'001Fu));
  b.Start(kCmdqEn | kEventqEn | kSmmuEn | 2);
  b.Write(0x50, 7);
  PageRequest(&b, 2);
  b.Until([&] { return !b.at["irq_priq"].empty(); }, 100);
  EXPECT_EQ(b.Read(kProd), 1u);
  EXPECT_EQ(b.Load(kPriq), uint64_t{0x5000'0000} << 32 | 0x200);
  EXPECT_EQ(b.Load(kPriq + 8), uint64_t{0x12345} << 12 | 2);
  EXPECT_LT(b.at["write"].back(), b.at["irq_priq"][0]);
  PageRequest(&b, 3);
  PageRequest(&b, 4);  // no room: OVFLG, Success
  b.Until([&] { return b.at["prg"].size() == 2; }, 100);
  EXPECT_EQ(b.Read(kProd), 0x8000'0002u);
  EXPECT_EQ(b.at["irq_priq"].size(), 1u) << "it was not empty";
  b.Write(kCons, 0x8000'0002);
  PageRequest(&b, 5);
  b.Until([&] { return b.at["irq_priq"].size() == 2; }, 100);
  // PRI_RESP: deny, invalid, success
  for (uint64_t resp = 0; resp < 3; ++resp) b.Run({{0x41 | uint64_t{0x200} << 32, 0x10 + resp | resp << 12}});
  b.Run({Sync()});
  b.Until([&] { return b.Drained(); });
  std::vector<std::string> sent;
  for (const auto& e : b.log)
    if (e.second.rfind("prg ", 0) == 0) sent.push_back(e.second.substr(4));
  EXPECT_EQ(sent, (std::vector<std::string>{std::to_string(0x0200'001Fu), std::to_string(0x0200'0040u),
                                            std::to_string(0x0200'010Fu), std::to_string(0x0200'0111u),
                                            std::to_string(0x0200'0120u)}));
  // An aborted write: PRIQ_ABT_ERR, and failure for what comes until it is acknowledged.
  b.abort.insert(kPriq + 16);
  PageRequest(&b, 6);
  b.Until([&] { return b.at["prg"].size() == 6; }, 100);
  EXPECT_EQ(b.log.back().second, "prg " + std::to_string(0x0200'006Fu));
  EXPECT_EQ(b.top.gerror_active_o, 8);
  EXPECT_EQ(b.Read(kProd), 0x8000'0003u);
  b.abort.clear();
  b.Ack();
  PageRequest(&b, 7);
  b.Until([&] { return b.Read(kProd) == 0x8000'0000; }, 100);
  b.Write(0x20, kCmdqEn | kEventqEn | kSmmuEn);
  EXPECT_EQ(b.Read(0x24), kCmdqEn | kEventqEn | kSmmuEn);
}

// The counters against what the bench saw, and against a run that jumps.
std::vector<uint64_t> CountersOf(bool jump) {
  constexpr uint32_t kPmcg = 0x30000;
  Bench b(5);
  b.jump = jump;
  b.answer = 30;
  b.dead = {1};
  b.Start();
  b.Write(0xE00, 700, true);
  const uint32_t events[8] = {0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x01};
  for (uint32_t i = 0; i < 8; ++i) b.Write(kPmcg + 0x400 + 4 * i, (i == 0 ? 1u << 29 : 0) | events[i]);
  b.Write(kPmcg + 0xA00, 0xFFFF);
  b.Write(kPmcg + 0xC00, 0xFF);
  b.Write(kPmcg + 0xE04, 1);
  b.Write(kPmcg + 0xD88, 1);
  const uint64_t start = b.now;
  auto shadow = [&](uint32_t i) {
    return b.Read(kPmcg + 0x600 + 8 * i) | uint64_t{b.Read(kPmcg + 0x604 + 8 * i)} << 32;
  };
  const uint64_t first = shadow(0);
  std::vector<Command> commands;
  for (int i = 0; i < 50; ++i) commands.push_back(AtcInv(i % 5 == 4, 0x1000u * static_cast<uint64_t>(i)));
  commands.push_back(Sync());
  b.transactions = 7;
  b.Run(commands);
  b.Until([&] { return b.Failed(); }, 20000);
  b.Cycles(3000);
  b.Write(kPmcg + 0xD88, 1);
  std::vector<uint64_t> v;
  for (uint32_t i = 0; i < 8; ++i) v.push_back(shadow(i));
  // The reads above come after the capture, so the time is that of the write.
  EXPECT_EQ(b.Read(kPmcg + 0xE00) >> 8 & 0x3F, 47u);
  v[0] -= first;
  EXPECT_EQ(v[1], b.at["inv"].size());
  EXPECT_EQ(v[2], b.at["cpl"].size());
  EXPECT_EQ(v[3], 10u) << "every invalidation of the dead device";
  EXPECT_GT(v[5], 700u) << "the SYNC waits for the time-out";
  EXPECT_EQ(v[7], b.at["tbu"].size());
  v.push_back(b.now - start);
  // 8 reads of two words and one more, two cycles each, lie after the second capture, 2 reads after the first.
  EXPECT_EQ(v[0], v.back() - 2 * 17);
  if (jump) EXPECT_GT(b.jumps, 10u);
  return v;
}

TEST(Top, CountersCountWhatHappensWithAndWithoutTheIdleJump) {
  EXPECT_EQ(CountersOf(false), CountersOf(true));
}

TEST(Top, CounterOverflowIsADeadline) {
  constexpr uint32_t kPmcg = 0x30000;
  for (const bool msi : {false, true}) {
    Bench b;
    b.jump = true;
    b.Write(kPmcg, 0xFFFF'FFFF'FFFF - 5000, true);
    b.Write(kPmcg + 0x400, 1u << 29);
    b.Write(kPmcg + 0xC00, 1);
    b.Write(kPmcg + 0xC40, 1);
    if (msi) b.Write(kPmcg + 0xE58, kMsi, true);
    b.Write(kPmcg + 0xE60, 0x77);
    b.Write(kPmcg + 0xE50, 1);
    const uint64_t start = b.now;
    b.Write(kPmcg + 0xE04, 1);
    b.Cycles(6000);
    EXPECT_GT(b.jumps, 0u);
    EXPECT_EQ(b.Read(kPmcg + 0xCC0), 1u);
    if (msi) {
      EXPECT_EQ(b.Load(kMsi), 0x77u);
      EXPECT_TRUE(b.at["irq_pmcg"].empty());
    } else {
      ASSERT_EQ(b.at["irq_pmcg"].size(), 1u);
      EXPECT_EQ(b.at["irq_pmcg"][0], start + 1 + 5001);
    }
  }
}

TEST(Top, SecondSyncWaitsForTheMsiOfTheFirst) {
  Bench b;
  b.latency = 60;
  b.Start();
  b.Run({Sync(1, kMsi, 1), Sync(1, kMsi, 2)});
  b.Until([&] { return b.Load(kMsi) == 2; });
  const auto& c = b.at["consume"];
  EXPECT_GE(c[1] - c[0], 60u);
}

TEST(Top, ForgottenStreamsAndRereports) {
  Bench b;
  b.top.sync_rereport_i = 2;
  b.Start();
  b.Write(0xE00, 100, true);
  b.answer = 5;
  b.dead = {0};
  b.Run({AtcInv(9),
         {0x40 | (uint64_t{0x10100} << 32), 0},
         Sync()});  // no such device, no such StreamID: no effect
  b.Until([&] { return b.Drained(); });
  b.Run({AtcInv(0), Sync()});
  for (int i = 0; i < 3; ++i) {
    b.Until([&] { return b.Failed(); });
    b.Ack();
  }
  b.Until([&] { return b.Drained(); });
  EXPECT_EQ(b.at["irq_gerror"].size(), 3u);
}

// One program of software and devices; the log must not depend on how idle time is passed.
std::vector<std::pair<uint64_t, std::string>> Scenario(unsigned seed, bool jump, uint64_t* jumps) {
  Bench b(seed);
  std::mt19937 rng(seed * 7 + 1);
  b.jump = jump;
  b.latency = 1 + rng() % 50;
  b.Start();
  const uint64_t threshold = 300 + rng() % 3000;
  b.Write(0xE00, threshold, true);
  b.Write(0xE08, 1 + rng() % 2000, true);
  b.Write(0xE20, 1 + rng() % 32);
  b.answer = 10 + static_cast<int>(rng() % (threshold + threshold / 4));
  for (int round = 0; round < 12; ++round) {
    b.dead.clear();
    if (rng() % 3 == 0) b.dead.insert(static_cast<int>(rng() % 2));
    std::vector<Command> batch;
    for (int i = static_cast<int>(rng() % 40); i >= 0; --i) {
      switch (rng() % 6) {
        case 0:
          batch.push_back(kTlbiAll);
          break;
        case 1:
          batch.push_back(kCfgiAll);
          break;
        case 2:
          batch.push_back(rng() % 4 ? Sync() : Sync(1, kMsi + 4 * (rng() % 4), rng()));
          break;
        default:
          batch.push_back(AtcInv(static_cast<int>(rng() % 2), uint64_t{rng()} << 12));
          break;
      }
    }
    batch.push_back(Sync(static_cast<int>(rng() % 2)));
    b.transactions = rng() % 3;
    b.txn_delay = 1 + rng() % 400;
    b.Run(batch);
    // Software looks every 1000 cycles and acknowledges what it finds; the wait is one jump-able
    // stretch.
    for (int look = 0; look < 200 && !b.Drained(); ++look) {
      b.Cycles(1000);
      if (b.top.gerror_active_o) b.Ack();
    }
    EXPECT_TRUE(b.Drained());
    b.Cycles(rng() % 5000);
    b.Write(0x100AC, b.top.evtq_prod_o);
  }
  *jumps += b.jumps;
  return b.log;
}

TEST(Top, TheLogDoesNotDependOnTheIdleJump) {
  uint64_t jumps = 0, none = 0;
  for (unsigned seed = 1; seed <= 6; ++seed) {
    const auto slow = Scenario(seed, false, &none);
    const auto fast = Scenario(seed, true, &jumps);
    ASSERT_EQ(slow.size(), fast.size()) << "seed " << seed;
    for (size_t i = 0; i < slow.size(); ++i)
      ASSERT_EQ(slow[i], fast[i]) << "seed " << seed << " event " << i;
  }
  EXPECT_EQ(none, 0u);
  EXPECT_GT(jumps, 500u);
}

TEST(Top, AnyBusTiming) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    Bench b(seed);
    std::mt19937 rng(seed);
    b.bus_percent = 10 + static_cast<int>(rng() % 80);
    b.latency = 1 + rng() % 60;
    b.Start();
    b.answer = 30;
    for (uint32_t round = 0; round < 20; ++round) {
      std::vector<Command> batch;
      const int n = 1 + static_cast<int>(rng() % 20);
      for (int i = 0; i < n; ++i) batch.push_back(AtcInv(static_cast<int>(rng() % 2)));
      batch.push_back(Sync(1, kMsi, 100 + round));
      b.at.clear();
      b.transactions = rng() % 4;
      b.Run(batch);
      b.Until([&] { return b.Load(kMsi) == 100 + round; }, 20000);
      EXPECT_EQ(b.at["inv"].size(), static_cast<size_t>(n));
      EXPECT_EQ(b.at["cpl"].size(), static_cast<size_t>(n));
      EXPECT_GT(Last(b, "cons"), Last(b, "cpl"));
      b.Write(0x100AC, b.top.evtq_prod_o);
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_EQ(b.Read(0x60), 0u);
  }
}

}  // namespace
