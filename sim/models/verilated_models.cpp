// SPDX-License-Identifier: Apache-2.0
//
// The models linked into the tool: one Verilated class for each entry of ATC_MODELS (sim/cmake/Harness.cmake writes
// model_list.inc: one ATC_MODEL(class, name, endpoints, functions, virtual functions, topology, payload, ecmdqs) a line, fewest endpoints first).
#include "atcbench/verilated_model.h"
#include "model_includes.inc"

#ifndef ATC_MUTANTS
#define ATC_MUTANTS false
#endif

namespace atcbench {

const std::vector<ModelEntry>& model_registry() {
  static const std::vector<ModelEntry> models = [] {
    std::vector<ModelEntry> list;
#define ATC_MODEL(Class, model_name, endpoint_count, function_count, vf_count, topology_name, payload_bytes, ecmdq_count) \
  {                                                                                               \
    ModelInfo info;                                                                               \
    info.name = model_name;                                                                       \
    info.endpoints = endpoint_count;                                                              \
    info.mutants = ATC_MUTANTS;                                                                   \
    info.functions = function_count;                                                              \
    info.vfs = vf_count;                                                                          \
    info.topology = topology_name;                                                                \
    info.max_payload = payload_bytes;                                                             \
    info.ecmdqs = ecmdq_count;                                                                    \
    list.push_back({info, [info] { return std::make_unique<VerilatedModel<Class>>(info); }});      \
  }
#include "model_list.inc"
#undef ATC_MODEL
    return list;
  }();
  return models;
}

}  // namespace atcbench
