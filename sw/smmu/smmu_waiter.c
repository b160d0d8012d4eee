/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose error is it? One record per CPU and queue, because a CPU waits for one batch at a time (smmu_cmdq.c, Q9).
 */
#include "llq.h"
#include "smmu_priv.h"

/* waiter.range; a batch has at least one slot, so 0 is nobody's */
#define RANGE_START	CTR_MASK
#define RANGE_COUNT	GENMASK64(63, 32)

/* waiter.result; 0 = nothing */
#define RES_VALID	BIT64(63)
#define RES_CODE	GENMASK64(39, 32)
#define RES_COUNTER	CTR_MASK

static bool in_range(uint64_t range, uint32_t ctr)
{
	return ctr_sub(ctr, (uint32_t)(range & RANGE_START)) < FIELD_GET64(RANGE_COUNT, range);
}

static uint64_t range_of(uint32_t start, uint32_t count)
{
	return FIELD_PREP64(RANGE_COUNT, count) | start;
}

void smmu_waiter_record(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr, unsigned int code)
{
	struct smmu_waiter *w = q->waiter;
	uint64_t range, old;
	unsigned int cpu;

	for (cpu = 0; cpu < port_cpus(smmu->port); cpu++) {
		range = port_atomic_read(smmu->port, &w[cpu].range);
		old = port_atomic_read(smmu->port, &w[cpu].result);
		/* an ATC time-out of the same batch is the worse news of two */
		if (in_range(range, ctr) && !((old & RES_VALID) && in_range(range, (uint32_t)(old & RES_COUNTER)) &&
					      FIELD_GET64(RES_CODE, old) == CERROR_ATC_INV_SYNC))
			port_atomic_set(smmu->port, &w[cpu].result, RES_VALID | FIELD_PREP64(RES_CODE, code) | ctr);
	}
}

void smmu_waiter_begin(struct smmu *smmu, struct smmu_cmdq *q, uint32_t start, uint32_t count)
{
	port_atomic_set(smmu->port, &q->waiter[port_cpu(smmu->port)].range, range_of(start, count));
}

int smmu_waiter_end(struct smmu *smmu, struct smmu_cmdq *q, uint32_t start, uint32_t count)
{
	struct smmu_waiter *w = &q->waiter[port_cpu(smmu->port)];
	uint64_t v = port_atomic_read(smmu->port, &w->result);
	int r = 0;

	port_atomic_set(smmu->port, &w->range, 0);
	/* a record that an abandoned batch left behind carries another counter */
	if ((v & RES_VALID) && in_range(range_of(start, count), (uint32_t)(v & RES_COUNTER))) {
		if (FIELD_GET64(RES_CODE, v) == CERROR_ATC_INV_SYNC)
			r = -EIO;
		else if (FIELD_GET64(RES_CODE, v) == CERROR_ILL)
			r = -EINVAL;
	}
	return r;
}
