/* SPDX-License-Identifier: Apache-2.0 */
#include "smmu_cmd.h"

#include "bits.h"
#include "smmu_fmt.h"

#define RANGE_ALL	31u	/* CFGI_STE_RANGE with this range is CFGI_ALL */
#define NUM_BITS	5u	/* a range covers (NUM + 1) << SCALE granules */
#define MEMATTR_OIWB	0xfu	/* normal memory, outer and inner write-back */
#define PAGE_SHIFT	12

static struct cmd make(unsigned int op)
{
	struct cmd c = { { FIELD_PREP64(CMD0_OP, op), 0 } };

	return c;
}

struct cmd cmd_cfgi_ste(uint32_t sid, bool leaf)
{
	struct cmd c = make(OP_CFGI_STE);

	c.dw[0] |= FIELD_PREP64(CMD_CFGI_STE0_SID, sid);
	c.dw[1] |= FIELD_PREP64(CMD_CFGI_STE1_LEAF, leaf);
	return c;
}

struct cmd cmd_cfgi_all(void)
{
	struct cmd c = make(OP_CFGI_STE_RANGE);

	c.dw[1] |= FIELD_PREP64(CMD_CFGI_STE_RANGE1_RANGE, RANGE_ALL);
	return c;
}

struct cmd cmd_cfgi_cd(uint32_t sid, uint32_t ssid, bool leaf)
{
	struct cmd c = make(OP_CFGI_CD);

	c.dw[0] |= FIELD_PREP64(CMD_CFGI_CD0_SID, sid) | FIELD_PREP64(CMD_CFGI_CD0_SSID, ssid);
	c.dw[1] |= FIELD_PREP64(CMD_CFGI_CD1_LEAF, leaf);
	return c;
}

struct cmd cmd_cfgi_cd_all(uint32_t sid)
{
	struct cmd c = make(OP_CFGI_CD_ALL);

	c.dw[0] |= FIELD_PREP64(CMD_CFGI_CD_ALL0_SID, sid);
	return c;
}

struct cmd cmd_tlbi_el2_all(void)
{
	return make(OP_TLBI_EL2_ALL);
}

struct cmd cmd_tlbi_nsnh_all(void)
{
	return make(OP_TLBI_NSNH_ALL);
}

struct cmd cmd_tlbi_nh_asid(uint16_t vmid, uint16_t asid)
{
	struct cmd c = make(OP_TLBI_NH_ASID);

	c.dw[0] |= FIELD_PREP64(CMD_TLBI_NH_ASID0_VMID, vmid) | FIELD_PREP64(CMD_TLBI_NH_ASID0_ASID, asid);
	return c;
}

struct cmd cmd_tlbi_nh_va(uint16_t vmid, uint16_t asid, uint64_t iova)
{
	struct cmd c = make(OP_TLBI_NH_VA);

	c.dw[0] |= FIELD_PREP64(CMD_TLBI_NH_VA0_VMID, vmid) | FIELD_PREP64(CMD_TLBI_NH_VA0_ASID, asid);
	c.dw[1] |= (iova & CMD_TLBI_NH_VA1_ADDR) | FIELD_PREP64(CMD_TLBI_NH_VA1_LEAF, 1);
	return c;
}

/*
 * The page count is consumed five bits at a time from its lowest set bit: each command takes the next NUM_BITS bits as
 * NUM + 1 at that scale. A single page is the one form that must not be a range: NUM = SCALE = TTL = 0 with TG != 0 is
 * CERROR_ILL (smmuv3.md §2).
 */
struct cmd cmd_tlbi_nh_va_range(uint16_t vmid, uint16_t asid, uint64_t *iova, uint64_t *npages)
{
	struct cmd c = cmd_tlbi_nh_va(vmid, asid, *iova);
	unsigned int scale = 0;
	uint64_t num;

	while (!(*npages >> scale & 1))
		scale++;
	num = *npages >> scale & (BIT64(NUM_BITS) - 1);

	if (scale != 0 || num != 1) {
		c.dw[0] |= FIELD_PREP64(CMD_TLBI_NH_VA0_NUM, num - 1) | FIELD_PREP64(CMD_TLBI_NH_VA0_SCALE, scale);
		c.dw[1] |= FIELD_PREP64(CMD_TLBI_NH_VA1_TG, TLBI_TG_4K);
	}
	*iova += num << scale << PAGE_SHIFT;
	*npages -= num << scale;
	return c;
}

struct cmd cmd_atc_inv(uint32_t sid, uint32_t ssid, struct atc_range range)
{
	struct cmd c = make(OP_ATC_INV);

	c.dw[0] |= FIELD_PREP64(CMD_ATC_INV0_SID, sid);
	if (ssid != 0)
		c.dw[0] |= CMD_ATC_INV0_SSV | FIELD_PREP64(CMD_ATC_INV0_SSID, ssid);
	c.dw[1] |= FIELD_PREP64(CMD_ATC_INV1_SIZE, range.size) | (range.addr & CMD_ATC_INV1_ADDR);
	return c;
}

struct cmd cmd_pri_resp(uint32_t sid, bool ssv, uint32_t ssid, unsigned int group, unsigned int resp)
{
	struct cmd c = make(OP_PRI_RESP);

	c.dw[0] |= FIELD_PREP64(CMD_PRI_RESP0_SID, sid);
	if (ssv)
		c.dw[0] |= CMD_PRI_RESP0_SSV | FIELD_PREP64(CMD_PRI_RESP0_SSID, ssid);
	c.dw[1] |= FIELD_PREP64(CMD_PRI_RESP1_PRGINDEX, group) | FIELD_PREP64(CMD_PRI_RESP1_RESP, resp);
	return c;
}

struct cmd cmd_sync_none(void)
{
	return make(OP_SYNC);
}

struct cmd cmd_sync_sev(void)
{
	struct cmd c = make(OP_SYNC);

	c.dw[0] |= FIELD_PREP64(CMD_SYNC0_CS, SYNC_CS_SEV);
	return c;
}

struct cmd cmd_sync_msi(uint64_t addr, uint32_t data)
{
	struct cmd c = make(OP_SYNC);

	c.dw[0] |= FIELD_PREP64(CMD_SYNC0_CS, SYNC_CS_IRQ) | FIELD_PREP64(CMD_SYNC0_MSH, SH_INNER) |
		   FIELD_PREP64(CMD_SYNC0_MSIATTR, MEMATTR_OIWB) | FIELD_PREP64(CMD_SYNC0_MSIDATA, data);
	c.dw[1] |= addr & CMD_SYNC1_MSIADDR;
	return c;
}
