/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Downstream port containment (pcie-ats.md §8): the port has cut itself off, with everything below it, without asking.
 *
 * By the time anybody learns of it the link is down and the devices are in reset. Invalidations meanwhile end at the port, without
 * error; what was in flight times out once. The recovery is that of a fatal error of the whole subtree (pci_err.c): told,
 * blocked, released, set up, attached. Restoring the configuration space does not switch ATS on; only the attach does, after it has
 * put EATS = 1 in force. So a device that may not be attached again comes back with ATS off.
 */
#include "pci_port.h"

bool dpc_contained(struct pci_port *pp)
{
	uint32_t status = pci_port_read32(pp, pci_port_dpc(pp, PORT_DPC_STATUS));

	return status != UINT32_MAX && (status & PORT_DPC_STATUS_TRIGGER);
}

/* The status stays triggered until the work releases the port: what the handler ends is only the interrupt. */
bool dpc_irq(struct pci_port *pp)
{
	uint32_t status = pci_port_read32(pp, pci_port_dpc(pp, PORT_DPC_STATUS));
	bool any = status != UINT32_MAX && (status & PORT_DPC_STATUS_INT);

	if (any) {
		pci_port_write16(pp, pci_port_dpc(pp, PORT_DPC_STATUS), PORT_DPC_STATUS_INT);
		port_trace(pp->port, EV_DPC_FOUND, pp->cfg.bdf, status, 0);
	}
	return any;
}

static int dpc_reset_link(struct pci_port *pp)
{
	/* released before the link is down, it would stay up, and the devices would not have been reset */
	int r = pci_port_wait_link(pp, false);

	if (r == 0) {
		if (!(pp->host->cfg.plants & PCI_PLANT_KEEP_CONTAINED))
			pci_port_write16(pp, pci_port_dpc(pp, PORT_DPC_STATUS), PORT_DPC_STATUS_TRIGGER);
		r = pci_port_wait_link(pp, true);
	}
	port_trace(pp->port, EV_DPC_RELEASED, pp->cfg.bdf, (uint64_t)-r, 0);
	return r;
}

void dpc_handler(struct pci_port *pp)
{
	if (!dpc_contained(pp))
		return;					/* released by somebody else */
	counter_add(&pp->contained, 1);
	if (port_atomic_read(pp->port, &pp->slot) == PCI_SLOT_ON)
		pcie_do_recovery(pp, NULL, PCI_CHANNEL_FROZEN, dpc_reset_link);
	else
		dpc_reset_link(pp);			/* the device has been pulled: only the port is left to release */
}

void dpc_enable(struct pci_port *pp)
{
	const uint32_t trigger = pp->cfg.dpc == 3 ? 0 : pp->cfg.dpc;

	pci_port_write16(pp, pci_port_dpc(pp, PORT_DPC_STATUS), PORT_DPC_STATUS_TRIGGER | PORT_DPC_STATUS_INT);
	pci_port_write16(pp, pci_port_dpc(pp, PORT_DPC_CAP_CTRL) + 2,
			 (FIELD_PREP32(PORT_DPC_CAP_CTRL_TRIGGER_EN_MASK, trigger) | PORT_DPC_CAP_CTRL_INT_EN) >> 16);
}
