// SPDX-License-Identifier: Apache-2.0
//
// A root complex in a few lines for the endpoint's benches: sends requests, answers reads and Translation Requests,
// records everything the endpoint sends with its cycle.
#ifndef ATCBENCH_TB_EP_ROOT_H
#define ATCBENCH_TB_EP_ROOT_H

#include <gtest/gtest.h>
#include <verilated.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "../../sw/include/ep_regs.h"
#include "../../sw/include/pcie_cfg.h"
#ifndef ATC_ROOT_DUT
#include "Vep_plain.h"
#define ATC_ROOT_DUT Vep_plain
#endif

namespace atcbench::tb {

constexpr uint16_t kBdf = 0x0300;
constexpr uint16_t kIndex = 5;
constexpr uint32_t kBar = 0x50020000;

// Command line of the program, for models that look at it: +mutant+NAME (planted_main.cpp).
inline std::vector<const char*>& ModelArguments() {
  static std::vector<const char*> words;
  return words;
}

// What a packet of this model carries: tlp_pkg::MaxPayload.
constexpr size_t kPayload = sizeof(std::remove_reference_t<decltype(std::declval<ATC_ROOT_DUT&>().rx_data_i)>);
constexpr uint8_t kSc = 0, kUr = 1, kRrs = 2, kCa = 4;

struct Tlp {
  bool pfx_valid = false;
  uint32_t pfx = 0;
  std::array<uint32_t, 4> dw{};
  std::array<uint8_t, kPayload> data{};

  uint8_t kind() const { return dw[0] >> 24; }
  bool far() const { return dw[0] >> 29 & 1; }
  bool has_data() const { return dw[0] >> 30 & 1; }
  unsigned length() const { return dw[0] & 0x3ff; }
  unsigned at() const { return dw[0] >> 10 & 3; }
  uint8_t tag() const { return dw[1] >> 8; }
  uint64_t addr() const { return far() ? uint64_t{dw[2]} << 32 | (dw[3] & ~3u) : dw[2] & ~3u; }
  uint32_t last_addr_dw() const { return far() ? dw[3] : dw[2]; }
  unsigned cc() const { return dw[2] & 7; }
  unsigned tc() const { return dw[0] >> 20 & 7; }
  bool is_write() const { return kind() == 0x40 || kind() == 0x60; }
  bool is_mrd() const { return kind() == 0x00 || kind() == 0x20; }
  bool is_xlat() const { return is_mrd() && at() == 1; }
  bool is_read() const { return is_mrd() && at() != 1; }
  bool is_inv_cpl() const { return kind() == 0x32 && (dw[1] & 0xff) == 0x02; }
  bool is_msg(uint8_t code) const { return kind() == 0x30 && (dw[1] & 0xff) == code; }
  bool is_cpl() const { return kind() == 0x0a || kind() == 0x4a; }
  bool is_atomic() const { return kind() >= 0x4c && kind() <= 0x4e ? true : kind() >= 0x6c && kind() <= 0x6e; }
  unsigned cls() const { return is_cpl() ? 2 : is_mrd() || is_atomic() ? 1 : 0; }
  uint8_t status() const { return dw[1] >> 13 & 7; }
  uint64_t word(unsigned n) const {
    uint64_t v;
    std::memcpy(&v, data.data() + 8 * n, 8);
    return v;
  }
};

inline void PutBig64(Tlp* t, uint64_t v, size_t at = 0) {
  for (size_t i = 0; i < 8; ++i) t->data[at + i] = static_cast<uint8_t>(v >> (56 - 8 * i));
}

// The 64-bit word of pcie-ats.md section 2.1 for 2^log2 pages.
inline uint64_t Entry(uint64_t pa, unsigned flags, unsigned log2_pages = 0) {
  uint64_t v = pa & ~0xfffull;
  if (log2_pages > 0) {
    const uint64_t span = 0x1000ull << log2_pages;
    v = (v & ~(span - 1)) | ((span >> 1) - 0x1000) | 0x800;
  }
  return v | flags;
}
constexpr unsigned kR = 1, kW = 2, kU = 4, kX = 8, kPriv = 16, kGlobal = 32;

struct Sent {
  uint64_t cycle;
  Tlp tlp;
};

class Root {
 public:
  struct Answer {
    bool hold = false;
    uint8_t status = kSc;
    uint64_t entry = 0;
    uint64_t latency = 20;
    std::vector<uint8_t> data = {};  // of a read or an AtomicOp
    std::vector<uint64_t> more = {};  // further translations, in the same completion
  };

  // `set` gives values to further inputs of the model before its reset.
  explicit Root(bool jump = false, const std::function<void(ATC_ROOT_DUT&)>& set = [](ATC_ROOT_DUT&) {})
      : context_(NewContext()),
        dut_(std::make_unique<ATC_ROOT_DUT>(context_.get())),
        jump_(jump) {
    translate = [](const Tlp& t) { return Answer{false, kSc, Entry(t.addr() + kOffset, kR | kW), 20}; };
    read = [](const Tlp&) { return Answer{}; };
    dut_->bdf_i = kBdf;
    dut_->flr_cycles_i = 500;
    dut_->inv_depth_i = 32;
    dut_->cpl_timeout_i = kNever;
    dut_->tx_ready_i = 1;
    dut_->tx_class_ready_i = 7;
    set(*dut_);
    dut_->rst_ni = 0;
    Eval(0);
    Eval(1);
    Eval(0);
    dut_->rst_ni = 1;
  }
  ~Root() {
    Verilated::threadContextp(context_.get());  // a model's destructor uses the thread's context, not its own
    dut_->final();
  }

  static constexpr uint64_t kNever = 0xffff'ffff'ffff;
  static constexpr uint64_t kOffset = 0x1'0000'0000;  // default: translated address = address + kOffset

  // How own requests of the endpoint are answered.
  std::function<Answer(const Tlp&)> translate;
  std::function<Answer(const Tlp&)> read;
  std::function<void(const Tlp&)> posted = [](const Tlp&) {};   // called for each posted packet
  unsigned class_ready = 7;
  uint16_t bdf = kBdf;      // function that the accesses below are for
  uint32_t bar = kBar;
  std::vector<Sent> up;     // everything received, in order
  std::deque<Tlp> held;     // requests whose answer is held back
  uint64_t last_taken = 0;  // cycle in which the endpoint took the last packet

  ATC_ROOT_DUT& dut() { return *dut_; }
  uint64_t now() const { return now_; }

  void Send(const Tlp& t, uint64_t after = 0) { down_.insert({{now_ + after, order_++}, t}); }

  // Runs to `end`; with jumps when that was asked for and the endpoint is quiet.
  void RunTo(uint64_t end) {
    while (now_ < end) Step(end);
  }
  void Run(uint64_t cycles) { RunTo(now_ + cycles); }
  bool RunUntil(const std::function<bool()>& done, uint64_t limit = 20000) {
    const uint64_t end = now_ + limit;
    while (!done() && now_ < end) Step(end);
    return done();
  }
  bool Idle() const { return down_.empty(); }
  size_t Waiting() const { return down_.size(); }

  // ---- requests
  Tlp CfgTlp(bool write, uint32_t offset, uint8_t be, uint32_t data, uint16_t bdf = kBdf) {
    Tlp t;
    t.dw = {(write ? 0x44u : 0x04u) << 24 | 1u, uint32_t{tag_++} << 8 | be, uint32_t{bdf} << 16 | offset, 0};
    std::memcpy(t.data.data(), &data, 4);
    return t;
  }
  Tlp MemTlp(bool write, uint64_t addr, uint8_t be, uint32_t data) {
    Tlp t;
    t.dw = {(write ? 0x40u : 0x00u) << 24 | 1u, uint32_t{tag_++} << 8 | be, static_cast<uint32_t>(addr), 0};
    std::memcpy(t.data.data(), &data, 4);
    return t;
  }
  // Sends a request and runs to its completion.
  Tlp Ask(const Tlp& t) {
    const size_t from = up.size();
    size_t at = 0;
    Send(t);
    const bool got = RunUntil([&] {
      for (size_t i = from; i < up.size(); ++i) {
        if (up[i].tlp.is_cpl() && (up[i].tlp.dw[2] >> 8 & 0xff) == t.tag()) {
          at = i;
          return true;
        }
      }
      return false;
    });
    EXPECT_TRUE(got) << "no completion";
    return got ? up[at].tlp : Tlp{};
  }
  uint32_t CfgRead(uint32_t offset) {
    const Tlp c = Ask(CfgTlp(false, offset, 0xf, 0, bdf));
    EXPECT_EQ(c.status(), kSc);
    return static_cast<uint32_t>(c.word(0));
  }
  void CfgWrite(uint32_t offset, uint32_t data, uint8_t be = 0xf) {
    const Tlp c = Ask(CfgTlp(true, offset, be, data, bdf));
    EXPECT_EQ(c.status(), kSc);
    EXPECT_EQ(c.kind(), 0x0a);
  }
  uint32_t BarRead(uint32_t offset) {
    const Tlp c = Ask(MemTlp(false, bar + offset, 0xf, 0));
    EXPECT_EQ(c.status(), kSc);
    return static_cast<uint32_t>(c.word(0));
  }
  void BarWrite(uint32_t offset, uint32_t data, uint8_t be = 0xf) { Send(MemTlp(true, bar + offset, be, data)); }

  // Invalidate Request for 2^log2 pages; pasid < 0: no prefix.
  static Tlp InvTlp(unsigned itag, uint64_t iova, unsigned log2_pages = 0, int pasid = -1, bool global = false,
                    uint16_t bdf = kBdf) {
    Tlp t;
    t.dw = {0x72u << 24 | 2u, 0x0000u << 16 | itag << 8 | 0x01u, uint32_t{bdf} << 16, 0};
    PutBig64(&t, Entry(iova, global ? 1 : 0, log2_pages));
    t.pfx_valid = pasid >= 0;
    t.pfx = pasid >= 0 ? 0x91000000u | static_cast<uint32_t>(pasid) : 0;
    return t;
  }
  void Invalidate(unsigned itag, uint64_t iova, unsigned log2_pages = 0) {
    Send(InvTlp(itag, iova, log2_pages, -1, false, bdf));
  }

  static Tlp CplTlp(const Tlp& req, const Answer& a) {
    Tlp t;
    const unsigned len = a.status != kSc ? 0 : (req.kind() & 0xdf) == 0x4e ? req.length() / 2 : req.length();  // CAS has two operands
    t.dw[0] = (len ? 0x4au : 0x0au) << 24 | len;
    t.dw[1] = uint32_t{a.status} << 13 | (len ? len * 4 : 4);
    t.dw[2] = (req.dw[1] & 0xffff0000u) | uint32_t{req.tag()} << 8;
    if (req.is_xlat() && len) {
      PutBig64(&t, a.entry);
      for (size_t n = 0; n < a.more.size(); ++n) PutBig64(&t, a.more[n], 8 * (n + 1));
      const unsigned words = static_cast<unsigned>(1 + a.more.size());
      t.dw[0] = (t.dw[0] & ~0x3ffu) | 2 * words;
      t.dw[1] = (t.dw[1] & ~0xfffu) | 8 * words;
    }
    std::copy_n(a.data.begin(), std::min(a.data.size(), t.data.size()), t.data.begin());
    return t;
  }
  // Reads are answered in completions of 64 bytes.
  void Reply(const Tlp& req, const Answer& a, uint64_t after = 0) {
    const unsigned len = req.is_xlat() || a.status != kSc ? 0 : req.length();
    for (unsigned at = 0; at < len || at == 0; at += 16) {
      Tlp t = CplTlp(req, a);
      if (len > 16) {
        t.dw[0] = (t.dw[0] & ~0x3ffu) | std::min(16u, len - at);
        t.dw[1] = (t.dw[1] & ~0xfffu) | 4 * (len - at);
        t.data.fill(0);
        if (a.data.size() > 4 * at) {
          std::copy_n(a.data.begin() + 4 * at, std::min<size_t>(a.data.size() - 4 * at, t.data.size()), t.data.begin());
        }
      }
      Send(t, after);
    }
  }
  void AnswerHeld(size_t n, const Answer& a) {
    Reply(held.at(n), a);
    held.erase(held.begin() + static_cast<long>(n));
  }

  // ---- common set-up
  void Enable(bool ats = true) {
    CfgWrite(CFG_BAR0, bar);
    CfgWrite(CFG_COMMAND_STATUS, CFG_COMMAND_STATUS_MEM_EN | CFG_COMMAND_STATUS_BME, 0x3);
    if (ats) CfgWrite(CFG_ATS_CAP_CTRL, CFG_ATS_CAP_CTRL_ENABLE, 0xc);
  }
  // One run of the DMA engine; each setter returns the object.
  class Dma {
   public:
    Dma& base(uint64_t v) { return base_ = v, *this; }
    Dma& log2_pages(unsigned v) { return log2_pages_ = v, *this; }
    Dma& interval(uint32_t v) { return interval_ = v, *this; }
    Dma& count(uint32_t v) { return count_ = v, *this; }
    Dma& flags(uint32_t v) { return flags_ = v, *this; }
    Dma& seed(uint32_t v) { return seed_ = v, *this; }
    Dma& pasid(uint32_t v) { return pasid_ = v, *this; }

   private:
    friend class Root;
    uint64_t base_ = 0x1000'0000;
    unsigned log2_pages_ = 0;
    uint32_t interval_ = 0;
    uint32_t count_ = 1;
    uint32_t flags_ = EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS;
    uint32_t seed_ = 1;
    uint32_t pasid_ = 0;
  };
  void StartDma(const Dma& d) {
    BarWrite(EP_DMA_CTRL, 0);
    BarWrite(EP_DMA_BASE_LO, static_cast<uint32_t>(d.base_));
    BarWrite(EP_DMA_BASE_HI, static_cast<uint32_t>(d.base_ >> 32));
    BarWrite(EP_DMA_PAGES, d.log2_pages_);
    BarWrite(EP_DMA_INTERVAL, d.interval_);
    BarWrite(EP_DMA_COUNT, d.count_);
    BarWrite(EP_DMA_SEED, d.seed_);
    BarWrite(EP_DMA_PASID, d.pasid_);
    BarWrite(EP_DMA_CTRL, EP_DMA_CTRL_EN | d.flags_);
    RunUntil([&] { return Idle(); });
  }

  // ---- what was sent
  size_t Count(const std::function<bool(const Tlp&)>& f, size_t from = 0) const {
    return static_cast<size_t>(
        std::count_if(up.begin() + static_cast<long>(from), up.end(), [&](const Sent& s) { return f(s.tlp); }));
  }
  bool Saw(const std::function<bool(const Tlp&)>& f, size_t from = 0) const { return Count(f, from) > 0; }
  long Find(const std::function<bool(const Tlp&)>& f, size_t from = 0) const {
    for (size_t i = from; i < up.size(); ++i) {
      if (f(up[i].tlp)) return static_cast<long>(i);
    }
    return -1;
  }
  bool SawInvCpl(unsigned itag, size_t from = 0) const {
    return Saw([&](const Tlp& t) { return t.is_inv_cpl() && (t.dw[3] >> itag & 1); }, from);
  }

 private:
  void Eval(int clk) {
    dut_->clk_i = clk;
    dut_->eval();
  }
  void Step(uint64_t end) {
    dut_->now_i = now_;
    const auto due = down_.begin();
    const bool offer = due != down_.end() && due->first.first <= now_;
    dut_->rx_valid_i = offer;
    if (offer) {
      const Tlp& t = due->second;
      dut_->rx_pfx_valid_i = t.pfx_valid;
      dut_->rx_pfx_i = t.pfx;
      dut_->rx_dw0_i = t.dw[0];
      dut_->rx_dw1_i = t.dw[1];
      dut_->rx_dw2_i = t.dw[2];
      dut_->rx_dw3_i = t.dw[3];
      std::memcpy(dut_->rx_data_i.data(), t.data.data(), kPayload);
    }
    dut_->tx_class_ready_i = class_ready;
    Eval(0);
    const bool taken = offer && dut_->rx_ready_o;
    bool sent = false;
    if (dut_->tx_valid_o) {
      Tlp t;
      t.pfx_valid = dut_->tx_pfx_valid_o;
      t.pfx = dut_->tx_pfx_o;
      t.dw = {dut_->tx_dw0_o, dut_->tx_dw1_o, dut_->tx_dw2_o, dut_->tx_dw3_o};
      std::memcpy(t.data.data(), dut_->tx_data_o.data(), kPayload);
      EXPECT_TRUE(class_ready >> t.cls() & 1) << "a packet without credit";
      sent = true;
      up.push_back({now_, t});
      if (t.cls() == 0) posted(t);
      if (t.is_mrd() || t.is_atomic()) {
        const Answer a = t.is_xlat() ? translate(t) : read(t);
        if (a.hold) {
          held.push_back(t);
        } else {
          Reply(t, a, a.latency);
        }
      }
    }
    uint64_t step = 1;
    if (jump_ && !taken && !sent && dut_->quiet_o) {
      uint64_t next = std::min<uint64_t>(end, dut_->next_deadline_o);
      if (!down_.empty() && !offer) next = std::min(next, down_.begin()->first.first);
      if (offer) next = std::min(next, end);
      if (next > now_) step = next - now_;
      if (step > 1) ++jumps;
    }
    if (taken) {
      last_taken = now_;
      down_.erase(down_.begin());
    }
    Eval(1);
    now_ += step;
  }

 public:
  uint64_t jumps = 0;

 private:
  static std::unique_ptr<VerilatedContext> NewContext() {
    auto context = std::make_unique<VerilatedContext>();
    std::vector<const char*>& words = ModelArguments();
    if (!words.empty()) context->commandArgs(static_cast<int>(words.size()), words.data());
    return context;
  }

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<ATC_ROOT_DUT> dut_;
  const bool jump_;
  uint64_t now_ = 0;
  uint64_t order_ = 0;
  uint8_t tag_ = 0;
  std::multimap<std::pair<uint64_t, uint64_t>, Tlp> down_;
};

using Answer = Root::Answer;
using Dma = Root::Dma;

constexpr uint64_t kBase = 0x1000'0000;
constexpr uint64_t kPage = 0x1000;

inline bool IsTranslated(const Tlp& t) { return (t.is_write() || t.is_read()) && t.at() == 2; }
inline bool IsUntranslated(const Tlp& t) { return (t.is_write() || t.is_read()) && t.at() == 0; }
inline bool IsXlat(const Tlp& t) { return t.is_xlat(); }
inline bool IsWrite(const Tlp& t) { return t.is_write(); }
inline bool IsInvCpl(const Tlp& t) { return t.is_inv_cpl(); }
inline bool IsPage(const Tlp& t) { return t.is_msg(0x04); }

inline uint32_t Aer(Root& r) { return r.CfgRead(CFG_AER_UNCOR_STATUS); }

}  // namespace atcbench::tb

#endif  // ATCBENCH_TB_EP_ROOT_H
