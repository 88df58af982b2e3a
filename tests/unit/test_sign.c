/* SPDX-License-Identifier: ISC */
/*
 * Every signature that sign.c makes is verified here by libopendkim as a
 * stranger would, with the test's own keys; what h= holds is compared with
 * lists written by hand.
 */
#include <malloc.h>

#include "build_config.h"
#include "keycache.h"
#include "sign.h"
#include "signing.h"
#include "unit.h"

#define BASE "From: a@example.org\r\nTo: b@example.net\r\n" \
	"Subject: hello\r\nDate: Wed, 25 Nov 2026 04:00:00 +0000\r\n" \
	"Message-ID: <1@example.org>\r\n"
#define FORTY "abcdefghijklmnopqrstuvwxyz0123456789abcd"
#define THOUSAND FORTY FORTY FORTY FORTY FORTY FORTY FORTY FORTY FORTY FORTY \
	FORTY FORTY FORTY FORTY FORTY FORTY FORTY FORTY FORTY FORTY FORTY \
	FORTY FORTY FORTY FORTY

/* libopendkim's simple form of it depends on the pieces; Postfix has none. */
#define BARE_LF "\r\nx\ny\r\n"

static struct key *rsa, *ed;
static const struct key *both[2];

static int
keys_make(void **state)
{
	(void)state;
	both[0] = rsa = signing_key(KEY_RSA, "example.org", "2026r");
	both[1] = ed = signing_key(KEY_ED25519, "example.org", "2026e");
	return 0;
}

static int
keys_free(void **state)
{
	(void)state;
	signing_key_free(&rsa);
	signing_key_free(&ed);
	return 0;
}

static const struct row {
	const char *name;
	const char *in;
	unsigned fragile;
} rows[] = {
	{ "plain", BASE "\r\nhello\r\n", 0 },
	{ "body without an end", BASE "\r\nhello", 0 },
	{ "empty body", BASE "\r\n", 0 },
	{ "no body at all", BASE, 0 },
	{ "blank lines only", BASE "\r\n\r\n\r\n\r\n", 0 },
	{ "blank lines at the end", BASE "\r\nx\r\n\r\n\r\n", 0 },
	{ "white space at the ends of lines", BASE "\r\nx \t\r\n \r\ny  z\r\n",
	    0 },
	{ "folded", "From: a\r\n <a@example.org>\r\nSubject: one\r\n\ttwo\r\n"
	    "  three\r\n\r\nx\r\n", 0 },
	{ "fold right after the colon", "From:\r\n a@example.org\r\n\r\nx\r\n",
	    0 },
	{ "line of white space in a field", "From: a@example.org\r\n"
	    "Subject: x\r\n \r\n y\r\n\r\nx\r\n", 0 },
	{ "empty values", "From: a@example.org\r\nSubject:\r\nTo: \r\n\r\n"
	    "x\r\n", 0 },
	{ "no space after the colon", "From:a@example.org\r\nSubject:x\r\n\r\n",
	    0 },
	{ "tab after the colon", "From:\ta@example.org\r\nSubject:\t x \r\n"
	    "\r\n", 0 },
	{ "blank before the colon", "From : a@example.org\r\nSubject  : x\r\n"
	    "\r\nx\r\n", 0 },
	{ "names in odd case", "fRoM: a@example.org\r\nSUBJECT: x\r\n\r\n", 0 },
	{ "several From", "From: a@example.org\r\nFrom: b@example.org\r\n"
	    "from: c@example.org\r\n\r\nx\r\n", 0 },
	{ "several of everything", BASE BASE BASE "\r\nx\r\n", 0 },
	{ "stamps", "X-Waybill-Sender: host=a\r\nX-Waybill-Route: dest=b\r\n"
	    "X-Waybill-Route: dest=c\r\n" BASE "\r\nx\r\n", 0 },
	{ "odd names beside", BASE "X;y: z\r\nX y: z\r\n: nothing\r\n"
	    "\x7f\xff: z\r\n\r\nx\r\n", 0 },
	{ "a foreign signature", "DKIM-Signature: v=1; a=rsa-sha256; d=x.test;"
	    "\r\n s=x; h=From; bh=; b=\r\n" BASE "\r\nx\r\n", 0 },
	{ "a broken signature", "DKIM-Signature: ;;;=;=\r\nDKIM-Signature:\r\n"
	    BASE "\r\nx\r\n", 0 },
	{ "8-bit body", BASE "\r\nf\xc3\xbc\r\n", FRAGILE_8BIT },
	{ "8-bit field", "From: a@example.org\r\nSubject: f\xc3\xbc\xff\r\n\r\n"
	    "x\r\n", FRAGILE_8BIT },
	{ "8-bit field that isn't covered", BASE "X-Odd: f\xc3\xbc\r\n\r\n", 0 },
	{ "control bytes in a field", "From: a@example.org\r\nSubject: x\v\fy"
	    "\r\n\r\nx\r\n", FRAGILE_CONTROL },
	{ "bare CR in a field", "From: a@example.org\r\nSubject: x\ry\r\n\r\n",
	    FRAGILE_CONTROL },
	{ "bare CR in the body", BASE "\r\nx\ry\r\n", FRAGILE_CONTROL },
	{ "bare LF in the body", BASE BARE_LF, FRAGILE_CONTROL },
	{ "body ends in CR", BASE "\r\nx\r", FRAGILE_CONTROL },
	{ "a form feed in the body is harmless", BASE "\r\nx\f\r\n\vy\r\n", 0 },
	{ "998 bytes", BASE "\r\n" THOUSAND "\b\b\r\n", FRAGILE_LONG_LINE },
	{ "a long line", BASE "\r\n" THOUSAND "\r\n", FRAGILE_LONG_LINE },
	{ "a long field", BASE "References: " THOUSAND "\r\n\r\nx\r\n",
	    FRAGILE_LONG_LINE },
	{ "a long field folded", BASE "References: " FORTY "\r\n " THOUSAND
	    "\r\n\r\nx\r\n", FRAGILE_LONG_LINE },
};

static char *
joined(const char *a, const char *b, const char *c)
{
	char *out = malloc(strlen(a) + strlen(b) + strlen(c) + 1);

	assert_non_null(out);
	stpcpy(stpcpy(stpcpy(out, a), b), c);
	return out;
}

static void
signatures_hold(void **state)
{
	static const size_t chunks[] = { 0, 1, 7 };

	(void)state;
	for (int canon = 0; canon < 4; canon++) {
		struct config c = *signing_config();
		struct err err = { 0 };

		c.sign.header_canon = canon & 1 ? CANON_SIMPLE : CANON_RELAXED;
		c.sign.body_canon = canon & 2 ? CANON_SIMPLE : CANON_RELAXED;

		struct sign_rules *rules = sign_rules_new(&c, &err);

		assert_non_null(rules);
		for (size_t i = 0; i < 3 * COUNT(rows); i++) {
			const struct row *r = &rows[i / 3];
			unsigned fragile;

			if (c.sign.body_canon == CANON_SIMPLE &&
			    strstr(r->in, BARE_LF) != NULL)
				continue;

			char *out = signing_sign(rules, "example.org", both, 2,
			    r->in, strlen(r->in), chunks[i % 3], &fragile,
			    &err);

			if (out == NULL)
				fail_msg("%s: %s", r->name, err.text);
			if (signing_strangers_verdict(out, strlen(out), both, 2,
			    NULL) != 2)
				fail_msg("%s, form %d: not both hold:\n%s",
				    r->name, canon, out);
			if (fragile != r->fragile)
				fail_msg("%s: fragile is %#x, not %#x", r->name,
				    fragile, r->fragile);
			free(out);
		}
		sign_rules_free(&rules);
	}
}

/* The h= of a signed message without its white space, into buf. */
static const char *
tag_of(const char *message, const char *tag, char *buf, size_t size)
{
	const char *end = strstr(message, "\r\nFrom:");
	char *to = buf;
	char search[8];
	const char *p;

	snprintf(search, sizeof search, "%s=", tag);
	for (p = strstr(message, search); p != NULL &&
	    strchr(" \t;:", p[-1]) == NULL; p = strstr(p + 1, search))
		continue;
	if (p == NULL || (end != NULL && p > end))
		return NULL;
	for (p += strlen(search); *p != ';' && *p != '\0' &&
	    (end == NULL || p < end) && to < buf + size - 1; p++)
		if (strchr(" \t\r\n", *p) == NULL)
			*to++ = *p;
	*to = '\0';
	return buf;
}

static void
names_covered(void **state)
{
	static const struct {
		const char *headers, *oversign, *in, *want;
	} lists[] = {
		{ "From To Subject", "From", BASE "\r\n", "From:To:Subject:"
		    "From:X-Waybill-Sender:X-Waybill-Route" },
		{ "From To Subject Cc", "Cc", BASE "\r\n", "From:To:Subject:"
		    "X-Waybill-Sender:X-Waybill-Route:Cc" },
		{ "To", "", BASE "\r\n", "From:To:X-Waybill-Sender:"
		    "X-Waybill-Route" },
		{ "Subject", "Subject To", BASE "To: x\r\n\r\n", "From:To:"
		    "Subject:To:X-Waybill-Sender:X-Waybill-Route:Subject:To" },
		{ "Sender List-Id List-Unsubscribe", "Sender List-Id "
		    "List-Unsubscribe", "List-Id: x\r\n" BASE "sender: y\r\n"
		    "\r\n", "List-Id:From:sender:X-Waybill-Sender:"
		    "X-Waybill-Route" },
		{ "From Subject", "", "From: a@example.org\r\nSubject \t: x\r\n"
		    "\r\n", "From:Subject:X-Waybill-Sender:X-Waybill-Route" },
		{ "From", "From", "X-Waybill-Route: a\r\nFrom: b\r\n"
		    "x-waybill-route: c\r\nFrom: d\r\n\r\n", "X-Waybill-Route:"
		    "From:x-waybill-route:From:From:X-Waybill-Sender:"
		    "X-Waybill-Route" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct config c = *signing_config();
		struct err err = { 0 };
		char buf[1024], more[64];

		signing_config_lists(&c, lists[i].headers, lists[i].oversign);

		struct sign_rules *rules = sign_rules_new(&c, &err);

		if (rules == NULL)
			fail_msg("%s", err.text);

		char *out = signing_sign(rules, "example.org", both, 1,
		    lists[i].in, strlen(lists[i].in), 0, NULL, &err);

		assert_non_null(out);
		out[strlen(out) - strlen(lists[i].in)] = '\0';
		assert_string_equal(tag_of(out, "h", buf, sizeof buf),
		    lists[i].want);
		assert_string_equal(tag_of(out, "d", more, sizeof more),
		    "example.org");
		assert_string_equal(tag_of(out, "s", more, sizeof more),
		    "2026r");
		assert_string_equal(tag_of(out, "a", more, sizeof more),
		    "rsa-sha256");
		assert_string_equal(tag_of(out, "c", more, sizeof more),
		    "relaxed/relaxed");
		assert_non_null(tag_of(out, "t", more, sizeof more));
		assert_null(tag_of(out, "x", more, sizeof more));
		assert_null(tag_of(out, "l", more, sizeof more));
		assert_null(tag_of(out, "i", more, sizeof more));
		free(out);
		sign_rules_free(&rules);
		signing_config_free(&c);
	}
}

/* The form of the header: simple where relaxed is read in several ways, but not
 * for an Ed25519 signature whose field would be too long for one line. */
static void
forms(void **state)
{
	static const struct { const char *in, *rsa, *ed; } f[] = {
		{ "\r\nx\r\n", "relaxed/relaxed", "relaxed/relaxed" },
		{ "Cc: x\vy\r\n\r\n", "simple/relaxed", "simple/relaxed" },
		{ "Cc: x\ry\r\n\r\n", "simple/relaxed", "simple/relaxed" },
		{ "X-Odd: x\ry\r\n\r\n", "relaxed/relaxed",
		    "relaxed/relaxed" },
		{ "Cc : x\vy\r\n\r\n", "simple/relaxed", "simple/relaxed" },
		{ "\r\nx\ry\r\n", "relaxed/relaxed", "relaxed/relaxed" },
		{ "Cc: \f\r\n" BASE BASE BASE BASE BASE BASE BASE BASE BASE
		    BASE BASE BASE "\r\n", "simple/relaxed",
		    "relaxed/relaxed" },
	};
	struct err err = { 0 };
	struct sign_rules *rules = sign_rules_new(signing_config(), &err);
	char c[64];

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(f); i++) {
		char *in = joined(BASE, f[i / 2].in, "");
		char *out = signing_sign(rules, "example.org", both + i % 2, 1,
		    in, strlen(in), 0, NULL, &err);

		assert_non_null(out);
		assert_string_equal(tag_of(out, "c", c, sizeof c),
		    i % 2 ? f[i / 2].ed : f[i / 2].rsa);
		assert_int_equal(signing_strangers_verdict(out, strlen(out),
		    both, 2, NULL), 1);
		free(out);
		free(in);
	}
	sign_rules_free(&rules);
}

static void
expiry(void **state)
{
	struct config c = *signing_config();
	struct err err = { 0 };
	char t[64], x[64];

	(void)state;
	c.sign.expire_ms = INT64_C(7) * 24 * 3600 * 1000;

	struct sign_rules *rules = sign_rules_new(&c, &err);
	char *out = signing_sign(rules, "example.org", both, 2, BASE "\r\n",
	    strlen(BASE "\r\n"), 0, NULL, &err);

	assert_non_null(out);
	assert_int_equal(signing_strangers_verdict(out, strlen(out), both, 2,
	    NULL), 2);
	assert_non_null(tag_of(out, "t", t, sizeof t));
	assert_non_null(tag_of(out, "x", x, sizeof x));
	assert_int_equal(strtoll(x, NULL, 10) - strtoll(t, NULL, 10), 604800);
	free(out);
	sign_rules_free(&rules);
}

/* What may be added after signing, and what may not. */
static void
additions(void **state)
{
	static const struct { const char *field; size_t hold; } added[] = {
		{ "From: evil@example.net\r\n", 0 },
		{ "Subject: evil\r\n", 0 },
		{ "To: evil\r\n", 0 },
		{ "Cc: evil\r\n", 0 },
		{ "X-Waybill-Sender: host=evil\r\n", 0 },
		{ "X-Waybill-Route: dest=evil\r\n", 0 },
		{ "Sender: list@example.net\r\n", 2 },
		{ "List-Id: <list.example.net>\r\n", 2 },
		{ "Received: x\r\n", 2 },
		{ "In-Reply-To: x\r\n", 2 },
	};
	struct err err = { 0 };
	struct sign_rules *rules = sign_rules_new(signing_config(), &err);
	char *out = signing_sign(rules, "example.org", both, 2, BASE "\r\nx\r\n",
	    strlen(BASE "\r\nx\r\n"), 0, NULL, &err);

	(void)state;
	assert_non_null(out);
	for (size_t i = 0; i < COUNT(added); i++) {
		char *more = joined(added[i].field, out, "");

		if (signing_strangers_verdict(more, strlen(more), both, 2,
		    NULL) != added[i].hold)
			fail_msg("with %s", added[i].field);
		free(more);
	}
	free(out);
	sign_rules_free(&rules);
}

static char *
repeat(const char *one, const char *other, size_t n, const char *end)
{
	char *out = malloc(n * (strlen(one) + strlen(other)) + strlen(end) + 1);
	char *to = out;

	assert_non_null(out);
	for (size_t i = 0; i < n; i++)
		to = stpcpy(stpcpy(to, one), other);
	strcpy(to, end);
	return out;
}

/* Numbers of fields past what h= can hold, and fields past any buffer. */
static void
floods(void **state)
{
	static const struct {
		const char *name, *one, *other;
		size_t n;
		const char *must;	/* still in h= once more than present */
	} f[] = {
		{ "700 To and 700 Cc", "To: a\r\n", "Cc: b\r\n", 700, "Subject" },
		{ "1400 To and 1400 Cc", "To: a\r\n", "Cc: b\r\n", 1400,
		    "Subject" },
		{ "400 Message-ID", "Message-ID: <x>\r\n", "", 400, "Date" },
		{ "500 From", "From: a@example.org\r\n", "", 499, "From" },
		{ "20000 fields of others", "X-A: b\r\n", "", 20000, "To" },
		{ "3000 Received", "Received: by\r\n\tx\r\n", "", 3000, "To" },
	};
	struct err err = { 0 };
	struct sign_rules *rules = sign_rules_new(signing_config(), &err);

	(void)state;
	for (size_t i = 0; i < COUNT(f); i++) {
		char *in = repeat(f[i].one, f[i].other, f[i].n,
		    BASE "\r\nx\r\n");
		char *out = signing_sign(rules, "example.org", both, 2, in,
		    strlen(in), 0, NULL, &err);

		if (out == NULL)
			fail_msg("%s: %s", f[i].name, err.text);
		if (signing_strangers_verdict(out, strlen(out), both, 2, NULL)
		    != 2)
			fail_msg("%s: not both hold", f[i].name);

		char *more = joined(f[i].must, ": evil\r\n", out);

		if (signing_strangers_verdict(more, strlen(more), both, 2, NULL)
		    != 0)
			fail_msg("%s: %s can be added", f[i].name, f[i].must);
		free(more);
		free(out);
		free(in);
	}
	sign_rules_free(&rules);
}

static void
long_fields(void **state)
{
	static const size_t sizes[] = { 1023, 1024, 1025, 4095, 4096, 65534,
	    65535, 65536, 100000, 300000, 2000000 };
	struct err err = { 0 };
	struct sign_rules *rules = sign_rules_new(signing_config(), &err);

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(sizes); i++) {
		size_t size = sizes[i / 2];
		const char *pattern = i % 2 ? " abcdefg" : " abcde\r\n";
		char *fill = malloc(size + 200);

		assert_non_null(fill);
		memcpy(fill, "Subject:", 8);
		for (size_t at = 8; at < size; at++)
			fill[at] = pattern[at % 8];

		size_t tail = size - 8 - size % 8;

		memset(fill + tail, 'x', size - tail);
		fill[tail] = ' ';
		strcpy(fill + size, "\r\nFrom: a@example.org\r\n\r\nx\r\n");

		char *out = signing_sign(rules, "example.org", both, 2, fill,
		    strlen(fill), 0, NULL, &err);

		assert_non_null(out);
		if (signing_strangers_verdict(out, strlen(out), both, 2, NULL)
		    != 2)
			fail_msg("a field of %zu bytes: not both hold", size);
		free(out);
		free(fill);
	}
	sign_rules_free(&rules);
}

static void
failures(void **state)
{
	struct err err = { 0 };
	struct sign_rules *rules = sign_rules_new(signing_config(), &err);
	char *many = repeat("From: a@example.org\r\n", "", 501, "\r\n");
	char garbage[] = "-----BEGIN PRIVATE KEY-----\nAAAA\n";
	struct key bad = *rsa;
	const struct key *keys[2] = { ed, &bad };

	(void)state;
	assert_null(signing_sign(rules, "example.org", both, 2, "To: x\r\n\r\n",
	    9, 0, NULL, &err));
	assert_string_equal(err.text, "the message has no From field");
	assert_null(signing_sign(rules, "example.org", both, 2, many,
	    strlen(many), 0, NULL, &err));
	assert_string_equal(err.text, "the message has 501 From fields; at "
	    "most 500 can be signed");

	/* one key of two fails: no signature at all */
	bad.pkey = NULL;
	bad.pem = garbage;
	assert_null(signing_sign(rules, "example.org", keys, 2, BASE "\r\n",
	    strlen(BASE "\r\n"), 0, NULL, &err));
	assert_non_null(strstr(err.text, "cannot sign for example.org with key "
	    "2026r: "));
	assert_int_equal(err.code, EXIT_TEMPORARY);
	free(many);
	sign_rules_free(&rules);
}

static void
bad_lists(void **state)
{
	static const struct { const char *headers, *oversign, *want; } l[] = {
		{ "From Sub:ject", "", "sign.headers: \"Sub:ject\" is no" },
		{ "From S;", "", "sign.headers: \"S;\" is not a valid field name" },
		{ "From", "dkim-signature", "sign.oversign: dkim-signature" },
		{ "Subject\xc3\xbc", "", "sign.headers: " },
	};
	struct config c = *signing_config();
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(l); i++) {
		signing_config_lists(&c, l[i].headers, l[i].oversign);
		assert_null(sign_rules_new(&c, &err));
		assert_int_equal(err.code, EXIT_CONFIG);
		if (strstr(err.text, l[i].want) != err.text)
			fail_msg("%s", err.text);
		signing_config_free(&c);
	}

	char *many = repeat("X-Abcdefghijklmnop ", "X-B ", 1, "");
	char *list = malloc(8000), *to = list;

	for (int i = 0; i < 100; i++)
		to += sprintf(to, "X-A-name-of-some-length-%d ", i);
	signing_config_lists(&c, list, list);
	assert_null(sign_rules_new(&c, &err));
	assert_non_null(strstr(err.text, "sign.oversign: "));
	signing_config_free(&c);

	/* the same as a list of headers is fine, past libopendkim's 1 KiB */
	signing_config_lists(&c, list, "From");

	struct sign_rules *rules = sign_rules_new(&c, &err);

	assert_non_null(rules);
	assert_true(sign_covers(rules, "x-a-name-of-some-length-99"));
	assert_true(sign_covers(rules, "from"));
	assert_true(sign_covers(rules, "X-Waybill-Route"));
	assert_false(sign_covers(rules, "Subject"));
	sign_rules_free(&rules);
	signing_config_free(&c);
	free(list);
	free(many);
}

static void
words_of_fragile(void **state)
{
	struct text t;

	(void)state;
	text_init(&t, 100);
	sign_fragile_words(0, &t);
	assert_string_equal(t.buf, "");
	sign_fragile_words(FRAGILE_8BIT | FRAGILE_LONG_LINE | FRAGILE_CONTROL,
	    &t);
	assert_string_equal(t.buf, "8bit,long-line,control");
	text_clear(&t);
	sign_fragile_words(FRAGILE_CONTROL, &t);
	assert_string_equal(t.buf, "control");
	text_free(&t);
}

/* libopendkim gets the parsed key, and every reference comes back. */
static void
references_return(void **state)
{
	struct err err = { 0 };
	struct sign_rules *rules = sign_rules_new(signing_config(), &err);
	struct keycache_probe probe;
	const struct key *keys[] = { &probe.key, rsa };

	(void)state;
	assert_true(sign_keys_are_cached(rules));
	assert_int_equal(keycache_probe_new(&probe, &err), 0);
	for (int i = 0; i < 20; i++) {
		char *out = signing_sign(rules, "example.org", keys, 2,
		    BASE "\r\n", strlen(BASE "\r\n"), 0, NULL, &err);

		assert_non_null(out);
		free(out);
	}
	assert_false(probe.ended);
	keycache_probe_drop(&probe);
	assert_true(probe.ended);
	keycache_probe_free(&probe);
	sign_rules_free(&rules);
}

/* Memory in use after many signatures is what it was. */
static void
nothing_leaks(void **state)
{
#ifdef WAYBILL_SANITIZED
	(void)state;
	skip();
#else
	enum { SETTLE = 200, SIGNATURES = 3000 };
	struct err err = { 0 };
	struct sign_rules *rules = sign_rules_new(signing_config(), &err);
	size_t before = 0;

	(void)state;
	for (int i = 0; i < (SETTLE + SIGNATURES) / 2; i++) {
		struct sign *s = sign_open(rules, "example.org", both, 2, "x",
		    &err);

		assert_int_equal(sign_header(s, "From", " a@example.org", &err),
		    0);
		assert_int_equal(sign_end_headers(s, &err), 0);
		if (i % 3 != 0) {	/* some are given up half-way */
			assert_int_equal(sign_body(s, "x\r\n", 3, &err), 0);
			assert_int_equal(sign_close(s, &err), 0);
		}
		sign_free(&s);
		if (i == SETTLE / 2)
			before = mallinfo2().uordblks;
	}
	assert_in_range(mallinfo2().uordblks, 0, before + 20000);
	sign_rules_free(&rules);
#endif
}

UNIT_MAIN(keys_make, keys_free,
    cmocka_unit_test(signatures_hold),
    cmocka_unit_test(names_covered),
    cmocka_unit_test(forms),
    cmocka_unit_test(expiry),
    cmocka_unit_test(additions),
    cmocka_unit_test(floods),
    cmocka_unit_test(long_fields),
    cmocka_unit_test(failures),
    cmocka_unit_test(bad_lists),
    cmocka_unit_test(words_of_fragile),
    cmocka_unit_test(references_return),
    cmocka_unit_test(nothing_leaks))
