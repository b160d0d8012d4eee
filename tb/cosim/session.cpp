// SPDX-License-Identifier: Apache-2.0

#include "session.h"

#include <algorithm>
#include <cinttypes>

#include "model/bits.h"

namespace cosim {

using model::Command;
using model::Has;
using model::Put;
using model::Ring;

namespace {

constexpr uint64_t kCmdqRegion = 0x9000'0000, kEvtqRegion = 0xA000'0000, kMsiRegion = 0x0800'0000;
constexpr uint64_t kPriqRegion = 0xB000'0000, kPriqMsi = kMsiRegion + 0x108;
constexpr uint64_t kGerrorMsi = kMsiRegion + 0x100, kEvtqMsi = kMsiRegion + 0x104, kSyncMsi = kMsiRegion + 0x200;
constexpr uint64_t kWatchdog = 60000;  // cycles in which something must happen

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

// ---------------------------------------------------------------- callbacks

void Session::OnCycle() {
  s_.now = dut_.Now();
  devices_.Drive(&dut_);
  transactions_.Drive(&dut_, &world_);
  DrivePages();
}

void Session::DrivePages() {
  if (page_offered_) {
    dut_.OfferPage(page_);
    return;
  }
  if (page_hold_ || transactions_.stop || !s_.features.pri || !s_.rng.OneIn(20)) return;
  Rng& r = s_.rng;
  page_.rid = r.Of<uint32_t>({0x100, 0x200, 0x300, 0x400, 0x101, 0xFFFF});
  page_.ssv = r.OneIn(2);
  page_.ssid = page_.ssv ? static_cast<uint32_t>(r.Bits()) & 0xFFFFF : 0;
  const uint64_t bits = r.Bits();
  page_.priv = page_.ssv && (bits & 1);
  page_.exec = page_.ssv && (bits & 2);
  page_.r = bits & 4;
  page_.w = bits & 8;
  page_.last = bits & 16;
  page_.prgi = bits >> 8 & 0x1FF;
  page_.addr = r.Bits() & ~uint64_t{0xFFF};
  page_offered_ = true;
  dut_.OfferPage(page_);
}

void Session::OnPageAccepted() {
  page_offered_ = false;
  ++totals_.pages;
  s_.history.Add(s_.now, "page request rid %llx prgi %llx addr %llx last %llu", page_.rid, page_.prgi, page_.addr, page_.last);
  const model::PageOutcome o = TakePageRequest(page_, s_.features, &regs_);
  if (o.written) page_writes_.push_back({o.slot, o.entry});
  if (o.answered) page_answers_.push_back(o.response);
}

void Session::OnPageAnswer(const model::PrgResponse& r) {
  AdvanceModel();
  s_.history.Add(s_.now, "PRG response rid %llx prgi %llx code %llx ssid %llx", r.rid, r.prgi, r.code, r.ssid | (r.ssv ? 0x80000000u : 0u));
  const auto it = std::find(page_answers_.begin(), page_answers_.end(), r);
  if (it == page_answers_.end()) {
    throw Difference(Format("PRG response rid %x ssv %d ssid %x prgi %x code %x: not due", r.rid, r.ssv, r.ssid, r.prgi, r.code));
  }
  page_answers_.erase(it);
}

void Session::WaitForPages() {
  const uint64_t start = dut_.Now();
  while (!PagesIdle()) {
    dut_.Cycle();
    if (dut_.Now() > start + kWatchdog) {
      throw Difference(Format("page requests: %zu entries not written, %zu answers not given", page_writes_.size(), page_answers_.size()));
    }
  }
  dut_.Cycles(60);  // response of the last write, PROD
}

// Software takes entries and acknowledges an overflow while no request is on its way: what happens to each is then fixed.
void Session::EmptyPages() {
  if (!s_.features.pri) return;
  step_ = "PRI queue";
  page_hold_ = true;
  WaitForPages();
  uint32_t prod = dut_.Read32(SMMU_PRIQ_PROD);
  if (prod != regs_.priq.prod) throw Difference(Format("PRIQ_PROD: design %08x, model %08x", prod, regs_.priq.prod));
  const Ring ring = regs_.priq.ring(s_.features.priqs);
  const uint32_t cons = regs_.priq.cons & ring.Mask();
  const uint32_t taken = static_cast<uint32_t>(s_.rng.Below(ring.Used(prod & ring.Mask(), cons) + 1));
  if (!s_.rng.OneIn(4)) prod = (prod & 0x7FFFFFFF) | (s_.rng.OneIn(3) ? regs_.priq.cons & 0x80000000 : prod & 0x80000000);
  Write(SMMU_PRIQ_CONS, ((cons + taken) & ring.Mask()) | (prod & 0x80000000));
  page_hold_ = false;
}

void Session::OnRead(int id, uint64_t addr, int beats) {
  (void)id;
  const uint64_t base = regs_.cmdq.Address(s_.features.cmdqs, 16);
  const Ring ring = regs_.cmdq.ring(s_.features.cmdqs);
  if (addr >= base && addr < base + 16 * uint64_t{ring.Slots()}) {
    // A read that waited on the bus while PROD was pulled back still comes.
    const uint32_t used = s_.now < pull_back_until_ ? ring.Slots() : ring.Used(prod_, seen_cons_);
    for (int i = 0; i < beats; ++i) {
      const uint32_t slot = static_cast<uint32_t>((addr - base) / 16) + static_cast<uint32_t>(i);
      const uint32_t behind = (ring.Slot(prod_) - slot) & (ring.Slots() - 1);
      if (slot >= ring.Slots() || used == 0 || (behind == 0 ? ring.Slots() : behind) > used) {
        throw Difference(Format("command slot %u is read: CONS was %x, PROD %x", slot, seen_cons_, prod_));
      }
    }
    return;
  }
  if (!s_.memory.record) return;
  for (int i = 0; i < beats; ++i) design_reads_.push_back((addr >> 4) + static_cast<uint64_t>(i));
}

void Session::OnWrite(int id, uint64_t addr, int bytes, const std::array<uint64_t, 4>& data, bool aborted) {
  (void)id;
  s_.history.Add(s_.now, "write %llx: %llx %llx aborted %llu", addr, data[0], data[1], aborted);
  if (bytes == 32) {
    const Ring ring{evtq_log2_};
    const uint64_t expected = evtq_addr_ + 32 * uint64_t{ring.Slot(evt_written_)};
    if (!evtq_on_) throw Difference("an event is written while the queue is off");
    if (addr != expected) throw Difference(Format("event written to %" PRIx64 ", its slot is %" PRIx64, addr, expected));
    if (data[1] & EVT_FAULT1_STALL) {
      AdvanceModel();
      transactions_.StallRecord(data);
    } else {
      events_.Written(data);
    }
    ++totals_.events;
    if (aborted) {
      gerrors_ += !(regs_.ActiveErrors() & SMMU_GERROR_EVENTQ_ABT_ERR);
      regs_.ActivateError(SMMU_GERROR_EVENTQ_ABT_ERR);
    } else {
      if (ring.Full(evt_written_, regs_.evtq.cons & ring.Mask())) {
        throw Difference("an event is written into a full queue");
      }
      evt_written_ = ring.Next(evt_written_);
      ++evt_visible_;
    }
    return;
  }
  if (bytes == 16) {
    if (page_writes_.empty() || page_writes_.front().addr != addr || page_writes_.front().entry[0] != data[0] ||
        page_writes_.front().entry[1] != data[1]) {
      throw Difference(Format("PRI queue entry %016" PRIx64 " %016" PRIx64 " to %" PRIx64 ": not the next one", data[0], data[1], addr));
    }
    page_writes_.pop_front();
    return;
  }
  if (bytes != 4) throw Difference(Format("a write of %d bytes to %" PRIx64, bytes, addr));
  const uint32_t word = static_cast<uint32_t>(data[0]);
  const auto abort = [&](uint32_t bit) {
    if (!aborted) return;
    gerrors_ += !(regs_.ActiveErrors() & bit) && bit != SMMU_GERROR_MSI_GERROR_ABT_ERR;
    regs_.ActivateError(bit);
  };
  for (int i = 0; i < 3; ++i) {
    if (regs_.MsiAddr(i) == addr && regs_.MsiData(i) == word && addr != 0) {
      ++irqs_[i];
      abort(i == 0 ? SMMU_GERROR_MSI_GERROR_ABT_ERR : i == 1 ? SMMU_GERROR_MSI_EVENTQ_ABT_ERR : SMMU_GERROR_MSI_PRIQ_ABT_ERR);
      return;
    }
  }
  AdvanceModel();
  if (sync_msi_.empty() || sync_msi_.front().addr != addr || sync_msi_.front().data != word) {
    throw Difference(Format("write of %08x to %" PRIx64 ": no interrupt of that address and data is due", word, addr));
  }
  sync_msi_.pop_front();
  abort(SMMU_GERROR_MSI_CMDQ_ABT_ERR);
}

void Session::OnResponse(const Response& response) {
  // What ends a stall may have been consumed since the model last looked.
  if (transactions_.stalls.At(response.port).open || response.status == model::Status::kAbort) AdvanceModel();
  transactions_.Response(response);
}

void Session::OnInvalidate(int port, int itag, const model::InvMessage& message) {
  AdvanceModel();
  devices_.Invalidate(port, itag, message);
}

void Session::OnIrq(int which) {
  s_.history.Add(s_.now, "interrupt %llu", static_cast<uint64_t>(which));
  if (which == 3) {
    AdvanceModel();
    if (--sync_wires_ < 0) throw Difference("SYNC interrupt without a SYNC that asks for it");
    return;
  }
  if (regs_.MsiAddr(which) != 0) throw Difference("wired interrupt although an MSI is configured");
  ++irqs_[which];
}

// ---------------------------------------------------------------- registers

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

// ---------------------------------------------------------------- commands

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

// ---------------------------------------------------------------- rest

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
