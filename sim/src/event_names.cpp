// SPDX-License-Identifier: Apache-2.0
#include "atcbench/event_names.h"

#include <array>

namespace atcbench {
namespace {

constexpr EventInfo kTable[] = {
#define ATC_LOG_EVENT(number, symbol, name, category, src, a0, a1, a2) \
  {number, name, category, src, {a0, a1, a2}},
#include "atcbench/log_event_names.inc"
#undef ATC_LOG_EVENT
};
constexpr size_t kCount = std::size(kTable);

uint32_t crc32(uint32_t crc, std::string_view text) {
  for (unsigned char c : text) {
    crc ^= c;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0u);
  }
  return crc;
}

}  // namespace

// Numbers are places in the list, from 1 (rtl/regs/log_events.toml).
const EventInfo* event_info(uint16_t number) {
  return number >= 1 && number <= kCount ? &kTable[number - 1] : nullptr;
}

std::string_view event_name(uint16_t number) {
  const EventInfo* info = event_info(number);
  return info ? info->name : "unknown";
}

uint16_t event_number(std::string_view name) {
  for (const EventInfo& info : kTable)
    if (info.name == name) return info.number;
  return 0;
}

uint32_t event_table_crc() {
  uint32_t crc = ~0u;
  for (const EventInfo& info : kTable) crc = crc32(crc32(crc, info.name), ";");
  return ~crc;
}

}  // namespace atcbench
