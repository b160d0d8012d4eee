// SPDX-License-Identifier: Apache-2.0
//
// Random stream table, context descriptors and page tables that are useful: mostly legal, with every kind of fault a few
// steps away. TLB tags are used as software must use them (one address space for a {VMID, ASID}), so that the answer to
// a request is determined.

#ifndef ATCBENCH_TB_COSIM_WORLD_H_
#define ATCBENCH_TB_COSIM_WORLD_H_

#include <cstdint>
#include <vector>

#include "memory.h"
#include "model/command.h"
#include "model/stream.h"
#include "rng.h"

namespace cosim {

constexpr uint64_t kStrtabRegion = 0x8800'0000, kTableRegion = 0x8200'0000, kTableEnd = 0x8300'0000;

class World {
 public:
  World(Memory* memory, Rng* rng) : m_(*memory), rng_(*rng) {}

  void Build(const model::Features& features);
  // A request that somebody might send.
  model::Request Draw();
  // Changes one word or one abort; returns false if this world has nothing of that kind.
  bool Mutate();
  // A request that caches something, and a change of what it cached with no more than the invalidation it needs.
  model::Request Target();
  std::vector<model::Command> ChangeUnderTarget();
  // Makes the tables of a stream allow what `request` asks at stage 1; false if there is nothing to repair.
  bool Repair(const model::Request& request);
  uint32_t AnySid() { return rng_.Of(streams_).sid; }
  // Legal commands that name things of this world.
  model::Command Tlbi();
  model::Command Cfgi();

  model::Control control;  // STRTAB_*, E2H
  uint64_t strtab_cfg = 0;

 private:
  struct Vm {
    uint32_t vmid = 0;
    uint64_t offset = 0;  // IPA - PA of tables and of what can be reached
    uint64_t dw2 = 0, dw3 = 0;
    uint64_t root = 0;
    int level = 1, width = 40;
    std::vector<uint64_t> ipas;  // mapped, of data
  };
  struct Space {
    uint32_t asid = 0;
    int vm = -1;  // nested in this one
    bool el2 = false;
    uint32_t vmid = 0;
    int ips = 5;
    uint64_t root[2] = {0, 0};
    int tsz[2] = {25, 25};
    bool epd[2] = {false, true};
    bool window = false;  // has the leaves that all ASIDs share
    std::vector<uint64_t> vas;
  };
  struct Stream {
    uint32_t sid = 0;
    uint64_t ste = 0;
    int vm = -1;
    std::vector<uint32_t> ssids;
    std::vector<int> spaces;  // by ssid
    std::vector<uint64_t> cds;
  };
  uint64_t Alloc(uint64_t bytes);
  void MakeVm();
  void MakeSpace(int vm, bool el2);
  void MakeStream(uint32_t sid);
  void MapStage2(Vm* vm, uint64_t ipa, uint64_t pa, int level);
  void MapStage1(Space* space, uint64_t va, uint64_t out, int level, uint64_t attributes);
  uint64_t LeafBits();
  uint64_t OutputFor(const Space& space);
  uint64_t SteAddress(uint32_t sid);
  uint64_t FindLeaf(const Space& space, uint64_t va) const;
  uint64_t NewCd(const Space& space);

  Memory& m_;
  Rng& rng_;
  model::Features f_;
  uint64_t next_ = kTableRegion;
  bool stalls_ = false;  // CD.S, S2S and S1STALLD are used
  std::vector<Vm> vms_;
  std::vector<Space> spaces_;
  std::vector<Stream> streams_;
  std::vector<uint64_t> leaves_, words_, aborts_;  // what Mutate may change: leaf descriptors; CDs and STEs; beats
  std::vector<uint64_t> window_;                   // L3 table of the shared leaves, by VMID index
  std::vector<uint32_t> window_vmid_;
  uint32_t next_asid_ = 1;
  size_t target_stream_ = 0, target_ssid_ = 0;
  uint64_t target_va_ = 0;
};

}  // namespace cosim

#endif  // ATCBENCH_TB_COSIM_WORLD_H_
