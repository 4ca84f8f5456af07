// SPDX-License-Identifier: Apache-2.0
/* What holds when a file says nothing: every timer as its standard has it, and conf/DAEMON.yaml shows the same. */
// with: */options.c hss/key/key_source.c
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/config.h"
#include "common/sip/engine.h"
#include "hss/options.h"
#include "icscf/options.h"
#include "pcscf/options.h"
#include "scscf/options.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char path[] = "/tmp/minims-defaults-XXXXXX";

/* The options of a daemon whose file has only what is needed. */
static void *shortest(const struct config_schema *schema, const char *addresses)
{
	FILE *f = fopen(path, "w");
	void *options = NULL;

	assert_non_null(f);
	fprintf(f, "domain: ims.test\n%s", addresses);
	fclose(f);
	assert_int_equal(config_load(path, schema, &options), 0);
	return options;
}

static void *shown(const struct config_schema *schema, const char *file)
{
	void *options = NULL;

	assert_int_equal(config_load(file, schema, &options), 0);
	return options;
}

/* ---- SIP ---- */

static const struct procedure *nobody(const struct request *r)
{
	(void)r;
	return NULL;
}

static void free_address(char *out, size_t size)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t n = sizeof a;

	bind(fd, (struct sockaddr *)&a, n);
	getsockname(fd, (struct sockaddr *)&a, &n);
	close(fd);
	snprintf(out, size, "127.0.0.1:%u", ntohs(a.sin_port));
}

/* [RFC 3261 17 table 4, TS 24.229 7.7 table 7.8: between nodes of the core T1 is that of RFC 3261; 16.6 step 11: timer C > 3 minutes] */
static void test_sip_timers_are_those_of_the_standard(void **state)
{
	struct sip_options want = { .t1_ms = 500, .t2_ms = 4000, .t4_ms = 5000, .timer_c_ms = 185000, .first_answer_ms = 2000,
				    .peer_skip_ms = 10000, .overload_queue_ms = 100, .message_max = 131072 };
	struct pcscf_options *p = shown(&pcscf_schema, "conf/pcscf.yaml");
	struct icscf_options *i = shown(&icscf_schema, "conf/icscf.yaml");
	struct scscf_options *s = shown(&scscf_schema, "conf/scscf.yaml");
	const struct sip_options *const files[] = { &p->sip, &i->sip, &s->sip };
	struct endpoint_options e = { "mw", SIP_UDP, NULL };
	struct sip_agent_options o = { .name = "test.ims.test", .endpoints = &e, .endpoint_count = 1, .dns = "127.0.0.1" };
	static struct sip_agent *a; /* its memory stays */
	char address[32];

	(void)state;
	free_address(address, sizeof address);
	e.address = address;
	assert_int_equal(sip_agent_start(&o, nobody, NULL, &a), 0);
	assert_int_equal(a->o.t1_ms, want.t1_ms);
	assert_int_equal(a->o.t2_ms, want.t2_ms);
	assert_int_equal(a->o.t4_ms, want.t4_ms);
	assert_int_equal(a->o.timer_c_ms, want.timer_c_ms);
	assert_int_equal(a->o.first_answer_ms, want.first_answer_ms);
	assert_int_equal(a->o.peer_skip_ms, want.peer_skip_ms);
	assert_int_equal(a->o.overload_queue_ms, want.overload_queue_ms);
	assert_int_equal(a->o.message_max, want.message_max);
	sip_agent_stop(a);
	for (size_t n = 0; n < ARRAY_LEN(files); n++) {
		want.name = files[n]->name;
		assert_memory_equal(files[n], &want, sizeof want);
	}
	config_free(&pcscf_schema, p);
	config_free(&icscf_schema, i);
	config_free(&scscf_schema, s);
}

/* ---- Diameter ---- */

/* [RFC 3539 3.4.1] Tw is 6 s at least; [RFC 6733 2.1] the ports. */
static void assert_diameter(const struct diameter_group *d)
{
	assert_int_equal(d->timeout_ms, 3000);
	assert_int_equal(d->watchdog_s, 6);
	assert_int_equal(d->port, 3868);
}

static void test_diameter_timers_are_those_of_the_standard(void **state)
{
	struct hss_options *h = shortest(&hss_schema, "diameter: {address: 127.0.0.1}\n"), *hf = shown(&hss_schema, "conf/hss.yaml");
	struct icscf_options *i = shortest(&icscf_schema, "mw: {tcp: '127.0.0.1:5060'}\nscscfs: [{name: 'sip:s.ims.test'}]\n");
	struct icscf_options *f = shown(&icscf_schema, "conf/icscf.yaml");
	struct scscf_options *s = shortest(&scscf_schema, "mw: {tcp: '127.0.0.1:5060'}\n"), *sf = shown(&scscf_schema, "conf/scscf.yaml");

	(void)state;
	assert_diameter(&h->diameter);
	assert_diameter(&hf->diameter);
	assert_diameter(&i->diameter);
	assert_diameter(&f->diameter);
	assert_diameter(&s->diameter);
	assert_diameter(&sf->diameter);
	assert_int_equal(h->sqn_range, hf->sqn_range);
	assert_int_equal(h->cache_mb, hf->cache_mb);
	assert_int_equal(h->rest.body_mb, hf->rest.body_mb);
	config_free(&hss_schema, h);
	config_free(&hss_schema, hf);
	config_free(&icscf_schema, i);
	config_free(&icscf_schema, f);
	config_free(&scscf_schema, s);
	config_free(&scscf_schema, sf);
}

/* ---- registration ---- */

/* [TS 24.229 7.8: reg-await-auth 4 minutes; 5.1.1.2: 600 000 s; RFC 3261 10.3: a registrar may refuse less than an hour only] */
static void assert_registration(const struct registration_options *r)
{
	assert_int_equal(r->await_auth_s, 240);
	assert_int_equal(r->default_s, 600000);
	assert_int_equal(r->max_s, 600000);
	assert_int_equal(r->min_s, 60);
	assert_int_equal(r->nonce_s, 3600);
	assert_int_equal(r->attempts_max, 3);
	assert_int_equal(r->contacts_max, 10);
	assert_false(r->trust_auth_done);
}

static void test_registration_times_are_those_of_the_standard(void **state)
{
	struct scscf_options *s = shortest(&scscf_schema, "mw: {tcp: '127.0.0.1:5060'}\n"), *f = shown(&scscf_schema, "conf/scscf.yaml");

	(void)state;
	assert_registration(&s->registration);
	assert_registration(&f->registration);
	assert_int_equal(s->dialog_max_s, f->dialog_max_s);
	assert_int_equal(s->state_mb, f->state_mb);
	assert_int_equal(s->base.drain_s, f->base.drain_s);
	assert_int_equal(s->base.trace.ring_mb, f->base.trace.ring_mb);
	assert_string_equal(s->base.trace.mode, f->base.trace.mode);
	assert_string_equal(s->base.log.level, f->base.log.level);
	assert_null(s->cdr);
	config_free(&scscf_schema, s);
	config_free(&scscf_schema, f);
}

/* What is safe holds when nothing is said: no address is trusted, no AKA without IPsec, nobody roams here. */
static void test_an_access_is_strict_by_default(void **state)
{
	struct pcscf_options *p = shortest(&pcscf_schema, "gm: {udp: '127.0.0.1:5060'}\nmw: {udp: '127.0.0.1:5060'}\n");
	struct pcscf_options *f = shown(&pcscf_schema, "conf/pcscf.yaml");

	(void)state;
	assert_int_equal(p->trust.addresses_count, 0);
	assert_false(p->access.aka_without_ipsec || f->access.aka_without_ipsec);
	assert_int_equal(p->access.adopt_new_flow, f->access.adopt_new_flow);
	assert_string_equal(p->access.wrong_route, f->access.wrong_route);
	assert_null(p->access.network_info);
	assert_int_equal(p->roaming_count, 0);
	assert_string_equal(p->base.tls.minimum, "1.2");
	assert_string_equal(p->visited_network, f->visited_network);
	config_free(&pcscf_schema, p);
	config_free(&pcscf_schema, f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sip_timers_are_those_of_the_standard),
		cmocka_unit_test(test_diameter_timers_are_those_of_the_standard),
		cmocka_unit_test(test_registration_times_are_those_of_the_standard),
		cmocka_unit_test(test_an_access_is_strict_by_default),
	};
	int failed;

	close(mkstemp(path));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
