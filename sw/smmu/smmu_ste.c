/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stream table entries (smmuv3.md §5).
 *
 * Who stores to a live STE, and why no update of EATS is lost (step 3 of the flow):
 *
 *  S1. All dwords but 1 are stored only by the holder of the device's mutex (attach, detach, reset).
 *  S2. Dword 1 is also stored by an isolating CPU, which takes no mutex. It changes nothing but EATS, from 1 to 0, and only
 *      after it has found, under the master's raw lock, that the generation it isolates is still the current one.
 *  S3. The mutex holder stores dword 1 under the same lock. A value with EATS = 1 goes in as such only if the current
 *      generation is its own and nobody has claimed it; otherwise EATS is dropped from the value.
 *  S4. Both use compare-exchange, so that the code is right even against a writer that forgot the lock; under the lock
 *      it succeeds at once.
 *
 * An attach starts its generation before its first store. So an isolation that belongs to an older generation cannot
 * clear the EATS of the attach (S2), and one that belongs to the attach's own generation cannot be undone by it (S3).
 */
#include "smmu_master.h"

#define SHCFG_INCOMING	1u

void smmu_ste_make(const struct smmu_master *m, enum smmu_ste_kind kind, uint64_t cd_table, bool eats, uint64_t ste[8])
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		ste[i] = 0;
	ste[0] = STE0_V;
	switch (kind) {
	case SMMU_STE_BYPASS:
		ste[0] |= FIELD_PREP64(STE0_CONFIG, STE_CONFIG_BYPASS);
		ste[1] |= FIELD_PREP64(STE1_SHCFG, SHCFG_INCOMING);
		break;
	case SMMU_STE_S1:
		ste[0] |= FIELD_PREP64(STE0_CONFIG, STE_CONFIG_S1) | FIELD_PREP64(STE0_S1FMT, STE_S1FMT_LINEAR) |
			  (cd_table & STE0_S1CONTEXTPTR) | FIELD_PREP64(STE0_S1CDMAX, m->ssid_bits);
		ste[1] |= FIELD_PREP64(STE1_S1DSS, STE_S1DSS_SSID0) | FIELD_PREP64(STE1_S1CIR, CACHE_WB_RAWA) |
			  FIELD_PREP64(STE1_S1COR, CACHE_WB_RAWA) | FIELD_PREP64(STE1_S1CSH, SH_INNER) |
			  FIELD_PREP64(STE1_EATS, eats ? STE_EATS_FULL : STE_EATS_OFF) |
			  FIELD_PREP64(STE1_STRW, STE_STRW_NSEL1);
		break;
	default:	/* SMMU_STE_ABORT */
		ste[0] |= FIELD_PREP64(STE0_CONFIG, STE_CONFIG_ABORT);
		break;
	}
}

void smmu_ste_used(const uint64_t ste[8], uint64_t used[8])
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		used[i] = 0;
	used[0] = STE0_V | STE0_CONFIG;		/* every STE is valid from its table's first day on (smmu_ste_fill_abort) */
	switch (FIELD_GET64(STE0_CONFIG, ste[0])) {
	case STE_CONFIG_S1:
		used[0] |= STE0_S1FMT | STE0_S1CONTEXTPTR | STE0_S1CDMAX;
		used[1] |= STE1_S1DSS | STE1_S1CIR | STE1_S1COR | STE1_S1CSH | STE1_S1STALLD | STE1_EATS | STE1_STRW;
		break;
	case STE_CONFIG_BYPASS:
		used[1] |= STE1_SHCFG | STE1_MTCFG | STE1_MEMATTR | STE1_ALLOCCFG | STE1_PRIVCFG | STE1_INSTCFG |
			   STE1_NSCFG;
		break;
	default:	/* abort; this driver makes no stage 2 */
		break;
	}
}

struct ste_ctx {
	struct smmu_master *m;
	const struct smmu_stream *stream;
	uint64_t gen;
};

static uint64_t ste_load(void *arg, unsigned int i)
{
	const struct ste_ctx *c = arg;

	return port_mem_read64(c->m->smmu->port, c->stream->ste + 8 * i);
}

static void ste_store(void *arg, unsigned int i, uint64_t v)
{
	const struct ste_ctx *c = arg;
	struct smmu_master *m = c->m;
	struct port *p = m->smmu->port;
	uint64_t pa = c->stream->ste + 8 * i, old, found;
	unsigned long irq;

	if (i != 1) {
		port_mem_write64(p, pa, v);					/* S1 */
	} else {
		irq = raw_lock_acquire(p, &m->lock);					/* S3 */
		if (master_state(m) != c->gen << MASTER_GEN_SHIFT)
			v &= ~STE1_EATS;
		found = port_mem_read64(p, pa);
		do {								/* S4 */
			old = found;
			found = port_mem_cmpxchg64(p, pa, old, v);
		} while (found != old);
		raw_lock_release(p, &m->lock, irq);
	}
}

static int ste_sync(void *arg)
{
	const struct ste_ctx *c = arg;
	struct smmu_batch b = { .n = 1 };

	port_wmb(c->m->smmu->port);
	b.cmd[0] = cmd_cfgi_ste(c->stream->sid, true);
	return smmu_cmdq_issue(c->m->smmu, &b, NULL);
}

int smmu_ste_install(struct smmu_master *m, const uint64_t ste[8], uint64_t gen)
{
	static const struct smmu_entry_ops ops = {
		.used = smmu_ste_used,
		.stop = STE0_V,		/* Config = 000: abort, without an event */
		.load = ste_load,
		.store = ste_store,
		.sync = ste_sync,
	};
	struct ste_ctx c = { .m = m, .gen = gen };
	unsigned int i;
	int r = 0;

	for (i = 0; i < m->streams && r == 0; i++) {
		c.stream = &m->stream[i];
		r = smmu_entry_write(&ops, &c, ste, NULL);
	}
	return r;
}

void smmu_ste_fill_abort(struct smmu *smmu, uint64_t table, unsigned int count)
{
	unsigned int i;

	/* the table is zeroed, and nothing points to it yet */
	for (i = 0; i < count; i++)
		port_mem_write64(smmu->port, table + 64 * (uint64_t)i,
				 STE0_V | FIELD_PREP64(STE0_CONFIG, STE_CONFIG_ABORT));
}

bool smmu_ste_eats(struct smmu_master *m)
{
	bool on = false;
	unsigned int i;

	for (i = 0; i < m->streams; i++)
		on |= FIELD_GET64(STE1_EATS, port_mem_read64(m->smmu->port, m->stream[i].ste + 8)) != STE_EATS_OFF;
	return on;
}
