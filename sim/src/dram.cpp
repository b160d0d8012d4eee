// SPDX-License-Identifier: Apache-2.0
#include "atcbench/dram.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>

#include "atcbench/error.h"

namespace atcbench {
namespace {

uint8_t* map(uint64_t bytes, int flags, int fd, off_t offset) {
  void* p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, fd, offset);
  if (p == MAP_FAILED)
    throw HostError(fmt::format("cannot map {} bytes of simulated memory: {}", bytes, std::strerror(errno)));
  return static_cast<uint8_t*>(p);
}

}  // namespace

Dram::Dram(Addr base, uint64_t bytes)
    : base_(base),
      bytes_(bytes),
      host_(map(bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)),
      owned_(true) {}

Dram::Dram(Addr base, uint64_t bytes, void* host)
    : base_(base), bytes_(bytes), host_(static_cast<uint8_t*>(host)) {}

Dram Dram::from_fd(Addr base, uint64_t bytes, int fd) {
  Dram dram(base, bytes, map(bytes, MAP_SHARED, fd, static_cast<off_t>(base)));
  dram.owned_ = true;
  return dram;
}

Dram::Dram(Dram&& other) noexcept
    : base_(other.base_), bytes_(other.bytes_), host_(other.host_), owned_(other.owned_) {
  other.owned_ = false;
}

Dram::~Dram() {
  if (owned_) ::munmap(host_, bytes_);
}

}  // namespace atcbench
