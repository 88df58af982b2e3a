/* SPDX-License-Identifier: ISC */
/* What DNS says about a next hop, told from zone texts, hostile ones too. */
#include "find/route.h"

#include "base/text.h"
#include "fake_unbound.h"
#include "unit.h"

static const char zone[] =
    "dual.example 600 MX 10 mx.dual.example\n"
    "mx.dual.example 120 A 198.51.100.1\n"
    "mx.dual.example 900 AAAA 2001:db8::1\n"
    "mx.dual.example A 198.51.100.2\n"
    "order.example MX 30 c.order.example\n"
    "order.example MX 10 a.order.example\n"
    "order.example MX 20 b.order.example\n"
    "order.example MX 10 aa.order.example\n"
    "a.order.example TXT \"no address\"\n"
    "aa.order.example A 198.51.100.3\n"
    "b.order.example AAAA 2001:db8::3\n"
    "c.order.example SERVFAIL\n"
    "null.example MX 0 .\n"
    "mixed.example MX 10 mx.dual.example\n"
    "mixed.example MX 20 .\n"
    "bad.example MX \\# 000a03612e6200\n"
    "bad.example MX 20 mx.dual.example\n"
    "bad.example MX \\# 00\n"
    "short.example MX 10 mx.short.example\n"
    "mx.short.example A \\# c000\n"
    "mx.short.example AAAA \\# 20010db8000000000000000000000001\n"
    "implicit.example A 198.51.100.4\n"
    "number.example MX 10 198.51.100.5\n"
    "sf.example SERVFAIL\n";

struct got {
	struct route *route;
	int calls;
};

static void
on_route(void *arg, struct route *route)
{
	struct got *g = arg;

	g->route = route;
	g->calls++;
}

static void
counts(void **state)
{
	static const struct {
		const char *nexthop;
		bool no_mx;
		const char *want;	/* "mxs a aaaa mx [cut] [failed] ttl" */
	} row[] = {
		{ "dual.example", false, "1 2 1 mx.dual.example   120" },
		{ "order.example", false, "4 1 1 aa.order.example  failed 0" },
		{ "null.example", false, "0 0 0    300" },
		{ "mixed.example", false, "0 0 0    300" },
		{ "bad.example", false, "1 2 1 mx.dual.example   120" },
		{ "short.example", false, "1 0 1 mx.short.example   300" },
		{ "implicit.example", false, "1 1 0 implicit.example   300" },
		{ "number.example", false, "1 1 0 198.51.100.5   300" },
		{ "sf.example", false, "0 0 0   failed 0" },
		{ "gone.example", false, "1 0 0 gone.example   300" },
		{ "[mx.dual.example]:26", false, "1 2 1 mx.dual.example   120" },
		{ "dual.example", true, "1 0 0 dual.example   300" },
		{ "[192.0.2.1]", false, "1 1 0 192.0.2.1   4294967295" },
		{ "dual.example,sf.example", false,
		    "1 2 1 mx.dual.example  failed 0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct resolver *r = fake_unbound_resolver(zone);
		struct got g = { 0 };
		char text[400];

		route_find(r, row[i].nexthop, row[i].no_mx, on_route, &g);
		assert_int_equal(g.calls, 1);
		snprintf(text, sizeof text, "%u %u %u %s %s %s %u", g.route->mxs,
		    g.route->a, g.route->aaaa, g.route->mx,
		    g.route->cut ? "cut" : "", g.route->failed ? "failed" : "",
		    g.route->ttl_s);
		if (strcmp(text, row[i].want) != 0)
			fail_msg("%s:\n got %s\nwant %s", row[i].nexthop, text,
			    row[i].want);
		route_free(&g.route);
		assert_null(g.route);
		resolver_free(&r);
	}
}

static void
hosts_by_preference(void **state)
{
	static const char *const want[] = {
		"a.order.example", "aa.order.example", "b.order.example",
		"c.order.example",
	};
	struct resolver *r = fake_unbound_resolver(zone);
	struct got g = { 0 };
	const struct route_hop *hop;

	(void)state;
	route_find(r, "order.example", false, on_route, &g);
	hop = &g.route->hop[0];
	assert_int_equal(g.route->n_hops, 1);
	assert_int_equal(hop->n_hosts, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(hop->host[i].name, want[i]);
	assert_int_equal(hop->host[0].a_status, ANSWER_NODATA);
	assert_int_equal(hop->host[3].aaaa_status, ANSWER_SERVFAIL);
	assert_int_equal(hop->host[2].n_aaaa, 1);
	assert_int_equal(hop->host[2].aaaa[0].family, IP_6);
	assert_false(hop->implicit);
	assert_false(hop->null_mx);
	route_free(&g.route);
	resolver_free(&r);
}

/* A host is asked for its addresses while another one's MX is still out. */
static void
last_answer_ends_it(void **state)
{
	struct resolver *r = fake_unbound_resolver(zone);
	struct got g = { 0 };

	(void)state;
	fake_unbound_hold(true);
	route_find(r, "dual.example,order.example", false, on_route, &g);
	assert_int_equal(g.calls, 0);
	assert_int_equal(fake_unbound_count(NULL, 0), 2);
	fake_unbound_hold(false);
	assert_int_equal(g.calls, 1);
	assert_int_equal(g.route->n_hops, 2);
	/* 2 MX; A and AAAA of 1 and of 4 hosts */
	assert_int_equal(fake_unbound_count(NULL, 0), 12);
	route_free(&g.route);
	resolver_free(&r);
}

/* Thousands of MX hosts with hundreds of addresses: the best twenty. */
static void
bounds(void **state)
{
	struct text t;
	struct resolver *r;
	struct got g = { 0 };

	(void)state;
	text_init(&t, 1 << 20);
	for (int i = 0; i < 200; i++)
		text_addf(&t, "big.example MX %d h%d.example\n", 1000 - i, i);
	for (int i = 0; i < 40; i++)
		text_addf(&t, "h199.example A 198.51.100.%d\n", i);
	r = fake_unbound_resolver(t.buf);
	route_find(r, "big.example", false, on_route, &g);
	assert_true(g.route->cut);
	assert_int_equal(g.route->mxs, 200);
	assert_int_equal(g.route->hop[0].n_hosts, ROUTE_HOSTS_MAX);
	assert_string_equal(g.route->hop[0].host[0].name, "h199.example");
	assert_string_equal(g.route->hop[0].host[19].name, "h180.example");
	assert_int_equal(g.route->a, ROUTE_ADDRESSES_MAX);
	assert_int_equal(fake_unbound_count(NULL, 0), 1 + 2 * 20);
	route_free(&g.route);
	resolver_free(&r);
	text_free(&t);
}

/* A zone of many hosts that are dead has few questions in flight; the live ones
 * among them are found, each asked about once. */
static void
few_at_a_time(void **state)
{
	struct text t;
	struct resolver *r;
	struct got g = { 0 };

	(void)state;
	text_init(&t, 1 << 16);
	for (int i = 0; i < 20; i++)
		text_addf(&t, "big.example MX %d h%d.%s.example\n", i, i,
		    i < 10 ? "live" : "dead");
	text_addf(&t, "*.live.example A 198.51.100.1\n");
	r = fake_unbound_resolver(t.buf);
	fake_unbound_silence(".dead.example");
	route_find(r, "big.example", false, on_route, &g);
	assert_int_equal(g.calls, 0);
	assert_int_equal(fake_unbound_count(NULL, 0), 1 + 2 * (10 + 3));
	resolver_free(&r);
	assert_int_equal(g.calls, 1);
	assert_int_equal(g.route->hop[0].n_hosts, 20);
	assert_int_equal(g.route->a, 10);
	route_free(&g.route);
	text_free(&t);
}

static void
nowhere(void **state)
{
	struct resolver *r = fake_unbound_resolver("");
	struct got g = { 0 };

	(void)state;
	route_find(r, "[nowhere", false, on_route, &g);
	assert_int_equal(g.calls, 1);
	assert_int_equal(g.route->n_hops, 0);
	assert_string_equal(g.route->mx, "");
	route_free(&g.route);
	resolver_free(&r);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(counts),
    cmocka_unit_test(hosts_by_preference),
    cmocka_unit_test(last_answer_ends_it),
    cmocka_unit_test(bounds),
    cmocka_unit_test(few_at_a_time),
    cmocka_unit_test(nowhere))
