// SPDX-License-Identifier: Apache-2.0
/* The decoder of Cx and Sh in this process: messages of every command, made at random from its own table, mutated, decoded.
 *
 *   table ─▶ random struct ─▶ encode ─▶ mutate ─▶ freeDiameter's parser ─▶ decode ─┬─ taken: encode, decode, encode: the same octets
 *                                                                                  └─ refused: answered with Failed-AVP
 *
 * Every eighth is not mutated and has to be taken. usage: decoder COUNT [SEED]; prints name=value. Sanitizers, and an abort, tell
 * the rest. [RFC 6733 7.1.5, 7.5] */
#include "common/diameter/command.h"
#include "common/diameter/node.h"
#include "common/log.h"
#include <freeDiameter/libfdcore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/fuzz/octets.h"

enum { ARENA = 1 << 16, MUTATIONS_MAX = 4, PLAIN_EVERY = 8 };

static struct {
	uint64_t messages, unparsed, taken, refused, unknown, missing, value, occurs, length, other, round_trips;
} count;

/* ---- a random struct of a table ---- */

struct maker {
	struct octets_random *r;
	char *arena; /* for strings and bytes */
	size_t left;
};

static const char *const words[] = {
	"a", "alice@ims.test", "sip:alice@ims.test", "tel:+15550001", "<sip:p.ims.test;lr>", "sip:scscf.ims.test:5060", "Digest-AKAv1-MD5",
	"<sip:a@192.0.2.1:5060;transport=tcp>;q=0.5", "sip:!.*!@ims.test", "0123456789abcdef0123456789abcdef", "\xc3\xa4\xc3\xb6",
};

static const char *any_word(struct maker *m)
{
	size_t len = octets_below(m->r, 8) ? 0 : 1 + octets_below(m->r, 400);
	char *s = m->arena;

	if (!len || len + 1 > m->left)
		return words[octets_below(m->r, ARRAY_LEN(words))];
	memset(s, 'x', len);
	s[len] = '\0';
	m->arena += len + 1;
	m->left -= len + 1;
	return s;
}

static struct bytes any_bytes(struct maker *m)
{
	size_t len = 1 + octets_below(m->r, 40);
	uint8_t *p = (uint8_t *)m->arena;

	if (len > m->left)
		return (struct bytes){ (const uint8_t *)"\0", 1 };
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)octets_next(m->r);
	m->arena += len;
	m->left -= len;
	return (struct bytes){ p, len };
}

static void make(struct maker *m, const struct field *fields, char *to);

static void make_repeated(struct maker *m, const struct field *f, char *base)
{
	struct cx_strings *strings = (void *)(base + f->at);
	size_t most = f->kind == FIELD_STRINGS ? ARRAY_LEN(strings->item) : f->most;
	size_t n = f->needed + octets_below(m->r, octets_below(m->r, 8) ? 3 : (uint32_t)most);

	n = n > most ? most : n;
	for (size_t i = 0; i < n; i++) {
		if (f->kind == FIELD_STRINGS)
			strings->item[i] = any_word(m);
		else if (f->kind == FIELD_BYTES_LIST)
			((struct bytes *)(void *)(base + f->at))[i] = any_bytes(m);
		else if (f->kind == FIELD_U32S)
			((uint32_t *)(void *)(base + f->at))[i] = octets_below(m->r, 40);
		else
			make(m, f->group, base + f->at + i * f->size);
	}
	*(f->kind == FIELD_STRINGS ? &strings->count : (size_t *)(void *)(base + f->count_at)) = n;
}

static void make_field(struct maker *m, const struct field *f, char *base)
{
	void *member = base + f->at;

	if (f->count_at != NOWHERE && (f->kind == FIELD_ENUM || f->kind == FIELD_U32 || f->kind == FIELD_GROUP))
		*(bool *)(base + f->count_at) = true;
	switch (f->kind) {
	case FIELD_STRING:
		*(const char **)member = any_word(m);
		return;
	case FIELD_DECIMAL:
		*(const char **)member = "4711";
		return;
	case FIELD_TBCD:
		*(const char **)member = octets_below(m->r, 2) ? "15551234567" : "49301234";
		return;
	case FIELD_BYTES:
		*(struct bytes *)member = any_bytes(m);
		return;
	case FIELD_U32:
		*(uint32_t *)member = (uint32_t)octets_next(m->r);
		return;
	case FIELD_U64:
		*(uint64_t *)member = octets_next(m->r);
		return;
	case FIELD_TIME:
		*(int64_t *)member = 1 + (int64_t)octets_below(m->r, 2000000000);
		return;
	case FIELD_ENUM:
		*(int *)member = (int)octets_below(m->r, f->highest + 1);
		return;
	case FIELD_FLAG:
	case FIELD_BIT:
		*(bool *)member = octets_below(m->r, 2);
		return;
	case FIELD_STRINGS:
	case FIELD_BYTES_LIST:
	case FIELD_U32S:
	case FIELD_GROUPS:
		make_repeated(m, f, base);
		return;
	case FIELD_GROUP:
		make(m, f->group, member);
		return;
	}
}

static void make(struct maker *m, const struct field *fields, char *to)
{
	for (const struct field *f = fields; f->avp != AVP_COUNT; f++)
		if (f->needed || octets_below(m->r, 2))
			make_field(m, f, to);
}

/* ---- octets of a struct, and back ---- */

static const struct field *body_of(const struct command *c, bool question)
{
	return question ? c->question : c->answer;
}

/* Exits when there is no memory: nothing that this program looks for. */
static uint8_t *encode(const struct command *c, bool question, const struct message_header *header, const void *body, size_t *len)
{
	struct msg *msg = NULL;
	uint8_t *octets = NULL;
	struct msg_hdr *hdr;

	if (fd_msg_new(dict_command(c), MSGFL_ALLOC_ETEID, &msg) || field_encode(msg, message_header_fields, header) ||
	    (!question && field_encode_result(msg, RESULT_SUCCESS)) || field_encode(msg, body_of(c, question), body) || fd_msg_hdr(msg, &hdr))
		exit(2);
	hdr->msg_flags = (uint8_t)(CMD_FLAG_PROXIABLE | (question ? CMD_FLAG_REQUEST : 0));
	hdr->msg_hbhid = hdr->msg_eteid = 1;
	if (fd_msg_bufferize(msg, &octets, len))
		exit(2);
	fd_msg_free(msg);
	return octets;
}

/* What a decode fills: the struct and, behind it, room for its strings, as much as the daemons give. */
struct decoded {
	struct decoder d;
	struct message_header header;
	void *body, *arena;
};

static int decode(struct msg *msg, const struct command *c, bool question, size_t len, struct decoded *out)
{
	int err = 0;

	*out = (struct decoded){ .body = calloc(1, question ? c->question_size : c->answer_size), .arena = malloc(2 * len) };
	out->d = (struct decoder){ .arena = out->arena, .left = 2 * len };
	if (!question && !field_decode_result(msg))
		err = -EBADMSG;
	if (!err)
		err = field_decode(&out->d, msg, message_header_fields, &out->header);
	return err ? err : field_decode(&out->d, msg, body_of(c, question), out->body);
}

static void decoded_free(struct decoded *d)
{
	free(d->body);
	free(d->arena);
}

/* ---- what has to hold ---- */

static void broken(const char *why, const struct command *c, bool question)
{
	fprintf(stderr, "decoder: %s: command=%s question=%d message=%" PRIu64 "\n", why, c->name, question, count.messages);
	abort();
}

/* With the AVP at fault. */
static void refused(const char *why, const struct command *c, bool question, const struct decoder *d)
{
	struct avp_hdr *hdr;

	if (d->failed && !fd_msg_avp_hdr(d->failed, &hdr))
		fprintf(stderr, "decoder: AVP %u, vendor %u, ", hdr->avp_code, hdr->avp_vendor);
	fprintf(stderr, "result %d, missing %d\n", (int)d->result, (int)d->missing);
	broken(why, c, question);
}

/* NULL when freeDiameter refuses it, as it would on a connection. */
static struct msg *parse(const uint8_t *octets, size_t len)
{
	uint8_t *copy = malloc(len);
	struct msg *msg = NULL, *error = NULL;

	memcpy(copy, octets, len);
	if (fd_msg_parse_buffer(&copy, len, &msg)) {
		free(copy);
		return NULL;
	}
	if (fd_msg_parse_or_error(&msg, &error) || !msg) {
		if (msg && msg != error)
			fd_msg_free(msg);
		if (error)
			fd_msg_free(error);
		return NULL;
	}
	return msg;
}

/* What was taken means the same after it was written and read again. */
static void check_round_trip(const struct command *c, bool question, const struct decoded *first)
{
	size_t len, again_len;
	uint8_t *octets = encode(c, question, &first->header, first->body, &len), *again;
	struct msg *msg = parse(octets, len);
	struct decoded second;

	if (!msg)
		broken("freeDiameter does not read what we wrote", c, question);
	if (decode(msg, c, question, len, &second))
		refused("we do not read what we wrote", c, question, &second.d);
	again = encode(c, question, &second.header, second.body, &again_len);
	if (len != again_len || memcmp(octets, again, len))
		broken("another message after a round trip", c, question);
	count.round_trips++;
	free(octets);
	free(again);
	decoded_free(&second);
	fd_msg_free(msg);
}

static void count_refusal(const struct decoder *d)
{
	count.refused++;
	*(d->result == RESULT_MISSING_AVP ? &count.missing : d->result == RESULT_INVALID_AVP_VALUE ? &count.value :
	  d->result == RESULT_AVP_OCCURS_TOO_MANY_TIMES ? &count.occurs : d->result == RESULT_INVALID_AVP_LENGTH ? &count.length :
	  &count.other) += 1;
}

/* The answer that names the AVP at fault; it takes the question with it. */
static void answer_refusal(struct msg *question, const struct command *c, const struct decoder *d)
{
	struct msg *answer = question;
	uint8_t *octets = NULL;
	size_t len;

	if (!d->failed && !d->broken && d->result != RESULT_MISSING_AVP)
		broken("refused without an AVP at fault", c, true);
	if (d->result == RESULT_UNABLE_TO_COMPLY)
		refused("no room for what a message holds", c, true, d);
	if (fd_msg_new_answer_from_req(fd_g_config->cnf_dict, &answer, MSGFL_ANSW_NOSID) || field_encode_result(answer, d->result))
		refused("no answer to a refused question", c, true, d);
	if (field_encode_failed(answer, d) || fd_msg_bufferize(answer, &octets, &len))
		refused("no Failed-AVP for a refused question", c, true, d);
	free(octets);
	fd_msg_free(answer);
}

/* freeDiameter copies Proxy-Info to its own refusals, and forgets the copy when that does not parse: a leak that is not ours. */
static bool has_proxy_info(const uint8_t *octets, size_t len)
{
	static const uint8_t code[] = { 0, 0, 284 >> 8, 284 & 0xff };

	for (size_t at = 20; at + 4 <= len; at += 4)
		if (!memcmp(octets + at, code, sizeof code))
			return true;
	return false;
}

static void take(const uint8_t *octets, size_t len, bool plain, const struct command *made)
{
	struct msg *msg = has_proxy_info(octets, len) ? NULL : parse(octets, len);
	const struct command *c;
	struct decoded out;
	struct msg_hdr *hdr;
	bool question;

	if (!msg) {
		count.unparsed++;
		if (plain)
			broken("freeDiameter does not read a good message", made, true);
		return;
	}
	if (fd_msg_hdr(msg, &hdr) || !(c = command_find(hdr->msg_appl, hdr->msg_code))) {
		count.unknown++;
		fd_msg_free(msg);
		return;
	}
	question = hdr->msg_flags & CMD_FLAG_REQUEST;
	if (!decode(msg, c, question, len, &out)) {
		count.taken++;
		check_round_trip(c, question, &out);
		fd_msg_free(msg);
	} else {
		if (plain)
			refused("a good message is refused", c, question, &out.d);
		count_refusal(&out.d);
		if (question)
			answer_refusal(msg, c, &out.d);
		else
			fd_msg_free(msg);
	}
	decoded_free(&out);
}

static void one(struct octets_random *r)
{
	const struct command *c = &commands[octets_below(r, (uint32_t)command_count)];
	bool question = octets_below(r, 3), plain = count.messages % PLAIN_EVERY == 0;
	struct maker m = { .r = r, .arena = malloc(ARENA), .left = ARENA };
	struct message_header mine = { 0 };
	void *arena = m.arena, *body = calloc(1, question ? c->question_size : c->answer_size);
	uint8_t *octets;
	size_t len;

	make(&m, message_header_fields, (char *)&mine);
	mine.vendor = VENDOR_3GPP;
	mine.application = c->application;
	make(&m, body_of(c, question), body);
	octets = encode(c, question, &mine, body, &len);
	for (uint32_t n = plain ? 0 : 1 + octets_below(r, MUTATIONS_MAX); n; n--)
		octets = octets_mutate(r, octets, &len);
	count.messages++;
	take(octets, len, plain, c);
	free(octets);
	free(body);
	free(arena);
}

int main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000;
	const struct diameter_options options = { .identity = "hss.ims.test", .realm = "ims.test", .address = "127.0.0.1", .port = 3868 };
	struct diameter_node *node;
	struct octets_random r = { argc > 2 ? strtoull(argv[2], NULL, 10) : 1 };

	log_open("/dev/null", LOG_ERROR);
	if (diameter_new(&options, &node)) /* never started: a dictionary without threads or sockets */
		return 2;
	for (uint64_t i = 0; i < n; i++)
		one(&r);
	printf("decoder.messages=%" PRIu64 "\ndecoder.unparsed=%" PRIu64 "\ndecoder.unknown=%" PRIu64 "\ndecoder.taken=%" PRIu64
	       "\ndecoder.round_trips=%" PRIu64 "\ndecoder.refused=%" PRIu64 "\n", count.messages, count.unparsed, count.unknown, count.taken,
	       count.round_trips, count.refused);
	printf("decoder.missing_avp=%" PRIu64 "\ndecoder.invalid_value=%" PRIu64 "\ndecoder.too_many=%" PRIu64 "\ndecoder.invalid_length=%" PRIu64
	       "\ndecoder.other=%" PRIu64 "\n", count.missing, count.value, count.occurs, count.length, count.other);
	return n && (!count.taken || !count.refused || !count.missing || !count.value || !count.occurs);
}
