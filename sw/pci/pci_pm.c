/* SPDX-License-Identifier: Apache-2.0 */
/*
 * D3hot and back (pcie-ats.md §7).
 *
 * A function in D3hot answers no invalidation: one that is sent to it, or still under way when it gets there, times out. So the
 * IOMMU core quiesces it first: ATS off while it still answers, blocked, off every list, and no unmap left that could name it. After
 * D0 its configuration is that of a reset (without No_Soft_Reset) and is restored, but for ATS, which only an attach switches on. A
 * resume is no reset as far as a quarantine is concerned: nothing has been proved, so what was isolated stays isolated.
 */
#include "pci_priv.h"

#define PM_CTRL		4u
#define D0		0u
#define D3HOT		3u

static unsigned int pm_cap(const struct pci_dev *pdev)
{
	return pci_find_cap(pdev, CAP_ID_PM);
}

static int set_state(struct pci_dev *pdev, uint16_t state)
{
	const unsigned int reg = pm_cap(pdev) + PM_CTRL;
	uint16_t v;

	/* in the log it is in D3 from before the write until after the wake-up */
	if (state == D3HOT)
		port_trace(pdev->port, EV_POWER_STATE, pdev->bdf, state, 0);
	pci_cfg_write16(pdev, reg, state);
	port_wait(pdev->port, NULL, 0, 1, port_now(pdev->port) + pdev->host->cfg.d3_delay, PORT_WAIT_SLEEP);
	v = pci_cfg_read16(pdev, reg);
	if (state == D0)
		port_trace(pdev->port, EV_POWER_STATE, pdev->bdf, state, 0);
	/* all ones would be D3hot */
	return v != UINT16_MAX && (v & CFG_PM_CTRL_STATUS_STATE_MASK) == state ? 0 : -EIO;
}

static bool quiesces(const struct pci_dev *pdev)
{
	return pdev->hooks && pdev->hooks->suspend && !(pdev->host->cfg.plants & PCI_PLANT_D3_IN_USE);
}

int pci_dev_suspend(struct pci_dev *pdev)
{
	int r = pm_cap(pdev) != 0 && !pci_dev_is_disconnected(pdev) ? 0 : -ENODEV;

	if (r != 0)
		return r;
	mutex_lock(pdev->port, &pdev->reset_lock);
	pci_save_state(pdev);
	if (quiesces(pdev))
		r = pdev->hooks->suspend(pdev->hooks_arg);
	if (r == 0) {
		r = set_state(pdev, D3HOT);
		if (r != 0 && quiesces(pdev))
			pdev->hooks->resume(pdev->hooks_arg, false);	/* nobody knows what it does: it stays blocked */
	}
	mutex_unlock(pdev->port, &pdev->reset_lock);
	return r;
}

int pci_dev_resume(struct pci_dev *pdev)
{
	int r, e;

	mutex_lock(pdev->port, &pdev->reset_lock);
	r = set_state(pdev, D0);
	if (r == 0)
		r = pci_wait_ready(pdev);
	if (r == 0)
		pci_restore_state(pdev);
	if (quiesces(pdev)) {
		e = pdev->hooks->resume(pdev->hooks_arg, r == 0);
		r = r != 0 ? r : e;
	}
	mutex_unlock(pdev->port, &pdev->reset_lock);
	return r;
}
