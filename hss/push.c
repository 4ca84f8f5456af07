// SPDX-License-Identifier: Apache-2.0
/* The HSS's own questions, a few at a time. What an S-CSCF cannot be told now it learns at the next registration. */
#include "hss/push.h"
#include "common/log.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 32 };

struct push {
	struct push *next, **at;             /* at: of those under way */
	struct pusher *pusher;
	bool is_rtr;
	char *host, *impi, *impus[CX_LIST_MAX], *associated[CX_LIST_MAX], *charging[4];
	size_t impu_count, associated_count;
	uint8_t *user_data;
	size_t len;
};

struct pusher {
	struct cx *cx;
	pthread_mutex_t lock;
	struct push *first, **last, *under_way;
	unsigned count;                      /* under way */
};

/* ---- one ---- */

static void push_free(struct push *p)
{
	free(p->host);
	free(p->impi);
	for (size_t i = 0; i < p->impu_count; i++)
		free(p->impus[i]);
	for (size_t i = 0; i < p->associated_count; i++)
		free(p->associated[i]);
	for (int i = 0; i < 4; i++)
		free(p->charging[i]);
	free(p->user_data);
	free(p);
}

static char *copy(const char *text)
{
	char *t = text ? strdup(text) : NULL;

	if (text && !t)
		abort();
	return t;
}

static void add(struct push_list *l, struct push *p)
{
	struct push *last = push_last(l);

	*(last ? &last->next : &l->first) = p;
}

int push_rtr(struct push_list *l, const char *host, const char *impi, const struct cx_strings *impus, const struct cx_strings *associated)
{
	struct push *p = host ? calloc(1, sizeof *p) : NULL;

	if (!p)
		return host ? -ENOMEM : 0;
	p->is_rtr = true;
	p->host = copy(host);
	p->impi = copy(impi);
	for (size_t i = 0; i < impus->count; i++)
		p->impus[p->impu_count++] = copy(impus->item[i]);
	for (size_t i = 0; associated && i < associated->count; i++)
		p->associated[p->associated_count++] = copy(associated->item[i]);
	add(l, p);
	return 0;
}

int push_ppr(struct push_list *l, const char *host, const char *impi, struct bytes user_data, const struct cx_charging *c)
{
	struct push *p = host ? calloc(1, sizeof *p) : NULL;

	if (!p)
		return host ? -ENOMEM : 0;
	p->host = copy(host);
	p->impi = copy(impi);
	p->user_data = malloc(user_data.len + 1);
	if (!p->user_data) {
		push_free(p);
		return -ENOMEM;
	}
	memcpy(p->user_data, user_data.data, user_data.len);
	p->len = user_data.len;
	p->charging[0] = copy(c->ccf_primary);
	p->charging[1] = copy(c->ccf_secondary);
	p->charging[2] = copy(c->ecf_primary);
	p->charging[3] = copy(c->ecf_secondary);
	add(l, p);
	return 0;
}

/* ---- a list ---- */

struct push *push_last(const struct push_list *l)
{
	struct push *p = l->first;

	while (p && p->next)
		p = p->next;
	return p;
}

void push_drop_after(struct push_list *l, struct push *mark)
{
	struct push **from = mark ? &mark->next : &l->first;

	for (struct push *p = *from, *next; p; p = next) {
		next = p->next;
		push_free(p);
	}
	*from = NULL;
}

void push_drop(struct push_list *l)
{
	push_drop_after(l, NULL);
}

json_t *push_list_json(const struct push_list *l)
{
	json_t *list = json_array();

	for (const struct push *p = l->first; p; p = p->next)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s*}", "command", p->is_rtr ? "RTR" : "PPR", "scscf", p->host, "impi", p->impi));
	return list;
}

/* ---- sending ---- */

static struct push *take(struct pusher *q)
{
	struct push *p = NULL;

	pthread_mutex_lock(&q->lock);
	if (q->count < AT_ONCE && q->first) {
		p = q->first;
		q->first = p->next;
		if (!q->first)
			q->last = &q->first;
		p->next = q->under_way;
		p->at = &q->under_way;
		if (p->next)
			p->next->at = &p->next;
		q->under_way = p;
		q->count++;
	}
	pthread_mutex_unlock(&q->lock);
	return p;
}

static void send_next(struct pusher *q);

static void end(struct push *p, enum diameter_result result, int err)
{
	struct pusher *q = p->pusher;
	bool good = !err && result_success(result);

	log_event(good ? LOG_INFO : LOG_WARN, "hss.push", "command=%s scscf=%s impi=%s result=%s", p->is_rtr ? "RTR" : "PPR", p->host,
		  p->impi ? p->impi : "-", err ? strerrorname_np(-err) : result_name(result));
	pthread_mutex_lock(&q->lock);
	*p->at = p->next;
	if (p->next)
		p->next->at = p->at;
	q->count--;
	pthread_mutex_unlock(&q->lock);
	push_free(p);
	send_next(q);
}

static void on_rta(void *push, const struct cx_rta *answer, int err)
{
	end(push, err ? RESULT_UNABLE_TO_DELIVER : answer->result, err);
}

static void on_ppa(void *push, const struct cx_ppa *answer, int err)
{
	end(push, err ? RESULT_UNABLE_TO_DELIVER : answer->result, err);
}

static void send_rtr(struct push *p)
{
	struct cx_rtr rtr = { .private_identity = p->impi, .reason = CX_PERMANENT_TERMINATION, .reason_info = "changed by the operator",
			      .destination_host = p->host };

	for (size_t i = 0; i < p->impu_count; i++)
		rtr.public_identities.item[rtr.public_identities.count++] = p->impus[i];
	for (size_t i = 0; i < p->associated_count; i++)
		rtr.associated_identities.item[rtr.associated_identities.count++] = p->associated[i];
	cx_push_rtr(p->pusher->cx, &rtr, on_rta, p);
}

static void send_ppr(struct push *p)
{
	cx_push_ppr(p->pusher->cx, &(struct cx_ppr){
		.private_identity = p->impi, .user_data = { p->user_data, p->len }, .destination_host = p->host,
		.charging = { p->charging[0], p->charging[1], p->charging[2], p->charging[3] } }, on_ppa, p);
}

static void send_next(struct pusher *q)
{
	struct push *p;

	while ((p = take(q)))
		if (p->is_rtr)
			send_rtr(p);
		else
			send_ppr(p);
}

void pusher_send(struct pusher *q, struct push_list *l)
{
	struct push *last = push_last(l);

	if (!last)
		return;
	for (struct push *p = l->first; p; p = p->next)
		p->pusher = q;
	pthread_mutex_lock(&q->lock);
	*q->last = l->first;
	q->last = &last->next;
	pthread_mutex_unlock(&q->lock);
	l->first = NULL;
	send_next(q);
}

/* ---- life ---- */

struct pusher *pusher_new(struct diameter_node *n, const char *realm)
{
	struct pusher *q = calloc(1, sizeof *q);

	if (!q)
		return NULL;
	q->cx = cx_new(n, NULL, realm);
	q->last = &q->first;
	pthread_mutex_init(&q->lock, NULL);
	return q;
}

void pusher_free(struct pusher *q)
{
	if (!q)
		return;
	push_drop(&(struct push_list){ q->first });
	push_drop(&(struct push_list){ q->under_way });
	cx_free(q->cx);
	pthread_mutex_destroy(&q->lock);
	free(q);
}
