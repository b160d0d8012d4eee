/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As minimal, but identifies by halving: both halves of a part that failed are asked, each with one SYNC, and the halves
 * that fail again are halved in turn.
 *
 * Cost for one broken device among n = 2^d: 2 d SYNCs and d time-outs, where minimal pays n SYNCs and 1 time-out. A time-out
 * is so much longer than a SYNC that halving can only win where SYNCs are many and dear. With k broken devices up to
 * k log2 n time-outs.
 *
 * The second half is asked even when the first one has answered: a device that answers late, or only the second time, must
 * not make an innocent one guilty by elimination. That costs the last level its time-out: of a pair that failed the second
 * one is asked alone although the first has answered. Nothing less tells a late first from a dead second: the failure of
 * the pair is the only thing known of the second, and the first may have been the reason.
 */
#include "smmu_master.h"

/* Asks cand[0 .. n-1] with one SYNC, those left out that somebody isolates or has isolated. -EIO: one does not answer. */
static int ask_part(struct smmu *smmu, const struct smmu_inv_request *rq, struct inv_entry *const *cand, unsigned int n)
{
	struct inv_entry *part[SMMU_BATCH_MAX];
	unsigned int i, left = 0;
	uint32_t batch;
	int r = 0;

	for (i = 0; i < n && r == 0; i++) {
		if (inv_entry_broken(smmu->port, cand[i]))
			continue;
		if (master_state(cand[i]->master) & MASTER_CLAIMED)
			r = smmu_policy_ask_one(smmu, rq, cand[i]);	/* waits for EATS = 0 */
		else
			part[left++] = cand[i];
	}
	if (r == 0 && left != 0) {
		port_trace(smmu->port, EV_ISOLATE_PROBE, part[0]->id, 0, 0);
		SMMU_COUNT(smmu, probes);
		r = smmu_inv_atc_some(smmu, rq, part, left, &batch);
		port_trace(smmu->port, EV_RETRY_BATCH, part[0]->id, batch, left);
		if (r == -EIO)
			SMMU_COUNT(smmu, probes_failed);
	}
	return r;
}

/* cand[0 .. n-1] has failed as a whole. Recursion ends after log2(SMMU_BATCH_MAX) levels. */
static int halve(struct smmu *smmu, const struct smmu_inv_request *rq, struct inv_entry *const *cand, unsigned int n)
{
	unsigned int size[2] = { n - n / 2, n / 2 }, i;
	int r = 0;

	for (i = 0; i < 2 && r == 0; i++) {
		if (size[i] == 1) {
			r = smmu_policy_ask_one(smmu, rq, cand[0]);
		} else if (size[i] != 0) {
			r = ask_part(smmu, rq, cand, size[i]);
			if (r == -EIO)
				r = halve(smmu, rq, cand, size[i]);
		}
		cand += size[i];
	}
	return r;
}

static int failed(struct smmu *smmu, const struct smmu_atc_failure *f)
{
	struct inv_entry *cand[SMMU_BATCH_MAX];
	unsigned int i, n = 0;
	int r = 0;

	port_trace(smmu->port, EV_ISOLATE_START, f->batch, f->n, 0);
	/*
	 * The batch held at most SMMU_BATCH_MAX entries, but an attach may have cleared marks since: what does not fit is
	 * asked alone.
	 */
	for (i = 0; i < f->n && r == 0; i++) {
		if (n == SMMU_BATCH_MAX)
			r = smmu_policy_ask_one(smmu, f->rq, f->entries[i]);
		else if (!inv_entry_broken(smmu->port, f->entries[i]))
			cand[n++] = f->entries[i];
	}
	return r == 0 ? halve(smmu, f->rq, cand, n) : r;
}

const struct smmu_policy smmu_policy_bisect = {
	.name = "bisect",
	.summary = "as minimal, finds the broken device by halving the batch",
	.poll = true,
	.core_blocks = true,
	.on_error = smmu_policy_tell_owner,
	.failed = failed,
};
