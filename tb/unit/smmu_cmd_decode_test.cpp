// SPDX-License-Identifier: Apache-2.0
//
// smmu_cmd_decode: the whole legality table of smmuv3 §2.5 over all opcodes and all builds, and the
// fields of each kind. The expectations are written from the fact sheet, not from the generated
// packages.

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <set>

#include "Vsmmu_cmd_decode_tb.h"

namespace {

enum Kind { kNop, kCfgi, kTlbi, kAtcInv, kStallCmd, kPriResp, kSync, kIll };

enum Build {
  kDefault,
  kStage2Only,
  kNoHyp,
  kNoAts,
  kPri,
  kStall,
  kNoMsi,
  kNoRil,
  kNoSsid,
  kSev,
  kAsid8,
  kStallForced,
  kVmid8,  // with both stages
  kSid9,
  kBuilds
};

class Decode : public ::testing::Test {
 protected:
  Kind DecodeIn(int build, uint64_t dw0, uint64_t dw1) {
    top_.build_i = build;
    top_.dw0_i = dw0;
    top_.dw1_i = dw1;
    top_.eval();
    return static_cast<Kind>(top_.kind_o);
  }
  Vsmmu_cmd_decode_tb top_;
};

uint64_t Bits(uint64_t v, int hi, int lo) { return (v >> lo) & ((uint64_t{2} << (hi - lo)) - 1); }

// smmuv3 §2 and §2.5, read as a program.
Kind Expected(int build, uint64_t dw0, uint64_t dw1) {
  const bool s1p = build != kStage2Only;
  const bool s2p = build == kStage2Only || build == kVmid8;
  const bool hyp = build != kNoHyp;
  const bool ats = build != kNoAts;
  const bool ril = build != kNoRil;
  const bool no_sid = (dw0 >> 32) >> (build == kSid9 ? 9 : 16) != 0;
  const bool ssec = Bits(dw0, 10, 10);
  const bool bad_range = ril && Bits(dw1, 11, 10) != 0 && Bits(dw0, 16, 12) == 0 &&
                         Bits(dw0, 24, 20) == 0 && Bits(dw1, 9, 8) == 0;
  switch (dw0 & 0xFF) {
    case 0x01:
    case 0x02:
      return ssec ? kIll : kNop;
    case 0x03:
    case 0x04:
      return ssec ? kIll : kCfgi;
    case 0x05:
    case 0x06:
      return ssec || !s1p ? kIll : kCfgi;
    case 0x10:
    case 0x11:
      return s1p ? kTlbi : kIll;
    case 0x12:
    case 0x13:
      return s1p && !bad_range ? kTlbi : kIll;
    case 0x20:
    case 0x21:
      return hyp ? kTlbi : kIll;
    case 0x22:
    case 0x23:
      return hyp && !bad_range ? kTlbi : kIll;
    case 0x28:
      return s2p ? kTlbi : kIll;
    case 0x2A:
      return s2p && !bad_range ? kTlbi : kIll;
    case 0x30:
      return kTlbi;
    case 0x40:
      if (ssec || !ats || Bits(dw1, 5, 0) > 52) return kIll;
      return no_sid ? kNop : kAtcInv;  // a StreamID that cannot exist has no effect
    case 0x41:
      if (ssec || build != kPri || Bits(dw1, 13, 12) == 3) return kIll;
      return no_sid ? kNop : kPriResp;
    case 0x44:
    case 0x45:
      if (ssec || (build != kStall && build != kStallForced)) return kIll;
      return no_sid ? kNop : kStallCmd;
    case 0x46:
      return Bits(dw0, 13, 12) != 3 ? kSync : kIll;
    default:
      return kIll;
  }
}

TEST_F(Decode, EveryOpcodeInEveryBuild) {
  // For each opcode: all other bits zero, and each field that matters at its edges.
  const uint64_t dw0_cases[] = {
      0,       1 << 10,           1 << 12,         1 << 20,          3 << 12,
      2 << 12, uint64_t{1} << 48, ~uint64_t{0xFF}, ~uint64_t{0x4FF}, 0x0000FFFF'00000000};
  const uint64_t dw1_cases[] = {0,     52,    53,      63,      0x400,       0x500,
                                0x600, 0xC00, 3 << 12, 2 << 12, ~uint64_t{0}};
  for (int build = 0; build < kBuilds; ++build) {
    for (int op = 0; op < 256; ++op) {
      for (uint64_t dw0 : dw0_cases) {
        for (uint64_t dw1 : dw1_cases) {
          ASSERT_EQ(DecodeIn(build, dw0 | op, dw1), Expected(build, dw0 | op, dw1))
              << "build " << build << " dw0 " << std::hex << (dw0 | op) << " dw1 " << dw1;
        }
      }
    }
  }
}

TEST_F(Decode, LegalOpcodesOfTheDefaultBuild) {
  std::set<int> legal;
  for (int op = 0; op < 256; ++op) {
    if (DecodeIn(kDefault, op, 0) != kIll) legal.insert(op);
  }
  const std::set<int> expected = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x11, 0x12,
                                  0x13, 0x20, 0x21, 0x22, 0x23, 0x30, 0x40, 0x46};
  EXPECT_EQ(legal, expected);
}

TEST_F(Decode, RandomBits) {
  std::mt19937_64 rng(7);
  const int ops[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x10, 0x11, 0x12,
                     0x13, 0x18, 0x20, 0x21, 0x22, 0x23, 0x28, 0x2A, 0x30, 0x40,
                     0x41, 0x44, 0x45, 0x46, 0x50, 0x70, 0x80, 0x8F, 0xFF, 0x00};
  for (int i = 0; i < 200000; ++i) {
    const int build = static_cast<int>(rng() % kBuilds);
    uint64_t dw0 = rng();
    if (rng() % 2 == 0) dw0 &= ~(uint64_t{0xFFFF} << 48);
    dw0 = (dw0 & ~uint64_t{0xFF}) | ops[rng() % std::size(ops)];
    uint64_t dw1 = rng();
    if (rng() % 4 == 0) dw0 &= ~uint64_t{0x1F1F000};
    ASSERT_EQ(DecodeIn(build, dw0, dw1), Expected(build, dw0, dw1))
        << "build " << build << " dw0 " << std::hex << dw0 << " dw1 " << dw1;
  }
}

TEST_F(Decode, CfgiFields) {
  enum { kSte, kSteRange, kAll, kCd, kCdAll };
  EXPECT_EQ(DecodeIn(kDefault, 0x00012345'00000003, 1), kCfgi);
  EXPECT_EQ(top_.cfgi_op_o, kSte);
  EXPECT_EQ(top_.cfgi_sid_o, 0x12345u);
  EXPECT_EQ(top_.cfgi_leaf_o, 1);
  EXPECT_EQ(DecodeIn(kDefault, 0x00000100'00000003, 0), kCfgi);
  EXPECT_EQ(top_.cfgi_leaf_o, 0);
  // A range of 2^31 StreamIDs is a range; 31 in the field is everything.
  EXPECT_EQ(DecodeIn(kDefault, 0x00000100'00000004, 30), kCfgi);
  EXPECT_EQ(top_.cfgi_op_o, kSteRange);
  EXPECT_EQ(top_.cfgi_range_o, 30);
  EXPECT_EQ(DecodeIn(kDefault, 0x00000100'00000004, 31), kCfgi);
  EXPECT_EQ(top_.cfgi_op_o, kAll);
  EXPECT_EQ(DecodeIn(kDefault, 0x00000100'ABCDE005, 0), kCfgi);
  EXPECT_EQ(top_.cfgi_op_o, kCd);
  EXPECT_EQ(top_.cfgi_ssid_o, 0xABCDEu);
  EXPECT_EQ(DecodeIn(kDefault, 0x00000100'00000006, 0), kCfgi);
  EXPECT_EQ(top_.cfgi_op_o, kCdAll);
}

TEST_F(Decode, TlbiFields) {
  const int ops[] = {0x10, 0x11, 0x12, 0x13, 0x20, 0x21, 0x22, 0x23, 0x28, 0x2A, 0x30};
  for (int i = 0; i < static_cast<int>(std::size(ops)); ++i) {
    const int build = ops[i] == 0x28 || ops[i] == 0x2A ? kStage2Only : kDefault;
    ASSERT_EQ(DecodeIn(build, ops[i], 0), kTlbi);
    EXPECT_EQ(top_.tlbi_op_o, i) << std::hex << ops[i];
  }
  // NH_VA: VMID 0x2222 (no stage 2: handed on as 0), ASID 0x3333, NUM 5, SCALE 6, TG 4K, TTL 1,
  // leaf.
  ASSERT_EQ(DecodeIn(kDefault, 0x33332222'00605012, 0xFFFFABCD'12345501), kTlbi);
  EXPECT_EQ(top_.tlbi_vmid_o, 0);
  EXPECT_EQ(top_.tlbi_asid_o, 0x3333);
  EXPECT_EQ(top_.tlbi_num_o, 5);
  EXPECT_EQ(top_.tlbi_scale_o, 6);
  EXPECT_EQ(top_.tlbi_range_o, 1);
  EXPECT_EQ(top_.tlbi_leaf_o, 1);
  EXPECT_EQ(top_.tlbi_page_o, 0xFFFFABCD12345u);
  // TG = 0: one address whatever NUM and SCALE say. RIL = 0: the fields do not exist.
  ASSERT_EQ(DecodeIn(kDefault, 0x33332222'00605012, 0x12345001), kTlbi);
  EXPECT_EQ(top_.tlbi_range_o, 0);
  ASSERT_EQ(DecodeIn(kNoRil, 0x33332222'00605012, 0x12345501), kTlbi);
  EXPECT_EQ(top_.tlbi_range_o, 0);
  ASSERT_EQ(DecodeIn(kStage2Only, 0x00002222'0000002A, 0), kTlbi);
  EXPECT_EQ(top_.tlbi_vmid_o, 0x2222);
}

TEST_F(Decode, AtcInvFields) {
  ASSERT_EQ(DecodeIn(kDefault, 0x00000100'ABCDEA40, 0x12345678'9ABCD034), kAtcInv);
  EXPECT_EQ(top_.atc_sid_o, 0x100u);
  EXPECT_EQ(top_.atc_ssv_o, 1);
  EXPECT_EQ(top_.atc_ssid_o, 0xABCDEu);
  EXPECT_EQ(top_.atc_g_o, 1);
  EXPECT_EQ(top_.atc_size_o, 52);
  EXPECT_EQ(top_.atc_page_o, 0x123456789ABCDu);
  // G and SSID mean nothing without SSV.
  ASSERT_EQ(DecodeIn(kDefault, 0x00000100'ABCDE240, 0), kAtcInv);
  EXPECT_EQ(top_.atc_ssv_o, 0);
  EXPECT_EQ(top_.atc_g_o, 0);
  EXPECT_EQ(top_.atc_ssid_o, 0u);
  // No substreams in the system: SSV = 1 acts as SSV = 0.
  ASSERT_EQ(DecodeIn(kNoSsid, 0x00000100'ABCDEA40, 0), kAtcInv);
  EXPECT_EQ(top_.atc_ssv_o, 0);
  EXPECT_EQ(top_.atc_g_o, 0);
}

TEST_F(Decode, IdentifierWidths) {
  ASSERT_EQ(DecodeIn(kAsid8, 0x33332222'00000012, 0), kTlbi);
  EXPECT_EQ(top_.tlbi_asid_o, 0x33);
  ASSERT_EQ(DecodeIn(kVmid8, 0x33332222'00000012, 0), kTlbi);
  EXPECT_EQ(top_.tlbi_vmid_o, 0x22);
  EXPECT_EQ(top_.tlbi_asid_o, 0x3333);
}

TEST_F(Decode, StallFields) {
  // RESUME: Ac 12 retries, Ab 13 aborts, neither is plain termination; Ac outranks Ab.
  ASSERT_EQ(DecodeIn(kStall, 0x00001234'00001044, 0xFFFFFFFF'FFFFABCD), kStallCmd);
  EXPECT_EQ(top_.stall_all_o, 0);
  EXPECT_EQ(top_.stall_sid_o, 0x1234u);
  EXPECT_EQ(top_.stall_stag_o, 0xABCD);
  EXPECT_EQ(top_.stall_retry_o, 1);
  EXPECT_EQ(top_.stall_abort_o, 0);
  ASSERT_EQ(DecodeIn(kStall, 0x00001234'00002044, 0xABCD), kStallCmd);
  EXPECT_EQ(top_.stall_retry_o, 0);
  EXPECT_EQ(top_.stall_abort_o, 1);
  ASSERT_EQ(DecodeIn(kStall, 0x00001234'00000044, 0xABCD), kStallCmd);
  EXPECT_EQ(top_.stall_retry_o | top_.stall_abort_o, 0);
  ASSERT_EQ(DecodeIn(kStall, 0x00001234'00003044, 0xABCD), kStallCmd);
  EXPECT_EQ(top_.stall_retry_o, 1);
  EXPECT_EQ(top_.stall_abort_o, 0);
  ASSERT_EQ(DecodeIn(kStallForced, 0x00004321'00000045, 0), kStallCmd);
  EXPECT_EQ(top_.stall_all_o, 1);
  EXPECT_EQ(top_.stall_sid_o, 0x4321u);
}

TEST_F(Decode, PriRespFields) {
  ASSERT_EQ(DecodeIn(kPri, 0x00000300'ABCDE841, 0x2000 | 0x1A5), kPriResp);
  EXPECT_EQ(top_.pri_sid_o, 0x300u);
  EXPECT_EQ(top_.pri_ssv_o, 1);
  EXPECT_EQ(top_.pri_ssid_o, 0xABCDEu);
  EXPECT_EQ(top_.pri_prgi_o, 0x1A5);
  EXPECT_EQ(top_.pri_resp_o, 2);
  ASSERT_EQ(DecodeIn(kPri, 0x00000300'ABCDE041, 0x1000), kPriResp);
  EXPECT_EQ(top_.pri_ssv_o, 0);
  EXPECT_EQ(top_.pri_ssid_o, 0u) << "no PASID without SSV";
  EXPECT_EQ(top_.pri_resp_o, 1);
}

TEST_F(Decode, SyncSignals) {
  ASSERT_EQ(DecodeIn(kDefault, 0xCAFEF00D'00001046, 0x08000040), kSync);
  EXPECT_EQ(top_.sync_irq_o, 1);
  EXPECT_EQ(top_.sync_addr_o, 0x08000040u);
  EXPECT_EQ(top_.sync_data_o, 0xCAFEF00Du);
  // The address starts at bit 2; bits above the output address size do not exist.
  ASSERT_EQ(DecodeIn(kDefault, 0x00001046, 0xFFFF'8000'0000'0043), kSync);
  EXPECT_EQ(top_.sync_addr_o, 0x8000'0000'0040u);
  for (int cs : {0, 2}) {
    ASSERT_EQ(DecodeIn(kDefault, (cs << 12) | 0x46, 0x08000040), kSync);
    EXPECT_EQ(top_.sync_irq_o, 0) << "CS " << cs;
    EXPECT_EQ(top_.sync_sev_o, 0) << "CS 2 acts as 0 without IDR0.SEV";
    ASSERT_EQ(DecodeIn(kSev, (cs << 12) | 0x46, 0x08000040), kSync);
    EXPECT_EQ(top_.sync_irq_o, 0) << "CS " << cs;
    EXPECT_EQ(top_.sync_sev_o, cs == 2);
  }
  // Without MSI the wired interrupt is all there is.
  ASSERT_EQ(DecodeIn(kNoMsi, 0x1046, 0x08000040), kSync);
  EXPECT_EQ(top_.sync_irq_o, 1);
  EXPECT_EQ(top_.sync_addr_o, 0u);
}

}  // namespace
