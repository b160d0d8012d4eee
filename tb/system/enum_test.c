/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A standard enumerator on the C interface: from bus 0 on through ECAM, gives bridges their bus numbers depth first and windows, sizes
 * BARs, walks both capability lists, switches virtual functions on and looks for those. Knows nothing of the system but what
 * configuration space says.
 *
 * Usage: enum_test [key=value ...]    keys of the harness, doc/config.md
 * Prints a line for each function and a last line with the counts. Exit status 0: all of it is as a real enumerator needs it.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "atcbench.h"
#include "pcie_cfg.h"
#include "port_cfg.h"

#define BUSES		64u
#define BUS_DEVICES	32u
#define MIB		UINT64_C(0x100000)
#define ONES		UINT32_MAX
#define LIST_MAX	48u

struct walk {
	struct atcbench_sim *sim;
	uint16_t bdf;
	unsigned int functions, virtual_functions, devices, bridges, last_bus;
	uint64_t free_bar;		/* next address, only to see that BARs take one */
};

static void fail(const struct walk *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "enum_test: %02x:%02x.%u: ", w->bdf >> 8, w->bdf >> 3 & 31u, w->bdf & 7u);
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

/* What is not there reads all ones, as on a real root complex. */
static uint32_t rd(struct walk *w, unsigned int at)
{
	uint64_t v = ONES;

	if (atcbench_cfg_read(w->sim, w->bdf, at, 4, &v))
		v = ONES;
	return (uint32_t)v;
}

static void wr(struct walk *w, unsigned int at, unsigned int bytes, uint32_t v)
{
	if (atcbench_cfg_write(w->sim, w->bdf, at, bytes, v))
		fail(w, "a write to %#x failed", at);
}

/* Size of a 32- or 64-bit memory BAR at `at`, its registers left with a fresh address; 0 = none. `step`: registers used. */
static uint64_t size_bar(struct walk *w, unsigned int at, unsigned int *step)
{
	uint32_t old = rd(w, at), low;
	uint64_t mask, size = 0;

	*step = 1;
	wr(w, at, 4, ONES);
	low = rd(w, at);
	if (low == 0) {
		if (old != 0)
			fail(w, "BAR at %#x loses its value", at);
		return 0;
	}
	if (low & 1)
		fail(w, "BAR at %#x says I/O", at);
	mask = (uint64_t)ONES << 32 | (low & ~0xfu);
	if ((low >> 1 & 3) == 2) {
		*step = 2;
		wr(w, at + 4, 4, ONES);
		mask = (uint64_t)rd(w, at + 4) << 32 | (low & ~0xfu);
	}
	size = ~mask + 1;
	if (size < 16 || (size & (size - 1)))
		fail(w, "BAR at %#x: size %#" PRIx64, at, size);
	w->free_bar = (w->free_bar + size - 1) & ~(size - 1);
	wr(w, at, 4, (uint32_t)w->free_bar);
	if (*step == 2)
		wr(w, at + 4, 4, (uint32_t)(w->free_bar >> 32));
	if ((rd(w, at) & ~0xfu) != (uint32_t)w->free_bar || (rd(w, at) & 0xfu) != (low & 0xfu))
		fail(w, "BAR at %#x does not keep its address", at);
	/* one byte of it: byte enables */
	wr(w, at + 3, 1, 0);
	if (rd(w, at) >> 24 != 0 || ((rd(w, at) ^ (uint32_t)w->free_bar) & 0x00fffff0u))
		fail(w, "BAR at %#x: a byte write touches others", at);
	wr(w, at, 4, 0);
	w->free_bar += size;
	return size;
}

static unsigned int find(struct walk *w, bool extended, uint16_t id, unsigned int *count)
{
	unsigned int at = extended ? 0x100 : rd(w, CFG_CAP_PTR) & 0xffu, n = 0, found = 0;
	uint32_t h;

	while (at != 0) {
		h = rd(w, at);
		if ((at & 3) || at < (extended ? 0x100u : 0x40u) || h == ONES || h == 0 || ++n == LIST_MAX)
			fail(w, "a broken list at %#x (%#x)", at, h);
		if ((extended ? h & 0xffffu : h & 0xffu) == id) {
			if (found)
				fail(w, "capability %#x twice", id);
			found = at;
		}
		at = extended ? h >> 20 : h >> 8 & 0xffu;
	}
	if (count)
		*count = n;
	return found;
}

static unsigned int need(struct walk *w, bool extended, uint16_t id)
{
	unsigned int at = find(w, extended, id, NULL);

	if (!at)
		fail(w, "no %scapability %#x", extended ? "extended " : "", id);
	return at;
}

/* What every function has to have, virtual ones too. */
static void common(struct walk *w)
{
	unsigned int at, caps, exts, ari;

	if (!(rd(w, CFG_COMMAND_STATUS) & CFG_COMMAND_STATUS_CAP_LIST) || (rd(w, CFG_HEADER_TYPE) >> 16 & 0x7f) != 0)
		fail(w, "no type 0 header with a capability list");
	at = need(w, false, CAP_ID_PCIE);
	if ((rd(w, at) >> 16 & 0xff) != 0x02 || !(rd(w, at + 4) & CFG_DEVCAP_FLR))
		fail(w, "no endpoint of version 2 with FLR");
	at = need(w, false, CAP_ID_PM);
	wr(w, at + 4, 1, POWER_STATE_D3HOT);
	if ((rd(w, at + 4) & 3) != POWER_STATE_D3HOT)
		fail(w, "does not go to D3hot");
	wr(w, at + 4, 1, POWER_STATE_D0);
	if ((rd(w, at + 4) & 3) != POWER_STATE_D0)
		fail(w, "does not come back to D0");
	need(w, false, CAP_ID_MSI);
	at = need(w, true, EXT_CAP_ID_AER);
	if (at != 0x100 || rd(w, at + 4) != 0)
		fail(w, "errors before anything happened: %#x", rd(w, at + 4));
	need(w, true, EXT_CAP_ID_ATS);
	find(w, false, 0, &caps);
	ari = find(w, true, EXT_CAP_ID_ARI, &exts);
	printf("%02x:%02x.%u %08x class %06x, %u + %u capabilities%s\n", w->bdf >> 8, w->bdf >> 3 & 31u, w->bdf & 7u, rd(w, 0),
	       rd(w, CFG_CLASS_REV) >> 8, caps, exts, ari ? ", ARI" : "");
	w->functions++;
}

static void virtuals(struct walk *w)
{
	unsigned int at = find(w, true, EXT_CAP_ID_SRIOV, NULL), total, n, step;
	uint16_t pf = w->bdf, offset, stride;
	uint32_t rid;

	if (!at)
		return;
	total = rd(w, at + 0x0c) >> 16;
	rid = rd(w, at + 0x14);
	offset = (uint16_t)rid;
	stride = (uint16_t)(rid >> 16);
	if (total == 0 || offset == 0 || stride == 0)
		fail(w, "SR-IOV: %u functions, offset %u, stride %u", total, offset, stride);
	w->bdf = (uint16_t)(pf + offset);
	if (rd(w, CFG_CLASS_REV) != ONES)
		fail(w, "there before it is enabled");
	w->bdf = pf;
	if (size_bar(w, at + 0x24, &step) == 0)
		fail(w, "SR-IOV: no VF BAR0");
	wr(w, at + 0x10, 2, total);
	wr(w, at + 0x08, 2, CFG_SRIOV_CTRL_STATUS_VF_ENABLE | CFG_SRIOV_CTRL_STATUS_VF_MSE);
	for (n = 0; n < total; n++) {
		w->bdf = (uint16_t)(pf + offset + n * stride);
		if (rd(w, CFG_VENDOR_DEVICE) != ONES || rd(w, CFG_CLASS_REV) == ONES)
			fail(w, "no virtual function");
		common(w);
		w->virtual_functions++;
	}
	w->bdf = pf;
	wr(w, at + 0x08, 2, 0);
	w->bdf = (uint16_t)(pf + offset);
	if (rd(w, CFG_CLASS_REV) != ONES)
		fail(w, "there after it was disabled");
	w->bdf = pf;
}

static void function(struct walk *w)
{
	unsigned int bar, step, narrow = 0, wide = 0;
	uint64_t size;

	for (bar = 0; bar < 6; bar += step) {
		size = size_bar(w, CFG_BAR0 + 4 * bar, &step);
		if (size)
			*(step == 2 ? &wide : &narrow) += 1;
	}
	if (narrow != 1 || wide != 1)
		fail(w, "%u 32-bit and %u 64-bit BARs", narrow, wide);
	common(w);
	need(w, false, CAP_ID_MSIX);
	need(w, true, EXT_CAP_ID_PRI);
	need(w, true, EXT_CAP_ID_PASID);
	virtuals(w);
}

/* A device of endpoints: its functions, which the list of ARI must lead to as well. */
static void device(struct walk *w, unsigned int bus, unsigned int dev)
{
	bool several = rd(w, CFG_HEADER_TYPE) & CFG_HEADER_TYPE_MULTI_FN;
	unsigned int fn, next = 0;

	w->devices++;
	for (fn = 0; fn < 8; fn++) {
		w->bdf = (uint16_t)(bus << 8 | dev << 3 | fn);
		if (rd(w, CFG_VENDOR_DEVICE) == ONES)
			continue;
		if (fn != 0 && !several)
			fail(w, "a function although function 0 says it is alone");
		if (fn != next)
			fail(w, "ARI leads to function %u", next);
		next = find(w, true, EXT_CAP_ID_ARI, NULL);
		next = next ? rd(w, next + 4) >> 8 & 0xffu : 0;
		function(w);
	}
	if (next != 0)
		fail(w, "ARI leads to function %u, which is not there", next);
}

static bool is_bridge(struct walk *w)
{
	return (rd(w, CFG_HEADER_TYPE) >> 16 & 0x7f) == 1;
}

static void scan(struct walk *w, unsigned int bus);

/* A bridge: what it has to have, the next number for the bus below, what is there, and a window around what that got. */
static void bridge(struct walk *w, unsigned int bus)
{
	const uint16_t bdf = w->bdf;
	unsigned int at = need(w, false, CAP_ID_PCIE), type = rd(w, at) >> 20 & 15;
	uint64_t first, last;

	if (type < 4 || type > 6 || (rd(w, CFG_CLASS_REV) >> 8) != 0x060400)
		fail(w, "port type %u", type);
	need(w, false, CAP_ID_PM);
	need(w, false, CAP_ID_MSI);
	if (need(w, true, EXT_CAP_ID_AER) != 0x100)
		fail(w, "AER is not the first of the extended capabilities");
	if (type != 5) {	/* a port with a link below */
		need(w, true, EXT_CAP_ID_ACS);
		need(w, true, EXT_CAP_ID_DPC);
	}
	wr(w, PORT_COMMAND_STATUS, 2, PORT_COMMAND_STATUS_MEM_EN | PORT_COMMAND_STATUS_BME);
	if ((rd(w, PORT_COMMAND_STATUS) & 6) != 6)
		fail(w, "memory space or bus master does not switch on");
	wr(w, PORT_MEM_WINDOW, 4, ONES);
	if (rd(w, PORT_MEM_WINDOW) != 0xfff0fff0u)
		fail(w, "memory window %#x", rd(w, PORT_MEM_WINDOW));
	wr(w, PORT_PREF_WINDOW, 4, ONES);
	if (rd(w, PORT_PREF_WINDOW) != 0xfff1fff1u)
		fail(w, "no 64-bit prefetchable window");
	wr(w, PORT_PREF_WINDOW, 4, 0x0000fff0u);	/* base above limit: none */

	if (++w->last_bus == BUSES)
		fail(w, "more than %u buses", BUSES);
	wr(w, PORT_BUS, 4, bus | w->last_bus << 8 | 0xff0000u);
	w->bridges++;
	first = w->free_bar = (w->free_bar + MIB - 1) & ~(MIB - 1);
	printf("%02x:%02x.%u %08x port type %u, bus %u below\n", bdf >> 8, bdf >> 3 & 31u, bdf & 7u, rd(w, 0), type, w->last_bus);
	scan(w, w->last_bus);
	w->bdf = bdf;
	wr(w, PORT_BUS + 2, 1, w->last_bus);
	last = w->free_bar == first ? 0 : w->free_bar - 1;
	wr(w, PORT_MEM_WINDOW, 4, last ? (uint32_t)(last & ~(MIB - 1)) | (uint32_t)(first >> 16) : 0x0000fff0u);
	if (last && (rd(w, PORT_MEM_WINDOW) >> 20 != last >> 20 || (rd(w, PORT_MEM_WINDOW) & 0xfff0u) != first >> 16))
		fail(w, "the memory window does not stay");
	if ((rd(w, PORT_BUS) >> 16 & 0xff) != w->last_bus || (rd(w, PORT_BUS) & 0xff) != bus)
		fail(w, "bus numbers %#x", rd(w, PORT_BUS));
}

static void scan(struct walk *w, unsigned int bus)
{
	unsigned int dev;

	/* What firmware gave is taken first, so that no two bridges claim a bus. */
	for (dev = 0; dev < BUS_DEVICES; dev++) {
		w->bdf = (uint16_t)(bus << 8 | dev << 3);
		if (rd(w, CFG_VENDOR_DEVICE) != ONES && is_bridge(w))
			wr(w, PORT_BUS, 4, 0);
	}
	for (dev = 0; dev < BUS_DEVICES; dev++) {
		w->bdf = (uint16_t)(bus << 8 | dev << 3);
		if (rd(w, CFG_VENDOR_DEVICE) == ONES)
			continue;
		if (is_bridge(w))
			bridge(w, bus);
		else
			device(w, bus, dev);
	}
}

int main(int argc, char **argv)
{
	struct walk w = { .free_bar = UINT64_C(0x60000000) };
	struct atcbench_options opt;
	const char *config[16] = { NULL };
	char error[200];
	int i;

	for (i = 1; i < argc && i < 16; i++)
		config[i - 1] = argv[i];
	atcbench_options_init(&opt);
	opt.config = config;
	w.sim = atcbench_create(&opt, error, sizeof(error));
	if (!w.sim) {
		fprintf(stderr, "enum_test: %s\n", error);
		return 2;
	}
	scan(&w, 0);
	printf("%u bridges, %u devices, %u functions, %u of them virtual\n", w.bridges, w.devices, w.functions, w.virtual_functions);
	atcbench_destroy(w.sim);
	return 0;
}
