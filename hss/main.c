// SPDX-License-Identifier: Apache-2.0
/* The HSS: answers Cx and Sh from its store, and is provisioned over REST. [TS 23.228 4.4.1, TS 29.228, TS 29.328] */
#include "common/daemon.h"
#include "common/diameter/start.h"
#include "hss/key/key_rotation.h"
#include "hss/notify.h"
#include "hss/procedure.h"
#include "hss/rest/provisioning.h"
#include "hss/slf.h"
#include <stdlib.h>
#include <string.h>

static struct hss hss;

static const struct sh_server sh_server = { .self = &hss, .udr = on_udr, .pur = on_pur, .snr = on_snr };
static const struct cx_server server = { .self = &hss, .uar = on_uar, .mar = on_mar, .sar = on_sar, .lir = on_lir };

/* Without the store it reads from nothing, without room it still reads: only the former makes the HSS useless. */
static void on_store(bool good)
{
	daemon_peer("store", "sql", good, false);
}

static int serve_as_hss(void)
{
	int err = cx_serve(hss.node, &server);

	return err ? err : sh_serve(hss.node, &sh_server);
}

/* Either, never both: an SLF has no users of its own. */
static int serve_as_slf(void)
{
	static struct cx_server cx;
	static struct sh_server sh;
	int err;

	cx = slf_cx_server(&hss);
	sh = slf_sh_server(&hss);
	err = cx_serve(hss.node, &cx);
	return err ? err : sh_serve(hss.node, &sh);
}

static uint64_t backlog_ns(void *writer)
{
	return writer_age_ns(writer);
}

static int watch_load(const struct hss_options *o)
{
	const struct diameter_load_options load = { .target_ms = o->overload.target_ms, .limit_ms = o->overload.limit_ms,
						    .validity_s = o->overload.validity_s, .backlog_ns = backlog_ns, .context = hss.writer };

	writer_limit(hss.writer, o->overload.limit_ms);
	return diameter_watch_load(hss.node, &load);
}

static int start_diameter(const struct hss_options *o)
{
	int err = diameter_new_of(&o->base, &o->diameter, &hss.node);

	if (!err)
		err = watch_load(o);
	if (!err)
		err = strcmp(o->role, "slf") ? serve_as_hss() : serve_as_slf();
	hss.pusher = err ? NULL : pusher_new(&hss, o->diameter.realm);
	hss.notifier = err ? NULL : notifier_new(&hss);
	if (!err && (!hss.pusher || !hss.notifier))
		err = -ENOMEM;
	if (!err)
		err = diameter_start(hss.node);
	if (!err)
		err = pusher_start(hss.pusher);
	return err ? err : notifier_start(hss.notifier);
}

static int start(struct daemon *d)
{
	const struct hss_options *o = daemon_options(d);
	int err = hss_open(&hss, o, on_store);

	daemon_set_self(d, &hss);
	daemon_peer("store", "sql", !err, true);
	if (!err)
		err = provisioning_load(&hss);
	if (!err)
		err = start_diameter(o);
	if (!err)
		err = provisioning_start(&hss, daemon_loop(d));
	if (!err)
		daemon_ready();
	return err;
}

static void reload(struct daemon *d)
{
	(void)d;
	provisioning_reload(&hss);
}

/* What was asked is written and answered first. */
static bool drained(struct daemon *d)
{
	(void)d;
	key_rotation_halt(hss.rotation);
	return writer_idle(hss.writer);
}

static void stop(struct daemon *d)
{
	(void)d;
	notifier_stop(hss.notifier);
	writer_end(hss.writer); /* answers while there is somebody to tell */
	provisioning_stop(&hss);
	pusher_stop(hss.pusher);
	if (hss.node)
		diameter_stop(hss.node);
	pusher_free(hss.pusher);
	notifier_free(hss.notifier);
	hss_close(&hss);
}

int main(int argc, char **argv)
{
	static const struct daemon_spec spec = { .name = "hss", .schema = &hss_schema, .start = start, .reload = reload, .drained = drained,
						 .stop = stop };

	return daemon_main(&spec, argc, argv);
}
