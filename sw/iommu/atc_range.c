/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest covering power of two: its size is the number of low page-number bits in which the first and the last
 * page differ. One command instead of several, at the price of dropping innocent entries when the range straddles a
 * big boundary: pages 7 and 8 differ in four bits, so sixteen pages go. Over-invalidation is always legal.
 */
#include "atc_range.h"

#define PAGE_SHIFT	12
#define PAGE_BITS	52

struct atc_range atc_range_cover(uint64_t iova, uint64_t npages)
{
	const uint64_t top = (UINT64_C(1) << PAGE_BITS) - 1;
	uint64_t first = iova >> PAGE_SHIFT;
	struct atc_range r = { .addr = 0, .size = ATC_SIZE_ALL };
	uint64_t last, differ;

	if (npages != 0) {
		last = npages - 1 > top - first ? top : first + (npages - 1);
		r.size = 0;
		for (differ = first ^ last; differ != 0; differ >>= 1)
			r.size++;
		/* size 52 would shift all address bits out, which C leaves undefined for 64 */
		if (r.size < ATC_SIZE_ALL)
			r.addr = (first >> r.size << r.size) << PAGE_SHIFT;
	}
	return r;
}
