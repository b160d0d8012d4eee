// SPDX-License-Identifier: Apache-2.0
#include "atcbench/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "atcbench/error.h"

namespace atcbench {

FolderLock::FolderLock(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw HostError(fmt::format("cannot make {}: {}", folder, error.message()));
  if (::access(folder.c_str(), W_OK) != 0)
    throw HostError(fmt::format("cannot write to {}: {}", folder, std::strerror(errno)));
  fd_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd_ < 0) throw HostError(fmt::format("cannot open {}: {}", folder, std::strerror(errno)));
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    ::close(fd_);
    if (reason != EWOULDBLOCK) throw HostError(fmt::format("cannot lock {}: {}", folder, std::strerror(reason)));
    throw UsageError(fmt::format("another run writes to {}: wait for it, or choose another --out", folder));
  }
}

FolderLock::~FolderLock() { ::close(fd_); }

}  // namespace atcbench
