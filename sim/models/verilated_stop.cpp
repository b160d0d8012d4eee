// SPDX-License-Identifier: Apache-2.0
//
// What Verilator's run-time library calls when a bound assertion fails (it is compiled with VL_USER_STOP): the run ends with a
// verdict and a report instead of an abort. In a unit bench the exception fails the test.
#include <verilated.h>

#include <string>

#include "atcbench/error.h"

void vl_stop(const char* file, int line, const char* hierarchy) VL_MT_UNSAFE {
  std::string name = file;
  name.erase(0, name.rfind('/') + 1);
  throw atcbench::AssertionError(name + ":" + std::to_string(line) + " in " + hierarchy);
}
