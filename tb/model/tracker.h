// SPDX-License-Identifier: Apache-2.0
//
// ATC invalidations from consumption to their end, at the level of tags (smmuv3 section 3.1; D1 to D8). No time-out is
// predicted to the cycle: an end that could be either way by the times the caller gives is an error of the caller.

#ifndef ATCBENCH_TB_MODEL_TRACKER_H_
#define ATCBENCH_TB_MODEL_TRACKER_H_

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "model/command.h"

namespace model {

// Completions that matched nothing, by cause, as STRAY_COUNT numbers them (D5).
enum Stray { kStrayLate, kStrayNotBusy, kStrayRequester, kStrayCount, kStrayZero, kStrays };

class Tracker {
 public:
  Tracker(int devices, int tags) : tags_(tags), devices_(static_cast<size_t>(devices)) {}

  // Device of a requester ID, or -1 (D4: StreamID[15:0] is the requester ID; endpoint i is (i + 1) << 8).
  int DeviceOf(uint32_t rid) const {
    const uint32_t i = (rid >> 8) - 1;
    return (rid & 0xFF) == 0 && i < devices_.size() ? static_cast<int>(i) : -1;
  }

  // A consumed ATC_INV of a queue. The next messages of its device must be these, in this order.
  void Expect(int queue, const InvMessage& message);
  // A message on a port. Empty if right, else what is wrong.
  std::string Sent(int device, int itag, const InvMessage& message, uint64_t now);
  // A completion or local UR that the SMMU accepted.
  void Complete(uint32_t rid, uint32_t itags, int cc);
  void LocalUr(uint32_t rid, int itag);
  // Every request sent at or before `latest` that is still open has timed out.
  void Expire(uint64_t latest);
  // Nothing more will be sent to the device: what is expected has timed out or been refused (D1, D13).
  int Refuse(int device);
  // Quarantined tags of a device are free again (software, or the hardware interval).
  void Release(int device);

  // Outstanding requests of a queue, sent or expected; the sticky flag.
  int Outstanding(int queue) const { return outstanding_[static_cast<size_t>(queue)]; }
  int TimedOut(int queue) const { return timed_out_[static_cast<size_t>(queue)]; }
  void ClearTimedOut(int queue) { timed_out_[static_cast<size_t>(queue)] = 0; }
  int Quarantined(int device) const;
  int Open(int device) const;
  size_t Expected(int device) const { return Dev(device).expected.size(); }
  uint32_t Stray(int cause) const { return stray_[static_cast<size_t>(cause)]; }

  static constexpr int kQueues = 8;

 private:
  enum class State { kFree, kOpen, kQuarantined };
  struct Tag {
    State state = State::kFree;
    int queue = 0;
    int copies = 0, count = 0;
    uint64_t sent = 0;
  };
  struct Pending {
    int queue;
    InvMessage message;
  };
  struct Device {
    std::deque<Pending> expected;
    std::array<Tag, 32> tags;
  };
  const Device& Dev(int i) const { return devices_[static_cast<size_t>(i)]; }
  void End(Tag& tag, bool timed_out);

  int tags_;
  std::vector<Device> devices_;
  std::array<int, kQueues> outstanding_{}, timed_out_{};
  std::array<uint32_t, kStrays> stray_{};
};

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_TRACKER_H_
