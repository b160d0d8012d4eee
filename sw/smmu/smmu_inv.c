/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invalidation: the two halves of an unmap (D10), and the single invalidations that attach, detach and probes need.
 *
 *	TLBI ... SYNC_t		the SMMU can no longer translate with the old entry
 *	ATC_INV ... SYNC_a	no device can
 *
 * The order is not a matter of taste: an ATC_INV that overtakes the TLBI lets the device ask again and be given the old
 * entry from the SMMU's own TLB (smmuv3.md §2.4).
 *
 * A batch is filled up to `batch` commands and then issued with a SYNC of its own, so a long list costs several waits,
 * one after the other. A failing batch is settled before the next one is sent.
 */
#include "iommu.h"
#include "smmu_master.h"

#define RANGE_PAGES_MAX		BIT64(20)	/* above: the whole ASID; keeps SCALE in its field and the list short */
#define SINGLE_PAGES_MAX	32u		/* without range TLBI */

/* A full batch is issued; what remains is left for the next call. */
static int add_tlbi(struct smmu *smmu, struct smmu_batch *b, const struct cmd *c)
{
	int r = 0;

	if (b->n == smmu->plat.batch) {
		r = smmu_cmdq_issue(smmu, b, NULL);
		b->n = 0;
	}
	b->cmd[b->n++] = *c;
	SMMU_COUNT(smmu, tlbi_commands);
	return r;
}

static int add_asid_range(struct smmu *smmu, struct smmu_batch *b, uint16_t asid, const struct smmu_inv_request *rq)
{
	uint64_t iova = rq->iova, left = rq->npages;
	struct cmd c;
	int r = 0;

	if (left == 0 || left > RANGE_PAGES_MAX || (!smmu->has_ril && left > SINGLE_PAGES_MAX)) {
		c = cmd_tlbi_nh_asid(0, asid);
		left = 0;
		r = add_tlbi(smmu, b, &c);
	}
	while (left != 0 && r == 0) {
		if (smmu->has_ril) {
			c = cmd_tlbi_nh_va_range(0, asid, &iova, &left);
		} else {
			c = cmd_tlbi_nh_va(0, asid, iova);
			iova += IOMMU_PAGE_SIZE;
			left--;
		}
		r = add_tlbi(smmu, b, &c);
	}
	return r;
}

/* Entries [0, *first_ats) are TLBI entries. */
static int inv_tlb(struct smmu *smmu, const struct inv_array *a, const struct smmu_inv_request *rq,
		   unsigned int *first_ats)
{
	struct smmu_batch b;	/* an initializer would clear 1 KiB on the unmap path */
	unsigned int i;
	int r = 0;

	b.n = 0;
	b.atc = false;
	for (i = 0; i < a->n && a->e[i]->type == INV_TLBI_ASID && r == 0; i++)
		r = add_asid_range(smmu, &b, (uint16_t)a->e[i]->id, rq);
	*first_ats = i;
	if (r == 0 && b.n != 0 && !(smmu->plat.plants & SMMU_PLANT_SKIP_TLBI))
		r = smmu_cmdq_issue(smmu, &b, NULL);
	return r;
}

static struct cmd atc_cmd(const struct smmu_inv_request *rq, const struct inv_entry *e)
{
	return cmd_atc_inv(e->id, e->ssid, atc_range_cover(rq->iova, rq->npages));
}

/* Entries are sorted by StreamID, so those of a device are neighbours, unless it has several that others lie between. */
static bool in_batch(const struct smmu *smmu, const struct smmu_atc_failure *f, const struct inv_entry *e)
{
	return !smmu->policy->own_sync || e->master == f->entries[0]->master;
}

static int inv_atc(struct smmu *smmu, const struct inv_array *a, const struct smmu_inv_request *rq,
		   unsigned int i)
{
	struct smmu_atc_failure f = { .rq = rq };
	struct smmu_batch b;
	int r = 0;

	while (i < a->n && r == 0) {
		b.n = 0;
		b.atc = true;
		f.entries = &a->e[i];
		if (smmu->policy->own_sync)
			f.gen = state_gen(master_state(a->e[i]->master));
		for (f.n = 0; i < a->n && b.n < smmu->plat.batch && in_batch(smmu, &f, a->e[i]); i++, f.n++) {
			if (inv_entry_broken(smmu->port, a->e[i])) {
				SMMU_COUNT(smmu, suppressed);
				port_trace(smmu->port, EV_INV_SUPPRESSED, a->e[i]->id, rq->domain_id, rq->iova);
			} else {
				b.cmd[b.n++] = atc_cmd(rq, a->e[i]);
				SMMU_COUNT(smmu, atc_commands);
			}
		}
		if (b.n != 0)
			r = smmu_cmdq_issue(smmu, &b, &f.batch);
		if (r == -EIO)
			r = smmu->policy->failed(smmu, &f);
	}
	return r;
}

int smmu_inv_domain(struct smmu *smmu, struct invs *invs, const struct smmu_inv_request *rq)
{
	unsigned int token, first_ats;
	const struct inv_array *a = invs_enter(invs, &token);
	int r = inv_tlb(smmu, a, rq, &first_ats);

	/* An illegal TLBI is a bug, but no reason to leave the devices' caches alone. */
	if ((r == 0 || r == -EINVAL) && !(smmu->plat.plants & SMMU_PLANT_SKIP_ATC)) {
		int e = inv_atc(smmu, a, rq, first_ats);

		r = r == 0 ? e : r;
	}
	invs_exit(invs, token);
	return r;
}

int smmu_inv_asid(struct smmu *smmu, uint16_t asid)
{
	struct smmu_batch b = { .n = 1 };

	b.cmd[0] = cmd_tlbi_nh_asid(0, asid);
	SMMU_COUNT(smmu, tlbi_commands);
	return smmu_cmdq_issue(smmu, &b, NULL);
}

int smmu_inv_atc_all(struct smmu_master *m, uint32_t *batch)
{
	struct smmu_batch b = { .n = 0, .atc = true };

	if (master_gone(m))
		return -ENODEV;
	/* without a PASID: drops entries with and without one (pcie-ats.md §3) */
	for (; b.n < m->streams; b.n++) {
		b.cmd[b.n] = cmd_atc_inv(m->stream[b.n].sid, 0, atc_range_cover(0, 0));
		SMMU_COUNT(m->smmu, atc_commands);
	}
	return smmu_cmdq_issue(m->smmu, &b, batch);
}

int smmu_inv_atc_some(struct smmu *smmu, const struct smmu_inv_request *rq, struct inv_entry *const *e, unsigned int n,
		      uint32_t *batch)
{
	struct smmu_batch b = { .n = n, .atc = true };
	unsigned int i;

	for (i = 0; i < n; i++) {
		b.cmd[i] = atc_cmd(rq, e[i]);
		SMMU_COUNT(smmu, atc_commands);
	}
	return smmu_cmdq_issue(smmu, &b, batch);
}
