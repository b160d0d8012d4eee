// SPDX-License-Identifier: Apache-2.0
#include "atcbench/bound.h"

#include <algorithm>
#include <cmath>

namespace atcbench {
namespace {

constexpr uint64_t kRequestBytes = 16 + 8;  // header, payload
constexpr uint64_t kFraming = 8;
constexpr double kOtherCommands = 3;  // of an unmap, besides its ATC_INVs: TLBI, SYNC, SYNC (D10)

}  // namespace

uint64_t invalidate_request_cycles(const Config& config) {
  return (kRequestBytes + kFraming + config.link.width - 1) / config.link.width;
}

double invalidation_bound(const Config& config, double round_trip) {
  if (round_trip <= 0) return 0;
  const auto devices = static_cast<double>(config.system.devices);
  const auto window = static_cast<double>(
      config.driver.use_qdep ? std::min(config.smmu.itags, config.ep.inv_queue_depth) : config.smmu.itags);
  const double rate = std::min(1.0, devices / static_cast<double>(invalidate_request_cycles(config)));
  double in_flight = window * devices;
  if (config.smmu.itag_scope == "global") in_flight = std::min(in_flight, static_cast<double>(config.smmu.itags));
  const auto commands = static_cast<double>(config.load.commands);
  // The last request of a full window waits for the first answer, unless sending the window takes longer than that.
  const double windows = in_flight / rate < round_trip ? std::floor((commands - 1) / in_flight) : 0;
  const double last_sent = windows * round_trip + (commands - 1 - windows * in_flight) / rate;
  return 1e6 * commands / (last_sent + round_trip);
}

double unmap_bound(const Config& config, double round_trip) {
  if (round_trip <= 0) return 0;
  const auto devices = static_cast<double>(config.system.devices);
  // The last request leaves devices - 1 cycles after the first, on whatever link.
  return 1e6 * devices / (kOtherCommands + devices - 1 + round_trip);
}

double throughput_bound(const std::string& scenario, const Config& config, double round_trip) {
  return scenario == "inv-stream" ? invalidation_bound(config, round_trip) : unmap_bound(config, round_trip);
}

}  // namespace atcbench
