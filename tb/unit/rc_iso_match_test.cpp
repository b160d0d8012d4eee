// SPDX-License-Identifier: Apache-2.0
//
// Which requests isolation drops (D16): every requester ID, every shape, against the rule.
#include <gtest/gtest.h>
#include <verilated.h>

#include <random>

#include "Vrc_iso_match_tb.h"

namespace {

struct Shape {
  unsigned devices, functions, first_bus;
};
constexpr Shape kShapes[] = {{1, 1, 1}, {1, 3, 2}, {4, 1, 3}, {2, 8, 3}};
constexpr unsigned kTranslated = 2;

// A function's own bit; with one device below the port somebody who is none of its functions counts as each of them.
bool drops(const Shape& s, unsigned isolated, unsigned rid, unsigned at, bool all) {
  const unsigned bus = rid >> 8, function = rid & 0xFF, requesters = s.devices * s.functions;
  isolated &= (1u << requesters) - 1;
  if (isolated == 0 || !(all || at == kTranslated)) return false;
  const bool known = bus >= s.first_bus && bus < s.first_bus + s.devices && function < s.functions;
  return known ? isolated >> ((bus - s.first_bus) * s.functions + function) & 1 : s.devices == 1;
}

TEST(RcIsoMatch, EveryRequester) {
  VerilatedContext context;
  Vrc_iso_match_tb dut(&context);
  std::mt19937 rng(1);
  for (unsigned rid = 0; rid < 0x10000; ++rid) {
    for (unsigned round = 0; round < 4; ++round) {
      // few bits and many: each function alone, and all of them
      const unsigned isolated = round == 0 ? 1u << rng() % 16 : round == 1 ? 0xFFFF : round == 2 ? 0 : rng() & 0xFFFF;
      dut.rid_i = static_cast<uint16_t>(rid);
      dut.at_i = rng() % 4;
      dut.all_i = rng() % 2;
      dut.isolated_i = static_cast<uint16_t>(isolated);
      dut.eval();
      for (unsigned i = 0; i < 4; ++i)
        ASSERT_EQ(dut.drop_o >> i & 1, drops(kShapes[i], isolated, rid, dut.at_i, dut.all_i))
            << std::hex << "requester " << rid << " shape " << i << " isolated " << isolated << " at " << +dut.at_i;
    }
  }
}

}  // namespace
