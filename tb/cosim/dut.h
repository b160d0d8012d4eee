// SPDX-License-Identifier: Apache-2.0
//
// The Verilated SMMU with its buses: AXI memory with random latency and order, register accesses, the device side as
// callbacks. It judges nothing but the bus protocol; a Listener does.

#ifndef ATCBENCH_TB_COSIM_DUT_H_
#define ATCBENCH_TB_COSIM_DUT_H_

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "memory.h"
#include "model/command.h"
#include "model/priq.h"
#include "model/types.h"
#include "rng.h"

class Vsmmu_cosim;

namespace cosim {

constexpr int kPorts = 4;

struct Completion {
  uint32_t rid = 0, itags = 0;
  int cc = 1;
};
struct LocalUr {
  uint32_t rid = 0;
  int itag = 0;
};
struct Response {
  int port = 0;
  model::Status status = model::Status::kOk;
  uint64_t pa = 0, entry = 0;
  bool more = false;  // another entry of the same answer follows
  bool colour = false;
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual void OnRead(int id, uint64_t addr, int beats) = 0;
  // A write of 32 bytes (words 0 to 3), 16 (0 and 1) or 4 (word 0) that memory has taken or aborted; visible in the next cycle.
  virtual void OnWrite(int id, uint64_t addr, int bytes, const std::array<uint64_t, 4>& data, bool aborted) = 0;
  virtual void OnInvalidate(int port, int itag, const model::InvMessage& message) = 0;
  virtual void OnAccepted(int port) = 0;  // the request that `Offer` made
  virtual void OnResponse(const Response& response) = 0;
  virtual void OnPageAccepted() = 0;  // the request that `OfferPage` made
  virtual void OnPageAnswer(const model::PrgResponse& response) = 0;
  virtual void OnIrq(int which) = 0;  // 0 GERROR, 1 EVENTQ, 2 PRIQ, 3 SYNC
  // Before every cycle: what the device side does in it.
  virtual void OnCycle() = 0;
  virtual void OnProtocol(const std::string& what) = 0;
};

class Dut {
 public:
  Dut(Memory* memory, Rng* rng, Listener* listener, uint64_t reset_seed);
  ~Dut();

  // Turns on one wrong line of a design that was built with them, or "none"; before the first Dut.
  static void TurnOn(const std::string& mutant);

  void Cycle();
  void Cycles(uint64_t n) {
    for (uint64_t i = 0; i < n; ++i) Cycle();
  }
  uint64_t Now() const { return now_; }
  bool Quiet() const;
  // The blocks that are not quiet, by name.
  std::string Busy() const;
  uint64_t NextDeadline() const;

  uint32_t Read32(uint32_t offset);
  void Write32(uint32_t offset, uint32_t value);
  void Write64(uint32_t offset, uint64_t value);
  void WriteOdd(uint32_t offset, uint64_t value, uint32_t strobes) { Access(offset, value, strobes); }

  // From OnCycle: at most one each a cycle.
  void Offer(int port, const model::Request& request);
  void OfferPage(const model::PageRequest& request);
  void Complete(const Completion& completion);
  void Ur(const LocalUr& ur);
  void Done(int port, bool colour);

  struct Timing {
    int latency = 4, jitter = 4;  // of memory
    int ready = 100;              // percent of cycles in which the bus is ready
    std::array<int, kPorts> port_ready{100, 100, 100, 100};  // percent in which a port takes an Invalidate Request
    int response_ready = 100;
  } timing;
  bool sync_err_first = false;
  int sync_rereport = 0;

 private:
  struct Beat {
    uint64_t addr, due;
    bool last;
  };
  struct Burst {
    int id;
    uint64_t addr;
    int len;
  };
  struct Data {
    uint64_t lo, hi;
    uint32_t strobes;
    bool last;
  };
  struct Ack {
    int id;
    uint64_t due;
    bool aborted;
  };
  bool Ready() { return timing.ready >= 100 || rng_->Chance(timing.ready); }
  uint64_t Latency() { return static_cast<uint64_t>(timing.latency) + (timing.jitter ? rng_->Below(static_cast<uint64_t>(timing.jitter)) : 0); }
  void DriveBus();
  void SampleBus();
  void FinishWrite();
  void Access(uint32_t offset, uint64_t data, uint32_t strobes);

  Memory* memory_;
  Rng* rng_;
  Listener* listener_;
  std::unique_ptr<Vsmmu_cosim> top_;
  struct Clock;
  std::unique_ptr<Clock> clock_;
  uint64_t now_ = 0;
  std::array<std::deque<Beat>, 16> reads_;
  uint32_t reads_open_ = 0;  // IDs with beats
  int turn_ = 0;
  std::deque<Burst> bursts_;
  std::deque<Data> data_;
  std::vector<Ack> acks_;
  bool offered_ = false, page_offered_ = false;
  bool reg_aw_ = false, reg_w_ = false, reg_b_ = false, reg_ar_ = false, reg_r_ = false;
  uint64_t reg_data_ = 0;
};

}  // namespace cosim

#endif  // ATCBENCH_TB_COSIM_DUT_H_
