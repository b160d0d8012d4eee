// SPDX-License-Identifier: Apache-2.0
//
// A model of the SMMU's programming interface and of a few PCI functions, for the driver's unit tests on the host-test
// port: registers, command queue with ATC time-outs, stream table fetch, configuration space, FLR. Written from the fact
// sheets with its own constants. It works a little at each port call of any thread ("tick") and is locked.

#ifndef ATCBENCH_SW_FAKE_SMMU_H_
#define ATCBENCH_SW_FAKE_SMMU_H_

#include <array>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

extern "C" {
#include "port_host.h"
}

namespace fake {

constexpr uint64_t kSmmu = 0x2b400000, kEcam = 0x40000000;
constexpr uint32_t kWindow = 0x60000, kControlPage = 0x20000;  // of registers: two pages and up to four with enhanced queues
constexpr uint32_t kEnAck = 1u << 31, kErr = 1u << 23;

struct Command {
  uint32_t index;  // counts from 0, does not wrap
  uint64_t dw0, dw1;
  unsigned queue = 0;  // n: ECMDQ n - 1
  unsigned op() const { return dw0 & 0xff; }
  uint32_t sid() const { return static_cast<uint32_t>(dw0 >> 32); }
};

struct Event {
  atc_log_event ev;
  uint32_t a0;
  uint64_t a1, a2, now;
};

// Another agent's configuration space in the same window: offsets in bytes, sizes 1, 2, 4.
class ConfigSpace {
 public:
  virtual ~ConfigSpace() = default;
  virtual uint32_t ReadCfg(unsigned off, unsigned size) = 0;
  virtual void WriteCfg(unsigned off, unsigned size, uint32_t v) = 0;
};

struct Function {
  bool dead = false;       // does not answer invalidations
  bool survives = false;   // `dead` survives an FLR
  bool cfg_dead = false;   // configuration space does not answer
  bool never_back = false; // nor after an FLR
  bool ats_capable = true;
  bool link_down = false;  // its port answers for it: all ones, and invalidations end there without error
  unsigned accesses = 0;   // to its configuration space, answered or not
  unsigned unanswered = 0; // invalidations that ended at its port
  uint64_t flr_until = 0;
  unsigned flrs = 0, answered = 0, ignored = 0;
  uint64_t ste0 = 0, ste1 = 0;  // as hardware has cached it
  bool marked = false;          // the driver has marked its list entries
  std::array<uint8_t, 4096> cfg{};

  uint32_t Read(unsigned off, unsigned size) const {
    uint32_t v = 0;
    for (unsigned i = 0; i < size; i++) v |= static_cast<uint32_t>(cfg[off + i]) << 8 * i;
    return v;
  }
  void Set(unsigned off, unsigned size, uint32_t v) {
    for (unsigned i = 0; i < size; i++) cfg[off + i] = static_cast<uint8_t>(v >> 8 * i);
  }
  bool ats() const { return (Read(0x146, 2) & 0x8000) != 0; }
  unsigned power() const { return Read(0x84, 2) & 3; }
  // What an FLR, a reset of the link and D3hot without No_Soft_Reset take away.
  void Reset() {
    if (!survives) dead = false;
    Set(0x04, 2, 0);
    for (unsigned b = 0x10; b < 0x28; b += 4) Set(b, 4, 0);
    Set(0x48, 2, 0);
    Set(0x84, 2, 0);
    Set(0x146, 2, 0);
    Set(0x156, 2, 0);
  }
};

class Machine {
 public:
  explicit Machine(unsigned cpus, uint32_t seed = 1) : rng_(seed) {
    static const port_host_ops ops = {Read, Write, Tick, Access, Trace, Log};
    p = port_host_create(cpus, &ops, this);
    Default();
  }
  ~Machine() { leaked = port_host_destroy(p); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  void AddFunction(uint16_t bdf) {
    Function& f = fn[bdf];
    f.Set(0x00, 4, 0xa7cb1234);
    f.Set(0x06, 2, 0x10);
    f.Set(0x34, 1, 0x40);
    f.Set(0x40, 4, 0x00028010);   // PCI Express -> power management
    f.Set(0x80, 4, 0x00030001);
    f.Set(0x44, 4, 0x10008000);   // FLR capable
    f.Set(0x100, 4, 0x14020001);  // AER -> ATS
    f.Set(0x140, 4, 0x1501000f);  // ATS -> PASID
    f.Set(0x144, 2, 0x20 | 8);    // queue depth 8
    f.Set(0x150, 4, 0x0001001b);
    f.Set(0x154, 2, 0x1400);
  }

  // 2^log2 enhanced queues on each of 2^pages_log2 control pages.
  void AddEcmdqs(unsigned log2, unsigned pages_log2 = 0) {
    reg32[0x04] |= 1u << 31;
    reg32[0x190] = log2 << 16 | pages_log2 << 24;
    for (uint32_t page = 0; page < 1u << pages_log2; page++) {
      reg32[0x4000 + 32 * page] = (kControlPage + 0x10000 * page) | 1u << 1 | 1;
      for (uint32_t i = 0; i < 1u << log2; i++) {
        const uint32_t at = kControlPage + 0x10000 * page + i * (0x10000 >> log2);
        queues_.push_back({at, at + 8, at + 12, true});
      }
    }
    ecmdq_prods.resize(queues_.size() - 1);
  }
  uint32_t& EcmdqProd(unsigned i) { return reg32[queues_[1 + i].prod]; }
  uint32_t& EcmdqCons(unsigned i) { return reg32[queues_[1 + i].cons]; }

  // ---- knobs
  bool first_error_mode = false;   // D2
  unsigned rereport = 0;           // D3
  unsigned commands_per_tick = 4;
  uint64_t msi_delay = 0;          // ticks between CONS and the MSI
  int abort_fetches = 0;           // the next n fetches abort; -1 = all
  unsigned ill = 0;                // the next command with this opcode is CERROR_ILL
  bool stuck = false;              // consumes nothing
  bool mute = false;               // registers read all ones
  bool acks = true;                // CR0ACK and IRQ_CTRLACK follow, GBPA.Update falls
  unsigned deaf_ecmdqs = 0;        // bit i: ENACK of ECMDQ i does not follow
  std::function<void(uint32_t off, uint64_t& v)> lie;        // what a register read returns instead
  std::function<void(uint16_t bdf, unsigned off, uint32_t& v)> lie_cfg;  // the same for configuration space
  std::function<void(const Command&)> on_command;
  std::function<void(const Event&)> on_event;
  bool check_invariant = true;
  std::function<void()> on_tick;    // without the lock; may block its thread
  std::function<void()> on_access;  // the same, before each access to shared memory

  // ---- observation
  struct {
    std::vector<uint32_t> v = std::vector<uint32_t>(kWindow / 4);
    uint32_t& operator[](uint32_t off) { return v[off / 4]; }
  } reg32;
  std::map<uint16_t, Function> fn;
  std::map<uint16_t, ConfigSpace*> other;
  std::vector<Command> consumed;
  std::vector<uint32_t> prod_writes;               // of CMDQ
  std::vector<std::vector<uint32_t>> ecmdq_prods;  // of each ECMDQ
  std::vector<uint32_t> gerrorn_writes;
  std::vector<Event> events;
  std::vector<std::string> log;
  unsigned errors_raised = 0;
  unsigned false_acks = 0;  // writes of ECMDQ_PROD that move ERRACK while no error is active
  unsigned overfull = 0;  // PROD writes that claim more entries than there are
  unsigned invariant_violations = 0;
  ::port* p = nullptr;
  static inline unsigned leaked = 0;

  unsigned Count(atc_log_event ev) {
    std::lock_guard<std::recursive_mutex> l(mu);
    unsigned n = 0;
    for (const auto& e : events) n += e.ev == ev;
    return n;
  }
  // Position of the first such event at or after `from`; events.size() if there is none.
  size_t Find(atc_log_event ev, size_t from = 0) {
    std::lock_guard<std::recursive_mutex> l(mu);
    while (from < events.size() && events[from].ev != ev) from++;
    return from;
  }
  void RaiseGerror(uint32_t bit) {
    std::lock_guard<std::recursive_mutex> l(mu);
    Activate(bit);
  }
  static uint64_t Mem(uint64_t pa) { return __atomic_load_n(reinterpret_cast<uint64_t*>(pa), __ATOMIC_SEQ_CST); }
  bool LogHas(const std::string& s) {
    std::lock_guard<std::recursive_mutex> l(mu);
    for (const auto& line : log) {
      if (line.find(s) != std::string::npos) return true;
    }
    return false;
  }

  std::recursive_mutex mu;

 private:
  void Default() {
    // S2P S1P TTF=2 COHACC HYP ATS NS1ATS ASID16 MSI SEV PRI VMID16 CD2L TTENDIAN=2 STALL_MODEL=1 ST_LEVEL=1
    reg32[0x00] = 1u << 0 | 1u << 1 | 2u << 2 | 1u << 4 | 1u << 9 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 16 |
                  1u << 18 | 1u << 19 | 2u << 21 | 1u << 24 | 1u << 27;
    reg32[0x04] = 16 | 20u << 6 | 16u << 11 | 16u << 16 | 16u << 21;
    reg32[0x0c] = 1u << 10;
    reg32[0x14] = 5 | 1u << 4;
  }

  struct Outstanding {
    uint64_t deadline;
    uint64_t answered_at;  // UINT64_MAX: never
  };
  struct Queue {
    uint32_t base, prod, cons;  // offsets of its registers
    bool enhanced;
    uint32_t next_index = 0;
    std::vector<Outstanding> outstanding{};
    unsigned flag = 0;
    bool sev = false;
  };
  struct Msi {
    uint64_t when, addr;
    uint32_t data;
  };

  static uint64_t Read(void* ctx, uint64_t pa, unsigned size) { return static_cast<Machine*>(ctx)->DoRead(pa, size); }
  static void Write(void* ctx, uint64_t pa, unsigned size, uint64_t v) {
    static_cast<Machine*>(ctx)->DoWrite(pa, size, v);
  }
  static void Tick(void* ctx, uint64_t now) { static_cast<Machine*>(ctx)->DoTick(now); }
  static void Access(void* ctx) {
    const auto* m = static_cast<Machine*>(ctx);
    if (m->on_access) m->on_access();
  }
  static void Trace(void* ctx, atc_log_event ev, uint32_t a0, uint64_t a1, uint64_t a2) {
    static_cast<Machine*>(ctx)->DoTrace(ev, a0, a1, a2);
  }
  static void Log(void* ctx, port_log_level, const char* line) {
    auto* m = static_cast<Machine*>(ctx);
    std::lock_guard<std::recursive_mutex> l(m->mu);
    m->log.emplace_back(line);
  }

  uint64_t DoRead(uint64_t pa, unsigned size) {
    std::lock_guard<std::recursive_mutex> l(mu);
    if (pa >= kSmmu && pa < kSmmu + kWindow) {
      const auto off = static_cast<uint32_t>(pa - kSmmu);
      if (mute) return UINT64_MAX >> (64 - 8 * size);
      uint64_t v = reg32[off & ~3u];
      if (size == 8) v |= static_cast<uint64_t>(reg32[off + 4]) << 32;
      if (lie) lie(off, v);
      return v;
    }
    if (pa >= kEcam && pa < kEcam + 0x10000000) {
      const auto own = other.find(static_cast<uint16_t>((pa - kEcam) >> 12));
      if (own != other.end()) return own->second->ReadCfg(pa & 0xfff, size);
      const auto it = fn.find(static_cast<uint16_t>((pa - kEcam) >> 12));
      if (it != fn.end()) it->second.accesses++;
      if (it == fn.end() || it->second.link_down || it->second.cfg_dead || it->second.never_back || now_ < it->second.flr_until)
        return UINT64_MAX >> (64 - 8 * size);
      uint32_t v = it->second.Read(pa & 0xfff, size);
      if (lie_cfg) lie_cfg(it->first, pa & 0xfff, v);
      return v;
    }
    return UINT64_MAX >> (64 - 8 * size);
  }

  void DoWrite(uint64_t pa, unsigned size, uint64_t v) {
    std::lock_guard<std::recursive_mutex> l(mu);
    if (pa >= kSmmu && pa < kSmmu + kWindow) {
      const auto off = static_cast<uint32_t>(pa - kSmmu);
      WriteReg(off, static_cast<uint32_t>(v));
      if (size == 8) WriteReg(off + 4, static_cast<uint32_t>(v >> 32));
    } else if (pa >= kEcam && pa < kEcam + 0x10000000) {
      const auto own = other.find(static_cast<uint16_t>((pa - kEcam) >> 12));
      if (own != other.end()) own->second->WriteCfg(pa & 0xfff, size, static_cast<uint32_t>(v));
      const auto it = fn.find(static_cast<uint16_t>((pa - kEcam) >> 12));
      if (it != fn.end()) it->second.accesses++;
      if (it != fn.end() && !it->second.link_down && !it->second.cfg_dead && now_ >= it->second.flr_until)
        WriteCfg(it->second, pa & 0xfff, size, static_cast<uint32_t>(v));
    }
  }

  void WriteReg(uint32_t off, uint32_t v) {
    switch (off) {
      case 0x20:
        reg32[0x20] = v & 0x1f;
        if (acks) reg32[0x24] = v & 0x1f;
        break;
      case 0x44:
        if (v >> 31) reg32[0x44] = acks ? v & 0x7fffffff : v;
        break;
      case 0x50:
        reg32[0x50] = v & 7;
        if (acks) reg32[0x54] = v & 7;
        break;
      case 0x60:
        break;
      case 0x64: {
        const uint32_t active = reg32[0x60] ^ reg32[0x64];
        reg32[0x64] ^= (reg32[0x64] ^ v) & active;  // toggles of inactive bits are ignored
        gerrorn_writes.push_back(v);
        break;
      }
      case 0x98:
        reg32[0x98] = v;
        prod_writes.push_back(v);
        if (reg32[0x24] & 8) CheckRoom(queues_[0]);
        break;
      case 0x9c:
        reg32[0x9c] = v;
        break;
      default:
        if (off >= kControlPage) WriteEcmdq(off, v);
        else if (off >= 0x1c || off == 0) reg32[off] = v;
        break;
    }
  }
  void WriteEcmdq(uint32_t off, uint32_t v) {
    for (size_t i = 1; i < queues_.size(); i++) {
      Queue& q = queues_[i];
      const bool on = (reg32[q.cons] | reg32[q.prod]) & kEnAck;
      if (off == q.prod) {
        if (!Active(q)) {  // a write activates no error
          if ((v ^ reg32[q.prod]) & kErr) false_acks++;
          v = (v & ~kErr) | (reg32[q.prod] & kErr);
        }
        reg32[q.prod] = v;
        if (!(deaf_ecmdqs >> (i - 1) & 1)) reg32[q.cons] = (reg32[q.cons] & ~kEnAck) | (v & kEnAck);
        ecmdq_prods[i - 1].push_back(v);
        if (v & kEnAck) CheckRoom(q);
      } else if (!on && off == q.cons) {
        reg32[off] = (reg32[off] & ~0xfffffu) | (v & 0xfffff);
      } else if (!on && (off == q.base || off == q.base + 4)) {
        reg32[off] = v;
      }
    }
  }
  void CheckRoom(const Queue& q) {
    if (((reg32[q.prod] - reg32[q.cons]) & ((2u << Log2(q)) - 1)) > 1u << Log2(q)) overfull++;
  }

  void WriteCfg(Function& f, unsigned off, unsigned size, uint32_t v) {
    if (off == 0x146) {
      if (f.ats_capable) f.Set(off, 2, v & 0x801f);
    } else if (off == 0x48) {
      f.Set(off, 2, v & 0x7fff);
      if (v & 0x8000) {
        f.flrs++;
        f.flr_until = f.never_back ? UINT64_MAX : now_ + 500;
        f.Reset();
      }
    } else if (off == 0x84) {
      const bool wakes = f.power() == 3 && (v & 3) == 0;
      f.Set(off, 2, v & 3);
      if (wakes) f.Reset();
    } else if (off == 0x104 || off == 0x110 || off == 0x4a) {
      f.Set(off, size, f.Read(off, size) & ~v);
    } else if (off == 0x04 || (off >= 0x10 && off < 0x28) || off == 0x156) {
      f.Set(off, size, v);
    }
  }

  // ---- the command queues
  unsigned Log2(const Queue& q) { return reg32[q.base] & 0x1f; }
  uint64_t Base(const Queue& q) {
    return ((static_cast<uint64_t>(reg32[q.base + 4]) << 32 | reg32[q.base]) & 0x00ffffffffffffe0) & ~((uint64_t{16} << Log2(q)) - 1);
  }
  bool On(const Queue& q) { return q.enhanced ? (reg32[q.cons] & kEnAck) != 0 : (reg32[0x24] & 8) != 0; }
  bool Active(const Queue& q) {
    return q.enhanced ? ((reg32[q.cons] ^ reg32[q.prod]) & kErr) != 0 : ((reg32[0x60] ^ reg32[0x64]) & 1) != 0;
  }
  void Activate(uint32_t bit) {
    if ((reg32[0x60] ^ reg32[0x64]) & bit) return;
    reg32[0x60] ^= bit;
    if (reg32[0x50] & 1) port_host_raise(p, PORT_IRQ_GERROR);
  }
  void Error(Queue& q, uint32_t code) {
    if (q.enhanced) reg32[q.cons] ^= kErr;
    reg32[q.cons] = (reg32[q.cons] & ~0x7000000u) | code << 24;
    errors_raised++;
    Activate(q.enhanced ? 1u << 9 : 1);
  }
  void Consume(Queue& q, const Command& c) {
    const uint32_t mask = (2u << Log2(q)) - 1;
    reg32[q.cons] = (reg32[q.cons] & ~0xfffffu) | ((reg32[q.cons] + 1) & mask);
    consumed.push_back(c);
    q.next_index++;
    if (on_command) on_command(c);
  }

  void LoadSte(uint32_t sid) {
    const auto it = fn.find(static_cast<uint16_t>(sid));
    if (it == fn.end()) return;
    const uint64_t base = (static_cast<uint64_t>(reg32[0x84]) << 32 | reg32[0x80]) & 0x00ffffffffffffc0;
    uint64_t ste = 0;
    if (reg32[0x88] >> 16 & 1) {
      const unsigned split = reg32[0x88] >> 6 & 0x1f;
      const uint64_t l1 = Mem(base + 8 * (sid >> split));
      if ((l1 & 0x1f) == 0) return;
      ste = (l1 & 0x00ffffffffffffc0) + 64 * (sid & ((1u << split) - 1));
    } else {
      ste = base + 64 * static_cast<uint64_t>(sid);
    }
    it->second.ste0 = Mem(ste);
    it->second.ste1 = Mem(ste + 8);
  }

 public:
  // In force: hardware may translate for it and accepts translated requests.
  static bool EatsInForce(const Function& f) { return (f.ste0 >> 1 & 7) == 5 && (f.ste1 >> 28 & 3) == 1; }

 private:
  void CheckInvariant() {
    for (auto& [bdf, f] : fn) {
      if (check_invariant && f.marked && EatsInForce(f)) invariant_violations++;
    }
  }

  // Returns false when it has to wait.
  bool Execute(Queue& q, const Command& c) {
    if (ill != 0 && c.op() == ill) {
      ill = 0;
      Error(q, 1);
      return false;
    }
    switch (c.op()) {
      case 0x03:
        LoadSte(c.sid());
        break;
      case 0x04: case 0x05: case 0x06: case 0x10: case 0x11: case 0x12: case 0x13: case 0x20: case 0x30: case 0x41:
        break;
      case 0x40: {
        const auto it = fn.find(static_cast<uint16_t>(c.sid()));
        const uint64_t timeout = (static_cast<uint64_t>(reg32[0xe04]) << 32 | reg32[0xe00]);
        if (it != fn.end()) {
          if (it->second.link_down) {
            it->second.unanswered++;
            break;
          }
          const bool silent = it->second.dead || now_ < it->second.flr_until || it->second.power() == 3;
          (silent ? it->second.ignored : it->second.answered)++;
          q.outstanding.push_back({now_ + timeout, silent ? UINT64_MAX : now_ + 1 + rng_() % 40});
        }
        break;
      }
      case 0x46: {
        for (size_t i = 0; i < q.outstanding.size();) {
          if (q.outstanding[i].answered_at <= now_) {
            q.outstanding[i] = q.outstanding.back();
            q.outstanding.pop_back();
          } else if (q.outstanding[i].deadline <= now_) {
            q.flag = 1 + rereport;
            q.outstanding[i] = q.outstanding.back();
            q.outstanding.pop_back();
          } else {
            i++;
          }
        }
        if (q.flag && (first_error_mode || q.outstanding.empty())) {
          q.flag--;
          Error(q, 3);
          return false;
        }
        if (!q.outstanding.empty()) return false;
        const unsigned cs = c.dw0 >> 12 & 3;
        if (cs == 1 && c.dw1) msis_.push_back({now_ + msi_delay, c.dw1 & 0x00fffffffffffffc, uint32_t(c.dw0 >> 32)});
        q.sev |= cs == 2;
        break;
      }
      default:
        Error(q, 1);
        return false;
    }
    return true;
  }

  void DoTick(uint64_t now) {
    Work(now);
    if (on_tick) on_tick();
  }
  // One command of the queue. False: it has nothing to do, or has to wait.
  bool Step(Queue& q, unsigned number) {
    const uint32_t mask = (2u << Log2(q)) - 1;
    if (stuck || !On(q) || Active(q) || ((reg32[q.prod] ^ reg32[q.cons]) & mask) == 0) return false;
    if (abort_fetches != 0) {
      if (abort_fetches > 0) abort_fetches--;
      Error(q, 2);
      return false;
    }
    const uint64_t pa = Base(q) + 16 * (reg32[q.cons] & ((1u << Log2(q)) - 1));
    const Command c{q.next_index, Mem(pa), Mem(pa + 8), number};
    if (!Execute(q, c)) return false;
    Consume(q, c);
    if (q.sev) port_host_send_event(p);
    q.sev = false;
    return true;
  }
  void Work(uint64_t now) {
    std::lock_guard<std::recursive_mutex> l(mu);
    now_ = now > now_ ? now : now_;
    for (size_t i = 0; i < queues_.size(); i++) {
      for (unsigned k = 0; k < commands_per_tick && Step(queues_[i], static_cast<unsigned>(i)); k++) {
      }
    }
    while (!msis_.empty() && msis_.front().when <= now_) {
      __atomic_store_n(reinterpret_cast<uint32_t*>(msis_.front().addr), msis_.front().data, __ATOMIC_SEQ_CST);
      msis_.pop_front();
    }
    CheckInvariant();
  }

  void DoTrace(atc_log_event ev, uint32_t a0, uint64_t a1, uint64_t a2) {
    Event e{ev, a0, a1, a2, 0};
    {
      std::lock_guard<std::recursive_mutex> l(mu);
      e.now = now_;
      events.push_back(e);
      const auto it = fn.find(static_cast<uint16_t>(a0));
      if (it != fn.end() && ev == EV_INVS_MARKED) it->second.marked = true;
      if (it != fn.end() && ev == EV_INVS_UNMARKED) it->second.marked = false;
    }
    if (on_event) on_event(e);
  }

  std::mt19937 rng_;
  uint64_t now_ = 0;
  std::vector<Queue> queues_{{0x90, 0x98, 0x9c, false}};
  std::deque<Msi> msis_;
};

}  // namespace fake

#endif  // ATCBENCH_SW_FAKE_SMMU_H_
