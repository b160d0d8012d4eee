// SPDX-License-Identifier: Apache-2.0
//
// Figures of `make bench`: a measured value, the bound that theory gives it, and the share of the bound that it must
// reach. A figure is recorded inside a TEST; one that misses fails that test. It prints one line and, if the environment
// names a file in ATC_BENCH_JSON, appends one JSON object a line to it (sim/tools/bench.py merges them).
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <string>

namespace bench {

struct Figure {
  std::string name;        // unique, words with hyphens
  double value;
  std::string unit;        // "per cycle", "cycles", "ratio"
  double bound;            // what cannot be bettered, or the limit itself where there is no other bound
  double required;         // share = value / bound that must be reached
  bool at_least;           // share >= required; else share <= required
  std::string conditions;  // everything that the value depends on
};

inline void Record(const Figure& f) {
  const double share = f.value / f.bound;
  const bool met = f.at_least ? share >= f.required : share <= f.required;
  std::printf("%-34s %9.4g %-9s bound %7.4g  share %6.1f %%  required %s %.1f %%  %s  (%s)\n", f.name.c_str(), f.value,
              f.unit.c_str(), f.bound, 100 * share, f.at_least ? ">=" : "<=", 100 * f.required, met ? "ok" : "MISSED",
              f.conditions.c_str());
  std::fflush(stdout);
  if (const char* path = std::getenv("ATC_BENCH_JSON")) {
    std::ostringstream line;
    line << std::setprecision(8) << "{\"name\": " << std::quoted(f.name) << ", \"value\": " << f.value
         << ", \"unit\": " << std::quoted(f.unit) << ", \"bound\": " << f.bound << ", \"share\": " << share
         << ", \"required\": \"" << (f.at_least ? "at least " : "at most ") << f.required
         << "\", \"conditions\": " << std::quoted(f.conditions) << "}\n";
    std::ofstream(path, std::ios::app) << line.str();
  }
  EXPECT_TRUE(met) << f.name << ": " << f.value << " " << f.unit << " is " << 100 * share << " % of the bound " << f.bound;
}

// A rate that must reach `share` of its bound.
inline void Rate(const std::string& name, double value, double bound, double share, const std::string& conditions) {
  Record({name, value, "per cycle", bound, share, true, conditions});
}
// A latency that must not exceed `limit`; `bound` is the theoretical minimum if there is one.
inline void Latency(const std::string& name, double value, double limit, const std::string& conditions,
                    double bound = 0) {
  Record({name, value, "cycles", bound > 0 ? bound : limit, bound > 0 ? limit / bound : 1.0, false, conditions});
}
// A ratio of two measured values that must not exceed `limit`.
inline void Ratio(const std::string& name, double value, double limit, const std::string& conditions) {
  Record({name, value, "ratio", 1.0, limit, false, conditions});
}

}  // namespace bench
