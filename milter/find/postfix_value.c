/* SPDX-License-Identifier: ISC */
/*
 * Expands the names in values of main.cf and master.cf, as Postfix's own
 * programs do when they start: postconf(5), "main.cf file format". The
 * comparison operators compare numbers if both sides are whole numbers,
 * otherwise text; those with "level" compare the dotted numbers of
 * compatibility_level. Where Postfix would fail with a fatal error (a bracket
 * that is not closed, no name after the "$"), the text is copied unchanged.
 */
#include "find/postfix_value.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_DEPTH_MAX = 30, VALUE_NAME_MAX = 100 };

struct value_scope {
	const char *(*look_up)(const void *arg, const char *name);
	const void *arg;
	unsigned depth;
	size_t work;		/* bytes that may still be processed */
};

/* A piece of a value: not NUL-terminated. */
struct value_part {
	const char *s;
	size_t len;
};

static void value_expand(struct value_scope *scope, struct value_part v,
    struct text *out);

static bool
value_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

static struct value_part
value_skip(struct value_part v, size_t n)
{
	return (struct value_part){v.s + n, v.len - n};
}

static struct value_part
value_trim(struct value_part v)
{
	while (v.len > 0 && strchr(" \t\r\n", *v.s) != NULL)
		v = value_skip(v, 1);
	while (v.len > 0 && strchr(" \t\r\n", v.s[v.len - 1]) != NULL)
		v.len--;
	return v;
}

/* Length up to the bracket that closes the one at the beginning of v,
 * including both; 0 if it is not closed. */
static size_t
value_bracketed(struct value_part v)
{
	char open = *v.s, close = open == '{' ? '}' : ')';
	size_t depth = 0;

	for (size_t i = 0; i < v.len; i++) {
		if (v.s[i] == open)
			depth++;
		else if (v.s[i] == close && --depth == 0)
			return i + 1;
	}
	return 0;
}

/* Takes "{...}" from the front of v, without its braces and outer blanks. */
static bool
value_take_braces(struct value_part *v, struct value_part *inner)
{
	*v = value_trim(*v);
	if (v->len == 0 || *v->s != '{')
		return false;
	size_t len = value_bracketed(*v);
	if (len == 0)
		return false;
	*inner = value_trim((struct value_part){v->s + 1, len - 2});
	*v = value_skip(*v, len);
	return true;
}

/* The unexpanded value of a name; NULL if unknown. */
static const char *
value_look_up(struct value_scope *scope, struct value_part name)
{
	char buf[VALUE_NAME_MAX + 1];

	if (name.len > VALUE_NAME_MAX)
		return NULL;
	memcpy(buf, name.s, name.len);
	buf[name.len] = '\0';
	return scope->look_up(scope->arg, buf);
}

static void
value_expand_name(struct value_scope *scope, struct value_part name,
    struct text *out)
{
	const char *value = value_look_up(scope, name);

	if (value != NULL)
		value_expand(scope, (struct value_part){value, strlen(value)},
		    out);
}

/* Expands v into malloc'd text of its own; NULL without memory or beyond the
 * limit. */
static char *
value_expand_alone(struct value_scope *scope, struct value_part v,
    const struct text *out)
{
	struct text t;

	text_init(&t, out->max);
	value_expand(scope, v, &t);
	return text_take(&t);
}

static int
value_sign(long long a, long long b)
{
	return a < b ? -1 : a > b;
}

/* Compares "3.6" and "3.10" as compatibility levels. */
static int
value_compare_levels(const char *a, const char *b)
{
	for (int i = 0; i < 3; i++) {
		char *a_end, *b_end;
		long long x = strtoll(a, &a_end, 10);
		long long y = strtoll(b, &b_end, 10);
		if (x != y)
			return value_sign(x, y);
		a = *a_end == '.' ? a_end + 1 : "";
		b = *b_end == '.' ? b_end + 1 : "";
	}
	return 0;
}

static int
value_compare(const char *a, const char *b)
{
	long long x, y;

	if (text_number(a, 0, 1LL << 60, &x) == 0 &&
	    text_number(b, 0, 1LL << 60, &y) == 0)
		return value_sign(x, y);
	return value_sign(strcmp(a, b), 0);
}

/* The longer ones first, since some begin with a shorter one. */
static const struct value_operator {
	const char *word;
	bool less, equal, greater, is_level;
} value_operators[] = {
	{"<=level", true, true, false, true},
	{">=level", false, true, true, true},
	{"==level", false, true, false, true},
	{"!=level", true, false, true, true},
	{"<level", true, false, false, true},
	{">level", false, false, true, true},
	{"<=", true, true, false, false},
	{">=", false, true, true, false},
	{"==", false, true, false, false},
	{"!=", true, false, true, false},
	{"<", true, false, false, false},
	{">", false, false, true, false},
};

/* Takes an operator from the front of v; NULL if there is none. */
static const struct value_operator *
value_take_operator(struct value_part *v)
{
	*v = value_trim(*v);
	for (size_t i = 0; i < sizeof value_operators / sizeof *value_operators;
	    i++) {
		const struct value_operator *o = &value_operators[i];
		size_t n = strlen(o->word);
		if (v->len >= n && memcmp(v->s, o->word, n) == 0) {
			*v = value_skip(*v, n);
			return o;
		}
	}
	return NULL;
}

/* Takes "{a} op {b}" from the front of v. Returns false if there is none. */
static bool
value_take_comparison(struct value_scope *scope, struct value_part *v,
    const struct text *out, bool *holds)
{
	struct value_part left, right;

	if (!value_take_braces(v, &left))
		return false;
	const struct value_operator *o = value_take_operator(v);
	if (o == NULL || !value_take_braces(v, &right))
		return false;
	char *a = value_expand_alone(scope, left, out);
	char *b = value_expand_alone(scope, right, out);
	bool ok = a != NULL && b != NULL;
	if (ok) {
		int c = o->is_level ? value_compare_levels(a, b)
		    : value_compare(a, b);
		*holds = c < 0 ? o->less : c > 0 ? o->greater : o->equal;
	}
	free(a);
	free(b);
	return ok;
}

/* What follows the name or the comparison: "?text", ":text", "?{a}:{b}". */
static void
value_choose(struct value_scope *scope, struct value_part rest, bool holds,
    struct text *out)
{
	struct value_part a = {"", 0}, b = {"", 0};
	bool when = rest.len > 0 && *rest.s == '?';

	rest = value_skip(rest, 1);
	struct value_part after = rest;
	if (!value_take_braces(&after, &a)) {
		a = rest;
	} else {
		after = value_trim(after);
		if (when && after.len > 0 && *after.s == ':') {
			after = value_skip(after, 1);
			if (!value_take_braces(&after, &b))
				b = after;
		}
	}
	if (holds == when)
		value_expand(scope, a, out);
	else if (when)
		value_expand(scope, b, out);
}

/* Expands what is between the brackets of ${...}. */
static void
value_expand_brackets(struct value_scope *scope, struct value_part v,
    struct text *out)
{
	bool holds = false;
	size_t n = 0;

	v = value_trim(v);
	if (v.len > 0 && *v.s == '{') {
		if (!value_take_comparison(scope, &v, out, &holds)) {
			out->cut = true;
			return;
		}
		v = value_trim(v);
		if (v.len > 0 && (*v.s == '?' || *v.s == ':'))
			value_choose(scope, v, holds, out);
		else if (holds)
			text_add(out, "bool_true");
		return;
	}
	while (n < v.len && value_is_name(v.s[n]))
		n++;
	struct value_part name = {v.s, n};
	v = value_trim(value_skip(v, n));
	if (v.len == 0) {
		value_expand_name(scope, name, out);
		return;
	}
	if (*v.s != '?' && *v.s != ':') {
		out->cut = true;
		return;
	}
	const char *value = value_look_up(scope, name);
	value_choose(scope, v, value != NULL && *value != '\0', out);
}

/* Expands what follows a "$". Returns its length. */
static size_t
value_expand_dollar(struct value_scope *scope, struct value_part v,
    struct text *out)
{
	size_t n = 0;

	if (v.len > 0 && *v.s == '$') {
		text_add(out, "$");
		return 1;
	}
	if (v.len > 0 && (*v.s == '{' || *v.s == '(')) {
		size_t len = value_bracketed(v);
		if (len == 0) {
			text_add(out, "$");
			return 0;
		}
		value_expand_brackets(scope,
		    (struct value_part){v.s + 1, len - 2}, out);
		return len;
	}
	while (n < v.len && value_is_name(v.s[n]))
		n++;
	if (n == 0)
		text_add(out, "$");
	else
		value_expand_name(scope, (struct value_part){v.s, n}, out);
	return n;
}

static void
value_expand(struct value_scope *scope, struct value_part v, struct text *out)
{
	if (scope->depth == VALUE_DEPTH_MAX || v.len > scope->work) {
		out->cut = true;
		scope->work = 0;
		return;
	}
	scope->depth++;
	scope->work -= v.len;
	while (v.len > 0) {
		const char *dollar = memchr(v.s, '$', v.len);
		size_t plain = dollar == NULL ? v.len : (size_t)(dollar - v.s);
		text_add_bytes(out, v.s, plain);
		v = value_skip(v, plain);
		if (v.len == 0)
			break;
		v = value_skip(v, 1);
		v = value_skip(v, value_expand_dollar(scope, v, out));
	}
	scope->depth--;
}

void
postfix_value_expand(const char *value,
    const char *(*look_up)(const void *arg, const char *name), const void *arg,
    struct text *out)
{
	struct value_scope scope = {.look_up = look_up, .arg = arg,
	    .work = 16 * out->max + strlen(value)};

	value_expand(&scope, (struct value_part){value, strlen(value)}, out);
}
