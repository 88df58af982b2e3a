/* SPDX-License-Identifier: ISC */
/* What is said of a survey, in which order, and what never leaves. */
#include "tags.h"

#include "unit.h"

static char said[2000];

static void
note(void *arg, const char *name, const char *value)
{
	size_t len = strlen(said);

	(void)arg;
	snprintf(said + len, sizeof said - len, "%s%s=%s", len == 0 ? "" :
	    " ", name, value);
}

static const struct tag_writer stamp = { note, NULL, true };
static const struct tag_writer line = { note, NULL, false };

static void
expect_sender(const struct survey_sender *s, const struct tag_writer *w,
    const char *want)
{
	said[0] = '\0';
	tags_of_sender(s, "mail.example.org", w);
	assert_string_equal(said, want);
}

static void
test_sender(void **state)
{
	struct survey_sender s = {
		.mailfrom = "example.org", .author = "example.org",
		.align = ALIGN_STRICT, .policy = DMARC_POLICY_REJECT,
		.ip4 = { .spf = SPF_PASS, .dmarc = DMARC_PASS },
		.ip6 = { .spf = SPF_SOFTFAIL, .dmarc = DMARC_FAIL },
		.is_signed = true, .key = PUBLISHED_MISSING,
	};

	(void)state;
	assert_int_equal(ip_parse("203.0.113.7", &s.ip4.ip), 0);
	assert_int_equal(ip_parse("2001:db8::7", &s.ip6.ip), 0);
	expect_sender(&s, &stamp, "host=mail.example.org mailfrom=example.org "
	    "from=example.org align=strict policy=reject ip4=203.0.113.7 "
	    "spf4=pass dmarc4=pass ip6=2001:db8::7 spf6=softfail dmarc6=fail "
	    "key=missing");
	expect_sender(&s, &line, "mailfrom=example.org align=strict "
	    "policy=reject ip4=203.0.113.7 spf4=pass dmarc4=pass "
	    "ip6=2001:db8::7 spf6=softfail dmarc6=fail key=missing");
	/* a bounce, unsigned, of a host without IPv6, and no author */
	s.mailfrom = "<>";
	s.helo = "mail.example.org";
	s.author = "";
	s.ip6.ip = (struct ip){ .family = IP_NONE };
	s.is_signed = false;
	expect_sender(&s, &stamp, "host=mail.example.org mailfrom=<> "
	    "helo=mail.example.org align=strict policy=reject "
	    "ip4=203.0.113.7 spf4=pass dmarc4=pass ip6=none key=none");
}

static void
test_routes(void **state)
{
	static const struct route known = { .mxs = 2, .a = 3, .aaaa = 1 };
	static const struct row {
		const char *name;
		const char *nexthop;
		bool is_relay, is_known;
		enum family family;
		enum why why;
		const char *in_stamp, *in_line;
	} rows[] = {
		{ "by MX", "example.net", false, true, FAMILY_IPV6,
		    WHY_PREFER_IPV6,
		    "dest=example.net family=ipv6 why=prefer-ipv6 mxs=2 a=3 "
		    "aaaa=1 mx=mx.example.net spf=pass dmarc=pass",
		    "dest=example.net transport=smtp family=ipv6 "
		    "why=prefer-ipv6 mxs=2 a=3 aaaa=1 spf=pass dmarc=pass "
		    "mx=mx.example.net" },
		{ "a chance", "example.net", false, true, FAMILY_EITHER,
		    WHY_ANY,
		    "dest=example.net family=either why=any p6=25 mxs=2 a=3 "
		    "aaaa=1 mx=mx.example.net spf=pass dmarc=pass",
		    "dest=example.net transport=smtp family=either why=any "
		    "p6=25 mxs=2 a=3 aaaa=1 spf=pass dmarc=pass "
		    "mx=mx.example.net" },
		{ "a relay's names stay here", "[relay.internal]:587", true,
		    true, FAMILY_IPV4, WHY_RELAY,
		    "dest=example.net family=ipv4 why=relay mxs=2 a=3 aaaa=1 "
		    "spf=pass dmarc=pass",
		    "dest=example.net transport=smtp family=ipv4 why=relay "
		    "mxs=2 a=3 aaaa=1 spf=pass dmarc=pass "
		    "nexthop=[relay.internal]:587 mx=mx.example.net" },
		{ "and where the reason is another one", "relay.internal",
		    true, true, FAMILY_UNKNOWN, WHY_FILTERED,
		    "dest=example.net family=unknown why=filtered mxs=2 a=3 "
		    "aaaa=1 spf=pass dmarc=pass",
		    "dest=example.net transport=smtp family=unknown "
		    "why=filtered mxs=2 a=3 aaaa=1 spf=pass dmarc=pass "
		    "nexthop=relay.internal mx=mx.example.net" },
		{ "nothing is tried", "example.net", false, true, FAMILY_NONE,
		    WHY_NULL_MX,
		    "dest=example.net family=none why=null-mx mxs=2 a=3 "
		    "aaaa=1 mx=mx.example.net",
		    "dest=example.net transport=smtp family=none why=null-mx "
		    "mxs=2 a=3 aaaa=1 mx=mx.example.net" },
		{ "not known", "example.net", false, false, FAMILY_UNKNOWN,
		    WHY_TIMEOUT,
		    "dest=example.net family=unknown why=timeout "
		    "mx=mx.example.net spf=pass dmarc=pass",
		    "dest=example.net transport=smtp family=unknown "
		    "why=timeout spf=pass dmarc=pass mx=mx.example.net" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = &rows[i];
		struct survey_route v = {
			.destination = { .domain = "example.net",
			    .transport = "smtp", .is_relay = r->is_relay },
			.route = r->is_known ? &known : NULL,
			.prediction = { .family = r->family, .why = r->why,
			    .p6 = 25, .mx = "mx.example.net" },
			.outcome = { true, SPF_PASS, DMARC_PASS },
		};

		print_message("%s\n", r->name);
		strcpy(v.destination.nexthop, r->nexthop);
		said[0] = '\0';
		tags_of_route(&v, &stamp);
		assert_string_equal(said, r->in_stamp);
		said[0] = '\0';
		tags_of_route(&v, &line);
		assert_string_equal(said, r->in_line);
	}
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(test_sender),
    cmocka_unit_test(test_routes))
