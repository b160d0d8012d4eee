/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI functions behind one ECAM window: capabilities, BARs, ATS, FLR, error recovery.
 *
 * A configuration read that fails (no function, completion time-out, RRS) gives all ones (port.h); all ones never
 * counts as "enabled". Calls marked [task] sleep; the others may be called with interrupts off.
 */
#ifndef ATCBENCH_PCI_H
#define ATCBENCH_PCI_H

#include "port.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pci_host;
struct pci_dev;

struct pci_host_cfg {
	uint64_t ecam_base;		/* bus << 20 | device << 15 | function << 12 */
	/* cycles (D19) */
	uint64_t flr_wait;		/* untouched after Initiate FLR (PCIe: 100 ms) */
	uint64_t ready_timeout;		/* then configuration reads are tried for so long */
	uint64_t ready_period;
	uint64_t trpnd_timeout;		/* wait for Transactions Pending = 0 before the FLR; then go on with a warning */
	uint64_t trpnd_period;
};
/* Defaults of the scaled scenarios (D19); `ecam_base` has to be set. */
void pci_host_cfg_init(struct pci_host_cfg *cfg);
int pci_host_create(struct port *p, const struct pci_host_cfg *cfg, struct pci_host **out);
void pci_host_destroy(struct pci_host *host);

/* Reads the header and walks both capability lists. -ENODEV: nobody answers at `bdf`. */
int pci_dev_create(struct pci_host *host, uint16_t bdf, struct pci_dev **out);
void pci_dev_destroy(struct pci_dev *pdev);

uint16_t pci_bdf(const struct pci_dev *pdev);
uint32_t pci_id(const struct pci_dev *pdev);		/* device << 16 | vendor */
/* Offset in configuration space or 0. */
unsigned int pci_find_cap(const struct pci_dev *pdev, uint8_t id);
unsigned int pci_find_ext_cap(const struct pci_dev *pdev, uint16_t id);

uint32_t pci_cfg_read32(struct pci_dev *pdev, unsigned int off);
uint16_t pci_cfg_read16(struct pci_dev *pdev, unsigned int off);
void pci_cfg_write32(struct pci_dev *pdev, unsigned int off, uint32_t v);
void pci_cfg_write16(struct pci_dev *pdev, unsigned int off, uint16_t v);

/* 32-bit memory BAR `bar` := addr. -EINVAL if it does not hold the value. */
int pci_assign_bar(struct pci_dev *pdev, unsigned int bar, uint64_t addr);
uint64_t pci_bar(const struct pci_dev *pdev, unsigned int bar);		/* as assigned, 0 = none */
/* Memory space and bus master enable, error reporting as given by the capability. */
int pci_enable_device(struct pci_dev *pdev);

/* Configuration registers that a reset clears: command, BARs, device control (ATS and PASID are restored by the IOMMU core). */
void pci_save_state(struct pci_dev *pdev);
void pci_restore_state(struct pci_dev *pdev);

/* ---- ATS (pcie-ats.md §7, §8) */
bool pci_ats_supported(const struct pci_dev *pdev);
unsigned int pci_ats_qdep(const struct pci_dev *pdev);		/* 1 .. 32 */
bool pci_ats_enabled(struct pci_dev *pdev);			/* the core's view */
/* Page requests (pcie-ats.md §10): pci_enable_ats() switches PRI on with at most `reqs` outstanding; 0 = off, the default. */
void pci_set_pri(struct pci_dev *pdev, unsigned int reqs);
/* STU 0 (4 KiB) and Enable in one write, read back; then PRI. -ENODEV without the capability, -EIO if it does not read back. */
int pci_enable_ats(struct pci_dev *pdev);
/* One posted-in-effect 16-bit write; never sleeps, does not read back. */
void pci_disable_ats(struct pci_dev *pdev);
/* Whether the last disable took: 0, or -EIO (all ones or still enabled). One configuration read. */
int pci_ats_check_disabled(struct pci_dev *pdev);

/* ---- virtual functions */
/*
 * `vfs` virtual functions, BAR0 of the first at `bar0`, the others behind it [task]. -ENODEV without the capability, -EINVAL: too many, or
 * enabled already. To be called before the IOMMU core takes the physical function: the invalidation queue is divided among all.
 */
int pci_enable_sriov(struct pci_dev *pf, unsigned int vfs, uint64_t bar0);
/* Theirs must be gone. */
void pci_disable_sriov(struct pci_dev *pf);
/* Function `n` of those; pci_dev_destroy() ends it. Its BAR0 is assigned already. */
int pci_vf_create(struct pci_dev *pf, unsigned int n, struct pci_dev **out);
/* Functions with an equal number cannot be told apart in what they reach and belong to one domain. */
uint16_t pci_group(struct pci_dev *pdev);

/* ---- function level reset */
/*
 * The bare reset [task]: TRPND wait, Initiate FLR, flr_wait, poll for configuration reads. -ENODEV: not capable;
 * -ETIMEDOUT: did not come back. Nothing is saved, nobody is told.
 */
int pci_flr(struct pci_dev *pdev);
/*
 * With everything around it [task]: save, prepare hook, pci_flr(), restore, done hook. What sysfs `reset` does. One at a time
 * for each function. -ENODEV: not capable, or gone; nothing has been touched.
 */
int pci_reset_function(struct pci_dev *pdev);

/* The IOMMU core's part of a reset (step 7 of the flow); set by iommu_device_create(). */
struct pci_reset_hooks {
	int (*prepare)(void *arg);
	int (*done)(void *arg, bool success);
};
void pci_set_reset_hooks(struct pci_dev *pdev, const struct pci_reset_hooks *hooks, void *arg);

/* ---- errors */
enum pci_channel_state {
	PCI_CHANNEL_NORMAL,
	PCI_CHANNEL_FROZEN,		/* do no I/O: quarantined */
	PCI_CHANNEL_PERM_FAILURE	/* given up on */
};
enum pci_ers_result {
	PCI_ERS_NONE,			/* no opinion, or no driver */
	PCI_ERS_CAN_RECOVER,		/* goes on without a reset */
	PCI_ERS_NEED_RESET,
	PCI_ERS_DISCONNECT,
	PCI_ERS_RECOVERED
};
/* Called from the worker in task context, no IOMMU lock held. Any of them may be NULL. */
struct pci_driver {
	const char *name;
	enum pci_ers_result (*error_detected)(struct pci_dev *pdev, void *arg, enum pci_channel_state state);
	enum pci_ers_result (*slot_reset)(struct pci_dev *pdev, void *arg);	/* after the reset, before re-attach: no DMA */
	void (*resume)(struct pci_dev *pdev, void *arg);			/* translating again: DMA may start */
};
void pci_bind_driver(struct pci_dev *pdev, const struct pci_driver *drv, void *arg);	/* NULL unbinds */

#ifdef __cplusplus
}
#endif

#endif
