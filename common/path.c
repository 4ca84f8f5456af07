// SPDX-License-Identifier: Apache-2.0
/* Directories of local state. */
#include "common/path.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 512 };

int path_make(const char *path)
{
	char part[PATH_BYTES];

	if (!*path)
		return -EINVAL;
	if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
		return -ENAMETOOLONG;
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(part, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

int path_make_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_BYTES];

	if (!slash || slash == path)
		return 0;
	if (snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path) >= (int)sizeof directory)
		return -ENAMETOOLONG;
	return path_make(directory);
}
