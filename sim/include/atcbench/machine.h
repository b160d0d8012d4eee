// SPDX-License-Identifier: Apache-2.0
//
// The virtual CPUs and the operating system's lowest layer on them: tasks, interrupts, workers, waiting.
//
// Each task is a stackful coroutine with a guard page below its stack. A CPU runs one task at a time and
// leaves it only where the port interface says so: PORT_WAIT_SLEEP, port_cond_resched, the end of the task.
// Interrupts are taken at the end of a port call and inside waits, on the stack of the task that runs (an
// idle CPU has an idle task for that). Everything that happens is a function of the configuration: CPUs run
// in order of their number, tasks of one CPU first come first served; work queued for another CPU and flush
// wake-ups take one cycle.
//
// Cost model: a port call first costs its cycles (cpu.cost.*), then has its effect, then takes interrupts.
// A register access costs cpu.cost.mmio and then the real bus transaction. Samples of memory and atomics in
// port_wait are free; samples of registers are bus reads. A sample falls on t0 + k x period, or as soon
// after as the CPU is there.
#pragma once

#include <boost/context/fiber.hpp>
#include <cstdarg>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "atcbench/axi_lite_master.h"
#include "atcbench/call_order.h"
#include "atcbench/config.h"
#include "atcbench/dram.h"
#include "atcbench/event_log.h"
#include "atcbench/page_allocator.h"
#include "port.h"

namespace atcbench {
class Aarch64Port;
class Machine;
}

struct port {
  atcbench::Machine* machine;
};

namespace atcbench {

struct MachineStats {
  uint64_t mmio = 0;              // register transactions, samples included
  uint64_t register_samples = 0;  // passes over the sources of waits that look at registers
  uint64_t irqs = 0;
  uint64_t works = 0;
  uint64_t log_lines[4] = {};
  Cycle irq_off_max = 0;  // longest stretch with interrupts off on one CPU
};

class Machine {
 public:
  Machine(const Config& config, Dram& dram, AxiLiteMaster& reg, AxiLiteMaster& pci, EventLog& log);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  ::port* handle() { return &handle_; }

  // ---- the simulation's side
  // A task that the run waits for; starts at `at`.
  void spawn(unsigned cpu, std::string name, std::function<void()> body, Cycle at = 0);
  // Runs every CPU that is due in cycle `now`.
  void run(Cycle now) {
    now_ = now;
    if (now >= due_) run_due();
  }
  void raise_irq(unsigned irq);
  void send_event();  // a wake-up event: sets the event register of every CPU (PORT_SRC_EVENT)
  bool finished() const { return essential_ == 0; }
  // Changes whenever a CPU does anything but take a sample that finds nothing.
  uint64_t progress() const { return progress_; }

  // What the CPUs will do if nothing outside changes.
  struct Outlook {
    Cycle next = kNever;   // earliest thing that is not a sample without effect
    Cycle next_sample = kNever;  // of a register
    uint64_t period = 1;   // after which the pattern of register samples repeats; 0: too long to use
    uint64_t phase = 0;    // hash of how far ahead each of these samples is
    bool register_polls = false;
    bool sampling = false;  // one is under way: not a point from which to look ahead
  };
  Outlook outlook() const;
  // Nothing happens before `target`; `shift`, a multiple of the period, was jumped over, and what would have
  // been counted in it is `skipped`.
  void jump(Cycle target, Cycle shift, const MachineStats& skipped);
  // One line per task that is not done: who waits for what.
  std::vector<std::string> waiters() const;

  // ---- for tasks of scenarios and for the port
  Cycle now() const { return now_; }
  unsigned cpu() const;
  unsigned cpus() const { return static_cast<unsigned>(cpus_.size()); }
  void delay(Cycle cycles);  // keeps the CPU, takes interrupts
  void sleep(Cycle cycles);  // gives the CPU away

  uint64_t mmio_read(Addr addr, unsigned bytes);
  void mmio_write(Addr addr, unsigned bytes, uint64_t value);
  template <class T>
  T mem_read(Addr addr) {
    begin(config_.cpu.cost.mem);
    const T* at = checked<T>(addr);
    const std::optional<uint64_t> earlier = turn(CallKind::kLoad, addr, sizeof(T));
    const T value = earlier ? static_cast<T>(*earlier) : *at;
    end();
    return value;
  }
  template <class T>
  void mem_write(Addr addr, T value) {
    begin(config_.cpu.cost.mem);
    T* at = checked<T>(addr);
    turn(CallKind::kStore, addr);
    *at = value;
    end();
  }
  uint64_t mem_cmpxchg(Addr addr, uint64_t old, uint64_t value);
  template <class F>
  uint64_t atomic(F&& f) {
    begin(config_.cpu.cost.atomic);
    turn(CallKind::kAtomic);
    const uint64_t old = f();
    end();
    return old;
  }
  void barrier();
  int dma_alloc(size_t bytes, size_t align, Addr* pa);
  void dma_free(Addr pa, size_t bytes);
  void* zalloc(size_t bytes);
  void free(void* ptr);

  unsigned long irq_save();
  void irq_restore(unsigned long flags);
  int irq_request(unsigned irq, void (*fn)(void*), void* arg, unsigned cpu);

  int wait(port_src* src, unsigned n, uint64_t period, uint64_t deadline, unsigned flags);
  bool work_queue(port_work* work);
  void work_flush(port_work* work);
  void cond_resched();
  void trace(uint16_t event, uint32_t a0, uint64_t a1, uint64_t a2);
  void vlog(port_log_level level, const char* fmt, va_list args);

  // Where port_log goes; default: nowhere.
  void on_log(std::function<void(Cycle, unsigned cpu, port_log_level, const std::string&)> f) {
    log_sink_ = std::move(f);
  }

  // Records or enforces the order of port calls (D28); before the first of them.
  void keep_order(CallOrder* order) { order_ = order; }
  // What a task does next to things that other tasks share outside of the port, until its next port call.
  void order_point() { turn(CallKind::kAlloc); }

  // What the driver holds: blocks and ranges of memory that it has not given back.
  uint64_t allocations() const { return allocations_; }

  // A mistake of the driver that no run can survive (sleep with interrupts off, address outside memory).
  [[noreturn]] void fatal(const std::string& message);

  const MachineStats& stats() const { return stats_; }
  const Config& config() const { return config_; }
  Dram& dram() { return dram_; }
  // The driver as AArch64 code (cpu.port = aarch64), or nullptr: it is linked to this program.
  Aarch64Port* aarch64() { return aarch64_.get(); }

 private:
  friend class Aarch64Port;
  struct Cpu;
  struct Wait {
    bool active = false;
    bool sampling = false;   // a sample is under way
    bool registers = false;  // samples are bus reads
    unsigned sources = 0;
    Cycle t0 = 0;
    Cycle period = 1;
    Cycle deadline = kNever;
    Cycle next_sample = 0;
    const port_src* src = nullptr;
  };
  struct Task {
    std::string name;
    Cpu* cpu = nullptr;
    std::function<void()> body;
    boost::context::fiber self;
    boost::context::fiber caller;
    enum class State { kReady, kHolding, kSleeping, kDone } state = State::kReady;
    Cycle wake_at = 0;
    bool interruptible = false;
    bool essential = false;
    bool boots = false;       // runs before the first port call
    bool waits_turn = false;
    const char* blocked_on = "";
    Wait wait;
  };
  struct Cpu {
    unsigned id = 0;
    Task* current = nullptr;
    Task* idle = nullptr;
    Task* worker = nullptr;
    std::deque<Task*> ready;
    std::vector<Task*> sleepers;
    std::deque<port_work*> works;
    port_work* running_work = nullptr;
    uint32_t irq_pending = 0;
    bool irq_on = true;
    bool in_irq = false;
    bool event = false;  // its event register
    Cycle irq_off_since = 0;
    Cycle due = 0;
  };
  struct IrqLine {
    void (*fn)(void*) = nullptr;
    void* arg = nullptr;
    unsigned cpu = 0;
    bool latched = false;
  };

  Task* create(Cpu& cpu, std::string name, std::function<void()> body);
  void run_due();
  void run_cpu(Cpu& cpu);
  void resume(Cpu& cpu);
  void update_due(Cpu& cpu);
  Task& self() const;
  void suspend(Task& task, Task::State state, Cycle wake_at, bool interruptible, const char* why);
  void hold(Cycle cycles, const char* why = "port call");
  void begin(Cycle cost) {
    ++progress_;
    if (cost) hold(cost);
  }
  void end();
  // Just before a port call has its effect. A load gets the value that is returned, if there is one, and not what memory holds.
  std::optional<uint64_t> turn(CallKind kind, Addr addr = 0, unsigned load_bytes = 0) {
    return order_ ? take_turn(kind, addr, load_bytes) : std::nullopt;
  }
  std::optional<uint64_t> take_turn(CallKind kind, Addr addr, unsigned load_bytes);
  void pass_turn(const Task& task);
  void deliver_irqs();
  void log_line(port_log_level level, const std::string& line);
  void set_irq(Cpu& cpu, bool on);
  void wake(Task& task, Cycle at);
  void fall_asleep_again(std::vector<Task*>& sampled);
  bool would_fire(const Cpu& cpu, const Wait& wait) const;
  int sample(port_src* src, unsigned n);
  bool deaf_to(const port_src& src) const;  // planted
  uint64_t bus(AxiLiteMaster& port, bool write, uint32_t addr, uint64_t data, uint8_t strb, Addr whole,
               bool sampling);
  uint64_t read_register(Addr addr, unsigned bytes, bool sampling);
  void idle_loop();
  void worker_loop(Cpu& cpu);
  template <class T>
  T* checked(Addr addr) {
    if (!dram_.contains(addr, sizeof(T)) || addr % sizeof(T) != 0) bad_address(addr);
    return reinterpret_cast<T*>(dram_.at(addr));
  }
  [[noreturn]] void bad_address(Addr addr);

  // Bugs planted in the CPUs (sim.plant), so that a test can see the oracles fire.
  enum class Plant { kNone, kLostIrq, kLostWork, kLostWake, kLateWait, kDeafWait, kDeafError };
  static Plant plant_of(const std::string& name);

  const Config& config_;
  const Plant plant_;
  Dram& dram_;
  AxiLiteMaster& reg_;
  AxiLiteMaster& pci_;
  EventLog& log_;
  ::port handle_{this};
  PageAllocator pages_;
  std::vector<std::unique_ptr<Cpu>> cpus_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::unique_ptr<Aarch64Port> aarch64_;
  std::unordered_set<void*> blocks_;
  uint64_t allocations_ = 0;
  std::vector<std::pair<Task*, port_work*>> flushers_;
  IrqLine irqs_[PORT_IRQ_COUNT];
  CallOrder* order_ = nullptr;
  Cpu* running_ = nullptr;
  Cycle now_ = 0;
  Cycle due_ = 0;
  uint64_t progress_ = 0;
  unsigned essential_ = 0;
  std::exception_ptr error_;
  MachineStats stats_;
  std::function<void(Cycle, unsigned, port_log_level, const std::string&)> log_sink_;
};

// Driver tables come from the lower quarter of memory, pages that scenarios map from the rest.
constexpr uint64_t driver_pool_bytes(uint64_t dram_bytes) { return dram_bytes / 4; }

}  // namespace atcbench
