/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Context descriptors (smmuv3.md §5.1). Two linear tables per master: an attach builds the whole next table aside and the
 * STE switches to it with the one store of its dword 0, so replacing a domain is hitless although ASID and TTB0 sit in
 * different dwords of a CD. A PASID attach changes its one CD in place, which is invalid before and after.
 */
#include "smmu_master.h"

#define T0SZ_48		16u
#define MAIR_WB		0xffu	/* attribute 0: normal, write-back, read and write allocate (io_pgtable.c) */
#define CD_BYTES	64u

void smmu_cd_make(const struct smmu *smmu, uint64_t ttb, uint16_t asid, uint64_t cd[8])
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		cd[i] = 0;
	cd[0] = FIELD_PREP64(CD0_T0SZ, T0SZ_48) | FIELD_PREP64(CD0_TG0, TG0_4K) | FIELD_PREP64(CD0_IR0, CACHE_WB_RAWA) |
		FIELD_PREP64(CD0_OR0, CACHE_WB_RAWA) | FIELD_PREP64(CD0_SH0, SH_INNER) | CD0_EPD1 | CD0_V |
		FIELD_PREP64(CD0_IPS, smmu->oas) | CD0_AA64 | CD0_R | CD0_A | CD0_ASET |
		FIELD_PREP64(CD0_ASID, asid);
	cd[1] = ttb & CD1_TTB0;
	cd[3] = MAIR_WB;
}

void smmu_cd_used(const uint64_t cd[8], uint64_t used[8])
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		used[i] = 0;
	used[0] = CD0_V;
	if (cd[0] & CD0_V) {
		/* EPD0 = 0, EPD1 = 1 in every CD that smmu_cd_make() makes: what belongs to TTB1 is not looked at */
		used[0] = ~(CD0_T1SZ | CD0_TG1 | CD0_IR1 | CD0_OR1 | CD0_SH1);
		used[1] = CD1_NSCFG0 | CD1_HAD0 | CD1_E0PD0 | CD1_HAFT | CD1_TTB0;
		used[3] = CD3_MAIR;
		used[4] = CD4_AMAIR;
	}
}

uint64_t smmu_cd_prepare(struct smmu_master *m, const uint64_t cd[8])
{
	struct port *p = m->smmu->port;
	uint64_t live = m->cd_table[m->cd_live], next = m->cd_table[!m->cd_live], off;
	unsigned int i;

	for (off = CD_BYTES; off < m->cd_bytes; off += 8)
		port_mem_write64(p, next + off, port_mem_read64(p, live + off));
	for (i = 0; i < 8; i++)
		port_mem_write64(p, next + 8 * i, cd[i]);
	port_wmb(p);
	return next;
}

struct cd_ctx {
	struct smmu_master *m;
	uint32_t ssid;
};

static uint64_t cd_pa(const struct cd_ctx *c, unsigned int i)
{
	return c->m->cd_table[c->m->cd_live] + CD_BYTES * (uint64_t)c->ssid + 8 * i;
}

static uint64_t cd_load(void *arg, unsigned int i)
{
	const struct cd_ctx *c = arg;

	return port_mem_read64(c->m->smmu->port, cd_pa(c, i));
}

static void cd_store(void *arg, unsigned int i, uint64_t v)
{
	const struct cd_ctx *c = arg;

	port_mem_write64(c->m->smmu->port, cd_pa(c, i), v);
}

static int cd_sync(void *arg)
{
	const struct cd_ctx *c = arg;
	struct smmu_batch b = { .n = 0 };

	port_wmb(c->m->smmu->port);
	for (b.n = 0; b.n < c->m->streams; b.n++)	/* cached by StreamID, though the table is one */
		b.cmd[b.n] = cmd_cfgi_cd(c->m->stream[b.n].sid, c->ssid, true);
	return smmu_cmdq_issue(c->m->smmu, &b, NULL);
}

int smmu_cd_install(struct smmu_master *m, uint32_t ssid, const uint64_t cd[8])
{
	static const struct smmu_entry_ops ops = {
		.used = smmu_cd_used, .stop = 0, .load = cd_load, .store = cd_store, .sync = cd_sync,
	};
	static const uint64_t invalid[8];
	struct cd_ctx c = { .m = m, .ssid = ssid };

	return smmu_entry_write(&ops, &c, cd ? cd : invalid, NULL);
}
