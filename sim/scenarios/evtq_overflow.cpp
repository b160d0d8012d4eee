// SPDX-License-Identifier: Apache-2.0
//
// evtq-overflow: one device has lost its mappings and makes an event of every access, on a small event queue (driver.evtq_log2,
// 4 here), while the CPU that takes the event interrupt keeps interrupts off. The overflow is flagged once for each time, the
// records that are in the queue are those that the SMMU wrote, whole and in order, and the queue goes on afterwards.
#include <fmt/format.h>

#include <array>
#include <deque>

#include "atcbench/error.h"
#include "atcbench/scenario.h"
#include "atcbench/workload.h"
#include "ep_regs.h"
#include "look.h"
#include "smmu_fmt.h"

namespace atcbench {
namespace {

constexpr uint64_t kNowhere = 0x20000000;  // bus addresses that nobody maps
constexpr unsigned kPages = 4;             // log2
constexpr unsigned kTimes = 3;
constexpr uint32_t kInterval = 1000;       // cycles between accesses: a faster storm leaves the CPU nothing but its handler

class EvtqOverflow final : public Scenario {
 public:
  void configure(Config& config) const override {
    if (config.cpu.port != "native") throw UsageError("evtq-overflow looks at event records in the driver's interrupt handler: --cpu native");
    real_dma_interval(config, "1000");  // the engine first waits as long
    if (!config.given("driver.evtq_log2")) config.driver.evtq_log2 = 4;
  }
  void start(Testbed& testbed) override {
    testbed_ = &testbed;
    testbed.sim().log().observe([this](const Event& e) {
      if (e.event == EV_EVENT_WRITTEN) written_.push_back(e.a1);
      overflows_ += e.event == EV_EVENT_OVERFLOW;
      timeouts_ += e.event == EV_INV_TIMEOUT;
    });
    workload_ = std::make_unique<Workload>(testbed, [this](unsigned, uint64_t) { return !finished_; });
    // on the CPU that owns the interrupt, which may not be the last one
    workload_->start([this] { after(); });
    testbed.machine().spawn(static_cast<unsigned>(testbed.config().driver.irq_cpu), "storm", [this] { storm(); });
  }
  void verify(Testbed& testbed) override {
    testbed.check("overflowed", overflows_ >= kTimes, fmt::format("{} overflows, {} expected", overflows_, kTimes));
    testbed.check("flagged", testbed.stats().event_overflows == overflows_,
                  fmt::format("the driver saw {} of {} overflows", testbed.stats().event_overflows, overflows_));
    testbed.check("records_whole", wrong_ == 0 && taken_ > 0,
                  fmt::format("{} of {} records are not what was written", wrong_, taken_));
    testbed.check("nothing_lost_silently", written_.empty(), fmt::format("{} records were written and never taken", written_.size()));
    testbed.check("goes_on", late_ > 0, "no record after the last overflow");
    testbed.check("others_undisturbed", timeouts_ == 0 && testbed.unmap_failures() == 0,
                  fmt::format("{} time-outs, {} unmaps failed", timeouts_, testbed.unmap_failures()));
    testbed.figure("records", taken_);
    testbed.figure("overflows", overflows_);
  }

 private:
  void storm() {
    const Config& c = testbed_->config();
    Machine& machine = testbed_->machine();
    while (testbed_->endpoints().size() < c.system.devices || !testbed_->endpoints().back().dma_wanted) machine.sleep(1000);
    Testbed::Endpoint& ep = testbed_->endpoints()[c.fault.device];
    smmu_set_event_handler(testbed_->smmu(), on_record, this);
    testbed_->stop_dma(ep);
    testbed_->start_dma_at(ep, kNowhere, kPages);
    testbed_->write_ep(ep.index, EP_DMA_INTERVAL, kInterval);
    testbed_->write_ep(ep.index, EP_DMA_CTRL, EP_DMA_CTRL_EN | EP_DMA_CTRL_RANDOM | EP_DMA_CTRL_WR);  // untranslated
    const Cycle full = (uint64_t{2} << c.driver.evtq_log2) * kInterval;
    for (unsigned i = 0; i < kTimes; ++i) {
      const unsigned long flags = machine.irq_save();
      machine.delay(full);
      machine.irq_restore(flags);
      machine.sleep(full);
    }
    late_ = taken_;
    machine.sleep(full);
    late_ = taken_ - late_;
    testbed_->stop_dma(ep);
    machine.sleep(20 * c.link.latency + 20 * c.mem.latency + 1000);
    testbed_->start_dma(ep);
    finished_ = true;
  }
  void after() { smmu_set_event_handler(testbed_->smmu(), nullptr, nullptr); }

  static void on_record(void* arg, const uint64_t rec[4]) {
    auto* self = static_cast<EvtqOverflow*>(arg);
    ++self->taken_;
    if (self->written_.empty() || self->written_.front() != rec[0]) ++self->wrong_;
    if (!self->written_.empty()) self->written_.pop_front();
  }

  Testbed* testbed_ = nullptr;
  std::unique_ptr<Workload> workload_;
  std::deque<uint64_t> written_;  // dword 0 of records that nobody has taken
  uint64_t overflows_ = 0, timeouts_ = 0, taken_ = 0, wrong_ = 0, late_ = 0;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Scenario> make_evtq_overflow() { return std::make_unique<EvtqOverflow>(); }

}  // namespace atcbench
