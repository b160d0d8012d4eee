// SPDX-License-Identifier: Apache-2.0
//
// Step 5 of the flow: never EATS = 1 in force while invalidations of that device are left out.
#include <fmt/format.h>

#include <map>

#include "atcbench/event_names.h"
#include "atcbench/oracle.h"
#include "atcbench/ownership.h"

namespace atcbench {
namespace {

class EatsOracle final : public Oracle {
 public:
  explicit EatsOracle(Ownership* ownership) : Oracle("eats_off_while_suppressed") {
    if (ownership) ownership->on_access([this](const Ownership::Access& access) { on_access(access); });
  }

  void on_event(const Event& e) override {
    switch (e.event) {
      case EV_STE_EATS_CLEAR: {
        Device& device = devices_[e.a0];
        device.cleared = true;
        device.clear_cycle = e.cycle;
        break;
      }
      case EV_PROTECTED: {
        Device& device = devices_[e.a0];
        if (!device.cleared)
          fail(e.cycle, fmt::format("device {:#x} called protected, EATS = 0 was never stored", e.a0));
        else if (!synced_since(device.clear_cycle))
          fail(e.cycle, fmt::format("device {:#x} called protected, no SYNC completed since EATS = 0 of cycle {}", e.a0,
                                    device.clear_cycle));
        device.protected_now = true;
        break;
      }
      case EV_SYNC_COMPLETE:
        last_sync_ = e.cycle;
        break;
      case EV_ATTACH_START:
        devices_[e.a0].protected_now = devices_[e.a0].cleared = devices_[e.a0].gone = false;
        devices_[e.a0].attaching = true;
        break;
      // In reset, or not in its slot: its ATC is empty, and nothing can come from it.
      case EV_DEV_DISCONNECTED:
        devices_[e.a0].gone = true;
        break;
      case EV_REATTACHED:
        devices_[e.a0].attaching = false;
        break;
      case EV_INV_SUPPRESSED: {
        const Device& device = devices_[e.a0];
        // While an attach is under way the marks of the list that it leaves still count; it ends with an
        // ATC_INV of its own (D18).
        if (!device.protected_now && !device.attaching && !device.gone)
          fail(e.cycle, fmt::format("an ATC_INV of device {:#x} was left out, EATS = 0 is not in force", e.a0));
        break;
      }
      default:
        break;
    }
  }

  void on_access(const Ownership::Access& access) {
    const auto it = devices_.find(access.rid);
    if (it == devices_.end() || !it->second.protected_now || !access.translated) return;
    fail(access.cycle, fmt::format("endpoint {} reached {:#x} with a translated request while EATS = 0 is in force",
                                   access.endpoint, access.addr));
  }

 private:
  struct Device {
    bool cleared = false;
    bool protected_now = false;
    bool attaching = false;
    bool gone = false;
    Cycle clear_cycle = 0;
  };
  bool synced_since(Cycle cycle) const { return last_sync_ > cycle; }

  std::map<uint32_t, Device> devices_;
  Cycle last_sync_ = 0;
};

}  // namespace

std::unique_ptr<Oracle> make_eats_oracle(Ownership* ownership) { return std::make_unique<EatsOracle>(ownership); }

}  // namespace atcbench
