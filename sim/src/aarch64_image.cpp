// SPDX-License-Identifier: Apache-2.0
#include "aarch64_image.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

extern "C" {
extern const uint8_t atc_aarch64_image[];
extern const uint8_t atc_aarch64_image_end[];
}

namespace atcbench {
namespace {

template <class T>
T at(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

}  // namespace

Aarch64Image::Aarch64Image() {
  const uint8_t* file = atc_aarch64_image;
  const auto header = at<Elf64_Ehdr>(file);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_machine != EM_AARCH64)
    throw std::logic_error("the driver's image is no AArch64 ELF file");
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment = at<Elf64_Phdr>(file + header.e_phoff + i * header.e_phentsize);
    if (segment.p_type != PT_LOAD) continue;
    segments_.push_back({segment.p_vaddr, file + segment.p_offset, segment.p_filesz});
    end_ = std::max(end_, segment.p_vaddr + segment.p_memsz);
  }
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const auto table = at<Elf64_Shdr>(file + header.e_shoff + i * header.e_shentsize);
    if (table.sh_type != SHT_SYMTAB) continue;
    const auto strings = at<Elf64_Shdr>(file + header.e_shoff + table.sh_link * header.e_shentsize);
    for (uint64_t offset = 0; offset < table.sh_size; offset += sizeof(Elf64_Sym)) {
      const auto symbol = at<Elf64_Sym>(file + table.sh_offset + offset);
      const auto* name = reinterpret_cast<const char*>(file + strings.sh_offset + symbol.st_name);
      if (symbol.st_shndx == SHN_UNDEF || !*name || *name == '$') continue;
      symbols_.emplace(name, symbol.st_value);
      if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC) functions_.emplace(symbol.st_value, name);
    }
  }
  text_end_ = symbol("__text_end");
  const Segment& text = segments_.front();
  for (Addr pc = kBase; pc < text_end_; pc += 4) {
    words_.push_back(at<uint32_t>(text.bytes + (pc - kBase)));
    kinds_.push_back(classify(pc, words_.back()));
  }
}

void Aarch64Image::load(uint8_t* memory) const {
  for (const Segment& s : segments_) std::memcpy(memory + (s.addr - kBase), s.bytes, s.size);
}

Addr Aarch64Image::symbol(std::string_view name) const {
  const auto it = symbols_.find(name);
  if (it == symbols_.end()) throw std::logic_error(fmt::format("the AArch64 image has no '{}'", name));
  return it->second;
}

std::string Aarch64Image::describe(Addr pc) const {
  auto it = functions_.upper_bound(pc);
  if (it == functions_.begin()) return fmt::format("{:#x}", pc);
  --it;
  return fmt::format("{}+{:#x}", it->second, pc - it->first);
}

// Encodings: Arm ARM (DDI 0487), C4.1.
Insn Aarch64Image::classify(Addr pc, uint32_t w) const {
  const bool observe = pc >= symbol("__observe_start") && pc < symbol("__observe_end");
  const bool access = pc >= symbol("__access_start") && pc < symbol("__access_end");
  if ((w & 0xFFE0001F) == 0xD4000002) return Insn::kHvc;
  if (observe) return Insn::kObserve;
  if ((w & 0x3F000000) == 0x08000000) return Insn::kAtomic;    // exclusive, acquire / release, compare and swap
  if ((w & 0x3B200C00) == 0x38200000) return Insn::kAtomic;    // LSE read-modify-write
  if (access && (w & 0x3B000000) == 0x39000000) return Insn::kAccess;  // unsigned offset
  if ((w & 0xFFFFF09F) == 0xD503309F) return Insn::kBarrier;   // DSB, DMB
  if ((w & 0xFFFFF0DF) == 0xD50340DF || (w & 0xFFFFFFE0) == 0xD51B4220) return Insn::kMask;
  if ((w & 0xFFFFFFE0) == 0xD53BE040) return Insn::kCounter;
  if (w == 0xD503205F) return Insn::kWfe;
  if (w == 0xD503209F) return Insn::kSev;
  if (w == 0xD69F03E0) return Insn::kEret;
  return Insn::kPlain;
}

}  // namespace atcbench
