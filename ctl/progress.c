// SPDX-License-Identifier: Apache-2.0
/* "[########............]  40000/100000  5100/s" */
#include "ctl/progress.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BAR = 40 };

struct progress {
	size_t total;
	uint64_t began_ns;
	bool terminal, shown;
};

struct progress *progress_new(size_t total)
{
	struct progress *p = calloc(1, sizeof *p);

	if (!p)
		abort(); /* out of memory */
	*p = (struct progress){ .total = total, .began_ns = clock_ns(), .terminal = isatty(STDERR_FILENO) };
	return p;
}

void progress_show(struct progress *p, size_t done)
{
	double seconds = (double)(clock_ns() - p->began_ns) / 1e9;

	if (!p->terminal)
		return;
	fputs("\r", stderr);
	if (p->total) {
		size_t full = done >= p->total ? BAR : BAR * done / p->total;

		fputc('[', stderr);
		for (size_t i = 0; i < BAR; i++)
			fputc(i < full ? '#' : '.', stderr);
		fprintf(stderr, "] %zu/%zu", done, p->total);
	} else {
		fprintf(stderr, "%zu", done);
	}
	fprintf(stderr, "  %.0f/s \033[K", seconds > 0 ? (double)done / seconds : 0);
	p->shown = true;
}

void progress_hide(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

void progress_free(struct progress *p)
{
	free(p);
}
