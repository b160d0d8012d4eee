// SPDX-License-Identifier: Apache-2.0
#include "aarch64_port.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "aarch64_functions.h"
#include "atcbench/error.h"
#include "atcbench/event_names.h"

extern "C" {
#include "hvc.h"
}

namespace atcbench {
namespace {

// Memory of the CPUs alone, from Aarch64Image::kBase on: the image, the tasks' stacks, the driver's heap.
constexpr uint64_t kMemoryBytes = 32 << 20;
constexpr uint64_t kStacks = 1 << 20;
constexpr uint64_t kHeap = 16 << 20;
constexpr uint64_t kStackBytes = 32 << 10;
constexpr unsigned kMaxSources = 8;
constexpr unsigned kRegisterArguments = 8;

struct GuestPort {  // port.S
  uint32_t cpus;
  uint32_t unused;
  uint64_t msi_address;
};

uint8_t* map_memory() {
  void* p = ::mmap(nullptr, kMemoryBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) throw HostError(fmt::format("cannot map the AArch64 CPUs' memory: {}", std::strerror(errno)));
  return static_cast<uint8_t*>(p);
}

}  // namespace

Aarch64Port::Aarch64Port(Machine& machine)
    : machine_(machine),
      memory_(map_memory()),
      heap_(Aarch64Image::kBase + kHeap, kMemoryBytes - kHeap),
      stacks_(Aarch64Image::kBase + kStacks, kHeap - kStacks) {
  if (image_.end() > Aarch64Image::kBase + kStacks) throw std::logic_error("the AArch64 image is too large");
  image_.load(memory_);
  const GuestPort port{machine.cpus(), 0, kDoorbellBase};
  std::memcpy(host(image_.symbol("port_machine"), sizeof port), &port, sizeof port);
  for (const DriverFunction& f : driver_functions()) functions_[f.native] = image_.symbol(f.name);
  Dram& dram = machine.dram_;
  for (unsigned i = 0; i < machine.cpus(); ++i) {
    cpus_.push_back(std::make_unique<Cpu>(Cpu{nullptr, Retired(machine.config_.cpu.cpi), 0, false, nullptr}));
    cpus_.back()->core = std::make_unique<Aarch64Cpu>(
        image_, std::initializer_list<Aarch64Cpu::Memory>{{Aarch64Image::kBase, kMemoryBytes, memory_, true},
                                                          {dram.base(), dram.bytes(), dram.at(dram.base()), false}});
  }
}

Aarch64Port::~Aarch64Port() {
  tasks_.clear();
  cpus_.clear();
  if (trace_) std::fclose(trace_);
  ::munmap(memory_, kMemoryBytes);
}

Aarch64Port::Cpu& Aarch64Port::cpu() { return *cpus_[machine_.cpu()]; }

Aarch64Port::GuestTask& Aarch64Port::guest() {
  GuestTask& g = tasks_[&machine_.self()];
  if (!g.bottom) {
    g.bottom = stacks_.allocate(kStackBytes);
    if (!g.bottom) machine_.fatal("no stack left for a task");
    std::memset(host(g.bottom, kStackBytes), 0, kStackBytes);
    g.context = std::make_unique<Aarch64Cpu::Context>(*cpu().core);
  }
  return g;
}

void Aarch64Port::leave(Machine::Task& task) {
  const auto it = tasks_.find(&task);
  if (it != tasks_.end() && it->second.depth) it->second.context->save();
}

void Aarch64Port::enter(Machine::Task& task) {
  const auto it = tasks_.find(&task);
  if (it != tasks_.end() && it->second.depth) it->second.context->restore();
}

void Aarch64Port::done(Machine::Task& task) {
  const auto it = tasks_.find(&task);
  if (it == tasks_.end()) return;
  stacks_.release(it->second.bottom, kStackBytes);
  tasks_.erase(it);
}

void Aarch64Port::trace_to(const std::string& path) {
  trace_ = std::fopen(path.c_str(), "w");
  if (!trace_) throw HostError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  for (unsigned i = 0; i < cpus_.size(); ++i) cpus_[i]->core->on_instruction([this, i](Addr pc) { note(i, pc); });
}

void Aarch64Port::note(unsigned cpu, Addr pc) {
  if (trace_) fmt::print(trace_, "{} {} {:x} {:08x} {}\n", machine_.now_, cpu, pc, image_.word(pc), image_.describe(pc));
}

// ---- calls

void Aarch64Port::start(unsigned cpu_id) { invoke(image_.symbol("start"), {cpu_id}, 0); }

void Aarch64Port::run_work(const port_work& work) {
  invoke(reinterpret_cast<Addr>(work.fn), {reinterpret_cast<uint64_t>(work.arg)}, 0);
}

void Aarch64Port::bind_driver(pci_dev* pdev, const pci_driver* driver, void* arg) {
  uint64_t number = 0;
  if (driver) {
    drivers_.push_back({driver, arg});
    number = drivers_.size() - 1;
  }
  invoke(image_.symbol("pci_bind_driver"),
         {reinterpret_cast<uint64_t>(pdev), driver ? image_.symbol("host_driver") : 0, number}, 0);
}

uint64_t Aarch64Port::call(const void* function, std::vector<GuestArgument>& arguments) {
  const auto found = functions_.find(function);
  if (found == functions_.end()) machine_.fatal("a driver function that aarch64_functions.cpp does not list");
  const auto aligned = [](uint64_t bytes) { return (bytes + 15) & ~uint64_t{15}; };
  uint64_t stack = 0;
  std::vector<uint64_t> registers;
  for (const GuestArgument& a : arguments) stack += aligned(a.bytes) + (a.text ? aligned(std::strlen(*a.text) + 1) : 0);
  std::vector<Addr> copies;
  // The addresses are known when the stack is: fill() sets the registers of what is passed by contents.
  registers.resize(arguments.size());
  const uint64_t result = invoke(found->second, registers, stack, [&](Addr sp) {
    Aarch64Cpu& core = *cpu().core;
    for (size_t i = 0; i < arguments.size(); ++i) {
      const GuestArgument& a = arguments[i];
      const Addr here = sp;
      if (a.bytes) {
        std::memcpy(host(here, a.bytes), a.host, a.bytes);
        sp += aligned(a.bytes);
      }
      if (a.text) {
        const uint64_t length = std::strlen(*a.text) + 1;
        std::memcpy(host(sp, length), *a.text, length);
        const auto at = static_cast<uint64_t>(reinterpret_cast<char*>(a.text) - static_cast<char*>(a.host));
        std::memcpy(host(here + at, 8), &sp, 8);
        sp += aligned(length);
      }
      copies.push_back(here);
      core.set_x(static_cast<unsigned>(i), a.is_port ? image_.symbol("port_machine") : a.bytes ? here : a.value);
    }
  });
  for (size_t i = 0; i < arguments.size(); ++i)
    if (arguments[i].back) std::memcpy(arguments[i].host, host(copies[i], arguments[i].bytes), arguments[i].bytes);
  return result;
}

uint64_t Aarch64Port::invoke(Addr function, const std::vector<uint64_t>& arguments, uint64_t stack_bytes,
                             const std::function<void(Addr)>& fill) {
  if (arguments.size() > kRegisterArguments) throw std::logic_error("a driver function with more than eight arguments");
  Cpu& c = cpu();
  Aarch64Cpu& core = *c.core;
  GuestTask& g = guest();
  std::unique_ptr<Aarch64Cpu::Context> outer;
  if (g.depth) {  // out of a callback
    outer = std::make_unique<Aarch64Cpu::Context>(core);
    outer->save();
  }
  const Addr top = g.depth ? core.sp() & ~uint64_t{15} : g.bottom + kStackBytes;
  const Addr sp = top - stack_bytes;
  core.set_sp(sp);
  for (unsigned i = 0; i < arguments.size(); ++i) core.set_x(i, arguments[i]);
  if (fill) fill(sp);
  core.set_x(29, 0);
  core.set_x(30, image_.symbol("port_return"));
  core.set_pc(function);
  ++g.depth;
  if (run(c) != End::kReturn) machine_.fatal("ERET outside of an interrupt");
  --g.depth;
  const uint64_t result = core.x(0);
  if (outer) outer->restore();
  uint64_t guard;
  std::memcpy(&guard, host(g.bottom, sizeof guard), sizeof guard);
  if (guard) machine_.fatal("a task's stack has overflowed");
  return result;
}

void Aarch64Port::interrupt(unsigned irq) {
  Cpu& c = cpu();
  GuestTask& g = guest();
  if (!g.depth) {
    c.core->set_sp(g.bottom + kStackBytes);
    c.core->set_pc(image_.symbol("port_idle"));
  }
  c.irq = irq;
  c.core->enter_irq();
  ++g.depth;
  if (run(c) != End::kEret) machine_.fatal("an interrupt handler returned without ERET");
  --g.depth;
}

// ---- execution

Aarch64Port::End Aarch64Port::run(Cpu& c) {
  Aarch64Cpu& core = *c.core;
  Machine::Cpu& virtual_cpu = *machine_.self().cpu;
  const Config::Cpu& config = machine_.config_.cpu;
  for (;;) {
    const unsigned n = core.run(static_cast<unsigned>(config.quantum));
    if (n) {
      c.retired.add(machine_.now_, n);
      machine_.begin(n * config.cpi);
      machine_.end();
    }
    const Addr pc = core.pc();
    const Insn kind = image_.kind(pc);
    if (kind == Insn::kPlain || kind == Insn::kObserve) continue;
    const uint32_t word = image_.word(pc);
    const unsigned number = word >> 5 & 0xFFFF;
    if (kind == Insn::kHvc && (number == HVC_TRACE || number == HVC_LOG)) {
      hypercall(c, number);
      core.set_pc(pc + 4);
      continue;
    }
    c.retired.add(machine_.now_, 1);
    machine_.begin(config.cpi);
    switch (kind) {
      case Insn::kAccess:
        access(c, word);
        break;
      case Insn::kAtomic:
        atomic(c, word);
        break;
      case Insn::kBarrier:
        machine_.begin(config.cost.barrier);
        core.step();
        machine_.end();
        break;
      case Insn::kMask: {
        core.step();
        const bool on = !core.masked();
        if (on && virtual_cpu.in_irq) machine_.fatal("interrupts switched on inside a handler");
        machine_.set_irq(virtual_cpu, on);
        machine_.end();
        break;
      }
      case Insn::kCounter:
        note(virtual_cpu.id, pc);
        core.set_x(word & 31, machine_.now_);
        core.set_pc(pc + 4);
        machine_.end();
        break;
      case Insn::kWfe:
        note(virtual_cpu.id, pc);
        wait_for_event(c);
        break;
      case Insn::kSev:
        note(virtual_cpu.id, pc);
        send_event();
        core.set_pc(pc + 4);
        machine_.end();
        break;
      case Insn::kEret:
        core.step();
        return End::kEret;
      case Insn::kHvc:
        note(virtual_cpu.id, pc);
        if (number == HVC_RETURN) return End::kReturn;
        hypercall(c, number);
        core.set_pc(pc + 4);
        break;
      case Insn::kPlain:
      case Insn::kObserve:
        break;
    }
  }
}

// LDR, STR with an unsigned offset. A register access is a transaction of the bus, a memory access one of the engine.
void Aarch64Port::access(Cpu& c, uint32_t word) {
  Aarch64Cpu& core = *c.core;
  const Addr pc = core.pc();
  const unsigned bytes = 1u << (word >> 30);
  const bool load = word >> 22 & 1;
  const unsigned base = word >> 5 & 31;
  const Addr addr = (base == 31 ? core.sp() : core.x(base)) + uint64_t{word >> 10 & 0xFFF} * bytes;
  if (machine_.dram_.contains(addr, bytes)) {
    if (addr % bytes != 0) machine_.bad_address(addr);
    machine_.begin(machine_.config_.cpu.cost.mem);
    const std::optional<uint64_t> earlier = machine_.turn(load ? CallKind::kLoad : CallKind::kStore, addr, load ? bytes : 0);
    core.step();
    if (earlier) core.set_x(word & 31, *earlier);
    machine_.end();
    return;
  }
  note(machine_.cpu(), pc);
  if (load)
    core.set_x(word & 31, machine_.mmio_read(addr, bytes));
  else
    machine_.mmio_write(addr, bytes, core.x(word & 31));
  core.set_pc(pc + 4);
}

void Aarch64Port::atomic(Cpu& c, uint32_t word) {
  const Config::Cpu::Cost& cost = machine_.config_.cpu.cost;
  const Addr addr = c.core->x(word >> 5 & 31);
  const bool shared = machine_.dram_.contains(addr, 8);
  if (addr % 8 != 0 && (addr % 4 != 0 || word >> 30 != 2)) machine_.bad_address(addr);
  machine_.begin(cost.atomic + (shared ? cost.mem : 0));
  const Addr pc = c.core->pc();
  // Others are the driver's own counters.
  if (machine_.order_ && pc >= image_.symbol("__port_start") && pc < image_.symbol("__port_end"))
    machine_.turn(CallKind::kAtomic);
  c.core->step();
  machine_.end();
}

void Aarch64Port::wait_for_event(Cpu& c) {
  Machine::Task& task = machine_.self();
  c.waits = &task;
  while (!c.event && !(task.cpu->irq_on && task.cpu->irq_pending))
    machine_.suspend(task, Machine::Task::State::kHolding, kNever, true, "WFE");
  c.waits = nullptr;
  c.event = false;
  c.core->set_pc(c.core->pc() + 4);
  machine_.end();
}

void Aarch64Port::send_event() {
  for (auto& other : cpus_) {
    other->event = true;
    if (other->waits) machine_.wake(*other->waits, machine_.now_ + 1);
  }
}

// ---- hypercalls

uint8_t* Aarch64Port::host(Addr addr, uint64_t bytes) {
  if (addr < Aarch64Image::kBase || addr - Aarch64Image::kBase > kMemoryBytes - bytes)
    machine_.fatal(fmt::format("a hypercall names {:#x}, which is no memory of the driver", addr));
  return memory_ + (addr - Aarch64Image::kBase);
}

std::string Aarch64Port::text(Addr addr) { return reinterpret_cast<const char*>(host(addr, 1)); }

void* Aarch64Port::zalloc(uint64_t bytes) {
  machine_.begin(machine_.config_.cpu.cost.alloc);
  machine_.turn(CallKind::kAlloc);
  const Addr block = heap_.allocate(bytes ? bytes : 1);
  if (block) {
    ++machine_.allocations_;
    blocks_[block] = bytes ? bytes : 1;
    std::memset(host(block, bytes), 0, bytes);
  }
  machine_.end();
  return reinterpret_cast<void*>(block);
}

void Aarch64Port::free(uint64_t addr) {
  machine_.begin(machine_.config_.cpu.cost.alloc);
  machine_.turn(CallKind::kAlloc);
  if (addr) {
    const auto it = blocks_.find(addr);
    if (it == blocks_.end()) machine_.fatal("port_free of what port_zalloc did not give");
    heap_.release(addr, it->second);
    blocks_.erase(it);
    --machine_.allocations_;
  }
  machine_.end();
}

int Aarch64Port::wait(Cpu& c) {
  const Aarch64Cpu& core = *c.core;
  const Addr sources = core.x(1);
  const auto n = static_cast<unsigned>(core.x(2));
  const uint64_t period = core.x(3), deadline = core.x(4);
  const auto flags = static_cast<unsigned>(core.x(5));
  port_src copy[kMaxSources];
  if (n > kMaxSources) machine_.fatal("port_wait with too many sources");
  if (n) std::memcpy(copy, host(sources, n * sizeof *copy), n * sizeof *copy);
  for (unsigned i = 0; i < n; ++i)
    if (copy[i].kind == PORT_SRC_ATOMIC)
      copy[i].atomic = reinterpret_cast<port_atomic_t*>(host(reinterpret_cast<Addr>(copy[i].atomic), sizeof(port_atomic_t)));
  const int fired = machine_.wait(copy, n, period, deadline, flags);
  for (unsigned i = 0; i < n; ++i)
    std::memcpy(host(sources + i * sizeof *copy + offsetof(port_src, sample), 8), &copy[i].sample, 8);
  return fired;
}

// printf's conversions, each with the guest's next argument: registers first, then its stack.
void Aarch64Port::log(Cpu& c) {
  const Aarch64Cpu& core = *c.core;
  const std::string format = text(core.x(2));
  unsigned next = 3;
  const auto argument = [&]() -> uint64_t {
    if (next < kRegisterArguments) return core.x(next++);
    uint64_t value;
    std::memcpy(&value, host(core.sp() + 8 * (next++ - kRegisterArguments), 8), 8);
    return value;
  };
  std::string line;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      line += format[i];
      continue;
    }
    const size_t end = format.find_first_of("diuxcsp%", i + 1);
    if (end == std::string::npos) break;
    std::string spec = format.substr(i, end - i + 1);
    i = end;
    char piece[64] = "";
    if (spec.back() == '%') {
      line += '%';
    } else if (spec.back() == 's') {
      line += text(argument());
    } else if (spec.find('l') != std::string::npos || spec.back() == 'p') {
      std::snprintf(piece, sizeof piece, spec.c_str(), argument());
    } else {
      std::snprintf(piece, sizeof piece, spec.c_str(), static_cast<uint32_t>(argument()));
    }
    line += piece;
  }
  machine_.log_line(static_cast<port_log_level>(core.x(1) & 3), line);
}

void Aarch64Port::hypercall(Cpu& c, unsigned number) {
  Aarch64Cpu& core = *c.core;
  const auto x = [&core](unsigned n) { return core.x(n); };
  const auto work = [&] { return reinterpret_cast<port_work*>(host(x(1), sizeof(port_work))); };
  const auto driver = [&]() -> const HostDriver& { return drivers_.at(x(1)); };
  auto* const pdev = reinterpret_cast<pci_dev*>(x(0));
  switch (number) {
    case HVC_WAIT:
      core.set_x(0, static_cast<uint64_t>(wait(c)));
      break;
    case HVC_DMA_ALLOC: {
      const Addr out = x(3);
      Addr pa = 0;
      const int r = machine_.dma_alloc(x(1), x(2), &pa);
      std::memcpy(host(out, sizeof pa), &pa, sizeof pa);
      core.set_x(0, static_cast<uint64_t>(r));
      break;
    }
    case HVC_DMA_FREE:
      machine_.dma_free(x(1), x(2));
      break;
    case HVC_ZALLOC:
      core.set_x(0, reinterpret_cast<uint64_t>(zalloc(x(1))));
      break;
    case HVC_FREE:
      free(x(1));
      break;
    case HVC_IRQ_REQUEST: {
      const auto fn = reinterpret_cast<void (*)(void*)>(x(2));
      const int r = machine_.irq_request(static_cast<unsigned>(x(1)), fn, reinterpret_cast<void*>(x(3)), static_cast<unsigned>(x(4)));
      core.set_x(0, static_cast<uint64_t>(r));
      break;
    }
    case HVC_IRQ_ACK:
      core.set_x(0, reinterpret_cast<uint64_t>(machine_.irqs_[c.irq].arg));
      core.set_x(1, reinterpret_cast<uint64_t>(machine_.irqs_[c.irq].fn));
      break;
    case HVC_WORK_QUEUE:
      core.set_x(0, machine_.work_queue(work()));
      break;
    case HVC_WORK_FLUSH:
      machine_.work_flush(work());
      break;
    case HVC_COND_RESCHED:
      machine_.cond_resched();
      break;
    case HVC_TRACE: {
      const auto event = static_cast<uint16_t>(x(1));
      if (trace_) fmt::print(trace_, "{} {} event {}\n", machine_.now_, machine_.cpu(), event_name(event));
      machine_.trace(event, static_cast<uint32_t>(x(2)), x(3), x(4));
      break;
    }
    case HVC_LOG:
      log(c);
      break;
    case HVC_ERROR_DETECTED:
      core.set_x(0, driver().driver->error_detected(pdev, driver().arg, static_cast<pci_channel_state>(x(2))));
      break;
    case HVC_SLOT_RESET:
      core.set_x(0, driver().driver->slot_reset(pdev, driver().arg));
      break;
    case HVC_MMIO_ENABLED:
      core.set_x(0, driver().driver->mmio_enabled(pdev, driver().arg));
      break;
    case HVC_RESUME:
      driver().driver->resume(pdev, driver().arg);
      break;
    case HVC_RESET_DONE:
      driver().driver->reset_done(pdev, driver().arg, (x(2) & 0xFF) != 0);
      break;
    default:
      machine_.fatal(fmt::format("unexpected exception or hypercall {} at {}", number, image_.describe(core.pc())));
  }
}

uint64_t guest_call(Machine& machine, const void* function, std::vector<GuestArgument>& arguments) {
  return machine.aarch64()->call(function, arguments);
}

void driver_bind(Machine& machine, pci_dev* pdev, const pci_driver* driver, void* arg) {
  if (machine.aarch64())
    machine.aarch64()->bind_driver(pdev, driver, arg);
  else
    pci_bind_driver(pdev, driver, arg);
}

}  // namespace atcbench
