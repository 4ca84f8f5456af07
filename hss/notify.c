// SPDX-License-Identifier: Apache-2.0
/* What each AS watches is written out as it would be told, and told if the AS knows another text. So whatever changes it, Cx, Sh or
 * the operator, nobody can forget to tell. */
#include "hss/notify.h"
#include "hss/key/fingerprint.h"
#include "hss/identity.h"
#include "hss/sh_data.h"
#include "hss/sh_reference.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct notify_watched {
	struct notify_watched *next;
	struct watch watch;
	bool differs;
};

struct looking {
	struct obstack *pool;
	struct notify_watched *first, **end;
};

/* ---- how one looks ---- */

static struct sh_item item_of(const struct watch *w)
{
	return (struct sh_item){ w->reference, w->server_name, w->name, w->identity_set };
}

/* -ENOENT: the identity is gone, and who watched it. */
static int look_at(struct store *s, struct obstack *pool, const struct watch *w, int64_t *shown)
{
	struct sh_document *d;
	struct sh_item item = item_of(w);
	struct bytes xml = { NULL, 0 };
	struct impu u;
	int err = store_impu(s, pool, w->uri, &u), done;

	if (err)
		return err;
	d = sh_document_new(s, pool, &(struct sh_document_options){ .of_change = true, .named_sets = w->together });
	err = sh_document_add(d, &u, &item);
	done = sh_document_end(d, &xml);
	*shown = fingerprint(xml);
	return err < 0 ? err : done;
}

int notify_show(struct store *s, struct obstack *pool, struct watch *w)
{
	return look_at(s, pool, w, &w->shown);
}

static void add_watched(void *context, const struct watch *w)
{
	struct looking *l = context;
	struct notify_watched *one = obstack_alloc(l->pool, sizeof *one);

	*one = (struct notify_watched){ .watch = *w };
	*l->end = one;
	l->end = &one->next;
}

/* ---- what differs ---- */

static int mark_one(struct store *s, struct obstack *pool, struct notify_watched *one, const struct notify_change *c)
{
	int64_t shown = 0;
	int err = look_at(s, pool, &one->watch, &shown);

	if (err == -ENOENT)
		return 0;
	if (err || shown == one->watch.shown)
		return err;
	one->differs = !c->by || strcasecmp(c->by, one->watch.host);
	return store_watch_shown(s, one->watch.id, shown);
}

/* They go in one PNR: of one user to one AS that can take several at once [TS 29.329 7.1.1, Notif-Eff]. */
static bool goes_with(const struct watch *a, const struct watch *b)
{
	return a->together && b->together && a->impu == b->impu && !strcmp(a->host, b->host) && !a->msisdn == !b->msisdn &&
	       a->one_time == b->one_time;
}

struct together {
	struct sh_document *document;
	FILE *ids;                           /* into notice.watches */
	struct impu user;
};

static int add_all(struct together *t, struct notify_watched *from)
{
	int added = 0;

	for (struct notify_watched *one = from; added >= 0 && one; one = one->next) {
		struct sh_item item = item_of(&one->watch);

		if (!one->differs || (one != from && !goes_with(&from->watch, &one->watch)))
			continue;
		added = sh_document_add(t->document, &t->user, &item);
		fprintf(t->ids, one == from ? "%lld" : " %lld", (long long)one->watch.id);
		one->differs = one == from;
	}
	return added < 0 ? added : 0;
}

/* The document of `from` and of those that go with it, which are done with then. */
static int write_together(struct store *s, struct obstack *pool, struct notify_watched *from, const struct notify_change *c,
			  struct notice *out)
{
	const struct sh_document_options o = { .of_change = true, .named_sets = from->watch.together, .gone_number = c->gone_number };
	struct together t = { .document = sh_document_new(s, pool, &o) };
	char *ids = NULL;
	size_t len = 0;
	struct bytes xml = { NULL, 0 };
	int err, done;

	t.ids = open_memstream(&ids, &len);
	err = t.ids ? store_impu(s, pool, from->watch.uri, &t.user) : -ENOMEM;
	if (!err)
		err = add_all(&t, from);
	done = sh_document_end(t.document, &xml);
	if (t.ids)
		fclose(t.ids);
	out->watches = obstack_copy0(pool, ids ? ids : "", (int)len);
	out->user_data = (const char *)xml.data;
	free(ids);
	return err ? err : done;
}

/* [TS 29.329 6.3.12] the one notification was that */
static int end_one_time(struct store *s, const struct notice *n)
{
	int err = 0;

	for (const char *p = n->watches; !err && *p; p += strspn(p, " ")) {
		char *end;

		err = store_watch_remove(s, strtoll(p, &end, 10));
		p = end;
	}
	return err;
}

static int tell(struct store *s, struct obstack *pool, struct notify_watched *from, const struct notify_change *c)
{
	const struct watch *w = &from->watch;
	struct notice n = { .host = w->host, .realm = w->realm, .uri = w->uri, .msisdn = w->msisdn };
	int err = write_together(s, pool, from, c, &n);

	if (!err)
		err = store_notice_put(s, &n);
	if (!err && w->one_time)
		err = end_one_time(s, &n);
	if (!err)
		notifier_due();
	return err;
}

static int tell_all(struct store *s, struct obstack *pool, const struct looking *l, const struct notify_change *c)
{
	int err = 0;

	for (struct notify_watched *one = l->first; !err && one; one = one->next)
		err = mark_one(s, pool, one, c);
	for (struct notify_watched *one = l->first; !err && one; one = one->next)
		if (one->differs)
			err = tell(s, pool, one, c);
	return err;
}

int notify_changed(struct store *s, struct obstack *pool, int64_t subscription, const struct notify_change *c)
{
	struct looking l = { .pool = pool, .end = &l.first };
	int watched = store_watched(s, subscription), err;

	if (watched <= 0)
		return watched;
	err = store_each_watch(s, pool, subscription, add_watched, &l);
	return err ? err : tell_all(s, pool, &l, c);
}

static int profile_changed(struct store *s, struct obstack *pool, int64_t profile, const struct notify_change *c)
{
	struct looking l = { .pool = pool, .end = &l.first };
	int err = store_each_watch_of_profile(s, pool, profile, add_watched, &l);

	return err ? err : tell_all(s, pool, &l, c);
}

int notify_operator(struct store *s, struct obstack *pool)
{
	const struct notify_change c = { .by = NULL };
	struct store_changed changed[STORE_CHANGED_MAX];
	size_t n = store_changed_take(s, changed);
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		err = changed[i].subscription ? notify_changed(s, pool, changed[i].subscription, &c)
					      : profile_changed(s, pool, changed[i].profile, &c);
	return err;
}

/* ---- around a procedure ---- */

int notify_around(struct run *r, struct store *s, int (*change)(struct run *r))
{
	int err;

	r->store = s;
	err = change(r);
	return err || !r->subscription ? err : notify_changed(s, &r->pool, r->subscription, &(struct notify_change){
		.by = r->sh_call ? r->origin_host : NULL, .gone_number = r->gone_number });
}
