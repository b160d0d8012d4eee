/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The port interface: everything the driver may ask of the machine it runs on.
 *
 * The driver includes this header and nothing of the simulator. Implementations: `native` (virtual CPUs
 * of the harness), `host-test` (unit tests, no time), `aarch64` (the same CPUs, instruction by instruction). Every call costs cycles by the
 * implementation's documented model and is a point at which an interrupt may be taken, unless
 * interrupts are off on that CPU. Addresses are physical. Cycles are periods of the single clock.
 */
#ifndef ATCBENCH_PORT_H
#define ATCBENCH_PORT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log_events.h"

#ifdef __cplusplus
extern "C" {
#endif

struct port;	/* one machine; opaque */

#define PORT_FOREVER	UINT64_MAX

/* ---- device registers: each call is one bus transaction of that size; a bus error reads as all ones */
uint8_t port_read8(struct port *p, uint64_t pa);
uint16_t port_read16(struct port *p, uint64_t pa);
uint32_t port_read32(struct port *p, uint64_t pa);
uint64_t port_read64(struct port *p, uint64_t pa);
void port_write8(struct port *p, uint64_t pa, uint8_t v);
void port_write16(struct port *p, uint64_t pa, uint16_t v);
void port_write32(struct port *p, uint64_t pa, uint32_t v);
void port_write64(struct port *p, uint64_t pa, uint64_t v);

/* ---- memory shared with hardware: aligned, single-copy atomic; a store is visible when the call ends */
uint32_t port_mem_read32(struct port *p, uint64_t pa);
uint64_t port_mem_read64(struct port *p, uint64_t pa);
void port_mem_write32(struct port *p, uint64_t pa, uint32_t v);
void port_mem_write64(struct port *p, uint64_t pa, uint64_t v);
/* compare-exchange on shared memory (page tables, STE dword 1); returns the value found */
uint64_t port_mem_cmpxchg64(struct port *p, uint64_t pa, uint64_t old, uint64_t val);

/* Zeroed physical memory, `align` a power of two >= 4096 for tables; 0 or -ENOMEM. */
int port_dma_alloc(struct port *p, size_t bytes, size_t align, uint64_t *pa);
void port_dma_free(struct port *p, uint64_t pa, size_t bytes);

/* ---- the driver's own memory (zeroed); never on the unmap path */
void *port_zalloc(struct port *p, size_t bytes);
void port_free(struct port *p, void *ptr);

/* ---- atomics on the driver's own memory; sequentially consistent; return the old value */
typedef struct { uint64_t v; } port_atomic_t;
uint64_t port_atomic_read(struct port *p, const port_atomic_t *a);
void port_atomic_set(struct port *p, port_atomic_t *a, uint64_t v);
uint64_t port_atomic_xchg(struct port *p, port_atomic_t *a, uint64_t v);
uint64_t port_atomic_cmpxchg(struct port *p, port_atomic_t *a, uint64_t old, uint64_t val);
uint64_t port_atomic_fetch_add(struct port *p, port_atomic_t *a, uint64_t v);
uint64_t port_atomic_fetch_or(struct port *p, port_atomic_t *a, uint64_t v);
uint64_t port_atomic_fetch_andnot(struct port *p, port_atomic_t *a, uint64_t v);
void port_wmb(struct port *p);	/* stores to shared memory before stores to a device register */

/* ---- time and CPUs */
uint64_t port_now(struct port *p);		/* cycles */
unsigned int port_cpu(struct port *p);		/* 0 .. port_cpus() - 1 */
unsigned int port_cpus(struct port *p);

/* ---- interrupts */
enum port_irq {
	PORT_IRQ_GERROR,
	PORT_IRQ_EVENTQ,
	PORT_IRQ_PRIQ,
	PORT_IRQ_CMD_SYNC,
	PORT_IRQ_PMCG,
	PORT_IRQ_PCIE,		/* a line for each port that interrupts, by MSI only: 16 with a device below, and a root port above a switch */
	PORT_IRQ_COUNT = PORT_IRQ_PCIE + 17
};
unsigned long port_irq_save(struct port *p);		/* off on this CPU; returns the previous state */
void port_irq_restore(struct port *p, unsigned long flags);
/* The handler runs on `cpu`, interrupts off. One handler a line; NULL frees it. -EBUSY, -EINVAL. */
int port_irq_request(struct port *p, enum port_irq irq, void (*fn)(void *arg), void *arg,
		     unsigned int cpu);
/* Address to which a 4-byte MSI write raises `irq` with data = irq number. */
uint64_t port_msi_address(struct port *p);

/* ---- waiting (decision D20): no other loop over registers or memory exists in the driver */
enum port_src_kind {
	PORT_SRC_MMIO32,	/* device register at `addr` */
	PORT_SRC_MEM32,		/* shared memory at `addr` */
	PORT_SRC_MEM64,
	PORT_SRC_ATOMIC,	/* the driver's own atomic at `atomic` */
	PORT_SRC_EVENT		/* this CPU's event register: set by every wake-up event (SEV), cleared when it fires;
				   only `kind` and `sample` count */
};
struct port_src {
	enum port_src_kind kind;
	uint64_t addr;
	const port_atomic_t *atomic;
	uint64_t mask;
	uint64_t value;
	bool until_equal;	/* fires when (sample & mask) == value, otherwise when it differs */
	uint64_t sample;	/* out: last sample */
};
#define PORT_WAIT_SLEEP	1u	/* the CPU may run its other tasks meanwhile; illegal with interrupts off */
/*
 * Samples all sources, in order, at t0, t0 + period, t0 + 2 period ... until one fires (returns its index,
 * lowest first) or now >= deadline (absolute; returns -ETIMEDOUT). period >= 1. n may be 0 (a delay).
 * While waiting without PORT_WAIT_SLEEP, interrupts are taken if they are on.
 */
int port_wait(struct port *p, struct port_src *src, unsigned int n, uint64_t period, uint64_t deadline,
	      unsigned int flags);

/* ---- deferred work: runs once in task context on `cpu`, interrupts on; queued again while running = runs again */
struct port_work {
	void (*fn)(void *arg);
	void *arg;
	unsigned int cpu;
	port_atomic_t pending;
};
/* Returns false if it was pending already. Callable from interrupt context. */
bool port_work_queue(struct port *p, struct port_work *w);
void port_work_flush(struct port *p, struct port_work *w);	/* sleeps until neither pending nor running */
/* A task's voluntary scheduling point. */
void port_cond_resched(struct port *p);

/* ---- observation: free in simulated time */
void port_trace(struct port *p, enum atc_log_event ev, uint32_t a0, uint64_t a1, uint64_t a2);
enum port_log_level { PORT_LOG_ERR, PORT_LOG_WARN, PORT_LOG_INFO, PORT_LOG_DEBUG };
void port_log(struct port *p, enum port_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#endif
