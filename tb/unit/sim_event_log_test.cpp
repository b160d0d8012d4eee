// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "atcbench/error.h"
#include "atcbench/event_log.h"
#include "atcbench/event_names.h"

namespace atcbench {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class EventLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("atcbench_event_log_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const char* name) const { return (folder_ / name).string(); }
  fs::path folder_;
};

TEST_F(EventLogTest, OrderOfCallsWithinACycleCannotBeSeen) {
  std::vector<Event> calls;
  std::mt19937 random(1);
  for (int i = 0; i < 60; ++i)
    calls.push_back(Event{0, static_cast<uint16_t>(1 + random() % 5), static_cast<uint16_t>(random() % 3),
                          static_cast<uint32_t>(random() % 3), random() % 2, random() % 2, 0});
  std::string first;
  for (int shuffle = 0; shuffle < 20; ++shuffle) {
    std::shuffle(calls.begin(), calls.end(), random);
    EventLog log;
    for (const Event& e : calls) log.add(e.event, e.src, e.a0, e.a1, e.a2);
    log.end_cycle(7);
    log.add(9, 0, 0, 0, 0);
    log.end_cycle(8);
    log.write(path("log"));
    const std::string bytes = bytes_of(path("log"));
    if (first.empty()) first = bytes;
    ASSERT_EQ(first, bytes);
  }
}

TEST_F(EventLogTest, RoundTrip) {
  EventLog log;
  log.add(EV_INV_SENT, 3, 0x1F, ~uint64_t{0}, 0x123456789ABCDEF0);
  log.add(EV_ITAG_ALLOC, 2, 1, 2, 3);
  log.end_cycle(uint64_t{1} << 40);
  log.write(path("log"));
  EXPECT_EQ(fs::file_size(path("log")), 32u + 2 * 40u);
  const std::vector<Event> events = read_event_log(path("log"));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].event, EV_ITAG_ALLOC);
  EXPECT_EQ(events[1].a1, ~uint64_t{0});
  EXPECT_EQ(events[1].cycle, uint64_t{1} << 40);
  EXPECT_EQ(events, log.events());
}

TEST_F(EventLogTest, ObserverMayAddToTheSameCycle) {
  EventLog log;
  log.observe([&log](const Event& e) {
    if (e.event == EV_INV_SENT) log.add(EV_ORACLE_FAIL, 0, 0, 0, 0);
  });
  log.add(EV_INV_SENT, 0, 0, 0, 0);
  log.end_cycle(5);
  ASSERT_EQ(log.events().size(), 2u);
  EXPECT_EQ(log.events()[1].event, EV_ORACLE_FAIL);
  EXPECT_EQ(log.events()[1].cycle, 5u);
}

TEST_F(EventLogTest, UnwritablePathLeavesNothing) {
  EventLog log;
  EXPECT_THROW(log.write(path("no/such/folder/log")), HostError);
  EXPECT_THROW(log.write("/dev/full/log"), HostError);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(EventLogTest, FullDiskLeavesTheOldFile) {
  if (!fs::exists("/dev/full")) GTEST_SKIP();
  write_file_atomically(path("report"), "old");
  // The temporary file is a link to a device that is always full.
  const std::string temporary = path("report") + "." + std::to_string(::getpid()) + ".tmp";
  fs::create_symlink("/dev/full", temporary);
  EXPECT_THROW(write_file_atomically(path("report"), "new"), HostError);
  EXPECT_EQ(bytes_of(path("report")), "old");
  EXPECT_FALSE(fs::exists(fs::symlink_status(temporary)));
}

TEST_F(EventLogTest, RefusesWhatIsNoLog) {
  EXPECT_THROW(read_event_log(path("absent")), HostError);
  write_file_atomically(path("short"), "ATCEVLOG");
  EXPECT_THROW(read_event_log(path("short")), HostError);
  EventLog log;
  log.add(1, 0, 0, 0, 0);
  log.end_cycle(0);
  log.write(path("log"));
  std::string cut = bytes_of(path("log"));
  cut.resize(cut.size() - 1);
  write_file_atomically(path("cut"), cut);
  EXPECT_THROW(read_event_log(path("cut")), HostError);
}

TEST(EventNames, TableAgreesWithTheHeader) {
  EXPECT_EQ(event_name(EV_UNMAP_ENTER), "unmap_enter");
  EXPECT_EQ(event_number("first_good_access"), EV_FIRST_GOOD_ACCESS);
  EXPECT_EQ(event_number("nonsense"), 0);
  EXPECT_EQ(event_name(0), "unknown");
}

}  // namespace
}  // namespace atcbench
