/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two counters of the command queue in one word, and their arithmetic modulo 2^31 (smmu_cmdq.c).
 *
 *	[63:32]	cons: a lower bound of what hardware has consumed, moved on only when somebody needs to know
 *	[31]	owned: somebody is gathering reservations and will publish them
 *	[30:0]	prod: what is reserved
 */
#ifndef ATCBENCH_LLQ_H
#define ATCBENCH_LLQ_H

#include "bits.h"
#include "port.h"

#define CTR_BITS	31u
#define CTR_MASK	GENMASK64(CTR_BITS - 1, 0)
#define LLQ_PROD	CTR_MASK
#define LLQ_OWNED	BIT64(31)
#define LLQ_CONS_SHIFT	32

static inline uint32_t ctr_add(uint32_t a, uint32_t b)
{
	return (uint32_t)((a + (uint64_t)b) & CTR_MASK);
}

static inline uint32_t ctr_sub(uint32_t a, uint32_t b)
{
	return (uint32_t)((a - (uint64_t)b) & CTR_MASK);
}

/* a is at or past b */
static inline bool ctr_reached(uint32_t a, uint32_t b)
{
	return ctr_sub(a, b) < BIT32(CTR_BITS - 1);
}

static inline uint32_t llq_prod(uint64_t v)
{
	return (uint32_t)(v & LLQ_PROD);
}

static inline uint32_t llq_cons(uint64_t v)
{
	return (uint32_t)(v >> LLQ_CONS_SHIFT);
}

#endif
