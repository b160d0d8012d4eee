/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler takes for granted, and the face of the device drivers that the harness plays.
 */
#include "pci.h"

void *memset(void *to, int value, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n);
enum pci_ers_result host_error_detected(struct pci_dev *pdev, void *arg, enum pci_channel_state state);
enum pci_ers_result host_slot_reset(struct pci_dev *pdev, void *arg);
void host_resume(struct pci_dev *pdev, void *arg);
enum pci_ers_result host_mmio_enabled(struct pci_dev *pdev, void *arg);
void host_reset_done(struct pci_dev *pdev, void *arg, bool good);
extern const struct pci_driver host_driver;

typedef uint64_t __attribute__((may_alias)) word;

static int aligned(const void *p)
{
	return ((uintptr_t)p & (sizeof(word) - 1)) == 0;
}

void *memset(void *to, int value, size_t n)
{
	word all = (unsigned char)value * UINT64_C(0x0101010101010101);
	unsigned char *p = to;

	if (aligned(p)) {
		for (; n >= 2 * sizeof(word); n -= 2 * sizeof(word), p += 2 * sizeof(word)) {
			((word *)p)[0] = all;
			((word *)p)[1] = all;
		}
	}
	while (n--)
		*p++ = (unsigned char)value;
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	const unsigned char *f = from;
	unsigned char *p = to;

	if (aligned(p) && aligned(f))
		for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word), f += sizeof(word))
			*(word *)p = *(const word *)f;
	while (n--)
		*p++ = *f++;
	return to;
}

/* The argument of a bound driver tells the harness which of its drivers is meant. */
const struct pci_driver host_driver = {
	.name = "harness",
	.error_detected = host_error_detected,
	.slot_reset = host_slot_reset,
	.resume = host_resume,
	.mmio_enabled = host_mmio_enabled,
	.reset_done = host_reset_done,
};
