// SPDX-License-Identifier: Apache-2.0
//
// The clock of a Verilated class V: settle() evaluates with the clock low after its pins have changed, edge() at the rising
// edge. This is the plain way, right for every class. sim/cmake/ModelClock.cmake writes a specialization for models whose
// pins change with the clock low only (<prefix>_clock.h), which leaves out what cannot matter.
#pragma once

template <class V>
struct ModelClock {
  // edge() needs no settle() before it when no pin but step_i has changed.
  static constexpr bool kFallsByItself = false;
  // `all`: gated clocks (sim/gate) rise whether their block is idle or not, and everything is evaluated in full; here always.
  void settle(V& v, bool /*all*/ = false) {
    v.clk_i = 0;
    v.eval();
  }
  void edge(V& v, bool /*all*/ = false) {
    v.clk_i = 1;
    v.eval();
  }
};
