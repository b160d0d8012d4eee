/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What several policies do.
 *
 * A device may answer when it is asked again (a transient): then nothing happens to it. Each attach that races with an
 * isolation starts a new generation and costs one more question, hence at most one more time-out; the number is bounded.
 */
#include "smmu_master.h"

#define RACE_LIMIT	64u	/* attaches that may overtake one isolation */

void smmu_policy_tell_owner(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr)
{
	smmu_waiter_record(smmu, q, ctr, CERROR_ATC_INV_SYNC);
}

int smmu_policy_ask_one(struct smmu *smmu, const struct smmu_inv_request *rq, struct inv_entry *e)
{
	struct smmu_master *m = e->master;
	unsigned int race = 0;
	uint32_t batch;
	uint64_t state;
	int r;

	if (inv_entry_broken(smmu->port, e))
		return 0;
	do {
		/* the generation is read before the question: a failure is about a device of at least that age */
		state = master_state(m);
		if (state & (MASTER_CLAIMED | MASTER_PROTECTED)) {
			r = smmu_ats_isolate(m, state_gen(state), 0, 0);	/* somebody has it: wait for EATS = 0 */
		} else {
			port_trace(smmu->port, EV_ISOLATE_PROBE, e->id, 0, 0);
			SMMU_COUNT(smmu, probes);
			r = smmu_inv_atc_some(smmu, rq, &e, 1, &batch);
			port_trace(smmu->port, EV_RETRY_BATCH, e->id, batch, 1);
			if (r == -EIO) {
				SMMU_COUNT(smmu, probes_failed);
				r = smmu_ats_isolate(m, state_gen(state), batch, 0);
			}
		}
	} while (r == -EAGAIN && ++race < RACE_LIMIT);
	return r;
}

int smmu_policy_ask_each(struct smmu *smmu, const struct smmu_atc_failure *f)
{
	unsigned int i;
	int r = 0;

	port_trace(smmu->port, EV_ISOLATE_START, f->batch, f->n, 0);
	for (i = 0; i < f->n && r == 0; i++)
		r = smmu_policy_ask_one(smmu, f->rq, f->entries[i]);
	return r;
}

int smmu_policy_isolate_now(struct smmu *smmu, struct inv_entry *e, uint32_t batch)
{
	struct smmu_master *m = e->master;
	unsigned int race = 0;
	int r;

	if (inv_entry_broken(smmu->port, e))
		return 0;
	do {
		r = smmu_ats_isolate(m, state_gen(master_state(m)), batch, 0);
	} while (r == -EAGAIN && ++race < RACE_LIMIT);
	return r;
}
