// SPDX-License-Identifier: Apache-2.0
/* Charging data records. A line is one write(2), so that lines of several processes never mix and none is lost with us. */
#include "scscf/cdr.h"
#include "common/log.h"
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cdr_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

	return fd < 0 ? -errno : fd;
}

static void put_text(json_t *o, const char *key, const char *value)
{
	if (value && *value)
		json_object_set_new(o, key, json_string(value));
}

static void put_time(json_t *o, const char *key, uint64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	char text[40];
	struct tm tm;
	size_t n;

	if (!ms)
		return;
	n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", gmtime_r(&t, &tm));
	snprintf(text + n, sizeof text - n, ".%03uZ", (unsigned)(ms % 1000));
	json_object_set_new(o, key, json_string(text));
}

static void write_line(const struct scscf *s, json_t *o)
{
	char *line = json_dumps(o, JSON_COMPACT);
	size_t len = line ? strlen(line) : 0;

	json_decref(o);
	if (!line)
		return;
	line[len] = '\n'; /* in place of the NUL */
	if (write(s->cdr, line, len + 1) != (ssize_t)(len + 1))
		log_event(LOG_ERROR, "scscf.cdr", "a record was not written: %s", strerror(errno));
	free(line);
}

void cdr_registration(const struct request *r, const char *impu, const char *impi, int result)
{
	const struct scscf *s = scscf_of(r);
	const struct sip_message *m = request_peek(r);
	json_t *o;

	if (s->cdr < 0)
		return;
	o = json_pack("{s:s}", "type", "registration");
	put_text(o, "icid", request_trace_id(r));
	put_text(o, "orig_ioi", s->options->base.domain);
	put_text(o, "party", impu);
	put_text(o, "private_identity", impi);
	if (m && m->sip && m->sip->sip_call_id)
		put_text(o, "call_id", m->sip->sip_call_id->i_id);
	put_time(o, "time", clock_wall_ns() / 1000000);
	json_object_set_new(o, "result", json_integer(result));
	write_line(s, o);
}

void cdr_session(const struct scscf *s, const struct cdr_session *c)
{
	json_t *o;

	if (s->cdr < 0)
		return;
	o = json_pack("{s:s}", "type", c->type);
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
	json_object_set_new(o, "result", json_integer(c->result));
	write_line(s, o);
}
