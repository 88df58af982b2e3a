/* SPDX-License-Identifier: ISC */
/*
 * Read left to right, never searched: a comment or a quoted string holds what
 * it likes without being taken for a result.
 *
 *	value   = [who [version]] *( ";" [resinfo] )
 *	resinfo = method ["/" version] "=" result *( property )
 *	property = [ptype "."] name "=" value		("reason" among them)
 *
 * with comments and blanks between all of these. A part that doesn't read so is
 * passed over up to the next ";" and counted.
 *
 * Strings are copied to a buffer of twice the value's length: each byte is
 * copied once at most, and each string, which was a byte at least, gets a NUL.
 */
#include "tool/auth_results.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct reader {
	const char *p;
	char *out;		/* where the next string goes */
	const char *comment;	/* the first one since it was set to NULL */
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int
reader_begin(struct reader *r, char **buf, const char *value)
{
	*buf = malloc(2 * strlen(value) + 2);
	*r = (struct reader){ .p = value, .out = *buf };
	return *buf == NULL ? -1 : 0;
}

/* A comment, from its "(" on; those in it belong to it (RFC 5322 3.2.2). */
static void
skip_comment(struct reader *r)
{
	char *text = r->out;
	size_t depth = 1;

	for (r->p++; *r->p != '\0'; r->p++) {
		if (*r->p == '\\' && r->p[1] != '\0')
			r->p++;
		else if (*r->p == '(')
			depth++;
		else if (*r->p == ')' && --depth == 0)
			break;
		*r->out++ = *r->p;
	}
	if (*r->p == ')')
		r->p++;
	*r->out++ = '\0';
	if (r->comment == NULL)
		r->comment = text;
}

static void
skip_between(struct reader *r)
{
	while (is_space(*r->p) || *r->p == '(') {
		if (*r->p == '(')
			skip_comment(r);
		else
			r->p++;
	}
}

static void
copy_quoted(struct reader *r)
{
	for (r->p++; *r->p != '\0' && *r->p != '"'; r->p++) {
		if (*r->p == '\\' && r->p[1] != '\0')
			r->p++;
		*r->out++ = *r->p;
	}
	if (*r->p == '"')
		r->p++;
}

/* What stands up to a blank, ";", "(" or one of stops, its quotes taken away;
 * NULL when that is nothing. */
static const char *
read_word(struct reader *r, const char *stops)
{
	const char *begin = r->p;
	const char *word = r->out;

	while (*r->p != '\0' && !is_space(*r->p) && *r->p != ';' &&
	    *r->p != '(' && strchr(stops, *r->p) == NULL) {
		if (*r->p == '"')
			copy_quoted(r);
		else
			*r->out++ = *r->p++;
	}
	if (r->p == begin)
		return NULL;
	*r->out++ = '\0';
	return word;
}

/* "=" with what may stand around it. */
static bool
read_equals(struct reader *r)
{
	skip_between(r);
	if (*r->p != '=')
		return false;
	r->p++;
	skip_between(r);
	return true;
}

/* Up to the next ";" that isn't in a comment or in quotes. */
static void
skip_part(struct reader *r)
{
	while (*r->p != '\0' && *r->p != ';') {
		if (*r->p == '(')
			skip_comment(r);
		else if (*r->p == '"')
			copy_quoted(r);
		else
			r->p++;
	}
}

static int
read_property(struct reader *r, struct auth_property *out)
{
	out->ptype = "";
	out->name = read_word(r, ".=");
	skip_between(r);
	if (*r->p == '.') {
		out->ptype = out->name;
		r->p++;
		skip_between(r);
		out->name = read_word(r, "=");
	}
	if (out->name == NULL || out->ptype == NULL || !read_equals(r))
		return -1;
	out->value = read_word(r, "");
	if (out->value == NULL)
		out->value = "";
	skip_between(r);
	return 0;
}

/* What stands behind a result; how much of it couldn't be kept. */
static unsigned
read_properties(struct reader *r, struct auth_result *out)
{
	unsigned skipped = 0;

	while (*r->p != '\0' && *r->p != ';') {
		struct auth_property p;

		if (read_property(r, &p) != 0) {
			skip_part(r);
			return skipped + 1;
		}
		if (p.ptype[0] == '\0' && text_equal_fold(p.name, "reason"))
			out->reason = p.value;
		else if (out->n < AUTH_PROPERTIES_MAX)
			out->property[out->n++] = p;
		else
			skipped++;
	}
	return skipped;
}

static int
read_result(struct reader *r, struct auth_result *out)
{
	out->n = 0;
	out->reason = "";
	out->comment = "";
	out->method = read_word(r, "=/");
	skip_between(r);
	if (out->method != NULL && *r->p == '/') {
		r->p++;
		skip_between(r);
		(void)read_word(r, "=");
	}
	if (out->method == NULL || !read_equals(r))
		return -1;
	out->result = read_word(r, "=");
	r->comment = NULL;
	skip_between(r);
	if (r->comment != NULL)
		out->comment = r->comment;
	return out->result == NULL ? -1 : 0;
}

/* What stands between two ";": a result, "none", or nothing. */
static void
read_part(struct auth_results *a, struct reader *r)
{
	skip_between(r);
	if (*r->p == '\0' || *r->p == ';')
		return;
	if (strncmp(r->p, "none", 4) == 0 && (r->p[4] == '\0' ||
	    r->p[4] == ';' || is_space(r->p[4]))) {
		skip_part(r);
	} else if (a->n == AUTH_RESULTS_MAX || read_result(r, &a->v[a->n]) != 0) {
		a->skipped++;
		skip_part(r);
	} else {
		a->skipped += read_properties(r, &a->v[a->n]);
		a->n++;
	}
}

int
auth_results_parse(struct auth_results *a, const char *value)
{
	struct reader r, start;
	const char *who;

	a->n = 0;
	a->skipped = 0;
	a->by = "";
	if (reader_begin(&r, &a->buf, value) != 0)
		return -1;
	skip_between(&r);
	start = r;
	who = read_word(&r, "=");
	skip_between(&r);
	if (*r.p == '=') {		/* it was a result, and nobody's */
		r = start;
		read_part(a, &r);
	} else {
		a->by = who == NULL ? "" : who;
		skip_part(&r);
	}
	while (*r.p == ';') {
		r.p++;
		read_part(a, &r);
	}
	return a->by[0] == '\0' && a->n == 0 ? -1 : 0;
}

void
auth_results_free(struct auth_results *a)
{
	free(a->buf);
	a->buf = NULL;
	a->by = "";
	a->n = 0;
}

const char *
auth_result_property(const struct auth_result *r, const char *ptype,
    const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (text_equal_fold(r->property[i].ptype, ptype) &&
		    text_equal_fold(r->property[i].name, name))
			return r->property[i].value;
	return NULL;
}

static void
keep(char *out, size_t size, const char *s)
{
	out[0] = '\0';
	if (s != NULL && strlen(s) < size)
		memcpy(out, s, strlen(s) + 1);
}

struct ip
auth_address_in(const char *text)
{
	static const char around[] = " \t\r\n()[]<>=,;\"'";
	struct ip none = { .family = IP_NONE };
	struct ip found = none;

	while (*(text += strspn(text, around)) != '\0') {
		char word[IP_SIZE + sizeof "IPv6:."];
		size_t len = strcspn(text, around);
		struct ip ip;

		if (len < sizeof word) {
			memcpy(word, text, len);
			word[len] = '\0';
			if (word[len - 1] == '.')
				word[len - 1] = '\0';
			if (ip_parse(word, &ip) == 0) {
				if (found.family != IP_NONE &&
				    !ip_equal(&found, &ip))
					return none;
				found = ip;
			}
		}
		text += len;
	}
	return found;
}

int
received_spf_parse(const char *value, struct received_spf *out)
{
	struct reader r;
	char *buf;
	const char *key, *word, *comment;

	memset(out, 0, sizeof *out);
	if (reader_begin(&r, &buf, value) != 0)
		return -1;
	skip_between(&r);
	keep(out->result, sizeof out->result, read_word(&r, "="));
	r.comment = NULL;
	skip_between(&r);
	comment = r.comment;
	while (*r.p != '\0') {
		key = read_word(&r, "=");
		if (key == NULL) {
			r.p++;
		} else if (read_equals(&r)) {
			word = read_word(&r, "");
			if (text_equal_fold(key, "client-ip") && word != NULL)
				(void)ip_parse(word, &out->client);
			else if (text_equal_fold(key, "receiver"))
				keep(out->receiver, sizeof out->receiver, word);
			else if (text_equal_fold(key, "envelope-from"))
				keep(out->envelope_from,
				    sizeof out->envelope_from, word);
		}
		skip_between(&r);
	}
	if (out->client.family == IP_NONE && comment != NULL)
		out->client = auth_address_in(comment);
	free(buf);
	return out->result[0] == '\0' ? -1 : 0;
}

void
received_parse(const char *value, struct ip *client, char *by, size_t size)
{
	struct reader r;
	struct ip said = { .family = IP_NONE };
	bool is_from = false, is_first = true;
	char *buf;

	client->family = IP_NONE;
	by[0] = '\0';
	if (reader_begin(&r, &buf, value) != 0)
		return;
	for (;; is_first = false) {
		const char *word;

		while (is_space(*r.p))
			r.p++;
		r.comment = NULL;
		if (*r.p == '(') {
			skip_comment(&r);
			struct ip ip = auth_address_in(r.comment);
			if (is_from && ip.family != IP_NONE)
				*client = ip;
			continue;
		}
		word = read_word(&r, "");
		if (word == NULL || text_equal_fold(word, "by"))
			break;
		if (is_first && text_equal_fold(word, "from"))
			is_from = true;
		else if (is_from && word[0] == '[')
			said = auth_address_in(word);
	}
	if (client->family == IP_NONE)
		*client = said;
	skip_between(&r);
	keep(by, size, read_word(&r, ""));
	free(buf);
}
