// SPDX-License-Identifier: Apache-2.0
//
// Fields of 64-bit words by the masks of the generated headers, and queue index arithmetic (smmuv3 section 1.6).

#ifndef ATCBENCH_TB_MODEL_BITS_H_
#define ATCBENCH_TB_MODEL_BITS_H_

#include <cstdint>

namespace model {

constexpr uint64_t Get(uint64_t word, uint64_t mask) {
  return (word & mask) / (mask & (~mask + 1));
}
constexpr uint64_t Put(uint64_t value, uint64_t mask) {
  return (value * (mask & (~mask + 1))) & mask;
}
constexpr bool Has(uint64_t word, uint64_t mask) { return (word & mask) != 0; }
// Ones in the bits below n, n = 0..64.
constexpr uint64_t Ones(int n) { return n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1; }

constexpr int kPaBits = 48;
constexpr uint64_t kPaMask = (uint64_t{1} << kPaBits) - 1;
constexpr uint64_t kPage = 4096;

// Output address sizes by the code of IDR5.OAS, CD.IPS, STE.S2PS; above the implemented 48 bits clamped.
constexpr int OasBits(uint64_t code) {
  constexpr int kBits[8] = {32, 36, 40, 42, 44, 48, 48, 48};
  return kBits[code & 7];
}

// Indexes with their wrap bit at log2size.
struct Ring {
  int log2size;
  uint32_t Mask() const { return static_cast<uint32_t>(Ones(log2size + 1)); }
  uint32_t Slots() const { return uint32_t{1} << log2size; }
  uint32_t Slot(uint32_t index) const { return index & (Slots() - 1); }
  uint32_t Used(uint32_t prod, uint32_t cons) const { return (prod - cons) & Mask(); }
  bool Illegal(uint32_t prod, uint32_t cons) const { return Used(prod, cons) > Slots(); }
  bool Full(uint32_t prod, uint32_t cons) const { return Used(prod, cons) == Slots(); }
  uint32_t Next(uint32_t index) const { return (index + 1) & Mask(); }
};

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_BITS_H_
