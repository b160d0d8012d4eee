// SPDX-License-Identifier: Apache-2.0
//
// One seed: software, devices and memory around the design, the model beside it. Software changes tables, pushes commands,
// services errors as Linux does and empties the event queue while transactions go on; at rest everything is compared.

#ifndef ATCBENCH_TB_COSIM_SESSION_H_
#define ATCBENCH_TB_COSIM_SESSION_H_

#include <deque>
#include <string>
#include <vector>

#include "dut.h"
#include "model/registers.h"
#include "traffic.h"

namespace cosim {

struct Options {
  uint64_t seed = 1;
  uint64_t commands = 10000;      // at least
  uint64_t transactions = 10000;  // at least
  int tags = 32;
};

struct Totals {
  uint64_t commands = 0, transactions = 0, messages = 0, cycles = 0, events = 0, compared_with_past = 0;
  uint64_t pages = 0;
  uint64_t stalls = 0, repaired = 0, further_pages = 0;
  uint64_t cerror[4] = {0, 0, 0, 0}, syncs = 0, worlds = 0;
};

class Session : public Listener {
 public:
  explicit Session(const Options& options);
  void Run();
  Totals totals() const;
  const History& history() const { return s_.history; }
  const std::string& step() const { return step_; }
  uint64_t now() const { return dut_.Now(); }

  void OnRead(int id, uint64_t addr, int beats) override;
  void OnWrite(int id, uint64_t addr, int bytes, const std::array<uint64_t, 4>& data, bool aborted) override;
  void OnInvalidate(int port, int itag, const model::InvMessage& message) override;
  void OnAccepted(int port) override { transactions_.Accepted(port); }
  void OnResponse(const Response& response) override;
  void OnPageAccepted() override;
  void OnPageAnswer(const model::PrgResponse& response) override;
  void OnIrq(int which) override;
  void OnCycle() override;
  void OnProtocol(const std::string& what) override { throw Difference(what); }

 private:
  struct Msi {
    uint64_t addr;
    uint32_t data;
  };
  // Set-up
  void Identify();
  void NewWorld();
  void Write(uint32_t offset, uint32_t value);
  void Write64(uint32_t offset, uint64_t value);
  void SetCr0(uint32_t value);
  void Enable();

  // Commands
  void Push(const std::vector<model::Command>& commands);
  model::Command Draw();
  void Batch();
  void FullInvalidate();
  std::vector<model::Command> Everything() const;
  void AdvanceModel();
  void Poll();
  void Service(uint32_t cons);
  void WaitForCommands();
  uint64_t Slot(uint32_t index) const;

  // Rest
  void StopTraffic();
  void WaitForTraffic();
  model::Command StallCommand();
  void EndStalls();
  void Resume();
  void Rest();
  void EmptyEvents(bool all);
  void EmptyPages();
  void DrivePages();
  bool PagesIdle() const { return !page_offered_ && page_writes_.empty() && page_answers_.empty(); }
  void WaitForPages();
  void CompareRegisters();
  void CompareReads();
  void PokeRegisters();
  void Switches();
  void MutateTables();
  void PreciseInvalidation();

  Options o_;
  Shared s_;
  model::Registers regs_;
  model::Tracker tracker_;
  Events events_;
  Transactions transactions_;
  Devices devices_;
  World world_;
  Dut dut_;
  std::string step_ = "start";
  Totals totals_;

  // Command queue
  uint32_t prod_ = 0;       // written to CMDQ_PROD
  uint32_t seen_cons_ = 0;  // last RD read
  uint64_t pull_back_until_ = 0;
  struct Passed {
    uint32_t index;  // behind a SYNC that the model has passed
    size_t count;    // invalidations before it
  };
  std::deque<Passed> syncs_;  // not yet seen in CONS
  std::deque<uint32_t> terms_;  // behind STALL_TERMs that the model has passed, not yet seen in CONS
  int stopped_ = 0;         // error at the model's RD that the design must report
  int reports_ = 0;         // further reports of a time-out (D3)
  std::vector<uint64_t> versions_;  // of memory when an entry was pushed, by slot
  std::vector<uint64_t> pushed_;    // when, by slot
  std::vector<uint32_t> old_tags_;  // STAGs that name nothing any more
  bool sync_first_ = false;

  // Event queue
  uint32_t evt_written_ = 0;  // next index that memory has, by the writes seen
  uint64_t evt_cons_moves_ = 0;
  size_t evt_visible_ = 0;
  bool evt_was_empty_ = true;
  uint64_t evtq_addr_ = 0;
  int evtq_log2_ = 4;
  bool evtq_on_ = false;

  // Page requests
  bool page_offered_ = false, page_hold_ = false;
  model::PageRequest page_;
  struct PageWrite {
    uint64_t addr;
    std::array<uint64_t, 2> entry;
  };
  std::deque<PageWrite> page_writes_;
  std::vector<model::PrgResponse> page_answers_;

  // Interrupts since the last rest
  std::deque<Msi> sync_msi_;
  int sync_wires_ = 0;
  uint64_t irqs_[3] = {0, 0, 0};
  uint64_t gerrors_ = 0;
  std::vector<uint64_t> design_reads_;
};

}  // namespace cosim

#endif  // ATCBENCH_TB_COSIM_SESSION_H_
