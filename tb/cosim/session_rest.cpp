// SPDX-License-Identifier: Apache-2.0
//
// At rest: traffic, stalls and page requests are ended, queues emptied, registers and memory compared, tables changed.

#include "session.h"

#include <cinttypes>

#include "model/bits.h"
#include "regions.h"

namespace cosim {

using model::Command;
using model::Has;
using model::Put;
using model::Ring;

// RESUME of a stall that software knows, right or wrong in one thing, or STALL_TERM of a stream.
Command Session::StallCommand() {
  Rng& r = s_.rng;
  std::vector<int> open;
  for (int i = 0; i < kPorts; ++i) {
    if (transactions_.stalls.At(i).open) open.push_back(i);
  }
  uint64_t sid = world_.AnySid(), stag = old_tags_.empty() ? 0xFFFF : r.Of(old_tags_);
  uint64_t op = OP_RESUME;
  if (!open.empty()) {
    const model::Stall& s = transactions_.stalls.At(r.Of(open));
    const uint64_t roll = r.Below(100);
    if (roll < 75) sid = s.sid;
    if (roll < 60 || roll >= 75) {
      stag = s.stag;
      if (old_tags_.size() >= 32) old_tags_.erase(old_tags_.begin());
      if (sid == s.sid) old_tags_.push_back(s.stag);
    }
    if (roll < 10) op = OP_STALL_TERM;
  } else if (r.OneIn(4)) {
    op = OP_STALL_TERM;
  }
  if (op == OP_STALL_TERM) return {op | Put(sid, CMD_STALL_TERM0_SID), 0};
  return {op | Put(sid, CMD_RESUME0_SID) | (r.OneIn(2) ? CMD_RESUME0_AC : 0) | (r.OneIn(2) ? CMD_RESUME0_AB : 0), stag};
}

// Nothing else moves any more: each stall is ended, or tried again. Records that are held back get room.
void Session::EndStalls() {
  Rng& r = s_.rng;
  std::vector<Command> commands;
  for (int i = 0; i < kPorts; ++i) {
    const model::Stall& s = transactions_.stalls.At(i);
    if (!s.open && !(transactions_.Busy(i) && r.OneIn(4))) continue;
    if (!s.open || r.OneIn(6)) {
      commands.push_back({OP_STALL_TERM | Put(transactions_.RequestOf(i).sid, CMD_STALL_TERM0_SID), 0});
    } else {
      commands.push_back({OP_RESUME | Put(s.sid, CMD_RESUME0_SID) | (r.OneIn(3) ? CMD_RESUME0_AC : r.OneIn(2) ? CMD_RESUME0_AB : 0), s.stag});
    }
  }
  if (r.OneIn(2)) commands.push_back({OP_SYNC, 0});
  EmptyEvents(true);
  Push(commands);
  WaitForCommands();
}

void Session::WaitForTraffic() {
  const uint64_t start = dut_.Now();
  uint64_t next = start + 100;
  while (!transactions_.Idle()) {
    dut_.Cycle();
    // An open stall is known for one; a transaction that takes long may be one whose record has no room.
    if (s_.features.stall_model != 1 && dut_.Now() > next && (transactions_.stalls.AnyOpen() || dut_.Now() > start + 2000)) {
      EndStalls();
      next = dut_.Now() + 100;
    }
    if (dut_.Now() > start + kWatchdog) throw Difference("a transaction is never answered; busy:" + dut_.Busy());
  }
  // Records of what STALL_TERM ended early may still be kept back.
  for (int i = 0; i < 20 && transactions_.RecordsMayCome(i < 8); ++i) {
    EmptyEvents(true);
    dut_.Cycles(150);
  }
  if (transactions_.RecordsDue()) throw Difference("the event of a transaction that stalled and was terminated is never written");
  transactions_.NoMoreRecords();
}

void Session::StopTraffic() {
  transactions_.stop = 1;
  WaitForTraffic();
  WaitForPages();
}

// As software does: repairs the page of a stalled transaction, invalidates what it changed, and lets it try again.
void Session::Resume() {
  step_ = "resume";
  for (int i = 0; i < kPorts; ++i) {
    const model::Stall s = transactions_.stalls.At(i);
    if (!s.open) continue;
    if (s_.memory.Version() - s_.memory.Oldest() <= 4 && s_.rng.Chance(70)) {
      s_.memory.Batch();
      totals_.repaired += world_.Repair(transactions_.RequestOf(i));
      s_.history.Add(s_.now, "table repaired for port %llu, version %llu", static_cast<uint64_t>(i), s_.memory.Version());
      Push({{OP_TLBI_NSNH_ALL, 0}, {OP_TLBI_EL2_ALL, 0}, {OP_SYNC, 0}});
      if (s_.rng.OneIn(2)) WaitForCommands();
    }
    Push({{OP_RESUME | Put(s.sid, CMD_RESUME0_SID) | CMD_RESUME0_AC, s.stag}});
  }
  WaitForCommands();
}

void Session::EmptyEvents(bool all) {
  step_ = "event queue";
  const Ring ring{evtq_log2_};
  const uint32_t prod = dut_.Read32(SMMU_EVENTQ_PROD);
  const uint32_t index = prod & 0xFFFFF;
  const uint32_t cons = regs_.evtq.cons & ring.Mask();
  if (ring.Used(index, cons) > ring.Used(evt_written_, cons) && !(ring.Full(index, cons) && ring.Full(evt_written_, cons))) {
    throw Difference(Format("EVENTQ_PROD %x covers entries that are not written (%x)", index, evt_written_));
  }
  uint32_t to = index;
  if (!all && index != cons) to = (cons + static_cast<uint32_t>(s_.rng.Below(ring.Used(index, cons) + 1))) & ring.Mask();
  ++evt_cons_moves_;
  Write(SMMU_EVENTQ_CONS, to | (prod & 0x80000000));
}

void Session::CompareReads() {
  if (!s_.memory.record) return;
  if (s_.memory.Oldest() == s_.memory.Version()) {
    for (uint64_t beat : design_reads_) {
      if (s_.memory.touched.count(beat) == 0 && s_.memory.touched.count(beat & ~uint64_t{3}) == 0) {
        throw Difference(Format("table read of %" PRIx64 "0 that no transaction explains", beat));
      }
    }
  }
  design_reads_.clear();
  s_.memory.touched.clear();
  s_.memory.record = false;
}

void Session::CompareRegisters() {
  for (uint32_t offset : model::Registers::Known()) {
    uint32_t model = 0;
    regs_.Read(offset, &model);
    const uint32_t design = dut_.Read32(offset);
    if (design != model) throw Difference(Format("register %05x: design %08x, model %08x", offset, design, model));
  }
  for (int i = 0; i < model::kStrays; ++i) {
    const uint32_t design = dut_.Read32(SMMU_STRAY_COUNT(static_cast<uint32_t>(i)));
    if (design != tracker_.Stray(i)) throw Difference(Format("STRAY_COUNT[%d]: design %u, model %u", i, design, tracker_.Stray(i)));
  }
  for (int d = 0; d < kPorts; ++d) {
    const uint32_t design = dut_.Read32(SMMU_QUAR_BUSY(static_cast<uint32_t>(d)));
    if (design != static_cast<uint32_t>(tracker_.Quarantined(d))) {
      throw Difference(Format("QUAR_BUSY[%d]: design %u, model %d", d, design, tracker_.Quarantined(d)));
    }
  }
}

// No transaction, no command, no event on its way: both sides must be equal.
void Session::Rest() {
  StopTraffic();
  step_ = "rest";
  Push({{OP_SYNC, 0}});
  WaitForCommands();
  // The SYNC vouches for the events of what was before it.
  const uint32_t prod = dut_.Read32(SMMU_EVENTQ_PROD);
  const Ring ring{evtq_log2_};
  if ((prod & 0xFFFFF) != evt_written_) throw Difference(Format("after a SYNC EVENTQ_PROD is %x, written up to %x", prod, evt_written_));
  const uint64_t start = dut_.Now();
  while (!dut_.Quiet() || !sync_msi_.empty() || sync_wires_ > 0) {
    dut_.Cycle();
    if (dut_.Now() > start + kWatchdog) throw Difference(Format("not quiet at rest; SYNC MSIs due: %zu, wires %d", sync_msi_.size(), sync_wires_));
  }
  dut_.Cycles(3);
  WaitForPages();
  if (s_.rng.OneIn(3)) devices_.Stray();
  dut_.Cycles(60);
  AdvanceModel();

  const size_t expected = events_.Expected();
  size_t optional = 0;
  const size_t dropped = events_.Settle(&optional);
  const bool overflow_before = regs_.EventOverflow();
  const bool overflow_now = (prod ^ regs_.evtq.cons) >> 31;
  if (dropped > 0 && !overflow_now && evtq_on_ && evt_cons_moves_ == 0) throw Difference(Format("%zu of %zu events are missing", dropped, expected));
  if (dropped > 0 && evt_cons_moves_ == 0 && evtq_on_ && !ring.Full(prod & 0xFFFFF, regs_.evtq.cons & ring.Mask())) {
    throw Difference(Format("%zu events are missing though the queue has room", dropped));
  }
  if (dropped == 0 && optional == 0 && overflow_now && !overflow_before && evt_cons_moves_ == 0) throw Difference("overflow without a lost event");
  regs_.evtq.prod = prod;

  CompareRegisters();
  const bool gerror_on = regs_.IrqCtrl() & SMMU_IRQ_CTRL_GERROR_IRQEN, evtq_on = regs_.IrqCtrl() & SMMU_IRQ_CTRL_EVENTQ_IRQEN;
  if (gerror_on ? (gerrors_ > 0) != (irqs_[0] > 0) || irqs_[0] > gerrors_ : irqs_[0] > 0) {
    throw Difference(Format("%" PRIu64 " GERROR interrupts for %" PRIu64 " errors", irqs_[0], gerrors_));
  }
  if (evtq_on ? (evt_was_empty_ && evt_visible_ > 0 && irqs_[1] == 0) || irqs_[1] > evt_visible_ : irqs_[1] > 0) {
    throw Difference(Format("%" PRIu64 " event queue interrupts for %zu events", irqs_[1], evt_visible_));
  }
  CompareReads();

  // Service what is left of GERROR.
  const uint32_t others = regs_.ActiveErrors();
  if (others != 0 && s_.rng.OneIn(2)) Write(SMMU_GERRORN, dut_.Read32(SMMU_GERROR));
  if (s_.rng.Chance(70)) EmptyEvents(true);
  irqs_[0] = irqs_[1] = irqs_[2] = gerrors_ = 0;
  evt_visible_ = 0;
  evt_cons_moves_ = 0;
  evt_was_empty_ = (regs_.evtq.cons & ring.Mask()) == evt_written_;
  if (s_.memory.Oldest() == s_.memory.Version() && s_.rng.OneIn(3)) s_.memory.record = true;
  transactions_.stop = 0;
}

// Guarded registers do not take a write now; CR1 and others are compared at the next rest.
void Session::PokeRegisters() {
  step_ = "registers";
  for (uint64_t n = s_.rng.In(1, 5); n > 0; --n) {
    const uint32_t value = static_cast<uint32_t>(s_.rng.Bits());
    const uint32_t offset = s_.rng.Of<uint32_t>({SMMU_STRTAB_BASE, SMMU_STRTAB_BASE + 4, SMMU_STRTAB_BASE_CFG, SMMU_CMDQ_BASE,
                                                 SMMU_CMDQ_BASE + 4, SMMU_EVENTQ_BASE, SMMU_EVENTQ_BASE + 4, SMMU_CMDQ_CONS, SMMU_CR1,
                                                 SMMU_CR2, SMMU_EVENTQ_PROD, SMMU_IDR0, SMMU_CR0ACK, SMMU_GERROR, SMMU_GBPA});
    if (!Has(regs_.Cr0(), SMMU_CR0_SMMUEN)) continue;
    Write(offset, offset == SMMU_GBPA ? value | SMMU_GBPA_UPDATE : value);
  }
  s_.control = regs_.ControlNow();
}

// SMMUEN and ATSCHK change, with nothing on its way but what is stalled: SMMUEN 1 -> 0 ends that, before the acknowledge.
void Session::Switches() {
  Rest();
  if (s_.features.stall_model != 1) dut_.Cycles(s_.rng.In(100, 1000));
  transactions_.stop = 1;
  const uint64_t start = dut_.Now();
  for (uint64_t next = start + 2500; !transactions_.Settled(); dut_.Cycle()) {
    if (dut_.Now() > next) {
      EndStalls();  // one that a STALL_TERM may have met, or whose record has no room
      next = dut_.Now() + 2500;
    }
    if (dut_.Now() > start + kWatchdog) throw Difference("a transaction is neither answered nor stalled; busy:" + dut_.Busy());
  }
  WaitForPages();
  step_ = "switches";
  const uint32_t change = s_.rng.Of<uint32_t>({SMMU_CR0_SMMUEN, SMMU_CR0_ATSCHK, SMMU_CR0_SMMUEN});
  if (change & regs_.Cr0() & SMMU_CR0_SMMUEN) transactions_.stalls.Disabled();
  SetCr0(regs_.Cr0() ^ change);
  if (!s_.control.smmuen && !transactions_.Idle()) throw Difference("CR0ACK shows SMMUEN = 0 before what was stalled has ended");
  Push(Everything());
  WaitForCommands();
  transactions_.stop = 0;
  dut_.Cycles(300);
  Batch();
  Rest();
  StopTraffic();
  SetCr0(regs_.Cr0() | SMMU_CR0_SMMUEN);
  Push(Everything());
  WaitForCommands();
  s_.memory.Forget();
  s_.stale.Collapse();
  transactions_.stop = 0;
}

void Session::MutateTables() {
  step_ = "table change";
  if (s_.memory.Version() - s_.memory.Oldest() > 4) FullInvalidate();
  if (s_.rng.OneIn(2)) {
    // Several words, with nothing in flight.
    StopTraffic();
    s_.memory.Batch();
    for (uint64_t n = s_.rng.In(1, 12); n > 0; --n) world_.Mutate();
    transactions_.stop = 0;
  } else {
    s_.memory.Batch();
    world_.Mutate();
  }
  s_.history.Add(s_.now, "tables changed, version %llu", s_.memory.Version());
}

// Cached, changed, invalidated by no more than needed, asked again.
void Session::PreciseInvalidation() {
  FullInvalidate();
  StopTraffic();
  step_ = "precise invalidation";
  const auto ask = [&](const model::Request& q) {
    for (int i = 0; i < 2; ++i) transactions_.Force(q);
    WaitForTraffic();
  };
  for (uint64_t n = s_.rng.In(2, 4); n > 0; --n) {
    const model::Request q = world_.Target();
    ask(q);
    s_.memory.Batch();
    std::vector<Command> commands = world_.ChangeUnderTarget();
    if (s_.rng.OneIn(4)) ask(q);
    commands.push_back({OP_SYNC, 0});
    Push(commands);
    WaitForCommands();
    ask(q);
  }
  transactions_.stop = 0;
}

}  // namespace cosim
