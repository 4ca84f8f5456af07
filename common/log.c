// SPDX-License-Identifier: Apache-2.0
/* The log: a line is built on the caller's stack and goes out in one write, so that lines of threads never mix and none is
 * lost with the process. The file descriptor is swapped by dup2, so that a reopen needs no lock. */
#include "common/log.h"
#include "common/text.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, TEXT_MAX_BYTES = 1024 };

static const char *const level_names[] = { [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error" };

static atomic_int log_fd = STDERR_FILENO;
static atomic_int log_least = LOG_INFO;

int log_open(const char *path, enum log_level least)
{
	bool to_file = path && strcmp(path, "-") != 0;
	int old = atomic_load(&log_fd), fd = STDERR_FILENO;

	if (to_file) {
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
		if (fd < 0)
			return -errno;
	}
	atomic_store(&log_least, (int)least);
	if (to_file && old != STDERR_FILENO) {
		/* another thread may be writing to `old`: the number stays, the file behind it changes */
		int err = dup3(fd, old, O_CLOEXEC) < 0 ? -errno : 0;

		close(fd);
		return err;
	}
	atomic_store(&log_fd, fd); /* `old`, if a file, stays open for a thread in the middle of a line */
	return 0;
}

bool log_wants(enum log_level level)
{
	return (int)level >= atomic_load_explicit(&log_least, memory_order_relaxed);
}

/* A value must not end the line or move a terminal's cursor. */
static size_t escape(char *out, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool control = *p < 0x20 || *p == 0x7f;

		if (n + 4 > size)
			break;
		if (!control) {
			out[n++] = (char)*p;
		} else if (*p == '\n' || *p == '\r' || *p == '\t') {
			out[n++] = '\\';
			out[n++] = *p == '\n' ? 'n' : *p == '\r' ? 'r' : 't';
		} else {
			out[n++] = '\\';
			out[n++] = 'x';
			out[n++] = hex[*p >> 4];
			out[n++] = hex[*p & 15];
		}
	}
	return n;
}

static size_t write_head(char *line, size_t size, enum log_level level, const char *subject)
{
	struct timespec now;
	struct tm t;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &t);
	n = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &t);
	n += (size_t)text_format(line + n, size - n, ".%06ldZ %s %.64s ", now.tv_nsec / 1000, level_names[level], subject);
	return n;
}

void log_event(enum log_level level, const char *subject, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES], text[TEXT_MAX_BYTES];
	int saved = errno;
	va_list args;
	size_t n;

	if (!log_wants(level))
		return;
	va_start(args, fmt);
	text_vformat(text, sizeof text, fmt, args);
	va_end(args);
	n = write_head(line, sizeof line, level, subject);
	n += escape(line + n, sizeof line - n - 1, text);
	line[n++] = '\n';
	while (write(atomic_load(&log_fd), line, n) < 0 && errno == EINTR)
		;
	errno = saved;
}
