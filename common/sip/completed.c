// SPDX-License-Identifier: Apache-2.0
/* Server transactions over datagrams, other than INVITE, that have their answer: it is sent again to who asks again, for 64*T1.
 * [RFC 3261 17.2.2 "Completed", timer J]
 *
 * Sofia-SIP would keep request and response whole, parsed, some 14 kB, where a text of 700 octets does: at 1,000 requests a second
 * 450 MB. So it is told that the transport is reliable, for which timer J is zero, and the text is kept here.
 * tport_is_reliable() of the library is found in this executable first. */
#include "common/sip/engine.h"
#include <dlfcn.h>
#include <sofia-sip/msg_addr.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { BUCKETS = 1 << 14, KEY_MAX = 256 };

struct completed {
	struct completed *next, *newer;
	uint64_t hash, until_ns;
	uint32_t key_len, text_len;
	uint8_t data[];              /* key, text */
};

struct completed_table {
	struct completed *buckets[BUCKETS], *oldest, *newest;
};

static _Thread_local bool pretend;

int tport_is_reliable(const tport_t *tp)
{
	static int (*real)(const tport_t *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "tport_is_reliable");
	return pretend || real(tp);
}

void completed_pretend(const struct request *r)
{
	pretend = r && r->method != sip_method_invite && r->endpoint->transport == SIP_UDP && r->endpoint->fd >= 0;
}

struct completed_table *completed_table_new(void)
{
	return calloc(1, sizeof(struct completed_table));
}

/* ---- the key: branch, sent-by and method [RFC 3261 17.2.3] ---- */

static size_t put(char *out, size_t n, const char *s)
{
	size_t len = s ? strlen(s) : 0;

	if (n + len + 1 > KEY_MAX)
		return KEY_MAX;
	memcpy(out + n, s ? s : "", len);
	out[n + len] = '\n';
	return n + len + 1;
}

/* 0: no key, as an RFC 2543 request without a proper branch has none. */
static size_t key_of(const sip_t *sip, char out[KEY_MAX])
{
	const sip_via_t *v = sip->sip_via;
	size_t n;

	if (!v || !v->v_branch || strncmp(v->v_branch, "z9hG4bK", 7))
		return 0;
	n = put(out, 0, v->v_branch);
	n = put(out, n, v->v_host);
	n = put(out, n, v->v_port);
	n = put(out, n, sip->sip_cseq->cs_method_name);
	return n < KEY_MAX ? n : 0;
}

static uint64_t hash_of(const char *key, size_t n)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)key[i]) * 1099511628211u;
	return h ^ h >> 32;
}

static struct completed *find(struct completed_table *t, const char *key, size_t n)
{
	uint64_t h = hash_of(key, n);
	struct completed *c = t->buckets[h % BUCKETS];

	while (c && (c->hash != h || c->key_len != n || memcmp(c->data, key, n) != 0))
		c = c->next;
	return c;
}

/* ---- kept, sent again, forgotten ---- */

void completed_keep(struct request *r, struct bytes text)
{
	struct completed_table *t = r->agent->completed;
	struct completed *c;

	if (!r->key_len || !text.len || find(t, r->key, r->key_len))
		return;
	c = malloc(sizeof *c + r->key_len + text.len);
	if (!c)
		return; /* who asks again then begins a new transaction: that is what a reboot would do, too */
	*c = (struct completed){ .hash = hash_of(r->key, r->key_len), .until_ns = clock_ns() + 64000000ull * r->agent->o.t1_ms,
				 .key_len = (uint32_t)r->key_len, .text_len = (uint32_t)text.len };
	memcpy(c->data, r->key, r->key_len);
	memcpy(c->data + r->key_len, text.data, text.len);
	c->next = t->buckets[c->hash % BUCKETS];
	t->buckets[c->hash % BUCKETS] = c;
	*(t->newest ? &t->newest->newer : &t->oldest) = c;
	t->newest = c;
}

/* At arrival, while the request's Via is as the sender wrote it. */
void completed_note_key(struct request *r)
{
	char key[KEY_MAX];
	size_t n = r->method != sip_method_invite && r->method != sip_method_ack && r->endpoint->transport == SIP_UDP && r->endpoint->fd >= 0 ?
			   key_of(r->message.sip, key) : 0;
	char *copy = n ? su_alloc(r->home, (isize_t)n) : NULL;

	if (!copy)
		return;
	memcpy(copy, key, n);
	r->key = copy;
	r->key_len = n;
}

bool completed_answer(struct sip_agent *a, const struct endpoint *e, msg_t *msg, const sip_t *sip)
{
	struct sockaddr_storage to;
	socklen_t len = sizeof to;
	char key[KEY_MAX];
	size_t n = e->transport == SIP_UDP && e->fd >= 0 ? key_of(sip, key) : 0;
	const struct completed *c = n ? find(a->completed, key, n) : NULL;

	if (!c || c->until_ns < clock_ns())
		return false;
	msg_get_address(msg, (su_sockaddr_t *)&to, &len);
	sendto(e->fd, c->data + c->key_len, c->text_len, MSG_DONTWAIT, (const struct sockaddr *)&to, len);
	return true;
}

static void forget_oldest(struct completed_table *t)
{
	struct completed *c = t->oldest, **at = &t->buckets[c->hash % BUCKETS];

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	t->oldest = c->newer;
	if (!t->oldest)
		t->newest = NULL;
	free(c);
}

void completed_expire(struct completed_table *t, uint64_t now_ns)
{
	while (t->oldest && t->oldest->until_ns <= now_ns)
		forget_oldest(t);
}

void completed_table_free(struct completed_table *t)
{
	while (t && t->oldest)
		forget_oldest(t);
	free(t);
}
