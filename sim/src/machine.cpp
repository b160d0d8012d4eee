// SPDX-License-Identifier: Apache-2.0
//
// Scheduling: which task runs when. What a task may ask for is in machine_port.cpp.
#include "atcbench/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <cstdlib>
#include <numeric>

#include "aarch64_port.h"
#include "atcbench/error.h"

namespace atcbench {
namespace {

constexpr size_t kStackBytes = 256 * 1024;
constexpr unsigned kResumesPerCycle = 1'000'000;
constexpr uint64_t kLongestPeriod = 1'000'000;

// First point of the grid t0 + k x period that is not before `at`.
Cycle grid(Cycle t0, Cycle period, Cycle at) {
  return at <= t0 ? t0 : t0 + (at - t0 + period - 1) / period * period;
}

}  // namespace

Machine::Machine(const Config& config, Dram& dram, AxiLiteMaster& reg, AxiLiteMaster& pci, EventLog& log)
    : config_(config),
      plant_(plant_of(config.sim.plant)),
      dram_(dram),
      reg_(reg),
      pci_(pci),
      log_(log),
      pages_(dram.base(), driver_pool_bytes(dram.bytes())) {
  for (unsigned id = 0; id < config.system.cpus; ++id) {
    cpus_.push_back(std::make_unique<Cpu>());
    Cpu& cpu = *cpus_.back();
    cpu.id = id;
    cpu.idle = create(cpu, fmt::format("idle/{}", id), [this] { idle_loop(); });
    cpu.worker = create(cpu, fmt::format("worker/{}", id), [this, &cpu] { worker_loop(cpu); });
    if (config.cpu.port == "aarch64") {
      cpu.ready.push_back(create(cpu, fmt::format("start/{}", id), [this, id] { aarch64_->start(id); }));
      cpu.ready.back()->boots = true;
    }
    cpu.ready.push_back(cpu.worker);
  }
  if (config.cpu.port == "aarch64") aarch64_ = std::make_unique<Aarch64Port>(*this);
}

Machine::Plant Machine::plant_of(const std::string& name) {
  if (name == "lost-irq") return Plant::kLostIrq;
  if (name == "lost-work") return Plant::kLostWork;
  if (name == "lost-wake") return Plant::kLostWake;
  if (name == "late-wait") return Plant::kLateWait;
  if (name == "deaf-wait") return Plant::kDeafWait;
  if (name == "deaf-error") return Plant::kDeafError;
  return Plant::kNone;
}

Machine::~Machine() {
  // Unwinds the stacks of unfinished tasks; the port must not be entered from destructors on them.
  tasks_.clear();
  for (void* block : blocks_) std::free(block);
}

Machine::Task* Machine::create(Cpu& cpu, std::string name, std::function<void()> body) {
  tasks_.push_back(std::make_unique<Task>());
  Task* task = tasks_.back().get();
  task->name = std::move(name);
  task->cpu = &cpu;
  task->body = std::move(body);
  task->self = boost::context::fiber(
      std::allocator_arg, boost::context::protected_fixedsize_stack(kStackBytes),
      [this, task](boost::context::fiber&& caller) {
        task->caller = std::move(caller);
        try {
          task->body();
        } catch (const boost::context::detail::forced_unwind&) {
          throw;
        } catch (...) {
          error_ = std::current_exception();
        }
        task->state = Task::State::kDone;
        return std::move(task->caller);
      });
  return task;
}

void Machine::spawn(unsigned cpu_id, std::string name, std::function<void()> body, Cycle at) {
  Cpu& cpu = *cpus_.at(cpu_id);
  Task* task = create(cpu, std::move(name), std::move(body));
  task->essential = true;
  ++essential_;
  if (at > now_) {
    task->state = Task::State::kSleeping;
    task->wake_at = at;
    task->blocked_on = "start";
    cpu.sleepers.push_back(task);
    cpu.due = std::min(cpu.due, at);
  } else {
    cpu.ready.push_back(task);
    cpu.due = now_;
  }
  due_ = std::min(due_, cpu.due);
}

void Machine::run_due() {
  for (auto& cpu : cpus_) {
    if (now_ >= cpu->due) run_cpu(*cpu);
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }
  due_ = kNever;
  for (auto& cpu : cpus_) due_ = std::min(due_, cpu->due);
}

void Machine::run_cpu(Cpu& cpu) {
  running_ = &cpu;
  for (unsigned count = 0; !error_; ++count) {
    if (count == kResumesPerCycle) throw HostError("a CPU makes no progress in time: all its costs are 0");
    if (cpu.current) {
      const Task& task = *cpu.current;
      const bool interrupt = task.interruptible && cpu.irq_on && cpu.irq_pending;
      if (task.wake_at > now_ && !interrupt) break;
      resume(cpu);
      continue;
    }
    // Free: interrupts first, then tasks in the order in which they became ready.
    std::stable_sort(cpu.sleepers.begin(), cpu.sleepers.end(),
                     [](const Task* a, const Task* b) { return a->wake_at < b->wake_at; });
    while (!cpu.sleepers.empty() && cpu.sleepers.front()->wake_at <= now_) {
      cpu.ready.push_back(cpu.sleepers.front());
      cpu.sleepers.erase(cpu.sleepers.begin());
    }
    if (cpu.irq_pending) {
      cpu.current = cpu.idle;
    } else if (!cpu.ready.empty()) {
      cpu.current = cpu.ready.front();
      cpu.ready.pop_front();
    } else {
      break;
    }
    cpu.current->wake_at = now_;
  }
  running_ = nullptr;
  update_due(cpu);
}

void Machine::resume(Cpu& cpu) {
  Task& task = *cpu.current;
  if (!task.wait.active) ++progress_;
  task.self = std::move(task.self).resume();
  switch (task.state) {
    case Task::State::kHolding:
      return;
    case Task::State::kReady:
      if (&task != cpu.idle) cpu.ready.push_back(&task);
      break;
    case Task::State::kSleeping:
      cpu.sleepers.push_back(&task);
      break;
    case Task::State::kDone:
      if (task.essential) --essential_;
      if (aarch64_) aarch64_->done(task);
      if (order_) pass_turn(task);
      if (!cpu.irq_on && !error_)
        error_ = std::make_exception_ptr(HostError("task " + task.name + " ended with interrupts off"));
      break;
  }
  cpu.current = nullptr;
}

void Machine::update_due(Cpu& cpu) {
  cpu.due = kNever;
  if (cpu.current) {
    cpu.due = cpu.current->wake_at;
    return;
  }
  for (const Task* task : cpu.sleepers) cpu.due = std::min(cpu.due, task->wake_at);
}

Machine::Task& Machine::self() const {
  if (!running_ || !running_->current) throw std::logic_error("a port call from outside of the virtual CPUs");
  return *running_->current;
}

void Machine::suspend(Task& task, Task::State state, Cycle wake_at, bool interruptible, const char* why) {
  task.state = state;
  task.wake_at = wake_at;
  task.interruptible = interruptible;
  task.blocked_on = why;
  if (order_ && state != Task::State::kHolding) pass_turn(task);
  const bool gives_away = aarch64_ && state != Task::State::kHolding;
  if (gives_away) aarch64_->leave(task);
  task.caller = std::move(task.caller).resume();
  if (gives_away) aarch64_->enter(task);
  task.interruptible = false;
}

void Machine::wake(Task& task, Cycle at) {
  task.wake_at = std::min(task.wake_at, at);
  Cpu& cpu = *task.cpu;
  if (cpu.current == nullptr || cpu.current == &task) cpu.due = std::min(cpu.due, at);
  due_ = std::min(due_, cpu.due);
}

void Machine::raise_irq(unsigned irq) {
  if (irq >= PORT_IRQ_COUNT || (plant_ == Plant::kLostIrq && irq == PORT_IRQ_GERROR)) return;
  ++progress_;
  IrqLine& line = irqs_[irq];
  if (!line.fn) {
    line.latched = true;
    return;
  }
  Cpu& cpu = *cpus_[line.cpu];
  cpu.irq_pending |= 1u << irq;
  // A CPU that has already run in this cycle, or is in a port call, looks at its next point.
  const bool open = cpu.irq_on && (!cpu.current || cpu.current->interruptible);
  if (open && &cpu != running_) {
    cpu.due = running_ ? now_ + 1 : now_;
    due_ = std::min(due_, cpu.due);
  }
}

void Machine::send_event() {
  ++progress_;
  for (auto& cpu : cpus_) cpu->event = true;
}

void Machine::idle_loop() {
  Task& task = self();
  for (;;) {
    deliver_irqs();
    suspend(task, Task::State::kReady, now_, false, "nothing to do");
  }
}

void Machine::worker_loop(Cpu& cpu) {
  Task& task = self();
  for (;;) {
    while (cpu.works.empty()) suspend(task, Task::State::kSleeping, kNever, false, "work");
    hold(config_.cpu.cost.sched, "task switch");
    port_work* work = cpu.works.front();
    cpu.works.pop_front();
    cpu.running_work = work;
    work->pending.v = 0;
    ++stats_.works;
    if (aarch64_)
      aarch64_->run_work(*work);
    else
      work->fn(work->arg);
    cpu.running_work = nullptr;
    ++progress_;
    for (auto& [waiter, which] : flushers_)
      if (which == work) wake(*waiter, now_ + 1);
  }
}

bool Machine::would_fire(const Cpu& cpu, const Wait& wait) const {
  for (unsigned i = 0; i < wait.sources; ++i) {
    const port_src& s = wait.src[i];
    if (s.kind == PORT_SRC_MMIO32) continue;  // only a read can tell
    if (s.kind == PORT_SRC_EVENT) {
      if (cpu.event) return true;
      continue;
    }
    const uint64_t value = s.kind == PORT_SRC_ATOMIC  ? s.atomic->v
                           : s.kind == PORT_SRC_MEM32 ? dram_.read<uint32_t>(s.addr)
                                                      : dram_.read<uint64_t>(s.addr);
    if (((value & s.mask) == s.value) == s.until_equal) return true;
  }
  return false;
}

Machine::Outlook Machine::outlook() const {
  Outlook all;
  for (const auto& task : tasks_) {
    if (task->state != Task::State::kHolding && task->state != Task::State::kSleeping) continue;
    const Wait& wait = task->wait;
    if (wait.active && wait.registers) {
      all.register_polls = true;
      if (all.period) all.period = std::lcm(all.period, wait.period);
      if (all.period > kLongestPeriod) all.period = 0;
      const Cycle ahead = task->wake_at > now_ ? task->wake_at - now_ : 0;
      all.phase = (all.phase ^ ahead) * 0x100000001B3u;
      all.sampling |= wait.sampling;
      if (task->wake_at > now_) all.next_sample = std::min(all.next_sample, task->wake_at);
    }
    // What a wait looks at may have changed after its last sample: then the next one ends it. So may the memory word of
    // a wait that polls a register too, and a repetition of samples that found nothing must not go past that one.
    // Who is due and still here has a CPU that belongs to another task: that one decides.
    if (task->wake_at <= now_) continue;
    all.next = std::min(all.next, !wait.active || would_fire(*task->cpu, wait) ? task->wake_at : wait.deadline);
  }
  return all;
}

void Machine::jump(Cycle target, Cycle shift, const MachineStats& skipped) {
  stats_.mmio += skipped.mmio;
  stats_.register_samples += skipped.register_samples;
  std::vector<Task*> sampled;  // asleep, with samples that were jumped over
  for (auto& task : tasks_) {
    Wait& wait = task->wait;
    if (!wait.active || wait.sampling || wait.sources == 0 || task->wake_at <= now_) continue;
    if (task->state != Task::State::kHolding && task->state != Task::State::kSleeping) continue;
    // A sleeper whose CPU is taken does not sample: its next sample becomes overdue, with or without the jump.
    if (task->state == Task::State::kSleeping && task->cpu->current) continue;
    const Cycle before = wait.next_sample;
    if (wait.registers)
      wait.next_sample += shift;
    else if (wait.next_sample < target)
      wait.next_sample = grid(wait.t0, wait.period, target);
    task->wake_at = std::min(wait.next_sample, wait.deadline);
    if (task->state == Task::State::kSleeping && wait.next_sample != before) sampled.push_back(task.get());
  }
  fall_asleep_again(sampled);
  due_ = kNever;
  for (auto& cpu : cpus_) {
    update_due(*cpu);
    due_ = std::min(due_, cpu->due);
  }
}

// Of two tasks that are due in the same cycle the one that fell asleep first goes first. Who has taken a sample has fallen asleep
// again after it, so it is behind those of before; and so it must be if the sample was jumped over.
void Machine::fall_asleep_again(std::vector<Task*>& sampled) {
  std::stable_sort(sampled.begin(), sampled.end(), [](const Task* a, const Task* b) {
    return a->wait.next_sample - a->wait.period < b->wait.next_sample - b->wait.period;
  });
  for (Task* task : sampled) {
    auto& sleepers = task->cpu->sleepers;
    const auto at = std::find(sleepers.begin(), sleepers.end(), task);
    if (at == sleepers.end()) continue;
    sleepers.erase(at);
    sleepers.push_back(task);
  }
}

std::vector<std::string> Machine::waiters() const {
  std::vector<std::string> lines;
  for (const auto& task : tasks_) {
    if (task->state == Task::State::kDone || task->state == Task::State::kReady) continue;
    if (!task->essential && !task->wait.active && task->wake_at == kNever && !task->cpu->running_work) continue;
    std::string what = task->blocked_on;
    if (task->wait.active) {
      what = task->wait.deadline == kNever ? "forever" : fmt::format("until cycle {}", task->wait.deadline);
      for (unsigned i = 0; i < task->wait.sources; ++i) {
        const port_src& s = task->wait.src[i];
        static constexpr const char* kKind[] = {"register", "memory", "memory", "atomic"};
        if (s.kind == PORT_SRC_EVENT) {
          what += "; a wake-up event";
          continue;
        }
        what += fmt::format("; {}{} & {:#x} {} {:#x}, last {:#x}", kKind[s.kind],
                            s.kind == PORT_SRC_ATOMIC ? std::string() : fmt::format(" {:#x}", s.addr), s.mask,
                            s.until_equal ? "==" : "!=", s.value, s.sample);
      }
    }
    lines.push_back(fmt::format("cpu {} {}: {}", task->cpu->id, task->name, what));
  }
  return lines;
}

void Machine::fatal(const std::string& message) {
  throw HostError(fmt::format("cycle {}, cpu {}: {}", now_, running_ ? running_->id : 0, message));
}

void Machine::bad_address(Addr addr) { fatal(fmt::format("memory access to {:#x}, which is no aligned address in DRAM", addr)); }

}  // namespace atcbench
