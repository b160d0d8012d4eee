/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors that devices and ports themselves report (AER, pcie-ats.md §8): ERR_COR, ERR_NONFATAL, ERR_FATAL.
 *
 * The root keeps one source of each kind and says when there were more ("multi"); then everybody below is asked. The handler takes
 * status and source out of the root and clears it, so that the next error finds room; who it was, and what it says, is the work's
 * business. A source that does not answer (all ones) has an unknown error, and all ones is never written back as a status.
 *
 * No error bit stands for an invalidation that timed out (pcie-ats.md §8): that is the SMMU driver's to report, and it does so
 * by the function (step 6 of the flow). Here an error goes to the function that signalled it, or to the whole subtree: when
 * the host was created so, or when the port itself is the source, since nobody knows whose packet it was.
 *
 * Behind a switch the root port still is the one that collects, and passes on: to the port right above the source, whose work serves it
 * (P5). The source may be that port. If it is the root port, or the switch's upstream port, the error is everybody's: each downstream port
 * recovers its own part, so the devices are reset and the switch between them is not, which nobody could set up again.
 */
#include "pci_port.h"

#define COR	(PORT_AER_ROOT_STATUS_COR | PORT_AER_ROOT_STATUS_MULTI_COR)
#define UNCOR	(PORT_AER_ROOT_STATUS_UNCOR | PORT_AER_ROOT_STATUS_MULTI_UNCOR)
#define ENABLES	(PORT_AER_ROOT_CMD_COR | PORT_AER_ROOT_CMD_NONFATAL | PORT_AER_ROOT_CMD_FATAL)

/* In a function's capability and in the port's: the same places. */
#define UNCOR_STATUS	(CFG_AER_UNCOR_STATUS - CFG_AER_HDR)
#define COR_STATUS	(CFG_AER_COR_STATUS - CFG_AER_HDR)
#define DEVSTA		0xau
#define DEVSTA_ERRORS	0xfu

/* Third argument of the log's aer_error. */
enum severity { SEV_COR, SEV_NONFATAL, SEV_FATAL };

/* One producer: the handler of a root port, the work of the root port for the others. */
static void put(struct pci_port *pp, struct pci_aer_record rec)
{
	uint64_t in = port_atomic_read(pp->port, &pp->aer_in);

	if (in - port_atomic_read(pp->port, &pp->aer_out) < PCI_AER_QUEUE) {
		pp->aer_queue[in & (PCI_AER_QUEUE - 1)] = rec;
		port_atomic_set(pp->port, &pp->aer_in, in + 1);
	} else {
		counter_add(&pp->aer_lost, 1);
	}
}

bool aer_irq(struct pci_port *pp)
{
	uint32_t status = pp->root ? pci_port_read32(pp, pci_port_aer(pp, PORT_AER_ROOT_STATUS)) : 0, source;
	bool any = status != UINT32_MAX && (status & (COR | UNCOR)) != 0;

	if (any) {
		source = pci_port_read32(pp, pci_port_aer(pp, PORT_AER_SOURCE));
		pci_cfg_write32(pp->self, pci_port_aer(pp, PORT_AER_ROOT_STATUS), status);
		/* or nobody hears of it */
		if (!(pp->host->cfg.plants & PCI_PLANT_DEAF_AER))
			put(pp, (struct pci_aer_record){ status, source, 0 });
	}
	return any;
}

/* Whether others look after what is below: downstream ports of a switch with services. */
static bool is_below(const struct pci_port *other, const struct pci_port *pp)
{
	return other != pp && other->cfg.aer && other->bus >= pp->bus && other->bus <= pp->last_bus;
}

static bool above_switch(const struct pci_port *pp)
{
	const struct pci_port *other = pp->host->ports;

	while (other && !is_below(other, pp))
		other = other->next;
	return other != NULL;
}

/* Reads and clears what the function has to say. False: nothing of this kind. */
static bool take_status(struct pci_port *pp, struct pci_dev *pdev, enum severity sev, uint32_t *status)
{
	unsigned int aer = pci_find_ext_cap(pdev, EXT_CAP_ID_AER);
	unsigned int reg = aer + (sev == SEV_COR ? COR_STATUS : UNCOR_STATUS);

	*status = aer != 0 ? pci_cfg_read32(pdev, reg) : 0;
	if (*status == UINT32_MAX)
		counter_add(&pp->aer_nobody, 1);
	else if (*status != 0)
		pci_cfg_write32(pdev, reg, *status);
	if (*status != UINT32_MAX && pdev->pcie != 0)
		pci_cfg_write16(pdev, pdev->pcie + DEVSTA, DEVSTA_ERRORS);
	return *status != 0;
}

static void report(struct pci_port *pp, struct pci_dev *pdev, enum severity sev)
{
	const enum pci_channel_state state = sev == SEV_FATAL ? PCI_CHANNEL_FROZEN : PCI_CHANNEL_NORMAL;
	uint32_t status;

	if (pdev != pp->self && pci_dev_is_disconnected(pdev))
		return;				/* that is known, and nothing that this could add to */
	take_status(pp, pdev, sev, &status);
	port_trace(pp->port, EV_AER_ERROR, pdev->bdf, sev, status);
	port_log(pp->port, sev == SEV_COR ? PORT_LOG_INFO : PORT_LOG_WARN, "pci %04x: %s error, status 0x%08x", pdev->bdf,
		 sev == SEV_COR ? "correctable" : sev == SEV_FATAL ? "fatal" : "non-fatal", (unsigned int)status);
	if (sev == SEV_COR)
		return;				/* hardware has corrected it */
	if (pdev == pp->self && !above_switch(pp))
		pcie_do_recovery(pp, NULL, state, pci_port_reset_secondary_bus);
	else if (pdev == pp->self)
		;				/* each of the switch's ports recovers its part (pass_on()) */
	else if (pci_err_by_subtree(pdev))
		pcie_do_recovery(pp, pdev, state, pci_port_reset_secondary_bus);
	else
		pci_err_function(pdev, state);
}

static bool pending(struct pci_dev *pdev, enum severity sev)
{
	unsigned int aer = pci_find_ext_cap(pdev, EXT_CAP_ID_AER);
	uint32_t v = aer != 0 ? pci_cfg_read32(pdev, aer + (sev == SEV_COR ? COR_STATUS : UNCOR_STATUS)) : 0;

	return v != 0 && v != UINT32_MAX;
}

static uint16_t source_of(const struct pci_aer_record *rec, enum severity sev)
{
	return (uint16_t)(sev == SEV_COR ? FIELD_GET32(PORT_AER_SOURCE_COR_MASK, rec->source) :
					   FIELD_GET32(PORT_AER_SOURCE_UNCOR_MASK, rec->source));
}

static void handle_error_source(struct pci_port *pp, uint16_t rid, enum severity sev)
{
	struct pci_dev *pdev = rid == pp->self->bdf ? pp->self : NULL, *other;

	counter_add(sev == SEV_COR ? &pp->aer_cor : sev == SEV_FATAL ? &pp->aer_fatal : &pp->aer_nonfatal, 1);
	for (other = pp->below; other && !pdev; other = other->sibling) {
		if (other->bdf == rid && !other->removed)
			pdev = other;
	}
	if (pdev) {
		report(pp, pdev, sev);
	} else {
		counter_add(&pp->aer_nobody, 1);
		port_trace(pp->port, EV_AER_ERROR, rid, sev, UINT32_MAX);
		port_log(pp->port, PORT_LOG_WARN, "pci %04x: error of %04x, which nobody knows", pp->cfg.bdf, rid);
	}
}

/* Others have reported at the same time: whoever has something to say. */
static void ask_the_others(struct pci_port *pp, uint16_t rid, enum severity sev)
{
	struct pci_dev *other;

	for (other = pp->below; other; other = other->sibling) {
		if (other->bdf != rid && pending(other, sev))
			report(pp, other, sev);
	}
	if (!pp->root && pp->self->bdf != rid && pending(pp->self, sev))
		report(pp, pp->self, sev);
}

/* Of a root port: what the record says about one kind of error goes to the port above its source, and to all if there were more. */
static void pass_on(struct pci_port *pp, const struct pci_aer_record *rec, enum severity sev, bool multi)
{
	const uint16_t rid = source_of(rec, sev);
	const uint32_t kind = rec->status & (sev == SEV_COR ? COR : UNCOR | PORT_AER_ROOT_STATUS_FATAL);
	struct pci_port *other, *whose = pci_port_above(pp->host, rid);
	unsigned int how, asked = 0;

	for (other = pp->host->ports; other; other = other->next) {
		if (other->self->bdf == rid)
			whose = other;
	}
	for (other = pp->host->ports; other; other = other->next) {
		if (!is_below(other, pp))
			continue;
		how = other == whose ? PCI_AER_SOURCE : whose == pp && sev != SEV_COR ? PCI_AER_ABOVE : 0;
		if (how == 0 && !multi)
			continue;
		put(other, (struct pci_aer_record){ kind, rec->source, how });
		port_atomic_fetch_or(other->port, &other->events, PCI_EV_AER);
		port_work_queue(other->port, &other->work);
		asked++;
	}
	if (whose == pp || asked == 0)
		handle_error_source(pp, rid, sev);
}

static void serve(struct pci_port *pp, const struct pci_aer_record *rec, enum severity sev, bool multi)
{
	const enum pci_channel_state state = sev == SEV_FATAL ? PCI_CHANNEL_FROZEN : PCI_CHANNEL_NORMAL;

	if (pp->root)
		pass_on(pp, rec, sev, multi);
	else if (rec->how & PCI_AER_SOURCE)
		handle_error_source(pp, source_of(rec, sev), sev);
	else if (rec->how & PCI_AER_ABOVE)
		pcie_do_recovery(pp, NULL, state, pci_port_reset_secondary_bus);
	if (multi)
		ask_the_others(pp, source_of(rec, sev), sev);
}

void aer_isr(struct pci_port *pp)
{
	uint64_t out;
	struct pci_aer_record rec;

	/* a recovery by reset empties the queue (pci_err.c) */
	while ((out = port_atomic_read(pp->port, &pp->aer_out)) != port_atomic_read(pp->port, &pp->aer_in)) {
		rec = pp->aer_queue[out & (PCI_AER_QUEUE - 1)];
		port_atomic_set(pp->port, &pp->aer_out, out + 1);
		if (rec.status & COR)
			serve(pp, &rec, SEV_COR, rec.status & PORT_AER_ROOT_STATUS_MULTI_COR);
		if (rec.status & UNCOR)
			serve(pp, &rec, rec.status & PORT_AER_ROOT_STATUS_FATAL ? SEV_FATAL : SEV_NONFATAL,
			      rec.status & PORT_AER_ROOT_STATUS_MULTI_UNCOR);
	}
}

void aer_give_up(struct pci_port *pp)
{
	pci_cfg_write32(pp->self, pci_port_aer(pp, PORT_AER_ROOT_CMD), 0);
	port_log(pp->port, PORT_LOG_ERR, "pci %04x: root errors do not end (root status 0x%08x)", pp->cfg.bdf,
		 (unsigned int)pci_port_read32(pp, pci_port_aer(pp, PORT_AER_ROOT_STATUS)));
}

void aer_enable(struct pci_port *pp)
{
	const uint16_t enable = PORT_DEVCTL_DEVSTA_CERE | PORT_DEVCTL_DEVSTA_NFERE | PORT_DEVCTL_DEVSTA_FERE | PORT_DEVCTL_DEVSTA_URRE;
	uint16_t v = pci_cfg_read16(pp->self, pci_port_pcie(pp, PORT_DEVCTL_DEVSTA));

	if (pp->root) {
		pci_cfg_write32(pp->self, pci_port_aer(pp, PORT_AER_ROOT_STATUS), COR | UNCOR | PORT_AER_ROOT_STATUS_FIRST_FATAL |
				PORT_AER_ROOT_STATUS_NONFATAL | PORT_AER_ROOT_STATUS_FATAL);
		pci_cfg_write32(pp->self, pci_port_aer(pp, PORT_AER_ROOT_CMD), ENABLES);
	}
	pci_cfg_write16(pp->self, pci_port_pcie(pp, PORT_DEVCTL_DEVSTA), v | enable);
}
