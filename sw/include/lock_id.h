/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's locks by name: first argument of the events lock_wait and lock_hold, and the names of the figures made of them.
 */
#ifndef ATCBENCH_LOCK_ID_H
#define ATCBENCH_LOCK_ID_H

/* X(id, name, kind): kind is RAW (interrupts off) or MUTEX (task context, waits asleep) */
#define LOCK_IDS(X)                                                                                                     \
	X(LOCK_MASTER, "master", RAW)		/* marks, generation, STE dword 1 of one master */                      \
	X(LOCK_MASTER_PCI, "master_pci", RAW)	/* PCI ATS enable of one master */                                      \
	X(LOCK_DOMAIN, "domain", MUTEX)		/* updates of one domain's invalidation list */                         \
	X(LOCK_GROUP, "group", MUTEX)		/* attach, detach, reset of the devices of one group */                 \
	X(LOCK_SMMU, "smmu", MUTEX)		/* stream table, ASIDs */                                               \
	X(LOCK_MASTERS, "masters", RAW)		/* list of masters */                                                   \
	X(LOCK_PCI_RESET, "pci_reset", MUTEX)	/* reset of one function */                                             \
	X(LOCK_PCI_PORT, "pci_port", MUTEX)	/* services of one root port: who is below it, recoveries of the subtree */ \
	X(LOCK_PCI_BELOW, "pci_below", RAW)	/* the list of who is below, for its interrupt handler */

enum lock_id {
	LOCK_NONE,
#define LOCK_ID(id, name, kind) id,
	LOCK_IDS(LOCK_ID)
#undef LOCK_ID
	LOCK_ID_COUNT
};

#endif
