// SPDX-License-Identifier: Apache-2.0
/* The HTTP server on the main loop, asked by a real client in a thread. */
#include "common/address.h"
#include "common/http.h"
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static struct loop *loop;
static struct http_server *server;
static char address[32];
static struct http_request *late;

static void on_echo(struct http_request *q, void *context)
{
	struct bytes b = http_body(q);

	assert_ptr_equal(context, &loop);
	http_reply(q, 200, "text/plain", (const char *)b.data, b.len);
}

static void on_rest(struct http_request *q, void *context)
{
	const char *key = http_query(q, "q");

	(void)context;
	http_reply_json(q, 201, json_pack("{s:s, s:s}", "rest", http_rest(q), "q", key ? key : "-"));
}

static void on_exact(struct http_request *q, void *context)
{
	(void)context;
	http_reply(q, 200, "text/plain", "exact", 5);
}

static void reply_late(uv_timer_t *t)
{
	http_reply_header(late, "X-Late", "yes");
	http_problem(late, 503, "impi", "the database is at %s", "lunch");
	uv_close((uv_handle_t *)t, (uv_close_cb)(void (*)(void))free);
}

static void on_late(struct http_request *q, void *context)
{
	uv_timer_t *t = malloc(sizeof *t);

	(void)context;
	late = q;
	uv_timer_init(loop_uv(loop), t);
	uv_timer_start(t, reply_late, 20, 0);
}

static void on_never(struct http_request *q, void *context)
{
	(void)context;
	late = q;
	uv_stop(loop_uv(loop));
}

/* ---- a body taken as it comes: at most 10,000 octets, then a rest ---- */

static struct taking {
	struct http_request *request;
	size_t sum, since, rests;
	bool lost, ended;
	uint8_t last;
} taking;

static void on_rested(uv_timer_t *t)
{
	taking.since = 0;
	uv_close((uv_handle_t *)t, (uv_close_cb)(void (*)(void))free);
	if (!taking.lost)
		http_sink_resume(taking.request);
}

static size_t take_piece(void *arg, struct bytes piece)
{
	size_t n = 10000 - taking.since < piece.len ? 10000 - taking.since : piece.len;
	uv_timer_t *t;

	assert_ptr_equal(arg, &taking);
	taking.sum += n;
	taking.since += n;
	taking.last = n ? piece.data[n - 1] : taking.last;
	if (n == piece.len)
		return n;
	t = malloc(sizeof *t);
	uv_timer_init(loop_uv(loop), t);
	uv_timer_start(t, on_rested, 1, 0);
	taking.rests++;
	return n;
}

static void take_end(void *arg)
{
	(void)arg;
	taking.ended = true;
	http_reply_json(taking.request, 200, json_pack("{s:I}", "sum", (json_int_t)taking.sum));
}

static void take_lost(void *arg)
{
	(void)arg;
	taking.lost = true;
	uv_stop(loop_uv(loop));
}

static const struct http_sink sink = { .take = take_piece, .end = take_end, .lost = take_lost };

static void on_headers(struct http_request *q, void *context)
{
	assert_ptr_equal(context, &loop);
	if (strcmp(http_route_of(q)->path, "/sink"))
		return;
	taking = (struct taking){ .request = q };
	if (http_query(q, "refuse"))
		http_problem(q, 401, NULL, "not you");
	else
		http_body_to(q, &sink, &taking);
}

/* ---- a reply made as it is read ---- */

static struct {
	size_t left;
	int frees;
	bool breaks;
} making;

static ssize_t make_piece(void *arg, char *out, size_t size)
{
	size_t n = size < 7777 ? size : 7777;

	assert_ptr_equal(arg, &making);
	if (making.breaks && making.left < 100000)
		return -EIO;
	n = n < making.left ? n : making.left;
	memset(out, 'x', n);
	making.left -= n;
	return (ssize_t)n;
}

static void make_free(void *arg)
{
	(void)arg;
	making.frees++;
}

static const struct http_source source = { .fill = make_piece, .free = make_free };

static void on_stream(struct http_request *q, void *context)
{
	(void)context;
	making.left = 300000;
	making.frees = 0;
	making.breaks = http_query(q, "breaks");
	http_reply_stream(q, 200, "text/plain", &source, &making);
}

static const struct http_route routes[] = {
	{ "POST", "/sink", on_echo },
	{ "GET", "/stream", on_stream },
	{ "POST", "/echo", on_echo },
	{ "GET", "/v1/*", on_rest },
	{ "GET", "/v1/exact", on_exact },
	{ "GET", "/late", on_late },
	{ "GET", "/never", on_never },
};

/* ---- the client ---- */

struct question {
	const char *method, *path, *body;
	const char *scheme;              /* default http */
	long tls_most;                   /* CURL_SSLVERSION_MAX_... */
	size_t body_len;
	char answer[4096];
	size_t n;
	bool counts;                     /* the answer may be longer: only n is kept */
	long status;
	CURLcode err;
};

static size_t take(char *data, size_t one, size_t n, void *arg)
{
	struct question *q = arg;

	(void)one;
	if (q->counts) {
		q->n += n;
		return n;
	}
	if (q->n + n >= sizeof q->answer)
		return 0;
	memcpy(q->answer + q->n, data, n);
	q->n += n;
	return n;
}

static void stop_loop(void *arg)
{
	(void)arg;
	uv_stop(loop_uv(loop));
}

static void *client(void *arg)
{
	struct question *q = arg;
	CURL *c = curl_easy_init();
	char url[256];

	snprintf(url, sizeof url, "%s://%s%s", q->scheme ? q->scheme : "http", address, q->path);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, q->tls_most);
	curl_easy_setopt(c, CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0"); /* so that only the server refuses the old */
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, 10L);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, q->method);
	if (q->body) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, q->body);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)q->body_len);
	}
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, q);
	q->err = curl_easy_perform(c);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &q->status);
	curl_easy_cleanup(c);
	loop_post(loop, stop_loop, NULL);
	return NULL;
}

static void ask(struct question *q)
{
	pthread_t t;

	pthread_create(&t, NULL, client, q);
	uv_run(loop_uv(loop), UV_RUN_DEFAULT);
	pthread_join(t, NULL);
}

static void free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	bind(fd, (struct sockaddr *)&a, n);
	getsockname(fd, (struct sockaddr *)&a, &n);
	close(fd);
	snprintf(address, sizeof address, "127.0.0.1:%u", ntohs(a.sin_port));
}

static int serve(const struct http_options *o)
{
	return http_listen(loop, o, routes, ARRAY_LEN(routes), &loop, &server);
}

static int listen_with(const char *const *allow)
{
	return serve(&(struct http_options){ .address = address, .allow = allow, .body_max = 1000, .on_headers = on_headers });
}

static int up(void **state)
{
	(void)state;
	loop = loop_new();
	free_port();
	return listen_with(NULL);
}

static int down(void **state)
{
	(void)state;
	http_free(server);
	loop_free(loop);
	return 0;
}

/* ---- the sentences ---- */

static void test_a_body_reaches_the_handler_and_its_reply_the_client(void **state)
{
	struct question q = { .method = "POST", .path = "/echo", .body = "hello", .body_len = 5 };

	(void)state;
	ask(&q);
	assert_int_equal(q.status, 200);
	assert_string_equal(q.answer, "hello");
}

static void test_the_rest_of_a_path_is_decoded_and_the_longest_route_wins(void **state)
{
	struct question rest = { .method = "GET", .path = "/v1/sip%3Aalice%40ims.test?q=a%20b" };
	struct question exact = { .method = "GET", .path = "/v1/exact" };

	(void)state;
	ask(&rest);
	assert_int_equal(rest.status, 201);
	assert_string_equal(rest.answer, "{\"rest\":\"sip:alice@ims.test\",\"q\":\"a b\"}");
	ask(&exact);
	assert_string_equal(exact.answer, "exact");
}

static void test_a_late_reply_is_a_problem_detail(void **state)
{
	struct question q = { .method = "GET", .path = "/late" };

	(void)state;
	ask(&q);
assert_int_equal(q.status, 503);
	assert_string_equal(q.answer, "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
				      "\"detail\":\"the database is at lunch\",\"field\":\"impi\"}");
}

static void test_what_is_not_there_is_404_and_a_wrong_method_405(void **state)
{
	struct question nothing = { .method = "GET", .path = "/nothing" };
	struct question wrong = { .method = "DELETE", .path = "/echo" };

	(void)state;
	ask(&nothing);
	assert_int_equal(nothing.status, 404);
	ask(&wrong);
	assert_int_equal(wrong.status, 405);
}

static void test_a_body_that_is_too_long_is_413(void **state)
{
	struct question q = { .method = "POST", .path = "/echo", .body = calloc(1, 2000), .body_len = 2000 };

	(void)state;
	ask(&q);
	assert_int_equal(q.status, 413);
	free((void *)(uintptr_t)q.body);
}

static void test_a_body_is_taken_as_it_comes_however_long_it_is(void **state)
{
	char *body = malloc(200000);
	struct question q = { .method = "POST", .path = "/sink", .body = body, .body_len = 200000 };

	(void)state;
	memset(body, 'a', 199999);
	body[199999] = 'z';
	ask(&q);
	assert_int_equal(q.status, 200);
	assert_string_equal(q.answer, "{\"sum\":200000}");
	assert_true(taking.ended && !taking.lost && taking.last == 'z');
	assert_true(taking.rests >= 10); /* and each time the client waited */
	free(body);
}

static void test_who_sends_a_long_body_may_be_refused_before_it(void **state)
{
	struct question q = { .method = "POST", .path = "/sink?refuse=1", .body = "hello", .body_len = 5 };

	(void)state;
	ask(&q);
	assert_int_equal(q.status, 401);
	assert_int_equal(taking.sum, 0);
}

static void test_a_sink_hears_that_its_client_has_gone(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons((uint16_t)atoi(strchr(address, ':') + 1)) };
	static const char head[] = "POST /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nsome";
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	taking = (struct taking){ .sum = 0 };
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(send(fd, head, strlen(head), 0), (ssize_t)strlen(head));
	while (!taking.sum)
		uv_run(loop_uv(loop), UV_RUN_ONCE);
	close(fd);
	while (!taking.lost)
		uv_run(loop_uv(loop), UV_RUN_ONCE);
	assert_int_equal(taking.sum, 4);
	assert_false(taking.ended);
}

static void test_a_reply_is_made_as_it_is_read(void **state)
{
	struct question q = { .method = "GET", .path = "/stream", .counts = true };

	(void)state;
	ask(&q);
	assert_int_equal(q.status, 200);
	assert_int_equal(q.n, 300000);
	while (!making.frees)
		uv_run(loop_uv(loop), UV_RUN_ONCE);
	assert_int_equal(making.frees, 1);
}

static void test_a_reply_that_cannot_go_on_is_cut_and_not_taken_for_whole(void **state)
{
	struct question q = { .method = "GET", .path = "/stream?breaks=1", .counts = true };

	(void)state;
	ask(&q);
	assert_int_not_equal(q.err, CURLE_OK);
	while (!making.frees)
		uv_run(loop_uv(loop), UV_RUN_ONCE);
	assert_int_equal(making.frees, 1);
}

static void test_a_stranger_is_not_served(void **state)
{
	struct question q = { .method = "GET", .path = "/v1/exact" };

	(void)state;
	http_free(server);
	assert_int_equal(listen_with((const char *const[]){ "10.0.0.0/8", NULL }), 0);
	ask(&q);
	assert_int_not_equal(q.err, CURLE_OK);
	assert_int_equal(q.status, 0);
}

static void test_a_taken_address_is_an_error(void **state)
{
	struct http_server *mine = server;

	(void)state;
	assert_int_equal(listen_with(NULL), -EADDRINUSE);
	assert_ptr_equal(server, mine);
}

static void make_certificate(const char *path)
{
	char command[512];

	snprintf(command, sizeof command,
		 "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=hss.ims.test -days 1 "
		 "-keyout %s.key -out %s 2>/dev/null && cat %s.key >> %s && rm %s.key", path, path, path, path, path);
	assert_int_equal(system(command), 0);
}

static CURLcode ask_tls(long most)
{
	struct question q = { .method = "GET", .path = "/v1/exact", .scheme = "https", .tls_most = most };

	ask(&q);
	assert_int_equal(q.status, q.err ? 0 : 200);
	return q.err;
}

static void test_tls_is_served_from_its_least_version_on(void **state)
{
	char path[] = "/tmp/minims-http-XXXXXX";
	struct http_options o = { .address = address, .certificate = path, .tls_minimum = "1.2", .body_max = 1000 };

	(void)state;
	http_free(server);
	close(mkstemp(path));
	make_certificate(path);
	assert_int_equal(serve(&o), 0);
	assert_int_equal(ask_tls(CURL_SSLVERSION_MAX_TLSv1_3), CURLE_OK);
	assert_int_equal(ask_tls(CURL_SSLVERSION_MAX_TLSv1_2), CURLE_OK);
	assert_int_equal(ask_tls(CURL_SSLVERSION_TLSv1_0 | CURL_SSLVERSION_MAX_TLSv1_1), CURLE_SSL_CONNECT_ERROR);
	http_free(server);
	o.tls_minimum = "1.3";
	assert_int_equal(serve(&o), 0);
	assert_int_equal(ask_tls(CURL_SSLVERSION_MAX_TLSv1_3), CURLE_OK);
	assert_int_equal(ask_tls(CURL_SSLVERSION_MAX_TLSv1_2), CURLE_SSL_CONNECT_ERROR);
	unlink(path);
}

static void test_a_reply_after_the_server_went_is_fine(void **state)
{
	struct question q = { .method = "GET", .path = "/never" };
	pthread_t t;

	(void)state;
	pthread_create(&t, NULL, client, &q);
	uv_run(loop_uv(loop), UV_RUN_DEFAULT);
	http_free(server);
	server = NULL;
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	pthread_join(t, NULL);
	http_reply(late, 200, "text/plain", "too late", 8);
	assert_int_not_equal(q.status, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_body_reaches_the_handler_and_its_reply_the_client, up, down),
		cmocka_unit_test_setup_teardown(test_the_rest_of_a_path_is_decoded_and_the_longest_route_wins, up, down),
		cmocka_unit_test_setup_teardown(test_a_late_reply_is_a_problem_detail, up, down),
		cmocka_unit_test_setup_teardown(test_what_is_not_there_is_404_and_a_wrong_method_405, up, down),
		cmocka_unit_test_setup_teardown(test_a_body_that_is_too_long_is_413, up, down),
		cmocka_unit_test_setup_teardown(test_a_body_is_taken_as_it_comes_however_long_it_is, up, down),
		cmocka_unit_test_setup_teardown(test_who_sends_a_long_body_may_be_refused_before_it, up, down),
		cmocka_unit_test_setup_teardown(test_a_sink_hears_that_its_client_has_gone, up, down),
		cmocka_unit_test_setup_teardown(test_a_reply_is_made_as_it_is_read, up, down),
		cmocka_unit_test_setup_teardown(test_a_reply_that_cannot_go_on_is_cut_and_not_taken_for_whole, up, down),
		cmocka_unit_test_setup_teardown(test_a_stranger_is_not_served, up, down),
		cmocka_unit_test_setup_teardown(test_a_taken_address_is_an_error, up, down),
		cmocka_unit_test_setup_teardown(test_tls_is_served_from_its_least_version_on, up, down),
		cmocka_unit_test_setup_teardown(test_a_reply_after_the_server_went_is_fine, up, down),
	};
	int failed;

	curl_global_init(CURL_GLOBAL_ALL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
