/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attach and a detach do to one device (step 5 of the flow), under its group's mutex, in task context.
 *
 * The isolation path (smmu_ats.c) does not take the mutex, so a thread that sits in a time-out never waits for an attach, and
 * an attach that waits for list readers waits for a thread that makes progress.
 *
 * Attach with ATS (D18), the order that keeps every unmap right:
 *   1 a fresh entry in the master's list and in the domain's list	an unmap from here on includes the device
 *   2 a new generation; marks cleared in every domain			(smmu_ats.c, A3)
 *   3 STE with EATS = 1, CFGI_STE, SYNC				(smmu_ste.c, S3)
 *   4 PCI ATS enable, unless isolated again in between		(smmu_ats.c, A5)
 *   5 ATC_INV(all), SYNC; a time-out isolates as usual
 *   6 the entry and the domain that were there before go
 * Detach goes the other way: PCI ATS disable, STE without EATS, CFGI, SYNC, ATC_INV(all), SYNC, then the entry. A master that
 * is isolated gets no ATC_INV: ATS disabled and EATS = 0 stand for it.
 */
#include "iommu_priv.h"

/* Whether an attachment to `dom` switches ATS on. */
static bool wants_ats(const struct iommu_device *dev, const struct iommu_domain *dom)
{
	return dev->master.ats && dom && dom->type == IOMMU_DOMAIN_PAGING;
}

/* ------------------------------------------------------------------ list entries */
/* Of one stream. */
static int stream_entry_add(struct iommu_device *dev, uint32_t sid, struct iommu_domain *dom, uint32_t ssid,
			    struct inv_entry **out)
{
	struct port *p = port_of(dev);
	struct inv_entry *e = port_zalloc(p, sizeof(*e));
	int r = e ? 0 : -ENOMEM;

	if (r == 0) {
		*e = (struct inv_entry){
			.type = INV_ATS, .id = sid, .ssid = ssid, .domain_id = dom->id, .master = &dev->master,
		};
		smmu_ats_entry_add(&dev->master, e);
		r = iommu_domain_list(dom, e);
		if (r != 0) {
			smmu_ats_entry_del(&dev->master, e);
			port_free(p, e);
			e = NULL;
		}
	}
	*out = e;
	return r;
}

int iommu_entry_add(struct iommu_device *dev, struct iommu_domain *dom, uint32_t ssid, struct inv_entry **out)
{
	const struct smmu_master *m = &dev->master;
	struct inv_entry *all = NULL, *e;
	unsigned int i;
	int r = 0;

	for (i = 0; i < m->streams && r == 0; i++) {
		r = stream_entry_add(dev, m->stream[i].sid, dom, ssid, &e);
		if (r == 0) {
			e->peer = all;
			all = e;
		}
	}
	if (r != 0) {
		iommu_entry_del(dev, dom, all);
		all = NULL;
	}
	*out = all;
	return r;
}

void iommu_entry_del(struct iommu_device *dev, struct iommu_domain *dom, struct inv_entry *e)
{
	struct inv_entry *peer;

	for (; e; e = peer) {
		peer = e->peer;
		iommu_domain_unlist(dom, e);		/* returns when no reader has it */
		smmu_ats_entry_del(&dev->master, e);
		port_free(port_of(dev), e);
	}
}

/* All of them, over a reset. */
static void entries_del(struct iommu_device *dev)
{
	unsigned int i;

	for (i = 0; i < IOMMU_SSIDS_MAX; i++) {
		iommu_entry_del(dev, dev->att[i].dom, dev->att[i].ats);
		dev->att[i].ats = NULL;
	}
}

static int entries_add(struct iommu_device *dev)
{
	unsigned int i;
	int r = 0;

	for (i = 0; i < IOMMU_SSIDS_MAX && r == 0; i++) {
		if (wants_ats(dev, dev->att[i].dom) && !dev->att[i].ats)
			r = iommu_entry_add(dev, dev->att[i].dom, i, &dev->att[i].ats);
	}
	return r;
}

/* ------------------------------------------------------------------ STE */
static int install(struct iommu_device *dev, const struct iommu_domain *dom, bool eats, uint64_t gen)
{
	struct smmu_master *m = &dev->master;
	struct smmu_batch b = { .n = 0 };
	uint64_t cd[8], ste[8], table = 0;
	enum smmu_ste_kind kind = SMMU_STE_ABORT;
	int r;

	if (m->streams == 0)		/* whose StreamID it shared is gone: it has no STE */
		return 0;
	if (dom && dom->type == IOMMU_DOMAIN_PAGING) {
		kind = SMMU_STE_S1;
		smmu_cd_make(dev->smmu, dom->pgtable.root, dom->asid, cd);
		table = smmu_cd_prepare(m, cd);
	} else if (dom && dom->type == IOMMU_DOMAIN_IDENTITY) {
		kind = SMMU_STE_BYPASS;
	}
	smmu_ste_make(m, kind, table, eats, ste);
	r = smmu_ste_install(m, ste, gen);
	if (r == 0) {
		if (kind == SMMU_STE_S1)
			m->cd_live = !m->cd_live;
		/*
		 * CDs are cached by SID and SSID. Those of the old table go now that the STE no longer leads to it; an STE that
		 * stops translating must not leave any behind for the next attach.
		 */
		for (; b.n < m->streams; b.n++)
			b.cmd[b.n] = cmd_cfgi_cd_all(m->stream[b.n].sid);
		r = smmu_cmdq_issue(dev->smmu, &b, NULL);
	}
	return r;
}

/* ATC_INV(all) + SYNC with the ATS off already. Quiet: the device is not reported for a time-out found here. */
static void flush_atc(struct iommu_device *dev)
{
	struct smmu_master *m = &dev->master;
	uint64_t state = master_state(m);
	uint32_t batch;

	if (m->ats && !(state & (MASTER_CLAIMED | MASTER_PROTECTED)) && smmu_inv_atc_all(m, &batch) == -EIO)
		smmu_ats_isolate(m, state_gen(state), batch, SMMU_ISOLATE_QUIET);
}

int iommu_dev_block(struct iommu_device *dev)
{
	bool ats_was_on = smmu_ats_pci_off(&dev->master);
	int r = install(dev, NULL, false, 0);

	if (r == 0) {
		master_trace(&dev->master, EV_BLOCKED, 0, 0);
		if (ats_was_on)
			flush_atc(dev);
		entries_del(dev);
		dev->blocked = true;
	}
	return r;
}

/* Step 5: the mandatory first invalidation. -EIO: not answered, isolated again. */
static int prove(struct iommu_device *dev, uint64_t gen)
{
	struct smmu_master *m = &dev->master;
	uint32_t batch;
	int r, e;

	SMMU_COUNT(dev->smmu, attach_probes);
	r = smmu_inv_atc_all(m, &batch);
	if (r == -EIO) {
		SMMU_COUNT(dev->smmu, attach_probes_failed);
		/* our mutex keeps new generations out, so this is 0 or the queue's error */
		e = smmu_ats_isolate(m, gen, batch, 0);
		r = e != 0 ? e : -EIO;
	} else if (r == 0 && master_state(m) != gen << MASTER_GEN_SHIFT) {
		r = -EIO;		/* an unmap met a time-out and has isolated it meanwhile */
	} else if (r == 0 && port_atomic_xchg(port_of(dev), &m->probation, 0) != 0) {
		master_trace(m, EV_FIRST_GOOD_INV, batch, 0);
		master_trace(m, EV_QUARANTINE_CLEARED, 0, 0);
		SMMU_COUNT(dev->smmu, reattached);
	}
	return r;
}

/* Steps 2 to 5 of an attach with ATS; the entries are listed. -EIO: translating, but isolated again. */
static int switch_on(struct iommu_device *dev, const struct iommu_domain *dom)
{
	struct smmu_master *m = &dev->master;
	uint64_t gen = smmu_ats_new_generation(m);
	/*
	 * A device that did not hear the last disable may have ATS on, and entries of before: with EATS = 1 it could use them
	 * until the proof at the end fails, or for good, if it answers again meanwhile.
	 */
	int off = gen != 0 ? smmu_ats_pci_settle(m) : 0;
	int r = install(dev, dom, gen != 0 && off == 0, gen);

	if (r == 0 && off != 0) {
		port_log(port_of(dev), PORT_LOG_ERR, "iommu: sid 0x%x: nobody knows whether its ATS is off", m->sid);
		smmu_ats_isolate(m, gen, 0, SMMU_ISOLATE_QUIET);
		r = -ENODEV;
	} else if (r == 0 && gen == 0) {
		r = -EIO;		/* an isolation has put the fence up: translating, EATS = 0 */
	} else if (r == 0) {
		r = smmu_ats_pci_enable(m, gen);
		if (r == -EAGAIN) {
			r = -EIO;	/* an unmap has isolated it already: it gets no ATC_INV */
		} else if (r != 0) {
			/* all ones, or it does not stick: that is not "enabled", and EATS must not say so */
			port_log(port_of(dev), PORT_LOG_ERR, "iommu: sid 0x%x: ATS enable does not read back", m->sid);
			smmu_ats_isolate(m, gen, 0, SMMU_ISOLATE_QUIET);
			r = -ENODEV;
		}
	}
	if (r == 0) {
		master_trace(m, EV_REATTACHED, dom->id, 0);
		r = prove(dev, gen);
	}
	return r;
}

/* Without ATS: PCI first, so that nothing is in flight when EATS goes. */
static int switch_off(struct iommu_device *dev, const struct iommu_domain *dom)
{
	bool was_on = smmu_ats_pci_off(&dev->master);
	int r = install(dev, dom, false, 0);

	if (r == 0 && was_on)
		flush_atc(dev);
	if (r == 0 && dom)
		master_trace(&dev->master, EV_REATTACHED, dom->id, 0);
	return r;
}

int iommu_dev_revive(struct iommu_device *dev, bool probation)
{
	struct iommu_domain *dom = dev->att[0].dom;
	int r = dom ? entries_add(dev) : 0;

	if (dom && r == 0) {
		dev->blocked = false;
		port_atomic_set(port_of(dev), &dev->master.probation, probation && wants_ats(dev, dom));
		r = wants_ats(dev, dom) ? switch_on(dev, dom) : switch_off(dev, dom);
	}
	return r;
}

int iommu_dev_unblock(struct iommu_device *dev)
{
	struct iommu_domain *dom = dev->att[0].dom;
	int r = dom ? entries_add(dev) : 0;		/* marked: it is isolated (smmu_ats.c, A3) */

	if (dom && r == 0) {
		r = install(dev, dom, false, 0);
		dev->blocked = r != 0;
	}
	return r;
}

/* ------------------------------------------------------------------ attach by Requester ID */
/* Who shares a StreamID: the STE is its owner's business, which the same attach or detach of the group takes along. */
static int follow(struct iommu_device *dev, struct iommu_domain *dom)
{
	struct iommu_domain *old = dev->att[0].dom;
	int r = dom ? iommu_domain_get(dom) : 0;

	if (r == 0) {
		dev->att[0].dom = dom;
		if (old)
			iommu_domain_put(old);
	}
	return r;
}

static int change(struct iommu_device *dev, struct iommu_domain *dom)
{
	struct iommu_attachment old = dev->att[0];
	struct inv_entry *ats = NULL;
	int r = dom ? iommu_domain_get(dom) : 0;
	bool got = r == 0;

	if (r == 0 && wants_ats(dev, dom))
		r = iommu_entry_add(dev, dom, 0, &ats);
	if (r == 0) {
		/* from here on the new domain is what is attached, whatever the device does */
		dev->att[0].dom = dom;
		dev->att[0].ats = ats;
		if (dev->blocked)
			r = entries_add(dev);	/* blocking took those of the PASIDs, too */
		if (r == 0) {
			dev->blocked = false;
			r = wants_ats(dev, dom) ? switch_on(dev, dom) : switch_off(dev, dom);
		}
		iommu_entry_del(dev, old.dom, old.ats);
		if (old.dom)
			iommu_domain_put(old.dom);
	} else if (dom && got) {
		iommu_domain_put(dom);
	}
	return r;
}

int iommu_dev_change(struct iommu_device *dev, struct iommu_domain *dom)
{
	return dev->owner ? follow(dev, dom) : change(dev, dom);
}
