/* SPDX-License-Identifier: ISC */
/*
 * The grammar of SPF records, RFC 7208 sections 4.5, 4.6.1, 5, 6, 7.1 and 12:
 *
 *	record    "v=spf1" *( 1*SP term ) *SP
 *	term      [ "+" / "-" / "?" / "~" ] mechanism, or name "=" value
 *
 * Strict, since every receiver treats a syntax error anywhere in a record as a
 * permerror, even after the term that would have matched. A record is read
 * from left to right, each byte a bounded number of times, so even 64 kB take
 * only linear time; nothing is interpreted here.
 *
 * Also answers two questions about a record: whether it lists an address, and
 * what it looks like with that address added.
 */
#include "find/spf_record.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VERSION "v=spf1"

enum { VERSION_LEN = sizeof VERSION - 1, SHOWN_MAX = 48, CIDR_DIGITS_MAX = 3 };

struct reader {
	struct spf_record *r;
	struct spf_fault *fault;	/* may be NULL */
	struct spf_span term;		/* the term being read */
	size_t room;			/* terms allocated */
};

/* What may follow the name of a mechanism. */
enum domain_rule { DOMAIN_NONE, DOMAIN_MAY, DOMAIN_MUST };

static const struct {
	const char *name;
	enum spf_mechanism mechanism;
	enum domain_rule domain;
	bool has_cidr;
} mechanisms[] = {
	{ "all", SPF_TERM_ALL, DOMAIN_NONE, false },
	{ "include", SPF_TERM_INCLUDE, DOMAIN_MUST, false },
	{ "a", SPF_TERM_A, DOMAIN_MAY, true },
	{ "mx", SPF_TERM_MX, DOMAIN_MAY, true },
	{ "ptr", SPF_TERM_PTR, DOMAIN_MAY, false },
	{ "ip4", SPF_TERM_IP4, DOMAIN_NONE, false },
	{ "ip6", SPF_TERM_IP6, DOMAIN_NONE, false },
	{ "exists", SPF_TERM_EXISTS, DOMAIN_MUST, false },
};

/* ctype.h in the C locale, for any byte. */
static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_name_char(char c)
{
	return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
}

static bool
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Sets the fault of the term being read: position and message. Always false. */
static bool
wrong(struct reader *rd, const char *at, const char *what)
{
	char shown[SHOWN_MAX + 4] = "";
	size_t n = rd->term.len < SHOWN_MAX ? rd->term.len : SHOWN_MAX;

	if (rd->fault == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = rd->term.s[i];
		shown[i] = c > 0x20 && c < 0x7f && c != '"' ? c : '?';
	}
	if (rd->term.len > n)
		memcpy(shown + n, "...", 4);
	rd->fault->offset = (size_t)(at - rd->r->text);
	snprintf(rd->fault->text, sizeof rd->fault->text, "term \"%s\": %s",
	    shown, what);
	return false;
}

/* "{" has been read: reads a macro's letter, digits, "r", delimiters and "}"
 * (7.1). Moves *p past it. */
static bool
read_macro(struct reader *rd, const char **p, const char *end)
{
	const char *q = *p;
	const char *digits;
	bool zero = true;

	if (q < end && is_one_of(*q, "crtCRT"))
		return wrong(rd, q, "the macros c, r and t are only for "
		    "explanations");
	if (q == end || !is_one_of(*q, "slodiphvSLODIPHV"))
		return wrong(rd, q, "unknown macro");
	for (digits = ++q; q < end && is_digit(*q); q++)
		zero = zero && *q == '0';
	if (q > digits && zero)
		return wrong(rd, digits, "a macro cannot keep 0 labels");
	if (q < end && (*q == 'r' || *q == 'R'))
		q++;
	while (q < end && is_one_of(*q, ".-+,/_="))
		q++;
	if (q == end || *q != '}')
		return wrong(rd, q, "the macro is not closed");
	*p = q + 1;
	return true;
}

/* macro-string (7.1). *ends_in_macro tells whether its last piece is a
 * macro-expand. */
static bool
read_macro_string(struct reader *rd, struct spf_span s, bool *ends_in_macro)
{
	const char *p = s.s;
	const char *end = s.s + s.len;

	*ends_in_macro = false;
	while (p < end) {
		*ends_in_macro = *p == '%';
		if (*p != '%') {
			p++;
			continue;
		}
		p++;
		if (p == end)
			return wrong(rd, p - 1, "\"%\" at the end");
		if (is_one_of(*p, "%_-")) {
			p++;
			continue;
		}
		if (*p != '{')
			return wrong(rd, p, "\"%\" must be written as \"%%\"");
		p++;
		if (!read_macro(rd, &p, end))
			return false;
	}
	return true;
}

/* Returns true if it ends with "." toplabel ["."]: letters, digits and inner
 * hyphens, not only digits (7.1). */
static bool
ends_in_toplabel(struct spf_span s)
{
	const char *end = s.s + s.len;
	const char *p;
	bool digits_only = true;

	if (s.len > 0 && end[-1] == '.')
		end--;
	for (p = end; p > s.s && p[-1] != '.'; p--) {
		if (!is_alpha(p[-1]) && !is_digit(p[-1]) && p[-1] != '-')
			return false;
		digits_only = digits_only && is_digit(p[-1]);
	}
	return p > s.s && p < end && *p != '-' && end[-1] != '-' &&
	    !digits_only;
}

/* domain-spec (7.1). */
static bool
read_domain(struct reader *rd, struct spf_span s)
{
	bool ends_in_macro;

	if (s.len == 0)
		return wrong(rd, s.s, "missing domain name");
	if (!read_macro_string(rd, s, &ends_in_macro))
		return false;
	if (ends_in_macro || ends_in_toplabel(s))
		return true;
	return wrong(rd, s.s, "not a domain name with a dot");
}

/* A prefix length: decimal, no leading zero. */
static bool
read_bits(struct spf_span s, unsigned max, unsigned *bits)
{
	unsigned n = 0;

	if (s.len == 0 || s.len > CIDR_DIGITS_MAX)
		return false;
	if (s.len > 1 && s.s[0] == '0')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_digit(s.s[i]))
			return false;
		n = n * 10 + (unsigned)(s.s[i] - '0');
	}
	*bits = n;
	return n <= max;
}

/*
 * Takes dual-cidr-length (5.3) from the end of s: [ "/" bits4 ] [ "//" bits6
 * ]. A "/" that is not followed by digits up to the end belongs to the name.
 */
static bool
take_cidr(struct reader *rd, struct spf_span *s, struct spf_term *t)
{
	size_t n = s->len;

	t->bits4 = 32;
	t->bits6 = 128;
	while (n > 0 && is_digit(s->s[n - 1]))
		n--;
	if (n >= 2 && s->s[n - 1] == '/' && s->s[n - 2] == '/') {
		struct spf_span bits = { s->s + n, s->len - n };
		if (!read_bits(bits, 128, &t->bits6))
			return wrong(rd, bits.s, "an IPv6 prefix is 0 to 128");
		s->len = n - 2;
		for (n = s->len; n > 0 && is_digit(s->s[n - 1]); n--)
			;
		/* no IPv4 prefix in front: the digits belong to the name */
		if (n == 0 || s->s[n - 1] != '/')
			return true;
	}
	if (n >= 1 && s->s[n - 1] == '/') {
		struct spf_span bits = { s->s + n, s->len - n };
		if (!read_bits(bits, 32, &t->bits4))
			return wrong(rd, bits.s, "an IPv4 prefix is 0 to 32");
		s->len = n - 1;
	}
	return true;
}

static void
clear_host_bits(struct ip_net *net)
{
	size_t size = net->ip.family == IP_4 ? 4 : 16;

	for (size_t i = 0; i < size; i++) {
		if (net->bits >= (i + 1) * 8)
			continue;
		if (net->bits <= i * 8)
			net->ip.b[i] = 0;
		else
			net->ip.b[i] &= (uint8_t)(0xff << (8 - net->bits % 8));
	}
}

/* ip4: and ip6: (5.6); s is what follows the name. A mapped IPv6 network stays
 * IPv6: no client has such an address (5). */
static bool
read_network(struct reader *rd, struct spf_span s, struct spf_term *t)
{
	bool is_4 = t->mechanism == SPF_TERM_IP4;
	char text[IP_SIZE];
	const char *slash;

	if (s.len == 0 || s.s[0] != ':')
		return wrong(rd, s.s, "missing address");
	s.s++, s.len--;
	t->net.ip.family = is_4 ? IP_4 : IP_6;
	t->net.bits = is_4 ? 32 : 128;
	slash = memchr(s.s, '/', s.len);
	if (slash != NULL) {
		struct spf_span bits = { slash + 1,
		    (size_t)(s.s + s.len - slash - 1) };
		if (!read_bits(bits, t->net.bits, &t->net.bits))
			return wrong(rd, bits.s, is_4 ?
			    "an IPv4 prefix is 0 to 32" :
			    "an IPv6 prefix is 0 to 128");
		s.len = (size_t)(slash - s.s);
	}
	if (s.len >= sizeof text || memchr(s.s, '\0', s.len) != NULL)
		return wrong(rd, s.s, "invalid address");
	memcpy(text, s.s, s.len);
	text[s.len] = '\0';
	if (inet_pton(is_4 ? AF_INET : AF_INET6, text, t->net.ip.b) != 1)
		return wrong(rd, s.s, is_4 ? "not an IPv4 address" :
		    "not an IPv6 address");
	clear_host_bits(&t->net);
	return true;
}

static bool
add_term(struct reader *rd, const struct spf_term *t)
{
	struct spf_record *r = rd->r;

	if (r->n == rd->room) {
		size_t room = rd->room == 0 ? 16 : rd->room * 2;
		struct spf_term *terms = realloc(r->terms, room * sizeof *terms);
		if (terms == NULL)
			return wrong(rd, rd->term.s, "out of memory");
		r->terms = terms;
		rd->room = room;
	}
	r->terms[r->n++] = *t;
	return true;
}

/* [ qualifier ] mechanism */
static bool
read_directive(struct reader *rd)
{
	struct spf_term t = { .qualifier = '+', .text = rd->term };
	struct spf_span rest = rd->term;
	size_t i, n;

	if (is_one_of(rest.s[0], "+-?~")) {
		t.qualifier = rest.s[0];
		rest.s++, rest.len--;
	}
	for (n = 0; n < rest.len && is_name_char(rest.s[n]); n++)
		;
	for (i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
		if (strlen(mechanisms[i].name) == n &&
		    strncasecmp(mechanisms[i].name, rest.s, n) == 0)
			break;
	if (i == sizeof mechanisms / sizeof *mechanisms)
		return wrong(rd, rest.s, "unknown mechanism");
	t.mechanism = mechanisms[i].mechanism;
	rest.s += n, rest.len -= n;
	if (t.mechanism == SPF_TERM_IP4 || t.mechanism == SPF_TERM_IP6)
		return read_network(rd, rest, &t) && add_term(rd, &t);
	if (mechanisms[i].has_cidr && !take_cidr(rd, &rest, &t))
		return false;
	if (rest.len > 0 && mechanisms[i].domain == DOMAIN_NONE)
		return wrong(rd, rest.s, "nothing may follow it");
	if (rest.len > 0 && rest.s[0] != ':')
		return wrong(rd, rest.s, "expected \":\" here");
	if (rest.len == 0 && mechanisms[i].domain == DOMAIN_MUST)
		return wrong(rd, rest.s, "missing domain name");
	if (rest.len > 0) {
		t.domain = (struct spf_span){ rest.s + 1, rest.len - 1 };
		if (!read_domain(rd, t.domain))
			return false;
	}
	return add_term(rd, &t);
}

/* name "=" value; name_len is the length of the name. */
static bool
read_modifier(struct reader *rd, size_t name_len)
{
	const char *name = rd->term.s;
	struct spf_span value = { name + name_len + 1,
	    rd->term.len - name_len - 1 };
	struct spf_span *known = NULL;
	bool ends_in_macro;

	if (name_len == 8 && strncasecmp(name, "redirect", 8) == 0)
		known = &rd->r->redirect;
	else if (name_len == 3 && strncasecmp(name, "exp", 3) == 0)
		known = &rd->r->exp;
	if (known == NULL)
		return read_macro_string(rd, value, &ends_in_macro);
	if (known->s != NULL)
		return wrong(rd, name, "given twice");
	if (!read_domain(rd, value))
		return false;
	*known = value;
	return true;
}

static bool
read_term(struct reader *rd)
{
	struct spf_span t = rd->term;
	size_t n = 0;

	for (size_t i = 0; i < t.len; i++)
		if (t.s[i] <= 0x20 || t.s[i] >= 0x7f)
			return wrong(rd, t.s + i, "contains a byte that is not "
			    "printable ASCII");
	if (is_alpha(t.s[0]))
		while (n < t.len && is_name_char(t.s[n]))
			n++;
	if (n > 0 && n < t.len && t.s[n] == '=')
		return read_modifier(rd, n);
	return read_directive(rd);
}

bool
spf_record_is(const char *s, size_t len)
{
	return len >= VERSION_LEN && strncasecmp(s, VERSION, VERSION_LEN) == 0 &&
	    (len == VERSION_LEN || s[VERSION_LEN] == ' ');
}

int
spf_record_parse(struct spf_record *r, const char *s, size_t len,
    struct spf_fault *fault)
{
	struct reader rd = { .r = r, .fault = fault };
	const char *p, *end;

	memset(r, 0, sizeof *r);
	if (fault != NULL)
		*fault = (struct spf_fault){ 0 };
	if (len > SPF_RECORD_MAX || !spf_record_is(s, len)) {
		if (fault != NULL)
			snprintf(fault->text, sizeof fault->text,
			    "does not begin with \"v=spf1 \"");
		return -1;
	}
	r->text = malloc(len + 1);
	if (r->text == NULL) {
		if (fault != NULL)
			snprintf(fault->text, sizeof fault->text,
			    "out of memory");
		return -1;
	}
	memcpy(r->text, s, len);
	r->text[len] = '\0';
	r->len = len;
	for (p = r->text + VERSION_LEN, end = r->text + len; p < end;) {
		const char *space;

		if (*p == ' ') {
			p++;
			continue;
		}
		space = memchr(p, ' ', (size_t)(end - p));
		rd.term.s = p;
		rd.term.len = (size_t)((space != NULL ? space : end) - p);
		if (!read_term(&rd))
			return -1;
		p += rd.term.len;
	}
	return 0;
}

void
spf_record_free(struct spf_record *r)
{
	free(r->text);
	free(r->terms);
	memset(r, 0, sizeof *r);
}

unsigned
spf_record_lookups(const struct spf_record *r)
{
	unsigned n = r->redirect.s != NULL;

	for (size_t i = 0; i < r->n; i++) {
		switch (r->terms[i].mechanism) {
		case SPF_TERM_INCLUDE:
		case SPF_TERM_A:
		case SPF_TERM_MX:
		case SPF_TERM_PTR:
		case SPF_TERM_EXISTS:
			n++;
			break;
		case SPF_TERM_ALL:
			return r->redirect.s != NULL ? n - 1 : n;
		case SPF_TERM_IP4:
		case SPF_TERM_IP6:
			break;
		}
	}
	return n;
}

bool
spf_record_lists(const struct spf_record *r, const struct ip *ip)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct spf_term *t = &r->terms[i];

		if (t->mechanism == SPF_TERM_ALL)
			return false;
		if ((t->mechanism == SPF_TERM_IP4 ||
		    t->mechanism == SPF_TERM_IP6) && ip_net_has(&t->net, ip))
			return t->qualifier == '+';
	}
	return false;
}

void
spf_record_term(const struct ip *ip, struct text *out)
{
	char text[IP_SIZE];

	text_addf(out, "%s:%s", ip->family == IP_4 ? "ip4" : "ip6",
	    ip_format(ip, text));
}

void
spf_record_with(const struct spf_record *r, const struct ip *ips, size_t n,
    struct text *out)
{
	const char *at = NULL;

	if (r != NULL) {
		/* after the last term, or before the first that may reject */
		at = r->text + VERSION_LEN;
		for (size_t i = 0; i < r->n; i++) {
			const struct spf_term *t = &r->terms[i];
			if (t->qualifier != '+' || t->mechanism == SPF_TERM_ALL)
				break;
			at = t->text.s + t->text.len;
		}
		text_add_bytes(out, r->text, (size_t)(at - r->text));
	} else {
		text_add(out, VERSION);
	}
	for (size_t i = 0; i < n; i++) {
		if (r != NULL && spf_record_lists(r, &ips[i]))
			continue;
		text_add(out, " ");
		spf_record_term(&ips[i], out);
	}
	if (r != NULL)
		text_add_bytes(out, at, (size_t)(r->text + r->len - at));
	else
		text_add(out, " ~all");
}
