/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What drivers did before anybody cared: log, acknowledge, go on. The SYNC is retried by hardware and its waiter sees
 * success, or it leaves after the poll limit, and then unmap reports success just the same.
 *
 * Expected to be wrong: stale accesses for as long as the device keeps its entry; every later unmap sends another ATC_INV and
 * costs another time-out and another interrupt; a waiter on the CPU of the GERROR interrupt keeps the handler out until its
 * poll limit, and everybody waits with it.
 */
#include "smmu_priv.h"

static void on_error(struct smmu *smmu, struct smmu_cmdq *q, uint32_t ctr)
{
	(void)q;
	port_log(smmu->port, PORT_LOG_WARN, "smmu: ATC invalidation time-out before the SYNC at 0x%x", (unsigned int)ctr);
}

const struct smmu_policy smmu_policy_legacy = {
	.name = "legacy",
	.summary = "logs, acknowledges, goes on sending; unmap always reports success",
	.leaves = true,
	.on_error = on_error,
};
