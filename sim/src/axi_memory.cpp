// SPDX-License-Identifier: Apache-2.0
#include "atcbench/axi_memory.h"

#include <algorithm>

namespace atcbench {
namespace {

constexpr uint8_t kOkay = 0;
constexpr uint8_t kSlvErr = 2;
constexpr uint8_t kDecErr = 3;
constexpr uint32_t kBeatBytes = 16;
constexpr size_t kBeatBuffer = 64;

bool in_doorbell(Addr addr) { return addr - kDoorbellBase < kDoorbellBytes; }

}  // namespace

bool AxiMemory::aborted(Addr addr, uint32_t bytes, bool write) {
  for (AbortRange& r : aborts_) {
    if (!(write ? r.writes : r.reads) || addr > r.last || addr + bytes <= r.first || r.count == 0) continue;
    if (r.count != kNever) --r.count;
    return true;
  }
  return false;
}

uint8_t AxiMemory::response(Addr addr, uint32_t bytes, bool write) const {
  if (dram_.contains(addr, bytes)) return kOkay;
  if (write && in_doorbell(addr)) return kOkay;
  return kDecErr;
}

void AxiMemory::load_beat(Cycle now, AxiIn& in) {
  Read& read = reads_.front();
  const Addr addr = (read.addr & ~Addr{kBeatBytes - 1}) + Addr{read.next} * kBeatBytes;
  in.rvalid = true;
  in.rid = read.id;
  in.rresp = read.aborted ? kSlvErr : response(addr, kBeatBytes, false);
  in.rlast = read.next + 1 == read.beats;
  if (in.rresp == kOkay) {
    in.rdata = dram_.read<Beat>(addr);
    if (observer_) observer_->on_beat(now, false, addr, read.user, in.rdata, 0xFFFF);
  } else {
    in.rdata.fill(0xFFFFFFFF);
  }
  ++read.next;
  if (in.rlast) reads_.pop_front();
  r_driven_ = true;
}

void AxiMemory::drive(Cycle now, AxiIn& in) {
  in.arready = reads_.size() < params_.outstanding;
  in.awready = writes_.size() < params_.outstanding;
  in.wready = beats_.size() < kBeatBuffer;
  if (!r_driven_) {
    in.rvalid = false;
    if (!reads_.empty() && now >= reads_.front().ready_at) load_beat(now, in);
  }
  if (!b_driven_) {
    in.bvalid = false;
    if (complete_ && writes_.front().visible && now >= writes_.front().response_at) {
      in.bvalid = true;
      in.bid = writes_.front().id;
      in.bresp = writes_.front().resp;
      writes_.pop_front();
      --complete_;
      b_driven_ = true;
    }
  }
}

void AxiMemory::make_visible(Cycle now, Write& write) {
  const Addr first = write.addr & ~Addr{kBeatBytes - 1};
  for (unsigned i = 0; i < write.beats; ++i) {
    const WriteBeat beat = beats_.front();
    beats_.pop_front();
    const Addr addr = first + Addr{i} * kBeatBytes;
    const uint8_t resp = write.aborted ? kSlvErr : response(addr, kBeatBytes, true);
    write.resp = std::max(write.resp, resp);
    if (resp != kOkay) continue;
    if (in_doorbell(addr)) {
      for (unsigned lane = 0; doorbell_ && lane < kBeatBytes / 4; ++lane)
        if ((beat.strb >> (4 * lane) & 0xF) == 0xF) doorbell_(beat.data[lane]);
      continue;
    }
    for (unsigned lane = 0; overwrite_ && lane < kBeatBytes / 4; ++lane)
      if ((beat.strb >> (4 * lane) & 0xF) == 0xF) overwrite_(addr + 4 * lane, dram_.read<uint32_t>(addr + 4 * lane), beat.data[lane]);
    uint8_t* to = dram_.at(addr);
    const auto* from = reinterpret_cast<const uint8_t*>(beat.data.data());
    if (beat.strb == 0xFFFF) {
      std::memcpy(to, from, kBeatBytes);
    } else {
      for (unsigned b = 0; b < kBeatBytes; ++b)
        if (beat.strb >> b & 1) to[b] = from[b];
    }
    if (observer_) observer_->on_beat(now, true, addr, write.user, beat.data, beat.strb);
  }
  write.visible = true;
}

void AxiMemory::observe(Cycle now, const AxiOut& out, const AxiIn& in) {
  if (in.rvalid && out.rready) r_driven_ = false;
  if (in.bvalid && out.bready) b_driven_ = false;
  if (out.arvalid && in.arready) {
    const uint8_t beats = static_cast<uint8_t>(out.arlen + 1);
    reads_.push_back(Read{out.araddr, out.aruser, now + params_.latency, out.arid, beats, 0,
                          !aborts_.empty() && aborted(out.araddr, beats * kBeatBytes, false)});
    ++accepted_;
    if (observer_) observer_->on_arrival(now, false, out.araddr, beats * kBeatBytes, out.aruser);
  }
  if (out.awvalid && in.awready) {
    const uint8_t beats = static_cast<uint8_t>(out.awlen + 1);
    writes_.push_back(Write{out.awaddr, out.awuser, kNever, out.awid, beats, kOkay, false,
                            !aborts_.empty() && aborted(out.awaddr, beats * kBeatBytes, true)});
    ++accepted_;
    if (observer_ && !in_doorbell(out.awaddr)) observer_->on_arrival(now, true, out.awaddr, beats * kBeatBytes, out.awuser);
  }
  if (out.wvalid && in.wready) {
    beats_.push_back(WriteBeat{out.wdata, out.wstrb});
    ++spare_beats_;
  }
  // Address and data may come in either order.
  while (spare_beats_ && complete_ < writes_.size() && spare_beats_ >= writes_[complete_].beats) {
    Write& write = writes_[complete_++];
    spare_beats_ -= write.beats;
    write.response_at = now + params_.latency;
  }
  for (size_t i = 0; i < complete_; ++i) {
    Write& write = writes_[i];
    if (write.visible) continue;
    if (now + 1 < write.response_at) break;
    make_visible(now, write);
  }
}

Cycle AxiMemory::next_event() const {
  if (r_driven_ || b_driven_ || writes_.size() != complete_ || spare_beats_) return 0;
  Cycle next = kNever;
  if (!reads_.empty()) next = std::min(next, reads_.front().ready_at);
  for (size_t i = 0; i < complete_; ++i) {
    const Write& write = writes_[i];
    next = std::min(next, write.visible ? write.response_at : write.response_at - 1);
    if (!write.visible) break;
  }
  return next;
}

}  // namespace atcbench
