// SPDX-License-Identifier: Apache-2.0
//
// Registers, and a world from scratch: tables, queues, what is enabled.

#include "session.h"

#include <algorithm>

#include "model/bits.h"
#include "regions.h"

namespace cosim {

using model::Has;
using model::Ring;

void Session::Write(uint32_t offset, uint32_t value) {
  s_.history.Add(s_.now, "register %llx := %llx", offset, value);
  dut_.Write32(offset, value);
  regs_.Write(offset, value);
}

void Session::Write64(uint32_t offset, uint64_t value) {
  s_.history.Add(s_.now, "register %llx := %llx (64)", offset, value);
  if (s_.rng.OneIn(2)) {
    dut_.Write64(offset, value);
  } else {
    dut_.Write32(offset, static_cast<uint32_t>(value));
    dut_.Write32(offset + 4, static_cast<uint32_t>(value >> 32));
  }
  regs_.Write(offset, static_cast<uint32_t>(value));
  regs_.Write(offset + 4, static_cast<uint32_t>(value >> 32));
}

void Session::SetCr0(uint32_t value) {
  Write(SMMU_CR0, value);
  const uint64_t start = dut_.Now();
  while (dut_.Read32(SMMU_CR0ACK) != regs_.Cr0()) {
    if (dut_.Now() > start + kWatchdog) throw Difference(Format("CR0ACK does not become %x", regs_.Cr0()));
    dut_.Cycles(5);
  }
  evtq_on_ = Has(regs_.Cr0(), SMMU_CR0_EVENTQEN);
  const model::Control c = regs_.ControlNow();
  s_.control = c;
}

// Everything off, new tables, everything on.
void Session::NewWorld() {
  step_ = "new world";
  ++totals_.worlds;
  if (regs_.Cr0() != 0) SetCr0(0);
  dut_.sync_err_first = sync_first_ = s_.rng.OneIn(5);
  dut_.sync_rereport = s_.rng.OneIn(4) ? static_cast<int>(s_.rng.In(1, 3)) : 0;
  s_.memory.Clear();
  world_.Build(s_.features);
  s_.memory.Forget();
  s_.stale.Collapse();

  Dut::Timing& t = dut_.timing;
  t.latency = static_cast<int>(s_.rng.Of<uint64_t>({1, 2, 4, 10, 40}));
  t.jitter = static_cast<int>(s_.rng.Of<uint64_t>({0, 1, 4, 20}));
  t.ready = s_.rng.Of({100, 100, 80, 40});
  t.response_ready = s_.rng.Of({100, 100, 70});
  for (int& p : t.port_ready) p = s_.rng.Of({100, 100, 80, 40});
  transactions_.rate = s_.rng.Of({100, 100, 60, 20});
  devices_.timeout = s_.rng.Of<uint64_t>({1500, 2000, 3000});
  devices_.answer = s_.rng.Of<uint64_t>({2, 30, 150, 300});

  Write64(SMMU_STRTAB_BASE, kStrtabRegion | (s_.rng.OneIn(4) ? SMMU_STRTAB_BASE_RA : 0));
  Write(SMMU_STRTAB_BASE_CFG, static_cast<uint32_t>(world_.strtab_cfg));
  Write(SMMU_CR2, (world_.control.e2h ? SMMU_CR2_E2H : 0) | (s_.rng.OneIn(3) ? 0 : SMMU_CR2_RECINVSID) |
                      (s_.rng.OneIn(2) ? SMMU_CR2_REC_CFG_ATS : 0) | (s_.rng.OneIn(2) ? SMMU_CR2_PTM : 0));
  const uint64_t cmdq_size = s_.rng.Of<uint64_t>({8, 8, 10, 6, 5, 4, 3, 1, 0, 13, 19, 25});
  Write64(SMMU_CMDQ_BASE, (kCmdqRegion + (s_.rng.Below(4) << 24)) | cmdq_size);
  const Ring ring = regs_.cmdq.ring(s_.features.cmdqs);
  prod_ = static_cast<uint32_t>(s_.rng.Bits()) & ring.Mask();
  seen_cons_ = prod_;
  Write(SMMU_CMDQ_PROD, prod_);
  Write(SMMU_CMDQ_CONS, prod_);
  versions_.assign(std::min<size_t>(ring.Slots(), 1u << 19), 0);
  pushed_ = versions_;
  evtq_log2_ = static_cast<int>(s_.rng.Of<uint64_t>({0, 1, 3, 5, 7, 10}));
  Write64(SMMU_EVENTQ_BASE, (kEvtqRegion + (s_.rng.Below(16) << 20)) | static_cast<uint64_t>(evtq_log2_));
  evtq_addr_ = regs_.evtq.Address(s_.features.eventqs, 32);
  const Ring er{evtq_log2_};
  evt_written_ = static_cast<uint32_t>(s_.rng.Bits()) & er.Mask();
  const uint32_t flag = s_.rng.OneIn(2) ? 0x80000000 : 0;
  Write(SMMU_EVENTQ_PROD, evt_written_ | flag);
  Write(SMMU_EVENTQ_CONS, evt_written_ | flag);
  Write(SMMU_IRQ_CTRL, 0);
  while (dut_.Read32(SMMU_IRQ_CTRLACK) != 0) dut_.Cycles(3);
  Write64(SMMU_GERROR_IRQ_CFG0, s_.rng.OneIn(2) ? kGerrorMsi : 0);
  Write(SMMU_GERROR_IRQ_CFG1, static_cast<uint32_t>(s_.rng.Bits()));
  Write64(SMMU_EVENTQ_IRQ_CFG0, s_.rng.OneIn(2) ? kEvtqMsi : 0);
  Write(SMMU_EVENTQ_IRQ_CFG1, static_cast<uint32_t>(s_.rng.Bits()));
  if (s_.features.pri) {
    Write64(SMMU_PRIQ_IRQ_CFG0, s_.rng.OneIn(2) ? kPriqMsi : 0);
    Write(SMMU_PRIQ_IRQ_CFG1, static_cast<uint32_t>(s_.rng.Bits()));
    Write(SMMU_PRIQ_IRQ_CFG2, static_cast<uint32_t>(s_.rng.Bits()));
    Write64(SMMU_PRIQ_BASE, (kPriqRegion + (s_.rng.Below(16) << 20)) | s_.rng.Of<uint64_t>({0, 1, 2, 4, 7}));
    const uint32_t start = static_cast<uint32_t>(s_.rng.Bits()) & regs_.priq.ring(s_.features.priqs).Mask();
    const uint32_t ovf = s_.rng.OneIn(2) ? 0x80000000 : 0;
    Write(SMMU_PRIQ_PROD, start | ovf);
    Write(SMMU_PRIQ_CONS, start | ovf);
  }
  Write(SMMU_IRQ_CTRL, static_cast<uint32_t>(s_.rng.Of<uint64_t>({7, 7, 5, 3, 1, 4, 0})));
  while (dut_.Read32(SMMU_IRQ_CTRLACK) != regs_.IrqCtrl()) dut_.Cycles(3);
  dut_.Write64(SMMU_ATC_TIMEOUT, devices_.timeout);
  dut_.Write64(SMMU_QUAR_INTERVAL, uint64_t{1} << 40);
  for (uint32_t d = 0; d < kPorts; ++d) {
    dut_.Write32(SMMU_QUAR_RELEASE, d);
    dut_.Cycles(40);
    tracker_.Release(static_cast<int>(d));
    dut_.Write32(SMMU_INV_LIMIT(d), s_.rng.OneIn(3) ? static_cast<uint32_t>(s_.rng.In(1, 32)) : 32);
  }
  SetCr0(SMMU_CR0_CMDQEN | SMMU_CR0_EVENTQEN | (s_.rng.OneIn(4) ? 0 : SMMU_CR0_PRIQEN) | (s_.rng.OneIn(2) ? SMMU_CR0_ATSCHK : 0));
  Push(Everything());
  WaitForCommands();
  s_.memory.Forget();
  s_.stale.Collapse();
  SetCr0(regs_.Cr0() | SMMU_CR0_SMMUEN);
}

}  // namespace cosim
