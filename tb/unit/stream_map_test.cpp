// SPDX-License-Identifier: Apache-2.0
//
// Every requester ID with every number of sharers: the first ones present the ID of requester 0, all others their own.
#include <gtest/gtest.h>
#include <verilated.h>

#include "Vstream_map_tb.h"

namespace {

unsigned expected(unsigned rid, unsigned share, unsigned devices, unsigned functions, unsigned first_bus) {
  const unsigned bus = rid >> 8, function = rid & 0xFF;
  const bool known = bus >= first_bus && bus < first_bus + devices && function < functions;
  return known && (bus - first_bus) * functions + function < share ? first_bus << 8 : rid;
}

TEST(StreamMap, EveryRequester) {
  VerilatedContext context;
  Vstream_map_tb dut(&context);
  for (unsigned rid = 0; rid < 0x10000; ++rid) {
    dut.sid_i = rid;
    dut.addr_i = rid * 0x9E3779B97F4A7C15u;
    for (unsigned share : {0u, 1u, 2u, 3u, 4u, 6u, 16u}) {
      dut.share_i = static_cast<uint8_t>(share);
      dut.eval();
      ASSERT_EQ(dut.sid_o, expected(rid, share, 4, 1, 1)) << std::hex << rid << " share " << share;
      ASSERT_EQ(dut.sid_vf_o, expected(rid, share, 2, 3, 3)) << std::hex << rid << " share " << share;
      ASSERT_TRUE(dut.rest_same_o);
    }
  }
}

}  // namespace
