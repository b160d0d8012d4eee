/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Function level reset (pcie-ats.md §7.1).
 */
#include "pci_priv.h"

#define DEVCAP	4u
#define DEVCTL	8u	/* DevSta is the upper half of the same dword */

static void wait_transactions(struct pci_dev *pdev)
{
	struct port_src src = {
		.kind = PORT_SRC_MMIO32,
		.addr = pci_cfg_addr(pdev, pdev->pcie + DEVCTL),
		.mask = CFG_DEVCTL_DEVSTA_TRPND,
		.value = 0,
		.until_equal = true,
	};
	const struct pci_host_cfg *cfg = &pdev->host->cfg;

	if (port_wait(pdev->port, &src, 1, cfg->trpnd_period, port_now(pdev->port) + cfg->trpnd_timeout,
		      PORT_WAIT_SLEEP) < 0)
		port_log(pdev->port, PORT_LOG_WARN, "pci %04x: transactions pending (devsta 0x%08x), resetting anyway",
			 pdev->bdf, (unsigned int)src.sample);
}

/* RRS and a completion time-out both read as something that is not the ID (of a virtual function: not its class). */
int pci_wait_ready(struct pci_dev *pdev)
{
	struct port_src src[2] = {
		{
			.kind = PORT_SRC_MMIO32,
			.addr = pci_cfg_addr(pdev, pdev->ready_off),
			.mask = UINT32_MAX,
			.value = pdev->ready_value,
			.until_equal = true,
		},
		pci_gone_src(pdev),
	};
	const struct pci_host_cfg *cfg = &pdev->host->cfg;
	int r = port_wait(pdev->port, src, pdev->parent ? 2 : 1, cfg->ready_period,
			  port_now(pdev->port) + cfg->ready_timeout, PORT_WAIT_SLEEP);

	/* what answers may be the next device in the slot */
	r = pci_dev_is_disconnected(pdev) ? -ENODEV : r < 0 ? r : 0;
	if (r < 0)
		port_log(pdev->port, PORT_LOG_ERR, "pci %04x: not back after a reset (reads 0x%08x)", pdev->bdf,
			 (unsigned int)src[0].sample);
	return r;
}

/* All ones is not "capable". */
static bool flr_capable(struct pci_dev *pdev)
{
	uint32_t cap = pdev->pcie != 0 ? pci_cfg_read32(pdev, pdev->pcie + DEVCAP) : UINT32_MAX;

	return cap != UINT32_MAX && (cap & CFG_DEVCAP_FLR) && !pci_dev_is_disconnected(pdev);
}

/* It is capable; it may have gone since. */
static int flr(struct pci_dev *pdev)
{
	uint16_t ctl;

	if (pci_dev_is_disconnected(pdev))
		return -ENODEV;

	wait_transactions(pdev);
	ctl = pci_cfg_read16(pdev, pdev->pcie + DEVCTL);
	pci_cfg_write16(pdev, pdev->pcie + DEVCTL, ctl | CFG_DEVCTL_DEVSTA_FLR);
	port_trace(pdev->port, EV_FLR_WRITE, pdev->bdf, 0, 0);
	pdev->lost = true;
	/* the reset takes ATS away, whatever the core wanted */
	port_atomic_set(pdev->port, &pdev->ats_on, 0);
	port_wait(pdev->port, NULL, 0, 1, port_now(pdev->port) + pdev->host->cfg.flr_wait, PORT_WAIT_SLEEP);
	return pci_wait_ready(pdev);
}

int pci_flr(struct pci_dev *pdev)
{
	return flr_capable(pdev) ? flr(pdev) : -ENODEV;
}

/* ------------------------------------------------------------------ with what goes along */
static int prepare(struct pci_dev *f)
{
	int r;

	pci_save_state(f);
	r = f->hooks && f->hooks->prepare ? f->hooks->prepare(f->hooks_arg) : 0;
	f->prepared = r == 0;
	return r;
}

/* Of whom prepare has blocked: how it ended, and what the core makes of it. */
static int done(struct pci_dev *f, int r)
{
	int e;

	if (!f->prepared)
		return r;
	f->prepared = false;
	port_trace(f->port, EV_RESET_DONE, f->bdf, (uint64_t)-r, 0);
	if (f->hooks && f->hooks->done) {
		e = f->hooks->done(f->hooks_arg, r == 0);
		r = r != 0 ? r : e;
	}
	return r;
}

/* A virtual function was reset with its physical one, which has been restored; a joined one is reset now. */
static int reset_along(struct pci_dev *f)
{
	int r;

	if (f->physfn) {
		port_atomic_set(f->port, &f->ats_on, 0);
		r = pci_wait_ready(f);
	} else {
		r = pci_flr(f);
	}
	if (r == 0)
		pci_restore_state(f);
	return r;
}

/*
 * Prepare hooks run for all before the first reset, so that nothing of what goes along is in flight when it goes (D17). The locks are
 * taken in the order of the list, the physical function's first; who resets a virtual one takes that one's only.
 */
int pci_reset_function(struct pci_dev *pdev)
{
	struct pci_dev *lead = pdev->lead ? pdev->lead : pdev, *f;
	int r, all, e;

	/* the question whether there is a way to reset it blocks nothing */
	if (!flr_capable(lead))
		return -ENODEV;
	mutex_lock(lead->port, &lead->reset_lock);
	for (f = lead->along; f; f = f->next_along)
		mutex_lock(f->port, &f->reset_lock);
	r = prepare(lead);
	for (f = lead->along; f && r == 0; f = f->next_along)
		r = prepare(f);
	if (r == 0) {
		r = flr(lead);
		if (r == 0)
			pci_restore_state(lead);
	}
	all = r;
	for (f = lead->along; f; f = f->next_along) {
		f->reset_result = r == 0 ? reset_along(f) : r;
		if (f->lead && all == 0)	/* joined functions are one device: as good as the worst of them */
			all = f->reset_result;
	}
	all = done(lead, all);
	for (f = lead->along; f; f = f->next_along) {
		if (f->physfn) {
			e = done(f, f->reset_result);
			if (f->drv && f->drv->reset_done)
				f->drv->reset_done(f, f->drv_arg, e == 0);
		}
		mutex_unlock(f->port, &f->reset_lock);
	}
	mutex_unlock(lead->port, &lead->reset_lock);
	return all;
}
