/* SPDX-License-Identifier: ISC */
/* Stamps against Authentication-Results. */
#include "tool/received.h"

#include "base/text.h"
#include "unit.h"

/* A message, from the top; fields of its receiver, of a signature, stamps. */
#define BY "Authentication-Results: mx.example.net; "
#define DKIM_PASS "dkim=pass header.i=@example.org header.s=r header.b=Ab/d; "
#define SPF_PASS "spf=pass smtp.mailfrom=a@example.org smtp.remote-ip=2001:db8::7; "
#define DMARC_PASS "dmarc=pass header.from=example.org\n"
#define GOOD BY DKIM_PASS SPF_PASS DMARC_PASS
#define SIGNATURE_OF(d, s, h) "DKIM-Signature: v=1; a=rsa-sha256; d=" d "; s=" \
    s "; h=" h ";\n b=Ab\n /de f==\n"
#define SEALED "From:X-Waybill-Sender:\n X-Waybill-Route : " \
    "x-waybill-sender:X-Waybill-Route:From"
#define SIGNATURE SIGNATURE_OF("example.org", "r", SEALED)
#define SENDER_OF(d4, d6, spf6) "X-Waybill-Sender: host=mail.example.org; " \
    "mailfrom=example.org;\n from=example.org; ip4=203.0.113.7; spf4=fail; " \
    "dmarc4=" d4 ";\n ip6=2001:db8::7; spf6=" spf6 "; dmarc6=" d6 "\n"
#define SENDER SENDER_OF("pass", "pass", "pass")
#define ROUTE_OF(d, f, w) "X-Waybill-Route: dest=" d "; family=" f "; why=" w "\n"
#define ROUTE ROUTE_OF("example.net", "ipv6", "prefer-ipv6")
#define END "Received: from pc (pc [198.51.100.9]) by mail.example.org\n\n"

static struct received *
judged(const char *message)
{
	static struct received r;
	struct err err = { 0 };
	struct header h;

	assert_int_equal(header_parse(&h, message, strlen(message), &err), 0);
	received_judge(&h, "X-Waybill-", &r);
	header_free(&h);
	assert_false(r.lost);
	return &r;
}

/* "what verdict told stamped" of the n-th row of that name */
static void
show(const struct received *r, const char *what, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].what, what) == 0) {
			(void)snprintf(out, size, "%s|%s|%s",
			    received_verdict_name(r->v[i].verdict),
			    r->v[i].told, r->v[i].stamped);
			return;
		}
}

struct row {
	const char *name, *message, *what, *want;
};

static void
check(const struct row *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct received *r = judged(row[i].message);
		char got[512];

		show(r, row[i].what, got, sizeof got);
		if (strcmp(got, row[i].want) != 0)
			fail_msg("%s: %s", row[i].name, got);
		received_free(r);
	}
}

static void
signatures(void **state)
{
	static const struct row row[] = {
		{ "good", GOOD SIGNATURE SENDER ROUTE END, "signature",
		    "agrees|pass|covers all, sealed" },
		{ "not sealed", GOOD SIGNATURE_OF("example.org", "r",
		    "From:X-Waybill-Sender:X-Waybill-Route") SENDER ROUTE END,
		    "signature", "agrees|pass|covers all" },
		{ "one sealed, one not", GOOD SIGNATURE_OF("example.org", "r",
		    "From:X-Waybill-Sender:X-Waybill-Route:X-Waybill-Route")
		    SENDER ROUTE END, "signature", "agrees|pass|covers all" },
		{ "the other sealed", GOOD SIGNATURE_OF("example.org", "r",
		    "From:X-Waybill-Sender:X-Waybill-Route:X-Waybill-Sender")
		    SENDER ROUTE END, "signature", "agrees|pass|covers all" },
		{ "only one", GOOD SIGNATURE_OF("example.org", "r",
		    "From:X-Waybill-Sender:X-Waybill-Sender") SENDER ROUTE END,
		    "signature", "agrees|pass|covers some" },
		{ "more stamps than h= has", GOOD SIGNATURE SENDER SENDER SENDER
		    ROUTE END, "signature", "agrees|pass|covers some" },
		{ "none", GOOD SIGNATURE_OF("example.org", "r", "From") SENDER
		    ROUTE END, "signature", "agrees|pass|covers none" },
		{ "another selector", GOOD SIGNATURE_OF("example.org", "q",
		    SEALED) SENDER ROUTE END, "signature",
		    "unknown||covers all, sealed" },
		{ "another domain", GOOD SIGNATURE_OF("example.com", "r",
		    SEALED) SENDER ROUTE END, "signature",
		    "unknown||covers all, sealed" },
		{ "another b=", BY "dkim=pass header.d=example.org "
		    "header.b=Abd\n" SIGNATURE SENDER ROUTE END, "signature",
		    "unknown||covers all, sealed" },
		{ "it failed", BY "dkim=fail header.d=example.org\n" SIGNATURE
		    SENDER ROUTE END, "signature",
		    "differs|fail|covers all, sealed" },
		{ "nobody tells", SIGNATURE SENDER ROUTE END, "signature",
		    "unknown||covers all, sealed" },
		{ "Ed25519 isn't tried", BY "dkim=neutral header.d=example.org\n"
		    "DKIM-Signature: a=ed25519-sha256; d=example.org; h=From\n"
		    SENDER END, "signature", "unknown|neutral|covers none" },
		/* which of two is good isn't told: the one that says less */
		{ "of two signatures", BY "dkim=pass header.d=example.org\n"
		    SIGNATURE SIGNATURE_OF("example.org", "q", "From") SENDER
		    ROUTE END, "signature", "unknown|pass|covers all, sealed" },
		{ "of two alike", BY "dkim=pass header.d=example.org\n"
		    SIGNATURE SIGNATURE_OF("example.org", "q", SEALED) SENDER
		    ROUTE END, "signature", "agrees|pass|covers all, sealed" },
	};

	(void)state;
	check(row, COUNT(row));
}

static void
stamps(void **state)
{
	static const struct row row[] = {
		{ "vouched for", GOOD SIGNATURE SENDER ROUTE END, "stamps",
		    "agrees|pass|1 Sender, 1 Route" },
		{ "vouched for, no route", GOOD SIGNATURE SENDER END, "stamps",
		    "agrees|pass|1 Sender, 0 Route" },
		{ "not sealed", GOOD SIGNATURE_OF("example.org", "r",
		    "From:X-Waybill-Sender:X-Waybill-Route") SENDER ROUTE END,
		    "stamps", "differs|pass|1 Sender, 1 Route" },
		{ "not covered", GOOD SIGNATURE_OF("example.org", "r", "From")
		    SENDER ROUTE END, "stamps",
		    "differs||1 Sender, 1 Route" },
		{ "one is added", GOOD SIGNATURE ROUTE SIGNATURE SENDER ROUTE
		    END, "stamps", "differs|pass|1 Sender, 2 Route" },
		{ "not verified", BY SPF_PASS DMARC_PASS SIGNATURE SENDER ROUTE
		    END, "stamps", "differs||1 Sender, 1 Route" },
		{ "no results", SIGNATURE SENDER ROUTE END, "stamps",
		    "differs||1 Sender, 1 Route" },
		{ "results below the stamps are older", SIGNATURE SENDER ROUTE
		    GOOD END, "stamps", "differs||1 Sender, 1 Route" },
		{ "results of another server", BY SPF_PASS DMARC_PASS
		    "Authentication-Results: mx.example.com; " DKIM_PASS "\n"
		    SIGNATURE SENDER ROUTE END, "stamps",
		    "differs||1 Sender, 1 Route" },
		{ "of one server, in two fields", BY SPF_PASS DMARC_PASS
		    "Authentication-Results: MX.example.net; " DKIM_PASS "\n"
		    SIGNATURE SENDER ROUTE END, "stamps",
		    "agrees|pass|1 Sender, 1 Route" },
		{ "of servers of one organization", "Authentication-Results: "
		    "dmarc.mail.example.net; " DMARC_PASS
		    "Authentication-Results: dkim.mail.example.net; " DKIM_PASS
		    "\n" SIGNATURE SENDER ROUTE END, "stamps",
		    "agrees|pass|1 Sender, 1 Route" },
		{ "of servers below one public suffix",
		    "Authentication-Results: example.co.uk; " DMARC_PASS
		    "Authentication-Results: other.co.uk; " DKIM_PASS
		    "\n" SIGNATURE SENDER ROUTE END, "stamps",
		    "differs||1 Sender, 1 Route" },
		{ "a stranger's word", BY "dkim=pass header.d=example.com\n"
		    SIGNATURE_OF("example.com", "r", SEALED) SENDER ROUTE END,
		    "stamps", "unknown|pass|1 Sender, 1 Route" },
		{ "none", GOOD END, "stamps", "unknown||none" },
	};

	(void)state;
	check(row, COUNT(row));
}

#define WITH_SPF(s) BY "spf=" s " smtp.mailfrom=example.org " \
    "smtp.remote-ip=2001:db8::7\n" SIGNATURE SENDER ROUTE END

static void
addresses(void **state)
{
	static const struct row row[] = {
		{ "told by the results", GOOD SIGNATURE SENDER ROUTE END,
		    "address", "agrees|2001:db8::7|2001:db8::7" },
		{ "in a comment", BY "spf=pass (x designates 203.0.113.7 as "
		    "permitted sender)\n" SIGNATURE SENDER END, "address",
		    "agrees|203.0.113.7|203.0.113.7" },
		{ "in another's results", "Authentication-Results: x; iprev="
		    "pass policy.iprev=203.0.113.7\n" GOOD SIGNATURE SENDER END,
		    "address", "agrees|203.0.113.7|203.0.113.7" },
		{ "by Received-SPF", "Received-SPF: pass client-ip=203.0.113.7"
		    "\n" SIGNATURE SENDER END, "address",
		    "agrees|203.0.113.7|203.0.113.7" },
		{ "by Received", "Received: from b (b [192.0.2.99]) by c\n"
		    "Received: from x (x [203.0.113.7]) by mx.example.net\n"
		    SIGNATURE SENDER END, "address",
		    "agrees|203.0.113.7|203.0.113.7" },
		{ "not by our own, nor by loopback",
		    "Received: from x (x [203.0.113.7]) by mx.example.net\n"
		    "Received: from y (y [127.0.0.1]) by z\n"
		    "Received: from y (y [198.51.100.9]) by Mail.Example.org\n"
		    SIGNATURE SENDER END, "address",
		    "agrees|203.0.113.7|203.0.113.7" },
		{ "another", BY "spf=pass smtp.remote-ip=192.0.2.99\n" SIGNATURE
		    SENDER ROUTE END, "address",
		    "differs|192.0.2.99|203.0.113.7, 2001:db8::7" },
		{ "behind a relay", BY "spf=pass smtp.remote-ip=192.0.2.99\n"
		    SIGNATURE SENDER ROUTE_OF("example.net", "ipv4", "relay")
		    END, "address",
		    "unknown|192.0.2.99|203.0.113.7, 2001:db8::7" },
		{ "not told", BY "spf=pass\n" SIGNATURE SENDER ROUTE END,
		    "address", "unknown||203.0.113.7, 2001:db8::7" },
	};

	(void)state;
	check(row, COUNT(row));
}

static void
families(void **state)
{
	static const struct row row[] = {
		{ "foretold", GOOD SIGNATURE SENDER ROUTE END, "family",
		    "agrees|ipv6|ipv6" },
		{ "the other one", GOOD SIGNATURE SENDER ROUTE_OF("example.net",
		    "ipv4", "no-aaaa") END, "family", "differs|ipv6|ipv4" },
		{ "either", GOOD SIGNATURE SENDER ROUTE_OF("example.net",
		    "either", "any") END, "family", "agrees|ipv6|either" },
		{ "unknown", GOOD SIGNATURE SENDER ROUTE_OF("example.net",
		    "unknown", "timeout") END, "family",
		    "unknown|ipv6|unknown" },
		{ "relay", GOOD SIGNATURE SENDER ROUTE_OF("example.net", "ipv4",
		    "relay") END, "family", "unknown|ipv6|ipv4" },
		{ "no route", GOOD SIGNATURE SENDER END, "family", "" },
		{ "of two, not told", GOOD SIGNATURE SENDER ROUTE
		    ROUTE_OF("example.com", "ipv4", "any") END, "family",
		    "unknown|ipv6|" },
		{ "of two, the recipient's", "Delivered-To: <b@Example.Com>\n"
		    GOOD SIGNATURE SENDER ROUTE ROUTE_OF("example.com", "ipv4",
		    "any") END, "family", "differs|ipv6|ipv4" },
		{ "the address is no own one", BY "spf=pass "
		    "smtp.remote-ip=192.0.2.99\n" SIGNATURE SENDER ROUTE END,
		    "family", "unknown||ipv6" },
	};

	(void)state;
	check(row, COUNT(row));
}

static void
spf(void **state)
{
	static const struct row row[] = {
		{ "foretold", GOOD SIGNATURE SENDER ROUTE END, "spf",
		    "agrees|pass|pass" },
		{ "it fails", WITH_SPF("fail"), "spf", "differs|fail|pass" },
		{ "case", WITH_SPF("Pass"), "spf", "agrees|Pass|pass" },
		{ "as the other family's stamp", BY "spf=hardfail "
		    "smtp.remote-ip=203.0.113.7\n" SIGNATURE SENDER END, "spf",
		    "agrees|hardfail|fail" },
		{ "unchecked", BY "spf=pass smtp.remote-ip=2001:db8::7\n"
		    SIGNATURE SENDER_OF("pass", "pass", "unchecked") END, "spf",
		    "unknown|pass|unchecked" },
		{ "of another sender", BY "spf=pass smtp.mailfrom=x@example.com"
		    " smtp.remote-ip=2001:db8::7\n" SIGNATURE SENDER END, "spf",
		    "differs|pass|pass" },
		{ "of another address", BY "spf=fail smtp.remote-ip=192.0.2.9\n"
		    SIGNATURE SENDER END, "spf", "unknown|fail|" },
		{ "by Received-SPF alone", "Received-SPF: Fail (x) "
		    "client-ip=2001:db8::7; envelope-from=\"a@example.org\"\n"
		    SIGNATURE SENDER END, "spf", "differs|Fail|pass" },
		{ "not told", BY DKIM_PASS "\n" SIGNATURE SENDER END, "spf",
		    "unknown||" },
		{ "a bounce: the name that the host says", BY "spf=pass "
		    "smtp.helo=mail.example.org smtp.remote-ip=2001:db8::7\n"
		    "X-Waybill-Sender: mailfrom=<>; helo=mail.example.org; "
		    "ip6=2001:db8::7; spf6=pass\n" END, "spf",
		    "agrees|pass|pass" },
	};

	(void)state;
	check(row, COUNT(row));
}

static void
dmarc(void **state)
{
	static const struct row row[] = {
		{ "foretold", GOOD SIGNATURE SENDER ROUTE END, "dmarc",
		    "agrees|pass|pass" },
		{ "of the family", BY SPF_PASS "dmarc=fail\n" SIGNATURE
		    SENDER_OF("pass", "fail", "pass") END, "dmarc",
		    "agrees|fail|fail" },
		{ "it fails", BY SPF_PASS "dmarc=fail\n" SIGNATURE SENDER END,
		    "dmarc", "differs|fail|pass" },
		{ "the family isn't known, both are one", BY "dmarc=pass\n"
		    SIGNATURE SENDER END, "dmarc", "agrees|pass|pass" },
		{ "the family isn't known", BY "dmarc=pass\n" SIGNATURE
		    SENDER_OF("fail", "pass", "pass") END, "dmarc",
		    "unknown|pass|" },
		{ "no policy", BY SPF_PASS "dmarc=bestguesspass\n" SIGNATURE
		    SENDER_OF("none", "none", "pass") END, "dmarc",
		    "agrees|bestguesspass|none" },
		{ "not told", BY SPF_PASS "\n" SIGNATURE SENDER END, "dmarc",
		    "unknown||pass" },
	};

	(void)state;
	check(row, COUNT(row));
}

static void
who_says_it(void **state)
{
	struct received *r = judged(GOOD "Authentication-Results: relay; "
	    "spf=fail; dkim=pass\n" SIGNATURE SENDER ROUTE END);
	char got[256];

	(void)state;
	assert_true(r->has_results);
	assert_string_equal(r->by, "mx.example.net");
	show(r, "other", got, sizeof got);
	assert_string_equal(got, "unknown|spf=fail dkim=pass|");
	received_free(r);
	r = judged("Authentication-Results: spf=pass\n" SENDER END);
	assert_true(r->has_results);
	assert_string_equal(r->by, "");
	received_free(r);
	r = judged(SENDER GOOD END);
	assert_false(r->has_results);
	received_free(r);
}

static void
broken_stamp(void **state)
{
	struct received *r = judged(GOOD SIGNATURE
	    "X-Waybill-Sender: from=a; from=b\n" END);
	char got[256];

	(void)state;
	show(r, "address", got, sizeof got);
	assert_string_equal(got, "");
	show(r, "stamps", got, sizeof got);
	assert_string_equal(got, "agrees|pass|1 Sender, 0 Route");
	received_free(r);
}

static void
nat(void **state)
{
	struct received *r = judged(BY "spf=pass smtp.remote-ip=203.0.113.9\n"
	    "X-Waybill-Sender: ip4=10.0.0.1; spf4=unchecked; ip6=none\n" END);

	(void)state;
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].what, "address") == 0) {
			assert_int_equal(r->v[i].verdict, RECEIVED_DIFFERS);
			assert_non_null(strstr(r->v[i].meaning,
			    "sender.ipv4"));
		}
	received_free(r);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures),
		cmocka_unit_test(stamps),
		cmocka_unit_test(addresses),
		cmocka_unit_test(families),
		cmocka_unit_test(spf),
		cmocka_unit_test(dmarc),
		cmocka_unit_test(who_says_it),
		cmocka_unit_test(broken_stamp),
		cmocka_unit_test(nat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
