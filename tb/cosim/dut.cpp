// SPDX-License-Identifier: Apache-2.0

#include "dut.h"

#include <algorithm>

#include "Vsmmu_cosim.h"
#if __has_include("Vsmmu_cosim_clock.h")
#include "Vsmmu_cosim_clock.h"
#endif
#include "atcbench/model_clock.h"
#include "verilated.h"

namespace cosim {

struct Dut::Clock {
  ModelClock<Vsmmu_cosim> clock;
};

Dut::Dut(Memory* memory, Rng* rng, Listener* listener, uint64_t reset_seed)
    : memory_(memory), rng_(rng), listener_(listener) {
  Verilated::randReset(2);
  Verilated::randSeed(static_cast<int>(reset_seed));
  top_ = std::make_unique<Vsmmu_cosim>();
  clock_ = std::make_unique<Clock>();
  top_->clk_i = 0;
  top_->rst_ni = 0;
  top_->eval();
  top_->clk_i = 1;
  top_->eval();
  top_->clk_i = 0;
  top_->reg_awvalid_i = top_->reg_wvalid_i = top_->reg_arvalid_i = 0;
  top_->cpl_valid_i = top_->ur_valid_i = top_->tbu_valid_i = top_->done_valid_i = 0;
  top_->tcu_rvalid_i = top_->tcu_bvalid_i = 0;
  top_->inv_ready_i = 0;
  top_->pri_valid_i = top_->prg_ready_i = 0;
  top_->rsp_ready_i = 0;
  top_->eval();
  top_->rst_ni = 1;
}

void Dut::TurnOn(const std::string& mutant) {
  const std::string argument = "+mutant+" + mutant;
  const char* arguments[] = {"smmu_cosim", argument.c_str()};
  Verilated::commandArgs(2, arguments);
}

Dut::~Dut() { top_->final(); }

bool Dut::Quiet() const { return top_->quiet_o; }

std::string Dut::Busy() const {
  static constexpr const char* kBlocks[] = {"smmu_axi_wr", "smmu_axi_rd", "smmu_msi", "smmu_irq", "smmu_pmcg", "smmu_priq", "smmu_evtq", "smmu_atc_inv",
                                            "smmu_xlat", "smmu_drain_share", "smmu_cmdqs", "smmu_regs"};
  std::string names;
  for (int i = 0; i < 12; ++i) {
    if (!(top_->quiet_blocks_o >> i & 1)) names += std::string(" ") + kBlocks[i];
  }
  return names.empty() ? " none (a stalled handshake, or a wait for something that never comes)" : names;
}

uint64_t Dut::NextDeadline() const { return top_->next_deadline_o; }

void Dut::Offer(int port, const model::Request& q) {
  offered_ = true;
  top_->tbu_port_i = static_cast<CData>(port);
  top_->tbu_sid_i = q.sid;
  top_->tbu_ssv_i = q.ssv;
  top_->tbu_ssid_i = q.ssid;
  top_->tbu_priv_i = q.priv;
  top_->tbu_exec_i = q.exec;
  top_->tbu_at_i = static_cast<CData>(q.at);
  top_->tbu_write_i = q.write;
  top_->tbu_nw_i = q.nw;
  top_->tbu_num_i = static_cast<CData>(q.num);
  top_->tbu_addr_i = q.addr;
}

void Dut::OfferPage(const model::PageRequest& q) {
  page_offered_ = true;
  top_->pri_rid_i = static_cast<SData>(q.rid);
  top_->pri_ssv_i = q.ssv;
  top_->pri_ssid_i = q.ssid;
  top_->pri_flags_i = static_cast<CData>(q.priv << 4 | q.exec << 3 | q.r << 2 | q.w << 1 | (q.last ? 1 : 0));
  top_->pri_prgi_i = static_cast<SData>(q.prgi);
  top_->pri_addr_i = q.addr;
}

void Dut::Complete(const Completion& c) {
  top_->cpl_valid_i = 1;
  top_->cpl_rid_i = static_cast<SData>(c.rid);
  top_->cpl_itags_i = c.itags;
  top_->cpl_cc_i = static_cast<CData>(c.cc & 7);
}

void Dut::Ur(const LocalUr& u) {
  top_->ur_valid_i = 1;
  top_->ur_rid_i = static_cast<SData>(u.rid);
  top_->ur_itag_i = static_cast<CData>(u.itag);
}

void Dut::Done(int port, bool colour) {
  top_->done_valid_i = static_cast<CData>(top_->done_valid_i | 1 << port);
  top_->done_colour_i = static_cast<CData>((top_->done_colour_i & ~(1 << port)) | (colour ? 1 << port : 0));
}

void Dut::DriveBus() {
  top_->tcu_arready_i = Ready();
  top_->tcu_awready_i = Ready();
  top_->tcu_wready_i = Ready();
  top_->tcu_rvalid_i = 0;
  if (reads_open_ != 0) {
    for (int n = 0; n < 16; ++n) {
      const int id = (turn_ + n) & 15;
      std::deque<Beat>& q = reads_[static_cast<size_t>(id)];
      if (!(reads_open_ >> id & 1) || q.front().due > now_) continue;
      const Beat b = q.front();
      q.pop_front();
      if (q.empty()) reads_open_ &= ~(1u << id);
      turn_ = b.last ? id + 1 : id;
      const bool bad = memory_->Bad(b.addr);
      top_->tcu_rvalid_i = 1;
      top_->tcu_rid_i = static_cast<CData>(id);
      // Data of an aborted beat means nothing.
      top_->tcu_rdata_lo_i = bad ? rng_->Bits() : memory_->Peek(b.addr);
      top_->tcu_rdata_hi_i = bad ? rng_->Bits() : memory_->Peek(b.addr + 8);
      top_->tcu_rresp_i = bad ? static_cast<CData>(2 + (rng_->Bits() & 1)) : 0;
      top_->tcu_rlast_i = b.last;
      break;
    }
  }
  top_->tcu_bvalid_i = 0;
  for (size_t i = 0; i < acks_.size(); ++i) {
    if (acks_[i].due > now_) continue;
    top_->tcu_bvalid_i = 1;
    top_->tcu_bid_i = static_cast<CData>(acks_[i].id);
    top_->tcu_bresp_i = acks_[i].aborted ? 2 : 0;
    acks_.erase(acks_.begin() + static_cast<long>(i));
    break;
  }
  for (size_t i = 0; i < kPorts; ++i) {
    const int p = timing.port_ready[i];
    const bool ready = p >= 100 || (p > 0 && rng_->Chance(p));
    top_->inv_ready_i = static_cast<CData>((top_->inv_ready_i & ~(1u << i)) | (ready ? 1u << i : 0));
  }
  top_->rsp_ready_i = timing.response_ready >= 100 || rng_->Chance(timing.response_ready);
}

void Dut::FinishWrite() {
  const Burst w = bursts_.front();
  bursts_.pop_front();
  std::array<uint64_t, 4> words{};
  int bytes = 0;
  bool aborted = false;
  uint64_t at = w.addr & ~uint64_t{15};
  for (int i = 0; i <= w.len; ++i, at += 16) {
    const Data d = data_.front();
    data_.pop_front();
    if (d.last != (i == w.len)) listener_->OnProtocol("WLAST is wrong");
    aborted |= memory_->Bad(at);
    for (int half = 0; half < 2; ++half) {
      const uint32_t strobes = d.strobes >> (8 * half) & 0xFF;
      if (strobes == 0) continue;
      uint64_t mask = 0;
      for (int b = 0; b < 8; ++b) {
        if (strobes >> b & 1) mask |= uint64_t{0xFF} << (8 * b);
      }
      const uint64_t word = half ? d.hi : d.lo;
      if (!memory_->Bad(at)) {
        const uint64_t addr = at + 8 * static_cast<uint64_t>(half);
        memory_->Poke(addr, (memory_->Peek(addr) & ~mask) | (word & mask));
      }
      if (strobes == 0x0F || strobes == 0xF0) {
        bytes += 4;
        words[0] = strobes == 0x0F ? word & 0xFFFFFFFF : word >> 32;
        if ((w.addr & 15) != static_cast<uint64_t>(8 * half + (strobes == 0xF0 ? 4 : 0))) {
          listener_->OnProtocol("strobes do not fit the address of a 4-byte write");
        }
      } else if (strobes == 0xFF) {
        if (bytes < 32) words[static_cast<size_t>(bytes / 8)] = word;
        bytes += 8;
      } else {
        listener_->OnProtocol("odd strobes");
      }
    }
  }
  acks_.push_back({w.id, now_ + Latency(), aborted});
  listener_->OnWrite(w.id, w.addr, bytes, words, aborted);
}

void Dut::SampleBus() {
  if (top_->tcu_arvalid_o && top_->tcu_arready_i) {
    const int id = top_->tcu_arid_o;
    std::deque<Beat>& q = reads_[static_cast<size_t>(id)];
    const uint64_t start = std::max(now_ + Latency(), q.empty() ? 0 : q.back().due);
    const int beats = top_->tcu_arlen_o + 1;
    for (int i = 0; i < beats; ++i) {
      q.push_back({top_->tcu_araddr_o + 16 * static_cast<uint64_t>(i), start + static_cast<uint64_t>(i), i + 1 == beats});
    }
    reads_open_ |= 1u << id;
    if ((top_->tcu_araddr_o & 15) != 0) listener_->OnProtocol("ARADDR is not aligned to 16 bytes");
    if (((top_->tcu_araddr_o & 0xFFF) + 16 * static_cast<uint64_t>(beats)) > 4096) {
      listener_->OnProtocol("a read burst crosses 4 KiB");
    }
    listener_->OnRead(id, top_->tcu_araddr_o, beats);
  }
  if (top_->tcu_awvalid_o && top_->tcu_awready_i) {
    bursts_.push_back({top_->tcu_awid_o, top_->tcu_awaddr_o, top_->tcu_awlen_o});
  }
  if (top_->tcu_wvalid_o && top_->tcu_wready_i) {
    data_.push_back({top_->tcu_wdata_lo_o, top_->tcu_wdata_hi_o, top_->tcu_wstrb_o, top_->tcu_wlast_o != 0});
  }
  while (!bursts_.empty() && data_.size() > static_cast<size_t>(bursts_.front().len)) FinishWrite();
}

void Dut::Cycle() {
  top_->cpl_valid_i = top_->ur_valid_i = 0;
  top_->done_valid_i = 0;
  offered_ = page_offered_ = false;
  listener_->OnCycle();
  top_->tbu_valid_i = offered_;
  top_->pri_valid_i = page_offered_;
  top_->prg_ready_i = timing.response_ready >= 100 || rng_->Chance(timing.response_ready);
  DriveBus();
  top_->now_i = now_;
  top_->sync_err_first_i = sync_err_first;
  top_->sync_rereport_i = static_cast<CData>(sync_rereport);
  clock_->clock.settle(*top_, now_ == 0);
  SampleBus();
  const uint32_t inv = top_->inv_valid_o & top_->inv_ready_i;
  if (inv != 0) {
    for (int i = 0; i < kPorts; ++i) {
      if (!(inv >> i & 1)) continue;
      model::InvMessage m;
      m.rid = static_cast<uint32_t>(top_->inv_rid_o >> (16 * i) & 0xFFFF);
      m.ssv = top_->inv_ssv_o >> i & 1;
      m.ssid = m.ssv ? top_->inv_ssid_o[i] : 0;
      m.payload = top_->inv_payload_o[i];
      listener_->OnInvalidate(i, static_cast<int>(top_->inv_itag_o >> (5 * i) & 31), m);
    }
  }
  if (top_->tbu_valid_i && top_->tbu_ready_o) listener_->OnAccepted(top_->tbu_port_i);
  if (top_->rsp_valid_o && top_->rsp_ready_i) {
    listener_->OnResponse({top_->rsp_port_o, static_cast<model::Status>(top_->rsp_status_o), top_->rsp_pa_o,
                           top_->rsp_entry_o, top_->rsp_more_o != 0, top_->rsp_colour_o != 0});
  }
  if (top_->pri_valid_i && top_->pri_ready_o) listener_->OnPageAccepted();
  if (top_->prg_valid_o && top_->prg_ready_i) {
    model::PrgResponse r;
    r.rid = top_->prg_rid_o;
    r.ssv = top_->prg_ssv_o;
    r.ssid = top_->prg_ssid_o;
    r.prgi = top_->prg_prgi_o;
    r.code = top_->prg_code_o;
    listener_->OnPageAnswer(r);
  }
  if (top_->irq_gerror_o) listener_->OnIrq(0);
  if (top_->irq_evtq_o) listener_->OnIrq(1);
  if (top_->irq_priq_o) listener_->OnIrq(2);
  if (top_->irq_sync_o) listener_->OnIrq(3);
  reg_aw_ |= top_->reg_awvalid_i && top_->reg_awready_o;
  reg_w_ |= top_->reg_wvalid_i && top_->reg_wready_o;
  reg_b_ |= top_->reg_bvalid_o;
  reg_ar_ |= top_->reg_arvalid_i && top_->reg_arready_o;
  if (top_->reg_rvalid_o) {
    reg_r_ = true;
    reg_data_ = top_->reg_rdata_o;
  }
  clock_->clock.edge(*top_);
  ++now_;
}

uint32_t Dut::Read32(uint32_t offset) {
  top_->reg_araddr_i = offset;
  top_->reg_arvalid_i = 1;
  reg_ar_ = reg_r_ = false;
  for (int i = 0; !reg_ar_; ++i) {
    Cycle();
    if (i > 100) listener_->OnProtocol("ARREADY of the registers never comes");
  }
  top_->reg_arvalid_i = 0;
  for (int i = 0; !reg_r_; ++i) {
    Cycle();
    if (i > 100) listener_->OnProtocol("RVALID of the registers never comes");
  }
  return static_cast<uint32_t>(offset & 4 ? reg_data_ >> 32 : reg_data_);
}

void Dut::Access(uint32_t offset, uint64_t data, uint32_t strobes) {
  top_->reg_awaddr_i = offset;
  top_->reg_wdata_i = data;
  top_->reg_wstrb_i = static_cast<CData>(strobes);
  bool aw = true, w = true;
  reg_aw_ = reg_w_ = reg_b_ = false;
  for (int i = 0; aw || w; ++i) {
    top_->reg_awvalid_i = aw;
    top_->reg_wvalid_i = w;
    Cycle();
    aw = aw && !reg_aw_;
    w = w && !reg_w_;
    if (i > 100) listener_->OnProtocol("AWREADY or WREADY of the registers never comes");
  }
  top_->reg_awvalid_i = top_->reg_wvalid_i = 0;
  for (int i = 0; !reg_b_; ++i) {
    Cycle();
    if (i > 100) listener_->OnProtocol("BVALID of the registers never comes");
  }
}

void Dut::Write32(uint32_t offset, uint32_t value) {
  if (offset & 4) {
    Access(offset, uint64_t{value} << 32, 0xF0);
  } else {
    Access(offset, value, 0x0F);
  }
}

void Dut::Write64(uint32_t offset, uint64_t value) { Access(offset, value, 0xFF); }

}  // namespace cosim
