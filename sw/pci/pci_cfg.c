/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration space through ECAM: capability walk, BARs, save and restore.
 */
#include "pci_port.h"

#define CFG_COMMAND		CFG_COMMAND_STATUS
#define CFG_BARS		CFG_BAR0
#define EXT_CAP_FIRST		0x100u
#define ALL_ONES		UINT32_MAX
#define RRS_VENDOR		0xffff0001u	/* what a root port with RRS visibility shows for "not yet" */

uint64_t pci_cfg_addr(const struct pci_dev *pdev, unsigned int off)
{
	return pdev->host->cfg.ecam_base + ((uint64_t)pdev->bdf << 12) + off;
}

/*
 * A device that is known to be gone is not touched: another one may have come into its slot, whose answers and whose registers
 * are not this one's.
 */
uint32_t pci_cfg_read32(struct pci_dev *pdev, unsigned int off)
{
	return pci_dev_is_disconnected(pdev) ? UINT32_MAX : port_read32(pdev->port, pci_cfg_addr(pdev, off));
}

uint16_t pci_cfg_read16(struct pci_dev *pdev, unsigned int off)
{
	return pci_dev_is_disconnected(pdev) ? UINT16_MAX : port_read16(pdev->port, pci_cfg_addr(pdev, off));
}

void pci_cfg_write32(struct pci_dev *pdev, unsigned int off, uint32_t v)
{
	if (!pci_dev_is_disconnected(pdev))
		port_write32(pdev->port, pci_cfg_addr(pdev, off), v);
}

void pci_cfg_write16(struct pci_dev *pdev, unsigned int off, uint16_t v)
{
	if (!pci_dev_is_disconnected(pdev))
		port_write16(pdev->port, pci_cfg_addr(pdev, off), v);
}

void pci_host_cfg_init(struct pci_host_cfg *cfg)
{
	*cfg = (struct pci_host_cfg){
		.flr_wait = 2000,
		.ready_timeout = 50000,
		.ready_period = 500,
		.trpnd_timeout = 2000,
		.trpnd_period = 100,
		.link_timeout = 50000,
		.link_period = 100,
		.bus_reset_hold = 2000,
		.d3_delay = 200,
		.delivery = PCI_ERR_FUNCTION,
	};
}

int pci_host_create(struct port *p, const struct pci_host_cfg *cfg, struct pci_host **out)
{
	struct pci_host *host = NULL;
	int r = cfg->ready_period == 0 || cfg->trpnd_period == 0 || cfg->link_period == 0 ? -EINVAL : 0;

	if (r == 0) {
		host = port_zalloc(p, sizeof(*host));
		r = host ? 0 : -ENOMEM;
	}
	if (r == 0) {
		host->port = p;
		host->cfg = *cfg;
	}
	*out = host;
	return r;
}

void pci_host_destroy(struct pci_host *host)
{
	port_free(host->port, host);
}

/* Both lists are read once; a list that loops or leads nowhere ends after PCI_CAPS_MAX entries. */
static void walk_caps(struct pci_dev *pdev)
{
	unsigned int off = FIELD_GET32(CFG_CAP_PTR_PTR_MASK, pci_cfg_read32(pdev, CFG_CAP_PTR));
	uint32_t v;

	while (off >= 0x40 && pdev->caps < PCI_CAPS_MAX) {
		v = pci_cfg_read32(pdev, off & ~3u);
		if (v == ALL_ONES)
			break;
		pdev->cap[pdev->caps].id = (uint16_t)FIELD_GET32(CFG_PCIE_CAP_ID_MASK, v);
		pdev->cap[pdev->caps].off = (uint16_t)(off & ~3u);
		pdev->caps++;
		off = FIELD_GET32(CFG_PCIE_CAP_NEXT_MASK, v);
	}

	off = EXT_CAP_FIRST;
	while (off >= EXT_CAP_FIRST && pdev->exts < PCI_CAPS_MAX) {
		v = pci_cfg_read32(pdev, off & ~3u);
		if (v == ALL_ONES || v == 0)
			break;
		pdev->ext[pdev->exts].id = (uint16_t)FIELD_GET32(CFG_AER_HDR_ID_MASK, v);
		pdev->ext[pdev->exts].off = (uint16_t)(off & ~3u);
		pdev->exts++;
		off = FIELD_GET32(CFG_AER_HDR_NEXT_MASK, v);
	}
}

static unsigned int find(const struct pci_cap *cap, unsigned int n, uint16_t id)
{
	unsigned int i, r = 0;

	for (i = 0; i < n && r == 0; i++) {
		if (cap[i].id == id)
			r = cap[i].off;
	}
	return r;
}

unsigned int pci_find_cap(const struct pci_dev *pdev, uint8_t id)
{
	return find(pdev->cap, pdev->caps, id);
}

unsigned int pci_find_ext_cap(const struct pci_dev *pdev, uint16_t id)
{
	return find(pdev->ext, pdev->exts, id);
}

int pci_dev_init(struct pci_host *host, uint16_t bdf, struct pci_dev *physfn, struct pci_dev **out)
{
	struct pci_dev *pdev = port_zalloc(host->port, sizeof(*pdev));
	int r = pdev ? 0 : -ENOMEM;

	if (r == 0) {
		pdev->host = host;
		pdev->port = host->port;
		pdev->bdf = bdf;
		mutex_init(&pdev->reset_lock, LOCK_PCI_RESET);
		pdev->physfn = physfn;
		pdev->ready_off = physfn ? CFG_CLASS_REV : CFG_VENDOR_DEVICE;
		pdev->ready_value = pci_cfg_read32(pdev, pdev->ready_off);
		pdev->id = pdev->ready_value;
		if (pdev->id == ALL_ONES || pdev->id == 0 || pdev->id == RRS_VENDOR)
			r = -ENODEV;
	}
	if (r == 0) {
		walk_caps(pdev);
		pdev->pcie = pci_find_cap(pdev, CAP_ID_PCIE);
		pdev->ats = pci_find_ext_cap(pdev, EXT_CAP_ID_ATS);
		pdev->pri = pci_find_ext_cap(pdev, EXT_CAP_ID_PRI);
		pdev->pasid = pci_find_ext_cap(pdev, EXT_CAP_ID_PASID);
	}
	if (r != 0) {
		port_free(host->port, pdev);
		pdev = NULL;
	}
	*out = pdev;
	return r;
}

int pci_dev_create(struct pci_host *host, uint16_t bdf, struct pci_dev **out)
{
	int r = pci_dev_init(host, bdf, NULL, out);

	if (r == 0) {
		pci_port_adopt(*out);
		pci_match_mps(*out);
	}
	return r;
}

void pci_join_function(struct pci_dev *pdev, struct pci_dev *other)
{
	other->lead = pdev;
	other->next_along = pdev->along;
	pdev->along = other;
}

void pci_dev_destroy(struct pci_dev *pdev)
{
	struct pci_dev *first = pdev->physfn ? pdev->physfn : pdev->lead;
	struct pci_dev **at = first ? &first->along : NULL;

	pci_port_disown(pdev);
	while (at && *at && *at != pdev)
		at = &(*at)->next_along;
	if (at && *at)
		*at = pdev->next_along;
	port_free(pdev->port, pdev);
}

uint16_t pci_bdf(const struct pci_dev *pdev)
{
	return pdev->bdf;
}

uint32_t pci_id(const struct pci_dev *pdev)
{
	return pdev->id;
}

int pci_assign_bar(struct pci_dev *pdev, unsigned int bar, uint64_t addr)
{
	int r = bar < PCI_BARS && addr <= UINT32_MAX && (addr & 0xf) == 0 ? 0 : -EINVAL;

	if (r == 0) {
		pci_cfg_write32(pdev, CFG_BARS + 4 * bar, (uint32_t)addr);
		if ((pci_cfg_read32(pdev, CFG_BARS + 4 * bar) & ~0xfu) != (uint32_t)addr)
			r = -EINVAL;
	}
	if (r == 0)
		pdev->bar[bar] = addr;
	return r;
}

uint64_t pci_bar(const struct pci_dev *pdev, unsigned int bar)
{
	return bar < PCI_BARS ? pdev->bar[bar] : 0;
}

int pci_enable_device(struct pci_dev *pdev)
{
	/* a virtual function's memory space is its physical one's to enable */
	const uint16_t want = (pdev->physfn ? 0 : CFG_COMMAND_STATUS_MEM_EN) | CFG_COMMAND_STATUS_BME;
	uint16_t v = pci_cfg_read16(pdev, CFG_COMMAND);

	if (v == UINT16_MAX)
		return -ENODEV;
	pci_cfg_write16(pdev, CFG_COMMAND, v | want);
	if (pdev->pcie != 0) {
		v = pci_cfg_read16(pdev, pdev->pcie + 8);
		pci_cfg_write16(pdev, pdev->pcie + 8,
				v | CFG_DEVCTL_DEVSTA_CERE | CFG_DEVCTL_DEVSTA_NFERE | CFG_DEVCTL_DEVSTA_FERE |
					CFG_DEVCTL_DEVSTA_URRE);
	}
	v = pci_cfg_read16(pdev, CFG_COMMAND);
	/* a containment comes without a chance to save anything */
	if (pdev->parent)
		pci_save_state(pdev);
	return v != UINT16_MAX && (v & want) == want ? 0 : -EIO;
}

void pci_save_state(struct pci_dev *pdev)
{
	unsigned int i;
	uint32_t v = pci_cfg_read32(pdev, pdev->ready_off);

	/* a function that does not answer, or has come back from a reset that failed half-way, keeps what was saved before */
	if (v == pdev->ready_value && !pdev->lost) {
		pdev->saved_command = pci_cfg_read16(pdev, CFG_COMMAND);
		for (i = 0; i < PCI_BARS; i++)
			pdev->saved_bar[i] = pdev->bar[i] != 0 ? pci_cfg_read32(pdev, CFG_BARS + 4 * i) : 0;
		if (pdev->pcie != 0)
			pdev->saved_devctl = pci_cfg_read16(pdev, pdev->pcie + 8) & (uint16_t)~CFG_DEVCTL_DEVSTA_FLR;
		pdev->saved = true;
	}
}

void pci_restore_state(struct pci_dev *pdev)
{
	unsigned int i;

	if (!pdev->saved)
		return;
	pdev->lost = false;
	if (pdev->pcie != 0)
		pci_cfg_write16(pdev, pdev->pcie + 8, pdev->saved_devctl);
	for (i = 0; i < PCI_BARS; i++) {
		if (pdev->bar[i] != 0)
			pci_cfg_write32(pdev, CFG_BARS + 4 * i, pdev->saved_bar[i]);
	}
	pci_restore_sriov(pdev);
	/* last: decoding starts when the BARs are right */
	pci_cfg_write16(pdev, CFG_COMMAND, (uint16_t)pdev->saved_command);
	if ((pdev->host->cfg.plants & PCI_PLANT_RESTORE_ATS) && pdev->ats != 0)
		pci_cfg_write16(pdev, pdev->ats + 6, 0x8000);
}

void pci_set_reset_hooks(struct pci_dev *pdev, const struct pci_reset_hooks *hooks, void *arg)
{
	pci_port_hooks_lock(pdev);
	pdev->hooks = hooks;
	pdev->hooks_arg = arg;
	pci_port_hooks_unlock(pdev);
}

void pci_bind_driver(struct pci_dev *pdev, const struct pci_driver *drv, void *arg)
{
	pdev->drv = drv;
	pdev->drv_arg = arg;
}
