// SPDX-License-Identifier: Apache-2.0
//
// The command queue: what software pushes, polls and services, and the model one step behind the design.

#include "session.h"

#include <algorithm>

#include "model/bits.h"
#include "regions.h"

namespace cosim {

using model::Command;
using model::Put;
using model::Ring;

std::vector<Command> Session::Everything() const {
  return {{OP_CFGI_STE_RANGE, 31}, {OP_TLBI_NSNH_ALL, 0}, {OP_TLBI_EL2_ALL, 0}, {OP_SYNC, 0}};
}

uint64_t Session::Slot(uint32_t index) const {
  return regs_.cmdq.Address(s_.features.cmdqs, 16) + 16 * uint64_t{regs_.cmdq.ring(s_.features.cmdqs).Slot(index)};
}

void Session::Push(const std::vector<Command>& commands) {
  const Ring ring = regs_.cmdq.ring(s_.features.cmdqs);
  uint32_t unpublished = 0;
  const auto ring_doorbell = [&] {
    if (unpublished == 0) return;
    unpublished = 0;
    s_.history.Add(s_.now, "PROD := %llx", prod_);
    // The design may read the entries from the cycle of this write on.
    regs_.Write(SMMU_CMDQ_PROD, prod_);
    AdvanceModel();
    dut_.Write32(SMMU_CMDQ_PROD, prod_);
  };
  for (const Command& c : commands) {
    if (ring.Full(prod_, seen_cons_)) {
      ring_doorbell();
      const uint64_t start = dut_.Now();
      while (ring.Full(prod_, seen_cons_)) {
        Poll();
        if (dut_.Now() > start + kWatchdog) throw Difference("the command queue stays full; busy:" + dut_.Busy());
      }
    }
    const uint64_t at = Slot(prod_);
    s_.memory.Poke(at, c.dw0);
    s_.memory.Poke(at + 8, c.dw1);
    s_.history.Add(s_.now, "command %llx: %llx %llx", prod_, c.dw0, c.dw1);
    versions_[ring.Slot(prod_)] = s_.memory.Version();
    pushed_[ring.Slot(prod_)] = s_.now;
    prod_ = ring.Next(prod_);
    ++unpublished;
    ++totals_.commands;
    if (s_.rng.OneIn(16)) ring_doorbell();
  }
  ring_doorbell();
}

// The model executes up to the first thing whose outcome it must wait for.
void Session::AdvanceModel() {
  const Ring ring = regs_.cmdq.ring(s_.features.cmdqs);
  if (stopped_ != 0 || !regs_.CmdqRuns() || ring.Illegal(regs_.cmdq.prod & ring.Mask(), regs_.cmdq.cons)) return;
  while ((regs_.cmdq.prod & ring.Mask()) != regs_.cmdq.cons) {
    const uint64_t at = Slot(regs_.cmdq.cons);
    if (s_.memory.Bad(at)) {
      stopped_ = CERROR_ABT;
      return;
    }
    const Command c{s_.memory.Peek(at), s_.memory.Peek(at + 8)};
    if (!Legal(c, s_.features)) {
      stopped_ = CERROR_ILL;
      return;
    }
    if (c.Op() == OP_SYNC) {
      if (tracker_.Outstanding(0) > 0) return;
      if (tracker_.TimedOut(0) > 0 || reports_ > 0) {
        stopped_ = CERROR_ATC_INV_SYNC;
        return;
      }
      syncs_.push_back({ring.Next(regs_.cmdq.cons), s_.stale.Pending()});
      ++totals_.syncs;
      if (model::Get(c.dw0, CMD_SYNC0_CS) == SYNC_CS_IRQ) {
        const uint64_t addr = c.dw1 & CMD_SYNC1_MSIADDR;
        if (addr != 0 && s_.features.msi) {
          sync_msi_.push_back({addr & model::kPaMask, static_cast<uint32_t>(c.dw0 >> 32)});
        } else {
          ++sync_wires_;
        }
      }
    } else if (c.Op() == OP_ATC_INV) {
      if (s_.control.smmuen && c.Sid() >> 16 == 0) tracker_.Expect(0, MessageOf(c, s_.features));
    } else if (c.Op() == OP_PRI_RESP) {
      if (s_.control.smmuen && c.Sid() >> 16 == 0) page_answers_.push_back(ResponseOf(c));
    } else if (c.Op() == OP_RESUME || c.Op() == OP_STALL_TERM) {
      transactions_.stalls.Consumed(c, pushed_[ring.Slot(regs_.cmdq.cons)], s_.stale.Mark());
      if (c.Op() == OP_STALL_TERM) terms_.push_back(ring.Next(regs_.cmdq.cons));
    } else {
      s_.stale.Consumed(c, versions_[ring.Slot(regs_.cmdq.cons)]);
    }
    regs_.cmdq.cons = ring.Next(regs_.cmdq.cons);
  }
}

// Looks at CONS and GERROR as software does.
void Session::Poll() {
  dut_.Cycles(s_.rng.Below(12));
  const uint32_t cons = dut_.Read32(SMMU_CMDQ_CONS);
  AdvanceModel();
  const Ring ring = regs_.cmdq.ring(s_.features.cmdqs);
  const uint32_t rd = cons & 0xFFFFF;
  if (ring.Used(rd, seen_cons_) > ring.Used(regs_.cmdq.cons, seen_cons_)) {
    throw Difference(Format("CONS %x is beyond what may be consumed, %x (last seen %x, PROD %x)", rd, regs_.cmdq.cons, seen_cons_, prod_));
  }
  seen_cons_ = rd;
  while (!syncs_.empty() && ring.Used(regs_.cmdq.cons, syncs_.front().index) >= ring.Used(regs_.cmdq.cons, rd)) {
    const size_t n = syncs_.front().count;
    syncs_.pop_front();
    s_.stale.Complete(n);
    for (Passed& p : syncs_) p.count -= n;
  }
  while (!terms_.empty() && ring.Used(regs_.cmdq.cons, terms_.front()) >= ring.Used(regs_.cmdq.cons, rd)) {
    terms_.pop_front();
    transactions_.stalls.TermSeen();
  }
  const uint32_t active = dut_.Read32(SMMU_GERROR) ^ dut_.Read32(SMMU_GERRORN);
  if (active & SMMU_GERROR_CMDQ_ERR) Service(dut_.Read32(SMMU_CMDQ_CONS));
}

// CMDQ_ERR: is it the right one, and what Linux would do.
void Session::Service(uint32_t cons) {
  const Ring ring = regs_.cmdq.ring(s_.features.cmdqs);
  const uint32_t rd = cons & 0xFFFFF, code = cons >> 24 & 0x7F;
  s_.history.Add(s_.now, "CMDQ_ERR: RD %llx ERR %llu", rd, code);
  AdvanceModel();
  seen_cons_ = rd;
  if (code == CERROR_ATC_INV_SYNC && stopped_ == 0) {
    // The design knows deadlines to the cycle: all that can have passed have.
    const uint64_t reach = devices_.timeout - Devices::kSlack;
    tracker_.Expire(s_.now - std::min(s_.now, reach));
    for (int d = 0; d < kPorts; ++d) {
      const Manner m = devices_.manner[static_cast<size_t>(d)];
      if (tracker_.Expected(d) == 0) continue;
      const bool none_free = tracker_.Quarantined(d) == o_.tags;
      if (m == Manner::kBlocked || none_free) tracker_.Refuse(d);
    }
    // With `first` the others may still be on their way.
    if (sync_first_ && tracker_.TimedOut(0) > 0) stopped_ = CERROR_ATC_INV_SYNC;
    AdvanceModel();
  }
  if (stopped_ != static_cast<int>(code) || rd != regs_.cmdq.cons) {
    throw Difference(Format("CMDQ_ERR with RD %x ERR %u; the model is at %x, error %d, outstanding %d, timed out %d", rd, code,
                            regs_.cmdq.cons, stopped_, tracker_.Outstanding(0), tracker_.TimedOut(0)));
  }
  regs_.CommandError(code);
  ++gerrors_;
  ++totals_.cerror[code & 3];
  const uint64_t at = Slot(rd);
  uint32_t new_prod = prod_;
  if (code == CERROR_ILL) {
    if (s_.rng.OneIn(6)) {
      new_prod = rd;  // give up the rest
    } else {
      const Command fix = s_.rng.OneIn(4) ? world_.Tlbi() : Command{OP_SYNC, 0};
      s_.memory.Poke(at, fix.dw0);
      s_.memory.Poke(at + 8, fix.dw1);
      versions_[ring.Slot(rd)] = s_.memory.Version();
    }
  } else if (code == CERROR_ABT) {
    s_.memory.SetBad(at, false);
    if (s_.rng.OneIn(3)) {
      s_.memory.Poke(at, OP_SYNC);
      s_.memory.Poke(at + 8, 0);
    }
  } else {
    if (tracker_.TimedOut(0) > 0) {
      tracker_.ClearTimedOut(0);
      reports_ = dut_.sync_rereport;
    } else {
      --reports_;
    }
  }
  if (new_prod != prod_) {
    // Entries not executed are forgotten by both sides.
    prod_ = new_prod;
    pull_back_until_ = s_.now + 200;
    s_.history.Add(s_.now, "PROD pulled back to %llx", prod_);
    dut_.Write32(SMMU_CMDQ_PROD, prod_);
    regs_.Write(SMMU_CMDQ_PROD, prod_);
  }
  const uint32_t gerrorn = dut_.Read32(SMMU_GERRORN) ^ SMMU_GERROR_CMDQ_ERR;
  stopped_ = 0;
  regs_.Write(SMMU_GERRORN, gerrorn);
  AdvanceModel();
  s_.history.Add(s_.now, "GERRORN := %llx", gerrorn);
  dut_.Write32(SMMU_GERRORN, gerrorn);
}

void Session::WaitForCommands() {
  uint64_t start = dut_.Now();
  uint32_t last = seen_cons_;
  while (seen_cons_ != prod_) {
    Poll();
    if (seen_cons_ != last) {
      last = seen_cons_;
      start = dut_.Now();
    }
    if (dut_.Now() > start + kWatchdog) {
      throw Difference(Format("busy:%s; commands stop at %x, PROD %x; the model is at %x, error %d, outstanding %d, timed out %d", dut_.Busy().c_str(), seen_cons_, prod_,
                              regs_.cmdq.cons, stopped_, tracker_.Outstanding(0), tracker_.TimedOut(0)));
    }
  }
}

Command Session::Draw() {
  Rng& r = s_.rng;
  if (s_.features.stall_model != 1 && r.OneIn(transactions_.stalls.AnyOpen() ? 20 : 100)) return StallCommand();
  const uint64_t roll = r.Below(1000);
  if (roll < 300) return world_.Tlbi();
  if (roll < 480) return world_.Cfgi();
  if (roll < 850) {
    static constexpr uint32_t kSids[] = {0x100, 0x200, 0x300, 0x400};
    uint64_t sid = kSids[r.Below(4)];
    if (r.OneIn(30)) sid = r.Of<uint64_t>({0x500, 0x101, 0, 0x10100, 0xFFFFFFFF, 0xFFFF});
    const uint64_t size = r.OneIn(4) ? r.Below(53) : r.Below(12);
    uint64_t dw0 = OP_ATC_INV | Put(sid, CMD_ATC_INV0_SID);
    if (r.OneIn(2)) dw0 |= CMD_ATC_INV0_SSV | Put(r.Bits() & 0xFFFFF, CMD_ATC_INV0_SSID);
    if (r.OneIn(4)) dw0 |= CMD_ATC_INV0_G;
    if (r.OneIn(8)) dw0 |= Put(r.Bits() & 0xFFFFF, CMD_ATC_INV0_SSID);
    return {dw0, (r.Bits() & CMD_ATC_INV1_ADDR) | size | (r.OneIn(20) ? 0xFC0 : 0)};
  }
  if (roll < 960) {
    const uint64_t cs = r.Of<uint64_t>({0, 0, 1, 1, 2});
    const uint64_t addr = r.OneIn(3) ? 0 : kSyncMsi + 4 * r.Below(64);
    return {OP_SYNC | Put(cs, CMD_SYNC0_CS) | Put(r.Bits() & 0xFFFFFFFF, CMD_SYNC0_MSIDATA) |
                (r.Bits() & (CMD_SYNC0_MSH | CMD_SYNC0_MSIATTR)),
            cs == 1 ? addr | (r.OneIn(16) && addr ? uint64_t{1} << 50 : 0) : addr};
  }
  if (roll < 970 && s_.features.pri) {
    return {OP_PRI_RESP | Put(r.OneIn(8) ? r.Bits() : 0x100 * r.In(1, 4), CMD_PRI_RESP0_SID) |
                (r.OneIn(2) ? CMD_PRI_RESP0_SSV : 0) | Put(r.Bits(), CMD_PRI_RESP0_SSID),
            Put(r.Bits(), CMD_PRI_RESP1_PRGINDEX) | Put(r.Below(3), CMD_PRI_RESP1_RESP)};
  }
  if (roll < 985) return {r.Of<uint64_t>({OP_PREFETCH_CONFIG, OP_PREFETCH_ADDR}) | (r.Bits() & ~uint64_t{0x4FF}), r.Bits()};
  // Illegal, or legal by accident; never a legal command that the model would have to know more about.
  for (;;) {
    Command c{r.Bits(), r.Bits()};
    switch (r.Below(6)) {
      case 0: c.dw0 = (c.dw0 & ~uint64_t{0xFF}) | r.Below(0x50); break;
      case 1: c = {OP_SYNC | CMD_SYNC0_CS, 0}; break;
      case 2: c = {OP_ATC_INV | uint64_t{0x100} << 32, 53 + r.Below(11)}; break;
      case 3: c = {OP_CFGI_STE | CMD0_SSEC, 0}; break;
      case 4: c = {OP_TLBI_NH_VA, Put(1 + r.Below(3), CMD_TLBI_NH_VA1_TG)}; break;
      default: break;
    }
    if (Legal(c, s_.features) && c.Op() == OP_PRI_RESP) continue;
    if (Legal(c, s_.features) && c.Op() == OP_SYNC) continue;
    return c;
  }
}

void Session::Batch() {
  step_ = "commands";
  Rng& r = s_.rng;
  devices_.manner.fill(Manner::kAnswers);
  std::array<int, kPorts> ready = dut_.timing.port_ready;
  const bool faulty = r.OneIn(25);
  if (faulty) {
    for (Manner& m : devices_.manner) {
      if (r.OneIn(2)) m = r.Of({Manner::kDead, Manner::kLate, Manner::kBlocked, Manner::kDead});
      // With `first` how often a SYNC errs depends on the cycle of each time-out: one is enough then.
      if (sync_first_ && m != Manner::kAnswers) break;
    }
  } else if (r.OneIn(8)) {
    devices_.manner[r.Below(kPorts)] = Manner::kUr;
  }
  for (size_t i = 0; i < kPorts; ++i) {
    if (devices_.manner[i] == Manner::kBlocked) dut_.timing.port_ready[i] = 0;
  }
  std::vector<Command> batch;
  const uint64_t n = r.In(1, faulty ? 60 : 150);
  bool named = false;
  for (uint64_t i = 0; i < n; ++i) {
    Command c = Draw();
    const int device = c.Op() == OP_ATC_INV ? tracker_.DeviceOf(c.Sid()) : -1;
    if (faulty && sync_first_ && device >= 0 && devices_.manner[static_cast<size_t>(device)] != Manner::kAnswers) {
      if (named) c = world_.Tlbi();
      named = true;
    }
    batch.push_back(c);
  }
  batch.push_back({OP_SYNC, 0});
  if (r.OneIn(10)) {
    // An entry that cannot be read.
    const Ring ring = regs_.cmdq.ring(s_.features.cmdqs);
    if (n < ring.Slots()) s_.memory.SetBad(Slot((prod_ + static_cast<uint32_t>(r.Below(n))) & ring.Mask()), true);
  }
  Push(batch);
  WaitForCommands();
  if (faulty) {
    // If PROD was pulled back the SYNC of the batch has gone; this one reports what is left.
    Push({{OP_SYNC, 0}});
    WaitForCommands();
    // Late answers come; then the tags are free again.
    step_ = "late answers";
    const uint64_t start = dut_.Now();
    while (!devices_.Idle()) {
      dut_.Cycle();
      if (dut_.Now() > start + kWatchdog) throw Difference("late answers do not end");
    }
    dut_.Cycles(10);
    for (int d = 0; d < kPorts; ++d) {
      const uint32_t busy = dut_.Read32(SMMU_QUAR_BUSY(static_cast<uint32_t>(d)));
      if (busy != static_cast<uint32_t>(tracker_.Quarantined(d))) {
        throw Difference(Format("QUAR_BUSY[%d] is %u, the model has %d", d, busy, tracker_.Quarantined(d)));
      }
      if (tracker_.Quarantined(d) > 0 && r.OneIn(2)) {
        dut_.Write32(SMMU_QUAR_RELEASE, static_cast<uint32_t>(d));
        tracker_.Release(d);
        dut_.Cycles(40);
      }
    }
    devices_.manner.fill(Manner::kAnswers);
  }
  dut_.timing.port_ready = ready;
}

void Session::FullInvalidate() {
  step_ = "full invalidation";
  StopTraffic();
  devices_.manner.fill(Manner::kAnswers);
  Push(Everything());
  WaitForCommands();
  s_.memory.Forget();
  s_.stale.Collapse();
  transactions_.stop = 0;
}

}  // namespace cosim
