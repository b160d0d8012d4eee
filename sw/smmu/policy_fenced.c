/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As minimal, plus a flag on the master that fences attach from the isolation until a reset has succeeded. The core
 * installs no blocking domain of its own: the worker only carries the error event to the device's driver, and untranslated
 * traffic goes on until the reset's prepare.
 */
#include "policy.h"

const struct smmu_policy smmu_policy_fenced = {
	.name = "fenced",
	.summary = "as minimal; attach gets -EBUSY from an isolation until a reset has succeeded, no core worker",
	.poll = true,
	.fence = true,
	.on_error = smmu_policy_tell_owner,
	.failed = smmu_policy_ask_each,
};
