// SPDX-License-Identifier: Apache-2.0
/* Asks an HSS over Cx from the command line; the answer is a line of JSON. [TS 29.228 6.1, 6.3]
 *
 *   cxtool ADDRESS HSS-ADDRESS uar IMPI IMPU | mar IMPI IMPU SCHEME | sar IMPI IMPU TYPE | lir IMPU
 *
 * ADDRESS is our own; our Diameter identity is cxtool.ims.test, the HSS's hss.ims.test. */
#include "common/diameter/cx.h"
#include <jansson.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sem_t up, answered;
static struct request *const me = (struct request *)0x1000;

static void on_peer(const char *identity, bool is_up, bool required)
{
	(void)identity, (void)required;
	if (is_up)
		sem_post(&up);
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

static void print(json_t *j, int err, enum diameter_result result)
{
	if (err)
		json_object_set_new(j, "error", json_string(strerrorname_np(-err)));
	else
		json_object_set_new(j, "result", json_string(result_name(result)));
	json_dumpf(j, stdout, JSON_COMPACT);
	puts("");
	json_decref(j);
	sem_post(&answered);
}

static void set(json_t *j, const char *key, const char *value)
{
	if (value)
		json_object_set_new(j, key, json_string(value));
}

static void on_uaa(struct request *r, const struct cx_uaa *a, int err)
{
	json_t *j = json_object();

	(void)r;
	set(j, "server_name", err ? NULL : a->server_name);
	print(j, err, err ? 0 : a->result);
}

static void on_maa(struct request *r, const struct cx_maa *a, int err)
{
	json_t *j = json_object(), *schemes = json_array();

	(void)r;
	for (size_t i = 0; !err && i < a->item_count; i++)
		json_array_append_new(schemes, json_string(a->items[i].scheme ? a->items[i].scheme : ""));
	json_object_set_new(j, "schemes", schemes);
	print(j, err, err ? 0 : a->result);
}

static void on_saa(struct request *r, const struct cx_saa *a, int err)
{
	json_t *j = json_object();

	(void)r;
	if (!err && a->user_data.len)
		json_object_set_new(j, "user_data", json_stringn((const char *)a->user_data.data, a->user_data.len));
	set(j, "server_name", err ? NULL : a->server_name);
	print(j, err, err ? 0 : a->result);
}

static void on_lia(struct request *r, const struct cx_lia *a, int err)
{
	json_t *j = json_object();

	(void)r;
	set(j, "server_name", err ? NULL : a->server_name);
	print(j, err, err ? 0 : a->result);
}

static int ask(struct cx *cx, int argc, char **argv)
{
	const char *what = argv[3], *server = "sip:scscf.ims.test";

	if (!strcmp(what, "lir") && argc == 5)
		cx_ask_lir(cx, me, &(struct cx_lir){ .public_identity = argv[4] }, on_lia);
	else if (!strcmp(what, "uar") && argc == 6)
		cx_ask_uar(cx, me, &(struct cx_uar){ .private_identity = argv[4], .public_identity = argv[5], .visited_network = "ims.test" },
			   on_uaa);
	else if (!strcmp(what, "mar") && argc == 7)
		cx_ask_mar(cx, me, &(struct cx_mar){ .private_identity = argv[4], .public_identity = argv[5], .server_name = server,
						     .items_wanted = 1, .item.scheme = argv[6] }, on_maa);
	else if (!strcmp(what, "sar") && argc == 7)
		cx_ask_sar(cx, me, &(struct cx_sar){ .private_identity = argv[4], .public_identities = { { argv[5] }, 1 },
						     .server_name = server, .assignment = (enum cx_assignment)atoi(argv[6]) }, on_saa);
	else
		return 2;
	sem_wait(&answered);
	return 0;
}

static int run(int argc, char **argv)
{
	static const struct cx_host host = { .post = run_here, .id_of = id_of, .by_id = by_id };
	const struct diameter_peer hss = { .identity = "hss.ims.test", .address = argv[2], .port = 3868 };
	const struct diameter_options o = { .identity = "cxtool.ims.test", .realm = "ims.test", .address = argv[1], .port = 3868,
					    .peers = &hss, .peer_count = 1, .timeout_ms = 3000, .on_peer = on_peer };
	struct timespec until;
	struct diameter_node *n;
	struct cx *cx;
	int status;

	if (diameter_new(&o, &n) || diameter_start(n))
		return 3;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 5;
	sem_timedwait(&up, &until); /* without a peer the question itself says so */
	cx = cx_new(n, &host, "ims.test");
	status = cx ? ask(cx, argc, argv) : 3;
	diameter_stop(n);
	cx_free(cx);
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fprintf(stderr, "cxtool ADDRESS HSS-ADDRESS uar IMPI IMPU | mar IMPI IMPU SCHEME | sar IMPI IMPU TYPE | lir IMPU\n");
		return 2;
	}
	sem_init(&up, 0, 0);
	sem_init(&answered, 0, 0);
	return run(argc, argv);
}
