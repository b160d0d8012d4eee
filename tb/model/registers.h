// SPDX-License-Identifier: Apache-2.0
//
// The register file as software sees it at rest: masks, guards, acknowledges, GERROR (smmuv3 section 1). An acknowledge
// follows at once here; the caller compares CR0ACK, IRQ_CTRLACK and GBPA.Update after waiting for the design's.

#ifndef ATCBENCH_TB_MODEL_REGISTERS_H_
#define ATCBENCH_TB_MODEL_REGISTERS_H_

#include <cstdint>
#include <vector>

#include "model/features.h"
#include "model/types.h"

namespace model {

struct QueueRegs {
  uint64_t base = 0;
  uint32_t prod = 0, cons = 0;  // with OVFLG / OVACKFLG in bit 31 (event, PRI)
  Ring ring(int max) const {
    return {static_cast<int>(std::min<uint64_t>(Get(base, SMMU_CMDQ_BASE_LOG2SIZE_MASK), static_cast<uint64_t>(max)))};
  }
  // Base as hardware aligns it, entry size in bytes.
  uint64_t Address(int max, int entry) const {
    const uint64_t bytes = uint64_t{1} << ring(max).log2size << (entry == 16 ? 4 : 5);
    return base & SMMU_CMDQ_BASE_ADDR_MASK & kPaMask & ~(std::max<uint64_t>(bytes, 32) - 1);
  }
};

class Registers {
 public:
  explicit Registers(const Features& f) : f_(f) {}

  // 32-bit accesses; a 64-bit register is its two halves.
  void Write(uint32_t offset, uint32_t value);
  // Architected registers with a value at rest. False: not one of them (identification, read-only state of the unit).
  bool Read(uint32_t offset, uint32_t* value) const;
  // Offsets that Read knows, for whole-page comparisons.
  static const std::vector<uint32_t>& Known();

  // What the hardware changes.
  void ActivateError(uint32_t bits) { gerror_ ^= bits & ~(gerror_ ^ gerrorn_); }
  uint32_t ActiveErrors() const { return gerror_ ^ gerrorn_; }
  bool CmdqRuns() const { return Has(cr0_, SMMU_CR0_CMDQEN) && !(ActiveErrors() & SMMU_GERROR_CMDQ_ERR); }
  void CommandError(uint32_t code) {
    err_ = code;
    ActivateError(SMMU_GERROR_CMDQ_ERR);
  }
  bool EventOverflow() const { return (evtq.prod ^ evtq.cons) >> 31; }
  bool PriOverflow() const { return (priq.prod ^ priq.cons) >> 31; }

  uint32_t Cr0() const { return cr0_; }
  uint32_t IrqCtrl() const { return irq_ctrl_; }
  uint64_t MsiAddr(int which) const { return irq_[which].addr & kPaMask; }  // 0 GERROR, 1 EVENTQ, 2 PRIQ
  uint32_t MsiData(int which) const { return irq_[which].data; }
  Control ControlNow() const;

  QueueRegs cmdq, evtq, priq;

 private:
  struct Irq {
    uint64_t addr = 0;
    uint32_t data = 0, attr = 0;
  };
  void WriteIrq(int which, uint32_t reg, uint32_t value);

  Features f_;
  uint32_t cr0_ = 0, cr1_ = 0, cr2_ = 0, gbpa_ = 0x1000, irq_ctrl_ = 0;
  uint32_t gerror_ = 0, gerrorn_ = 0, err_ = 0;
  uint64_t strtab_ = 0;
  uint32_t strtab_cfg_ = 0;
  Irq irq_[3];
};

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_REGISTERS_H_
