/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Published array with a grace period in the manner of sleepable RCU. The reader pays two atomic additions and one load
 * per unmap; the writer waits for the slowest unmap, which may be one that sits in an ATC time-out.
 *
 * Why a reader never holds a freed array, and never misses a device that could use the pages it unmaps:
 *
 *  R1. A reader adds itself to readers[phase] and only then loads `cur`. A writer stores `cur` and only then looks at the
 *      reader counts. So a reader that a writer does not see has loaded the new array.
 *  R2. A reader may read `phase`, be delayed, and add itself to the count of the phase that has just ended. It still loads
 *      `cur` after that (R1), but the next update would look only at the other count. Therefore one update waits for both
 *      counts, one after the other, flipping before each: whatever count the late reader took, the next update waits for it.
 *      The flip keeps the wait finite: new readers go to the other count.
 *  R3. unmap clears the PTE, then enters. attach publishes its entry, then makes the STE live. If unmap does not see the
 *      entry, attach published after unmap entered, hence the STE went live after the PTE was cleared: nothing to invalidate.
 *  R4. detach makes the STE harmless and flushes the ATC, then removes the entry. An unmap that still uses the old array
 *      sends at most an invalidation too many.
 *  R5. Updates allocate on insertion only: two arrays of the larger size, one to publish, one to build the next update in.
 *      After each update the array that was published before has no reader and becomes the spare.
 */
#include "invs.h"

#include "err.h"

#define GRACE_LIMIT	UINT64_C(1000000000)	/* complain after so many cycles */
#define GRACE_PERIOD	32u
#define CAP_MIN		4u

static struct inv_array *array_alloc(struct port *p, unsigned int cap)
{
	return port_zalloc(p, sizeof(struct inv_array) + cap * sizeof(struct inv_entry *));
}

static struct inv_array *published(struct invs *v)
{
	return (struct inv_array *)(uintptr_t)port_atomic_read(v->port, &v->cur);
}

int invs_init(struct port *p, struct invs *v)
{
	struct inv_array *a = array_alloc(p, CAP_MIN);
	int r = 0;

	v->port = p;
	v->cap = CAP_MIN;
	v->spare = array_alloc(p, CAP_MIN);
	v->phase.v = 0;
	v->readers[0].v = 0;
	v->readers[1].v = 0;
	v->cur.v = (uintptr_t)a;
	if (!a || !v->spare) {
		invs_free(v);
		r = -ENOMEM;
	}
	return r;
}

void invs_free(struct invs *v)
{
	port_free(v->port, (void *)(uintptr_t)v->cur.v);
	port_free(v->port, v->spare);
	v->cur.v = 0;
	v->spare = NULL;
}

const struct inv_array *invs_enter(struct invs *v, unsigned int *token)
{
	unsigned int t = (unsigned int)port_atomic_read(v->port, &v->phase) & 1;

	port_atomic_fetch_add(v->port, &v->readers[t], 1);	/* R1: before the load of cur */
	*token = t;
	return published(v);
}

void invs_exit(struct invs *v, unsigned int token)
{
	port_atomic_fetch_add(v->port, &v->readers[token], UINT64_MAX);
}

static void wait_for_readers(struct invs *v)
{
	unsigned int turn;
	uint64_t old;
	struct port_src src = { .kind = PORT_SRC_ATOMIC, .mask = UINT64_MAX, .value = 0, .until_equal = true };

	for (turn = 0; turn < 2; turn++) {			/* R2 */
		old = port_atomic_fetch_add(v->port, &v->phase, 1) & 1;
		src.atomic = &v->readers[old];
		while (port_wait(v->port, &src, 1, GRACE_PERIOD, port_now(v->port) + GRACE_LIMIT,
				 PORT_WAIT_SLEEP) < 0)
			port_log(v->port, PORT_LOG_ERR, "invalidation list: %llu readers have not left",
				 (unsigned long long)src.sample);
	}
}

/* Publishes `a`; returns the array that no reader holds any more. */
static struct inv_array *publish(struct invs *v, struct inv_array *a)
{
	struct inv_array *old =
		(struct inv_array *)(uintptr_t)port_atomic_xchg(v->port, &v->cur, (uintptr_t)a);

	wait_for_readers(v);
	return old;
}

static bool before(const struct inv_entry *a, const struct inv_entry *b)
{
	bool r;

	if (a->type != b->type)
		r = a->type < b->type;
	else if (a->id != b->id)
		r = a->id < b->id;
	else
		r = a->ssid < b->ssid;
	return r;
}

int invs_insert(struct invs *v, struct inv_entry *e)
{
	struct inv_array *cur = published(v);
	struct inv_array *fresh = v->spare, *extra = NULL;
	unsigned int cap = v->cap, i = 0, j;
	int r = 0;

	if (cur->n == cap) {				/* R5 */
		cap *= 2;
		fresh = array_alloc(v->port, cap);
		extra = array_alloc(v->port, cap);
		if (!fresh || !extra) {
			port_free(v->port, fresh);
			port_free(v->port, extra);
			r = -ENOMEM;
		}
	}
	if (r == 0) {
		/* equal keys: a re-attach has its old entry there; the fresh one goes behind it */
		while (i < cur->n && !before(e, cur->e[i])) {
			fresh->e[i] = cur->e[i];
			i++;
		}
		fresh->e[i] = e;
		for (j = i; j < cur->n; j++)
			fresh->e[j + 1] = cur->e[j];
		fresh->n = cur->n + 1;

		cur = publish(v, fresh);
		if (extra) {
			port_free(v->port, cur);
			port_free(v->port, v->spare);
			cur = extra;
			v->cap = cap;
		}
		v->spare = cur;
	}
	return r;
}

void invs_remove(struct invs *v, struct inv_entry *e)
{
	struct inv_array *cur = published(v);
	struct inv_array *fresh = v->spare;
	unsigned int i, n = 0;

	for (i = 0; i < cur->n; i++) {
		if (cur->e[i] != e)
			fresh->e[n++] = cur->e[i];
	}
	fresh->n = n;
	if (n != cur->n)
		v->spare = publish(v, fresh);
}
