// SPDX-License-Identifier: Apache-2.0
//
// The event table of rtl/regs/log_events.toml: number, name, what its fields mean.
#pragma once

#include <cstdint>
#include <string_view>

#include "log_events.h"

namespace atcbench {

struct EventInfo {
  uint16_t number;
  std::string_view name;
  std::string_view category;
  std::string_view src;  // cpu, device, queue, link or none
  std::string_view field[3];
};

// nullptr for a number that the table does not have.
const EventInfo* event_info(uint16_t number);
std::string_view event_name(uint16_t number);  // "unknown" for such a number
uint16_t event_number(std::string_view name);  // 0: no such event
uint32_t event_table_crc();

}  // namespace atcbench
