// SPDX-License-Identifier: Apache-2.0
//
// smmu_regs: the IMPLEMENTATION DEFINED block.

#include "regs_bench.h"

namespace regs {
namespace {

TEST_F(Regs, ImpdefBlock) {
  EXPECT_EQ(top.timeout_o, 20000u);
  EXPECT_EQ(top.quar_interval_o, 20000u) << "0 acts as the time-out";
  Write64(kAtcTimeout, 0xFFFF1234'56789ABC);
  EXPECT_EQ(Read64(kAtcTimeout), 0x1234'56789ABCu);
  EXPECT_EQ(top.quar_interval_o, 0x1234'56789ABCu);
  Write32(kAtcTimeout + 4, 0);
  EXPECT_EQ(top.timeout_o, 0x56789ABCu);
  Write64(kQuarInterval, 5);
  EXPECT_EQ(top.quar_interval_o, 5u);
  EXPECT_EQ(top.inv_limit0_o, 32);
  Write32(kInvLimit, 5);
  Write32(kInvLimit + 4, 33);
  EXPECT_EQ(top.inv_limit0_o, 5);
  EXPECT_EQ(top.inv_limit1_o, 32);
  Write32(kInvLimit + 4, 31);
  EXPECT_EQ(Read64(kInvLimit), 0x0000001F'00000005u);
  Write32(kInvLimit + 4, 0);
  EXPECT_EQ(top.inv_limit1_o, 32) << "0 is the code of 32";
  Write32(kInvLimit + 8, 3);
  EXPECT_EQ(Read64(kInvLimit + 8), 0u) << "no such device";
  top.quar_busy0_i = 7;
  top.quar_busy1_i = 32;
  EXPECT_EQ(Read64(kQuarBusy), 0x00000020'00000007u);
  EXPECT_EQ(Read64(kQuarBusy + 8), 0u);
  for (int cause = 0; cause < 5; ++cause) {
    top.stray_cause_i = static_cast<uint8_t>(cause);
    top.stray_count_i = static_cast<uint8_t>(10 + cause);
    Pulse(top.stray_valid_i);
    Pulse(top.stray_valid_i);
  }
  for (int cause = 0; cause < 5; ++cause) EXPECT_EQ(Read32(kStray + 4 * cause), 2u * (10 + cause));
}

TEST_F(Regs, QuarantineRelease) {
  for (int dev = 0; dev < 4; ++dev) {
    top.reg_awaddr_i = kQuarRelease;
    top.reg_wdata_i = dev;
    top.reg_wstrb_i = 0x0F;
    top.reg_awvalid_i = top.reg_wvalid_i = 1;
    Tick();
    top.reg_awvalid_i = top.reg_wvalid_i = 0;
    top.eval();
    EXPECT_EQ(top.quar_release_o, dev < 2 ? 1 << dev : 0);
    EXPECT_TRUE(!top.quiet_o || dev >= 2 || top.reg_bvalid_o);
    Tick();
    EXPECT_EQ(top.quar_release_o, 0) << "a pulse";
    Tick();
  }
  EXPECT_EQ(Read32(kQuarRelease), 0u);
}

}  // namespace
}  // namespace regs
