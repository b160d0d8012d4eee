/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handler reads the queue backwards from the failing SYNC for an ATC_INV and schedules a reset of its StreamID, of which
 * the device's driver learns nothing. EATS stays set until the worker runs; the waiter sees success.
 *
 * Expected to be wrong: the last ATC_INV before the SYNC is the guilty one only if the batch names one device; the slots
 * behind the wrap are not looked at; if the SYNC ends a batch without an ATC_INV, some older command takes the blame; stale
 * accesses until the reset; the I/O of a device whose driver does not know of the reset is lost.
 */
#include "iommu.h"
#include "smmu_master.h"

static void on_error(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr)
{
	uint32_t slot = smmu_cmdq_slot_index(q, ctr);
	struct smmu_master *m = NULL;
	bool found = false;
	unsigned long irq;
	uint64_t dw0;

	while (slot != 0 && !found) {
		dw0 = port_mem_read64(smmu->port, smmu_cmdq_slot(q, --slot));
		found = FIELD_GET64(CMD0_OP, dw0) == OP_ATC_INV;
	}
	if (found) {
		irq = raw_lock_acquire(smmu->port, &smmu->masters_lock);
		m = smmu_master_find(smmu, (uint32_t)FIELD_GET64(CMD_ATC_INV0_SID, dw0));
		if (m)
			iommu_schedule_reset(m->dev);
		raw_lock_release(smmu->port, &smmu->masters_lock, irq);
	}
	if (!m)
		SMMU_COUNT(smmu, blame_nobody);
}

const struct smmu_policy smmu_policy_isr_reset = {
	.name = "isr-reset",
	.summary = "the handler guesses the device from the queue and resets it behind its driver's back",
	.leaves = true,
	.blind_reset = true,
	.on_error = on_error,
};
