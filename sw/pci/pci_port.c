/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port: one interrupt message for hot plug, errors and containment (pcie-ats.md §8, §9), its handler, and the work that
 * does what may sleep.
 *
 *  P1. Who is below. The list changes under `lock` with interrupts off, and so does a function's entry into it, so the handler
 *      can walk it and call the hooks of whom it finds: a function is either in the list when the handler marks, or reads
 *      the slot's state after the handler has changed it and marks itself (pci_port_adopt()).
 *  P2. Marked first. The handler marks every function below before it acknowledges the event, and before any work runs. The
 *      mark is one store per function; from then on no configuration access of it reaches the bus, and the IOMMU driver, which
 *      is told under the same lock, leaves out its ATC_INVs (smmu_ats.c, A7). The mark never goes away: what comes into
 *      the slot later is another function, with an object of its own, even if it is the same device.
 *  P3. The work holds `service` throughout; so do creation and destruction of functions below and changes of their hooks. Therefore a
 *      function that the work is busy with stays, and its hooks do. It is taken before any lock of a function or of the
 *      IOMMU core, and from the IOMMU core's worker by a recovery of the subtree (pci_err.c) before any of these as well.
 *  P4. No event is lost. The port sends one message each time one of its three conditions becomes true. The handler clears what it
 *      found and looks again until it finds nothing; it leaves with a condition that may still be true only after PCI_PORT_LOOKS
 *      rounds, or when the port does not answer, and then tells the work, which goes on looking with a pause in between and gives the
 *      service up after PCI_PORT_RETRIES.
 *  P5. The nearest port. Behind a switch a function is looked after by the downstream port right above it, whose link it is, and by
 *      no other: one list, one slot, one `service` for it. The root port keeps what only it has, the root error registers, and
 *      passes what they say on to the port whose business it is (pci_aer.c); it never waits for that port's `service`.
 */
#include "pci_port.h"

bool pci_dev_is_disconnected(struct pci_dev *pdev)
{
	return pdev->parent && port_atomic_read(pdev->port, &pdev->io_state) == PCI_CHANNEL_PERM_FAILURE;
}

/* ------------------------------------------------------------------ who is below */
static void mark(struct pci_port *pp, struct pci_dev *pdev)
{
	if (port_atomic_xchg(pp->port, &pdev->io_state, PCI_CHANNEL_PERM_FAILURE) == PCI_CHANNEL_PERM_FAILURE)
		return;
	counter_add(&pp->disconnected, 1);
	if (pdev->hooks && pdev->hooks->disconnected)
		pdev->hooks->disconnected(pdev->hooks_arg);
	port_trace(pp->port, EV_DEV_DISCONNECTED, pdev->bdf, pp->cfg.bdf, 0);
}

void pci_port_disconnect(struct pci_port *pp)
{
	struct pci_dev *pdev;

	for (pdev = pp->below; pdev; pdev = pdev->sibling)
		mark(pp, pdev);
}

struct pci_port *pci_port_above(struct pci_host *host, uint16_t bdf)
{
	struct pci_port *pp, *nearest = NULL;
	const unsigned int bus = bdf >> 8;

	/* of those on the way down, each has a higher bus right below it than the one above (P5) */
	for (pp = host->ports; pp; pp = pp->next) {
		if (bus >= pp->bus && bus <= pp->last_bus && (!nearest || pp->bus > nearest->bus))
			nearest = pp;
	}
	return nearest;
}

void pci_port_adopt(struct pci_dev *pdev)
{
	struct pci_port *pp = pci_port_above(pdev->host, pdev->bdf);
	unsigned long irq;

	if (!pp)
		return;
	mutex_lock(pp->port, &pp->service);			/* P3 */
	irq = raw_lock_acquire(pp->port, &pp->lock);		/* P1 */
	pdev->parent = pp;
	pdev->sibling = pp->below;
	pp->below = pdev;
	if (port_atomic_read(pp->port, &pp->slot) != PCI_SLOT_ON)
		mark(pp, pdev);
	raw_lock_release(pp->port, &pp->lock, irq);
	mutex_unlock(pp->port, &pp->service);
}

void pci_port_disown(struct pci_dev *pdev)
{
	struct pci_port *pp = pdev->parent;
	struct pci_dev **at;
	unsigned long irq;

	if (!pp)
		return;
	mutex_lock(pp->port, &pp->service);			/* P3 */
	irq = raw_lock_acquire(pp->port, &pp->lock);
	at = &pp->below;
	while (*at && *at != pdev)
		at = &(*at)->sibling;
	if (*at)
		*at = pdev->sibling;
	raw_lock_release(pp->port, &pp->lock, irq);
	mutex_unlock(pp->port, &pp->service);
}

void pci_port_hooks_lock(struct pci_dev *pdev)
{
	if (pdev->parent)
		mutex_lock(pdev->port, &pdev->parent->service);	/* P3 */
}

void pci_port_hooks_unlock(struct pci_dev *pdev)
{
	if (pdev->parent)
		mutex_unlock(pdev->port, &pdev->parent->service);
}

/* ------------------------------------------------------------------ link and slot */
int pci_port_wait_link(struct pci_port *pp, bool up)
{
	struct port_src src = {
		.kind = PORT_SRC_MMIO32,
		.addr = pci_cfg_addr(pp->self, pci_port_pcie(pp, PORT_LINKCTL_LINKSTA)),
		.mask = PORT_LINKCTL_LINKSTA_DL_ACTIVE,
		.value = up ? PORT_LINKCTL_LINKSTA_DL_ACTIVE : 0,
		.until_equal = true,
	};
	const struct pci_host_cfg *cfg = &pp->host->cfg;
	int r = port_wait(pp->port, &src, 1, cfg->link_period, port_now(pp->port) + cfg->link_timeout, PORT_WAIT_SLEEP);

	/* all ones has the bit set */
	if (src.sample == UINT32_MAX)
		r = -ENODEV;
	return r < 0 ? r : 0;
}

void pci_port_set_slot(struct pci_port *pp, enum pci_slot_state state, uint32_t status)
{
	port_atomic_set(pp->port, &pp->slot, state);
	port_trace(pp->port, EV_SLOT_STATE, pp->cfg.bdf, state, status);
}

/* ------------------------------------------------------------------ interrupt and work */
static void handler(void *arg)
{
	struct pci_port *pp = arg;
	enum pci_look slot = PCI_LOOK_NOTHING;
	unsigned int look;
	uint64_t events = 0;
	bool more = true;

	counter_add(&pp->interrupts, 1);
	for (look = 0; look < PCI_PORT_LOOKS && more; look++) {		/* P4 */
		if (pp->cfg.hotplug)
			slot = pciehp_isr(pp);
		more = slot == PCI_LOOK_EVENT;
		if (more)
			events |= PCI_EV_HOTPLUG;
		if (pp->cfg.dpc != 0 && dpc_irq(pp)) {
			events |= PCI_EV_DPC;
			more = true;
		}
		if (pp->cfg.aer && aer_irq(pp)) {
			events |= PCI_EV_AER;
			more = true;
		}
	}
	if (more || slot == PCI_LOOK_LOST) {
		events |= PCI_EV_UNSETTLED;
		counter_add(&pp->unsettled, 1);
	}
	if (events != 0) {
		port_atomic_fetch_or(pp->port, &pp->events, events);
		port_work_queue(pp->port, &pp->work);
	}
}

/* The rest of P4. Returns what it found. */
static uint64_t settle(struct pci_port *pp)
{
	enum pci_look slot = PCI_LOOK_NOTHING;
	unsigned int tries = 0;
	uint64_t events = 0;
	bool errors;

	do {
		port_wait(pp->port, NULL, 0, 1, port_now(pp->port) + pp->host->cfg.link_period, PORT_WAIT_SLEEP);
		if (pp->cfg.hotplug)
			slot = pciehp_isr(pp);
		errors = pp->cfg.aer && aer_irq(pp);
		events |= (slot == PCI_LOOK_EVENT ? PCI_EV_HOTPLUG : 0) | (errors ? PCI_EV_AER : 0);
	} while ((slot != PCI_LOOK_NOTHING || errors) && ++tries < PCI_PORT_RETRIES);
	if (slot != PCI_LOOK_NOTHING) {
		port_log(pp->port, PORT_LOG_ERR, "pci %04x: slot events do not end (slot status 0x%08x)", pp->cfg.bdf,
			 (unsigned int)pci_port_read32(pp, pci_port_pcie(pp, PORT_SLOTCTL_SLOTSTA)));
		pciehp_give_up(pp);
	}
	if (errors)
		aer_give_up(pp);
	return events;
}

static void work(void *arg)
{
	struct pci_port *pp = arg;
	uint64_t events;

	mutex_lock(pp->port, &pp->service);				/* P3 */
	events = port_atomic_xchg(pp->port, &pp->events, 0);
	if (events & PCI_EV_UNSETTLED)
		events |= settle(pp);
	/* a link that came back with the release of a containment is no news for the slot */
	if (events & PCI_EV_DPC)
		dpc_handler(pp);
	if (events & PCI_EV_HOTPLUG)
		pciehp_ist(pp);
	if (events & PCI_EV_AER)
		aer_isr(pp);
	mutex_unlock(pp->port, &pp->service);
}

/* ------------------------------------------------------------------ life */
static int set_up(struct pci_port *pp)
{
	struct pci_dev *self = pp->self;
	uint64_t address = port_msi_address(pp->port);
	uint32_t bus = pci_cfg_read32(self, PORT_BUS);
	int r = 0;

	pp->msi = pci_find_cap(self, CAP_ID_MSI);
	pp->aer = pci_find_ext_cap(self, EXT_CAP_ID_AER);
	pp->dpc = pci_find_ext_cap(self, EXT_CAP_ID_DPC);
	pp->bus = (uint8_t)FIELD_GET32(PORT_BUS_SECONDARY_MASK, bus);
	pp->last_bus = (uint8_t)FIELD_GET32(PORT_BUS_SUBORDINATE_MASK, bus);
	if (self->pcie == 0 || pp->msi == 0 || bus == UINT32_MAX || pp->bus == 0 || pp->last_bus < pp->bus ||
	    (pp->cfg.aer && pp->aer == 0) || (pp->cfg.dpc != 0 && pp->dpc == 0) ||
	    (pp->cfg.hotplug && !(pci_cfg_read32(self, pci_port_pcie(pp, PORT_SLOTCAP)) & PORT_SLOTCAP_HPC)))
		r = -ENODEV;
	if (r == 0) {
		pci_cfg_write32(self, pp->msi + 4, (uint32_t)address);
		pci_cfg_write32(self, pp->msi + 8, (uint32_t)(address >> 32));
		pci_cfg_write32(self, pp->msi + 12, pp->cfg.irq);
		pci_cfg_write16(self, pp->msi + 2, PORT_MSI_CAP_ENABLE >> 16);
	}
	return r;
}

int pci_port_create(struct pci_host *host, const struct pci_port_cfg *cfg, struct pci_port **out)
{
	struct pci_port *pp = NULL;
	int r = cfg->irq < PORT_IRQ_PCIE || cfg->irq >= PORT_IRQ_COUNT || cfg->cpu >= port_cpus(host->port) || cfg->dpc > 3 ?
			-EINVAL : 0;
	bool line = false;

	if (r == 0) {
		pp = port_zalloc(host->port, sizeof(*pp));
		r = pp ? 0 : -ENOMEM;
	}
	if (r == 0) {
		pp->host = host;
		pp->port = host->port;
		pp->cfg = *cfg;
		pp->root = cfg->bdf >> 8 == 0;
		pp->work = (struct port_work){ .fn = work, .arg = pp, .cpu = cfg->cpu };
		mutex_init(&pp->service, LOCK_PCI_PORT);
		raw_lock_init(&pp->lock, LOCK_PCI_BELOW, NULL);
		r = pci_dev_init(host, cfg->bdf, NULL, &pp->self);
	}
	if (r == 0) {
		r = port_irq_request(host->port, (enum port_irq)cfg->irq, handler, pp, cfg->cpu);
		line = r == 0;
	}
	if (r == 0)
		r = set_up(pp);
	if (r == 0) {
		pp->next = host->ports;
		host->ports = pp;
		if (cfg->aer)
			aer_enable(pp);
		if (cfg->dpc != 0)
			dpc_enable(pp);
		pciehp_enable(pp);
	} else if (pp) {
		if (line)
			port_irq_request(host->port, (enum port_irq)cfg->irq, NULL, NULL, cfg->cpu);
		if (pp->self)
			pci_dev_destroy(pp->self);
		port_free(host->port, pp);
		pp = NULL;
	}
	*out = pp;
	return r;
}

void pci_port_destroy(struct pci_port *pp)
{
	struct pci_port **at = &pp->host->ports;

	if (pp->cfg.hotplug)
		pci_port_write16(pp, pci_port_pcie(pp, PORT_SLOTCTL_SLOTSTA), 0);
	if (pp->cfg.aer && pp->root)
		pci_cfg_write32(pp->self, pci_port_aer(pp, PORT_AER_ROOT_CMD), 0);
	if (pp->cfg.dpc != 0)
		pci_port_write16(pp, pci_port_dpc(pp, PORT_DPC_CAP_CTRL) + 2, 0);
	pci_cfg_write16(pp->self, pp->msi + 2, 0);
	port_irq_request(pp->port, (enum port_irq)pp->cfg.irq, NULL, NULL, pp->cfg.cpu);
	port_work_flush(pp->port, &pp->work);
	while (*at && *at != pp)
		at = &(*at)->next;
	if (*at)
		*at = pp->next;
	pci_dev_destroy(pp->self);
	port_free(pp->port, pp);
}

void pci_port_get_info(struct pci_port *pp, struct pci_port_info *out)
{
	*out = (struct pci_port_info){
		.slot = (enum pci_slot_state)port_atomic_read(pp->port, &pp->slot),
#define GET(name) .name = counter_get(&pp->name)
		GET(interrupts), GET(disconnected), GET(removed), GET(added), GET(unsettled), GET(aer_cor), GET(aer_nonfatal),
		GET(aer_fatal), GET(aer_nobody), GET(aer_lost), GET(contained), GET(recovered), GET(failed), GET(siblings),
#undef GET
	};
}

void pci_port_flush(struct pci_port *pp)
{
	port_work_flush(pp->port, &pp->work);
}
