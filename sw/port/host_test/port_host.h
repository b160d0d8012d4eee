/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The port for unit tests: real threads instead of virtual CPUs, host memory as physical memory, callbacks as hardware.
 *
 * Physical memory is the host's heap (a physical address is a host address), so that the address sanitizer checks every
 * access of the driver and of a fake device to tables, queues and MSI words. Addresses below 4 GiB are registers.
 * Time is a counter that moves by one for each register access and by `period` for each sample of a wait.
 */
#ifndef ATCBENCH_PORT_HOST_H
#define ATCBENCH_PORT_HOST_H

#include "port.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PORT_HOST_MMIO_END	UINT64_C(0x100000000)
#define PORT_HOST_MSI		UINT64_C(0x08000000)

struct port_host_ops {
	/* size 1, 2, 4, 8 */
	uint64_t (*mmio_read)(void *ctx, uint64_t pa, unsigned int size);
	void (*mmio_write)(void *ctx, uint64_t pa, unsigned int size, uint64_t v);
	/* After each port call that costs time, without any lock held: lets a fake device work. */
	void (*tick)(void *ctx, uint64_t now);
	/* Before each access to shared memory or an atomic: lets a test run something else at exactly that point. */
	void (*access)(void *ctx);
	void (*trace)(void *ctx, enum atc_log_event ev, uint32_t a0, uint64_t a1, uint64_t a2);
	/* Each formatted line; NULL prints errors and warnings to stderr. */
	void (*log)(void *ctx, enum port_log_level level, const char *line);
};

struct port *port_host_create(unsigned int cpus, const struct port_host_ops *ops, void *ctx);
/* Returns how many allocations of the driver (both kinds) are still alive. */
unsigned int port_host_destroy(struct port *p);

/* The calling thread acts as this CPU from now on (a new thread is CPU 0). */
void port_host_set_cpu(struct port *p, unsigned int cpu);
/* Raises an interrupt: its handler runs in a thread of its CPU, at a port call with interrupts on. */
void port_host_raise(struct port *p, enum port_irq irq);
/* A wake-up event: sets every CPU's event register (PORT_SRC_EVENT). */
void port_host_send_event(struct port *p);
/* Runs queued work in the calling thread until none is left; returns how many items ran. */
unsigned int port_host_run_work(struct port *p);
/* The n-th allocation from now fails (both kinds), 0 = never. */
void port_host_fail_alloc(struct port *p, unsigned int n);
/*
 * From now on one in `one_in` accesses to shared memory, register accesses and samples of waits is followed by a yield of
 * the thread (chosen at random), so that threads interleave inside short sequences even on few cores. 0 = never.
 */
void port_host_set_jitter(struct port *p, unsigned int one_in);
void port_host_advance(struct port *p, uint64_t cycles);
unsigned int port_host_allocs(struct port *p);

#ifdef __cplusplus
}
#endif

#endif
