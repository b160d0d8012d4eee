/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page requests: from a StreamID to the domain that it uses, and to whoever keeps that domain's pages.
 *
 * The device's mutex is held while the handler works, so neither the attachment nor the domain goes away meanwhile.
 */
#include "iommu_priv.h"

void iommu_set_fault_handler(struct iommu_domain *dom, iommu_fault_handler_t fn, void *arg)
{
	mutex_lock(dom->smmu->port, &dom->lock);
	dom->fault = fn;
	dom->fault_arg = arg;
	mutex_unlock(dom->smmu->port, &dom->lock);
}

static struct iommu_device *find_device(struct smmu *smmu, uint32_t sid)
{
	unsigned long irq = raw_lock_acquire(smmu->port, &smmu->masters_lock);
	struct smmu_master *m = smmu_master_find(smmu, sid);

	raw_lock_release(smmu->port, &smmu->masters_lock, irq);
	return m ? m->dev : NULL;
}

unsigned int iommu_page_request(struct smmu *smmu, struct smmu_page_request *rq)
{
	struct iommu_device *dev = find_device(smmu, rq->sid);
	uint32_t ssid = rq->ssv ? rq->ssid : 0;
	unsigned int resp = PRI_RESP_FAILURE;
	struct iommu_domain *dom;

	rq->rsp_ssv = !dev || pci_prg_rsp_pasid_required(dev->pdev);
	if (!dev)
		return resp;
	mutex_lock(smmu->port, &dev->group->lock);
	dom = ssid < IOMMU_SSIDS_MAX ? dev->att[ssid].dom : NULL;
	/* Whoever is out of service gets Response Failure, which makes it stop asking. */
	if (dom && !dev->blocked && !isolated(dev)) {
		resp = PRI_RESP_INVALID;
		if (dom->fault &&
		    dom->fault(dom->fault_arg, rq->iova, (rq->read ? IOMMU_READ : 0) | (rq->write ? IOMMU_WRITE : 0)) == 0)
			resp = PRI_RESP_SUCCESS;
	}
	mutex_unlock(smmu->port, &dev->group->lock);
	return resp;
}
