// SPDX-License-Identifier: Apache-2.0
#include "atcbench/call_order.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "atcbench/error.h"

namespace atcbench {
namespace {

constexpr const char* kHeader = "atcbench-call-order-1";

}  // namespace

CallOrder::CallOrder(const std::string& path) : enforced_(true) {
  std::ifstream file(path);
  std::string header;
  if (!std::getline(file, header) || header != kHeader) throw HostError(fmt::format("{} is not an order of port calls", path));
  Entry e;
  unsigned kind;
  while (file >> e.task >> kind >> e.addr >> e.value) {
    if (kind > static_cast<unsigned>(CallKind::kWork)) break;
    e.kind = static_cast<CallKind>(kind);
    entries_.push_back(e);
  }
  if (!file.eof()) throw HostError(fmt::format("{}: line {} is not a port call", path, entries_.size() + 2));
}

std::optional<uint64_t> CallOrder::before_smmu(Addr addr, unsigned bytes, uint64_t holds) const {
  uint64_t value = holds;
  bool written = false;
  for (unsigned shift = 0; shift < 8 * bytes; shift += 32) {
    const auto word = words_.find(addr + shift / 8);
    if (word == words_.end()) continue;
    if (word->second.after != static_cast<uint32_t>(holds >> shift)) return std::nullopt;
    written = true;
    value = (value & ~(uint64_t{0xFFFFFFFF} << shift)) | uint64_t{word->second.before} << shift;
  }
  return written ? std::optional(value) : std::nullopt;
}

void CallOrder::write(const std::string& path) const {
  std::ofstream file(path);
  file << kHeader << '\n';
  for (const Entry& e : entries_)
    file << e.task << ' ' << static_cast<unsigned>(e.kind) << ' ' << e.addr << ' ' << e.value << '\n';
  file.close();
  if (!file) throw HostError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

}  // namespace atcbench
