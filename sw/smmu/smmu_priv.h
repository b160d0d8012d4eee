/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the SMMU driver. Data flows one way: probe -> tables -> {invalidation, ATS} -> command queue -> registers.
 */
#ifndef ATCBENCH_SMMU_PRIV_H
#define ATCBENCH_SMMU_PRIV_H

#include "../iommu/invs.h"
#include "../iommu/lock.h"
#include "bits.h"
#include "err.h"
#include "pci.h"
#include "policy.h"
#include "smmu.h"
#include "smmu_cmd.h"
#include "smmu_fmt.h"
#include "smmu_regs.h"

/* One reservation: up to 63 commands and the SYNC that ends it (D10). */
#define SMMU_BATCH_MAX	63u

/* ------------------------------------------------------------------ statistics
 * counter.h: free in simulated time, ordering nothing.
 */
#define SMMU_STAT_LIST(X)                                                                                              \
	X(commands) X(syncs) X(sync_expired) X(queue_full) X(gerror_irqs) X(gerror_polls) X(gerror_lost) X(timeouts)   \
	X(cerror_ill) X(cerror_abt) X(foreign_errors) X(other_gerrors) X(atc_batches) X(atc_commands)                  \
	X(tlbi_commands) X(suppressed) X(probes) X(probes_failed) X(isolated) X(isolate_lost) X(isolate_raced)         \
	X(marks) X(ats_disable_failed) X(attach_probes) X(attach_probes_failed) X(error_events) X(resets)              \
	X(resets_failed) X(reattached) X(events) X(event_overflows) X(unmaps) X(unmap_errors) X(lock_waits)            \
	X(blame_nobody) X(page_requests) X(page_responses) X(page_overflows)

struct smmu_counters {
#define X(name) counter_t name;
	SMMU_STAT_LIST(X)
#undef X
};
#define SMMU_COUNT(smmu, name) counter_add(&(smmu)->stats.name, 1)

/* ------------------------------------------------------------------ command queue */
/* What a CPU waits for, and what went wrong with it (smmu_waiter.c). */
struct smmu_waiter {
	port_atomic_t range;		/* counters of its batch; 0 = does not wait */
	port_atomic_t result;		/* last error and the counter it belongs to */
};

struct smmu_cmdq {
	unsigned int index;		/* as the event log counts: 0 = CMDQ, n = ECMDQ n - 1 */
	uint64_t prod_reg, cons_reg;	/* physical addresses of the registers */
	uint32_t on;			/* what a write of PROD always holds: EN of an ECMDQ, 0 for CMDQ */
	port_atomic_t errack;		/* ECMDQ_PROD.ERRACK as it has to be written; always 0 for CMDQ */
	uint64_t base;			/* physical address of the entries */
	unsigned int log2;
	/* derived, for the unmap path */
	uint32_t reg_mask;		/* index and wrap of a counter */
	uint32_t log_tag;		/* `index`, where the event log has it */
	bool sev;			/* a SYNC sends a wake-up event; only without `msi` */
	uint64_t msi;			/* one 32-bit word per slot, written by the SYNC in that slot; 0 = not used */

	port_atomic_t llq;		/* counters, see smmu_cmdq.c */
	port_atomic_t owner_prod;	/* what the last owner has published */
	port_atomic_t *valid;		/* one bit per slot */
	struct smmu_waiter *waiter;	/* one per CPU */
	port_atomic_t *sync_bits;	/* one bit per slot, for policies that want it */
	port_atomic_t dead;		/* given up on: the fetch aborts for ever */
	uint32_t abt_ctr;		/* CERROR_ABT: repeats at the same command; under the gerror lock */
	unsigned int abt_count;
};

struct smmu_gerror {
	port_atomic_t lock;		/* try-lock (D23) */
	port_atomic_t todo;		/* bits that a loser of the try-lock leaves to the winner */
	port_atomic_t acked;		/* GERRORN as last written */
};

struct smmu_evtq {
	uint64_t base;
	unsigned int log2;
	uint32_t cons;			/* index, wrap and OVACKFLG; interrupts off on irq_cpu only */
	uint64_t last_end, last_run;	/* when records were taken last, and for how long; cycles */
	unsigned int back_to_back;	/* handler runs that came sooner than their predecessor had taken */
	struct port_work rest;		/* takes what one handler run leaves */
	void (*fn)(void *arg, const uint64_t rec[4]);
	void *arg;
};

struct priq_group;
struct smmu_priq {
	uint64_t base;
	unsigned int log2;		/* 0: not used */
	uint32_t cons;			/* index, wrap and OVACKFLG; by the work item only */
	port_atomic_t handled;		/* entries that are done with; in its low bits their index and wrap */
	struct port_work work;
	struct priq_group *groups;	/* by the work item only */
};

/* One request of a page request group (smmuv3.md §9). */
struct smmu_page_request {
	uint32_t sid, ssid;
	bool ssv, read, write, last;
	unsigned int group;
	uint64_t iova;
	bool rsp_ssv;			/* the response carries the SubstreamID, if the request did */
};

struct smmu {
	struct port *port;
	struct smmu_platform plat;
	const struct smmu_policy *policy;
	bool poll;			/* waiters look at GERROR: the policy and the platform want it */
	struct smmu_counters stats;

	/* from the ID registers */
	bool has_ats, has_pri, has_msi, has_sev, has_ril, has_hyp, has_2lvl, has_ecmdq;
	unsigned int sid_bits, ssid_bits, asid_bits, oas;

	struct smmu_cmdq cmdq;
	struct smmu_cmdq *ecmdq;	/* smmu_ecmdq.c */
	unsigned int ecmdq_count;	/* how many have memory */
	unsigned int ecmdqs;		/* how many commands go to: 0 or a power of two */
	counter_t batches;
	struct smmu_gerror gerror;
	struct smmu_evtq evtq;
	struct smmu_priq priq;

	/* stream table */
	struct mutex lock;		/* level 2 tables, ASIDs */
	uint64_t strtab;
	size_t strtab_bytes;
	uint64_t *l2;			/* level 2 table of each level 1 descriptor, 0 = none */
	unsigned int l1_count;

	struct raw_lock masters_lock;	/* the list below, kept for policies that look for a StreamID */
	struct smmu_master *masters;

	uint64_t *asid_map;
	unsigned int asid_count;
	counter_t domain_ids;
};

static inline uint32_t smmu_read32(struct smmu *smmu, uint32_t off)
{
	return port_read32(smmu->port, smmu->plat.base + off);
}

static inline void smmu_write32(struct smmu *smmu, uint32_t off, uint32_t v)
{
	port_write32(smmu->port, smmu->plat.base + off, v);
}

static inline void smmu_write64(struct smmu *smmu, uint32_t off, uint64_t v)
{
	port_write64(smmu->port, smmu->plat.base + off, v);
}

/* ---- smmu_cmdq.c */
struct smmu_batch {
	unsigned int n;
	bool atc;			/* holds an ATC_INV */
	struct cmd cmd[SMMU_BATCH_MAX];
};

/* Memory of a queue whose index, registers and log2 are set. What it got before an error, smmu_cmdq_free() gives back. */
int smmu_cmdq_init(struct smmu *smmu, struct smmu_cmdq *q);
void smmu_cmdq_free(struct smmu *smmu, struct smmu_cmdq *q);
/* The BASE register of a queue. */
uint64_t smmu_cmdq_base_value(const struct smmu_cmdq *q);
/*
 * Puts the batch and a SYNC of its own into the queue of this CPU as one reservation and waits until the SYNC is consumed.
 * 0; -EIO: an ATC_INV of this batch timed out (the SYNC has been retried by hardware and is consumed);
 * -EINVAL: a command was CERROR_ILL and has been replaced; -ETIMEDOUT: still not consumed after expiry_limit waits
 * (a policy that leaves: 0 after the first);
 * -ENXIO: the queue is dead. *id (may be NULL): the batch number of the event log. Any context but an interrupt handler.
 */
int smmu_cmdq_issue(struct smmu *smmu, const struct smmu_batch *b, uint32_t *id);
/* Called with the queue stopped at an error, under the gerror lock: tells who has to know. Returns the counter of slot RD. */
uint32_t smmu_cmdq_record_error(struct smmu *smmu, struct smmu_cmdq *q, uint32_t rd, unsigned int code);
/* Reserved, and not known to be consumed. */
bool smmu_cmdq_pending(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr);
/* Has PROD written once more, with the `errack` of now: by whoever owns the queue, or by the caller. Waits for no hardware. */
void smmu_cmdq_rewrite_prod(struct smmu *smmu, struct smmu_cmdq *q);
/* Prints prod, cons, gerror of this CPU's queue (every expired wait does). */
void smmu_cmdq_diag(struct smmu *smmu, const char *what);
/* A counter as the PROD and CONS registers hold it: index and wrap. */
static inline uint32_t smmu_cmdq_reg_index(const struct smmu_cmdq *q, uint32_t counter)
{
	return counter & q->reg_mask;
}
/* As the event log holds it: with the number of the queue in [31:24]. */
static inline uint32_t smmu_cmdq_log_index(const struct smmu_cmdq *q, uint32_t counter)
{
	return smmu_cmdq_reg_index(q, counter) | q->log_tag;
}
/* The slot that a counter is in, and its physical address. */
static inline uint32_t smmu_cmdq_slot_index(const struct smmu_cmdq *q, uint32_t counter)
{
	return counter & q->reg_mask >> 1;
}
static inline uint64_t smmu_cmdq_slot(const struct smmu_cmdq *q, uint32_t counter)
{
	return q->base + 16 * (uint64_t)smmu_cmdq_slot_index(q, counter);
}

/* ---- smmu_waiter.c; counters, not queue indexes */
/* By whoever services an error: tells the CPU whose batch holds `ctr`. */
void smmu_waiter_record(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr, unsigned int code);
/* By the waiting CPU, before its slots are marked valid. */
void smmu_waiter_begin(struct smmu *smmu, struct smmu_cmdq *q, uint32_t start, uint32_t count);
/* Collects: 0, -EIO for CERROR_ATC_INV_SYNC, -EINVAL for CERROR_ILL. Later errors are not recorded any more. */
int smmu_waiter_end(struct smmu *smmu, struct smmu_cmdq *q, uint32_t start, uint32_t count);

/* ---- smmu_ecmdq.c */
/* Finds the queues and gives them memory. 0 also if there are none, or none that can be used. */
int smmu_ecmdq_init(struct smmu *smmu);
void smmu_ecmdq_free(struct smmu *smmu);
/* Switches them on; from then on commands go to them. One that does not come on: a message, and CMDQ stays the only queue. */
void smmu_ecmdq_enable(struct smmu *smmu);
/* Nobody issues any more. */
void smmu_ecmdq_disable(struct smmu *smmu);
/* Believes ECMDQ_PROD what is acknowledged, under the gerror lock. */
void smmu_ecmdq_resync(struct smmu *smmu);
/* Services those that stand at an error, under the gerror lock. True: there was one. */
bool smmu_ecmdq_service(struct smmu *smmu);
/* The queue of this CPU. Not for longer than the CPU is the same: interrupts off, or a task that stays on it. */
static inline struct smmu_cmdq *smmu_cmdq_mine(struct smmu *smmu)
{
	return smmu->ecmdqs == 0 ? &smmu->cmdq : &smmu->ecmdq[port_cpu(smmu->port) & (smmu->ecmdqs - 1)];
}

/* ---- smmu_gerror.c */
enum gerror_result {
	GERROR_IDLE,		/* nothing active */
	GERROR_DONE,		/* something was serviced */
	GERROR_LOST		/* another CPU is at it */
};
#define GERROR_RESYNC		BIT32(31)	/* no error: ask hardware what it holds to be acknowledged */
/* Services those of `bits` that are active. */
enum gerror_result smmu_gerror_service(struct smmu *smmu, uint32_t bits);
/*
 * A queue that stands at the error in its CONS register: records it, mends the entry. Under the lock. False: the error must
 * stay active, the queue is dead.
 */
bool smmu_gerror_queue(struct smmu *smmu, struct smmu_cmdq *q, uint32_t rd, unsigned int code);
void smmu_gerror_irq(void *smmu);

/* ---- smmu_evtq.c */
int smmu_evtq_init(struct smmu *smmu);
void smmu_evtq_free(struct smmu *smmu);
void smmu_evtq_irq(void *smmu);

/* ---- smmu_priq.c */
int smmu_priq_init(struct smmu *smmu);
void smmu_priq_free(struct smmu *smmu);
void smmu_priq_irq(void *smmu);
static inline bool smmu_priq_used(const struct smmu *smmu)
{
	return smmu->priq.log2 != 0;
}

/* ---- smmu_probe.c */
/* Waits until (register & mask) == value, at most reg_timeout; -ETIMEDOUT with a diagnostic. `off` from page 0. */
int smmu_wait_reg(struct smmu *smmu, uint64_t off, uint32_t mask, uint32_t value, const char *what);

/* ---- smmu_strtab.c */
#define SMMU_ST_SPLIT	8u	/* level 2 tables of 256 STEs: one PCI bus each */
int smmu_strtab_init(struct smmu *smmu);
void smmu_strtab_free(struct smmu *smmu);
int smmu_asid_alloc(struct smmu *smmu, uint16_t *asid);
void smmu_asid_free(struct smmu *smmu, uint16_t asid);

#endif
