/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual functions, and which functions are told apart by what they may reach (groups).
 *
 * A virtual function is not found by looking for an ID, which reads all ones: it is where its physical function says. Its
 * readiness after a reset shows in the class code, the first dword that is its own and never all ones.
 */
#include "pci_port.h"

#define SRIOV_CTRL	0x08u
#define SRIOV_TOTAL	0x0eu
#define SRIOV_NUM	0x10u
#define SRIOV_OFFSET	0x14u
#define SRIOV_STRIDE	0x16u
#define SRIOV_DEVICE	0x1au
#define SRIOV_BAR0	0x24u
#define SRIOV_ON	(CFG_SRIOV_CTRL_STATUS_VF_ENABLE | CFG_SRIOV_CTRL_STATUS_VF_MSE)
#define ACS_CTRL	6u
#define ACS_ISOLATED	(BIT32(2) | BIT32(3))	/* request and completion redirect */

int pci_enable_sriov(struct pci_dev *pf, unsigned int vfs, uint64_t bar0)
{
	unsigned int at = pci_find_ext_cap(pf, EXT_CAP_ID_SRIOV);
	uint32_t size = 0;
	int r = at != 0 ? 0 : -ENODEV;

	if (r == 0 && (vfs == 0 || vfs > pci_cfg_read16(pf, at + SRIOV_TOTAL) || bar0 > UINT32_MAX || pf->vfs != 0))
		r = -EINVAL;
	if (r == 0) {
		/* one function's size; they follow each other */
		pci_cfg_write32(pf, at + SRIOV_BAR0, UINT32_MAX);
		size = ~(pci_cfg_read32(pf, at + SRIOV_BAR0) & ~0xfu) + 1;
		pci_cfg_write32(pf, at + SRIOV_BAR0, (uint32_t)bar0);
		if (size == 0 || (bar0 & (size - 1)) != 0)
			r = -EINVAL;
	}
	if (r == 0) {
		pci_cfg_write16(pf, at + SRIOV_NUM, (uint16_t)vfs);
		pci_cfg_write16(pf, at + SRIOV_CTRL, SRIOV_ON);
		port_wait(pf->port, NULL, 0, 1, port_now(pf->port) + pf->host->cfg.flr_wait, PORT_WAIT_SLEEP);
		if ((pci_cfg_read16(pf, at + SRIOV_CTRL) & SRIOV_ON) != SRIOV_ON || pci_cfg_read16(pf, at + SRIOV_NUM) != vfs)
			r = -EIO;
	}
	if (r == 0) {
		pf->vfs = vfs;
		pf->vf_bar0 = bar0;
		pf->vf_bar_size = size;
	}
	return r;
}

void pci_restore_sriov(struct pci_dev *pf)
{
	unsigned int at = pf->vfs != 0 ? pci_find_ext_cap(pf, EXT_CAP_ID_SRIOV) : 0;

	if (at != 0) {
		pci_cfg_write32(pf, at + SRIOV_BAR0, (uint32_t)pf->vf_bar0);
		pci_cfg_write16(pf, at + SRIOV_NUM, (uint16_t)pf->vfs);
		pci_cfg_write16(pf, at + SRIOV_CTRL, SRIOV_ON);
	}
}

void pci_disable_sriov(struct pci_dev *pf)
{
	unsigned int at = pci_find_ext_cap(pf, EXT_CAP_ID_SRIOV);

	if (at != 0) {
		pci_cfg_write16(pf, at + SRIOV_CTRL, 0);
		pf->vfs = 0;
	}
}

int pci_vf_create(struct pci_dev *pf, unsigned int n, struct pci_dev **out)
{
	unsigned int at = pci_find_ext_cap(pf, EXT_CAP_ID_SRIOV);
	uint16_t offset, stride;
	int r = n < pf->vfs ? 0 : -ENODEV;

	*out = NULL;
	if (r == 0) {
		offset = pci_cfg_read16(pf, at + SRIOV_OFFSET);
		stride = pci_cfg_read16(pf, at + SRIOV_STRIDE);
		r = pci_dev_init(pf->host, (uint16_t)(pf->bdf + offset + n * stride), pf, out);
	}
	if (r == 0) {
		pci_port_adopt(*out);
		(*out)->id = (uint32_t)pci_cfg_read16(pf, at + SRIOV_DEVICE) << 16 | (pf->id & 0xffffu);
		(*out)->bar[0] = pf->vf_bar0 + (uint64_t)n * pf->vf_bar_size;
		(*out)->next_along = pf->along;
		pf->along = *out;
	}
	return r;
}

bool pci_is_virtual(const struct pci_dev *pdev)
{
	return pdev->physfn != NULL;
}

uint16_t pci_group(struct pci_dev *pdev)
{
	unsigned int acs = pci_find_ext_cap(pdev, EXT_CAP_ID_ACS);
	uint16_t bdf = pdev->bdf;

	/* A virtual function has nothing behind it that others share but the physical one, which keeps it apart. */
	if (!pdev->physfn && (pci_cfg_read32(pdev, CFG_HEADER_TYPE) & CFG_HEADER_TYPE_MULTI_FN) &&
	    (acs == 0 || (pci_cfg_read16(pdev, acs + ACS_CTRL) & ACS_ISOLATED) != ACS_ISOLATED))
		bdf &= (uint16_t)~7u;
	return bdf;
}
