/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test-and-set locks. Not fair: with the handful of CPUs of this bench and holds of a few accesses, a queue would cost
 * more than it saves. Every contended acquisition leaves a lock_wait event with the cycles it took.
 */
#include "lock.h"

#define LOCK_LIMIT	UINT64_C(10000000)	/* cycles until the first complaint */
#define RAW_PERIOD	8u
#define MUTEX_PERIOD	32u

static void lock_take(struct port *p, port_atomic_t *v, enum lock_id id, uint64_t period, unsigned int flags)
{
	uint64_t start = port_now(p);
	struct port_src src = {
		.kind = PORT_SRC_ATOMIC,
		.atomic = v,
		.mask = UINT64_MAX,
		.value = 0,
		.until_equal = true,
	};

	do {
		if (port_wait(p, &src, 1, period, port_now(p) + LOCK_LIMIT, flags) < 0)
			port_log(p, PORT_LOG_ERR, "lock %u: still taken after %llu cycles", (unsigned int)id,
				 (unsigned long long)(port_now(p) - start));
	} while (port_atomic_cmpxchg(p, v, 0, 1) != 0);

	port_trace(p, EV_LOCK_WAIT, id, port_now(p) - start, 0);
}

void raw_lock_init(struct raw_lock *l, enum lock_id id, counter_t *waits)
{
	l->v.v = 0;
	l->id = id;
	l->waits = waits;
}

unsigned long raw_lock_acquire(struct port *p, struct raw_lock *l)
{
	unsigned long flags = port_irq_save(p);

	if (port_atomic_cmpxchg(p, &l->v, 0, 1) != 0) {
		if (l->waits)
			counter_add(l->waits, 1);
		lock_take(p, &l->v, l->id, RAW_PERIOD, 0);
	}
	return flags;
}

void raw_lock_release(struct port *p, struct raw_lock *l, unsigned long flags)
{
	port_atomic_set(p, &l->v, 0);
	port_irq_restore(p, flags);
}

void mutex_init(struct mutex *m, enum lock_id id)
{
	m->v.v = 0;
	m->id = id;
}

void mutex_lock(struct port *p, struct mutex *m)
{
	if (port_atomic_cmpxchg(p, &m->v, 0, 1) != 0)
		lock_take(p, &m->v, m->id, MUTEX_PERIOD, PORT_WAIT_SLEEP);
}

void mutex_unlock(struct port *p, struct mutex *m)
{
	port_atomic_set(p, &m->v, 0);
}
