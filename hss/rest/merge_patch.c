// SPDX-License-Identifier: Apache-2.0
/* [RFC 7396 2]: what is no object replaces; of an object, null takes a member away, everything else merges into it. */
#include "hss/rest/merge_patch.h"
#include <stdint.h>

static json_t *mine(const json_t *v)
{
	return json_deep_copy(v);
}

json_t *merge_patch(const json_t *target, const json_t *patch)
{
	json_t *merged;
	const json_t *v;
	const char *key;

	if (!json_is_object(patch))
		return mine(patch);
	merged = json_is_object(target) ? mine(target) : json_object();
	json_object_foreach((json_t *)(uintptr_t)patch, key, v)
		if (json_is_null(v))
			json_object_del(merged, key);
		else
			json_object_set_new(merged, key, merge_patch(json_object_get(merged, key), v));
	return merged;
}

json_t *merge_diff(const json_t *before, const json_t *after)
{
	json_t *diff = json_object(), *v;
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)before, key, v)
		if (!json_object_get(after, key))
			json_object_set_new(diff, key, json_null());
	json_object_foreach((json_t *)(uintptr_t)after, key, v) {
		const json_t *was = json_object_get(before, key);

		if (was && json_equal(was, v))
			continue;
		json_object_set_new(diff, key, json_is_object(was) && json_is_object(v) ? merge_diff(was, v) : mine(v));
	}
	return diff;
}
