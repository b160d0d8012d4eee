// SPDX-License-Identifier: Apache-2.0
//
// The device side: transactions of four ports and their comparison with the model, and what devices do with Invalidate
// Requests.

#ifndef ATCBENCH_TB_COSIM_TRAFFIC_H_
#define ATCBENCH_TB_COSIM_TRAFFIC_H_

#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "dut.h"
#include "history.h"
#include "model/stall.h"
#include "model/staleness.h"
#include "model/tracker.h"
#include "model/translate.h"
#include "world.h"

namespace cosim {

// What the two sides share and the bench keeps.
struct Shared {
  Memory memory;
  Rng rng;
  History history;
  model::Features features;
  model::Control control;
  model::Staleness stale;
  uint64_t now = 0;
  explicit Shared(uint64_t seed) : rng(seed) {}
};

// Records that the model expects, each once; where memory changed under a request, one of several.
class Events {
 public:
  struct Slot {
    std::vector<model::Record> any;
    bool maybe_none = false;
  };
  void Expect(const Slot& slot) { slots_.push_back(slot); }
  void Written(const model::Record& record) { written_.push_back(record); }
  size_t Expected() const { return slots_.size(); }
  size_t WrittenCount() const { return written_.size(); }
  // Pairs them up; the number of expected records that were not written. Throws for one that nobody expects.
  size_t Settle(size_t* optional);

 private:
  std::vector<Slot> slots_;
  std::vector<model::Record> written_;
};

class Transactions {
 public:
  Transactions(Shared* shared, Events* events) : s_(*shared), events_(*events) {}
  // What this cycle offers and reports done.
  void Drive(Dut* dut, World* world);
  void Accepted(int port);
  void Response(const Response& r);

  bool Idle() const;
  // Nothing moves: each port is idle, or stalled with a record that software has seen.
  bool Settled() const;
  // A record with Stall = 1.
  void StallRecord(const model::Record& record);
  // Events of stalled transactions that have ended and that must still be written.
  bool RecordsDue() const;
  bool RecordsMayCome(bool perhaps) const { return perhaps ? !late_.empty() : RecordsDue(); }
  void NoMoreRecords() { late_.clear(); }
  const model::Request& RequestOf(int port) const { return ports_[static_cast<size_t>(port)].request; }
  bool Busy(int port) const { return ports_[static_cast<size_t>(port)].busy; }
  model::Stalls stalls{kPorts};
  // Sends it next, even while stopped.
  void Force(const model::Request& request) { forced_.push_back(request); }
  int stop = 0;  // no new requests
  int rate = 100;
  uint64_t count = 0, compared_with_past = 0, stalled = 0, further_pages = 0;

 private:
  struct Port {
    bool offered = false, busy = false;
    model::Request request;
    std::vector<uint64_t> entries;
  };
  struct Done {
    uint64_t due;
    bool colour;
  };
  // Calls `consider` with every answer that may be given: that of the present tables, and of what may be cached.
  template <typename Consider>
  void Possible(const model::Request& q, size_t mark, const Consider& consider) const;
  // The same for a walk whose upper levels are older than the rest; asked only when nothing else fits.
  template <typename Consider>
  void PossibleMixed(const model::Request& q, size_t mark, const Consider& consider) const;
  bool TablesOld() const { return s_.memory.Oldest() != s_.memory.Version(); }
  void Compare(const Port& port, const cosim::Response& r, const model::Stall& stall);
  void CompareFurther(const Port& port, const cosim::Response& r, size_t mark);
  bool Same(const model::Answer& a, const Port& p, const cosim::Response& r) const;

  Shared& s_;
  Events& events_;
  std::array<Port, kPorts> ports_;
  std::array<std::vector<Done>, kPorts> done_;
  std::vector<model::Request> hot_;
  std::deque<model::Request> forced_;
  std::vector<Events::Slot> late_;  // ended by STALL_TERM before their record was seen
  int turn_ = 0;
};

// How a device treats its next Invalidate Requests.
enum class Manner { kAnswers, kDead, kLate, kBlocked, kUr };

class Devices {
 public:
  Devices(Shared* shared, model::Tracker* tracker) : s_(*shared), t_(*tracker) {}
  void Drive(Dut* dut);
  void Invalidate(int port, int itag, const model::InvMessage& message);
  // Stray completions that hit no open tag.
  void Stray();
  bool Idle() const { return due_.empty(); }

  std::array<Manner, kPorts> manner{};
  uint64_t timeout = 2000;
  uint64_t answer = 200;  // longest good answer
  uint64_t messages = 0;
  static constexpr uint64_t kSlack = 500;  // longest time between itag_alloc and the message

 private:
  struct Answer {
    uint32_t rid;
    int itag, cc;
    bool ur;
  };
  Shared& s_;
  model::Tracker& t_;
  std::multimap<uint64_t, Answer> due_;
};

}  // namespace cosim

#endif  // ATCBENCH_TB_COSIM_TRAFFIC_H_
