// SPDX-License-Identifier: Apache-2.0
/* How a daemon is: its peers, whether its threads turn, whether it is ready, and the ops server that tells it.
 * /health /live /metrics, the trace's routes, and the daemon's own. */
#include "common/daemon_private.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/trace.h"
#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PEERS_MAX = 256, THREADS_MAX = 8, OPS_BODY_MAX = 65536 };
static const uint64_t silent_ns = 5000000000u;

struct peer {
	char name[128], protocol[16];
	bool up, required;
	uint64_t since_ns;               /* 1970 */
};

/* Of the process, not of a struct daemon: stacks with globals of their own report here from any thread. */
static struct {
	pthread_mutex_t lock;
	struct peer peers[PEERS_MAX];
	size_t peer_count;
	atomic_bool ready, draining;
	struct {
		const char *name;
		_Atomic uint64_t last_ns;
	} threads[THREADS_MAX];
	atomic_int thread_count;
} health = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- reports ---- */

static struct peer *find_peer(const char *name, const char *protocol)
{
	struct peer *p;

	for (p = health.peers; p < health.peers + health.peer_count; p++)
		if (!strcmp(p->name, name) && !strcmp(p->protocol, protocol))
			return p;
	if (health.peer_count == PEERS_MAX)
		return NULL;
	health.peer_count++;
	snprintf(p->name, sizeof p->name, "%s", name);
	snprintf(p->protocol, sizeof p->protocol, "%s", protocol);
	return p;
}

void daemon_peer(const char *name, const char *protocol, bool up, bool required)
{
	struct metric *gauge = metric_gauge("minims_peer_up", "peer", "1 while the peer is reachable");
	bool changed = false;
	struct peer *p;

	pthread_mutex_lock(&health.lock);
	p = find_peer(name, protocol);
	if (p) {
		changed = !p->since_ns || p->up != up;
		p->up = up;
		p->required = required;
		if (changed)
			p->since_ns = clock_wall_ns();
	}
	pthread_mutex_unlock(&health.lock);
	metric_set(metric_cell(gauge, name, NULL), up);
	if (changed)
		log_event(up ? LOG_INFO : LOG_WARN, "daemon.peer", "peer=%s protocol=%s state=%s", name, protocol, up ? "up" : "down");
}

void daemon_ready(void)
{
	if (atomic_exchange(&health.ready, true))
		return;
	log_event(LOG_INFO, "daemon", "event=ready");
	daemon_notify("READY=1");
}

void daemon_health_draining(void)
{
	atomic_store(&health.draining, true);
}

int daemon_heartbeat_register(const char *thread)
{
	int n = atomic_load(&health.thread_count);

	if (n == THREADS_MAX)
		abort();
	health.threads[n].name = thread;
	atomic_store(&health.threads[n].last_ns, clock_ns());
	atomic_store(&health.thread_count, n + 1);
	return n;
}

void daemon_heartbeat(int handle)
{
	atomic_store_explicit(&health.threads[handle].last_ns, clock_ns(), memory_order_relaxed);
}

bool daemon_alive(const char **silent)
{
	uint64_t now = clock_ns();

	for (int i = 0; i < atomic_load(&health.thread_count); i++) {
		uint64_t last = atomic_load_explicit(&health.threads[i].last_ns, memory_order_relaxed);

		if (now <= last || now - last < silent_ns)
			continue;
		*silent = health.threads[i].name;
		return false;
	}
	return true;
}

/* ---- the ops server ---- */

static json_t *peer_json(const struct peer *p)
{
	time_t since = (time_t)(p->since_ns / 1000000000u);
	char text[32];
	struct tm t;

	gmtime_r(&since, &t);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &t);
	return json_pack("{s:s, s:s, s:s, s:s, s:b}", "name", p->name, "protocol", p->protocol, "state", p->up ? "up" : "down", "since", text,
			 "required", p->required);
}

static void on_health(struct http_request *q, void *context)
{
	const struct daemon *d = context;
	bool ready = atomic_load(&health.ready) && !atomic_load(&health.draining);
	json_t *peers = json_array();

	pthread_mutex_lock(&health.lock);
	for (size_t i = 0; i < health.peer_count; i++) {
		json_array_append_new(peers, peer_json(&health.peers[i]));
		ready = ready && (health.peers[i].up || !health.peers[i].required);
	}
	pthread_mutex_unlock(&health.lock);
	http_reply_json(q, ready ? 200 : 503,
			json_pack("{s:b, s:s, s:s, s:s, s:o}", "ready", ready, "daemon", d->spec->name, "instance", daemon_instance(d), "version",
				  MINIMS_VERSION, "peers", peers));
}

static void on_live(struct http_request *q, void *context)
{
	const char *silent;

	(void)context;
	if (daemon_alive(&silent))
		http_reply_json(q, 200, json_pack("{s:b}", "live", true));
	else
		http_problem(q, 503, NULL, "thread %s is silent", silent);
}

/* What every Prometheus client library tells of its process. */
static void write_process(FILE *f)
{
	struct rusage use;
	unsigned long size = 0, resident = 0;
	FILE *statm = fopen("/proc/self/statm", "re");

	getrusage(RUSAGE_SELF, &use);
	if (statm) {
		if (fscanf(statm, "%lu %lu", &size, &resident) != 2)
			resident = 0;
		fclose(statm);
	}
	fprintf(f, "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total %.6f\n",
		(double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6);
	fprintf(f, "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes %lu\n",
		resident * (unsigned long)sysconf(_SC_PAGESIZE));
}

static void on_metrics(struct http_request *q, void *context)
{
	char *table = metrics_text(), *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	(void)context;
	if (f) {
		fputs(table ? table : "", f);
		write_process(f);
		fclose(f);
	}
	http_reply(q, text ? 200 : 500, "text/plain; version=0.0.4", text ? text : "", size);
	free(text);
	free(table);
}

static const struct http_route own_routes[] = {
	{ "GET", "/health", on_health },
	{ "GET", "/live", on_live },
	{ "GET", "/metrics", on_metrics },
};

static size_t collect_routes(struct daemon *d)
{
	const struct { const struct http_route *routes; size_t count; } sets[] = {
		{ own_routes, ARRAY_LEN(own_routes) }, { trace_routes, trace_route_count }, { d->spec->routes, d->spec->route_count }
	};
	size_t n = 0;

	d->routes = calloc(ARRAY_LEN(own_routes) + trace_route_count + d->spec->route_count, sizeof *d->routes);
	if (!d->routes)
		abort(); /* at start */
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		for (size_t j = 0; j < sets[i].count; j++)
			d->routes[n++] = sets[i].routes[j];
	return n;
}

int daemon_ops_listen(struct daemon *d)
{
	const struct base_options *b = d->options;
	const char **allow = calloc(b->ops.allow_count + 1, sizeof *allow);
	struct http_options o = { .address = b->ops.address, .allow = allow, .body_max = OPS_BODY_MAX };
	size_t n = collect_routes(d);
	int err;

	if (!allow)
		return -ENOMEM;
	for (unsigned i = 0; i < b->ops.allow_count; i++)
		allow[i] = b->ops.allow[i];
	err = http_listen(d->loop, &o, d->routes, n, d, &d->ops);
	free(allow);
	if (err)
		log_event(LOG_ERROR, "daemon", "event=start ops.address=%s error=\"%s\"", b->ops.address, strerror(-err));
	return err;
}

/* ---- --health ---- */

int daemon_health_ask(const struct base_options *b)
{
	CURL *c = curl_easy_init();
	long status = 0;
	char url[160];
	CURLcode err;

	if (!c)
		return 1;
	snprintf(url, sizeof url, "http://%s/health", b->ops.address);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_TIMEOUT, 2L); /* what it answers goes to standard output */
	err = curl_easy_perform(c);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(c);
	if (err)
		fprintf(stderr, "%s: %s\n", url, curl_easy_strerror(err));
	else
		putchar('\n');
	return !err && status == 200 ? 0 : 1;
}
