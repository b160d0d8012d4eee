// SPDX-License-Identifier: Apache-2.0
//
// smmu_regs: what the ID registers say is built.

#include "regs_bench.h"

namespace regs {
namespace {

TEST_F(Regs, IdentificationSaysWhatIsBuilt) {
  const uint32_t id0 = Read32(kIdr0), id1 = Read32(kIdr1), id5 = Read32(kIdr5);
  EXPECT_EQ(Field(id0, 0, 0), 1u) << "S2P";
  EXPECT_EQ(Field(id0, 1, 1), 1u) << "S1P";
  EXPECT_EQ(Field(id0, 3, 2), 2u) << "TTF";
  EXPECT_EQ(Field(id0, 4, 4), 1u) << "COHACC";
  EXPECT_EQ(Field(id0, 9, 9), 1u) << "HYP";
  EXPECT_EQ(Field(id0, 10, 10), 1u) << "ATS";
  EXPECT_EQ(Field(id0, 11, 11), 1u) << "NS1ATS";
  EXPECT_EQ(Field(id0, 13, 13), 1u) << "MSI";
  EXPECT_EQ(Field(id0, 14, 14), 1u) << "SEV";
  EXPECT_EQ(Field(id0, 16, 16), 1u) << "PRI";
  EXPECT_EQ(Field(id0, 18, 18), 1u) << "VMID16";
  EXPECT_EQ(Field(id0, 23, 23), 1u) << "ATSRECERR";
  EXPECT_EQ(Field(id0, 25, 24), 0u) << "STALL_MODEL";
  EXPECT_EQ(Field(id5, 31, 16), 16u) << "STALL_MAX";
  EXPECT_EQ(Field(id0, 28, 27), 1u) << "ST_LEVEL";
  EXPECT_EQ(Field(id1, 5, 0), 16u) << "SIDSIZE";
  EXPECT_EQ(Field(id1, 15, 11), 19u) << "PRIQS";
  EXPECT_EQ(Field(Read32(kIdr3), 5, 5), 1u) << "PPS";
  EXPECT_EQ(Field(id1, 20, 16), 19u) << "EVENTQS";
  EXPECT_EQ(Field(id1, 25, 21), 19u) << "CMDQS";
  EXPECT_EQ(Field(id1, 31, 28), 0u) << "REL, PRESETs, ECMDQ";
  EXPECT_EQ(Field(Read32(kIdr3), 10, 10), 1u) << "RIL";
  EXPECT_EQ(Field(id5, 2, 0), 5u) << "OAS";
  EXPECT_EQ(Field(id5, 6, 4), 1u) << "granules";
  EXPECT_EQ(Read32(kAidr), 2u);
  Write64(kIdr0, 0);
  EXPECT_EQ(Read32(kIdr0), id0);
}

TEST_F(Regs, NothingOfTheEcmdqsWithoutThem) {
  for (uint32_t addr : {0x4000u, 0x4008u, 0x20000u, 0x20008u}) {
    Write64(addr, ~uint64_t{0});
    EXPECT_EQ(Read64(addr), 0u) << std::hex << addr;
  }
  EXPECT_EQ(Read32(0x190), 0u) << "IDR6";
}

}  // namespace
}  // namespace regs
