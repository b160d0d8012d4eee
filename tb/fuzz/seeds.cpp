// SPDX-License-Identifier: Apache-2.0
//
// TARGET --seeds=FOLDER writes the target's seeds and ends; libFuzzer reads them as its first corpus (fuzz.py).

#include <cstring>
#include <fstream>

#include "fuzz.h"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr char kOption[] = "--seeds=";
  if (*argc == 2 && std::strncmp((*argv)[1], kOption, sizeof(kOption) - 1) == 0) {
    const std::string folder = (*argv)[1] + sizeof(kOption) - 1;
    unsigned n = 0;
    for (const auto& seed : fuzz::Seeds()) {
      std::ofstream file(folder + "/seed" + std::to_string(n++), std::ios::binary);
      if (!file.write(seed.data(), static_cast<std::streamsize>(seed.size())).flush()) {
        std::fprintf(stderr, "cannot write to %s\n", folder.c_str());
        std::exit(2);
      }
    }
    std::exit(0);
  }
  return 0;
}
