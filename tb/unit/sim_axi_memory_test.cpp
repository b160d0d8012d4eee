// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "atcbench/axi_memory.h"

namespace atcbench {
namespace {

constexpr Cycle kLatency = 10;

class AxiMemoryTest : public ::testing::Test {
 protected:
  AxiMemoryTest() { out_.rready = out_.bready = true; }

  // One cycle; `f` may look at the pins and set requests.
  void cycle(const std::function<void()>& f = {}) {
    memory_.drive(now_, in_);
    if (f) f();
    memory_.observe(now_, out_, in_);
    if (out_.arvalid && in_.arready) out_.arvalid = false;
    if (out_.awvalid && in_.awready) out_.awvalid = false;
    if (out_.wvalid && in_.wready) out_.wvalid = false;
    ++now_;
  }
  void read(Addr addr, uint8_t beats, uint8_t id = 0) {
    out_.arvalid = true;
    out_.araddr = addr;
    out_.arlen = static_cast<uint8_t>(beats - 1);
    out_.arid = id;
  }
  void write(Addr addr, uint32_t value, uint16_t strb = 0xFFFF) {
    out_.awvalid = out_.wvalid = out_.wlast = true;
    out_.awaddr = addr;
    out_.awlen = 0;
    out_.wdata = {value, value, value, value};
    out_.wstrb = strb;
  }
  // Cycle in which rvalid / bvalid is first seen.
  Cycle until(const bool& pin) {
    for (int i = 0; i < 200; ++i) {
      bool seen = false;
      cycle([&] { seen = pin; });
      if (seen) return now_ - 1;
    }
    return kNever;
  }

  Dram dram_{kDramBase, 1 << 20};
  AxiMemory memory_{dram_, {kLatency, 4}};
  AxiIn in_;
  AxiOut out_;
  Cycle now_ = 100;
};

TEST_F(AxiMemoryTest, WordsAreReportedBeforeTheyChange) {
  struct Word {
    Addr addr;
    uint32_t before, after, held;
  };
  std::vector<Word> words;
  memory_.on_overwrite([&](Addr addr, uint32_t before, uint32_t after) {
    words.push_back({addr, before, after, dram_.read<uint32_t>(addr)});
  });
  dram_.write<uint32_t>(kDramBase + 20, 0x1111);
  write(kDramBase + 16, 0x2222, 0x00F3);  // a whole word, and half of another, which is none
  until(in_.bvalid);
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0].addr, kDramBase + 20);
  EXPECT_EQ(words[0].before, 0x1111u);
  EXPECT_EQ(words[0].held, 0x1111u);
  EXPECT_EQ(words[0].after, 0x2222u);
  EXPECT_EQ(dram_.read<uint32_t>(kDramBase + 20), 0x2222u);
}

TEST_F(AxiMemoryTest, ReadLatencyAndBeats) {
  dram_.write<uint32_t>(kDramBase + 16, 0x1234);
  read(kDramBase, 2);
  cycle();
  EXPECT_EQ(memory_.next_event(), 100 + kLatency);
  EXPECT_EQ(until(in_.rvalid), 100 + kLatency);
  EXPECT_FALSE(in_.rlast);
  cycle();
  EXPECT_TRUE(in_.rvalid && in_.rlast);
  EXPECT_EQ(in_.rdata[0], 0x1234u);
  cycle();
  EXPECT_FALSE(in_.rvalid);
  EXPECT_TRUE(memory_.idle());
}

TEST_F(AxiMemoryTest, EachBeatIsSampledWhenItIsDriven) {
  read(kDramBase, 2);
  cycle();
  ASSERT_EQ(until(in_.rvalid), 100 + kLatency);
  dram_.write<uint32_t>(kDramBase + 16, 77);  // between the beats: the burst tears, D9
  cycle();
  EXPECT_EQ(in_.rdata[0], 77u);
}

TEST_F(AxiMemoryTest, StalledBeatKeepsItsValue) {
  dram_.write<uint32_t>(kDramBase, 1);
  read(kDramBase, 1);
  out_.rready = false;
  cycle();
  until(in_.rvalid);
  dram_.write<uint32_t>(kDramBase, 2);
  cycle();
  EXPECT_EQ(in_.rdata[0], 1u);
  EXPECT_EQ(memory_.next_event(), 0u);
}

TEST_F(AxiMemoryTest, WriteIsVisibleInTheCycleBeforeItsB) {
  write(kDramBase + 32, 5);
  Cycle visible = 0, response = 0;
  for (int i = 0; i < 30; ++i) {
    cycle([&] {
      if (in_.bvalid) response = now_;
    });
    if (!visible && dram_.read<uint32_t>(kDramBase + 32) == 5) visible = now_ - 1;
  }
  EXPECT_EQ(response, 100 + kLatency);
  EXPECT_EQ(visible, response - 1);
}

TEST_F(AxiMemoryTest, StrobesAndDataBeforeAddress) {
  dram_.write<uint32_t>(kDramBase, 0xAAAAAAAA);
  out_.wvalid = out_.wlast = true;
  out_.wdata = {0x55555555, 0, 0, 0};
  out_.wstrb = 0x3;
  cycle();
  EXPECT_FALSE(memory_.idle());
  out_.awvalid = true;
  out_.awaddr = kDramBase;
  EXPECT_EQ(until(in_.bvalid), 101 + kLatency);
  EXPECT_EQ(dram_.read<uint32_t>(kDramBase), 0xAAAA5555u);
}

TEST_F(AxiMemoryTest, SameIdInOrderAndOutstandingLimit) {
  unsigned accepted = 0;
  for (uint8_t i = 0; i < 8; ++i) {
    read(kDramBase + i * 16u, 1, i);
    cycle([&] { accepted += in_.arready; });
  }
  EXPECT_EQ(accepted, 4u);
  for (uint8_t i = 0; i < 4; ++i) {
    until(in_.rvalid);
    EXPECT_EQ(in_.rid, i);
  }
}

TEST_F(AxiMemoryTest, DecodeError) {
  read(0x1000, 1);
  until(in_.rvalid);
  EXPECT_EQ(in_.rresp, 3);
  write(kDramBase + (1 << 20), 1);
  until(in_.bvalid);
  EXPECT_EQ(in_.bresp, 3);
}

TEST_F(AxiMemoryTest, AbortRangeCounts) {
  memory_.add_abort_range({kDramBase, kDramBase + 4095, true, false, 1});
  read(kDramBase + 4096, 1);
  until(in_.rvalid);
  EXPECT_EQ(in_.rresp, 0);
  read(kDramBase + 64, 1);
  until(in_.rvalid);
  EXPECT_EQ(in_.rresp, 2);
  read(kDramBase + 64, 1);
  until(in_.rvalid);
  EXPECT_EQ(in_.rresp, 0);
}

TEST_F(AxiMemoryTest, Doorbell) {
  uint32_t rung = 0;
  memory_.on_doorbell([&](uint32_t value) { rung = value; });
  write(kDoorbellBase + 4, 3, 0x00F0);
  until(in_.bvalid);
  EXPECT_EQ(in_.bresp, 0);
  EXPECT_EQ(rung, 3u);
}

}  // namespace
}  // namespace atcbench
