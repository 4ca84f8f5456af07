// SPDX-License-Identifier: Apache-2.0
/* The store of the HSS: everything that is SQL, and nothing else. A connection belongs to one thread.
 *
 * A reading connection refuses to change anything with -EROFS: the caller then runs the same code again on the writer's
 * connection (hss/procedure.c). What would not change anything is not written, so that it needs no writer.
 * Functions return 0 or more, or -errno: -ENOENT no such row, -ENOSPC disk full, -EBUSY locked, -EEXIST taken, -EIO, each of the
 * unexpected ones logged once. Strings come from the caller's pool. */
#pragma once
#include "common/base.h"
#include "common/crypto/aka.h"
#include "common/diameter/cx.h"
#include <obstack.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

struct store;

/* ---- a connection: store.c ---- */

struct store_options {
	const char *where;       /* "sqlite:PATH", "postgresql://..." or "postgresql:" and a conninfo of libpq */
	bool writes;
	unsigned cache_mb;       /* 0: SQLite's default */
};

/* 0; -EINVAL: no such kind of store; -errno, logged. */
int store_open(const struct store_options *o, struct store **out);
void store_close(struct store *s);
/* Whether it is elsewhere; of such a one, outside of a transaction, whether it can be reached: 0 or -errno. */
/* From now on a commit is on the disk, and safe from a power cut, only after store_sync(), which any thread may call. False: every
 * commit is, as before. */
bool store_leaves_sync(struct store *s);
int store_sync(struct store *s);
bool store_may_be_lost(const struct store *s);
int store_check(struct store *s);
/* Brings the database up to this binary's schema. -EPROTO, logged: it is of a newer one. store_migrate.c */
int store_migrate(struct store *s);

bool store_writes(const struct store *s);             /* a writing connection */
int store_begin(struct store *s);                    /* one snapshot for what follows; a transaction on a writing connection */
int store_commit(struct store *s);
void store_rollback(struct store *s);
int store_savepoint(struct store *s);                /* inside a transaction, one deep */
int store_release(struct store *s);
void store_rollback_to(struct store *s);

/* ---- identities: store_identity.c ---- */

enum scheme { SCHEME_NONE, SCHEME_DIGEST, SCHEME_AKA };
const char *scheme_name(enum scheme scheme);         /* "none", "digest", "aka" */

enum identity_kind { KIND_USER = 0, KIND_PSI = 1, KIND_WILDCARDED_PSI = 2, KIND_WILDCARDED_USER = 4 }; /* [TS 29.228 annex E] */
static inline bool is_wildcarded(enum identity_kind kind)
{
	return kind == KIND_WILDCARDED_PSI || kind == KIND_WILDCARDED_USER;
}

struct private_identity {
	int64_t id, subscription;
	const char *impi;
	enum scheme scheme;
	bool privileged_sender;      /* Priviledged-Sender-Indication [TS 29.229 6.3.58] */
};

struct identity_extras {             /* of a public identity [TS 29.228 B.2.1] */
	bool loose_route;            /* Loose-Route-Indication [TS 29.229 6.3.45] */
	const char *alias_group, *trace_info;  /* AliasIdentityGroupID, ServiceLevelTraceInfo; NULL: none */
	bool has_priority;
	int64_t priority;            /* ServicePriorityLevel */
	int64_t max_registrations;   /* MaxNumOfAllowedSimultRegistrations; 0: none */
};

struct impu {                        /* a public identity with what its set and its subscription say of it */
	int64_t id, set, subscription;
	enum identity_kind kind;
	bool barred, unregistered, reassignment_pending;
	const char *uri, *as_name;
	const char *wildcard;        /* Wildcarded-Public-Identity; NULL: it is a distinct one */
	const char *scscf_name, *scscf_host; /* NULL: none assigned */
	const char *former_host;     /* where identities are registered still, while another S-CSCF authenticates; NULL: no other */
	uint32_t scscf_features;     /* Feature-List 1 of the S-CSCF [TS 29.229 7.1.1] */
};
/* The S-CSCF that knows what is registered: RTR and PPR are for it. */
static inline const char *serving_host(const struct impu *u)
{
	return u->former_host ? u->former_host : u->scscf_host;
}

int store_private(struct store *s, struct obstack *pool, const char *impi, struct private_identity *out);
int store_impu(struct store *s, struct obstack *pool, const char *uri, struct impu *out);
int store_impu_of_set(struct store *s, struct obstack *pool, int64_t set, struct impu *out); /* its first one */
int store_linked(struct store *s, int64_t private_identity, int64_t impu);                  /* 1, 0 */
int store_set_has_unbarred(struct store *s, int64_t set);                                    /* 1, 0 */
int store_set_needs_loose_route(struct store *s, int64_t set);                               /* 1, 0 */
int store_set_has_unregistered_services(struct store *s, int64_t set);                       /* 1, 0 */
int store_roams(struct store *s, int64_t subscription, const char *visited_network);         /* 1, 0 */
int store_capabilities(struct store *s, struct obstack *pool, int64_t subscription, struct cx_capabilities *out);
struct reference_location { const char *type, *info, *value; };  /* ReferenceLocationInformation [TS 29.228 B.2.1]; all NULL: none */
int store_reference_location(struct store *s, struct obstack *pool, int64_t subscription, struct reference_location *out);
int store_charging(struct store *s, struct obstack *pool, int64_t subscription, struct cx_charging *out); /* its own, or the default */
int store_own_charging(struct store *s, struct obstack *pool, int64_t subscription, struct cx_charging *out);
int store_private_of_impu(struct store *s, struct obstack *pool, int64_t impu, const char **impi);  /* one of them */
int store_privates_of(struct store *s, struct obstack *pool, int64_t subscription, struct cx_strings *out);

/* ---- wildcarded identities: store_wildcard.c ---- */

/* The one that the canonical identity matches, the most fixed text at its beginning, then at its end, first. A few looks at an index,
 * however many there are. -ENOENT */
int store_wildcard_find(struct store *s, struct obstack *pool, const char *uri, struct impu *out);
int store_wildcard_put(struct store *s, int64_t impu, const char *wildcard); /* NULL: it is none; -EINVAL: no expression in it */
int store_wildcards_place(struct store *s);                                  /* those of a store from before they were matched */

/* ---- registration: store_registration.c ---- */

struct registration_row {
	const char *impi, *restoration; /* NULL: none */
};

int store_registered(struct store *s, int64_t set);                                   /* 1, 0: by any private identity */
int store_registration(struct store *s, struct obstack *pool, int64_t set, int64_t private_identity, struct registration_row *out);
int store_registrations(struct store *s, struct obstack *pool, int64_t set, struct registration_row *out, size_t most); /* how many */
int store_registered_sets(struct store *s, int64_t private_identity, int64_t *sets, size_t most);                      /* how many */
int store_sets_in_use(struct store *s, int64_t subscription, int64_t *sets, size_t most); /* how many: registered or served unregistered */
int store_subscription_in_use(struct store *s, int64_t subscription);  /* 1, 0: a set is registered or served unregistered */

/* These write, and only when something changes. */
int store_release_server(struct store *s, int64_t subscription);       /* no S-CSCF serves it, as nothing is in use */
int store_registrations_sweep(struct store *s, int64_t private_identity); /* of sets in which it has no identity any more */
struct assignment {
	const char *name, *host, *former_host;
	uint32_t features;
};
int store_assign(struct store *s, const struct impu *i, const struct assignment *a);
int store_reassignment_pending(struct store *s, const struct impu *i);
int store_set_unregistered(struct store *s, const struct impu *i, bool unregistered);
int store_register(struct store *s, int64_t set, int64_t private_identity, const char *restoration); /* NULL: the old one stands */
enum { EVERYBODY = 0 };
int store_deregister(struct store *s, int64_t set, int64_t private_identity); /* EVERYBODY: all that registered the set */

/* ---- changes noted while reading: store_plan.c ---- */

struct store_plan {                  /* borrows from the question and the pool */
	struct obstack *pool;
	bool changes, assigns;       /* there is something to write; an S-CSCF, too */
	int64_t subscription, provisioning; /* whose; the version of all that is provisioned */
	const char *seen_name, *scscf_name, *scscf_host;
	uint32_t features;
	bool seen_pending;
	int64_t set, private_identity, no_more_unregistered;
	const char *seen_restoration, *restoration; /* seen NULL: no row; "": one without any */
};
/* From here on what a reading connection would have to write is noted in `p`, where it can be; else it is -EROFS as ever. */
void store_plan_begin(struct store *s, struct obstack *pool, struct store_plan *p);
void store_plan_end(struct store *s);
/* On the writing one. 0; -ERESTART: the store is not as it was when this was noted, and the caller takes all back; -errno. */
int store_plan_apply(struct store *s, const struct store_plan *p);
/* Something was provisioned: what was noted before is void. */
int store_provisioned(struct store *s);

/* ---- what S-CSCFs are still to be told: store_push.c ---- */

struct pending_push {
	int64_t id, revision, set;           /* set 0: an RTR */
	const char *private_identity, *request; /* request NULL: a PPR, of the profile when private_identity is empty */
	int64_t created_s;
};
int store_push_rtr(struct store *s, const char *host, const char *impi, const char *request);
int store_push_ppr(struct store *s, const char *host, const char *impi, int64_t set); /* a newer one takes an older one's place */
/* A PPR for each set in use that has this profile, or this set of shared filter criteria in its own; shared -1: it is none. */
int store_push_profile(struct store *s, int64_t profile, int64_t shared);
int store_push_default_charging(struct store *s);    /* of every served set whose subscription has no charging functions of its own */
int store_push_next_host(struct store *s, struct obstack *pool, const char *after, const char **host); /* -ENOENT: no more */
int store_pushes_of(struct store *s, struct obstack *pool, const char *host, int64_t after, struct pending_push *out, size_t most); /* how many */
int store_push_clear(struct store *s);                                  /* for a try that is taken back */
int store_push_done(struct store *s, int64_t id, int64_t revision);    /* one that changed meanwhile stays */

/* ---- profiles: store_profile.c ---- */

struct profile_identity {
	const char *uri, *wildcard, *display_name;
	struct identity_extras extras;
	enum identity_kind kind;
	bool barred;
	int64_t profile;             /* 0: the one without criteria */
	const char *masked;          /* servers of which no service is active for it (DSAI): "\nsip:a\nsip:b\n", or "" */
};

struct trigger_row {
	const char *kind, *text, *content;
	bool negated;
	uint32_t group_mask, registration_types;
	int session_case;
};

struct criterion_row {
	int64_t id;
	int priority, part;          /* part -1: both */
	bool has_trigger, cnf, terminate_on_failure, include_request, include_response;
	const char *server_name, *service_info;
};

/* Each calls back for every row, in order; a callback's strings live in the pool. */
int store_each_identity(struct store *s, struct obstack *pool, int64_t set,
			void (*each)(void *context, const struct profile_identity *i), void *context);
int store_each_criterion(struct store *s, struct obstack *pool, int64_t profile,
			 void (*each)(void *context, const struct criterion_row *c), void *context);
int store_each_trigger(struct store *s, struct obstack *pool, int64_t criterion,
		       void (*each)(void *context, const struct trigger_row *t), void *context);
int store_each_shared_set(struct store *s, int64_t profile, void (*each)(void *context, uint32_t number), void *context);
int store_media_profile(struct store *s, int64_t profile);      /* the number, or -ENOENT */

/* ---- Sh: store_sh.c, store_watch.c ---- */

enum sh_operation { SH_MAY_PULL = 1, SH_MAY_UPDATE = 2, SH_MAY_SUBSCRIBE = 4 };    /* added up */

/* What the AS may do with the data: the operations, -ENOENT for an AS that nobody provisioned. [TS 29.328 6.2] */
int store_permission(struct store *s, const char *identity, uint32_t reference);
struct permission_row {
	uint32_t reference;
	int operations;
};
/* reference and operations 0: an AS that may nothing. */
int store_each_permission(struct store *s, struct obstack *pool, void (*each)(void *context, const char *identity, struct permission_row p),
			  void *context);
int store_server_find(struct store *s, const char *identity);                      /* 0, -ENOENT */
int store_server_put(struct store *s, const char *identity, const struct permission_row *rows, size_t n);
int store_server_remove(struct store *s, const char *identity);                    /* -ENOENT */

struct repository_row {
	int64_t number;
	const char *data;            /* "<ServiceData>…"; in a put NULL removes it */
};
int store_repository(struct store *s, struct obstack *pool, int64_t impu, const char *service_indication, struct repository_row *out);
int store_repository_put(struct store *s, int64_t impu, const char *service_indication, const struct repository_row *row);
int store_cloud_sequence(struct store *s, int64_t subscription, int64_t *number);  /* -ENOENT: never had one */
int store_cloud_sequence_put(struct store *s, int64_t subscription, int64_t number);
int store_cloud_changed(struct store *s, int64_t subscription);                    /* the next number */
int store_each_owner(struct store *s, struct obstack *pool, int64_t impu, void (*each)(void *context, int64_t id, const char *impi),
		     void *context);                                               /* private identities that may use it */

int store_psi_active(struct store *s, int64_t impu);                               /* 1, 0 */
int store_psi_activate(struct store *s, int64_t impu, bool active);
int store_each_dsai(struct store *s, struct obstack *pool, int64_t impu, const char *server_name,
		    void (*each)(void *context, const char *tag, bool active), void *context);
int store_each_dsai_of(struct store *s, struct obstack *pool, int64_t impu,
		       void (*each)(void *context, const char *server_name, const char *tag, bool active), void *context);
int store_dsai_put(struct store *s, int64_t impu, const char *server_name, const char *tag, bool active);
int store_dsais_clear(struct store *s, int64_t impu);

struct known_identity {
	int64_t id, set;
	const char *uri, *alias_group, *trace_info;
	enum identity_kind kind;
	bool barred, registered;
};
int store_each_known_identity(struct store *s, struct obstack *pool, int64_t subscription,
			      void (*each)(void *context, const struct known_identity *i), void *context);
int store_profile_of_impu(struct store *s, int64_t impu, int64_t *profile);        /* -ENOENT: none */

struct watch {                       /* an AS's subscription to one piece of data of one public identity */
	int64_t id, impu;
	const char *uri, *host, *realm;
	uint32_t reference, identity_set;
	const char *server_name, *name;      /* "" for none */
	const char *msisdn;
	int64_t expiry;                      /* 0: for ever */
	int64_t shown;                       /* fingerprint of what the AS knows */
	bool one_time, together;
};
int store_watched(struct store *s, int64_t subscription);                          /* 1, 0: anything of it */
int store_each_watch(struct store *s, struct obstack *pool, int64_t subscription, void (*each)(void *context, const struct watch *w),
		     void *context);
int store_each_watch_of_profile(struct store *s, struct obstack *pool, int64_t profile,
				void (*each)(void *context, const struct watch *w), void *context);
int store_watch_put(struct store *s, const struct watch *w);
int store_watch_shown(struct store *s, int64_t id, int64_t shown);
int store_watch_end(struct store *s, const struct watch *w);
int store_watch_remove(struct store *s, int64_t id);
enum { STORE_CHANGED_MAX = 16 };
struct store_changed {               /* a subscription, or all who have a profile; the other one is 0 */
	int64_t subscription, profile;
};
/* What the operator changed: noted by store_subscription_touch() and store_push_profile(), for those who watch it. */
void store_changed_note(struct store *s, int64_t subscription, int64_t profile);
size_t store_changed_take(struct store *s, struct store_changed *out);            /* how many, into out[STORE_CHANGED_MAX] */

struct notice {                      /* an Sh-Notif that is due */
	int64_t id, since;
	const char *host, *realm, *watches, *uri, *msisdn, *user_data;
};
int store_notice_put(struct store *s, const struct notice *n);                     /* in the place of an older one of the same watches */
int store_notice_remove(struct store *s, int64_t id);
int store_each_notice_host(struct store *s, struct obstack *pool, void (*each)(void *context, const char *host), void *context);
int store_notice_first(struct store *s, struct obstack *pool, const char *host, struct notice *out); /* -ENOENT */
int store_watches_sweep(struct store *s);                                          /* those whose time is over */

/* ---- credentials, sealed: store_credential.c ---- */

struct digest_row {
	const char *algorithm, *realm;
	struct bytes ha1;            /* sealed */
};

struct aka_row {
	enum aka_algorithm algorithm;
	struct bytes k, opc;         /* sealed; opc is a TOPc for TUAK */
	unsigned iterations, res_bits; /* of TUAK */
	uint16_t amf;
	uint64_t seq;
};

int store_digests(struct store *s, struct obstack *pool, int64_t private_identity, struct digest_row *out, size_t most); /* how many */
int store_aka(struct store *s, struct obstack *pool, int64_t private_identity, struct aka_row *out);
/* Sequence numbers up to `limit` are taken. -ERESTART: the row is no longer what it was. */
int store_aka_reserve(struct store *s, int64_t private_identity, const struct aka_row *row, uint64_t limit);

/* ---- master keys: store_key.c ---- */

struct master_key_row {
	uint32_t id;
	struct bytes check;          /* data NULL: nobody has seen that key yet */
};
int store_master_keys(struct store *s, struct obstack *pool, struct master_key_row *out, size_t most); /* how many, the oldest first */
int store_master_key_newest(struct store *s, uint32_t *id);
int store_master_key_met(struct store *s, uint32_t id, struct bytes check);     /* -EEXIST: another front end's was it before */
int store_master_key_add(struct store *s, uint32_t id, struct bytes check);     /* -EEXIST: another front end has one of that number */
int store_master_keys_remove(struct store *s, uint32_t below);      /* -EEXIST: something is still sealed under one of them */

struct sealed_row {
	int64_t private_identity;
	const char *impi, *algorithm;
	struct bytes secret, opc;    /* HA1, or K and OPc */
};
/* Those of other keys, from this private identity on; how many. */
int store_digests_not_under(struct store *s, struct obstack *pool, uint32_t key, int64_t from, struct sealed_row *out, size_t most);
int store_akas_not_under(struct store *s, struct obstack *pool, uint32_t key, int64_t from, struct sealed_row *out, size_t most);
int store_not_under(struct store *s, uint32_t key, int64_t *count);
int store_digest_reseal(struct store *s, const struct sealed_row *old, struct bytes ha1, uint32_t key);
int store_aka_reseal(struct store *s, const struct sealed_row *old, struct bytes k, struct bytes opc, uint32_t key);

/* ---- provisioning: store_subscriber.c; all write ---- */

int64_t store_new_revision(void);
int store_subscription_put(struct store *s, const char *name, int64_t *id);   /* of a new revision */
int store_subscription_find(struct store *s, const char *name, int64_t *id);
int store_subscription_touch(struct store *s, int64_t subscription);          /* it was changed: a new revision */
int store_subscription_revision(struct store *s, int64_t subscription, int64_t *out);
int store_subscription_sweep(struct store *s, int64_t subscription);  /* what no private identity holds any more goes */
int store_reference_location_put(struct store *s, int64_t subscription, const struct reference_location *l);
int store_privileged_sender_put(struct store *s, int64_t private_identity, bool privileged);
int store_charging_put(struct store *s, int64_t subscription, const struct cx_charging *c);
int store_networks_put(struct store *s, int64_t subscription, const char *const *names, size_t n);
int store_capabilities_put(struct store *s, int64_t subscription, const struct cx_capabilities *c);
int store_private_put(struct store *s, const char *impi, int64_t subscription, int64_t *id);
int store_private_remove(struct store *s, const char *impi);
int store_scheme_put(struct store *s, int64_t private_identity, enum scheme scheme);
int store_digests_put(struct store *s, int64_t private_identity, const struct digest_row *rows, size_t n);
int store_aka_put(struct store *s, int64_t private_identity, const struct aka_row *row);
int store_set_put(struct store *s, int64_t subscription, int64_t number, int64_t *id);

struct impu_row {
	const char *uri, *wildcard, *display_name, *as_name;
	struct identity_extras extras;
	enum identity_kind kind;
	bool barred;
	int rank;
	int64_t set, profile;        /* profile 0: none */
};
int store_impu_put(struct store *s, const struct impu_row *row, int64_t *id);
int store_link(struct store *s, int64_t private_identity, int64_t impu);
int store_unlink_all(struct store *s, int64_t private_identity);

int store_profile_find(struct store *s, const char *name, int64_t *id);
int store_profile_revision(struct store *s, int64_t profile, int64_t *out);
int store_profile_put(struct store *s, const char *name, int media_profile, int64_t *id); /* emptied; -1: no media profile */
int store_criterion_put(struct store *s, int64_t profile, const struct criterion_row *c, int64_t *id);
int store_trigger_put(struct store *s, int64_t criterion, int position, const struct trigger_row *t);
int store_shared_set_put(struct store *s, int64_t profile, uint32_t number);
int store_profile_remove(struct store *s, const char *name);           /* -EBUSY: identities use it */

struct cloud_row {
	int64_t id;
	const char *provider, *user, *project, *domain, *role, *registration_guard;
	bool second_factor;
};
int store_cloud_remove(struct store *s, int64_t private_identity, const char *provider);
/* Behind the provider `provider` of `impi`, in their order. */
int store_each_cloud_name(struct store *s, struct obstack *pool, const char *impi, const char *provider, size_t most,
			  void (*each)(void *context, const char *impi, const char *provider), void *context);
/* Behind the priority `priority` of the profile `name`, in their order. */
int store_each_criterion_name(struct store *s, struct obstack *pool, const char *name, int64_t priority, size_t most,
			      void (*each)(void *context, const char *profile, int64_t priority), void *context);
int store_cloud_clear(struct store *s, int64_t private_identity);
int store_cloud_put(struct store *s, int64_t private_identity, const struct cloud_row *row, int64_t *id);
int store_cloud_service_put(struct store *s, int64_t cloud_profile, const char *service, int64_t most); /* -1: no limit */

/* ---- charging: store_charging.c ---- */

int store_default_charging(struct store *s, struct obstack *pool, struct cx_charging *out, int64_t *revision);  /* -ENOENT: none */
int store_default_charging_put(struct store *s, const struct cx_charging *c);
int store_default_charging_remove(struct store *s);
int store_each_charged(struct store *s, struct obstack *pool, const char *after, size_t most,
		       void (*each)(void *context, const char *subscription), void *context);     /* has its own */

/* ---- how far bulk imports have come: store_import.c ---- */

struct import_row {
	int64_t line, loaded, failed;
};
int store_import(struct store *s, const char *name, struct import_row *out);     /* -ENOENT: none of that name is under way */
int store_import_put(struct store *s, const char *name, const struct import_row *row);
int store_import_remove(struct store *s, const char *name);
int store_each_import(struct store *s, struct obstack *pool, const char *after, size_t most,
		      void (*each)(void *context, const char *name), void *context);

/* ---- S-CSCFs: store_scscf.c ---- */

struct scscf_row {
	const char *name, *note;
	bool recorded;               /* by an operator */
	int64_t revision, assigned;  /* assigned: subscriptions */
};
int store_each_scscf(struct store *s, struct obstack *pool, const char *after, size_t most,
		     void (*each)(void *context, const char *name), void *context);   /* recorded or assigned */
int store_scscf(struct store *s, struct obstack *pool, const char *name, struct scscf_row *out);
int store_each_scscf_capability(struct store *s, const char *name, void (*each)(void *context, uint32_t value), void *context);
int store_each_scscf_host(struct store *s, struct obstack *pool, const char *name, void (*each)(void *context, const char *host), void *context);
int store_each_user_of_scscf(struct store *s, struct obstack *pool, const char *name, int64_t after, size_t most,
			     void (*each)(void *context, int64_t subscription, const char *subscription_name), void *context);
int store_scscf_put(struct store *s, const char *name, const char *note, const uint32_t *capabilities, size_t n);
int store_scscf_remove(struct store *s, const char *name);

/* ---- reading it back: store_listing.c ---- */

int store_each_impi(struct store *s, struct obstack *pool, const char *after, size_t most,
		    void (*each)(void *context, const char *impi), void *context);
struct shown_identity {
	const char *uri, *wildcard, *display_name, *as_name, *profile;
	struct identity_extras extras;
	enum identity_kind kind;
	bool barred;
	int64_t set;                 /* its number */
};
int store_each_shown_identity(struct store *s, struct obstack *pool, int64_t private_identity,
			      void (*each)(void *context, const struct shown_identity *i), void *context);
int store_subscription_name(struct store *s, struct obstack *pool, int64_t subscription, const char **name, const char **scscf_name);
int store_each_network(struct store *s, struct obstack *pool, int64_t subscription, void (*each)(void *context, const char *name),
		       void *context);
int store_each_cloud(struct store *s, struct obstack *pool, int64_t private_identity,
		     void (*each)(void *context, const struct cloud_row *row), void *context);
int store_each_cloud_service(struct store *s, struct obstack *pool, int64_t cloud_profile,
			     void (*each)(void *context, const char *service, int64_t most), void *context);
int store_each_profile(struct store *s, struct obstack *pool, const char *after, size_t most,
		       void (*each)(void *context, const char *name), void *context);
int store_each_impu(struct store *s, struct obstack *pool, const char *after, size_t most,
		    void (*each)(void *context, const char *impu), void *context);
int store_each_private_of_impu(struct store *s, struct obstack *pool, int64_t impu, void (*each)(void *context, const char *impi),
			       void *context);
int store_shown_identity(struct store *s, struct obstack *pool, int64_t impu, struct shown_identity *out, int *rank);
int store_count(struct store *s, int64_t *subscribers);

/* ---- the Subscription Locator Function: store_slf.c ---- */

struct slf_row {
	const char *name, *kind, *prefix; /* kind: "identity", "wildcard" (with what stands before its expression), "domain" */
	const char *hss;             /* Diameter identities or URIs, a space between them */
};
int store_slf_find(struct store *s, struct obstack *pool, const char *name, const char **hss); /* -ENOENT */
int store_slf_route(struct store *s, struct obstack *pool, const char *name, const char **hss, int64_t *revision); /* the same */
/* The wildcards that the identity's beginning allows, the longest such beginning first, until `each` says that it has enough. */
int store_each_slf_wildcard(struct store *s, struct obstack *pool, const char *identity,
			    bool (*each)(void *context, const char *wildcard, const char *hss), void *context);
int store_each_slf(struct store *s, struct obstack *pool, const char *after, size_t most,
		   void (*each)(void *context, const char *name), void *context);
int store_slf_count(struct store *s, int64_t *routes);
int store_slf_put(struct store *s, const struct slf_row *row);
int store_slf_remove(struct store *s, const char *name);               /* -ENOENT */
