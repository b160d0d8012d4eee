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

#include "lock_id.h"
#include "port.h"

struct lock {
	port_atomic_t v;
	enum lock_id id;
	uint64_t since;		/* cycle of the acquisition, the holder's */
};

struct raw_lock {
	struct lock lock;
	counter_t *waits;	/* counts contended acquisitions; may be NULL */
};

struct mutex {
	struct lock lock;
};

void raw_lock_init(struct raw_lock *l, enum lock_id id, counter_t *waits);
/* Returns the interrupt state for raw_lock_release(). */
unsigned long raw_lock_acquire(struct port *p, struct raw_lock *l);
void raw_lock_release(struct port *p, struct raw_lock *l, unsigned long flags);

void mutex_init(struct mutex *m, enum lock_id id);
void mutex_lock(struct port *p, struct mutex *m);
void mutex_unlock(struct port *p, struct mutex *m);

#endif
