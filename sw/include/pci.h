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
struct pci_port;

/* Whom the error of one function is delivered to (step 6 of the flow). */
enum pci_err_delivery {
	PCI_ERR_FUNCTION,		/* to that function alone; it is reset by an FLR */
	PCI_ERR_SUBTREE			/* to everything below its root port, which is reset with its link: the stock recovery */
};

/* Bugs planted on purpose, so that a test can see its check fire. All off in normal use. */
enum pci_plant {
	PCI_PLANT_NO_DISCONNECT	= 1u << 0,	/* a device that is gone is removed, but not marked */
	PCI_PLANT_BELIEVE_ONES	= 1u << 1,	/* all ones counts as "ATS enabled" */
	PCI_PLANT_RESTORE_ATS	= 1u << 2,	/* restoring the configuration space switches ATS on */
	PCI_PLANT_D3_IN_USE	= 1u << 3,	/* a device goes to D3 with its IOMMU attachment as it is */
	PCI_PLANT_KEEP_CONTAINED = 1u << 4,	/* containment is found, but the port never released */
	PCI_PLANT_DEAF_AER	= 1u << 5,	/* error messages are acknowledged, and that is all */
	PCI_PLANT_ONE_ENDED_MPS	= 1u << 6	/* Max_Payload_Size is raised in the functions and not in the ports above them */
};

/* Max_Payload_Size (pci_mps.c). */
enum pci_bus_config {
	PCI_BUS_AS_IS,			/* as firmware has left it: whatever that is, it works */
	PCI_BUS_SAFE			/* the largest that everything below a root port supports */
};

struct pci_host_cfg {
	uint64_t ecam_base;		/* bus << 20 | device << 15 | function << 12 */
	/* cycles (D19) */
	uint64_t flr_wait;		/* untouched after Initiate FLR (PCIe: 100 ms) */
	uint64_t ready_timeout;		/* then configuration reads are tried for so long */
	uint64_t ready_period;
	uint64_t trpnd_timeout;		/* wait for Transactions Pending = 0 before the FLR; then go on with a warning */
	uint64_t trpnd_period;
	uint64_t link_timeout;		/* until a link is up after a reset, a release, or with a new device in its slot */
	uint64_t link_period;
	uint64_t bus_reset_hold;	/* secondary bus reset */
	uint64_t d3_delay;		/* after a change between D0 and D3hot (PCIe: 10 ms) */
	enum pci_err_delivery delivery;
	enum pci_bus_config bus_config;
	unsigned int plants;		/* enum pci_plant */
};
/* Defaults of the scaled scenarios (D19); `ecam_base` has to be set. */
void pci_host_cfg_init(struct pci_host_cfg *cfg);
int pci_host_create(struct port *p, const struct pci_host_cfg *cfg, struct pci_host **out);
void pci_host_destroy(struct pci_host *host);

/*
 * With PCI_BUS_SAFE: Max_Payload_Size of all ports and functions that are there [task]. Before any of them is in use; who comes later is
 * set by pci_dev_create(). -ENODEV: no port.
 */
int pci_configure_mps(struct pci_host *host);

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
/* PRG Response PASID Required (pcie-ats §8): responses to requests with a PASID carry it. Virtual functions: their physical one's. */
bool pci_prg_rsp_pasid_required(const struct pci_dev *pdev);
/* STU 0 (4 KiB) and Enable in one write, read back; then PRI. -ENODEV without the capability, -EIO if it does not read back. */
int pci_enable_ats(struct pci_dev *pdev);
/* What the device itself says: 1 enabled, 0 not, -ENODEV: it does not answer, and nobody may take that for "enabled". */
int pci_ats_read_enabled(struct pci_dev *pdev);
/* One posted-in-effect 16-bit write; never sleeps, does not read back. */
void pci_disable_ats(struct pci_dev *pdev);
/* Whether the last disable took: 0, or -EIO (all ones or still enabled). One configuration read. */
int pci_ats_check_disabled(struct pci_dev *pdev);
/*
 * Before ATS is enabled at a device that has it off by the core's account: 0 when the device says so, too, -ENODEV when it does
 * not answer, -EIO when it stays on. At most two configuration reads and a write.
 */
int pci_ats_settle_off(struct pci_dev *pdev);

/* ---- virtual functions */
/*
 * `vfs` virtual functions, BAR0 of the first at `bar0`, the others behind it [task]. -ENODEV without the capability, -EINVAL: too many, or
 * enabled already. To be called before the IOMMU core takes the physical function: the invalidation queue is divided among all.
 */
int pci_enable_sriov(struct pci_dev *pf, unsigned int vfs, uint64_t bar0);
/* Theirs must be gone. */
void pci_disable_sriov(struct pci_dev *pf);
/* Function `n` of those; pci_dev_destroy() ends it, before that of the physical one. Its BAR0 is assigned already. */
int pci_vf_create(struct pci_dev *pf, unsigned int n, struct pci_dev **out);
bool pci_is_virtual(const struct pci_dev *pdev);
/* Functions with an equal number cannot be told apart in what they reach and belong to one group. */
uint16_t pci_group(struct pci_dev *pdev);

/* ---- function level reset */
/*
 * The bare reset [task]: TRPND wait, Initiate FLR, flr_wait, poll for configuration reads. -ENODEV: not capable;
 * -ETIMEDOUT: did not come back. Nothing is saved, nobody is told.
 */
int pci_flr(struct pci_dev *pdev);
/*
 * With everything around it [task]: save, prepare hook, the bare reset, restore, done hook. What sysfs `reset` does. One at a time
 * for each function. -ENODEV: not capable, or gone; nothing has been touched.
 *
 * The reset of a physical function takes its virtual ones along: each is prepared before it and set up again after it, with hooks of
 * its own, and its driver is told (reset_done). Joined functions are reset one after the other between one prepare and one done.
 */
int pci_reset_function(struct pci_dev *pdev);
/* `other` is owned as part of the device `pdev` (iommu_device_cfg.also); a reset of either resets both. Before the IOMMU core has them. */
void pci_join_function(struct pci_dev *pdev, struct pci_dev *other);

/* The IOMMU core's part of what happens to a function (step 7 of the flow); set by iommu_device_create(). [task] but the third. */
struct pci_reset_hooks {
	int (*prepare)(void *arg);
	int (*done)(void *arg, bool success);
	void (*disconnected)(void *arg);	/* interrupts off: it is gone; nothing may be sent to it any more */
	void (*removed)(void *arg);		/* off everything that it is attached to */
	int (*suspend)(void *arg);		/* before D3: nothing in flight, nothing follows */
	int (*resume)(void *arg, bool success);	/* after D0; not a reset: what was quarantined stays quarantined */
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
	enum pci_ers_result (*mmio_enabled)(struct pci_dev *pdev, void *arg);	/* its registers answer; asked after CAN_RECOVER */
	/* The reset of another function has taken this one along; good: translating again, DMA may start. */
	void (*reset_done)(struct pci_dev *pdev, void *arg, bool good);
};
void pci_bind_driver(struct pci_dev *pdev, const struct pci_driver *drv, void *arg);	/* NULL unbinds */
/* Set by the interrupt of its root port when it is gone, for good: reads are all ones, writes go nowhere, nothing is on the bus. */
bool pci_dev_is_disconnected(struct pci_dev *pdev);

/* ---- power management (pcie-ats.md §7); one at a time with resets [task] */
/*
 * Runtime suspend: the IOMMU core quiesces the function (ATS off, blocked, no invalidation in flight), its state is saved, D3hot.
 * -ENODEV: no such capability, or gone; -EIO: the state does not read back; -EBUSY: it is being reset or recovered. Its driver has
 * stopped the DMA.
 */
int pci_dev_suspend(struct pci_dev *pdev);
/* D0, waits until it answers, restores, and lets the IOMMU core attach what is attached; not if it was quarantined: ATS stays off. */
int pci_dev_resume(struct pci_dev *pdev);

/*
 * ---- ports: hot plug, error reporting, containment (pcie-ats.md §8, doc/rtl/pcie_rc.md, doc/rtl/pcie_switch_ports.md). Root ports, and
 * downstream ports of a switch: then the root port is one, too, for the error messages of all below. The interrupt of a switch's port is a
 * memory write with the port's requester ID, which the SMMU translates: whoever creates its service has attached that ID before.
 */
enum pci_slot_state {
	PCI_SLOT_OFF,			/* nobody there */
	PCI_SLOT_ON,			/* the link is up, configuration space answers */
	PCI_SLOT_GONE,			/* was on; the interrupt handler has marked the devices, removal is under way */
	PCI_SLOT_DEAD			/* the port itself does not answer, or its events never settle: given up on */
};
struct pci_port_cfg {
	uint16_t bdf;			/* of the port; on bus 0: a root port */
	unsigned int irq;		/* PORT_IRQ_PCIE + n: its message, for all three services */
	unsigned int cpu;		/* where its handler and its work run */
	bool hotplug;
	bool aer;			/* at a port of a switch: its errors and those of whom it looks after, which its root port passes on */
	unsigned int dpc;		/* 0: no service; 1: contains on fatal errors, 2: on non-fatal ones, too, 3: by software only */
};
/*
 * [task] To be called before the functions below it are created, for a root port before the switch's ports; destroyed in the same order.
 * -ENODEV: no port that can do this; -EBUSY: line taken.
 * Functions below are known to it from pci_dev_create() to pci_dev_destroy(), which may not be called from a driver's callback.
 */
int pci_port_create(struct pci_host *host, const struct pci_port_cfg *cfg, struct pci_port **out);
/* [task] The functions below must be gone. */
void pci_port_destroy(struct pci_port *port);
struct pci_port_info {
	enum pci_slot_state slot;
	uint64_t interrupts;
	uint64_t disconnected;		/* functions marked as gone */
	uint64_t removed;		/* functions removed after that */
	uint64_t added;			/* times the slot came on again: whoever owns the functions creates them anew */
	uint64_t unsettled;		/* times the handler gave up waiting for the end of events */
	uint64_t aer_cor, aer_nonfatal, aer_fatal;
	uint64_t aer_nobody;		/* errors whose source is not known, or does not answer */
	uint64_t aer_lost;		/* errors that came faster than they were served */
	uint64_t contained;		/* containments found */
	uint64_t recovered;		/* recoveries of the subtree, for whatever reason, that ended well */
	uint64_t failed;		/* and those that did not */
	uint64_t siblings;		/* functions reset with the subtree without being the reason */
};
void pci_port_get_info(struct pci_port *port, struct pci_port_info *out);
/* [task] Waits until its work has nothing to do. */
void pci_port_flush(struct pci_port *port);

#ifdef __cplusplus
}
#endif

#endif
