// SPDX-License-Identifier: Apache-2.0
/* The SIP engine and Cx, played by the test. */
#include "common/sip/unread.h"
#include "test/unit/fake_engine.h"
#include <assert.h>
#include <ctype.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct target {
	struct fake_target text;
};

struct request {
	struct sip_message message, reply;
	su_home_t home[1];
	void *state;
	char identity[256];
};

struct fake fake;
static struct request *current;
static cx_uaa_done *uaa_done;
static cx_maa_done *maa_done;
static cx_saa_done *saa_done;
static cx_lia_done *lia_done;

static struct request *new_request(void)
{
	if (current) {
		su_home_deinit(current->home);
		if (current->message.msg)
			msg_destroy(current->message.msg);
		msg_destroy(current->reply.msg);
		free(current);
	}
	current = calloc(1, sizeof *current);
	assert(current);
	su_home_init(current->home);
	current->reply.msg = msg_create(sip_default_mclass(), 0);
	current->reply.sip = sip_object(current->reply.msg);
	current->reply.home = msg_home(current->reply.msg);
	fake.end = STEP_NONE;
	fake.asked = ASKED_NOTHING;
	fake.reply[0] = 0;
	return current;
}

struct request *fake_request(const char *text)
{
	struct request *r = new_request();

	r->message.msg = msg_make(sip_default_mclass(), 0, text, (ssize_t)strlen(text));
	assert(r->message.msg);
	r->message.sip = sip_object(r->message.msg);
	r->message.home = msg_home(r->message.msg);
	return r;
}

void fake_reset(void *daemon)
{
	static bool extended;

	if (!extended) /* P-Asserted-Identity and others, as the agent has them */
		unread_prepare();
	extended = true;
	fake = (struct fake){ .trusted = true, .daemon = daemon, .source = "192.0.2.1:5060" };
}

static void end(enum step_end how)
{
	assert(fake.end == STEP_NONE || fake.end == STEP_WAIT);
	fake.end = how;
}

static void copy_headers(char *to, size_t size, const struct sip_message *m)
{
	size_t len = 0;
	char *text;

	msg_serialize(m->msg, (msg_pub_t *)m->sip);
	text = msg_as_string(m->home, m->msg, (msg_pub_t *)m->sip, 0, &len);
	snprintf(to, size, "%s", text ? text : "");
}

const char *fake_sent(void)
{
	static char text[8192];

	copy_headers(text, sizeof text, &current->message);
	return text;
}

/* ---- proxy.h ---- */

void request_forward(struct request *r, struct target *targets[], int n)
{
	(void)r;
	end(STEP_FORWARD);
	fake.target_count = n;
	for (int i = 0; i < n; i++)
		fake.targets[i] = targets[i]->text;
}

void request_forward_onward(struct request *r)
{
	(void)r;
	end(STEP_ONWARD);
}

void request_answer(struct request *r, int status, const char *why, ...)
{
	va_list args;

	end(STEP_ANSWER);
	fake.status = status;
	va_start(args, why);
	vsnprintf(fake.why, sizeof fake.why, why ? why : "", args);
	va_end(args);
	sip_header_insert(r->reply.msg, r->reply.sip, (sip_header_t *)sip_status_create(r->reply.home, (unsigned)status, "Reply", NULL));
	copy_headers(fake.reply, sizeof fake.reply, &r->reply);
}

void request_wait(struct request *r)
{
	(void)r;
	end(STEP_WAIT);
}

void request_drop(struct request *r)
{
	(void)r;
	end(STEP_DROP);
}

struct sip_message *request_message(struct request *r) { return &r->message; }
const struct sip_message *request_peek(const struct request *r) { return &r->message; }
struct sip_message *request_reply(struct request *r) { return &r->reply; }
su_home_t *request_home(struct request *r) { return r->home; }
uint64_t request_id(const struct request *r) { (void)r; return 1; }
struct request *request_by_id(uint64_t id) { (void)id; return current; }
void *request_daemon(const struct request *r) { (void)r; return fake.daemon; }
struct sip_agent *request_agent(const struct request *r) { (void)r; return NULL; }
const char *request_trace_id(const struct request *r) { (void)r; return "icid-1"; }
bool request_cancelled(const struct request *r) { (void)r; return false; }
bool request_trusted(const struct request *r) { (void)r; return fake.trusted; }
const char *request_source(const struct request *r) { (void)r; return fake.source; }
const struct endpoint *request_endpoint(const struct request *r) { (void)r; return NULL; }
void request_set_identity(struct request *r, const char *identity) { snprintf(r->identity, sizeof r->identity, "%s", identity); }

bool request_initial(const struct request *r)
{
	return !r->message.sip->sip_to->a_tag;
}

void *request_state(struct request *r, size_t size)
{
	if (!r->state)
		r->state = su_zalloc(r->home, (isize_t)size);
	return r->state;
}

int request_popped_route(const struct request *r, int index, const char **purpose, struct bytes *token, bool *orig)
{
	(void)r;
	if (index || !fake.popped_purpose)
		return -ENOENT;
	*purpose = fake.popped_purpose;
	*token = fake.popped_token;
	*orig = !strcmp(fake.popped_purpose, "service-route");
	return 0;
}

static void note_token(struct bytes token)
{
	memcpy(fake.sealed_data, token.data, token.len);
	fake.sealed = (struct bytes){ fake.sealed_data, token.len };
}

void request_set_route_token(struct request *r, struct bytes token)
{
	(void)r;
	note_token(token);
	snprintf(fake.route_token, sizeof fake.route_token, "%.*s", (int)token.len, (const char *)token.data);
}

const char *route_own(struct sip_agent *a, su_home_t *home, const struct endpoint *e, const char *purpose, struct bytes token, const char *params)
{
	char text[2 * sizeof fake.sealed_data + 1] = "";
	bool plain = true;

	(void)a, (void)e;
	note_token(token);
	for (size_t i = 0; i < token.len; i++)
		plain = plain && isalnum(token.data[i]);
	for (size_t i = 0, n = 0; i < token.len; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, plain ? "%c" : "%02x", token.data[i]);
	return su_sprintf(home, "<sip:%s-%s@scscf;lr;%s>", purpose, text, params ? params : "");
}

struct target *target_new(struct request *r, const char *uri, const char *route)
{
	struct target *t = su_zalloc(r->home, sizeof *t);

	snprintf(t->text.uri, sizeof t->text.uri, "%s", uri ? uri : "");
	snprintf(t->text.route, sizeof t->text.route, "%s", route ? route : "");
	return t;
}

int target_status(const struct target *t)
{
	(void)t;
	return fake.target_status;
}

void target_set_flow(struct target *t, struct flow *f) { snprintf(t->text.flow, sizeof t->text.flow, "%s", flow_name(f)); }
void target_set_side(struct target *t, const char *side) { snprintf(t->text.side, sizeof t->text.side, "%s", side); }
void target_set_first_answer_ms(struct target *t, uint32_t ms) { (void)t, (void)ms; }

struct request *request_begin(struct sip_agent *a, const struct procedure *p, const char *identity)
{
	(void)a, (void)p;
	snprintf(fake.began, sizeof fake.began, "%s", identity);
	return new_request();
}

/* ---- agent.h ---- */

const struct endpoint *endpoint_find(const struct sip_agent *a, const char *side, enum sip_transport t) { (void)a, (void)side, (void)t; return NULL; }
const char *endpoint_uri(const struct endpoint *e) { (void)e; return "sip:127.0.0.13:5060"; }
void sip_timer_cancel(struct sip_timer *t) { (void)t; }
struct sip_timer *sip_timer_set(struct sip_agent *a, uint64_t ms, void (*fn)(void *arg), void *arg)
{
	(void)a, (void)fn, (void)arg;
	fake.timer_ms = ms;
	return NULL;
}

const char *request_source_ip(const struct request *r)
{
	static char ip[64];

	(void)r;
	snprintf(ip, sizeof ip, "%.*s", (int)strcspn(fake.source, ":"), fake.source);
	return ip;
}

int sip_post(void *agent, void (*fn)(void *arg), void *arg)
{
	(void)agent;
	fn(arg);
	return 0;
}

enum sip_transport endpoint_transport(const struct endpoint *e) { (void)e; return fake.transport; }

void request_set_trace_id(struct request *r, const char *icid) { (void)r, (void)icid; }

/* ---- flows: a name, and whether it is alive ---- */

struct flow {
	int references;
	char name[64];
};

struct flow *flow_parse(struct sip_agent *a, const char *name)
{
	struct flow *f = calloc(1, sizeof *f);

	(void)a;
	assert(f);
	f->references = 1;
	snprintf(f->name, sizeof f->name, "%s", name);
	return f;
}

struct flow *flow_of(struct request *r)
{
	static const char *const transports[] = { "udp", "tcp", "tls" };
	char name[64];

	(void)r;
	snprintf(name, sizeof name, "%s %s", transports[fake.transport], fake.source);
	return flow_parse(NULL, name);
}

struct flow *flow_ref(struct flow *f)
{
	f->references++;
	return f;
}

void flow_free(struct flow *f)
{
	if (f && !--f->references)
		free(f);
}

bool flow_same(const struct flow *f, const struct request *r)
{
	struct flow *now = flow_of((struct request *)r);
	bool same = !strcmp(f->name, now->name);

	flow_free(now);
	return same;
}

const char *flow_name(const struct flow *f) { return f->name; }
bool flow_alive(const struct flow *f) { return !fake.dead_flow || strcmp(f->name, fake.dead_flow) != 0; }

/* ---- cx.h ---- */

void cx_ask_uar(struct cx *cx, struct request *r, const struct cx_uar *uar, cx_uaa_done *done)
{
	(void)cx, (void)r;
	fake.asked = ASKED_UAR;
	fake.uar = *uar;
	uaa_done = done;
}

void cx_ask_mar(struct cx *cx, struct request *r, const struct cx_mar *mar, cx_maa_done *done)
{
	(void)cx, (void)r;
	fake.asked = ASKED_MAR;
	fake.mar = *mar;
	maa_done = done;
}

void cx_ask_sar(struct cx *cx, struct request *r, const struct cx_sar *sar, cx_saa_done *done)
{
	(void)cx, (void)r;
	fake.asked = ASKED_SAR;
	fake.sar = *sar;
	saa_done = done;
}

void cx_ask_lir(struct cx *cx, struct request *r, const struct cx_lir *lir, cx_lia_done *done)
{
	(void)cx, (void)r;
	fake.asked = ASKED_LIR;
	fake.lir = *lir;
	lia_done = done;
}

void cx_answer_rta(struct cx_call *c, const struct cx_rta *rta)
{
	(void)c;
	fake.answered = rta->result;
}

void cx_answer_ppa(struct cx_call *c, const struct cx_ppa *ppa)
{
	(void)c;
	fake.answered = ppa->result;
}

#define ANSWER(_kind) \
	assert(fake.end == STEP_WAIT); \
	fake.asked = ASKED_NOTHING; \
	_kind##_done(current, a, err)

void fake_answer_uaa(const struct cx_uaa *a, int err) { ANSWER(uaa); }
void fake_answer_maa(const struct cx_maa *a, int err) { ANSWER(maa); }
void fake_answer_saa(const struct cx_saa *a, int err) { ANSWER(saa); }
void fake_answer_lia(const struct cx_lia *a, int err) { ANSWER(lia); }

/* Here is no thread. */
int sip_agent_start(const struct sip_agent_options *o, router *route, void *daemon, struct sip_agent **out)
{
	(void)o, (void)route, (void)daemon, (void)out;
	return -ENOTSUP;
}
