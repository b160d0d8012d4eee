/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table is 512 entries of 8 bytes at every level; level n is indexed by VA bits [47 - 9n : 39 - 9n]. The walk keeps the
 * last level 3 table, so that a run of pages costs one walk per 2 MiB and one access per page.
 */
#include "io_pgtable.h"

#include "bits.h"
#include "err.h"

#define LEVELS		4u
#define LAST		(LEVELS - 1)
#define ENTRIES		512u
#define TABLE_BYTES	4096u
#define PAGE_SHIFT	12

/* Descriptor (smmuv3.md §6) */
#define PTE_VALID	BIT64(0)
#define PTE_TABLE	BIT64(1)	/* levels 0..2: next table; level 3: page */
#define PTE_TYPE	(PTE_VALID | PTE_TABLE)
#define PTE_ATTRINDX	GENMASK64(4, 2)
#define PTE_AP_UNPRIV	BIT64(6)	/* unprivileged access: what a device without PASID is */
#define PTE_AP_RDONLY	BIT64(7)
#define PTE_SH		GENMASK64(9, 8)
#define PTE_AF		BIT64(10)
#define PTE_NG		BIT64(11)
#define PTE_PXN		BIT64(53)
#define PTE_UXN		BIT64(54)
#define PTE_ADDR	GENMASK64(47, 12)

#define SH_INNER_CODE	3u
#define ATTR_WB		0u		/* MAIR byte 0, see smmu_cd.c */

static unsigned int index_of(uint64_t iova, unsigned int level)
{
	return (unsigned int)(iova >> (PAGE_SHIFT + 9 * (LAST - level))) & (ENTRIES - 1);
}

static bool range_ok(uint64_t addr, uint64_t npages, unsigned int bits)
{
	const uint64_t pages = BIT64(bits - PAGE_SHIFT);

	return (addr & (BIT64(PAGE_SHIFT) - 1)) == 0 && npages != 0 && npages <= pages &&
	       addr >> PAGE_SHIFT <= pages - npages;
}

int io_pgtable_init(struct port *p, struct io_pgtable *t)
{
	t->port = p;
	t->root = 0;
	return port_dma_alloc(p, TABLE_BYTES, TABLE_BYTES, &t->root);
}

static void free_level(struct io_pgtable *t, uint64_t table, unsigned int level)
{
	unsigned int i;
	uint64_t e;

	for (i = 0; level < LAST && i < ENTRIES; i++) {
		e = port_mem_read64(t->port, table + 8 * i);
		if (e & PTE_VALID)
			free_level(t, e & PTE_ADDR, level + 1);	/* depth is bounded by LEVELS */
	}
	port_dma_free(t->port, table, TABLE_BYTES);
}

void io_pgtable_free(struct io_pgtable *t)
{
	if (t->root != 0)
		free_level(t, t->root, 0);
	t->root = 0;
}

/* The level 3 table of `iova`, 0 if there is none. */
static uint64_t find_last(struct io_pgtable *t, uint64_t iova)
{
	uint64_t table = t->root;
	unsigned int level;
	uint64_t e;

	for (level = 0; level < LAST && table != 0; level++) {
		e = port_mem_read64(t->port, table + 8 * index_of(iova, level));
		table = e & PTE_VALID ? e & PTE_ADDR : 0;
	}
	return table;
}

/* As find_last(), installing what is missing. */
static int make_last(struct io_pgtable *t, uint64_t iova, uint64_t *out)
{
	uint64_t table = t->root;
	unsigned int level;
	uint64_t slot, e, fresh, found;
	int r = 0;

	for (level = 0; level < LAST && r == 0; level++) {
		slot = table + 8 * index_of(iova, level);
		e = port_mem_read64(t->port, slot);
		if (!(e & PTE_VALID)) {
			r = port_dma_alloc(t->port, TABLE_BYTES, TABLE_BYTES, &fresh);
			if (r == 0) {
				e = fresh | PTE_TYPE;
				found = port_mem_cmpxchg64(t->port, slot, 0, e);
				if (found != 0) {	/* another CPU was first */
					port_dma_free(t->port, fresh, TABLE_BYTES);
					e = found;
				}
			}
		}
		table = e & PTE_ADDR;
	}
	*out = table;
	return r;
}

int io_pgtable_map(struct io_pgtable *t, uint64_t iova, uint64_t pa, uint64_t npages, unsigned int prot, uint64_t *done)
{
	uint64_t table = 0, i, slot;
	uint64_t attr = PTE_TYPE | FIELD_PREP64(PTE_ATTRINDX, ATTR_WB) | PTE_AP_UNPRIV |
			FIELD_PREP64(PTE_SH, SH_INNER_CODE) | PTE_AF | PTE_NG | PTE_PXN | PTE_UXN;
	int r = 0;

	*done = 0;
	if (!range_ok(iova, npages, IO_PGTABLE_VA_BITS) || !range_ok(pa, npages, IO_PGTABLE_PA_BITS) ||
	    (prot & ~(IO_PROT_READ | IO_PROT_WRITE)) != 0 || prot == 0)
		return -EINVAL;
	if (!(prot & IO_PROT_WRITE))
		attr |= PTE_AP_RDONLY;

	for (i = 0; i < npages && r == 0; i++, iova += BIT64(PAGE_SHIFT), pa += BIT64(PAGE_SHIFT)) {
		if (i == 0 || index_of(iova, LAST) == 0)
			r = make_last(t, iova, &table);
		slot = table + 8 * index_of(iova, LAST);
		if (r == 0 && port_mem_cmpxchg64(t->port, slot, 0, pa | attr) != 0)
			r = -EEXIST;
		if (r == 0)
			(*done)++;
	}
	/* The walker may read the new entries as soon as a device is told about the address. */
	port_wmb(t->port);
	return r;
}

int io_pgtable_unmap(struct io_pgtable *t, uint64_t iova, uint64_t npages, uint64_t *missing)
{
	uint64_t table = 0, i, slot;

	*missing = 0;
	if (!range_ok(iova, npages, IO_PGTABLE_VA_BITS))
		return -EINVAL;

	for (i = 0; i < npages; i++, iova += BIT64(PAGE_SHIFT)) {
		if (i == 0 || index_of(iova, LAST) == 0)
			table = find_last(t, iova);
		slot = table + 8 * index_of(iova, LAST);
		if (table == 0 || !(port_mem_read64(t->port, slot) & PTE_VALID))
			(*missing)++;
		else
			port_mem_write64(t->port, slot, 0);
	}
	return 0;
}

uint64_t io_pgtable_lookup(struct io_pgtable *t, uint64_t iova)
{
	uint64_t table = find_last(t, iova);
	uint64_t pte = table == 0 ? 0 : port_mem_read64(t->port, table + 8 * index_of(iova, LAST));

	return pte & PTE_VALID ? pte : 0;
}

uint64_t io_pgtable_pte_pa(uint64_t pte)
{
	return pte & PTE_ADDR;
}
