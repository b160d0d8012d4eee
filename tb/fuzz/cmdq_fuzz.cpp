// SPDX-License-Identifier: Apache-2.0
//
// Recovery of the command queue. The input says what is issued (TLBIs, ATC_INVs to a device that answers and to one that does not,
// illegal opcodes), when fetches abort, when the handler runs, and when and how registers lie.
//
// Hardware that does not lie: every result is known in advance, and every command is consumed once, in order, an illegal one as the
// SYNC that replaces it (smmuv3.md §3). Hardware that lies: every wait ends in time with an error that is documented; PROD never
// claims more than a ring, "done" is never said of what is not consumed, and when the lie is over the queue works again; the last three
// unless CONS lied within what was outstanding, which nobody can tell.

#include <cerrno>

#include "fuzz.h"

namespace {

constexpr uint32_t kGerror = 0x60, kGerrorn = 0x64, kProd = 0x98, kCons = 0x9c;
constexpr unsigned kAbortsMax = 8;  // in a row at one entry
constexpr uint64_t kPoll = 2000;
constexpr uint64_t kPollHonest = 60000;  // above 63 time-outs one after the other
constexpr unsigned kExpiries = 2;

struct Expected {
  bool atc_dead = false, illegal = false;
  std::vector<unsigned> ops;
};

struct Run {
  explicit Run(fuzz::Input input) : in(input) {
    const uint8_t b = in.Byte();
    d.plat.sync_msi = b & 1;
    d.plat.sync_sev = b & 2;
    d.plat.sync_irq_off = b & 4;
    d.m.first_error_mode = b & 8;
    d.m.rereport = b >> 4 & 1;
    lying = b & 0x80;
    d.plat.poll_timeout = lying ? kPoll : kPollHonest;
    d.plat.expiry_limit = kExpiries;
    d.m.AddFunction(fuzz::Driver::Bdf(0));
    d.m.AddFunction(fuzz::Driver::Bdf(1));
    d.m.fn[fuzz::Driver::Bdf(1)].dead = true;
    d.Start();
    d.m.consumed.clear();
  }
  static uint64_t Atc(unsigned i) { return 0x40 | uint64_t{fuzz::Driver::Bdf(i)} << 32; }

  int Issue(Expected* e) {
    uint64_t cmd[63][2];
    const unsigned n = 1 + in.Byte() % 63;
    uint8_t kinds = 0;
    for (unsigned i = 0; i < n; i++) {
      if (i % 4 == 0) kinds = in.Byte();  // few bytes for many commands
      const unsigned kind = kinds >> 2 * (i % 4) & 3;
      cmd[i][0] = kind == 0 ? 0x30 : kind == 1 ? Atc(0) : kind == 2 ? Atc(1) : 0xee;
      cmd[i][1] = kind == 1 || kind == 2 ? 52 : 0;
      e->atc_dead |= kind == 2;
      e->illegal |= kind == 3;
      e->ops.push_back(kind == 3 ? 0x46 : cmd[i][0] & 0xff);
    }
    e->ops.push_back(0x46);
    return smmu_raw_commands(d.s, cmd, n);
  }
  void Handler() { d.Interrupt(PORT_IRQ_GERROR); }
  bool Dead() const { return d.s->cmdq.dead.v != 0; }

  void Honest() {
    for (unsigned steps = 0; in.more() && steps < 24; steps++) {
      const uint8_t what = in.Byte();
      const unsigned aborts = what & 1 ? what >> 4 : 0;
      d.m.abort_fetches = static_cast<int>(aborts);
      if (what & 2) Handler();
      if (what & 4) port_host_advance(d.m.p, 300);
      d.m.consumed.clear();
      Expected e;
      const int r = Issue(&e);
      const int wanted = aborts > kAbortsMax ? -ENXIO : e.atc_dead ? -EIO : e.illegal ? -EINVAL : 0;
      FUZZ_CHECK(r == wanted, "result %d, not %d (%u aborts)", r, wanted, aborts);
      if (r == -ENXIO) {
        FUZZ_CHECK(d.m.consumed.empty(), "something was consumed of a queue that was given up");
        FUZZ_CHECK(Issue(&e) == -ENXIO, "it was given up for good");
        return;
      }
      FUZZ_CHECK(d.m.consumed.size() == e.ops.size(), "%zu commands consumed, not %zu", d.m.consumed.size(), e.ops.size());
      for (size_t i = 0; i < e.ops.size(); i++) {
        FUZZ_CHECK(d.m.consumed[i].op() == e.ops[i], "command %zu is 0x%x, not 0x%x", i, d.m.consumed[i].op(), e.ops[i]);
      }
      FUZZ_CHECK(d.m.reg32[kGerror] == d.m.reg32[kGerrorn], "an error was left active");
    }
    smmu_stats st;
    smmu_stats_get(d.s, &st);
    FUZZ_CHECK(st.foreign_errors == 0, "an error was charged to a batch without an ATC_INV");
  }

  void Lie(uint32_t off, uint64_t& v) {
    if (lies == 0 || (off != kCons && off != kGerror)) return;
    const uint8_t b = in.Byte();
    if (b & 1) return;
    if (off == kCons) {
      const uint32_t cons = d.m.reg32[kCons] & 0xff, out = (d.m.reg32[kProd] - cons) & 0xff;
      if (lies & 1) v = (v & ~0xffull) | in.Byte();
      if (lies & 2) v = (v & 0xfffff) | (b >> 1) << 24;
      if (lies & 8 && b >> 5 == 0) v = UINT32_MAX;
      const uint32_t ahead = ((v & 0xff) - cons) & 0xff;
      believable |= v != UINT32_MAX && ahead != 0 && ahead <= out;
    } else {
      if (lies & 4) v ^= in.Byte() | (b & 2) << 7;
      if (lies & 8 && b >> 5 == 0) v = UINT32_MAX;
    }
  }
  void Lying() {
    lies = in.Byte() & 15;
    d.m.lie = [this](uint32_t off, uint64_t& v) { Lie(off, v); };
    size_t issued = 0;
    bool all_done = true;
    for (unsigned steps = 0; in.more() && steps < 12; steps++) {
      const uint8_t what = in.Byte();
      d.m.stuck = what & 1;
      d.m.abort_fetches = what >> 1 & 3;
      if (what & 8) d.m.RaiseGerror(1u << (what >> 4) % 9);
      if (what & 4) Handler();
      Expected e;
      const uint64_t start = port_now(d.m.p);
      const int r = Issue(&e);
      FUZZ_CHECK(r == 0 || r == -ETIMEDOUT || r == -EIO || r == -EINVAL || r == -ENXIO, "result %d", r);
      FUZZ_CHECK(port_now(d.m.p) - start < 20 * (kExpiries + 1) * kPoll, "it took %llu cycles",
                 (unsigned long long)(port_now(d.m.p) - start));
      issued += e.ops.size();
      all_done &= r != -ETIMEDOUT && r != -ENXIO;
      if (all_done && !believable) {
        FUZZ_CHECK(d.m.consumed.size() == issued, "%zu commands consumed of %zu that are done", d.m.consumed.size(), issued);
      }
      if (!believable) FUZZ_CHECK(d.m.overfull == 0, "PROD claims more than a ring");
    }
    lies = 0;
    d.m.stuck = false;
    d.m.abort_fetches = 0;
    if (!believable && !Dead()) {
      Handler();
      for (int i = 0; i < 3; i++) port_host_advance(d.m.p, 300);
      const uint64_t tlbi[1][2] = {{0x30, 0}};
      int r = -ETIMEDOUT;
      for (int i = 0; i < 4 && r == -ETIMEDOUT; i++) r = smmu_raw_commands(d.s, tlbi, 1);
      FUZZ_CHECK(r == 0, "the lie is over, and the queue does not work: %d", r);
    }
  }

  fuzz::Input in;
  fuzz::Driver d;
  bool lying;
  unsigned lies = 0;
  bool believable = false;  // a CONS within what was outstanding: nobody can tell that it is a lie
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Run run(fuzz::Input(data, size));
  if (run.lying) {
    run.Lying();
  } else {
    run.Honest();
  }
  return 0;
}

std::vector<std::string> fuzz::Seeds() {
  using namespace std::string_literals;
  return {
      "\x05\x00\x02\x24\x02\x02\x00"s,              // an ATC_INV that is not answered, then a TLBI
      "\x02\x00\x03\xe4\x91\x01\x00\x00"s,          // an illegal command, then fetches that abort
      "\x80\x05\x00\x0a\x00\x02\x70\x02\x90\x01"s,  // CONS and GERROR at random
      "\x85\x0c\x09\x0a\x00\x02\x70\x02\x90\x01\x44\x20\x00\x02"s,
  };
}
