// SPDX-License-Identifier: Apache-2.0
//
// A run as one page: report.json and the event log drawn. The page needs nothing but itself (sim/report/report.html
// is its template, the data goes in as JSON).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "atcbench/event_log.h"

namespace atcbench {

std::string report_html(const nlohmann::json& report, const std::vector<Event>& events);

}  // namespace atcbench
