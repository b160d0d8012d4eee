// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz targets share: reading an input, judging, the SMMU driver on the host-test port, seeds.
//
// A target is LLVMFuzzerTestOneInput() of libFuzzer and Seeds(). An input is a script of bytes that plays the hardware; one that
// ends early reads as zeros, so every input is a whole run. A target judges by a model of its own (FUZZ_CHECK), the sanitizers
// judge the rest. Nothing in a run depends on anything but the input.

#ifndef ATCBENCH_TB_FUZZ_FUZZ_H_
#define ATCBENCH_TB_FUZZ_FUZZ_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "../unit/sw_fake_smmu.h"

extern "C" {
#include "../../sw/iommu/iommu_priv.h"
}

#define FUZZ_CHECK(what, ...)                                     \
  do {                                                            \
    if (!(what)) {                                                \
      std::fprintf(stderr, "FUZZ_CHECK(%s) failed: ", #what);     \
      std::fprintf(stderr, __VA_ARGS__);                          \
      std::fprintf(stderr, "\n");                                 \
      std::abort();                                               \
    }                                                             \
  } while (0)

namespace fuzz {

// Inputs from which the fuzzer starts; all of different sizes, so that their order is theirs and not the file system's.
std::vector<std::string> Seeds();

class Input {
 public:
  Input(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}
  bool more() const { return at_ != end_; }
  uint8_t Byte() { return more() ? *at_++ : 0; }
  uint32_t Word() {
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; i++) v |= uint32_t{Byte()} << 8 * i;
    return v;
  }

 private:
  const uint8_t *at_, *end_;
};

// An SMMU that is up, and `devices` functions attached to one domain if there are any.
class Driver {
 public:
  static constexpr unsigned kIrqCpu = 1, kMaxDevices = 2;
  static uint16_t Bdf(unsigned i) { return static_cast<uint16_t>((i + 1) << 8); }

  Driver() : m(2) {
    port_host_set_cpu(m.p, 0);
    smmu_platform_init(&plat);
    plat.base = fake::kSmmu;
    plat.cmdq_log2 = 7;
    plat.atc_timeout = 200;
    plat.irq_cpu = kIrqCpu;
  }
  ~Driver() {
    for (unsigned i = 0; i < devices_; i++) {
      iommu_device_destroy(dev[i]);
      pci_dev_destroy(pdev_[i]);
    }
    if (dom) FUZZ_CHECK(iommu_domain_destroy(dom) == 0, "the domain is still in use");
    if (host_) pci_host_destroy(host_);
    if (s) smmu_remove(s);
    FUZZ_CHECK(port_host_allocs(m.p) == 0, "%u allocations are left", port_host_allocs(m.p));
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  void Start(unsigned devices = 0) {
    FUZZ_CHECK(smmu_probe(m.p, &plat, &s) == 0, "probe");
    if (devices == 0) return;
    pci_host_cfg hcfg;
    pci_host_cfg_init(&hcfg);
    hcfg.ecam_base = fake::kEcam;
    FUZZ_CHECK(pci_host_create(m.p, &hcfg, &host_) == 0, "host");
    FUZZ_CHECK(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &dom) == 0, "domain");
    for (; devices_ < devices; devices_++) {
      const unsigned i = devices_;
      m.AddFunction(Bdf(i));
      iommu_device_cfg c{};
      c.sid = Bdf(i);
      c.hw_index = i;
      c.ats = true;
      c.ssid_bits = 2;
      FUZZ_CHECK(pci_dev_create(host_, Bdf(i), &pdev_[i]) == 0, "function");
      FUZZ_CHECK(pci_enable_device(pdev_[i]) == 0, "enable");
      FUZZ_CHECK(iommu_device_create(s, pdev_[i], &c, &dev[i]) == 0, "device");
      FUZZ_CHECK(iommu_attach(dom, dev[i]) == 0, "attach");
    }
    m.consumed.clear();
  }
  // The handler runs on its CPU.
  void Interrupt(port_irq irq) {
    port_host_set_cpu(m.p, kIrqCpu);
    port_host_raise(m.p, irq);
    port_host_advance(m.p, 1);
    port_host_set_cpu(m.p, 0);
  }
  // Base of the queue whose BASE register is at `off`; its entries are `entry` bytes.
  uint64_t Ring(uint32_t off, unsigned entry) {
    const uint64_t reg = uint64_t{m.reg32[off + 4]} << 32 | m.reg32[off];
    return reg & 0x00ffffffffffffe0 & ~((uint64_t{entry} << (reg & 0x1f)) - 1);
  }

  fake::Machine m;
  smmu_platform plat;
  smmu* s = nullptr;
  iommu_domain* dom = nullptr;
  iommu_device* dev[kMaxDevices] = {};

 private:
  pci_host* host_ = nullptr;
  pci_dev* pdev_[kMaxDevices] = {};
  unsigned devices_ = 0;
};

}  // namespace fuzz

#endif  // ATCBENCH_TB_FUZZ_FUZZ_H_
