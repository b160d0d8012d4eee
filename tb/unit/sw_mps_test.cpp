// SPDX-License-Identifier: Apache-2.0
//
// Max_Payload_Size (pcie-ats.md §9) over trees of ports and functions that support different sizes. What must hold is judged by
// the tree, not by the driver's rule: nobody sends more than any receiver on the way to the root is set to.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "sw_fake_smmu.h"

extern "C" {
#include "../../sw/pci/pci_priv.h"
}

namespace {

// Configuration space of a port or a function: header, PCI Express capability, and who was written in which order.
class Node final : public fake::ConfigSpace {
 public:
  enum Kind { kFunction = 0, kRoot = 4, kUpstream = 5, kDownstream = 6 };
  Node(Kind kind, unsigned can, unsigned pri = 0, unsigned sec = 0, unsigned sub = 0) : kind(kind) {
    Set(0x00, 0xa7c01234);
    Set(0x0c, kind == kFunction ? 0 : 0x00010000);
    if (kind != kFunction) Set(0x18, sub << 16 | sec << 8 | pri);
    Set(0x34, 0x40);
    Set(0x40, static_cast<uint32_t>(kind) << 20 | 0x00020001 | 0x50 << 8);  // power management first
    Set(0x50, static_cast<uint32_t>(kind) << 20 | 0x00020010);
    Set(0x54, 0x8000 | can);
    Set(0x58, kOther);
  }
  static constexpr uint32_t kOther = 0x2910;  // MRRS 512, relaxed order, 8-bit tags, no snoop

  uint32_t ReadCfg(unsigned off, unsigned size) override {
    reads++;
    if (dead) return 0xffffffff >> (32 - 8 * size);
    return regs_[off / 4] >> 8 * (off & 3) & (0xffffffff >> (32 - 8 * size));
  }
  void WriteCfg(unsigned off, unsigned size, uint32_t v) override {
    if (order) order->push_back(this);
    if (dead) return;
    const unsigned shift = 8 * (off & 3);
    const uint32_t mask = (0xffffffff >> (32 - 8 * size)) << shift;
    EXPECT_EQ(off, 0x58u) << "only Device Control";
    EXPECT_EQ(size, 2u) << "Device Status is write-one-to-clear";
    regs_[off / 4] = (regs_[off / 4] & ~mask) | (v << shift & mask);
  }
  void Set(unsigned off, uint32_t v) { regs_[off / 4] = v; }
  uint32_t reg(unsigned off) const { return regs_[off / 4]; }
  unsigned mps() const { return reg(0x58) >> 5 & 7; }
  unsigned mrrs() const { return reg(0x58) >> 12 & 7; }

  Kind kind;
  bool dead = false;
  unsigned reads = 0;
  std::vector<Node*>* order = nullptr;

 private:
  std::array<uint32_t, 1024> regs_{};
};

class Mps : public ::testing::Test {
 protected:
  Mps() : m(1) {
    pci_host_cfg_init(&cfg);
    cfg.ecam_base = fake::kEcam;
    cfg.bus_config = PCI_BUS_SAFE;
  }
  void TearDown() override {
    for (pci_dev* d : made) pci_dev_destroy(d);
    if (host) pci_host_destroy(host);
    EXPECT_EQ(port_host_allocs(m.p), 0u);
  }
  Node& Add(unsigned bus, unsigned dev, unsigned fn, Node::Kind kind, unsigned can, unsigned sec = 0, unsigned sub = 0) {
    const auto bdf = static_cast<uint16_t>(bus << 8 | dev << 3 | fn);
    nodes[bdf] = std::make_unique<Node>(kind, can, bus, sec, sub);
    nodes[bdf]->order = &order;
    m.other[bdf] = nodes[bdf].get();
    return *nodes[bdf];
  }
  // A root port and a function each.
  void RootPorts(std::vector<std::pair<unsigned, unsigned>> can) {
    for (unsigned i = 0; i < can.size(); i++) {
      Add(0, i, 0, Node::kRoot, can[i].first, i + 1, i + 1);
      Add(i + 1, 0, 0, Node::kFunction, can[i].second);
    }
  }
  // Bus 1 above the switch, 2 inside, a function on 3 and so on.
  void Switch(unsigned root, unsigned up, std::vector<std::pair<unsigned, unsigned>> can) {
    const unsigned last = 2 + static_cast<unsigned>(can.size());
    Add(0, 0, 0, Node::kRoot, root, 1, last);
    Add(1, 0, 0, Node::kUpstream, up, 2, last);
    for (unsigned i = 0; i < can.size(); i++) {
      Add(2, i, 0, Node::kDownstream, can[i].first, 3 + i, 3 + i);
      Add(3 + i, 0, 0, Node::kFunction, can[i].second);
    }
  }
  Node& At(unsigned bus, unsigned dev = 0, unsigned fn = 0) { return *nodes.at(static_cast<uint16_t>(bus << 8 | dev << 3 | fn)); }
  int Configure() {
    if (!host) {
      EXPECT_EQ(pci_host_create(m.p, &cfg, &host), 0);
    }
    return pci_configure_mps(host);
  }
  pci_dev* Create(unsigned bus, unsigned fn = 0) {
    pci_dev* d = nullptr;
    EXPECT_EQ(pci_dev_create(host, static_cast<uint16_t>(bus << 8 | fn), &d), 0);
    if (d) made.push_back(d);
    return d;
  }
  // Nobody is set to more than it supports, and no function sends what a port above it would throw away.
  ::testing::AssertionResult Safe() {
    for (auto& [bdf, n] : nodes) {
      if (n->dead) continue;
      if (n->mps() > (n->reg(0x54) & 7)) return ::testing::AssertionFailure() << std::hex << bdf << " is set to more than it supports";
      if ((n->reg(0x58) & ~0x70e0u) != (Node::kOther & ~0x70e0u)) return ::testing::AssertionFailure() << std::hex << bdf << ": other bits changed";
      if (n->kind != Node::kFunction) continue;
      for (auto& [port, p] : nodes) {
        const unsigned sec = p->reg(0x18) >> 8 & 255, sub = p->reg(0x18) >> 16 & 255;
        if (p->kind == Node::kFunction || bdf >> 8 < static_cast<int>(sec) || bdf >> 8 > static_cast<int>(sub)) continue;
        if (p->mps() < n->mps()) return ::testing::AssertionFailure() << std::hex << bdf << " sends more than " << port << " takes";
      }
    }
    return ::testing::AssertionSuccess();
  }

  fake::Machine m;
  pci_host_cfg cfg;
  pci_host* host = nullptr;
  std::map<uint16_t, std::unique_ptr<Node>> nodes;
  std::vector<Node*> order;
  std::vector<pci_dev*> made;
};

TEST_F(Mps, TheSmallerOfPortAndFunction) {
  RootPorts({{1, 1}, {1, 0}, {0, 1}, {2, 3}});
  EXPECT_EQ(Configure(), 0);
  EXPECT_TRUE(Safe());
  const unsigned expected[] = {1, 0, 0, 2};
  for (unsigned i = 0; i < 4; i++) {
    EXPECT_EQ(At(0, i).mps(), expected[i]) << i;
    EXPECT_EQ(At(i + 1).mps(), expected[i]) << i;
    EXPECT_EQ(At(i + 1).mrrs(), 2u) << "completions are no longer than anybody's packets";
  }
}

TEST_F(Mps, BehindASwitchTheSmallestOfAll) {
  Switch(3, 2, {{2, 2}, {2, 1}, {3, 5}});
  EXPECT_EQ(Configure(), 0);
  EXPECT_TRUE(Safe());
  for (auto& [bdf, n] : nodes) EXPECT_EQ(n->mps(), 1u) << std::hex << bdf;
  Node& port = Add(2, 3, 0, Node::kDownstream, 0, 9, 9);  // an empty slot counts, too
  for (auto* n : {&At(0), &At(1)}) n->Set(0x18, (n->reg(0x18) & 0xff00ffff) | 9u << 16);
  EXPECT_EQ(Configure(), 0);
  EXPECT_TRUE(Safe());
  EXPECT_EQ(port.mps(), 0u);
  EXPECT_EQ(At(3).mps(), 0u);
}

TEST_F(Mps, ReceiversFirst) {
  Switch(1, 1, {{1, 1}, {1, 1}});
  EXPECT_EQ(Configure(), 0);
  ASSERT_EQ(order.size(), nodes.size());
  EXPECT_EQ(order[0], &At(0));
  EXPECT_EQ(order[1], &At(1));
  for (unsigned i = 2; i < order.size(); i++)
    EXPECT_EQ(order[i]->kind == Node::kFunction, i >= 4) << "ports before functions";
  order.clear();
  EXPECT_EQ(Configure(), 0);
  EXPECT_TRUE(order.empty()) << "nothing to write the second time";
}

// The mistake that this is about: the functions are told, the ports are not.
TEST_F(Mps, PlantedBugPortsThatWereNotTold) {
  cfg.plants = PCI_PLANT_ONE_ENDED_MPS;
  Switch(1, 1, {{1, 1}});
  EXPECT_EQ(Configure(), 0);
  EXPECT_FALSE(Safe());
  Create(3);
  EXPECT_FALSE(Safe());
}

TEST_F(Mps, EveryFunctionOfADevice) {
  RootPorts({{1, 1}});
  At(1).Set(0x0c, 0x00800000);
  Add(1, 0, 3, Node::kFunction, 0);
  EXPECT_EQ(Configure(), 0);
  EXPECT_TRUE(Safe());
  EXPECT_EQ(At(0).mps(), 0u) << "function 3 supports no more";
}

TEST_F(Mps, WhoDoesNotAnswer) {
  RootPorts({{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}});
  At(1).dead = true;                    // an empty slot
  At(2).Set(0x00, 0xffff0001);          // "not yet"
  At(3).Set(0x34, 0);                   // no capabilities: it sends 128 bytes at most
  At(0, 3).dead = true;                 // the port itself; nobody is known to be below
  At(5).Set(0x40, 0x00034001);          // a list that loops
  EXPECT_EQ(Configure(), 0);
  EXPECT_TRUE(Safe());
  EXPECT_EQ(At(0, 0).mps(), 1u) << "for whoever comes";
  EXPECT_EQ(At(0, 1).mps(), 1u);
  EXPECT_EQ(At(2).mps(), 0u) << "not touched";
  EXPECT_EQ(At(0, 2).mps(), 0u);
  EXPECT_EQ(At(4).mps(), 0u);
  EXPECT_EQ(At(0, 4).mps(), 0u);
}

TEST_F(Mps, NoPortAtAll) {
  Add(0, 0, 0, Node::kFunction, 1);
  EXPECT_EQ(Configure(), -ENODEV);
  EXPECT_TRUE(order.empty());
}

// A bus number that leads nowhere, or in a circle, ends the walk.
TEST_F(Mps, BusNumbersThatLie) {
  RootPorts({{1, 1}});
  for (uint32_t buses : {0u, 0xff0000u, 0x00ff00u, 0xffff00u, 0xffffffffu}) {
    At(0).Set(0x18, buses);
    EXPECT_EQ(Configure(), buses == 0xffffffff ? -ENODEV : 0) << std::hex << buses;
  }
}

// ------------------------------------------------------------------ who comes later

TEST_F(Mps, ANewFunctionTakesWhatItsPortHas) {
  Switch(1, 1, {{1, 1}, {1, 2}});
  At(4).dead = true;
  EXPECT_EQ(Configure(), 0);
  At(4).dead = false;
  Create(4);
  EXPECT_EQ(At(4).mps(), 1u);
  EXPECT_TRUE(Safe());
}

TEST_F(Mps, ARootPortIsLoweredForOneThatSupportsLess) {
  RootPorts({{2, 0}});
  At(1).dead = true;
  EXPECT_EQ(Configure(), 0);
  EXPECT_EQ(At(0).mps(), 2u);
  At(1).dead = false;
  Create(1);
  EXPECT_EQ(At(0).mps(), 0u);
  EXPECT_EQ(At(1).mps(), 0u);
  EXPECT_TRUE(Safe());
}

TEST_F(Mps, BehindASwitchTheOthersStayAndItAsksForLess) {
  Switch(2, 2, {{2, 2}, {2, 0}});
  At(4).dead = true;
  EXPECT_EQ(Configure(), 0);
  At(4).dead = false;
  Create(4);
  EXPECT_EQ(At(4).mps(), 0u);
  EXPECT_EQ(At(4).mrrs(), 0u) << "or its completions might be too long for it";
  EXPECT_EQ(At(2, 1).mps(), 2u);
  EXPECT_EQ(At(3).mps(), 2u);
  EXPECT_TRUE(Safe());
}

TEST_F(Mps, NobodyIsTouchedUnlessAsked) {
  cfg.bus_config = PCI_BUS_AS_IS;
  RootPorts({{1, 1}});
  EXPECT_EQ(pci_host_create(m.p, &cfg, &host), 0);
  const unsigned before = At(0).reads;
  Create(1);
  EXPECT_TRUE(order.empty());
  EXPECT_EQ(At(0).reads, before);
}

}  // namespace
