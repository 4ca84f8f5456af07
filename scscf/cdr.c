// SPDX-License-Identifier: Apache-2.0
/* Charging data records. A line is one write(2), so that lines of several processes never mix and none is lost with us. */
#include "scscf/cdr.h"
#include "common/log.h"
#include "common/text.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int cdr_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

	return fd < 0 ? -errno : fd;
}

/* ---- a line of JSON, written as it grows: nothing is allocated for a record [RFC 8259] ---- */

enum { LINE_MAX_LEN = 4096 };

struct line {
	char text[LINE_MAX_LEN];
	size_t len;
	bool full;                   /* the record is too long to be one */
};

static struct line *begin(struct line *l)
{
	l->len = 0;
	l->full = false;
	return l;
}

static void put(struct line *l, const char *text, size_t n)
{
	l->full |= n > sizeof l->text - 2 - l->len; /* room for "}\n" */
	if (l->full)
		return;
	memcpy(l->text + l->len, text, n);
	l->len += n;
}

static void put_key(struct line *l, const char *key)
{
	put(l, l->len ? ",\"" : "{\"", 2);
	put(l, key, strlen(key));
	put(l, "\":", 2);
}

/* Other than ASCII stands escaped in identities; what is not, octet by octet. */
static void put_escaped(struct line *l, const char *value)
{
	const char *p = value;
	char escape[8];

	while (*p) {
		size_t plain = 0;

		while ((unsigned char)p[plain] >= 0x20 && (unsigned char)p[plain] < 0x7f && p[plain] != '"' && p[plain] != '\\')
			plain++;
		put(l, p, plain);
		p += plain;
		if (!*p)
			break;
		text_format(escape, sizeof escape, "\\u%04x", (unsigned char)*p++);
		put(l, escape, 6);
	}
}

static void put_text(struct line *l, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	put_key(l, key);
	put(l, "\"", 1);
	put_escaped(l, value);
	put(l, "\"", 1);
}

static void put_number(struct line *l, const char *key, int value)
{
	char text[16];

	put_key(l, key);
	put(l, text, (size_t)text_format(text, sizeof text, "%d", value));
}

static void put_time(struct line *l, const char *key, uint64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	char text[40];
	struct tm tm;
	size_t n;

	if (!ms)
		return;
	n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", gmtime_r(&t, &tm));
	text_format(text + n, sizeof text - n, ".%03uZ", (unsigned)(ms % 1000));
	put_text(l, key, text);
}

static void write_line(const struct scscf *s, struct line *l)
{
	memcpy(l->text + l->len, "}\n", 2);
	l->len += 2;
	if (l->full)
		log_event(LOG_ERROR, "scscf.cdr", "a record was not written: longer than %d", LINE_MAX_LEN);
	else if (write(s->cdr, l->text, l->len) != (ssize_t)l->len)
		log_event(LOG_ERROR, "scscf.cdr", "a record was not written: %s", strerror(errno));
}

/* ---- the records ---- */

void cdr_registration(const struct request *r, const char *impu, const char *impi, int result)
{
	const struct scscf *s = scscf_of(r);
	const struct sip_message *m = request_peek(r);
	struct line line, *o = begin(&line);

	if (s->cdr < 0)
		return;
	put_text(o, "type", "registration");
	put_text(o, "icid", request_trace_id(r));
	put_text(o, "orig_ioi", s->options->base.domain);
	put_text(o, "party", impu);
	put_text(o, "private_identity", impi);
	if (m && m->sip && m->sip->sip_call_id)
		put_text(o, "call_id", m->sip->sip_call_id->i_id);
	put_time(o, "time", clock_wall_ns() / 1000000);
	put_number(o, "result", result);
	write_line(s, o);
}

void cdr_session(const struct scscf *s, const struct cdr_session *c)
{
	struct line line, *o = begin(&line);

	if (s->cdr < 0)
		return;
	put_text(o, "type", c->type);
	put_text(o, "case", c->session_case);
	put_text(o, "icid", c->icid);
	put_text(o, "orig_ioi", c->orig_ioi);
	put_text(o, "term_ioi", c->term_ioi);
	put_text(o, "from", c->from);
	put_text(o, "to", c->to);
	put_text(o, "call_id", c->call_id);
	put_time(o, "start", c->start_ms);
	put_time(o, "answer", c->answer_ms);
	put_time(o, "end", c->end_ms);
	put_number(o, "result", c->result);
	write_line(s, o);
}
