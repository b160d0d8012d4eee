/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATCBENCH_PCI_PRIV_H
#define ATCBENCH_PCI_PRIV_H

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
};

struct pci_dev {
	struct pci_host *host;
	struct port *port;
	uint16_t bdf;
	uint32_t id;
	struct pci_cap cap[PCI_CAPS_MAX], ext[PCI_CAPS_MAX];
	unsigned int caps, exts;
	unsigned int pcie, ats, pasid;		/* offsets, 0 = none */
	uint64_t bar[PCI_BARS];
	port_atomic_t ats_on;			/* the core's view */

	/* saved over a reset */
	uint32_t saved_command, saved_bar[PCI_BARS];
	uint16_t saved_devctl;
	bool saved;

	const struct pci_reset_hooks *hooks;
	void *hooks_arg;
	const struct pci_driver *drv;
	void *drv_arg;
};

/* ---- pci_err.c, called by the IOMMU core's worker; task context, no lock held */
/*
 * Tells the driver, resets if it asks for that, lets the driver set the device up again. 0: the device may be attached
 * again. -ENODEV: nobody to ask, or the driver gave up; else why the reset failed.
 */
int pci_err_recover(struct pci_dev *pdev);
/* How it ended: resume, or permanent failure. */
void pci_err_finish(struct pci_dev *pdev, bool good);

#endif
