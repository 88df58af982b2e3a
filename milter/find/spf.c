/* SPDX-License-Identifier: ISC */
/*
 * check_host() of RFC 7208 section 4: the walk through the terms of a record,
 * into includes and redirects. spf_record.c parses records, spf_macro.c
 * expands names, and libspf2 (spf_dns.c) evaluates single mechanisms; ip4, ip6
 * and all are decided here, because libspf2 silently loses them if a record
 * has more than sixty.
 *
 * A record is checked as a whole before it is used: an error after the term
 * that would match is a permerror (4.6). The walk recurses only at includes,
 * each of which costs one of ten look-up terms, so it is at most eleven deep.
 * Between two look-ups no time is spent except for parsing records of 64 kB at
 * most.
 *
 * Explanations (exp=) are checked with the rest and never evaluated.
 */
#include "find/spf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "find/spf_dns.h"
#include "find/spf_macro.h"
#include "find/spf_record.h"

/* Bytes of a sender that are used: RFC 5321 allows 64 + 1 + 255. */
enum { SENDER_MAX = 1000 };

struct walk {
	struct spf_dns dns;
	struct spf_macro_values values;
	struct spf_finding *out;
	unsigned depth;		/* of includes */
	bool has_validated;	/* %{p} has already cost its look-up */
};

static enum spf_result check_host(struct walk *w, const char *domain);

static const char *const result_names[] = {
	[SPF_UNCHECKED] = "unchecked",
	[SPF_NONE] = "none",
	[SPF_NEUTRAL] = "neutral",
	[SPF_PASS] = "pass",
	[SPF_FAIL] = "fail",
	[SPF_SOFTFAIL] = "softfail",
	[SPF_TEMPERROR] = "temperror",
	[SPF_PERMERROR] = "permerror",
};

const char *
spf_result_name(enum spf_result r)
{
	return result_names[r];
}

/*
 * Sets the reason. The first one is kept: it is that of the innermost record.
 */
static void __attribute__((format(printf, 2, 3)))
say(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	if (w->out->why[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(w->out->why, sizeof w->out->why, fmt, ap);
	va_end(ap);
	for (char *p = w->out->why; *p != '\0'; p++)
		if (*p < 0x20 || *p >= 0x7f)
			*p = '?';
}

/* Copies a part of a record that has passed the grammar. */
static void
show(struct spf_span s, char *out, size_t size)
{
	if (s.len < size) {
		memcpy(out, s.s, s.len);
		out[s.len] = '\0';
		return;
	}
	memcpy(out, s.s, size - 4);
	memcpy(out + size - 4, "...", 4);
}

static enum spf_result
result_of(char qualifier)
{
	switch (qualifier) {
	case '-':
		return SPF_FAIL;
	case '~':
		return SPF_SOFTFAIL;
	case '?':
		return SPF_NEUTRAL;
	default:
		return SPF_PASS;
	}
}

static bool
count(struct walk *w)
{
	if (spf_dns_count(&w->dns))
		return true;
	say(w, "more than %d terms require DNS look-ups (RFC 7208, 4.6.4)",
	    SPF_LOOKUPS_MAX);
	return false;
}

/* The name that a term refers to, or "" if it cannot be queried; false if its
 * %{p} is one look-up too many. */
static bool
target(struct walk *w, struct spf_span spec, const char *domain, char *name)
{
	if (spec.s == NULL) {
		snprintf(name, DOMAIN_SIZE, "%s", domain);
		return true;
	}
	w->values.validated = NULL;
	if (spf_macro_wants_validated(spec)) {
		if (!w->has_validated && !count(w))
			return false;
		w->has_validated = true;
		w->values.validated = spf_dns_validated(&w->dns, domain);
	}
	w->values.domain = domain;
	spf_macro_expand(spec, &w->values, name);
	return true;
}

static enum spf_match
match_include(struct walk *w, const struct spf_term *t, const char *domain)
{
	char name[DOMAIN_SIZE], shown[DOMAIN_SIZE];
	enum spf_result r;

	if (!count(w) || !target(w, t->domain, domain, name))
		return SPF_MATCH_PERMERROR;
	w->depth++;
	r = name[0] == '\0' ? SPF_NONE : check_host(w, name);
	w->depth--;
	switch (r) {
	case SPF_PASS:
		return SPF_MATCH_YES;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
		w->out->why[0] = '\0';
		return SPF_MATCH_NO;
	case SPF_TEMPERROR:
		return SPF_MATCH_TEMPERROR;
	case SPF_NONE:
		w->out->why[0] = '\0';
		show(t->text, shown, sizeof shown);
		say(w, "\"%s\" names a domain without an SPF record", shown);
		return SPF_MATCH_PERMERROR;
	case SPF_PERMERROR:
	case SPF_UNCHECKED:
		break;
	}
	return SPF_MATCH_PERMERROR;
}

static enum spf_match
match_name(struct walk *w, const struct spf_term *t, const char *domain)
{
	char name[DOMAIN_SIZE];
	enum spf_match m;

	if (!count(w) || !target(w, t->domain, domain, name))
		return SPF_MATCH_PERMERROR;
	m = spf_dns_match(&w->dns, t->mechanism, name,
	    w->dns.ip.family == IP_4 ? t->bits4 : t->bits6);
	if (m == SPF_MATCH_TEMPERROR || m == SPF_MATCH_PERMERROR)
		say(w, "%s", w->dns.why);
	return m;
}

static enum spf_match
match(struct walk *w, const struct spf_term *t, const char *domain)
{
	switch (t->mechanism) {
	case SPF_TERM_ALL:
		return SPF_MATCH_YES;
	case SPF_TERM_IP4:
	case SPF_TERM_IP6:
		return ip_net_has(&t->net, &w->dns.ip) ? SPF_MATCH_YES :
		    SPF_MATCH_NO;
	case SPF_TERM_INCLUDE:
		return match_include(w, t, domain);
	case SPF_TERM_A:
	case SPF_TERM_MX:
	case SPF_TERM_PTR:
	case SPF_TERM_EXISTS:
		break;
	}
	return match_name(w, t, domain);
}

/* The terms of one record, from left to right. Returns false if none of them
 * decides. */
static bool
walk_terms(struct walk *w, const struct spf_record *r, const char *domain,
    enum spf_result *result)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct spf_term *t = &r->terms[i];
		enum spf_match m = match(w, t, domain);
		char shown[SPF_TERM_SIZE];

		if (m == SPF_MATCH_NO)
			continue;
		if (w->depth == 0)
			show(t->text, w->out->term, sizeof w->out->term);
		*result = m == SPF_MATCH_TEMPERROR ? SPF_TEMPERROR :
		    m == SPF_MATCH_PERMERROR ? SPF_PERMERROR :
		    result_of(t->qualifier);
		show(t->text, shown, sizeof shown);
		say(w, "\"%s\" of %s matches", shown, domain);
		return true;
	}
	return false;
}

/* Reads the record of domain. Anything but SPF_PASS is the result. */
static enum spf_result
get_record(struct walk *w, const char *domain, struct spf_record *r)
{
	char *text;
	size_t len;
	struct spf_fault fault;
	int n = spf_dns_record(&w->dns, domain, &text, &len);
	enum spf_result result = SPF_PASS;

	memset(r, 0, sizeof *r);
	if (n < 0) {
		say(w, "%s", w->dns.why);
		return SPF_TEMPERROR;
	}
	if (n == 0) {
		say(w, "%s has no SPF record", domain);
		result = SPF_NONE;
	} else if (n > 1) {
		say(w, "%s has %d SPF records; only one is allowed", domain, n);
		result = SPF_PERMERROR;
	} else if (spf_record_parse(r, text, len, &fault) < 0) {
		say(w, "the record of %s is invalid: %s", domain, fault.text);
		result = SPF_PERMERROR;
	}
	free(text);
	return result;
}

/* redirect= (6.1): where to continue. Returns false if *result is final. */
static bool
follow(struct walk *w, const struct spf_record *r, char *domain,
    enum spf_result *result)
{
	struct spf_span text = { NULL, 0 };
	char name[DOMAIN_SIZE], shown[SPF_TERM_SIZE];

	if (r->redirect.s == NULL) {
		say(w, "no term of %s matches", domain);
		*result = SPF_NEUTRAL;
		return false;
	}
	text.s = r->redirect.s - strlen("redirect=");
	text.len = r->redirect.len + strlen("redirect=");
	show(text, shown, sizeof shown);
	if (w->depth == 0)
		memcpy(w->out->term, shown, sizeof shown);
	*result = SPF_PERMERROR;
	if (!count(w) || !target(w, r->redirect, domain, name))
		return false;
	if (name[0] == '\0') {
		say(w, "\"%s\" of %s gives no valid domain", shown, domain);
		return false;
	}
	snprintf(domain, DOMAIN_SIZE, "%s", name);
	return true;
}

static enum spf_result
check_host(struct walk *w, const char *start)
{
	char domain[DOMAIN_SIZE];
	enum spf_result result;
	bool is_redirected = false;

	snprintf(domain, sizeof domain, "%s", start);
	for (;;) {
		struct spf_record r;
		bool goes_on = false;

		result = get_record(w, domain, &r);
		if (result == SPF_PASS) {
			if (!walk_terms(w, &r, domain, &result))
				goes_on = follow(w, &r, domain, &result);
		} else if (result == SPF_NONE && is_redirected) {
			result = SPF_PERMERROR;
		}
		spf_record_free(&r);
		if (!goes_on)
			return result;
		is_redirected = true;
	}
}

/* The A-label form of the domain to check; -1 if it is not a domain (4.3).
 * Names that no host has, but DNS can contain, are accepted. */
static int
domain_of(const char *s, char *out)
{
	size_t len = strlen(s);
	bool is_ascii = true;

	for (size_t i = 0; i < len; i++)
		is_ascii = is_ascii && s[i] > 0x20 && s[i] < 0x7f;
	if (!is_ascii)
		return domain_to_ascii(s, out);
	if (len > 0 && s[len - 1] == '.')
		len--;
	if (s[0] == '[' || !spf_macro_is_name(s, len))
		return -1;
	memcpy(out, s, len);
	out[len] = '\0';
	return 0;
}

/* An IPv4-mapped address is treated as IPv4 (5). */
static struct ip
unmapped(const struct ip *ip)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };
	struct ip out = *ip;

	if (ip->family == IP_6 && memcmp(ip->b, prefix, sizeof prefix) == 0) {
		out = (struct ip){ .family = IP_4 };
		memcpy(out.b, ip->b + sizeof prefix, 4);
	}
	return out;
}

/* Sets %{s}, %{l} and %{o}: sender, completed (4.3); text has room for it. */
static void
set_sender(struct walk *w, const char *sender, const char *domain, char *text,
    size_t size)
{
	const char *at = sender == NULL ? NULL : strrchr(sender, '@');

	if (at == NULL || at == sender)
		snprintf(text, size, "postmaster@%s",
		    at == NULL || at[1] == '\0' ? domain : at + 1);
	else
		snprintf(text, size, "%s", sender);
	at = strrchr(text, '@');
	w->values.sender = text;
	w->values.local = (struct spf_span){ text, (size_t)(at - text) };
	w->values.origin = at + 1;
}

void
spf_find(struct resolver *r, const struct spf_query *q, int64_t deadline_ms,
    struct spf_finding *out)
{
	struct walk w = { .out = out };
	struct ip ip = unmapped(&q->ip);
	char domain[DOMAIN_SIZE];
	char sender[SENDER_MAX + DOMAIN_SIZE];

	*out = (struct spf_finding){ .result = SPF_UNCHECKED };
	if (ip.family == IP_NONE) {
		say(&w, "there is no address");
		return;
	}
	if (domain_of(q->domain, domain) < 0 || (q->sender != NULL &&
	    strlen(q->sender) > SENDER_MAX)) {
		out->result = SPF_NONE;
		say(&w, "there is no domain to query");
		return;
	}
	set_sender(&w, q->sender, domain, sender, sizeof sender);
	w.values.helo = q->helo != NULL && q->helo[0] != '\0' ? q->helo :
	    domain;
	w.values.ip = &w.dns.ip;
	if (spf_dns_begin(&w.dns, r, &ip, deadline_ms) < 0) {
		out->result = SPF_TEMPERROR;
		say(&w, "%s", w.dns.why);
	} else {
		out->result = check_host(&w, domain);
	}
	out->lookups = w.dns.lookups;
	out->voids = w.dns.voids;
	out->ttl_s = out->result == SPF_TEMPERROR ? 0 : w.dns.ttl_s;
	spf_dns_end(&w.dns);
}
