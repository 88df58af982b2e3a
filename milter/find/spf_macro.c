/* SPDX-License-Identifier: ISC */
/*
 * Macro expansion of RFC 7208 section 7, only for domain-specs: explanations
 * are never computed. libspf2 could do it, but it supports neither the
 * delimiters "," and "/" nor "R", leaves ! ' ( ) * unescaped, and has had one
 * memory error after another in this code; so untrusted macros never reach it.
 *
 * A record of 64 kB can ask for 16,000 copies of a sender of 1 kB. Only the
 * last 253 bytes of a name count, so no more than TAIL_MAX of them are held at
 * any time: bounded memory, and time linear in the size of the request.
 */
#include "find/spf_macro.h"

#include <stdio.h>
#include <string.h>

/* Bytes of a macro's value: longer ones keep their end, as a name would. */
enum { VALUE_MAX = 1100, TAIL_MAX = 4096, TAIL_KEPT = 512 };

/* The end of a text that may be long. */
struct tail {
	char s[TAIL_MAX];
	size_t len;
	/* the first label is incomplete, or not the first */
	bool cut;
};

struct macro {
	char letter;		/* lower case */
	bool is_escaped;	/* it was upper case */
	unsigned keep;		/* labels from the right; 0: all */
	bool is_reversed;
	char delimiters[8];
};

static void
tail_add(struct tail *t, const char *s, size_t len)
{
	if (len > TAIL_MAX - TAIL_KEPT) {
		s += len - TAIL_KEPT;
		len = TAIL_KEPT;
		t->len = 0;
		t->cut = true;
	}
	if (t->len + len > TAIL_MAX) {
		memmove(t->s, t->s + t->len - TAIL_KEPT, TAIL_KEPT);
		t->len = TAIL_KEPT;
		t->cut = true;
	}
	memcpy(t->s + t->len, s, len);
	t->len += len;
}

/* Reads %{...}, with "{" at *p, and moves *p past "}". The grammar has been
 * checked. */
static struct macro
read_macro(const char **p)
{
	struct macro m = { .delimiters = "." };
	const char *q = *p + 1;
	size_t n = 0;

	m.is_escaped = *q >= 'A' && *q <= 'Z';
	m.letter = m.is_escaped ? (char)(*q - 'A' + 'a') : *q;
	for (q++; *q >= '0' && *q <= '9'; q++)
		if (m.keep < VALUE_MAX)
			m.keep = m.keep * 10 + (unsigned)(*q - '0');
	if (*q == 'r' || *q == 'R') {
		m.is_reversed = true;
		q++;
	}
	for (; *q != '}'; q++)
		if (n < sizeof m.delimiters - 1 &&
		    memchr(m.delimiters, *q, n) == NULL)
			m.delimiters[n++] = *q;
	if (n > 0)
		m.delimiters[n] = '\0';
	*p = q + 1;
	return m;
}

/* 192.0.2.1, or the 32 nibbles of an IPv6 address with dots between (7.3). */
static void
write_ip(const struct ip *ip, char *out, size_t size)
{
	size_t n = 0;

	if (ip->family == IP_4) {
		ip_format(ip, out);
		return;
	}
	for (size_t i = 0; i < sizeof ip->b; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%x.%x",
		    i == 0 ? "" : ".", ip->b[i] >> 4, ip->b[i] & 15);
}

static struct spf_span
value_of(char letter, const struct spf_macro_values *v, char *ip_text,
    size_t size)
{
	const char *s = "";

	switch (letter) {
	case 's':
		s = v->sender;
		break;
	case 'l':
		return v->local;
	case 'o':
		s = v->origin;
		break;
	case 'd':
		s = v->domain;
		break;
	case 'h':
		s = v->helo;
		break;
	case 'p':
		s = v->validated != NULL ? v->validated : "unknown";
		break;
	case 'i':
		write_ip(v->ip, ip_text, size);
		s = ip_text;
		break;
	case 'v':
		s = v->ip->family == IP_4 ? "in-addr" : "ip6";
		break;
	}
	return (struct spf_span){ s, strlen(s) };
}

static void
add_part(struct tail *t, const char *s, size_t len, bool is_escaped)
{
	if (!is_escaped) {
		tail_add(t, s, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		char c = s[i];
		char hex[4];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~", c) != NULL) {
			tail_add(t, &c, 1);
			continue;
		}
		snprintf(hex, sizeof hex, "%%%02X", (unsigned char)c);
		tail_add(t, hex, 3);
	}
}

/* Splits the value at the delimiters, reverses it, keeps the last parts and
 * joins them with dots. */
static void
add_macro(struct tail *t, const struct macro *m,
    const struct spf_macro_values *v)
{
	char ip_text[64 + IP_SIZE] = "";
	struct spf_span s = value_of(m->letter, v, ip_text, sizeof ip_text);
	struct spf_span part[VALUE_MAX + 1];
	size_t n = 0, first;

	if (s.len > VALUE_MAX) {
		s.s += s.len - VALUE_MAX;
		s.len = VALUE_MAX;
	}
	part[0] = (struct spf_span){ s.s, 0 };
	for (size_t i = 0; i < s.len; i++) {
		if (s.s[i] == '\0' || strchr(m->delimiters, s.s[i]) == NULL)
			part[n].len++;
		else
			part[++n] = (struct spf_span){ s.s + i + 1, 0 };
	}
	n++;
	first = m->keep == 0 || m->keep >= n ? 0 : n - m->keep;
	for (size_t i = first; i < n; i++) {
		size_t k = m->is_reversed ? n - 1 - i : i;
		if (i > first)
			tail_add(t, ".", 1);
		add_part(t, part[k].s, part[k].len, m->is_escaped);
	}
}

bool
spf_macro_is_name(const char *s, size_t len)
{
	size_t label = 0, labels = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\0')
			return false;
		if (s[i] != '.') {
			label++;
			continue;
		}
		if (label == 0 || label > 63)
			return false;
		label = 0;
		labels++;
	}
	return label > 0 && label <= 63 && labels > 0 && len < DOMAIN_SIZE;
}

bool
spf_macro_wants_validated(struct spf_span spec)
{
	for (size_t i = 0; i + 2 < spec.len; i++) {
		if (spec.s[i] != '%')
			continue;
		i++;
		if (spec.s[i] == '{' &&
		    (spec.s[i + 1] == 'p' || spec.s[i + 1] == 'P'))
			return true;
	}
	return false;
}

int
spf_macro_expand(struct spf_span spec, const struct spf_macro_values *v,
    char *out)
{
	struct tail t = { .len = 0 };
	const char *p = spec.s;
	const char *end = spec.s + spec.len;
	const char *s;

	out[0] = '\0';
	while (p < end) {
		const char *percent = memchr(p, '%', (size_t)(end - p));
		struct macro m;

		tail_add(&t, p, (size_t)((percent != NULL ? percent : end) - p));
		if (percent == NULL)
			break;
		p = percent + 1;
		if (*p == '{') {
			m = read_macro(&p);
			add_macro(&t, &m, v);
			continue;
		}
		tail_add(&t, *p == '%' ? "%" : *p == '_' ? " " : "%20",
		    *p == '-' ? 3 : 1);
		p++;
	}
	if (t.len > 0 && t.s[t.len - 1] == '.')
		t.len--;
	s = t.s;
	while (t.cut || t.len > DOMAIN_SIZE - 1) {
		const char *dot = memchr(s, '.', t.len);
		if (dot == NULL)
			return -1;
		t.len -= (size_t)(dot + 1 - s);
		s = dot + 1;
		t.cut = false;
	}
	if (!spf_macro_is_name(s, t.len))
		return -1;
	memcpy(out, s, t.len);
	out[t.len] = '\0';
	return 0;
}
