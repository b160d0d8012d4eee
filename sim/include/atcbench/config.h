// SPDX-License-Identifier: Apache-2.0
//
// Everything that a run can be told, by one name: the same key on the command line (--set), in TOML files
// and in reports. The options of the command line win over the file, the file over the defaults. Defaults are the scaled values of D19; a bad key or value is a UsageError of one line.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atcbench/model.h"

namespace atcbench {

struct Config {
  struct System {
    uint64_t devices = 4;
    uint64_t cpus = 2;
    uint64_t dram_mib = 1024;
  } system;
  struct Smmu {
    uint64_t itags = 32;
    std::string itag_scope = "device";
    uint64_t atc_timeout = 20000;
    uint64_t ecmdqs = 0;  // enhanced command queues
    std::string sync_error_when = "drained";
    uint64_t sync_rereport = 0;
  } smmu;
  std::string time = "scaled";
  std::string topology = "rootports";
  uint64_t max_payload = 64;  // bytes that a packet carries
  struct Link {
    uint64_t latency = 50;
    uint64_t width = 16;
    uint64_t train = 100;  // cycles until a link is up again
  } link;
  struct Slot {  // what happens to one slot from outside
    std::string what = "none";
    uint64_t device = 0;
    uint64_t at = 20000;
    uint64_t back = 0;  // 0 = never
    uint64_t surprise = 0;
    uint64_t event = 1;  // the driver serves hot-plug events (with driver.port_services)
  } slot;
  struct Rc {
    std::string isolate = "off";  // rc.isolate_on_inv_timeout, D16
    uint64_t flr_snoop = 0;       // D17
    uint64_t rrs_retry = 0;
    uint64_t rrs_visible = 0;
    uint64_t source_validation = 1;
    uint64_t translation_blocking = 0;
    std::string dpc = "off";
    uint64_t interrupts = 0;
  } rc;
  struct Mem {
    uint64_t latency = 40;
    uint64_t outstanding = 16;
  } mem;
  struct Ep {
    uint64_t inv_queue_depth = 32;
    uint64_t inv_search = 0;
    uint64_t xlat_pages = 1;
    uint64_t stale_all = 0;
    uint64_t atc_entries = 64;
    uint64_t functions = 1;
    uint64_t vfs = 0;
    uint64_t flr_cycles = 2000;
  } ep;
  struct Cfg {
    uint64_t timeout = 5000;
  } cfg;
  struct Cpu {
    std::string port = "native";
    uint64_t cpi = 1;
    uint64_t quantum = 1;
    uint64_t poll_timeout = 100000;
    uint64_t poll_period = 32;
    uint64_t ready_timeout = 50000;
    uint64_t flr_wait = 0;
    struct Cost {  // cycles of one port call; MMIO adds the real bus transaction
      uint64_t mem = 4;
      uint64_t atomic = 10;
      uint64_t alloc = 200;
      uint64_t mmio = 2;
      uint64_t barrier = 6;
      uint64_t irq = 60;
      uint64_t sched = 100;
      uint64_t call = 1;
    } cost;
  } cpu;
  struct Driver {
    std::string policy = "minimal";
    std::string order = "eats-first";
    uint64_t batch = 1;
    uint64_t cmdq_log2 = 8;
    uint64_t ecmdq = 1;
    uint64_t evtq_log2 = 7;
    uint64_t priq_log2 = 6;
    uint64_t priq_budget = 32;
    uint64_t expiry_limit = 1000;
    uint64_t use_qdep = 1;
    std::string plant = "none";
    std::string sync = "msi";
    uint64_t gerror_irq = 1;
    uint64_t poll_gerror = 1;
    uint64_t sync_irq_off = 1;
    uint64_t irq_cpu = 0;
    uint64_t port_services = 0;  // hot plug, error reporting and containment of the root ports
    std::string delivery = "function";
  } driver;
  struct Load {
    uint64_t pages = 16;         // window of each CPU, pages
    uint64_t iterations = 40;    // map/unmap rounds of each CPU
    uint64_t commands = 60;      // ATC_INVs before each SYNC of inv-stream
    uint64_t hold = 300;         // cycles between map and unmap
    uint64_t domains = 1;        // endpoint i and CPU i use domain i modulo this
    uint64_t dma_interval = 64;  // cycles between transfers of an endpoint; 0 = no DMA
    uint64_t dma_bytes = 0;      // of a transfer; 0 = what a packet carries
    uint64_t dma_reads = 1;
    uint64_t dma_writes = 1;
    uint64_t use_ats = 1;
    uint64_t pri = 0;            // pages are mapped when a device asks for them
    uint64_t pri_log2 = 1;       // log2 of the pages that it asks for at once
    uint64_t group = 1;          // endpoints 0 to group - 1 are one group
    std::string share = "group";  // and what else they have in common
    uint64_t pasid = 0;          // each endpoint is in the other domains by PASID
    uint64_t irq_off = 0;        // unmaps are called with interrupts off
  } load;
  struct Fault {
    uint64_t device = 0;
    uint64_t count = 1;      // devices, from `device` on
    uint64_t at = 10;        // iteration of CPU 0 at which the fault is armed
    uint64_t repeat = 1;     // times in a row
    std::string mode = "dead";
    std::string kind = "never";       // of what an invalidation meets
    std::string flr = "normal";
    std::string malformed = "none";   // DMA writes
    uint64_t ctrl = 0;                // further bits of FAULT_CTRL
    uint64_t rid = 0xFFFF;
    uint64_t every = 0;
    uint64_t delay = 30000;  // answer after so many cycles (`slow`)
    uint64_t skip = 0;
    uint64_t survive_flr = 0;
    std::string reset = "prepare";  // `flr-race`
    uint64_t quarantine = 0;  // the device is in quarantine before: `linkdown`, `dpc`, `suspend`
    uint64_t keep_stale = 0;
    uint64_t early_cpl = 0;
  } fault;
  struct Sim {
    uint64_t max_cycles = 20000000;  // limit of a run, counted in simulated steps, not in jumped cycles
    uint64_t assertions = 1;         // 0: only the oracles judge
    uint64_t log_bus = 0;            // 1: every DMA access is an event
    std::string plant = "none";      // bug planted in the virtual CPUs
    std::string mutant = "none";     // wrong line of the design (models of tb/system/mutants.cmake)
  } sim;
  uint64_t seed = 1;

  // "block.parameter" := text. Throws UsageError (unknown key: suggests the nearest).
  void set(std::string_view key, std::string_view value);
  std::string get(std::string_view key) const;
  // "key=value".
  void set(std::string_view assignment);
  // TOML: tables are blocks.
  void load_file(const std::string& path);
  // Checks what no single key can; applies `time`. Call once, before use.
  void finish();

  // All keys with their values as text, in order of the table.
  std::vector<std::pair<std::string, std::string>> dump() const;
  std::string to_toml() const;
  // Those that are not what they would be if only `time` were said.
  std::vector<std::pair<std::string, std::string>> differences() const;

  // Endpoints 0 to group - 1 are behind one StreamID, are one IOMMU master with several StreamIDs.
  bool one_stream() const { return load.share == "stream" && load.group > 1; }
  bool one_master() const { return load.share == "master" && load.group > 1; }

  Straps straps() const;
  FunctionMap functions() const;
  // Whether the user said so, or it is the default.
  bool given(std::string_view key) const { return given_.count(key) != 0; }

 private:
  std::set<std::string, std::less<>> given_;
};

// doc/config.md: every key with its default, its range and its meaning.
std::string config_reference();

// The smallest model that fits, or a UsageError that names those that exist and how to build another.
const ModelEntry& select_model(const Config& config, const std::vector<ModelEntry>& models);

// The nearest of `names` to a mistyped one; empty when nothing is near.
std::string nearest(std::string_view word, const std::vector<std::string>& names);

}  // namespace atcbench
