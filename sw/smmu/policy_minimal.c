/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference policy: ask every device of the failed batch again, the original range with a SYNC of its own, in the
 * order of the list; who fails again is isolated. Attach is not fenced: it starts a new generation (smmu_ats.c).
 *
 * Cost: n SYNCs for n devices, plus one time-out for each broken one. The healthy hot path pays nothing.
 */
#include "policy.h"

const struct smmu_policy smmu_policy_minimal = {
	.name = "minimal",
	.summary = "asks each device of a failed batch again, isolates who fails again, fences nothing",
	.poll = true,
	.core_blocks = true,
	.on_error = smmu_policy_tell_owner,
	.failed = smmu_policy_ask_each,
};
