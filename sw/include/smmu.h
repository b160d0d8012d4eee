/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SMMUv3 driver: bring-up, parameters, statistics.
 *
 * There is no global state: every object is reached from the pointer a create call returned. Cycles are
 * periods of the single clock. Functions return 0 or a negative errno (err.h).
 *
 * Order of use:
 *	smmu_platform_init(&plat); set what differs; smmu_probe(port, &plat, &smmu);
 *	then pci.h (functions), iommu.h (devices and domains);
 *	tear down in the opposite order, smmu_remove() last.
 */
#ifndef ATCBENCH_SMMU_H
#define ATCBENCH_SMMU_H

#include "port.h"

#ifdef __cplusplus
extern "C" {
#endif

struct smmu;

/* Step 3 of the flow: which of the two goes first. */
enum smmu_isolate_order {
	SMMU_PCI_FIRST,		/* PCI ATS disable, then EATS = 0: the seed; less AER noise */
	SMMU_EATS_FIRST		/* EATS = 0 first: shorter exposure, never waits for a dead configuration space (D25) */
};

/* Bugs planted on purpose, so that a test can see its oracle fire. All off in normal use. */
enum smmu_plant {
	SMMU_PLANT_KEEP_EATS	= 1u << 0,	/* isolation skips EATS = 0 */
	SMMU_PLANT_UNLOCKED_RMW	= 1u << 1,	/* EATS cleared by read, modify, write: no lock, no generation check */
	SMMU_PLANT_NO_OWN_SYNC	= 1u << 2,	/* the ATC half has no SYNC of its own; a following reservation has it */
	SMMU_PLANT_NO_CLAIM	= 1u << 3,	/* every CPU that meets the time-out isolates */
	SMMU_PLANT_SKIP_ATC	= 1u << 4,	/* unmap sends no ATC_INV at all */
	SMMU_PLANT_SKIP_TLBI	= 1u << 5,	/* unmap sends no TLBI: the SMMU goes on translating with the old entry */
	SMMU_PLANT_ANSWER_TWICE	= 1u << 6,	/* a page request group gets two responses */
	SMMU_PLANT_NO_ANSWER	= 1u << 7,	/* a page request group that is refused gets none */
	SMMU_PLANT_RESUME_ATS	= 1u << 8,	/* a resume attaches with ATS, quarantined or not */
	SMMU_PLANT_ALIAS_ATS	= 1u << 9,	/* a function that shares another one's StreamID gets ATS all the same */
	SMMU_PLANT_ONE_STREAM	= 1u << 10,	/* isolation stores EATS = 0 for the first StreamID of a master only */
	SMMU_PLANT_FORGET_VF	= 1u << 11,	/* the reset of a physical function does not prepare its virtual ones */
	SMMU_PLANT_ANSWER_NO_PASID = 1u << 12,	/* the response to a page request group never carries its PASID */
	SMMU_PLANT_PRI_ENDLESS	= 1u << 13	/* a run of the page request worker ends only when nobody asks */
};

struct smmu_platform {
	uint64_t base;			/* page 0; page 1 follows at + 64 KiB */

	/* interrupts and completion */
	unsigned int irq_cpu;		/* CPU that takes GERROR and EVENTQ */
	bool irq_msi;			/* GERROR and EVENTQ as MSI to port_msi_address(); otherwise wired */
	bool gerror_irq;		/* take the GERROR interrupt at all */
	bool sync_msi;			/* CMD_SYNC signals by MSI to a word per slot */
	bool sync_sev;			/* otherwise by a wake-up event, after which CONS is read; otherwise CONS is polled */
	bool sync_irq_off;		/* a waiter keeps interrupts off until its first expiry, as Linux does */

	/* queues: log2 of the entries, cut to what IDR1 offers */
	bool ecmdq;			/* an enhanced command queue for each CPU, or for several, if the SMMU has any */
	unsigned int cmdq_log2;		/* of each command queue */
	unsigned int evtq_log2;
	unsigned int priq_log2;		/* 0: no PRI queue, page requests are answered with failure */
	unsigned int priq_budget;	/* page requests in one run of the worker, at least 1 */
	unsigned int batch;		/* commands in one reservation without the SYNC, 1 .. 63 */

	/* waits (D19, D20), cycles */
	uint64_t poll_timeout;		/* one CMD_SYNC wait; its expiry is -ETIMEDOUT inside (D22) */
	uint64_t poll_period;		/* distance of two samples */
	uint64_t reg_timeout;		/* CR0ACK, IRQ_CTRLACK, GBPA.Update, SYNC of probe */
	unsigned int expiry_limit;	/* expiries of one wait after which the caller is told -ETIMEDOUT */

	/* ATC invalidation (D5) */
	uint64_t atc_timeout;		/* programmed into ATC_TIMEOUT; 0 leaves the reset value */
	uint64_t quar_interval;		/* programmed into QUAR_INTERVAL; 0 = as ATC_TIMEOUT */
	bool use_qdep;			/* INV_LIMIT from the ATS capability; off leaves 32, as Linux */
	bool quar_release;		/* write QUAR_RELEASE after FLR + good configuration read (D17) */

	/* time-outs */
	const char *policy;		/* a name of smmu_policy_name(); "minimal" */
	enum smmu_isolate_order order;
	bool poll_gerror;		/* sample GERROR inside waits (D23) */
	unsigned int plants;		/* enum smmu_plant */
};

/* The policies there are, by index; NULL behind the last one. */
const char *smmu_policy_name(unsigned int i);
const char *smmu_policy_summary(unsigned int i);

/* Defaults of the scaled scenarios (D19); only `base` has to be set. */
void smmu_platform_init(struct smmu_platform *plat);

/* The SMMU is on, all streams abort, interrupts on. -ENODEV: not an SMMU we can drive; -ENOMEM, -ETIMEDOUT, -EINVAL. */
int smmu_probe(struct port *p, const struct smmu_platform *plat, struct smmu **out);
/* All devices must be gone. Leaves SMMUEN = 0 with GBPA set to abort. */
void smmu_remove(struct smmu *smmu);

struct smmu_stats {
	uint64_t commands;		/* put in the queue, SYNCs included */
	uint64_t syncs;
	uint64_t sync_expired;		/* poll limits that ran out (D22) */
	uint64_t queue_full;		/* reservations that found no room */
	uint64_t gerror_irqs;		/* GERROR handler entries */
	uint64_t gerror_polls;		/* CMDQ_ERR found by a poller and serviced by it */
	uint64_t gerror_lost;		/* try-lock lost to another CPU */
	uint64_t timeouts;		/* CERROR_ATC_INV_SYNC */
	uint64_t cerror_ill;
	uint64_t cerror_abt;
	uint64_t foreign_errors;	/* CERROR_ATC_INV_SYNC at a SYNC whose reservation held no ATC_INV */
	uint64_t other_gerrors;		/* bits other than CMDQ_ERR */
	uint64_t atc_batches;		/* reservations with an ATC_INV */
	uint64_t atc_commands;
	uint64_t tlbi_commands;
	uint64_t suppressed;		/* ATC_INVs not sent: the list entry is marked */
	uint64_t probes;		/* steps 2: one device's ranges with an own SYNC */
	uint64_t probes_failed;
	uint64_t isolated;		/* devices */
	uint64_t isolate_lost;		/* another CPU had the claim */
	uint64_t isolate_raced;		/* an attach moved the generation on: asked again */
	uint64_t marks;			/* list entries marked broken */
	uint64_t ats_disable_failed;	/* the write did not take (read back) */
	uint64_t attach_probes;		/* mandatory ATC_INV(all) of attach (D18) */
	uint64_t attach_probes_failed;
	uint64_t error_events;		/* handed to the worker */
	uint64_t resets;
	uint64_t resets_failed;
	uint64_t reattached;
	uint64_t events;		/* event queue records */
	uint64_t event_overflows;
	uint64_t unmaps;
	uint64_t unmap_errors;
	uint64_t lock_waits;		/* raw spinlocks found taken */
	uint64_t blame_nobody;		/* isr-reset: no ATC_INV found, or nobody of that StreamID */
	uint64_t page_requests;		/* PRI queue entries */
	uint64_t page_responses;	/* groups answered by the driver */
	uint64_t page_overflows;	/* of the PRI queue */
};
void smmu_stats_get(const struct smmu *smmu, struct smmu_stats *out);

/*
 * [task] Waits until the page requests that are in the PRI queue now are answered, whatever comes behind them; no longer than
 * for a SYNC if none is taken.
 */
void smmu_flush_page_requests(struct smmu *smmu);

/* A copy of each event record (4 dwords, smmuv3.md §8), in interrupt context. NULL stops it. */
void smmu_set_event_handler(struct smmu *smmu, void (*fn)(void *arg, const uint64_t rec[4]), void *arg);

/*
 * For error scenarios: puts `n` (1 .. 63) raw commands and a CMD_SYNC into the queue and waits.
 * -EINVAL if one of them was CERROR_ILL and was replaced, -EIO for CERROR_ATC_INV_SYNC, -ETIMEDOUT.
 */
int smmu_raw_commands(struct smmu *smmu, const uint64_t (*cmd)[2], unsigned int n);

/* Prints prod, cons, gerror and the shadow indexes of the queue of this CPU. */
void smmu_dump(struct smmu *smmu);

#ifdef __cplusplus
}
#endif

#endif
