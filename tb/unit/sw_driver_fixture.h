// SPDX-License-Identifier: Apache-2.0
//
// The driver brought up on the host-test port against the model of sw_fake_smmu.h: an SMMU, one paging domain, `devices`
// functions attached to it, each with a driver that notes what it is told.

#ifndef ATCBENCH_SW_DRIVER_FIXTURE_H_
#define ATCBENCH_SW_DRIVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "sw_fake_smmu.h"

extern "C" {
#include "../../sw/iommu/iommu_priv.h"
}

namespace sw {

using fake::Machine;

inline uint16_t Bdf(unsigned i) { return static_cast<uint16_t>((i + 1) << 8); }

// What the device's driver is told and answers.
struct DeviceDriver {
  pci_ers_result answer = PCI_ERS_NEED_RESET;
  pci_ers_result mmio_answer = PCI_ERS_RECOVERED;
  std::vector<std::string> calls;
  std::function<void()> in_error_detected;

  static pci_ers_result ErrorDetected(pci_dev*, void* arg, pci_channel_state state) {
    auto* d = static_cast<DeviceDriver*>(arg);
    d->calls.push_back(state == PCI_CHANNEL_FROZEN ? "error" : state == PCI_CHANNEL_NORMAL ? "nonfatal" : "failure");
    if (state == PCI_CHANNEL_FROZEN && d->in_error_detected) d->in_error_detected();
    return d->answer;
  }
  static pci_ers_result MmioEnabled(pci_dev*, void* arg) {
    auto* d = static_cast<DeviceDriver*>(arg);
    d->calls.push_back("mmio_enabled");
    return d->mmio_answer;
  }
  static pci_ers_result SlotReset(pci_dev*, void* arg) {
    static_cast<DeviceDriver*>(arg)->calls.push_back("slot_reset");
    return PCI_ERS_RECOVERED;
  }
  static void Resume(pci_dev*, void* arg) { static_cast<DeviceDriver*>(arg)->calls.push_back("resume"); }
  static void ResetDone(pci_dev*, void* arg, bool good) {
    static_cast<DeviceDriver*>(arg)->calls.push_back(good ? "reset_done" : "reset_failed");
  }
};
inline const pci_driver kDriver = {"test", DeviceDriver::ErrorDetected, DeviceDriver::SlotReset, DeviceDriver::Resume,
                                   DeviceDriver::MmioEnabled, DeviceDriver::ResetDone};

class DriverFixture : public ::testing::Test {
 protected:
  static constexpr unsigned kDevices = 4, kMaxDevices = 16, kCpus = 5;

  DriverFixture() : m(kCpus) {
    smmu_platform_init(&plat);
    plat.base = fake::kSmmu;
    plat.atc_timeout = 2000;
    plat.irq_cpu = kCpus - 1;
    pci_host_cfg_init(&hcfg);
    hcfg.ecam_base = fake::kEcam;
    for (unsigned i = 0; i < kDevices; i++) m.AddFunction(Bdf(i));
  }
  void Start(bool attach = true) {
    for (unsigned i = kDevices; i < devices; i++) m.AddFunction(Bdf(i));
    ASSERT_EQ(smmu_probe(m.p, &plat, &s), 0);
    ASSERT_EQ(pci_host_create(m.p, &hcfg, &host), 0);
    if (before_devices) before_devices();
    ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &dom), 0);
    for (unsigned i = 0; i < devices; i++) {
      iommu_device_cfg c{};
      c.sid = Bdf(i);
      c.hw_index = i;
      c.ats = true;
      c.ssid_bits = 4;
      c.group = group_of ? group_of(i) : nullptr;
      c.page_requests = page_requests;
      ASSERT_EQ(pci_dev_create(host, Bdf(i), &pdev[i]), 0);
      ASSERT_EQ(pci_assign_bar(pdev[i], 0, 0x50000000 + i * 0x10000), 0);
      ASSERT_EQ(pci_enable_device(pdev[i]), 0);
      ASSERT_EQ(iommu_device_create(s, pdev[i], &c, &dev[i]), 0);
      pci_bind_driver(pdev[i], &kDriver, &drv[i]);
      if (attach) {
        ASSERT_EQ(iommu_attach(dom, dev[i]), 0);
      }
    }
    m.events.clear();
    m.consumed.clear();
  }
  void TearDown() override {
    if (!s) return;
    for (unsigned i = 0; i < devices; i++) {
      if (dev[i]) iommu_device_destroy(dev[i]);
      if (pdev[i]) pci_dev_destroy(pdev[i]);
    }
    if (dom) {
      EXPECT_EQ(iommu_domain_destroy(dom), 0);
      if (before_host_goes) before_host_goes();
      pci_host_destroy(host);
    }
    smmu_remove(s);
    EXPECT_EQ(port_host_allocs(m.p), 0u);
    EXPECT_EQ(m.invariant_violations, expected_violations);
  }
  // As it was before Start().
  void Stop() {
    TearDown();
    s = nullptr;
    dom = nullptr;
    dev = {};
    pdev = {};
    m.fn.clear();
    for (unsigned i = 0; i < kDevices; i++) m.AddFunction(Bdf(i));
  }
  smmu_stats Stats() {
    smmu_stats st;
    smmu_stats_get(s, &st);
    return st;
  }
  iommu_device_info Info(unsigned i) {
    iommu_device_info info;
    iommu_device_get_info(dev[i], &info);
    return info;
  }
  fake::Function& Fn(unsigned i) { return m.fn[Bdf(i)]; }
  int MapUnmap(uint64_t iova = 0x10000, size_t n = 1) {
    EXPECT_EQ(iommu_map(dom, iova, 0x80000000, n, IOMMU_READ | IOMMU_WRITE), 0);
    return iommu_unmap(dom, iova, n);
  }
  unsigned AtcInvs(uint32_t sid) {
    unsigned n = 0;
    for (const auto& c : m.consumed) n += c.op() == 0x40 && c.sid() == sid;
    return n;
  }
  void ExpectWorking(unsigned i) {
    const auto info = Info(i);
    EXPECT_EQ(info.state, IOMMU_DEV_OK);
    EXPECT_TRUE(info.ats_on && info.ste_eats);
    EXPECT_TRUE(Fn(i).ats());
    EXPECT_TRUE(Machine::EatsInForce(Fn(i)));
    EXPECT_FALSE(Fn(i).marked);
    EXPECT_FALSE(info.probation);
  }
  void ExpectIsolated(unsigned i) {
    EXPECT_FALSE(Machine::EatsInForce(Fn(i)));
    EXPECT_FALSE(Fn(i).ats());
    EXPECT_FALSE(Info(i).ats_on);
    EXPECT_FALSE(Info(i).ste_eats);
  }

  unsigned devices = kDevices;  // before Start()
  unsigned page_requests = 0;
  std::function<iommu_group*(unsigned)> group_of;  // called once the SMMU is there
  std::function<void()> before_devices, before_host_goes;
  Machine m;
  smmu_platform plat;
  pci_host_cfg hcfg;
  smmu* s = nullptr;
  pci_host* host = nullptr;
  iommu_domain* dom = nullptr;
  std::array<pci_dev*, kMaxDevices> pdev{};
  std::array<iommu_device*, kMaxDevices> dev{};
  std::array<DeviceDriver, kMaxDevices> drv;
  unsigned expected_violations = 0;
};

// One runs to its end (or to where it has to wait for the other) at the n-th access to shared memory of the other, for every
// n: all the places where the two can meet.
class InterleaveFixture : public DriverFixture {
 protected:
  // Nothing is held that the other thread would have to wait for.
  bool Free() {
    const auto& master = dev[1]->master;
    const uint64_t llq = s->cmdq.llq.v;
    return master.lock.lock.v.v == 0 && master.pci_lock.lock.v.v == 0 && s->gerror.lock.v == 0 && !(llq >> 31 & 1) &&
           (llq & 0x7fffffff) == s->cmdq.owner_prod.v;
  }
  // Runs `outer`; at its n-th opportunity runs `inner` on another CPU. False: there are fewer opportunities.
  bool Run(unsigned n, const std::function<void()>& outer, const std::function<void()>& inner,
           const std::function<bool()>& inner_waits, bool inner_needs_mutex) {
    std::atomic<bool> done{false};
    std::thread other;
    unsigned at = 0;
    port_host_set_cpu(m.p, 1);
    m.on_access = [&] {
      if (port_cpu(m.p) != 1 || at > n || !Free() || (inner_needs_mutex && dev[1]->group->lock.lock.v.v != 0)) return;
      if (at++ < n) return;
      other = std::thread([&] {
        port_host_set_cpu(m.p, 2);
        inner();
        done = true;
      });
      while (!done && !inner_waits()) std::this_thread::yield();
    };
    outer();
    const bool happened = other.joinable();
    if (happened) other.join();
    m.on_access = nullptr;
    port_host_set_cpu(m.p, 0);
    return happened;
  }
  void ExpectConsistent(bool must_be_isolated) {
    const auto& f = Fn(1);
    const uint64_t state = dev[1]->master.state.v;
    const bool on = Machine::EatsInForce(f);
    EXPECT_EQ(on, f.ats());
    EXPECT_EQ(on, Info(1).ats_on);
    EXPECT_EQ(on, Info(1).ste_eats);
    EXPECT_EQ(on, (state & 3) == 0);
    for (auto* e = dev[1]->master.entries; e; e = e->next) EXPECT_EQ(e->broken.v != 0, !on);
    EXPECT_EQ(m.invariant_violations, 0u);
    if (must_be_isolated) {
      EXPECT_FALSE(on);
    }
  }
};

}  // namespace sw

#endif  // ATCBENCH_SW_DRIVER_FIXTURE_H_
