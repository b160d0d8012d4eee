// SPDX-License-Identifier: Apache-2.0
//
// Command encodings against constants worked out by hand from smmuv3.md §2, not from the generated masks; and the range
// TLBI, by decoding what it emits.

#include <gtest/gtest.h>

#include <cstdint>

extern "C" {
#include "../../sw/smmu/smmu_cmd.h"
}

namespace {

void Expect(const cmd& c, uint64_t dw0, uint64_t dw1) {
  EXPECT_EQ(c.dw[0], dw0) << std::hex << c.dw[0];
  EXPECT_EQ(c.dw[1], dw1) << std::hex << c.dw[1];
}

TEST(Cmd, Configuration) {
  Expect(cmd_cfgi_ste(0x0100, true), 0x0000010000000003, 0x1);
  Expect(cmd_cfgi_ste(0xdeadbeef, false), 0xdeadbeef00000003, 0x0);
  Expect(cmd_cfgi_all(), 0x0000000000000004, 0x1f);
  Expect(cmd_cfgi_cd(0x0200, 0x12345, true), 0x0000020012345005, 0x1);
  Expect(cmd_cfgi_cd_all(0x0300), 0x0000030000000006, 0x0);
}

TEST(Cmd, Tlb) {
  Expect(cmd_tlbi_el2_all(), 0x20, 0);
  Expect(cmd_tlbi_nsnh_all(), 0x30, 0);
  Expect(cmd_tlbi_nh_asid(0x1234, 0xabcd), 0xabcd123400000011, 0);
  Expect(cmd_tlbi_nh_va(0, 5, 0x0000123456789abc), 0x0005000000000012, 0x0000123456789001);
}

TEST(Cmd, AtcInv) {
  // without a PASID: SSV = 0 and no SSID
  Expect(cmd_atc_inv(0x0100, 0, atc_range{0x12345000, 0}), 0x0000010000000040, 0x12345000);
  Expect(cmd_atc_inv(0x0100, 0, atc_range{0x40000000, 9}), 0x0000010000000040, 0x40000009);
  Expect(cmd_atc_inv(0x0100, 0, atc_range{0, 52}), 0x0000010000000040, 52);
  // with a PASID: SSV (bit 11) and SSID [31:12]; never Global (bit 9) or SSec (bit 10)
  Expect(cmd_atc_inv(0x0200, 0x00042, atc_range{0x7000, 0}), 0x0000020000042840, 0x7000);
  Expect(cmd_atc_inv(0x0200, 0xfffff, atc_range{0, 52}), 0x00000200fffff840, 52);
}

TEST(Cmd, Sync) {
  Expect(cmd_sync_none(), 0x46, 0);
  Expect(cmd_sync_sev(), 0x2046, 0);  // CS = 2
  // CS = 1 [13:12], MSH = 3 [23:22], MSIAttr = 0xf [27:24], MSIData [63:32]; MSIAddr dw1 [55:2]
  Expect(cmd_sync_msi(0x0000000080001234, 0x80000007), 0x800000070fc01046, 0x80001234);
}

TEST(Cmd, RangeOfOnePageIsNotARange) {
  uint64_t iova = 0x5000, n = 1;
  Expect(cmd_tlbi_nh_va_range(0, 9, &iova, &n), 0x0009000000000012, 0x5001);  // TG = 0: NUM = SCALE = TTL = 0 is ILL
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(iova, 0x6000u);
}

TEST(Cmd, RangeOfTwoPages) {
  uint64_t iova = 0x8000, n = 2;
  // NUM = 0 [16:12], SCALE = 1 [24:20], TG = 1 dw1 [11:10]
  Expect(cmd_tlbi_nh_va_range(0, 1, &iova, &n), 0x0001000000100012, 0x8401);
  EXPECT_EQ(n, 0u);
}

TEST(Cmd, PageResponses) {
  Expect(cmd_pri_resp(0x300, false, 0x77, 0x1a5, 2), 0x0000030000000041, 0x21a5);   // no PASID: SSID 0
  Expect(cmd_pri_resp(0x300, true, 0x77, 1, 1), 0x0000030000077841, 0x1001);
  Expect(cmd_pri_resp(0x1f00, true, 0xfffff, 0x1ff, 0), 0x00001f00fffff841, 0x01ff);
}

TEST(Cmd, RangesCoverExactlyThePagesAskedFor) {
  for (uint64_t want = 1; want < 5000; want++) {
    uint64_t iova = 0x123456000, n = want, at = iova;
    unsigned commands = 0;
    while (n != 0) {
      const cmd c = cmd_tlbi_nh_va_range(0, 1, &iova, &n);
      const uint64_t num = c.dw[0] >> 12 & 0x1f, scale = c.dw[0] >> 20 & 0x1f;
      const uint64_t tg = c.dw[1] >> 10 & 3, ttl = c.dw[1] >> 8 & 3;
      ASSERT_EQ(c.dw[1] & ~uint64_t{0xfff}, at);
      if (tg == 0) {
        ASSERT_EQ(num + scale, 0u);
        at += 4096;
      } else {
        ASSERT_EQ(tg, 1u);
        ASSERT_FALSE(num == 0 && scale == 0 && ttl == 0) << "CERROR_ILL";
        at += (num + 1) << scale << 12;
      }
      ASSERT_EQ(at, iova);
      commands++;
    }
    ASSERT_EQ(at, 0x123456000 + want * 4096);
    ASSERT_LE(commands, 3u);  // 5 bits at a time, 13 bits
  }
}

}  // namespace
