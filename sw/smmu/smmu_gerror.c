/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Global errors (smmuv3.md §1.4, §3; decision D23). Handler and pollers meet here, under one try-lock:
 *
 *  G1. Who does not get the lock leaves at once. It first adds its bits to `todo` and tries once more: either that
 *      succeeds, or the holder's unlock is still to come, and the holder looks at `todo` after it. So an error that
 *      comes up between the holder's acknowledge and its unlock is not lost, and nobody spins.
 *  G2. GERROR is read again under the lock; CONS is read only while CMDQ_ERR is active.
 *  G3. {RD, ERR} is recorded for the slot's owner before GERRORN is written: the acknowledge restarts the queue, and the
 *      owner must find the record when its SYNC completes.
 *  G4. Only the bits that were handled change in GERRORN. A poller handles CMDQ_ERR and leaves the others to the handler,
 *      whose interrupt is on its way.
 *  G5. `acked` is the last GERRORN written. Hardware ignores the toggle of a bit that is not active, so one wrong read of
 *      GERROR would leave the two apart, and an error unseen, for good. Who has waited in vain asks for GERRORN itself.
 */
#include "smmu_priv.h"

#define ABT_LIMIT	8u	/* fetch aborts in a row at one entry until the queue is given up */

static void fix_illegal(struct smmu *smmu, uint32_t ctr)
{
	uint64_t pa = smmu_cmdq_slot(&smmu->cmdq, ctr);
	struct cmd sync = cmd_sync_none();

	port_log(smmu->port, PORT_LOG_ERR, "smmu: CERROR_ILL: command 0x%016llx 0x%016llx replaced by CMD_SYNC",
		 (unsigned long long)port_mem_read64(smmu->port, pa),
		 (unsigned long long)port_mem_read64(smmu->port, pa + 8));
	port_mem_write64(smmu->port, pa, sync.dw[0]);
	port_mem_write64(smmu->port, pa + 8, sync.dw[1]);
	port_wmb(smmu->port);
}

/* Returns false if the error must stay active: the queue is dead. */
static bool service_cmdq(struct smmu *smmu, uint32_t cons)
{
	struct smmu_gerror *g = &smmu->gerror;
	unsigned int code = FIELD_GET32(SMMU_CMDQ_CONS_ERR_MASK, cons);
	uint32_t rd = FIELD_GET32(SMMU_CMDQ_CONS_RD_MASK, cons);
	uint32_t ctr = smmu_cmdq_record_error(smmu, rd, code);		/* G3 */
	bool go_on = true;

	switch (code) {
	case CERROR_ATC_INV_SYNC:
		SMMU_COUNT(smmu, timeouts);
		break;		/* the SYNC stays: it is retried, and its owner finds the record */
	case CERROR_ILL:
		SMMU_COUNT(smmu, cerror_ill);
		if (smmu_cmdq_pending(smmu, ctr))
			fix_illegal(smmu, ctr);
		else	/* not a slot that hardware may look at: it lies, or the register did not answer */
			port_log(smmu->port, PORT_LOG_ERR, "smmu: CERROR_ILL at 0x%x, where no command is", (unsigned int)rd);
		break;
	case CERROR_ABT:
		SMMU_COUNT(smmu, cerror_abt);
		/* the counter, not RD: two laps later that names another command */
		g->abt_count = ctr == g->abt_ctr ? g->abt_count + 1 : 1;
		g->abt_ctr = ctr;
		go_on = g->abt_count <= ABT_LIMIT;
		break;
	default:
		port_log(smmu->port, PORT_LOG_ERR, "smmu: command error code %u at 0x%x", code, (unsigned int)rd);
		break;
	}
	if (!go_on) {
		port_log(smmu->port, PORT_LOG_ERR, "smmu: entry 0x%x cannot be fetched: command queue given up",
			 (unsigned int)rd);
		port_atomic_set(smmu->port, &smmu->cmdq.dead, 1);
	}
	return go_on;
}

/* Under the lock. */
static bool service(struct smmu *smmu, uint32_t bits)
{
	struct smmu_gerror *g = &smmu->gerror;
	uint32_t acked = (uint32_t)port_atomic_read(smmu->port, &g->acked);
	uint32_t gerror = smmu_read32(smmu, SMMU_GERROR);		/* G2 */
	uint32_t active, ack, gerrorn, cons = 0;

	if (gerror == UINT32_MAX)		/* the register did not answer */
		return false;
	if (bits & GERROR_RESYNC) {					/* G5 */
		gerrorn = smmu_read32(smmu, SMMU_GERRORN);
		acked = gerrorn != UINT32_MAX ? gerrorn : acked;
		port_atomic_set(smmu->port, &g->acked, acked);
	}
	active = (gerror ^ acked) & bits & ~GERROR_RESYNC;
	ack = active;

	if (active & SMMU_GERROR_CMDQ_ERR) {
		cons = smmu_read32(smmu, SMMU_CMDQ_CONS);
		if (!service_cmdq(smmu, cons))
			ack &= ~SMMU_GERROR_CMDQ_ERR;
	}
	if (active & ~SMMU_GERROR_CMDQ_ERR) {
		SMMU_COUNT(smmu, other_gerrors);
		port_log(smmu->port, PORT_LOG_ERR, "smmu: gerror 0x%x", (unsigned int)(active & ~SMMU_GERROR_CMDQ_ERR));
	}
	if (ack != 0) {
		acked ^= ack;						/* G4 */
		port_atomic_set(smmu->port, &g->acked, acked);
		smmu_write32(smmu, SMMU_GERRORN, acked);
		port_trace(smmu->port, EV_GERROR_ACK, acked, cons, 0);
	}
	return active != 0;
}

enum gerror_result smmu_gerror_service(struct smmu *smmu, uint32_t bits)
{
	struct smmu_gerror *g = &smmu->gerror;
	struct port *p = smmu->port;
	enum gerror_result r = GERROR_IDLE;
	unsigned long irq = port_irq_save(p);	/* the handler must not find its own CPU holding the lock for long */

	if (port_atomic_xchg(p, &g->lock, 1) != 0) {			/* G1 */
		port_atomic_fetch_or(p, &g->todo, bits);
		if (port_atomic_xchg(p, &g->lock, 1) != 0) {
			SMMU_COUNT(smmu, gerror_lost);
			r = GERROR_LOST;
		}
	}
	while (r != GERROR_LOST) {
		bits |= (uint32_t)port_atomic_xchg(p, &g->todo, 0);
		if (service(smmu, bits))
			r = GERROR_DONE;
		port_atomic_set(p, &g->lock, 0);
		/* G1: whoever left bits after our look at todo saw the lock taken, so they are visible here */
		if (port_atomic_read(p, &g->todo) == 0 || port_atomic_xchg(p, &g->lock, 1) != 0)
			break;
	}
	port_irq_restore(p, irq);
	return r;
}

void smmu_gerror_irq(void *arg)
{
	struct smmu *smmu = arg;

	port_trace(smmu->port, EV_IRQ_ENTRY, PORT_IRQ_GERROR, 0, 0);
	SMMU_COUNT(smmu, gerror_irqs);
	smmu_gerror_service(smmu, SMMU_GERROR_CMDQ_ERR | SMMU_GERROR_EVENTQ_ABT_ERR | SMMU_GERROR_PRIQ_ABT_ERR |
					  SMMU_GERROR_MSI_CMDQ_ABT_ERR | SMMU_GERROR_MSI_EVENTQ_ABT_ERR |
					  SMMU_GERROR_MSI_PRIQ_ABT_ERR | SMMU_GERROR_MSI_GERROR_ABT_ERR |
					  SMMU_GERROR_SFM_ERR);
}
