/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of policies.
 */
#include "policy.h"

#include "smmu.h"

static const struct smmu_policy *const policies[] = {
	&smmu_policy_legacy,  &smmu_policy_isr_reset, &smmu_policy_bitmap_core,	   &smmu_policy_bitmap_core_keep,
	&smmu_policy_fenced,  &smmu_policy_minimal,   &smmu_policy_bisect,	   &smmu_policy_sync_per_device,
	&smmu_policy_block_all,
};
#define POLICIES	(sizeof(policies) / sizeof(policies[0]))

static bool same_name(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

const struct smmu_policy *smmu_policy_find(const char *name)
{
	const struct smmu_policy *r = NULL;
	unsigned int i;

	for (i = 0; i < POLICIES && name; i++) {
		if (same_name(policies[i]->name, name))
			r = policies[i];
	}
	return r;
}

const char *smmu_policy_name(unsigned int i)
{
	return i < POLICIES ? policies[i]->name : NULL;
}

const char *smmu_policy_summary(unsigned int i)
{
	return i < POLICIES ? policies[i]->summary : NULL;
}
