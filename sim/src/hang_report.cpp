// SPDX-License-Identifier: Apache-2.0
#include "atcbench/hang_report.h"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "atcbench/event_names.h"
#include "smmu_regs.h"

namespace atcbench {
namespace {

constexpr unsigned kBusPatience = 200;  // cycles for a register read
constexpr size_t kTagsShown = 8;

// Reads a register the way a CPU would; nothing if the design does not answer. `ops` keeps what is still on the bus.
std::optional<uint32_t> read_register(Simulation& sim, std::deque<BusOp>& ops, uint32_t offset) {
  BusOp& op = ops.emplace_back();
  op.addr = offset & ~7u;
  op.on_done = [] {};
  sim.reg_bus().submit(op);
  for (unsigned cycle = 0; cycle < kBusPatience && !op.done; ++cycle) sim.step();
  if (!op.done) return std::nullopt;
  return static_cast<uint32_t>(op.data >> (8 * (offset & 7)));
}

std::string text(const std::optional<uint32_t>& value) { return value ? fmt::format("{:#x}", *value) : "no answer"; }

std::string tags(const std::vector<Event>& events) {
  std::map<std::pair<uint16_t, uint32_t>, Cycle> busy;
  for (const Event& e : events) {
    if (e.event == EV_ITAG_ALLOC) busy[{e.src, e.a0}] = e.cycle;
    if (e.event == EV_INV_CPL || e.event == EV_INV_TIMEOUT || e.event == EV_INV_UR_LOCAL) busy.erase({e.src, e.a0});
  }
  if (busy.empty()) return "no tags outstanding";
  std::string out = fmt::format("{} tags outstanding:", busy.size());
  size_t shown = 0;
  for (const auto& [tag, since] : busy) {
    if (shown++ == kTagsShown) return out + " ...";
    out += fmt::format(" device {} itag {} since cycle {},", tag.first, tag.second, since);
  }
  out.pop_back();
  return out;
}

}  // namespace

std::string who_waits(Simulation& sim) {
  // Looked at first: reading registers lets time pass.
  const std::vector<std::string> waiters = sim.machine().waiters();
  const std::string outstanding = tags(sim.log().events());
  std::deque<BusOp> ops;
  const auto pair = [&](const char* name, const char* a, uint32_t at_a, const char* b, uint32_t at_b) {
    const auto value = read_register(sim, ops, at_a);
    return fmt::format("{}{} {} {} {}", name, a, text(value), b, text(value ? read_register(sim, ops, at_b) : std::nullopt));
  };
  std::string registers = pair("CMDQ ", "prod", SMMU_CMDQ_PROD, "cons", SMMU_CMDQ_CONS);
  for (uint64_t i = 0, n = sim.config().smmu.ecmdqs; i < n; ++i) {
    const auto at = static_cast<uint32_t>(i * (0x10000 / n));
    registers += "; " + pair(fmt::format("ECMDQ {} ", i).c_str(), "prod", SMMU_ECMDQ_PROD + at, "cons", SMMU_ECMDQ_CONS + at);
  }
  registers += "; " + pair("", "gerror", SMMU_GERROR, "gerrorn", SMMU_GERRORN);
  return fmt::format("{}; {}; {}", fmt::join(waiters, "; "), registers, outstanding);
}

}  // namespace atcbench
