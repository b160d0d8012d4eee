/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event queue (smmuv3.md §1.6, §8). Taken by its interrupt handler, and by a work item on the same CPU with interrupts
 * off, so never by two at once.
 *
 * The interrupt marks the change from empty to non-empty, so whoever takes records goes on until the queue is empty, and
 * as long as it is not there are no more interrupts. One handler run takes at most two rings full; the work item takes the
 * rest. A storm that refills the queue as soon as it is empty would still hold the CPU in one handler run after the
 * other: a handler that is called before STORM_REST times its last run has passed, STORM_RUNS times in a row, takes
 * nothing. What it leaves keeps the interrupt away until the work item has run, which gives the CPU to others before each
 * run. The queue may overflow meanwhile; that is counted.
 */
#include "smmu_priv.h"

#define LOG_LIMIT	16u	/* records printed; all are counted */
#define STORM_RUNS	16u
#define STORM_REST	4u

static uint32_t used(const struct smmu_evtq *q, uint32_t prod)
{
	return (prod - q->cons) & (BIT32(q->log2 + 1) - 1);
}

static void take(struct smmu *smmu, uint32_t index)
{
	struct smmu_evtq *q = &smmu->evtq;
	uint64_t pa = q->base + 32 * (uint64_t)(index & (BIT32(q->log2) - 1));
	uint64_t rec[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		rec[i] = port_mem_read64(smmu->port, pa + 8 * i);
	if (SMMU_COUNT(smmu, events) < LOG_LIMIT)
		port_log(smmu->port, PORT_LOG_WARN, "smmu: event 0x%02x sid 0x%x: 0x%016llx 0x%016llx 0x%016llx 0x%016llx",
			 (unsigned int)FIELD_GET64(EVT0_NUM, rec[0]), (unsigned int)FIELD_GET64(EVT0_SID, rec[0]),
			 (unsigned long long)rec[0], (unsigned long long)rec[1], (unsigned long long)rec[2],
			 (unsigned long long)rec[3]);
	if (q->fn)
		q->fn(q->arg, rec);
}

static void drain(struct smmu *smmu)
{
	struct smmu_evtq *q = &smmu->evtq;
	const uint64_t start = port_now(smmu->port);
	const uint32_t wrap_mask = BIT32(q->log2 + 1) - 1;
	unsigned int budget = 2u << q->log2;
	bool more = true;
	uint32_t prod, n, overflow;

	while (more) {
		prod = smmu_read32(smmu, SMMU_EVENTQ_PROD);
		n = used(q, prod);
		overflow = (prod ^ q->cons) & SMMU_EVENTQ_PROD_OVFLG;
		/* more than a ring full is a register that did not answer */
		more = (n != 0 || overflow != 0) && n <= BIT32(q->log2);
		if (more && budget < n) {
			port_work_queue(smmu->port, &q->rest);
			more = false;
		}
		if (more) {
			for (budget -= n; n != 0; n--) {
				take(smmu, q->cons);
				q->cons = (q->cons & ~wrap_mask) | ((q->cons + 1) & wrap_mask);
			}
			if (overflow != 0) {
				SMMU_COUNT(smmu, event_overflows);
				q->cons ^= SMMU_EVENTQ_CONS_OVACKFLG;
			}
			smmu_write32(smmu, SMMU_EVENTQ_CONS, q->cons);
		}
	}
	q->last_end = port_now(smmu->port);
	q->last_run = q->last_end - start;
}

static void drain_rest(void *arg)
{
	struct smmu *smmu = arg;
	unsigned long irq;

	port_cond_resched(smmu->port);
	irq = port_irq_save(smmu->port);
	drain(smmu);
	port_irq_restore(smmu->port, irq);
}

void smmu_evtq_irq(void *arg)
{
	struct smmu *smmu = arg;
	struct smmu_evtq *q = &smmu->evtq;

	port_trace(smmu->port, EV_IRQ_ENTRY, PORT_IRQ_EVENTQ, 0, 0);
	if (port_now(smmu->port) - q->last_end >= STORM_REST * q->last_run)
		q->back_to_back = 0;
	else if (q->back_to_back < STORM_RUNS)
		q->back_to_back++;
	if (q->back_to_back == STORM_RUNS)
		port_work_queue(smmu->port, &q->rest);
	else
		drain(smmu);
}

void smmu_set_event_handler(struct smmu *smmu, void (*fn)(void *arg, const uint64_t rec[4]), void *arg)
{
	unsigned long irq = port_irq_save(smmu->port);

	smmu->evtq.fn = NULL;
	smmu->evtq.arg = arg;
	smmu->evtq.fn = fn;
	port_irq_restore(smmu->port, irq);
}

int smmu_evtq_init(struct smmu *smmu)
{
	size_t bytes = (size_t)32 << smmu->evtq.log2;

	smmu->evtq.rest = (struct port_work){ .fn = drain_rest, .arg = smmu, .cpu = smmu->plat.irq_cpu };
	return port_dma_alloc(smmu->port, bytes, bytes > 4096 ? bytes : 4096, &smmu->evtq.base);
}

void smmu_evtq_free(struct smmu *smmu)
{
	if (smmu->evtq.base != 0)
		port_dma_free(smmu->port, smmu->evtq.base, (size_t)32 << smmu->evtq.log2);
}
