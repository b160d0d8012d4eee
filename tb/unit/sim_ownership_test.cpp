// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "atcbench/event_names.h"
#include "atcbench/ownership.h"

namespace atcbench {
namespace {

constexpr Addr kPage = kDramBase + 0x5000;
constexpr uint32_t kEndpoint0 = 0x100 | 1u << 17;  // translated
constexpr uint32_t kEndpoint1 = 0x200;

class OwnershipTest : public ::testing::Test {
 protected:
  // A burst of 64 bytes, beats right after its arrival.
  void access(Cycle now, bool write, uint32_t user) {
    ownership_.on_arrival(now, write, kPage + 64, 64, user);
    for (Addr i = 0; i < 4; ++i) ownership_.on_beat(now + 2 + i, write, kPage + 64 + 16 * i, user, Beat{}, 0xFFFF);
  }
  uint64_t stale_events() {
    log_.end_cycle(0);
    uint64_t n = 0;
    for (const Event& e : log_.events()) n += e.event == EV_STALE_ACCESS;
    return n;
  }
  EventLog log_;
  Ownership ownership_{log_};
};

TEST_F(OwnershipTest, OwnerMayAccess) {
  ownership_.grant(1, kPage, 1, 0x1000, Ownership::kRead | Ownership::kWrite, 0b01);
  access(2, true, kEndpoint0);
  access(3, false, kEndpoint0);
  EXPECT_TRUE(ownership_.stale_check().pass);
  EXPECT_TRUE(ownership_.foreign_check().pass);
  EXPECT_EQ(ownership_.accesses(), 2u);
}

TEST_F(OwnershipTest, StaleAfterSuccessAndAfterFailure) {
  ownership_.grant(1, kPage, 1, 0x1000, Ownership::kRead | Ownership::kWrite, 0b01);
  ownership_.release(10, kPage, true);
  ownership_.grant(10, kPage, 2, 0, 0, 0);  // somebody else's at once
  access(15, true, kEndpoint0);
  EXPECT_EQ(ownership_.stale().after_success, 1u);
  EXPECT_FALSE(ownership_.stale_check().pass);
  EXPECT_EQ(ownership_.stale_check().cycle, 15u);
  EXPECT_EQ(ownership_.stale().longest_window, 5u);
  ownership_.release(20, kPage, true);
  ownership_.grant(21, kPage, 1, 0x1000, Ownership::kRead, 0b01);
  ownership_.release(30, kPage, false);
  access(31, false, kEndpoint0);
  EXPECT_EQ(ownership_.stale().after_success, 1u);
  EXPECT_EQ(ownership_.stale().after_failure, 1u);
  EXPECT_EQ(stale_events(), 2u);
}

TEST_F(OwnershipTest, ReleasedWhileTheWriteIsOnItsWay) {
  ownership_.grant(1, kPage, 1, 0x1000, Ownership::kWrite, 0b01);
  ownership_.on_arrival(5, true, kPage, 64, kEndpoint0);
  ownership_.release(6, kPage, true);
  for (Addr i = 0; i < 4; ++i) ownership_.on_beat(7, true, kPage + 16 * i, kEndpoint0, Beat{}, 0xFFFF);
  EXPECT_EQ(ownership_.stale().after_success, 1u);
  EXPECT_EQ(ownership_.stale_check().cycle, 7u);
}

TEST_F(OwnershipTest, ForeignAndForbidden) {
  ownership_.grant(1, kPage, 1, 0x1000, Ownership::kRead, 0b01);
  access(2, false, kEndpoint1);
  EXPECT_FALSE(ownership_.foreign_check().pass);
  EXPECT_EQ(ownership_.foreign_check().violations, 1u);
  access(3, true, kEndpoint0);  // read-only page
  EXPECT_EQ(ownership_.foreign_check().violations, 2u);
  ownership_.on_arrival(4, true, kPage, 64, 0x1FF);  // a requester that does not exist
  EXPECT_EQ(ownership_.foreign_check().violations, 3u);
}

TEST_F(OwnershipTest, ToleratedIsCountedNotFailed) {
  ownership_.tolerate_stale(true, false);
  ownership_.grant(1, kPage, 1, 0x1000, Ownership::kWrite, 0b01);
  ownership_.release(2, kPage, true);
  access(3, true, kEndpoint0);
  EXPECT_EQ(ownership_.stale().after_success, 1u);
  EXPECT_TRUE(ownership_.stale_check().pass);
}

}  // namespace
}  // namespace atcbench
