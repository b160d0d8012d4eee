// SPDX-License-Identifier: Apache-2.0

#include "model/tracker.h"

#include <algorithm>
#include <cstdio>

namespace model {

void Tracker::Expect(int queue, const InvMessage& message) {
  const int device = DeviceOf(message.rid);
  if (device < 0) return;  // retired locally as Unsupported Request
  devices_[static_cast<size_t>(device)].expected.push_back({queue, message});
  ++outstanding_[static_cast<size_t>(queue)];
}

std::string Tracker::Sent(int device, int itag, const InvMessage& message, uint64_t now) {
  Device& d = devices_[static_cast<size_t>(device)];
  if (itag >= tags_) return "ITag out of range";
  Tag& t = d.tags[static_cast<size_t>(itag)];
  if (t.state == State::kOpen) return "ITag is already busy";
  if (t.state == State::kQuarantined) return "ITag is quarantined";
  // Queues share a device: the order holds within a queue. A message may be the oldest of any of them.
  uint32_t seen = 0;
  for (auto it = d.expected.begin(); it != d.expected.end(); ++it) {
    if (seen >> it->queue & 1) continue;
    seen |= 1u << it->queue;
    if (!(it->message == message)) continue;
    t = Tag{};
    t.state = State::kOpen;
    t.queue = it->queue;
    t.sent = now;
    d.expected.erase(it);
    return "";
  }
  if (d.expected.empty()) return "no invalidation is expected";
  const Pending& next = d.expected.front();
  char text[128];
  std::snprintf(text, sizeof text, "the next one of the device is ssv %d ssid %x payload %016llx, of %zu", next.message.ssv,
                next.message.ssid, static_cast<unsigned long long>(next.message.payload), d.expected.size());
  return text;
}

void Tracker::End(Tag& tag, bool timed_out) {
  --outstanding_[static_cast<size_t>(tag.queue)];
  if (timed_out) {
    ++timed_out_[static_cast<size_t>(tag.queue)];
    tag.state = State::kQuarantined;
  } else {
    tag.state = State::kFree;
  }
}

void Tracker::Complete(uint32_t rid, uint32_t itags, int cc) {
  if (itags == 0) {
    ++stray_[kStrayZero];
    return;
  }
  const int device = DeviceOf(rid);
  for (int i = 0; i < 32; ++i) {
    if (!(itags >> i & 1)) continue;
    if (device < 0) {
      ++stray_[kStrayRequester];
      continue;
    }
    Tag& t = devices_[static_cast<size_t>(device)].tags[static_cast<size_t>(i)];
    const int count = cc == 0 ? 8 : cc;
    if (t.state == State::kFree) {
      ++stray_[kStrayNotBusy];
    } else if (t.copies > 0 && t.count != count) {
      ++stray_[kStrayCount];
    } else {
      t.count = count;
      ++t.copies;
      if (t.state == State::kQuarantined) {
        ++stray_[kStrayLate];
        if (t.copies == count) t.state = State::kFree;
      } else if (t.copies == count) {
        End(t, false);
      }
    }
  }
}

void Tracker::LocalUr(uint32_t rid, int itag) {
  const int device = DeviceOf(rid);
  if (device < 0) return;
  Tag& t = devices_[static_cast<size_t>(device)].tags[static_cast<size_t>(itag)];
  if (t.state == State::kOpen) End(t, false);
  t.state = State::kFree;
}

void Tracker::Expire(uint64_t latest) {
  for (Device& d : devices_) {
    for (Tag& t : d.tags) {
      if (t.state == State::kOpen && t.sent <= latest) End(t, true);
    }
  }
}

int Tracker::Refuse(int device) {
  Device& d = devices_[static_cast<size_t>(device)];
  const int n = static_cast<int>(d.expected.size());
  for (const Pending& p : d.expected) {
    --outstanding_[static_cast<size_t>(p.queue)];
    ++timed_out_[static_cast<size_t>(p.queue)];
  }
  d.expected.clear();
  return n;
}

void Tracker::Release(int device) {
  for (Tag& t : devices_[static_cast<size_t>(device)].tags) {
    if (t.state == State::kQuarantined) t.state = State::kFree;
  }
}

int Tracker::Quarantined(int device) const {
  return static_cast<int>(std::count_if(Dev(device).tags.begin(), Dev(device).tags.end(),
                                        [](const Tag& t) { return t.state == State::kQuarantined; }));
}

int Tracker::Open(int device) const {
  return static_cast<int>(std::count_if(Dev(device).tags.begin(), Dev(device).tags.end(),
                                        [](const Tag& t) { return t.state == State::kOpen; }));
}

}  // namespace model
