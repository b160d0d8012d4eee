// SPDX-License-Identifier: Apache-2.0
#include "atcbench/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "atcbench/error.h"
#include "smmu.h"
#include "toml_file.h"

namespace atcbench {
namespace {

constexpr uint64_t kMaxTime = uint64_t{1} << 40;

// One row of the table: a number with a range, or a word out of a list.
struct Key {
  std::string name;
  std::function<uint64_t*(Config&)> number;
  uint64_t min = 0;
  uint64_t max = 0;
  std::function<std::string*(Config&)> word;
  std::vector<std::string> choices;
  const char* help;
};

#define NUMBER(name, member, lo, hi, help) \
  Key{name, [](Config& c) { return &c.member; }, lo, hi, nullptr, {}, help}
#define WORD(name, member, help, ...) \
  Key{name, nullptr, 0, 0, [](Config& c) { return &c.member; }, {__VA_ARGS__}, help}

std::vector<std::string> policy_names() {
  std::vector<std::string> names;
  for (unsigned i = 0; const char* name = smmu_policy_name(i); ++i) names.emplace_back(name);
  return names;
}

const std::vector<Key>& table() {
  static const std::vector<Key> keys = {
      NUMBER("system.devices", system.devices, 1, 16, "endpoints in use; with several functions a device, each is one"),
      NUMBER("system.cpus", system.cpus, 1, 16, "virtual CPUs"),
      NUMBER("system.dram_mib", system.dram_mib, 64, 65536, "memory, MiB"),
      NUMBER("smmu.itags", smmu.itags, 1, 32, "tags per function (sizes the hardware)"),
      WORD("smmu.itag_scope", smmu.itag_scope, "D4 (sizes the hardware)", "device", "global"),
      NUMBER("smmu.atc_timeout", smmu.atc_timeout, 1, kMaxTime, "cycles"),
      NUMBER("smmu.ecmdqs", smmu.ecmdqs, 0, 8, "enhanced command queues: 0, 1, 2, 4 or 8 (sizes the hardware)"),
      WORD("smmu.sync_error_when", smmu.sync_error_when, "D2", "drained", "first"),
      NUMBER("smmu.sync_rereport", smmu.sync_rereport, 0, 15, "D3"),
      WORD("time", time, "D19", "scaled", "real"),
      WORD("pcie.topology", topology, "D12 (sizes the hardware)", "rootports", "switch"),
      NUMBER("pcie.max_payload", max_payload, 64, 256, "bytes that a packet carries: 64, 128 or 256 (sizes the hardware)"),
      NUMBER("link.latency", link.latency, 1, 65535, "cycles one way"),
      NUMBER("link.width", link.width, 4, 32, "bytes a cycle: 4, 8, 16 or 32"),
      NUMBER("link.train", link.train, 1, 65535, "cycles until a link is up again"),
      NUMBER("mem.latency", mem.latency, 1, 100000, "cycles"),
      NUMBER("mem.outstanding", mem.outstanding, 1, 256, "reads, and as many writes, per port"),
      NUMBER("ep.inv_queue_depth", ep.inv_queue_depth, 1, 32, "advertised depth"),
      NUMBER("ep.inv_search", ep.inv_search, 0, 1023, "ATC entries an invalidation searches in a cycle; 0 = all"),
      NUMBER("ep.xlat_pages", ep.xlat_pages, 1, 8, "translations a Translation Request asks for"),
      NUMBER("ep.stale_all", ep.stale_all, 0, 1, "1: any invalidation marks every open Translation Request, D11"),
      NUMBER("ep.atc_entries", ep.atc_entries, 1, 4096, "entries (sizes the hardware)"),
      NUMBER("ep.functions", ep.functions, 1, 8, "physical functions of a device (sizes the hardware)"),
      NUMBER("ep.vfs", ep.vfs, 0, 7, "virtual functions of a device's function 0 (sizes the hardware)"),
      NUMBER("ep.flr_cycles", ep.flr_cycles, 1, kMaxTime, "duration of a reset"),
      NUMBER("cfg.timeout", cfg.timeout, 1, kMaxTime, "completion time-out of configuration requests and of the devices' requests, cycles; unless given, at least 1250 for each device"),
      WORD("cpu.port", cpu.port, "the driver linked to the harness, or as AArch64 code (doc/aarch64.md)", "native", "aarch64"),
      NUMBER("cpu.cpi", cpu.cpi, 1, 1000, "cycles an AArch64 instruction takes, memory accesses on top"),
      NUMBER("cpu.quantum", cpu.quantum, 1, 1000000, "AArch64 instructions without an interrupt or a shared access executed at once"),
      NUMBER("cpu.poll_timeout", cpu.poll_timeout, 1, kMaxTime, "driver's limit of a SYNC wait, cycles"),
      NUMBER("cpu.poll_period", cpu.poll_period, 1, 1000000, "cycles between samples"),
      NUMBER("cpu.ready_timeout", cpu.ready_timeout, 1, kMaxTime, "driver's limit after a reset, cycles"),
      NUMBER("cpu.flr_wait", cpu.flr_wait, 0, kMaxTime, "driver's wait after Initiate FLR, cycles; 0 = ep.flr_cycles"),
      NUMBER("cpu.cost.mem", cpu.cost.mem, 0, 100000, "shared-memory access, cycles"),
      NUMBER("cpu.cost.atomic", cpu.cost.atomic, 0, 100000, "atomic, cycles"),
      NUMBER("cpu.cost.alloc", cpu.cost.alloc, 0, 1000000, "allocation, cycles"),
      NUMBER("cpu.cost.mmio", cpu.cost.mmio, 0, 100000, "on top of the bus transaction, cycles"),
      NUMBER("cpu.cost.barrier", cpu.cost.barrier, 0, 100000, "barrier, cycles"),
      NUMBER("cpu.cost.irq", cpu.cost.irq, 0, 100000, "interrupt entry, cycles"),
      NUMBER("cpu.cost.sched", cpu.cost.sched, 0, 100000, "task switch, cycles"),
      NUMBER("cpu.cost.call", cpu.cost.call, 0, 100000, "any other port call, cycles"),
      Key{"driver.policy", nullptr, 0, 0, [](Config& c) { return &c.driver.policy; }, policy_names(),
          "what the driver does on a time-out"},
      WORD("driver.order", driver.order, "of EATS = 0 and PCI ATS disable", "eats-first", "pci-first"),
      NUMBER("driver.batch", driver.batch, 1, 64, "pages per unmap"),
      NUMBER("driver.evtq_log2", driver.evtq_log2, 2, 16, "log2 of the event queue's entries"),
      NUMBER("driver.cmdq_log2", driver.cmdq_log2, 7, 16, "log2 of the command queues' entries"),
      NUMBER("driver.ecmdq", driver.ecmdq, 0, 1, "a CPU uses an enhanced command queue, if there are any"),
      NUMBER("driver.priq_log2", driver.priq_log2, 1, 12, "log2 of the PRI queue's entries; `pri` without it: room for all that its devices may have outstanding"),
      NUMBER("driver.priq_budget", driver.priq_budget, 1, 4096, "page requests that one run of their worker takes"),
      NUMBER("driver.expiry_limit", driver.expiry_limit, 1, 1000000, "expiries of a SYNC wait until the caller is told"),
      NUMBER("driver.use_qdep", driver.use_qdep, 0, 1, "D5"),
      WORD("driver.plant", driver.plant, "bug planted in the driver, for tests of the oracles", "none", "keep-eats",
           "unlocked-rmw", "no-own-sync", "no-claim", "skip-atc", "skip-tlbi", "answer-twice", "no-answer", "answer-no-pasid",
           "no-disconnect", "believe-ones", "restore-ats", "d3-in-use", "keep-contained", "deaf-aer", "one-ended-mps", "resume-ats", "alias-ats", "one-stream",
           "forget-vf", "unknown-port"),
      WORD("driver.sync", driver.sync, "how a CMD_SYNC signals", "msi", "sev", "cons"),
      NUMBER("driver.gerror_irq", driver.gerror_irq, 0, 1, "take the GERROR interrupt"),
      NUMBER("driver.poll_gerror", driver.poll_gerror, 0, 1, "look at GERROR inside waits (D23)"),
      NUMBER("driver.sync_irq_off", driver.sync_irq_off, 0, 1, "a SYNC waiter keeps interrupts off"),
      NUMBER("driver.irq_cpu", driver.irq_cpu, 0, 15, "CPU that takes the SMMU's interrupts"),
      NUMBER("driver.port_services", driver.port_services, 0, 1,
             "the driver serves hot plug, error reporting and containment of the ports: root ports, or those of the switch and the root port above"),
      WORD("driver.delivery", driver.delivery, "whom an error goes to: the function, or everything below the port right above it (step 6)", "function",
           "subtree"),
      NUMBER("load.pages", load.pages, 1, 4096, "window of each CPU, pages"),
      NUMBER("load.iterations", load.iterations, 1, 100000000, "rounds of each CPU"),
      NUMBER("load.commands", load.commands, 1, 63, "ATC_INVs before each SYNC (`inv-stream`)"),
      NUMBER("load.hold", load.hold, 0, 1000000000, "cycles between map and unmap"),
      NUMBER("load.domains", load.domains, 1, 16, "domains; endpoint i and CPU i use number i modulo this"),
      NUMBER("load.dma_interval", load.dma_interval, 0, 4000000000, "cycles between transfers; 0 = no DMA"),
      NUMBER("load.dma_bytes", load.dma_bytes, 0, 256,
             "bytes of a transfer: 64, 128 or 256, cut to Max_Payload_Size and Max_Read_Request_Size; 0 = pcie.max_payload"),
      NUMBER("load.dma_reads", load.dma_reads, 0, 1, "endpoints read"),
      NUMBER("load.dma_writes", load.dma_writes, 0, 1, "endpoints write"),
      NUMBER("load.use_ats", load.use_ats, 0, 1, "endpoints translate through ATS"),
      NUMBER("load.pri", load.pri, 0, 1, "pages are mapped when a device asks for them (PRI)"),
      NUMBER("load.pri_log2", load.pri_log2, 0, 3, "log2 of the pages of a page request group"),
      NUMBER("load.group", load.group, 1, 16, "endpoints 0 to group - 1 are one group, attached together"),
      WORD("load.share", load.share, "what those have in common besides: nothing, one StreamID, or one driver as one IOMMU master with several StreamIDs",
           "group", "stream", "master"),
      NUMBER("load.pasid", load.pasid, 0, 1, "each endpoint is in the other domains by PASID"),
      NUMBER("load.irq_off", load.irq_off, 0, 1, "unmaps are called with interrupts off, as from a notifier"),
      NUMBER("slot.device", slot.device, 0, 15, "endpoint whose slot it is"),
      WORD("slot.what", slot.what, "what happens to a slot: the device is pulled, the line breaks, or every packet is lost unnoticed",
           "none", "remove", "line", "mute"),
      NUMBER("slot.at", slot.at, 0, kMaxTime, "cycle in which it happens"),
      NUMBER("slot.back", slot.back, 0, kMaxTime, "cycle in which it is over; 0 = never"),
      NUMBER("slot.surprise", slot.surprise, 0, 1, "slots say that devices may go without warning"),
      NUMBER("slot.event", slot.event, 0, 1, "with driver.port_services: hot-plug events are served"),
      WORD("rc.isolate_on_inv_timeout", rc.isolate, "what the root complex drops after an invalidation time-out (D16)", "off",
           "translated", "all", "port"),
      NUMBER("rc.flr_snoop", rc.flr_snoop, 0, 1, "a function level reset that the root complex sees retires the function's tags (D17)"),
      NUMBER("rc.rrs_retry", rc.rrs_retry, 0, 1, "configuration requests answered with RRS are sent again until the time-out"),
      NUMBER("rc.rrs_visible", rc.rrs_visible, 0, 1, "RRS software visibility, set at boot"),
      NUMBER("rc.source_validation", rc.source_validation, 0, 1, "ACS Source Validation of the ports, set at boot (D15)"),
      NUMBER("rc.translation_blocking", rc.translation_blocking, 0, 1, "ACS Translation Blocking of the ports, set at boot (D15)"),
      WORD("rc.dpc", rc.dpc, "errors that contain the port right above a device, set at boot", "off", "fatal", "nonfatal"),
      NUMBER("rc.interrupts", rc.interrupts, 0, 1, "ports interrupt on errors, hot plug and containment, set at boot"),
      NUMBER("fault.device", fault.device, 0, 15, "first endpoint that fails"),
      NUMBER("fault.count", fault.count, 1, 16, "endpoints that fail"),
      NUMBER("fault.at", fault.at, 0, 100000000, "round of CPU 0 at which the fault is armed"),
      NUMBER("fault.repeat", fault.repeat, 1, 100000, "times in a row"),
      WORD("fault.mode", fault.mode, "D14", "dead", "cleared", "stuck"),
      WORD("fault.kind", fault.kind, "what the device does; `never` = what the scenario says (doc/rtl/ep_fault.md)", "never",
           "ur", "wrong-itag", "wrong-rid", "wrong-cc", "duplicate", "forge", "rogue", "no-credit", "cfg-dead", "none"),
      WORD("fault.flr", fault.flr, "what its reset does", "normal", "ignore", "never", "broken"),
      WORD("fault.malformed", fault.malformed, "what becomes of its writes", "none", "length", "byte-enables", "crossing",
           "at", "poison", "completion", "message"),
      NUMBER("fault.ctrl", fault.ctrl, 0, 0xFFFFFFFF, "further bits of FAULT_CTRL, so that faults combine"),
      NUMBER("fault.rid", fault.rid, 0, 0xFFFF, "requester ID of `wrong-rid` and `forge`"),
      NUMBER("fault.every", fault.every, 0, 0xFFFFFFFF, "every so manieth invalidation is treated normally; 0 = none"),
      NUMBER("fault.delay", fault.delay, 1, 0xFFFFFFFF, "cycles of a slow answer, a broken reset, a stop of credits"),
      NUMBER("fault.skip", fault.skip, 0, 0xFFFFFFFF, "invalidations answered before the fault acts"),
      NUMBER("fault.survive_flr", fault.survive_flr, 0, 1, "the fault outlives a reset"),
      WORD("fault.reset", fault.reset, "how `flr-race` resets", "prepare", "raw"),
      NUMBER("fault.quarantine", fault.quarantine, 0, 1,
             "`linkdown`, `dpc`, `suspend`: the device is in quarantine before, and nobody asks for its reset"),
      NUMBER("fault.keep_stale", fault.keep_stale, 0, 1, "planted bug: the ATC keeps the entry"),
      NUMBER("fault.early_cpl", fault.early_cpl, 0, 1, "planted bug: answer before the drain"),
      NUMBER("sim.max_cycles", sim.max_cycles, 1, UINT64_MAX, "limit of simulated steps"),
      NUMBER("sim.log_bus", sim.log_bus, 0, 1, "every DMA access is an event"),
      NUMBER("sim.assertions", sim.assertions, 0, 1, "a failing assertion of the design ends the run"),
      WORD("sim.plant", sim.plant, "bug planted in the virtual CPUs, for tests of the oracles", "none", "lost-irq", "lost-work",
           "lost-wake", "late-wait", "deaf-wait", "deaf-error"),
      WORD("sim.mutant", sim.mutant, "wrong line of the design, for tests of the oracles; needs build/atcbench-mutants", "none",
           "sync-early", "tlp-form", "tlp-lost", "credit-lost", "event-lost", "writes-lost", "writes-refused", "prg-pasid", "msi-lost",
           "msi-early"),
      NUMBER("seed", seed, 0, UINT64_MAX, "of every random choice"),
  };
  return keys;
}

#undef NUMBER
#undef WORD

const Key& find(std::string_view name) {
  std::vector<std::string> names;
  for (const Key& key : table()) {
    if (key.name == name) return key;
    names.push_back(key.name);
  }
  const std::string near = nearest(name, names);
  throw UsageError(fmt::format("unknown key '{}'{}", name, near.empty() ? "" : "; nearest is '" + near + "'"));
}

std::string text(const Key& key, Config& config) {
  return key.word ? *key.word(config) : fmt::format("{}", *key.number(config));
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// Leaves of a TOML table, as block.parameter.
void flatten(const toml::table& from, const std::string& prefix, Config& to, const std::string& path) {
  for (const auto& [name, node] : from) {
    const std::string key = prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
    if (const auto* table = node.as_table()) {
      flatten(*table, key, to, path);
      continue;
    }
    std::string value;
    if (const auto* number = node.as_integer())
      value = fmt::format("{}", number->get());
    else if (const auto* word = node.as_string())
      value = word->get();
    else if (const auto* flag = node.as_boolean())
      value = flag->get() ? "1" : "0";
    const auto line = node.source().begin.line;
    if (value.empty()) throw UsageError(fmt::format("{}:{}: '{}' is neither a number nor a word", path, line, key));
    try {
      to.set(key, value);
    } catch (const UsageError& e) {
      throw UsageError(fmt::format("{}:{}: {}", path, line, e.what()));
    }
  }
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& names) {
  std::string best;
  size_t best_distance = std::max<size_t>(3, word.size() / 2);
  for (const std::string& name : names) {
    const size_t distance = edit_distance(word, name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

void Config::set(std::string_view key_name, std::string_view value) {
  const Key& key = find(key_name);
  if (key.word) {
    if (std::find(key.choices.begin(), key.choices.end(), value) == key.choices.end())
      throw UsageError(
          fmt::format("{} = '{}': must be one of {}", key_name, value, fmt::join(key.choices, ", ")));
    *key.word(*this) = std::string(value);
  } else {
    int base = 10;
    std::string_view digits = value;
    if (digits.size() > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
      base = 16;
      digits.remove_prefix(2);
    }
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    if (error != std::errc() || end != digits.data() + digits.size() || number < key.min || number > key.max)
      throw UsageError(fmt::format("{} = '{}': must be a number from {} to {} ({})", key_name, value, key.min,
                                   key.max, key.help));
    *key.number(*this) = number;
  }
  given_.insert(key.name);
}

std::string Config::get(std::string_view key) const {
  Config copy = *this;
  return text(find(key), copy);
}

void Config::set(std::string_view assignment) {
  const size_t eq = assignment.find('=');
  if (eq == std::string_view::npos || eq == 0)
    throw UsageError(fmt::format("'{}': must be key=value", assignment));
  set(assignment.substr(0, eq), assignment.substr(eq + 1));
}

void Config::load_file(const std::string& path) {
  flatten(read_toml(path), "", *this, path);
}

void Config::finish() {
  const auto unless_given = [this](const char* key, uint64_t& value, uint64_t real) {
    if (time == "real" && !given_.count(std::string_view(key))) value = real;
  };
  unless_given("smmu.atc_timeout", smmu.atc_timeout, 90'000'000'000);
  unless_given("cpu.poll_timeout", cpu.poll_timeout, 1'000'000'000);
  unless_given("ep.flr_cycles", ep.flr_cycles, 100'000'000);
  unless_given("cfg.timeout", cfg.timeout, 50'000'000);
  unless_given("cpu.ready_timeout", cpu.ready_timeout, 60'000'000'000);
  unless_given("cpu.poll_period", cpu.poll_period, 1'000);  // 1 us; and several CPUs that sample without a pause fill the register bus
  // A load that leaves the design idle between transfers: long waits are jumped over, not run.
  unless_given("load.dma_interval", load.dma_interval, 4'000'000'000);
  unless_given("load.hold", load.hold, 10'000'000);
  // Scaled times are for four devices: of sixteen that are in an abort each waits four times as long for its turn.
  if (time == "scaled" && !given_.count(std::string_view("cfg.timeout"))) cfg.timeout = std::max<uint64_t>(cfg.timeout, 1250 * system.devices);
  if (link.width & (link.width - 1))
    throw UsageError(fmt::format("link.width = '{}': must be 4, 8, 16 or 32", link.width));
  if (smmu.ecmdqs & (smmu.ecmdqs - 1))
    throw UsageError(fmt::format("smmu.ecmdqs = '{}': must be 0, 1, 2, 4 or 8", smmu.ecmdqs));
  if (max_payload & (max_payload - 1))
    throw UsageError(fmt::format("pcie.max_payload = '{}': must be 64, 128 or 256", max_payload));
  if (load.dma_bytes != 0 && (load.dma_bytes < 64 || (load.dma_bytes & (load.dma_bytes - 1))))
    throw UsageError(fmt::format("load.dma_bytes = '{}': must be 0, 64, 128 or 256", load.dma_bytes));
  if (load.pri && (load.use_ats == 0 || cpu.port != "native"))
    throw UsageError("load.pri = 1 needs load.use_ats = 1 and cpu.port = native");
  if (fault.device + fault.count > system.devices && (given("fault.device") || given("fault.count")))
    throw UsageError(fmt::format("fault.device = {} and fault.count = {} need {} devices, system.devices is {}",
                                 fault.device, fault.count, fault.device + fault.count, system.devices));
  if (slot.what != "none" && slot.device >= system.devices)
    throw UsageError(fmt::format("slot.device = {}, system.devices is {}", slot.device, system.devices));
  if (slot.back != 0 && slot.back <= slot.at)
    throw UsageError(fmt::format("slot.back = {} is not after slot.at = {}", slot.back, slot.at));
  if (load.share != "group" && (load.group > system.devices || load.pasid || load.pri))
    throw UsageError("load.share = stream and master need system.devices >= load.group, load.pasid = 0 and load.pri = 0");
  if (one_master() && load.group > 4)
    throw UsageError(fmt::format("load.group = {}: a master has at most 4 StreamIDs", load.group));
  if (ep.functions + ep.vfs > 8)
    throw UsageError(fmt::format("ep.functions = {} and ep.vfs = {} are more than 8 functions", ep.functions, ep.vfs));
  if (driver.irq_cpu >= system.cpus)
    throw UsageError(fmt::format("driver.irq_cpu = {}, system.cpus is {}", driver.irq_cpu, system.cpus));
  if (driver.port_services && (rc.interrupts || rc.isolate == "port"))
    throw UsageError(
        "driver.port_services takes the ports' interrupts and containment itself: not with rc.interrupts or "
        "rc.isolate_on_inv_timeout = port");
  if (driver.batch > load.pages)
    throw UsageError(fmt::format("driver.batch = {} is more than load.pages = {}", driver.batch, load.pages));
}

std::vector<std::pair<std::string, std::string>> Config::dump() const {
  std::vector<std::pair<std::string, std::string>> all;
  Config copy = *this;
  for (const Key& key : table()) all.emplace_back(key.name, text(key, copy));
  return all;
}

std::string Config::to_toml() const {
  std::string out;
  Config copy = *this;
  for (const Key& key : table())
    out += fmt::format(key.word ? "{} = \"{}\"  # {}\n" : "{} = {}  # {}\n", key.name, text(key, copy), key.help);
  return out;
}

std::vector<std::pair<std::string, std::string>> Config::differences() const {
  Config plain;
  plain.time = time;
  plain.finish();
  const auto mine = dump(), defaults = plain.dump();
  std::vector<std::pair<std::string, std::string>> different;
  for (size_t i = 0; i < mine.size(); ++i)
    if (mine[i] != defaults[i] || (mine[i].first == "time" && time != Config{}.time)) different.push_back(mine[i]);
  return different;
}

std::string config_reference() {
  Config scaled, real;
  scaled.finish();
  real.time = "real";
  real.finish();
  std::string out =
      "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
      "<!-- Made by `make docs` from the table in sim/src/config.cpp. -->\n"
      "# Configuration\n\n"
      "One name for each setting, everywhere: `--set link.latency=200` on the command line, `link.latency = 200` or a table `[link]` in a\n"
      "file given with `--config FILE.toml`, `\"link.latency\": \"200\"` in `report.json`. The command line wins over the file, the file over\n"
      "the defaults. `atcbench run SCENARIO --print-config` prints what a run would use, as a file that `--config` reads. Times are in cycles;\n"
      "Dn is a design decision; values that size the hardware need a model built for them.\n\n"
      "| key | default | allowed | meaning |\n|---|---|---|---|\n";
  for (const Key& key : table()) {
    const std::string value = text(key, scaled), slow = text(key, real);
    const bool differs = value != slow && key.name != "time";
    const std::string allowed = key.word ? fmt::format("`{}`", fmt::join(key.choices, "`, `"))
                                         : key.max == UINT64_MAX ? fmt::format("from {}", key.min)
                                                                 : fmt::format("{} to {}", key.min, key.max);
    out += fmt::format("| `{}` | {}{} | {} | {} |\n", key.name, value,
                       differs ? fmt::format("; {} with `time=real`", slow) : "", allowed, key.help);
  }
  return out;
}

Straps Config::straps() const {
  Straps s;
  s.cfg_timeout = cfg.timeout;
  s.flr_cycles = ep.flr_cycles;
  s.link_latency = static_cast<uint16_t>(link.latency);
  s.link_width = static_cast<uint8_t>(link.width);
  s.sync_rereport = static_cast<uint8_t>(smmu.sync_rereport);
  s.ep_inv_depth = static_cast<uint8_t>(ep.inv_queue_depth);
  s.ep_inv_search = static_cast<uint16_t>(ep.inv_search);
  s.ep_xlat_pages = static_cast<uint8_t>(ep.xlat_pages - 1);
  s.ep_stale_all = ep.stale_all != 0;
  s.sync_err_first = smmu.sync_error_when == "first";
  s.link_train = static_cast<uint16_t>(link.train);
  s.isolate = rc.isolate == "translated" ? 1 : rc.isolate == "all" ? 2 : rc.isolate == "port" ? 3 : 0;
  s.slot_surprise = slot.surprise != 0;
  s.rrs_retry = rc.rrs_retry != 0;
  s.flr_snoop = rc.flr_snoop != 0;
  s.stream_share = one_stream() ? static_cast<uint8_t>(load.group) : 0;
  return s;
}

FunctionMap Config::functions() const {
  FunctionMap map;
  map.first_bus = topology == "switch" ? 3 : 1;
  map.bridged = topology == "switch";
  map.per_device = static_cast<unsigned>(ep.functions + ep.vfs);
  map.physical = static_cast<unsigned>(ep.functions);
  return map;
}

namespace {

// As MODELS says it: devices, x functions, v virtual functions, p bytes of a packet, q enhanced command queues, s behind a switch; "4",
// "4x2", "1v7", "1x2v3", "2p256", "2q2", "4p128s".
std::string model_word(uint64_t devices, uint64_t functions, uint64_t vfs, uint64_t payload, uint64_t ecmdqs, const std::string& topology) {
  return fmt::format("{}{}{}{}{}{}", devices, functions > 1 ? fmt::format("x{}", functions) : "", vfs ? fmt::format("v{}", vfs) : "",
                     payload != 64 ? fmt::format("p{}", payload) : "", ecmdqs ? fmt::format("q{}", ecmdqs) : "", topology == "switch" ? "s" : "");
}

}  // namespace

const ModelEntry& select_model(const Config& config, const std::vector<ModelEntry>& models) {
  const bool global = config.smmu.itag_scope == "global";
  const uint64_t per_device = config.ep.functions + config.ep.vfs;
  const uint64_t devices = (config.system.devices + per_device - 1) / per_device;
  // What MODELS says of it, but for the number of endpoints.
  const auto same_kind = [&config](const ModelInfo& m) {
    return m.functions == config.ep.functions && m.vfs == config.ep.vfs && m.max_payload == config.max_payload &&
           m.ecmdqs == config.smmu.ecmdqs && m.topology == config.topology;
  };
  const ModelEntry* best = nullptr;
  std::vector<std::string> have;
  for (const ModelEntry& m : models) {
    have.push_back(fmt::format("{} endpoints / {} itags / {} / {} ATC entries",
                               model_word(m.info.endpoints, m.info.functions, m.info.vfs, m.info.max_payload, m.info.ecmdqs,
                                          m.info.topology),
                               m.info.itags,
                               m.info.itag_scope_global ? "global" : "device", m.info.atc_entries));
    if (!same_kind(m.info)) continue;
    if (m.info.endpoints < devices || m.info.itags != config.smmu.itags ||
        m.info.itag_scope_global != global || m.info.atc_entries != config.ep.atc_entries)
      continue;
    if (!best || m.info.endpoints < best->info.endpoints) best = &m;
  }
  if (best && config.sim.mutant != "none" && !best->info.mutants)
    throw UsageError("sim.mutant needs atcbench-mutants: cmake --build build --target atcbench-mutants");
  if (best) return *best;
  const bool too_many = std::none_of(models.begin(), models.end(), [&](const ModelEntry& m) {
    return m.info.endpoints >= devices && same_kind(m.info);
  });
  const std::string wanted = model_word(devices, config.ep.functions, config.ep.vfs, config.max_payload, config.smmu.ecmdqs, config.topology);
  throw UsageError(fmt::format(
      "no model for {} endpoints / {} itags / {} / {} ATC entries; built are: {}; {}", wanted,
      config.smmu.itags, config.smmu.itag_scope, config.ep.atc_entries,
      have.empty() ? "none" : fmt::format("{}", fmt::join(have, "; ")),
      too_many ? fmt::format("another one: make MODELS=\"4 {}\"", wanted)
               : "the other sizes are parameters of rtl/top/atc_top.sv, set in sim/cmake/Harness.cmake"));
}

}  // namespace atcbench
