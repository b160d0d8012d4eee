/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ATC_INVs of each device end with their own SYNC, so a failing SYNC names the device: nobody is asked again.
 *
 * Cost: the hot path of every unmap pays one reservation, one wait and one drained pipeline per device. A time-out costs
 * nothing beyond itself. A device that is slow once has no second chance.
 */
#include "smmu_master.h"

static int failed(struct smmu *smmu, const struct smmu_atc_failure *f)
{
	int r;

	port_trace(smmu->port, EV_ISOLATE_START, f->batch, f->n, 0);
	r = smmu_ats_isolate(f->entries[0]->master, f->gen, f->batch, 0);
	/* An attach has overtaken the batch: the failure says nothing about the device as it is now. */
	return r == -EAGAIN ? smmu_policy_ask_each(smmu, f) : r;
}

const struct smmu_policy smmu_policy_sync_per_device = {
	.name = "sync-per-device",
	.summary = "a SYNC for each device on the hot path: a failing one names the device",
	.poll = true,
	.own_sync = true,
	.core_blocks = true,
	.on_error = smmu_policy_tell_owner,
	.failed = failed,
};
