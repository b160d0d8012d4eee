// SPDX-License-Identifier: Apache-2.0
//
// The protocol checker of the links (sim/mon/tlp_mon.sv), judged.
#include <fmt/format.h>

#include <array>

#include "atcbench/event_names.h"
#include "atcbench/oracle.h"

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

class TlpOracle final : public Oracle {
 public:
  TlpOracle() : Oracle("tlp_protocol") {}

  void on_event(const Event& e) override {
    if (e.event != EV_TLP_VIOLATION) return;
    fail(e.cycle, fmt::format("link {}: rule {}, {}; header {:016x} {:016x}", e.src, e.a0,
                              e.a0 < kRules.size() ? kRules[e.a0] : "unknown", e.a1, e.a2));
  }
};

}  // namespace

std::unique_ptr<Oracle> make_tlp_oracle() { return std::make_unique<TlpOracle>(); }

}  // namespace atcbench
