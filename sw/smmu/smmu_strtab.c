/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream table (smmuv3.md §1.5), what a master needs in it, and the ASIDs.
 *
 * Level 2 tables are made when the first master of a bus appears and stay until the SMMU goes; every STE starts as abort.
 */
#include "smmu_master.h"

#define STE_BYTES	64u
#define L1_BYTES	8u
#define ST_2LVL_MAX	16u		/* log2 of STEs covered: a requester ID */
#define CD_TABLE_MAX	4096u		/* of IOMMU_SSID_BITS_MAX, and the alignment of them all */
#define ST_LINEAR_MAX	12u		/* the same in a linear table, when two levels are not offered */

int smmu_strtab_init(struct smmu *smmu)
{
	struct port *p = smmu->port;
	const unsigned int most = smmu->has_2lvl ? ST_2LVL_MAX : ST_LINEAR_MAX;
	unsigned int log2 = smmu->sid_bits < most ? smmu->sid_bits : most;
	size_t align;
	int r;

	smmu->l1_count = smmu->has_2lvl && log2 > SMMU_ST_SPLIT ? 1u << (log2 - SMMU_ST_SPLIT) : 1;
	smmu->strtab_bytes = smmu->has_2lvl ? L1_BYTES * (size_t)smmu->l1_count : (size_t)STE_BYTES << log2;
	align = smmu->strtab_bytes > 4096 ? smmu->strtab_bytes : 4096;
	r = port_dma_alloc(p, smmu->strtab_bytes, align, &smmu->strtab);
	if (r == 0 && smmu->has_2lvl) {
		smmu->l2 = port_zalloc(p, smmu->l1_count * sizeof(*smmu->l2));
		r = smmu->l2 ? 0 : -ENOMEM;
	} else if (r == 0) {
		smmu_ste_fill_abort(smmu, smmu->strtab, 1u << log2);
	}
	smmu->sid_bits = log2;
	return r;
}

void smmu_strtab_free(struct smmu *smmu)
{
	unsigned int i;

	for (i = 0; smmu->l2 && i < smmu->l1_count; i++) {
		if (smmu->l2[i] != 0)
			port_dma_free(smmu->port, smmu->l2[i], (size_t)STE_BYTES << SMMU_ST_SPLIT);
	}
	port_free(smmu->port, smmu->l2);
	if (smmu->strtab != 0)
		port_dma_free(smmu->port, smmu->strtab, smmu->strtab_bytes);
}

/* Address of the STE; makes the level 2 table if it is missing. */
static int strtab_slot(struct smmu *smmu, uint32_t sid, uint64_t *ste)
{
	const size_t bytes = (size_t)STE_BYTES << SMMU_ST_SPLIT;
	uint32_t l1 = sid >> SMMU_ST_SPLIT, l2 = sid & (BIT32(SMMU_ST_SPLIT) - 1);
	struct smmu_batch b = { .n = 1 };
	uint64_t table = 0;
	int r = 0;

	if (sid >> smmu->sid_bits != 0)		/* sid_bits <= ST_2LVL_MAX by now */
		return -EINVAL;
	if (!smmu->has_2lvl) {
		*ste = smmu->strtab + STE_BYTES * (uint64_t)sid;
		return 0;
	}
	mutex_lock(smmu->port, &smmu->lock);
	if (smmu->l2[l1] == 0) {
		r = port_dma_alloc(smmu->port, bytes, bytes, &table);
		if (r == 0) {
			smmu_ste_fill_abort(smmu, table, 1u << SMMU_ST_SPLIT);
			port_wmb(smmu->port);
			/* SPAN n means 2^(n-1) STEs; one 64-bit store makes the whole table appear */
			port_mem_write64(smmu->port, smmu->strtab + L1_BYTES * (uint64_t)l1,
					 FIELD_PREP64(L1STD0_SPAN, SMMU_ST_SPLIT + 1) | (table & L1STD0_L2PTR));
			port_wmb(smmu->port);
			smmu->l2[l1] = table;
			b.cmd[0] = cmd_cfgi_ste(sid, false);
			r = smmu_cmdq_issue(smmu, &b, NULL);
		}
	}
	*ste = smmu->l2[l1] + STE_BYTES * (uint64_t)l2;
	mutex_unlock(smmu->port, &smmu->lock);
	return r;
}

/* Only who has to find a master by its StreamID pays for the list. */
static bool listed(const struct smmu_master *m)
{
	return m->smmu->policy->blind_reset || smmu_priq_used(m->smmu);
}

static void list_add(struct smmu_master *m)
{
	struct smmu *smmu = m->smmu;
	unsigned long irq = raw_lock_acquire(smmu->port, &smmu->masters_lock);

	m->next = smmu->masters;
	smmu->masters = m;
	raw_lock_release(smmu->port, &smmu->masters_lock, irq);
}

static void list_del(struct smmu_master *m)
{
	struct smmu *smmu = m->smmu;
	unsigned long irq = raw_lock_acquire(smmu->port, &smmu->masters_lock);
	struct smmu_master **at = &smmu->masters;

	while (*at && *at != m)
		at = &(*at)->next;
	if (*at)
		*at = m->next;
	raw_lock_release(smmu->port, &smmu->masters_lock, irq);
}

struct smmu_master *smmu_master_find(struct smmu *smmu, uint32_t sid)
{
	struct smmu_master *m = smmu->masters, *found = NULL;
	unsigned int i;

	for (; m && !found; m = m->next) {
		for (i = 0; i < m->streams && !found; i++)
			found = m->stream[i].sid == sid ? m : NULL;
	}
	return found;
}

int smmu_master_init(struct smmu_master *m)
{
	struct smmu *smmu = m->smmu;
	unsigned int i;
	int r = 0;

	raw_lock_init(&m->lock, LOCK_MASTER, &smmu->stats.lock_waits);
	raw_lock_init(&m->pci_lock, LOCK_MASTER_PCI, &smmu->stats.lock_waits);
	m->cd_bytes = (size_t)64 << m->ssid_bits;
	for (i = 0; i < m->streams; i++) {
		if (m->ssid_bits > smmu->ssid_bits || m->stream[i].hw_index >= SMMU_INV_LIMIT_COUNT)
			return -EINVAL;
	}
	for (i = 0; i < m->streams && r == 0; i++)
		r = strtab_slot(smmu, m->stream[i].sid, &m->stream[i].ste);
	for (i = 0; i < 2 && r == 0; i++)
		r = port_dma_alloc(smmu->port, m->cd_bytes, CD_TABLE_MAX, &m->cd_table[i]);
	for (i = 0; i < m->streams && r == 0 && m->ats; i++)
		smmu_write32(smmu, SMMU_INV_LIMIT(m->stream[i].hw_index),
			     FIELD_PREP32(SMMU_INV_LIMIT_LIMIT_MASK,
					  smmu->plat.use_qdep ? pci_ats_qdep(m->stream[i].pdev) : 32));
	if (r != 0)
		smmu_master_free(m);
	else if (listed(m))
		list_add(m);
	return r;
}

void smmu_master_free(struct smmu_master *m)
{
	unsigned int i;

	if (listed(m))
		list_del(m);
	for (i = 0; i < 2; i++) {
		if (m->cd_table[i] != 0)
			port_dma_free(m->smmu->port, m->cd_table[i], m->cd_bytes);
		m->cd_table[i] = 0;
	}
}

/* ------------------------------------------------------------------ ASIDs */
int smmu_asid_alloc(struct smmu *smmu, uint16_t *asid)
{
	unsigned int i;
	int r = -ENOSPC;

	mutex_lock(smmu->port, &smmu->lock);
	for (i = 1; i < smmu->asid_count && r != 0; i++) {	/* 0 is left alone, as Linux does */
		if (!(smmu->asid_map[i / 64] & BIT64(i % 64))) {
			smmu->asid_map[i / 64] |= BIT64(i % 64);
			*asid = (uint16_t)i;
			r = 0;
		}
	}
	mutex_unlock(smmu->port, &smmu->lock);
	return r;
}

void smmu_asid_free(struct smmu *smmu, uint16_t asid)
{
	mutex_lock(smmu->port, &smmu->lock);
	smmu->asid_map[asid / 64] &= ~BIT64(asid % 64);
	mutex_unlock(smmu->port, &smmu->lock);
}
