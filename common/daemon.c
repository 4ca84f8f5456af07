// SPDX-License-Identifier: Apache-2.0
/* The life of a daemon, in the order of time.
 *
 *   arguments ─▶ configuration ─▶ secrets kept in ─▶ log, trace, ops server ─▶ start() ─▶ the loop turns ─┐
 *   exit ◀─ stop() ◀─ drained() or drain_s is over ◀─ SIGTERM, SIGINT; SIGHUP: reload() ◀─────────────────┘
 */
#include "common/daemon_private.h"
#include "common/log.h"
#include "common/trace.h"
#include <curl/curl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_CONFIGURATION = 2, DRAIN_POLL_MS = 50 };

/* ---- arguments ---- */

struct arguments {
	char config[256];
	bool check, health;
	int status; /* >= 0: leave with it */
};

static void usage(FILE *f, const char *name)
{
	fprintf(f, "usage: %s [-c FILE] [-t | --health | --version]\n"
		   "  -c, --config FILE  configuration, default /etc/minims/%s.yaml\n"
		   "  -t, --test         check the configuration and leave: 0 good, 2 not\n"
		   "      --health       ask the running one: 0 ready, 1 not\n"
		   "      --version      say it and leave\n", name, name);
}

static struct arguments parse_arguments(const char *name, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' }, { "test", no_argument, NULL, 't' }, { "health", no_argument, NULL, 'H' },
		{ "version", no_argument, NULL, 'V' },      { "help", no_argument, NULL, 'h' }, { 0 }
	};
	struct arguments a = { .status = -1 };
	int c;

	snprintf(a.config, sizeof a.config, "/etc/minims/%s.yaml", name);
	while ((c = getopt_long(argc, argv, "c:th", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			snprintf(a.config, sizeof a.config, "%s", optarg);
			break;
		case 't':
			a.check = true;
			break;
		case 'H':
			a.health = true;
			break;
		case 'V':
			printf("%s (minims) %s\n", name, MINIMS_VERSION);
			a.status = 0;
			return a;
		case 'h':
			usage(stdout, name);
			a.status = 0;
			return a;
		default:
			usage(stderr, name);
			a.status = EXIT_CONFIGURATION;
			return a;
		}
	}
	if (optind < argc) {
		usage(stderr, name);
		a.status = EXIT_CONFIGURATION;
	}
	return a;
}

/* ---- the process ---- */

/* Keys and vectors are in this memory: no core dump, no debugger of another user, no file that others read. */
static void keep_secrets_in(void)
{
	const struct rlimit none = { 0, 0 };

	umask(077);
	setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* its leak check attaches to the process */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* A message passes through several threads (freeDiameter's alone are five): whoever is woken shall not take the processor from the
 * one that woke it, which is about to sleep anyway. It halves the switches of a busy daemon; an idle one does not notice. [sched(7)] */
static void wake_gently(void)
{
	const struct sched_param normal = { 0 };

	sched_setscheduler(0, SCHED_BATCH, &normal); /* refused: it just costs more */
}

static void raise_file_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l))
		return;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

static enum log_level log_level_of(const char *name)
{
	return !strcmp(name, "debug") ? LOG_DEBUG : !strcmp(name, "warn") ? LOG_WARN : !strcmp(name, "error") ? LOG_ERROR : LOG_INFO;
}

static enum trace_mode trace_mode_of(const char *name)
{
	return !strcmp(name, "off") ? TRACE_OFF : !strcmp(name, "all") ? TRACE_ALL : TRACE_FAILURES;
}

/* ---- signals ---- */

static void on_hup(uv_signal_t *s, int number)
{
	struct daemon *d = s->data;
	void *fresh = NULL;
	const struct base_options *b;
	int err, wrong;

	(void)number;
	wrong = config_load(d->config, d->spec->schema, &fresh);
	b = wrong ? d->options : fresh;
	err = log_open(b->log.file, log_level_of(b->log.level));
	if (err)
		log_event(LOG_ERROR, "daemon", "event=reload log.file=%s error=\"%s\"", b->log.file, strerror(-err));
	if (wrong)
		log_event(LOG_ERROR, "daemon", "event=reload config=%s error=\"see %s -t\"; the old one stands", d->config, d->spec->name);
	else
		log_event(LOG_INFO, "daemon", "event=reload");
	if (!wrong)
		config_free(d->spec->schema, fresh);
	if (d->spec->reload)
		d->spec->reload(d);
}

static void on_drain(uv_timer_t *t)
{
	struct daemon *d = t->data;

	if (!d->spec->drained || d->spec->drained(d) || clock_ns() >= d->drain_end_ns)
		uv_stop(t->loop);
}

static void on_term(uv_signal_t *s, int number)
{
	struct daemon *d = s->data;
	const struct base_options *b = d->options;

	if (d->drain_end_ns) { /* the second one is impatient */
		uv_stop(s->loop);
		return;
	}
	log_event(LOG_INFO, "daemon", "event=drain signal=%d", number);
	daemon_notify("STOPPING=1");
	daemon_health_draining();
	d->drain_end_ns = clock_ns() + (uint64_t)b->drain_s * 1000000000u;
	uv_timer_start(&d->drain, on_drain, 0, DRAIN_POLL_MS);
}

static void on_watchdog(uv_timer_t *t)
{
	const char *silent;

	(void)t;
	if (daemon_alive(&silent))
		daemon_notify("WATCHDOG=1");
	else
		log_event(LOG_ERROR, "daemon", "event=stuck thread=%s", silent);
}

/* Signals are for the main thread: the others are made while they are blocked. One of freeDiameter's that is cancelled in the midst of
 * libuv's handler would take the signal, and libuv's lock, with it. */
static void mask_signals(int how)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	pthread_sigmask(how, &ours, NULL);
}

static void watch_signals(struct daemon *d)
{
	uv_loop_t *uv = loop_uv(d->loop);
	uint64_t watchdog_ms = daemon_notify_watchdog_ms();

	signal(SIGPIPE, SIG_IGN);
	uv_signal_init(uv, &d->hup);
	uv_signal_init(uv, &d->term);
	uv_signal_init(uv, &d->interrupt);
	uv_timer_init(uv, &d->drain);
	uv_timer_init(uv, &d->watchdog);
	d->hup.data = d->term.data = d->interrupt.data = d->drain.data = d;
	uv_signal_start(&d->hup, on_hup, SIGHUP);
	uv_signal_start(&d->term, on_term, SIGTERM);
	uv_signal_start(&d->interrupt, on_term, SIGINT);
	if (watchdog_ms)
		uv_timer_start(&d->watchdog, on_watchdog, 0, watchdog_ms);
}

/* ---- run ---- */

static int run(struct daemon *d)
{
	const struct base_options *b = d->options;
	int err;

	watch_signals(d);
	log_event(LOG_INFO, "daemon", "event=start daemon=%s instance=%s version=%s", d->spec->name, b->instance, MINIMS_VERSION);
	err = daemon_ops_listen(d);
	if (!err)
		err = d->spec->start(d);
	if (!err) {
		mask_signals(SIG_UNBLOCK);
		uv_run(loop_uv(d->loop), UV_RUN_DEFAULT);
		d->spec->stop(d);
		log_event(LOG_INFO, "daemon", "event=stop");
	} else {
		log_event(LOG_ERROR, "daemon", "event=stop why=\"the start failed\"");
	}
	http_free(d->ops);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int prepare(struct daemon *d)
{
	const struct base_options *b = d->options;
	int err = log_open(b->log.file, log_level_of(b->log.level));

	if (err) {
		fprintf(stderr, "%s: log.file: %s: %s\n", d->config, b->log.file, strerror(-err));
		return EXIT_CONFIGURATION;
	}
	err = trace_start(b->instance, trace_mode_of(b->trace.mode), (size_t)b->trace.ring_mb << 20);
	if (err) {
		log_event(LOG_ERROR, "daemon", "event=start trace error=\"%s\"", strerror(-err));
		return EXIT_FAILURE;
	}
	d->loop = loop_new();
	return d->loop ? 0 : EXIT_FAILURE;
}

int daemon_main(const struct daemon_spec *spec, int argc, char **argv)
{
	struct arguments a = parse_arguments(spec->name, argc, argv);
	struct daemon d = { .spec = spec, .config = a.config };
	int status;

	if (a.status >= 0)
		return a.status;
	keep_secrets_in();
	if (config_load(a.config, spec->schema, &d.options))
		return EXIT_CONFIGURATION;
	if (a.check) {
		printf("%s: good\n", a.config);
		status = EXIT_SUCCESS;
	} else if (a.health) {
		status = daemon_health_ask(d.options);
	} else {
		mask_signals(SIG_BLOCK);
		wake_gently();
		raise_file_limit();
		curl_global_init(CURL_GLOBAL_ALL);
		status = prepare(&d);
		if (!status)
			status = run(&d);
		loop_free(d.loop);
		free(d.routes);
		curl_global_cleanup();
	}
	config_free(spec->schema, d.options);
	return status;
}

/* ---- what start() and the rest ask ---- */

void *daemon_self(const struct daemon *d)
{
	return d->self;
}

void daemon_set_self(struct daemon *d, void *self)
{
	d->self = self;
}

const void *daemon_options(const struct daemon *d)
{
	return d->options;
}

const char *daemon_instance(const struct daemon *d)
{
	const struct base_options *b = d->options;

	return b->instance;
}

struct loop *daemon_loop(const struct daemon *d)
{
	return d->loop;
}
