// SPDX-License-Identifier: Apache-2.0
//
// smmu_cmdq_fetch against a queue in memory: order, contents at the time PROD covered them, bursts
// inside the queue, dropped prefetches after an error, a pulled-back PROD or a disabled queue,
// aborts, throughput.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>
#include <set>
#include <vector>

#include "Vsmmu_cmdq_fetch_tb.h"

namespace {

struct Command {
  uint64_t dw0 = 0;
  uint64_t dw1 = 0;
  bool operator==(const Command& o) const { return dw0 == o.dw0 && dw1 == o.dw1; }
};

// The queue in memory, the bus to it, and the consumer.
class Bench {
 public:
  explicit Bench(unsigned seed) : rng(seed) {
    top.rst_ni = 0;
    Edge();
    top.rst_ni = 1;
    Setup(6, 0x8000'0000, 0);
  }

  void Setup(int log2size_, uint64_t base_, uint32_t index) {
    log2size = log2size_;
    base = base_;
    slots.assign(size_t{1} << log2size, Command{});
    aborts.clear();
    prod = cons = index & Mask();
  }

  uint32_t Mask() const { return (2u << log2size) - 1; }
  uint32_t Size() const { return 1u << log2size; }
  uint32_t Used() const { return (prod - cons) & Mask(); }
  Command& Slot(uint32_t index) { return slots[index & (Size() - 1)]; }

  void Push(int n) {
    for (int i = 0; i < n; ++i) {
      Slot(prod) = Fresh();
      prod = (prod + 1) & Mask();
    }
  }
  Command Fresh() {
    ++serial;
    return {serial * 0x9E3779B97F4A7C15u, serial};
  }

  // One cycle. Returns true if a command was handed out.
  bool Cycle() {
    top.enable_i = enable;
    top.base_i = base;
    top.log2size_i = static_cast<uint8_t>(log2size);
    top.prod_i = prod | junk;  // bits above the wrap bit are ignored
    top.cons_i = cons;
    top.req_ready_i = req_ready && bus.size() < max_beats;
    const bool respond = !bus.empty() && bus.front().due <= now && !hold_responses;
    top.rsp_valid_i = respond;
    if (respond) {
      // Memory is sampled when the beat is read, not when it was asked for.
      const Beat& b = bus.front();
      const Command c = At(b.addr);
      top.rsp_dw0_i = c.dw0;
      top.rsp_dw1_i = c.dw1;
      top.rsp_err_i = aborts.count((b.addr - base) / 16) != 0;
      top.rsp_last_i = b.last;
    }
    top.cmd_ready_i = ready && (!exec || finish);
    top.clk_i = 0;
    top.eval();
    if (top.quiet_o) {
      // Nothing may change, so more edges with the same inputs make no difference to what follows.
      ++quiet_cycles;
      for (int i = 0; i < 2; ++i) Edge();
    }
    const bool popped = top.cmd_valid_o && top.cmd_ready_i;
    if (finish) {
      exec = false;
    }
    if (popped) {
      // With `finish` CONS is one behind what the consumer is done with.
      const uint32_t index = cons + (finish ? 1 : 0);
      exec = true;
      exec_err = top.cmd_err_o;
      EXPECT_GT(Used(), finish ? 1u : 0u);
      const bool abort = aborts.count(index & (Size() - 1)) != 0;
      EXPECT_EQ(bool(top.cmd_err_o), abort);
      if (!abort) {
        EXPECT_EQ((Command{top.cmd_dw0_o, top.cmd_dw1_o}), Slot(index))
            << "index " << index << " cycle " << now;
      }
    }
    if (top.req_valid_o) {
      EXPECT_TRUE(enable);
      CheckRequest();
      if (top.req_ready_i) {
        ++requests;
        uint64_t due = std::max(now + latency, bus.empty() ? 0 : bus.back().due + 1);
        for (int i = 0; i <= top.req_beats_o; ++i) {
          bus.push_back({top.req_addr_o + 16u * i, due + i, i == top.req_beats_o});
        }
      }
    }
    Edge();
    if (respond) bus.pop_front();
    if (finish) cons = (cons + 1) & Mask();
    finish = false;
    ++now;
    return popped;
  }

  void Consume() {
    exec = false;
    cons = (cons + 1) & Mask();
  }

  std::mt19937 rng;
  Vsmmu_cmdq_fetch_tb top;
  int log2size = 0;
  uint64_t base = 0;
  uint32_t prod = 0, cons = 0, junk = 0;
  bool enable = false, ready = true, req_ready = true, hold_responses = false;
  bool exec = false, exec_err = false;  // a command is with the consumer
  bool finish = false;                  // it is consumed in this cycle
  uint64_t now = 0, latency = 10, quiet_cycles = 0, requests = 0;
  size_t max_beats = 256;     // the bus takes no more
  std::set<uint64_t> aborts;  // slots whose read aborts

 private:
  struct Beat {
    uint64_t addr;
    uint64_t due;
    bool last;
  };

  void Edge() {
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
  }
  // A late read of an earlier set-up finds nothing useful.
  Command At(uint64_t addr) {
    const uint64_t slot = (addr - base) / 16;
    return addr >= base && slot < slots.size() ? slots[slot] : Command{~uint64_t{0}, addr};
  }
  void CheckRequest() {
    const uint64_t first = top.req_addr_o, last = first + 16u * top.req_beats_o;
    EXPECT_EQ(first % 16, 0u);
    EXPECT_EQ(first / 128, last / 128) << "a burst leaves its aligned block";
    EXPECT_GE(first, base);
    EXPECT_LT(last, base + 16 * slots.size());
    // Only what PROD covers may be read.
    for (uint64_t a = first; a <= last; a += 16) {
      const uint32_t slot = static_cast<uint32_t>((a - base) / 16);
      const uint32_t ahead = (slot - cons) & (Size() - 1);
      EXPECT_LT(ahead, Used()) << "slot " << slot << " is not in the queue";
    }
  }

  std::vector<Command> slots;
  std::deque<Beat> bus;
  uint64_t serial = 0;
};

TEST(CmdqFetch, OneCommandIsOneReadAtOnce) {
  Bench b(1);
  b.enable = true;
  b.Cycle();
  b.Push(1);
  b.Cycle();
  EXPECT_EQ(b.requests, 1u) << "the request follows PROD in the same cycle";
  const uint64_t start = b.now - 1;
  while (!b.Cycle()) ASSERT_LT(b.now, 100u);
  EXPECT_EQ(b.now - 1 - start, b.latency + 1) << "read data to command: one cycle";
}

TEST(CmdqFetch, OneCommandACycleAtMemoryLatency40) {
  Bench b(2);
  b.Setup(12, 0x8001'0000, 0);
  b.latency = 40;
  b.enable = true;
  b.Push(2000);
  int popped = 0;
  uint64_t first = 0, last = 0;
  while (popped < 2000 && b.now < 10000) {
    if (b.Cycle()) {
      if (popped == 0) first = b.now;
      last = b.now;
      ++popped;
      b.Consume();
    }
  }
  EXPECT_EQ(popped, 2000);
  EXPECT_EQ(last - first, 1999u) << "no bubble";
}

TEST(CmdqFetch, IllegalProdIsNoWork) {
  Bench b(3);
  b.Setup(3, 0x8000'0000, 0);
  b.enable = true;
  b.prod = 9;  // 9 entries in a queue of 8
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(b.Cycle());
  EXPECT_EQ(b.requests, 0u);
  b.prod = 0;
  b.Push(8);  // all 8 entries are usable
  int popped = 0;
  for (int i = 0; i < 100; ++i) {
    if (b.Cycle()) {
      ++popped;
      b.Consume();
    }
  }
  EXPECT_EQ(popped, 8);
}

TEST(CmdqFetch, PrefetchedCopyIsNotUsedAfterAnError) {
  Bench b(4);
  b.enable = true;
  b.Push(20);
  while (!b.Cycle()) ASSERT_LT(b.now, 100u);
  for (int i = 0; i < 60; ++i) b.Cycle();  // everything is prefetched by now
  b.Cycle();                               // the command in hand fails
  b.enable = false;
  b.exec = false;
  for (uint32_t i = 0; i < 20; ++i) b.Slot(b.cons + i) = b.Fresh();
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(b.Cycle());
  b.enable = true;
  int popped = 0;
  for (int i = 0; i < 200; ++i) {
    if (b.Cycle()) {
      ++popped;
      b.Consume();
    }
  }
  EXPECT_EQ(popped, 20);
}

TEST(CmdqFetch, ReadsThatWereOnTheWayAtAnErrorAreIgnored) {
  Bench b(5);
  b.enable = true;
  b.latency = 30;
  b.Push(2);
  while (!b.Cycle()) ASSERT_LT(b.now, 100u);
  b.Push(30);
  for (int i = 0; i < 5; ++i) b.Cycle();  // reads of the 30 are outstanding
  b.Cycle();
  b.enable = false;
  b.exec = false;
  b.Cycle();
  EXPECT_FALSE(b.top.idle_o);
  b.hold_responses = true;
  b.enable =
      true;  // acknowledged while the old reads are still out: the new ones queue behind them
  for (int i = 0; i < 10; ++i) b.Cycle();
  b.enable = false;
  b.Cycle();
  b.enable = true;
  b.hold_responses = false;
  int popped = 0;
  for (int i = 0; i < 300; ++i) {
    if (b.Cycle()) {
      ++popped;
      b.Consume();
    }
  }
  EXPECT_EQ(popped, 32);
}

TEST(CmdqFetch, PulledBackProdDropsWhatItCovered) {
  Bench b(6);
  b.enable = true;
  b.Push(10);
  while (!b.Cycle()) ASSERT_LT(b.now, 100u);  // one command in the consumer's hand
  for (int i = 0; i < 60; ++i) b.Cycle();
  b.prod = (b.cons + 1) & b.Mask();
  b.Cycle();
  b.Push(5);  // other contents in the same slots
  b.Consume();
  int popped = 1;
  for (int i = 0; i < 200; ++i) {
    if (b.Cycle()) {
      ++popped;
      b.Consume();
    }
  }
  EXPECT_EQ(popped, 6);
}

// Software and hardware do anything legal in any order.
void RandomRun(unsigned seed, int cycles, uint64_t* commands, uint64_t* errors) {
  Bench b(seed);
  auto percent = [&](int p) { return static_cast<int>(b.rng() % 100) < p; };
  auto setup = [&] {
    const int log2size = static_cast<int>(b.rng() % 8);
    b.Setup(log2size, 0x9000'0000 + (uint64_t{b.rng() % 64} << 16), b.rng());
    b.junk = (b.rng() % 2) ? 0xFFFFFu & ~b.Mask() : 0;
    b.latency = 1 + b.rng() % 60;
    b.max_beats = 1 + b.rng() % 100;
    b.Cycle();  // CONS is written while the queue is off, and the queue goes on later
    b.enable = true;
  };
  setup();
  enum { kRun, kError, kStopping } mode = kRun;
  int hold = 0;
  for (int i = 0; i < cycles; ++i) {
    b.ready = percent(80);
    b.req_ready = percent(70);
    bool fail = false;  // the command in hand fails; the queue is off from the next cycle on
    if (hold > 0) {
      --hold;
    } else if (mode == kError) {
      // The handler: rewrite entries, perhaps pull PROD back, acknowledge.
      for (uint32_t k = 0; k < b.Used(); ++k) {
        if (percent(50)) b.Slot(b.cons + k) = b.Fresh();
      }
      if (percent(30)) b.prod = (b.cons + b.rng() % (b.Used() + 1)) & b.Mask();
      b.aborts.clear();
      b.enable = true;
      mode = kRun;
    } else if (mode == kStopping && !b.exec && b.top.idle_o) {
      setup();
      mode = kRun;
    }
    if (mode == kRun) {
      if (percent(20)) {
        const uint32_t room = b.Size() - b.Used();
        if (room > 0) {
          const uint32_t n = 1 + b.rng() % room;
          for (uint32_t k = 0; k < n; ++k) {
            b.aborts.erase((b.prod + k) & (b.Size() - 1));
            if (percent(3)) b.aborts.insert((b.prod + k) & (b.Size() - 1));
          }
          b.Push(static_cast<int>(n));
        }
      }
      if (percent(1) && percent(20)) {
        b.enable = false;
        mode = kStopping;
      }
    }
    if (b.exec && percent(60)) {
      fail = b.exec_err || percent(2);
      b.finish = !fail;
      if (b.finish) ++*commands;
    }
    b.Cycle();
    if (fail) {
      ++*errors;
      b.exec = false;
      b.enable = false;
      if (mode == kRun) mode = kError;
      hold = 1 + static_cast<int>(b.rng() % 40);
    }
  }
  EXPECT_GT(b.quiet_cycles, 0u);
}

TEST(CmdqFetch, RandomLegalUse) {
  uint64_t commands = 0, errors = 0;
  for (unsigned seed = 100; seed < 112; ++seed) {
    RandomRun(seed, 20000, &commands, &errors);
    if (HasFailure()) break;
  }
  EXPECT_GT(commands, 10000u);
  EXPECT_GT(errors, 200u);
}

}  // namespace
