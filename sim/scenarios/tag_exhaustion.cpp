// SPDX-License-Identifier: Apache-2.0
//
// tag-exhaustion: one batch holds more invalidations of the dead device than it has tags. The command queue says why it
// stalls, the batch ends within a bounded number of time-outs, and so do the others behind it.
#include <fmt/format.h>

#include <algorithm>

#include "fault_cycle.h"
#include "smmu_fmt.h"

namespace atcbench {
namespace {

constexpr unsigned kCommands = 48;
constexpr unsigned kAll = 52;  // size of "everything"

class TagExhaustion final : public FaultCycle {
 public:
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    const Cycle threshold = config().smmu.atc_timeout;
    testbed.check("stall_is_visible", stalls_ > 0, "no itag_stall although the batch has more commands than tags");
    // The tags in use time out; the commands behind them wait at most once more (D1). Batches ahead of it that met the device
    // cost a threshold each (D8).
    testbed.check("batch_bounded", batch_ <= allowed_ + 5000, fmt::format("a batch took {} cycles, {} allowed", batch_, allowed_ + 5000));
    // behind that batch: its own time-out, and a question to each device of which the dead ones time out again
    const Cycle bound = (4 + config().fault.count + config().system.devices) * threshold;
    testbed.check("others_bounded", longest_ <= bound, fmt::format("an unmap took {} cycles, {} allowed", longest_, bound));
    testbed.figure("stalls", stalls_);
    testbed.figure("batch", batch_);
    testbed.figure("longest_unmap", longest_);
  }

 protected:
  void after_fault() override {
    uint64_t commands[kCommands][2];
    for (auto& c : commands) {
      c[0] = OP_ATC_INV | uint64_t{config().functions().rid(first_faulty())} << 32;
      c[1] = kAll;
    }
    const Cycle start = testbed().machine().now();
    const uint64_t errors = errors_;
    testbed().call(smmu_raw_commands, testbed().smmu(), commands_argument(commands, kCommands), kCommands);
    const Cycle took = testbed().machine().now() - start, allowed = (1 + errors_ - errors) * config().smmu.atc_timeout;
    if (batch_ + allowed < took + allowed_ || batch_ == 0) {  // the one that came nearest to its bound, or furthest beyond
      batch_ = took;
      allowed_ = allowed;
    }
  }
  void observe(const Event& e) override {
    if (e.event == EV_ITAG_STALL && e.src == first_faulty() && armed()) ++stalls_;
    errors_ += e.event == EV_SYNC_ERROR;
    if (e.event == EV_UNMAP_ENTER) entered_[e.src] = e.cycle;
    if (e.event == EV_UNMAP_EXIT) longest_ = std::max(longest_, e.cycle - entered_[e.src]);
  }

 private:
  std::map<uint16_t, Cycle> entered_;
  uint64_t stalls_ = 0;
  uint64_t errors_ = 0;  // of the command queue
  Cycle batch_ = 0, allowed_ = 0;
  Cycle longest_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_tag_exhaustion() { return std::make_unique<TagExhaustion>(); }

}  // namespace atcbench
