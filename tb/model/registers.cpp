// SPDX-License-Identifier: Apache-2.0

#include "model/registers.h"

namespace model {
namespace {

void Store(uint32_t* reg, uint32_t value, uint32_t mask) { *reg = (value & mask) | (*reg & ~mask); }
void StoreHalf(uint64_t* reg, bool high, uint32_t value, uint64_t mask) {
  const int shift = high ? 32 : 0;
  const uint64_t half = mask & (uint64_t{0xFFFFFFFF} << shift);
  *reg = (*reg & ~half) | ((uint64_t{value} << shift) & half);
}

constexpr uint32_t kQueueIn = SMMU_CR1_QUEUE_IC_MASK | SMMU_CR1_QUEUE_OC_MASK | SMMU_CR1_QUEUE_SH_MASK;
constexpr uint32_t kTableIn = SMMU_CR1_TABLE_IC_MASK | SMMU_CR1_TABLE_OC_MASK | SMMU_CR1_TABLE_SH_MASK;
constexpr uint64_t kBaseMask = SMMU_CMDQ_BASE_LOG2SIZE_MASK | SMMU_CMDQ_BASE_ADDR_MASK | SMMU_CMDQ_BASE_RA;
constexpr uint32_t kIndex = 0x000FFFFF, kFlag = 0x80000000;
constexpr uint32_t kGbpa = SMMU_GBPA_MEMATTR_MASK | SMMU_GBPA_MTCFG | SMMU_GBPA_ALLOCCFG_MASK | SMMU_GBPA_SHCFG_MASK |
                           SMMU_GBPA_PRIVCFG_MASK | SMMU_GBPA_INSTCFG_MASK | SMMU_GBPA_ABORT;

}  // namespace

void Registers::WriteIrq(int which, uint32_t reg, uint32_t value) {
  constexpr uint32_t kEnable[3] = {SMMU_IRQ_CTRL_GERROR_IRQEN, SMMU_IRQ_CTRL_EVENTQ_IRQEN, SMMU_IRQ_CTRL_PRIQ_IRQEN};
  if (irq_ctrl_ & kEnable[which]) return;
  Irq& i = irq_[which];
  if (reg <= 4) {
    StoreHalf(&i.addr, reg == 4, value, SMMU_GERROR_IRQ_CFG0_ADDR_MASK);
  } else if (reg == 8) {
    i.data = value;
  } else {
    i.attr = value & (0x3F | (which == 2 ? 0x80000000 : 0));
  }
}

void Registers::Write(uint32_t offset, uint32_t v) {
  const bool smmuen = Has(cr0_, SMMU_CR0_SMMUEN), cmdqen = Has(cr0_, SMMU_CR0_CMDQEN);
  const bool evtqen = Has(cr0_, SMMU_CR0_EVENTQEN), priqen = Has(cr0_, SMMU_CR0_PRIQEN);
  const auto base = [&](QueueRegs* q, bool enabled, bool high) {
    if (!enabled) StoreHalf(&q->base, high, v, kBaseMask);
  };
  switch (offset) {
    case SMMU_CR0:
      cr0_ = v & (SMMU_CR0_SMMUEN | SMMU_CR0_EVENTQEN | SMMU_CR0_CMDQEN | (f_.ats ? SMMU_CR0_ATSCHK : 0) |
                  (f_.pri ? SMMU_CR0_PRIQEN : 0));
      break;
    case SMMU_CR1:
      if (!smmuen) Store(&cr1_, v, kTableIn);
      if (!cmdqen && !evtqen && !priqen) Store(&cr1_, v, kQueueIn);
      break;
    case SMMU_CR2:
      if (!smmuen) {
        cr2_ = v & (SMMU_CR2_E2H | SMMU_CR2_RECINVSID | SMMU_CR2_PTM | (f_.atsrecerr ? SMMU_CR2_REC_CFG_ATS : 0));
      }
      break;
    case SMMU_GBPA:
      if (Has(v, SMMU_GBPA_UPDATE)) gbpa_ = v & kGbpa;
      break;
    case SMMU_IRQ_CTRL:
      irq_ctrl_ = v & (SMMU_IRQ_CTRL_GERROR_IRQEN | SMMU_IRQ_CTRL_EVENTQ_IRQEN | (f_.pri ? SMMU_IRQ_CTRL_PRIQ_IRQEN : 0));
      break;
    case SMMU_GERRORN: {
      const uint32_t active = gerror_ ^ gerrorn_;
      gerrorn_ = (gerrorn_ & ~active) | (v & active);
      break;
    }
    case SMMU_STRTAB_BASE:
    case SMMU_STRTAB_BASE + 4:
      if (!smmuen) StoreHalf(&strtab_, offset & 4, v, SMMU_STRTAB_BASE_ADDR_MASK | SMMU_STRTAB_BASE_RA);
      break;
    case SMMU_STRTAB_BASE_CFG:
      if (!smmuen) {
        strtab_cfg_ = v & (SMMU_STRTAB_BASE_CFG_LOG2SIZE_MASK | SMMU_STRTAB_BASE_CFG_SPLIT_MASK |
                           SMMU_STRTAB_BASE_CFG_FMT_MASK);
      }
      break;
    case SMMU_CMDQ_BASE:
    case SMMU_CMDQ_BASE + 4:
      base(&cmdq, cmdqen, offset & 4);
      break;
    case SMMU_EVENTQ_BASE:
    case SMMU_EVENTQ_BASE + 4:
      base(&evtq, evtqen, offset & 4);
      break;
    case SMMU_PRIQ_BASE:
    case SMMU_PRIQ_BASE + 4:
      if (f_.pri) base(&priq, priqen, offset & 4);
      break;
    case SMMU_CMDQ_PROD:
      cmdq.prod = v & kIndex;
      break;
    case SMMU_CMDQ_CONS:
      if (!cmdqen) cmdq.cons = v & kIndex;
      break;
    case SMMU_EVENTQ_PROD:
      if (!evtqen) evtq.prod = v & (kIndex | kFlag);
      break;
    case SMMU_EVENTQ_CONS:
      evtq.cons = v & (kIndex | kFlag);
      break;
    case SMMU_PRIQ_PROD:
      if (f_.pri && !priqen) priq.prod = v & (kIndex | kFlag);
      break;
    case SMMU_PRIQ_CONS:
      if (f_.pri) priq.cons = v & (kIndex | kFlag);
      break;
    default:
      if (offset >= SMMU_GERROR_IRQ_CFG0 && offset < SMMU_GERROR_IRQ_CFG0 + 16) {
        WriteIrq(0, offset - SMMU_GERROR_IRQ_CFG0, v);
      } else if (offset >= SMMU_EVENTQ_IRQ_CFG0 && offset < SMMU_EVENTQ_IRQ_CFG0 + 16) {
        WriteIrq(1, offset - SMMU_EVENTQ_IRQ_CFG0, v);
      } else if (f_.pri && offset >= SMMU_PRIQ_IRQ_CFG0 && offset < SMMU_PRIQ_IRQ_CFG0 + 16) {
        WriteIrq(2, offset - SMMU_PRIQ_IRQ_CFG0, v);
      }
      break;
  }
}

const std::vector<uint32_t>& Registers::Known() {
  static const std::vector<uint32_t> kKnown = {
      SMMU_CR0, SMMU_CR0ACK, SMMU_CR1, SMMU_CR2, SMMU_GBPA, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, SMMU_GERROR, SMMU_GERRORN,
      SMMU_GERROR_IRQ_CFG0, SMMU_GERROR_IRQ_CFG0 + 4, SMMU_GERROR_IRQ_CFG1, SMMU_GERROR_IRQ_CFG2, SMMU_STRTAB_BASE,
      SMMU_STRTAB_BASE + 4, SMMU_STRTAB_BASE_CFG, SMMU_CMDQ_BASE, SMMU_CMDQ_BASE + 4, SMMU_CMDQ_PROD, SMMU_CMDQ_CONS,
      SMMU_EVENTQ_BASE, SMMU_EVENTQ_BASE + 4, SMMU_EVENTQ_IRQ_CFG0, SMMU_EVENTQ_IRQ_CFG0 + 4, SMMU_EVENTQ_IRQ_CFG1,
      SMMU_EVENTQ_IRQ_CFG2, SMMU_PRIQ_BASE, SMMU_PRIQ_BASE + 4, SMMU_PRIQ_IRQ_CFG0, SMMU_PRIQ_IRQ_CFG0 + 4,
      SMMU_PRIQ_IRQ_CFG1, SMMU_PRIQ_IRQ_CFG2, SMMU_EVENTQ_PROD, SMMU_EVENTQ_CONS, SMMU_PRIQ_PROD, SMMU_PRIQ_CONS};
  return kKnown;
}

bool Registers::Read(uint32_t offset, uint32_t* value) const {
  const bool high = offset & 4;
  const auto half = [high](uint64_t v) { return static_cast<uint32_t>(high ? v >> 32 : v); };
  switch (offset) {
    case SMMU_CR0:
    case SMMU_CR0ACK: *value = cr0_; return true;
    case SMMU_CR1: *value = cr1_; return true;
    case SMMU_CR2: *value = cr2_; return true;
    case SMMU_GBPA: *value = gbpa_; return true;
    case SMMU_IRQ_CTRL:
    case SMMU_IRQ_CTRLACK: *value = irq_ctrl_; return true;
    case SMMU_GERROR: *value = gerror_; return true;
    case SMMU_GERRORN: *value = gerrorn_; return true;
    case SMMU_STRTAB_BASE:
    case SMMU_STRTAB_BASE + 4: *value = half(strtab_); return true;
    case SMMU_STRTAB_BASE_CFG: *value = strtab_cfg_; return true;
    case SMMU_CMDQ_BASE:
    case SMMU_CMDQ_BASE + 4: *value = half(cmdq.base); return true;
    case SMMU_EVENTQ_BASE:
    case SMMU_EVENTQ_BASE + 4: *value = half(evtq.base); return true;
    case SMMU_PRIQ_BASE:
    case SMMU_PRIQ_BASE + 4: *value = half(priq.base); return true;
    case SMMU_CMDQ_PROD: *value = cmdq.prod; return true;
    case SMMU_CMDQ_CONS: *value = cmdq.cons | err_ << 24; return true;
    case SMMU_EVENTQ_PROD: *value = evtq.prod; return true;
    case SMMU_EVENTQ_CONS: *value = evtq.cons; return true;
    case SMMU_PRIQ_PROD: *value = priq.prod; return true;
    case SMMU_PRIQ_CONS: *value = priq.cons; return true;
    default: break;
  }
  constexpr uint32_t kBlocks[3] = {SMMU_GERROR_IRQ_CFG0, SMMU_EVENTQ_IRQ_CFG0, SMMU_PRIQ_IRQ_CFG0};
  for (int i = 0; i < 3; ++i) {
    if (offset < kBlocks[i] || offset >= kBlocks[i] + 16) continue;
    const uint32_t reg = offset - kBlocks[i];
    *value = reg <= 4 ? half(irq_[i].addr) : reg == 8 ? irq_[i].data : irq_[i].attr;
    return true;
  }
  return false;
}

Control Registers::ControlNow() const {
  Control c;
  c.smmuen = Has(cr0_, SMMU_CR0_SMMUEN);
  c.atschk = Has(cr0_, SMMU_CR0_ATSCHK);
  c.recinvsid = Has(cr2_, SMMU_CR2_RECINVSID);
  c.rec_cfg_ats = Has(cr2_, SMMU_CR2_REC_CFG_ATS);
  c.e2h = Has(cr2_, SMMU_CR2_E2H);
  c.gbpa_abort = Has(gbpa_, SMMU_GBPA_ABORT);
  c.strtab_base = strtab_ & SMMU_STRTAB_BASE_ADDR_MASK;
  c.strtab_log2size = static_cast<int>(Get(strtab_cfg_, SMMU_STRTAB_BASE_CFG_LOG2SIZE_MASK));
  c.strtab_split = static_cast<int>(Get(strtab_cfg_, SMMU_STRTAB_BASE_CFG_SPLIT_MASK));
  c.strtab_two_level = Get(strtab_cfg_, SMMU_STRTAB_BASE_CFG_FMT_MASK) == 1;
  return c;
}

}  // namespace model
