// SPDX-License-Identifier: Apache-2.0
/* One writer at a time on a TLS connection of freeDiameter.
 *
 * GnuTLS lets one thread send while another receives. At the end of a connection freeDiameter's receiving thread says good-bye
 * while the peer's own thread may still be sending the last answer, and each frees what the other is writing. Both pass here
 * first. Nobody waits for the peer's good-bye meanwhile: none is owed. [RFC 8446 6.1] */
#include "common/diameter/fd.h"
#include <dlfcn.h>
#include <gnutls/gnutls.h>
#include <pthread.h>

enum { LOCKS = 64 };

static pthread_mutex_t locks[LOCKS] = { [0 ... LOCKS - 1] = PTHREAD_MUTEX_INITIALIZER };

bool fd_writer_prepare(void)
{
	return dlsym(RTLD_NEXT, "gnutls_record_send") && dlsym(RTLD_NEXT, "gnutls_bye");
}

static pthread_mutex_t *lock_of(gnutls_session_t session)
{
	return &locks[((uintptr_t)session >> 6) % LOCKS];
}

/* Also of a thread that freeDiameter cancels while it sends: the lock would stay, and be that of other connections, too. */
static void unlock(void *lock)
{
	pthread_mutex_unlock(lock);
}

ssize_t gnutls_record_send(gnutls_session_t session, const void *data, size_t size)
{
	static ssize_t (*send_record)(gnutls_session_t session, const void *data, size_t size);
	ssize_t n;

	if (!send_record) /* not left to fd_writer_prepare: an HTTP server without Diameter comes by here, too */
		*(void **)&send_record = dlsym(RTLD_NEXT, "gnutls_record_send");
	pthread_mutex_lock(lock_of(session));
	pthread_cleanup_push(unlock, lock_of(session));
	n = send_record(session, data, size);
	pthread_cleanup_pop(1);
	return n;
}

int gnutls_bye(gnutls_session_t session, gnutls_close_request_t how)
{
	static int (*say_bye)(gnutls_session_t session, gnutls_close_request_t how);
	int err;

	(void)how;
	if (!say_bye)
		*(void **)&say_bye = dlsym(RTLD_NEXT, "gnutls_bye");
	pthread_mutex_lock(lock_of(session));
	pthread_cleanup_push(unlock, lock_of(session));
	err = say_bye(session, GNUTLS_SHUT_WR);
	pthread_cleanup_pop(1);
	return err;
}
