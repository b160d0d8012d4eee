/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error recovery (step 6 of the flow): drivers answer, the worker resets. Two deliveries:
 *
 *  by function	only the function that is the reason is told, reset by an FLR and attached again; its siblings go on;
 *  by subtree	the stock recovery: everything below the root port is told, and when one of them wants a reset, or the error was
 *		fatal, all of them are reset with the link. Each sibling that this hits is counted.
 *
 * Either way every driver sees the same calls in the same order: error_detected, then mmio_enabled if it could go on, or
 * slot_reset after the reset, then resume; or error_detected with "permanent failure".
 */
#include "pci_port.h"

enum pci_ers_result pci_err_tell(struct pci_dev *pdev, enum pci_channel_state state)
{
	enum pci_ers_result r = PCI_ERS_NONE;

	if (pdev->drv && pdev->drv->error_detected) {
		port_trace(pdev->port, EV_DRV_ERROR_CB, pdev->bdf, state, 0);
		r = pdev->drv->error_detected(pdev, pdev->drv_arg, state);
	}
	return r;
}

/* Its registers answer: does it see a reason for a reset? Without such a callback: none. */
static enum pci_ers_result mmio_enabled(struct pci_dev *pdev)
{
	return pdev->drv && pdev->drv->mmio_enabled ? pdev->drv->mmio_enabled(pdev, pdev->drv_arg) : PCI_ERS_RECOVERED;
}

static enum pci_ers_result slot_reset(struct pci_dev *pdev)
{
	return pdev->drv && pdev->drv->slot_reset ? pdev->drv->slot_reset(pdev, pdev->drv_arg) : PCI_ERS_RECOVERED;
}

/* ------------------------------------------------------------------ by function */
static int reset_one(struct pci_dev *pdev, enum pci_ers_result *answer)
{
	int r = pci_reset_function(pdev);

	if (r == 0 && pdev->drv && pdev->drv->slot_reset) {
		*answer = slot_reset(pdev);
		if (*answer != PCI_ERS_RECOVERED)
			r = -ENODEV;
	}
	return r;
}

static int recover_one(struct pci_dev *pdev, enum pci_channel_state state)
{
	enum pci_ers_result answer = pci_err_tell(pdev, state);
	int r = -ENODEV;

	if (answer == PCI_ERS_CAN_RECOVER)
		answer = mmio_enabled(pdev);
	switch (answer) {
	case PCI_ERS_NEED_RESET:
		r = reset_one(pdev, &answer);
		break;
	case PCI_ERS_CAN_RECOVER:
	case PCI_ERS_RECOVERED:
		r = 0;
		break;
	case PCI_ERS_NONE:
	case PCI_ERS_DISCONNECT:
		break;
	}
	if (r != 0)
		port_log(pdev->port, PORT_LOG_WARN, "pci %04x: stays quarantined (answer %d, error %d)", pdev->bdf,
			 (int)answer, -r);
	return r;
}

int pci_err_function(struct pci_dev *pdev, enum pci_channel_state state)
{
	int r = recover_one(pdev, state);

	/* -EIO: the probe after the reset timed out; the IOMMU core gives it up and tells (worker.c) */
	if (r != -EIO)
		pci_err_finish(pdev, r == 0);
	return r;
}

void pci_err_finish(struct pci_dev *pdev, bool good)
{
	if (!good)
		pci_err_tell(pdev, PCI_CHANNEL_PERM_FAILURE);
	else if (pdev->drv && pdev->drv->resume)
		pdev->drv->resume(pdev, pdev->drv_arg);
}

/* ------------------------------------------------------------------ by subtree */
/* The worst of two answers counts for all; who has no driver to ask counts as worst: nobody could set it up again. */
static enum pci_ers_result merge(enum pci_ers_result a, enum pci_ers_result b)
{
	static const unsigned char rank[] = {
		[PCI_ERS_RECOVERED] = 0, [PCI_ERS_CAN_RECOVER] = 1, [PCI_ERS_NEED_RESET] = 2,
		[PCI_ERS_DISCONNECT] = 3, [PCI_ERS_NONE] = 4,
	};

	return rank[b] > rank[a] ? b : a;
}

static struct pci_dev *next_there(struct pci_dev *pdev)
{
	while (pdev && (pdev->removed || pci_dev_is_disconnected(pdev)))
		pdev = pdev->sibling;
	return pdev;
}
#define for_each_below(pp, pdev) \
	for ((pdev) = next_there((pp)->below); (pdev); (pdev) = next_there((pdev)->sibling))

static enum pci_ers_result ask_all(struct pci_port *pp, enum pci_ers_result (*ask)(struct pci_dev *pdev), enum pci_ers_result vote)
{
	struct pci_dev *pdev;

	for_each_below(pp, pdev) {
		pdev->vote = ask(pdev);
		vote = merge(vote, pdev->vote);
	}
	return vote;
}

static enum pci_ers_result ask_normal(struct pci_dev *pdev)
{
	return pci_err_tell(pdev, PCI_CHANNEL_NORMAL);
}

static enum pci_ers_result ask_frozen(struct pci_dev *pdev)
{
	return pci_err_tell(pdev, PCI_CHANNEL_FROZEN);
}

int pci_port_reset_secondary_bus(struct pci_port *pp)
{
	const unsigned int reg = PORT_BRIDGE_CTL + 2;
	uint16_t v = pci_cfg_read16(pp->self, reg);
	int r = v == UINT16_MAX ? -ENODEV : 0;

	if (r == 0) {
		pci_cfg_write16(pp->self, reg, v | PORT_BRIDGE_CTL_SBR >> 16);
		port_wait(pp->port, NULL, 0, 1, port_now(pp->port) + pp->host->cfg.bus_reset_hold, PORT_WAIT_SLEEP);
		pci_cfg_write16(pp->self, reg, v & (uint16_t)~(PORT_BRIDGE_CTL_SBR >> 16));
		r = pci_port_wait_link(pp, true);
	}
	return r;
}

/* Blocked before the reset (step 7), each with its own reset lock held; who cannot be blocked is not attached again. */
static void prepare_all(struct pci_port *pp)
{
	struct pci_dev *pdev;

	for_each_below(pp, pdev) {
		mutex_lock(pp->port, &pdev->reset_lock);
		pdev->locked = true;
		pci_save_state(pdev);
		pdev->lost = true;
		pdev->held = !pdev->hooks || !pdev->hooks->prepare || pdev->hooks->prepare(pdev->hooks_arg) == 0;
		port_atomic_set(pp->port, &pdev->ats_on, 0);	/* the reset takes it away */
	}
}

static int come_back(struct pci_port *pp, struct pci_dev *reason)
{
	struct pci_dev *pdev;
	int r = 0, e;

	for_each_below(pp, pdev) {
		e = pci_wait_ready(pdev);
		if (e == 0)
			pci_restore_state(pdev);
		port_trace(pp->port, EV_RESET_DONE, pdev->bdf, (uint64_t)-e, 0);
		if (reason && pdev != reason) {
			counter_add(&pp->siblings, 1);
			port_trace(pp->port, EV_SIBLING_HIT, pdev->bdf, reason->bdf, 0);
		}
		r = r != 0 ? r : e;
	}
	return r;
}

/* The opposite of prepare_all(), for those too that have gone meanwhile. */
static void done_all(struct pci_port *pp, bool good)
{
	struct pci_dev *pdev;

	for (pdev = pp->below; pdev; pdev = pdev->sibling) {
		if (!pdev->locked)
			continue;
		pdev->vote = good ? PCI_ERS_RECOVERED : PCI_ERS_DISCONNECT;
		if (pdev->held && pdev->hooks && pdev->hooks->done &&
		    pdev->hooks->done(pdev->hooks_arg, good && !pci_dev_is_disconnected(pdev)) != 0)
			pdev->vote = PCI_ERS_NONE;	/* not attached; if its probe timed out, the IOMMU core will tell (worker.c) */
		pdev->held = pdev->locked = false;
		mutex_unlock(pp->port, &pdev->reset_lock);
	}
}

int pcie_do_recovery(struct pci_port *pp, struct pci_dev *reason, enum pci_channel_state state,
		     int (*reset_link)(struct pci_port *pp))
{
	enum pci_ers_result vote = ask_all(pp, state == PCI_CHANNEL_FROZEN ? ask_frozen : ask_normal, PCI_ERS_RECOVERED);
	bool frozen = state == PCI_CHANNEL_FROZEN;
	struct pci_dev *pdev;
	int r = 0;

	if (!frozen && vote == PCI_ERS_CAN_RECOVER)
		vote = ask_all(pp, mmio_enabled, PCI_ERS_RECOVERED);
	if (frozen || vote == PCI_ERS_NEED_RESET) {
		pciehp_begin_own_reset(pp);
		prepare_all(pp);
		r = reset_link(pp);
		if (r == 0)
			r = come_back(pp, reason);
		pciehp_end_own_reset(pp, r == 0);
		if (r == 0 && vote != PCI_ERS_NONE && vote != PCI_ERS_DISCONNECT)
			vote = ask_all(pp, slot_reset, PCI_ERS_RECOVERED);
		done_all(pp, r == 0 && vote == PCI_ERS_RECOVERED);
		/* errors of before the reset, and of our own looking at who did not answer, are no reason for another one */
		port_atomic_set(pp->port, &pp->aer_out, port_atomic_read(pp->port, &pp->aer_in));
	}
	if (r == 0 && vote != PCI_ERS_RECOVERED)
		r = -ENODEV;
	for_each_below(pp, pdev) {
		if (r != 0)
			pci_err_finish(pdev, false);
		else if (pdev->vote == PCI_ERS_RECOVERED)
			pci_err_finish(pdev, true);
	}
	counter_add(r == 0 ? &pp->recovered : &pp->failed, 1);
	if (r != 0)
		port_log(pp->port, PORT_LOG_ERR, "pci %04x: not recovered (answer %d, error %d)", pp->cfg.bdf, (int)vote, -r);
	return r;
}

/* ------------------------------------------------------------------ which of the two */
bool pci_err_by_subtree(const struct pci_dev *pdev)
{
	return pdev->parent && pdev->host->cfg.delivery == PCI_ERR_SUBTREE;
}

int pci_err_recover(struct pci_dev *pdev)
{
	int r;

	if (!pci_err_by_subtree(pdev))
		return recover_one(pdev, PCI_CHANNEL_FROZEN);
	mutex_lock(pdev->port, &pdev->parent->service);
	r = pcie_do_recovery(pdev->parent, pdev, PCI_CHANNEL_FROZEN, pci_port_reset_secondary_bus);
	mutex_unlock(pdev->port, &pdev->parent->service);
	return r;
}
