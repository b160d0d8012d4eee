/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy decides about an ATC time-out, and nothing else. Mechanism (queue, retry of a range, claim, EATS, marks,
 * reports, reset) stays in the driver. doc/policies.md tells each one's story.
 *
 * A time-out passes these points, in this order:
 *	on_error	whoever services the error, queue stopped		whom to tell?
 *	take		the issuing thread, its SYNC consumed			have I been told?
 *	failed		the issuing thread, in the list's reader section	who was it, and what now?
 *	fence		attach							may it switch ATS on again?
 *	core_blocks	the worker						block before the device's driver is asked?
 */
#ifndef ATCBENCH_POLICY_H
#define ATCBENCH_POLICY_H

#include "../iommu/invs.h"

struct smmu;
struct smmu_cmdq;

/* One invalidation: the same range for every ATS entry of the list. */
struct smmu_inv_request {
	uint32_t domain_id;
	uint64_t iova;
	uint64_t npages;		/* 0 = everything */
};

/* A batch whose SYNC failed: the ATC_INVs of entries[0 .. n-1], some of which may have been left out as marked. */
struct smmu_atc_failure {
	const struct smmu_inv_request *rq;
	struct inv_entry *const *entries;
	unsigned int n;
	uint32_t batch;
	uint64_t gen;			/* own_sync: the generation of the one master, from before the batch was sent */
};

struct smmu_policy {
	const char *name;
	const char *summary;		/* one line for a list of policies */

	bool poll;			/* a waiter looks at GERROR itself; otherwise only the interrupt handler does */
	/* A waiter leaves at its first expiry, and nobody above learns of it: unmap always reports success (D24). */
	bool leaves;
	bool own_sync;			/* hot path: the ATC_INVs of each device end with a SYNC of their own */
	bool fence;			/* no attach from an isolation until a reset has succeeded */
	bool core_blocks;		/* the blocking domain is installed before the device's driver is asked */
	bool blind_reset;		/* the handler schedules resets; the device's driver is not asked */

	/*
	 * Under the error lock, before the acknowledge, maybe in interrupt context: the SYNC with counter `ctr` of the queue
	 * met an ATC time-out.
	 */
	void (*on_error)(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr);
	/* For policies with a memory per slot; both or neither, or take alone. The SYNC at `sync` is reserved, not yet valid. */
	void (*reserved)(struct smmu *smmu, struct smmu_cmdq *q, uint32_t sync);
	/* The SYNC at `sync` is consumed, or its waiter gives up. True: it met a time-out. */
	bool (*take)(struct smmu *smmu, struct smmu_cmdq *q, uint32_t sync);
	/*
	 * Must not allocate, sleep or take a mutex. 0 only if every device of the batch has answered or is isolated (D24).
	 * NULL if on_error tells nobody.
	 */
	int (*failed)(struct smmu *smmu, const struct smmu_atc_failure *f);
};

/* NULL if there is none of that name. */
const struct smmu_policy *smmu_policy_find(const char *name);

extern const struct smmu_policy smmu_policy_legacy, smmu_policy_isr_reset, smmu_policy_bitmap_core,
	smmu_policy_bitmap_core_keep, smmu_policy_fenced, smmu_policy_minimal, smmu_policy_bisect,
	smmu_policy_sync_per_device, smmu_policy_block_all;

/* ---- policy_common.c: what several of them do */
/* on_error: the CPU that waits for the batch finds out when its SYNC completes. */
void smmu_policy_tell_owner(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr);
/* failed: asks every device again, the original range with a SYNC of its own, in the order of the list. */
int smmu_policy_ask_each(struct smmu *smmu, const struct smmu_atc_failure *f);
/* The question to one device: 0 if it has answered or is isolated, whoever did it. */
int smmu_policy_ask_one(struct smmu *smmu, const struct smmu_inv_request *rq, struct inv_entry *e);
/* Isolates without a question, whatever generation the master has by then. */
int smmu_policy_isolate_now(struct smmu *smmu, struct inv_entry *e, uint32_t batch);

#endif
