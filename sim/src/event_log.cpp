// SPDX-License-Identifier: Apache-2.0
#include "atcbench/event_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <tuple>

#include "atcbench/error.h"
#include "atcbench/event_names.h"

namespace atcbench {
namespace {

constexpr char kMagic[8] = {'A', 'T', 'C', 'E', 'V', 'L', 'O', 'G'};
constexpr uint32_t kVersion = 1;

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t record_bytes;
  uint64_t records;
  uint64_t table_crc;
};
static_assert(sizeof(Header) == 32, "the header is part of the file format");

thread_local EventLog* g_current = nullptr;

auto key(const Event& e) { return std::tie(e.cycle, e.event, e.src, e.a0, e.a1, e.a2); }

}  // namespace

bool operator<(const Event& a, const Event& b) { return key(a) < key(b); }
bool operator==(const Event& a, const Event& b) { return key(a) == key(b); }

void EventLog::add(uint16_t event, uint16_t src, uint32_t a0, uint64_t a1, uint64_t a2) {
  pending_.push_back(Event{0, event, src, a0, a1, a2, 0});
}

void EventLog::flush(Cycle now) {
  // An observer may add events of its own (an oracle that fires): they belong to the same cycle and come
  // after, in a round of their own.
  while (!pending_.empty()) {
    std::vector<Event> batch;
    batch.swap(pending_);
    for (Event& e : batch) e.cycle = now;
    std::sort(batch.begin(), batch.end());
    for (const Event& e : batch) {
      events_.push_back(e);
      for (const Observer& observer : observers_) observer(e);
    }
    if (pending_.empty()) {
      batch.clear();
      pending_.swap(batch);  // keeps the storage
    }
  }
}

void EventLog::write(const std::string& path) const {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.version = kVersion;
  header.record_bytes = sizeof(Event);
  header.records = events_.size();
  header.table_crc = event_table_crc();
  std::string bytes(sizeof header + events_.size() * sizeof(Event), '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  if (!events_.empty())
    std::memcpy(bytes.data() + sizeof header, events_.data(), events_.size() * sizeof(Event));
  write_file_atomically(path, bytes);
}

EventLog* EventLog::current() { return g_current; }

EventScope::EventScope(EventLog& log) : previous_(g_current) { g_current = &log; }
EventScope::~EventScope() { g_current = previous_; }

std::vector<Event> read_event_log(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw HostError(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  Header header{};
  if (!file.read(reinterpret_cast<char*>(&header), sizeof header) ||
      std::memcmp(header.magic, kMagic, sizeof kMagic) != 0)
    throw HostError(path + " is not an event log");
  if (header.version != kVersion || header.record_bytes != sizeof(Event))
    throw HostError(fmt::format("{}: version {} with {}-byte records, this tool reads version {} with {}",
                                path, header.version, header.record_bytes, kVersion, sizeof(Event)));
  if (header.table_crc != event_table_crc())
    throw HostError(path + " was written with another event table");
  file.seekg(0, std::ios::end);
  if (static_cast<uint64_t>(file.tellg()) != sizeof header + header.records * sizeof(Event))
    throw HostError(fmt::format("{}: {} records announced, the file has another length", path, header.records));
  file.seekg(sizeof header);
  std::vector<Event> events(header.records);
  const auto bytes = static_cast<std::streamsize>(events.size() * sizeof(Event));
  if (bytes && !file.read(reinterpret_cast<char*>(events.data()), bytes))
    throw HostError(fmt::format("{}: {}", path, std::strerror(errno)));
  return events;
}

void write_file_atomically(const std::string& path, const std::string& bytes) {
  // A pipe or a device is written in place: renaming over it would replace it.
  struct stat existing {};
  const bool in_place = ::stat(path.c_str(), &existing) == 0 && !S_ISREG(existing.st_mode);
  const std::string temporary = in_place ? path : fmt::format("{}.{}.tmp", path, ::getpid());
  const auto fail = [&](int error) {
    if (!in_place) ::unlink(temporary.c_str());
    throw HostError(fmt::format("cannot write {}: {}", path, std::strerror(error)));
  };
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) fail(errno);
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = n < 0 ? errno : ENOSPC;
      ::close(fd);
      fail(error);
    }
    done += static_cast<size_t>(n);
  }
  // Delayed allocation reports a full disk here at the latest.
  if (::fsync(fd) != 0 && errno != EINVAL && errno != EROFS) {
    const int error = errno;
    ::close(fd);
    fail(error);
  }
  if (::close(fd) != 0) fail(errno);
  if (!in_place && ::rename(temporary.c_str(), path.c_str()) != 0) fail(errno);
}

}  // namespace atcbench

// Where the bound monitors end up (sim/mon/atc_mon_pkg.sv).
extern "C" void atc_mon_event(int ev, int src, int a0, long long a1, long long a2) {
  if (atcbench::EventLog* log = atcbench::EventLog::current())
    log->add(static_cast<uint16_t>(ev), static_cast<uint16_t>(src), static_cast<uint32_t>(a0),
             static_cast<uint64_t>(a1), static_cast<uint64_t>(a2));
}
