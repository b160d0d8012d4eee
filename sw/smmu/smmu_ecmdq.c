/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enhanced command queues (smmuv3.md §4): with them each CPU puts its commands into a queue of its own, as far as they last, and a
 * SYNC that waits for a dead device keeps nobody else waiting (D8). Insertion, completion and what an error means are those
 * of any command queue (smmu_cmdq.c); CMDQ itself is used for the flush of the probe, and when there are no others.
 *
 * A SYNC orders its own queue only. Nothing here needs more: every batch ends with a SYNC, and its CPU waits for it before it
 * does what relies on it.
 */
#include "smmu_priv.h"

#define PAGE_STRIDE	32u		/* between the registers that describe a control page */
#define CONTROL_PAGE	0x10000u	/* bytes */
#define GS_64K		1u
#define QUEUES_LOG2_MAX	8u		/* on one page */

static int not_used(struct smmu *smmu, const char *why, uint64_t reg)
{
	port_log(smmu->port, PORT_LOG_WARN, "smmu: enhanced command queues not used: %s (0x%llx)", why, (unsigned long long)reg);
	return -ENODEV;
}

/* Physical address of control page `page`. */
static int find_page(struct smmu *smmu, unsigned int page, uint64_t *pa)
{
	uint64_t v = port_read64(smmu->port, smmu->plat.base + SMMU_CMDQ_CONTROL_PAGE_BASE0 + (uint64_t)PAGE_STRIDE * page);
	uint64_t addr = v & SMMU_CMDQ_CONTROL_PAGE_BASE0_ADDR_MASK;
	int r = 0;

	if (v == UINT64_MAX || addr == 0)
		r = not_used(smmu, "no control page", v);
	else if (FIELD_GET64(SMMU_CMDQ_CONTROL_PAGE_BASE0_CMDQGS_MASK, v) != GS_64K)
		r = not_used(smmu, "size of a control page", v);
	*pa = v & SMMU_CMDQ_CONTROL_PAGE_BASE0_PRESET ? smmu->plat.base + addr : addr;
	return r;
}

/* How many there are for us: a power of two, no more than CPUs need. 0: none. *per_page: log2. */
static unsigned int count_queues(struct smmu *smmu, unsigned int *per_page)
{
	uint32_t idr6 = smmu_read32(smmu, SMMU_IDR6);
	unsigned int pages = FIELD_GET32(SMMU_IDR6_CMDQ_CONTROL_PAGE_LOG2NUMP_MASK, idr6), n = 0, all;

	*per_page = FIELD_GET32(SMMU_IDR6_CMDQ_CONTROL_PAGE_LOG2NUMQ_MASK, idr6);
	if (*per_page > QUEUES_LOG2_MAX) {
		not_used(smmu, "IDR6: queues of a page", idr6);
	} else {
		all = pages + *per_page;
		for (n = 1; all != 0 && n < port_cpus(smmu->port); all--)
			n *= 2;
	}
	return n;
}

int smmu_ecmdq_init(struct smmu *smmu)
{
	unsigned int n = 0, per_page = 0, i;
	struct smmu_cmdq *q;
	uint64_t page = 0;
	int r = 0;

	if (smmu->has_ecmdq && smmu->plat.ecmdq)
		n = count_queues(smmu, &per_page);
	if (n != 0) {
		smmu->ecmdq = port_zalloc(smmu->port, n * sizeof(*smmu->ecmdq));
		r = smmu->ecmdq ? 0 : -ENOMEM;
	}
	for (i = 0; i < n && r == 0; i++) {
		q = &smmu->ecmdq[i];
		r = find_page(smmu, i >> per_page, &page);
		if (r == 0) {
			q->index = i + 1;
			q->on = SMMU_ECMDQ_PROD_EN;
			q->prod_reg = page + (uint64_t)(i & (BIT32(per_page) - 1)) * (CONTROL_PAGE >> per_page) +
				      (SMMU_ECMDQ_PROD - SMMU_ECMDQ_BASE);
			q->cons_reg = q->prod_reg + (SMMU_ECMDQ_CONS - SMMU_ECMDQ_PROD);
			q->log2 = smmu->cmdq.log2;
			smmu->ecmdq_count = i + 1;
			r = smmu_cmdq_init(smmu, q);
		}
	}
	if (r == -ENODEV) {
		smmu_ecmdq_free(smmu);
		r = 0;
	}
	return r;
}

void smmu_ecmdq_free(struct smmu *smmu)
{
	while (smmu->ecmdq_count != 0)
		smmu_cmdq_free(smmu, &smmu->ecmdq[--smmu->ecmdq_count]);
	if (smmu->ecmdq)
		port_free(smmu->port, smmu->ecmdq);
	smmu->ecmdq = NULL;
}

/* Writes PROD and waits for ENACK to follow its EN. */
static int switch_queue(struct smmu *smmu, struct smmu_cmdq *q, uint32_t prod)
{
	port_write32(smmu->port, q->prod_reg, prod);
	return smmu_wait_reg(smmu, q->cons_reg - smmu->plat.base, SMMU_ECMDQ_CONS_ENACK, prod & SMMU_ECMDQ_PROD_EN,
			     "ECMDQ_CONS.ENACK");
}

/* The first n, with the rest of PROD as it is. */
static void switch_off(struct smmu *smmu, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		switch_queue(smmu, &smmu->ecmdq[i],
			     port_read32(smmu->port, smmu->ecmdq[i].prod_reg) & ~SMMU_ECMDQ_PROD_EN);
}

void smmu_ecmdq_enable(struct smmu *smmu)
{
	unsigned int i;
	struct smmu_cmdq *q;
	int r = 0;

	for (i = 0; i < smmu->ecmdq_count && r == 0; i++) {
		q = &smmu->ecmdq[i];
		/* no error may be active from before: the queue would not run */
		port_atomic_set(smmu->port, &q->errack, port_read32(smmu->port, q->cons_reg) & SMMU_ECMDQ_CONS_ERR);
		port_write64(smmu->port, q->prod_reg - (SMMU_ECMDQ_PROD - SMMU_ECMDQ_BASE), smmu_cmdq_base_value(q));
		port_write32(smmu->port, q->cons_reg, 0);
		r = switch_queue(smmu, q, q->on | (uint32_t)q->errack.v);
	}
	if (r == 0) {
		smmu->ecmdqs = smmu->ecmdq_count;
	} else {
		not_used(smmu, "a queue does not come on", i - 1);
		switch_off(smmu, i);
	}
}

void smmu_ecmdq_disable(struct smmu *smmu)
{
	unsigned int n = smmu->ecmdqs;

	smmu->ecmdqs = 0;
	switch_off(smmu, n);
}

/*
 * An acknowledge that an owner is just about to write is lost by this: the queue then still stands, and whoever looks next
 * records the same error of the same SYNC once more and acknowledges it again.
 */
void smmu_ecmdq_resync(struct smmu *smmu)
{
	unsigned int i;
	uint32_t prod;

	for (i = 0; i < smmu->ecmdqs; i++) {
		prod = port_read32(smmu->port, smmu->ecmdq[i].prod_reg);
		if (prod != UINT32_MAX)
			port_atomic_set(smmu->port, &smmu->ecmdq[i].errack, prod & SMMU_ECMDQ_PROD_ERRACK);
	}
}

bool smmu_ecmdq_service(struct smmu *smmu)
{
	unsigned int i;
	struct smmu_cmdq *q;
	uint32_t cons, errack, rd;
	bool stood = false;

	for (i = 0; i < smmu->ecmdqs; i++) {
		q = &smmu->ecmdq[i];
		cons = port_read32(smmu->port, q->cons_reg);
		errack = (uint32_t)port_atomic_read(smmu->port, &q->errack);
		if (cons == UINT32_MAX || (cons & SMMU_ECMDQ_CONS_ERR) == errack || port_atomic_read(smmu->port, &q->dead) != 0)
			continue;
		stood = true;
		rd = FIELD_GET32(SMMU_ECMDQ_CONS_RD_MASK, cons);
		if (smmu_gerror_queue(smmu, q, rd, FIELD_GET32(SMMU_ECMDQ_CONS_ERR_REASON_MASK, cons))) {
			port_atomic_set(smmu->port, &q->errack, errack ^ SMMU_ECMDQ_PROD_ERRACK);
			smmu_cmdq_rewrite_prod(smmu, q);
			port_trace(smmu->port, EV_ECMDQ_ACK, smmu_cmdq_log_index(q, rd), cons, 0);
		}
	}
	return stood;
}
