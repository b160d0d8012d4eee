// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc: page requests.

#include "../pcie_rc_bench.h"

namespace tb {
namespace {

TEST(RcPri, RequestFieldsOrderAndDrops) {
  RcBench b;
  Tlp first = PageRequest(kRid[0], 0x123456789abcd000, 0x1a5, 7);
  Tlp second = PageRequest(kRid[0], 0xfffffffffffff000, 0, 2);
  SetPasid(second, 0xabcde, true, true);
  Tlp stop = PageRequest(kRid[0], 0, 0x1ff, 4);
  SetPasid(stop, 1);
  Tlp nothing = PageRequest(kRid[0], 0x1000, 3, 0);       // asks for nothing
  Tlp forged = PageRequest(kRid[1], 0x1000, 4, 7);        // the other port's requester
  Tlp prefix = PageRequest(kRid[0], 0x1000, 5, 7);
  prefix.pfx_valid = true;
  prefix.pfx = 0x90000000;                                    // not a PASID prefix
  for (const Tlp& t : {first, nothing, second, forged, prefix, stop}) b.rx[0].push_back(t);
  b.Run(10);
  ASSERT_EQ(b.pages.size(), 3u);
  EXPECT_EQ(b.rx_taken[0], 6u);
  EXPECT_EQ(b.pages[0].rid, kRid[0]);
  EXPECT_EQ(b.pages[0].page, 0x123456789abcdu);
  EXPECT_EQ(b.pages[0].prgi, 0x1a5u);
  EXPECT_TRUE(b.pages[0].last && b.pages[0].w && b.pages[0].r);
  EXPECT_FALSE(b.pages[0].ssv || b.pages[0].priv || b.pages[0].exec);
  EXPECT_EQ(b.pages[0].ssid, 0u);
  EXPECT_EQ(b.pages[1].page, 0xfffffffffffffu);
  EXPECT_TRUE(b.pages[1].ssv && b.pages[1].priv && b.pages[1].exec && b.pages[1].w);
  EXPECT_FALSE(b.pages[1].last || b.pages[1].r);
  EXPECT_EQ(b.pages[1].ssid, 0xabcdeu);
  EXPECT_TRUE(b.pages[2].ssv && b.pages[2].last && !b.pages[2].r && !b.pages[2].w);
  EXPECT_EQ(b.pages[2].prgi, 0x1ffu);
  EXPECT_TRUE(b.tx[0].empty() && b.tx[1].empty());
  EXPECT_TRUE(b.quiet);
}

TEST(RcPri, RequestWaitsForTheSmmuAndPortsTakeTurns) {
  RcBench b;
  b.pri_ready = false;
  for (unsigned i = 0; i < 20; ++i) {
    b.rx[0].push_back(PageRequest(kRid[0], 0x1000, i, 7));
    b.rx[1].push_back(PageRequest(kRid[1], 0x1000, i, 7));
  }
  b.Run(20);
  EXPECT_TRUE(b.pages.empty());
  EXPECT_TRUE(b.quiet) << "a stalled request is quiet";
  b.pri_ready = true;
  b.Run(40);
  ASSERT_EQ(b.pages.size(), 40u) << "one a cycle";
  std::array<unsigned, 2> next{};
  for (size_t i = 0; i < b.pages.size(); ++i) {
    const int p = b.pages[i].rid == kRid[1];
    EXPECT_EQ(b.pages[i].prgi, next[p]++);
    if (i > 0) EXPECT_NE(b.pages[i].rid, b.pages[i - 1].rid);
  }
}

TEST(RcPri, ResponseHasTheLayoutOfTheFactSheet) {
  RcBench b;
  b.prg.push_back({kRid[1], false, 0, 0x155, 0});
  b.prg.push_back({kRid[1], true, 0x54321, 0x1aa, 15});
  b.prg.push_back({kRid[0], false, 0, 1, 1});
  b.Run(8);
  ASSERT_EQ(b.tx[1].size(), 2u);
  ASSERT_EQ(b.tx[0].size(), 1u);
  Tlp expected;  // pcie-ats.md section 10
  expected.dw0 = 0x32000000;
  expected.dw1 = 0x00000005;
  expected.dw2 = 0x02000155;
  Tlp first = b.tx[1][0].tlp;
  EXPECT_FALSE(first.pfx_valid);
  first.pfx = 0;  // not on the wire
  EXPECT_TRUE(first == expected);
  EXPECT_TRUE(b.tx[1][1].tlp.pfx_valid);
  EXPECT_EQ(b.tx[1][1].tlp.pfx, 0x91054321u);
  EXPECT_EQ(b.tx[1][1].tlp.dw2, 0x0200f1aau);
  EXPECT_EQ(b.tx[0][0].tlp.dw2, 0x01001001u);
  EXPECT_EQ(b.prg_drops, 0u);
}

TEST(RcPri, ResponsesWaitForTheirOwnPortOnly) {
  RcBench b;
  b.tx_classes = {6, 7};  // port 0 has no posted credit
  for (unsigned i = 0; i < 40; ++i) b.prg.push_back({kRid[0], false, 0, i, 0});
  for (unsigned i = 0; i < 5; ++i) b.prg.push_back({kRid[1], false, 0, i, 0});
  b.prg.push_back({0x0300, false, 0, 0, 0});  // behind no port
  b.Run(60);
  EXPECT_TRUE(b.prg.empty());
  EXPECT_TRUE(b.tx[0].empty());
  EXPECT_EQ(b.tx[1].size(), 5u);
  EXPECT_EQ(b.prg_drops, 8u + 1u) << "32 wait for port 0";
  b.tx_classes[0] = 7;
  b.Run(40);
  ASSERT_EQ(b.tx[0].size(), 32u);
  for (unsigned i = 0; i < 32; ++i) EXPECT_EQ(b.tx[0][i].tlp.dw2 & 0x1ff, i);
  b.link_up[1] = false;
  b.prg.push_back({kRid[1], false, 0, 9, 0});
  b.Run(5);
  EXPECT_EQ(b.tx[1].size(), 5u);
  EXPECT_EQ(b.prg_drops, 10u);
}

}  // namespace
}  // namespace tb
