// SPDX-License-Identifier: Apache-2.0
/* Elements of XML with text in them. */
#include "hss/xml_text.h"
#include <inttypes.h>

void xml_put_escaped(FILE *f, const char *text)
{
	for (const char *p = text; *p; p++)
		switch (*p) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		default:
			putc_unlocked(*p, f);
		}
}

void xml_put_text(FILE *f, const char *element, const char *text)
{
	if (!text)
		return;
	fprintf(f, "<%s>", element);
	xml_put_escaped(f, text);
	fprintf(f, "</%s>", element);
}

void xml_put_number(FILE *f, const char *element, int64_t value)
{
	fprintf(f, "<%s>%" PRId64 "</%s>", element, value, element);
}
