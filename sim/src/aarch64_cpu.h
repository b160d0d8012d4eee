// SPDX-License-Identifier: Apache-2.0
//
// One CPU: a Unicorn engine over memory that all engines share.
//
// It runs plain instructions only, as many as it is told, and stops before anything that others can see
// (Aarch64Image::kind); that is then done by the port, at its cycle, by step() or in the harness. No call leaves the
// engine half way, so between two calls any task may take the engine over with its own registers.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "aarch64_image.h"

struct uc_struct;
struct uc_context;

namespace atcbench {

class Aarch64Cpu {
 public:
  struct Memory {
    Addr base;
    uint64_t bytes;
    void* host;
    bool executable;
  };
  Aarch64Cpu(const Aarch64Image& image, std::initializer_list<Memory> memory);
  ~Aarch64Cpu();
  Aarch64Cpu(const Aarch64Cpu&) = delete;
  Aarch64Cpu& operator=(const Aarch64Cpu&) = delete;

  // At most `limit` instructions; how many counted ones were executed. HostError for what the CPU cannot do.
  unsigned run(unsigned limit);
  // The one at pc().
  void step();

  Addr pc() const { return pc_; }
  void set_pc(Addr pc) { pc_ = pc; }
  uint64_t x(unsigned n) const;  // 31 reads as 0
  void set_x(unsigned n, uint64_t value);
  Addr sp() const;
  void set_sp(Addr sp);
  bool masked() const;  // interrupts
  // Takes an interrupt: ELR, SPSR, mask and the vector.
  void enter_irq();

  // Everything a task has in a CPU.
  class Context {
   public:
    explicit Context(Aarch64Cpu& cpu);
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    void save();
    void restore();

   private:
    Aarch64Cpu& cpu_;
    uc_context* registers_ = nullptr;
    Addr pc_ = 0;
  };

  // Called for every counted instruction.
  void on_instruction(std::function<void(Addr)> f) { hook_ = std::move(f); }

 private:
  static void code(uc_struct* engine, uint64_t pc, uint32_t size, void* self);
  void execute();

  const Aarch64Image& image_;
  uc_struct* engine_ = nullptr;
  Addr pc_ = 0;
  unsigned left_ = 0;
  unsigned done_ = 0;
  bool any_kind_ = false;  // of the next instruction
  std::function<void(Addr)> hook_;
};

}  // namespace atcbench
