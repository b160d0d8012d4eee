// SPDX-License-Identifier: Apache-2.0
//
// A seed from its first world to its last.

#include "session.h"

namespace cosim {

namespace {

model::Features ReadFeatures(Dut* dut) {
  std::array<uint32_t, 6> idr{};
  for (uint32_t i = 0; i < idr.size(); ++i) idr[i] = dut->Read32(SMMU_IDR0 + 4 * i);
  return model::Features::FromIds(idr);
}

}  // namespace

Session::Session(const Options& options)
    : o_(options),
      s_(options.seed),
      regs_(model::Features{}),
      tracker_(kPorts, options.tags),
      transactions_(&s_, &events_),
      devices_(&s_, &tracker_),
      world_(&s_.memory, &s_.rng),
      dut_(&s_.memory, &s_.rng, this, options.seed) {
  transactions_.stop = 1;
  Identify();
}

void Session::Identify() {
  s_.features = ReadFeatures(&dut_);
  regs_ = model::Registers(s_.features);
}

Totals Session::totals() const {
  Totals t = totals_;
  t.transactions = transactions_.count;
  t.compared_with_past = transactions_.compared_with_past;
  t.stalls = transactions_.stalled;
  t.further_pages = transactions_.further_pages;
  t.messages = devices_.messages;
  t.cycles = dut_.Now();
  return t;
}

void Session::Run() {
  NewWorld();
  transactions_.stop = 0;
  uint64_t next_world = 2000;
  uint64_t begun = 0;
  while (totals_.commands < o_.commands || transactions_.count < o_.transactions) {
    const uint64_t roll = s_.rng.Below(100);
    if (roll < 40) {
      Batch();
    } else if (roll < 52) {
      MutateTables();
    } else if (roll < 70) {
      step_ = "traffic";
      dut_.Cycles(s_.rng.In(20, 600));
      if (transactions_.stalls.AnyOpen() && s_.rng.Chance(80)) Resume();
    } else if (roll < 80) {
      EmptyEvents(s_.rng.OneIn(2));
      EmptyPages();
    } else if (roll < 85) {
      FullInvalidate();
    } else if (roll < 88) {
      PokeRegisters();
    } else if (roll < 89) {
      Switches();
    } else if (roll < 95) {
      PreciseInvalidation();
    } else {
      Rest();
    }
    if (totals_.commands - begun > next_world) {
      begun = totals_.commands;
      Rest();
      StopTraffic();
      NewWorld();
      transactions_.stop = 0;
    }
  }
  Rest();
}

}  // namespace cosim
