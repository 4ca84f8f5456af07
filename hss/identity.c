// SPDX-License-Identifier: Apache-2.0
/* Identities found in the store. */
#include "hss/identity.h"

int check_features(struct run *r, const struct cx_features *asked, size_t n, struct cx_features *own, size_t *own_count)
{
	if (!n)
		return 1;
	*own_count = cx_features_put(own, OWN_FEATURES);
	return cx_features_lack(asked, n, OWN_FEATURES) ? refuse(r, RESULT_ERROR_FEATURE_UNSUPPORTED, "a feature is demanded that nobody here knows") : 1;
}

/* As it was provisioned, however a peer spells it [TS 29.228 7.2]. */
int find_impu(struct run *r, const char *impu, struct impu *u)
{
	char uri[IMPU_MAX];
	const char *canonical = impu_canonical(impu, uri) ? impu : uri;
	int err = store_impu(r->store, &r->pool, canonical, u);

	if (err == -ENOENT) /* a distinct one comes first [TS 23.003 13.5] */
		err = store_wildcard_find(r->store, &r->pool, canonical, u);
	if (err == -ENOENT)
		return refuse(r, RESULT_ERROR_USER_UNKNOWN, "the public identity is not provisioned");
	r->subscription = err ? 0 : u->subscription;
	return err ? err : 1;
}

int find_pair(struct run *r, const char *impi, const char *impu, struct private_identity *p, struct impu *u)
{
	int found, err = store_private(r->store, &r->pool, impi, p);

	if (err == -ENOENT) /* step 1: both exist */
		return refuse(r, RESULT_ERROR_USER_UNKNOWN, "the private identity is not provisioned");
	if (err)
		return err;
	found = find_impu(r, impu, u);
	if (found <= 0)
		return found;
	found = store_linked(r->store, p->id, u->id); /* step 2: one belongs to the other */
	if (!found)
		return refuse(r, RESULT_ERROR_IDENTITIES_DONT_MATCH, "the private identity may not use this public identity");
	return found;
}

int check_registers(struct run *r, const struct impu *u)
{
	if (!is_psi(u) && !u->wildcard)
		return 1;
	return refuse(r, RESULT_ERROR_USER_UNKNOWN, "neither a public service identity nor a wildcarded one registers");
}
