/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ATS of a function (pcie-ats.md §7, §8). The control halfword is written whole: STU and Enable are all there is, so no
 * read-modify-write can lose anything, and disabling is one access.
 *
 * PASID is enabled before ATS whenever the function has it, because it may not change while ATS is on. PRI is enabled after it, and
 * needs no disabling: without ATS a function asks for no page.
 */
#include "pci_priv.h"

#define ATS_CTRL	6u			/* offset in the capability */
#define ATS_ENABLE	BIT32(15)		/* in the halfword; STU 0 = 4 KiB pages */
#define PASID_CTRL	6u
#define PASID_ENABLE	BIT32(0)
#define QDEP_FULL	32u

#define PRI_CTRL	4u
#define PRI_STATUS	6u
#define PRI_ALLOC	12u
#define PRI_PASID_REQUIRED BIT32(15)		/* in the status halfword */

bool pci_ats_supported(const struct pci_dev *pdev)
{
	return pdev->ats != 0;
}

unsigned int pci_ats_qdep(const struct pci_dev *pdev)
{
	const struct pci_dev *owner = pdev->physfn ? pdev->physfn : pdev;
	uint32_t v = port_read16(owner->port, pci_cfg_addr(owner, owner->ats + 4));
	unsigned int depth = v == UINT16_MAX ? 0 : FIELD_GET32(CFG_ATS_CAP_CTRL_INV_QDEP_MASK, v);

	/* The queue is the physical function's (D5): it and its virtual ones each get a fair part. */
	depth = (depth == 0 ? QDEP_FULL : depth) / (1 + owner->vfs);
	return depth == 0 ? 1 : depth;
}

bool pci_ats_enabled(struct pci_dev *pdev)
{
	return port_atomic_read(pdev->port, &pdev->ats_on) != 0;
}

void pci_set_pri(struct pci_dev *pdev, unsigned int reqs)
{
	uint16_t status = pdev->pri != 0 ? pci_cfg_read16(pdev, pdev->pri + PRI_STATUS) : UINT16_MAX;

	pdev->pri_reqs = pdev->pri != 0 ? reqs : 0;
	pdev->prg_rsp_bare = status != UINT16_MAX && !(status & PRI_PASID_REQUIRED);
}

bool pci_prg_rsp_pasid_required(const struct pci_dev *pdev)
{
	return !(pdev->physfn ? pdev->physfn : pdev)->prg_rsp_bare;
}

/* From the start, whatever was before: off, the groups of then forgotten, the limit, on. */
static void enable_pri(struct pci_dev *pdev)
{
	pci_cfg_write16(pdev, pdev->pri + PRI_CTRL, 0);
	pci_cfg_write32(pdev, pdev->pri + PRI_CTRL,
			CFG_PRI_CTRL_STATUS_RESET | CFG_PRI_CTRL_STATUS_RESP_FAILURE | CFG_PRI_CTRL_STATUS_UNEXPECTED_INDEX);
	pci_cfg_write32(pdev, pdev->pri + PRI_ALLOC, pdev->pri_reqs);
	pci_cfg_write16(pdev, pdev->pri + PRI_CTRL, CFG_PRI_CTRL_STATUS_ENABLE);
}

int pci_ats_read_enabled(struct pci_dev *pdev)
{
	uint16_t v = pdev->ats != 0 ? pci_cfg_read16(pdev, pdev->ats + ATS_CTRL) : 0;

	if (v == UINT16_MAX && !(pdev->host->cfg.plants & PCI_PLANT_BELIEVE_ONES))
		return -ENODEV;
	return (v & ATS_ENABLE) != 0;
}

int pci_enable_ats(struct pci_dev *pdev)
{
	int r = pdev->ats != 0 ? 0 : -ENODEV;

	if (r == 0) {
		if (pdev->pasid != 0 && !pci_ats_enabled(pdev))
			pci_cfg_write16(pdev, pdev->pasid + PASID_CTRL, PASID_ENABLE);
		pci_cfg_write16(pdev, pdev->ats + ATS_CTRL, ATS_ENABLE);
		if (pci_ats_read_enabled(pdev) != 1)
			r = -EIO;
	}
	if (r == 0 && pdev->pri_reqs != 0)
		enable_pri(pdev);
	if (r == 0)
		port_atomic_set(pdev->port, &pdev->ats_on, 1);
	return r;
}

/* A write of 0 may have been lost on the way to a device that did not answer, and only the change from 0 to 1 empties an ATC. */
int pci_ats_settle_off(struct pci_dev *pdev)
{
	int r = pdev->host->cfg.plants & PCI_PLANT_BELIEVE_ONES ? 0 : pci_ats_read_enabled(pdev);

	if (r == 1 && !pci_ats_enabled(pdev)) {
		pci_cfg_write16(pdev, pdev->ats + ATS_CTRL, 0);
		r = pci_ats_read_enabled(pdev);
		if (r == 1)
			r = -EIO;
	}
	return r < 0 ? r : 0;
}

void pci_disable_ats(struct pci_dev *pdev)
{
	if (pdev->ats != 0)
		pci_cfg_write16(pdev, pdev->ats + ATS_CTRL, 0);
	port_atomic_set(pdev->port, &pdev->ats_on, 0);
}

int pci_ats_check_disabled(struct pci_dev *pdev)
{
	return pci_ats_read_enabled(pdev) != 0 ? -EIO : 0;
}
