// SPDX-License-Identifier: Apache-2.0
//
// What a page table of a World looks like: 4 KiB granule, both stages.

#ifndef ATCBENCH_TB_COSIM_WORLD_TABLE_H_
#define ATCBENCH_TB_COSIM_WORLD_TABLE_H_

#include <cstdint>

namespace cosim {

constexpr uint64_t kTable = 3;
constexpr uint64_t kOut = 0x0000'FFFF'FFFF'F000;
// Level 2 slot that all spaces with a window give to the shared leaves.
constexpr uint64_t kWindowVa = 0x3FC0'0000;

// Lowest address bit that the index of a level takes.
constexpr int Low(int level) { return 39 - 9 * level; }

}  // namespace cosim

#endif  // ATCBENCH_TB_COSIM_WORLD_TABLE_H_
