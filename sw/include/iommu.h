/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IOMMU core: devices, domains, mappings, quarantine and reset.
 *
 * [task] may sleep: task context, interrupts on. [any] may also be called with interrupts off (not from an interrupt
 * handler). 4 KiB pages, 48-bit IOVAs. Who creates functions of one pci_group() gives
 * them one group.
 */
#ifndef ATCBENCH_IOMMU_H
#define ATCBENCH_IOMMU_H

#include "pci.h"
#include "smmu.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iommu_domain;
struct iommu_device;
struct iommu_group;

#define IOMMU_STREAMS_MAX	4	/* StreamIDs of one device */

#define IOMMU_PAGE_SHIFT	12
#define IOMMU_PAGE_SIZE		4096u

/* ---- groups: devices that are attached together. [task] */
int iommu_group_create(struct smmu *smmu, struct iommu_group **out);
/* -EBUSY while it has members. */
int iommu_group_destroy(struct iommu_group *group);

/* ---- devices */
struct iommu_device_cfg {
	uint32_t sid;			/* StreamID = requester ID (D4) */
	unsigned int hw_index;		/* device index of INV_LIMIT, QUAR_RELEASE (interfaces.md) */
	/*
	 * Further functions that the same driver owns as one device (pci_join_function() has been called). The device is attached,
	 * isolated, blocked and reset with all of them.
	 */
	unsigned int more;
	struct {
		struct pci_dev *pdev;
		uint32_t sid;
		unsigned int hw_index;
	} also[IOMMU_STREAMS_MAX - 1];
	unsigned int ssid_bits;		/* PASID bits, 0 .. 6; 0 = none */
	bool ats;			/* use ATS when the function has it */
	unsigned int page_requests;	/* outstanding page requests it may have, with ATS and a PRI queue; 0 = no PRI */
	struct iommu_group *group;	/* NULL: one of its own */
	unsigned int worker_cpu;	/* where error events of this device are delivered */
};
/*
 * [task] Takes over the function; it is attached to nothing, so all its traffic aborts, or to what the group is attached to.
 * -EBUSY while a member of the group is being reset.
 * A member whose StreamID another member has already shares that one's STE: it follows whatever happens to it, has no ATS (an
 * ATC_INV goes to one requester only), and a reset of either blocks both. It has to be destroyed first.
 */
int iommu_device_create(struct smmu *smmu, struct pci_dev *pdev, const struct iommu_device_cfg *cfg,
			struct iommu_device **out);
/* [task] Detaches, waits for the worker, frees. */
void iommu_device_destroy(struct iommu_device *dev);
struct pci_dev *iommu_device_pci(const struct iommu_device *dev);

/* ---- domains */
enum iommu_domain_type {
	IOMMU_DOMAIN_PAGING,
	IOMMU_DOMAIN_BLOCKING,		/* everything aborts */
	IOMMU_DOMAIN_IDENTITY		/* bypass, ATS off */
};
int iommu_domain_create(struct smmu *smmu, enum iommu_domain_type type, struct iommu_domain **out);
/* -EBUSY while something is attached. Mappings need not be gone. */
int iommu_domain_destroy(struct iommu_domain *dom);

/*
 * [task] Attaches the device's whole group by Requester ID. Each member with ATS: fresh list entries, EATS = 1, CFGI, SYNC,
 * PCI ATS enable, then ATC_INV(all) + SYNC (D18). Replaces what was attached before. -EBUSY while a member is between reset
 * prepare and done, or behind a policy's fence. -EIO: attached and translating, but that first invalidation of a member timed
 * out, and the member is isolated again (an error event has been pushed). -ENODEV: it is gone, or its ATS does not answer. Any other error:
 * attached as before. Members that are gone are left out.
 */
int iommu_attach(struct iommu_domain *dom, struct iommu_device *dev);
/* [task] The whole group back to "attached to nothing". */
int iommu_detach(struct iommu_device *dev);
/* [task] The same for one device and one PASID (1 .. 2^ssid_bits - 1) beside a paging domain attached by Requester ID. */
int iommu_attach_pasid(struct iommu_domain *dom, struct iommu_device *dev, uint32_t ssid);
int iommu_detach_pasid(struct iommu_device *dev, uint32_t ssid);

/* ---- mappings */
#define IOMMU_READ	1u
#define IOMMU_WRITE	2u
/* [any, but may allocate table pages] -EEXIST (nothing changed behind the colliding page is undone), -ENOMEM, -EINVAL. */
int iommu_map(struct iommu_domain *dom, uint64_t iova, uint64_t pa, size_t npages, unsigned int prot);
/*
 * [any] Clears the entries, then TLBI + SYNC, then ATC_INV + SYNC, and deals with the time-outs it meets.
 * 0: every invalidation completed, or every failing device was isolated first (D24). -ENOENT: a page was not mapped
 * (the others are gone). -ETIMEDOUT, -ENXIO: the queue itself is stuck; the pages must not be reused. -EAGAIN: so many
 * attaches have overtaken the isolation that nothing is known of the device; neither must they.
 */
int iommu_unmap(struct iommu_domain *dom, uint64_t iova, size_t npages);
/* ---- page requests */
/*
 * [task] Whoever keeps the domain's pages. Called in task context for each page that a device asks for (prot: what it wants);
 * 0: mapped, the device is told to try again; else it is told that the request was invalid. NULL: all are.
 */
typedef int (*iommu_fault_handler_t)(void *arg, uint64_t iova, unsigned int prot);
void iommu_set_fault_handler(struct iommu_domain *dom, iommu_fault_handler_t fn, void *arg);

/* Physical address or 0: for tests. */
uint64_t iommu_iova_to_phys(struct iommu_domain *dom, uint64_t iova);

/* ---- quarantine and reset (steps 4 to 7) */
/* [any] Pushes a PCI error event for the device; at most one work item is pending. The policy calls it. */
void iommu_report_device_broken(struct iommu_device *dev);
/* [any, interrupt handlers too] A reset from the worker behind the back of the device's driver; one at a time. */
void iommu_schedule_reset(struct iommu_device *dev);
/* [task] Waits until the worker has nothing to do for this device. */
void iommu_flush_events(struct iommu_device *dev);
/* [task] Blocks the device for a reset; counts. Until the matching done, attach gets -EBUSY for its whole group. pci_reset_function() calls it. */
int iommu_reset_prepare(struct iommu_device *dev);
/*
 * [task] The last done with success re-attaches the domain that is then current and probes with ATC_INV(all) + SYNC.
 * Without success, or if the probe times out (-EIO), the device stays quarantined and nothing resets it again by itself.
 */
int iommu_reset_done(struct iommu_device *dev, bool success);

enum iommu_device_state {
	IOMMU_DEV_OK,
	IOMMU_DEV_ISOLATING,		/* claimed, EATS = 0 not yet in force */
	IOMMU_DEV_QUARANTINED,		/* EATS = 0 in force */
	IOMMU_DEV_BLOCKED		/* blocking domain installed (worker or reset) */
};
struct iommu_device_info {
	enum iommu_device_state state;
	uint64_t generation;		/* counts the times ATS was switched on by an attach */
	unsigned int reset_depth;
	bool ats_on;			/* core's view: EATS = 1 and PCI ATS enabled */
	bool ste_eats;			/* EATS as it stands in the STE in memory */
	bool probation;			/* re-attached after a reset, no good ATC_INV yet */
	uint64_t timeouts;		/* isolations of this device */
	uint64_t resets;
	bool failed;			/* the last reset did not bring it back */
	bool disconnected;		/* its root port says that it is gone */
	bool suspended;
};
void iommu_device_get_info(struct iommu_device *dev, struct iommu_device_info *out);

#ifdef __cplusplus
}
#endif

#endif
