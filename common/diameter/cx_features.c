// SPDX-License-Identifier: Apache-2.0
/* What the two ends can do beyond the first release. [TS 29.229 7] */
#include "common/diameter/cx.h"
#include "common/diameter/dict.h"

enum { FEATURE_LIST_ID = 1 };

static bool is_ours(const struct cx_features *f)
{
	return f->vendor == VENDOR_3GPP && f->list_id == FEATURE_LIST_ID;
}

uint32_t cx_features_of(const struct cx_features *features, size_t count)
{
	uint32_t all = 0;

	for (size_t i = 0; i < count; i++)
		if (is_ours(&features[i]))
			all |= features[i].list;
	return all;
}

bool cx_features_lack(const struct cx_features *features, size_t count, uint32_t own)
{
	for (size_t i = 0; i < count; i++)
		if (features[i].required && features[i].list & ~(is_ours(&features[i]) ? own : 0))
			return true;
	return false;
}

size_t cx_features_put(struct cx_features *features, uint32_t own)
{
	*features = (struct cx_features){ .vendor = VENDOR_3GPP, .list_id = FEATURE_LIST_ID, .list = own };
	return 1;
}
