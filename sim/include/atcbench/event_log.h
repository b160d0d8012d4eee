// SPDX-License-Identifier: Apache-2.0
//
// The event log: what happened, in which cycle, in one order that nothing but the design can change.
//
// File format (all little-endian): a header of 32 bytes, then records of 40 bytes.
//   header  offset 0  8 bytes  magic "ATCEVLOG"
//           offset 8  u32      version (1)
//           offset 12 u32      record size in bytes (40)
//           offset 16 u64      number of records
//           offset 24 u64      CRC-32 of the event table's names, so that a reader with another table knows
//   record  offset 0  u64      cycle
//           offset 8  u16      event number (rtl/regs/log_events.toml)
//           offset 10 u16      src: which CPU, endpoint or queue; the event table says
//           offset 12 u32      a0
//           offset 16 u64      a1
//           offset 24 u64      a2
//           offset 32 u64      zero, reserved
//
// Events of one cycle are kept back until the cycle ends and sorted by (event, src, a0, a1, a2); two that
// are equal in all of these are the same bytes, so the order of calls within a cycle cannot be seen.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "atcbench/types.h"

namespace atcbench {

struct Event {
  Cycle cycle = 0;
  uint16_t event = 0;
  uint16_t src = 0;
  uint32_t a0 = 0;
  uint64_t a1 = 0;
  uint64_t a2 = 0;
  uint64_t reserved = 0;
};
static_assert(sizeof(Event) == 40, "the record is part of the file format");

// Which slot of which command queue: queue in bits 31:24, index below. Events of the driver have it in a0 as it is,
// those of the SMMU have the queue's number in src.
constexpr uint32_t queue_slot(const Event& e) { return static_cast<uint32_t>(e.src) << 24 | e.a0; }

constexpr unsigned queue_of_slot(uint32_t slot) { return slot >> 24; }

bool operator<(const Event& a, const Event& b);  // by cycle, then the canonical order
bool operator==(const Event& a, const Event& b);

class EventLog {
 public:
  using Observer = std::function<void(const Event&)>;

  // An event of the current cycle.
  void add(uint16_t event, uint16_t src, uint32_t a0, uint64_t a1, uint64_t a2);

  // Ends cycle `now`: sorts what came in, appends it, tells the observers. Free when nothing came in.
  void end_cycle(Cycle now) {
    if (!pending_.empty()) flush(now);
  }
  bool pending() const { return !pending_.empty(); }

  // Called for each event in log order, at the end of its cycle.
  void observe(Observer observer) { observers_.push_back(std::move(observer)); }

  const std::vector<Event>& events() const { return events_; }
  void clear() { events_.clear(); }
  std::vector<Event> take() { return std::move(events_); }

  // Atomic: the file appears whole or not at all. Throws HostError.
  void write(const std::string& path) const;

  // The log that the calling thread's monitors write to.
  static EventLog* current();

 private:
  friend class EventScope;
  void flush(Cycle now);

  std::vector<Event> pending_;
  std::vector<Event> events_;
  std::vector<Observer> observers_;
};

// Directs atc_mon_event of this thread to one log for as long as it lives.
class EventScope {
 public:
  explicit EventScope(EventLog& log);
  ~EventScope();
  EventScope(const EventScope&) = delete;
  EventScope& operator=(const EventScope&) = delete;

 private:
  EventLog* previous_;
};

// Reads a file written by EventLog::write. Throws HostError with the reason.
std::vector<Event> read_event_log(const std::string& path);

// Writes `bytes` to `path` through a temporary file and a rename. Throws HostError.
void write_file_atomically(const std::string& path, const std::string& bytes);

}  // namespace atcbench
