/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include "port_host.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORKS_MAX 64u

struct irq_line {
	void (*fn)(void *arg);
	void *arg;
	unsigned int cpu;
};

struct port {
	struct port_host_ops ops;
	void *ctx;
	unsigned int cpus;
	uint64_t now;			/* the fields below by __atomic or under `lock` */
	unsigned int allocs;
	unsigned int fail_in;
	unsigned int raised;		/* bit per irq */
	unsigned int event;		/* bit per CPU */
	unsigned int jitter;
	pthread_mutex_t lock;
	struct irq_line irq[PORT_IRQ_COUNT];
	struct port_work *work[WORKS_MAX];
	unsigned int works;
};

/* A thread is one CPU of one port at a time. */
static _Thread_local unsigned int this_cpu;
static _Thread_local bool irq_off;
static _Thread_local uint32_t jitter_state;

struct port *port_host_create(unsigned int cpus, const struct port_host_ops *ops, void *ctx)
{
	struct port *p = calloc(1, sizeof(*p));

	if (p) {
		p->ops = *ops;
		p->ctx = ctx;
		p->cpus = cpus;
		pthread_mutex_init(&p->lock, NULL);
	}
	return p;
}

unsigned int port_host_destroy(struct port *p)
{
	unsigned int left = p->allocs;

	pthread_mutex_destroy(&p->lock);
	free(p);
	return left;
}

void port_host_set_cpu(struct port *p, unsigned int cpu)
{
	(void)p;
	this_cpu = cpu;
}

void port_host_set_jitter(struct port *p, unsigned int one_in)
{
	p->jitter = one_in;
}

static void jitter(struct port *p)
{
	if (p->jitter != 0) {
		jitter_state = jitter_state * 1664525u + 1013904223u + this_cpu;
		if ((jitter_state >> 16) % p->jitter == 0)
			sched_yield();
	}
}

static void shared_access(struct port *p)
{
	if (p->ops.access)
		p->ops.access(p->ctx);
	jitter(p);
}

static void take_interrupts(struct port *p)
{
	unsigned int bits = __atomic_load_n(&p->raised, __ATOMIC_SEQ_CST);
	struct irq_line line;
	unsigned int i;

	for (i = 0; i < PORT_IRQ_COUNT && bits != 0 && !irq_off; i++) {
		pthread_mutex_lock(&p->lock);
		line = p->irq[i];
		pthread_mutex_unlock(&p->lock);
		if ((bits & 1u << i) && line.cpu == this_cpu &&
		    (__atomic_fetch_and(&p->raised, ~(1u << i), __ATOMIC_SEQ_CST) & 1u << i) && line.fn) {
			irq_off = true;
			line.fn(line.arg);
			irq_off = false;
		}
	}
}

static void spend(struct port *p, uint64_t cycles)
{
	/* relaxed: a clock must not order what the driver itself does not order, or the thread sanitizer sees nothing */
	uint64_t now = __atomic_add_fetch(&p->now, cycles, __ATOMIC_RELAXED);

	if (p->ops.tick)
		p->ops.tick(p->ctx, now);
	jitter(p);
	take_interrupts(p);
}

void port_host_advance(struct port *p, uint64_t cycles)
{
	spend(p, cycles);
}

void port_host_raise(struct port *p, enum port_irq irq)
{
	__atomic_fetch_or(&p->raised, 1u << irq, __ATOMIC_SEQ_CST);
}

void port_host_send_event(struct port *p)
{
	__atomic_store_n(&p->event, ~0u, __ATOMIC_SEQ_CST);
}

/* ---- registers */
static uint64_t mmio_read(struct port *p, uint64_t pa, unsigned int size)
{
	uint64_t v = p->ops.mmio_read ? p->ops.mmio_read(p->ctx, pa, size) : UINT64_MAX;

	spend(p, 1);
	return v;
}

static void mmio_write(struct port *p, uint64_t pa, unsigned int size, uint64_t v)
{
	if (p->ops.mmio_write)
		p->ops.mmio_write(p->ctx, pa, size, v);
	spend(p, 1);
}

uint8_t port_read8(struct port *p, uint64_t pa) { return (uint8_t)mmio_read(p, pa, 1); }
uint16_t port_read16(struct port *p, uint64_t pa) { return (uint16_t)mmio_read(p, pa, 2); }
uint32_t port_read32(struct port *p, uint64_t pa) { return (uint32_t)mmio_read(p, pa, 4); }
uint64_t port_read64(struct port *p, uint64_t pa) { return mmio_read(p, pa, 8); }
void port_write8(struct port *p, uint64_t pa, uint8_t v) { mmio_write(p, pa, 1, v); }
void port_write16(struct port *p, uint64_t pa, uint16_t v) { mmio_write(p, pa, 2, v); }
void port_write32(struct port *p, uint64_t pa, uint32_t v) { mmio_write(p, pa, 4, v); }
void port_write64(struct port *p, uint64_t pa, uint64_t v) { mmio_write(p, pa, 8, v); }

/* ---- memory: physical addresses are host addresses */
uint32_t port_mem_read32(struct port *p, uint64_t pa)
{
	shared_access(p);
	return __atomic_load_n((uint32_t *)(uintptr_t)pa, __ATOMIC_SEQ_CST);
}

uint64_t port_mem_read64(struct port *p, uint64_t pa)
{
	shared_access(p);
	return __atomic_load_n((uint64_t *)(uintptr_t)pa, __ATOMIC_SEQ_CST);
}

void port_mem_write32(struct port *p, uint64_t pa, uint32_t v)
{
	shared_access(p);
	__atomic_store_n((uint32_t *)(uintptr_t)pa, v, __ATOMIC_SEQ_CST);
}

void port_mem_write64(struct port *p, uint64_t pa, uint64_t v)
{
	shared_access(p);
	__atomic_store_n((uint64_t *)(uintptr_t)pa, v, __ATOMIC_SEQ_CST);
}

uint64_t port_mem_cmpxchg64(struct port *p, uint64_t pa, uint64_t old, uint64_t val)
{
	shared_access(p);
	__atomic_compare_exchange_n((uint64_t *)(uintptr_t)pa, &old, val, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return old;
}

static bool may_allocate(struct port *p)
{
	bool ok = true;

	pthread_mutex_lock(&p->lock);
	if (p->fail_in != 0)
		ok = --p->fail_in != 0;
	pthread_mutex_unlock(&p->lock);
	if (ok)
		__atomic_add_fetch(&p->allocs, 1, __ATOMIC_SEQ_CST);
	return ok;
}

void port_host_fail_alloc(struct port *p, unsigned int n)
{
	pthread_mutex_lock(&p->lock);
	p->fail_in = n;
	pthread_mutex_unlock(&p->lock);
}

unsigned int port_host_allocs(struct port *p)
{
	return __atomic_load_n(&p->allocs, __ATOMIC_SEQ_CST);
}

int port_dma_alloc(struct port *p, size_t bytes, size_t align, uint64_t *pa)
{
	void *mem = NULL;

	if (!may_allocate(p) || posix_memalign(&mem, align, bytes) != 0)
		return -ENOMEM;
	memset(mem, 0, bytes);
	*pa = (uintptr_t)mem;
	return 0;
}

void port_dma_free(struct port *p, uint64_t pa, size_t bytes)
{
	(void)bytes;
	__atomic_sub_fetch(&p->allocs, 1, __ATOMIC_SEQ_CST);
	free((void *)(uintptr_t)pa);
}

void *port_zalloc(struct port *p, size_t bytes)
{
	return may_allocate(p) ? calloc(1, bytes) : NULL;
}

void port_free(struct port *p, void *ptr)
{
	if (ptr)
		__atomic_sub_fetch(&p->allocs, 1, __ATOMIC_SEQ_CST);
	free(ptr);
}

/* ---- atomics */
uint64_t port_atomic_read(struct port *p, const port_atomic_t *a)
{
	shared_access(p);
	return __atomic_load_n(&a->v, __ATOMIC_SEQ_CST);
}

void port_atomic_set(struct port *p, port_atomic_t *a, uint64_t v)
{
	shared_access(p);
	__atomic_store_n(&a->v, v, __ATOMIC_SEQ_CST);
}

uint64_t port_atomic_xchg(struct port *p, port_atomic_t *a, uint64_t v)
{
	shared_access(p);
	return __atomic_exchange_n(&a->v, v, __ATOMIC_SEQ_CST);
}

uint64_t port_atomic_cmpxchg(struct port *p, port_atomic_t *a, uint64_t old, uint64_t val)
{
	shared_access(p);
	__atomic_compare_exchange_n(&a->v, &old, val, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return old;
}

uint64_t port_atomic_fetch_add(struct port *p, port_atomic_t *a, uint64_t v)
{
	shared_access(p);
	return __atomic_fetch_add(&a->v, v, __ATOMIC_SEQ_CST);
}

uint64_t port_atomic_fetch_or(struct port *p, port_atomic_t *a, uint64_t v)
{
	shared_access(p);
	return __atomic_fetch_or(&a->v, v, __ATOMIC_SEQ_CST);
}

uint64_t port_atomic_fetch_andnot(struct port *p, port_atomic_t *a, uint64_t v)
{
	shared_access(p);
	return __atomic_fetch_and(&a->v, ~v, __ATOMIC_SEQ_CST);
}

void port_wmb(struct port *p)
{
	(void)p;	/* every access above is sequentially consistent */
}

/* ---- time, CPUs, interrupts */
uint64_t port_now(struct port *p)
{
	return __atomic_load_n(&p->now, __ATOMIC_SEQ_CST);
}

unsigned int port_cpu(struct port *p)
{
	(void)p;
	return this_cpu;
}

unsigned int port_cpus(struct port *p)
{
	return p->cpus;
}

unsigned long port_irq_save(struct port *p)
{
	unsigned long was = irq_off;

	(void)p;
	irq_off = true;
	return was;
}

void port_irq_restore(struct port *p, unsigned long flags)
{
	irq_off = flags != 0;
	take_interrupts(p);
}

int port_irq_request(struct port *p, enum port_irq irq, void (*fn)(void *arg), void *arg, unsigned int cpu)
{
	int r = irq >= PORT_IRQ_COUNT || cpu >= p->cpus ? -EINVAL : 0;

	pthread_mutex_lock(&p->lock);
	if (r == 0 && fn && p->irq[irq].fn)
		r = -EBUSY;
	if (r == 0)
		p->irq[irq] = (struct irq_line){ .fn = fn, .arg = arg, .cpu = cpu };
	pthread_mutex_unlock(&p->lock);
	return r;
}

uint64_t port_msi_address(struct port *p)
{
	(void)p;
	return PORT_HOST_MSI;
}

/* ---- waiting */
static bool fires(struct port *p, struct port_src *s)
{
	switch (s->kind) {
	case PORT_SRC_MMIO32:
		s->sample = port_read32(p, s->addr);
		break;
	case PORT_SRC_MEM32:
		s->sample = port_mem_read32(p, s->addr);
		break;
	case PORT_SRC_MEM64:
		s->sample = port_mem_read64(p, s->addr);
		break;
	case PORT_SRC_ATOMIC:
		s->sample = port_atomic_read(p, s->atomic);
		break;
	case PORT_SRC_EVENT:
		s->sample = __atomic_fetch_and(&p->event, ~(1u << this_cpu), __ATOMIC_SEQ_CST) >> this_cpu & 1;
		return s->sample != 0;
	}
	return ((s->sample & s->mask) == s->value) == s->until_equal;
}

int port_wait(struct port *p, struct port_src *src, unsigned int n, uint64_t period, uint64_t deadline, unsigned int flags)
{
	unsigned int i;

	if (period == 0 || ((flags & PORT_WAIT_SLEEP) && irq_off)) {
		fprintf(stderr, "port_wait: period %llu, sleeping with interrupts %s\n", (unsigned long long)period,
			irq_off ? "off" : "on");
		abort();
	}
	for (;;) {
		for (i = 0; i < n; i++) {
			if (fires(p, &src[i]))
				return (int)i;
		}
		if (port_now(p) >= deadline)
			return -ETIMEDOUT;
		spend(p, period);
		sched_yield();
	}
}

/* ---- work */
bool port_work_queue(struct port *p, struct port_work *w)
{
	bool fresh = port_atomic_xchg(p, &w->pending, 1) == 0;

	if (fresh) {
		pthread_mutex_lock(&p->lock);
		if (p->works == WORKS_MAX)
			abort();
		p->work[p->works++] = w;
		pthread_mutex_unlock(&p->lock);
	}
	return fresh;
}

unsigned int port_host_run_work(struct port *p)
{
	unsigned int ran = 0;
	struct port_work *w;

	do {
		w = NULL;
		pthread_mutex_lock(&p->lock);
		if (p->works != 0) {
			w = p->work[0];
			p->works--;
			memmove(&p->work[0], &p->work[1], p->works * sizeof(p->work[0]));
		}
		pthread_mutex_unlock(&p->lock);
		if (w) {
			port_atomic_set(p, &w->pending, 0);	/* queued again while running = runs again */
			w->fn(w->arg);
			ran++;
		}
	} while (w);
	return ran;
}

void port_work_flush(struct port *p, struct port_work *w)
{
	(void)w;
	port_host_run_work(p);
}

void port_cond_resched(struct port *p)
{
	(void)p;
	sched_yield();
}

/* ---- observation */
void port_trace(struct port *p, enum atc_log_event ev, uint32_t a0, uint64_t a1, uint64_t a2)
{
	if (p->ops.trace)
		p->ops.trace(p->ctx, ev, a0, a1, a2);
}

void port_log(struct port *p, enum port_log_level level, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (p->ops.log)
		p->ops.log(p->ctx, level, line);
	else if (level <= PORT_LOG_WARN)
		fprintf(stderr, "%s\n", line);
}
