// SPDX-License-Identifier: Apache-2.0
//
// One writer for a folder of results, as long as this lives; the kernel lets go when the process ends, however.
#pragma once

#include <string>

namespace atcbench {

class FolderLock {
 public:
  // Makes the folder. Throws HostError when that fails, UsageError when another run writes there.
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_;
};

}  // namespace atcbench
