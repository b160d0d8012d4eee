// SPDX-License-Identifier: Apache-2.0
//
// main() of an endpoint's bench on a model with mutants (sim/cmake/Mutants.cmake): +mutant+NAME turns one of them on.
#include <gtest/gtest.h>

#include "Vep_device_tb.h"
#define ATC_ROOT_DUT Vep_device_tb
#include "ep_root.h"

int main(int argc, char** argv) {
  atcbench::tb::ModelArguments().assign(argv, argv + argc);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
