// SPDX-License-Identifier: Apache-2.0
/* Following redirects.
 *
 *   question ─▶ user remembered? ─┬─ yes ─▶ that HSS ─ gone, or knows no such user? forgotten ─┐
 *                                 └─ no ──▶ SLF ◀────────────────────────────────────────────────┘
 *                                            └─ REDIRECT_INDICATION ─▶ remembered ─▶ that HSS
 *
 * What is remembered is a table of fixed size: sets of a few places, the place that ends first is given away. A user is a number there
 * that nobody can choose; should two have the same, the HSS that does not know the user puts it right. */
#include "common/diameter/follow.h"
#include "common/diameter/field.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/text.h"
#include <ctype.h>
#include <freeDiameter/libfdcore.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 16384, PLACES = 4, HOSTS_MAX = 256, HOST_LEN = 256, TIMES_MAX = 3, REDIRECT_LEN = 4096 };

struct place {
	uint64_t user;             /* 0: free */
	uint32_t ends_s;
	uint16_t host;
};

struct follow {
	pthread_mutex_t mutex;
	atomic_bool in_use;        /* something was remembered once: until then nothing is looked up */
	uint8_t secret[16];
	struct place *places;      /* SETS * PLACES */
	char *hosts[HOSTS_MAX];
	size_t host_count;
	struct place everybody;    /* of a redirect that is not for one user; user 1 when it is there */
	struct metric_cell *followed, *straight, *forgotten;
};

/* ---- who is asked about ---- */

struct users {
	uint64_t public, private;  /* 0: not in the question */
};

static uint64_t number_of(const struct follow *f, const union avp_value *v)
{
	uint64_t a, h;

	if (!v)
		return 0;
	memcpy(&a, f->secret, sizeof a);
	memcpy(&h, f->secret + 8, sizeof h);
	for (size_t i = 0; i < v->os.len; i++) {
		h = (h ^ v->os.data[i]) * (a | 1);
		h ^= h >> 29;
	}
	return h ? h : 1;
}

/* Public-Identity, also inside Sh's User-Identity, or the MSISDN in its place; User-Name. The first of several. */
static void find_users(const struct follow *f, msg_or_avp *in, struct users *out)
{
	struct avp *avp = NULL;
	struct avp_hdr *hdr;

	fd_msg_browse(in, MSG_BRW_FIRST_CHILD, &avp, NULL);
	while (avp && !fd_msg_avp_hdr(avp, &hdr)) {
		if (dict_is(AVP_USER_IDENTITY, hdr))
			find_users(f, avp, out);
		else if (dict_is(AVP_USER_NAME, hdr))
			out->private = number_of(f, hdr->avp_value);
		else if (!out->public && (dict_is(AVP_PUBLIC_IDENTITY, hdr) || dict_is(AVP_MSISDN, hdr)))
			out->public = number_of(f, hdr->avp_value);
		if (fd_msg_browse(avp, MSG_BRW_NEXT, &avp, NULL))
			return;
	}
}

/* ---- what is remembered; all under the mutex ---- */

static uint32_t now_s(void)
{
	return (uint32_t)(clock_ns() / 1000000000u);
}

static struct place *find(struct follow *f, uint64_t user)
{
	struct place *set = &f->places[user % SETS * PLACES];

	for (int i = 0; i < PLACES; i++)
		if (user && set[i].user == user && set[i].ends_s > now_s())
			return &set[i];
	return NULL;
}

static void remember(struct follow *f, uint64_t user, uint16_t host, uint32_t ends_s)
{
	struct place *set = &f->places[user % SETS * PLACES], *to = set;

	if (!user)
		return;
	for (int i = 0; i < PLACES; i++) {
		if (set[i].user == user) {
			to = &set[i];
			break;
		}
		if (set[i].ends_s < to->ends_s)
			to = &set[i];
	}
	*to = (struct place){ .user = user, .host = host, .ends_s = ends_s };
}

static void forget(struct follow *f, uint64_t user)
{
	struct place *p = find(f, user);

	if (p)
		*p = (struct place){ 0 };
}

/* A name for as long as we live; -1: no room for more. */
static int host_number(struct follow *f, const char *name)
{
	for (size_t i = 0; i < f->host_count; i++)
		if (!strcasecmp(f->hosts[i], name))
			return (int)i;
	if (f->host_count == HOSTS_MAX || !(f->hosts[f->host_count] = strdup(name)))
		return -1;
	return (int)f->host_count++;
}

/* ---- a question's Destination-Host ---- */

static struct avp *destination(struct msg *question)
{
	struct avp *avp = NULL;

	return fd_msg_search_avp(question, dict_avp(AVP_DESTINATION_HOST), &avp) ? NULL : avp;
}

/* NULL: to nobody in particular. 0 or -ENOMEM. */
static int direct(struct msg *question, const char *host)
{
	union avp_value v = { .os = { .data = (uint8_t *)(uintptr_t)host, .len = host ? strlen(host) : 0 } };
	struct avp *avp = destination(question);

	if (avp)
		fd_msg_free(avp);
	if (!host)
		return 0;
	if (fd_msg_avp_new(dict_avp(AVP_DESTINATION_HOST), 0, &avp))
		return -ENOMEM;
	if (fd_msg_avp_setvalue(avp, &v) || fd_msg_avp_add(question, MSG_BRW_LAST_CHILD, avp)) {
		fd_msg_free(avp);
		return -ENOMEM;
	}
	return 0;
}

void follow_before(struct follow *f, struct msg *question, struct followed *q)
{
	struct users users = { 0 };
	const struct place *p;

	if (!atomic_load_explicit(&f->in_use, memory_order_relaxed) || q->fixed)
		return;
	find_users(f, question, &users);
	pthread_mutex_lock(&f->mutex);
	p = find(f, users.public);
	if (!p)
		p = find(f, users.private);
	if (!p && f->everybody.user && f->everybody.ends_s > now_s())
		p = &f->everybody;
	q->host = p ? f->hosts[p->host] : NULL;
	pthread_mutex_unlock(&f->mutex);
	q->remembered = q->host;
	if (!q->host)
		return;
	metric_add(f->straight, 1);
	direct(question, q->host);
}

/* ---- a redirect ---- */

/* The host of aaa://hss1.ims.test:3868;transport=tcp [RFC 6733 4.3.1] */
static bool host_of_uri(const char *uri, char *out)
{
	const char *host = !strncasecmp(uri, "aaa://", 6) ? uri + 6 : !strncasecmp(uri, "aaas://", 7) ? uri + 7 : NULL;
	size_t n = host ? strcspn(host, ":;/") : 0;

	if (!n || n >= HOST_LEN)
		return false;
	text_format(out, HOST_LEN, "%.*s", (int)n, host);
	return true;
}

static bool is_open(const char *host)
{
	struct peer_hdr *peer = NULL;
	int state;

	if (fd_peer_getbyid((char *)(uintptr_t)host, strlen(host), 1, &peer) || !peer)
		return false;
	state = fd_peer_get_state(peer);
	return state == STATE_OPEN || state == STATE_OPEN_NEW;
}

/* One that is connected, else the first. */
static bool choose(const struct redirect *r, char *out)
{
	char host[HOST_LEN];
	bool any = false;

	for (size_t i = 0; i < r->hosts.count; i++) {
		if (!host_of_uri(r->hosts.item[i], host))
			continue;
		if (!any || is_open(host))
			memcpy(out, host, HOST_LEN);
		any = true;
		if (is_open(host))
			break;
	}
	return any;
}

/* What the server allowed, and nothing without a time [RFC 6733 6.13, 6.14]. ALL_SESSION is nothing either: each question is a
 * session of its own [TS 29.229 5.3]. */
static void learn(struct follow *f, const struct redirect *r, const struct users *u, uint16_t host)
{
	uint32_t ends_s = now_s() + (r->max_cache_s < 86400 ? r->max_cache_s : 86400);

	if (!r->has_usage || !r->max_cache_s || r->usage <= REDIRECT_ALL_SESSION)
		return;
	if (r->usage == REDIRECT_ALL_USER) {
		remember(f, u->public, host, ends_s);
		remember(f, u->private, host, ends_s);
	} else {
		f->everybody = (struct place){ .user = 1, .host = host, .ends_s = ends_s };
	}
	atomic_store(&f->in_use, true);
}

static bool take_redirect(struct follow *f, struct msg *answer, struct msg *question, struct followed *q)
{
	char arena[REDIRECT_LEN], name[HOST_LEN];
	struct decoder d = { .arena = arena, .left = sizeof arena };
	struct redirect r = { .usage = REDIRECT_DONT_CACHE };
	struct users users = { 0 };
	int host;

	if (field_decode(&d, answer, redirect_fields, &r) || !choose(&r, name))
		return false;
	if (q->host && !q->remembered && !strcasecmp(q->host, name))
		return false; /* it sends us to itself */
	find_users(f, question, &users);
	pthread_mutex_lock(&f->mutex);
	host = host_number(f, name);
	if (host >= 0)
		learn(f, &r, &users, (uint16_t)host);
	q->host = host >= 0 ? f->hosts[host] : NULL;
	pthread_mutex_unlock(&f->mutex);
	q->remembered = false;
	return q->host;
}

/* ---- a host that was remembered and is of no use ---- */

static void forget_users(struct follow *f, struct msg *question)
{
	struct users users = { 0 };

	find_users(f, question, &users);
	pthread_mutex_lock(&f->mutex);
	forget(f, users.public);
	forget(f, users.private);
	f->everybody.user = 0;
	pthread_mutex_unlock(&f->mutex);
	metric_add(f->forgotten, 1);
}

static void forget_host(struct follow *f, const char *name)
{
	pthread_mutex_lock(&f->mutex);
	for (size_t i = 0; i < SETS * PLACES; i++)
		if (f->places[i].user && f->hosts[f->places[i].host] == name)
			f->places[i] = (struct place){ 0 };
	if (f->hosts[f->everybody.host] == name)
		f->everybody.user = 0;
	pthread_mutex_unlock(&f->mutex);
	metric_add(f->forgotten, 1);
}

/* Moved to another HSS, or the HSS is gone. */
static bool gives_up(struct follow *f, struct msg *question, enum diameter_result result, struct followed *q)
{
	if (!q->remembered || (result != RESULT_UNABLE_TO_DELIVER && result != RESULT_ERROR_USER_UNKNOWN))
		return false;
	forget_users(f, question);
	q->host = NULL;
	q->remembered = false;
	return true;
}

void follow_silence(struct follow *f, const struct followed *q)
{
	if (q->remembered)
		forget_host(f, q->host);
}

/* ---- the answer ---- */

bool follow_after(struct follow *f, struct msg *answer, enum diameter_result result, struct followed *q, struct msg **question)
{
	bool again;

	if (q->fixed || (result != RESULT_REDIRECT_INDICATION && !q->remembered))
		return false;
	if (fd_msg_answ_getq(answer, question) || !*question || q->times >= TIMES_MAX)
		return false;
	again = result == RESULT_REDIRECT_INDICATION ? take_redirect(f, answer, *question, q) : gives_up(f, *question, result, q);
	if (!again)
		return false;
	q->times++;
	fd_msg_answ_detach(answer);
	fd_msg_anscb_reset(*question, 1, 1);
	if (direct(*question, q->host)) {
		fd_msg_free(*question);
		return false;
	}
	metric_add(f->followed, result == RESULT_REDIRECT_INDICATION);
	return true;
}

/* ---- life ---- */

struct follow *follow_new(void)
{
	struct follow *f = calloc(1, sizeof *f);
	struct metric *m;

	if (!f)
		return NULL;
	f->places = calloc(SETS * PLACES, sizeof *f->places); /* no page of it is touched before the first redirect */
	if (!f->places || RAND_bytes(f->secret, sizeof f->secret) != 1) {
		free(f->places);
		free(f);
		return NULL;
	}
	pthread_mutex_init(&f->mutex, NULL);
	m = metric_counter("minims_diameter_redirects_total", "event", "Redirects of a question: followed, known before, forgotten");
	f->followed = metric_cell(m, "followed", NULL);
	f->straight = metric_cell(m, "known", NULL);
	f->forgotten = metric_cell(m, "forgotten", NULL);
	return f;
}

void follow_free(struct follow *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->host_count; i++)
		free(f->hosts[i]);
	free(f->places);
	pthread_mutex_destroy(&f->mutex);
	free(f);
}
