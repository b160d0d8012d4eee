// SPDX-License-Identifier: Apache-2.0
//
// Every requester ID against the map of the harness.
#include <gtest/gtest.h>
#include <verilated.h>

#include "Vsmmu_dev_map_tb.h"

namespace {

struct Shape {
  unsigned functions_in_all, functions, first_bus;
};
constexpr Shape kShapes[] = {{4, 1, 1}, {8, 2, 1}, {8, 8, 1}, {15, 3, 3}};

TEST(SmmuDevMap, EveryRequester) {
  VerilatedContext context;
  Vsmmu_dev_map_tb dut(&context);
  for (unsigned rid = 0; rid < 0x10000; ++rid) {
    dut.rid_i = static_cast<uint16_t>(rid);
    dut.eval();
    const unsigned index[] = {dut.index_0_o, dut.index_1_o, dut.index_2_o, dut.index_3_o};
    for (unsigned i = 0; i < 4; ++i) {
      const Shape& s = kShapes[i];
      const unsigned bus = rid >> 8, function = rid & 0xff, devices = s.functions_in_all / s.functions;
      const bool there = bus >= s.first_bus && bus < s.first_bus + devices && function < s.functions;
      ASSERT_EQ(dut.valid_o >> i & 1, there) << std::hex << rid << " shape " << i;
      if (there) ASSERT_EQ(index[i], (bus - s.first_bus) * s.functions + function) << std::hex << rid;
    }
  }
}

}  // namespace
