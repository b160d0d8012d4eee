/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one domain has to invalidate: an array of entries that unmap walks without a lock.
 *
 * An entry is an object of its own; arrays hold pointers. So a mark ("broken": send this master nothing) is one store
 * that every array, the published one and any that a reader still holds, sees at once: no copy can lose it.
 */
#ifndef ATCBENCH_INVS_H
#define ATCBENCH_INVS_H

#include "port.h"

struct smmu_master;

enum inv_type {		/* the order in the array: TLBI before ATC_INV (smmuv3.md §2.4) */
	INV_TLBI_ASID,
	INV_ATS
};

struct inv_entry {
	enum inv_type type;
	uint32_t id;			/* ASID, or StreamID */
	uint32_t ssid;			/* INV_ATS: PASID, 0 = none */
	uint32_t domain_id;
	struct smmu_master *master;	/* INV_ATS */
	struct inv_entry *next;		/* the master's entries in all domains, under the master's lock */
	struct inv_entry *peer;		/* of the master's next stream, in the same domain; under the group's mutex */
	port_atomic_t broken;		/* INV_*; not 0: suppressed. Changed under the master's lock, read without */
};
#define INV_BROKEN	1u		/* isolated; the next attach that switches ATS on clears it */
#define INV_GONE	2u		/* the device is gone; never cleared */

struct inv_array {
	unsigned int n;
	struct inv_entry *e[];
};

struct invs {
	struct port *port;
	port_atomic_t cur;		/* published struct inv_array * */
	port_atomic_t phase;		/* which reader count new readers take */
	port_atomic_t readers[2];
	struct inv_array *spare;	/* same capacity as the published one; updates build in it */
	unsigned int cap;
};

int invs_init(struct port *p, struct invs *v);
void invs_free(struct invs *v);		/* no reader left */

/* Reader side: [any] context, never blocks. The array and its entries stay until invs_exit(). */
const struct inv_array *invs_enter(struct invs *v, unsigned int *token);
void invs_exit(struct invs *v, unsigned int token);

/*
 * Update side: one at a time (the domain's mutex), task context: both return when no reader holds the old array.
 * invs_insert() may return -ENOMEM and then has changed nothing; invs_remove() allocates nothing, so it cannot fail.
 */
int invs_insert(struct invs *v, struct inv_entry *e);
void invs_remove(struct invs *v, struct inv_entry *e);

static inline bool inv_entry_broken(struct port *p, const struct inv_entry *e)
{
	return port_atomic_read(p, &e->broken) != 0;
}

#endif
