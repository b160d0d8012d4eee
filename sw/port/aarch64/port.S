/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The port interface (port.h) in AArch64 instructions.
 *
 * Registers and shared memory: one load or store of the access's size; which of the two it is, the address says. Atomics:
 * one LSE instruction each. The exclusive pair would do only while one CPU runs at a time: each engine has a monitor of its
 * own, which compares values and does not see a store that puts the old value back.
 * Interrupts: PSTATE.I. Time: the generic timer's counter. Whatever waits, allocates or observes is a hypercall.
 *
 * .text.access holds the only loads and stores that touch device registers or shared memory, .text.port the atomics that are
 * port calls (the driver's statistics count by themselves); .text.observe is free in time and is not counted.
 */
#include "hvc.h"

	.macro	FUNC name
	.global	\name
	.type	\name, %function
	.balign	4
\name:
	.endm

	.macro	END name
	ret
	.size	\name, . - \name
	.endm

	.macro	HYPERCALL name, number
	FUNC	\name
	hvc	#\number
	END	\name
	.endm

	.macro	LOAD name, insn, reg
	FUNC	\name
	\insn	\reg, [x1]
	END	\name
	.endm

	.macro	STORE name, insn, reg
	FUNC	\name
	\insn	\reg, [x1]
	END	\name
	.endm

	.section .text.access, "ax"
	LOAD	port_read8, ldrb, w0
	LOAD	port_read16, ldrh, w0
	LOAD	port_read32, ldr, w0
	LOAD	port_read64, ldr, x0
	STORE	port_write8, strb, w2
	STORE	port_write16, strh, w2
	STORE	port_write32, str, w2
	STORE	port_write64, str, x2
	LOAD	port_mem_read32, ldr, w0
	LOAD	port_mem_read64, ldr, x0
	STORE	port_mem_write32, str, w2
	STORE	port_mem_write64, str, x2

	.section .text.port, "ax"
	FUNC	port_mem_cmpxchg64
	casal	x2, x3, [x1]
	mov	x0, x2
	END	port_mem_cmpxchg64

	LOAD	port_atomic_read, ldar, x0
	STORE	port_atomic_set, stlr, x2

	FUNC	port_atomic_xchg
	swpal	x2, x0, [x1]
	END	port_atomic_xchg

	FUNC	port_atomic_cmpxchg
	casal	x2, x3, [x1]
	mov	x0, x2
	END	port_atomic_cmpxchg

	FUNC	port_atomic_fetch_add
	ldaddal	x2, x0, [x1]
	END	port_atomic_fetch_add

	FUNC	port_atomic_fetch_or
	ldsetal	x2, x0, [x1]
	END	port_atomic_fetch_or

	FUNC	port_atomic_fetch_andnot
	ldclral	x2, x0, [x1]
	END	port_atomic_fetch_andnot

	FUNC	port_wmb
	dmb	oshst
	END	port_wmb

	FUNC	port_now
	mrs	x0, cntvct_el0
	END	port_now

	FUNC	port_cpu
	mrs	x0, tpidr_el1		/* start.S */
	END	port_cpu

	/* struct port: the harness fills it in */
	FUNC	port_cpus
	ldr	w0, [x0]
	END	port_cpus

	FUNC	port_msi_address
	ldr	x0, [x0, #8]
	END	port_msi_address

	FUNC	port_irq_save
	mrs	x0, daif
	msr	daifset, #2
	END	port_irq_save

	FUNC	port_irq_restore
	msr	daif, x1
	END	port_irq_restore

	HYPERCALL port_wait, HVC_WAIT
	HYPERCALL port_dma_alloc, HVC_DMA_ALLOC
	HYPERCALL port_dma_free, HVC_DMA_FREE
	HYPERCALL port_zalloc, HVC_ZALLOC
	HYPERCALL port_free, HVC_FREE
	HYPERCALL port_irq_request, HVC_IRQ_REQUEST
	HYPERCALL port_work_queue, HVC_WORK_QUEUE
	HYPERCALL port_work_flush, HVC_WORK_FLUSH
	HYPERCALL port_cond_resched, HVC_COND_RESCHED
	HYPERCALL host_error_detected, HVC_ERROR_DETECTED
	HYPERCALL host_slot_reset, HVC_SLOT_RESET
	HYPERCALL host_resume, HVC_RESUME
	HYPERCALL host_mmio_enabled, HVC_MMIO_ENABLED
	HYPERCALL host_reset_done, HVC_RESET_DONE

	.section .text.observe, "ax"
	HYPERCALL port_trace, HVC_TRACE
	HYPERCALL port_log, HVC_LOG

	.bss
	.balign	16
	.global	port_machine
	.type	port_machine, %object
	.size	port_machine, 16
port_machine:
	.skip	16
