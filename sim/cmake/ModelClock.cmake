# SPDX-License-Identifier: Apache-2.0
#
# cmake -DDIR=folder -DPREFIX=class -P ModelClock.cmake
#
# Writes <PREFIX>_clock.h, a ModelClock (atcbench/model_clock.h) for a model whose pins change with the clock low only
# (step_i, which is read by a register alone, excepted). Verilator's eval() does everything every time: it copies what
# assertions look at, evaluates what hangs on pins, then what hangs on triggers. Here
#   settle() evaluates what hangs on pins: nothing is triggered by a falling clock;
#   edge()   copies for assertions, which look at rising edges only, and evaluates what is triggered.
# It calls the phases of eval() by the names that Verilator 5.048 gives them; with other names the model does not link.
# A gated clock (sim/gate/clk_gate.sv) rises with clk_i where the block was not idle before the edge, or not in the cycle before
# that: what looks back one cycle (monitors, assertions) sees the change.
file(GLOB sources ${DIR}/${PREFIX}___024root__*.cpp)
set(root "${PREFIX}___024root")
set(has_sample false)
set(has_ico false)
foreach(file IN LISTS sources)
  file(STRINGS ${file} found REGEX "^(void|bool) ${root}___(sample|eval_phase__ico)\\(")
  if(found MATCHES "___sample")
    set(has_sample true)
  endif()
  if(found MATCHES "phase__ico")
    set(has_ico true)
  endif()
endforeach()
file(READ ${DIR}/${root}.h text)
string(REGEX MATCHALL "[A-Za-z0-9_]+gate__DOT__idle;" gates "${text}")
string(REPLACE "idle;" "idle" gates "${gates}")
string(REPLACE ";;" ";" gates "${gates}")
list(REMOVE_DUPLICATES gates)

set(declare "bool ${root}___eval_phase__act(${root}*);\nbool ${root}___eval_phase__nba(${root}*);\n")
set(ico "")
set(sample "")
if(has_ico)
  string(APPEND declare "bool ${root}___eval_phase__ico(${root}*);\n")
  set(ico "    r.__VicoFirstIteration = 1;
    while (${root}___eval_phase__ico(&r)) r.__VicoFirstIteration = 0;
    r.__VicoFirstIteration = 0;
")
endif()
if(has_sample)
  string(APPEND declare "void ${root}___sample(${root}*);\n")
  set(sample "    ${root}___sample(&r);\n")
endif()

set(lower "")
set(rise "    r.__Vtrigprevexpr___TOP__clk_i__0 = 0;\n")
set(n 0)
foreach(gate IN LISTS gates)
  string(REGEX REPLACE "idle$" "clk" clk ${gate})
  string(APPEND lower "    r.${clk} = 0;\n")
  string(FIND "${text}" " __Vtrigprevexpr___TOP__${clk}__0;" at)
  if(at GREATER -1)
    string(APPEND rise "    r.__Vtrigprevexpr___TOP__${clk}__0 = 0;\n")
  endif()
  string(APPEND rise "    r.${clk} = all | !(r.${gate} & was_idle[${n}]);\n    was_idle[${n}] = r.${gate};\n")
  math(EXPR n "${n} + 1")
endforeach()
file(WRITE ${DIR}/${PREFIX}_clock.h "// Written by sim/cmake/ModelClock.cmake.
#pragma once
#include \"${PREFIX}.h\"
#include \"${PREFIX}___024root.h\"
#include \"atcbench/model_clock.h\"
${declare}
template <>
struct ModelClock<${PREFIX}> {
  static constexpr bool kFallsByItself = true;
  bool was_idle[${n} + 1] = {};

  void settle(${PREFIX}& v, bool all = false) {
    auto& r = *v.rootp;
    v.clk_i = 0;
    if (all) {
${lower}      v.eval();
      return;
    }
${ico}  }

  void edge(${PREFIX}& v, bool all = false) {
    auto& r = *v.rootp;
${rise}    v.clk_i = 1;
    if (all) {
      v.eval();
      return;
    }
${sample}    do {
      while (${root}___eval_phase__act(&r)) {
      }
    } while (${root}___eval_phase__nba(&r));
  }
};
")
