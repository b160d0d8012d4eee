/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference policy: ask every device of the failed batch again, the original range with a SYNC of its own, in the
 * order of the list; who fails again is the one.
 *
 * Cost: n SYNCs for n devices, plus one time-out for each broken one. The healthy hot path pays nothing.
 *
 * A device may answer this time (a transient): then nothing happens to it. Each attach that races with an isolation
 * starts a new generation and costs one more question, hence at most one more time-out; the number is bounded.
 */
#include "smmu_master.h"

#define RACE_LIMIT	64u	/* attaches that may overtake one isolation */

static int settle(struct smmu *smmu, const struct smmu_inv_request *rq, struct inv_entry *e)
{
	struct smmu_master *m = e->master;
	unsigned int race = 0;
	uint32_t batch;
	uint64_t state;
	int r;

	do {
		/* the generation is read before the question: a failure is about a device of at least that age */
		state = master_state(m);
		if (state & (MASTER_CLAIMED | MASTER_PROTECTED)) {
			r = smmu_ats_isolate(m, state_gen(state), 0, 0);	/* somebody has it: wait for EATS = 0 */
		} else {
			port_trace(smmu->port, EV_ISOLATE_PROBE, e->id, 0, 0);
			SMMU_COUNT(smmu, probes);
			r = smmu_inv_atc_one(smmu, rq, e, &batch);
			port_trace(smmu->port, EV_RETRY_BATCH, e->id, batch, 1);
			if (r == -EIO) {
				SMMU_COUNT(smmu, probes_failed);
				r = smmu_ats_isolate(m, state_gen(state), batch, 0);
			}
		}
	} while (r == -EAGAIN && ++race < RACE_LIMIT);
	return r;
}

static int atc_failed(struct smmu *smmu, const struct smmu_inv_request *rq, struct inv_entry *const *entries,
		      unsigned int n, uint32_t batch)
{
	unsigned int i;
	int r = 0;

	port_trace(smmu->port, EV_ISOLATE_START, batch, n, 0);
	for (i = 0; i < n && r == 0; i++) {
		if (!inv_entry_broken(smmu->port, entries[i]))
			r = settle(smmu, rq, entries[i]);
	}
	return r;
}

const struct smmu_policy smmu_policy_minimal = {
	.name = "minimal",
	.atc_failed = atc_failed,
};
