/* SPDX-License-Identifier: ISC */
/*
 * What DNS should hold, written for a web form (one unquoted line) and for a
 * zone file (RFC 1035 5.1: quoted strings of at most 255 bytes, which readers
 * put together again without blanks), and compared with what it holds.
 *
 * What is there is never thrown away: an SPF record keeps its terms and gets
 * the own addresses that don't pass; a DMARC policy stays as strict as it is.
 * What people's hands and web forms do to records is recognised: quotes,
 * backslashes and line breaks in the value, the domain twice in the name, a
 * second record beside the first.
 */
#include "tool/publish.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "find/dmarc.h"
#include "find/rdata.h"
#include "find/spf.h"
#include "find/spf_record.h"
#include "tool/asker.h"

enum {
	VALUE_MAX = 8192, THERE_MAX = 70000, STRING_MAX = 255,
	TEXTS_MAX = 16, REVERSE_SIZE = 80,
};

/* TXT records of one name that look like what is asked for. */
struct texts {
	char *v[TEXTS_MAX];	/* owned; NULs are '?' */
	size_t len[TEXTS_MAX];
	size_t n;
};

static void
begin(struct publish_record *out, const char *type)
{
	*out = (struct publish_record){
		.type = type, .state = PUBLISHED_UNKNOWN,
	};
	text_init(&out->value, THERE_MAX);
	text_init(&out->there, THERE_MAX);
	text_init(&out->notes, VALUE_MAX);
}

static void __attribute__((format(printf, 2, 3)))
note(struct publish_record *out, const char *fmt, ...)
{
	char sentence[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(sentence, sizeof sentence, fmt, ap);
	va_end(ap);
	text_addf(&out->notes, "%s%s", out->notes.len > 0 ? "; " : "",
	    sentence);
}

/* The answer, or NULL: then the record says that DNS is silent. Give the
 * question back either way. */
static const struct answer *
ask(struct resolver *r, const char *name, enum dns_type type,
    struct question **q)
{
	const struct answer *a;

	*q = resolver_ask(r, name, type);
	if (*q == NULL)
		return NULL;
	a = resolver_wait(*q, clock_ms() + ASKER_PATIENCE_MS);
	if (a == NULL)
		return NULL;
	switch (a->status) {
	case ANSWER_SERVFAIL:
	case ANSWER_TIMEOUT:
	case ANSWER_BOGUS:
		return NULL;
	case ANSWER_DATA:
	case ANSWER_NODATA:
	case ANSWER_NXDOMAIN:
	case ANSWER_BAD_NAME:
		break;
	}
	return a;
}

/* Does it begin with version, past quotes, backslashes and blanks? */
static bool
looks_like(const char *s, const char *version)
{
	return text_begins_fold(s + strspn(s, " \t\r\n\"\\'"), version);
}

/* Those of name that look like version. -1: DNS is silent. */
static int
texts_ask(struct resolver *r, const char *name, const char *version,
    struct texts *t)
{
	struct question *q;
	const struct answer *a = ask(r, name, DNS_TXT, &q);

	*t = (struct texts){ .n = 0 };
	for (size_t i = 0; a != NULL && i < a->n && t->n < TEXTS_MAX; i++) {
		size_t len;
		char *s = rdata_txt(&a->rdata[i], &len);

		if (s == NULL)
			continue;
		for (size_t k = 0; k < len; k++)
			if (s[k] == '\0')
				s[k] = '?';
		if (!looks_like(s, version)) {
			free(s);
			continue;
		}
		t->len[t->n] = len;
		t->v[t->n++] = s;
	}
	resolver_done(&q);
	return a == NULL ? -1 : 0;
}

static void
texts_free(struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i]);
	t->n = 0;
}

/* Is there one where a form has put the domain behind the name once more? */
static void
note_doubled(struct resolver *r, struct publish_record *out,
    const char *domain, const char *version)
{
	char name[2 * DOMAIN_SIZE];
	struct texts t;

	(void)snprintf(name, sizeof name, "%s.%s", out->name, domain);
	(void)texts_ask(r, name, version, &t);
	if (t.n > 0)
		note(out, "one lies at %s: the form adds the domain by itself",
		    name);
	texts_free(&t);
}

/* Strings pasted one by one ("..." "...") are one text; other quotes and
 * backslashes go. In place. */
static void
unquote(char *s)
{
	char *to = s;

	for (const char *p = s; *p != '\0';) {
		size_t gap = *p == '"' ? strspn(p + 1, " \t\r\n") : 0;

		if (*p == '"' && p[1 + gap] == '"')
			p += 2 + gap;
		else if (*p == '"' || *p == '\\')
			p++;
		else
			*to++ = *p++;
	}
	*to = '\0';
}

/* Is the term in the text already, as a word of it? */
static bool
has_term(const char *text, const char *term)
{
	size_t len = strlen(term);

	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, " ");

		if (n == len && strncmp(p, term, n) == 0)
			return true;
		p += n + strspn(p + n, " ");
	}
	return false;
}

/* One word of a broken record: into out, into all when it is an "all", into
 * modifiers, or into lost. */
static void
fix_term(const char *word, struct text *out, struct text *all,
    struct text *modifiers, struct text *lost)
{
	struct spf_record r;
	struct text alone;
	struct text *to = out;
	int rc;

	if (text_equal_fold(word, "v=spf1"))
		return;
	text_init(&alone, VALUE_MAX);
	text_addf(&alone, "v=spf1 %s", word);
	rc = spf_record_parse(&r, alone.buf, alone.len, NULL);
	if (rc < 0)
		to = lost;
	else if (r.n == 0)
		to = modifiers;
	else if (r.terms[0].mechanism == SPF_TERM_ALL)
		to = all;
	if (to == lost || !has_term(to->buf, word))
		if (to != all || all->len == 0)
			text_addf(to, "%s%s", to->len > 0 ? " " : "", word);
	spf_record_free(&r);
	text_free(&alone);
}

void
publish_fix_spf(const char *const *texts, size_t n, struct text *out,
    struct text *lost)
{
	struct text all, modifiers;

	text_init(&all, VALUE_MAX);
	text_init(&modifiers, VALUE_MAX);
	text_add(out, "v=spf1");
	for (size_t i = 0; i < n; i++) {
		char *copy = strdup(texts[i]), *save = NULL;

		if (copy == NULL)
			continue;
		unquote(copy);
		for (char *w = strtok_r(copy, " \t\r\n", &save); w != NULL;
		    w = strtok_r(NULL, " \t\r\n", &save))
			fix_term(w, out, &all, &modifiers, lost);
		free(copy);
	}
	if (all.len > 0)
		text_addf(out, " %s", all.buf);
	if (modifiers.len > 0)
		text_addf(out, " %s", modifiers.buf);
	text_free(&all);
	text_free(&modifiers);
}

/* A right record: does it let all addresses pass? value is it, with those put
 * in that don't. */
static void
judge_spf(struct resolver *r, const char *domain, const char *helo,
    const struct ip *ips, size_t n, const struct spf_record *record,
    struct publish_record *out)
{
	struct ip lacking[TEXTS_MAX];
	size_t lacks = 0;

	out->state = PUBLISHED_YES;
	for (size_t i = 0; i < n && lacks < TEXTS_MAX; i++) {
		struct spf_query q = {
			.domain = domain, .ip = ips[i], .helo = helo,
		};
		struct spf_finding f;
		char text[IP_SIZE];

		spf_find(r, &q, clock_ms() + ASKER_PATIENCE_MS, &f);
		if (f.result == SPF_PASS)
			continue;
		note(out, "%s for %s: %s", spf_result_name(f.result),
		    ip_format(&ips[i], text), f.why);
		lacking[lacks++] = ips[i];
		if (f.result != SPF_TEMPERROR)
			out->state = PUBLISHED_DIFFERS;
		else if (out->state == PUBLISHED_YES)
			out->state = PUBLISHED_UNKNOWN;
	}
	spf_record_with(record, lacking, lacks, &out->value);
}

/* Records that no receiver can use: one out of them. */
static void
fix_spf(const struct texts *t, const struct ip *ips, size_t n,
    struct publish_record *out)
{
	struct spf_record r;
	struct text fixed, lost;

	out->state = PUBLISHED_DIFFERS;
	text_init(&fixed, THERE_MAX);
	text_init(&lost, VALUE_MAX);
	publish_fix_spf((const char *const *)t->v, t->n, &fixed, &lost);
	if (lost.len > 0)
		note(out, "left out, for no receiver can read it: %s",
		    lost.buf);
	if (spf_record_parse(&r, fixed.buf, fixed.len, NULL) == 0)
		spf_record_with(&r, ips, n, &out->value);
	else
		spf_record_with(NULL, ips, n, &out->value);
	spf_record_free(&r);
	text_free(&fixed);
	text_free(&lost);
}

static void
keep_there(const struct texts *t, struct publish_record *out)
{
	for (size_t i = 0; i < t->n; i++)
		text_addf(&out->there, "%s%s", i > 0 ? " | " : "", t->v[i]);
}

/* What is wrong with the texts, if anything; r is the record else. */
static bool
is_sound(const struct texts *t, struct spf_record *r,
    struct publish_record *out)
{
	struct spf_fault fault;

	if (t->n > 1) {
		note(out, "there are %zu SPF records: receivers take that for "
		    "an error; keep this one alone", t->n);
		return false;
	}
	if (!spf_record_is(t->v[0], t->len[0])) {
		note(out, "quotes, backslashes or blanks were pasted with the "
		    "value");
		return false;
	}
	if (spf_record_parse(r, t->v[0], t->len[0], &fault) < 0) {
		note(out, "%s", fault.text);
		return false;
	}
	return true;
}

void
publish_compare_spf(struct resolver *r, const char *domain, const char *helo,
    const struct ip *ips, size_t n, struct publish_record *out)
{
	struct spf_record record = { 0 };
	struct texts t;

	begin(out, "TXT");
	(void)snprintf(out->name, sizeof out->name, "%s", domain);
	if (texts_ask(r, domain, "v=spf1", &t) < 0) {
		note(out, "DNS doesn't answer; what is there must be kept");
		spf_record_with(NULL, ips, n, &out->value);
	} else if (t.n == 0) {
		out->state = PUBLISHED_MISSING;
		note_doubled(r, out, domain, "v=spf1");
		spf_record_with(NULL, ips, n, &out->value);
	} else {
		keep_there(&t, out);
		if (is_sound(&t, &record, out))
			judge_spf(r, domain, helo, ips, n, &record, out);
		else
			fix_spf(&t, ips, n, out);
	}
	spf_record_free(&record);
	texts_free(&t);
}

/* A DMARC record that isn't one: cleaned, if that makes it one. */
static void
fix_dmarc(struct texts *t, struct publish_record *out)
{
	struct dmarc_record d;

	out->state = PUBLISHED_DIFFERS;
	if (t->n > 1)
		note(out, "there are %zu DMARC records: receivers ignore them "
		    "all; keep this one alone", t->n);
	unquote(t->v[0]);
	for (char *p = t->v[0]; *p != '\0'; p++)
		if (*p == '\r' || *p == '\n' || *p == '\t')
			*p = ' ';
	if (dmarc_record_parse(&d, t->v[0] + strspn(t->v[0], " "),
	    strlen(t->v[0] + strspn(t->v[0], " "))) == 0 && !d.bad_policy) {
		text_add(&out->value, t->v[0] + strspn(t->v[0], " "));
		if (t->n == 1)
			note(out, "quotes, backslashes or blanks were pasted "
			    "with the value");
		return;
	}
	note(out, "no receiver can read what is there");
	text_add(&out->value, "v=DMARC1; p=none");
}

/* The record that applies to domain, its own or a parent's. */
static void
keep_dmarc(struct resolver *r, const char *domain,
    const struct dmarc_finding *f, struct publish_record *out)
{
	struct texts t;

	out->state = PUBLISHED_YES;
	if (strcmp(f->record_at, domain) != 0)
		note(out, "the record of %s applies", f->record_at);
	(void)snprintf(out->name, sizeof out->name, "_dmarc.%.240s",
	    f->record_at);
	(void)texts_ask(r, out->name, "v=DMARC1", &t);
	if (t.n > 0) {
		keep_there(&t, out);
		text_add(&out->value, t.v[0]);
	}
	texts_free(&t);
}

void
publish_compare_dmarc(struct resolver *r, const char *domain,
    struct publish_record *out)
{
	struct dmarc_finding f;
	struct texts t;

	begin(out, "TXT");
	(void)snprintf(out->name, sizeof out->name, "_dmarc.%.240s", domain);
	asker_dmarc(r, domain, &f);
	if (f.policy != DMARC_POLICY_UNKNOWN &&
	    f.policy != DMARC_POLICY_ABSENT) {
		keep_dmarc(r, domain, &f, out);
		return;
	}
	if (texts_ask(r, out->name, "v=DMARC1", &t) < 0 ||
	    f.policy == DMARC_POLICY_UNKNOWN) {
		note(out, "DNS doesn't answer; what is there must be kept");
		text_add(&out->value, "v=DMARC1; p=none");
	} else if (t.n > 0) {
		keep_there(&t, out);
		fix_dmarc(&t, out);
	} else {
		out->state = PUBLISHED_MISSING;
		note_doubled(r, out, domain, "v=DMARC1");
		text_add(&out->value, "v=DMARC1; p=none");
	}
	texts_free(&t);
}

void
publish_dkim(const struct key *key, struct publish_record *out)
{
	begin(out, "TXT");
	(void)snprintf(out->name, sizeof out->name, "%s._domainkey.%s",
	    key->selector, key->domain);
	key_record(key, &out->value);
}

void
publish_compare_dkim(struct resolver *r, const struct key *key,
    struct publish_record *out)
{
	struct published_query q = {
		key->selector, key->domain, key_type(key->algorithm),
		key->public_base64,
	};
	struct published_finding f;

	publish_dkim(key, out);
	asker_published(r, &q, &f);
	out->state = f.state;
	text_add(&out->there, f.there);
	if (f.state == PUBLISHED_UNKNOWN)
		note(out, "DNS doesn't answer");
	for (unsigned n = 1; n <= f.notes; n <<= 1)
		if ((f.notes & n) != 0)
			note(out, "%s", published_note_text(n));
}

void
publish_reverse_name(const struct ip *ip, char *out)
{
	size_t n = 0;

	if (ip->family == IP_4) {
		(void)snprintf(out, REVERSE_SIZE, "%u.%u.%u.%u.in-addr.arpa",
		    ip->b[3], ip->b[2], ip->b[1], ip->b[0]);
		return;
	}
	for (size_t i = sizeof ip->b; i-- > 0;)
		n += (size_t)snprintf(out + n, REVERSE_SIZE - n, "%x.%x.",
		    ip->b[i] & 15, ip->b[i] >> 4);
	(void)snprintf(out + n, REVERSE_SIZE - n, "ip6.arpa");
}

void
publish_compare_ptr(struct resolver *r, const struct ip *ip,
    const char *hostname, struct publish_record *out)
{
	struct question *q;
	const struct answer *a;

	begin(out, "PTR");
	publish_reverse_name(ip, out->name);
	text_addf(&out->value, "%s.", hostname);
	a = ask(r, out->name, DNS_PTR, &q);
	if (a != NULL)
		out->state = PUBLISHED_MISSING;
	else
		note(out, "DNS doesn't answer");
	for (size_t i = 0; a != NULL && i < a->n; i++) {
		char name[DOMAIN_SIZE];

		if (rdata_ptr(&a->rdata[i], name) < 0)
			continue;
		text_addf(&out->there, "%s%s.", i > 0 ? " " : "", name);
		if (domain_equal(name, hostname))
			out->state = PUBLISHED_YES;
		else if (out->state == PUBLISHED_MISSING)
			out->state = PUBLISHED_DIFFERS;
	}
	resolver_done(&q);
}

void
publish_compare_address(struct resolver *r, const char *hostname,
    const struct ip *ip, struct publish_record *out)
{
	enum dns_type type = ip->family == IP_4 ? DNS_A : DNS_AAAA;
	char text[IP_SIZE];
	struct question *q;
	const struct answer *a;

	begin(out, ip->family == IP_4 ? "A" : "AAAA");
	(void)snprintf(out->name, sizeof out->name, "%s", hostname);
	text_add(&out->value, ip_format(ip, text));
	a = ask(r, hostname, type, &q);
	if (a != NULL)
		out->state = PUBLISHED_MISSING;
	else
		note(out, "DNS doesn't answer");
	for (size_t i = 0; a != NULL && i < a->n; i++) {
		struct ip there;

		if (rdata_ip(&a->rdata[i], type, &there) < 0)
			continue;
		text_addf(&out->there, "%s%s", i > 0 ? " " : "",
		    ip_format(&there, text));
		if (ip_equal(&there, ip))
			out->state = PUBLISHED_YES;
		else if (out->state == PUBLISHED_MISSING)
			out->state = PUBLISHED_DIFFERS;
	}
	resolver_done(&q);
}

void
publish_zone(const struct publish_record *r, struct text *out)
{
	const char *s = r->value.buf;

	text_addf(out, "%s. IN %s", r->name, r->type);
	if (strcmp(r->type, "TXT") != 0) {
		text_addf(out, " %s\n", s);
		return;
	}
	do {
		text_add(out, " \"");
		for (int i = 0; i < STRING_MAX && *s != '\0'; i++, s++) {
			if (*s == '"' || *s == '\\')
				text_add(out, "\\");
			text_add_bytes(out, s, 1);
		}
		text_add(out, "\"");
	} while (*s != '\0');
	text_add(out, "\n");
}

void
publish_free(struct publish_record *r)
{
	text_free(&r->value);
	text_free(&r->there);
	text_free(&r->notes);
}
