// SPDX-License-Identifier: Apache-2.0

#include "fuzz.h"

#include <cinttypes>
#include <cstdio>
#include <map>
#include <set>

#include "dut.h"
#include "history.h"
#include "model/bits.h"
#include "smmu_fmt.h"
#include "smmu_regs.h"

namespace cosim {
namespace {

using model::Ones;
using model::Put;

constexpr uint64_t kQueueArea = 0x9000'0000;  // where command queues are put, so that they hold commands
constexpr uint64_t kMaxTable = uint64_t{64} << 20;  // a linear CD table

// All of memory is random: a word of it depends on its address only. Half of the words look like something.
uint64_t Background(uint64_t addr) {
  uint64_t z = addr * 0x9E37'79B9'7F4A'7C15u;
  z = (z ^ z >> 29) * 0xBF58'476D'1CE4'E5B9u;
  z = (z ^ z >> 32) * 0x94D0'49BB'1331'11EBu;
  z ^= z >> 31;
  switch (z >> 60) {
    case 0: case 1: case 2: case 3: return (z & 0x0000'FFFF'FFFF'F000) | 0x743 | (z >> 52 & 0xFF);  // a descriptor
    case 4: return 1 | STE_CONFIG_S1 << 1 | (z & 0x0000'FFFF'FFFF'FFC0);                           // an STE
    case 5: return 25 | uint64_t{25} << 16 | CD0_V | CD0_AA64 | CD0_A | CD0_R | Put(2, CD0_TG1) | Put(5, CD0_IPS);
    default: return z;
  }
}

class Fuzz : public Listener {
 public:
  Fuzz(uint64_t seed, uint64_t reset, uint64_t cycles) : rng_(seed), cycles_(cycles), dut_(&memory_, &rng_, this, reset) {
    memory_.background = Background;
    dut_.timing.jitter = 6;
    dut_.timing.ready = 80;
    for (int& p : dut_.timing.port_ready) p = 70;
    for (uint32_t lane : {SMMU_CMDQ_BASE, SMMU_EVENTQ_BASE, SMMU_PRIQ_BASE, SMMU_STRTAB_BASE, SMMU_GERROR_IRQ_CFG0 & ~7u,
                          SMMU_EVENTQ_IRQ_CFG0, SMMU_PRIQ_IRQ_CFG0}) Track(lane, 0, true);
  }

  uint64_t digest() const { return digest_; }
  const History& history() const { return history_; }
  uint64_t now() const { return dut_.Now(); }

  void Run() {
    while (dut_.Now() < cycles_) {
      const uint64_t roll = rng_.Below(100);
      if (roll < 30) {
        RandomWrite();
      } else if (roll < 45) {
        Sane();
      } else if (roll < 60) {
        PushCommands();
      } else if (roll < 70) {
        BusErrors();
      } else if (roll < 80) {
        Software();
      } else {
        dut_.Cycles(rng_.In(1, 80));
      }
    }
    Recover();
  }

  void OnRead(int id, uint64_t addr, int beats) override {
    Log(1, addr, static_cast<uint64_t>(beats) << 8 | static_cast<uint64_t>(id));
    if (!Explained(addr)) throw Difference(Format("read of %" PRIx64 ": no queue, stream table or pointer read before explains it", addr));
    for (int i = 0; i < beats; ++i) {
      const uint64_t at = addr + 16 * static_cast<uint64_t>(i);
      for (uint64_t word : {memory_.Peek(at), memory_.Peek(at + 8)}) pointers_.insert(word & 0x0000'FFFF'FFFF'FFC0);
      if (InQueue(SMMU_CMDQ_BASE, 4, addr)) msi_.insert(memory_.Peek(at + 8) & 0x0000'FFFF'FFFF'FFFC);
    }
  }
  void OnWrite(int id, uint64_t addr, int bytes, const std::array<uint64_t, 4>& data, bool aborted) override {
    Log(2, addr, data[0] ^ data[1] * 3 ^ data[2] * 5 ^ data[3] * 7 ^ static_cast<uint64_t>(id));
    (void)aborted;
    bool ok = false;
    if (bytes == 4) {
      ok = IsMsi(addr);
    } else {
      ok = bytes == 32 ? InQueue(SMMU_EVENTQ_BASE, 5, addr) : InQueue(SMMU_PRIQ_BASE, 4, addr);
    }
    if (!ok) throw Difference(Format("write of %d bytes to %" PRIx64 ": not a queue that was configured, not an interrupt", bytes, addr));
  }
  void OnInvalidate(int port, int itag, const model::InvMessage& m) override {
    Log(3, m.payload, static_cast<uint64_t>(port) << 40 | static_cast<uint64_t>(itag) << 32 | m.rid | uint64_t{m.ssid} << 44);
    if (m.rid != static_cast<uint32_t>(port + 1) << 8) throw Difference(Format("Invalidate Request for %x on port %d", m.rid, port));
    if (rng_.OneIn(2)) answers_.push_back({m.rid, 1u << itag, static_cast<int>(rng_.In(1, 2))});
  }
  void OnAccepted(int port) override { offered_ = false; busy_[static_cast<size_t>(port)] = true; }
  void OnResponse(const Response& r) override {
    Log(4, r.pa, static_cast<uint64_t>(r.status) | static_cast<uint64_t>(r.port) << 4);
    Log(5, r.entry, 0);
    if (!busy_[static_cast<size_t>(r.port)]) throw Difference(Format("port %d: an answer without a request", r.port));
    busy_[static_cast<size_t>(r.port)] = false;
    done_.push_back({r.port, r.colour, dut_.Now() + rng_.In(1, 40)});
  }
  void OnPageAccepted() override { page_offered_ = false; }
  void OnPageAnswer(const model::PrgResponse& r) override { Log(6, r.rid, r.prgi | uint64_t{r.code} << 16 | uint64_t{r.ssid} << 24); }
  void OnIrq(int which) override { Log(7, static_cast<uint64_t>(which), 0); }
  void OnProtocol(const std::string& what) override { throw Difference(what + "; busy:" + dut_.Busy()); }

  void OnCycle() override {
    for (size_t i = 0; i < done_.size(); ++i) {
      if (done_[i].due > dut_.Now()) continue;
      dut_.Done(done_[i].port, done_[i].colour);
      done_.erase(done_.begin() + static_cast<long>(i));
      break;
    }
    if (!answers_.empty() && rng_.OneIn(12)) {
      dut_.Complete(answers_.front());
      answers_.erase(answers_.begin());
    } else if (!quiet_ && rng_.OneIn(60)) {
      dut_.Complete({static_cast<uint32_t>(rng_.Below(6) << 8 | (rng_.OneIn(4) ? 1 : 0)),
                     static_cast<uint32_t>(rng_.OneIn(8) ? 0 : rng_.Bits() & rng_.Bits() & rng_.Bits()), static_cast<int>(rng_.Below(8))});
    }
    if (!quiet_ && rng_.OneIn(150)) dut_.Ur({static_cast<uint32_t>(rng_.Below(6) << 8), static_cast<int>(rng_.Below(32))});
    if (offered_) {
      dut_.Offer(port_, request_);
    } else if (!quiet_ && rng_.OneIn(3)) {
      port_ = static_cast<int>(rng_.Below(kPorts));
      if (!busy_[static_cast<size_t>(port_)]) {
        request_.sid = static_cast<uint32_t>(rng_.Bits()) & rng_.Of<uint32_t>({0xF, 0x7FF, 0xFFFF, 0xFFFFFFFF});
        request_.ssv = rng_.OneIn(3);
        request_.ssid = request_.ssv ? static_cast<uint32_t>(rng_.Bits()) & rng_.Of<uint32_t>({1, 0x7F, 0xFFFFF}) : 0;
        request_.at = static_cast<model::At>(rng_.Below(4));
        request_.write = request_.at != model::At::kTranslationReq && rng_.OneIn(2);
        request_.nw = rng_.OneIn(2);
        request_.priv = rng_.OneIn(2);
        request_.exec = rng_.OneIn(2);
        request_.addr = rng_.Bits() >> rng_.Below(60);
        offered_ = true;
        dut_.Offer(port_, request_);
      }
    }
    if (page_offered_) {
      dut_.OfferPage(page_);
    } else if (!quiet_ && rng_.OneIn(25)) {
      const uint64_t bits = rng_.Bits();
      page_ = {static_cast<uint32_t>(bits & 0xFFFF), (bits >> 16 & 1) != 0, 0, (bits >> 17 & 1) != 0, (bits >> 18 & 1) != 0,
               (bits >> 19 & 1) != 0, (bits >> 20 & 1) != 0, (bits >> 21 & 1) != 0, static_cast<uint32_t>(bits >> 22 & 0x1FF), rng_.Bits()};
      page_.ssid = page_.ssv ? static_cast<uint32_t>(bits >> 32 & 0xFFFFF) : 0;
      page_offered_ = true;
      dut_.OfferPage(page_);
    }
  }

 private:
  struct Halves {
    std::set<uint64_t> low, high;
  };
  struct Done {
    int port;
    bool colour;
    uint64_t due;
  };

  void Log(uint64_t kind, uint64_t a, uint64_t b) {
    history_.Add(dut_.Now(), "kind %llu: %llx %llx", kind, a, b);
    for (uint64_t v : {dut_.Now(), kind, a, b}) digest_ = (digest_ ^ v) * 0x100'0000'01B3u + (digest_ >> 41);
  }

  // Somebody told the SMMU to look there: a configured queue or stream table, or memory at a pointer that it has read.
  bool Explained(uint64_t addr) const {
    if (InQueue(SMMU_CMDQ_BASE, 4, addr)) return true;
    // At most 2^16 STEs of 64 bytes, aligned to the size of the table.
    if (Configured(SMMU_STRTAB_BASE, addr, [&](uint64_t base) { return base >> 22 == addr >> 22; })) return true;
    auto it = pointers_.upper_bound(addr + 0x2'0000);
    if (it == pointers_.begin()) return false;
    return *--it + kMaxTable > addr;
  }

  void Write(uint32_t offset, uint64_t value, bool wide) {
    Track(offset, value, wide);
    history_.Add(dut_.Now(), "register %llx := %llx wide %llu", offset, value, wide);
    if (wide) {
      dut_.Write64(offset, value);
    } else {
      dut_.Write32(offset, static_cast<uint32_t>(value));
    }
  }
  // What a write may have configured; a guard may have refused it, so any half written before may be in force.
  void Track(uint32_t offset, uint64_t value, bool wide) {
    Halves& h = halves_[offset & ~7u];
    if (wide || !(offset & 4)) h.low.insert(value & 0xFFFF'FFFF);
    if (wide) value >>= 32;
    if (wide || (offset & 4)) h.high.insert(value & 0xFFFF);
  }
  // Is there a value of the register for which `fits` holds? Addresses agree above bit 31 with their register's high half.
  template <typename F>
  bool Configured(uint32_t lane, uint64_t addr, const F& fits) const {
    const auto it = halves_.find(lane);
    if (it == halves_.end() || it->second.high.count(addr >> 32) == 0) return false;
    for (uint64_t low : it->second.low) {
      if (fits((addr & ~Ones(32)) | low)) return true;
    }
    return false;
  }
  bool InQueue(uint32_t lane, int entry_log2, uint64_t addr) const {
    return Configured(lane, addr, [&](uint64_t base) {
      const int log2 = std::min<int>(static_cast<int>(base & 31), 19) + entry_log2;
      return ((base & ~uint64_t{31}) >> std::max(log2, 5)) == (addr >> std::max(log2, 5));
    });
  }
  bool IsMsi(uint64_t addr) const {
    if (msi_.count(addr) != 0) return true;
    for (uint32_t lane : {SMMU_GERROR_IRQ_CFG0 & ~7u, SMMU_EVENTQ_IRQ_CFG0, SMMU_PRIQ_IRQ_CFG0}) {
      if (Configured(lane, addr, [&](uint64_t v) { return (v & ~uint64_t{3}) == addr; })) return true;
    }
    return false;
  }

  void RandomWrite() {
    static constexpr uint32_t kOffsets[] = {
        SMMU_CR0, SMMU_CR0, SMMU_CR0, SMMU_CR1, SMMU_CR2, SMMU_GBPA, SMMU_IRQ_CTRL, SMMU_GERRORN, SMMU_GERRORN, SMMU_GERROR_IRQ_CFG0,
        SMMU_GERROR_IRQ_CFG0 + 4, SMMU_GERROR_IRQ_CFG1, SMMU_STRTAB_BASE, SMMU_STRTAB_BASE + 4, SMMU_STRTAB_BASE_CFG, SMMU_CMDQ_BASE,
        SMMU_CMDQ_BASE + 4, SMMU_CMDQ_PROD, SMMU_CMDQ_PROD, SMMU_CMDQ_CONS, SMMU_EVENTQ_BASE, SMMU_EVENTQ_BASE + 4, SMMU_EVENTQ_IRQ_CFG0,
        SMMU_EVENTQ_IRQ_CFG0 + 4, SMMU_EVENTQ_IRQ_CFG1, SMMU_PRIQ_BASE, SMMU_PRIQ_IRQ_CFG0, SMMU_EVENTQ_PROD, SMMU_EVENTQ_CONS,
        SMMU_PRIQ_PROD, SMMU_PRIQ_CONS, SMMU_ATC_TIMEOUT, SMMU_ATC_TIMEOUT + 4, SMMU_QUAR_INTERVAL, SMMU_QUAR_RELEASE, SMMU_INV_LIMIT(0),
        SMMU_INV_LIMIT(3)};
    uint32_t offset = kOffsets[rng_.Below(sizeof kOffsets / sizeof kOffsets[0])];
    uint64_t value = rng_.Bits() >> rng_.Below(64);
    if (rng_.OneIn(10)) {
      offset = static_cast<uint32_t>(rng_.Below(1 << 19)) & ~3u;
      if ((offset & ~7u) == SMMU_CMDQ_BASE) return;
    }
    if ((offset & ~7u) == SMMU_CMDQ_BASE) value = offset & 4 ? 0 : kQueueArea | (rng_.Below(16) << 16) | rng_.Below(20);
    if ((offset & ~7u) == (SMMU_ATC_TIMEOUT & ~7u)) value = offset & 4 ? 0 : 100 + rng_.Below(2000);
    if (rng_.OneIn(20)) {
      const uint32_t lane = offset & ~7u;
      history_.Add(dut_.Now(), "register %llx := %llx with some strobes", lane, value);
      Track(lane, value, true);
      dut_.WriteOdd(lane, lane == SMMU_CMDQ_BASE || lane == SMMU_ATC_TIMEOUT ? value & 0xFFFF'FFFF : value,
                    static_cast<uint32_t>(rng_.Bits()) & 0xFF & (lane == SMMU_CMDQ_BASE || lane == SMMU_ATC_TIMEOUT ? 0x0F : 0xFF));
      return;
    }
    Write(offset, value, (offset & 7) == 0 && rng_.OneIn(4) && offset != SMMU_CMDQ_BASE);
  }

  // Steps of a driver, in no particular order, so that things get switched on.
  void Sane() {
    switch (rng_.Below(8)) {
      case 0: Write(SMMU_CMDQ_BASE, kQueueArea | (rng_.Below(16) << 16) | rng_.Below(12), true); break;
      case 1: Write(SMMU_EVENTQ_BASE, (uint64_t{0xA000'0000} + (rng_.Below(16) << 20)) | rng_.Below(8), true); break;
      case 2: Write(SMMU_STRTAB_BASE, rng_.Bits() & SMMU_STRTAB_BASE_ADDR_MASK & Ones(40), true); break;
      case 3: Write(SMMU_STRTAB_BASE_CFG, rng_.Of<uint64_t>({16, 11, 0x10000 | 6 << 6 | 16, 0x10000 | 10 << 6 | 14}), false); break;
      case 4: Write(SMMU_PRIQ_BASE, (uint64_t{0xB000'0000} + (rng_.Below(16) << 20)) | rng_.Below(8), true); break;
      case 5: Write(SMMU_IRQ_CTRL, rng_.Below(8), false); break;
      default: Write(SMMU_CR0, rng_.Of<uint64_t>({0x1F, 0x1F, 0x0F, 0x1D, 0x0C, 0x1F, 0x08}), false); break;
    }
  }

  void PushCommands() {
    const uint64_t base = kQueueArea | (rng_.Below(16) << 16);
    for (uint64_t n = rng_.In(1, 40); n > 0; --n) {
      uint64_t dw0 = rng_.Bits(), dw1 = rng_.Bits();
      if (!rng_.OneIn(5)) {
        dw0 = (dw0 & ~uint64_t{0xFF}) | rng_.Of<uint64_t>({1, 2, 3, 4, 5, 6, 0x10, 0x11, 0x12, 0x13, 0x20, 0x21, 0x22, 0x23, 0x28, 0x2A, 0x30,
                                                            0x40, 0x40, 0x40, 0x41, 0x44, 0x45, 0x46, 0x46, 0x46});
        dw0 &= ~(rng_.OneIn(8) ? uint64_t{0} : uint64_t{0x400});
        if ((dw0 & 0xFF) == 0x40) {
          dw0 = (dw0 & 0xFFFF'FFFF) | uint64_t{0x100 * rng_.In(1, 4)} << 32;
          dw1 = (dw1 & ~uint64_t{63}) | rng_.Below(53);
        }
      }
      const uint64_t at = base + 16 * rng_.Below(4096);
      memory_.Poke(at, dw0);
      memory_.Poke(at + 8, dw1);
      msi_.insert(dw1 & 0x0000'FFFF'FFFF'FFFC);  // it may be on its way to the queue
    }
    Write(SMMU_CMDQ_PROD, rng_.Bits() & 0xFFFFF & Ones(static_cast<int>(rng_.Below(20))), false);
  }

  void BusErrors() {
    for (uint64_t n = rng_.In(1, 8); n > 0; --n) {
      uint64_t at = rng_.Of<uint64_t>({kQueueArea, 0xA000'0000, 0xB000'0000}) | (rng_.Below(16) << 16) | (rng_.Bits() & 0xFFF0);
      if (!pointers_.empty() && rng_.OneIn(2)) at = *pointers_.begin();
      memory_.SetBad(at, true);
      bad_.push_back(at);
    }
    while (bad_.size() > 40) {
      memory_.SetBad(bad_.front(), false);
      bad_.erase(bad_.begin());
    }
  }

  // Looks at the errors, and mostly acknowledges them.
  void Software() {
    const uint32_t gerror = dut_.Read32(SMMU_GERROR), gerrorn = dut_.Read32(SMMU_GERRORN), cons = dut_.Read32(SMMU_CMDQ_CONS);
    Log(8, gerror ^ gerrorn, cons);
    if ((gerror ^ gerrorn) & ~0x1FDu) throw Difference(Format("GERROR %08x GERRORN %08x: reserved bits differ", gerror, gerrorn));
    if ((gerror ^ gerrorn) & 1) {
      const uint32_t code = cons >> 24 & 0x7F;
      if (code < 1 || code > 3) throw Difference(Format("CMDQ_ERR is active and CONS.ERR is %u", code));
      dut_.Cycles(30);
      if (dut_.Read32(SMMU_CMDQ_CONS) != cons) throw Difference("CMDQ_CONS changes while CMDQ_ERR is active");
    }
    if (!rng_.OneIn(4)) Write(SMMU_GERRORN, gerror, false);
    Write(SMMU_EVENTQ_CONS, dut_.Read32(SMMU_EVENTQ_PROD), false);
    Write(SMMU_PRIQ_CONS, dut_.Read32(SMMU_PRIQ_PROD), false);
  }

  // Errors stop, devices answer or time out: everything must come to rest and be usable.
  void Recover() {
    quiet_ = true;
    for (uint64_t at : bad_) memory_.SetBad(at, false);
    dut_.timing = Dut::Timing{};
    Write(SMMU_ATC_TIMEOUT, 200, true);
    Write(SMMU_QUAR_INTERVAL, 200, true);
    const uint64_t start = dut_.Now();
    const auto late = [&](const char* what) {
      if (dut_.Now() > start + 40000) throw Difference(std::string("hang: ") + what + "; busy:" + dut_.Busy());
    };
    for (uint32_t ack = 1; ack != 0; ack = dut_.Read32(SMMU_CR0ACK)) {
      Write(SMMU_CR0, 0, false);
      Write(SMMU_GERRORN, dut_.Read32(SMMU_GERROR), false);
      Write(SMMU_EVENTQ_CONS, dut_.Read32(SMMU_EVENTQ_PROD), false);
      dut_.Cycles(50);
      late("CR0ACK does not fall");
    }
    for (;;) {
      bool idle = done_.empty() && !offered_ && !page_offered_ && answers_.empty();
      for (bool b : busy_) idle &= !b;
      if (idle && dut_.Quiet() && dut_.NextDeadline() > dut_.Now() + (uint64_t{1} << 40)) break;
      dut_.Cycle();
      late("a transaction is not answered, or the unit is not quiet");
    }
    // A sane driver finds it working: two SYNCs around an invalidation that times out.
    for (uint32_t ack = 1; ack != 0; ack = dut_.Read32(SMMU_IRQ_CTRLACK)) {
      Write(SMMU_IRQ_CTRL, 0, false);
      late("IRQ_CTRLACK does not fall");
    }
    Write(SMMU_GERRORN, dut_.Read32(SMMU_GERROR), false);
    Write(SMMU_CMDQ_BASE, kQueueArea | 4, true);
    Write(SMMU_CMDQ_CONS, 0, false);
    Write(SMMU_CMDQ_PROD, 0, false);
    const uint64_t words[] = {OP_CFGI_STE_RANGE, 31, OP_TLBI_NSNH_ALL, 0, OP_ATC_INV | uint64_t{0x100} << 32, 52, OP_SYNC, 0};
    for (uint64_t i = 0; i < 8; ++i) memory_.Poke(kQueueArea + 8 * i, words[i]);
    Write(SMMU_CR0, SMMU_CR0_CMDQEN | SMMU_CR0_SMMUEN, false);
    while (dut_.Read32(SMMU_CR0ACK) != (SMMU_CR0_CMDQEN | SMMU_CR0_SMMUEN)) late("CR0ACK does not rise");
    Write(SMMU_CMDQ_PROD, 4, false);
    uint32_t errors = 0;
    for (uint32_t cons = 0; (cons & 0xFFFFF) != 4; cons = dut_.Read32(SMMU_CMDQ_CONS)) {
      if ((dut_.Read32(SMMU_GERROR) ^ dut_.Read32(SMMU_GERRORN)) & 1) {
        ++errors;
        Write(SMMU_GERRORN, dut_.Read32(SMMU_GERROR), false);
      }
      late("a SYNC does not complete");
    }
    Log(9, errors, 0);
    if (errors > 1) throw Difference(Format("one time-out was reported %u times", errors));
  }

  Memory memory_;
  Rng rng_;
  uint64_t cycles_;
  History history_;
  uint64_t digest_ = 0xCBF2'9CE4'8422'2325u;
  std::set<uint64_t> pointers_, msi_;
  std::map<uint32_t, Halves> halves_;
  std::vector<uint64_t> bad_;
  std::vector<Completion> answers_;
  std::vector<Done> done_;
  std::array<bool, kPorts> busy_{};
  bool offered_ = false, page_offered_ = false, quiet_ = false;
  int port_ = 0;
  model::Request request_;
  model::PageRequest page_;
  Dut dut_;
};

}  // namespace

bool FuzzSeed(uint64_t seed, uint64_t cycles) {
  uint64_t digest = 0;
  for (uint64_t reset = 1; reset <= 3; ++reset) {
    Fuzz fuzz(seed, reset * 7919, cycles);
    try {
      fuzz.Run();
    } catch (const Difference& wrong) {
      std::printf("recent history:\n");
      fuzz.history().Print(stdout);
      std::printf("BAD INPUT, seed %" PRIu64 ", cycle %" PRIu64 ", state of reset %" PRIu64 "\n%s\n", seed, fuzz.now(), reset, wrong.what());
      return false;
    }
    if (reset > 1 && fuzz.digest() != digest) {
      std::printf("BAD INPUT, seed %" PRIu64 ": the outputs depend on the state before reset\n", seed);
      return false;
    }
    digest = fuzz.digest();
  }
  return true;
}

}  // namespace cosim
