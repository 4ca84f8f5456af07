// SPDX-License-Identifier: Apache-2.0
/* freeDiameter reads its options from a text of its own form; users never see it. */
#include "common/diameter/node_private.h"
#include "common/log.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Nothing that would end a quoted string */
static bool quotable(const char *s)
{
	return s && !strpbrk(s, "\"\\\r\n");
}

static void write_tls(FILE *f, const struct diameter_options *o)
{
	const char *least = o->tls_minimum && !strcmp(o->tls_minimum, "1.3") ? "" : ":+VERS-TLS1.2";

	fprintf(f, "SecPort = %u;\n", o->tls_port);
	fprintf(f, "TLS_Cred = \"%s\", \"%s\";\n", o->certificate, o->key ? o->key : o->certificate);
	fprintf(f, "TLS_CA = \"%s\";\n", o->ca);
	if (o->dh)
		fprintf(f, "TLS_DH_File = \"%s\";\n", o->dh);
	fprintf(f, "TLS_Prio = \"NORMAL:-VERS-ALL%s:+VERS-TLS1.3\";\n", least);
}

static int write_peer(FILE *f, const struct diameter_peer *p)
{
	if (!quotable(p->identity) || !quotable(p->address))
		return -EINVAL;
	fprintf(f, "ConnectPeer = \"%s\" { ConnectTo = \"%s\"; Port = %u;%s };\n", p->identity, p->address, p->port,
		p->tls ? "" : " No_TLS;");
	return 0;
}

static int write_all(FILE *f, const struct diameter_options *o)
{
	int err = 0;

	fprintf(f, "Identity = \"%s\";\nRealm = \"%s\";\nPort = %u;\n", o->identity, o->realm, o->port);
	if (o->certificate && o->ca)
		write_tls(f, o);
	else
		fprintf(f, "SecPort = 0;\n");
	fprintf(f, "No_SCTP;\nNo_IPv6;\nNoRelay;\nAppServThreads = 2;\nThreadsPerServer = 16;\nTcTimer = 1;\nTwTimer = %u;\n",
		o->watchdog_s < 6 ? 6 : o->watchdog_s);
	fprintf(f, "LoadExtension = \"/usr/lib/freeDiameter/dict_nasreq.fdx\";\n"
		   "LoadExtension = \"/usr/lib/freeDiameter/dict_dcca.fdx\";\n"
		   "LoadExtension = \"/usr/lib/freeDiameter/dict_dcca_3gpp.fdx\";\n");
	for (size_t i = 0; !err && i < o->peer_count; i++)
		err = write_peer(f, &o->peers[i]);
	return err;
}

int node_config_write(const struct diameter_options *o)
{
	int fd, copy, err;
	FILE *f;

	if (!quotable(o->identity) || !quotable(o->realm) || (o->certificate && !quotable(o->certificate)) ||
	    (o->key && !quotable(o->key)) || (o->ca && !quotable(o->ca)) || (o->dh && !quotable(o->dh)))
		return -EINVAL;
	fd = memfd_create("diameter.conf", MFD_CLOEXEC);
	copy = fd < 0 ? -1 : dup(fd);
	f = copy < 0 ? NULL : fdopen(copy, "w");
	if (!f)
		return -errno;
	err = write_all(f, o);
	if (fclose(f) && !err)
		err = -EIO;
	if (err)
		close(fd);
	return err ? err : fd;
}
