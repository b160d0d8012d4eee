// SPDX-License-Identifier: Apache-2.0
#include "aarch64_cpu.h"

#include <fmt/format.h>
#include <unicorn/unicorn.h>

#include "atcbench/error.h"

namespace atcbench {
namespace {

constexpr uint32_t kMaskIrq = 1u << 7;
constexpr uint32_t kMaskAll = 0xFu << 6;
constexpr uint32_t kStart = 0x345;          // EL1 with its own stack; debug, SError and FIQ masked
constexpr Addr kIrqVector = 0x280;          // from the same level with its own stack

void check(uc_err error, const char* what) {
  if (error != UC_ERR_OK) throw HostError(fmt::format("Unicorn: {}: {}", what, uc_strerror(error)));
}

int reg_x(unsigned n) { return n < 29 ? UC_ARM64_REG_X0 + static_cast<int>(n) : n == 29 ? UC_ARM64_REG_X29 : UC_ARM64_REG_X30; }

// System registers by op0, op1, CRn, CRm, op2.
constexpr uc_arm64_cp_reg kSpsr{4, 0, 3, 0, 0, 0};
constexpr uc_arm64_cp_reg kElr{4, 0, 3, 0, 1, 0};
constexpr uc_arm64_cp_reg kVbar{12, 0, 3, 0, 0, 0};

}  // namespace

Aarch64Cpu::Aarch64Cpu(const Aarch64Image& image, std::initializer_list<Memory> memory) : image_(image) {
  check(uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &engine_), "open");
  // ARMv8.1 atomics, which the default model has not
  check(uc_ctl_set_cpu_model(engine_, UC_CPU_ARM64_MAX), "CPU model");
  for (const Memory& m : memory)
    check(uc_mem_map_ptr(engine_, m.base, m.bytes, m.executable ? UC_PROT_ALL : UC_PROT_READ | UC_PROT_WRITE, m.host), "map");
  uc_hook hook;
  check(uc_hook_add(engine_, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(&Aarch64Cpu::code), this, 1, 0), "hook");
  const uint64_t pstate = kStart;
  check(uc_reg_write(engine_, UC_ARM64_REG_PSTATE, &pstate), "PSTATE");
}

Aarch64Cpu::~Aarch64Cpu() { uc_close(engine_); }

// Before each instruction.
void Aarch64Cpu::code(uc_struct* engine, uint64_t pc, uint32_t, void* self) {
  auto& cpu = *static_cast<Aarch64Cpu*>(self);
  const Insn kind = cpu.image_.kind(pc);
  const bool wanted = cpu.left_ && (cpu.any_kind_ || kind == Insn::kPlain || kind == Insn::kObserve);
  if (!wanted) {
    uc_emu_stop(engine);
    return;
  }
  cpu.any_kind_ = false;
  if (kind == Insn::kObserve) return;
  --cpu.left_;
  ++cpu.done_;
  if (cpu.hook_) cpu.hook_(pc);
}

void Aarch64Cpu::execute() {
  done_ = 0;
  const uc_err error = uc_emu_start(engine_, pc_, 0, 0, 0);
  check(uc_reg_read(engine_, UC_ARM64_REG_PC, &pc_), "PC");
  if (error != UC_ERR_OK)
    throw HostError(fmt::format("AArch64: {} at {:#x} ({})", uc_strerror(error), pc_, image_.describe(pc_)));
}

unsigned Aarch64Cpu::run(unsigned limit) {
  left_ = limit;
  any_kind_ = false;
  execute();
  return done_;
}

void Aarch64Cpu::step() {
  left_ = 1;
  any_kind_ = true;
  execute();
}

uint64_t Aarch64Cpu::x(unsigned n) const {
  uint64_t value = 0;
  if (n != 31) check(uc_reg_read(engine_, reg_x(n), &value), "register");
  return value;
}

void Aarch64Cpu::set_x(unsigned n, uint64_t value) {
  if (n != 31) check(uc_reg_write(engine_, reg_x(n), &value), "register");
}

Addr Aarch64Cpu::sp() const {
  Addr value = 0;
  check(uc_reg_read(engine_, UC_ARM64_REG_SP, &value), "SP");
  return value;
}

void Aarch64Cpu::set_sp(Addr sp) { check(uc_reg_write(engine_, UC_ARM64_REG_SP, &sp), "SP"); }

bool Aarch64Cpu::masked() const {
  uint64_t pstate = 0;
  check(uc_reg_read(engine_, UC_ARM64_REG_PSTATE, &pstate), "PSTATE");
  return pstate & kMaskIrq;
}

void Aarch64Cpu::enter_irq() {
  uint64_t pstate = 0;
  check(uc_reg_read(engine_, UC_ARM64_REG_PSTATE, &pstate), "PSTATE");
  uc_arm64_cp_reg spsr = kSpsr, elr = kElr, vbar = kVbar;
  spsr.val = pstate;
  elr.val = pc_;
  check(uc_reg_write(engine_, UC_ARM64_REG_CP_REG, &spsr), "SPSR_EL1");
  check(uc_reg_write(engine_, UC_ARM64_REG_CP_REG, &elr), "ELR_EL1");
  check(uc_reg_read(engine_, UC_ARM64_REG_CP_REG, &vbar), "VBAR_EL1");
  pstate |= kMaskAll;
  check(uc_reg_write(engine_, UC_ARM64_REG_PSTATE, &pstate), "PSTATE");
  pc_ = vbar.val + kIrqVector;
}

Aarch64Cpu::Context::Context(Aarch64Cpu& cpu) : cpu_(cpu) { check(uc_context_alloc(cpu.engine_, &registers_), "context"); }
Aarch64Cpu::Context::~Context() { uc_context_free(registers_); }

void Aarch64Cpu::Context::save() {
  check(uc_context_save(cpu_.engine_, registers_), "context");
  pc_ = cpu_.pc_;
}

void Aarch64Cpu::Context::restore() {
  check(uc_context_restore(cpu_.engine_, registers_), "context");
  cpu_.pc_ = pc_;
}

}  // namespace atcbench
