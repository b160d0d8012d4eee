// SPDX-License-Identifier: Apache-2.0
//
// The driver as AArch64 code: the linked image, its symbols, and what kind of instruction stands where.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "atcbench/types.h"

namespace atcbench {

// What an instruction is to the harness. Everything but kPlain and kObserve happens at its own cycle and is seen by
// others, so the CPU is stopped before it.
enum class Insn : uint8_t {
  kPlain,
  kObserve,   // costs nothing, is not counted
  kAccess,    // load or store of a register or of shared memory
  kAtomic,
  kBarrier,
  kMask,      // changes the interrupt mask
  kCounter,   // reads the generic timer
  kWfe,
  kSev,
  kEret,
  kHvc,
};

class Aarch64Image {
 public:
  // The image that was linked into this program.
  Aarch64Image();

  static constexpr Addr kBase = 0x4000000000;

  Addr text_end() const { return text_end_; }
  // First byte behind everything that is loaded.
  Addr end() const { return end_; }
  // Copies the image to the memory that stands for kBase.
  void load(uint8_t* memory) const;

  Insn kind(Addr pc) const { return pc - kBase < text_end_ - kBase ? kinds_[(pc - kBase) / 4] : Insn::kPlain; }
  uint32_t word(Addr pc) const { return words_[(pc - kBase) / 4]; }
  // Throws std::logic_error for a name that is not in it.
  Addr symbol(std::string_view name) const;
  // symbol+offset
  std::string describe(Addr pc) const;

 private:
  struct Segment {
    Addr addr;
    const uint8_t* bytes;
    uint64_t size;
  };
  Insn classify(Addr pc, uint32_t word) const;

  std::vector<Segment> segments_;
  std::map<std::string, Addr, std::less<>> symbols_;
  std::map<Addr, std::string> functions_;
  std::vector<Insn> kinds_;
  std::vector<uint32_t> words_;
  Addr text_end_ = 0;
  Addr end_ = 0;
};

}  // namespace atcbench
