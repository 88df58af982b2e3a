/* SPDX-License-Identifier: ISC */
/*
 * Log lines: the writer and the matching reader. Every line that is written
 * reads back the same, whatever the values contain; tests/unit/test_event.c and
 * tests/fuzz/fuzz_event.c verify that.
 *
 *	line     = [qid ": "] ["warning: "] name *(" " key "=" value)
 *	           [" cut=yes" / ": " sentence]
 *	qid      = letters and digits, at least one digit or capital
 *	name     = lower-case letters and "-"
 *	key      = lower-case letters, digits, "_" and "-"
 *	value    = plain / quoted
 *
 * A name has neither digits nor capitals, so it cannot be mistaken for a queue
 * id. A line that was cut has no sentence: it ends with " cut=yes". The reader
 * is more lenient than the writer in one respect: it accepts quotes and escapes
 * where none are needed.
 */
#include "base/event.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char event_cut_mark[] = " cut=yes";
static const char event_dots[] = "...";
static const char event_no_qid[] = "NOQUEUE";
static const char event_warning[] = "warning: ";

enum {
	EVENT_CUT_LEN = sizeof event_cut_mark - 1,
	EVENT_WARNING_LEN = sizeof event_warning - 1,
	EVENT_HEAD_MAX = 200,	/* queue id and name, far more than they need */
	EVENT_QID_MAX = 63,	/* no id of Postfix's is longer */
	EVENT_DOTS_LEN = sizeof event_dots - 1,
	EVENT_SENTENCE_MIN = 40,	/* less is no use */
};

static bool
event_is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
event_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
event_is_qid(const char *s, size_t len)
{
	bool marked = false;

	if (len == 0 || len > EVENT_QID_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (event_is_digit(s[i]) || (s[i] >= 'A' && s[i] <= 'Z'))
			marked = true;
		else if (!event_is_lower(s[i]))
			return false;
	}
	return marked;
}

static bool
event_is_name(const char *s, size_t len)
{
	if (len == 0 || len > EVENT_HEAD_MAX / 2)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!event_is_lower(s[i]) && s[i] != '-')
			return false;
	return true;
}

static bool
event_is_key_byte(char c)
{
	return event_is_lower(c) || event_is_digit(c) || c == '_' || c == '-';
}

/* Bytes that need no escape inside quotes. */
static bool
event_is_bare(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/* Bytes that need no quotes. */
static bool
event_is_plain(char c)
{
	return event_is_bare(c) && c != ' ' && c != '=';
}

void
event_begin(struct event *e, const char *qid, bool warning, const char *name)
{
	e->cut = false;
	e->ended = false;
	e->warning = warning;
	e->n = 0;
	const char *id = qid == NULL || *qid == '\0' ? ""
	    : event_is_qid(qid, strlen(qid)) ? qid : event_no_qid;
	int n = snprintf(e->line, EVENT_HEAD_MAX + 1, "%s%s%s%s", id,
	    *id == '\0' ? "" : ": ", warning ? event_warning : "", name);
	e->len = n < 0 ? 0 : n > EVENT_HEAD_MAX ? EVENT_HEAD_MAX : (size_t)n;
}

/* Appends len bytes of a value, escaped as inside quotes. Returns false if
 * they would exceed limit. */
static bool
event_escape(char *line, size_t *at, size_t limit, const char *s, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = *at;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		bool bare = event_is_bare(s[i]);

		if (n + (bare ? 1 : 4) > limit)
			return false;
		if (bare) {
			line[n++] = s[i];
			continue;
		}
		line[n++] = '\\';
		line[n++] = 'x';
		line[n++] = hex[c >> 4];
		line[n++] = hex[c & 15];
	}
	*at = n;
	return true;
}

/* A value in parts. before and after are "<" and ">", or ""; after begins with
 * the ellipsis if the value was cut. */
struct event_parts {
	const char *before;
	const char *value;
	size_t len;		/* of value */
	const char *after;
};

static bool
event_needs_quotes(const struct event_parts *p)
{
	for (size_t i = 0; i < p->len && i < EVENT_LINE_MAX; i++)
		if (!event_is_plain(p->value[i]))
			return true;
	for (const char *c = p->after; *c != '\0'; c++)
		if (!event_is_plain(*c))
			return true;
	if (*p->after != '\0')
		return false;
	return p->len == 0 ? *p->before == '\0' : p->value[p->len - 1] == ':';
}

/* Writes " key=" and the parts. Returns false if they do not fit. */
static bool
event_put(struct event *e, const char *key, const struct event_parts *p)
{
	size_t key_len = strlen(key), n = e->len;
	/* Room for the cut mark is always reserved; 4: space, "=", quotes. */
	size_t limit = EVENT_LINE_MAX - EVENT_CUT_LEN;
	bool quoted = event_needs_quotes(p);

	if (e->n == EVENT_FIELDS_MAX || key_len + 4 > limit - n)
		return false;
	e->line[n++] = ' ';
	memcpy(e->line + n, key, key_len);
	n += key_len;
	e->line[n++] = '=';
	if (quoted)
		e->line[n++] = '"';
	if (!event_escape(e->line, &n, limit, p->before, strlen(p->before)) ||
	    !event_escape(e->line, &n, limit, p->value, p->len) ||
	    !event_escape(e->line, &n, limit, p->after, strlen(p->after)) ||
	    n + quoted > limit)
		return false;
	if (quoted)
		e->line[n++] = '"';
	e->len = n;
	e->n++;
	return true;
}

/* How many bytes of s fit into room once escaped; *is_whole: all of them. No
 * UTF-8 character is cut in two. */
static size_t
event_fitting(const char *s, size_t room, bool *is_whole)
{
	size_t n = 0, written = 0;

	while (s[n] != '\0' && written + (event_is_bare(s[n]) ? 1 : 4) <= room)
		written += event_is_bare(s[n++]) ? 1 : 4;
	*is_whole = s[n] == '\0';
	while (!*is_whole && n > 0 && (s[n] & 0xC0) == 0x80)
		n--;
	return n;
}

static void
event_add_between(struct event *e, const char *key, const char *before,
    const char *value, const char *after, const char *after_cut)
{
	/* 2: quotes; the ellipsis is 3 bytes of 4 each. */
	size_t room = EVENT_BOUNDED_MAX - 2 - strlen(before) - strlen(after);
	struct event_parts p = { .before = before, .value = value,
		.after = after };
	bool is_whole;

	if (value == NULL || e->cut || e->ended)
		return;
	p.len = event_fitting(value, room, &is_whole);
	if (!is_whole) {
		p.len = event_fitting(value, room - 12, &is_whole);
		p.after = after_cut;
	}
	e->cut = !event_put(e, key, &p);
}

void
event_add(struct event *e, const char *key, const char *value)
{
	if (value == NULL || e->cut || e->ended)
		return;
	e->cut = !event_put(e, key, &(struct event_parts){ .before = "",
	    .value = value, .len = strlen(value), .after = "" });
}

void
event_add_bounded(struct event *e, const char *key, const char *value)
{
	event_add_between(e, key, "", value, "", "\xe2\x80\xa6");
}

void
event_add_number(struct event *e, const char *key, long long value)
{
	char digits[32];

	(void)snprintf(digits, sizeof digits, "%lld", value);
	event_add(e, key, digits);
}

void
event_add_path(struct event *e, const char *key, const char *value)
{
	event_add_between(e, key, "<", value, ">", "\xe2\x80\xa6>");
}

void
event_sentence(struct event *e, const char *fmt, ...)
{
	char text[EVENT_LINE_MAX + 1];
	va_list ap;

	if (e->cut || e->ended)
		return;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n == 0)
		return;
	size_t room = EVENT_LINE_MAX - e->len;
	if (n < 0 || (room < (size_t)n + 2 && room < EVENT_SENTENCE_MIN)) {
		e->cut = true;
		return;
	}
	if (room < (size_t)n + 2)
		memcpy(text + room - 2 - EVENT_DOTS_LEN, event_dots,
		    EVENT_DOTS_LEN + 1);
	e->line[e->len++] = ':';
	e->line[e->len++] = ' ';
	for (const char *p = text; *p != '\0'; p++)
		e->line[e->len++] = *p < ' ' || *p > '~' ? '?' : *p;
	e->ended = true;
}

const char *
event_line(struct event *e)
{
	if (e->cut && !e->ended) {
		memcpy(e->line + e->len, event_cut_mark, EVENT_CUT_LEN);
		e->len += EVENT_CUT_LEN;
		e->ended = true;
	}
	e->line[e->len] = '\0';
	return e->line;
}

static int
event_hex(char c)
{
	if (event_is_digit(c))
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* The position of the reader: in is what is left to read, out the space left
 * to write. Every string produced is shorter than its source plus the
 * separator. */
struct event_cursor {
	const char *in;
	const char *end;
	char *out;
};

static const char *
event_keep(struct event_cursor *c, const char *s, size_t len)
{
	char *kept = c->out;

	memcpy(kept, s, len);
	kept[len] = '\0';
	c->out += len + 1;
	return kept;
}

/* Reads a value after its opening quote; NULL if it is malformed. */
static const char *
event_read_quoted(struct event_cursor *c)
{
	char *kept = c->out;

	while (c->in < c->end && *c->in != '"') {
		char b = *c->in++;
		if (b == '\\') {
			if (c->end - c->in < 3 || c->in[0] != 'x')
				return NULL;
			int hi = event_hex(c->in[1]), lo = event_hex(c->in[2]);
			if (hi < 0 || lo < 0 || hi + lo == 0)
				return NULL;
			b = (char)(hi << 4 | lo);
			c->in += 3;
		} else if (!event_is_bare(b)) {
			return NULL;
		}
		*c->out++ = b;
	}
	if (c->in == c->end)
		return NULL;
	c->in++;
	*c->out++ = '\0';
	return kept;
}

/* Reads an unquoted value: up to the space, or to the ":" before it. */
static const char *
event_read_plain(struct event_cursor *c)
{
	const char *s = c->in;

	while (c->in < c->end && event_is_plain(*c->in))
		c->in++;
	if (c->in > s && c->in[-1] == ':')
		c->in--;
	if (c->in == s)
		return NULL;
	return event_keep(c, s, (size_t)(c->in - s));
}

/* Reads " key=value" into r; -1 if it is malformed. */
static int
event_read_field(struct event_read *r, struct event_cursor *c)
{
	const char *key = ++c->in;

	while (c->in < c->end && event_is_key_byte(*c->in))
		c->in++;
	size_t key_len = (size_t)(c->in - key);
	if (key_len == 0 || c->in == c->end || *c->in != '=' ||
	    r->n == EVENT_FIELDS_MAX)
		return -1;
	c->in++;
	r->field[r->n].key = event_keep(c, key, key_len);
	if (c->in < c->end && *c->in == '"') {
		c->in++;
		r->field[r->n].value = event_read_quoted(c);
	} else {
		r->field[r->n].value = event_read_plain(c);
	}
	if (r->field[r->n].value == NULL)
		return -1;
	r->n++;
	return 0;
}

/* Reads the queue id, the warning mark and the name. */
static int
event_read_head(struct event_read *r, struct event_cursor *c)
{
	const char *colon = memchr(c->in, ':', (size_t)(c->end - c->in));

	if (colon != NULL && c->end - colon > 1 && colon[1] == ' ' &&
	    event_is_qid(c->in, (size_t)(colon - c->in))) {
		r->qid = event_keep(c, c->in, (size_t)(colon - c->in));
		c->in = colon + 2;
	}
	if (c->end - c->in >= EVENT_WARNING_LEN &&
	    memcmp(c->in, event_warning, EVENT_WARNING_LEN) == 0) {
		r->warning = true;
		c->in += EVENT_WARNING_LEN;
	}
	const char *name = c->in;
	while (c->in < c->end && *c->in != ' ' && *c->in != ':')
		c->in++;
	if (!event_is_name(name, (size_t)(c->in - name)))
		return -1;
	r->name = event_keep(c, name, (size_t)(c->in - name));
	return 0;
}

/* Reads what follows the ":" that ends the fields. */
static int
event_read_sentence(struct event_read *r, struct event_cursor *c)
{
	if (c->end - c->in < 3 || c->in[0] != ':' || c->in[1] != ' ')
		return -1;
	c->in += 2;
	for (const char *p = c->in; p < c->end; p++)
		if (*p < ' ' || *p > '~')
			return -1;
	r->sentence = event_keep(c, c->in, (size_t)(c->end - c->in));
	c->in = c->end;
	return 0;
}

int
event_parse(struct event_read *r, const char *line, size_t len)
{
	struct event_cursor c = {line, line + len, r->buf};

	r->qid = r->name = r->sentence = "";
	r->warning = r->cut = false;
	r->n = 0;
	if (len == 0 || len > EVENT_LINE_MAX)
		return -1;
	if (event_read_head(r, &c) != 0)
		return -1;
	while (c.in < c.end && *c.in == ' ') {
		if (c.end - c.in == EVENT_CUT_LEN &&
		    memcmp(c.in, event_cut_mark, EVENT_CUT_LEN) == 0) {
			r->cut = true;
			return 0;
		}
		if (event_read_field(r, &c) != 0)
			return -1;
	}
	return c.in == c.end ? 0 : event_read_sentence(r, &c);
}

const char *
event_value(const struct event_read *r, const char *key)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->field[i].key, key) == 0)
			return r->field[i].value;
	return NULL;
}
