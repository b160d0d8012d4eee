// SPDX-License-Identifier: Apache-2.0
//
// The one model of the SystemC tool: atc_top as an sc_module with 4 endpoints.
#include "atcbench/verilated_model.h"
#include "sc_top.h"

namespace atcbench {

const std::vector<ModelEntry>& model_registry() {
  static const std::vector<ModelEntry> models = [] {
    ModelInfo info;
    info.name = "n4-systemc";
    info.endpoints = 4;
    return std::vector<ModelEntry>{{info, [info] { return std::make_unique<VerilatedModel<ScModel>>(info); }}};
  }();
  return models;
}

}  // namespace atcbench
