// SPDX-License-Identifier: Apache-2.0
//
// The answer to one device request, and the event it records (smmuv3 sections 1.2, 5.2, 7, 8; D15).

#ifndef ATCBENCH_TB_MODEL_TRANSLATE_H_
#define ATCBENCH_TB_MODEL_TRANSLATE_H_

#include "model/context.h"

namespace model {

// Memory as each part of the answer saw it. Without caches all three are the present memory; a cached configuration or a
// TLB entry is an older `config`, or older `fill_config` and `tables` (the CD and the tables when the entry was filled).
struct Views {
  const Memory& config;
  const Memory& fill_config;
  const Memory& tables;
  explicit Views(const Memory& now) : config(now), fill_config(now), tables(now) {}
  Views(const Memory& c, const Memory& f, const Memory& t) : config(c), fill_config(f), tables(t) {}
};

Record MakeRecord(const Fault& fault, const Request& request);
// What a translation request for several pages adds (doc/rtl/smmu_xlat.md): the pages behind an entry of `size`, as long as
// they resolve, with access, at that size. False: the entry ends at or after what was asked for.
uint64_t EntrySize(uint64_t entry);
bool NextPages(const Request& request, uint64_t size, Request* next);
bool Continues(const Answer& answer, uint64_t size);

Answer Translate(const Views& views, const Control& control, const Features& features, const Request& request);

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_TRANSLATE_H_
