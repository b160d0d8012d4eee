// SPDX-License-Identifier: Apache-2.0
//
// What goes into and comes out of the model: memory, device requests, answers, event records.

#ifndef ATCBENCH_TB_MODEL_TYPES_H_
#define ATCBENCH_TB_MODEL_TYPES_H_

#include <array>
#include <cstdint>

#include "smmu_fmt.h"

namespace model {

// Memory as the SMMU reads it. An access is 16 bytes on the bus; a beat that fails is a bus abort.
class Memory {
 public:
  virtual ~Memory() = default;
  virtual uint64_t Read64(uint64_t addr) const = 0;
  virtual bool Fails(uint64_t addr) const = 0;
};

// Registers that translation depends on, in effect.
struct Control {
  bool smmuen = false;
  bool atschk = false;
  bool recinvsid = false;
  bool rec_cfg_ats = false;
  bool e2h = false;
  bool gbpa_abort = false;
  uint64_t strtab_base = 0;
  int strtab_log2size = 0;
  int strtab_split = 6;
  bool strtab_two_level = false;
};

enum class At { kUntranslated = 0, kTranslationReq = 1, kTranslated = 2, kReserved = 3 };
enum class Status { kOk = 0, kAbort = 1, kUr = 2, kCa = 3 };

struct Request {
  uint32_t sid = 0;
  bool ssv = false;
  uint32_t ssid = 0;
  bool priv = false;
  bool exec = false;
  At at = At::kUntranslated;
  bool write = false;
  bool nw = false;
  uint32_t num = 0;  // translation request: pages asked for, minus one
  uint64_t addr = 0;

  bool Privileged() const { return ssv && priv; }
  bool Execute() const { return ssv && exec; }
  bool Fetch() const { return Execute() && !write; }  // InD of an event
};

using Record = std::array<uint64_t, EVT_DWORDS>;

// Where a fault came from; number 0 = none.
struct Fault {
  int number = 0;
  bool stage2 = false;
  int klass = EVT_CLASS_INPUT;
  uint64_t ipa = 0;     // of a stage 2 fault
  uint64_t fetch = 0;   // of a fetch that was aborted
  explicit operator bool() const { return number != 0; }
};

enum class Regime { kEl1, kEl2 };

// What a TLB entry that gave this answer would be: tags and the range it covers.
struct TlbTag {
  bool used = false;
  Regime regime = Regime::kEl1;
  bool stage1 = false, stage2 = false;
  bool global = false;
  uint32_t asid = 0, vmid = 0;
  uint64_t va = 0, size = kPageSize;
  static constexpr uint64_t kPageSize = 4096;
};

struct Answer {
  Status status = Status::kOk;
  uint64_t pa = 0;     // memory request that goes through
  uint64_t entry = 0;  // translation request with success
  bool stall = false;  // no answer before RESUME or STALL_TERM; `record` has Stall = 1 and STAG = 0
  bool has_record = false;
  Record record{};
  TlbTag tag;
};

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_TYPES_H_
