// SPDX-License-Identifier: Apache-2.0
//
// pcie_port_cfg as root port, upstream and downstream port of a switch: an enumerator's walk, register behaviour, errors,
// hot plug, containment, interrupts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "../../sw/include/port_cfg.h"
#include "Vpcie_port_cfg_tb.h"

namespace {

using testing::ElementsAre;

enum Type { kRoot, kUp, kDown };
enum Sev { kCor = 1, kNonfatal = 2, kFatal = 4 };
constexpr unsigned kSdes = 5, kPoison = 12, kCto = 14, kUnexpected = 16, kMalformed = 18, kUr = 20;

class Port : public testing::Test {
 protected:
  Port() {
    top_.present_i = top_.link_up_i = 1;
    top_.emsg_ready_i = 0;
    Step();
    top_.rst_ni = 1;
    Step();
  }

  void Step() {
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
  }
  uint32_t Read(unsigned offset) {
    top_.req_valid_i = 1;
    top_.req_write_i = 0;
    top_.req_be_i = 15;
    top_.req_offset_i = static_cast<uint16_t>(offset & ~3u);
    top_.eval();
    const uint32_t value = top_.rdata_o;
    Step();
    top_.req_valid_i = 0;
    top_.eval();
    return value;
  }
  void Write(unsigned offset, uint32_t value, unsigned be = 15) {
    Put(offset, value, be);
    Step();
    top_.req_valid_i = 0;
    top_.eval();
  }
  void Put(unsigned offset, uint32_t value, unsigned be = 15) {
    top_.req_valid_i = top_.req_write_i = 1;
    top_.req_be_i = static_cast<uint8_t>(be);
    top_.req_offset_i = static_cast<uint16_t>(offset);
    top_.req_data_i = value;
  }
  void Set(unsigned offset, uint32_t bits) { Write(offset, Read(offset) | bits); }
  void Error(unsigned number, uint32_t dw0 = 0x12345678, bool advisory = false) {
    top_.err_valid_i = 1;
    top_.err_number_i = static_cast<uint8_t>(number);
    top_.err_advisory_i = advisory;
    for (unsigned i = 0; i < 4; ++i) top_.err_hdr_i[3 - i] = dw0 + i;
    Step();
    top_.err_valid_i = 0;
    top_.eval();
  }
  void Plain(unsigned number) {
    top_.plain_err_i = 1u << number;
    Step();
    top_.plain_err_i = 0;
    top_.eval();
  }
  void Message(unsigned sev, unsigned rid) {
    top_.msg_i = static_cast<uint8_t>(sev);
    top_.msg_rid_i = static_cast<uint16_t>(rid);
    Step();
    top_.msg_i = 0;
    top_.eval();
  }
  void Select(Type t) {
    top_.sel_i = t;
    top_.eval();
  }
  void EnableMsi() {
    Write(PORT_MSI_ADDR, 0x08000003);   // low bits are not there
    Write(PORT_MSI_ADDR_HI, 0x9);
    Write(PORT_MSI_DATA, 0x12345);
    Set(PORT_MSI_CAP, PORT_MSI_CAP_ENABLE);
  }
  unsigned Messages() {   // taken until none waits
    unsigned n = 0;
    top_.msi_ready_i = 1;
    for (unsigned i = 0; i < 10; ++i) {
      top_.eval();
      n += top_.msi_valid_o;
      Step();
    }
    top_.msi_ready_i = 0;
    top_.eval();
    return n;
  }

  Vpcie_port_cfg_tb top_;
};

// What a bus enumerator does: header, windows, both chains.
TEST_F(Port, EnumeratorWalksHeaderWindowsAndChains) {
  const std::map<Type, std::pair<std::vector<unsigned>, std::vector<unsigned>>> chains = {
      {kRoot, {{0x10, 5, 1}, {1, 0xD, 0x1D}}}, {kUp, {{0x10, 5, 1}, {1}}}, {kDown, {{0x10, 5, 1}, {1, 0xD, 0x1D}}}};
  for (const auto& [type, expect] : chains) {
    Select(type);
    EXPECT_EQ(0x1234u, Read(0) & 0xffff);
    EXPECT_EQ(0x060400u, Read(PORT_CLASS_REV) >> 8);
    EXPECT_EQ(1u, Read(PORT_HEADER_TYPE) >> 16 & 0x7f);
    EXPECT_EQ(0x00050400u, Read(PORT_BUS)) << "what firmware left";
    EXPECT_EQ(0x50105000u, Read(PORT_MEM_WINDOW));
    for (unsigned bar : {0x10u, 0x14u, 0x38u}) {
      Write(bar, ~0u);
      EXPECT_EQ(0u, Read(bar)) << "no BAR, no ROM";
    }
    Write(PORT_MEM_WINDOW, ~0u);
    EXPECT_EQ(0xfff0fff0u, Read(PORT_MEM_WINDOW)) << "1 MiB windows";
    Write(PORT_PREF_WINDOW, 0);
    EXPECT_EQ(0x00010001u, Read(PORT_PREF_WINDOW)) << "64-bit";
    EXPECT_TRUE(Read(PORT_COMMAND_STATUS) & PORT_COMMAND_STATUS_CAP_LIST);
    std::vector<unsigned> ids, ext;
    for (unsigned at = Read(PORT_CAP_PTR) & 0xff; at != 0 && ids.size() < 10; at = Read(at) >> 8 & 0xff) {
      ids.push_back(Read(at) & 0xff);
    }
    for (unsigned at = 0x100; at != 0 && ext.size() < 10; at = Read(at) >> 20) ext.push_back(Read(at) & 0xffff);
    EXPECT_EQ(expect.first, ids);
    EXPECT_EQ(expect.second, ext);
    EXPECT_EQ(type == kRoot ? 4u : type == kUp ? 5u : 6u, Read(PORT_PCIE_CAP) >> 20 & 15);
    EXPECT_EQ(type != kUp, (Read(PORT_PCIE_CAP) >> 24 & 1) != 0) << "slot";
    EXPECT_EQ(type != kUp ? 7u : 0u, Read(PORT_SLOTCAP) >> 19);
  }
}

// All ones and all zeros to every dword, whole and byte by byte: only writable bits change, and only enabled bytes.
TEST_F(Port, ReservedBitsIgnoreWritesAndByteEnablesHold) {
  std::mt19937 rng(7);
  const std::vector<std::pair<unsigned, uint32_t>> plain = {   // registers without side effects, and their writable bits
      {PORT_BUS, 0x00ffffff},         {PORT_MEM_WINDOW, 0xfff0fff0}, {PORT_PREF_WINDOW, 0xfff0fff0},
      {PORT_PREF_BASE_HI, ~0u},       {PORT_PREF_LIMIT_HI, ~0u},     {PORT_MSI_ADDR, 0xfffffffc},
      {PORT_MSI_ADDR_HI, ~0u},        {PORT_MSI_DATA, 0xffff},       {PORT_AER_UNCOR_MASK, 0x007ff030},
      {PORT_AER_COR_MASK, 0x0000f1c1}, {PORT_AER_ROOT_CMD, 7},       {PORT_ACS_CAP_CTRL, 0x001f0000},
      {PORT_AER_UNCOR_SEVERITY, 0x007ff030}};
  for (const auto& [offset, mask] : plain) {
    for (unsigned k = 0; k < 30; ++k) {
      const uint32_t old = Read(offset), value = rng();
      const unsigned be = rng() % 16;
      uint32_t lanes = 0;
      for (unsigned b = 0; b < 4; ++b) lanes |= (be >> b & 1) ? 0xffu << 8 * b : 0;
      Write(offset, value, be);
      EXPECT_EQ((old & ~(mask & lanes)) | (value & mask & lanes), Read(offset)) << std::hex << offset;
    }
  }
  for (unsigned offset : {0xa0u, 0x200u, 0xffcu, 0x038u}) {
    Write(offset, ~0u);
    EXPECT_EQ(0u, Read(offset));
  }
}

TEST_F(Port, MaxPayloadSizeIsHandedOutAsItIsSet) {
  EXPECT_EQ(top_.mps_o, 0u);
  EXPECT_EQ(Read(PORT_DEVCAP) & PORT_DEVCAP_MPS_SUPPORTED_MASK, 0u) << "128 bytes: the build's packets carry no more";
  Write(PORT_DEVCTL_DEVSTA, 5u << PORT_DEVCTL_DEVSTA_MPS_SHIFT);
  EXPECT_EQ(top_.mps_o, 5u);
}

TEST_F(Port, PowerStateTakesD0AndD3AndGatesTheEnables) {
  EXPECT_TRUE(top_.mem_en_o && top_.bme_o);
  Write(PORT_PM_CTRL, 1);
  EXPECT_EQ(0u, Read(PORT_PM_CTRL) & 3);
  Write(PORT_PM_CTRL, 3);
  EXPECT_FALSE(top_.mem_en_o || top_.bme_o);
  EXPECT_EQ(6u, Read(PORT_COMMAND_STATUS) & 6) << "the bits themselves stay";
  Write(PORT_PM_CTRL, 0);
  EXPECT_TRUE(top_.mem_en_o && top_.bme_o);
}

TEST_F(Port, FirstErrorIsLoggedStatusIsWriteOneToClear) {
  Error(kMalformed, 0xAAAA0000);
  Error(kPoison, 0xBBBB0000);
  EXPECT_EQ(1u << kMalformed | 1u << kPoison, Read(PORT_AER_UNCOR_STATUS));
  EXPECT_EQ(kMalformed, Read(PORT_AER_CAP_CTL) & 31);
  for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(0xAAAA0000 + i, Read(PORT_AER_HDR_LOG(i)));
  EXPECT_EQ(6u, Read(PORT_DEVCTL_DEVSTA) >> 16 & 15) << "fatal and non-fatal detected";
  EXPECT_TRUE(Read(PORT_IO_SEC_STATUS) & PORT_IO_SEC_STATUS_DET_PERR);
  Write(PORT_AER_UNCOR_STATUS, 1u << kMalformed, 0x3);
  EXPECT_EQ(1u << kMalformed | 1u << kPoison, Read(PORT_AER_UNCOR_STATUS)) << "byte not enabled";
  Write(PORT_AER_UNCOR_STATUS, 1u << kMalformed);
  EXPECT_EQ(1u << kPoison, Read(PORT_AER_UNCOR_STATUS));
  // A new error in the cycle of the clear stays.
  Put(PORT_AER_UNCOR_STATUS, ~0u);
  Error(kCto, 0xCCCC0000);
  top_.req_valid_i = 0;
  EXPECT_EQ(1u << kCto, Read(PORT_AER_UNCOR_STATUS));
}

TEST_F(Port, MaskedErrorIsStatusOnly) {
  Write(PORT_DEVCTL_DEVSTA, 0xf);
  Write(PORT_AER_UNCOR_MASK, 1u << kMalformed);
  Error(kMalformed);
  EXPECT_EQ(1u << kMalformed, Read(PORT_AER_UNCOR_STATUS));
  EXPECT_EQ(0u, Read(PORT_AER_HDR_LOG(0)));
  EXPECT_EQ(0u, Read(PORT_AER_ROOT_STATUS));
}

// What is signalled, from the severity, the enables and the advisory rule.
TEST_F(Port, SeverityAndEnablesDecideWhatIsSignalled) {
  struct Row {
    unsigned number;
    bool advisory, fatal;
    uint32_t enables;
    bool cor_masked;
    unsigned root;   // bits of the root error status
  };
  const Row rows[] = {
      {kMalformed, false, true, 0x4, false, 0x54},    {kMalformed, false, true, 0x3, false, 0},
      {kMalformed, false, false, 0x2, false, 0x24},   {kCto, false, false, 0x2, false, 0x24},
      {kCto, false, false, 0x5, false, 0},            {kUr, false, false, 0x2, false, 0},
      {kUr, false, false, 0xa, false, 0x24},          {kUr, true, false, 0x9, false, 0x01},
      {kUr, true, false, 0x1, false, 0},              {kUr, true, false, 0x9, true, 0},
      {kUr, true, true, 0xc, false, 0x54},            {kUnexpected, false, false, 0x1, false, 0x01},
      {kUnexpected, false, false, 0xe, false, 0},
  };
  for (const Row& r : rows) {
    Write(PORT_DEVCTL_DEVSTA, r.enables | 0xf0000);
    Write(PORT_AER_UNCOR_SEVERITY, r.fatal ? 1u << r.number : 0);
    Write(PORT_AER_COR_MASK, r.cor_masked ? 1u << 13 : 0);
    Error(r.number, 1, r.advisory);
    EXPECT_EQ(r.root, Read(PORT_AER_ROOT_STATUS)) << r.number << ' ' << r.enables;
    const bool advisory = (r.advisory || r.number == kUnexpected) && !r.fatal;
    EXPECT_EQ(advisory ? 1u << 13 : 0u, Read(PORT_AER_COR_STATUS));
    Write(PORT_AER_ROOT_STATUS, ~0u);
    Write(PORT_AER_UNCOR_STATUS, ~0u);
    Write(PORT_AER_COR_STATUS, ~0u);
  }
}

TEST_F(Port, RootCollectsMessagesWithFirstSourceAndMultipleBits) {
  Message(kCor, 0x0100);
  EXPECT_EQ(0x01u, Read(PORT_AER_ROOT_STATUS));
  Message(kCor, 0x0200);
  Message(kNonfatal, 0x0300);
  Message(kFatal, 0x0400);
  EXPECT_EQ(0x6fu, Read(PORT_AER_ROOT_STATUS)) << "first uncorrectable was not fatal";
  EXPECT_EQ(0x03000100u, Read(PORT_AER_SOURCE));
  Write(PORT_AER_ROOT_STATUS, 0x7f);
  Message(kFatal, 0x0500);
  EXPECT_EQ(0x54u, Read(PORT_AER_ROOT_STATUS));
  EXPECT_EQ(0x0500u, Read(PORT_AER_SOURCE) >> 16);
  // Own error and message in one cycle: the message first.
  Write(PORT_AER_ROOT_STATUS, 0x7f);
  Write(PORT_DEVCTL_DEVSTA, 0xf);
  top_.msg_i = kFatal;
  top_.msg_rid_i = 0x0600;
  Error(kMalformed);
  top_.msg_i = 0;
  EXPECT_EQ(0x5cu, Read(PORT_AER_ROOT_STATUS));
  EXPECT_EQ(0x0600u, Read(PORT_AER_SOURCE) >> 16);
  // SERR# enable of bridge control off: nothing gets through.
  Write(PORT_AER_ROOT_STATUS, 0x7f);
  Write(PORT_BRIDGE_CTL, 0);
  Message(kFatal, 0x0700);
  EXPECT_EQ(0u, Read(PORT_AER_ROOT_STATUS));
  // Own errors name the port.
  Error(kMalformed);
  EXPECT_EQ(0x0018u, Read(PORT_AER_SOURCE) >> 16);
}

TEST_F(Port, SwitchPortSendsOwnErrorsAndForwardsMessages) {
  for (Type t : {kUp, kDown}) {
    Select(t);
    Write(PORT_DEVCTL_DEVSTA, 0xf);
    Error(kMalformed);
    EXPECT_TRUE(top_.emsg_valid_o);
    EXPECT_EQ(kFatal, static_cast<Sev>(top_.emsg_o));
    Error(kCto);   // one waits: this one is only logged
    EXPECT_EQ(kFatal, static_cast<Sev>(top_.emsg_o));
    top_.emsg_ready_i = 1;
    Step();
    top_.emsg_ready_i = 0;
    EXPECT_FALSE(top_.emsg_valid_o);
    EXPECT_EQ(1u << kMalformed | 1u << kCto, Read(PORT_AER_UNCOR_STATUS));
    EXPECT_EQ(0u, Read(PORT_AER_ROOT_STATUS)) << "no root registers";
    top_.msg_i = kNonfatal;
    top_.eval();
    EXPECT_EQ(kNonfatal, static_cast<Sev>(top_.msg_fwd_o));
    top_.msg_i = 0;
  }
}

TEST_F(Port, HotPlugEventsStatesAndOneInterruptAnEdge) {
  EnableMsi();
  Write(PORT_SLOTCTL_SLOTSTA, PORT_SLOTCTL_SLOTSTA_PDCE | PORT_SLOTCTL_SLOTSTA_HPIE | PORT_SLOTCTL_SLOTSTA_DLLSCE);
  EXPECT_EQ(PORT_SLOTCTL_SLOTSTA_PDS, Read(PORT_SLOTCTL_SLOTSTA) & 0xffff0000) << "there, no event";
  EXPECT_TRUE(top_.quiet_o);
  top_.link_up_i = 0;
  top_.eval();
  EXPECT_FALSE(top_.quiet_o);
  EXPECT_EQ(1u, Messages());
  EXPECT_EQ(PORT_SLOTCTL_SLOTSTA_DLLSC | PORT_SLOTCTL_SLOTSTA_PDS, Read(PORT_SLOTCTL_SLOTSTA) & 0xffff0000);
  EXPECT_FALSE(Read(PORT_LINKCTL_LINKSTA) & PORT_LINKCTL_LINKSTA_DL_ACTIVE);
  top_.present_i = 0;
  EXPECT_EQ(0u, Messages()) << "still up: no edge";
  Write(PORT_SLOTCTL_SLOTSTA, 0x01081028);   // clears both events, keeps the enables
  EXPECT_EQ(0u, Messages());
  top_.present_i = 1;
  EXPECT_EQ(1u, Messages());
  EXPECT_EQ(0x9'08000000u, top_.msi_addr_o & ~0xfull);
  EXPECT_EQ(0x9'08000000u, top_.msi_addr_o);
  EXPECT_EQ(0x2345u, top_.msi_data_o);
  // Disabled events do not interrupt, and neither does anything without bus master enable.
  Write(PORT_SLOTCTL_SLOTSTA, 0x01080020);
  top_.link_up_i = 1;
  EXPECT_EQ(0u, Messages());
  Write(PORT_COMMAND_STATUS, 0);
  Write(PORT_SLOTCTL_SLOTSTA, PORT_SLOTCTL_SLOTSTA_HPIE | PORT_SLOTCTL_SLOTSTA_DLLSCE);
  EXPECT_EQ(0u, Messages());
  Write(PORT_COMMAND_STATUS, PORT_COMMAND_STATUS_BME);
  EXPECT_EQ(1u, Messages()) << "the condition was true all the time";
}

TEST_F(Port, UpstreamPortHasNoSlot) {
  Select(kUp);
  Write(PORT_SLOTCTL_SLOTSTA, ~0u);
  top_.link_up_i = top_.present_i = 0;
  Step();
  EXPECT_EQ(0u, Read(PORT_SLOTCTL_SLOTSTA));
  EXPECT_EQ(0u, Read(PORT_AER_UNCOR_STATUS)) << "no surprise down";
  Write(PORT_DPC_CAP_CTRL, PORT_DPC_CAP_CTRL_SW_TRIGGER);
  EXPECT_FALSE(top_.contained_o);
  EXPECT_EQ(0u, Read(PORT_ACS_CAP_CTRL));
}

TEST_F(Port, LinkThatGoesDownByItselfIsASurpriseUnlessTheSlotSaysSo) {
  top_.link_up_i = 0;
  Step();
  EXPECT_EQ(1u << kSdes, Read(PORT_AER_UNCOR_STATUS));
  EXPECT_EQ(kSdes, Read(PORT_AER_CAP_CTL) & 31);
  top_.link_up_i = 1;
  Step();
  Write(PORT_AER_UNCOR_STATUS, ~0u);
  // Held down by the port itself: link disable, secondary bus reset.
  for (auto [offset, bit] : {std::pair{PORT_LINKCTL_LINKSTA, PORT_LINKCTL_LINKSTA_DISABLE},
                             std::pair{PORT_BRIDGE_CTL, PORT_BRIDGE_CTL_SBR}}) {
    Set(offset, bit);
    EXPECT_TRUE(top_.link_hold_o);
    top_.link_up_i = 0;
    Step();
    EXPECT_EQ(0u, Read(PORT_AER_UNCOR_STATUS));
    Write(offset, 0);
    EXPECT_FALSE(top_.link_hold_o);
    top_.link_up_i = 1;
    Step();
  }
  top_.surprise_i = 1;
  EXPECT_TRUE(Read(PORT_SLOTCAP) & PORT_SLOTCAP_SURPRISE);
  top_.link_up_i = 0;
  Step();
  EXPECT_EQ(0u, Read(PORT_AER_UNCOR_STATUS));
}

// Every trigger with every setting of TRIGGER_EN; reason, source, what is still signalled, release.
TEST_F(Port, ContainmentTriggersAndReleases) {
  struct Row {
    const char* what;
    unsigned sev;       // message
    int error;          // own error number
    bool software, isolate;
    unsigned at_least;  // TRIGGER_EN from which it triggers: 0 always, 1 and 2, 2 only
    unsigned reason, ext, source;
  };
  const Row rows[] = {
      {"ERR_COR", kCor, -1, false, false, 9, 0, 0, 0},
      {"ERR_NONFATAL", kNonfatal, -1, false, false, 2, 1, 0, 0x0500},
      {"ERR_FATAL", kFatal, -1, false, false, 1, 2, 0, 0x0500},
      {"own fatal", 0, kMalformed, false, false, 1, 0, 0, 0},
      {"own non-fatal", 0, kCto, false, false, 2, 0, 0, 0},
      {"software", 0, -1, true, false, 0, 3, 1, 0},
      {"isolation", 0, -1, false, true, 0, 3, 1, 0},
  };
  for (Type t : {kRoot, kDown}) {
    Select(t);
    Write(PORT_DEVCTL_DEVSTA, 0xf);
    Write(PORT_DPC_STATUS, PORT_DPC_STATUS_TRIGGER);   // the ports share their inputs
    top_.emsg_ready_i = 1;
    for (unsigned en : {0u, 1u, 2u, 3u}) {
      for (const Row& r : rows) {
        Write(PORT_DPC_CAP_CTRL, en << 16 | PORT_DPC_CAP_CTRL_INT_EN);
        const bool expect = r.at_least == 0 || (en != 3 && en >= r.at_least);
        top_.isolate_i = r.isolate;
        if (r.software) Put(PORT_DPC_CAP_CTRL, en << 16 | PORT_DPC_CAP_CTRL_INT_EN | PORT_DPC_CAP_CTRL_SW_TRIGGER);
        if (r.error >= 0) Error(static_cast<unsigned>(r.error));
        else Message(r.sev, 0x0500);
        top_.isolate_i = 0;
        top_.req_valid_i = 0;
        top_.eval();
        EXPECT_EQ(expect, top_.contained_o != 0) << r.what << ' ' << en;
        EXPECT_EQ(expect, top_.link_hold_o != 0);
        const uint32_t status = Read(PORT_DPC_STATUS);
        if (expect) {
          EXPECT_EQ(r.reason, status >> 1 & 3) << r.what;
          EXPECT_EQ(r.ext, status >> 5 & 3) << r.what;
          EXPECT_EQ(r.source, status >> 16) << r.what;
          EXPECT_TRUE(status & PORT_DPC_STATUS_INT);
        }
        if (t == kRoot) {
          const bool signals = (r.sev != 0 || r.error >= 0) && !(expect && r.sev != kCor);
          EXPECT_EQ(signals, Read(PORT_AER_ROOT_STATUS) != 0) << r.what << ' ' << en;
        }
        EXPECT_EQ(0u, Read(PORT_DPC_CAP_CTRL) & PORT_DPC_CAP_CTRL_SW_TRIGGER);
        // Contained: nothing triggers again.
        if (expect) {
          Message(kFatal, 0x0600);
          EXPECT_EQ(status >> 16, Read(PORT_DPC_STATUS) >> 16);
        }
        Write(PORT_DPC_STATUS, PORT_DPC_STATUS_INT);
        EXPECT_EQ(expect, top_.contained_o != 0) << "the other bit releases";
        Write(PORT_DPC_STATUS, PORT_DPC_STATUS_TRIGGER);
        EXPECT_FALSE(top_.contained_o);
        Write(PORT_AER_ROOT_STATUS, ~0u);
        Write(PORT_AER_UNCOR_STATUS, ~0u);
      }
    }
  }
}

TEST_F(Port, MaskedOrAdvisoryErrorDoesNotContain) {
  Write(PORT_DPC_CAP_CTRL, 2u << 16);
  Write(PORT_AER_UNCOR_MASK, 1u << kMalformed);
  Error(kMalformed);
  Error(kUr, 1, true);
  Error(kUnexpected);
  EXPECT_FALSE(top_.contained_o);
  Error(kUr);
  EXPECT_TRUE(top_.contained_o);
}

TEST_F(Port, AerAndContainmentInterrupt) {
  EnableMsi();
  Write(PORT_AER_ROOT_CMD, 2);
  Message(kFatal, 1);
  EXPECT_EQ(0u, Messages());
  Message(kNonfatal, 1);
  EXPECT_EQ(1u, Messages());
  Message(kNonfatal, 1);
  EXPECT_EQ(0u, Messages()) << "not cleared: no edge";
  Write(PORT_AER_ROOT_STATUS, 0x7f);
  Message(kNonfatal, 1);
  EXPECT_EQ(1u, Messages());
  Write(PORT_DPC_CAP_CTRL, PORT_DPC_CAP_CTRL_SW_TRIGGER);
  EXPECT_EQ(0u, Messages()) << "interrupt not enabled";
  Write(PORT_DPC_STATUS, ~0u);
  Write(PORT_DPC_CAP_CTRL, PORT_DPC_CAP_CTRL_SW_TRIGGER | PORT_DPC_CAP_CTRL_INT_EN);
  EXPECT_EQ(1u, Messages());
  EXPECT_TRUE(top_.quiet_o);
}

TEST_F(Port, AccessControlReadsBackAndLeaves) {
  EXPECT_TRUE(top_.sv_o);
  EXPECT_FALSE(top_.tb_o);
  Write(PORT_ACS_CAP_CTRL, PORT_ACS_CAP_CTRL_TB | PORT_ACS_CAP_CTRL_CR);
  EXPECT_FALSE(top_.sv_o);
  EXPECT_TRUE(top_.tb_o);
  EXPECT_EQ(2u, top_.redirect_o);
  Select(kUp);
  EXPECT_FALSE(top_.sv_o);
}

}  // namespace
