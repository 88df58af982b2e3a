/* SPDX-License-Identifier: ISC */
/*
 * Checks whether a signing key is in DNS and usable for a verifier. RFC 6376
 * 3.6.1, RFC 8301, RFC 8463.
 *
 * A key is published if one TXT record at SELECTOR._domainkey.DOMAIN is a
 * tag-list with v= absent or "DKIM1" in front, the right k=, a p= of the same
 * bytes, and h= and s= that allow rsa-sha256 or ed25519-sha256 for mail. If
 * there are several records, verifiers differ in which one they take; one
 * right record is sufficient here, because the question is what DNS certainly
 * lacks.
 *
 * Common mistakes are reported in notes: quotes pasted with the value, a value
 * cut or broken, a name to which the provider's form has appended the domain a
 * second time (queried if there is nothing at the right one), a name that is a
 * CNAME.
 */
#include "find/published.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/taglist.h"
#include "find/rdata.h"

/* Size of a public key in bytes: RSA with 16384 bits has 2,086. */
enum { KEY_BYTES_MAX = 4096, NAME_MAX_SIZE = 3 * DOMAIN_SIZE, TTL_MAX = 3600 };
/* Seconds. Whoever decides on the basis of several answers gets them within an
 * hour, and a record that was just published is seen soon. */
enum { ABSENT_TTL_MAX = 300 };

struct look {
	struct resolver *r;
	struct published_query q;	/* strings owned */
	char name[NAME_MAX_SIZE];
	void (*then)(void *arg, const struct published_finding *f);
	void *arg;
	struct published_finding f;
};

static const char *const state_names[] = {
	[PUBLISHED_YES] = "published",
	[PUBLISHED_UNKNOWN] = "unknown",
	[PUBLISHED_MISSING] = "missing",
	[PUBLISHED_DIFFERS] = "differs",
};

const char *
published_state_name(enum published_state s)
{
	return state_names[s];
}

const char *
published_note_text(enum published_note n)
{
	switch (n) {
	case PUBLISHED_REVOKED:
		return "p= is empty: the key is revoked";
	case PUBLISHED_NO_SHA256:
		return "h= does not allow sha256";
	case PUBLISHED_NO_EMAIL:
		return "s= does not allow email";
	case PUBLISHED_TESTING:
		return "t=y says that the domain is only testing DKIM";
	case PUBLISHED_NO_SUBDOMAINS:
		return "t=s forbids signatures for subdomains";
	case PUBLISHED_SEVERAL:
		return "there are several TXT records; verifiers may take any";
	case PUBLISHED_MALFORMED:
		return "not a DKIM key record";
	case PUBLISHED_QUOTED:
		return "quotes or backslashes were pasted with the value";
	case PUBLISHED_BROKEN_LINE:
		return "p= is truncated or broken; it must be pasted as one "
		    "line";
	case PUBLISHED_DOUBLED:
		return "the record is at a name that contains the domain twice";
	case PUBLISHED_CNAME:
		return "the name is a CNAME";
	case PUBLISHED_OTHER_TYPE:
		return "k= names another algorithm";
	}
	return "";
}

static int
base64_value(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c == '\0' ? NULL : strchr(digits, c);

	return p == NULL ? -1 : (int)(p - digits);
}

/* Decodes base64 that may contain white space. Returns the number of bytes, or
 * -1. */
static ssize_t
base64_decode(const char *s, uint8_t *out, size_t max)
{
	unsigned bits = 0, held = 0, pads = 0;
	size_t n = 0;

	for (; *s != '\0'; s++) {
		int v = base64_value(*s);

		if (strchr(" \t\r\n", *s) != NULL)
			continue;
		if (*s == '=') {
			pads++;
			continue;
		}
		if (v < 0 || pads > 0)
			return -1;
		held = (held << 6 | (unsigned)v) & 0xffff;
		bits += 6;
		if (bits < 8)
			continue;
		if (n == max)
			return -1;
		bits -= 8;
		out[n++] = (uint8_t)(held >> bits);
	}
	return pads > 2 || bits >= 6 ? -1 : (ssize_t)n;
}

/* Returns true if word is in a list separated by ":", white space allowed (RFC
 * 6376 3.6.1). */
static bool
list_has(const char *list, const char *word)
{
	while (*list != '\0') {
		size_t n = strcspn(list, ":"), from = strspn(list, " \t\r\n");
		size_t to = n;

		while (to > from && strchr(" \t\r\n", list[to - 1]) != NULL)
			to--;
		if (to > from && to - from == strlen(word) &&
		    strncmp(list + from, word, to - from) == 0)
			return true;
		list += n + (list[n] == ':');
	}
	return false;
}

/* Compares p= with our key. */
static enum published_state
judge_key(const struct published_query *q, const char *p, unsigned *notes)
{
	uint8_t theirs[KEY_BYTES_MAX], ours[KEY_BYTES_MAX];
	ssize_t n, m = base64_decode(q->public_base64, ours, sizeof ours);

	if (p[strspn(p, " \t\r\n")] == '\0') {
		*notes |= PUBLISHED_REVOKED;
		return PUBLISHED_DIFFERS;
	}
	n = base64_decode(p, theirs, sizeof theirs);
	if (n < 0 || (n < m && memcmp(theirs, ours, (size_t)n) == 0)) {
		*notes |= PUBLISHED_BROKEN_LINE;
		return PUBLISHED_DIFFERS;
	}
	return n == m && memcmp(theirs, ours, (size_t)n) == 0 ?
	    PUBLISHED_YES : PUBLISHED_DIFFERS;
}

/* Checks the other tags; DIFFERS if they prevent a verifier from using the
 * key. */
static enum published_state
judge_tags(const struct published_query *q, const struct taglist *l,
    unsigned *notes)
{
	const char *k = taglist_value(l, "k");
	const char *h = taglist_value(l, "h");
	const char *s = taglist_value(l, "s");
	const char *t = taglist_value(l, "t");
	const char *v = taglist_value(l, "v");
	enum published_state state = PUBLISHED_YES;

	if (v != NULL && (strcmp(v, "DKIM1") != 0 ||
	    strcmp(l->tag[0].name, "v") != 0)) {
		*notes |= PUBLISHED_MALFORMED;
		state = PUBLISHED_DIFFERS;
	}
	if (strcmp(k != NULL ? k : "rsa", q->type) != 0) {
		*notes |= PUBLISHED_OTHER_TYPE;
		state = PUBLISHED_DIFFERS;
	}
	if (h != NULL && !list_has(h, "sha256")) {
		*notes |= PUBLISHED_NO_SHA256;
		state = PUBLISHED_DIFFERS;
	}
	if (s != NULL && !list_has(s, "email") && !list_has(s, "*")) {
		*notes |= PUBLISHED_NO_EMAIL;
		state = PUBLISHED_DIFFERS;
	}
	if (t != NULL && list_has(t, "y"))
		*notes |= PUBLISHED_TESTING;
	if (t != NULL && list_has(t, "s"))
		*notes |= PUBLISHED_NO_SUBDOMAINS;
	return state;
}

enum published_state
published_judge(const struct published_query *q, const char *s, size_t len,
    unsigned *notes)
{
	struct taglist l = { 0 };
	enum published_state state = PUBLISHED_DIFFERS;
	const char *p;

	*notes = 0;
	if (memchr(s, '"', len) != NULL || memchr(s, '\\', len) != NULL)
		*notes |= PUBLISHED_QUOTED;
	if (taglist_parse(&l, s, len) < 0) {
		*notes |= PUBLISHED_MALFORMED;
	} else {
		state = judge_tags(q, &l, notes);
		p = taglist_value(&l, "p");
		if (p == NULL) {
			*notes |= PUBLISHED_MALFORMED;
			state = PUBLISHED_DIFFERS;
		} else if (judge_key(q, p, notes) != PUBLISHED_YES) {
			state = PUBLISHED_DIFFERS;
		}
	}
	taglist_free(&l);
	return state;
}

static void
keep_text(char *out, size_t size, const char *s, size_t len)
{
	size_t n = len < size ? len : size - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = s[i] != '\0' ? s[i] : '?';
	out[n] = '\0';
}

/* Checks all the records of an answer; the best one is reported. */
static void
judge_answer(const struct published_query *q, const struct answer *a,
    struct published_finding *f)
{
	size_t n = 0;

	f->state = PUBLISHED_MISSING;
	f->notes = 0;
	for (size_t i = 0; i < a->n; i++) {
		size_t len;
		unsigned notes;
		char *txt = rdata_txt(&a->rdata[i], &len);
		enum published_state state;

		if (txt == NULL)
			continue;
		n++;
		state = published_judge(q, txt, len, &notes);
		if (n == 1 || (state == PUBLISHED_YES &&
		    f->state != PUBLISHED_YES)) {
			f->state = state;
			f->notes = notes;
			keep_text(f->there, sizeof f->there, txt, len);
		}
		free(txt);
	}
	if (n > 1)
		f->notes |= PUBLISHED_SEVERAL;
}

static void
look_free(struct look *l)
{
	free((char *)l->q.selector);
	free((char *)l->q.domain);
	free((char *)l->q.type);
	free((char *)l->q.public_base64);
	free(l);
}

static void
finish(struct look *l)
{
	l->then(l->arg, &l->f);
	look_free(l);
}

/* The answer for the name with the domain twice. */
static void
on_doubled(void *arg, const struct answer *a)
{
	struct look *l = arg;
	struct published_finding there = { .state = PUBLISHED_MISSING };

	if (a->status == ANSWER_DATA)
		judge_answer(&l->q, a, &there);
	if (there.state == PUBLISHED_YES) {
		l->f.notes |= PUBLISHED_DOUBLED;
		memcpy(l->f.there, there.there, sizeof l->f.there);
	}
	finish(l);
}

static void
on_key(void *arg, const struct answer *a)
{
	struct look *l = arg;

	l->f.ttl_s = a->ttl_s < TTL_MAX ? a->ttl_s : TTL_MAX;
	switch (a->status) {
	case ANSWER_DATA:
		judge_answer(&l->q, a, &l->f);
		break;
	case ANSWER_NODATA:
	case ANSWER_NXDOMAIN:
	case ANSWER_BAD_NAME:
		l->f.state = PUBLISHED_MISSING;
		if (l->f.ttl_s > ABSENT_TTL_MAX)
			l->f.ttl_s = ABSENT_TTL_MAX;
		break;
	case ANSWER_SERVFAIL:
	case ANSWER_TIMEOUT:
	case ANSWER_BOGUS:
		l->f.state = PUBLISHED_UNKNOWN;
		l->f.ttl_s = 0;
		break;
	}
	if (a->canonical != NULL && a->canonical[0] != '\0' &&
	    !text_equal_fold(a->canonical, l->name))
		l->f.notes |= PUBLISHED_CNAME;
	if (l->f.state == PUBLISHED_MISSING) {
		snprintf(l->name, sizeof l->name, "%s._domainkey.%s.%s",
		    l->q.selector, l->q.domain, l->q.domain);
		if (resolver_ask_then(l->r, l->name, DNS_TXT, on_doubled,
		    l) == 0)
			return;
	}
	finish(l);
}

int
published_find(struct resolver *r, const struct published_query *q,
    void (*then)(void *arg, const struct published_finding *f), void *arg)
{
	struct look *l = calloc(1, sizeof *l);

	if (l == NULL)
		return -1;
	l->r = r;
	l->then = then;
	l->arg = arg;
	l->f.state = PUBLISHED_UNKNOWN;
	l->q.selector = strdup(q->selector);
	l->q.domain = strdup(q->domain);
	l->q.type = strdup(q->type);
	l->q.public_base64 = strdup(q->public_base64);
	snprintf(l->name, sizeof l->name, "%s._domainkey.%s", q->selector,
	    q->domain);
	if (l->q.selector == NULL || l->q.domain == NULL ||
	    l->q.type == NULL || l->q.public_base64 == NULL ||
	    resolver_ask_then(r, l->name, DNS_TXT, on_key, l) < 0) {
		look_free(l);
		return -1;
	}
	return 0;
}
