/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups: devices that can reach each other without passing the SMMU, or that share a StreamID, are attached together.
 *
 * Of those that share a StreamID the first is its owner: STE, ATS, quarantine are the owner's. The others follow: they are attached on
 * paper, and prepare and done of their resets are the owner's (device.c), because the blocking STE stops all of them.
 *
 * One mutex serves all members, so what happens to one of them is ordered against an attach of all. It is held across waits for
 * hardware: a member whose first invalidation times out delays the attach, the detach and the reset of its siblings by one
 * threshold, their unmaps not at all (attach.c).
 *
 * While any member is between reset prepare and done, attach and detach to another domain get -EBUSY for the whole group: the
 * member that is being reset could not follow. A reset blocks its own member only; quarantine and marks are a member's own, too.
 */
#include "iommu_priv.h"

void iommu_group_init(struct iommu_group *group, struct smmu *smmu)
{
	group->smmu = smmu;
	mutex_init(&group->lock, LOCK_GROUP);
}

int iommu_group_create(struct smmu *smmu, struct iommu_group **out)
{
	struct iommu_group *group = port_zalloc(smmu->port, sizeof(*group));

	if (group)
		iommu_group_init(group, smmu);
	*out = group;
	return group ? 0 : -ENOMEM;
}

int iommu_group_destroy(struct iommu_group *group)
{
	if (group->first)
		return -EBUSY;
	port_free(group->smmu->port, group);
	return 0;
}

void iommu_group_drop(struct iommu_device *dev)
{
	struct iommu_domain *dom = dev->att[0].dom;

	dev->att[0].dom = NULL;
	if (dom)
		iommu_domain_put(dom);
}

/* Off whatever it is attached to; the siblings stay. */
static int leave_domain(struct iommu_device *dev)
{
	struct iommu_domain *dom = dev->att[0].dom;
	int r = 0;

	if (dom && dev->blocked) {
		/* in a reset or quarantined: the STE blocks already and no entry is listed */
		iommu_group_drop(dev);
	} else if (dom) {
		r = iommu_dev_change(dev, NULL);
	}
	return r;
}

struct iommu_device *iommu_group_stream(struct iommu_group *group, uint32_t sid)
{
	struct port *p = group->smmu->port;
	struct iommu_device *dev, *found = NULL;
	unsigned int i;

	mutex_lock(p, &group->lock);
	for (dev = group->first; dev && !found; dev = dev->next) {
		for (i = 0; i < dev->master.streams; i++)
			found = dev->master.stream[i].sid == sid ? dev : found;
	}
	mutex_unlock(p, &group->lock);
	return found;
}

int iommu_group_join(struct iommu_group *group, struct iommu_device *dev)
{
	struct port *p = group->smmu->port;
	int r = 0;

	mutex_lock(p, &group->lock);
	dev->group = group;
	if (group->resetting != 0)
		r = -EBUSY;
	else if (group->first && group->first->att[0].dom)
		r = iommu_dev_change(dev, group->first->att[0].dom);
	if (r == 0 || r == -EIO) {		/* -EIO: attached, and isolated at once */
		dev->next = group->first;
		group->first = dev;
		r = 0;
	} else {
		leave_domain(dev);
	}
	mutex_unlock(p, &group->lock);
	return r;
}

int iommu_group_leave(struct iommu_device *dev)
{
	struct iommu_group *group = dev->group;
	struct port *p = group->smmu->port;
	struct iommu_device **at = &group->first, *other;
	int r;

	mutex_lock(p, &group->lock);
	for (other = group->first; other; other = other->next) {
		if (other->owner == dev) {
			port_log(p, PORT_LOG_ERR, "iommu: sid 0x%x: goes while another function still uses it", dev->master.sid);
			other->owner = NULL;		/* without a stream: nothing it does reaches the STE */
		}
	}
	r = leave_domain(dev);
	while (*at && *at != dev)
		at = &(*at)->next;
	if (*at)
		*at = dev->next;
	if (dev->reset_depth != 0)
		group->resetting--;
	mutex_unlock(p, &group->lock);
	return r;
}

/* Why the group cannot change its domain now, or 0. */
static int busy(const struct iommu_group *group, const struct iommu_domain *dom)
{
	struct iommu_device *dev;
	int r = group->resetting != 0 ? -EBUSY : 0;

	for (dev = group->first; dev && r == 0; dev = dev->next) {
		if ((iommu_has_pasids(dev) && dom->type != IOMMU_DOMAIN_PAGING) || smmu_ats_fenced(&dev->master))
			r = -EBUSY;
	}
	return r;
}

int iommu_attach(struct iommu_domain *dom, struct iommu_device *dev)
{
	struct iommu_group *group = dev->group;
	struct iommu_device *member, *undo;
	struct iommu_domain *old;
	int r, e = 0, hit = 0;

	mutex_lock(port_of(dev), &group->lock);
	master_trace(&dev->master, EV_ATTACH_START, dom->id, 0);
	r = dom->smmu != dev->smmu ? -EINVAL : pci_dev_is_disconnected(dev->pdev) ? -ENODEV : busy(group, dom);
	if (r == -EBUSY)
		port_trace(port_of(dev), EV_DOMAIN_BLOCKED_ATTACH, dev->master.sid, dom->id, EBUSY);
	if (r == 0) {
		old = dev->att[0].dom;
		for (member = group->first; member && e == 0; member = member->next) {
			if (pci_dev_is_disconnected(member->pdev))
				continue;
			if (member != dev)
				master_trace(&member->master, EV_ATTACH_START, dom->id, 0);
			e = iommu_dev_change(member, dom);
			if (e == -EIO) {	/* attached, but isolated again: its own affair */
				hit = -EIO;
				e = 0;
			}
			if (e != 0) {
				/* what got there goes back, best effort, so that the group stays together */
				for (undo = group->first; undo != member; undo = undo->next)
					iommu_dev_change(undo, old);
				if (member->att[0].dom == dom)
					iommu_dev_change(member, old);
			}
		}
		r = e != 0 ? e : hit;
	}
	mutex_unlock(port_of(dev), &group->lock);
	return r;
}

int iommu_detach(struct iommu_device *dev)
{
	struct iommu_group *group = dev->group;
	struct iommu_device *member;
	int r = 0, e;

	mutex_lock(port_of(dev), &group->lock);
	for (member = group->first; member && r == 0; member = member->next)
		r = iommu_has_pasids(member) ? -EBUSY : 0;
	if (r == 0) {
		/* a teardown goes through whatever one of them says */
		for (member = group->first; member; member = member->next) {
			e = leave_domain(member);
			r = r != 0 ? r : e;
		}
	}
	mutex_unlock(port_of(dev), &group->lock);
	return r;
}
