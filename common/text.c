// SPDX-License-Identifier: Apache-2.0
#include "common/text.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct output {
	char *p, *end;               /* end: where the NUL must stand at the latest */
	size_t len;                  /* of the whole text */
};

/* What stands between % and the letter. */
struct spec {
	bool zero, left;
	size_t width;
	int precision;               /* -1: none */
	int longs;                   /* 0: int, 1: long, 2: long long, 3: size_t */
	int shorts;
};

static void put(struct output *o, const char *s, size_t n)
{
	size_t room = (size_t)(o->end - o->p), fits = n < room ? n : room;

	memcpy(o->p, s, fits);
	o->p += fits;
	o->len += n;
}

static void pad(struct output *o, char c, size_t n)
{
	size_t room = (size_t)(o->end - o->p), fits = n < room ? n : room;

	memset(o->p, c, fits);
	o->p += fits;
	o->len += n;
}

static void put_padded(struct output *o, const struct spec *f, const char *s, size_t n)
{
	size_t blank = f->width > n ? f->width - n : 0;

	if (!f->left)
		pad(o, ' ', blank);
	put(o, s, n);
	if (f->left)
		pad(o, ' ', blank);
}

static void put_number(struct output *o, const struct spec *f, uint64_t v, bool negative, unsigned base, const char *digits)
{
	char text[72], *p = text + sizeof text;

	do
		*--p = digits[v % base];
	while (v /= base);
	if (f->zero && !f->left)
		while ((size_t)(text + sizeof text - p) + negative < f->width && p > text + 1)
			*--p = '0';
	if (negative)
		*--p = '-';
	put_padded(o, f, p, (size_t)(text + sizeof text - p));
}

/* va_list by a struct, so that it may be passed on */
struct arguments {
	va_list ap;
};

static int64_t take_signed(struct arguments *a, const struct spec *f)
{
	int64_t v = f->longs == 1 ? va_arg(a->ap, long) : f->longs == 2 ? va_arg(a->ap, long long) : f->longs ? va_arg(a->ap, ssize_t) : va_arg(a->ap, int);

	return f->shorts == 1 ? (short)v : f->shorts == 2 ? (signed char)v : v;
}

static uint64_t take_unsigned(struct arguments *a, const struct spec *f)
{
	uint64_t v = f->longs == 1 ? va_arg(a->ap, unsigned long) : f->longs == 2 ? va_arg(a->ap, unsigned long long)
						    : f->longs	      ? va_arg(a->ap, size_t) : va_arg(a->ap, unsigned);

	return f->shorts == 1 ? (unsigned short)v : f->shorts == 2 ? (unsigned char)v : v;
}

static void put_string(struct output *o, const struct spec *f, const char *s)
{
	s = s ? s : "(null)";
	put_padded(o, f, s, f->precision >= 0 ? strnlen(s, (size_t)f->precision) : strlen(s));
}

/* The part after the percent sign up to its letter; NULL: not one of ours. */
static const char *read_spec(const char *p, struct spec *f, struct arguments *a)
{
	*f = (struct spec){ .precision = -1 };
	for (; *p == '0' || *p == '-'; p++)
		*(*p == '0' ? &f->zero : &f->left) = true;
	for (; *p >= '0' && *p <= '9' && f->width < 1000; p++)
		f->width = f->width * 10 + (size_t)(*p - '0');
	if (*p == '.' && p[1] == '*') {
		f->precision = va_arg(a->ap, int);
		p += 2;
	} else if (*p == '.') {
		f->precision = 0;
		for (p++; *p >= '0' && *p <= '9' && f->precision < 100000; p++)
			f->precision = f->precision * 10 + (*p - '0');
	}
	for (; *p == 'l' || *p == 'h' || *p == 'z'; p++) {
		f->longs = *p == 'z' ? 3 : f->longs + (*p == 'l');
		f->shorts += *p == 'h';
	}
	return strchr("scduxX%", *p) && *p && (f->precision < 0 || *p == 's') && (!f->zero || f->width <= 64) ? p : NULL;
}

/* False: the format has something that is not done here. */
static bool format(struct output *o, const char *fmt, struct arguments *a)
{
	static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

	for (;;) {
		const char *next = strchrnul(fmt, '%');
		struct spec f;
		int64_t v;
		char c;

		put(o, fmt, (size_t)(next - fmt));
		if (!*next)
			return true;
		next = read_spec(next + 1, &f, a);
		if (!next)
			return false;
		fmt = next + 1;
		switch (*next) {
		case 's':
			put_string(o, &f, va_arg(a->ap, const char *));
			break;
		case 'c':
			c = (char)va_arg(a->ap, int);
			put_padded(o, &f, &c, 1);
			break;
		case 'd':
			v = take_signed(a, &f);
			put_number(o, &f, v < 0 ? -(uint64_t)v : (uint64_t)v, v < 0, 10, lower);
			break;
		case 'u':
			put_number(o, &f, take_unsigned(a, &f), false, 10, lower);
			break;
		case 'x':
			put_number(o, &f, take_unsigned(a, &f), false, 16, lower);
			break;
		case 'X':
			put_number(o, &f, take_unsigned(a, &f), false, 16, upper);
			break;
		case '%':
			put(o, "%", 1);
			break;
		}
	}
}

int text_vformat(char *out, size_t size, const char *fmt, va_list ap)
{
	char none;
	struct output o = { size ? out : &none, size ? out + size - 1 : &none, 0 };
	struct arguments a;
	bool done;

	va_copy(a.ap, ap);
	done = format(&o, fmt, &a);
	va_end(a.ap);
	if (!done)
		return vsnprintf(out, size, fmt, ap);
	if (size)
		*o.p = 0;
	return (int)o.len;
}

int text_format(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = text_vformat(out, size, fmt, ap);
	va_end(ap);
	return n;
}
