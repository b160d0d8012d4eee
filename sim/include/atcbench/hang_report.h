// SPDX-License-Identifier: Apache-2.0
//
// What a run that does not end is waiting for.
#pragma once

#include <string>

#include "atcbench/simulation.h"

namespace atcbench {

// One line: each task with the sources that it waits for and their last samples, the command queue's PROD and CONS,
// GERROR and GERRORN, and the tags whose Invalidate Requests are unanswered. Reads registers over the bus, so the
// simulation goes on by some cycles.
std::string who_waits(Simulation& sim);

}  // namespace atcbench
