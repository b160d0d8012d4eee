/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error events (step 6 of the flow): pushed by whoever isolated the device, delivered by a worker in task context that
 * holds no IOMMU lock while it talks to the device's driver.
 *
 * There is one work item per device. A push while it is pending adds nothing; a push while it runs makes it run again, and
 * it then finds the device in the state that counts: in quarantine once more, or working. Only the winner of a generation's
 * claim pushes, so a device can push again only after an attach has switched it on again.
 */
#include "../pci/pci_priv.h"
#include "iommu_priv.h"

/* first argument of work_queued, worker_start */
#define WORK_ERROR_EVENT	1u
#define WORK_RESET		2u

void iommu_report_device_broken(struct iommu_device *dev)
{
	struct port *p = dev->smmu->port;

	port_trace(p, EV_ERROR_EVENT, dev->master.sid, 0, 0);
	SMMU_COUNT(dev->smmu, error_events);
	if (port_work_queue(p, &dev->work))
		port_trace(p, EV_WORK_QUEUED, WORK_ERROR_EVENT, dev->master.sid, 0);
}

/* isr-reset: the work item resets, and nobody is asked or told. */
void iommu_schedule_reset(struct iommu_device *dev)
{
	struct port *p = dev->smmu->port;

	if (port_atomic_xchg(p, &dev->resetting, 1) == 0 && port_work_queue(p, &dev->work))
		port_trace(p, EV_WORK_QUEUED, WORK_RESET, dev->master.sid, 0);
}

static void blind_reset(void *arg)
{
	struct iommu_device *dev = arg;
	struct port *p = dev->smmu->port;
	int r;

	port_trace(p, EV_WORKER_START, WORK_RESET, dev->master.sid, 0);
	r = pci_reset_function(dev->pdev);
	if (r != 0)
		port_log(p, PORT_LOG_ERR, "iommu: sid 0x%x: reset failed (%d)", dev->master.sid, r);
	/* errors that its own prepare and done have met are not another reason */
	port_atomic_set(p, &dev->resetting, 0);
}

/* Without the core's blocking domain: the reset that the device's driver asks for brings prepare and done with it. */
static void deliver(struct iommu_device *dev)
{
	int r = pci_err_recover(dev->pdev);

	/* -EIO: the probe after the reset timed out, which has pushed an event of its own (give_up); -EBUSY: put off until the resume */
	if (r != -EIO && r != -EBUSY)
		pci_err_finish(dev->pdev, r == 0 && !isolated(dev));
}

static void recover(struct iommu_device *dev)
{
	int r = iommu_reset_prepare(dev);
	bool good;

	if (r == 0) {
		good = pci_err_recover(dev->pdev) == 0;
		r = iommu_reset_done(dev, good);
		/*
		 * -EIO with a good reset: the probe timed out and the device is isolated again; that pushed an event of
		 * its own, which gives it up (below). Reported once, no second reset.
		 */
		if (!(good && r == -EIO))
			pci_err_finish(dev->pdev, good && r == 0);
	}
	if (r != 0)
		port_log(dev->smmu->port, PORT_LOG_ERR, "iommu: sid 0x%x: not re-attached (%d)", dev->master.sid, r);
}

/* Isolated again before its first good ATC_INV: block it and leave it alone. */
static void give_up(struct iommu_device *dev)
{
	port_log(dev->smmu->port, PORT_LOG_ERR, "iommu: sid 0x%x: timed out again after a reset, given up on",
		 dev->master.sid);
	if (iommu_reset_prepare(dev) == 0)
		iommu_reset_done(dev, false);
	pci_err_finish(dev->pdev, false);
}

static void work(void *arg)
{
	struct iommu_device *dev = arg;
	struct port *p = dev->smmu->port;

	port_trace(p, EV_WORKER_START, WORK_ERROR_EVENT, dev->master.sid, 0);
	if (pci_dev_is_disconnected(dev->pdev)) {
		/* the slot's service takes it off everything, and its driver has been told by that */
	} else if (!(master_state(&dev->master) & MASTER_PROTECTED)) {
		/* an attach has switched it on again, and it has answered */
	} else if (port_atomic_xchg(p, &dev->master.probation, 0) != 0) {
		give_up(dev);
	} else if (pci_err_by_subtree(dev->pdev)) {
		pci_err_recover(dev->pdev);
	} else if (dev->smmu->policy->core_blocks) {
		recover(dev);
	} else {
		deliver(dev);
	}
}

void iommu_worker_init(struct iommu_device *dev, unsigned int cpu)
{
	dev->work.fn = dev->smmu->policy->blind_reset ? blind_reset : work;
	dev->work.arg = dev;
	dev->work.cpu = cpu;
}

void iommu_flush_events(struct iommu_device *dev)
{
	port_work_flush(dev->smmu->port, &dev->work);
}
