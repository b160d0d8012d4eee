/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Domains: a page table, an ASID, and the list of what has to be invalidated when a mapping goes.
 *
 * map and unmap take no lock. unmap's cost is one store per page, two atomics for the list, and two SYNCs (D10).
 */
#include "iommu_priv.h"

int iommu_domain_create(struct smmu *smmu, enum iommu_domain_type type, struct iommu_domain **out)
{
	struct iommu_domain *dom = port_zalloc(smmu->port, sizeof(*dom));
	bool asid = false;
	int r = dom ? 0 : -ENOMEM;

	if (r == 0) {
		dom->smmu = smmu;
		dom->type = type;
		dom->id = (uint32_t)(1 + counter_add(&smmu->domain_ids, 1));
		mutex_init(&dom->lock, LOCK_DOMAIN);
		r = invs_init(smmu->port, &dom->invs);
	}
	if (r == 0 && type == IOMMU_DOMAIN_PAGING) {
		r = smmu_asid_alloc(smmu, &dom->asid);
		asid = r == 0;
		if (r == 0)
			r = io_pgtable_init(smmu->port, &dom->pgtable);
		dom->tlb = (struct inv_entry){ .type = INV_TLBI_ASID, .id = dom->asid, .domain_id = dom->id };
	}
	if (r != 0 && dom) {
		if (asid)
			smmu_asid_free(smmu, dom->asid);
		if (dom->invs.cur.v != 0)
			invs_free(&dom->invs);
		port_free(smmu->port, dom);
		dom = NULL;
	}
	*out = dom;
	return r;
}

int iommu_domain_destroy(struct iommu_domain *dom)
{
	struct smmu *smmu = dom->smmu;
	bool busy;

	mutex_lock(smmu->port, &dom->lock);
	busy = dom->users != 0;
	mutex_unlock(smmu->port, &dom->lock);
	if (busy)
		return -EBUSY;

	if (dom->type == IOMMU_DOMAIN_PAGING) {
		io_pgtable_free(&dom->pgtable);
		smmu_asid_free(smmu, dom->asid);
	}
	invs_free(&dom->invs);
	port_free(smmu->port, dom);
	return 0;
}

int iommu_domain_get(struct iommu_domain *dom)
{
	int r = 0;

	mutex_lock(dom->smmu->port, &dom->lock);
	if (dom->users == 0 && dom->type == IOMMU_DOMAIN_PAGING)
		r = invs_insert(&dom->invs, &dom->tlb);
	if (r == 0)
		dom->users++;
	mutex_unlock(dom->smmu->port, &dom->lock);
	return r;
}

void iommu_domain_put(struct iommu_domain *dom)
{
	mutex_lock(dom->smmu->port, &dom->lock);
	if (--dom->users == 0 && dom->type == IOMMU_DOMAIN_PAGING) {
		/* From here on unmap sends nothing, so nothing of this ASID may stay behind. */
		invs_remove(&dom->invs, &dom->tlb);
		if (smmu_inv_asid(dom->smmu, dom->asid) != 0)
			smmu_cmdq_diag(dom->smmu, "ASID not flushed");
	}
	mutex_unlock(dom->smmu->port, &dom->lock);
}

int iommu_domain_list(struct iommu_domain *dom, struct inv_entry *e)
{
	int r;

	mutex_lock(dom->smmu->port, &dom->lock);
	r = invs_insert(&dom->invs, e);
	mutex_unlock(dom->smmu->port, &dom->lock);
	return r;
}

void iommu_domain_unlist(struct iommu_domain *dom, struct inv_entry *e)
{
	mutex_lock(dom->smmu->port, &dom->lock);
	invs_remove(&dom->invs, e);
	mutex_unlock(dom->smmu->port, &dom->lock);
}

/* ------------------------------------------------------------------ mappings */
int iommu_map(struct iommu_domain *dom, uint64_t iova, uint64_t pa, size_t npages, unsigned int prot)
{
	struct port *p = dom->smmu->port;
	uint64_t done;
	int r = -EINVAL;

	port_trace(p, EV_MAP_ENTER, dom->id, iova, npages * (uint64_t)IOMMU_PAGE_SIZE);
	/* New entries need no invalidation: neither the SMMU nor a device keeps "not mapped" (smmuv3.md §7.1). */
	if (dom->type == IOMMU_DOMAIN_PAGING)
		r = io_pgtable_map(&dom->pgtable, iova, pa, npages, prot, &done);
	port_trace(p, EV_MAP_EXIT, dom->id, iova, (uint64_t)-r);
	return r;
}

int iommu_unmap(struct iommu_domain *dom, uint64_t iova, size_t npages)
{
	struct smmu *smmu = dom->smmu;
	struct smmu_inv_request rq = { .domain_id = dom->id, .iova = iova, .npages = npages };
	uint64_t missing = 0;
	int r = -EINVAL;

	port_trace(smmu->port, EV_UNMAP_ENTER, dom->id, iova, npages * (uint64_t)IOMMU_PAGE_SIZE);
	SMMU_COUNT(smmu, unmaps);
	if (dom->type == IOMMU_DOMAIN_PAGING)
		r = io_pgtable_unmap(&dom->pgtable, iova, npages, &missing);
	if (r == 0) {
		port_wmb(smmu->port);		/* the walker sees the cleared entries before any command does */
		r = smmu_inv_domain(smmu, &dom->invs, &rq);
	}
	if (r != 0)
		SMMU_COUNT(smmu, unmap_errors);
	else if (missing != 0)
		r = -ENOENT;
	port_trace(smmu->port, EV_UNMAP_EXIT, dom->id, iova, (uint64_t)-r);
	return r;
}

uint64_t iommu_iova_to_phys(struct iommu_domain *dom, uint64_t iova)
{
	uint64_t pte = dom->type == IOMMU_DOMAIN_PAGING ? io_pgtable_lookup(&dom->pgtable, iova) : 0;

	return pte == 0 ? 0 : io_pgtable_pte_pa(pte) | (iova & (IOMMU_PAGE_SIZE - 1));
}
