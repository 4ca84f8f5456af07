// SPDX-License-Identifier: Apache-2.0
/* Who stands where, and what phones are called. */
#include "ctl/ladder.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- lanes ---- */

static struct lane *find_lane(const struct ladder *l, const char *name)
{
	for (size_t i = 0; i < l->lane_count; i++)
		if (!strcmp(l->lanes[i].name, name))
			return &l->lanes[i];
	return NULL;
}

static void add_lane(struct ladder *l, const char *name)
{
	struct lane *lane = &l->lanes[l->lane_count];
	unsigned phones = 0;

	if (find_lane(l, name))
		return;
	for (size_t i = 0; i < l->lane_count; i++)
		phones += l->lanes[i].phone;
	*lane = (struct lane){ .phone = !node_rank(name), .phone_order = phones };
	strcpy(lane->name, name); /* both are NODE_NAME_MAX */
	snprintf(lane->label, sizeof lane->label, "%.*s", LABEL_MAX - 1, name);
	l->lane_count++;
}

static int by_place(const void *a, const void *b)
{
	const struct lane *x = a, *y = b;
	int ranks = node_rank(x->name) - node_rank(y->name);

	if (ranks)
		return ranks;
	return x->phone ? (int)x->phone_order - (int)y->phone_order : strcmp(x->name, y->name);
}

/* ---- what phones are called ---- */

/* "alice" of `"Alice" <sip:alice@ims.test>;tag=1`, "+15550001" of a tel URI. */
static bool user_of(const char *header, char out[LABEL_MAX])
{
	const char *p = strcasestr(header, "sip:");
	size_t n;

	if (!p)
		p = strcasestr(header, "tel:");
	if (!p)
		p = strcasestr(header, "sips:");
	if (!p)
		return false;
	p = strchr(p, ':') + 1;
	n = strcspn(p, "@;>? ");
	if (!n || n >= LABEL_MAX)
		return false;
	snprintf(out, LABEL_MAX, "%.*s", (int)n, p);
	for (char *c = out; *c; c++)
		if (!isgraph((unsigned char)*c))
			*c = '?';
	return true;
}

/* A phone that asks or is answered is From, one that answers or is asked is To. */
static bool label_of(const struct lane *lane, const struct message *m, char out[LABEL_MAX])
{
	bool sends = !strcmp(m->from, lane->name), from = sends != sip_is_response(m->bytes);
	char header[256];

	if (m->protocol != PROTOCOL_SIP || (!sends && strcmp(m->to, lane->name)))
		return false;
	return sip_header(m->bytes, from ? "From" : "To", from ? "f" : "t", header, sizeof header) && user_of(header, out);
}

static bool is_taken(const struct ladder *l, const struct lane *lane, const char *label)
{
	for (const struct lane *o = l->lanes; o < lane; o++)
		if (!strcmp(o->label, label))
			return true;
	return false;
}

static void name_phone(struct ladder *l, struct lane *lane, const struct messages *m)
{
	char label[LABEL_MAX], numbered[LABEL_MAX + 12];

	for (size_t i = 0; i < m->count; i++) {
		if (!label_of(lane, &m->item[i], label))
			continue;
		snprintf(numbered, sizeof numbered, "%s", label);
		for (unsigned n = 2; is_taken(l, lane, numbered); n++)
			snprintf(numbered, sizeof numbered, "%.20s#%u", label, n);
		snprintf(lane->label, sizeof lane->label, "%.31s", numbered);
		return;
	}
}

/* ---- steps ---- */

static unsigned code_of(const struct message *m)
{
	return m->protocol == PROTOCOL_SIP ? (unsigned)strtoul(m->summary, NULL, 10) :
	       strchr(m->summary, ' ') ? (unsigned)strtoul(strchr(m->summary, ' '), NULL, 10) : 0;
}

/* A challenge is none [RFC 3261 21.4.2]; 487 is what was asked for. */
static bool is_failure(const struct message *m)
{
	unsigned code = code_of(m);

	if (m->protocol == PROTOCOL_DIAMETER)
		return code >= 3000;
	return code >= 300 && code < 700 && code != 401 && code != 407 && code != 487;
}

void ladder_plan(struct ladder *l, const struct messages *m)
{
	*l = (struct ladder){ .lanes = calloc(2 * m->count + 1, sizeof *l->lanes), .steps = calloc(m->count + 1, sizeof *l->steps) };
	if (!l->lanes || !l->steps)
		abort(); /* out of memory */
	for (size_t i = 0; i < m->count; i++) {
		add_lane(l, m->item[i].from);
		add_lane(l, m->item[i].to);
	}
	qsort(l->lanes, l->lane_count, sizeof *l->lanes, by_place);
	for (size_t i = 0; i < l->lane_count; i++)
		if (l->lanes[i].phone)
			name_phone(l, &l->lanes[i], m);
	for (size_t i = 0; i < m->count; i++)
		l->steps[l->step_count++] = (struct step){ .from = (size_t)(find_lane(l, m->item[i].from) - l->lanes),
							   .to = (size_t)(find_lane(l, m->item[i].to) - l->lanes),
							   .ms = (double)(m->item[i].time_ns - m->item[0].time_ns) / 1e6,
							   .failure = is_failure(&m->item[i]), .message = &m->item[i] };
}

void ladder_free(struct ladder *l)
{
	free(l->lanes);
	free(l->steps);
	*l = (struct ladder){ 0 };
}

/* ---- labels ---- */

void ladder_label(const struct message *m, size_t room, char *out, size_t size)
{
	const char *method = strstr(m->summary, " ("), *phrase = strchr(m->summary, ' ');
	unsigned code = m->protocol == PROTOCOL_SIP ? code_of(m) : 0;

	snprintf(out, size, "%s", m->summary);
	if (strlen(out) > room && code && method) {
		if (code / 100 == 2)
			snprintf(out, size, "%u %.*s", code, (int)strcspn(method + 2, ")"), method + 2);
		if (strlen(out) > room)
			snprintf(out, size, "%.*s", (int)(method - m->summary), m->summary);
	}
	if (strlen(out) > room && phrase)
		snprintf(out, size, "%.*s", (int)(phrase - m->summary), m->summary);
	if (strlen(out) > room && room < size)
		out[room] = 0;
	for (char *p = out; *p; p++)
		if (!isprint((unsigned char)*p) || (unsigned char)*p >= 128)
			*p = '?';
}
