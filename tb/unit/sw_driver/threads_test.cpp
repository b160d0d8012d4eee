// SPDX-License-Identifier: Apache-2.0
//
// Unmaps on several threads while devices hang and recover.

#include <atomic>
#include <mutex>
#include <thread>

#include "driver.h"

namespace sw_driver {
namespace {

TEST_F(Driver, UnmapsOnFourThreadsWhileDevicesHangAndRecover) {
  plat.atc_timeout = 1500;
  Start();
  port_host_set_jitter(m.p, 6);
  std::atomic<bool> stop{false};
  std::atomic<unsigned> unmaps{0};
  std::vector<std::thread> threads;
  for (unsigned k = 0; k < 3; k++) {
    threads.emplace_back([&, k] {
      port_host_set_cpu(m.p, k + 1);
      while (!stop) {
        const uint64_t iova = 0x100000000ull * (k + 1);
        ASSERT_EQ(iommu_map(dom, iova, 0x80000000, 3, IOMMU_READ | IOMMU_WRITE), 0);
        ASSERT_EQ(iommu_unmap(dom, iova, 3), 0);
        unmaps++;
      }
    });
  }
  // one CPU takes interrupts, attaches and detaches a fourth device, runs the worker
  port_host_set_cpu(m.p, plat.irq_cpu);
  for (unsigned round = 0; round < 25; round++) {
    {
      std::lock_guard<std::recursive_mutex> l(m.mu);
      Fn(round % 3).dead = true;
      if (round % 5 == 0) Fn((round + 1) % 3).dead = true;
    }
    for (int i = 0; i < 5; i++) {
      ASSERT_EQ(iommu_detach(dev[3]), 0);
      ASSERT_EQ(iommu_attach(dom, dev[3]), 0);
    }
    const unsigned seen = unmaps;
    while (unmaps < seen + 4) {
      port_host_run_work(m.p);
      port_host_advance(m.p, 1);
      std::this_thread::yield();
    }
  }
  const unsigned seen = unmaps;
  while (unmaps < seen + 10 || port_host_run_work(m.p) != 0) {
    port_host_advance(m.p, 1);
    std::this_thread::yield();
  }
  stop = true;
  for (auto& t : threads) t.join();
  while (port_host_run_work(m.p) != 0) {
  }
  for (unsigned i = 0; i < kDevices; i++) ExpectWorking(i);
  const auto st = Stats();
  EXPECT_GE(st.isolated, 25u);
  EXPECT_EQ(st.isolated, st.error_events);
  EXPECT_EQ(st.foreign_errors, 0u);
  EXPECT_TRUE(drv[3].calls.empty());
}

}  // namespace
}  // namespace sw_driver
