// SPDX-License-Identifier: Apache-2.0
/* Cx between two processes over loopback: every command both ways, refusals, silence, a peer that dies and comes back. */
#include "common/diameter/cx.h"
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { PORT = 3868, WAIT_S = 10 };

static const char *net(const char *last)
{
	static char text[4][32];
	static int turn;
	const char *base = getenv("NET");

	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof text[turn], "%s.%s", base ? base : "127.0.33", last);
	return text[turn];
}

/* ---- the server: answers from what it was asked, so that the asker can compare ---- */

static struct cx *server_cx;

static void on_uar(void *self, struct cx_call *c, const struct cx_uar *q)
{
	struct cx_uaa a = { .result = RESULT_FIRST_REGISTRATION, .capabilities = { .mandatory = { 1, 7 }, .mandatory_count = 2,
			    .optional = { 9 }, .optional_count = 1, .server_names = { { "sip:b.ims.test" }, 1 } } };

	(void)self;
	if (!strcmp(q->public_identity, "sip:silent@ims.test"))
		return; /* leaks the call: this process is ended by a signal */
	if (strcmp(q->visited_network, "ims.test") || q->authorization != CX_REGISTRATION || !q->emergency ||
	    strcmp(cx_call_trace_id(c), "icid-1") || strcmp(cx_call_origin_host(c), "asker.ims.test"))
		a = (struct cx_uaa){ .result = RESULT_ERROR_ROAMING_NOT_ALLOWED };
	cx_answer_uaa(c, &a);
}

static void on_mar(void *self, struct cx_call *c, const struct cx_mar *q)
{
	struct cx_maa a = { .result = RESULT_SUCCESS, .private_identity = q->private_identity, .public_identity = q->public_identity,
			    .item_count = 2 };

	(void)self;
	a.items[0] = (struct cx_auth_item){ .number = 1, .scheme = "Digest-AKAv1-MD5", .authenticate = q->item.authorization,
					    .authorization = { (const uint8_t *)"\0x\0", 3 }, .ck = { (const uint8_t *)"ck", 2 } };
	a.items[1] = (struct cx_auth_item){ .number = 2, .scheme = "SIP Digest", .realm = "ims.test", .algorithm = "MD5", .qop = "auth",
					    .ha1 = "0123" };
	cx_answer_maa(c, &a);
}

static void on_sar(void *self, struct cx_call *c, const struct cx_sar *q)
{
	struct cx_saa a = { .result = RESULT_SUCCESS, .private_identity = q->private_identity,
			    .user_data = { (const uint8_t *)"<IMSSubscription/>", 18 }, .charging = { .ccf_primary = "aaa://ccf.ims.test" },
			    .associated_identities = { { "a@ims.test", "b@ims.test" }, 2 }, .restoration_count = 1 };

	(void)self;
	a.restorations[0] = q->restoration;
	if (!q->has_restoration || q->public_identities.count != 2 || q->assignment != CX_RE_REGISTRATION || !q->user_data_available)
		a.result = RESULT_ERROR_IN_ASSIGNMENT_TYPE;
	cx_answer_saa(c, &a);
}

static void on_lir(void *self, struct cx_call *c, const struct cx_lir *q)
{
	(void)self;
	cx_answer_lia(c, &(struct cx_lia){ .result = q->originating && q->capabilities_wanted ? RESULT_SUCCESS
											     : RESULT_ERROR_IDENTITY_NOT_REGISTERED,
					   .server_name = "sip:scscf.ims.test" });
}

static int run_here(void *loop, void (*fn)(void *arg), void *arg)
{
	(void)loop;
	fn(arg);
	return 0;
}

static struct diameter_node *node(const char *who, const char *other, const char *address, const char *other_address, uint32_t timeout_ms,
				  const struct cx_server *server, void (*on_peer)(const char *, bool, bool))
{
	static const char *const admit[] = { ".ims.test", NULL };
	static struct diameter_peer peer;
	struct diameter_node *n;

	peer = (struct diameter_peer){ .identity = other, .address = other_address, .port = PORT };
	if (diameter_new(&(struct diameter_options){ .identity = who, .realm = "ims.test", .address = address, .port = PORT, .peers = &peer,
						     .peer_count = 1, .admit = admit, .timeout_ms = timeout_ms, .on_peer = on_peer }, &n))
		abort();
	if (cx_serve(n, server) || diameter_start(n))
		abort();
	return n;
}

/* A process of its own from the start: freeDiameter does not outlive a fork */
static pid_t serve(void)
{
	char path[512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1); /* under valgrind only this says who we are */
	pid_t pid = n > 0 ? fork() : -1;

	if (pid)
		return pid;
	path[n] = '\0';
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execl(path, "test_cx", "serve", NULL);
	_exit(1);
}

static void run_server(void)
{
	static const struct cx_server server = { .uar = on_uar, .mar = on_mar, .sar = on_sar, .lir = on_lir };

	server_cx = cx_new(node("server.ims.test", "asker.ims.test", net("14"), net("12"), 3000, &server, NULL), NULL, "ims.test");
	for (;;)
		pause();
}

/* ---- the asker ---- */

static sem_t answered, peer_up, peer_down;
static struct cx *cx;
static pid_t server_pid;
static int got_err;
static enum diameter_result got;
static bool good;

static void on_peer(const char *identity, bool up, bool required)
{
	(void)identity, (void)required;
	sem_post(up ? &peer_up : &peer_down);
}

static uint64_t id_of(const struct request *r)
{
	return (uint64_t)(uintptr_t)r;
}

static struct request *by_id(uint64_t id)
{
	return (struct request *)(uintptr_t)id;
}

static struct request *const me = (struct request *)0x1000;

static bool wait_for(sem_t *s)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	return !sem_timedwait(s, &until);
}

static void on_uaa(struct request *r, const struct cx_uaa *a, int err)
{
	got_err = err;
	got = err ? 0 : a->result;
	good = r == me && !err && a->capabilities.mandatory_count == 2 && a->capabilities.mandatory[1] == 7 &&
	       a->capabilities.optional[0] == 9 && a->capabilities.server_names.count == 1 && !a->server_name &&
	       !strcmp(a->capabilities.server_names.item[0], "sip:b.ims.test") && !strcmp(a->origin_host, "server.ims.test");
	sem_post(&answered);
}

static const struct cx_uar uar = { .private_identity = "alice@ims.test", .public_identity = "sip:alice@ims.test",
				   .visited_network = "ims.test", .emergency = true, .trace_id = "icid-1" };

static void ask_uar(const struct cx_uar *q)
{
	cx_ask_uar(cx, me, q, on_uaa);
	assert_true(wait_for(&answered));
}

static void test_a_uar_brings_capabilities_and_the_trace_id_travels(void **state)
{
	(void)state;
	ask_uar(&uar);
	assert_int_equal(got_err, 0);
	assert_int_equal(got, RESULT_FIRST_REGISTRATION);
	assert_true(good);
}

static void test_a_question_with_an_empty_or_missing_identity_is_refused_5xxx(void **state)
{
	struct cx_uar q = uar;

	(void)state;
	q.private_identity = "";
	ask_uar(&q);
	assert_int_equal(got, RESULT_INVALID_AVP_VALUE);
	q.private_identity = NULL;
	ask_uar(&q);
	assert_int_equal(got, RESULT_MISSING_AVP);
	q = uar;
	q.authorization = 3;
	ask_uar(&q);
	assert_int_equal(got, RESULT_INVALID_AVP_VALUE);
}

static void on_maa(struct request *r, const struct cx_maa *a, int err)
{
	(void)r;
	good = !err && a->item_count == 2 && a->items[0].authorization.len == 3 && !memcmp(a->items[0].authorization.data, "\0x\0", 3) &&
	       a->items[0].authenticate.len == 4 && a->items[0].ck.len == 2 && !a->items[0].ha1 && !strcmp(a->items[1].ha1, "0123") &&
	       !strcmp(a->items[1].qop, "auth") && !strcmp(a->private_identity, "alice@ims.test");
	sem_post(&answered);
}

static void test_a_mar_brings_vectors_with_nul_octets_and_digests(void **state)
{
	(void)state;
	cx_ask_mar(cx, me, &(struct cx_mar){ .private_identity = "alice@ims.test", .public_identity = "sip:alice@ims.test",
					     .server_name = "sip:s.ims.test", .items_wanted = 1,
					     .item = { .scheme = "Unknown", .authorization = { (const uint8_t *)"a\0b", 4 } } }, on_maa);
	assert_true(wait_for(&answered));
	assert_true(good);
}

static void on_saa(struct request *r, const struct cx_saa *a, int err)
{
	(void)r;
	good = !err && a->result == RESULT_SUCCESS && a->user_data.len == 18 && !strcmp(a->charging.ccf_primary, "aaa://ccf.ims.test") &&
	       !a->charging.ecf_primary && a->associated_identities.count == 2 && a->restoration_count == 1 &&
	       a->restorations[0].count == 2 && !strcmp(a->restorations[0].contacts[1].initial_cseq, "77") &&
	       !strcmp(a->restorations[0].contacts[0].path, "<sip:p;lr>") && !a->restorations[0].contacts[0].initial_cseq;
	sem_post(&answered);
}

static void test_a_sar_carries_restoration_information_there_and_back(void **state)
{
	static const struct cx_sar sar = {
		.private_identity = "alice@ims.test", .public_identities = { { "sip:alice@ims.test", "tel:+15550001" }, 2 },
		.server_name = "sip:s.ims.test", .assignment = CX_RE_REGISTRATION, .user_data_available = true, .has_restoration = true,
		.restoration = { .private_identity = "alice@ims.test", .count = 2,
				 .contacts = { { .path = "<sip:p;lr>", .contact = "<sip:a@1.2.3.4>;expires=9" },
					       { .path = "<sip:p;lr>", .contact = "<sip:b>", .call_id_sip_header = "c", .initial_cseq = "77" } } },
	};

	(void)state;
	cx_ask_sar(cx, me, &sar, on_saa);
	assert_true(wait_for(&answered));
	assert_true(good);
}

static void on_lia(struct request *r, const struct cx_lia *a, int err)
{
	(void)r;
	good = !err && a->result == RESULT_SUCCESS && !strcmp(a->server_name, "sip:scscf.ims.test");
	sem_post(&answered);
}

static void test_a_lir_brings_the_server(void **state)
{
	(void)state;
	cx_ask_lir(cx, me, &(struct cx_lir){ .public_identity = "tel:+15550001", .originating = true, .capabilities_wanted = true }, on_lia);
	assert_true(wait_for(&answered));
	assert_true(good);
}

static void test_silence_ends_with_a_timeout(void **state)
{
	struct cx_uar q = uar;

	(void)state;
	q.public_identity = "sip:silent@ims.test";
	ask_uar(&q);
	assert_int_equal(got_err, -ETIMEDOUT);
}

static void test_a_round_trip_is_cheap(void **state)
{
	enum { ROUNDS = 2000 };
	struct rusage before, after;
	double us;

	(void)state;
	getrusage(RUSAGE_SELF, &before);
	for (int i = 0; i < ROUNDS; i++)
		ask_uar(&uar);
	getrusage(RUSAGE_SELF, &after);
	us = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1e6 +
	     (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec);
	print_message("asker: %.0f us CPU a question\n", us / ROUNDS);
}

static void test_a_dead_peer_fails_at_once_and_its_return_is_seen(void **state)
{
	uint64_t t;

	(void)state;
	kill(server_pid, SIGKILL);
	waitpid(server_pid, NULL, 0);
	assert_true(wait_for(&peer_down));
	ask_uar(&uar);
	assert_int_equal(got_err, -ENOTCONN);
	t = clock_ns();
	server_pid = serve();
	assert_true(wait_for(&peer_up));
	print_message("back after %u ms\n", (unsigned)((clock_ns() - t) / 1000000));
	ask_uar(&uar);
	assert_int_equal(got, RESULT_FIRST_REGISTRATION);
}

static struct diameter_node *asker;

static int start(void **state)
{
	static const struct cx_host host = { .post = run_here, .id_of = id_of, .by_id = by_id };
	static const struct cx_server none;

	(void)state;
	sem_init(&answered, 0, 0);
	sem_init(&peer_up, 0, 0);
	sem_init(&peer_down, 0, 0);
	server_pid = serve();
	asker = node("asker.ims.test", "server.ims.test", net("12"), net("14"), 500, &none, on_peer);
	cx = cx_new(asker, &host, "ims.test");
	if (!wait_for(&peer_up))
		return -1;
	while (!sem_trywait(&peer_down))
		;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	diameter_stop(asker);
	cx_free(cx);
	kill(server_pid, SIGKILL);
	waitpid(server_pid, NULL, 0);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_uar_brings_capabilities_and_the_trace_id_travels),
		cmocka_unit_test(test_a_question_with_an_empty_or_missing_identity_is_refused_5xxx),
		cmocka_unit_test(test_a_mar_brings_vectors_with_nul_octets_and_digests),
		cmocka_unit_test(test_a_sar_carries_restoration_information_there_and_back),
		cmocka_unit_test(test_a_lir_brings_the_server),
		cmocka_unit_test(test_silence_ends_with_a_timeout),
		cmocka_unit_test(test_a_round_trip_is_cheap),
		cmocka_unit_test(test_a_dead_peer_fails_at_once_and_its_return_is_seen),
	};

	if (argc > 1 && !strcmp(argv[1], "serve"))
		run_server();
	return cmocka_run_group_tests(tests, start, stop);
}
