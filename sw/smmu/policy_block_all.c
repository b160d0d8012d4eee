/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quarantines every master of the failing batch, and lets the resets sort them out: no question, so the shortest exposure
 * there is without better hardware, and every innocent device of the batch as collateral.
 */
#include "smmu_master.h"

static int failed(struct smmu *smmu, const struct smmu_atc_failure *f)
{
	unsigned int i;
	int r = 0;

	port_trace(smmu->port, EV_ISOLATE_START, f->batch, f->n, 0);
	for (i = 0; i < f->n && r == 0; i++)
		r = smmu_policy_isolate_now(smmu, f->entries[i], f->batch);
	return r;
}

const struct smmu_policy smmu_policy_block_all = {
	.name = "block-all",
	.summary = "quarantines every device of a failed batch, innocent ones included",
	.poll = true,
	.core_blocks = true,
	.on_error = smmu_policy_tell_owner,
	.failed = failed,
};
