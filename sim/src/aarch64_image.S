/* SPDX-License-Identifier: Apache-2.0 */
/* The driver for AArch64 as bytes of this program; ATC_IMAGE is its file. */
	.section .rodata
	.balign	16
	.global	atc_aarch64_image
	.global	atc_aarch64_image_end
atc_aarch64_image:
	.incbin	ATC_IMAGE
atc_aarch64_image_end:
	.section .note.GNU-stack, "", %progbits
