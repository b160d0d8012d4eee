// SPDX-License-Identifier: Apache-2.0
//
// Hardware and devices that lie: CONS beyond PROD, errors that never settle, acknowledgements that never come, wild event
// records, capability lists that loop, ATS depth 0, all ones. The driver ends every wait, writes only where it may, and works
// again when the lie is over. The same at random, against models: tb/fuzz.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "sw_driver_fixture.h"

extern "C" {
#include "../../sw/pci/pci_priv.h"
#include "../../sw/smmu/smmu_master.h"
}

namespace {

using fake::Machine;

constexpr uint32_t kGerror = 0x60, kCons = 0x9c, kEventProd = 0x100a8;

class Lying : public ::testing::Test {
 protected:
  Lying() : m(2) {
    smmu_platform_init(&plat);
    plat.base = fake::kSmmu;
    plat.cmdq_log2 = 7;
    plat.atc_timeout = 2000;
    plat.poll_timeout = 500;
    plat.expiry_limit = 3;
    plat.reg_timeout = 300;
    plat.irq_cpu = 1;
  }
  void Probe() { ASSERT_EQ(smmu_probe(m.p, &plat, &s), 0); }
  void TearDown() override {
    m.lie = nullptr;
    m.mute = m.stuck = false;
    m.acks = true;
    if (s) smmu_remove(s);
    EXPECT_EQ(port_host_allocs(m.p), 0u);
    EXPECT_EQ(m.overfull, 0u);
  }
  static smmu_batch Tlbis(unsigned n) {
    smmu_batch b{};
    for (unsigned i = 0; i < n; i++) b.cmd[b.n++] = cmd_tlbi_nh_va(0, 1, uint64_t{i} << 12);
    return b;
  }
  int Issue(unsigned n = 1) {
    const smmu_batch b = Tlbis(n);
    return smmu_cmdq_issue(s, &b, nullptr);
  }
  smmu_stats Stats() {
    smmu_stats st;
    smmu_stats_get(s, &st);
    return st;
  }

  Machine m;
  smmu_platform plat;
  smmu* s = nullptr;
};

// A CONS ahead of PROD would complete a SYNC that was never consumed, and make room that is not there.
TEST_F(Lying, ConsBeyondProd) {
  plat.sync_msi = false;
  for (uint32_t ahead : {1u, 5u, 64u, 100u}) {
    Probe();
    ASSERT_EQ(Issue(40), 0);
    m.stuck = true;
    m.lie = [&](uint32_t off, uint64_t& v) {
      if (off == kCons) v = (v & ~0xffull) | ((m.reg32[0x98] + ahead) & 0xff);
    };
    EXPECT_EQ(Issue(3), -ETIMEDOUT) << ahead;
    EXPECT_EQ(Issue(63), -ETIMEDOUT) << ahead;
    EXPECT_EQ(Issue(63), -ETIMEDOUT) << "no room: the queue holds 4 + 64 entries" << ahead;
    m.lie = nullptr;
    m.stuck = false;
    EXPECT_EQ(Issue(63), 0) << ahead;
    EXPECT_EQ(m.overfull, 0u);
    smmu_remove(s);
    s = nullptr;
  }
}

TEST_F(Lying, ConsBehindWhatWasSeen) {
  plat.sync_msi = false;
  Probe();
  for (int i = 0; i < 5; i++) ASSERT_EQ(Issue(20), 0);
  m.lie = [&](uint32_t off, uint64_t& v) {
    if (off == kCons) v = (v & ~0xffull) | ((v - 30) & 0xff);
  };
  EXPECT_EQ(Issue(2), -ETIMEDOUT);
  m.lie = nullptr;
  EXPECT_EQ(Issue(2), 0);
}

TEST_F(Lying, ConsReadsAllOnes) {
  plat.sync_msi = false;
  for (unsigned lead = 1; lead < 120; lead += 7) {  // so that 0xff is a different distance away
    Probe();
    ASSERT_EQ(Issue(lead % 63 + 1), 0);
    m.stuck = true;
    m.lie = [](uint32_t off, uint64_t& v) {
      if (off == kCons) v = UINT32_MAX;
    };
    EXPECT_EQ(Issue(60), -ETIMEDOUT);
    m.lie = nullptr;
    m.stuck = false;
    EXPECT_EQ(Issue(1), 0);
    smmu_remove(s);
    s = nullptr;
  }
}

// CMDQ_ERR comes up again as soon as it is acknowledged, with every code there is.
TEST_F(Lying, AnErrorThatNeverSettles) {
  for (uint32_t code : {0u, 1u, 2u, 3u, 5u, 0x7fu}) {
    Probe();
    m.stuck = true;
    m.lie = [&, code](uint32_t off, uint64_t& v) {
      if (off == kGerror) v = m.reg32[0x64] ^ 1;
      if (off == kCons) v = (v & 0xfffff) | code << 24;
    };
    const int r = Issue(3);
    EXPECT_TRUE(r == -ETIMEDOUT || (code == 2 && r == -ENXIO)) << code << ": " << r;
    m.lie = nullptr;
    m.stuck = false;
    if (code != 2) EXPECT_EQ(Issue(1), 0) << code;  // 2: the queue was given up, for good
    smmu_remove(s);
    s = nullptr;
  }
}

// The same bit, but the acknowledge does nothing: GERROR follows GERRORN at no time.
TEST_F(Lying, AllGerrorBitsAtOnceFromTheHandler) {
  Probe();
  m.lie = [&](uint32_t off, uint64_t& v) {
    if (off == kGerror) v = ~m.reg32[0x64] & 0x1ff;
  };
  port_host_set_cpu(m.p, plat.irq_cpu);
  for (int i = 0; i < 20; i++) {
    port_host_raise(m.p, PORT_IRQ_GERROR);
    port_host_advance(m.p, 1);
  }
  port_host_set_cpu(m.p, 0);
  m.lie = nullptr;
  EXPECT_EQ(Stats().gerror_irqs, 20u);
  EXPECT_EQ(Issue(1), 0);
}

// One wrong read of GERROR, which the driver acknowledges and the SMMU, where nothing was active, ignores: from then on the driver would
// take every error for none. A wait that expires finds out.
TEST_F(Lying, OneWrongReadOfGerrorDoesNotBlindForGood) {
  for (uint32_t wrong : {1u, 0xffu}) {
    Probe();
    bool lied = false;
    m.lie = [&](uint32_t off, uint64_t& v) {
      if (off != kGerror || lied) return;
      lied = true;
      v ^= wrong;
    };
    port_host_set_cpu(m.p, plat.irq_cpu);
    port_host_raise(m.p, PORT_IRQ_GERROR);
    port_host_advance(m.p, 1);
    port_host_set_cpu(m.p, 0);
    ASSERT_TRUE(lied);
    const uint64_t ill[1][2] = {{0xee, 0}};
    EXPECT_EQ(smmu_raw_commands(s, ill, 1), -EINVAL) << wrong;
    EXPECT_EQ(Stats().sync_expired, 1u) << wrong;
    // GERRORN that does not answer teaches nothing
    m.stuck = true;
    m.lie = [](uint32_t off, uint64_t& v) {
      if (off == 0x64) v = UINT32_MAX;
    };
    EXPECT_EQ(Issue(1), -ETIMEDOUT);
    m.lie = nullptr;
    m.stuck = false;
    EXPECT_EQ(Issue(1), 0);
    smmu_remove(s);
    s = nullptr;
    m.reg32[0x60] = m.reg32[0x64] = 0;
  }
}

// CERROR_ILL at a place where no command is: nothing may be written there.
TEST_F(Lying, IllegalCommandOutsideOfTheQueue) {
  Probe();
  ASSERT_EQ(Issue(10), 0);
  const uint64_t base = (uint64_t{m.reg32[0x94]} << 32 | m.reg32[0x90]) & 0x00ffffffffffffe0 & ~uint64_t{0x7ff};
  std::vector<uint64_t> before;
  for (unsigned i = 0; i < 256; i++) before.push_back(Machine::Mem(base + 8 * i));
  m.lie = [&](uint32_t off, uint64_t& v) {
    if (off == kCons) v = ((m.reg32[0x98] + 50) & 0xff) | 1u << 24;
  };
  m.RaiseGerror(1);
  port_host_set_cpu(m.p, plat.irq_cpu);
  port_host_advance(m.p, 1);
  port_host_set_cpu(m.p, 0);
  m.lie = nullptr;
  EXPECT_EQ(Stats().cerror_ill, 1u);
  for (unsigned i = 0; i < 256; i++) ASSERT_EQ(Machine::Mem(base + 8 * i), before[i]) << i;
  EXPECT_TRUE(m.LogHas("where no command is"));
  EXPECT_EQ(Issue(3), 0);
}

TEST_F(Lying, AcknowledgementsThatNeverCome) {
  m.acks = false;
  EXPECT_EQ(smmu_probe(m.p, &plat, &s), -ETIMEDOUT);
  EXPECT_EQ(s, nullptr);
  EXPECT_TRUE(m.LogHas("GBPA.Update") || m.LogHas("CR0ACK"));
  m.acks = true;
  m.reg32[0x44] = 0;
  Probe();
  m.acks = false;
  smmu_remove(s);  // ends
  s = nullptr;
}

// Each acknowledgement alone: the value read is never what was written.
TEST_F(Lying, OneAcknowledgementThatNeverComes) {
  for (uint32_t ack : {0x24u, 0x54u}) {
    m.lie = [ack](uint32_t off, uint64_t& v) {
      if (off == ack) v ^= 0x10;
    };
    EXPECT_EQ(smmu_probe(m.p, &plat, &s), -ETIMEDOUT) << ack;
    EXPECT_EQ(s, nullptr);
    m.lie = nullptr;
  }
}

// ---- event records

TEST_F(Lying, WildEventRecordsAndIndices) {
  Probe();
  static unsigned taken;
  taken = 0;
  smmu_set_event_handler(s, [](void*, const uint64_t[4]) { taken++; }, nullptr);
  const uint64_t base = (uint64_t{m.reg32[0xa4]} << 32 | m.reg32[0xa0]) & 0x00ffffffffffffe0 & ~uint64_t{0xfff};
  const unsigned log2 = m.reg32[0xa0] & 0x1f;
  std::mt19937_64 rng(3);
  for (int round = 0; round < 2000; round++) {
    for (unsigned i = 0; i < 4u << log2; i++)
      if (rng() % 3 == 0) *reinterpret_cast<uint64_t*>(base + 8 * i) = rng();
    m.reg32[kEventProd] = rng() % 4 ? static_cast<uint32_t>(rng()) : (m.reg32[0x100ac] + rng() % 200) & 0x800000ff;
    port_host_set_cpu(m.p, plat.irq_cpu);
    port_host_raise(m.p, PORT_IRQ_EVENTQ);
    port_host_advance(m.p, 1);
    port_host_run_work(m.p);
    port_host_set_cpu(m.p, 0);
    ASSERT_EQ(m.reg32[0x100ac] & 0x7ff00000, 0u) << "CONS has an index, a wrap bit and OVACKFLG";
  }
  EXPECT_GT(taken, 1000u);
}

// ---- devices

class LyingDevice : public Lying {
 protected:
  void SetUp() override {
    m.AddFunction(0x100);
    pci_host_cfg cfg;
    pci_host_cfg_init(&cfg);
    cfg.ecam_base = fake::kEcam;
    ASSERT_EQ(pci_host_create(m.p, &cfg, &host), 0);
  }
  void TearDown() override {
    if (dev) pci_dev_destroy(dev);
    pci_host_destroy(host);
    Lying::TearDown();
  }
  void Create() { ASSERT_EQ(pci_dev_create(host, 0x100, &dev), 0); }

  pci_host* host = nullptr;
  pci_dev* dev = nullptr;
};

TEST_F(LyingDevice, CapabilityListsThatLoop) {
  auto& f = m.fn[0x100];
  f.Set(0x40, 4, 0x00004010);   // PCIe -> itself
  f.Set(0x100, 4, 0x14020001);
  f.Set(0x140, 4, 0x1001000f);  // ATS -> AER -> ATS ...
  Create();
  EXPECT_EQ(dev->caps, static_cast<unsigned>(PCI_CAPS_MAX));
  EXPECT_EQ(dev->exts, static_cast<unsigned>(PCI_CAPS_MAX));
  EXPECT_EQ(pci_find_ext_cap(dev, 0xf), 0x140u);
  EXPECT_TRUE(pci_ats_supported(dev));
}

TEST_F(LyingDevice, CapabilityListsThatLeadNowhere) {
  auto& f = m.fn[0x100];
  f.Set(0x34, 1, 0x3c);         // below the first place that there is
  f.Set(0x100, 4, 0x0ff10001);  // next = 0x0ff: not extended space
  Create();
  EXPECT_EQ(dev->caps, 0u);
  EXPECT_FALSE(pci_ats_supported(dev));
  EXPECT_EQ(pci_find_cap(dev, 0x10), 0u);
}

TEST_F(LyingDevice, UnalignedPointersAndHoles) {
  auto& f = m.fn[0x100];
  f.Set(0x34, 1, 0x43);         // low bits are reserved
  f.Set(0x100, 4, 0xffc10001);  // to the last dword, which is zero
  f.Set(0xffc, 4, 0);
  Create();
  EXPECT_EQ(pci_find_cap(dev, 0x10), 0x40u);
  EXPECT_EQ(dev->exts, 1u);
}

TEST_F(LyingDevice, AtsDepthZeroIsThirtyTwo) {
  m.fn[0x100].Set(0x144, 2, 0x20);
  Create();
  EXPECT_EQ(pci_ats_qdep(dev), 32u);
  m.fn[0x100].Set(0x144, 2, 0x20 | 5);
  EXPECT_EQ(pci_ats_qdep(dev), 5u);
}

// It stops answering, at every access of its life in turn.
TEST_F(LyingDevice, AllOnesFromSomePointOn) {
  for (int alive = 0; alive < 40; alive++) {
    int reads = 0;
    m.lie_cfg = [&](uint16_t, unsigned, uint32_t& v) {
      if (reads++ >= alive) v = UINT32_MAX;
    };
    const int r = pci_dev_create(host, 0x100, &dev);
    EXPECT_EQ(r, alive ? 0 : -ENODEV);
    if (r == 0) {
      EXPECT_GE(pci_ats_qdep(dev), 1u);
      const int enabled = pci_enable_ats(dev);
      EXPECT_TRUE(enabled == 0 || enabled == -EIO || enabled == -ENODEV);
      pci_save_state(dev);
      pci_disable_ats(dev);
      pci_ats_check_disabled(dev);
      m.lie_cfg = nullptr;
      pci_dev_destroy(dev);
    }
    m.lie_cfg = nullptr;
    dev = nullptr;
  }
}

TEST_F(LyingDevice, RandomConfigurationSpace) {
  std::mt19937 rng(11);
  for (int round = 0; round < 3000; round++) {
    for (auto& byte : m.fn[0x100].cfg) byte = static_cast<uint8_t>(rng());
    m.fn[0x100].Set(0x00, 4, 0xa7cb1234);
    ASSERT_EQ(pci_dev_create(host, 0x100, &dev), 0);
    pci_ats_qdep(dev);
    pci_enable_device(dev);
    pci_enable_ats(dev);
    pci_disable_ats(dev);
    pci_save_state(dev);
    pci_restore_state(dev);
    pci_dev_destroy(dev);
    dev = nullptr;
  }
}

}  // namespace
