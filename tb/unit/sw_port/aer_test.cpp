// SPDX-License-Identifier: Apache-2.0
//
// Error reporting: which recovery follows which error message.
#include "port.h"

namespace sw_port {
namespace {

TEST_F(PortFixture, CorrectableErrorIsCountedAndCleared) {
  Start();
  Fn(1).Set(0x110, 4, 1 << 6);
  root[1]->Error(0, Bdf(1));
  Serve();
  EXPECT_EQ(PortInfo(1).aer_cor, 1u);
  EXPECT_EQ(Fn(1).Read(0x110, 4), 0u);
  EXPECT_EQ(root[1]->reg(0x130) & 0x7f, 0u);
  EXPECT_TRUE(drv[1].calls.empty());
}

TEST_F(PortFixture, NonFatalErrorGoesToItsFunction) {
  Start();
  drv[1].answer = PCI_ERS_CAN_RECOVER;
  Fn(1).Set(0x104, 4, 1 << 20);
  root[1]->Error(1, Bdf(1));
  Serve();
  EXPECT_EQ(drv[1].calls, (Calls{"nonfatal", "mmio_enabled", "resume"}));
  EXPECT_EQ(Fn(1).Read(0x104, 4), 0u);
  EXPECT_EQ(PortInfo(1).aer_nonfatal, 1u);
  EXPECT_EQ(Fn(1).flrs, 0u);
  ExpectWorking(1);
}

TEST_F(PortFixture, NonFatalErrorWithASecondThought) {
  Start();
  drv[1].answer = PCI_ERS_CAN_RECOVER;
  drv[1].mmio_answer = PCI_ERS_NEED_RESET;
  root[1]->Error(1, Bdf(1));
  Serve();
  EXPECT_EQ(drv[1].calls, (Calls{"nonfatal", "mmio_enabled", "slot_reset", "resume"}));
  EXPECT_EQ(Fn(1).flrs, 1u);
  ExpectWorking(1);
}

TEST_F(PortFixture, FatalErrorOfAFunctionResetsIt) {
  Start();
  root[1]->Error(2, Bdf(1));
  Serve();
  EXPECT_EQ(drv[1].calls, (Calls{"error", "slot_reset", "resume"}));
  EXPECT_EQ(Fn(1).flrs, 1u);
  EXPECT_EQ(root[1]->resets, 0u) << "an FLR, not the link";
  EXPECT_EQ(PortInfo(1).aer_fatal, 1u);
  ExpectWorking(1);
}

TEST_F(PortFixture, FatalErrorOfThePortResetsTheSubtree) {
  Start();
  root[1]->Error(2, RootBdf(1));
  Serve();
  EXPECT_EQ(drv[1].calls, (Calls{"error", "slot_reset", "resume"}));
  EXPECT_EQ(Fn(1).flrs, 0u);
  EXPECT_EQ(root[1]->resets, 1u);
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_ON);
  EXPECT_EQ(PortInfo(1).disconnected, 0u) << "our own reset is no removal (H2)";
  EXPECT_EQ(PortInfo(1).recovered, 1u);
  ExpectWorking(1);
}

// Accesses of a recovery to a device that does not answer are errors of the port, too; and what a reset that failed has left is not saved.
TEST_F(PortFixture, ErrorsOfARecoveryAreNoReasonForAnother) {
  Start();
  hcfg.ready_timeout = 2000;
  Fn(1).cfg_dead = true;
  root[1]->Error(2, RootBdf(1));
  m.on_event = [this](const fake::Event& e) {
    if (e.ev == EV_RESET_DONE) root[1]->Error(2, RootBdf(1));
  };
  Serve();
  EXPECT_EQ(root[1]->resets, 1u);
  m.on_event = nullptr;
}

TEST_F(PortFixture, WhatAFailedResetHasLeftIsNotSaved) {
  hotplug = false;
  Start();
  Fn(1).cfg_dead = true;
  root[1]->Error(2, RootBdf(1));
  Serve();
  EXPECT_EQ(PortInfo(1).failed, 1u);
  Fn(1).cfg_dead = false;
  EXPECT_EQ(Fn(1).Read(0x10, 4), 0u);
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  EXPECT_EQ(Fn(1).Read(0x10, 4), pci_bar(pdev[1], 0));
  ExpectWorking(1);
}

TEST_F(PortFixture, SourceThatDoesNotAnswerOrIsNobody) {
  Start();
  Fn(1).cfg_dead = true;
  root[1]->Error(0, Bdf(1));
  Serve();
  EXPECT_EQ(PortInfo(1).aer_nobody, 1u);
  root[2]->Error(1, 0x7700);
  Serve();
  EXPECT_EQ(PortInfo(2).aer_nobody, 1u);
  EXPECT_TRUE(drv[2].calls.empty());
  Fn(1).cfg_dead = false;
}

TEST_F(PortFixture, RootErrorsThatNeverEnd) {
  Start();
  root[1]->root_errors_stick = true;
  root[1]->Error(0, Bdf(1));
  Serve();
  EXPECT_EQ(PortInfo(1).unsettled, 1u);
  EXPECT_EQ(root[1]->reg(0x12c), 0u) << "its interrupts are off";
  EXPECT_TRUE(m.LogHas("root errors do not end"));
  EXPECT_GT(PortInfo(1).aer_lost, 0u);
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_ON);
  root[1]->root_errors_stick = false;
}

}  // namespace
}  // namespace sw_port
