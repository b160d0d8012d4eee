/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Global errors (smmuv3.md §1.4, §3; decision D23). Handler and pollers meet here, under one try-lock:
 *
 *  G1. Who does not get the lock leaves at once. It first adds its bits to `todo` and tries once more: either that
 *      succeeds, or the holder's unlock is still to come, and the holder looks at `todo` after it. So an error that
 *      comes up between the holder's acknowledge and its unlock is not lost, and nobody spins.
 *  G2. GERROR is read again under the lock; CONS of CMDQ is read only while CMDQ_ERR is active.
 *  G3. {RD, ERR} is recorded for the slot's owner before GERRORN is written: the acknowledge restarts the queue, and the
 *      owner must find the record when its SYNC completes.
 *  G4. Only the bits that were handled change in GERRORN. A poller handles that of its queue and leaves the others to the
 *      handler, whose interrupt is on its way.
 *  G5. CMDQP_ERR says that an enhanced queue stands, not which. It is acknowledged before they are looked at, so that one
 *      which stops behind the look raises it again. Each has an acknowledge of its own, ERRACK, and that restarts it: for
 *      them G3 holds of ERRACK. Who waits for an enhanced queue looks at the ERR of its own queue, not at GERROR, and has
 *      the queues looked at even if somebody else has acknowledged the bit.
 *  G6. `acked` is the last GERRORN written. Hardware ignores the toggle of a bit that is not active, so one wrong read of
 *      GERROR would leave the two apart, and an error unseen, for good. Who has waited in vain asks for GERRORN itself. The
 *      same holds of ERRACK.
 */
#include "smmu_priv.h"

#define QUEUE_ERRORS	(SMMU_GERROR_CMDQ_ERR | SMMU_GERROR_CMDQP_ERR)
#define ABT_LIMIT	8u	/* fetch aborts in a row at one entry until the queue is given up */

static void fix_illegal(struct smmu *smmu, const struct smmu_cmdq *q, uint32_t ctr)
{
	uint64_t pa = smmu_cmdq_slot(q, ctr);
	struct cmd sync = cmd_sync_none();

	port_log(smmu->port, PORT_LOG_ERR, "smmu: CERROR_ILL: command 0x%016llx 0x%016llx replaced by CMD_SYNC",
		 (unsigned long long)port_mem_read64(smmu->port, pa),
		 (unsigned long long)port_mem_read64(smmu->port, pa + 8));
	port_mem_write64(smmu->port, pa, sync.dw[0]);
	port_mem_write64(smmu->port, pa + 8, sync.dw[1]);
	port_wmb(smmu->port);
}

bool smmu_gerror_queue(struct smmu *smmu, struct smmu_cmdq *q, uint32_t rd, unsigned int code)
{
	uint32_t ctr = smmu_cmdq_record_error(smmu, q, rd, code);	/* G3 */
	bool go_on = true;

	switch (code) {
	case CERROR_ATC_INV_SYNC:
		SMMU_COUNT(smmu, timeouts);
		break;		/* the SYNC stays: it is retried, and its owner finds the record */
	case CERROR_ILL:
		SMMU_COUNT(smmu, cerror_ill);
		if (smmu_cmdq_pending(smmu, q, ctr))
			fix_illegal(smmu, q, ctr);
		else	/* not a slot that hardware may look at: it lies, or the register did not answer */
			port_log(smmu->port, PORT_LOG_ERR, "smmu: CERROR_ILL at 0x%x, where no command is", (unsigned int)rd);
		break;
	case CERROR_ABT:
		SMMU_COUNT(smmu, cerror_abt);
		/* the counter, not RD: two laps later that names another command */
		q->abt_count = ctr == q->abt_ctr ? q->abt_count + 1 : 1;
		q->abt_ctr = ctr;
		go_on = q->abt_count <= ABT_LIMIT;
		break;
	default:
		port_log(smmu->port, PORT_LOG_ERR, "smmu: command error code %u at 0x%x", code, (unsigned int)rd);
		break;
	}
	if (!go_on) {
		port_log(smmu->port, PORT_LOG_ERR, "smmu: entry 0x%x cannot be fetched: command queue %u given up",
			 (unsigned int)rd, q->index);
		port_atomic_set(smmu->port, &q->dead, 1);
	}
	return go_on;
}

static void acknowledge(struct smmu *smmu, uint32_t *acked, uint32_t bits, uint32_t cons)
{
	*acked ^= bits;							/* G4 */
	port_atomic_set(smmu->port, &smmu->gerror.acked, *acked);
	smmu_write32(smmu, SMMU_GERRORN, *acked);
	port_trace(smmu->port, EV_GERROR_ACK, *acked, cons, 0);
}

/* Under the lock. */
static bool service(struct smmu *smmu, uint32_t bits)
{
	struct smmu_gerror *g = &smmu->gerror;
	uint32_t acked = (uint32_t)port_atomic_read(smmu->port, &g->acked);
	uint32_t gerror = smmu_read32(smmu, SMMU_GERROR);		/* G2 */
	uint32_t active, ack, gerrorn, cons = 0;
	bool stood = false;

	if (gerror == UINT32_MAX)		/* the register did not answer */
		return false;
	if (bits & GERROR_RESYNC) {					/* G6 */
		gerrorn = smmu_read32(smmu, SMMU_GERRORN);
		acked = gerrorn != UINT32_MAX ? gerrorn : acked;
		port_atomic_set(smmu->port, &g->acked, acked);
		smmu_ecmdq_resync(smmu);
	}
	active = (gerror ^ acked) & bits & ~GERROR_RESYNC;
	ack = active & ~SMMU_GERROR_CMDQP_ERR;

	if (active & SMMU_GERROR_CMDQP_ERR)				/* G5 */
		acknowledge(smmu, &acked, SMMU_GERROR_CMDQP_ERR, 0);
	if (bits & SMMU_GERROR_CMDQP_ERR)
		stood = smmu_ecmdq_service(smmu);
	if (active & SMMU_GERROR_CMDQ_ERR) {
		cons = smmu_read32(smmu, SMMU_CMDQ_CONS);
		if (!smmu_gerror_queue(smmu, &smmu->cmdq, FIELD_GET32(SMMU_CMDQ_CONS_RD_MASK, cons),
				       FIELD_GET32(SMMU_CMDQ_CONS_ERR_MASK, cons)))
			ack &= ~SMMU_GERROR_CMDQ_ERR;
	}
	if (active & ~QUEUE_ERRORS) {
		SMMU_COUNT(smmu, other_gerrors);
		port_log(smmu->port, PORT_LOG_ERR, "smmu: gerror 0x%x", (unsigned int)(active & ~QUEUE_ERRORS));
	}
	if (ack != 0)
		acknowledge(smmu, &acked, ack, cons);
	return stood || active != 0;
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
	smmu_gerror_service(smmu, QUEUE_ERRORS | SMMU_GERROR_EVENTQ_ABT_ERR | SMMU_GERROR_PRIQ_ABT_ERR |
					  SMMU_GERROR_MSI_CMDQ_ABT_ERR | SMMU_GERROR_MSI_EVENTQ_ABT_ERR |
					  SMMU_GERROR_MSI_PRIQ_ABT_ERR | SMMU_GERROR_MSI_GERROR_ABT_ERR |
					  SMMU_GERROR_SFM_ERR);
}
