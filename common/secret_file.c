// SPDX-License-Identifier: Apache-2.0
/* Keys and tokens that are made at the first start and kept. */
#include "common/secret_file.h"
#include "common/path.h"
#include <assert.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 2 * SECRET_FILE_MAX + 2, PATH_BYTES = 512 };

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int secret_parse(const char *text, uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(text[2 * i]), low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

		if (low < 0)
			return -EINVAL;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return text[2 * n] == 0 || text[2 * n] == '\n' ? 0 : -EINVAL;
}

static int read_file(const char *path, mode_t forbidden, uint8_t *bytes, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	char text[TEXT_MAX] = "";
	struct stat st;
	ssize_t got;

	assert(n <= SECRET_FILE_MAX);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (st.st_mode & forbidden)
		err = -EPERM;
	got = err ? 0 : read(fd, text, 2 * n + 1);
	close(fd);
	if (!err)
		err = got < 0 ? -EIO : secret_parse(text, bytes, n);
	explicit_bzero(text, sizeof text);
	return err;
}

int secret_file_read(const char *path, uint8_t *bytes, size_t n)
{
	return read_file(path, 0077, bytes, n);
}

int secret_file_read_of_group(const char *path, uint8_t *bytes, size_t n)
{
	return read_file(path, 0007, bytes, n);
}

/* ---- making ---- */

static int write_text(int fd, const uint8_t *bytes, size_t n)
{
	char text[TEXT_MAX];
	int err = 0;

	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	text[2 * n] = '\n';
	if (write(fd, text, 2 * n + 1) != (ssize_t)(2 * n + 1) || fsync(fd))
		err = errno == ENOSPC ? -ENOSPC : -EIO;
	explicit_bzero(text, sizeof text);
	return err;
}

static int sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_BYTES];
	int fd, err;

	snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fsync(fd) ? -errno : 0;
	close(fd);
	return err;
}

int secret_file_write(const char *path, const uint8_t *bytes, size_t n)
{
	char temporary[PATH_BYTES];
	int fd, err = path_make_parent(path);

	assert(n <= SECRET_FILE_MAX);
	if (err)
		return err;
	if (snprintf(temporary, sizeof temporary, "%s.%ld", path, (long)getpid()) >= (int)sizeof temporary)
		return -ENAMETOOLONG;
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = write_text(fd, bytes, n);
	close(fd);
	if (!err && link(temporary, path))
		err = -errno;
	unlink(temporary);
	return err ? err : sync_parent(path);
}

int secret_file_make(const char *path, size_t n)
{
	uint8_t bytes[SECRET_FILE_MAX];
	int err;

	assert(n <= SECRET_FILE_MAX);
	if (RAND_priv_bytes(bytes, (int)n) != 1)
		return -EIO;
	err = secret_file_write(path, bytes, n);
	explicit_bzero(bytes, sizeof bytes);
	return err == -EEXIST ? 0 : err;
}

/* ---- replacing ---- */

static int overwrite(int fd)
{
	static const char zeros[TEXT_MAX];
	off_t size = lseek(fd, 0, SEEK_END), at = 0;

	while (at < size) {
		size_t part = size - at < TEXT_MAX ? (size_t)(size - at) : TEXT_MAX;
		ssize_t n = pwrite(fd, zeros, part, at);

		if (n <= 0)
			return -EIO;
		at += n;
	}
	return fsync(fd) ? -errno : 0;
}

int secret_file_replace(const char *path, const char *next)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0 && errno != ENOENT)
		return -errno;
	if (rename(next, path))
		err = -errno;
	if (!err)
		err = sync_parent(path);
	if (!err && fd >= 0)
		err = overwrite(fd); /* only now: the old content is of use as long as the name is */
	if (fd >= 0)
		close(fd);
	return err;
}
