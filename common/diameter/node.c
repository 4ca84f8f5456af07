// SPDX-License-Identifier: Apache-2.0
/* freeDiameter embedded: started without a file, its dictionary completed, only names we admit let in. [RFC 6733 5] */
#include "common/diameter/node.h"
#include "common/diameter/dict.h"
#include "common/diameter/fd.h"
#include "common/diameter/follow.h"
#include "common/diameter/load.h"
#include "common/diameter/node_private.h"
#include "common/diameter/shed.h"
#include "common/log.h"
#include <arpa/inet.h>
#include <freeDiameter/libfdcore.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct diameter_node {
	struct diameter_options options;
	struct questions *questions;
	struct peers *peers;
	struct follow *follow;
	struct shed *shed;
	struct load *load;
	bool started;
};

static struct diameter_node *the; /* freeDiameter's callbacks carry no context */

/* ---- who may connect ---- */

static bool matches(const char *pattern, const char *name)
{
	size_t p = strlen(pattern), n = strlen(name);

	if (*pattern != '.')
		return !strcasecmp(pattern, name);
	return n > p && !strcasecmp(name + n - p, pattern);
}

/* Over TLS the certificate must have the name that the CER gives, as freeDiameter itself checks only of whom it connects to.
 * [RFC 6733 13.1] */
static bool has_its_name(const struct peer_info *info)
{
	const gnutls_datum_t *own = info->runtime.pir_cert_list;
	const unsigned char *der = own ? own->data : NULL;
	X509 *certificate = own ? d2i_X509(NULL, &der, (long)own->size) : NULL;
	bool good = !own || (certificate && X509_check_host(certificate, info->pi_diamid, 0, 0, NULL) == 1);

	X509_free(certificate);
	if (!good)
		log_event(LOG_WARN, "diameter.refused", "peer=%s why=its certificate has another name", info->pi_diamid);
	return good;
}

/* Configured peers do not come here; nobody may use our own name. */
static int on_stranger(struct peer_info *info, int *auth, int (**after_handshake)(struct peer_info *))
{
	const struct diameter_options *o = &the->options;

	*after_handshake = NULL;
	*auth = -1;
	if (strcasecmp(info->pi_diamid, o->identity)) {
		for (const char *const *a = o->admit; a && *a; a++)
			if (matches(*a, info->pi_diamid))
				*auth = 1;
	}
	info->config.pic_flags.sec = PI_SEC_NONE; /* no TLS after the CER; a connection on the TLS port has it already */
	if (*auth < 0)
		log_event(LOG_WARN, "diameter.refused", "peer=%s", info->pi_diamid);
	else if (!has_its_name(info))
		*auth = -1;
	return 0;
}

/* ---- who is asked ---- */

static bool asks_first(const char *identity)
{
	for (size_t i = 0; i < the->options.peer_count; i++)
		if (the->options.peers[i].slf && !strcasecmp(the->options.peers[i].identity, identity))
			return true;
	return false;
}

static bool has_slf(const struct diameter_options *o)
{
	for (size_t i = 0; i < o->peer_count; i++)
		if (o->peers[i].slf)
			return true;
	return false;
}

/* The routing table of [TS 29.229 5.4]: a question without Destination-Host goes to an SLF, where there is one, and to nobody else: an
 * HSS asked in its place would say that the user does not exist. */
static int only_slf(void *unused, struct msg **msg, struct fd_list *candidates)
{
	struct avp *host = NULL;

	(void)unused;
	if (!fd_msg_search_avp(*msg, dict_avp(AVP_DESTINATION_HOST), &host) && host)
		return 0;
	for (struct fd_list *l = candidates->next; l != candidates; l = l->next) {
		struct rtd_candidate *c = (struct rtd_candidate *)l;

		if (!asks_first(c->diamid))
			c->score += FD_SCORE_NO_DELIVERY;
	}
	return 0;
}

static int prepare_routing(const struct diameter_options *o)
{
	if (!has_slf(o))
		return 0;
	fd_short_first(asks_first);
	return -fd_rt_out_register(only_slf, NULL, 5, NULL);
}

/* ---- start ---- */

static int listen_on(const struct diameter_options *o)
{
	struct sockaddr_in a = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, o->address, &a.sin_addr) != 1)
		return -EINVAL;
	/* ListenOn = "127..." is ignored silently and every address would be bound */
	return -fd_ep_add_merge(&fd_g_config->cnf_endpoints, (sSA *)&a, sizeof a, EP_FL_CONF | EP_ACCEPTALL);
}

static int read_config(const struct diameter_options *o)
{
	int fd = node_config_write(o), err;
	char path[32];

	if (fd < 0)
		return fd;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	err = -fd_core_parseconf(path);
	close(fd);
	return err;
}

static int start_library(struct diameter_node *n)
{
	int err;

	err = fd_prepare();
	if (!err)
		err = -fd_core_initialize();
	if (!err)
		err = read_config(&n->options);
	if (!err)
		err = listen_on(&n->options);
	if (!err)
		err = dict_load();
	if (!err)
		err = -fd_peer_validate_register(on_stranger);
	if (!err)
		err = prepare_routing(&n->options);
	return err;
}

static void *copy(const void *from, size_t size)
{
	void *to = malloc(size + 1);

	return to && size ? memcpy(to, from, size) : to;
}

/* The lists are ours; the strings in them live as long as the daemon's options. */
static int take_options(struct diameter_node *n, const struct diameter_options *o)
{
	size_t admitted = 0;

	while (o->admit && o->admit[admitted])
		admitted++;
	n->options = *o;
	n->options.peers = copy(o->peers, o->peer_count * sizeof *o->peers);
	n->options.admit = o->admit ? copy(o->admit, (admitted + 1) * sizeof *o->admit) : NULL;
	return n->options.peers && (n->options.admit || !o->admit) ? 0 : -ENOMEM;
}

static void node_free(struct diameter_node *n)
{
	questions_free(n->questions);
	peers_free(n->peers);
	follow_free(n->follow);
	shed_free(n->shed);
	load_free(n->load);
	free((void *)(uintptr_t)n->options.peers);
	free((void *)(uintptr_t)n->options.admit);
	free(n);
	the = NULL;
}

int diameter_new(const struct diameter_options *o, struct diameter_node **out)
{
	struct diameter_node *n = calloc(1, sizeof *n);
	int err;

	if (!n)
		return -ENOMEM;
	err = take_options(n, o);
	the = n;
	if (!err)
		err = start_library(n);
	n->questions = err ? NULL : questions_new(o->timeout_ms ? o->timeout_ms : 3000, peers_reachable, NULL);
	n->peers = err ? NULL : peers_new(&n->options);
	n->follow = err ? NULL : follow_new();
	n->shed = err ? NULL : shed_new();
	if (!err && (!n->questions || !n->peers || !n->follow || !n->shed))
		err = -ENOMEM;
	if (err) {
		log_event(LOG_ERROR, "diameter.start", "identity=%s address=%s why=%s", o->identity, o->address, strerror(-err));
		node_free(n);
		return err;
	}
	*out = n;
	return 0;
}

int diameter_start(struct diameter_node *n)
{
	int err = wire_watch();

	if (!err)
		err = -fd_core_start();
	if (!err)
		err = -fd_core_waitstartcomplete();
	if (!err)
		err = fd_wait_listening(n->options.port);
	if (!err && n->options.tls_port && n->options.certificate && n->options.ca)
		err = fd_wait_listening(n->options.tls_port);
	if (!err)
		err = peers_start(n->peers);
	n->started = !err;
	if (err)
		log_event(LOG_ERROR, "diameter.start", "identity=%s address=%s port=%u why=%s", n->options.identity, n->options.address,
			  n->options.port, strerror(-err));
	return err;
}

void diameter_stop(struct diameter_node *n)
{
	if (!n)
		return;
	peers_stop(n->peers);
	questions_stop(n->questions);
	fd_end();
	fd_core_wait_shutdown_complete();
	node_free(n);
}

const struct diameter_options *diameter_node_options(const struct diameter_node *n)
{
	return &n->options;
}

int node_speaks(uint32_t application)
{
	return -fd_disp_app_support(dict_application(application), dict_vendor(), 1, 0);
}

struct follow *diameter_node_follow(struct diameter_node *n)
{
	return n->follow;
}

struct shed *diameter_node_shed(struct diameter_node *n)
{
	return n->shed;
}

struct load *diameter_node_load(const struct diameter_node *n)
{
	return n->load;
}

int diameter_watch_load(struct diameter_node *n, const struct diameter_load_options *o)
{
	n->load = load_new(o);
	return n->load ? 0 : -ENOMEM;
}

bool diameter_node_has_slf(const struct diameter_node *n)
{
	return has_slf(&n->options);
}

struct questions *diameter_node_questions(struct diameter_node *n)
{
	return n->questions;
}

void diameter_node_serves(struct diameter_node *n)
{
	peers_require(n->peers, false);
}

void diameter_watch(struct diameter_node *n, void (*on_look)(void *context), void *context)
{
	peers_watch(n->peers, on_look, context);
}
