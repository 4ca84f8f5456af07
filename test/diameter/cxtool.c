// SPDX-License-Identifier: Apache-2.0
/* Asks an HSS over Cx from the command line; each answer is a line of JSON. [TS 29.228 6.1, 6.3]
 *
 *   cxtool ADDRESS HSS-ADDRESS uar IMPI IMPU | mar IMPI IMPU SCHEME | sar IMPI IMPU TYPE | lir IMPU | -
 *
 * ADDRESS is our own; our Diameter identity is cxtool.ims.test, the HSS's hss.ims.test. With "-" questions come from standard
 * input, a line of JSON each, and up to 64 are under way at once:
 *
 *   {"id": 7, "ask": "uar", "impi", "impu", "visited_network", "authorization"}
 *   {"ask": "mar", "impi", "impu", "server", "scheme", "items", "authorization": HEX}
 *   {"ask": "sar", "impi", "impus": [], "server", "type", "have_data", "multiple", "restoration": [{"path", "contact"}]}
 *   {"ask": "lir", "impu", "originating", "capabilities"}
 *
 * The answer has the id. CX_TIMEOUT_MS: how long one may take, 3000. */
#include "common/diameter/cx.h"
#include <jansson.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 64, WAIT_S = 5 };

static const char *const server = "sip:scscf.ims.test";
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool peer_up;
static sem_t room;

static void on_peer(const char *identity, bool is_up, bool required)
{
	(void)identity, (void)required;
	pthread_mutex_lock(&mutex);
	peer_up = is_up;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
}

/* Without a peer the question itself says so. */
static void wait_for_peer(void)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	pthread_mutex_lock(&mutex);
	while (!err && !peer_up)
		err = pthread_cond_timedwait(&changed, &mutex, &until);
	pthread_mutex_unlock(&mutex);
}

static int run_here(void *loop, void (*fn)(void *arg), void *arg)
{
	(void)loop;
	fn(arg);
	return 0;
}

/* A question is known by its JSON, which also is its id. */
static uint64_t id_of(const struct request *r)
{
	return (uint64_t)(uintptr_t)r;
}

static struct request *by_id(uint64_t id)
{
	return (struct request *)(uintptr_t)id;
}

/* ---- answers ---- */

static void set(json_t *j, const char *key, const char *value)
{
	json_t *t = value ? json_string(value) : NULL;

	if (value) /* what a peer sends may be no UTF-8 */
		json_object_set_new(j, key, t ? t : json_string("?"));
}

static void set_hex(json_t *j, const char *key, struct bytes b)
{
	char *hex = malloc(2 * b.len + 1);

	for (size_t i = 0; i < b.len; i++)
		snprintf(hex + 2 * i, 3, "%02x", b.data[i]);
	if (b.len)
		json_object_set_new(j, key, json_string(hex));
	free(hex);
}

static void set_capabilities(json_t *j, const struct cx_capabilities *c)
{
	json_t *mandatory = json_array(), *optional = json_array();

	for (size_t i = 0; i < c->mandatory_count; i++)
		json_array_append_new(mandatory, json_integer(c->mandatory[i]));
	for (size_t i = 0; i < c->optional_count; i++)
		json_array_append_new(optional, json_integer(c->optional[i]));
	json_object_set_new(j, "mandatory", mandatory);
	json_object_set_new(j, "optional", optional);
}

static void print(struct request *r, json_t *j, int err, enum diameter_result result)
{
	json_t *question = (json_t *)(void *)r, *id = json_object_get(question, "id");

	set(j, err ? "error" : "result", err ? strerrorname_np(-err) : result_name(result));
	if (id)
		json_object_set(j, "id", id);
	pthread_mutex_lock(&mutex);
	json_dumpf(j, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	puts("");
	fflush(stdout);
	pthread_mutex_unlock(&mutex);
	json_decref(j);
	json_decref(question);
	sem_post(&room);
}

static void on_uaa(struct request *r, const struct cx_uaa *a, int err)
{
	json_t *j = json_object();

	if (!err) {
		set(j, "server_name", a->server_name);
		set_capabilities(j, &a->capabilities);
	}
	print(r, j, err, err ? 0 : a->result);
}

static void on_maa(struct request *r, const struct cx_maa *a, int err)
{
	json_t *j = json_object(), *items = json_array(), *schemes = json_array();

	for (size_t i = 0; !err && i < a->item_count; i++) {
		const struct cx_auth_item *item = &a->items[i];
		json_t *o = json_object();

		set(o, "scheme", item->scheme);
		set(o, "algorithm", item->algorithm);
		set(o, "ha1", item->ha1);
		set_hex(o, "authenticate", item->authenticate);
		set_hex(o, "authorization", item->authorization);
		json_array_append_new(items, o);
		json_array_append_new(schemes, json_string(item->scheme ? item->scheme : ""));
	}
	json_object_set_new(j, "schemes", schemes);
	json_object_set_new(j, "items", items);
	print(r, j, err, err ? 0 : a->result);
}

static void on_saa(struct request *r, const struct cx_saa *a, int err)
{
	json_t *j = json_object();

	if (!err) {
		if (a->user_data.len)
			json_object_set_new(j, "user_data", json_stringn((const char *)a->user_data.data, a->user_data.len));
		set(j, "server_name", a->server_name);
		set(j, "primary_ccf", a->charging.ccf_primary);
		json_object_set_new(j, "restorations", json_integer((json_int_t)a->restoration_count));
	}
	print(r, j, err, err ? 0 : a->result);
}

static void on_lia(struct request *r, const struct cx_lia *a, int err)
{
	json_t *j = json_object();

	if (!err) {
		set(j, "server_name", a->server_name);
		set_capabilities(j, &a->capabilities);
	}
	print(r, j, err, err ? 0 : a->result);
}

/* ---- questions ---- */

static const char *text(const json_t *q, const char *key, const char *otherwise)
{
	const char *t = json_string_value(json_object_get(q, key));

	return t ? t : otherwise;
}

static unsigned number(const json_t *q, const char *key, unsigned otherwise)
{
	const json_t *n = json_object_get(q, key);

	return n ? (unsigned)json_integer_value(n) : otherwise;
}

static bool truth(const json_t *q, const char *key)
{
	return json_is_true(json_object_get(q, key));
}

static void ask_mar(struct cx *cx, struct request *r, const json_t *q)
{
	const char *hex = text(q, "authorization", "");
	uint8_t octets[64];
	struct cx_mar mar = { .private_identity = text(q, "impi", NULL), .public_identity = text(q, "impu", NULL),
			      .server_name = text(q, "server", server), .items_wanted = number(q, "items", 1),
			      .item.scheme = text(q, "scheme", "SIP Digest") };

	for (; mar.item.authorization.len < sizeof octets && sscanf(hex, "%2hhx", &octets[mar.item.authorization.len]) == 1; hex += 2)
		mar.item.authorization.len++;
	mar.item.authorization.data = octets;
	cx_ask_mar(cx, r, &mar, on_maa);
}

static void ask_sar(struct cx *cx, struct request *r, const json_t *q)
{
	struct cx_sar sar = { .private_identity = text(q, "impi", NULL), .server_name = text(q, "server", server),
			      .assignment = (enum cx_assignment)number(q, "type", 1), .user_data_available = truth(q, "have_data"),
			      .multiple_registration = truth(q, "multiple"), .has_restoration = json_object_get(q, "restoration") };
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(q, "impus"), i, one)
		if (i < CX_LIST_MAX && json_is_string(one))
			sar.public_identities.item[sar.public_identities.count++] = json_string_value(one);
	sar.restoration.private_identity = sar.private_identity;
	json_array_foreach(json_object_get(q, "restoration"), i, one)
		if (i < CX_LIST_MAX)
			sar.restoration.contacts[sar.restoration.count++] =
				(struct cx_restoration_contact){ .path = text(one, "path", NULL), .contact = text(one, "contact", NULL) };
	cx_ask_sar(cx, r, &sar, on_saa);
}

/* False: nobody knows such a question. Takes q. */
static bool ask(struct cx *cx, json_t *q)
{
	struct request *r = (struct request *)(void *)q;
	const char *what = text(q, "ask", "");

	wait_for_peer();
	sem_wait(&room);
	if (!strcmp(what, "lir"))
		cx_ask_lir(cx, r, &(struct cx_lir){ .public_identity = text(q, "impu", NULL), .originating = truth(q, "originating"),
						    .capabilities_wanted = truth(q, "capabilities") }, on_lia);
	else if (!strcmp(what, "uar"))
		cx_ask_uar(cx, r, &(struct cx_uar){ .private_identity = text(q, "impi", NULL), .public_identity = text(q, "impu", NULL),
						    .visited_network = text(q, "visited_network", "ims.test"),
						    .authorization = (enum cx_authorization)number(q, "authorization", 0) }, on_uaa);
	else if (!strcmp(what, "mar"))
		ask_mar(cx, r, q);
	else if (!strcmp(what, "sar"))
		ask_sar(cx, r, q);
	else {
		json_decref(q);
		sem_post(&room);
		return false;
	}
	return true;
}

static json_t *question_of(int argc, char **argv)
{
	const char *what = argv[0];

	if (!strcmp(what, "lir") && argc == 2)
		return json_pack("{s:s, s:s}", "ask", what, "impu", argv[1]);
	if (!strcmp(what, "uar") && argc == 3)
		return json_pack("{s:s, s:s, s:s}", "ask", what, "impi", argv[1], "impu", argv[2]);
	if (!strcmp(what, "mar") && argc == 4)
		return json_pack("{s:s, s:s, s:s, s:s}", "ask", what, "impi", argv[1], "impu", argv[2], "scheme", argv[3]);
	if (!strcmp(what, "sar") && argc == 4)
		return json_pack("{s:s, s:s, s:[s], s:i}", "ask", what, "impi", argv[1], "impus", argv[2], "type", atoi(argv[3]));
	return NULL;
}

static int ask_all(struct cx *cx)
{
	char line[65536];
	int status = 0;

	while (!status && fgets(line, sizeof line, stdin)) {
		json_t *q = json_loads(line, 0, NULL);

		if (!q || !ask(cx, q))
			status = 2;
	}
	return status;
}

static int run(int argc, char **argv)
{
	static const struct cx_host host = { .post = run_here, .id_of = id_of, .by_id = by_id };
	const struct diameter_peer hss = { .identity = "hss.ims.test", .address = argv[2], .port = 3868 };
	const char *timeout = getenv("CX_TIMEOUT_MS");
	const struct diameter_options o = { .identity = "cxtool.ims.test", .realm = "ims.test", .address = argv[1], .port = 3868,
					    .peers = &hss, .peer_count = 1, .timeout_ms = timeout ? (unsigned)atoi(timeout) : 3000,
					    .on_peer = on_peer };
	json_t *question = strcmp(argv[3], "-") ? question_of(argc - 3, argv + 3) : NULL;
	struct diameter_node *n;
	struct cx *cx;
	int status;

	if (!question && strcmp(argv[3], "-"))
		return 2;
	if (diameter_new(&o, &n))
		return 3;
	cx = cx_new(n, &host, "ims.test");
	if (!cx || diameter_start(n))
		return 3;
	status = question ? !ask(cx, question) : ask_all(cx);
	for (int i = 0; i < AT_ONCE; i++) /* all are answered */
		sem_wait(&room);
	diameter_stop(n);
	cx_free(cx);
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "cxtool ADDRESS HSS-ADDRESS uar IMPI IMPU | mar IMPI IMPU SCHEME | sar IMPI IMPU TYPE | lir IMPU | -\n");
		return 2;
	}
	sem_init(&room, 0, AT_ONCE);
	return run(argc, argv);
}
