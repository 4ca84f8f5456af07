// SPDX-License-Identifier: Apache-2.0
/* AS permissions, the user and what its identity can have. [TS 29.328 6.1.1.1, 6.2, 7.1, 7.6] */
#include "hss/sh_user.h"
#include <stdio.h>
#include <string.h>

/* ---- features ---- */

enum { LIST_ID = 1, ALL_FEATURES = SH_NOTIF_EFF | SH_UPDATE_EFF | SH_UPDATE_EFF_ENHANCE };
enum { VENDOR = 10415 };

static bool is_supported(const struct cx_features *f)
{
	return f->vendor == VENDOR && f->list_id == LIST_ID && !(f->list & ~(uint32_t)ALL_FEATURES);
}

int sh_features(struct run *r, const struct cx_features *asked, size_t count, struct cx_features *out, size_t *out_count)
{
	if (count) {
		out[0] = (struct cx_features){ .vendor = VENDOR, .list_id = LIST_ID, .list = ALL_FEATURES };
		*out_count = 1;
	}
	for (size_t i = 0; i < count; i++)
		if (asked[i].required && !is_supported(&asked[i]))
			return refuse_sh(r, RESULT_ERROR_FEATURE_UNSUPPORTED, SH_AVP_SUPPORTED_FEATURES, "a required feature is not supported");
	return 1;
}

bool sh_feature_asked(const struct cx_features *asked, size_t count, uint32_t feature)
{
	for (size_t i = 0; i < count; i++)
		if (asked[i].vendor == VENDOR && asked[i].list_id == LIST_ID && asked[i].list & feature)
			return true;
	return false;
}

/* ---- permission ---- */

static int default_operations(const struct run *r)
{
	const char *may = r->hss->options->sh.unknown_as;

	return !strcmp(may, "all") ? SH_MAY_PULL | SH_MAY_UPDATE | SH_MAY_SUBSCRIBE : !strcmp(may, "read") ? SH_MAY_PULL | SH_MAY_SUBSCRIBE : 0;
}

/* [TS 29.328 6.1.1.1, 6.1.2.1, 6.1.3.1] each operation has a result of its own */
static int forbid(struct run *r, enum sh_operation operation)
{
	switch (operation) {
	case SH_MAY_PULL:
		return refuse_sh(r, RESULT_ERROR_USER_DATA_CANNOT_BE_READ, SH_AVP_DATA_REFERENCE, "the AS may not read this data");
	case SH_MAY_UPDATE:
		return refuse_sh(r, RESULT_ERROR_USER_DATA_CANNOT_BE_MODIFIED, SH_AVP_DATA_REFERENCE, "the AS may not change this data");
	case SH_MAY_SUBSCRIBE:
		return refuse_sh(r, RESULT_ERROR_USER_DATA_CANNOT_BE_NOTIFIED, SH_AVP_DATA_REFERENCE, "the AS may not watch this data");
	}
	return 0;
}

int sh_check_permission(struct run *r, uint32_t reference, enum sh_operation operation)
{
	int may = store_permission(r->store, r->origin_host, reference);

	if (may == -ENOENT) {
		may = default_operations(r);
		if (!may)
			return refuse(r, RESULT_ERROR_OPERATION_NOT_ALLOWED, "the AS is not in the permissions list");
	}
	if (may < 0)
		return may;
	return may & sh_reference_find(reference)->operations & (int)operation ? 1 : forbid(r, operation);
}

static bool names_cloud(const struct sh_asked *a)
{
	for (size_t i = 0; a->indications && i < a->indications->count; i++)
		if (!strcmp(a->indications->item[i], SH_CLOUD_INDICATION))
			return true;
	return false;
}

/* Repository data that is only the cloud profile needs only that permission. */
static int check_repository(struct run *r, const struct sh_asked *a)
{
	int go = 1;

	if (names_cloud(a))
		go = sh_check_permission(r, SH_CLOUD_PROFILE, a->operation);
	return go > 0 && !(names_cloud(a) && a->indications->count == 1) ? sh_check_permission(r, SH_REPOSITORY_DATA, a->operation) : go;
}

static int check_permissions(struct run *r, const struct sh_asked *a)
{
	int go = 1;

	for (size_t i = 0; go > 0 && i < a->count; i++) {
		if (!sh_reference_find(a->references[i]) || a->references[i] == SH_CLOUD_PROFILE)
			return refuse_sh(r, RESULT_INVALID_AVP_VALUE, SH_AVP_DATA_REFERENCE, "a Data-Reference that nobody knows");
		if (a->references[i] == SH_REPOSITORY_DATA && a->indications)
			go = check_repository(r, a);
		else if (a->references[i] != SH_REPOSITORY_DATA)
			go = sh_check_permission(r, a->references[i], a->operation);
	}
	return go;
}

/* ---- the user ---- */

const char *sh_uri(const struct sh_user *user, char *out)
{
	if (user->public_identity)
		return user->public_identity;
	if (!user->msisdn)
		return NULL;
	snprintf(out, IMPU_MAX, "tel:+%s", user->msisdn);
	return out;
}

static int find_user(struct run *r, const struct sh_user *user, struct impu *u)
{
	char uri[IMPU_MAX];

	if (!!user->public_identity + !!user->msisdn + !!user->external_identifier != 1)
		return refuse_sh(r, RESULT_INVALID_AVP_VALUE, SH_AVP_USER_IDENTITY, "a User-Identity names one identity");
	if (user->external_identifier)
		return refuse(r, RESULT_ERROR_USER_UNKNOWN, "the external identifier is not provisioned");
	return find_impu(r, sh_uri(user, uri), u);
}

/* [TS 29.329 6.1] User-Name: of those who share the public identity, this one */
static int check_private(struct run *r, const char *impi, const struct impu *u)
{
	struct private_identity p;
	int err, linked;

	if (!impi)
		return 1;
	err = store_private(r->store, &r->pool, impi, &p);
	if (err)
		return err == -ENOENT ? refuse(r, RESULT_ERROR_USER_UNKNOWN, "the private identity is not provisioned") : err;
	linked = store_linked(r->store, p.id, u->id);
	return linked ? linked : refuse(r, RESULT_ERROR_IDENTITIES_DONT_MATCH, "the private identity may not use this public identity");
}

/* [TS 29.328 table 7.6.1] the access keys */
static int check_applies(struct run *r, const struct sh_asked *a, const struct impu *u)
{
	int kind = a->user->msisdn ? SH_OF_MSISDN : is_psi(u) ? SH_OF_PSI : SH_OF_USER;

	for (size_t i = 0; i < a->count; i++)
		if (!(sh_reference_find(a->references[i])->identities & kind))
			return refuse_sh(r, RESULT_ERROR_OPERATION_NOT_ALLOWED, SH_AVP_DATA_REFERENCE, "an identity of this kind has no such data");
	return 1;
}

int sh_check(struct run *r, const struct sh_asked *a, struct impu *u)
{
	int go = check_permissions(r, a);

	if (go > 0)
		go = find_user(r, a->user, u);
	if (go > 0)
		go = check_private(r, a->private_identity, u);
	return go > 0 ? check_applies(r, a, u) : go;
}

void sh_wildcards(const struct impu *u, const char **psi, const char **impu)
{
	*(is_psi(u) ? psi : impu) = u->wildcard;
}
