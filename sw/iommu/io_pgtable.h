/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 1 page tables in the VMSAv8-64 format: 4 KiB granule, four levels, 48 bits (smmuv3.md §6). Pages only, no blocks.
 *
 * Concurrent maps and unmaps of different pages need no lock: a missing table is installed by compare-exchange, and
 * table pages live until io_pgtable_free(), so a walker never meets a table that is being freed.
 */
#ifndef ATCBENCH_IO_PGTABLE_H
#define ATCBENCH_IO_PGTABLE_H

#include "port.h"

#define IO_PGTABLE_VA_BITS	48
#define IO_PGTABLE_PA_BITS	48

#define IO_PROT_READ	1u
#define IO_PROT_WRITE	2u

struct io_pgtable {
	struct port *port;
	uint64_t root;		/* physical address of the level 0 table */
};

int io_pgtable_init(struct port *p, struct io_pgtable *t);
void io_pgtable_free(struct io_pgtable *t);

/*
 * npages > 0, iova and pa page aligned and inside 48 bits, else -EINVAL. -EEXIST: a page is mapped already; pages before
 * it stay mapped (*done of them). -ENOMEM: the same with a missing table.
 */
int io_pgtable_map(struct io_pgtable *t, uint64_t iova, uint64_t pa, uint64_t npages, unsigned int prot, uint64_t *done);
/* Clears the entries; pages that were not mapped are skipped and counted in *missing. -EINVAL as above. */
int io_pgtable_unmap(struct io_pgtable *t, uint64_t iova, uint64_t npages, uint64_t *missing);
/* The entry, 0 if there is none. */
uint64_t io_pgtable_lookup(struct io_pgtable *t, uint64_t iova);
/* Physical address an entry maps to. */
uint64_t io_pgtable_pte_pa(uint64_t pte);

#endif
