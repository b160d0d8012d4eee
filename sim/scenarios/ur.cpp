// SPDX-License-Identifier: Apache-2.0
//
// ur (D13): (a) an invalidation of a StreamID that has no function behind it is retired by the root complex: its SYNC
// completes without error. (b) a device answers nothing and logs an Unsupported Request: a time-out as in `hang`, and the
// device's AER says why: to the scenario, or with driver.port_services to the driver, which reads and clears it when ERR_NONFATAL arrives
// and asks the device's driver.
#include <fmt/format.h>

#include <map>
#include <utility>

#include "fault_cycle.h"
#include "pcie_cfg.h"
#include "smmu_fmt.h"

namespace atcbench {
namespace {

constexpr uint32_t kNobody = 0xFE00;   // a StreamID on a bus without a device
constexpr unsigned kAll = 52;          // size of "everything"
constexpr uint16_t kAerCap = 0x0001;   // pcie-ats.md section 8
constexpr unsigned kUncorStatus = 4;
constexpr uint32_t kUnsupportedRequest = 1u << 20;
constexpr uint64_t kNonFatal = 1;      // severity in aer_error

class Ur final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("fault.kind")) config.fault.kind = "ur";
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    const uint64_t repeat = config().fault.repeat;
    testbed.check("retired_at_the_root", local_ == repeat, fmt::format("{} invalidations of nobody retired, {} sent", local_, repeat));
    testbed.check("without_error", error_ == 0, fmt::format("the SYNC behind an invalidation of nobody: {}", error_));
    testbed.check("aer_says_why", silent_ == 0, fmt::format("{} devices timed out without Unsupported Request in their AER", silent_));
    if (config().driver.port_services)
      for (auto& ep : testbed.endpoints())
        if (is_faulty(ep.index))
          testbed.check("error_delivered", ep.mmio_enabled >= repeat,
                        fmt::format("endpoint {}: its driver was asked {} times about a non-fatal error", ep.index, ep.mmio_enabled));
    testbed.figure("aer_seen", seen_);
  }

 protected:
  // Before the driver resets anything; the status is sticky over the reset, so it is cleared before.
  void before_fault() override {
    const uint64_t command[1][2] = {{OP_ATC_INV | uint64_t{kNobody} << 32, kAll}};
    if (const int error = testbed().call(smmu_raw_commands, testbed().smmu(), commands_argument(command, 1), 1u)) error_ = error;
    for (auto& ep : testbed().endpoints()) {
      if (!is_faulty(ep.index)) continue;
      const unsigned aer = testbed().call(pci_find_ext_cap, ep.pdev, kAerCap);
      if (done_) judge(ep, aer);
      testbed().call(pci_cfg_write32, ep.pdev, aer + kUncorStatus, kUnsupportedRequest);
    }
    ++done_;
  }
  std::function<void()> beside() override {
    return [this] {
      while (!finished()) testbed().machine().sleep(1000);
      for (auto& ep : testbed().endpoints())
        if (is_faulty(ep.index)) judge(ep, testbed().call(pci_find_ext_cap, ep.pdev, kAerCap));
    };
  }
  void observe(const Event& e) override {
    local_ += e.event == EV_INV_UR_LOCAL && e.a1 == kNobody;
    if (e.event == EV_AER_ERROR && e.a1 == kNonFatal && (e.a2 & kUnsupportedRequest)) reported_[config().functions().endpoint(e.a0)] = true;
  }

 private:
  void judge(Testbed::Endpoint& ep, unsigned aer) {
    const bool set = config().driver.port_services
                         ? std::exchange(reported_[ep.index], false)
                         : aer && (testbed().call(pci_cfg_read32, ep.pdev, aer + kUncorStatus) & kUnsupportedRequest);
    ++(set ? seen_ : silent_);
  }

  std::map<unsigned, bool> reported_;  // by the driver's service, since the last look
  uint64_t local_ = 0, seen_ = 0, silent_ = 0, done_ = 0;
  int error_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_ur() { return std::make_unique<Ur>(); }

}  // namespace atcbench
