// SPDX-License-Identifier: Apache-2.0
/* The options that the daemons with a Diameter side share. */
#include "common/address.h"
#include "common/options.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { DIAMETER_PORT = 3868, DIAMETER_TLS_PORT = 5868 }; /* [RFC 6733 2.1] */

static const cyaml_schema_field_t peer_fields[] = {
	OPTION_STRING("identity", struct diameter_peer_options, identity),
	OPTION_STRING("address", struct diameter_peer_options, address),
	OPTION_UINT("port", struct diameter_peer_options, port),
	OPTION_CHOICE("tls", struct diameter_peer_options, tls),
	OPTION_BOOL("slf", struct diameter_peer_options, slf),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t peer_value = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct diameter_peer_options, peer_fields) };

const cyaml_schema_field_t diameter_option_fields[] = {
	OPTION_STRING("identity", struct diameter_group, identity),
	OPTION_STRING("realm", struct diameter_group, realm),
	OPTION_STRING("address", struct diameter_group, address),
	OPTION_UINT("port", struct diameter_group, port),
	OPTION_UINT("tls_port", struct diameter_group, tls_port),
	OPTION_STRING("dh", struct diameter_group, dh),
	OPTION_LIST("peers", struct diameter_group, peers, &peer_value),
	OPTION_STRINGS("admit", struct diameter_group, admit),
	OPTION_UINT("timeout_ms", struct diameter_group, timeout_ms),
	OPTION_UINT("watchdog_s", struct diameter_group, watchdog_s),
	CYAML_FIELD_END
};

static void peer_defaults(const struct base_options *b, struct diameter_peer_options *p)
{
	if (p->tls == OPTION_UNSET)
		p->tls = b->tls.certificate && b->tls.ca ? OPTION_YES : OPTION_NO;
	option_default_uint(&p->port, p->tls == OPTION_YES ? DIAMETER_TLS_PORT : DIAMETER_PORT);
}

static void admit_domain(struct diameter_group *d, const char *domain)
{
	if (d->admit_count)
		return;
	free(d->admit);
	d->admit = calloc(1, sizeof *d->admit);
	if (!d->admit)
		abort();
	option_default(&d->admit[0], ".%s", domain);
	d->admit_count = 1;
}

void diameter_group_defaults(const struct base_options *b, struct diameter_group *d, const char *listen)
{
	const char *domain = b->domain ? b->domain : "";
	char host[64] = "127.0.0.1";

	address_host(listen ? listen : b->ops.address, host, sizeof host);
	option_default(&d->identity, "%s.%s", b->instance, domain);
	option_default(&d->realm, "%s", domain);
	option_default(&d->address, "%s", host);
	option_default_uint(&d->port, DIAMETER_PORT);
	if (b->tls.certificate && b->tls.ca) /* each side shows its certificate to the other */
		option_default_uint(&d->tls_port, DIAMETER_TLS_PORT);
	for (unsigned i = 0; i < d->peers_count; i++)
		peer_defaults(b, &d->peers[i]);
	admit_domain(d, domain);
	option_default_uint(&d->timeout_ms, 3000);
	option_default_uint(&d->watchdog_s, 6);
}

static int check_ip(const struct option_error *e, const char *key, const char *value)
{
	struct in6_addr a;

	if (inet_pton(AF_INET, value, &a) == 1 || inet_pton(AF_INET6, value, &a) == 1)
		return 0;
	return option_wrong(e, key, "not an address like 127.0.0.14: '%s'", value);
}

static int check_peer(const struct base_options *b, const struct diameter_peer_options *p, unsigned i, const struct option_error *e)
{
	char key[64];
	int err;

	snprintf(key, sizeof key, "diameter.peers[%u].identity", i);
	err = option_need(e, key, p->identity);
	if (err)
		return err;
	snprintf(key, sizeof key, "diameter.peers[%u].address", i);
	err = option_need(e, key, p->address);
	if (!err)
		err = check_ip(e, key, p->address);
	if (err)
		return err;
	snprintf(key, sizeof key, "diameter.peers[%u].port", i);
	err = option_range(e, key, p->port, 1, 65535);
	if (err || p->tls != OPTION_YES || (b->tls.certificate && b->tls.ca))
		return err;
	snprintf(key, sizeof key, "diameter.peers[%u].tls", i);
	return option_wrong(e, key, "needs tls.certificate and tls.ca");
}

int diameter_group_check(const struct base_options *b, const struct diameter_group *d, const struct option_error *e)
{
	int err;

	err = check_ip(e, "diameter.address", d->address);
	if (!err)
		err = option_range(e, "diameter.port", d->port, 1, 65535);
	if (!err)
		err = option_range(e, "diameter.tls_port", d->tls_port, 0, 65535);
	if (!err && d->tls_port && !(b->tls.certificate && b->tls.ca))
		err = option_wrong(e, "diameter.tls_port", "needs tls.certificate and tls.ca");
	if (!err)
		err = option_file(e, "diameter.dh", d->dh);
	if (!err)
		err = option_range(e, "diameter.timeout_ms", d->timeout_ms, 10, 60000);
	if (!err)
		err = option_range(e, "diameter.watchdog_s", d->watchdog_s, 6, 3600);
	for (unsigned i = 0; !err && i < d->peers_count; i++)
		err = check_peer(b, &d->peers[i], i, e);
	return err;
}
