/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The range of a CMD_ATC_INV: one naturally aligned power of two that covers the pages asked for (smmuv3.md §2.1).
 */
#ifndef ATCBENCH_ATC_RANGE_H
#define ATCBENCH_ATC_RANGE_H

#include <stdint.h>

#define ATC_SIZE_ALL	52u	/* the whole 64-bit space */

struct atc_range {
	uint64_t addr;		/* base, aligned to the size; 0 for ATC_SIZE_ALL */
	unsigned int size;	/* log2 of the number of 4 KiB pages, 0 .. 52 */
};

/* Covers [iova, iova + npages * 4 KiB); npages = 0 means everything. A range that wraps is cut at the top. */
struct atc_range atc_range_cover(uint64_t iova, uint64_t npages);

#endif
