// SPDX-License-Identifier: Apache-2.0
/* A capture file of raw IP. The addresses are those of the daemons' ops doors and of the phones; ports are those of the
 * protocols; a TCP connection is between two hosts and has its sequence numbers. When any address is of IPv6, all packets are, and
 * those of IPv4 are mapped ones. */
#include "ctl/pcap.h"
#include "common/address.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { SIP_PORT = 5060, DIAMETER_PORT = 3868, CLIENT_PORT = 40000, UDP_MAX = 65000, SEGMENT_MAX = 32768, LINKTYPE_RAW = 101, IPV4 = 20, IPV6 = 40,
       UDP = 8, TCP = 20, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

struct end {
	uint8_t address[16];             /* IPv4 as a mapped address [RFC 4291 2.5.5.2] */
	uint16_t port;
};

struct connection {
	struct end client, server;
	uint32_t next[2];                /* sequence numbers: of the client, of the server */
};

struct capture {
	FILE *f;
	const struct ctl_options *options;
	bool v6;
	struct connection *connections;
	size_t count;
};

/* ---- octets ---- */

static uint8_t *put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
	return put16(put16(p, v >> 16), v);
}

static uint8_t *put_bytes(uint8_t *p, const void *from, size_t n)
{
	memcpy(p, from, n);
	return p + n;
}

/* [RFC 1071] */
static uint32_t sum(uint32_t so_far, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		so_far += (uint32_t)p[i] << 8 | p[i + 1];
	if (n & 1)
		so_far += (uint32_t)p[n - 1] << 8;
	while (so_far >> 16)
		so_far = (so_far & 0xffff) + (so_far >> 16);
	return so_far;
}

/* ---- ends ---- */

static void read_end(const struct ctl_options *o, const char *name, uint16_t otherwise, struct end *out)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff }, nobody[4] = { 192, 0, 2, 1 }; /* [RFC 5737] */
	char host[80] = "";
	const char *port = strrchr(name, ':');

	*out = (struct end){ .port = otherwise };
	if (!node_rank(name) && port && strtoul(port + 1, NULL, 10))
		out->port = (uint16_t)strtoul(port + 1, NULL, 10);
	memcpy(out->address, mapped, 12);
	memcpy(out->address + 12, nobody, 4);
	if (!node_host(o, name, host, sizeof host) || inet_pton(AF_INET, host, out->address + 12) == 1)
		return;
	if (inet_pton(AF_INET6, host, out->address) != 1)
		memcpy(out->address, mapped, 12);
}

static bool is_v6(const struct end *e)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(e->address, mapped, 12) != 0;
}

/* ---- a packet ---- */

static uint8_t *put_ip(const struct capture *c, uint8_t *p, const struct end *from, const struct end *to, int protocol, size_t len)
{
	uint8_t *start = p;

	if (c->v6) { /* [RFC 8200 3] */
		p = put16(put32(p, 0x60000000), (uint32_t)len);
		*p++ = (uint8_t)protocol;
		*p++ = 64;
		return put_bytes(put_bytes(p, from->address, 16), to->address, 16);
	}
	p = put16(put16(p, 0x4500), (uint32_t)(IPV4 + len)); /* [RFC 791 3.1] */
	p = put32(p, 0x00004000); /* may not be fragmented */
	*p++ = 64;
	*p++ = (uint8_t)protocol;
	p = put16(p, 0);
	p = put_bytes(put_bytes(p, from->address + 12, 4), to->address + 12, 4);
	put16(start + 10, ~sum(0, start, IPV4) & 0xffff);
	return p;
}

/* Over the pseudo-header, too [RFC 768, RFC 8200 8.1]; written at `at`. */
static void put_checksum(const struct capture *c, uint8_t *at, const struct end *from, const struct end *to, int protocol, const uint8_t *p,
			 size_t len)
{
	size_t skip = c->v6 ? 0 : 12;
	uint32_t s = sum(sum(0, from->address + skip, 16 - skip), to->address + skip, 16 - skip);

	s = sum(s + (uint32_t)protocol + (uint32_t)len, p, len);
	s = ~s & 0xffff;
	put16(at, s ? s : 0xffff);
}

/* Both are of the machine's own order: the file's first number says which. */
static void put_packet(const struct capture *c, uint64_t ns, const uint8_t *packet, size_t len)
{
	const uint32_t head[4] = { (uint32_t)(ns / 1000000000u), (uint32_t)(ns % 1000000000u), (uint32_t)len, (uint32_t)len };

	fwrite(head, sizeof head, 1, c->f);
	fwrite(packet, len, 1, c->f);
}

static void put_udp(const struct capture *c, const struct message *m, const struct end *from, const struct end *to)
{
	uint8_t packet[IPV6 + UDP + UDP_MAX], *p;
	size_t len = UDP + m->bytes.len;
	uint8_t *start = put_ip(c, packet, from, to, PROTOCOL_UDP, len);

	p = put32(put16(put16(start, from->port), to->port), (uint32_t)len << 16);
	p = put_bytes(p, m->bytes.data, m->bytes.len);
	put_checksum(c, start + 6, from, to, PROTOCOL_UDP, start, len);
	put_packet(c, m->time_ns, packet, (size_t)(p - packet));
}

/* ---- TCP ---- */

static bool is_end(const struct end *a, const struct end *b)
{
	return !memcmp(a->address, b->address, 16) && a->port == b->port;
}

/* The connection that has these two ends, whoever asked first; *from_client: which way. */
static struct connection *connection_of(struct capture *c, const struct end *from, const struct end *to, bool *from_client)
{
	struct connection *n;

	for (size_t i = 0; i < c->count; i++) {
		n = &c->connections[i];
		*from_client = is_end(&n->client, from) && is_end(&n->server, to);
		if (*from_client || (is_end(&n->client, to) && is_end(&n->server, from)))
			return n;
	}
	n = &c->connections[c->count++];
	*n = (struct connection){ .client = *from, .server = *to, .next = { 1, 1 } };
	*from_client = true;
	return n;
}

static void put_segment(const struct capture *c, uint64_t ns, struct connection *n, bool from_client, const uint8_t *data, size_t size)
{
	const struct end *from = from_client ? &n->client : &n->server, *to = from_client ? &n->server : &n->client;
	uint8_t packet[IPV6 + TCP + SEGMENT_MAX], *p, *start = put_ip(c, packet, from, to, PROTOCOL_TCP, TCP + size);

	p = put32(put32(put16(put16(start, from->port), to->port), n->next[!from_client]), n->next[from_client]);
	p = put16(put16(put32(p, 0x5018ffff), 0), 0); /* PSH, ACK [RFC 9293 3.1] */
	p = put_bytes(p, data, size);
	put_checksum(c, start + 16, from, to, PROTOCOL_TCP, start, TCP + size);
	put_packet(c, ns, packet, (size_t)(p - packet));
	n->next[!from_client] += (uint32_t)size;
}

static void put_tcp(struct capture *c, const struct message *m, const struct end *from, const struct end *to)
{
	bool from_client;
	struct connection *n = connection_of(c, from, to, &from_client);

	for (size_t at = 0; at < m->bytes.len; at += SEGMENT_MAX) {
		size_t left = m->bytes.len - at;

		put_segment(c, m->time_ns, n, from_client, m->bytes.data + at, left < SEGMENT_MAX ? left : SEGMENT_MAX);
	}
}

/* ---- the whole ---- */

/* The HSS is the server, of two others the one that was asked: its answers come from 3868. */
static void put_diameter(struct capture *c, const struct message *m)
{
	bool hss_sends = node_rank(m->from) > node_rank(m->to);
	struct end from, to;

	read_end(c->options, m->from, hss_sends ? DIAMETER_PORT : CLIENT_PORT, &from);
	read_end(c->options, m->to, hss_sends ? CLIENT_PORT : DIAMETER_PORT, &to);
	put_tcp(c, m, &from, &to);
}

static void put_sip(struct capture *c, const struct message *m)
{
	struct end from, to;

	read_end(c->options, m->from, SIP_PORT, &from);
	read_end(c->options, m->to, SIP_PORT, &to);
	if (m->bytes.len <= UDP_MAX)
		put_udp(c, m, &from, &to);
	else
		put_tcp(c, m, &from, &to);
}

static bool any_v6(const struct capture *c, const struct messages *m)
{
	struct end from, to;

	for (size_t i = 0; i < m->count; i++) {
		read_end(c->options, m->item[i].from, 0, &from);
		read_end(c->options, m->item[i].to, 0, &to);
		if (is_v6(&from) || is_v6(&to))
			return true;
	}
	return false;
}

void pcap_write(FILE *f, const struct ctl_options *o, const struct messages *m)
{
	const uint32_t head[6] = { 0xa1b23c4d, 0, 0, 0, 262144, LINKTYPE_RAW };
	struct capture c = { .f = f, .options = o, .connections = calloc(m->count + 1, sizeof *c.connections) };
	const uint16_t version[2] = { 2, 4 };

	if (!c.connections)
		abort(); /* out of memory */
	c.v6 = any_v6(&c, m);
	fwrite(head, 4, 1, f);
	fwrite(version, sizeof version, 1, f);
	fwrite(head + 2, 16, 1, f);
	for (size_t i = 0; i < m->count; i++) {
		if (m->item[i].protocol == PROTOCOL_SIP)
			put_sip(&c, &m->item[i]);
		else
			put_diameter(&c, &m->item[i]);
	}
	free(c.connections);
}
