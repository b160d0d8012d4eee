/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ATS of one master: marks, generations, isolation (steps 3 to 5 of the flow).
 *
 * Isolation allocates nothing, sleeps nowhere and takes no mutex: two raw locks, each held for a few accesses.
 *
 *  A1. Claim. Each generation can be isolated once: the claim is a compare-exchange of `state` from "this generation,
 *      clean" to "this generation, claimed". Who loses to another CPU waits until EATS = 0 is in force, because its own
 *      unmap must not return before (D24). Who loses to a new generation asks the device again.
 *  A2. EATS = 0 is stored under the lock, if the generation is still the claimed one (smmu_ste.c, S2). CFGI_STE + SYNC
 *      puts it in force.
 *  A3. Marks are set under the lock, after that SYNC, if the generation is still the same. An attach starts a generation
 *      under the same lock and clears all marks in doing so, before it stores EATS = 1. Hence, whatever the interleaving,
 *      EATS = 1 is never in force while an entry is marked:
 *	  attach before the mark	the generation differs, nothing is marked
 *	  attach after the mark		it clears the marks, then stores EATS = 1
 *      PROTECTED is set in the same critical section.
 *  A4. Entries are objects shared by all arrays (invs.h), so marking an entry marks it in every domain and every copy. The
 *      master's own list names them all; attach adds an entry before, and detach removes it after, any array holds it.
 *  A5. PCI ATS enable and disable are each done under pci_lock together with a look at the generation, so the last
 *      writer is the one whose generation is current. The lock is separate, so that in the eats-first order nobody who
 *      only wants the STE waits behind a configuration access (D25).
 *  A6. A policy that fences sets ats_broken in the critical section that marks, and a new generation looks at it under the
 *      same lock. So an attach that was let in before the isolation does not switch ATS on after it. Only a reset lifts the
 *      fence, under the device's mutex, before the re-attach that it leads to.
 *  A7. A device that is gone (its root port's interrupt says so) gets nothing any more, from that moment on and although EATS may
 *      still be 1: it is in reset, or not there, so its ATC is empty and nothing of it is on its way but what the SMMU has
 *      accepted, which the TLBI's SYNC of each unmap waits for. The handler sets the function's state first and then, under the lock, the
 *      mark of every entry; who adds an entry looks at the state under the same lock. So every entry is marked, whoever is
 *      first. An unmap that has read an entry before its mark may still send one ATC_INV: those of one batch a CPU, no more.
 *      EATS = 0 comes with the removal, in task context, before another device in the slot could be attached.
 */
#include "iommu.h"
#include "smmu_master.h"

void smmu_ats_entry_add(struct smmu_master *m, struct inv_entry *e)
{
	unsigned long irq = raw_lock_acquire(m->smmu->port, &m->lock);

	/* A device that is isolated already gets no ATC_INV from an attach that has not switched ATS on yet. */
	if (master_state(m) & MASTER_PROTECTED)
		port_atomic_set(m->smmu->port, &e->broken, INV_BROKEN);
	if (master_gone(m))						/* A7 */
		port_atomic_set(m->smmu->port, &e->broken, INV_GONE);
	e->next = m->entries;
	m->entries = e;
	raw_lock_release(m->smmu->port, &m->lock, irq);
}

void smmu_ats_entry_del(struct smmu_master *m, struct inv_entry *e)
{
	unsigned long irq = raw_lock_acquire(m->smmu->port, &m->lock);
	struct inv_entry **at = &m->entries;

	while (*at && *at != e)
		at = &(*at)->next;
	if (*at)
		*at = e->next;
	raw_lock_release(m->smmu->port, &m->lock, irq);
}

void smmu_ats_disconnected(struct smmu_master *m)
{
	unsigned long irq = raw_lock_acquire(m->smmu->port, &m->lock);			/* A7 */
	struct inv_entry *e;

	for (e = m->entries; e; e = e->next)
		port_atomic_fetch_or(m->smmu->port, &e->broken, INV_GONE);
	raw_lock_release(m->smmu->port, &m->lock, irq);
}

uint64_t smmu_ats_new_generation(struct smmu_master *m)
{
	struct port *p = m->smmu->port;
	unsigned long irq = raw_lock_acquire(p, &m->lock);			/* A3 */
	uint64_t gen = state_gen(port_atomic_read(p, &m->state)) + 1;
	struct inv_entry *e;
	unsigned int marked = 0;

	if (smmu_ats_fenced(m)) {						/* A6 */
		gen = 0;
	} else {
		for (e = m->entries; e; e = e->next) {
			if (port_atomic_fetch_andnot(p, &e->broken, INV_BROKEN) & INV_BROKEN)
				marked++;
		}
		port_atomic_set(p, &m->state, gen << MASTER_GEN_SHIFT);
	}
	raw_lock_release(p, &m->lock, irq);
	if (marked != 0)
		master_trace(m, EV_INVS_UNMARKED, gen, marked);
	return gen;
}

int smmu_ats_pci_enable(struct smmu_master *m, uint64_t gen)
{
	struct port *p = m->smmu->port;
	unsigned long irq = raw_lock_acquire(p, &m->pci_lock);			/* A5 */
	unsigned int i;
	int r = -EAGAIN;

	if (master_state(m) == gen << MASTER_GEN_SHIFT) {
		r = 0;
		for (i = 0; i < m->streams && r == 0; i++)
			r = pci_enable_ats(m->stream[i].pdev);
	}
	raw_lock_release(p, &m->pci_lock, irq);
	return r;
}

int smmu_ats_pci_settle(struct smmu_master *m)
{
	struct port *p = m->smmu->port;
	unsigned long irq = raw_lock_acquire(p, &m->pci_lock);			/* A5 */
	unsigned int i;
	int r = 0;

	for (i = 0; i < m->streams && r == 0; i++)
		r = pci_ats_settle_off(m->stream[i].pdev);
	raw_lock_release(p, &m->pci_lock, irq);
	return r;
}

bool smmu_ats_pci_off(struct smmu_master *m)
{
	bool was_on = false;
	unsigned int i;

	for (i = 0; i < m->streams; i++) {
		if (pci_ats_enabled(m->stream[i].pdev)) {
			was_on = true;
			pci_disable_ats(m->stream[i].pdev);
		}
	}
	return was_on;
}

static bool same_generation(struct smmu_master *m, uint64_t gen)
{
	return state_gen(master_state(m)) == gen;
}

/* False: a new generation, nothing written. */
static bool pci_disable(struct smmu_master *m, uint64_t gen)
{
	struct port *p = m->smmu->port;
	unsigned long irq = raw_lock_acquire(p, &m->pci_lock);			/* A5 */
	bool mine = same_generation(m, gen);
	unsigned int i;

	for (i = 0; i < m->streams && mine; i++)
		pci_disable_ats(m->stream[i].pdev);
	raw_lock_release(p, &m->pci_lock, irq);
	if (mine)
		master_trace(m, EV_ATS_DISABLE_WRITE, 0, 0);
	return mine;
}

/* A2. -EAGAIN: a new generation. */
static int eats_clear(struct smmu_master *m, uint64_t gen)
{
	struct port *p = m->smmu->port;
	bool locked = !(m->smmu->plat.plants & SMMU_PLANT_UNLOCKED_RMW);
	unsigned int streams = m->smmu->plat.plants & SMMU_PLANT_ONE_STREAM ? 1 : m->streams;
	uint64_t pa, old, found;
	unsigned long irq = 0;
	unsigned int i;
	int r = 0;

	if (locked) {
		irq = raw_lock_acquire(p, &m->lock);
		r = same_generation(m, gen) ? 0 : -EAGAIN;
	}
	for (i = 0; i < streams && r == 0; i++) {
		pa = m->stream[i].ste + 8;
		found = port_mem_read64(p, pa);
		if (locked) {
			do {
				old = found;
				found = port_mem_cmpxchg64(p, pa, old, old & ~STE1_EATS);
			} while (found != old);
		} else {
			port_mem_write64(p, pa, found & ~STE1_EATS);
		}
	}
	if (locked)
		raw_lock_release(p, &m->lock, irq);
	if (r == 0) {
		port_wmb(p);
		master_trace(m, EV_STE_EATS_CLEAR, 0, 0);
	}
	return r;
}

/* A3. -EAGAIN: a new generation, nothing marked. */
static int mark_entries(struct smmu_master *m, uint64_t gen)
{
	struct port *p = m->smmu->port;
	unsigned long irq = raw_lock_acquire(p, &m->lock);
	struct inv_entry *e;
	int r = same_generation(m, gen) ? 0 : -EAGAIN;

	if (r == 0) {
		for (e = m->entries; e; e = e->next) {
			port_atomic_fetch_or(p, &e->broken, INV_BROKEN);
			SMMU_COUNT(m->smmu, marks);
			port_trace(p, EV_INVS_MARKED, e->id, e->domain_id, 1);
		}
		port_atomic_fetch_or(p, &m->state, MASTER_PROTECTED);
		if (m->smmu->policy->fence)
			port_atomic_set(p, &m->ats_broken, 1);		/* A6 */
	}
	raw_lock_release(p, &m->lock, irq);
	return r;
}

static int cfgi_ste(struct smmu_master *m)
{
	struct smmu_batch b = { .n = 0 };

	for (; b.n < m->streams; b.n++)
		b.cmd[b.n] = cmd_cfgi_ste(m->stream[b.n].sid, true);
	return smmu_cmdq_issue(m->smmu, &b, NULL);
}

/* Another CPU isolates this generation: its EATS = 0 counts for us too (D24). */
static int wait_protected(struct smmu_master *m, uint64_t gen)
{
	struct smmu *smmu = m->smmu;
	struct port_src src = { .kind = PORT_SRC_ATOMIC, .atomic = &m->state, .mask = UINT64_MAX };
	unsigned int expiries = 0;
	uint64_t state = master_state(m);
	int r = 0;

	while (r == 0 && state_gen(state) == gen && !(state & MASTER_PROTECTED)) {
		src.value = state;
		if (port_wait(smmu->port, &src, 1, smmu->plat.poll_period,
			      port_now(smmu->port) + smmu->plat.poll_timeout, 0) < 0) {
			smmu_cmdq_diag(smmu, "isolation by another CPU does not end");
			r = ++expiries >= smmu->plat.expiry_limit ? -ETIMEDOUT : 0;
		}
		state = master_state(m);
	}
	if (r == 0 && state_gen(state) != gen)
		r = -EAGAIN;
	return r;
}

/* The claim is ours. */
static int isolate(struct smmu_master *m, uint64_t gen)
{
	struct smmu *smmu = m->smmu;
	bool pci_first = smmu->plat.order == SMMU_PCI_FIRST;
	bool off = pci_first && pci_disable(m, gen);
	unsigned long irq = 0;
	unsigned int i;
	int r = 0, e = 0;

	/*
	 * From EATS = 0 in force until ATS is off every access of the device is an event, and an event interrupt may take
	 * longer than the next event: with interrupts on, the CPU that must end the storm would never get past it.
	 */
	if (!pci_first)
		irq = port_irq_save(smmu->port);
	if (!(smmu->plat.plants & SMMU_PLANT_KEEP_EATS)) {
		r = eats_clear(m, gen);
		if (r == 0)
			r = cfgi_ste(m);
	}
	if (r == 0) {
		master_trace(m, EV_PROTECTED, 0, 0);
		r = mark_entries(m, gen);
	}
	if (!pci_first) {
		if (r == 0)
			off = pci_disable(m, gen);
		port_irq_restore(smmu->port, irq);
	}
	if (r == 0) {
		/* a dead configuration space is recorded, EATS = 0 holds regardless (D25) */
		for (i = 0; i < m->streams && off && e == 0; i++)
			e = pci_ats_check_disabled(m->stream[i].pdev);
		if (e != 0)
			SMMU_COUNT(smmu, ats_disable_failed);
		master_trace(m, EV_QUARANTINED, (uint64_t)-e, 0);
	}
	return r;
}

int smmu_ats_isolate(struct smmu_master *m, uint64_t gen, uint32_t batch, unsigned int flags)
{
	struct smmu *smmu = m->smmu;
	uint64_t clean = gen << MASTER_GEN_SHIFT;
	uint64_t found = port_atomic_cmpxchg(smmu->port, &m->state, clean, clean | MASTER_CLAIMED);	/* A1 */
	bool no_claim = smmu->plat.plants & SMMU_PLANT_NO_CLAIM;
	int r;

	if (state_gen(found) != gen) {
		r = -EAGAIN;
	} else if (found != clean && !no_claim) {
		SMMU_COUNT(smmu, isolate_lost);
		r = wait_protected(m, gen);
	} else {
		master_trace(m, EV_ISOLATED, batch, 0);
		r = isolate(m, gen);
		if (r == 0) {
			SMMU_COUNT(smmu, isolated);
			port_atomic_fetch_add(smmu->port, &m->isolations, 1);
			if (!(flags & SMMU_ISOLATE_QUIET))
				iommu_report_device_broken(m->dev);
		} else if (r != -EAGAIN) {
			smmu_cmdq_diag(smmu, "EATS = 0 could not be put in force");
		}
	}
	if (r == -EAGAIN)
		SMMU_COUNT(smmu, isolate_raced);
	return r;
}

bool smmu_ats_fenced(struct smmu_master *m)
{
	return m->smmu->policy->fence && port_atomic_read(m->smmu->port, &m->ats_broken) != 0;
}

void smmu_ats_fence_lift(struct smmu_master *m)
{
	if (m->smmu->policy->fence)
		port_atomic_set(m->smmu->port, &m->ats_broken, 0);
}

void smmu_quar_release(struct smmu_master *m)
{
	unsigned int i;

	for (i = 0; i < m->streams; i++)
		smmu_write32(m->smmu, SMMU_QUAR_RELEASE,
			     FIELD_PREP32(SMMU_QUAR_RELEASE_DEV_MASK, m->stream[i].hw_index));
}
