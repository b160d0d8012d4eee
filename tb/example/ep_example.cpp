// SPDX-License-Identifier: Apache-2.0
//
// The endpoint in a testbench of its own, nothing else of this repository: reads the vendor ID, turns ATS on, and
// invalidates the whole address space. doc/endpoint.md walks through it. Exit status 0 if all of it happened.
#include <verilated.h>

#include <array>
#include <cstdint>
#include <cstdio>

#include "Vep_plain.h"

namespace {

using Header = std::array<uint32_t, 4>;

class Bench {
 public:
  Bench() {
    dut_.bdf_i = kBdf;
    dut_.inv_depth_i = 32;
    dut_.flr_cycles_i = 1000;
    dut_.cpl_timeout_i = kNever;
    dut_.tx_ready_i = 1;
    dut_.tx_class_ready_i = 7;
    Cycle();
    dut_.rst_ni = 1;
  }
  ~Bench() { dut_.final(); }

  // Sends a packet and waits for the one that comes back; false if none does.
  bool Ask(const Header& request, uint64_t payload, Header* answer, uint32_t* data) {
    dut_.rx_valid_i = 1;
    dut_.rx_dw0_i = request[0];
    dut_.rx_dw1_i = request[1];
    dut_.rx_dw2_i = request[2];
    dut_.rx_dw3_i = request[3];
    dut_.rx_data_i[0] = static_cast<uint32_t>(payload);
    dut_.rx_data_i[1] = static_cast<uint32_t>(payload >> 32);
    for (unsigned n = 0; n < 100; ++n) {
      dut_.eval();
      const bool taken = dut_.rx_valid_i && dut_.rx_ready_o;
      const bool came = dut_.tx_valid_o;
      if (came) {
        *answer = {dut_.tx_dw0_o, dut_.tx_dw1_o, dut_.tx_dw2_o, dut_.tx_dw3_o};
        *data = dut_.tx_data_o[0];
      }
      Cycle();
      if (taken) dut_.rx_valid_i = 0;
      if (came) return true;
    }
    return false;
  }

  static constexpr uint16_t kBdf = 0x0100;

 private:
  static constexpr uint64_t kNever = 0xffff'ffff'ffff;

  void Cycle() {
    dut_.clk_i = 0;
    dut_.eval();
    dut_.clk_i = 1;
    dut_.eval();
    dut_.clk_i = 0;
    dut_.now_i = ++now_;
  }

  VerilatedContext context_;
  Vep_plain dut_{&context_};
  uint64_t now_ = 0;
};

}  // namespace

int main() {
  Bench bench;
  Header answer;
  uint32_t data = 0;
  constexpr uint32_t kDestination = uint32_t{Bench::kBdf} << 16;

  // CfgRd0 of dword 0: one dword, all bytes.
  if (!bench.Ask({0x04000001, 0x0000000f, kDestination, 0}, 0, &answer, &data)) return 1;
  std::printf("vendor and device: 0x%08x\n", data);
  if ((answer[1] >> 13 & 7) != 0 || data != 0xa7cb1234) return 1;

  // CfgWr0 of the ATS control register, upper half: Enable.
  if (!bench.Ask({0x44000001, 0x0000010c, kDestination | 0x144, 0}, 0x80000000, &answer, &data)) return 1;

  // Invalidate Request with ITag 3 for the whole address space: bits 62:11 ones, most significant byte first.
  if (!bench.Ask({0x72000002, 3u << 8 | 0x01, kDestination, 0}, __builtin_bswap64(0x7fff'ffff'ffff'f800), &answer, &data)) return 1;
  std::printf("completion: code 0x%02x, tags 0x%08x, count %u\n", answer[1] & 0xff, answer[3], answer[2] & 7);
  return answer[0] >> 24 == 0x32 && (answer[1] & 0xff) == 0x02 && answer[3] == 1u << 3 ? 0 : 1;
}
