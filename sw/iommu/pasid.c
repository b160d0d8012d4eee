/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attach by PASID: of one device, beside the paging domain that its group is attached to by Requester ID. Neither touches the
 * STE: what decides about EATS is the attachment by Requester ID, so an isolated master gets an entry that is marked already.
 */
#include "iommu_priv.h"

bool iommu_has_pasids(const struct iommu_device *dev)
{
	bool any = false;
	unsigned int i;

	for (i = 1; i < IOMMU_SSIDS_MAX; i++)
		any |= dev->att[i].dom != NULL;
	return any;
}

void iommu_drop_pasids(struct iommu_device *dev)
{
	unsigned int i;

	for (i = 1; i < IOMMU_SSIDS_MAX; i++) {
		if (dev->att[i].dom) {
			/* the CD would go on leading to tables that may be freed now */
			if (smmu_cd_install(&dev->master, i, NULL) != 0)
				smmu_cmdq_diag(dev->smmu, "CD of a device that is gone not flushed");
			iommu_domain_put(dev->att[i].dom);
			dev->att[i].dom = NULL;
		}
	}
}

int iommu_attach_pasid(struct iommu_domain *dom, struct iommu_device *dev, uint32_t ssid)
{
	struct smmu_master *m = &dev->master;
	struct inv_entry *ats = NULL;
	bool got = false;
	uint64_t cd[8];
	int r = 0;

	mutex_lock(port_of(dev), &dev->group->lock);
	if (ssid == 0 || ssid >> m->ssid_bits != 0 || dom->type != IOMMU_DOMAIN_PAGING || dom->smmu != dev->smmu ||
	    !dev->att[0].dom || dev->att[0].dom->type != IOMMU_DOMAIN_PAGING)
		r = -EINVAL;
	else if (pci_dev_is_disconnected(dev->pdev))
		r = -ENODEV;
	else if (dev->group->resetting != 0 || dev->blocked || dev->att[ssid].dom || smmu_ats_fenced(m))
		r = -EBUSY;
	if (r == 0) {
		master_trace(m, EV_ATTACH_START, dom->id, 0);
		r = iommu_domain_get(dom);
		got = r == 0;
	}
	/* listed before the CD is valid; EATS stays as it is, so an isolated master gets a marked entry */
	if (r == 0 && m->ats)
		r = iommu_entry_add(dev, dom, ssid, &ats);
	if (r == 0) {
		smmu_cd_make(dev->smmu, dom->pgtable.root, dom->asid, cd);
		r = smmu_cd_install(m, ssid, cd);
	}
	if (r == 0) {
		dev->att[ssid].dom = dom;
		dev->att[ssid].ats = ats;
	} else {
		iommu_entry_del(dev, dom, ats);
		if (got)
			iommu_domain_put(dom);
	}
	mutex_unlock(port_of(dev), &dev->group->lock);
	return r;
}

int iommu_detach_pasid(struct iommu_device *dev, uint32_t ssid)
{
	struct smmu_inv_request rq = { .npages = 0 };
	struct smmu_master *m = &dev->master;
	struct inv_entry *all[IOMMU_STREAMS_MAX], *e;
	struct iommu_attachment *a;
	unsigned int n = 0;
	uint64_t state;
	uint32_t batch;
	int r = ssid == 0 || ssid >> m->ssid_bits != 0 ? -EINVAL : 0;

	if (r != 0)
		return r;
	mutex_lock(port_of(dev), &dev->group->lock);
	a = &dev->att[ssid];
	if (!a->dom) {
		r = -ENOENT;
	} else {
		r = smmu_cd_install(m, ssid, NULL);
		state = master_state(m);
		if (r == 0 && a->ats && !isolated(dev) && !pci_dev_is_disconnected(dev->pdev)) {
			rq.domain_id = a->dom->id;
			for (e = a->ats; e; e = e->peer)
				all[n++] = e;
			if (smmu_inv_atc_some(dev->smmu, &rq, all, n, &batch) == -EIO)
				smmu_ats_isolate(m, state_gen(state), batch, 0);
		}
		if (r == 0) {
			iommu_entry_del(dev, a->dom, a->ats);
			iommu_domain_put(a->dom);
			*a = (struct iommu_attachment){ .dom = NULL };
		}
	}
	mutex_unlock(port_of(dev), &dev->group->lock);
	return r;
}
