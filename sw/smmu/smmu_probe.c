/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bring-up (smmuv3.md §1, §7.3 end).
 *
 * Order: GBPA abort, CR0 = 0, CR1, CR2, stream table, command queue on, CFGI_ALL, TLBI all, enhanced command queues on, event queue on, PRI queue
 * on, ATSCHK, interrupts, SMMUEN. Every stream aborts until its device is attached.
 */
#include "iommu.h"
#include "smmu_master.h"

#define ASID_MAX	256u		/* as many domains as a scenario can want; 16-bit ASIDs allow more */
#define REG_PERIOD	8u

void smmu_platform_init(struct smmu_platform *plat)
{
	*plat = (struct smmu_platform){
		.gerror_irq = true,
		.sync_msi = true,
		.sync_irq_off = true,
		.ecmdq = true,
		.cmdq_log2 = 8,
		.evtq_log2 = 7,
		.priq_budget = 32,
		.batch = SMMU_BATCH_MAX,
		.poll_timeout = 100000,
		.poll_period = 10,
		.reg_timeout = 10000,
		.expiry_limit = 1000,
		.atc_timeout = 20000,
		.use_qdep = true,
		.quar_release = true,
		.policy = "minimal",
		.order = SMMU_PCI_FIRST,
		.poll_gerror = true,
	};
}

void smmu_stats_get(const struct smmu *smmu, struct smmu_stats *out)
{
#define X(name) out->name = counter_get(&smmu->stats.name);
	SMMU_STAT_LIST(X)
#undef X
	_Static_assert(sizeof(struct smmu_stats) == sizeof(struct smmu_counters), "a counter is missing in the list");
}

void smmu_dump(struct smmu *smmu)
{
	smmu_cmdq_diag(smmu, "dump");
}

int smmu_raw_commands(struct smmu *smmu, const uint64_t (*cmd)[2], unsigned int n)
{
	struct smmu_batch b = { .n = n };
	unsigned int i;

	if (n == 0 || n > SMMU_BATCH_MAX)
		return -EINVAL;
	for (i = 0; i < n; i++) {
		b.cmd[i].dw[0] = cmd[i][0];
		b.cmd[i].dw[1] = cmd[i][1];
		b.atc |= cmd_op(&b.cmd[i]) == OP_ATC_INV;
	}
	return smmu_cmdq_issue(smmu, &b, NULL);
}

int smmu_wait_reg(struct smmu *smmu, uint64_t off, uint32_t mask, uint32_t value, const char *what)
{
	struct port_src src = {
		.kind = PORT_SRC_MMIO32,
		.addr = smmu->plat.base + off,
		.mask = mask,
		.value = value,
		.until_equal = true,
	};
	int r = port_wait(smmu->port, &src, 1, REG_PERIOD, port_now(smmu->port) + smmu->plat.reg_timeout, 0);

	if (r < 0)
		smmu_cmdq_diag(smmu, what);
	return r < 0 ? r : 0;
}

static int write_and_wait(struct smmu *smmu, uint32_t reg, uint32_t ack, uint32_t v, const char *what)
{
	smmu_write32(smmu, reg, v);
	return smmu_wait_reg(smmu, ack, UINT32_MAX, v, what);
}

/* ------------------------------------------------------------------ identification */
static int unusable(struct smmu *smmu, const char *why, uint32_t reg)
{
	port_log(smmu->port, PORT_LOG_ERR, "smmu: %s (0x%08x)", why, (unsigned int)reg);
	return -ENODEV;
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static int identify(struct smmu *smmu)
{
	uint32_t idr0 = smmu_read32(smmu, SMMU_IDR0);
	uint32_t idr1 = smmu_read32(smmu, SMMU_IDR1);
	uint32_t idr3 = smmu_read32(smmu, SMMU_IDR3);
	uint32_t idr5 = smmu_read32(smmu, SMMU_IDR5);
	int r = 0;

	if (idr0 == UINT32_MAX || idr1 == UINT32_MAX || (idr0 == 0 && idr1 == 0))
		return unusable(smmu, "no SMMU answers", idr0);

	if (!(idr0 & SMMU_IDR0_S1P))
		r = unusable(smmu, "IDR0: no stage 1", idr0);
	else if (!(FIELD_GET32(SMMU_IDR0_TTF_MASK, idr0) & 2))
		r = unusable(smmu, "IDR0: no AArch64 tables", idr0);
	else if (!(idr0 & SMMU_IDR0_COHACC))
		r = unusable(smmu, "IDR0: tables and queues are not coherent", idr0);
	else if (FIELD_GET32(SMMU_IDR0_TTENDIAN_MASK, idr0) == 3)
		r = unusable(smmu, "IDR0: big-endian tables only", idr0);
	else if (FIELD_GET32(SMMU_IDR0_STALL_MODEL_MASK, idr0) == 2)
		r = unusable(smmu, "IDR0: stalls are forced", idr0);
	else if (idr1 & (SMMU_IDR1_TABLES_PRESET | SMMU_IDR1_QUEUES_PRESET | SMMU_IDR1_REL))
		r = unusable(smmu, "IDR1: preset tables or queues", idr1);
	else if (!(idr5 & SMMU_IDR5_GRAN4K))
		r = unusable(smmu, "IDR5: no 4 KiB granule", idr5);
	else if (FIELD_GET32(SMMU_IDR5_OAS_MASK, idr5) == 7)
		r = unusable(smmu, "IDR5: output size unknown", idr5);

	smmu->has_ats = idr0 & SMMU_IDR0_ATS;
	smmu->has_pri = idr0 & SMMU_IDR0_PRI;
	smmu->has_msi = idr0 & SMMU_IDR0_MSI;
	smmu->has_sev = idr0 & SMMU_IDR0_SEV;
	smmu->has_hyp = idr0 & SMMU_IDR0_HYP;
	smmu->has_2lvl = FIELD_GET32(SMMU_IDR0_ST_LEVEL_MASK, idr0) == 1;
	smmu->has_ril = idr3 & SMMU_IDR3_RIL;
	smmu->asid_bits = idr0 & SMMU_IDR0_ASID16 ? 16 : 8;
	smmu->oas = smaller(FIELD_GET32(SMMU_IDR5_OAS_MASK, idr5), OAS_48);	/* io_pgtable.c makes 48 bits */
	smmu->sid_bits = FIELD_GET32(SMMU_IDR1_SIDSIZE_MASK, idr1);
	smmu->ssid_bits = FIELD_GET32(SMMU_IDR1_SSIDSIZE_MASK, idr1);
	smmu->has_ecmdq = idr1 & SMMU_IDR1_ECMDQ;
	smmu->cmdq.prod_reg = smmu->plat.base + SMMU_CMDQ_PROD;
	smmu->cmdq.cons_reg = smmu->plat.base + SMMU_CMDQ_CONS;
	smmu->cmdq.log2 = smaller(smmu->plat.cmdq_log2, FIELD_GET32(SMMU_IDR1_CMDQS_MASK, idr1));
	smmu->evtq.log2 = smaller(smmu->plat.evtq_log2, FIELD_GET32(SMMU_IDR1_EVENTQS_MASK, idr1));
	if (smmu->has_ats && smmu->has_pri)
		smmu->priq.log2 = smaller(smmu->plat.priq_log2, FIELD_GET32(SMMU_IDR1_PRIQS_MASK, idr1));
	if (r == 0 && smmu->sid_bits > 32)
		r = unusable(smmu, "IDR1: SIDSIZE", idr1);
	return r;
}

/* ------------------------------------------------------------------ reset */
static int gbpa_abort(struct smmu *smmu)
{
	int r = smmu_wait_reg(smmu, SMMU_GBPA, SMMU_GBPA_UPDATE, 0, "GBPA.Update stays set");

	if (r == 0) {
		smmu_write32(smmu, SMMU_GBPA, smmu_read32(smmu, SMMU_GBPA) | SMMU_GBPA_ABORT | SMMU_GBPA_UPDATE);
		r = smmu_wait_reg(smmu, SMMU_GBPA, SMMU_GBPA_UPDATE, 0, "GBPA.Update stays set");
	}
	return r;
}

static uint32_t cr1_value(void)
{
	return FIELD_PREP32(SMMU_CR1_TABLE_SH_MASK, SH_INNER) | FIELD_PREP32(SMMU_CR1_TABLE_OC_MASK, CACHE_WB_RAWA) |
	       FIELD_PREP32(SMMU_CR1_TABLE_IC_MASK, CACHE_WB_RAWA) | FIELD_PREP32(SMMU_CR1_QUEUE_SH_MASK, SH_INNER) |
	       FIELD_PREP32(SMMU_CR1_QUEUE_OC_MASK, CACHE_WB_RAWA) | FIELD_PREP32(SMMU_CR1_QUEUE_IC_MASK, CACHE_WB_RAWA);
}

static void program_tables(struct smmu *smmu)
{
	uint32_t fmt = smmu->has_2lvl ? STRTAB_FMT_2LVL : STRTAB_FMT_LINEAR;

	smmu_write64(smmu, SMMU_STRTAB_BASE, (smmu->strtab & SMMU_STRTAB_BASE_ADDR_MASK) | SMMU_STRTAB_BASE_RA);
	smmu_write32(smmu, SMMU_STRTAB_BASE_CFG,
		     FIELD_PREP32(SMMU_STRTAB_BASE_CFG_FMT_MASK, fmt) |
			     FIELD_PREP32(SMMU_STRTAB_BASE_CFG_SPLIT_MASK, smmu->has_2lvl ? SMMU_ST_SPLIT : 0) |
			     FIELD_PREP32(SMMU_STRTAB_BASE_CFG_LOG2SIZE_MASK, smmu->sid_bits));

	smmu_write64(smmu, SMMU_CMDQ_BASE, smmu_cmdq_base_value(&smmu->cmdq));
	smmu_write32(smmu, SMMU_CMDQ_PROD, 0);
	smmu_write32(smmu, SMMU_CMDQ_CONS, 0);

	smmu_write64(smmu, SMMU_EVENTQ_BASE,
		     (smmu->evtq.base & SMMU_EVENTQ_BASE_ADDR_MASK) | SMMU_EVENTQ_BASE_WA |
			     FIELD_PREP64(SMMU_EVENTQ_BASE_LOG2SIZE_MASK, smmu->evtq.log2));
	smmu_write32(smmu, SMMU_EVENTQ_PROD, 0);
	smmu_write32(smmu, SMMU_EVENTQ_CONS, 0);

	if (smmu_priq_used(smmu)) {
		smmu_write64(smmu, SMMU_PRIQ_BASE,
			     (smmu->priq.base & SMMU_PRIQ_BASE_ADDR_MASK) | SMMU_PRIQ_BASE_WA |
				     FIELD_PREP64(SMMU_PRIQ_BASE_LOG2SIZE_MASK, smmu->priq.log2));
		smmu_write32(smmu, SMMU_PRIQ_PROD, 0);
		smmu_write32(smmu, SMMU_PRIQ_CONS, 0);
	}

	if (smmu->plat.atc_timeout != 0)
		smmu_write64(smmu, SMMU_ATC_TIMEOUT, smmu->plat.atc_timeout & SMMU_ATC_TIMEOUT_TIMEOUT_MASK);
	smmu_write64(smmu, SMMU_QUAR_INTERVAL, smmu->plat.quar_interval & SMMU_QUAR_INTERVAL_INTERVAL_MASK);
}

static void program_msi(struct smmu *smmu, uint32_t cfg0, uint32_t cfg1, uint32_t cfg2, enum port_irq irq)
{
	bool msi = smmu->plat.irq_msi && smmu->has_msi;

	/* address 0 means wired only */
	smmu_write64(smmu, cfg0, msi ? port_msi_address(smmu->port) & SMMU_GERROR_IRQ_CFG0_ADDR_MASK : 0);
	smmu_write32(smmu, cfg1, irq);
	smmu_write32(smmu, cfg2, FIELD_PREP32(SMMU_GERROR_IRQ_CFG2_MEMATTR_MASK, 1));	/* Device-nGnRE */
}

static int irq_setup(struct smmu *smmu)
{
	uint32_t on = SMMU_IRQ_CTRL_EVENTQ_IRQEN | (smmu->plat.gerror_irq ? SMMU_IRQ_CTRL_GERROR_IRQEN : 0) |
		      (smmu_priq_used(smmu) ? SMMU_IRQ_CTRL_PRIQ_IRQEN : 0);
	int r = write_and_wait(smmu, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, 0, "IRQ_CTRLACK");

	program_msi(smmu, SMMU_GERROR_IRQ_CFG0, SMMU_GERROR_IRQ_CFG1, SMMU_GERROR_IRQ_CFG2, PORT_IRQ_GERROR);
	program_msi(smmu, SMMU_EVENTQ_IRQ_CFG0, SMMU_EVENTQ_IRQ_CFG1, SMMU_EVENTQ_IRQ_CFG2, PORT_IRQ_EVENTQ);
	if (smmu_priq_used(smmu))
		program_msi(smmu, SMMU_PRIQ_IRQ_CFG0, SMMU_PRIQ_IRQ_CFG1, SMMU_PRIQ_IRQ_CFG2, PORT_IRQ_PRIQ);
	if (r == 0)
		r = port_irq_request(smmu->port, PORT_IRQ_GERROR, smmu_gerror_irq, smmu, smmu->plat.irq_cpu);
	if (r == 0)
		r = port_irq_request(smmu->port, PORT_IRQ_EVENTQ, smmu_evtq_irq, smmu, smmu->plat.irq_cpu);
	if (r == 0 && smmu_priq_used(smmu))
		r = port_irq_request(smmu->port, PORT_IRQ_PRIQ, smmu_priq_irq, smmu, smmu->plat.irq_cpu);
	if (r == 0)
		r = write_and_wait(smmu, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, on, "IRQ_CTRLACK");
	return r;
}

static int issue_flush(struct smmu *smmu)
{
	struct smmu_batch b = { .n = 0 };
	int r;

	b.cmd[b.n++] = cmd_cfgi_all();
	r = smmu_cmdq_issue(smmu, &b, NULL);
	if (r == 0) {
		b.n = 0;
		if (smmu->has_hyp)
			b.cmd[b.n++] = cmd_tlbi_el2_all();
		b.cmd[b.n++] = cmd_tlbi_nsnh_all();
		r = smmu_cmdq_issue(smmu, &b, NULL);
	}
	return r;
}

static int reset(struct smmu *smmu)
{
	uint32_t cr0 = 0;
	int r = gbpa_abort(smmu);

	if (r == 0)
		r = write_and_wait(smmu, SMMU_CR0, SMMU_CR0ACK, cr0, "CR0ACK");
	if (r == 0) {
		smmu_write32(smmu, SMMU_CR1, cr1_value());
		smmu_write32(smmu, SMMU_CR2, SMMU_CR2_PTM | SMMU_CR2_RECINVSID);
		program_tables(smmu);
		/* nothing may be active from before: the queue would not run */
		port_atomic_set(smmu->port, &smmu->gerror.acked, smmu_read32(smmu, SMMU_GERROR));
		smmu_write32(smmu, SMMU_GERRORN, (uint32_t)smmu->gerror.acked.v);
		cr0 |= SMMU_CR0_CMDQEN;
		r = write_and_wait(smmu, SMMU_CR0, SMMU_CR0ACK, cr0, "CR0ACK.CMDQEN");
	}
	if (r == 0)
		r = issue_flush(smmu);
	if (r == 0) {
		smmu_ecmdq_enable(smmu);
		cr0 |= SMMU_CR0_EVENTQEN;
		r = write_and_wait(smmu, SMMU_CR0, SMMU_CR0ACK, cr0, "CR0ACK.EVENTQEN");
	}
	if (r == 0 && smmu_priq_used(smmu)) {
		cr0 |= SMMU_CR0_PRIQEN;
		r = write_and_wait(smmu, SMMU_CR0, SMMU_CR0ACK, cr0, "CR0ACK.PRIQEN");
	}
	if (r == 0 && smmu->has_ats) {
		cr0 |= SMMU_CR0_ATSCHK;		/* EATS = 0 protects only with it (D15) */
		r = write_and_wait(smmu, SMMU_CR0, SMMU_CR0ACK, cr0, "CR0ACK.ATSCHK");
	}
	if (r == 0)
		r = irq_setup(smmu);
	if (r == 0) {
		cr0 |= SMMU_CR0_SMMUEN;
		r = write_and_wait(smmu, SMMU_CR0, SMMU_CR0ACK, cr0, "CR0ACK.SMMUEN");
	}
	return r;
}

static void disable(struct smmu *smmu)
{
	gbpa_abort(smmu);
	write_and_wait(smmu, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, 0, "IRQ_CTRLACK");
	write_and_wait(smmu, SMMU_CR0, SMMU_CR0ACK, 0, "CR0ACK");
	smmu_ecmdq_disable(smmu);
	port_irq_request(smmu->port, PORT_IRQ_GERROR, NULL, NULL, smmu->plat.irq_cpu);
	port_irq_request(smmu->port, PORT_IRQ_EVENTQ, NULL, NULL, smmu->plat.irq_cpu);
	port_work_flush(smmu->port, &smmu->evtq.rest);
	if (smmu_priq_used(smmu)) {
		port_irq_request(smmu->port, PORT_IRQ_PRIQ, NULL, NULL, smmu->plat.irq_cpu);
		port_work_flush(smmu->port, &smmu->priq.work);
	}
}

static void free_all(struct smmu *smmu)
{
	smmu_strtab_free(smmu);
	smmu_ecmdq_free(smmu);
	smmu_cmdq_free(smmu, &smmu->cmdq);
	smmu_evtq_free(smmu);
	smmu_priq_free(smmu);
	port_free(smmu->port, smmu->asid_map);
	port_free(smmu->port, smmu);
}

static int check_platform(struct port *p, const struct smmu_platform *plat)
{
	const char *why = NULL;

	if (plat->batch == 0 || plat->batch > SMMU_BATCH_MAX || plat->priq_budget == 0)
		why = "batch must be 1 .. 63";
	else if (plat->poll_period == 0 || plat->poll_timeout == 0 || plat->reg_timeout == 0 || plat->expiry_limit == 0)
		why = "waits must not be 0";
	else if (!smmu_policy_find(plat->policy))
		why = "no such policy";
	else if (plat->irq_cpu >= port_cpus(p))
		why = "irq_cpu does not exist";
	if (why)
		port_log(p, PORT_LOG_ERR, "smmu: parameters: %s", why);
	return why ? -EINVAL : 0;
}

int smmu_probe(struct port *p, const struct smmu_platform *plat, struct smmu **out)
{
	struct smmu *smmu = NULL;
	bool touched = false;
	int r = check_platform(p, plat);

	if (r == 0) {
		smmu = port_zalloc(p, sizeof(*smmu));
		r = smmu ? 0 : -ENOMEM;
	}
	if (r == 0) {
		smmu->port = p;
		smmu->plat = *plat;
		smmu->policy = smmu_policy_find(plat->policy);
		smmu->poll = plat->poll_gerror && smmu->policy->poll;
		mutex_init(&smmu->lock, LOCK_SMMU);
		raw_lock_init(&smmu->masters_lock, LOCK_MASTERS, &smmu->stats.lock_waits);
		r = identify(smmu);
	}
	if (r == 0) {
		smmu->asid_count = smaller(ASID_MAX, 1u << smmu->asid_bits);
		smmu->asid_map = port_zalloc(p, smmu->asid_count / 64 * sizeof(*smmu->asid_map));
		r = smmu->asid_map ? 0 : -ENOMEM;
	}
	if (r == 0)
		r = smmu_strtab_init(smmu);
	if (r == 0)
		r = smmu_cmdq_init(smmu, &smmu->cmdq);
	if (r == 0)
		r = smmu_ecmdq_init(smmu);
	if (r == 0)
		r = smmu_evtq_init(smmu);
	if (r == 0 && smmu_priq_used(smmu))
		r = smmu_priq_init(smmu);
	if (r == 0) {
		touched = true;
		r = reset(smmu);
	}
	if (r != 0 && smmu) {
		if (touched)
			disable(smmu);
		free_all(smmu);
		smmu = NULL;
	}
	*out = smmu;
	return r;
}

void smmu_remove(struct smmu *smmu)
{
	disable(smmu);
	free_all(smmu);
}
