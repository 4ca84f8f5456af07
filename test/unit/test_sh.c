// SPDX-License-Identifier: Apache-2.0
/* Sh between two processes over loopback, an HSS and an AS: every command there and back, what is refused, and the HSS's own question. */
#include "common/diameter/sh.h"
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { PORT = 3868, WAIT_S = 10 };
enum { FAR = INT32_MAX }; /* seconds since 1970, in the era of NTP that begins in 2036 */

static const char *net(const char *last)
{
	static char text[4][32];
	static int turn;
	const char *base = getenv("NET");

	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof text[turn], "%s.%s", base ? base : "127.0.34", last);
	return text[turn];
}

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* ---- the HSS: says whether it was asked what the AS asks below; tells it something when it subscribes ---- */

static struct sh *hss_sh;

static void on_told(void *context, const struct sh_pna *answer, int err)
{
	(void)context;
	if (err || answer->result != RESULT_ERROR_NO_SUBSCRIPTION_TO_DATA || !same(answer->origin_host, "as.ims.test"))
		_exit(1); /* the AS misses its peer then */
}

static void on_udr(void *self, struct sh_call *c, const struct sh_udr *q)
{
	struct sh_uda a = { .result = RESULT_SUCCESS, .user_data = { (const uint8_t *)"<Sh-Data/>", 10 }, .feature_count = 1 };

	(void)self;
	a.features[0] = q->features[1];
	if (!same(q->user.msisdn, "15550001234") || q->user.public_identity || q->feature_count != 2 || !q->features[0].required ||
	    q->features[1].required || q->features[1].list != 7 || q->references_count != 2 || q->references[1] != SH_REPOSITORY_DATA ||
	    q->service_indications.count != 1 || !q->has_requested_domain || q->requested_domain != SH_CS_DOMAIN || q->has_session_priority ||
	    q->identity_sets_count != 1 || q->identity_sets[0] != SH_ALIAS_IDENTITIES || !q->active_location || !q->serving_nodes_only ||
	    q->call_reference.len != 2 || !same(sh_call_trace_id(c), "icid-1") || !same(sh_call_origin_realm(c), "ims.test"))
		a = (struct sh_uda){ .result = RESULT_USER_DATA_NOT_AVAILABLE };
	sh_answer_uda(c, &a);
}

static void on_pur(void *self, struct sh_call *c, const struct sh_pur *q)
{
	(void)self;
	if (q->user_data.len == 3 && same(q->private_identity, "alice@ims.test"))
		sh_answer_pua(c, &(struct sh_pua){ .result = RESULT_ERROR_TRANSPARENT_DATA_OUT_OF_SYNC, .has_repository_id = true,
						   .repository_id = { "book", 65535 }, .has_reference = true, .reference = SH_DSAI });
	else
		sh_answer_pua(c, &(struct sh_pua){ .result = RESULT_PRIOR_UPDATE_IN_PROGRESS });
}

static void on_snr(void *self, struct sh_call *c, const struct sh_snr *q)
{
	bool good = q->subscription == SH_UNSUBSCRIBE && q->send_data && q->one_time && q->expiry == FAR && q->dsai_tags.count == 2;

	(void)self;
	sh_answer_sna(c, &(struct sh_sna){ .result = good ? RESULT_SUCCESS : RESULT_ERROR_SUBS_DATA_ABSENT, .expiry = q->expiry + 1 });
	sh_push_pnr(hss_sh, &(struct sh_pnr){ .user = { .public_identity = "sip:alice@ims.test" }, .user_data = { (const uint8_t *)"<a/>", 4 },
					      .destination_host = "as.ims.test", .destination_realm = "ims.test" }, on_told, NULL);
}

static struct diameter_node *node(const char *who, const char *other, const char *address, const char *other_address,
				  void (*on_peer)(const char *, bool, bool))
{
	static const char *const admit[] = { ".ims.test", NULL };
	static struct diameter_peer peer;
	struct diameter_node *n;

	peer = (struct diameter_peer){ .identity = other, .address = other_address, .port = PORT };
	if (diameter_new(&(struct diameter_options){ .identity = who, .realm = "ims.test", .address = address, .port = PORT, .peers = &peer,
						     .peer_count = 1, .admit = admit, .timeout_ms = 3000, .on_peer = on_peer }, &n))
		abort();
	return n;
}

/* A process of its own from the start: freeDiameter does not outlive a fork */
static pid_t serve(void)
{
	char path[512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	pid_t pid = n > 0 ? fork() : -1;

	if (pid)
		return pid;
	path[n] = '\0';
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execl(path, "test_sh", "serve", NULL);
	_exit(1);
}

static void run_server(void)
{
	static const struct sh_server server = { .udr = on_udr, .pur = on_pur, .snr = on_snr };
	struct diameter_node *n = node("hss.ims.test", "as.ims.test", net("14"), net("12"), NULL);

	hss_sh = sh_new(n, NULL, "ims.test");
	if (!hss_sh || sh_serve(n, &server) || diameter_start(n))
		abort();
	for (;;)
		pause();
}

/* ---- the AS ---- */

static sem_t answered, told, peer_up;
static struct sh *sh;
static struct diameter_node *as;
static pid_t server_pid;
static bool good;
static enum diameter_result got;
static struct request *const me = (struct request *)0x1000;

static void on_peer(const char *identity, bool up, bool required)
{
	(void)identity, (void)required;
	if (up)
		sem_post(&peer_up);
}

static int run_here(void *loop, void (*fn)(void *arg), void *arg)
{
	(void)loop;
	fn(arg);
	return 0;
}

static uint64_t id_of(const struct request *r)
{
	return (uint64_t)(uintptr_t)r;
}

static struct request *by_id(uint64_t id)
{
	return (struct request *)(uintptr_t)id;
}

static bool wait_for(sem_t *s)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	return !sem_timedwait(s, &until);
}

static void on_pnr(void *self, struct sh_call *c, const struct sh_pnr *q)
{
	(void)self;
	good = same(q->user.public_identity, "sip:alice@ims.test") && q->user_data.len == 4 && same(q->origin_host, "hss.ims.test");
	sh_answer_pna(c, &(struct sh_pna){ .result = RESULT_ERROR_NO_SUBSCRIPTION_TO_DATA });
	sem_post(&told);
}

static void on_uda(struct request *r, const struct sh_uda *a, int err)
{
	got = err ? 0 : a->result;
	good = r == me && !err && a->user_data.len == 10 && a->feature_count == 1 && !a->features[0].required && a->features[0].list == 7 &&
	       same(a->origin_host, "hss.ims.test");
	sem_post(&answered);
}

static struct sh_udr udr(void)
{
	return (struct sh_udr){
		.features = { { true, 10415, 1, 1 }, { false, 10415, 1, 7 } }, .feature_count = 2, .user = { .msisdn = "15550001234" },
		.references = { SH_IMS_PUBLIC_IDENTITY, SH_REPOSITORY_DATA }, .references_count = 2, .service_indications = { { "book" }, 1 },
		.identity_sets = { SH_ALIAS_IDENTITIES }, .identity_sets_count = 1, .has_requested_domain = true,
		.requested_domain = SH_CS_DOMAIN, .active_location = true, .serving_nodes_only = true,
		.call_reference = { (const uint8_t *)"\0x", 2 }, .as_number = { (const uint8_t *)"y", 1 }, .trace_id = "icid-1",
	};
}

static void ask_udr(const struct sh_udr *q)
{
	sh_ask_udr(sh, me, q, on_uda);
	assert_true(wait_for(&answered));
}

static void test_a_udr_carries_all_its_access_keys(void **state)
{
	const struct sh_udr q = udr();

	(void)state;
	ask_udr(&q);
	assert_int_equal(got, RESULT_SUCCESS);
	assert_true(good);
}

static void test_what_is_not_well_formed_is_refused(void **state)
{
	struct sh_udr q = udr();

	(void)state;
	q.references_count = 0;
	ask_udr(&q);
	assert_int_equal(got, RESULT_MISSING_AVP);
	q = udr();
	q.requested_domain = 2;
	ask_udr(&q);
	assert_int_equal(got, RESULT_INVALID_AVP_VALUE);
	q = udr();
	q.user.msisdn = "12345678901234567"; /* longer than E.164 has them */
	ask_udr(&q);
	assert_int_equal(got, RESULT_INVALID_AVP_VALUE);
}

static void on_pua(struct request *r, const struct sh_pua *a, int err)
{
	(void)r;
	good = !err && a->result == RESULT_ERROR_TRANSPARENT_DATA_OUT_OF_SYNC && a->has_repository_id &&
	       same(a->repository_id.service_indication, "book") && a->repository_id.sequence_number == 65535 && a->has_reference &&
	       a->reference == SH_DSAI;
	sem_post(&answered);
}

static void test_a_pua_names_what_could_not_be_written(void **state)
{
	(void)state;
	sh_ask_pur(sh, me, &(struct sh_pur){ .user = { .public_identity = "sip:alice@ims.test" }, .private_identity = "alice@ims.test",
					     .references = { 0 }, .references_count = 1, .user_data = { (const uint8_t *)"a\0b", 3 } }, on_pua);
	assert_true(wait_for(&answered));
	assert_true(good);
}

static void on_sna(struct request *r, const struct sh_sna *a, int err)
{
	(void)r;
	got = err ? 0 : a->result;
	good = !err && a->expiry == (int64_t)FAR + 1;
	sem_post(&answered);
}

static void test_a_time_of_either_era_travels_and_the_hss_tells(void **state)
{
	(void)state;
	sh_ask_snr(sh, me, &(struct sh_snr){ .user = { .public_identity = "sip:alice@ims.test" }, .dsai_tags = { { "a", "b" }, 2 },
					     .send_data = true, .subscription = SH_UNSUBSCRIBE, .references = { 19 }, .references_count = 1,
					     .expiry = FAR, .one_time = true }, on_sna);
	assert_true(wait_for(&answered));
	assert_int_equal(got, RESULT_SUCCESS);
	assert_true(good);
	assert_true(wait_for(&told));
	assert_true(good);
}

static int start(void **state)
{
	static const struct cx_host host = { .post = run_here, .id_of = id_of, .by_id = by_id };
	static const struct sh_server server = { .pnr = on_pnr };

	(void)state;
	sem_init(&answered, 0, 0);
	sem_init(&told, 0, 0);
	sem_init(&peer_up, 0, 0);
	server_pid = serve();
	as = node("as.ims.test", "hss.ims.test", net("12"), net("14"), on_peer);
	sh = sh_new(as, &host, "ims.test");
	return !sh || sh_serve(as, &server) || diameter_start(as) || !wait_for(&peer_up) ? -1 : 0;
}

static int stop(void **state)
{
	int status = -1;

	(void)state;
	diameter_stop(as);
	sh_free(sh);
	if (waitpid(server_pid, &status, WNOHANG) == server_pid)
		return -1; /* it did not like what it was answered */
	kill(server_pid, SIGKILL);
	waitpid(server_pid, NULL, 0);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_udr_carries_all_its_access_keys),
		cmocka_unit_test(test_what_is_not_well_formed_is_refused),
		cmocka_unit_test(test_a_pua_names_what_could_not_be_written),
		cmocka_unit_test(test_a_time_of_either_era_travels_and_the_hss_tells),
	};

	if (argc > 1 && !strcmp(argv[1], "serve"))
		run_server();
	return cmocka_run_group_tests(tests, start, stop);
}
