// SPDX-License-Identifier: Apache-2.0

#include "model/stall.h"

#include <algorithm>

namespace model {

void Stalls::Accepted(int port, uint32_t sid, size_t mark) {
  Stall s;
  s.busy = true;
  s.sid = sid;
  s.mark = mark;
  s.may_abort = std::find(terms_.begin(), terms_.end(), sid) != terms_.end();
  at_[static_cast<size_t>(port)] = s;
}

bool Stalls::Seen(int port, uint32_t stag, uint64_t now) {
  Stall& s = at_[static_cast<size_t>(port)];
  if (!s.busy || s.open || s.must_abort) return false;
  s.open = true;
  s.stag = stag;
  s.seen = now;
  return true;
}

void Stalls::Consumed(const Command& c, uint64_t pushed, size_t mark) {
  if (c.Op() == OP_STALL_TERM) terms_.push_back(c.Sid());
  for (Stall& s : at_) {
    if (!s.busy || s.sid != c.Sid()) continue;
    if (c.Op() == OP_STALL_TERM) {
      if (s.open && s.seen < pushed) {
        s.open = false;
        s.must_abort = true;
      } else {
        s.may_abort = true;
      }
    } else if (s.open && s.stag == Get(c.dw1, CMD_RESUME1_STAG)) {
      s.open = false;
      if (Has(c.dw0, CMD_RESUME0_AC)) {
        s.mark = mark;  // looked up again, from the configuration on
      } else {
        s.must_abort = true;
      }
    }
  }
}

void Stalls::Disabled() {
  for (Stall& s : at_) {
    if (!s.open) continue;
    s.open = false;
    s.must_abort = true;
  }
}

bool Stalls::AnyOpen() const {
  return std::any_of(at_.begin(), at_.end(), [](const Stall& s) { return s.open; });
}

}  // namespace model
