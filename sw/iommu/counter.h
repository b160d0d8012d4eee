/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statistics counters: exact when several CPUs count, ordering nothing, and free in simulated time because they do not go
 * through the port.
 */
#ifndef ATCBENCH_COUNTER_H
#define ATCBENCH_COUNTER_H

#include <stdint.h>

typedef struct { uint64_t v; } counter_t;

/* Returns the value before. */
static inline uint64_t counter_add(counter_t *c, uint64_t n)
{
	return __atomic_fetch_add(&c->v, n, __ATOMIC_RELAXED);
}

static inline uint64_t counter_get(const counter_t *c)
{
	return __atomic_load_n(&c->v, __ATOMIC_RELAXED);
}

#endif
