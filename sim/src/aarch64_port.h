// SPDX-License-Identifier: Apache-2.0
//
// The port for AArch64 (doc/aarch64.md): runs the driver's image on the virtual CPUs of a Machine.
//
// A driver function is called in a task, on the task's own guest stack, and runs until it returns. Every instruction costs
// cpu.cpi cycles; plain ones run in groups of at most cpu.quantum, everything that others can see happens at its own cycle.
// Tasks, waits, interrupts and their costs are the Machine's, so that both ports differ in what lies between two port
// calls only.
#pragma once

#include <cstdarg>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "aarch64_cpu.h"
#include "atcbench/driver_call.h"
#include "atcbench/machine.h"
#include "atcbench/page_allocator.h"
#include "retired.h"

namespace atcbench {

class Aarch64Port {
 public:
  explicit Aarch64Port(Machine& machine);
  ~Aarch64Port();

  // ---- in a task
  void start(unsigned cpu);
  uint64_t call(const void* function, std::vector<GuestArgument>& arguments);
  void run_work(const port_work& work);
  void interrupt(unsigned irq);
  void bind_driver(pci_dev* pdev, const pci_driver* driver, void* arg);

  // ---- of the Machine: the CPU goes to another task, and comes back
  void leave(Machine::Task& task);
  void enter(Machine::Task& task);
  void done(Machine::Task& task);

  // Instructions of that CPU until the end of cycle `at`.
  uint64_t retired(unsigned cpu, Cycle at) const { return cpus_.at(cpu)->retired.until(at); }
  // Writes every counted instruction and every driver event to a file.
  void trace_to(const std::string& path);

 private:
  struct GuestTask {
    Addr bottom = 0;
    unsigned depth = 0;  // calls and interrupts that are under way
    std::unique_ptr<Aarch64Cpu::Context> context;
  };
  struct Cpu {
    std::unique_ptr<Aarch64Cpu> core;
    Retired retired;
    unsigned irq = 0;    // that is being taken
    bool event = false;  // of SEV
    Machine::Task* waits = nullptr;  // in WFE
  };
  struct HostDriver {
    const pci_driver* driver;
    void* arg;
  };
  enum class End { kReturn, kEret };

  Cpu& cpu();
  GuestTask& guest();
  uint64_t invoke(Addr function, const std::vector<uint64_t>& arguments, uint64_t stack_bytes,
                  const std::function<void(Addr)>& fill = {});
  End run(Cpu& cpu);
  void access(Cpu& cpu, uint32_t word);
  void atomic(Cpu& cpu, uint32_t word);
  void wait_for_event(Cpu& cpu);
  void send_event();
  void hypercall(Cpu& cpu, unsigned number);
  int wait(Cpu& cpu);
  void log(Cpu& cpu);
  void note(unsigned cpu, Addr pc);
  uint8_t* host(Addr addr, uint64_t bytes);
  std::string text(Addr addr);
  void* zalloc(uint64_t bytes);
  void free(uint64_t addr);

  Machine& machine_;
  const Aarch64Image image_;
  uint8_t* memory_;
  PageAllocator heap_;
  PageAllocator stacks_;
  std::unordered_map<Addr, uint64_t> blocks_;
  std::unordered_map<const void*, Addr> functions_;
  std::deque<HostDriver> drivers_;
  std::vector<std::unique_ptr<Cpu>> cpus_;
  std::unordered_map<Machine::Task*, GuestTask> tasks_;
  std::FILE* trace_ = nullptr;
};

}  // namespace atcbench
