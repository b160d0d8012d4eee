// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>

#include "atcbench/event_names.h"
#include "atcbench/oracle.h"
#include "atcbench/ownership.h"
#include "ep_regs.h"

namespace atcbench {
namespace {

// Signature of a written 64-bit word, doc/rtl/ep_dma.md.
struct Signature {
  explicit Signature(uint64_t word) : device(static_cast<uint16_t>(word >> 48)), transfer(static_cast<uint32_t>(word >> 16)) {}
  uint16_t device;
  uint32_t transfer;
};

// A packet is known by its device, its transfer and where in a page it begins: translation keeps that.
using Key = std::tuple<uint16_t, uint32_t, uint32_t>;
constexpr uint64_t kInPage = 0xFFF;

class DmaOracle final : public Oracle {
 public:
  DmaOracle(Ownership* ownership, const FunctionMap& functions) : Oracle("writes_reach_memory"), functions_(functions) {
    if (ownership)
      ownership->on_write([this](Addr addr, const Beat& data, uint16_t strb) { visible(addr, data, strb); });
  }

  void on_event(const Event& e) override {
    switch (e.event) {
      case EV_DMA_START:
        if (e.a2 == 1) started_.insert(key(e));
        break;
      case EV_DMA_DONE:
        if (started_.erase(key(e)) && e.a2 == 0 && !excused_.count(e.src)) sent_.emplace(key(e), Sent{e.cycle, e.a1});
        break;
      case EV_TXN_ABORT:
      case EV_TLP_DROP:
        give_up(e.src, e.a2 & kInPage);
        break;
      case EV_FAULT_ARMED:
        // What becomes of a malformed, forged or misdirected packet is not this promise.
        if (e.a0 & (EP_FAULT_CTRL_MALFORMED_MASK | EP_FAULT_CTRL_FORGE_REQ | EP_FAULT_CTRL_ROGUE)) {
          excused_.insert(e.src);
          forget({e.src, e.src + 1u});
        }
        break;
      // A reset of a physical function takes its virtual ones along, the link everybody behind it.
      case EV_FLR_START:
        forget({e.src, e.src + 1u});
        forget(functions_.taken_along(e.src));
        break;
      case EV_LINK_DOWN:
        forget(functions_.behind(e.src));
        break;
      default:
        break;
    }
  }

  void finish(Cycle) override {
    for (const auto& [packet, sent] : sent_)
      fail(sent.cycle, fmt::format("endpoint {}: write {} to IOVA {:#x} was sent and neither reached memory nor was aborted",
                                   std::get<0>(packet), std::get<1>(packet), sent.iova));
  }

 private:
  struct Sent {
    Cycle cycle;
    uint64_t iova;
  };

  static Key key(const Event& e) { return {e.src, e.a0, static_cast<uint32_t>(e.a1 & kInPage)}; }

  void visible(Addr addr, const Beat& data, uint16_t strb) {
    for (unsigned half = 0; half < 2; ++half) {
      if ((strb >> 8 * half & 0xFF) != 0xFF) continue;
      const Signature by(uint64_t{data[2 * half + 1]} << 32 | data[2 * half]);
      sent_.erase({by.device, by.transfer, static_cast<uint32_t>((addr + 8 * half) & kInPage)});
    }
  }

  // The oldest write of the device that begins there. If it was a read that ended so, the write still arrives.
  void give_up(uint16_t device, uint64_t in_page) {
    auto oldest = sent_.end();
    for (auto it = sent_.lower_bound({device, 0, 0}); it != sent_.end() && std::get<0>(it->first) == device; ++it)
      if (std::get<2>(it->first) == in_page && (oldest == sent_.end() || it->second.cycle < oldest->second.cycle)) oldest = it;
    if (oldest != sent_.end()) sent_.erase(oldest);
  }

  void forget(FunctionMap::Span span) {
    const Key first(static_cast<uint16_t>(span.first), 0, 0), last(static_cast<uint16_t>(span.last), 0, 0);
    sent_.erase(sent_.lower_bound(first), sent_.lower_bound(last));
    started_.erase(started_.lower_bound(first), started_.lower_bound(last));
  }

  FunctionMap functions_;
  std::set<Key> started_;    // writes that have begun
  std::map<Key, Sent> sent_;  // left the engine, not seen in memory
  std::set<uint16_t> excused_;
};

}  // namespace

std::unique_ptr<Oracle> make_dma_oracle(Ownership* ownership, const FunctionMap& functions) {
  return std::make_unique<DmaOracle>(ownership, functions);
}

}  // namespace atcbench
