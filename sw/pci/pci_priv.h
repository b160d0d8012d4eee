/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATCBENCH_PCI_PRIV_H
#define ATCBENCH_PCI_PRIV_H

#include "../iommu/lock.h"
#include "bits.h"
#include "err.h"
#include "pci.h"
#include "pcie_cfg.h"

#define PCI_BARS	6u
#define PCI_CAPS_MAX	16u	/* capabilities remembered per list */

struct pci_cap {
	uint16_t id;
	uint16_t off;
};

struct pci_host {
	struct port *port;
	struct pci_host_cfg cfg;
	struct pci_port *ports;
};

struct pci_dev {
	struct pci_host *host;
	struct port *port;
	uint16_t bdf;
	uint32_t id;
	struct pci_cap cap[PCI_CAPS_MAX], ext[PCI_CAPS_MAX];
	unsigned int caps, exts;
	unsigned int pcie, ats, pasid, pri;	/* offsets, 0 = none */
	struct pci_dev *physfn;			/* of a virtual function */
	struct pci_dev *along;			/* functions that a reset of this one takes along: virtual ones, joined ones */
	struct pci_dev *next_along;
	struct pci_dev *lead;			/* of a joined function: the one whose reset takes it along */
	unsigned int vfs;			/* enabled */
	uint64_t vf_bar0, vf_bar_size;
	unsigned int ready_off;			/* the register that tells a function that is there from one that is not, */
	uint32_t ready_value;			/* and what it reads */
	unsigned int pri_reqs;			/* page requests the function may have outstanding; 0 = PRI stays off */
	bool prg_rsp_bare;			/* PRG Responses must not carry the PASID of the requests */
	uint64_t bar[PCI_BARS];
	port_atomic_t ats_on;			/* the core's view */

	struct pci_port *parent;		/* the port that looks after it: root port, or port of a switch; NULL: nobody does */
	struct pci_dev *sibling;		/* the next one that the same port looks after */
	port_atomic_t io_state;			/* enum pci_channel_state; PCI_CHANNEL_PERM_FAILURE never changes again */
	enum pci_ers_result vote;		/* of its driver, in a recovery of the subtree */
	bool locked, held;			/* its reset lock is held, and it is prepared, in a recovery of the subtree */
	bool removed;				/* by the hot-plug service: an object of an earlier life of the slot */

	struct mutex reset_lock;		/* one reset at a time: the second one finds what the first one left */
	bool prepared;				/* its prepare hook has run */
	int reset_result;			/* going along: how its own part ended */
	/* saved over a reset */
	uint32_t saved_command, saved_bar[PCI_BARS];
	uint16_t saved_devctl;
	bool saved;
	bool lost;				/* reset since, and not restored: what it shows now is not worth saving */

	const struct pci_reset_hooks *hooks;
	void *hooks_arg;
	const struct pci_driver *drv;
	void *drv_arg;
};

/* A reset or a wait that a surprise removal would make endless looks at this, too. */
static inline struct port_src pci_gone_src(struct pci_dev *pdev)
{
	return (struct port_src){ .kind = PORT_SRC_ATOMIC, .atomic = &pdev->io_state, .mask = UINT64_MAX,
				  .value = PCI_CHANNEL_PERM_FAILURE, .until_equal = true };
}

/* ---- pci_cfg.c: what every kind of function has in common, ports too; `physfn` is NULL or that of a virtual one. Nobody looks after it yet. */
int pci_dev_init(struct pci_host *host, uint16_t bdf, struct pci_dev *physfn, struct pci_dev **out);
uint64_t pci_cfg_addr(const struct pci_dev *pdev, unsigned int off);

/* ---- pci_mps.c: of a function that has just been found; nothing unless PCI_BUS_SAFE */
void pci_match_mps(struct pci_dev *pdev);

/* ---- pci_sriov.c: after a reset of the physical function; the virtual ones come back as after a reset of their own */
void pci_restore_sriov(struct pci_dev *pf);

/* ---- pci_flr.c */
/* Configuration reads until it is itself again. -ETIMEDOUT, -ENODEV: gone. */
int pci_wait_ready(struct pci_dev *pdev);

/* ---- pci_err.c, called by the IOMMU core's worker and by the services of a root port; task context, no lock held */
/*
 * Tells the driver, resets if it asks for that, lets the driver set the device up again. 0: the device may be attached
 * again. -ENODEV: nobody to ask, or the driver gave up; else why the reset failed. With PCI_ERR_SUBTREE the whole subtree, and
 * it is attached again when this returns.
 */
int pci_err_recover(struct pci_dev *pdev);
/* How it ended: resume, or permanent failure. After the recovery of a subtree there is nothing left to tell. */
void pci_err_finish(struct pci_dev *pdev, bool good);
/* Whether errors of this function go to everything below its port. */
bool pci_err_by_subtree(const struct pci_dev *pdev);
/*
 * An error that the function has reported itself, to its driver alone. PCI_CHANNEL_NORMAL: non-fatal, reset if the driver wants that;
 * PCI_CHANNEL_FROZEN: fatal, reset. As pci_err_recover(), and the end is told.
 */
int pci_err_function(struct pci_dev *pdev, enum pci_channel_state state);
enum pci_ers_result pci_err_tell(struct pci_dev *pdev, enum pci_channel_state state);

#endif
