// SPDX-License-Identifier: Apache-2.0
//
// Physical memory at one range of addresses. Pages of the host are taken when first touched.
#pragma once

#include <cstring>

#include "atcbench/types.h"

namespace atcbench {

class Dram {
 public:
  // The library's own, zeroed memory.
  explicit Dram(Addr base, uint64_t bytes);
  // The caller's: `host` holds the byte of address `base`, and stays valid as long as this object.
  Dram(Addr base, uint64_t bytes, void* host);
  // A file to map, offset in the file = physical address; changes are shared with the file.
  static Dram from_fd(Addr base, uint64_t bytes, int fd);
  ~Dram();
  Dram(Dram&& other) noexcept;
  Dram& operator=(Dram&&) = delete;
  Dram(const Dram&) = delete;

  Addr base() const { return base_; }
  uint64_t bytes() const { return bytes_; }
  bool contains(Addr addr, uint64_t bytes) const {
    return addr >= base_ && bytes <= bytes_ && addr - base_ <= bytes_ - bytes;
  }

  // The address must be contained.
  uint8_t* at(Addr addr) { return host_ + (addr - base_); }
  template <class T>
  T read(Addr addr) {
    T value;
    std::memcpy(&value, at(addr), sizeof value);
    return value;
  }
  template <class T>
  void write(Addr addr, T value) {
    std::memcpy(at(addr), &value, sizeof value);
  }

 private:
  Addr base_;
  uint64_t bytes_;
  uint8_t* host_ = nullptr;
  bool owned_ = false;
};

}  // namespace atcbench
