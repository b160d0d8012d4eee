# SPDX-License-Identifier: Apache-2.0
#
# cmake -DDIR=folder -P SettleOnce.cmake
#
# Verilator evaluates everything that depends on a top-level input at every eval(). VerilatedModel changes inputs with
# the clock low only (the step, which is read by a register alone, excepted), so at the rising edge that work repeats
# what the eval() before has done. This takes it out of the generated code of a model: a twentieth of the instructions
# of a cycle. Text of Verilator 5.006; with other text nothing is replaced and the model is that much slower.
file(GLOB sources ${DIR}/*DepSet*.cpp)
foreach(file IN LISTS sources)
  file(READ ${file} text)
  string(REPLACE "__VicoTriggered.at(0U) = (0U == vlSelf->__VicoIterCount);"
    "__VicoTriggered.at(0U) = ((0U == vlSelf->__VicoIterCount) & !vlSelf->clk_i);" patched "${text}")
  if(NOT patched STREQUAL text)
    file(WRITE ${file} "${patched}")
  endif()
endforeach()
