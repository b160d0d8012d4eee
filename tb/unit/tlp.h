// SPDX-License-Identifier: Apache-2.0
//
// Packets for benches: tlp_t of rtl/pcie/tlp_pkg.sv as a C++ value, and the packets that the benches send.
// Written from pcie-ats.md sections 1 to 3, not from the RTL.

#ifndef ATCBENCH_TB_UNIT_TLP_H_
#define ATCBENCH_TB_UNIT_TLP_H_

#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

namespace tb {

enum Class { kPosted = 0, kNonPosted = 1, kCompletion = 2 };
enum At { kUntranslated = 0, kTranslationRequest = 1, kTranslated = 2, kReservedAt = 3 };
enum Status { kSc = 0, kUr = 1, kRrs = 2, kCa = 4 };

// tlp_pkg::MaxPayload of the models that the bench drives.
#ifndef ATC_TLP_PAYLOAD
#define ATC_TLP_PAYLOAD 64
#endif
constexpr unsigned kPayload = ATC_TLP_PAYLOAD;  // bytes

struct Tlp {
  bool pfx_valid = false;
  uint32_t pfx = 0;
  uint32_t dw0 = 0, dw1 = 0, dw2 = 0, dw3 = 0;
  std::array<uint8_t, kPayload> data{};

  uint8_t kind() const { return static_cast<uint8_t>(dw0 >> 24); }
  unsigned len() const { return dw0 & 0x3ff; }
  unsigned status() const { return dw1 >> 13 & 7; }
  unsigned tag() const { return cls() == kCompletion ? dw2 >> 8 & 0xff : dw1 >> 8 & 0xff; }
  int cls() const {
    switch (kind()) {
      case 0x00: case 0x20: case 0x01: case 0x21: case 0x02: case 0x42: case 0x04: case 0x44: case 0x05: case 0x45: return kNonPosted;
      case 0x4c: case 0x4d: case 0x4e: case 0x6c: case 0x6d: case 0x6e: return kNonPosted;
      case 0x0a: case 0x4a: case 0x0b: case 0x4b: return kCompletion;
      default: return kPosted;
    }
  }
  unsigned wire_bytes() const {
    return (pfx_valid ? 4 : 0) + (dw0 >> 29 & 1 ? 16 : 12) + (dw0 >> 30 & 1 ? 4 * len() : 0);
  }
  uint64_t be64() const {
    uint64_t v = 0;
    for (int i = 0; i < 8; ++i) v = v << 8 | data[i];
    return v;
  }
  bool operator==(const Tlp& o) const {
    return std::tie(pfx_valid, pfx, dw0, dw1, dw2, dw3, data) ==
           std::tie(o.pfx_valid, o.pfx, o.dw0, o.dw1, o.dw2, o.dw3, o.data);
  }

  // Verilator's view: 161 bits above the data.
  static constexpr unsigned kTop = kPayload / 4;  // word of dw3
  template <typename Wide>
  void To(Wide& w) const {
    static_assert(sizeof(Wide) == 4 * (kTop + 6));
    for (unsigned i = 0; i < kTop; ++i) {
      w[i] = data[4 * i] | uint32_t{data[4 * i + 1]} << 8 | uint32_t{data[4 * i + 2]} << 16 |
             uint32_t{data[4 * i + 3]} << 24;
    }
    w[kTop] = dw3;
    w[kTop + 1] = dw2;
    w[kTop + 2] = dw1;
    w[kTop + 3] = dw0;
    w[kTop + 4] = pfx;
    w[kTop + 5] = pfx_valid;
  }
  template <typename Wide>
  static Tlp From(const Wide& w) {
    Tlp t;
    for (unsigned i = 0; i < kPayload; ++i) t.data[i] = static_cast<uint8_t>(w[i / 4] >> (i % 4 * 8));
    t.dw3 = w[kTop];
    t.dw2 = w[kTop + 1];
    t.dw1 = w[kTop + 2];
    t.dw0 = w[kTop + 3];
    t.pfx = w[kTop + 4];
    t.pfx_valid = w[kTop + 5] & 1;
    return t;
  }
};

inline Tlp Memory(bool write, uint16_t rid, uint8_t tag, uint64_t addr, unsigned dwords, unsigned fbe = 0xf,
                  unsigned lbe = 0xf, At at = kUntranslated) {
  Tlp t;
  const bool wide = addr >> 32 != 0;
  t.dw0 = (write ? 0x40u : 0u) << 24 | (wide ? 0x20u : 0u) << 24 | static_cast<uint32_t>(at) << 10 | dwords;
  t.dw1 = uint32_t{rid} << 16 | uint32_t{tag} << 8 | (dwords == 1 ? 0 : lbe) << 4 | fbe;
  if (wide) {
    t.dw2 = static_cast<uint32_t>(addr >> 32);
    t.dw3 = static_cast<uint32_t>(addr) & ~3u;
  } else {
    t.dw2 = static_cast<uint32_t>(addr) & ~3u;
  }
  return t;
}

// AtomicOps of `dwords` dwords of payload, the operands of half that size for CAS.
enum Atomic { kFetchAdd = 0x4c, kSwap = 0x4d, kCas = 0x4e };
inline Tlp AtomicOp(uint16_t rid, uint8_t tag, Atomic op, uint64_t addr, unsigned dwords, std::array<uint64_t, 2> operand) {
  Tlp t = Memory(true, rid, tag, addr, dwords, 0, 0);
  t.dw0 = (t.dw0 & 0x20ffffffu) | static_cast<uint32_t>(op) << 24;
  const unsigned size = op == kCas ? 2 * dwords : 4 * dwords;
  for (unsigned i = 0; i < 2 * size && i < t.data.size(); ++i)
    t.data[i] = static_cast<uint8_t>(operand[i / size] >> (i % size * 8 % 64));
  return t;
}

inline Tlp TranslationRequest(uint16_t rid, uint8_t tag, uint64_t addr, bool no_write = false) {
  Tlp t = Memory(false, rid, tag, addr & ~uint64_t{0xfff}, 2, 0xf, 0xf, kTranslationRequest);
  (t.dw0 >> 29 & 1 ? t.dw3 : t.dw2) |= no_write;
  return t;
}

inline Tlp InvalidateCompletion(uint16_t rid, uint32_t itags, unsigned cc = 1, uint16_t ta = 0) {
  Tlp t;
  t.dw0 = 0x32000000;
  t.dw1 = uint32_t{rid} << 16 | 0x02;
  t.dw2 = uint32_t{ta} << 16 | (cc & 7);
  t.dw3 = itags;
  return t;
}

// flags: 4 L, 2 W, 1 R
inline Tlp PageRequest(uint16_t rid, uint64_t addr, unsigned prgi, unsigned flags) {
  Tlp t;
  t.dw0 = 0x30000000;
  t.dw1 = uint32_t{rid} << 16 | 0x04;
  t.dw2 = static_cast<uint32_t>(addr >> 32);
  t.dw3 = (static_cast<uint32_t>(addr) & 0xfffff000u) | prgi << 3 | flags;
  return t;
}

inline Tlp ErrorMessage(uint16_t rid, uint8_t code) {
  Tlp t;
  t.dw0 = 0x30000000;
  t.dw1 = uint32_t{rid} << 16 | code;
  return t;
}

inline Tlp Completion(uint16_t completer, uint16_t rid, uint8_t tag, Status status, bool with_data, uint32_t value = 0) {
  Tlp t;
  t.dw0 = with_data ? 0x4a000001 : 0x0a000000;
  t.dw1 = uint32_t{completer} << 16 | static_cast<uint32_t>(status) << 13 | 4;
  t.dw2 = uint32_t{rid} << 16 | uint32_t{tag} << 8;
  for (int i = 0; i < 4; ++i) t.data[i] = static_cast<uint8_t>(value >> (8 * i));
  return t;
}

inline void SetPasid(Tlp& t, uint32_t pasid, bool priv = false, bool exec = false) {
  t.pfx_valid = true;
  t.pfx = 0x91000000u | uint32_t{priv} << 21 | uint32_t{exec} << 20 | pasid;
}

}  // namespace tb

#endif  // ATCBENCH_TB_UNIT_TLP_H_
