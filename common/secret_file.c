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

static int parse(const char *text, uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(text[2 * i]), low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

		if (low < 0)
			return -EINVAL;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return text[2 * n] == 0 || text[2 * n] == '\n' ? 0 : -EINVAL;
}

int secret_file_read(const char *path, uint8_t *bytes, size_t n)
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
	else if (st.st_mode & 0077)
		err = -EPERM;
	got = err ? 0 : read(fd, text, 2 * n + 1);
	close(fd);
	if (!err)
		err = got < 0 ? -EIO : parse(text, bytes, n);
	explicit_bzero(text, sizeof text);
	return err;
}

static int write_random(int fd, size_t n)
{
	uint8_t bytes[SECRET_FILE_MAX];
	char text[TEXT_MAX];
	int err = 0;

	if (RAND_priv_bytes(bytes, (int)n) != 1)
		return -EIO;
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	text[2 * n] = '\n';
	if (write(fd, text, 2 * n + 1) != (ssize_t)(2 * n + 1) || fsync(fd))
		err = errno == ENOSPC ? -ENOSPC : -EIO;
	explicit_bzero(bytes, sizeof bytes);
	explicit_bzero(text, sizeof text);
	return err;
}

int secret_file_make(const char *path, size_t n)
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
	err = write_random(fd, n);
	close(fd);
	if (!err && link(temporary, path) && errno != EEXIST)
		err = -errno;
	unlink(temporary);
	return err;
}
