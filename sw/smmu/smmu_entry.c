/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hardware fetches an entry in pieces of at least 64 bits (D9) and may cache it until CFGI + SYNC. So between two syncs
 * it may act on any mixture of old and new dwords. The order below makes every such mixture mean the old entry or the new:
 *
 *  E1. Bits that the current entry does not use are free: first store the target's values there, keeping all used bits.
 *      Whatever mixture is fetched, its used bits are the old ones. Sync.
 *  E2. If now at most one dword still differs from the target in bits that the target uses, storing that one dword is
 *      the switch: a fetch sees it before or after, and both are whole entries. Sync.
 *  E3. Bits that only the old entry used are free now: store the target's values. Sync.
 *  E4. If more than one dword differs, no order of single stores will do. Stop the entry through dword 0 (that is the one
 *      dword that matters), sync, write the others (E1 again), sync, write dword 0, sync.
 *
 * The method is that of the Linux driver's table writer: the "used bits" say what a reader can notice.
 */
#include "smmu_entry.h"

struct writer {
	const struct smmu_entry_ops *ops;
	void *ctx;
	uint64_t cur[ENTRY_DWORDS];
};

/* Stores the dwords of `to` in [first, last] that differ, then syncs if there were any. */
static int step(struct writer *w, const uint64_t to[ENTRY_DWORDS], unsigned int first, unsigned int last)
{
	bool any = false;
	unsigned int i;

	for (i = first; i <= last; i++) {
		if (w->cur[i] != to[i]) {
			w->ops->store(w->ctx, i, to[i]);
			w->cur[i] = to[i];
			any = true;
		}
	}
	return any ? w->ops->sync(w->ctx) : 0;
}

int smmu_entry_write(const struct smmu_entry_ops *ops, void *ctx, const uint64_t target[ENTRY_DWORDS],
		     enum smmu_entry_how *how)
{
	struct writer w = { .ops = ops, .ctx = ctx };
	uint64_t cur_used[ENTRY_DWORDS], target_used[ENTRY_DWORDS], filled[ENTRY_DWORDS];
	unsigned int i, differing = 0, critical = 0;
	enum smmu_entry_how h;
	int r;

	for (i = 0; i < ENTRY_DWORDS; i++)
		w.cur[i] = ops->load(ctx, i);
	ops->used(w.cur, cur_used);
	ops->used(target, target_used);

	for (i = 0; i < ENTRY_DWORDS; i++) {
		filled[i] = (w.cur[i] & cur_used[i]) | (target[i] & ~cur_used[i]);
		if ((filled[i] ^ target[i]) & target_used[i]) {
			differing++;
			critical = i;
		}
	}

	if (differing <= 1) {
		h = differing == 0 ? ENTRY_SAME : ENTRY_HITLESS;
		/* the critical dword's free bits go with the switch: one store less */
		filled[critical] = differing == 0 ? filled[critical] : w.cur[critical];
		r = step(&w, filled, 0, ENTRY_DWORDS - 1);			/* E1 */
		if (r == 0 && differing == 1)
			r = step(&w, target, critical, critical);		/* E2 */
		if (r == 0)
			r = step(&w, target, 0, ENTRY_DWORDS - 1);		/* E3 */
	} else {
		h = ENTRY_STOPPED;
		for (i = 0; i < ENTRY_DWORDS; i++)
			filled[i] = w.cur[i];
		filled[0] = ops->stop;
		r = step(&w, filled, 0, 0);					/* E4 */
		if (r == 0)
			r = step(&w, target, 1, ENTRY_DWORDS - 1);
		if (r == 0)
			r = step(&w, target, 0, 0);
	}
	if (how)
		*how = h;
	return r;
}
