/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of the command queue (smmuv3.md §2): one function per command, each returns the two dwords.
 */
#ifndef ATCBENCH_SMMU_CMD_H
#define ATCBENCH_SMMU_CMD_H

#include "../iommu/atc_range.h"
#include "port.h"

struct cmd {
	uint64_t dw[2];
};

struct cmd cmd_cfgi_ste(uint32_t sid, bool leaf);
struct cmd cmd_cfgi_all(void);
struct cmd cmd_cfgi_cd(uint32_t sid, uint32_t ssid, bool leaf);
struct cmd cmd_cfgi_cd_all(uint32_t sid);
struct cmd cmd_tlbi_el2_all(void);
struct cmd cmd_tlbi_nsnh_all(void);
struct cmd cmd_tlbi_nh_asid(uint16_t vmid, uint16_t asid);
/* One page, last level only. */
struct cmd cmd_tlbi_nh_va(uint16_t vmid, uint16_t asid, uint64_t iova);
/* ssid = 0: without a PASID prefix. */
struct cmd cmd_atc_inv(uint32_t sid, uint32_t ssid, struct atc_range range);
/* Answers a page request group; resp: enum smmu_pri_resp. */
struct cmd cmd_pri_resp(uint32_t sid, bool ssv, uint32_t ssid, unsigned int group, unsigned int resp);
/* CS = 0. */
struct cmd cmd_sync_none(void);
/* CS = 1 with a 4-byte MSI, inner shareable, write-back. */
struct cmd cmd_sync_sev(void);
struct cmd cmd_sync_msi(uint64_t addr, uint32_t data);

/*
 * The next of the commands that cover *npages pages from *iova by ranges of 4 KiB granules (IDR3.RIL); moves both on.
 * At most one command per five bits of the page count.
 */
struct cmd cmd_tlbi_nh_va_range(uint16_t vmid, uint16_t asid, uint64_t *iova, uint64_t *npages);

static inline unsigned int cmd_op(const struct cmd *c)
{
	return (unsigned int)(c->dw[0] & 0xff);
}

#endif
