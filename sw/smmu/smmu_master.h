/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One master: its StreamIDs with an STE each, the CD tables that all of them use, and the state of its ATS.
 *
 * A master of several StreamIDs is one device for isolation, blocking and attach: what happens to one of its streams happens to
 * all (one state word, one list of entries). Only a question (ATC_INV + SYNC) is about one stream.
 */
#ifndef ATCBENCH_SMMU_MASTER_H
#define ATCBENCH_SMMU_MASTER_H

#include "iommu.h"
#include "smmu_entry.h"
#include "smmu_priv.h"

struct iommu_device;

/*
 * master->state, one word:
 *	[63:2]	generation: counts the times an attach has switched ATS on
 *	[1]	PROTECTED: EATS = 0 of this generation is in force
 *	[0]	CLAIMED: one CPU has won the right to isolate this generation
 */
#define MASTER_CLAIMED		BIT64(0)
#define MASTER_PROTECTED	BIT64(1)
#define MASTER_GEN_SHIFT	2
#define MASTER_GEN_ONE		BIT64(MASTER_GEN_SHIFT)

struct smmu_stream {
	uint32_t sid;
	unsigned int hw_index;
	struct pci_dev *pdev;		/* the function that presents it */
	uint64_t ste;			/* physical address */
};

struct smmu_master {
	struct smmu *smmu;
	struct iommu_device *dev;
	uint32_t sid;			/* its name in the log: the first StreamID */
	unsigned int streams;		/* 0: its StreamID, and so its STE, is another master's (group.c) */
	struct smmu_stream stream[IOMMU_STREAMS_MAX];
	unsigned int ssid_bits;
	bool ats;			/* the functions have ATS, the SMMU too, and it is wanted */

	uint64_t cd_table[2];		/* one is in the STE, the other is built for the next attach */
	unsigned int cd_live;
	size_t cd_bytes;

	struct raw_lock lock;		/* state changes, entries list, marks, EATS = 1 stores */
	struct raw_lock pci_lock;	/* PCI ATS enable against disable */
	struct inv_entry *entries;	/* in all domains */
	struct smmu_master *next;	/* in smmu->masters */
	port_atomic_t state;
	port_atomic_t probation;	/* re-attached after a reset, not yet proved */
	port_atomic_t isolations;
	port_atomic_t ats_broken;	/* policies that fence: isolated, and not reset since */
};

static inline uint64_t master_state(struct smmu_master *m)
{
	return port_atomic_read(m->smmu->port, &m->state);
}

/* One of its functions is: the device is not whole any more. */
static inline bool master_gone(const struct smmu_master *m)
{
	bool gone = false;
	unsigned int i;

	for (i = 0; i < m->streams; i++)
		gone = gone || pci_dev_is_disconnected(m->stream[i].pdev);
	return gone;
}

/* A step of the flow that is about every stream of the master. */
static inline void master_trace(const struct smmu_master *m, enum atc_log_event event, uint64_t a1, uint64_t a2)
{
	unsigned int i;

	for (i = 0; i < m->streams; i++)
		port_trace(m->smmu->port, event, m->stream[i].sid, a1, a2);
}

static inline uint64_t state_gen(uint64_t state)
{
	return state >> MASTER_GEN_SHIFT;
}

/* ---- ../iommu/fault.c; task context: grants a page request or not, enum smmu_pri_resp; says in rq->rsp_ssv what the device needs */
unsigned int iommu_page_request(struct smmu *smmu, struct smmu_page_request *rq);

/* ---- smmu_strtab.c: the slot of a new master */
int smmu_master_init(struct smmu_master *m);
void smmu_master_free(struct smmu_master *m);
/* Under masters_lock; only policies with blind_reset and page requests keep the list. */
struct smmu_master *smmu_master_find(struct smmu *smmu, uint32_t sid);

/* ---- smmu_ste.c; the caller holds the device's mutex */
enum smmu_ste_kind {
	SMMU_STE_ABORT,
	SMMU_STE_BYPASS,
	SMMU_STE_S1		/* with the CD table that is live after the switch */
};
void smmu_ste_make(const struct smmu_master *m, enum smmu_ste_kind kind, uint64_t cd_table, bool eats, uint64_t ste[8]);
void smmu_ste_used(const uint64_t ste[8], uint64_t used[8]);
/* In the STE of each stream. gen: the generation for which EATS = 1 may be stored. Trace-free; CFGI + SYNC inside. */
int smmu_ste_install(struct smmu_master *m, const uint64_t ste[8], uint64_t gen);
/* All STEs of a fresh level 2 table. */
void smmu_ste_fill_abort(struct smmu *smmu, uint64_t table, unsigned int count);
bool smmu_ste_eats(struct smmu_master *m);	/* of any stream */

/* ---- smmu_cd.c; the caller holds the device's mutex */
void smmu_cd_make(const struct smmu *smmu, uint64_t ttb, uint16_t asid, uint64_t cd[8]);
void smmu_cd_used(const uint64_t cd[8], uint64_t used[8]);
/* Builds the table that is not live: a copy of the live one with CD `ssid` replaced. Returns its address. */
uint64_t smmu_cd_prepare(struct smmu_master *m, const uint64_t cd[8]);
/* Changes one CD of the live table in place. cd = NULL: invalid. */
int smmu_cd_install(struct smmu_master *m, uint32_t ssid, const uint64_t cd[8]);

/* ---- smmu_inv.c */
int smmu_inv_asid(struct smmu *smmu, uint16_t asid);
/* ATC_INV of everything, for each stream, SYNC. -ENODEV: it is gone, nothing is sent. */
int smmu_inv_atc_all(struct smmu_master *m, uint32_t *batch);
/* The part of a request of n (1 .. 63) entries, marked or not, with a SYNC of its own. */
int smmu_inv_atc_some(struct smmu *smmu, const struct smmu_inv_request *rq, struct inv_entry *const *e, unsigned int n,
		      uint32_t *batch);
/* Both halves of an unmap for a domain's list (D10). Reader section inside. */
int smmu_inv_domain(struct smmu *smmu, struct invs *invs, const struct smmu_inv_request *rq);

/* ---- smmu_ats.c */
void smmu_ats_entry_add(struct smmu_master *m, struct inv_entry *e);
void smmu_ats_entry_del(struct smmu_master *m, struct inv_entry *e);
/* [interrupt handlers too] Its function's state says that it is gone: nothing is sent to it from here on (A7). */
void smmu_ats_disconnected(struct smmu_master *m);
/* Step 5: a new generation; clears the marks in every domain. Returns it; 0 behind a fence: nothing has changed. */
uint64_t smmu_ats_new_generation(struct smmu_master *m);
/* PCI ATS enable, unless this generation has been isolated already (-EAGAIN). -EIO: it does not read back. */
int smmu_ats_pci_enable(struct smmu_master *m, uint64_t gen);
/* Before EATS = 1: every function of it has ATS off, so that enabling it empties its ATC. -ENODEV, -EIO as pci_ats_settle_off(). */
int smmu_ats_pci_settle(struct smmu_master *m);
/* Of all functions, without a look at the generation: before anything else of a detach or a block. True: it was on. */
bool smmu_ats_pci_off(struct smmu_master *m);

#define SMMU_ISOLATE_QUIET	1u	/* no error event: found in a reset or being detached */
/*
 * Steps 3, 4 and 6 for generation `gen` of this master. 0: EATS = 0 is in force, whoever did it. -EAGAIN: an attach has
 * started a new generation, ask the device again. Else the queue's error: protection is not established.
 */
int smmu_ats_isolate(struct smmu_master *m, uint64_t gen, uint32_t batch, unsigned int flags);
/* Whether the policy fences attach and this master is isolated, not reset since. */
bool smmu_ats_fenced(struct smmu_master *m);
/* After a successful reset. */
void smmu_ats_fence_lift(struct smmu_master *m);
/* Releases the quarantined tags of each stream; after FLR + a good configuration read only (D17). */
void smmu_quar_release(struct smmu_master *m);

#endif
