/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command queue: many producers, no lock, one PROD register. CMDQ is one, each enhanced queue is another (smmu_ecmdq.c).
 *
 * Cost of an issue without contention: one compare-exchange to reserve, two stores per command, one atomic per 64 slots
 * to mark them valid, two atomics and one register write to publish, three accesses to the waiter record, and the wait for
 * the SYNC.
 *
 * Counters. PROD and CONS are kept as free-running counters of 31 bits; the queue index is the low log2 bits, the wrap
 * flag the next one. Comparisons are modulo 2^31, which is far more than can ever be in flight. One word, llq (llq.h), holds
 * {cons, owned, prod}, so that one compare-exchange sees a consistent set.
 *
 * The argument, referred to from the lines below:
 *
 *  Q1. Reserve. A reservation is a successful compare-exchange of llq; it takes n + 1 consecutive counters and sets
 *      `owned`. Reservations therefore never overlap, and are as contiguous as the commands in them: nothing of another
 *      CPU can come between an ATC_INV and the SYNC of its batch (D10).
 *  Q2. Room. The compare-exchange succeeds only if prod + n + 1 - cons <= 2^log2 for the cons in the same word. cons only
 *      ever holds what hardware was seen to have passed, so a slot is not written before it is free.
 *  Q3. Owner. The one whose compare-exchange turned `owned` from 0 to 1 publishes for all who reserve until it clears
 *      `owned` again; the clearing atomic returns the end of what it has to publish.
 *  Q4. In order. An owner's region begins where the previous owner's ended. It waits until owner_prod has reached that
 *      point, so PROD register writes happen in the order of the regions and PROD never moves back.
 *  Q5. Whole. It then waits until every slot of its region is marked valid. Who reserved, wrote and marked does so with
 *      interrupts off and without waiting for anything, so this wait ends. port_wmb() orders entries before the mark, and
 *      the mark is read before PROD is written.
 *  Q6. Valid marks. The bit of a slot is set in even laps and cleared in odd ones, so nobody has to reset it. A lap of a
 *      slot can only begin after hardware consumed the lap before (Q2), which was after its mark was read (Q5).
 *  Q7. Consumed. Extending CONS.RD (log2 + 1 bits) to a counter is unambiguous if `cons` did not move during the register
 *      read: prod, and so RD, then lie within 2^log2 of it. If it did move, somebody else has brought news already.
 *  Q8. SYNC by MSI. Word i of the MSI array belongs to slot i; the datum is the counter of the SYNC with the top bit set. A
 *      waiter is done when the word holds its own counter or a later one: a late MSI of an earlier lap (short poll limit, D22)
 *      completes nobody, and a waiter that was held up for a whole lap is not left waiting. Hardware completes SYNCs in
 *      order, so a word never goes back.
 *  Q9. Errors. A CPU waits for one batch at a time: nothing here sleeps, and interrupt handlers issue nothing. So each CPU
 *      has one waiter record. It holds the counters of the batch before the slots are marked valid, hence before any of them
 *      can err. Servicing stores {counter, code} in the record of the CPU whose batch holds the counter, before it writes
 *      GERRORN (D23); the retried SYNC completes after that write, so a waiter that sees its SYNC consumed sees the record.
 *      The record stays until its CPU collects it, however late: a record per slot would be lost to an error in the same
 *      slot one lap later. An abandoned batch (D22) has no record, and its error is nobody else's.
 * Q10. Interrupts are off from the reservation until the SYNC is seen, or until the first expiry. A waiter on the CPU that
 *      takes the GERROR interrupt would otherwise wait for a handler that cannot run: it polls GERROR itself.
 * Q11. SYNC by wake-up event. It tells every CPU that some SYNC is done, so who is woken reads CONS and waits again if it was
 *      not his. The CPU's event register keeps an event that comes between that read and the wait, so none is lost.
 * Q12. ERRACK. PROD of an enhanced queue also holds the acknowledge of its error, and whoever writes the one writes the
 *      other. Who services an error changes `errack` first and then sets `owned`. If it was 1, that owner's clearing atomic
 *      comes after this one, and the owner reads `errack` after its clearing: it writes the new value. If it was 0, he is the
 *      owner himself, of a region that is empty so far. He waits for his turn (Q4) and writes PROD as it stands before he
 *      clears `owned`: an empty region has no end of its own by which the next owner could tell that it is over (Q4), so
 *      nothing may be written after the clearing, unless others have added to the region. So PROD never moves back for an
 *      acknowledge, and no acknowledge is taken back by an index.
 */
#include "llq.h"
#include "smmu_priv.h"

#define MSI_VALID	BIT32(31)	/* a zeroed word is nobody's SYNC */

#define SPIN_PERIOD	4u		/* waits for other CPUs' memory, not for hardware */
#define RING_MIN_LOG2	7u		/* room for two largest reservations */

static uint64_t room(const struct smmu_cmdq *q, uint64_t llq)
{
	return BIT64(q->log2) - ctr_sub(llq_prod(llq), llq_cons(llq));
}

void smmu_cmdq_diag(struct smmu *smmu, const char *what)
{
	struct smmu_cmdq *q = smmu_cmdq_mine(smmu);
	uint64_t llq = port_atomic_read(smmu->port, &q->llq);

	port_log(smmu->port, PORT_LOG_ERR,
		 "smmu: %s: queue %u prod 0x%08x cons 0x%08x gerror 0x%08x gerrorn 0x%08x (reserved 0x%x, known consumed 0x%x)",
		 what, q->index, (unsigned int)port_read32(smmu->port, q->prod_reg),
		 (unsigned int)port_read32(smmu->port, q->cons_reg),
		 (unsigned int)smmu_read32(smmu, SMMU_GERROR), (unsigned int)smmu_read32(smmu, SMMU_GERRORN),
		 (unsigned int)llq_prod(llq), (unsigned int)llq_cons(llq));
}

/* Moves the shared cons up to `ctr`; later values win. */
static void learn_cons(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr)
{
	uint64_t old = port_atomic_read(smmu->port, &q->llq), found;
	bool done = false;

	while (!done && llq_cons(old) != ctr && ctr_reached(ctr, llq_cons(old))) {
		found = port_atomic_cmpxchg(smmu->port, &q->llq, old,
					    (old & GENMASK64(31, 0)) | (uint64_t)ctr << LLQ_CONS_SHIFT);
		done = found == old;
		old = found;
	}
}

/* Reads CONS; returns the counter consumed so far (a lower bound). */
static uint32_t refresh_cons(struct smmu *smmu, struct smmu_cmdq *q)
{
	uint32_t before = llq_cons(port_atomic_read(smmu->port, &q->llq));
	uint32_t reg = port_read32(smmu->port, q->cons_reg);
	uint64_t llq = port_atomic_read(smmu->port, &q->llq);
	uint32_t after = llq_cons(llq);
	uint32_t ahead = smmu_cmdq_reg_index(q, FIELD_GET32(SMMU_CMDQ_CONS_RD_MASK, reg) - before);

	/* Q7; beyond what is reserved is hardware that lies, all ones a register that does not answer: no news */
	if (before == after && reg != UINT32_MAX && ahead <= ctr_sub(llq_prod(llq), before)) {
		after = ctr_add(before, ahead);
		learn_cons(smmu, q, after);
	}
	return after;
}

/* ------------------------------------------------------------------ waits that look at GERROR too */
struct wait_state {
	uint64_t deadline;
	unsigned int expired;
	unsigned long irq;		/* what port_irq_restore() wants */
	bool irq_off;
	uint32_t batch;
};

/* CONS is another one than `cons`. */
static struct port_src cons_moves(const struct smmu_cmdq *q, uint32_t cons)
{
	return (struct port_src){
		.kind = PORT_SRC_MMIO32,
		.addr = q->cons_reg,
		.mask = smmu_cmdq_reg_index(q, UINT32_MAX),
		.value = smmu_cmdq_reg_index(q, cons),
	};
}

/*
 * Adds the queue's error to the sources if this policy polls it. Returns its index, or -1.
 *
 * One bit tells an error from none: if another CPU acknowledges one and the next comes between two samples, the bit is as it
 * was. The handler sees the second one; without it this CPU looks at the acknowledge as well, and starts over when it moves.
 */
static int add_error(struct smmu *smmu, const struct smmu_cmdq *q, struct port_src *src, unsigned int *n)
{
	const port_atomic_t *acked = q->index != 0 ? &q->errack : &smmu->gerror.acked;
	uint64_t v;
	int r = -1;

	if (smmu->poll) {
		v = port_atomic_read(smmu->port, acked);
		r = (int)*n;
		/* an enhanced queue says itself that it stands */
		src[(*n)++] = (struct port_src){
			.kind = PORT_SRC_MMIO32,
			.addr = q->index != 0 ? q->cons_reg : smmu->plat.base + SMMU_GERROR,
			.mask = q->index != 0 ? SMMU_ECMDQ_CONS_ERR : SMMU_GERROR_CMDQ_ERR,
			.value = v & (q->index != 0 ? SMMU_ECMDQ_PROD_ERRACK : SMMU_GERROR_CMDQ_ERR),
			.until_equal = false,
		};
		if (!smmu->plat.gerror_irq)
			src[(*n)++] = (struct port_src){ .kind = PORT_SRC_ATOMIC, .atomic = acked, .mask = UINT64_MAX, .value = v };
	}
	return r;
}

/* The poll limit ran out (D22). Returns -ETIMEDOUT when the caller has to be told. */
static int expired(struct smmu *smmu, struct wait_state *w, uint32_t reg, const char *what)
{
	w->expired++;
	SMMU_COUNT(smmu, sync_expired);
	port_trace(smmu->port, EV_SYNC_EXPIRED, reg, w->batch, w->expired);
	smmu_cmdq_diag(smmu, what);
	smmu_gerror_service(smmu, GERROR_RESYNC);
	if (w->irq_off) {		/* Q10: long waits go on with interrupts on */
		port_irq_restore(smmu->port, w->irq);
		w->irq_off = false;
	}
	w->deadline = port_now(smmu->port) + smmu->plat.poll_timeout;
	return w->expired >= smmu->plat.expiry_limit || smmu->policy->leaves ? -ETIMEDOUT : 0;
}

/* A source that fires at every first sample (a register that lies) must not keep a wait from ending. */
static bool over(struct smmu *smmu, const struct wait_state *w, int hit)
{
	return hit < 0 || port_now(smmu->port) >= w->deadline;
}

/* A wait fired on an error: service it, or let the CPU that is at it finish. */
static int poll_hit(struct smmu *smmu, const struct smmu_cmdq *q, struct wait_state *w, uint32_t sample, uint32_t reg)
{
	uint32_t bit = q->index != 0 ? SMMU_GERROR_CMDQP_ERR : SMMU_GERROR_CMDQ_ERR;
	struct port_src src = {
		.kind = PORT_SRC_ATOMIC, .atomic = &smmu->gerror.lock, .mask = UINT64_MAX, .value = 0, .until_equal = true,
	};

	port_trace(smmu->port, EV_GERROR_POLL_HIT, sample, w->batch, 0);
	switch (smmu_gerror_service(smmu, bit)) {
	case GERROR_DONE:
		SMMU_COUNT(smmu, gerror_polls);
		break;
	case GERROR_LOST:
		port_wait(smmu->port, &src, 1, SPIN_PERIOD, w->deadline, 0);
		break;
	case GERROR_IDLE:	/* the error was acknowledged between the sample and the lock */
		break;
	}
	return over(smmu, w, 0) ? expired(smmu, w, reg, "the error stays active") : 0;
}

static bool is_dead(struct smmu *smmu, const struct smmu_cmdq *q)
{
	return port_atomic_read(smmu->port, &q->dead) != 0;
}

/* Until CONS moves; used when there is no room. */
static int wait_room(struct smmu *smmu, struct smmu_cmdq *q, struct wait_state *w, uint32_t need)
{
	struct port_src src[3];
	unsigned int n;
	int r = 0, hit, error;
	uint32_t cons;

	SMMU_COUNT(smmu, queue_full);
	while (r == 0) {
		cons = refresh_cons(smmu, q);
		if (room(q, port_atomic_read(smmu->port, &q->llq)) >= need)
			break;
		n = 0;
		src[n++] = cons_moves(q, cons);
		error = add_error(smmu, q, src, &n);
		hit = port_wait(smmu->port, src, n, smmu->plat.poll_period, w->deadline, 0);
		if (hit >= 0 && hit == error)
			r = poll_hit(smmu, q, w, (uint32_t)src[hit].sample, smmu_cmdq_log_index(q, cons));
		else if (over(smmu, w, hit))
			r = expired(smmu, w, smmu_cmdq_log_index(q, cons), "command queue stays full");
		if (r == 0 && is_dead(smmu, q))
			r = -ENXIO;
	}
	return r;
}

/* ------------------------------------------------------------------ reserve, write, publish */
static int reserve(struct smmu *smmu, struct smmu_cmdq *q, struct wait_state *w, uint32_t need, uint32_t *start, bool *owner)
{
	uint64_t old = port_atomic_read(smmu->port, &q->llq), found;
	bool done = false;
	int r = 0;

	while (r == 0 && !done) {
		if (room(q, old) < need) {				/* Q2 */
			port_irq_restore(smmu->port, w->irq);
			w->irq_off = false;
			r = wait_room(smmu, q, w, need);
			w->irq = port_irq_save(smmu->port);
			w->irq_off = true;
			old = port_atomic_read(smmu->port, &q->llq);
			continue;
		}
		found = port_atomic_cmpxchg(smmu->port, &q->llq, old,	/* Q1 */
					    (old & ~GENMASK64(31, 0)) | LLQ_OWNED | ctr_add(llq_prod(old), need));
		done = found == old;
		if (done) {
			*start = llq_prod(old);
			*owner = !(old & LLQ_OWNED);			/* Q3 */
		}
		old = found;
	}
	return r;
}

static void write_slot(struct smmu *smmu, const struct smmu_cmdq *q, uint32_t ctr, const struct cmd *c)
{
	uint64_t pa = smmu_cmdq_slot(q, ctr);

	port_mem_write64(smmu->port, pa, c->dw[0]);
	port_mem_write64(smmu->port, pa + 8, c->dw[1]);
	port_trace(smmu->port, EV_CMD_WRITTEN, smmu_cmdq_log_index(q, ctr), c->dw[0], c->dw[1]);
}

/* Word, mask and wanted value of the valid bits of [ctr, end) that lie in ctr's word; returns how many. */
static uint32_t valid_word(const struct smmu_cmdq *q, uint32_t ctr, uint32_t end, uint32_t *word, uint64_t *mask,
			   bool *set)
{
	uint32_t slot = smmu_cmdq_slot_index(q, ctr), left = ctr_sub(end, ctr);
	uint32_t in_word = 64 - slot % 64;
	uint32_t count = left < in_word ? left : in_word;

	*word = slot / 64;
	*mask = GENMASK64(slot % 64 + count - 1, slot % 64);
	*set = !(ctr >> q->log2 & 1);		/* Q6: the lap's parity; 64 divides the ring, so a word has one lap */
	return count;
}

static void mark_valid(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr, uint32_t end)
{
	uint32_t word;
	uint64_t mask;
	bool set;

	while (ctr != end) {
		ctr = ctr_add(ctr, valid_word(q, ctr, end, &word, &mask, &set));
		if (set)
			port_atomic_fetch_or(smmu->port, &q->valid[word], mask);
		else
			port_atomic_fetch_andnot(smmu->port, &q->valid[word], mask);
	}
}

/* A wait for another CPU's memory. It can only expire if that CPU is stuck between two lines of this file. */
static void wait_atomic(struct smmu *smmu, const port_atomic_t *a, uint64_t mask, uint64_t value, const char *what)
{
	struct port_src src = {
		.kind = PORT_SRC_ATOMIC, .atomic = a, .mask = mask, .value = value, .until_equal = true,
	};

	while (port_wait(smmu->port, &src, 1, SPIN_PERIOD, port_now(smmu->port) + smmu->plat.poll_timeout, 0) < 0)
		smmu_cmdq_diag(smmu, what);
}

static inline void write_prod(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr, uint32_t batch)
{
	uint32_t errack = q->on != 0 ? (uint32_t)port_atomic_read(smmu->port, &q->errack) : 0;	/* Q12 */

	port_write32(smmu->port, q->prod_reg, smmu_cmdq_reg_index(q, ctr) | q->on | errack);
	port_trace(smmu->port, EV_PROD_WRITE, smmu_cmdq_log_index(q, ctr), batch, 0);
}

/*
 * By the owner of a region that begins at `start`. `again`: PROD is written as it stands before others may go on (Q12); without it
 * the region is not empty.
 */
static void publish(struct smmu *smmu, struct smmu_cmdq *q, uint32_t start, uint32_t batch, bool again)
{
	uint32_t ctr = start, end, word;
	uint64_t mask;
	bool set;

	wait_atomic(smmu, &q->owner_prod, UINT64_MAX, start, "previous owner does not publish");	/* Q4 */
	if (again)
		write_prod(smmu, q, start, batch);
	end = llq_prod(port_atomic_fetch_andnot(smmu->port, &q->llq, LLQ_OWNED));			/* Q3 */
	while (ctr != end) {										/* Q5 */
		ctr = ctr_add(ctr, valid_word(q, ctr, end, &word, &mask, &set));
		wait_atomic(smmu, &q->valid[word], mask, set ? mask : 0, "a slot does not become valid");
	}
	if (end != start) {
		port_wmb(smmu->port);
		write_prod(smmu, q, end, batch);
		port_atomic_set(smmu->port, &q->owner_prod, end);
	}
}

void smmu_cmdq_rewrite_prod(struct smmu *smmu, struct smmu_cmdq *q)
{
	unsigned long irq = port_irq_save(smmu->port);
	uint64_t llq = port_atomic_fetch_or(smmu->port, &q->llq, LLQ_OWNED);				/* Q12 */

	if (!(llq & LLQ_OWNED))
		publish(smmu, q, llq_prod(llq), 0, true);
	port_irq_restore(smmu->port, irq);
}

/* ------------------------------------------------------------------ completion */
uint32_t smmu_cmdq_record_error(struct smmu *smmu, struct smmu_cmdq *q, uint32_t rd, unsigned int code)
{
	uint32_t cons = llq_cons(port_atomic_read(smmu->port, &q->llq));
	uint32_t ctr = ctr_add(cons, smmu_cmdq_reg_index(q, rd - cons));	/* Q7: CONS stands still while the error is active */

	if (code == CERROR_ATC_INV_SYNC)
		smmu->policy->on_error(smmu, q, ctr);		/* Q9 */
	else
		smmu_waiter_record(smmu, q, ctr, code);
	return ctr;
}

bool smmu_cmdq_pending(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr)
{
	uint64_t llq = port_atomic_read(smmu->port, &q->llq);

	return ctr_sub(ctr, llq_cons(llq)) < ctr_sub(llq_prod(llq), llq_cons(llq));
}

static uint32_t msi_datum(uint32_t ctr)
{
	return MSI_VALID | ctr;
}

/* The word of its slot says that the SYNC is done (Q8). */
static bool msi_done(uint32_t word, uint32_t sync)
{
	return (word & MSI_VALID) && ctr_reached((uint32_t)(word & CTR_MASK), sync);
}

static int wait_sync(struct smmu *smmu, struct smmu_cmdq *q, struct wait_state *w, uint32_t sync)
{
	uint64_t msi = q->msi + 4 * (uint64_t)smmu_cmdq_slot_index(q, sync);
	uint32_t end = ctr_add(sync, 1), cons = llq_cons(port_atomic_read(smmu->port, &q->llq));
	uint32_t word = q->msi != 0 ? port_mem_read32(smmu->port, msi) : 0;
	struct port_src src[3];
	unsigned int n;
	int r = 0, hit, error;
	/* somebody else may have seen CONS where it stays until this CPU goes on: it would not move for this wait */
	bool seen = msi_done(word, sync) || ctr_reached(cons, end);

	port_trace(smmu->port, EV_SYNC_WAIT, smmu_cmdq_log_index(q, sync), w->batch, 0);
	w->deadline = port_now(smmu->port) + smmu->plat.poll_timeout;
	while (r == 0 && !seen) {
		n = 0;
		if (q->msi != 0)
			src[n++] = (struct port_src){
				.kind = PORT_SRC_MEM32, .addr = msi, .mask = UINT32_MAX, .value = word,
			};
		else if (q->sev)
			src[n++] = (struct port_src){ .kind = PORT_SRC_EVENT };
		else
			src[n++] = cons_moves(q, cons);
		error = add_error(smmu, q, src, &n);
		hit = port_wait(smmu->port, src, n, smmu->plat.poll_period, w->deadline, 0);
		if (hit == 0 && q->msi != 0) {
			word = (uint32_t)src[0].sample;
			seen = msi_done(word, sync);
		} else if (hit >= 0 && hit == error) {
			r = poll_hit(smmu, q, w, (uint32_t)src[hit].sample, smmu_cmdq_log_index(q, sync));
		} else {
			/* CONS moved, or may have (Q11), or an acknowledge did, or the limit ran out: then CONS may say that only the signal is missing */
			cons = refresh_cons(smmu, q);
			seen = ctr_reached(cons, end);
			if (!seen && over(smmu, w, hit))
				r = expired(smmu, w, smmu_cmdq_log_index(q, sync), "CMD_SYNC is not consumed");
		}
		if (r == 0 && !seen && is_dead(smmu, q))
			r = -ENXIO;
	}
	if (seen)
		learn_cons(smmu, q, end);
	return r;
}

int smmu_cmdq_issue(struct smmu *smmu, const struct smmu_batch *b, uint32_t *id)
{
	struct smmu_cmdq *q;
	struct wait_state w = {
		.deadline = port_now(smmu->port) + smmu->plat.poll_timeout,
		.batch = (uint32_t)(1 + counter_add(&smmu->batches, 1)),
	};
	bool own_sync = !(b->atc && (smmu->plat.plants & SMMU_PLANT_NO_OWN_SYNC));
	uint32_t need = b->n + (own_sync ? 1 : 0), start = 0, sync, i;
	bool owner = false;
	struct cmd c;
	int r, e;

	if (id)
		*id = w.batch;
	w.irq = port_irq_save(smmu->port);			/* Q10 */
	w.irq_off = true;
	q = smmu_cmdq_mine(smmu);
	r = is_dead(smmu, q) ? -ENXIO : reserve(smmu, q, &w, need, &start, &owner);
	if (r == 0) {
		sync = ctr_add(start, b->n);
		port_trace(smmu->port, EV_CMD_SLOT, smmu_cmdq_log_index(q, start), need, w.batch);
		for (i = 0; i < b->n; i++)
			write_slot(smmu, q, ctr_add(start, i), &b->cmd[i]);
		if (own_sync) {
			c = q->msi != 0 ? cmd_sync_msi(q->msi + 4 * (uint64_t)smmu_cmdq_slot_index(q, sync), msi_datum(sync)) :
			    q->sev ? cmd_sync_sev() : cmd_sync_none();
			write_slot(smmu, q, sync, &c);
		}
		if (own_sync)
			smmu_waiter_begin(smmu, q, start, need);		/* Q9 */
		if (own_sync && smmu->policy->reserved)
			smmu->policy->reserved(smmu, q, sync);
		port_wmb(smmu->port);				/* Q5 */
		mark_valid(smmu, q, start, ctr_add(start, need));
		if (owner)
			publish(smmu, q, start, w.batch, false);
		counter_add(&smmu->stats.commands, need);
		if (b->atc)
			SMMU_COUNT(smmu, atc_batches);

		if (own_sync) {
			SMMU_COUNT(smmu, syncs);
			if (!smmu->plat.sync_irq_off) {
				port_irq_restore(smmu->port, w.irq);
				w.irq_off = false;
			}
			r = wait_sync(smmu, q, &w, sync);
			e = smmu_waiter_end(smmu, q, start, need);
			if (smmu->policy->take && smmu->policy->take(smmu, q, sync))
				e = -EIO;
			if (e == -EIO && !b->atc) {
				/* The SYNC is consumed now, so this batch is complete; the blame is somebody else's. */
				SMMU_COUNT(smmu, foreign_errors);
				e = 0;
			}
			if (r == -ETIMEDOUT)
				port_trace(smmu->port, EV_SYNC_FAILED, smmu_cmdq_log_index(q, sync), w.batch, ETIMEDOUT);
			else if (e != 0)
				port_trace(smmu->port, EV_SYNC_FAILED, smmu_cmdq_log_index(q, sync), w.batch, (uint64_t)-e);
			if (r == 0) {
				port_trace(smmu->port, EV_SYNC_SEEN, smmu_cmdq_log_index(q, sync), w.batch, 0);
				r = e;
			}
		}
	}
	if (w.irq_off)
		port_irq_restore(smmu->port, w.irq);
	if (r == -ETIMEDOUT && smmu->policy->leaves)
		r = 0;
	return r;
}

/* ------------------------------------------------------------------ life */
uint64_t smmu_cmdq_base_value(const struct smmu_cmdq *q)
{
	return (q->base & SMMU_CMDQ_BASE_ADDR_MASK) | SMMU_CMDQ_BASE_RA | FIELD_PREP64(SMMU_CMDQ_BASE_LOG2SIZE_MASK, q->log2);
}

int smmu_cmdq_init(struct smmu *smmu, struct smmu_cmdq *q)
{
	size_t slots = (size_t)1 << q->log2;
	int r = q->log2 < RING_MIN_LOG2 ? -EINVAL : 0;

	q->reg_mask = BIT32(q->log2 + 1) - 1;
	q->log_tag = q->index << 24;
	if (r == 0)
		r = port_dma_alloc(smmu->port, 16 * slots, 16 * slots > 4096 ? 16 * slots : 4096, &q->base);
	if (r == 0 && smmu->plat.sync_msi && smmu->has_msi)
		r = port_dma_alloc(smmu->port, 4 * slots, 4096, &q->msi);
	q->sev = smmu->plat.sync_sev && smmu->has_sev;
	if (r == 0) {
		q->valid = port_zalloc(smmu->port, slots / 64 * sizeof(*q->valid));
		q->waiter = port_zalloc(smmu->port, port_cpus(smmu->port) * sizeof(*q->waiter));
		if (smmu->policy->take)
			q->sync_bits = port_zalloc(smmu->port, slots / 64 * sizeof(*q->sync_bits));
		if (!q->valid || !q->waiter || (smmu->policy->take && !q->sync_bits))
			r = -ENOMEM;
	}
	return r;
}

void smmu_cmdq_free(struct smmu *smmu, struct smmu_cmdq *q)
{
	size_t slots = (size_t)1 << q->log2;

	if (q->base != 0)
		port_dma_free(smmu->port, q->base, 16 * slots);
	if (q->msi != 0)
		port_dma_free(smmu->port, q->msi, 4 * slots);
	port_free(smmu->port, q->valid);
	port_free(smmu->port, q->waiter);
	if (q->sync_bits)
		port_free(smmu->port, q->sync_bits);
}
