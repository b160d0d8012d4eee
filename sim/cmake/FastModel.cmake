# SPDX-License-Identifier: Apache-2.0
#
# cmake -DDIR=folder -DPREFIX=class -P FastModel.cmake
#
# What a model can leave out whose inputs change with the clock low only (the step of VerilatedModel, which is read by a
# register alone, excepted). Text of Verilator 5.006; with other text nothing is replaced and the model is that much slower.
#
# 1. Verilator evaluates everything that depends on a top-level input at every eval(); at the rising edge that work
#    repeats what the eval() before has done.
# 2. It copies what assertions look at before every eval(); they look at rising edges only.
# 3. Its vector of triggers becomes words of bits (atcbench/trigger_bits.h).
# 4. <PREFIX>_gates.h: the clocks, for VerilatedModel. A gated one (sim/gate/clk_gate.sv) stops one cycle after its block has
#    become idle: what looks back one cycle (monitors, assertions) sees the change. kFalls: the model can be told that its
#    clocks have fallen, so that an eval() with the clock low is needed for new inputs only.
file(GLOB sources ${DIR}/*DepSet*.cpp ${DIR}/${PREFIX}___024root.h)
foreach(file IN LISTS sources)
  file(READ ${file} text)
  string(REPLACE "__VicoTriggered.at(0U) = (0U == vlSelf->__VicoIterCount);"
    "__VicoTriggered.at(0U) = ((0U == vlSelf->__VicoIterCount) & !vlSelf->clk_i);" patched "${text}")
  string(REPLACE "VlTriggerVec<" "VlTriggerBits<" patched "${patched}")
  string(REPLACE "#include \"verilated.h\"\n" "#include \"verilated.h\"\n#include \"atcbench/trigger_bits.h\"\n" patched
    "${patched}")
  set(copies "// Init\n    vlSelf->__Vsampled")
  set(end "    CData/*0:0*/ __VicoContinue;\n")
  string(FIND "${patched}" "${copies}" at)
  string(FIND "${patched}" "${end}" to)
  if(at GREATER -1 AND to GREATER at)
    string(REPLACE "${copies}" "// Init\n    if (vlSelf->clk_i) {\n    vlSelf->__Vsampled" patched "${patched}")
    string(REPLACE "${end}" "    }\n${end}" patched "${patched}")
  endif()
  if(NOT patched STREQUAL text)
    file(WRITE ${file} "${patched}")
  endif()
endforeach()

file(READ ${DIR}/${PREFIX}___024root.h text)
string(REGEX MATCHALL "[A-Za-z0-9_]+gate__DOT__idle" gates "${text}")
list(REMOVE_DUPLICATES gates)
set(lower "")
set(raise "")
set(fall "    r.__Vtrigrprev__TOP__clk_i = 0;\n")
set(n 0)
string(FIND "${text}" " __Vtrigrprev__TOP__clk_i;" falls)
foreach(gate IN LISTS gates)
  string(REGEX REPLACE "idle$" "clk" clk ${gate})
  string(APPEND lower "    r.${clk} = 0;\n")
  string(APPEND raise "    r.${clk} = all | !(r.${gate} & was_idle[${n}]);\n    was_idle[${n}] = r.${gate};\n")
  string(APPEND fall "    r.__Vtrigrprev__TOP__${clk} = 0;\n")
  string(FIND "${text}" " __Vtrigrprev__TOP__${clk};" at)
  if(at LESS 0)
    set(falls -1)
  endif()
  math(EXPR n "${n} + 1")
endforeach()
if(falls LESS 0)
  set(can_fall false)
  set(fall "")
else()
  set(can_fall true)
endif()
file(WRITE ${DIR}/${PREFIX}_gates.h "#pragma once
#include \"${PREFIX}.h\"
#include \"${PREFIX}___024root.h\"
namespace atcbench {
template <class V> struct ClockGates;
template <> struct ClockGates<${PREFIX}> {
  static constexpr bool kFalls = ${can_fall};
  bool was_idle[${n} + 1] = {};
  void lower(${PREFIX}& v) {
    auto& r = *v.rootp;
    (void)r;
${lower}  }
  void raise(${PREFIX}& v, bool all) {
    auto& r = *v.rootp;
    (void)r, (void)all;
${fall}${raise}  }
};
}
")
