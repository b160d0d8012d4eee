/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test-and-set locks. Not fair: with the handful of CPUs of this bench and holds of a few accesses, a queue would cost
 * more than it saves. Every contended acquisition leaves a lock_wait event with the cycles it took, every release a
 * lock_hold event with the cycles from the acquisition to the store that gives the lock back.
 */
#include "lock.h"

#define LOCK_LIMIT	UINT64_C(10000000)	/* cycles until the first complaint */
#define RAW_PERIOD	8u
#define MUTEX_PERIOD	32u

static void lock_init(struct lock *l, enum lock_id id)
{
	*l = (struct lock){ .id = id };
}

static bool lock_try(struct port *p, struct lock *l)
{
	bool got = port_atomic_cmpxchg(p, &l->v, 0, 1) == 0;

	if (got)
		l->since = port_now(p);
	return got;
}

static void lock_take(struct port *p, struct lock *l, uint64_t period, unsigned int flags)
{
	uint64_t start = port_now(p);
	struct port_src src = {
		.kind = PORT_SRC_ATOMIC,
		.atomic = &l->v,
		.mask = UINT64_MAX,
		.value = 0,
		.until_equal = true,
	};

	do {
		if (port_wait(p, &src, 1, period, port_now(p) + LOCK_LIMIT, flags) < 0)
			port_log(p, PORT_LOG_ERR, "lock %u: still taken after %llu cycles", (unsigned int)l->id,
				 (unsigned long long)(port_now(p) - start));
	} while (!lock_try(p, l));

	port_trace(p, EV_LOCK_WAIT, l->id, port_now(p) - start, 0);
}

/* The hold is read before the store: after it an interrupt may come, and `since` is the next holder's. */
static void lock_drop(struct port *p, struct lock *l)
{
	port_trace(p, EV_LOCK_HOLD, l->id, port_now(p) - l->since, 0);
	port_atomic_set(p, &l->v, 0);
}

void raw_lock_init(struct raw_lock *l, enum lock_id id, counter_t *waits)
{
	lock_init(&l->lock, id);
	l->waits = waits;
}

unsigned long raw_lock_acquire(struct port *p, struct raw_lock *l)
{
	unsigned long flags = port_irq_save(p);

	if (!lock_try(p, &l->lock)) {
		if (l->waits)
			counter_add(l->waits, 1);
		lock_take(p, &l->lock, RAW_PERIOD, 0);
	}
	return flags;
}

void raw_lock_release(struct port *p, struct raw_lock *l, unsigned long flags)
{
	lock_drop(p, &l->lock);
	port_irq_restore(p, flags);
}

void mutex_init(struct mutex *m, enum lock_id id)
{
	lock_init(&m->lock, id);
}

void mutex_lock(struct port *p, struct mutex *m)
{
	if (!lock_try(p, &m->lock))
		lock_take(p, &m->lock, MUTEX_PERIOD, PORT_WAIT_SLEEP);
}

void mutex_unlock(struct port *p, struct mutex *m)
{
	lock_drop(p, &m->lock);
}
