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
	struct inv_entry *ats;		/* the entries in dom's list, one for each stream, linked by peer; NULL: not listed */
};

struct iommu_group {
	struct smmu *smmu;
	struct mutex lock;		/* members and what they are attached to */
	struct iommu_device *first;
	unsigned int resetting;		/* members between reset prepare and done */
};

struct iommu_device {
	struct smmu *smmu;
	struct pci_dev *pdev;
	struct smmu_master master;
	struct iommu_group *group;
	struct iommu_group own_group;	/* of a device that was created without one */
	struct iommu_device *owner;	/* whose StreamID and STE it shares; NULL: it has its own */

	/* under the group's mutex */
	struct iommu_device *next;	/* in the group */
	struct iommu_attachment att[IOMMU_SSIDS_MAX];
	unsigned int reset_depth;
	bool blocked;			/* the blocking STE stands in for what is attached */
	bool failed;
	bool suspended;
	bool deferred;			/* the worker has something to do when it is resumed */
	bool wakes_blocked;		/* it was blocked already when it was suspended */
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

/* ---- group.c */
void iommu_group_init(struct iommu_group *group, struct smmu *smmu);
/* Attaches the device to what its siblings are attached to. -EBUSY while one of them is in a reset. */
int iommu_group_join(struct iommu_group *group, struct iommu_device *dev);
int iommu_group_leave(struct iommu_device *dev);
/* A blocked device off what it is attached to, alone; the caller holds the group's mutex. */
void iommu_group_drop(struct iommu_device *dev);
/* The member that has this StreamID, or NULL. */
struct iommu_device *iommu_group_stream(struct iommu_group *group, uint32_t sid);

/* ---- attach.c; the caller holds the group's mutex */
/* By Requester ID; dom = NULL: to nothing. -EIO: attached, but isolated again. */
int iommu_dev_change(struct iommu_device *dev, struct iommu_domain *dom);
/* The blocking STE, ATS off, no entry in any list. What is attached stays attached on paper. */
int iommu_dev_block(struct iommu_device *dev);
/* The opposite; after a reset the first ATC_INV is a probe (probation). -EIO: not answered, isolated again. */
int iommu_dev_revive(struct iommu_device *dev, bool probation);
/* The opposite of blocking for a device that stays quarantined: translating, EATS = 0, listed and marked. */
int iommu_dev_unblock(struct iommu_device *dev);
/* The list entries of the device in `dom`, one for each stream, for a PASID or (0) for its Requester ID. */
int iommu_entry_add(struct iommu_device *dev, struct iommu_domain *dom, uint32_t ssid, struct inv_entry **out);
void iommu_entry_del(struct iommu_device *dev, struct iommu_domain *dom, struct inv_entry *e);

/* ---- pasid.c; the caller holds the group's mutex */
bool iommu_has_pasids(const struct iommu_device *dev);
/* All attachments by PASID, of a device that is blocked: nothing is listed, nothing sent but for the SMMU's own caches. */
void iommu_drop_pasids(struct iommu_device *dev);

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
