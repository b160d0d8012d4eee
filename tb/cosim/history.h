// SPDX-License-Identifier: Apache-2.0
//
// What happened last, kept as numbers and printed when a difference is found; and the difference itself.

#ifndef ATCBENCH_TB_COSIM_HISTORY_H_
#define ATCBENCH_TB_COSIM_HISTORY_H_

#include <array>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace cosim {

// The two sides disagree, or the design broke a rule.
struct Difference : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename... Args>
std::string Format(const char* format, Args... args) {
  char text[512];
  std::snprintf(text, sizeof text, format, args...);
  return text;
}
inline std::string Format(const char* text) { return text; }

class History {
 public:
  // `format` is a literal that prints four long long unsigned values.
  void Add(uint64_t cycle, const char* format, uint64_t a = 0, uint64_t b = 0, uint64_t c = 0, uint64_t d = 0) {
    ring_[next_++ % kSize] = {cycle, format, {a, b, c, d}};
  }
  void Print(std::FILE* out) const {
    for (uint64_t i = next_ > kSize ? next_ - kSize : 0; i < next_; ++i) {
      const Line& l = ring_[i % kSize];
      std::fprintf(out, "%10llu  ", static_cast<unsigned long long>(l.cycle));
      std::fprintf(out, l.format, static_cast<unsigned long long>(l.v[0]), static_cast<unsigned long long>(l.v[1]),
                   static_cast<unsigned long long>(l.v[2]), static_cast<unsigned long long>(l.v[3]));
      std::fputc('\n', out);
    }
  }

 private:
  static constexpr uint64_t kSize = 200;
  struct Line {
    uint64_t cycle = 0;
    const char* format = "";
    std::array<uint64_t, 4> v{};
  };
  std::array<Line, kSize> ring_;
  uint64_t next_ = 0;
};

}  // namespace cosim

#endif  // ATCBENCH_TB_COSIM_HISTORY_H_
