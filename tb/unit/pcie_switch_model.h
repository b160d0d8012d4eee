// SPDX-License-Identifier: Apache-2.0
//
// Reference model of pcie_switch: where a packet goes, in which order packets may leave, what a full buffer means, and how
// long a packet may be overtaken. Written from the module's contract (doc/rtl/pcie_switch.md), not from its lists.
//
// It is told every acceptance and every departure and collects what is wrong; it never stops a run by itself.

#ifndef ATCBENCH_TB_UNIT_PCIE_SWITCH_MODEL_H_
#define ATCBENCH_TB_UNIT_PCIE_SWITCH_MODEL_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace sw {

#ifndef SWITCH_DOWN
#define SWITCH_DOWN 16
#endif
constexpr unsigned kDown = SWITCH_DOWN;
constexpr unsigned kPorts = kDown + 1;  // 0 is the upstream port
constexpr unsigned kLocal = kPorts;     // requests that the switch answers itself
constexpr unsigned kSlots[3] = {16, 8, 8};
constexpr unsigned kBound = 3 * (kPorts + 1) - 1;  // packets that may overtake one that could go

constexpr unsigned kPayloadDw = 16;  // the build's packets, which are shorter than every Max_Payload_Size

enum Class { kP, kNp, kCpl };
constexpr unsigned kAll = (1u << kPorts) - 1;

// What the ports' command registers and Bridge Control let pass, a bit for each port.
struct Gates {
  unsigned mem_en = kAll, bme = kAll;
  bool messages = true;
};

enum Acs { kSource = 1, kBlocking = 2, kRequest = 4, kCompletion = 8, kDirect = 16 };

struct Header {
  uint32_t pfx_valid = 0, pfx = 0, dw0 = 0, dw1 = 0, dw2 = 0, dw3 = 0;
  bool operator==(const Header& o) const {
    return pfx_valid == o.pfx_valid && pfx == o.pfx && dw0 == o.dw0 && dw1 == o.dw1 && dw2 == o.dw2 && dw3 == o.dw3;
  }
  unsigned kind() const { return dw0 >> 24; }
};

inline Class ClassOf(unsigned kind) {
  switch (kind) {
    case 0x01: case 0x21: case 0x02: case 0x42:
    case 0x00: case 0x20: case 0x04: case 0x44: case 0x05: case 0x45:
    case 0x4c: case 0x4d: case 0x4e: case 0x6c: case 0x6d: case 0x6e: return kNp;
    case 0x0a: case 0x4a: case 0x0b: case 0x4b: return kCpl;
    default: return kP;
  }
}

struct Route {
  enum { kForward, kRefuse, kBroadcast, kDrop, kDropAcs, kDropBad, kConsume, kOwn } what = kDrop;
  unsigned out = 0;      // kOwn: whose configuration space
  unsigned status = 1;   // of a refusal: UR, or CA for an ACS violation
  bool to_type0 = false;
};

// Firmware's numbers: bus 1 above, bus 2 inside, downstream port d has bus d + 3, the last one two more.
inline unsigned FirstBus(unsigned d) { return d + 3; }
inline unsigned LastBus(unsigned d) { return d + 1 == kDown ? kDown + 4 : d + 3; }

inline int DownByBus(unsigned bus) {
  for (unsigned d = 0; d < kDown; ++d)
    if (bus >= FirstBus(d) && bus <= LastBus(d)) return static_cast<int>(d);
  return -1;
}

inline int DownByAddress(uint64_t a) {
  if (a >= 0x50000000 && a < 0x50000000 + 0x10000ull * kDown) return static_cast<int>((a - 0x50000000) >> 16);
  const uint64_t base = 0x4000000000;
  if (a >= base && a < base + (uint64_t{kDown} << 30)) return static_cast<int>((a - base) >> 30);
  return -1;
}

inline Route Decide(unsigned in, const Header& h, unsigned acs, const Gates& gates) {
  Route r;
  const unsigned kind = h.kind(), at = h.dw0 >> 10 & 3;
  const Class cls = ClassOf(kind);
  const bool mem = (kind & 0x9f) == 0 || kind == 0x40 || kind == 0x60 || (cls == kNp && (kind & 0x1f) >= 0x0c);
  const bool cfg = (kind & 0x1e) == 0x04 && cls == kNp;
  const bool msg = (kind & 0xb8) == 0x30 && (kind & 7) < 6;
  r.what = cls == kNp ? Route::kRefuse : Route::kDrop;
  const unsigned len = h.dw0 & 0x3ff;
  if ((kind & 0x40) && (len == 0 || len > kPayloadDw)) {  // malformed, whatever it is
    r.what = Route::kDropBad;
    return r;
  }
  if (in > 0 && cls != kCpl) {
    const unsigned bus = h.dw1 >> 24;
    const bool forged = (acs & kSource) && (bus < FirstBus(in - 1) || bus > LastBus(in - 1));
    const bool translated = (acs & kBlocking) && mem && at != 0;
    if (forged || translated) {
      r.status = 4;
      r.what = cls == kNp ? Route::kRefuse : Route::kDropAcs;
      return r;
    }
  }
  if (cfg) {
    const unsigned bus = h.dw2 >> 24, device = h.dw2 >> 19 & 31;
    const unsigned function = h.dw2 >> 16 & 7;
    const int d = DownByBus(bus);
    if (in != 0) return r;
    // The switch's own ports: device 0 above, device d on bus 2 inside.
    const bool type0 = (kind & 0x1f) == 4;
    if (function == 0 && (type0 ? device == 0 : bus == 2 && device < kDown)) {
      if (h.dw0 >> 14 & 1) return r;  // poisoned
      r.what = Route::kOwn;
      r.out = type0 ? 0 : device + 1;
      return r;
    }
    if (type0 || d < 0) return r;
    if (bus != FirstBus(static_cast<unsigned>(d))) {
      r.what = Route::kForward;
      r.out = static_cast<unsigned>(d) + 1;
    } else if (device == 0) {
      r.what = Route::kForward;
      r.to_type0 = true;
      r.out = static_cast<unsigned>(d) + 1;
    }
    return r;
  }
  int d = -2;  // neither by address nor by ID
  if (mem || (msg && (kind & 7) == 1))
  {
    d = DownByAddress(h.dw0 >> 29 & 1 ? uint64_t{h.dw2} << 32 | h.dw3 : h.dw2);
    if (d >= 0 && !(gates.mem_en >> (d + 1) & 1)) d = -1;
    if (in == 0 && !(gates.mem_en & 1)) d = -1;
  }
  else if (cls == kCpl || (msg && (kind & 7) == 2))
    d = DownByBus(h.dw2 >> 24);
  if (in != 0 && mem && !(gates.bme >> in & 1)) return r;
  if (d != -2) {
    if (in == 0) {
      if (d < 0) return r;
      r.what = Route::kForward;
      r.out = static_cast<unsigned>(d) + 1;
      return r;
    }
    bool redirect = (acs & kRequest) && !(mem && at == 2 && (acs & kDirect));
    if (cls == kCpl) redirect = (acs & kCompletion) && !(h.dw0 >> 13 & 1);
    if (mem && at == 1) redirect = true;
    if (d < 0 || redirect) {
      if (mem && !(gates.bme & 1)) return r;
      r.what = Route::kForward;
      r.out = 0;
    } else if (static_cast<unsigned>(d) + 1 != in) {
      r.what = Route::kForward;
      r.out = static_cast<unsigned>(d) + 1;
    }
    return r;
  }
  if (!msg) return r;
  if ((kind & 7) == 0 && in != 0) {
    const unsigned code = h.dw1 & 0xff;
    const bool error = kind == 0x30 && (code == 0x30 || code == 0x31 || code == 0x33);
    r.what = error && !gates.messages ? Route::kConsume : Route::kForward;
    r.out = 0;
  }
  if ((kind & 7) == 3 && in == 0) r.what = Route::kBroadcast;
  if ((kind & 7) == 4) r.what = Route::kConsume;
  return r;
}

// The completion that refuses a request which came in by `in`.
inline Header Refusal(unsigned in, const Header& h, unsigned status) {
  Header c;
  const unsigned kind = h.kind(), len = h.dw0 & 0x3ff, fbe = h.dw1 & 15, lbe = h.dw1 >> 4 & 15;
  unsigned bytes = 4, lower = 0;
  const bool locked = (kind & 0xdf) == 1;
  if ((kind & 0x9f) == 0 || locked) {
    unsigned lead = 0, trail = 3;
    for (unsigned b = 0; b < 4; ++b)
      if (fbe >> b & 1) {
        lead = b;
        break;
      }
    const unsigned last = len == 1 ? fbe : lbe;
    for (unsigned b = 0; b < 4; ++b)
      if (last >> b & 1) trail = 3 - b;
    bytes = 4 * len - lead - trail;
    lower = (h.dw0 >> 29 & 1 ? h.dw3 : h.dw2) & 0x7c;
    lower |= lead;
  } else if ((kind & 0x1f) == 0x0c || (kind & 0x1f) == 0x0d) {
    bytes = 4 * len;
  } else if ((kind & 0x1f) == 0x0e) {
    bytes = 2 * len;
  }
  const uint32_t completer = in == 0 ? 0x0100 : 0x0200 | (in - 1) << 3;
  c.dw0 = (locked ? 0x0b000000 : 0x0a000000) | (h.dw0 & 0x00743000);
  c.dw1 = completer << 16 | status << 13 | (bytes & 0xfff);
  c.dw2 = (h.dw1 & 0xffffff00) | lower;
  return c;
}

// What a port's configuration space answers; the bench's reads find {port, offset}.
inline Header Own(unsigned port, const Header& h) {
  Header c;
  const uint32_t completer = port == 0 ? 0x0100 : 0x0200 | (port - 1) << 3;
  c.dw0 = (h.dw0 >> 30 & 1 ? 0x0a000000u : 0x4a000001u) | (h.dw0 & 0x00743000);
  c.dw1 = completer << 16 | 4;
  c.dw2 = h.dw1 & 0xffffff00;
  return c;
}

struct Packet {
  Header h;
  unsigned in = 0, out = 0;
  Class cls = kP;
  bool relaxed = false;      // a completion that may pass posted packets
  bool doubtful = false;     // its port has been down: it may be gone, and its refusal on the way
  bool copying = false;      // of a broadcast that is not taken yet: it may leave, but need not
  uint64_t seq = 0, id = 0, cycle = 0;
  Header refusal;
  uint32_t data = 0;         // of the answer of a configuration space
};

class Model {
 public:
  std::vector<std::string> faults;
  uint64_t delivered = 0, refused = 0, dropped = 0, own_packets = 0;  // refused: or answered by a configuration space
  unsigned worst_overtaken = 0;
  uint64_t worst_latency = 0;
  unsigned up = (1u << kPorts) - 1;
  uint64_t cycle = 0;

  void Fault(const std::string& what) {
    if (faults.size() < 20) faults.push_back("cycle " + std::to_string(cycle) + ": " + what);
  }

  // Accepted at a port; `id` names the packet (copies of a broadcast share it).
  void Accept(unsigned in, const Header& h, uint64_t id, const Route& r) {
    Packet p;
    p.h = h;
    p.in = in;
    p.cls = ClassOf(h.kind());
    p.relaxed = p.cls == kCpl && (h.dw0 >> 13 & 1);
    p.id = id;
    p.cycle = cycle;
    switch (r.what) {
      case Route::kForward:
        p.out = r.out;
        if (p.cls == kNp && !(up >> r.out & 1)) p.out = kLocal;
        if (r.to_type0) p.h.dw0 &= ~(1u << 24);
        p.refusal = Refusal(in, h, 1);
        Put(p);
        break;
      case Route::kRefuse:
        p.out = kLocal;
        p.refusal = Refusal(in, h, r.status);
        Put(p);
        break;
      case Route::kOwn:
        p.out = kLocal;
        p.refusal = Own(r.out, h);
        p.data = h.dw0 >> 30 & 1 ? 0 : r.out << 12 | (h.dw2 & 0xffc);
        Put(p);
        break;
      case Route::kBroadcast:
        for (unsigned o = 1; o < kPorts; ++o)
          for (auto& q : queue_[0][o][kP])
            if (q.id == id) q.copying = false;
        break;
      default: ++dropped; break;
    }
  }

  // A broadcast is offered for the first time: its copies may leave from now on.
  void BeginBroadcast(const Header& h, uint64_t id) {
    for (unsigned o = 1; o < kPorts; ++o) {
      if (!(up >> o & 1)) continue;
      Packet p;
      p.h = h;
      p.out = o;
      p.id = id;
      p.cycle = cycle;
      p.copying = true;
      Put(p);
    }
  }

  unsigned Held(unsigned in, unsigned c) const { return held_[in][c]; }
  unsigned HeldLocal(unsigned in) const { return static_cast<unsigned>(queue_[in][kLocal][kNp].size()); }
  bool Copying() const {
    for (unsigned o = 1; o < kPorts; ++o)
      if (!queue_[0][o][kP].empty() && queue_[0][o][kP].back().copying) return true;
    return false;
  }
  bool Empty() const {
    for (unsigned i = 0; i < kPorts; ++i)
      for (unsigned c = 0; c < 3; ++c)
        if (held_[i][c] || !owed_[i].empty()) return false;
    return true;
  }

  // What a port sends in a cycle in which its link would take the classes of `ready`. Nothing: `h` is null. `data`: the first
  // dword of what has no id, which is an answer of the switch or, `injected`, a packet of its ports.
  void Depart(unsigned out, const Header* h, uint64_t id, unsigned ready, uint32_t data = 0, bool injected = false) {
    if (!h) {
      for (unsigned c = 0; c < 3; ++c) {
        if (!(ready >> c & 1)) continue;
        for (uint32_t m = mask_[out][c]; m; m &= m - 1) {
          const unsigned i = static_cast<unsigned>(__builtin_ctz(m));
          if (CouldGo(i, out, c)) Fault("port " + std::to_string(out) + " is idle while class " + std::to_string(c) +
                                        " of port " + std::to_string(i) + " could go");
        }
      }
      return;
    }
    const Class c = ClassOf(h->kind());
    if (!(ready >> c & 1)) Fault("port " + std::to_string(out) + " sends class " + std::to_string(c) + " without credit");
    unsigned from = kPorts;
    if (injected) {
      ++own_packets;
    } else if (id == 0) {
      if (!Answered(out, *h, data)) Fault("port " + std::to_string(out) + ": an answer to nothing");
      ++refused;
    } else {
      for (uint32_t m = mask_[out][c]; m && from == kPorts; m &= m - 1) {
        const unsigned i = static_cast<unsigned>(__builtin_ctz(m));
        const auto& q = queue_[i][out][c];
        if (std::any_of(q.begin(), q.end(), [&](const Packet& p) { return p.id == id; })) from = i;
      }
      if (from == kPorts) {
        Fault("port " + std::to_string(out) + ": packet " + std::to_string(id) + " is not for it, or comes twice");
        return;
      }
      auto& q = queue_[from][out][c];
      if (c == kNp && q.front().id != id && !(up_always_ >> out & 1)) {
        // Refused while the port was down; the answer still waits for its link. There is room for one.
        if (!owed_[from].empty()) Fault("port " + std::to_string(from) + " owes two refusals");
        owed_[from].push_back(q.front());
        q.pop_front();
        --held_[from][c];
      }
      const Packet& p = q.front();
      if (p.id != id) {
        Fault("port " + std::to_string(out) + ": packet " + std::to_string(id) + " overtakes its own class");
      } else {
        if (!(p.h == *h)) Fault("port " + std::to_string(out) + ": packet " + std::to_string(id) + " has changed");
        if (c != kP && !p.relaxed && !queue_[from][out][kP].empty() && queue_[from][out][kP].front().seq < p.seq &&
            queue_[from][out][kP].front().id < p.id)  // a broadcast may come in piece by piece, around an older request
          Fault("port " + std::to_string(out) + ": packet " + std::to_string(id) + " passes a posted one");
        worst_latency = std::max(worst_latency, cycle - p.cycle);
      }
      q.erase(std::find_if(q.begin(), q.end(), [&](const Packet& x) { return x.id == id; }));
      if (q.empty()) mask_[out][c] &= ~(1u << from);
      --held_[from][c];
      overtaken_[out][c][from] = 0;
      ++delivered;
    }
    for (unsigned k = 0; k < 3; ++k) {
      if (!(ready >> k & 1)) continue;
      for (uint32_t m = mask_[out][k]; m; m &= m - 1) {
        const unsigned i = static_cast<unsigned>(__builtin_ctz(m));
        if ((i == from && k == c) || !CouldGo(i, out, k)) continue;
        const unsigned n = ++overtaken_[out][k][i];
        worst_overtaken = std::max(worst_overtaken, n);
        if (n == kBound + 1) Fault("port " + std::to_string(out) + ": class " + std::to_string(k) + " of port " +
                                   std::to_string(i) + " starves");
      }
    }
  }

 private:
  std::deque<Packet> queue_[kPorts][kPorts + 1][3];  // [in][out][class]
  std::deque<Packet> owed_[kPorts];                  // refusals of requests that have left the queue
  uint32_t mask_[kPorts + 1][3] = {};                // [out][class]: ingresses with a packet
  unsigned held_[kPorts][3] = {};
  unsigned overtaken_[kPorts + 1][3][kPorts] = {};
  uint64_t seq_ = 0;

  void Put(Packet& p) {
    p.seq = ++seq_;
    queue_[p.in][p.out][p.cls].push_back(p);
    mask_[p.out][p.cls] |= 1u << p.in;
    ++held_[p.in][p.cls];
  }

  // Latency is one cycle: what came in this cycle cannot go yet.
  bool CouldGo(unsigned in, unsigned out, unsigned c) const {
    const Packet& p = queue_[in][out][c].front();
    if (p.copying || p.doubtful || p.cycle == cycle || (c == kNp && !(up >> out & 1))) return false;
    return c == kP || p.relaxed || queue_[in][out][kP].empty() || (!queue_[in][out][kP].front().copying && queue_[in][out][kP].front().seq > p.seq);
  }

  bool Answered(unsigned in, const Header& h, uint32_t data) {
    if (!owed_[in].empty() && owed_[in].front().refusal == h && data == 0) {
      owed_[in].pop_front();
      return true;
    }
    for (unsigned o = 0; o <= kPorts; ++o) {
      if (o != kLocal && (up_always_ >> o & 1)) continue;
      auto& q = queue_[in][o][kNp];
      const auto it = std::find_if(q.begin(), q.end(), [&](const Packet& p) { return p.refusal == h && p.data == data; });
      if (it == q.end()) continue;
      q.erase(it);
      if (q.empty()) mask_[o][kNp] &= ~(1u << in);
      --held_[in][kNp];
      return true;
    }
    return false;
  }

  unsigned up_always_ = (1u << kPorts) - 1;  // ports that have never been down

 public:
  void SetUp(unsigned mask) {
    up = mask;
    up_always_ &= mask;
    for (unsigned o = 0; o < kPorts; ++o)
      for (unsigned i = 0; i < kPorts && !(mask >> o & 1); ++i)
        for (auto& p : queue_[i][o][kNp]) p.doubtful = true;
  }
};

}  // namespace sw

#endif  // ATCBENCH_TB_UNIT_PCIE_SWITCH_MODEL_H_
