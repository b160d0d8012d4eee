// SPDX-License-Identifier: Apache-2.0
//
// Page requests in the driver: which domain grants them, and what the response carries (smmuv3.md section 9, pcie-ats.md section 10).
#include "smmu_fmt.h"
#include "smmu_regs.h"
#include "sw_driver_fixture.h"

namespace {

using namespace sw;

constexpr unsigned kSuccess = 2, kInvalid = 1, kFailure = 0;  // CMD_PRI_RESP.RESP

class PrgPasid : public DriverFixture {
 protected:
  static constexpr unsigned kSsid = 3;

  PrgPasid() {
    plat.priq_log2 = 4;
    page_requests = 8;
    for (unsigned i = 0; i < kDevices; i++) SetPri(i, true);
  }
  void SetPri(unsigned i, bool pasid_required) {
    Fn(i).Set(0x150, 4, 0x1601001b);  // PASID -> PRI
    Fn(i).Set(0x160, 4, 0x00010013);
    Fn(i).Set(0x166, 2, 0x0100 | (pasid_required ? 0x8000 : 0));
  }
  struct Asked {
    unsigned domain;
    uint64_t iova;
    unsigned prot;
  };
  static int Grant(void* arg, uint64_t iova, unsigned prot) {
    auto* d = static_cast<std::pair<PrgPasid*, unsigned>*>(arg);
    d->first->asked.push_back({d->second, iova, prot});
    return iova == kHole ? -EFAULT : 0;
  }
  void Start() {
    DriverFixture::Start();
    ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &second), 0);
    iommu_set_fault_handler(dom, Grant, &keepers[0]);
    iommu_set_fault_handler(second, Grant, &keepers[1]);
    ASSERT_EQ(iommu_attach_pasid(second, dev[1], kSsid), 0);
    m.consumed.clear();
  }
  void TearDown() override {
    if (second) {
      EXPECT_EQ(iommu_detach_pasid(dev[1], kSsid), 0);
      EXPECT_EQ(iommu_domain_destroy(second), 0);
    }
    DriverFixture::TearDown();
  }
  // A request of device `i`; ssid < 0: without a PASID.
  void Push(unsigned i, int ssid, uint64_t iova, unsigned group, bool last = true) {
    const uint32_t prod = m.reg32[SMMU_PRIQ_PROD], size = 1u << plat.priq_log2;
    auto* entry = reinterpret_cast<uint64_t*>(s->priq.base + 16 * (prod & (size - 1)));
    entry[0] = Bdf(i) | PRI_ENT0_W | (last ? PRI_ENT0_LAST : 0) |
               (ssid < 0 ? 0 : PRI_ENT0_SSV | FIELD_PREP64(PRI_ENT0_SSID, static_cast<uint64_t>(ssid)));
    entry[1] = iova | group;
    m.reg32[SMMU_PRIQ_PROD] = (prod + 1) & (2 * size - 1);
  }
  void Handle() {
    smmu_priq_irq(s);
    port_host_run_work(m.p);
  }
  std::vector<fake::Command> Responses() {
    std::vector<fake::Command> found;
    for (const auto& c : m.consumed)
      if (c.op() == OP_PRI_RESP) found.push_back(c);
    return found;
  }
  void Expect(const fake::Command& c, unsigned i, int ssid, unsigned group, unsigned resp) {
    EXPECT_EQ(c.sid(), Bdf(i));
    EXPECT_EQ((c.dw0 & CMD_PRI_RESP0_SSV) != 0, ssid >= 0);
    EXPECT_EQ(FIELD_GET64(CMD_PRI_RESP0_SSID, c.dw0), ssid < 0 ? 0u : static_cast<unsigned>(ssid));
    EXPECT_EQ(FIELD_GET64(CMD_PRI_RESP1_PRGINDEX, c.dw1), group);
    EXPECT_EQ(FIELD_GET64(CMD_PRI_RESP1_RESP, c.dw1), resp);
  }

  static constexpr uint64_t kHole = 0x66000;
  iommu_domain* second = nullptr;
  std::pair<PrgPasid*, unsigned> keepers[2] = {{this, 0}, {this, 1}};
  std::vector<Asked> asked;
};

TEST_F(PrgPasid, EachRequestGoesToTheDomainOfItsPasid) {
  Start();
  Push(1, -1, 0x5000, 7);
  Push(1, kSsid, 0x6000, 8);
  Push(1, 5, 0x7000, 9);  // attached by no such PASID
  Push(2, kSsid, 0x8000, 10);
  Handle();
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].domain, 0u);
  EXPECT_EQ(asked[0].iova, 0x5000u);
  EXPECT_EQ(asked[1].domain, 1u);
  EXPECT_EQ(asked[1].iova, 0x6000u);
  EXPECT_EQ(asked[1].prot, unsigned{IOMMU_WRITE});
  const auto r = Responses();
  ASSERT_EQ(r.size(), 4u);
  Expect(r[0], 1, -1, 7, kSuccess);
  Expect(r[1], 1, kSsid, 8, kSuccess);
  Expect(r[2], 1, 5, 9, kFailure);
  Expect(r[3], 2, kSsid, 10, kFailure);
}

// PRG Response PASID Required = 0: the response must not carry it, although the requests did.
TEST_F(PrgPasid, AFunctionThatNeedsNoPasidGetsNone) {
  SetPri(1, false);
  Start();
  Push(1, kSsid, 0x6000, 8);
  Push(1, -1, 0x6000, 9);
  Push(2, 1, 0x6000, 10);
  Handle();
  const auto r = Responses();
  ASSERT_EQ(r.size(), 3u);
  Expect(r[0], 1, -1, 8, kSuccess);
  Expect(r[1], 1, -1, 9, kSuccess);
  Expect(r[2], 2, 1, 10, kFailure);
}

// Groups of two PASIDs with one index, request by request: the worst answer of each group is its own.
TEST_F(PrgPasid, GroupsAreToldApartByTheirPasid) {
  Start();
  Push(1, kSsid, kHole, 4, false);
  Push(1, -1, 0x5000, 4, false);
  Push(1, -1, 0x6000, 4);
  Push(1, kSsid, 0x7000, 4);
  Handle();
  const auto r = Responses();
  ASSERT_EQ(r.size(), 2u);
  Expect(r[0], 1, -1, 4, kSuccess);
  Expect(r[1], 1, kSsid, 4, kInvalid);
}

// A stop marker ends the use of a PASID and gets no response.
TEST_F(PrgPasid, StopMarker) {
  Start();
  Push(1, kSsid, 0, 0);
  auto* entry = reinterpret_cast<uint64_t*>(s->priq.base);
  entry[0] &= ~PRI_ENT0_W;
  Handle();
  EXPECT_TRUE(asked.empty());
  EXPECT_TRUE(Responses().empty());
}

}  // namespace
