/* SPDX-License-Identifier: ISC */
/* What receivers write about a message, read. */
#include "tool/auth_results.h"

#include "base/text.h"
#include "unit.h"

/* One result as "method=result" and, where there are, {comment}, reason "!x",
 * properties "ptype.name:value". */
static void
write_results(const struct auth_results *a, struct text *t)
{
	text_addf(t, "<%s>", a->by);
	for (size_t i = 0; i < a->n; i++) {
		const struct auth_result *r = &a->v[i];

		text_addf(t, " %s=%s", r->method, r->result);
		if (r->comment[0] != '\0')
			text_addf(t, "{%s}", r->comment);
		if (r->reason[0] != '\0')
			text_addf(t, "!%s", r->reason);
		for (size_t k = 0; k < r->n; k++)
			text_addf(t, ",%s.%s:%s", r->property[k].ptype,
			    r->property[k].name, r->property[k].value);
	}
	if (a->skipped > 0)
		text_addf(t, " -%u", a->skipped);
}

static void
results(void **state)
{
	static const struct {
		const char *name, *in;
		const char *want;	/* NULL: it is none */
	} row[] = {
		/* RFC 8601, B */
		{ "no result", "example.org 1; none", "<example.org>" },
		{ "one", "example.com; spf=pass smtp.mailfrom=example.net",
		    "<example.com> spf=pass,smtp.mailfrom:example.net" },
		{ "comments", "example.com; auth=pass (cram-md5) "
		    "smtp.auth=s@example.net; spf=fail "
		    "smtp.mailfrom=example.net",
		    "<example.com> auth=pass{cram-md5},smtp.auth:s@example.net "
		    "spf=fail,smtp.mailfrom:example.net" },
		{ "comments everywhere", "foo.example.net (foobar) 1 (baz); "
		    "dkim (Because I like it) / 1 (One yay) = (wait for it) "
		    "fail policy (A dot can go here) . (like that) expired "
		    "(this surprised me) = (as I wasn't expecting it) "
		    "1362471462",
		    "<foo.example.net> dkim=fail,policy.expired:1362471462" },
		{ "a reason", "example.com; dkim=fail reason=\"bad (x; y)\" "
		    "header.i=@mail.example", "<example.com> dkim=fail!bad (x; "
		    "y),header.i:@mail.example" },
		/* as large receivers write it */
		{ "without comments between", "x.example;dmarc=pass(p=REJECT) "
		    "header.from=example.org;", "<x.example> dmarc=pass{p="
		    "REJECT},header.from:example.org" },
		{ "nobody's", "spf=pass (sender IP is 192.0.2.1) "
		    "smtp.mailfrom=example.org; dmarc=pass action=none "
		    "header.from=example.org;compauth=pass reason=100",
		    "<> spf=pass{sender IP is 192.0.2.1},"
		    "smtp.mailfrom:example.org dmarc=pass,.action:none,"
		    "header.from:example.org compauth=pass!100" },
		{ "quoted value", "x; iprev=pass policy.iprev=\"2001:db8::7\" "
		    "(mail.example.org)",
		    "<x> iprev=pass,policy.iprev:2001:db8::7" },
		{ "quoted local part", "x; spf=pass "
		    "smtp.mailfrom=\"a b;c\"@example.org",
		    "<x> spf=pass,smtp.mailfrom:a b;c@example.org" },
		{ "quoted name", "\"mail host\"; spf=none",
		    "<mail host> spf=none" },
		/* what isn't a result can't be one */
		{ "in a comment", "x (; dkim=pass header.d=example.org); "
		    "spf=fail", "<x> spf=fail" },
		{ "in a comment of a comment", "x; a=b (c (d) ; dkim=pass) "
		    "e.f=g", "<x> a=b{c (d) ; dkim=pass},e.f:g" },
		{ "after an escaped parenthesis", "x; a=b (c \\) ; dkim=pass)",
		    "<x> a=b{c ) ; dkim=pass}" },
		{ "in quotes", "x; a=b c.d=\"; dkim=pass\"",
		    "<x> a=b,c.d:; dkim=pass" },
		{ "a comment that doesn't end", "x; spf=fail (; dkim=pass",
		    "<x> spf=fail{; dkim=pass}" },
		{ "quotes that don't end", "x; spf=fail a.b=\"; dkim=pass",
		    "<x> spf=fail,a.b:; dkim=pass" },
		/* passed over, and counted */
		{ "no equals", "x; spf pass; dkim=fail", "<x> dkim=fail -1" },
		{ "no result", "x; spf=; dkim=fail", "<x> dkim=fail -1" },
		{ "no method", "x; =pass; dkim=fail", "<x> dkim=fail -1" },
		{ "a bad property", "x; spf=pass a.=b; dkim=fail",
		    "<x> spf=pass dkim=fail -1" },
		{ "a property without value", "x; spf=pass a.b=",
		    "<x> spf=pass,a.b:" },
		{ "stray words", "x; spf=pass a b; dkim=fail",
		    "<x> spf=pass dkim=fail -1" },
		{ "empty parts", "x;;; spf=pass;", "<x> spf=pass" },
		{ "only a name", "x", "<x>" },
		{ "nothing", "", NULL },
		{ "only a semicolon", ";", NULL },
		{ "only a comment", "(x)", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct auth_results a;
		struct text t;
		int rc = auth_results_parse(&a, row[i].in);

		text_init(&t, 4096);
		if (rc == 0)
			write_results(&a, &t);
		if ((rc == 0) != (row[i].want != NULL) ||
		    (rc == 0 && strcmp(t.buf, row[i].want) != 0))
			fail_msg("%s: %s", row[i].name, t.buf);
		text_free(&t);
		auth_results_free(&a);
	}
}

static void
bounds(void **state)
{
	struct auth_results a;
	struct text t;

	(void)state;
	text_init(&t, 1 << 20);
	text_add(&t, "x");
	for (int i = 0; i < AUTH_RESULTS_MAX + 3; i++)
		text_addf(&t, "; m%d=r", i);
	assert_int_equal(auth_results_parse(&a, t.buf), 0);
	assert_int_equal(a.n, AUTH_RESULTS_MAX);
	assert_int_equal(a.skipped, 3);
	assert_string_equal(a.v[AUTH_RESULTS_MAX - 1].method, "m31");
	auth_results_free(&a);
	text_clear(&t);
	text_add(&t, "x; spf=pass");
	for (int i = 0; i < AUTH_PROPERTIES_MAX + 2; i++)
		text_addf(&t, " p.n%d=v", i);
	text_add(&t, "; dkim=fail");
	assert_int_equal(auth_results_parse(&a, t.buf), 0);
	assert_int_equal(a.v[0].n, AUTH_PROPERTIES_MAX);
	assert_int_equal(a.skipped, 2);
	assert_int_equal(a.n, 2);
	auth_results_free(&a);
	text_free(&t);
}

static void
properties(void **state)
{
	struct auth_results a;

	(void)state;
	assert_int_equal(auth_results_parse(&a, "x; dkim=pass Header.D=a "
	    "header.b=c policy.d=e"), 0);
	assert_string_equal(auth_result_property(&a.v[0], "header", "d"), "a");
	assert_string_equal(auth_result_property(&a.v[0], "policy", "d"), "e");
	assert_null(auth_result_property(&a.v[0], "header", "i"));
	auth_results_free(&a);
}

static const char *
shown(const struct ip *ip, char *out)
{
	return ip->family == IP_NONE ? "" : ip_format(ip, out);
}

static void
received_spf(void **state)
{
	static const struct {
		const char *name, *in;
		const char *result, *client, *from, *receiver;
	} row[] = {
		{ "as the RFC has it", "pass (mybox.example.org: domain of "
		    "m@example.com designates 192.0.2.1 as permitted sender) "
		    "receiver=mybox.example.org; client-ip=192.0.2.2; "
		    "envelope-from=\"m@example.com\"; helo=foo.example.com;",
		    "pass", "192.0.2.2", "m@example.com", "mybox.example.org" },
		{ "IPv6", "Fail (x) client-ip=2001:DB8::7", "Fail",
		    "2001:db8::7", "", "" },
		{ "the comment alone tells", "softfail (x: domain of a@b "
		    "discourages use of 192.0.2.1 as permitted sender)",
		    "softfail", "192.0.2.1", "", "" },
		{ "client-ip in a comment is no client-ip", "pass "
		    "(client-ip=192.0.2.1) client-ip=192.0.2.2", "pass",
		    "192.0.2.2", "", "" },
		{ "no address", "none (x) client-ip=unknown", "none", "", "",
		    "" },
		{ "stray bytes", "pass = == a=b = client-ip=192.0.2.2 (", "pass",
		    "192.0.2.2", "", "" },
		{ "nothing", " ", NULL, "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct received_spf s;
		char ip[IP_SIZE];
		int rc = received_spf_parse(row[i].in, &s);

		if ((rc == 0) != (row[i].result != NULL) || (rc == 0 &&
		    (strcmp(s.result, row[i].result) != 0 ||
		    strcmp(shown(&s.client, ip), row[i].client) != 0 ||
		    strcmp(s.envelope_from, row[i].from) != 0 ||
		    strcmp(s.receiver, row[i].receiver) != 0)))
			fail_msg("%s: %s %s %s %s", row[i].name, s.result,
			    shown(&s.client, ip), s.envelope_from, s.receiver);
	}
}

static void
received(void **state)
{
	static const struct {
		const char *name, *in, *client, *by;
	} row[] = {
		{ "Postfix", "from mail.example.org (mail.example.org "
		    "[192.0.2.1]) by mx.example.net (Postfix) with ESMTPS id 1 "
		    "for <a@example.net>; Wed, 25 Nov 2026 13:47:06 +0000",
		    "192.0.2.1", "mx.example.net" },
		{ "IPv6", "from mail.example.org (unknown [IPv6:2001:db8::7]) "
		    "by mx.example.net", "2001:db8::7", "mx.example.net" },
		{ "bare in parentheses", "from mail.example.org (192.0.2.1) by "
		    "mx.example.net (2001:db8::9) with Microsoft SMTP",
		    "192.0.2.1", "mx.example.net" },
		{ "with a port", "from mail.example.org ([192.0.2.1]:12345 "
		    "helo=x) by mx.example.net", "192.0.2.1",
		    "mx.example.net" },
		{ "what the client said doesn't count", "from [10.0.0.1] "
		    "(mail.example.org [192.0.2.1]) by mx.example.net",
		    "192.0.2.1", "mx.example.net" },
		{ "unless there is nothing else", "from [192.0.2.1] (helo=x) "
		    "by mx.example.net", "192.0.2.1", "mx.example.net" },
		{ "several that differ", "from x (192.0.2.1 helo=[192.0.2.2]) "
		    "by mx.example.net", "", "mx.example.net" },
		{ "the last of several comments", "from x (HELO y) (192.0.2.1) "
		    "by mx.example.net", "192.0.2.1", "mx.example.net" },
		{ "a comment of the server", "by mx.example.net ([192.0.2.9]) "
		    "with SMTP", "", "mx.example.net" },
		{ "local", "(from root@localhost [127.0.0.1]) by "
		    "mx.example.net", "", "mx.example.net" },
		{ "nothing", "", "", "" },
		{ "a date alone", "; Wed", "", "" },
		{ "by without name", "from x (192.0.2.1) by", "192.0.2.1", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct ip client;
		char by[64], ip[IP_SIZE];

		received_parse(row[i].in, &client, by, sizeof by);
		if (strcmp(shown(&client, ip), row[i].client) != 0 ||
		    strcmp(by, row[i].by) != 0)
			fail_msg("%s: %s %s", row[i].name, shown(&client, ip),
			    by);
	}
}

static void
address_in(void **state)
{
	static const struct {
		const char *in, *want;
	} row[] = {
		{ "sender IP is 192.0.2.1", "192.0.2.1" },
		{ "domain of a@b designates 2001:db8::7 as permitted",
		    "2001:db8::7" },
		{ "192.0.2.1.", "192.0.2.1" },
		{ "192.0.2.1, [192.0.2.1]", "192.0.2.1" },
		{ "192.0.2.1 192.0.2.2", "" },
		{ "Postfix 3.7.11", "" },
		{ "192.0.2.1.example.org", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct ip ip = auth_address_in(row[i].in);
		char text[IP_SIZE];

		assert_string_equal(shown(&ip, text), row[i].want);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(results),
		cmocka_unit_test(bounds),
		cmocka_unit_test(properties),
		cmocka_unit_test(received_spf),
		cmocka_unit_test(received),
		cmocka_unit_test(address_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
