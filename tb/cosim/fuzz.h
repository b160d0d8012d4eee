// SPDX-License-Identifier: Apache-2.0
//
// Bad input: random command words, tables, register writes in any order, bus errors and completions. What must hold: no
// hang, no access that nothing explains, no dependence on the state before reset, errors reported by the rules.

#ifndef ATCBENCH_TB_COSIM_FUZZ_H_
#define ATCBENCH_TB_COSIM_FUZZ_H_

#include <cstdint>

namespace cosim {

// Runs a seed with several states of reset; prints what is wrong. True if nothing is.
bool FuzzSeed(uint64_t seed, uint64_t cycles);

}  // namespace cosim

#endif  // ATCBENCH_TB_COSIM_FUZZ_H_
