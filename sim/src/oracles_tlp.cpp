// SPDX-License-Identifier: Apache-2.0
//
// The protocol checker of the links (sim/mon/tlp_mon.sv), judged. What an armed fault makes (FAULT_CTRL in fault_armed,
// doc/rtl/ep_fault.md) is expected of that device and of no other, until it is disarmed or reset. And the receiver's word: it throws no packet away as
// malformed but of a device that was told to make such packets. What both ends have agreed on (Max_Payload_Size) only the receiver knows.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "atcbench/event_names.h"
#include "atcbench/oracle.h"
#include "ep_regs.h"

namespace atcbench {
namespace {

// By rule number; doc/rtl/tlp_mon.md has the sections.
constexpr std::array<const char*, 17> kRules = {
    "a kind of packet that does not travel in this direction",
    "a length that its kind does not have",
    "byte enables",
    "a request across a 4 KiB boundary",
    "a long header for an address below 4 GiB",
    "an address type that it must not have",
    "the form of a Translation Request",
    "a message whose code, routing and length do not agree",
    "an Invalidate Completion without a tag, or free to pass writes",
    "reserved fields of an Invalidate Request or PRG Response",
    "a PASID prefix",
    "a completion status",
    "reserved, digest or poison bits of the header",
    "a completion that answers nothing",
    "a tag that is still in use",
    "a requester ID that is not the function's",
    "RRS to a request that is not a configuration request",
};

constexpr unsigned kTagInUse = 14;
constexpr uint32_t kDropMalformed = 0;  // rc_drop_e
constexpr unsigned kOtherRequester = 15;

bool is_memory(uint8_t kind) { return kind == 0x00 || kind == 0x20 || kind == 0x40 || kind == 0x60; }

// Does `ctrl` make packets that break `rule` with these first two header dwords?
bool made_by_fault(uint32_t ctrl, uint32_t rule, uint64_t header) {
  const uint8_t kind = header >> 56, code = header & 0xff;
  if (rule == kOtherRequester)
    return ((ctrl & EP_FAULT_CTRL_WRONG_RID) && kind == 0x32 && code == 0x02) ||
           ((ctrl & EP_FAULT_CTRL_FORGE_REQ) && is_memory(kind));
  struct Broken {
    uint32_t rule;
    bool kind;
  };
  const bool write = kind == 0x40 || kind == 0x60;
  // By malformed_e.
  const std::array<Broken, 8> broken = {{{~0u, false},
                                         {1, write},
                                         {2, write},
                                         {3, write},
                                         {5, write},
                                         {12, write},
                                         {13, kind == 0x0a},
                                         {7, kind == 0x30 && code == 0x2a}}};
  const Broken& b = broken[(ctrl & EP_FAULT_CTRL_MALFORMED_MASK) >> EP_FAULT_CTRL_MALFORMED_SHIFT];
  return b.kind && b.rule == rule;
}

class TlpOracle final : public Oracle {
 public:
  explicit TlpOracle(FunctionMap functions) : Oracle("tlp_protocol"), functions_(functions) {}

  void on_event(const Event& e) override {
    switch (e.event) {
      case EV_FAULT_ARMED:
        armed_[e.src] = e.a0;
        if (e.a0 & EP_FAULT_CTRL_MALFORMED_MASK) malformed_.insert(functions_.device(e.src));
        break;
      case EV_TLP_DROP:
        if (e.a0 == kDropMalformed && !malformed_.count(e.src))
          fail(e.cycle, fmt::format("link {}: thrown away as malformed; header {:016x} {:016x}", e.src, e.a1, e.a2));
        break;
      case EV_FLR_START:
        if (const auto it = armed_.find(e.src); it != armed_.end() && !(it->second & EP_FAULT_CTRL_SURVIVE_FLR))
          armed_.erase(it);
        break;
      case EV_CPL_TIMEOUT:
        late_.insert({functions_.device(e.src), e.a0});
        break;
      case EV_TLP_VIOLATION:
        if (expected(e)) break;
        // The link does not know that the requester has given up.
        if (e.a0 == kTagInUse && late_.erase({e.src, e.a1 >> 8 & 0xff})) break;
        fail(e.cycle, fmt::format("link {}: rule {}, {}; header {:016x} {:016x}", e.src, e.a0,
                                  e.a0 < kRules.size() ? kRules[e.a0] : "unknown", e.a1, e.a2));
        break;
      default:
        break;
    }
  }

 private:
  // By a fault of any function behind the link.
  bool expected(const Event& e) const {
    return std::any_of(armed_.begin(), armed_.end(), [&](const auto& armed) {
      return functions_.device(armed.first) == e.src && made_by_fault(armed.second, e.a0, e.a1);
    });
  }

  FunctionMap functions_;
  std::map<uint16_t, uint32_t> armed_;  // FAULT_CTRL by device
  std::set<uint32_t> malformed_;        // links whose devices were told to send such packets; the last may be long under way
  std::set<std::pair<uint32_t, uint64_t>> late_;  // link, tag: timed out, not used since
};

}  // namespace

std::unique_ptr<Oracle> make_tlp_oracle(FunctionMap functions) { return std::make_unique<TlpOracle>(functions); }

}  // namespace atcbench
