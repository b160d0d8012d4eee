/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATCBENCH_IOMMU_PRIV_H
#define ATCBENCH_IOMMU_PRIV_H

#include "../smmu/smmu_master.h"
#include "io_pgtable.h"
#include "iommu.h"

#define IOMMU_SSID_BITS_MAX	6u
#define IOMMU_SSIDS_MAX		(1u << IOMMU_SSID_BITS_MAX)

struct iommu_domain {
	struct smmu *smmu;
	enum iommu_domain_type type;
	uint32_t id;			/* for the event log */
	uint16_t asid;
	struct io_pgtable pgtable;
	struct invs invs;
	struct inv_entry tlb;		/* in the list while somebody is attached */
	struct mutex lock;		/* users, updates of the list */
	unsigned int users;		/* attachments, by Requester ID or PASID */
	iommu_fault_handler_t fault;
	void *fault_arg;
};

/* One attachment: by Requester ID at index 0, by PASID at the PASID's index. */
struct iommu_attachment {
	struct iommu_domain *dom;	/* NULL: none */
	struct inv_entry *ats;		/* the entry in dom's list; NULL: not listed */
};

struct iommu_device {
	struct smmu *smmu;
	struct pci_dev *pdev;
	struct smmu_master master;

	struct mutex lock;		/* everything below */
	struct iommu_attachment att[IOMMU_SSIDS_MAX];
	unsigned int reset_depth;
	bool blocked;			/* the blocking STE stands in for what is attached */
	bool failed;
	bool flr_good;			/* an FLR has succeeded since the last re-attach */
	uint64_t resets;

	struct port_work work;
	port_atomic_t resetting;	/* policies with blind_reset: scheduled or under way */
};

/* ---- domain.c; task context */
/* Counts an attachment; the first one puts the TLBI entry in the list. */
int iommu_domain_get(struct iommu_domain *dom);
/* The last one takes it out and flushes the ASID. */
void iommu_domain_put(struct iommu_domain *dom);
int iommu_domain_list(struct iommu_domain *dom, struct inv_entry *e);
void iommu_domain_unlist(struct iommu_domain *dom, struct inv_entry *e);

/* ---- group.c; the caller holds dev->lock */
/* The blocking STE, ATS off, no entry in any list. What is attached stays attached on paper. */
int iommu_group_block(struct iommu_device *dev);
/* The opposite, after a reset: the first ATC_INV is a probe (probation). -EIO: not answered, isolated again. */
int iommu_group_revive(struct iommu_device *dev);

static inline struct port *port_of(const struct iommu_device *dev)
{
	return dev->smmu->port;
}

static inline bool isolated(struct iommu_device *dev)
{
	return (master_state(&dev->master) & (MASTER_CLAIMED | MASTER_PROTECTED)) != 0;
}

/* ---- worker.c */
void iommu_worker_init(struct iommu_device *dev, unsigned int cpu);

#endif
