/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hot plug (pcie-ats.md §9): a slot whose device may be pulled, or whose link may die, at any time.
 *
 *  H1. On, and an event. While a slot is on, its link is up and every event of before is acknowledged; so whatever event comes
 *      then says that the link was down at least for a moment, which was a reset of everything below it, even if it is up
 *      again by the time anybody looks. The devices that were there are gone. While it is off, an event may be good news.
 *  H2. Two exceptions: the link went down because we hold it (own_reset), or because the port contained itself and the device is
 *      still in its slot: then the recovery that follows decides. Both are looked at after the slot's status: whoever takes a link down
 *      says so before. Whoever held it acknowledges the events of his own doing before he lets go of the flag, under the lock that
 *      the handler takes, too, and looks whether the device is still there.
 *  H3. The handler moves the slot from ON to GONE and then marks, all under the list's lock. Only the work moves it on: GONE to
 *      OFF when everything is removed, OFF to ON when the device answers, if its link is up at that moment, under the lock, all
 *      events of before acknowledged. Those were of no consequence, as nobody had a function there; one of later finds it on.
 *      So a function that is created while the slot is on is either marked or belongs to the device that is there.
 *  H4. The status is acknowledged with the bits that were read, after the marks: an event that comes later sets its bit again.
 */
#include "pci_port.h"

#define EVENTS	(PORT_SLOTCTL_SLOTSTA_PDC | PORT_SLOTCTL_SLOTSTA_DLLSC)
#define ENABLES	(PORT_SLOTCTL_SLOTSTA_PDCE | PORT_SLOTCTL_SLOTSTA_DLLSCE | PORT_SLOTCTL_SLOTSTA_HPIE)

static unsigned int slotctl(const struct pci_port *pp)
{
	return pci_port_pcie(pp, PORT_SLOTCTL_SLOTSTA);
}

static void acknowledge(struct pci_port *pp, uint32_t status)
{
	pci_port_write16(pp, slotctl(pp) + 2, (status & EVENTS) >> 16);
}

enum pci_look pciehp_isr(struct pci_port *pp)
{
	unsigned long irq = raw_lock_acquire(pp->port, &pp->lock);
	uint64_t slot = port_atomic_read(pp->port, &pp->slot);
	uint32_t status = slot == PCI_SLOT_DEAD ? 0 : pci_port_read32(pp, slotctl(pp));
	bool ours, any = status != UINT32_MAX && (status & EVENTS) != 0;

	if (any && slot == PCI_SLOT_ON) {
		ours = port_atomic_read(pp->port, &pp->own_reset) != 0 || (pp->cfg.dpc != 0 && dpc_contained(pp));	/* H2 */
		if (!ours || !(status & PORT_SLOTCTL_SLOTSTA_PDS)) {			/* H1 */
			pci_port_set_slot(pp, PCI_SLOT_GONE, status);			/* H3 */
			if (!(pp->host->cfg.plants & PCI_PLANT_NO_DISCONNECT))
				pci_port_disconnect(pp);				/* P2 */
		}
	}
	if (any)
		acknowledge(pp, status);						/* H4 */
	raw_lock_release(pp->port, &pp->lock, irq);
	return any ? PCI_LOOK_EVENT : status == UINT32_MAX ? PCI_LOOK_LOST : PCI_LOOK_NOTHING;
}

/* Everything below is told, and taken off what it is attached to. It is in the list until its owner destroys it. */
static void disable_slot(struct pci_port *pp)
{
	struct pci_dev *pdev;
	unsigned long irq = raw_lock_acquire(pp->port, &pp->lock);

	if (!(pp->host->cfg.plants & PCI_PLANT_NO_DISCONNECT))
		pci_port_disconnect(pp);
	raw_lock_release(pp->port, &pp->lock, irq);
	for (pdev = pp->below; pdev; pdev = pdev->sibling) {
		if (pdev->removed)
			continue;
		pdev->removed = true;
		pci_err_tell(pdev, PCI_CHANNEL_PERM_FAILURE);
		if (pdev->hooks && pdev->hooks->removed)
			pdev->hooks->removed(pdev->hooks_arg);
		counter_add(&pp->removed, 1);
		port_trace(pp->port, EV_DEV_REMOVED, pdev->bdf, 0, 0);
	}
	pci_port_set_slot(pp, PCI_SLOT_OFF, 0);
}

/* A link that is up is not yet a device that answers: its configuration space may still say RRS. */
static int wait_device(struct pci_port *pp)
{
	struct port_src src = {
		.kind = PORT_SRC_MMIO32,
		.addr = pp->host->cfg.ecam_base + ((uint64_t)pp->bus << 20),
		.mask = 0xffff,
	};
	const struct pci_host_cfg *cfg = &pp->host->cfg;
	uint64_t end = port_now(pp->port) + cfg->ready_timeout;
	int r;

	do {	/* one more round costs at least one read, and `end` ends them all */
		/* the vendor is neither nobody (all ones) nor "not yet" (RRS visibility: 0x0001) */
		src.value = 0xffff;
		r = port_wait(pp->port, &src, 1, cfg->ready_period, end, PORT_WAIT_SLEEP);
		if (r >= 0 && (src.sample & 0xffff) == 1) {
			src.value = 1;
			r = port_wait(pp->port, &src, 1, cfg->ready_period, end, PORT_WAIT_SLEEP);
		}
	} while (r >= 0 && port_now(pp->port) < end && ((src.sample & 0xffff) == 0xffff || (src.sample & 0xffff) == 1));
	return r < 0 || (src.sample & 0xffff) == 0xffff || (src.sample & 0xffff) == 1 ? -ETIMEDOUT : 0;
}

static bool link_active(struct pci_port *pp)
{
	uint32_t link = pci_port_read32(pp, pci_port_pcie(pp, PORT_LINKCTL_LINKSTA));

	return link != UINT32_MAX && (link & PORT_LINKCTL_LINKSTA_DL_ACTIVE);
}

static void enable_slot(struct pci_port *pp, uint32_t status)
{
	unsigned long irq;
	int r = pci_port_wait_link(pp, true);

	if (r == 0)
		r = wait_device(pp);
	if (r == 0) {
		irq = raw_lock_acquire(pp->port, &pp->lock);
		acknowledge(pp, EVENTS);			/* its coming up; the handler may not have got to it yet */
		if (link_active(pp)) {				/* H3; if not, its next coming up is an event */
			pci_port_set_slot(pp, PCI_SLOT_ON, status);
			counter_add(&pp->added, 1);
		}
		raw_lock_release(pp->port, &pp->lock, irq);
	} else {
		port_log(pp->port, PORT_LOG_WARN, "pci %04x: a device, but no link or no answer (%d)", pp->cfg.bdf, r);
	}
}

void pciehp_ist(struct pci_port *pp)
{
	uint64_t slot = port_atomic_read(pp->port, &pp->slot);
	uint32_t status, link;

	if (slot == PCI_SLOT_GONE) {
		disable_slot(pp);
		slot = PCI_SLOT_OFF;
	}
	if (slot != PCI_SLOT_OFF)
		return;
	status = pci_port_read32(pp, slotctl(pp));
	link = pci_port_read32(pp, pci_port_pcie(pp, PORT_LINKCTL_LINKSTA));
	if (status == UINT32_MAX || link == UINT32_MAX)
		pciehp_give_up(pp);
	else if ((status & PORT_SLOTCTL_SLOTSTA_PDS) && (link & (PORT_LINKCTL_LINKSTA_DL_ACTIVE | PORT_LINKCTL_LINKSTA_TRAINING)))
		enable_slot(pp, status);
	/* otherwise the link's coming up is an event of its own */
}

void pciehp_give_up(struct pci_port *pp)
{
	uint64_t slot = port_atomic_read(pp->port, &pp->slot);

	pci_port_write16(pp, slotctl(pp), 0);
	if (slot == PCI_SLOT_ON || slot == PCI_SLOT_GONE)
		disable_slot(pp);
	pci_port_set_slot(pp, PCI_SLOT_DEAD, pci_port_read32(pp, slotctl(pp)));
}

void pciehp_begin_own_reset(struct pci_port *pp)
{
	port_atomic_set(pp->port, &pp->own_reset, 1);
}

void pciehp_end_own_reset(struct pci_port *pp, bool good)
{
	unsigned long irq = raw_lock_acquire(pp->port, &pp->lock);	/* keeps our own handler out, too */
	uint32_t status;
	bool gone;

	acknowledge(pp, EVENTS);
	status = pci_port_read32(pp, slotctl(pp));
	gone = !good || status == UINT32_MAX || (status & EVENTS) || !(status & PORT_SLOTCTL_SLOTSTA_PDS) || !link_active(pp);
	port_atomic_set(pp->port, &pp->own_reset, 0);
	if (pp->cfg.hotplug && gone && port_atomic_read(pp->port, &pp->slot) == PCI_SLOT_ON) {
		pci_port_set_slot(pp, PCI_SLOT_GONE, status);		/* H3 */
		pci_port_disconnect(pp);
	}
	raw_lock_release(pp->port, &pp->lock, irq);
	if (pp->cfg.hotplug && gone) {
		port_atomic_fetch_or(pp->port, &pp->events, PCI_EV_HOTPLUG);
		port_work_queue(pp->port, &pp->work);
	}
}

/* Firmware has left the link up, or the slot is empty. An event behind the acknowledgement interrupts as soon as it may. */
void pciehp_enable(struct pci_port *pp)
{
	acknowledge(pp, EVENTS);
	port_atomic_set(pp->port, &pp->slot, link_active(pp) ? PCI_SLOT_ON : PCI_SLOT_OFF);
	if (pp->cfg.hotplug)
		pci_port_write16(pp, slotctl(pp), ENABLES);
}
