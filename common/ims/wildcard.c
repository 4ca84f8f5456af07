// SPDX-License-Identifier: Apache-2.0
/* The expression is of IEEE 1003.1 chapter 9, which PCRE2 understands but for what only it knows: that is refused. Whoever writes one
 * may err, and whoever calls chooses the text: neither time nor memory of a match is unbounded. [TS 23.003 13.5] */
#include "common/ims/wildcard.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <string.h>

enum { TEXT_MAX = 255, COMPILED_MAX = 65536, STEPS_MAX = 20000, DEPTH_MAX = 500, HEAP_MAX_KB = 256 };

int wildcard_split(const char *text, struct wildcard *out)
{
	const char *first = strchr(text, '!'), *last = strrchr(text, '!');

	if (!first || last - first < 2)
		return -EINVAL;
	*out = (struct wildcard){ { (const uint8_t *)text, (size_t)(first - text) },
				  { (const uint8_t *)first + 1, (size_t)(last - first - 1) },
				  { (const uint8_t *)last + 1, strlen(last + 1) } };
	return 0;
}

/* What means something else, or nothing, in an extended regular expression. */
static bool is_extended(struct bytes e)
{
	for (size_t i = 0; i + 1 < e.len; i++) {
		if (e.data[i] == '\\' && isalnum(e.data[i + 1]))
			return false;
		if (e.data[i] == '(' && (e.data[i + 1] == '?' || e.data[i + 1] == '*'))
			return false;
		if (strchr("*+?}", e.data[i]) && strchr("+?", e.data[i + 1]) && !(i && e.data[i - 1] == '\\'))
			return false;
		i += e.data[i] == '\\';
	}
	return true;
}

static pcre2_code *compile(struct bytes expression)
{
	pcre2_compile_context *limits = pcre2_compile_context_create(NULL);
	pcre2_code *code = NULL;
	PCRE2_SIZE at;
	int why;

	if (!limits)
		return NULL;
	pcre2_set_max_pattern_length(limits, TEXT_MAX);
	pcre2_set_parens_nest_limit(limits, 32);
	code = pcre2_compile(expression.data, expression.len, PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL | PCRE2_NO_AUTO_CAPTURE, &why,
			     &at, limits);
	pcre2_compile_context_free(limits);
	return code;
}

const char *wildcard_wrong(const char *text)
{
	PCRE2_SIZE size = 0;
	struct wildcard w;
	pcre2_code *code;

	if (strlen(text) > TEXT_MAX)
		return "255 octets at most are expected";
	if (wildcard_split(text, &w))
		return "an expression between exclamation marks is expected";
	code = is_extended(w.expression) ? compile(w.expression) : NULL;
	if (!code)
		return "what is between the exclamation marks is no extended regular expression";
	pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
	pcre2_code_free(code);
	return size > COMPILED_MAX ? "the expression is too large" : NULL;
}

static bool run(const pcre2_code *code, const uint8_t *subject, size_t len)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	bool matches = false;

	if (data && limits) {
		pcre2_set_match_limit(limits, STEPS_MAX);
		pcre2_set_depth_limit(limits, DEPTH_MAX);
		pcre2_set_heap_limit(limits, HEAP_MAX_KB);
		matches = pcre2_match(code, subject, len, 0, 0, data, limits) >= 0;
	}
	pcre2_match_data_free(data);
	pcre2_match_context_free(limits);
	return matches;
}

bool wildcard_match(const char *text, const char *identity)
{
	size_t len = strlen(identity);
	struct wildcard w;
	pcre2_code *code;
	bool matches;

	if (wildcard_split(text, &w) || len < w.prefix.len + w.tail.len || memcmp(identity, w.prefix.data, w.prefix.len) ||
	    memcmp(identity + len - w.tail.len, w.tail.data, w.tail.len))
		return false;
	code = compile(w.expression);
	if (!code)
		return false;
	matches = run(code, (const uint8_t *)identity + w.prefix.len, len - w.prefix.len - w.tail.len);
	pcre2_code_free(code);
	return matches;
}
