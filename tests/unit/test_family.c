/* SPDX-License-Identifier: ISC */
/*
 * Postfix's rule for the first attempt: each row is a destination of the zone
 * below, a Postfix, and what smtp(8) was seen or is known to do.
 */
#include "find/family.h"

#include "base/text.h"
#include "fake_unbound.h"
#include "unit.h"

static const char zone[] =
    "dual.example MX 10 mx.dual.example\n"
    "mx.dual.example A 198.51.100.1\n"
    "mx.dual.example AAAA 2001:db8::1\n"
    "v4.example MX 10 mx.v4.example\n"
    "mx.v4.example A 198.51.100.2\n"
    "v6.example MX 10 mx.v6.example\n"
    "mx.v6.example AAAA 2001:db8::2\n"
    /* equal MX hosts, one of each family */
    "equal.example MX 10 mx.v4.example\n"
    "equal.example MX 10 mx.v6.example\n"
    /* the best one has IPv6 only, its backup IPv4 */
    "best6.example MX 20 mx.v4.example\n"
    "best6.example MX 10 mx.v6.example\n"
    "best4.example MX 10 mx.v4.example\n"
    "best4.example MX 20 mx.dual.example\n"
    "many.example MX 10 mx.many.example\n"
    "mx.many.example A 198.51.100.11\n"
    "mx.many.example A 198.51.100.12\n"
    "mx.many.example AAAA 2001:db8::11\n"
    "mx.many.example AAAA 2001:db8::12\n"
    "mx.many.example AAAA 2001:db8::13\n"
    "mx.many.example AAAA 2001:db8::14\n"
    "mx.many.example AAAA 2001:db8::15\n"
    "mx.many.example AAAA 2001:db8::16\n"
    "third.example MX 5 a.third.example\n"
    "a.third.example A 198.51.100.21\n"
    "a.third.example A 198.51.100.22\n"
    "a.third.example AAAA 2001:db8::21\n"
    "three.example MX 10 mx.dual.example\n"
    "three.example MX 10 mx.v4.example\n"
    "three.example MX 10 mx.v6.example\n"
    /* no MX */
    "implicit.example A 198.51.100.3\n"
    "implicit.example AAAA 2001:db8::3\n"
    "implicit4.example A 198.51.100.3\n"
    "null.example MX 0 .\n"
    "nothing.example TXT \"x\"\n"
    "noaddr.example MX 10 gone.example\n"
    "nxmx.example MX 10 gone.example\n"
    "nxmx.example MX 20 mx.v4.example\n"
    "badmx.example MX \\# 000a03612e6200\n"
    "badmx.example A 198.51.100.4\n"
    "literalmx.example MX 10 198.51.100.5\n"
    "alias.example CNAME dual.example\n"
    "aliasmx.example MX 10 alias2.example\n"
    "alias2.example CNAME mx.dual.example\n"
    /* half-broken DNS */
    "half6.example MX 10 mx.half6.example\n"
    "mx.half6.example A 198.51.100.6\n"
    "mx.half6.example SERVFAIL AAAA\n"
    "half4.example MX 10 mx.half4.example\n"
    "mx.half4.example AAAA 2001:db8::6\n"
    "mx.half4.example TIMEOUT A\n"
    "deadhost.example MX 10 sf.example\n"
    "deadbest.example MX 10 sf.example\n"
    "deadbest.example MX 20 mx.v6.example\n"
    "sf.example SERVFAIL\n"
    "slow.example TIMEOUT\n"
    "bogus.example BOGUS\n"
    /* this host */
    "self.example MX 10 mail.here.example\n"
    "backup.example MX 20 mail.here.example\n"
    "backup.example MX 10 mx.v4.example\n"
    "backup.example MX 20 mx.v6.example\n"
    "backup.example MX 30 mx.dual.example\n"
    "mail.here.example A 192.0.2.10\n"
    "mail.here.example AAAA 2001:db8:1::10\n"
    /* relays */
    "relay.example A 203.0.113.70\n"
    "relay.example AAAA 2001:db8::70\n";

/* The Postfix of a row: inet_protocols (4, 6, 46), what can leave. */
enum { CAN4 = 1, CAN6 = 2, ORDERED = 4, FILTERED = 8 };
#define ALL 46, CAN4 | CAN6
#define P6 FAMILY_PREFER_IPV6
#define P4 FAMILY_PREFER_IPV4
#define ANY FAMILY_PREFER_ANY

static const struct {
	const char *rcpt;	/* domain of the recipient */
	const char *nexthop;	/* NULL: the domain */
	enum family_preference preference;
	int protocols, flags;
	const char *want;	/* "family why p6 mx" */
} rows[] = {
	{ "dual.example", NULL, P6, ALL, "ipv6 prefer-ipv6 0 mx.dual.example" },
	{ "dual.example", NULL, P4, ALL, "ipv4 prefer-ipv4 0 mx.dual.example" },
	{ "dual.example", NULL, ANY, ALL, "either any 50 mx.dual.example" },
	{ "dual.example", NULL, ANY, 46, CAN4 | CAN6 | ORDERED,
	    "ipv4 any 0 mx.dual.example" },
	{ "v4.example", NULL, P6, ALL, "ipv4 no-aaaa 0 mx.v4.example" },
	{ "v4.example", NULL, ANY, ALL, "ipv4 no-aaaa 0 mx.v4.example" },
	{ "v6.example", NULL, P4, ALL, "ipv6 no-a 0 mx.v6.example" },
	{ "equal.example", NULL, P6, ALL, "ipv6 prefer-ipv6 0 mx.v6.example" },
	{ "equal.example", NULL, P4, ALL, "ipv4 prefer-ipv4 0 mx.v4.example" },
	{ "equal.example", NULL, ANY, ALL, "either any 50 mx.v4.example" },
	{ "equal.example", NULL, ANY, 46, CAN4 | CAN6 | ORDERED,
	    "either any 50 mx.v4.example" },
	{ "best6.example", NULL, P4, ALL, "ipv6 no-a 0 mx.v6.example" },
	{ "best6.example", NULL, ANY, ALL, "ipv6 no-a 0 mx.v6.example" },
	{ "many.example", NULL, ANY, ALL, "either any 75 mx.many.example" },
	{ "third.example", NULL, ANY, ALL, "either any 33 a.third.example" },
	{ "three.example", NULL, ANY, ALL, "either any 50 mx.dual.example" },

	/* inet_protocols */
	{ "dual.example", NULL, P6, 4, CAN4 | CAN6,
	    "ipv4 no-ipv6-here 0 mx.dual.example" },
	{ "dual.example", NULL, P4, 6, CAN4 | CAN6,
	    "ipv6 no-ipv4-here 0 mx.dual.example" },
	{ "v4.example", NULL, P4, 4, CAN4 | CAN6,
	    "ipv4 no-aaaa 0 mx.v4.example" },
	{ "v4.example", NULL, P4, 6, CAN4 | CAN6,
	    "none no-ipv4-here 0 mx.v4.example" },
	{ "v6.example", NULL, P4, 4, CAN4 | CAN6,
	    "none no-ipv6-here 0 mx.v6.example" },
	{ "best4.example", NULL, P4, 6, CAN4 | CAN6,
	    "ipv6 no-ipv4-here 0 mx.dual.example" },
	{ "best4.example", NULL, P6, ALL, "ipv4 no-aaaa 0 mx.v4.example" },
	{ "half6.example", NULL, P6, 4, CAN4 | CAN6,
	    "ipv4 no-aaaa 0 mx.half6.example" },

	/* no way out */
	{ "dual.example", NULL, P6, 46, CAN4,
	    "ipv4 no-ipv6-here 0 mx.dual.example" },
	{ "dual.example", NULL, ANY, 46, CAN6,
	    "ipv6 no-ipv4-here 0 mx.dual.example" },
	{ "v6.example", NULL, P6, 46, CAN4, "none no-ipv6-here 0 mx.v6.example" },
	{ "best6.example", NULL, P6, 46, CAN4,
	    "ipv4 no-ipv6-here 0 mx.v4.example" },

	/* what the MX records say */
	{ "implicit.example", NULL, P6, ALL,
	    "ipv6 prefer-ipv6 0 implicit.example" },
	{ "implicit4.example", NULL, P6, ALL,
	    "ipv4 no-aaaa 0 implicit4.example" },
	{ "null.example", NULL, P6, ALL, "none null-mx 0 " },
	{ "gone.example", NULL, P6, ALL, "none nxdomain 0 gone.example" },
	{ "nothing.example", NULL, P6, ALL, "none no-address 0 nothing.example" },
	{ "noaddr.example", NULL, P6, ALL, "none no-address 0 gone.example" },
	{ "nxmx.example", NULL, P6, ALL, "ipv4 no-aaaa 0 mx.v4.example" },
	{ "badmx.example", NULL, P6, ALL, "none no-address 0 " },
	{ "literalmx.example", NULL, P6, ALL, "ipv4 no-aaaa 0 198.51.100.5" },
	{ "alias.example", NULL, P6, ALL, "ipv6 prefer-ipv6 0 mx.dual.example" },
	{ "aliasmx.example", NULL, P4, ALL, "ipv4 prefer-ipv4 0 alias2.example" },

	/* half-broken DNS */
	{ "half6.example", NULL, P6, ALL, "ipv4 servfail 0 mx.half6.example" },
	{ "half4.example", NULL, P4, ALL, "ipv6 timeout 0 mx.half4.example" },
	{ "deadhost.example", NULL, P6, ALL, "unknown servfail 0 sf.example" },
	{ "deadbest.example", NULL, P6, ALL, "ipv6 no-a 0 mx.v6.example" },
	{ "sf.example", NULL, P6, ALL, "unknown servfail 0 " },
	{ "slow.example", NULL, P6, ALL, "unknown timeout 0 " },
	{ "bogus.example", NULL, P6, ALL, "unknown servfail 0 " },

	/* this host among them */
	{ "self.example", NULL, P6, ALL, "none mx-is-me 0 mail.here.example" },
	{ "self.example", "self.example:26", P6, ALL,
	    "ipv6 prefer-ipv6 0 mail.here.example" },
	{ "backup.example", NULL, P6, ALL, "ipv4 no-aaaa 0 mx.v4.example" },
	{ "backup.example", NULL, P6, 6, CAN6, "none mx-is-me 0 mx.v4.example" },
	{ "[192.0.2.10]", "[192.0.2.10]", P6, ALL, "none mx-is-me 0 192.0.2.10" },

	/* literals, relays, lists */
	{ "[203.0.113.30]", "[203.0.113.30]", P6, ALL,
	    "ipv4 literal 0 203.0.113.30" },
	{ "[IPv6:2001:db8::30]", "[IPv6:2001:db8::30]", P4, ALL,
	    "ipv6 literal 0 2001:db8::30" },
	{ "[IPv6:2001:db8::30]", "[IPv6:2001:db8::30]", P4, 4, CAN4,
	    "none no-ipv6-here 0 2001:db8::30" },
	{ "dual.example", "[relay.example]:587", P6, ALL,
	    "ipv6 relay 0 relay.example" },
	{ "dual.example", "[relay.example]", ANY, ALL,
	    "either relay 50 relay.example" },
	{ "dual.example", "[203.0.113.70]", P6, ALL, "ipv4 relay 0 203.0.113.70" },
	{ "dual.example", "v4.example", P6, ALL, "ipv4 relay 0 mx.v4.example" },
	{ "dual.example", "[gone.example]", P6, ALL,
	    "none no-address 0 gone.example" },
	{ "dual.example", "noaddr.example,[relay.example]", P4, ALL,
	    "ipv4 relay 0 relay.example" },
	{ "gone.example", "gone.example [relay.example]", P4, ALL,
	    "ipv4 relay 0 relay.example" },
	{ "self.example", "self.example [relay.example]", P4, ALL,
	    "none mx-is-me 0 mail.here.example" },
	{ "null.example", "null.example sf.example", P4, ALL, "none null-mx 0 " },

	/* smtp_dns_reply_filter */
	{ "dual.example", NULL, P6, 46, CAN4 | CAN6 | FILTERED,
	    "unknown filtered 0 mx.dual.example" },
	{ "[203.0.113.30]", "[203.0.113.30]", P6, 46, CAN4 | CAN6 | FILTERED,
	    "ipv4 literal 0 203.0.113.30" },
};

static void
keep_route(void *arg, struct route *route)
{
	*(struct route **)arg = route;
}

static void
predictions(void **state)
{
	struct resolver *resolver = fake_unbound_resolver(zone);
	struct ip own[2];

	(void)state;
	assert_int_equal(ip_parse("192.0.2.10", &own[0]), 0);
	assert_int_equal(ip_parse("2001:db8:1::10", &own[1]), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		int protocols = rows[i].protocols, flags = rows[i].flags;
		struct family_rules rules = {
			.ipv4 = protocols != 6, .ipv6 = protocols != 4,
			.can_ipv4 = flags & CAN4, .can_ipv6 = flags & CAN6,
			.preference = rows[i].preference,
			.randomize = !(flags & ORDERED),
			.has_reply_filter = flags & FILTERED,
			.own = own, .n_own = 2,
		};
		struct destination_rules none = { 0 };
		struct destination d;
		struct address rcpt = { .text = "" };
		struct route *route = NULL;
		struct prediction p;
		char got[600];

		snprintf(rcpt.domain, sizeof rcpt.domain, "%s", rows[i].rcpt);
		destination_of(&rcpt, rows[i].nexthop, "smtp", &none, &d);
		assert_int_equal(d.kind, DESTINATION_REMOTE);
		route_find(resolver, d.nexthop, false, keep_route, &route);
		assert_non_null(route);
		family_predict(&d, route, WHY_BUSY, &rules, &p);
		snprintf(got, sizeof got, "%s %s %u %s", family_name(p.family),
		    family_why_name(p.why), p.p6, p.mx);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu, %s by %s:\n got %s\nwant %s", i,
			    rows[i].rcpt, d.nexthop, got, rows[i].want);
		route_free(&route);
	}
	resolver_free(&resolver);
}

static void
without_route(void **state)
{
	static const struct {
		enum destination_kind kind;
		enum why absent;
		enum family family;
		enum why why;
	} row[] = {
		{ DESTINATION_REMOTE, WHY_TIMEOUT, FAMILY_UNKNOWN, WHY_TIMEOUT },
		{ DESTINATION_REMOTE, WHY_BUSY, FAMILY_UNKNOWN, WHY_BUSY },
		{ DESTINATION_UNTOLD, WHY_TIMEOUT, FAMILY_UNKNOWN,
		    WHY_TRANSPORT_MAPS },
		{ DESTINATION_BAD, WHY_TIMEOUT, FAMILY_NONE, WHY_NO_ADDRESS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct destination d = { .kind = row[i].kind };
		struct family_rules rules = { .ipv4 = true };
		struct prediction p;

		family_predict(&d, NULL, row[i].absent, &rules, &p);
		assert_int_equal(p.family, row[i].family);
		assert_int_equal(p.why, row[i].why);
	}
}

static void
preferences(void **state)
{
	enum family_preference p;

	(void)state;
	assert_int_equal(family_preference_parse("any", &p), 0);
	assert_int_equal(p, FAMILY_PREFER_ANY);
	assert_int_equal(family_preference_parse("IPv6", &p), 0);
	assert_int_equal(p, FAMILY_PREFER_IPV6);
	assert_int_equal(family_preference_parse("ipv4", &p), 0);
	assert_int_equal(p, FAMILY_PREFER_IPV4);
	assert_int_equal(family_preference_parse("ipv5", &p), -1);
	assert_int_equal(family_preference_parse("", &p), -1);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(predictions),
    cmocka_unit_test(without_route),
    cmocka_unit_test(preferences))
