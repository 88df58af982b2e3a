/* SPDX-License-Identifier: ISC */
/*
 * Mailboxes of the envelope (RFC 5321 4.1.2) and of header fields (RFC 5322
 * 3.4 with the obsolete forms of 4.4). The reader of fields is a one-pass
 * tokenizer without backtracking, and it never fails: mail is written by
 * programs whose authors have not read the RFC, and that mail must be signed
 * too. Where a value violates RFC 5322, these rules apply:
 *
 *	a@b <c@d>		the angle brackets hold the mailbox
 *	<x> <c@d>		the first ones that hold an "@"
 *	a b@c			the word at the "@" is the local part
 *	a@b c			the domain ends where the next word begins
 *	a@b@c			the last "@" separates, as in Postfix
 *	"a <b@c>   (a <b@c>	an unclosed quote or "(" is an ordinary byte
 *	=?utf-8?q?a,b@c?= <d@e>	an encoded word is one word whatever it holds
 *	<b@c, <d@e>		a "," ends angle brackets that are not closed
 *
 * Group names are dropped; members of a group are treated like other
 * mailboxes.
 */
#include "base/address.h"

#include <stdio.h>
#include <string.h>

enum { ADDRESS_LITERAL_MAX = 200 };

/* An addr-spec under construction. */
struct address_spec {
	char local[ADDRESS_MAX];
	size_t local_len;
	char domain[ADDRESS_MAX];
	size_t domain_len;
	bool has_at;
	bool any;		/* there was a word, a dot or an "@" */
	bool joined;		/* the last token was "." or "@" */
	bool gap;		/* white space or a comment since then */
	bool done;		/* the domain has ended */
	bool domain_over;	/* it did not fit, so there is none */
	bool is_literal;
};

static void
address_spec_clear(struct address_spec *s)
{
	s->local_len = s->domain_len = 0;
	s->has_at = s->any = s->joined = s->gap = s->done = false;
	s->domain_over = s->is_literal = false;
}

static void
address_spec_bytes(struct address_spec *s, const char *p, size_t len)
{
	char *buf = s->has_at ? s->domain : s->local;
	size_t *at = s->has_at ? &s->domain_len : &s->local_len;

	if (len > ADDRESS_MAX - *at) {
		s->domain_over |= s->has_at;
		len = ADDRESS_MAX - *at;
	}
	memcpy(buf + *at, p, len);
	*at += len;
}

/* Appends a word or a part of one: atoms arrive byte by byte. */
static void
address_spec_word(struct address_spec *s, const char *p, size_t len)
{
	if (s->done)
		return;
	if (s->gap && !s->joined) {
		if (!s->has_at)
			s->local_len = 0;
		else if (s->domain_len > 0)
			s->done = true;
		if (s->done)
			return;
	}
	s->any = true;
	s->gap = s->joined = false;
	address_spec_bytes(s, p, len);
}

static void
address_spec_dot(struct address_spec *s)
{
	if (s->done)
		return;
	s->any = true;
	s->gap = false;
	s->joined = true;
	address_spec_bytes(s, ".", 1);
}

static void
address_spec_at(struct address_spec *s)
{
	if (s->done)
		return;
	s->any = true;
	s->gap = false;
	s->joined = true;
	if (!s->has_at) {
		s->has_at = true;
		return;
	}
	s->has_at = false;
	address_spec_bytes(s, "@", 1);
	address_spec_bytes(s, s->domain, s->domain_len);
	s->has_at = true;
	s->domain_len = 0;
	s->domain_over = s->is_literal = false;
}

/* Fills *out from the spec. A local part that does not fit is cut, so that the
 * domain stays whole. */
static void
address_spec_take(const struct address_spec *s, struct address *out)
{
	size_t domain_len = s->domain_len, n = s->local_len;

	*out = (struct address){.is_literal = s->is_literal};
	if (domain_len > ADDRESS_MAX / 2)
		domain_len = ADDRESS_MAX / 2;
	size_t room = ADDRESS_MAX - 1 - (s->has_at ? 1 + domain_len : 0);
	if (n > room)
		n = room;
	memcpy(out->text, s->local, n);
	if (s->has_at) {
		out->text[n++] = '@';
		memcpy(out->text + n, s->domain, domain_len);
		n += domain_len;
	}
	out->text[n] = '\0';
	if (!s->has_at || s->domain_over)
		return;
	if (!s->is_literal) {
		(void)domain_to_ascii_bytes(s->domain, s->domain_len,
		    out->domain);
	} else if (s->domain_len < sizeof out->domain) {
		memcpy(out->domain, s->domain, s->domain_len);
		out->domain[s->domain_len] = '\0';
	}
}

static bool
address_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Length of the quoted string at p, including both quotes; 0 if it is not
 * closed. */
static size_t
address_quoted_len(const char *p, const char *end)
{
	for (const char *q = p + 1; q < end; q++) {
		if (*q == '\\')
			q++;
		else if (*q == '"')
			return (size_t)(q - p) + 1;
	}
	return 0;
}

/* Length of the comment at p, including nested ones; 0 if it is not closed. */
static size_t
address_comment_len(const char *p, const char *end)
{
	size_t depth = 0;

	for (const char *q = p; q < end; q++) {
		if (*q == '\\')
			q++;
		else if (*q == '(')
			depth++;
		else if (*q == ')' && --depth == 0)
			return (size_t)(q - p) + 1;
	}
	return 0;
}

/*
 * Length of the domain literal at p, including its brackets; 0 if it is none.
 */
static size_t
address_literal_len(const char *p, const char *end)
{
	for (const char *q = p + 1; q < end; q++) {
		if (q - p > ADDRESS_LITERAL_MAX || *q == '[' || *q == '\\')
			return 0;
		if (*q == ']')
			return (size_t)(q - p) + 1;
	}
	return 0;
}

/* Length of the encoded word at l->p (RFC 2047 2: "=?charset?B?text?="); 0 if
 * it is none. If one that begins at p is not closed, neither is one that
 * begins later in the same run without white space, so each byte is looked at
 * once. */
static size_t
address_encoded_len(struct address_list *l)
{
	const char *p = l->p, *end = l->end, *q;
	unsigned marks = 0;

	if (end - p < 2 || p[0] != '=' || p[1] != '?' || p < l->no_encoded)
		return 0;
	for (q = p + 2; q < end && !address_is_space(*q); q++) {
		if (*q != '?')
			continue;
		if (marks < 2)
			marks++;
		else if (end - q >= 2 && q[1] == '=')
			return (size_t)(q - p) + 2;
	}
	l->no_encoded = q;
	return 0;
}

/* Takes a domain literal, leaving out any white space in it. */
static void
address_take_literal(struct address_spec *s, const char *p, size_t len)
{
	s->is_literal = true;
	s->any = true;
	s->gap = s->joined = false;
	for (size_t i = 0; i < len; i++)
		if (!address_is_space(p[i]))
			address_spec_bytes(s, p + i, 1);
}

/*
 * Takes the token at l->p into s: white space, comment, quoted string, quoted
 * pair, encoded word, literal, dot, "@" or a byte of an atom. The caller
 * handles the structural characters (< > , ; :).
 */
static void
address_token(struct address_list *l, struct address_spec *s)
{
	const char *p = l->p;
	size_t len = 1;

	if (address_is_space(*p)) {
		s->gap = true;
	} else if (*p == '(') {
		len = l->open_comment ? 0 : address_comment_len(p, l->end);
		l->open_comment |= len == 0;
		len = len == 0 ? 1 : len;
		s->gap = true;
	} else if (*p == '"') {
		len = l->open_quote ? 0 : address_quoted_len(p, l->end);
		l->open_quote |= len == 0;
		len = len == 0 ? 1 : len;
		address_spec_word(s, p, len);
	} else if (*p == '\\' && l->end - p >= 2) {
		len = 2;
		address_spec_word(s, p, len);
	} else if (*p == '.') {
		address_spec_dot(s);
	} else if (*p == '@') {
		address_spec_at(s);
	} else if (*p == '[' && s->has_at && s->domain_len == 0 && !s->done &&
	    address_literal_len(p, l->end) > 0) {
		len = address_literal_len(p, l->end);
		address_take_literal(s, p, len);
	} else if (*p == '=' && !s->has_at && (s->gap || !s->any) &&
	    (len = address_encoded_len(l)) > 0) {
		address_spec_word(s, p, len);
	} else {
		len = 1;
		address_spec_word(s, p, len);
	}
	l->p += len;
}

/* Reads what is between angle brackets; l->p points just past the "<". */
static void
address_angle(struct address_list *l, struct address_spec *s)
{
	bool route = false;

	address_spec_clear(s);
	while (l->p < l->end) {
		char c = *l->p;
		if (c == '>') {
			l->p++;
			return;
		}
		if (c == ',' && !route)
			return;
		if (c == '<' || c == ':' || c == ',') {
			/* "<@a,@b:c@d>": the path begins after the colon */
			address_spec_clear(s);
			route = c == ',';
			l->p++;
			continue;
		}
		if (c == '@' && !s->any)
			route = true;
		address_token(l, s);
	}
}

/* Reads up to the "," or ";" that ends a mailbox, or the ":" after a group
 * name. Returns true if *best holds a mailbox. */
static bool
address_element(struct address_list *l, struct address_spec *best,
    struct address_spec *bare, struct address_spec *angle)
{
	bool has_angle = false;

	address_spec_clear(best);
	address_spec_clear(bare);
	while (l->p < l->end) {
		char c = *l->p;
		if (c == ',' || c == ';' || c == ':')
			break;
		if (c != '<') {
			address_token(l, bare);
			continue;
		}
		l->p++;
		address_angle(l, angle);
		bare->gap = true;
		if (angle->any && (!has_angle ||
		    (angle->has_at && !best->has_at))) {
			*best = *angle;
			has_angle = true;
		}
	}
	char stop = l->p < l->end ? *l->p++ : ',';
	l->in_group = stop == ':' || (l->in_group && stop != ';');
	if (stop == ':')
		return false;
	if (!has_angle)
		*best = *bare;
	return has_angle || best->has_at;
}

void
address_list_begin(struct address_list *l, const char *value, size_t len)
{
	*l = (struct address_list){.p = value, .end = value + len,
	    .no_encoded = value};
}

bool
address_list_next(struct address_list *l, struct address *out)
{
	struct address_spec best, bare, angle;

	while (l->p < l->end) {
		if (!address_element(l, &best, &bare, &angle))
			continue;
		if (l->seen == ADDRESS_LIST_MAX) {
			l->cut = true;
			l->p = l->end;
			break;
		}
		l->seen++;
		address_spec_take(&best, out);
		return true;
	}
	*out = (struct address){0};
	return false;
}

/* Skips "@a,@b:" at the beginning of a path. */
static const char *
address_skip_route(const char *p, const char *end)
{
	if (p == end || *p != '@')
		return p;
	const char *colon = memchr(p, ':', (size_t)(end - p));
	return colon == NULL ? p : colon + 1;
}

/* Finds the "@" between local part and domain: the last one outside quotes.
 * Returns false if a quoted string is not closed. */
static bool
address_divide(const char *p, const char *end, const char **at)
{
	*at = NULL;
	while (p < end) {
		if (*p == '"') {
			size_t len = address_quoted_len(p, end);
			if (len == 0)
				return false;
			p += len;
			continue;
		}
		if (*p == '\\')
			p++;
		else if (*p == '@')
			*at = p;
		p++;
	}
	return true;
}

/*
 * Returns true if no MTA would take the local part apart. Some look for
 * comments and several "@" in a path, and, below their own domains, for
 * "user%host" and "host!user", even in quotes: Postfix checks the sender login
 * of the address that it finds there (tok822_parse, allow_percent_hack,
 * swap_bangpath, resolve_dequoted_address). A plain local part has atoms and
 * dots in any order, without "%" and "!", and in quotes also spaces.
 */
static bool
address_is_plain(const char *p, const char *end)
{
	bool is_quoted = end - p > 2 && *p == '"' && end[-1] == '"';

	if (is_quoted) {
		p++;
		end--;
	}
	for (; p < end; p++) {
		char c = *p;

		if ((c & 0x80) == 0 && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    (c == '\0' || strchr("#$&'*+-/=?^_`{|}~.", c) == NULL) &&
		    !(is_quoted && c == ' '))
			return false;
	}
	return true;
}

static int
address_path_domain(const char *p, const char *end, struct address *out)
{
	if (p < end && *p == '[') {
		size_t len = (size_t)(end - p);
		if (address_literal_len(p, end) != len ||
		    len >= sizeof out->domain)
			return -1;
		memcpy(out->domain, p, len);
		out->domain[len] = '\0';
		out->is_literal = true;
		return 0;
	}
	return domain_to_ascii_bytes(p, (size_t)(end - p), out->domain);
}

int
address_path(const char *arg, struct address *out)
{
	const char *p = arg, *end = arg + strlen(arg), *at;
	bool bad = false;

	*out = (struct address){0};
	if (*p == '<') {
		p++;
		bad = end == p || end[-1] != '>';
		end -= bad ? 0 : 1;
	}
	p = address_skip_route(p, end);
	size_t len = (size_t)(end - p);
	bad |= len >= sizeof out->text;
	if (len >= sizeof out->text)
		len = sizeof out->text - 1;
	memcpy(out->text, p, len);
	out->text[len] = '\0';
	if (bad || !address_divide(p, end, &at))
		return -1;
	if (at == NULL)
		return 0;
	if (at == p)
		return -1;
	out->is_plain = address_is_plain(p, at);
	return address_path_domain(at + 1, end, out);
}
