// SPDX-License-Identifier: Apache-2.0
/* Asks a Diameter server the same question about many users, a number of questions in flight on one connection, and prints how fast
 * the answers came. It knows no more of Diameter than that, so that what it costs is next to nothing. [RFC 6733 3, 4.1; TS 29.229 6.1]
 *
 *   diameter_load ADDRESS KIND [option=value]...      KIND: mar-digest mar-aka lir sar udr
 *
 * users=100000 (user000001.. or aka000001.., picked all over the range), requests=20000, seconds=0 (an end by time), in_flight=32,
 * port=3868, source=127.0.0.1, domain=ims.test, host=bench.DOMAIN, server=sip:scscf.DOMAIN, step=7919, first=0 (question of the row).
 *
 * Output: rate= answers/s, answers=, failed= (no 2001), octets= of the mean answer, cpu_s= of this process. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CX = 16777216, SH = 16777217, VENDOR_3GPP = 10415, HEADER = 20, QUESTION_MAX = 1024, READ_MAX = 1 << 20 };
enum { FLAG_VENDOR = 0x80, FLAG_MANDATORY = 0x40, FLAG_REQUEST = 0x80, FLAG_PROXIABLE = 0x40 };

static const struct kind {
	const char *name, *user;             /* who is asked about */
	uint32_t command, application;
} kinds[] = {
	{ "mar-digest", "user", 303, CX }, { "mar-aka", "aka", 303, CX }, { "lir", "user", 302, CX }, { "sar", "user", 301, CX },
	{ "udr", "user", 306, SH },
};

static struct {
	const char *address, *source, *domain, *host, *server;
	const struct kind *kind;
	long port, users, requests, seconds, in_flight, step, first;
} o = { .source = "127.0.0.1", .domain = "ims.test", .port = 3868, .users = 100000, .requests = 20000, .in_flight = 32, .step = 7919 };

static void die(const char *what)
{
	fprintf(stderr, "diameter_load: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
	exit(1);
}

/* ---- writing ---- */

struct message {
	uint8_t data[QUESTION_MAX];
	size_t len;
};

static void put_32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof value);
}

static void begin(struct message *m, uint32_t command, uint32_t application, uint32_t id)
{
	m->len = HEADER;
	put_32(m->data + 4, (uint32_t)(FLAG_REQUEST | (application ? FLAG_PROXIABLE : 0)) << 24 | command);
	put_32(m->data + 8, application);
	put_32(m->data + 12, id);
	put_32(m->data + 16, id);
}

static void end(struct message *m)
{
	put_32(m->data, 1u << 24 | (uint32_t)m->len);
}

/* The head of an AVP of which the data follow; where the length goes. */
static uint8_t *open_avp(struct message *m, uint32_t code, uint32_t vendor)
{
	uint8_t *at = m->data + m->len;

	put_32(at, code);
	put_32(at + 4, (uint32_t)(FLAG_MANDATORY | (vendor ? FLAG_VENDOR : 0)) << 24);
	m->len += 8;
	if (vendor) {
		put_32(m->data + m->len, vendor);
		m->len += 4;
	}
	return at;
}

static void close_avp(struct message *m, uint8_t *avp)
{
	uint32_t len = (uint32_t)(m->data + m->len - avp);

	avp[5] = (uint8_t)(len >> 16);
	avp[6] = (uint8_t)(len >> 8);
	avp[7] = (uint8_t)len;
	while (m->len % 4)
		m->data[m->len++] = 0;
}

static void add(struct message *m, uint32_t code, uint32_t vendor, const void *data, size_t len)
{
	uint8_t *avp = open_avp(m, code, vendor);

	memcpy(m->data + m->len, data, len);
	m->len += len;
	close_avp(m, avp);
}

static void add_text(struct message *m, uint32_t code, uint32_t vendor, const char *text)
{
	add(m, code, vendor, text, strlen(text));
}

static void add_number(struct message *m, uint32_t code, uint32_t vendor, uint32_t value)
{
	value = htonl(value);
	add(m, code, vendor, &value, sizeof value);
}

static void add_application(struct message *m, uint32_t application)
{
	uint8_t *group = open_avp(m, 260, 0);

	add_number(m, 266, 0, VENDOR_3GPP);
	add_number(m, 258, 0, application);
	close_avp(m, group);
}

static void add_origin(struct message *m)
{
	add_text(m, 264, 0, o.host);
	add_text(m, 296, 0, o.domain);
}

/* ---- the questions ---- */

static void add_auth_item(struct message *m, const char *scheme)
{
	uint8_t *item = open_avp(m, 612, VENDOR_3GPP);

	add_text(m, 608, VENDOR_3GPP, scheme);
	close_avp(m, item);
}

static void add_cx(struct message *m, const char *impi, const char *impu)
{
	bool is_lir = o.kind->command == 302;

	if (!is_lir)
		add_text(m, 1, 0, impi);
	add_text(m, 601, VENDOR_3GPP, impu);
	if (!is_lir)
		add_text(m, 602, VENDOR_3GPP, o.server);
	if (o.kind->command == 303) {
		add_number(m, 607, VENDOR_3GPP, 1);
		add_auth_item(m, !strcmp(o.kind->user, "aka") ? "Digest-AKAv1-MD5" : "SIP Digest");
	}
	if (o.kind->command == 301) {
		add_number(m, 614, VENDOR_3GPP, 1); /* REGISTRATION */
		add_number(m, 624, VENDOR_3GPP, 0);
	}
}

/* Data-Reference IMSPublicIdentity [TS 29.328 7.6.2] */
static void add_sh(struct message *m, const char *impu)
{
	uint8_t *user = open_avp(m, 700, VENDOR_3GPP);

	add_text(m, 601, VENDOR_3GPP, impu);
	close_avp(m, user);
	add_number(m, 703, VENDOR_3GPP, 10);
}

static void question(struct message *m, uint32_t id)
{
	unsigned long user = (unsigned long)((o.first + (long)id) * o.step % o.users) + 1;
	char session[128], impi[128], impu[140];

	snprintf(session, sizeof session, "%s;1;%u", o.host, id);
	snprintf(impi, sizeof impi, "%s%06lu@%s", o.kind->user, user, o.domain);
	snprintf(impu, sizeof impu, "sip:%s", impi);
	begin(m, o.kind->command, o.kind->application, id);
	add_text(m, 263, 0, session);
	add_application(m, o.kind->application);
	add_number(m, 277, 0, 1);
	add_origin(m);
	add_text(m, 283, 0, o.domain);
	if (o.kind->application == SH)
		add_sh(m, impu);
	else
		add_cx(m, impi, impu);
	end(m);
}

/* ---- the connection ---- */

static void send_all(int fd, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n <= 0)
			die("write");
		data += n;
		len -= (size_t)n;
	}
}

/* What came and is not read yet: whole messages, then a part of one. */
static struct {
	uint8_t data[READ_MAX];
	size_t first, len;
} in;

static uint32_t get_32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof value);
	return ntohl(value);
}

static const uint8_t *whole(size_t *len)
{
	const uint8_t *m = in.data + in.first;

	if (in.len - in.first < 4)
		return NULL;
	*len = get_32(m) & 0xffffff;
	if (*len < HEADER || *len > READ_MAX)
		die("a message's length");
	return in.len - in.first < *len ? NULL : m;
}

static const uint8_t *next(int fd, size_t *len, bool may_wait)
{
	const uint8_t *m;
	ssize_t n;

	while (!(m = whole(len))) {
		if (!may_wait)
			return NULL;
		memmove(in.data, in.data + in.first, in.len - in.first);
		in.len -= in.first;
		in.first = 0;
		n = read(fd, in.data + in.len, sizeof in.data - in.len);
		if (n <= 0)
			die("read");
		in.len += (size_t)n;
	}
	in.first += *len;
	return m;
}

/* 2001, 2xxx of an experimental one, or what else it says; 0: nothing. */
static uint32_t result_of(const uint8_t *m, size_t len)
{
	for (size_t at = HEADER; at + 12 <= len;) {
		uint32_t code = get_32(m + at), size = get_32(m + at + 4) & 0xffffff;

		if (code == 268)
			return get_32(m + at + 8);
		if (size < 8)
			return 0;
		at += (size + 3) & ~3u;
	}
	return 0;
}

static int open_connection(void)
{
	struct sockaddr_in from = { .sin_family = AF_INET }, to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)o.port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	struct timeval wait = { .tv_sec = 10 };
	struct message m;
	size_t len;
	const uint8_t *cea;

	inet_pton(AF_INET, o.source, &from.sin_addr);
	inet_pton(AF_INET, o.address, &to.sin_addr);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) || connect(fd, (struct sockaddr *)&to, sizeof to))
		die("connect");
	begin(&m, 257, 0, 1);
	add_origin(&m);
	add(&m, 257, 0, &(uint8_t[6]){ 0, 1, 127, 0, 0, 1 }, 6);
	add_number(&m, 266, 0, VENDOR_3GPP);
	add_text(&m, 269, 0, "diameter_load");
	add_number(&m, 265, 0, VENDOR_3GPP);
	add_application(&m, CX);
	add_application(&m, SH);
	end(&m);
	send_all(fd, m.data, m.len);
	cea = next(fd, &len, true);
	errno = 0;
	if (result_of(cea, len) != 2001)
		die("the capabilities exchange");
	return fd;
}

/* A watchdog of the server's. [RFC 6733 5.5] */
static void answer_dwr(int fd, const uint8_t *dwr)
{
	struct message m;

	begin(&m, 280, 0, 0);
	m.data[4] = 0;
	memcpy(m.data + 12, dwr + 12, 8);
	add_number(&m, 268, 0, 2001);
	add_origin(&m);
	end(&m);
	send_all(fd, m.data, m.len);
}

static void close_connection(int fd)
{
	struct message m;
	size_t len;

	begin(&m, 282, 0, 1);
	add_origin(&m);
	add_number(&m, 273, 0, 0);
	end(&m);
	send_all(fd, m.data, m.len);
	next(fd, &len, true);
	close(fd);
}

/* ---- the run ---- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct {
	long sent, answered, failed;
	double octets, began;
} run_state;

static bool goes_on(void)
{
	return o.seconds ? now() - run_state.began < (double)o.seconds : run_state.sent < o.requests;
}

/* As many as answers came: in one write, as a busy peer would. */
static void send_some(int fd, long n)
{
	static uint8_t out[64 * QUESTION_MAX];
	size_t len = 0;
	struct message m;

	for (; n > 0 && goes_on(); n--) {
		question(&m, (uint32_t)run_state.sent++);
		memcpy(out + len, m.data, m.len);
		len += m.len;
	}
	send_all(fd, out, len);
}

static void run(int fd)
{
	run_state.began = now();
	send_some(fd, o.in_flight);
	while (run_state.answered < run_state.sent) {
		long came = 0;
		size_t len;

		for (const uint8_t *m = next(fd, &len, true); m; m = next(fd, &len, false)) {
			if (m[4] & FLAG_REQUEST) {
				answer_dwr(fd, m);
				continue;
			}
			came++;
			run_state.octets += (double)len;
			if (result_of(m, len) != 2001 && !run_state.failed++)
				fprintf(stderr, "diameter_load: %s: result %u\n", o.kind->name, result_of(m, len));
		}
		run_state.answered += came;
		send_some(fd, came);
	}
}

static void report(double took)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	printf("rate=%.0f\nanswers=%ld\nfailed=%ld\noctets=%.0f\ncpu_s=%.2f\n", (double)run_state.answered / took, run_state.answered,
	       run_state.failed, run_state.octets / (double)run_state.answered,
	       (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
}

/* ---- the command ---- */

static const struct { const char *name; const char **text; long *number; } options[] = {
	{ "source", &o.source, NULL }, { "domain", &o.domain, NULL }, { "host", &o.host, NULL }, { "server", &o.server, NULL },
	{ "port", NULL, &o.port }, { "users", NULL, &o.users }, { "requests", NULL, &o.requests }, { "seconds", NULL, &o.seconds },
	{ "in_flight", NULL, &o.in_flight }, { "step", NULL, &o.step }, { "first", NULL, &o.first },
};

static bool take_option(const char *text)
{
	size_t len = strcspn(text, "=");

	for (size_t i = 0; text[len] && i < sizeof options / sizeof *options; i++) {
		if (strlen(options[i].name) != len || strncmp(options[i].name, text, len))
			continue;
		if (options[i].text)
			*options[i].text = text + len + 1;
		else
			*options[i].number = strtol(text + len + 1, NULL, 10);
		return true;
	}
	return false;
}

static char *of_domain(const char *front)
{
	char *text;

	if (asprintf(&text, "%s.%s", front, o.domain) < 0)
		die("memory");
	return text;
}

int main(int argc, char **argv)
{
	bool good = argc >= 3;
	double began;
	int fd;

	for (size_t i = 0; good && i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(argv[2], kinds[i].name))
			o.kind = &kinds[i];
	for (int i = 3; good && i < argc; i++)
		good = take_option(argv[i]);
	if (!good || !o.kind || o.in_flight < 1 || o.in_flight > 64 || o.users < 1) {
		fprintf(stderr, "usage: diameter_load ADDRESS mar-digest|mar-aka|lir|sar|udr [option=value]...\n");
		return 2;
	}
	o.address = argv[1];
	o.host = o.host ? o.host : of_domain("bench");
	o.server = o.server ? o.server : of_domain("sip:scscf");
	fd = open_connection();
	began = now();
	run(fd);
	report(now() - began);
	close_connection(fd);
	return run_state.failed > 0;
}
