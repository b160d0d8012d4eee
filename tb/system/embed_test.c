/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C interface alone: no driver of ours, no virtual CPU. Probes the SMMU, sets up one device behind stage 1 with ATS,
 * lets it write a page by DMA, makes it stop answering, and receives the GERROR interrupt of the time-out, and that of a
 * performance counter. A second machine lives and dies beside the first.
 *
 * Prints one line a step. Exit status 0: everything as the specification facts say (sections in the comments).
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atcbench.h"
#include "bits.h"
#include "ep_regs.h"
#include "pcie_cfg.h"
#include "pmcg_regs.h"
#include "smmu_fmt.h"
#include "smmu_regs.h"

#define SMMU		UINT64_C(0x2b400000)
#define PMCG		(SMMU + 0x30000)
#define BAR0		UINT64_C(0x50000000)
#define DRAM		UINT64_C(0x80000000)
#define BDF		0x0100u			/* endpoint 0: bus 1 */
#define TIMEOUT		3000u			/* ATC_TIMEOUT, cycles */

/* What lives where in memory. */
#define CMDQ		(DRAM + 0x00000)	/* 2^4 commands */
#define STRTAB		(DRAM + 0x10000)	/* 2^9 STEs of 64 bytes */
#define CDTAB		(DRAM + 0x20000)
#define PGD		(DRAM + 0x30000)	/* four levels, one page each */
#define PAGE		(DRAM + 0x40000)	/* what the device may write */
#define IOVA		UINT64_C(0x10000000)

struct bench {
	struct atcbench_sim *sim;
	uint32_t prod;
	unsigned int gerror_irqs;
	uint64_t gerror_time;
	unsigned int pmcg_irqs;
	uint64_t pmcg_time;
};

static void fail(const struct bench *b, const char *what)
{
	fprintf(stderr, "embed_test: %s (%s) at cycle %" PRIu64 "\n", what, b->sim ? atcbench_error(b->sim) : "",
		b->sim ? atcbench_now(b->sim) : 0);
	exit(1);
}

static uint64_t rd(struct bench *b, uint64_t pa, unsigned int bytes)
{
	uint64_t v = 0;

	if (atcbench_read(b->sim, pa, bytes, &v))
		fail(b, "read failed");
	return v;
}

static void wr(struct bench *b, uint64_t pa, unsigned int bytes, uint64_t v)
{
	if (atcbench_write(b->sim, pa, bytes, v))
		fail(b, "write failed");
}

static uint64_t *mem(struct bench *b, uint64_t pa)
{
	void *p = atcbench_dram(b->sim, pa, 64);

	if (!p)
		fail(b, "not DRAM");
	return p;
}

/* Polls a 32-bit register, at most 2000 cycles. */
static void await(struct bench *b, uint32_t reg, uint32_t mask, uint32_t value, const char *what)
{
	uint64_t end = atcbench_now(b->sim) + 2000;

	while ((rd(b, SMMU + reg, 4) & mask) != value)
		if (atcbench_now(b->sim) > end)
			fail(b, what);
}

static void on_irq(void *arg, enum atcbench_irq irq, uint64_t time)
{
	struct bench *b = arg;

	if (irq == ATCBENCH_IRQ_GERROR) {
		b->gerror_irqs++;
		b->gerror_time = time;
	} else if (irq == ATCBENCH_IRQ_PMCG) {
		b->pmcg_irqs++;
		b->pmcg_time = time;
	}
}

static void command(struct bench *b, uint64_t dw0, uint64_t dw1)
{
	uint64_t *slot = mem(b, CMDQ + 16 * (b->prod & 15));

	slot[0] = dw0;
	slot[1] = dw1;
	b->prod = (b->prod + 1) & 31;
}

/* SMMUv3 facts 7.3, the order of a reset, without what this test does not use. */
static void bring_up(struct bench *b)
{
	uint64_t idr0 = rd(b, SMMU + SMMU_IDR0, 4);

	if (!(idr0 & SMMU_IDR0_ATS) || !(idr0 & SMMU_IDR0_S1P))
		fail(b, "IDR0 has no stage 1 or no ATS");
	wr(b, SMMU + SMMU_STRTAB_BASE, 8, STRTAB);
	wr(b, SMMU + SMMU_STRTAB_BASE_CFG, 4, 9);
	wr(b, SMMU + SMMU_CMDQ_BASE, 8, CMDQ | 4);
	wr(b, SMMU + SMMU_CMDQ_PROD, 4, 0);
	wr(b, SMMU + SMMU_CMDQ_CONS, 4, 0);
	wr(b, SMMU + SMMU_ATC_TIMEOUT, 8, TIMEOUT);
	wr(b, SMMU + SMMU_IRQ_CTRL, 4, SMMU_IRQ_CTRL_GERROR_IRQEN);
	await(b, SMMU_IRQ_CTRLACK, SMMU_IRQ_CTRL_GERROR_IRQEN, SMMU_IRQ_CTRL_GERROR_IRQEN, "IRQ_CTRLACK never came");
	wr(b, SMMU + SMMU_CR0, 4, SMMU_CR0_CMDQEN | SMMU_CR0_ATSCHK | SMMU_CR0_SMMUEN);
	await(b, SMMU_CR0ACK, SMMU_CR0_SMMUEN | SMMU_CR0_CMDQEN, SMMU_CR0_SMMUEN | SMMU_CR0_CMDQEN, "CR0ACK never came");
	printf("SMMU: IDR0 %08" PRIx64 ", enabled at cycle %" PRIu64 "\n", idr0, atcbench_now(b->sim));
}

/* One page at IOVA, stage 1, four levels of 4 KiB tables (facts 5, 5.1, 6). */
static void tables(struct bench *b)
{
	uint64_t *ste = mem(b, STRTAB + 64 * BDF), *cd = mem(b, CDTAB);
	uint64_t table = PGD;
	int level;

	for (level = 0; level < 4; level++) {
		unsigned int index = (IOVA >> (39 - 9 * level)) & 511;
		uint64_t next = level < 3 ? table + 4096 : PAGE;

		/* leaf: page, AF, EL0 access, inner shareable, not global */
		mem(b, table + 8 * (uint64_t)index)[0] = next | (level < 3 ? 3 : (1u << 11) | (1u << 10) | (3u << 8) | (1u << 6) | 3);
		table = next;
	}
	cd[1] = PGD;
	cd[0] = FIELD_PREP64(CD0_T0SZ, 16) | CD0_EPD1 | CD0_V | FIELD_PREP64(CD0_IPS, 5) | CD0_AA64 | CD0_R | CD0_A |
		FIELD_PREP64(CD0_ASID, 1);
	ste[1] = FIELD_PREP64(STE1_EATS, STE_EATS_FULL);
	ste[0] = STE0_V | FIELD_PREP64(STE0_CONFIG, STE_CONFIG_S1) | CDTAB;
	command(b, FIELD_PREP64(CMD0_OP, OP_CFGI_STE) | FIELD_PREP64(CMD_ATC_INV0_SID, BDF), 1);
	command(b, FIELD_PREP64(CMD0_OP, OP_SYNC), 0);
	wr(b, SMMU + SMMU_CMDQ_PROD, 4, b->prod);
	await(b, SMMU_CMDQ_CONS, 0xfffff, b->prod, "CFGI_STE, SYNC not consumed");
}

static void device(struct bench *b)
{
	uint64_t v = 0, end;
	uint64_t *word = mem(b, PAGE);
	unsigned int i;

	if (atcbench_cfg_read(b->sim, BDF, 0, 4, &v) || v == 0xffffffff)
		fail(b, "no endpoint on bus 1");
	if (atcbench_cfg_write(b->sim, BDF, CFG_BAR0, 4, BAR0) ||
	    atcbench_cfg_write(b->sim, BDF, CFG_COMMAND_STATUS, 2, CFG_COMMAND_STATUS_MEM_EN | CFG_COMMAND_STATUS_BME) ||
	    atcbench_cfg_write(b->sim, BDF, CFG_ATS_CAP_CTRL, 4, CFG_ATS_CAP_CTRL_ENABLE))
		fail(b, "configuration write failed");
	wr(b, BAR0 + EP_DMA_BASE_LO, 4, IOVA);
	wr(b, BAR0 + EP_DMA_INTERVAL, 4, 20);
	wr(b, BAR0 + EP_DMA_SEED, 4, 1);
	wr(b, BAR0 + EP_DMA_COUNT, 4, 8);
	wr(b, BAR0 + EP_DMA_CTRL, 4, EP_DMA_CTRL_EN | EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS);
	for (end = atcbench_now(b->sim) + 20000; rd(b, BAR0 + EP_STAT_DONE, 4) < 8;)
		if (atcbench_now(b->sim) > end)
			fail(b, "DMA did not finish");
	if (atcbench_run(b->sim, 1000))
		fail(b, "run failed");
	for (i = 0; i < 512 && !word[i]; i++)
		;
	if (i == 512)
		fail(b, "DMA done, the page is untouched");
	printf("device %04x: id %08" PRIx64 ", 8 translated writes done at cycle %" PRIu64 "\n", BDF, v, atcbench_now(b->sim));
}

/* Facts 3.1: the error stands at the SYNC, with ERR = 3, and the acknowledged SYNC is then consumed. */
static void time_out(struct bench *b)
{
	uint32_t sync_index;
	uint64_t cons, start;
	int rc;

	wr(b, BAR0 + EP_FAULT_CTRL, 4, EP_FAULT_CTRL_NEVER_ANSWER);
	if (rd(b, BAR0 + EP_FAULT_CTRL, 4) != EP_FAULT_CTRL_NEVER_ANSWER)
		fail(b, "the fault does not read back");
	command(b, FIELD_PREP64(CMD0_OP, OP_ATC_INV) | FIELD_PREP64(CMD_ATC_INV0_SID, BDF), IOVA);
	sync_index = b->prod;
	command(b, FIELD_PREP64(CMD0_OP, OP_SYNC), 0);
	start = atcbench_now(b->sim);
	wr(b, SMMU + SMMU_CMDQ_PROD, 4, b->prod);
	rc = atcbench_run_until_irq(b->sim, start + 10 * TIMEOUT);
	if (rc != 1 || b->gerror_irqs != 1)
		fail(b, "no GERROR interrupt");
	if (b->gerror_time < start + TIMEOUT || b->gerror_time > start + TIMEOUT + 300)
		fail(b, "the interrupt came at the wrong time");
	cons = rd(b, SMMU + SMMU_CMDQ_CONS, 4);
	if ((cons & 0xfffff) != sync_index || ((cons >> 24) & 0x7f) != CERROR_ATC_INV_SYNC)
		fail(b, "CONS does not stand at the SYNC with ERR = 3");
	printf("time-out: GERROR at cycle %" PRIu64 ", %" PRIu64 " after PROD, CONS %08" PRIx64 "\n", b->gerror_time,
	       b->gerror_time - start, cons);
	wr(b, SMMU + SMMU_GERRORN, 4, rd(b, SMMU + SMMU_GERROR, 4));
	await(b, SMMU_CMDQ_CONS, 0xfffff, b->prod, "the acknowledged SYNC was not consumed");
	if (b->gerror_irqs != 1)
		fail(b, "more than one GERROR interrupt");
}

/* A counter of cycles runs over and says so by its interrupt. */
static void counter(struct bench *b)
{
	uint64_t start;

	wr(b, PMCG + PMCG_EVTYPER(0), 4, 0);	/* event 0: clock cycles */
	wr(b, PMCG + PMCG_EVCNTR(0), 8, UINT64_MAX - 499);
	wr(b, PMCG + PMCG_CNTENSET0, 8, 1);
	wr(b, PMCG + PMCG_INTENSET0, 8, 1);
	wr(b, PMCG + PMCG_IRQ_CTRL, 4, PMCG_IRQ_CTRL_IRQEN);
	start = atcbench_now(b->sim);
	wr(b, PMCG + PMCG_CR, 4, PMCG_CR_E);
	if (atcbench_run(b->sim, 1000) || b->pmcg_irqs != 1)
		fail(b, "no PMCG interrupt, or several");
	if (b->pmcg_time < start + 500 || b->pmcg_time > start + 520)
		fail(b, "the PMCG interrupt came at the wrong time");
	printf("PMCG: a counter ran over at cycle %" PRIu64 "\n", b->pmcg_time);
}

int main(void)
{
	static const char *const config[] = {"system.devices=1", "system.dram_mib=64", NULL};
	struct atcbench_options options;
	struct atcbench_sim *other;
	struct bench b = {0};
	char error[256] = "";

	atcbench_options_init(&options);
	options.config = config;
	other = atcbench_create(&options, error, sizeof error);
	b.sim = atcbench_create(&options, error, sizeof error);
	if (!b.sim || !other) {
		fprintf(stderr, "embed_test: %s\n", error);
		return 1;
	}
	atcbench_on_irq(b.sim, on_irq, &b);
	bring_up(&b);
	tables(&b);
	device(&b);
	if (atcbench_run(other, 500) || atcbench_now(other) != 500)
		fail(&b, "the other machine has no time of its own");
	atcbench_destroy(other);
	time_out(&b);
	counter(&b);
	atcbench_destroy(b.sim);
	puts("embed_test: passed");
	return 0;
}
