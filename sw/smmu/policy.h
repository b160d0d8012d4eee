/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy decides, and nothing else: how the owner of a failed ATC batch finds out who did not answer, and what it
 * does about it. Mechanism (queue, retry of a range, claim, EATS, marks, reports) stays in the driver.
 */
#ifndef ATCBENCH_POLICY_H
#define ATCBENCH_POLICY_H

#include "../iommu/invs.h"

struct smmu;

/* One invalidation: the same range for every ATS entry of the list. */
struct smmu_inv_request {
	uint32_t domain_id;
	uint64_t iova;
	uint64_t npages;		/* 0 = everything */
};

struct smmu_policy {
	const char *name;
	/*
	 * The SYNC of batch `batch` failed; it held the ATC_INVs of entries[0 .. n-1] (some may have been left out as
	 * marked). Called by the thread that issued the batch, inside the list's reader section: it must not allocate,
	 * sleep, or take a mutex. 0 only if every device has answered or is isolated (D24).
	 */
	int (*atc_failed)(struct smmu *smmu, const struct smmu_inv_request *rq, struct inv_entry *const *entries,
			  unsigned int n, uint32_t batch);
};

/* NULL if there is none of that name. */
const struct smmu_policy *smmu_policy_find(const char *name);
extern const struct smmu_policy smmu_policy_minimal;

#endif
