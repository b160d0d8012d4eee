// SPDX-License-Identifier: Apache-2.0
//
// smmu_itag_tracker behind its wrapper, every output compared with the model in every cycle.

#ifndef ATCBENCH_TB_UNIT_SMMU_ITAG_TRACKER_TRACKER_BENCH_H_
#define ATCBENCH_TB_UNIT_SMMU_ITAG_TRACKER_TRACKER_BENCH_H_

#include <gtest/gtest.h>

#include "Vsmmu_itag_tracker_tb.h"
#include "model.h"

namespace tracker {

class Bench {
 public:
  Bench(bool global, uint64_t timeout, uint64_t interval, int queues = 1)
      : model(global, queues, timeout, interval) {
    top_.dut_i = static_cast<unsigned>(queues / 2 * 2 + global);
    top_.timeout_i = timeout;
    top_.quar_interval_i = interval;
    top_.rst_ni = 0;
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    top_.rst_ni = 1;
  }

  // One cycle with `in`: compares every output with the model, then takes the edge. `in.now` is set
  // here.
  void Cycle(Inputs in, uint64_t step = 1) {
    in.now = now;
    Drive(in);
    const int tag = model.NextTag(in.AllocDev());
    if (tag >= 0) {
      ASSERT_EQ(top_.alloc_itag_o, tag) << "cycle " << now;
    }
    for (int q = 0; q < model.queues(); ++q) {
      const int dev = in.ask[q];
      ASSERT_EQ((top_.ask_avail_o >> q) & 1, model.Avail(dev, q)) << "queue " << q << " cycle " << now;
      ASSERT_EQ((top_.ask_quar_o >> q) & 1, model.AllQuar(dev, q)) << "queue " << q << " cycle " << now;
      ASSERT_EQ((top_.ask_pending_o >> (6 * q)) & 63, static_cast<unsigned>(model.Count(dev, Model::kPending)));
      if (model.Held(dev, q) == 0 && !model.NoneForDevice(dev)) {
        ASSERT_TRUE(model.Avail(dev, q)) << "queue " << q << " lost its reserved tag, cycle " << now;
      }
    }
    for (int d = 0; d < kEps; ++d)
      ASSERT_EQ((top_.quar_busy_o >> (6 * d)) & 63,
                static_cast<unsigned>(model.Count(d, Model::kQuarantined)));
    for (int q = 0; q < model.queues(); ++q) {
      ASSERT_EQ((top_.idle_o >> q) & 1, model.Idle(q)) << "queue " << q << " cycle " << now;
      ASSERT_EQ((top_.timed_out_o >> q) & 1, model.TimedOut(q))
          << "queue " << q << " cycle " << now;
    }
    ASSERT_EQ(top_.busy_o, model.Busy()) << "cycle " << now;
    const bool settled = model.Settled();
    const uint64_t deadline = model.Deadline();
    if (top_.quiet_o) {
      ASSERT_TRUE(settled);
      ASSERT_FALSE(in.alloc || in.refuse || in.cpl);
      ASSERT_EQ(top_.next_deadline_o, deadline);
      ASSERT_LT(now, deadline);
      ASSERT_EQ(strays_reported, model.strays) << "quiet with a stray still to report";
    }
    if (top_.stray_valid_o) strays_reported[top_.stray_cause_o] += top_.stray_count_o;
    quiet = top_.quiet_o;
    next_deadline = top_.next_deadline_o;
    const int busy_before = model.Busy();
    const int cancel = model.Step(in);
    ASSERT_EQ(top_.expired_o, model.expired.size()) << "cycle " << now;
    ASSERT_EQ(top_.ended_o + model.expired.size(), busy_before + in.alloc - model.Busy()) << "cycle " << now;
    ASSERT_EQ(top_.cancel_o, cancel < 0 ? 0 : 1 << cancel) << "cycle " << now;
    cancelled = cancel;
    top_.clk_i = 1;
    top_.eval();
    now += step;
  }

  // Idle cycles, jumping where the design allows it.
  void Run(uint64_t cycles) {
    const uint64_t end = now + cycles;
    while (now < end) {
      Peek(0);
      const uint64_t step = top_.quiet_o ? std::min<uint64_t>(top_.next_deadline_o, end) - now : 1;
      Cycle({}, step);
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  Vsmmu_itag_tracker_tb& Peek(int dev) {
    Inputs in;
    in.now = now;
    in.ask.fill(dev);
    Drive(in);
    return top_;
  }

  int Alloc(int dev, int qid = 0) {
    const int tag = model.NextTag(dev);
    Inputs in;
    in.ask[qid] = dev;
    in.alloc = true;
    in.qid = qid;
    EXPECT_TRUE(model.Avail(dev, qid));
    Cycle(in);
    return tag;
  }
  void Send(int dev, int tag) {
    Inputs in;
    in.sent[dev] = tag;
    Cycle(in);
  }
  void Complete(int dev, uint32_t itags, unsigned cc = 1) {
    Inputs in;
    in.cpl = Completion{Rid(dev), itags, cc & 7};
    Cycle(in);
  }

  Model model;
  uint64_t now = 100;
  bool quiet = false;
  uint64_t next_deadline = 0;
  int cancelled = -1;
  std::array<int, kCauses> strays_reported = {};

 private:
  void Drive(const Inputs& in) {
    top_.clk_i = 0;
    top_.now_i = in.now;
    top_.ask_dev_i = 0;
    for (int q = 0; q < kQueues; ++q) top_.ask_dev_i |= in.ask[q] << (2 * q);
    top_.alloc_valid_i = in.alloc;
    top_.alloc_refuse_i = in.refuse;
    top_.alloc_qid_i = in.qid;
    top_.sent_valid_i = 0;
    top_.sent_itag_i = 0;
    for (int d = 0; d < kEps; ++d) {
      if (in.sent[d] < 0) continue;
      top_.sent_valid_i |= 1 << d;
      top_.sent_itag_i |= in.sent[d] << (5 * d);
    }
    top_.cpl_valid_i = in.cpl.has_value();
    if (in.cpl) {
      top_.cpl_rid_i = in.cpl->rid;
      top_.cpl_itags_i = in.cpl->itags;
      top_.cpl_cc_i = in.cpl->cc;
    }
    top_.ur_valid_i = in.ur.has_value();
    if (in.ur) {
      top_.ur_rid_i = in.ur->rid;
      top_.ur_itag_i = in.ur->itag;
    }
    top_.quar_release_i = in.release;
    top_.timed_out_clear_i = in.clear;
    top_.eval();
  }

  Vsmmu_itag_tracker_tb top_;
};

// In both tag scopes; cases_test.cpp says so for all files.
class Tracker : public testing::TestWithParam<bool> {};

}  // namespace tracker

#endif  // ATCBENCH_TB_UNIT_SMMU_ITAG_TRACKER_TRACKER_BENCH_H_
