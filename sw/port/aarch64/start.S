/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where each CPU begins, and its vector table. EL1, no MMU: an address is a physical address.
 *
 * start(x0 = number of the CPU): CPU 0 releases the others, which wait for it. Then the harness calls driver functions, as an
 * operating system would; they return to port_return. Between calls the CPU stands in port_idle.
 */
#include "hvc.h"

	.text
	.global	start
	.type	start, %function
start:
	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	msr	vbar_el1, x1
	msr	tpidr_el1, x0
	isb
	adrp	x1, released
	add	x1, x1, :lo12:released
	cbz	x0, 2f
1:	ldar	w2, [x1]
	cbnz	w2, port_return
	wfe
	b	1b
2:	mov	w2, #1
	stlr	w2, [x1]
	dsb	ish
	sev
	.global	port_return
	.type	port_return, %function
port_return:
	hvc	#HVC_RETURN
	.size	start, . - start

	.global	port_idle
	.type	port_idle, %function
port_idle:
	wfi
	b	port_idle
	.size	port_idle, . - port_idle

	/* What a handler in C may change, and where to go on. */
	.type	irq_entry, %function
irq_entry:
	sub	sp, sp, #192
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x29, [sp, #144]
	mrs	x0, elr_el1
	mrs	x1, spsr_el1
	stp	x30, x0, [sp, #160]
	str	x1, [sp, #176]
	hvc	#HVC_IRQ_ACK
	blr	x1
	ldr	x1, [sp, #176]
	ldp	x30, x0, [sp, #160]
	msr	spsr_el1, x1
	msr	elr_el1, x0
	ldp	x18, x29, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #192
	eret
	.size	irq_entry, . - irq_entry

	.macro	VECTOR
	.balign	128
	hvc	#HVC_UNEXPECTED
	.endm

	.section .text.vectors, "ax"
	.balign	2048
	.type	vectors, %function
vectors:
	VECTOR				/* EL1 with SP_EL0: synchronous, IRQ, FIQ, SError */
	VECTOR
	VECTOR
	VECTOR
	VECTOR				/* EL1 with SP_EL1 */
	.balign	128
	b	irq_entry
	VECTOR
	VECTOR
	.rept	8			/* EL0 */
	VECTOR
	.endr
	.balign	128
	.size	vectors, . - vectors

	.bss
	.balign	8
released:
	.skip	8
