// SPDX-License-Identifier: Apache-2.0
//
// main() of a bench on a model with mutants (sim/cmake/Mutants.cmake): +mutant+NAME turns one of them on.
#include <gtest/gtest.h>

#include "verilated.h"

int main(int argc, char** argv) {
  Verilated::commandArgs(argc, argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
