// SPDX-License-Identifier: Apache-2.0
//
// What the files of this program have in common.

#ifndef ATCBENCH_TB_UNIT_SW_DRIVER_DRIVER_H_
#define ATCBENCH_TB_UNIT_SW_DRIVER_DRIVER_H_

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "../sw_driver_fixture.h"

namespace sw_driver {

using fake::Machine;
using sw::Bdf;

class Driver : public sw::DriverFixture {};

}  // namespace sw_driver

#endif  // ATCBENCH_TB_UNIT_SW_DRIVER_DRIVER_H_
