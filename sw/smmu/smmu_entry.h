/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing a 64-byte table entry (STE, CD) that hardware may fetch at any time.
 */
#ifndef ATCBENCH_SMMU_ENTRY_H
#define ATCBENCH_SMMU_ENTRY_H

#include "port.h"

#define ENTRY_DWORDS	8u

struct smmu_entry_ops {
	/* The bits that hardware looks at in an entry with these contents. */
	void (*used)(const uint64_t entry[ENTRY_DWORDS], uint64_t used[ENTRY_DWORDS]);
	/* Dword 0 of an entry of which hardware uses nothing else: the stop in between when there is no other way. */
	uint64_t stop;
	uint64_t (*load)(void *ctx, unsigned int i);
	/* May store something else than asked for (see smmu_ste.c); the caller goes on with what it wanted. */
	void (*store)(void *ctx, unsigned int i, uint64_t v);
	/* Hardware has dropped what it cached: CFGI + SYNC. */
	int (*sync)(void *ctx);
};

enum smmu_entry_how {
	ENTRY_SAME,		/* nothing hardware can see has changed */
	ENTRY_HITLESS,		/* old, then new, nothing else */
	ENTRY_STOPPED		/* old, stop, new */
};

/* 0 or the error of `sync`. *how may be NULL. */
int smmu_entry_write(const struct smmu_entry_ops *ops, void *ctx, const uint64_t target[ENTRY_DWORDS],
		     enum smmu_entry_how *how);

#endif
