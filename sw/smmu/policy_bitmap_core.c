/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever services the error sets a bit for the slot of the failing SYNC; the thread that issued it tests and clears the bit
 * when the SYNC completes, asks each StreamID of its batch again, and clears EATS before it returns. A flag on the master
 * fences attach and further ATC_INVs; the core's worker installs the blocking domain; reset done lifts the flag, after a
 * successful reset only.
 *
 * A bit outlives its lap of the queue. If it is set after its waiter has left (poll limit), the next SYNC in that slot takes
 * the blame, unless the bit is cleared when the slot is allocated. bitmap-core clears it, bitmap-core-keep does not, and is
 * expected to be wrong there: a batch of devices that have all answered is asked again, and a batch without an ATC_INV is
 * charged with somebody else's error (`foreign_errors`).
 */
#include "smmu_priv.h"

static port_atomic_t *word_of(struct smmu_cmdq *q, uint32_t ctr, uint64_t *bit)
{
	uint32_t slot = smmu_cmdq_slot_index(q, ctr);

	*bit = BIT64(slot % 64);
	return &q->sync_bits[slot / 64];
}

static void on_error(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr)
{
	uint64_t bit;
	port_atomic_t *word = word_of(q, ctr, &bit);

	port_atomic_fetch_or(smmu->port, word, bit);
}

static bool take(struct smmu *smmu, struct smmu_cmdq *q, uint32_t sync)
{
	uint64_t bit;
	port_atomic_t *word = word_of(q, sync, &bit);

	return (port_atomic_fetch_andnot(smmu->port, word, bit) & bit) != 0;
}

static void reserved(struct smmu *smmu, struct smmu_cmdq *q, uint32_t sync)
{
	take(smmu, q, sync);
}

const struct smmu_policy smmu_policy_bitmap_core = {
	.name = "bitmap-core",
	.summary = "a bit per slot tells the issuing thread; flag, core worker and reset-done callback; bit cleared at allocation",
	.poll = true,
	.fence = true,
	.core_blocks = true,
	.on_error = on_error,
	.reserved = reserved,
	.take = take,
	.failed = smmu_policy_ask_each,
};

const struct smmu_policy smmu_policy_bitmap_core_keep = {
	.name = "bitmap-core-keep",
	.summary = "as bitmap-core, but a bit left behind stays for the next user of its slot",
	.poll = true,
	.fence = true,
	.core_blocks = true,
	.on_error = on_error,
	.take = take,
	.failed = smmu_policy_ask_each,
};
