/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's two locks, over the port's atomics.
 *
 * raw_lock	interrupts off, never held across a wait for hardware other than a single bus access;
 * mutex	task context only, waits asleep, may be held across anything.
 *
 * A wait for either is a port_wait() with a limit; the expiry is printed and the wait starts again: a lock that never
 * comes free is a bug that has to be visible, not one that may be skipped.
 */
#ifndef ATCBENCH_LOCK_H
#define ATCBENCH_LOCK_H

#include "counter.h"

#include "port.h"

/* First argument of the lock_wait event. */
enum lock_id {
	LOCK_MASTER = 1,	/* marks, generation, STE dword 1 of one master */
	LOCK_MASTER_PCI,	/* PCI ATS enable of one master */
	LOCK_DOMAIN,		/* updates of one domain's invalidation list */
	LOCK_GROUP,		/* attach, detach, reset of the devices of one group */
	LOCK_SMMU,		/* stream table, ASIDs */
	LOCK_MASTERS,		/* list of masters */
	LOCK_PCI_RESET,		/* reset of one function */
	LOCK_PCI_PORT,		/* services of one root port: who is below it, recoveries of the subtree */
	LOCK_PCI_BELOW		/* the list of who is below, for its interrupt handler */
};

struct raw_lock {
	port_atomic_t v;
	enum lock_id id;
	counter_t *waits;	/* counts contended acquisitions; may be NULL */
};

struct mutex {
	port_atomic_t v;
	enum lock_id id;
};

void raw_lock_init(struct raw_lock *l, enum lock_id id, counter_t *waits);
/* Returns the interrupt state for raw_lock_release(). */
unsigned long raw_lock_acquire(struct port *p, struct raw_lock *l);
void raw_lock_release(struct port *p, struct raw_lock *l, unsigned long flags);

void mutex_init(struct mutex *m, enum lock_id id);
void mutex_lock(struct port *p, struct mutex *m);
void mutex_unlock(struct port *p, struct mutex *m);

#endif
