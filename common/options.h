// SPDX-License-Identifier: Apache-2.0
/* Option groups that several daemons share, as structs and as libcyaml schema fields, so that a name means one thing everywhere.
 *
 * A daemon's options.c:
 *
 *	static const cyaml_schema_field_t fields[] = {
 *		BASE_OPTION_FIELDS(struct icscf_options, base),
 *		OPTION_GROUP("sip", struct icscf_options, sip, sip_option_fields),
 *		OPTION_GROUP("diameter", struct icscf_options, diameter, diameter_option_fields),
 *		CYAML_FIELD_END
 *	};
 *	static const cyaml_schema_value_t value = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct icscf_options, fields) };
 *
 * Every option may be left out: its struct member is then NULL, 0 or OPTION_UNSET until the *_defaults function fills it;
 * the *_check functions say what is wrong in the words of struct config_schema. */
#pragma once
#include "common/base.h"
#include <cyaml/cyaml.h>

/* ---- one option ---- */

enum option_choice { OPTION_UNSET, OPTION_NO, OPTION_YES }; /* a yes or no whose default depends on other options */

#define OPTION_STRING(_key, _struct, _member) \
	CYAML_FIELD_STRING_PTR(_key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, _struct, _member, 0, CYAML_UNLIMITED)
#define OPTION_UINT(_key, _struct, _member) CYAML_FIELD_UINT(_key, CYAML_FLAG_OPTIONAL, _struct, _member)
/* a list of strings into char **_member with unsigned _member_count */
#define OPTION_STRINGS(_key, _struct, _member) \
	CYAML_FIELD_SEQUENCE(_key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, _struct, _member, &option_string, 0, CYAML_UNLIMITED)
/* a list of numbers into unsigned *_member with unsigned _member_count */
#define OPTION_UINTS(_key, _struct, _member) \
	CYAML_FIELD_SEQUENCE(_key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, _struct, _member, &option_uint, 0, CYAML_UNLIMITED)
/* a list of groups: _value is a CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, ...) */
#define OPTION_LIST(_key, _struct, _member, _value) \
	CYAML_FIELD_SEQUENCE(_key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, _struct, _member, _value, 0, CYAML_UNLIMITED)
#define OPTION_GROUP(_key, _struct, _member, _fields) CYAML_FIELD_MAPPING(_key, CYAML_FLAG_OPTIONAL, _struct, _member, _fields)
/* true or false into a bool (false when left out), or into an enum option_choice; anything else is an error */
#define OPTION_BOOL(_key, _struct, _member) \
	CYAML_FIELD_ENUM(_key, CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, _struct, _member, option_bools, 2)
#define OPTION_CHOICE(_key, _struct, _member) \
	CYAML_FIELD_ENUM(_key, CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, _struct, _member, option_choices, 2)

extern const cyaml_schema_value_t option_string, option_uint;
extern const cyaml_strval_t option_bools[], option_choices[];

/* *option = a copy of text, when it was left out. Aborts when out of memory: at start only. */
void option_default(char **option, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void option_default_uint(unsigned *option, unsigned value);

/* For check functions: 0, or -EINVAL with key and why filled. */
struct option_error {
	char *key, *why;
	size_t key_size, why_size;
};
int option_wrong(const struct option_error *e, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int option_need(const struct option_error *e, const char *key, const char *value);             /* not NULL, not empty */
int option_address(const struct option_error *e, const char *key, const char *value);          /* "ADDR:PORT"; NULL passes */
int option_range(const struct option_error *e, const char *key, unsigned value, unsigned least, unsigned most);
int option_one_of(const struct option_error *e, const char *key, const char *value, const char *const *words); /* NULL passes */
int option_cidrs(const struct option_error *e, const char *key, char *const *values, unsigned count);
int option_file(const struct option_error *e, const char *key, const char *path);              /* readable; NULL passes */

/* ---- what every daemon has ---- */

struct base_options {            /* first in every daemon's options */
	char *instance;          /* default: the daemon's name */
	char *domain;            /* home network domain: "ims.test"; needed */
	char *dns;               /* default: the system's */
	struct { char *file; char *level; } log;              /* default standard error, info */
	struct { char *address; char **allow; unsigned allow_count; } ops; /* default: instance address:9090, 127.0.0.0/8 */
	struct { char *mode; unsigned ring_mb; } trace;       /* default failures, 16 */
	struct { char *certificate, *key, *ca, *minimum; } tls; /* minimum: default "1.2" */
	char *state;             /* directory of local state, default /var/lib/minims/INSTANCE */
	unsigned drain_s;        /* default 30 */
};

extern const cyaml_schema_field_t log_option_fields[], ops_option_fields[], trace_option_fields[], tls_option_fields[];

#define BASE_OPTION_FIELDS(_struct, _base) \
	OPTION_STRING("instance", _struct, _base.instance), \
	OPTION_STRING("domain", _struct, _base.domain), \
	OPTION_STRING("dns", _struct, _base.dns), \
	OPTION_GROUP("log", _struct, _base.log, log_option_fields), \
	OPTION_GROUP("ops", _struct, _base.ops, ops_option_fields), \
	OPTION_GROUP("trace", _struct, _base.trace, trace_option_fields), \
	OPTION_GROUP("tls", _struct, _base.tls, tls_option_fields), \
	OPTION_STRING("state", _struct, _base.state), \
	OPTION_UINT("drain_s", _struct, _base.drain_s)

/* `name`: the daemon's; `listen`: an ADDRESS:PORT it listens on, or NULL, for the default of ops.address. */
void base_options_defaults(struct base_options *b, const char *name, const char *listen);
int base_options_check(const struct base_options *b, const struct option_error *e);

/* ---- SIP: the groups sip, trust, mw, gm ---- */

struct sip_options {             /* 0: the default of the SIP agent */
	char *name;              /* host name of this node; default INSTANCE.DOMAIN */
	unsigned t1_ms, t2_ms, t4_ms, timer_c_ms, first_answer_ms, peer_skip_ms, overload_queue_ms;
	unsigned message_max;    /* bytes */
};

struct trust_options {           /* core peers */
	char **addresses; unsigned addresses_count;  /* CIDRs; default none: certificates decide */
	char **names; unsigned names_count;          /* of certificates; default .DOMAIN */
};

struct gm_options {
	char *udp, *tcp, *tls;   /* "ADDR:PORT"; NULL: not listening */
};

struct mw_options {
	char *udp, *tcp, *tls;
	char *transport;         /* how next hops in the core are reached; default: tls, tcp, udp, the first that listens */
	char *icscf;             /* host name; where mw_icscf_option_fields is used; default icscf.DOMAIN */
};

extern const cyaml_schema_field_t sip_option_fields[], trust_option_fields[], gm_option_fields[];
extern const cyaml_schema_field_t mw_option_fields[], mw_icscf_option_fields[];

/* The first address that mw listens on, or NULL. */
const char *mw_options_listen(const struct mw_options *mw);
/* After base_options_defaults. */
void sip_options_defaults(const struct base_options *b, struct sip_options *sip, struct trust_options *trust, struct mw_options *mw);
/* Where mw_icscf_option_fields is used (else nobody would free it). */
void mw_icscf_default(const struct base_options *b, struct mw_options *mw);
int sip_options_check(const struct base_options *b, const struct sip_options *sip, const struct trust_options *trust,
		      const struct mw_options *mw, const struct option_error *e);
int gm_options_check(const struct base_options *b, const struct gm_options *gm, const struct option_error *e);

/* ---- Diameter: the group diameter ---- */

struct diameter_peer_options {
	char *identity;          /* "hss.ims.test"; needed */
	char *address;           /* "127.0.0.14"; needed */
	unsigned port;           /* default 3868, or 5868 with tls */
	enum option_choice tls;  /* default: yes when tls.certificate is given */
	bool slf;                /* who is asked which HSS has a user */
};

struct diameter_group {
	char *identity, *realm;  /* default INSTANCE.DOMAIN, DOMAIN */
	char *address;           /* listens here; default: the address of the daemon's other sockets */
	unsigned port, tls_port; /* default 3868, and 5868 when tls.certificate is given */
	char *dh;                /* PEM file of Diffie-Hellman parameters; default: made at start */
	struct diameter_peer_options *peers; unsigned peers_count;
	char **admit; unsigned admit_count;  /* default .DOMAIN */
	unsigned timeout_ms;     /* default 3000 */
	unsigned watchdog_s;     /* default 6, the least [RFC 3539 3.4.1] */
};

extern const cyaml_schema_field_t diameter_option_fields[];

/* `listen` as in base_options_defaults, whose turn is before this. */
void diameter_group_defaults(const struct base_options *b, struct diameter_group *d, const char *listen);
int diameter_group_check(const struct base_options *b, const struct diameter_group *d, const struct option_error *e);
