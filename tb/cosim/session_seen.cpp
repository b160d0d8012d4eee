// SPDX-License-Identifier: Apache-2.0
//
// What the design does, as it is seen: reads, writes, answers, messages, interrupts, cycle by cycle.

#include "session.h"

#include <algorithm>
#include <cinttypes>

#include "model/bits.h"
#include "regions.h"

namespace cosim {

using model::Ring;

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

}  // namespace cosim
