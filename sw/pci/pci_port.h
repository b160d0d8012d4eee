/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port, root port or downstream port of a switch, and the three services that share its interrupt.
 */
#ifndef ATCBENCH_PCI_PORT_H
#define ATCBENCH_PCI_PORT_H

#include "pci_priv.h"
#include "port_cfg.h"

#define PCI_AER_QUEUE	16u		/* errors between the handler and the work; a power of two */
#define PCI_PORT_LOOKS	8u		/* times the handler looks again before it leaves the rest to the work */
#define PCI_PORT_RETRIES 16u		/* times the work then tries before the service is given up */

/* What the handler leaves to the work. */
#define PCI_EV_HOTPLUG	1u
#define PCI_EV_AER	2u
#define PCI_EV_DPC	4u
#define PCI_EV_UNSETTLED 8u

struct pci_aer_record {
	uint32_t status, source;	/* of the root */
	unsigned int how;		/* PCI_AER_*: passed on by the root port */
};
#define PCI_AER_SOURCE	1u		/* whose error it is is below this port, or this port */
#define PCI_AER_ABOVE	2u		/* a port above is the source: nobody knows whose packet it was */

struct pci_port {
	struct pci_dev *self;		/* its own configuration space */
	struct port *port;
	struct pci_host *host;
	struct pci_port *next;
	struct pci_port_cfg cfg;
	unsigned int msi, aer, dpc;	/* offsets */
	uint8_t bus, last_bus;		/* below it */
	bool root;

	struct mutex service;		/* P3 */
	struct raw_lock lock;		/* P1 */
	struct pci_dev *below;
	port_atomic_t slot;		/* enum pci_slot_state */
	port_atomic_t own_reset;	/* its link goes down because we want it to */

	port_atomic_t events;		/* PCI_EV_*, handler to work */
	struct port_work work;
	port_atomic_t aer_in, aer_out;	/* counters of the queue: one producer, one consumer */
	struct pci_aer_record aer_queue[PCI_AER_QUEUE];

	counter_t interrupts, disconnected, removed, added, unsettled, aer_cor, aer_nonfatal, aer_fatal, aer_nobody, aer_lost,
		contained, recovered, failed, siblings;
};

static inline uint32_t pci_port_read32(struct pci_port *pp, unsigned int off)
{
	return pci_cfg_read32(pp->self, off);
}

static inline void pci_port_write16(struct pci_port *pp, unsigned int off, uint32_t v)
{
	pci_cfg_write16(pp->self, off, (uint16_t)v);
}

/* Offset of a register in a capability, from its place in the one source of registers. */
static inline unsigned int pci_port_pcie(const struct pci_port *pp, unsigned int reg)
{
	return pp->self->pcie + reg - PORT_PCIE_CAP;
}

static inline unsigned int pci_port_aer(const struct pci_port *pp, unsigned int reg)
{
	return pp->aer + reg - PORT_AER_HDR;
}

static inline unsigned int pci_port_dpc(const struct pci_port *pp, unsigned int reg)
{
	return pp->dpc + reg - PORT_DPC_HDR;
}

/* ---- pci_port.c */
/* The port right above a requester ID, of those with services; NULL: none (P5). */
struct pci_port *pci_port_above(struct pci_host *host, uint16_t bdf);
void pci_port_adopt(struct pci_dev *pdev);
void pci_port_disown(struct pci_dev *pdev);
/* Around a change of a function's hooks: no service is using them. */
void pci_port_hooks_lock(struct pci_dev *pdev);
void pci_port_hooks_unlock(struct pci_dev *pdev);
/* Marks every function below. Interrupts off, the caller holds the list's lock. */
void pci_port_disconnect(struct pci_port *pp);
/* Waits until the data link is (not) active. -ETIMEDOUT, -ENODEV: all ones. */
int pci_port_wait_link(struct pci_port *pp, bool up);
void pci_port_set_slot(struct pci_port *pp, enum pci_slot_state state, uint32_t status);

/* ---- the services; *_isr and *_irq in the handler, the others in the work, `service` held */
enum pci_look {
	PCI_LOOK_NOTHING,
	PCI_LOOK_EVENT,			/* there was one: look again */
	PCI_LOOK_LOST			/* the port reads all ones: there may be one */
};
enum pci_look pciehp_isr(struct pci_port *pp);
void pciehp_ist(struct pci_port *pp);
void pciehp_give_up(struct pci_port *pp);
void pciehp_enable(struct pci_port *pp);
/*
 * Around a reset of the link that we do ourselves (H2). The end acknowledges its events; if the link is not up, the device not in
 * its slot, or a new event there, or if it did not go well, the slot is GONE and the work runs again.
 */
void pciehp_begin_own_reset(struct pci_port *pp);
void pciehp_end_own_reset(struct pci_port *pp, bool good);
bool aer_irq(struct pci_port *pp);		/* of a root port; no other port has root error registers */
void aer_isr(struct pci_port *pp);
void aer_give_up(struct pci_port *pp);
void aer_enable(struct pci_port *pp);
bool dpc_contained(struct pci_port *pp);
bool dpc_irq(struct pci_port *pp);
void dpc_handler(struct pci_port *pp);
void dpc_enable(struct pci_port *pp);

/* ---- pci_err.c; `service` held */
/*
 * The stock recovery of everything below: all are told, blocked, reset by `reset_link` if `frozen` or if one of them wants it, set up
 * again, attached again. `reason` (may be NULL: the port itself) is not counted as a sibling. 0, or why it failed.
 */
int pcie_do_recovery(struct pci_port *pp, struct pci_dev *reason, enum pci_channel_state state,
		     int (*reset_link)(struct pci_port *pp));
/* Secondary bus reset. */
int pci_port_reset_secondary_bus(struct pci_port *pp);

#endif
