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
#
# A gated clock (sim/gate/clk_gate.sv) rises with clk_i where the block was not idle before the edge, or not in the cycle before
# that: what looks back one cycle (monitors, assertions) sees the change.
# A gated time base (sim/gate/time_gate.sv) goes on at such an edge, too, and where the block's deadline has come. A block that was
# idle then, and is not because of what others did since, has its time put right before the next edge: refresh().
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

# The gates of one kind, by a variable that they have and the other kind has not: names up to that variable.
function(find_gates variable result)
  string(REGEX MATCHALL "[A-Za-z0-9_]+gate__DOT__${variable};" gates "${text}")
  string(REPLACE "${variable};" "" gates "${gates}")
  list(REMOVE_DUPLICATES gates)
  list(REMOVE_ITEM gates "")
  set(${result} "${gates}" PARENT_SCOPE)
endfunction()
find_gates(idle gates)
find_gates(quiet timed)

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

# Appends what makes the next evaluation see an edge of a clock that is set to 1. (One that nothing hangs on has no such variable.)
function(armed clock indent result)
  string(FIND "${text}" " __Vtrigprevexpr___TOP__${clock}__0;" at)
  if(at GREATER -1)
    set(${result} "${${result}}${indent}r.__Vtrigprevexpr___TOP__${clock}__0 = 0;\n" PARENT_SCOPE)
  endif()
endfunction()

set(lower "")
set(rise "    r.__Vtrigprevexpr___TOP__clk_i__0 = 0;\n")
set(refresh "")
set(n 0)
foreach(gate IN LISTS gates)
  string(APPEND lower "      r.${gate}clk = 0;\n")
  armed(${gate}clk "    " rise)
  string(APPEND rise "    r.${gate}clk = all | !(r.${gate}idle & was_idle[${n}]);\n    was_idle[${n}] = r.${gate}idle;\n")
  math(EXPR n "${n} + 1")
endforeach()
set(m 0)
foreach(gate IN LISTS timed)
  string(APPEND refresh "    if (!fresh[${m}] && (all || !r.${gate}quiet || r.${gate}deadline <= now)) {\n")
  armed(${gate}tick "      " refresh)
  string(APPEND refresh "      r.${gate}next = now;\n      r.${gate}tick = fresh[${m}] = stale = true;\n    }\n")
  armed(${gate}tick "    " rise)
  string(APPEND rise "    idle = r.${gate}quiet & (now < r.${gate}deadline);
    r.${gate}tick = fresh[${m}] = all | !(idle & time_idle[${m}]) | (r.${gate}deadline <= next);
    if (fresh[${m}]) r.${gate}next = next;
    time_idle[${m}] = idle;\n")
  math(EXPR m "${m} + 1")
endforeach()

set(function "")
set(at_settle "")
set(at_edge "")
if(timed)
  set(function "
  // Puts the time right where it stands still and must not; says whether it did so anywhere.
  bool refresh(${PREFIX}& v, bool all) {
    auto& r = *v.rootp;
    const uint64_t now = v.now_o;
    bool stale = false;
${refresh}    return stale;
  }
")
  set(at_settle "      refresh(v, true);\n")
  set(at_edge "    while (!all && refresh(v, false)) triggered(r);
    const uint64_t now = v.now_o;
    const uint64_t next = v.rst_ni ? now + v.step_i : 0;
    bool idle;
")
endif()
file(WRITE ${DIR}/${PREFIX}_clock.h "// Written by sim/cmake/ModelClock.cmake.
#pragma once
#include \"${PREFIX}.h\"
#include \"${PREFIX}___024root.h\"
#include \"atcbench/model_clock.h\"
${declare}
template <>
struct ModelClock<${PREFIX}> {
  static constexpr bool kFallsByItself = true;

  void settle(${PREFIX}& v, bool all = false) {
    auto& r = *v.rootp;
    v.clk_i = 0;
    if (all) {
${lower}${at_settle}      v.eval();
      return;
    }
${ico}  }

  void edge(${PREFIX}& v, bool all = false) {
    auto& r = *v.rootp;
${at_edge}${rise}    v.clk_i = 1;
    if (all) {
      v.eval();
      return;
    }
${sample}    triggered(r);
  }

 private:
  static void triggered(${root}& r) {
    do {
      while (${root}___eval_phase__act(&r)) {
      }
    } while (${root}___eval_phase__nba(&r));
  }
${function}
  bool was_idle[${n} + 1] = {};
  bool time_idle[${m} + 1] = {};
  bool fresh[${m} + 1] = {};     // its time is the time
};
")
