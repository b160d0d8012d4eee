/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bit masks and fields. A field is named by its mask; its position is the mask's lowest set bit, so
 * that one name serves for both. All of them are constant expressions when their arguments are.
 * A mask must not be 0; GENMASK wants 63 (31) >= hi >= lo.
 */
#ifndef ATCBENCH_BITS_H
#define ATCBENCH_BITS_H

#include <stdint.h>

#define BIT64(n) (UINT64_C(1) << (n))
#define BIT32(n) (UINT32_C(1) << (n))

#define GENMASK64(hi, lo) ((~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))
#define GENMASK32(hi, lo) ((~UINT32_C(0) >> (31 - (hi))) & (~UINT32_C(0) << (lo)))

/* The lowest set bit; multiplying and dividing by it shifts to and from the field. */
#define MASK_LSB64(mask) ((uint64_t)(mask) & (~(uint64_t)(mask) + 1))
#define MASK_LSB32(mask) ((uint32_t)(mask) & (~(uint32_t)(mask) + 1))

/* `value` moved into the field, bits that do not fit dropped. */
#define FIELD_PREP64(mask, value) (((uint64_t)(value) * MASK_LSB64(mask)) & (uint64_t)(mask))
#define FIELD_PREP32(mask, value) (((uint32_t)(value) * MASK_LSB32(mask)) & (uint32_t)(mask))

/* The field's value in `word`. */
#define FIELD_GET64(mask, word) (((uint64_t)(word) & (uint64_t)(mask)) / MASK_LSB64(mask))
#define FIELD_GET32(mask, word) (((uint32_t)(word) & (uint32_t)(mask)) / MASK_LSB32(mask))

#endif /* ATCBENCH_BITS_H */
