// SPDX-License-Identifier: Apache-2.0
//
// What a task may ask of its CPU: the meaning of the calls in sw/port/port.h.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "aarch64_port.h"
#include "atcbench/machine.h"
#include "smmu_regs.h"

namespace atcbench {
namespace {

constexpr Cycle kTurnPatience = 1'000'000;

constexpr uint64_t ones(unsigned bytes) { return bytes == 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * bytes)) - 1; }

bool in(Addr addr, Addr base, uint64_t bytes) { return addr - base < bytes; }

}  // namespace

// ---- time on the CPU

unsigned Machine::cpu() const { return self().cpu->id; }

void Machine::hold(Cycle cycles, const char* why) {
  if (cycles == 0) return;
  suspend(self(), Task::State::kHolding, now_ + cycles, false, why);
}

void Machine::end() {
  if (running_->irq_on && running_->irq_pending) deliver_irqs();
}

void Machine::delay(Cycle cycles) { wait(nullptr, 0, 1, now_ + cycles, 0); }
void Machine::sleep(Cycle cycles) { wait(nullptr, 0, 1, now_ + cycles, PORT_WAIT_SLEEP); }

void Machine::cond_resched() {
  Task& task = self();
  Cpu& cpu = *task.cpu;
  if (!cpu.irq_on || cpu.in_irq) fatal("port_cond_resched with interrupts off");
  begin(config_.cpu.cost.call);
  const bool other = !cpu.ready.empty() || std::any_of(cpu.sleepers.begin(), cpu.sleepers.end(),
                                                       [this](const Task* t) { return t->wake_at <= now_; });
  if (other) {
    suspend(task, Task::State::kReady, now_, false, "the CPU");
    hold(config_.cpu.cost.sched, "task switch");
  }
  end();
}

// ---- order of port calls

void Machine::pass_turn(const Task& task) {
  if (!order_->enforced() || !order_->pass(task.name) || !order_->next()) return;
  for (auto& other : tasks_)
    if (other->waits_turn && other->name == order_->next()->task) wake(*other, now_ + 1);
}

std::optional<uint64_t> Machine::take_turn(CallKind kind, Addr addr, unsigned load_bytes) {
  Task& task = self();
  if (task.boots) return std::nullopt;
  const auto value = [&]() -> uint64_t {
    return load_bytes == 8 ? dram_.read<uint64_t>(addr) : load_bytes == 4 ? dram_.read<uint32_t>(addr) : 0;
  };
  if (!order_->enforced()) {
    order_->record({task.name, kind, addr, value()});
    return std::nullopt;
  }
  pass_turn(task);
  std::optional<uint64_t> earlier;
  const Cycle start = now_;
  for (;;) {
    while (!order_->turn_of(task.name)) {
      if (!order_->next()) fatal(fmt::format("order of port calls: {} makes a call behind the last of {}", task.name, order_->size()));
      // Another task of this CPU may have to go first.
      const bool yields = task.cpu->irq_on && !task.cpu->in_irq;
      task.waits_turn = true;
      suspend(task, yields ? Task::State::kSleeping : Task::State::kHolding, kNever, false, "its turn");
      task.waits_turn = false;
    }
    const CallOrder::Entry& entry = *order_->next();
    if (entry.kind != kind || entry.addr != addr)
      fatal(fmt::format("order of port calls: call {} of {} was kind {} at {:#x}, is kind {} at {:#x}", order_->position(),
                        task.name, static_cast<unsigned>(entry.kind), entry.addr, static_cast<unsigned>(kind), addr));
    if (!load_bytes || value() == entry.value) break;
    if (order_->before_smmu(addr, load_bytes, value()) == entry.value) {
      earlier = entry.value;
      break;
    }
    if (now_ - start > kTurnPatience)
      fatal(fmt::format("order of port calls: call {} of {} loaded {:#x} from {:#x}, which holds {:#x}", order_->position(),
                        task.name, entry.value, addr, value()));
    hold(1, "what the recording loaded");
  }
  order_->take(task.name);
  return earlier;
}

// ---- registers

uint64_t Machine::bus(AxiLiteMaster& port, bool write, uint32_t addr, uint64_t data, uint8_t strb, Addr whole,
                      bool sampling) {
  Task& task = self();
  BusOp op;
  op.write = write;
  op.addr = addr;
  op.data = data;
  op.strb = strb;
  op.on_done = [this, &task] { wake(task, now_); };
  if (!sampling) ++progress_;
  ++stats_.mmio;
  port.submit(op);
  while (!op.done) suspend(task, Task::State::kHolding, kNever, false, "register access");
  if (op.resp != 0) {
    log_.add(EV_MMIO_ERR, static_cast<uint16_t>(task.cpu->id), op.resp, whole, write);
    return ~uint64_t{0};
  }
  return op.data;
}

uint64_t Machine::read_register(Addr addr, unsigned bytes, bool sampling) {
  const uint64_t mask = ones(bytes);
  if (addr % bytes != 0) fatal(fmt::format("register read of {} bytes at {:#x}", bytes, addr));
  hold(config_.cpu.cost.mmio);
  if (in(addr, kSmmuBase, kSmmuBytes)) {
    const auto offset = static_cast<uint32_t>(addr - kSmmuBase);
    return bus(reg_, false, offset & ~7u, 0, 0, addr, sampling) >> (8 * (offset & 7)) & mask;
  }
  if (addr >= kEcamBase && addr < kBarBase + kEcamBytes) {
    const auto offset = static_cast<uint32_t>(addr);
    if (bytes == 8) {
      const uint64_t low = bus(pci_, false, offset, 0, 0, addr, sampling) & 0xFFFFFFFF;
      return low | bus(pci_, false, offset + 4, 0, 0, addr, sampling) << 32;
    }
    return (bus(pci_, false, offset & ~3u, 0, 0, addr, sampling) & 0xFFFFFFFF) >> (8 * (offset & 3)) & mask;
  }
  log_.add(EV_MMIO_ERR, static_cast<uint16_t>(cpu()), 3, addr, 0);
  return mask;
}

uint64_t Machine::mmio_read(Addr addr, unsigned bytes) {
  ++progress_;
  turn(CallKind::kRegRead, addr);
  const uint64_t value = read_register(addr, bytes, false);
  end();
  return value;
}

void Machine::mmio_write(Addr addr, unsigned bytes, uint64_t value) {
  if (addr % bytes != 0) fatal(fmt::format("register write of {} bytes at {:#x}", bytes, addr));
  begin(config_.cpu.cost.mmio);
  turn(CallKind::kRegWrite, addr);
  value &= ones(bytes);
  const auto strb = static_cast<uint8_t>(ones(bytes) & 0x0101010101010101 ? (1u << bytes) - 1 : 0);
  if (in(addr, kSmmuBase, kSmmuBytes)) {
    const auto offset = static_cast<uint32_t>(addr - kSmmuBase);
    const unsigned lane = offset & 7;
    bus(reg_, true, offset & ~7u, value << (8 * lane), static_cast<uint8_t>(strb << lane), addr, false);
  } else if (addr >= kEcamBase && addr < kBarBase + kEcamBytes) {
    const auto offset = static_cast<uint32_t>(addr);
    const unsigned lane = offset & 3;
    if (bytes == 8) {
      bus(pci_, true, offset, value & 0xFFFFFFFF, 0xF, addr, false);
      bus(pci_, true, offset + 4, value >> 32, 0xF, addr, false);
    } else {
      bus(pci_, true, offset & ~3u, value << (8 * lane), static_cast<uint8_t>(strb << lane), addr, false);
    }
  } else if (in(addr, kDoorbellBase, kDoorbellBytes) && bytes == 4) {
    raise_irq(static_cast<unsigned>(value));
  } else {
    log_.add(EV_MMIO_ERR, static_cast<uint16_t>(cpu()), 3, addr, 1);
  }
  end();
}

// ---- memory

uint64_t Machine::mem_cmpxchg(Addr addr, uint64_t old, uint64_t value) {
  begin(config_.cpu.cost.mem + config_.cpu.cost.atomic);
  auto* at = checked<uint64_t>(addr);
  turn(CallKind::kAtomic);
  const uint64_t found = *at;
  if (found == old) *at = value;
  end();
  return found;
}

void Machine::barrier() {
  begin(config_.cpu.cost.barrier);
  end();
}

int Machine::dma_alloc(size_t bytes, size_t align, Addr* pa) {
  begin(config_.cpu.cost.alloc);
  turn(CallKind::kAlloc);
  *pa = pages_.allocate(bytes, align);
  if (*pa) std::memset(dram_.at(*pa), 0, bytes);
  allocations_ += *pa != 0;
  end();
  return *pa ? 0 : -ENOMEM;
}

void Machine::dma_free(Addr pa, size_t bytes) {
  begin(config_.cpu.cost.alloc);
  turn(CallKind::kAlloc);
  if (pa) pages_.release(pa, bytes);
  allocations_ -= pa != 0;
  end();
}

void* Machine::zalloc(size_t bytes) {
  begin(config_.cpu.cost.alloc);
  turn(CallKind::kAlloc);
  void* block = std::calloc(1, bytes ? bytes : 1);
  if (block) blocks_.insert(block);
  allocations_ += block != nullptr;
  end();
  return block;
}

void Machine::free(void* ptr) {
  begin(config_.cpu.cost.alloc);
  turn(CallKind::kAlloc);
  if (ptr) {
    if (!blocks_.erase(ptr)) fatal("port_free of what port_zalloc did not give");
    std::free(ptr);
    --allocations_;
  }
  end();
}

// ---- interrupts

void Machine::set_irq(Cpu& cpu, bool on) {
  if (cpu.irq_on == on) return;
  cpu.irq_on = on;
  if (!on) {
    cpu.irq_off_since = now_;
  } else {
    stats_.irq_off_max = std::max(stats_.irq_off_max, now_ - cpu.irq_off_since);
  }
}

void Machine::deliver_irqs() {
  Cpu& cpu = *self().cpu;
  while (cpu.irq_on && cpu.irq_pending) {
    if (order_) fatal("order of port calls: an interrupt, which is none");
    const unsigned irq = static_cast<unsigned>(__builtin_ctz(cpu.irq_pending));
    cpu.irq_pending &= ~(1u << irq);
    ++progress_;
    ++stats_.irqs;
    set_irq(cpu, false);
    cpu.in_irq = true;
    Wait interrupted;
    std::swap(interrupted, self().wait);
    hold(config_.cpu.cost.irq, "interrupt entry");
    if (!irqs_[irq].fn)
      ;  // freed meanwhile
    else if (aarch64_)
      aarch64_->interrupt(irq);
    else
      irqs_[irq].fn(irqs_[irq].arg);
    std::swap(interrupted, self().wait);
    cpu.in_irq = false;
    set_irq(cpu, true);
  }
}

unsigned long Machine::irq_save() {
  begin(config_.cpu.cost.call);
  Cpu& cpu = *self().cpu;
  const bool was_on = cpu.irq_on;
  set_irq(cpu, false);
  return was_on;
}

void Machine::irq_restore(unsigned long flags) {
  begin(config_.cpu.cost.call);
  Cpu& cpu = *self().cpu;
  if (flags && cpu.in_irq) fatal("port_irq_restore switches interrupts on inside a handler");
  set_irq(cpu, flags != 0);
  end();
}

int Machine::irq_request(unsigned irq, void (*fn)(void*), void* arg, unsigned cpu_id) {
  begin(config_.cpu.cost.call);
  int result = 0;
  if (irq >= PORT_IRQ_COUNT || cpu_id >= cpus()) {
    result = -EINVAL;
  } else if (fn && irqs_[irq].fn) {
    result = -EBUSY;
  } else {
    const bool latched = fn && irqs_[irq].latched;
    if (irqs_[irq].fn) cpus_[irqs_[irq].cpu]->irq_pending &= ~(1u << irq);
    irqs_[irq] = IrqLine{fn, arg, cpu_id, false};
    if (latched) raise_irq(irq);
  }
  end();
  return result;
}

// ---- waiting

int Machine::sample(port_src* src, unsigned n) {
  for (unsigned i = 0; i < n; ++i) {
    port_src& s = src[i];
    switch (s.kind) {
      case PORT_SRC_MMIO32:
        s.sample = read_register(s.addr, 4, true);
        break;
      case PORT_SRC_MEM32:
        s.sample = *checked<uint32_t>(s.addr);
        break;
      case PORT_SRC_MEM64:
        s.sample = *checked<uint64_t>(s.addr);
        break;
      case PORT_SRC_ATOMIC:
        s.sample = s.atomic->v;
        break;
      case PORT_SRC_EVENT:
        s.sample = std::exchange(self().cpu->event, false);
        if (s.sample) return static_cast<int>(i);
        continue;
    }
    if (((s.sample & s.mask) == s.value) == s.until_equal) return static_cast<int>(i);
  }
  return -1;
}

bool Machine::deaf_to(const port_src& src) const {
  return (plant_ == Plant::kDeafWait && src.kind == PORT_SRC_MEM32) ||
         (plant_ == Plant::kDeafError && src.kind == PORT_SRC_MMIO32 && src.addr == kSmmuBase + SMMU_GERROR);
}

int Machine::wait(port_src* src, unsigned n, uint64_t period, uint64_t deadline, unsigned flags) {
  Task& task = self();
  Cpu& cpu = *task.cpu;
  const bool sleeps = flags & PORT_WAIT_SLEEP;
  if (sleeps && (!cpu.irq_on || cpu.in_irq)) fatal("PORT_WAIT_SLEEP with interrupts off");
  if (n && period == 0) fatal("port_wait with period 0");
  ++progress_;
  if (plant_ == Plant::kLostWake && n == 0 && sleeps) deadline = kNever;
  if (plant_ == Plant::kLateWait && n && deadline != kNever) deadline += 3 * (deadline - now_);
  if (order_) pass_turn(task);
  Wait& wait = task.wait;
  wait = Wait{true, false, false, n, now_, n ? period : 1, deadline, now_, src};
  for (unsigned i = 0; i < n; ++i) wait.registers |= src[i].kind == PORT_SRC_MMIO32;
  int result = -ETIMEDOUT;
  bool slept = false;
  for (;;) {
    if (n && now_ >= wait.next_sample) {
      const Cycle start = now_;
      wait.sampling = true;
      stats_.register_samples += wait.registers;
      const int fired = sample(src, n);
      wait.sampling = false;
      if (fired >= 0 && !deaf_to(src[fired])) {
        result = fired;
        break;
      }
      // The first point of the grid after this sample's beginning that is not past yet.
      wait.next_sample = std::max(start + 1, now_);
      wait.next_sample = wait.t0 + (wait.next_sample - wait.t0 + period - 1) / period * period;
    }
    if (now_ >= deadline) break;
    const Cycle until = n ? std::min(wait.next_sample, deadline) : deadline;
    if (until > now_) {
      suspend(task, sleeps ? Task::State::kSleeping : Task::State::kHolding, until, !sleeps, "wait");
      slept |= sleeps;
      if (!sleeps && cpu.irq_on && cpu.irq_pending) deliver_irqs();
    }
  }
  wait.active = false;
  ++progress_;
  turn(CallKind::kWait);
  if (slept) hold(config_.cpu.cost.sched, "task switch");
  end();
  return result;
}

// ---- deferred work

bool Machine::work_queue(port_work* work) {
  begin(config_.cpu.cost.atomic);
  turn(CallKind::kWork);
  const bool fresh = work->pending.v == 0;
  if (fresh) {
    if (work->cpu >= cpus()) fatal(fmt::format("work for cpu {}, there are {}", work->cpu, cpus()));
    work->pending.v = 1;
    Cpu& cpu = *cpus_[work->cpu];
    cpu.works.push_back(work);
    if (cpu.worker->state == Task::State::kSleeping && !cpu.running_work && plant_ != Plant::kLostWork) wake(*cpu.worker, now_ + 1);
  }
  end();
  return fresh;
}

void Machine::work_flush(port_work* work) {
  Task& task = self();
  Cpu& cpu = *task.cpu;
  if (!cpu.irq_on || cpu.in_irq) fatal("port_work_flush with interrupts off");
  if (&task == cpu.worker && cpu.running_work == work) fatal("a work item flushes itself");
  begin(config_.cpu.cost.atomic);
  flushers_.emplace_back(&task, work);
  bool slept = false;
  while (work->pending.v != 0 || cpus_.at(work->cpu)->running_work == work) {
    suspend(task, Task::State::kSleeping, kNever, false, "the end of a work item");
    slept = true;
  }
  turn(CallKind::kWork);
  flushers_.erase(std::find(flushers_.begin(), flushers_.end(), std::make_pair(&task, work)));
  if (slept) hold(config_.cpu.cost.sched, "task switch");
  end();
}

// ---- observation

void Machine::trace(uint16_t event, uint32_t a0, uint64_t a1, uint64_t a2) {
  log_.add(event, static_cast<uint16_t>(cpu()), a0, a1, a2);
}

void Machine::vlog(port_log_level level, const char* format, va_list args) {
  char line[512];
  std::vsnprintf(line, sizeof line, format, args);
  log_line(level, line);
}

void Machine::log_line(port_log_level level, const std::string& line) {
  ++stats_.log_lines[level];
  if (log_sink_) log_sink_(now_, running_ ? running_->id : 0, level, line);
}

}  // namespace atcbench
