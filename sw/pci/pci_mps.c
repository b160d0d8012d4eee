/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Max_Payload_Size (pcie-ats.md §9): what one packet may carry is the business of everybody on its way. A port that gets more than it
 * is set to throws the packet away as malformed, which is a fatal error.
 *
 *  M1. One value for everything below a root port: the smallest that anything there supports, itself included. Then nothing gets
 *      more than it takes, whoever sends, and completions are no longer either, so Max_Read_Request_Size is nobody's concern.
 *  M2. From the root downwards. Nobody sends yet (enumeration), and a number read on the way down is never a sender's.
 *  M3. Who comes later (hot plug) takes what its port has. If it supports less, a root port right above it is lowered: nobody
 *      else is below. Behind a switch others are in use, and lowering theirs under way would be what this is to prevent: the new one sends
 *      little and asks for little (Max_Read_Request_Size), and whoever writes to it directly is warned of here.
 *
 * Virtual functions have the setting of their physical one; a reset takes it away and pci_restore_state() brings it back.
 */
#include "pci_port.h"

#define BUSES		256u
#define DEVICES		32u
#define FUNCTIONS	8u
#define NOBODY		UINT32_MAX
#define CODES		6u		/* 128 to 4096 bytes */
#define TYPE_UPSTREAM	5u
#define RRS		0xffff0001u	/* what a root port with RRS visibility shows for "not yet" */

/* In a function's header and capability and in a port's: the same places. */
#define HDR_TYPE	0x0eu
#define HDR_BRIDGE	1u
#define HDR_MULTI	0x80u
#define CAP_PTR		0x34u
#define DEVCAP		4u
#define DEVCTL		8u

struct where {
	uint16_t bdf;
	unsigned int pcie;		/* offset of the capability, 0 = none */
};

static uint64_t at(const struct pci_host *host, uint16_t bdf, unsigned int off)
{
	return host->cfg.ecam_base + ((uint64_t)bdf << 12) + off;
}

static uint32_t get32(struct pci_host *host, uint16_t bdf, unsigned int off)
{
	return port_read32(host->port, at(host, bdf, off));
}

static uint16_t get16(struct pci_host *host, uint16_t bdf, unsigned int off)
{
	return port_read16(host->port, at(host, bdf, off));
}

static bool there(struct pci_host *host, uint16_t bdf)
{
	uint32_t id = get32(host, bdf, 0);

	return id != NOBODY && id != 0 && id != RRS;
}

static bool is_bridge(struct pci_host *host, uint16_t bdf)
{
	return (get32(host, bdf, HDR_TYPE & ~3u) >> 16 & 0x7f) == HDR_BRIDGE;
}

static struct where find(struct pci_host *host, uint16_t bdf)
{
	struct where w = { .bdf = bdf };
	unsigned int off = get32(host, bdf, CAP_PTR) & 0xfc, n;
	uint32_t v;

	for (n = 0; n < PCI_CAPS_MAX && off >= 0x40 && w.pcie == 0; n++) {
		v = get32(host, bdf, off);
		if (v == NOBODY)
			break;
		if ((v & 0xff) == CAP_ID_PCIE)
			w.pcie = off;
		off = v >> 8 & 0xfc;
	}
	return w;
}

/* 128 << n bytes. A function that does not answer is not in anybody's way; one without the capability can do the least. */
static unsigned int supported(struct pci_host *host, struct where w)
{
	uint32_t v = w.pcie != 0 ? get32(host, w.bdf, w.pcie + DEVCAP) : 0;

	return v == NOBODY ? CODES - 1 : FIELD_GET32(CFG_DEVCAP_MPS_SUPPORTED_MASK, v);
}

static unsigned int setting(struct pci_host *host, struct where w)
{
	uint16_t v = w.pcie != 0 ? get16(host, w.bdf, w.pcie + DEVCTL) : 0;

	return v == UINT16_MAX ? 0 : FIELD_GET32(CFG_DEVCTL_DEVSTA_MPS_MASK, v);
}

static void set(struct pci_host *host, struct where w, uint32_t mask, unsigned int code)
{
	uint16_t v = w.pcie != 0 ? get16(host, w.bdf, w.pcie + DEVCTL) : UINT16_MAX;
	uint16_t want = (uint16_t)((v & ~mask) | (code * (mask & -mask)));

	if (v != UINT16_MAX && want != v)
		port_write16(host->port, at(host, w.bdf, w.pcie + DEVCTL), want);
}

/* ------------------------------------------------------------------ everything below a root port */
/* Both passes: the smallest that is supported (`code` the smallest so far), or write. */
static unsigned int visit(struct pci_host *host, struct where w, unsigned int code, bool write)
{
	unsigned int s = supported(host, w);

	if (!write)
		return s < code ? s : code;
	if (!(host->cfg.plants & PCI_PLANT_ONE_ENDED_MPS) || !is_bridge(host, w.bdf))
		set(host, w, CFG_DEVCTL_DEVSTA_MPS_MASK, code);
	return code;
}

/*
 * A link leads to device 0 alone; the bus inside a switch, below an upstream port, to as many as there are. Buses are numbered from the
 * root downwards, so a bridge is met before the bus below it.
 */
static unsigned int walk_below(struct pci_host *host, uint32_t buses, unsigned int code, bool write)
{
	const unsigned int last = FIELD_GET32(PORT_BUS_SUBORDINATE_MASK, buses);
	unsigned int bus = FIELD_GET32(PORT_BUS_SECONDARY_MASK, buses), dev, fn, fns;
	uint8_t inner[BUSES / 8] = { 0 };
	struct where w;
	uint32_t v;

	for (; bus != 0 && bus <= last; bus++) {
		for (dev = 0; dev < (inner[bus / 8] >> bus % 8 & 1 ? DEVICES : 1); dev++) {
			for (fn = 0, fns = 1; fn < fns; fn++) {
				w.bdf = (uint16_t)(bus << 8 | dev << 3 | fn);
				if (!there(host, w.bdf))
					continue;
				if (fn == 0 && (get32(host, w.bdf, HDR_TYPE & ~3u) >> 16 & HDR_MULTI))
					fns = FUNCTIONS;
				w = find(host, w.bdf);
				code = visit(host, w, code, write);
				v = is_bridge(host, w.bdf) && w.pcie != 0 ? get32(host, w.bdf, w.pcie) : NOBODY;
				if (v != NOBODY && FIELD_GET32(PORT_PCIE_CAP_PORT_TYPE_MASK, v) == TYPE_UPSTREAM) {
					v = FIELD_GET32(PORT_BUS_SECONDARY_MASK, get32(host, w.bdf, PORT_BUS));
					inner[v / 8] |= (uint8_t)(1u << v % 8);
				}
			}
		}
	}
	return code;
}

int pci_configure_mps(struct pci_host *host)
{
	unsigned int dev, code, ports = 0;
	struct where root;
	uint32_t buses;

	for (dev = 0; dev < DEVICES; dev++) {
		if (!there(host, (uint16_t)(dev << 3)) || !is_bridge(host, (uint16_t)(dev << 3)))
			continue;
		root = find(host, (uint16_t)(dev << 3));
		buses = get32(host, root.bdf, PORT_BUS);
		if (root.pcie == 0 || buses == NOBODY)
			continue;
		ports++;
		code = walk_below(host, buses, supported(host, root), false);	/* M1 */
		visit(host, root, code, true);					/* M2 */
		walk_below(host, buses, code, true);
		port_log(host->port, PORT_LOG_INFO, "pci %04x: packets of %u bytes", root.bdf, 128u << code);
	}
	return ports != 0 ? 0 : -ENODEV;
}

/* ------------------------------------------------------------------ one that came later */
/* The port whose link `bus` is; pcie = 0: nobody's. From bus 0 down: every bridge on the way holds the bus. */
static struct where port_of(struct pci_host *host, unsigned int bus, bool *is_root)
{
	struct where w = { 0 };
	unsigned int from = 0, dev, depth;
	uint32_t buses = 0;

	for (depth = 0; depth < PCI_CAPS_MAX; depth++) {
		for (dev = 0; dev < DEVICES; dev++) {
			w.bdf = (uint16_t)(from << 8 | dev << 3);
			buses = there(host, w.bdf) && is_bridge(host, w.bdf) ? get32(host, w.bdf, PORT_BUS) : NOBODY;
			if (buses != NOBODY && bus >= FIELD_GET32(PORT_BUS_SECONDARY_MASK, buses) &&
			    bus <= FIELD_GET32(PORT_BUS_SUBORDINATE_MASK, buses))
				break;
		}
		*is_root = depth == 0;
		from = FIELD_GET32(PORT_BUS_SECONDARY_MASK, buses);
		if (dev == DEVICES || from == 0)
			return (struct where){ 0 };
		if (from == bus)
			return find(host, w.bdf);
	}
	return (struct where){ 0 };
}

void pci_match_mps(struct pci_dev *pdev)
{
	struct pci_host *host = pdev->host;
	struct where self = { .bdf = pdev->bdf, .pcie = pdev->pcie }, up;
	unsigned int can, code;
	bool root;

	if (host->cfg.bus_config != PCI_BUS_SAFE || pdev->physfn || pdev->pcie == 0)
		return;
	up = port_of(host, pdev->bdf >> 8, &root);
	if (up.pcie == 0)
		return;
	can = supported(host, self);
	code = host->cfg.plants & PCI_PLANT_ONE_ENDED_MPS ? can : setting(host, up);
	if (can < code && root) {						/* M3 */
		code = can;
		set(host, up, CFG_DEVCTL_DEVSTA_MPS_MASK, code);
	} else if (can < code) {
		code = can;
		set(host, self, CFG_DEVCTL_DEVSTA_MRRS_MASK, code);
		port_log(host->port, PORT_LOG_WARN, "pci %04x: takes %u bytes a packet, those beside it send more", pdev->bdf, 128u << code);
	}
	set(host, self, CFG_DEVCTL_DEVSTA_MPS_MASK, code);
}
