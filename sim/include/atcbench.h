/* SPDX-License-Identifier: Apache-2.0 */
/*
 * atcbench as a part of another program: the SMMU, root complex, links and endpoints on RTL, without our
 * driver and our virtual CPUs. C, any number of instances in one process, one thread per instance at a time.
 *
 * Functions return 0 or a negative errno unless they say otherwise; atcbench_error() has the reason in words.
 * Addresses are physical, as in the address map of doc/interfaces.md. Time is in cycles of the single clock.
 * Register accesses are real bus transactions: time passes in them. Callbacks run inside the calls that let
 * time pass, in the cycle in which the thing happens, and must not call functions that let time pass.
 */
#ifndef ATCBENCH_H
#define ATCBENCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct atcbench_sim;

/* ---- creation */

struct atcbench_options {
	const char *const *config;	/* "key=value" strings, ended by NULL; or NULL: all defaults */
	void *dram;			/* the caller's memory of system.dram_mib MiB, for address 0x80000000 on; or NULL */
	int dram_fd;			/* or a file to map shared, offset = physical address; -1: none */
	int no_skip;			/* 1: simulate idle cycles one by one */
	const char *waves;		/* FST file of the whole run, or NULL */
};
/* Sensible values: nothing supplied by the caller. */
void atcbench_options_init(struct atcbench_options *opt);

/* Out of reset, at cycle 0. NULL on error, with the reason in `error` (may be NULL). `opt` may be NULL. */
struct atcbench_sim *atcbench_create(const struct atcbench_options *opt, char *error, size_t error_bytes);
void atcbench_destroy(struct atcbench_sim *b);
/* Of the last call that failed; never NULL. */
const char *atcbench_error(const struct atcbench_sim *b);

/* ---- memory: at once, no time passes */

/* Host address of physical [pa, pa + bytes), or NULL if that is not all DRAM. */
void *atcbench_dram(struct atcbench_sim *b, uint64_t pa, size_t bytes);

/* ---- registers and configuration space: 1, 2, 4 or 8 bytes, naturally aligned
 * -EIO: the bus answered with an error (a read then gives all ones); -EINVAL: size, alignment or address. */
int atcbench_read(struct atcbench_sim *b, uint64_t pa, unsigned int bytes, uint64_t *value);
int atcbench_write(struct atcbench_sim *b, uint64_t pa, unsigned int bytes, uint64_t value);
/* The same through the ECAM window; `bdf` = bus << 8 | device << 3 | function. */
int atcbench_cfg_read(struct atcbench_sim *b, uint16_t bdf, unsigned int offset, unsigned int bytes, uint64_t *value);
int atcbench_cfg_write(struct atcbench_sim *b, uint16_t bdf, unsigned int offset, unsigned int bytes, uint64_t value);

/* ---- time */

uint64_t atcbench_now(const struct atcbench_sim *b);
int atcbench_run(struct atcbench_sim *b, uint64_t cycles);
int atcbench_run_until(struct atcbench_sim *b, uint64_t time);
/* Until an interrupt pulse or an MSI, at most until `time`: 1 if there was one, 0 if the time came. */
int atcbench_run_until_irq(struct atcbench_sim *b, uint64_t time);
/* 1 if the design does nothing by itself until `*next` (UINT64_MAX: never); 0 if it is busy. */
int atcbench_quiet(const struct atcbench_sim *b, uint64_t *next);

/* ---- interrupts */

enum atcbench_irq {
	ATCBENCH_IRQ_GERROR,
	ATCBENCH_IRQ_EVENTQ,
	ATCBENCH_IRQ_PRIQ,
	ATCBENCH_IRQ_CMD_SYNC,
	ATCBENCH_IRQ_PMCG
};
typedef void (*atcbench_irq_fn)(void *arg, enum atcbench_irq irq, uint64_t time);
/* A 4-byte write to the doorbell at 0x08000000 .. 0x0800ffff. */
typedef void (*atcbench_msi_fn)(void *arg, uint32_t data, uint64_t time);
void atcbench_on_irq(struct atcbench_sim *b, atcbench_irq_fn fn, void *arg);
void atcbench_on_msi(struct atcbench_sim *b, atcbench_msi_fn fn, void *arg);

/* ---- page owners: who may access what (checked at every device access once the first page is granted) */

#define ATCBENCH_PERM_READ	1u
#define ATCBENCH_PERM_WRITE	2u
/* `devices`: bit i = endpoint i. */
int atcbench_page_grant(struct atcbench_sim *b, uint64_t pa, uint32_t domain, uint64_t iova, unsigned int perms,
			uint32_t devices);
/* `success`: what the invalidation before it reported. */
int atcbench_page_release(struct atcbench_sim *b, uint64_t pa, int success);

/* ---- observation */

struct atcbench_event {
	uint64_t cycle;
	uint16_t event;
	uint16_t src;
	uint32_t a0;
	uint64_t a1;
	uint64_t a2;
	uint64_t reserved;
};
size_t atcbench_event_count(const struct atcbench_sim *b);
/* -EINVAL: no such record. */
int atcbench_event_get(const struct atcbench_sim *b, size_t index, struct atcbench_event *out);
/* 0: no such name. */
unsigned int atcbench_event_number(const char *name);
const char *atcbench_event_name(unsigned int number);
/* The whole log, as `build/atcbench events` reads it. -EIO. */
int atcbench_events_write(struct atcbench_sim *b, const char *path);

/* An own event: the host's software is part of the story. */
void atcbench_trace(struct atcbench_sim *b, unsigned int event, unsigned int src, uint32_t a0, uint64_t a1, uint64_t a2);

struct atcbench_check {
	const char *name;		/* valid until the next call or destroy */
	const char *message;		/* "" if it holds */
	int pass;
	uint64_t cycle;			/* of the first violation */
};
/* Verdicts of the oracles so far. Returns their number; fills at most `max`. */
size_t atcbench_checks(struct atcbench_sim *b, struct atcbench_check *out, size_t max);

#ifdef __cplusplus
}
#endif

#endif
