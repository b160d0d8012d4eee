/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hypercall numbers: the immediate of the HVC instruction. Arguments and result are those of the port call of the same
 * name, in the registers of the C calling convention. Read by the assembler, the compiler and the harness.
 */
#ifndef ATCBENCH_HVC_H
#define ATCBENCH_HVC_H

#define HVC_RETURN		0	/* end of a call that the harness made */
#define HVC_WAIT		1
#define HVC_DMA_ALLOC		2
#define HVC_DMA_FREE		3
#define HVC_ZALLOC		4
#define HVC_FREE		5
#define HVC_IRQ_REQUEST		6
#define HVC_IRQ_ACK		7	/* x0 = argument, x1 = handler of the interrupt that was taken */
#define HVC_WORK_QUEUE		8
#define HVC_WORK_FLUSH		9
#define HVC_COND_RESCHED	10
#define HVC_TRACE		11
#define HVC_LOG			12
#define HVC_ERROR_DETECTED	13	/* callbacks of a device's driver, which the harness plays; x1 = whose */
#define HVC_SLOT_RESET		14
#define HVC_RESUME		15
#define HVC_UNEXPECTED		16	/* an exception that no code of ours takes */
#define HVC_MMIO_ENABLED	17
#define HVC_RESET_DONE		18	/* another of those callbacks */

#endif
