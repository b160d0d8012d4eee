/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error recovery of one function (step 6 of the flow): the device's driver answers, the worker resets. Only this function
 * is touched; the walk below the upstream port that AER would do is another delivery.
 */
#include "pci_priv.h"

static enum pci_ers_result tell(struct pci_dev *pdev, enum pci_channel_state state)
{
	enum pci_ers_result r = PCI_ERS_NONE;

	if (pdev->drv && pdev->drv->error_detected) {
		port_trace(pdev->port, EV_DRV_ERROR_CB, pdev->bdf, state, 0);
		r = pdev->drv->error_detected(pdev, pdev->drv_arg, state);
	}
	return r;
}

int pci_err_recover(struct pci_dev *pdev)
{
	enum pci_ers_result answer = tell(pdev, PCI_CHANNEL_FROZEN);
	int r = -ENODEV;

	switch (answer) {
	case PCI_ERS_NEED_RESET:
		r = pci_reset_function(pdev);
		if (r == 0 && pdev->drv->slot_reset) {
			answer = pdev->drv->slot_reset(pdev, pdev->drv_arg);
			if (answer != PCI_ERS_RECOVERED)
				r = -ENODEV;
		}
		break;
	case PCI_ERS_CAN_RECOVER:
	case PCI_ERS_RECOVERED:
		r = 0;
		break;
	case PCI_ERS_NONE:
	case PCI_ERS_DISCONNECT:
		break;
	}
	if (r != 0)
		port_log(pdev->port, PORT_LOG_WARN, "pci %04x: stays quarantined (answer %d, error %d)", pdev->bdf,
			 (int)answer, -r);
	return r;
}

void pci_err_finish(struct pci_dev *pdev, bool good)
{
	if (!good)
		tell(pdev, PCI_CHANNEL_PERM_FAILURE);
	else if (pdev->drv && pdev->drv->resume)
		pdev->drv->resume(pdev, pdev->drv_arg);
}
