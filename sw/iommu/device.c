/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices: their life, and the brackets around a reset (step 7 of the flow), in task context under the group's mutex.
 *
 * prepare blocks the device: ATS off, the blocking STE in force, ATC flushed unless it is isolated, no list names it and no
 * unmap that could still address it is running. Only then may a reset begin; so an ordered reset meets no time-out (D17).
 * Nested resets are counted, and the last successful done brings back what is attached by then.
 *
 * A device that shares another one's StreamID has no STE to block: its brackets are those of the owner, and count there. A reset of
 * either stops both. The owner's quarantine ends with a reset of the owner only.
 */
#include "iommu_priv.h"

/* ------------------------------------------------------------------ reset brackets */
static struct iommu_device *stream_owner(struct iommu_device *dev)
{
	return dev->owner ? dev->owner : dev;
}

int iommu_reset_prepare(struct iommu_device *dev)
{
	struct iommu_device *owner;
	int r = 0;

	mutex_lock(port_of(dev), &dev->group->lock);
	owner = stream_owner(dev);
	port_trace(port_of(dev), EV_RESET_PREPARE, dev->master.sid, 0, 0);
	if (dev->suspended || owner->suspended) {
		owner->deferred = true;
		r = -EBUSY;
	} else if (!owner->blocked) {
		r = iommu_dev_block(owner);
	}
	if (r == 0 && owner->reset_depth++ == 0)
		dev->group->resetting++;
	mutex_unlock(port_of(dev), &dev->group->lock);
	return r;
}

/* The last done of a good reset: what is attached now comes back to life. */
static int reattach(struct iommu_device *dev)
{
	const struct iommu_domain *dom = dev->att[0].dom;
	bool fenced = smmu_ats_fenced(&dev->master) && !dev->flr_good;

	/* Only a reset that a configuration read has proved: the read's completion pushed older messages (D17). */
	if (dev->flr_good && dev->smmu->plat.quar_release && dev->master.ats)
		smmu_quar_release(&dev->master);
	dev->flr_good = false;
	if (fenced)		/* the device's driver wanted no reset: it stays behind the fence */
		return -EBUSY;
	smmu_ats_fence_lift(&dev->master);
	if (dom)
		master_trace(&dev->master, EV_ATTACH_START, dom->id, 0);
	return iommu_dev_revive(dev, true);
}

int iommu_reset_done(struct iommu_device *dev, bool success)
{
	struct iommu_device *owner;
	int r = 0;

	mutex_lock(port_of(dev), &dev->group->lock);
	owner = stream_owner(dev);
	if (owner->reset_depth == 0) {
		r = -EINVAL;
	} else {
		if (!success)
			dev->failed = true;
		if (--owner->reset_depth == 0) {
			dev->group->resetting--;
			/* somebody else's reset is no reason to trust a quarantined owner again */
			if (success && (owner == dev || owner->flr_good || !isolated(owner))) {
				r = reattach(owner);
				owner->failed = r != 0;
			}
		}
	}
	mutex_unlock(port_of(dev), &dev->group->lock);
	return r;
}

/* ------------------------------------------------------------------ life */
static int hook_prepare(void *arg)
{
	return iommu_reset_prepare(arg);
}

static int hook_done(void *arg, bool success)
{
	struct iommu_device *dev = arg;

	if (success)
		SMMU_COUNT(dev->smmu, resets);
	else
		SMMU_COUNT(dev->smmu, resets_failed);
	mutex_lock(port_of(dev), &dev->group->lock);
	dev->resets++;
	dev->flr_good = success;
	mutex_unlock(port_of(dev), &dev->group->lock);
	return iommu_reset_done(dev, success);
}

static void hook_disconnected(void *arg)
{
	struct iommu_device *dev = arg;

	smmu_ats_disconnected(&dev->master);
}

/* It has been marked: nothing of what follows sends it anything (smmu_ats.c, A7). Other CPUs' unmaps are waited for. */
static void hook_removed(void *arg)
{
	struct iommu_device *dev = arg;
	int r = 0;

	mutex_lock(port_of(dev), &dev->group->lock);
	if (!dev->blocked)
		r = iommu_dev_block(dev);
	if (r == 0) {
		iommu_drop_pasids(dev);
		iommu_group_drop(dev);
	} else {
		port_log(port_of(dev), PORT_LOG_ERR, "iommu: sid 0x%x: gone, but not blocked (%d)", dev->master.sid, r);
	}
	mutex_unlock(port_of(dev), &dev->group->lock);
}

/* ------------------------------------------------------------------ power management (pci_pm.c) */
/*
 * As a reset's prepare: when this returns, no invalidation of the device is under way and none can follow. Counted as one, so that
 * attach and detach get -EBUSY for the group. -EBUSY: it is being recovered or reset. A recovery that begins later is put off until
 * the resume, and so is the report of a device that does not answer its last invalidation.
 */
static int hook_suspend(void *arg)
{
	struct iommu_device *dev = arg;
	bool blocked, before;
	int r = 0;

	mutex_lock(port_of(dev), &dev->group->lock);
	blocked = dev->blocked;
	before = isolated(dev);
	if (dev->reset_depth != 0)
		r = -EBUSY;
	else if (!blocked)
		r = iommu_dev_block(dev);
	if (r == 0) {
		dev->wakes_blocked = blocked;
		dev->suspended = true;
		dev->deferred = !before && isolated(dev);
		if (dev->reset_depth++ == 0)
			dev->group->resetting++;
	}
	mutex_unlock(port_of(dev), &dev->group->lock);
	return r;
}

/* Nothing has been proved about a device by its waking up: one that was isolated comes back without ATS. */
static int wake(struct iommu_device *dev, bool success)
{
	const struct iommu_domain *dom = dev->att[0].dom;
	bool believes = dev->smmu->plat.plants & SMMU_PLANT_RESUME_ATS;
	int r = 0;

	if (believes)
		smmu_ats_fence_lift(&dev->master);
	if ((dev->wakes_blocked || !success) && !believes) {
		/* it stays blocked */
	} else if (isolated(dev) && !believes) {
		r = iommu_dev_unblock(dev);
	} else if (dom) {
		master_trace(&dev->master, EV_ATTACH_START, dom->id, 0);
		r = iommu_dev_revive(dev, false);
	}
	return r;
}

static int hook_resume(void *arg, bool success)
{
	struct iommu_device *dev = arg;
	bool deferred = false;
	int r = 0;

	mutex_lock(port_of(dev), &dev->group->lock);
	if (!dev->suspended) {
		r = -EINVAL;
	} else {
		dev->suspended = false;
		if (!success)
			dev->failed = true;
		if (--dev->reset_depth == 0) {
			dev->group->resetting--;
			r = wake(dev, success);
		}
		deferred = dev->deferred;
		dev->deferred = false;
	}
	mutex_unlock(port_of(dev), &dev->group->lock);
	if (deferred)
		iommu_report_device_broken(dev);
	return r;
}

/* ------------------------------------------------------------------ StreamIDs */
static void name_streams(struct smmu_master *m, struct pci_dev *pdev, const struct iommu_device_cfg *cfg)
{
	unsigned int i;

	m->sid = cfg->sid;
	m->ssid_bits = cfg->ssid_bits;
	m->streams = 1 + cfg->more;
	m->stream[0] = (struct smmu_stream){ .sid = cfg->sid, .hw_index = cfg->hw_index, .pdev = pdev };
	for (i = 0; i < cfg->more; i++)
		m->stream[1 + i] = (struct smmu_stream){
			.sid = cfg->also[i].sid, .hw_index = cfg->also[i].hw_index, .pdev = cfg->also[i].pdev,
		};
}

static bool streams_have_ats(const struct smmu_master *m)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < m->streams; i++)
		all = all && pci_ats_supported(m->stream[i].pdev);
	return all;
}

/* A second function behind a StreamID: no ATS, since an ATC_INV for the StreamID does not reach it. */
static void share_stream(struct iommu_device *dev, const struct iommu_device_cfg *cfg)
{
	dev->master.streams = 0;
	if (cfg->ats && dev->smmu->plat.plants & SMMU_PLANT_ALIAS_ATS)
		pci_enable_ats(dev->pdev);
	else if (cfg->ats)
		port_log(dev->smmu->port, PORT_LOG_INFO, "iommu: sid 0x%x: shared, pci %04x works without ATS", dev->master.sid,
			 pci_bdf(dev->pdev));
}

int iommu_device_create(struct smmu *smmu, struct pci_dev *pdev, const struct iommu_device_cfg *cfg,
			struct iommu_device **out)
{
	static const struct pci_reset_hooks hooks = {
		.prepare = hook_prepare, .done = hook_done, .disconnected = hook_disconnected, .removed = hook_removed,
		.suspend = hook_suspend, .resume = hook_resume,
	};
	struct iommu_device *dev = NULL;
	bool master = false;
	int r = cfg->ssid_bits > IOMMU_SSID_BITS_MAX || cfg->worker_cpu >= port_cpus(smmu->port) ||
				cfg->more >= IOMMU_STREAMS_MAX ?
			-EINVAL :
			0;

	if (r == 0) {
		dev = port_zalloc(smmu->port, sizeof(*dev));
		r = dev ? 0 : -ENOMEM;
	}
	if (r == 0) {
		dev->smmu = smmu;
		dev->pdev = pdev;
		dev->master.smmu = smmu;
		dev->master.dev = dev;
		dev->owner = cfg->group ? iommu_group_stream(cfg->group, cfg->sid) : NULL;
		iommu_worker_init(dev, cfg->worker_cpu);
		name_streams(&dev->master, pdev, cfg);
		if (!dev->owner) {
			dev->master.ats = cfg->ats && smmu->has_ats && streams_have_ats(&dev->master);
			if (dev->master.ats && smmu_priq_used(smmu))
				pci_set_pri(pdev, cfg->page_requests);
			r = smmu_master_init(&dev->master);
			master = r == 0;
		} else if (cfg->more == 0 && cfg->ssid_bits == 0) {
			share_stream(dev, cfg);
		} else {
			r = -EINVAL;
		}
	}
	if (r == 0 && cfg->group) {
		r = iommu_group_join(cfg->group, dev);
	} else if (r == 0) {
		/* nobody else knows it yet */
		iommu_group_init(&dev->own_group, smmu);
		dev->group = &dev->own_group;
		dev->group->first = dev;
	}
	if (r == 0) {
		if (!(smmu->plat.plants & SMMU_PLANT_FORGET_VF && pci_is_virtual(pdev)))
			pci_set_reset_hooks(pdev, &hooks, dev);
	} else if (dev) {
		if (master)
			smmu_master_free(&dev->master);
		port_free(smmu->port, dev);
		dev = NULL;
	}
	*out = dev;
	return r;
}

void iommu_device_destroy(struct iommu_device *dev)
{
	struct port *p = port_of(dev);
	unsigned int i;

	port_work_flush(p, &dev->work);		/* a recovery under way ends first */
	for (i = 1; i < IOMMU_SSIDS_MAX; i++) {
		if (dev->att[i].dom)
			iommu_detach_pasid(dev, i);
	}
	if (iommu_group_leave(dev) != 0)
		port_log(p, PORT_LOG_ERR, "iommu: sid 0x%x: detach failed", dev->master.sid);
	pci_set_reset_hooks(dev->pdev, NULL, NULL);
	port_work_flush(p, &dev->work);
	if (dev->master.streams != 0)
		smmu_master_free(&dev->master);
	smmu_flush_page_requests(dev->smmu);	/* one may still hold this device */
	port_free(p, dev);
}

struct pci_dev *iommu_device_pci(const struct iommu_device *dev)
{
	return dev->pdev;
}

void iommu_device_get_info(struct iommu_device *dev, struct iommu_device_info *out)
{
	struct port *p = port_of(dev);
	struct iommu_device *asked = dev;
	uint64_t state;

	mutex_lock(p, &dev->group->lock);
	dev = stream_owner(dev);
	state = master_state(&dev->master);
	out->state = dev->blocked			   ? IOMMU_DEV_BLOCKED :
		     state & MASTER_PROTECTED		   ? IOMMU_DEV_QUARANTINED :
		     state & MASTER_CLAIMED		   ? IOMMU_DEV_ISOLATING :
							     IOMMU_DEV_OK;
	out->generation = state_gen(state);
	out->reset_depth = dev->reset_depth;
	out->ste_eats = smmu_ste_eats(&dev->master);
	out->ats_on = pci_ats_enabled(asked->pdev) && out->ste_eats && !isolated(dev);
	out->probation = port_atomic_read(p, &dev->master.probation) != 0;
	out->timeouts = port_atomic_read(p, &dev->master.isolations);
	out->resets = asked->resets;
	out->failed = asked->failed;
	out->disconnected = pci_dev_is_disconnected(dev->pdev);
	out->suspended = dev->suspended;
	mutex_unlock(p, &dev->group->lock);
}
