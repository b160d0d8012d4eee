// SPDX-License-Identifier: Apache-2.0
//
// The C interface: a Simulation whose CPUs have nothing to do.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "atcbench.h"
#include "atcbench/error.h"
#include "atcbench/event_names.h"
#include "atcbench/simulation.h"

using namespace atcbench;  // NOLINT: the C names are all prefixed

struct atcbench_sim {
  atcbench_sim(Config config, const ModelEntry& model, Simulation::Options options)
      : sim(std::move(config), model.create(), options) {}

  Simulation sim;
  std::string error;
  std::vector<CheckResult> checks;
  atcbench_irq_fn irq_fn = nullptr;
  void* irq_arg = nullptr;
  atcbench_msi_fn msi_fn = nullptr;
  void* msi_arg = nullptr;
  bool interrupted = false;
  bool owners = false;
};

namespace {

// No bus transaction takes longer, however slow the link: a completion time-out ends it.
constexpr uint64_t kBusSteps = 100'000'000;

template <class F>
int guarded(struct atcbench_sim* b, F&& f) {
  try {
    return f();
  } catch (const std::exception& e) {
    b->error = e.what();
    return -EIO;
  }
}

int fail(struct atcbench_sim* b, int error, std::string why) {
  b->error = std::move(why);
  return error;
}

void step(struct atcbench_sim* b, Cycle horizon) {
  b->sim.set_horizon(horizon);
  b->sim.step();
}

int transact(struct atcbench_sim* b, AxiLiteMaster& port, BusOp& op, Addr pa) {
  port.submit(op);
  for (uint64_t n = 0; !op.done; ++n) {
    if (n == kBusSteps) throw HostError(fmt::format("no answer to a register access at {:#x}", pa));
    step(b, b->sim.now() + 1);
  }
  return op.resp == 0 ? 0 : fail(b, -EIO, fmt::format("register access at {:#x}: bus response {}", pa, op.resp));
}

// One access within the width of its port.
int access(struct atcbench_sim* b, bool write, Addr pa, unsigned bytes, uint64_t* value) {
  AxiLiteMaster* port = nullptr;
  unsigned width = 0;
  Addr base = 0;
  if (pa - kSmmuBase < kSmmuBytes) {
    port = &b->sim.reg_bus();
    width = 8;
    base = kSmmuBase;
  } else if (pa >= kEcamBase && pa < kBarBase + kEcamBytes) {
    port = &b->sim.pci_bus();
    width = 4;
  } else {
    return fail(b, -EINVAL, fmt::format("{:#x} is no register", pa));
  }
  if (bytes > width) {
    uint64_t low = *value & 0xFFFFFFFF, high = *value >> 32;
    int error = access(b, write, pa, 4, &low);
    const int second = access(b, write, pa + 4, 4, &high);
    if (!error) error = second;
    if (!write) *value = low | high << 32;
    return error;
  }
  const auto offset = static_cast<uint32_t>(pa - base);
  const unsigned lane = offset & (width - 1);
  const uint64_t mask = bytes == 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * bytes) - 1;
  BusOp op;
  op.write = write;
  op.addr = offset & ~(width - 1);
  op.data = (*value & mask) << 8 * lane;
  op.strb = static_cast<uint8_t>(((1u << bytes) - 1) << lane);
  const int error = transact(b, *port, op, pa);
  if (!write) *value = error ? mask : op.data >> 8 * lane & mask;
  return error;
}

int checked_access(struct atcbench_sim* b, bool write, Addr pa, unsigned bytes, uint64_t* value) {
  if ((bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) || pa % bytes != 0)
    return fail(b, -EINVAL, fmt::format("access of {} bytes at {:#x}", bytes, pa));
  return guarded(b, [&] { return access(b, write, pa, bytes, value); });
}

}  // namespace

extern "C" {

void atcbench_options_init(struct atcbench_options* opt) {
  *opt = {};
  opt->dram_fd = -1;
}

struct atcbench_sim* atcbench_create(const struct atcbench_options* opt, char* error, size_t error_bytes) {
  try {
    Config config;
    Simulation::Options options;
    if (opt) {
      for (const char* const* set = opt->config; set && *set; ++set) config.set(*set);
      options.dram_host = opt->dram;
      options.dram_fd = opt->dram_fd;
      options.skip = !opt->no_skip;
    }
    config.finish();
    const ModelEntry& model = select_model(config, model_registry());
    auto b = std::make_unique<struct atcbench_sim>(std::move(config), model, options);
    b->sim.oracles().add(make_sync_oracle());
    b->sim.oracles().add(make_completion_oracle());
    b->sim.oracles().add(make_tlp_oracle(b->sim.config().functions()));
    b->sim.oracles().add(make_eats_oracle(&b->sim.ownership()));
    struct atcbench_sim* raw = b.get();
    b->sim.on_irq([raw](unsigned irq) {
      raw->interrupted = true;
      if (raw->irq_fn) raw->irq_fn(raw->irq_arg, static_cast<enum atcbench_irq>(irq), raw->sim.now());
    });
    b->sim.on_msi([raw](uint32_t data) {
      raw->interrupted = true;
      if (raw->msi_fn) raw->msi_fn(raw->msi_arg, data, raw->sim.now());
    });
    if (opt && opt->waves) b->sim.set_waves(opt->waves, 0, kNever);
    b->sim.reset();
    return b.release();
  } catch (const std::exception& e) {
    if (error && error_bytes) {
      std::strncpy(error, e.what(), error_bytes - 1);
      error[error_bytes - 1] = '\0';
    }
    return nullptr;
  }
}

void atcbench_destroy(struct atcbench_sim* b) {
  if (!b) return;
  b->sim.close_waves();
  delete b;
}

const char* atcbench_error(const struct atcbench_sim* b) { return b->error.c_str(); }

void* atcbench_dram(struct atcbench_sim* b, uint64_t pa, size_t bytes) {
  return b->sim.dram().contains(pa, bytes) ? b->sim.dram().at(pa) : nullptr;
}

int atcbench_read(struct atcbench_sim* b, uint64_t pa, unsigned int bytes, uint64_t* value) {
  *value = 0;
  return checked_access(b, false, pa, bytes, value);
}

int atcbench_write(struct atcbench_sim* b, uint64_t pa, unsigned int bytes, uint64_t value) {
  return checked_access(b, true, pa, bytes, &value);
}

int atcbench_cfg_read(struct atcbench_sim* b, uint16_t bdf, unsigned int offset, unsigned int bytes, uint64_t* value) {
  if (offset >= 4096) return fail(b, -EINVAL, fmt::format("configuration offset {:#x}", offset));
  return atcbench_read(b, kEcamBase + (Addr{bdf} << 12) + offset, bytes, value);
}

int atcbench_cfg_write(struct atcbench_sim* b, uint16_t bdf, unsigned int offset, unsigned int bytes, uint64_t value) {
  if (offset >= 4096) return fail(b, -EINVAL, fmt::format("configuration offset {:#x}", offset));
  return atcbench_write(b, kEcamBase + (Addr{bdf} << 12) + offset, bytes, value);
}

uint64_t atcbench_now(const struct atcbench_sim* b) { return b->sim.now(); }

int atcbench_run(struct atcbench_sim* b, uint64_t cycles) { return atcbench_run_until(b, b->sim.now() + cycles); }

int atcbench_run_until(struct atcbench_sim* b, uint64_t time) {
  return guarded(b, [&] {
    while (b->sim.now() < time) step(b, time);
    return 0;
  });
}

int atcbench_run_until_irq(struct atcbench_sim* b, uint64_t time) {
  return guarded(b, [&] {
    b->interrupted = false;
    while (b->sim.now() < time && !b->interrupted) step(b, time);
    return b->interrupted ? 1 : 0;
  });
}

int atcbench_quiet(const struct atcbench_sim* b, uint64_t* next) {
  const ModelOutputs& out = b->sim.outputs();
  if (next) *next = out.next_deadline == kTimeMask ? UINT64_MAX : out.next_deadline;
  return out.quiet;
}

void atcbench_on_irq(struct atcbench_sim* b, atcbench_irq_fn fn, void* arg) {
  b->irq_fn = fn;
  b->irq_arg = arg;
}

void atcbench_on_msi(struct atcbench_sim* b, atcbench_msi_fn fn, void* arg) {
  b->msi_fn = fn;
  b->msi_arg = arg;
}

int atcbench_page_grant(struct atcbench_sim* b, uint64_t pa, uint32_t domain, uint64_t iova, unsigned int perms,
                        uint32_t devices) {
  if (pa % kPageBytes || !b->sim.dram().contains(pa, kPageBytes) || domain == Ownership::kNoDomain)
    return fail(b, -EINVAL, fmt::format("page {:#x}, domain {}", pa, domain));
  b->owners = true;
  b->sim.ownership().grant(b->sim.now(), pa, domain, iova, static_cast<uint8_t>(perms), devices);
  return 0;
}

int atcbench_page_release(struct atcbench_sim* b, uint64_t pa, int success) {
  if (!b->sim.ownership().owned(pa)) return fail(b, -EINVAL, fmt::format("page {:#x} has no owner", pa));
  b->sim.ownership().release(b->sim.now(), pa, success != 0);
  return 0;
}

size_t atcbench_event_count(const struct atcbench_sim* b) {
  return const_cast<struct atcbench_sim*>(b)->sim.log().events().size();
}

int atcbench_event_get(const struct atcbench_sim* b, size_t index, struct atcbench_event* out) {
  const std::vector<Event>& events = const_cast<struct atcbench_sim*>(b)->sim.log().events();
  if (index >= events.size()) return -EINVAL;
  static_assert(sizeof(Event) == sizeof(*out), "one layout");
  std::memcpy(out, &events[index], sizeof *out);
  return 0;
}

unsigned int atcbench_event_number(const char* name) { return event_number(name); }
const char* atcbench_event_name(unsigned int number) { return event_name(static_cast<uint16_t>(number)).data(); }

int atcbench_events_write(struct atcbench_sim* b, const char* path) {
  return guarded(b, [&] {
    b->sim.log().write(path);
    return 0;
  });
}

void atcbench_trace(struct atcbench_sim* b, unsigned int event, unsigned int src, uint32_t a0, uint64_t a1, uint64_t a2) {
  b->sim.log().add(static_cast<uint16_t>(event), static_cast<uint16_t>(src), a0, a1, a2);
}

size_t atcbench_checks(struct atcbench_sim* b, struct atcbench_check* out, size_t max) {
  b->checks = b->sim.oracles().results();
  if (b->owners) {
    b->checks.push_back(b->sim.ownership().stale_check());
    b->checks.push_back(b->sim.ownership().foreign_check());
  }
  for (size_t i = 0; i < std::min(max, b->checks.size()); ++i)
    out[i] = {b->checks[i].name.c_str(), b->checks[i].message.c_str(), b->checks[i].pass, b->checks[i].cycle};
  return b->checks.size();
}

}  // extern "C"
