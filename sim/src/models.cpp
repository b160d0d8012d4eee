// SPDX-License-Identifier: Apache-2.0
//
// The models of this binary. The build writes atc_models.h: it includes each Verilated class and defines
//   ATC_MODEL_LIST(X)   X(class, endpoints, itags, global, atc_entries) ...
// smallest first. Without it (a library of harness parts only) there are none.
#include "atcbench/model.h"

#if __has_include("atc_models.h")
#include "atc_models.h"
#include "atcbench/verilated_model.h"
#endif

namespace atcbench {

const std::vector<ModelEntry>& model_registry() {
  static const std::vector<ModelEntry> entries = {
#ifdef ATC_MODEL_LIST
#define ATC_MODEL(V, endpoints, itags, global, atc)                                                   \
  {ModelInfo{#V, endpoints, itags, global, atc},                                                      \
   [] {                                                                                               \
     return std::unique_ptr<Model>(new VerilatedModel<V>(ModelInfo{#V, endpoints, itags, global, atc})); \
   }},
      ATC_MODEL_LIST(ATC_MODEL)
#undef ATC_MODEL
#endif
  };
  return entries;
}

}  // namespace atcbench
