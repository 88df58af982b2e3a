/* SPDX-License-Identifier: ISC */
/* Recipient, {rcpt_host}, {rcpt_mailer} and main.cf to the next hop. */
#include "find/destination.h"

#include "base/text.h"
#include "unit.h"

static const struct destination_service services[] = {
	{ "smtp", "smtp" }, { "smtp4", "smtp" }, { "relay", "smtp" },
	{ "slow", "/usr/lib/postfix/sbin/smtp" }, { "local", "local" },
	{ "virtual", "virtual" }, { "lmtp", "lmtp" }, { "store", "lmtp" },
	{ "error", "error" }, { "retry", "error" }, { "discard", "discard" },
	{ "maildrop", "pipe" }, { "scan", "smtp" },
};

struct row {
	const char *name;
	const char *rcpt, *host, *mailer;
	struct destination_rules rules;
	const char *want;	/* "kind domain transport nexthop[ relay]" */
};

static const char *const own_domain[] = { "here.example" };

static const struct row rows[] = {
	/* what Postfix says in its macros */
	{ "MX", "<bob@example.org>", "example.org", "smtp", { 0 },
	    "remote example.org smtp example.org" },
	{ "case", "<bob@EXAMPLE.org>", "Example.ORG", "smtp", { 0 },
	    "remote example.org smtp example.org" },
	{ "U-label", "<bob@b\303\274cher.example>", "b\303\274cher.example",
	    "smtp", { 0 },
	    "remote xn--bcher-kva.example smtp xn--bcher-kva.example" },
	{ "literal", "<f@[203.0.113.30]>", "[203.0.113.30]", "smtp", { 0 },
	    "remote [203.0.113.30] smtp [203.0.113.30] literal" },
	{ "IPv6 literal", "<f@[IPv6:2001:DB8::30]>", "[IPv6:2001:DB8::30]",
	    "smtp", { 0 },
	    "remote [IPv6:2001:DB8::30] smtp [2001:db8::30] literal" },
	{ "relay by name", "<bob@example.org>", "[relay.example.net]", "smtp",
	    { 0 }, "remote example.org smtp [relay.example.net] relay" },
	{ "relay by address and port", "<bob@example.org>",
	    "[203.0.113.70]:587", "smtp", { 0 },
	    "remote example.org smtp [203.0.113.70]:587 relay" },
	{ "relay with MX", "<bob@example.org>", "example.net:submission",
	    "relay", { 0 },
	    "remote example.org relay example.net:submission relay" },
	{ "literal behind a relay", "<f@[203.0.113.30]>", "[relay.example.net]",
	    "smtp", { 0 },
	    "remote [203.0.113.30] smtp [relay.example.net] relay" },
	{ "list", "<bob@example.org>", "a.example , [b.example]:26", "smtp",
	    { 0 }, "remote example.org smtp a.example,[b.example]:26 relay" },
	{ "own transport", "<e@example.org>", "example.org", "smtp4", { 0 },
	    "remote example.org smtp4 example.org" },
	{ "its own host without MX", "<e@example.org>", "[example.org]", "smtp",
	    { 0 }, "remote example.org smtp [example.org]" },
	{ "a transport's program by its path", "<e@example.org>", "example.org",
	    "slow", { 0 }, "remote example.org slow example.org" },
	{ "a transport that master.cf lacks", "<e@example.org>", "example.org",
	    "new", { 0 }, "remote example.org new example.org" },
	{ "local", "<g@here.example>", "here.example", "local", { 0 },
	    "here here.example local " },
	{ "virtual", "<g@here.example>", "here.example", "virtual", { 0 },
	    "here here.example virtual " },
	{ "lmtp to a socket", "<g@here.example>", "unix:/run/lmtp", "store",
	    { 0 }, "here here.example store " },
	{ "pipe", "<g@here.example>", "here.example", "maildrop", { 0 },
	    "here here.example maildrop " },
	{ "error", "<g@example.org>", "5.1.1", "error", { 0 },
	    "here example.org error " },
	{ "retry", "<g@example.org>", "4.1.1", "retry", { 0 },
	    "here example.org retry " },
	{ "discard", "<g@example.org>", "example.org", "discard", { 0 },
	    "here example.org discard " },
	{ "no domain", "<root>", "here.example", "local", { 0 },
	    "here  local " },
	{ "macros go before relayhost and maps", "<bob@example.org>",
	    "example.org", "smtp", { .relayhost = "[relay.example.net]",
	    .has_transport_maps = true },
	    "remote example.org smtp example.org" },
	{ "a host of the list that is none", "<bob@example.org>", "a b..c", "smtp", { 0 },
	    "remote example.org smtp a relay" },
	{ "nothing left of the host", "<bob@example.org>", "[b", "smtp", { 0 },
	    "bad example.org smtp " },
	{ "a port that is none", "<bob@example.org>", "[x.example]:2;5", "smtp",
	    { 0 }, "bad example.org smtp " },

	/* sendmail(1) and bounces: nobody says */
	{ "nothing set", "bob@example.org", NULL, NULL, { 0 },
	    "remote example.org smtp example.org" },
	{ "nothing set, literal", "f@[203.0.113.30]", NULL, NULL, { 0 },
	    "remote [203.0.113.30] smtp [203.0.113.30] literal" },
	{ "relayhost", "bob@example.org", NULL, NULL,
	    { .relayhost = "[relay.example.net]:587" },
	    "remote example.org smtp [relay.example.net]:587 relay" },
	{ "default_transport", "bob@example.org", NULL, NULL,
	    { .default_transport = "smtp4" },
	    "remote example.org smtp4 example.org" },
	{ "default_transport and relayhost", "bob@example.org", NULL, NULL,
	    { .default_transport = "smtp4:", .relayhost = "example.net" },
	    "remote example.org smtp4 example.net relay" },
	{ "default_transport with a next hop", "bob@example.org", NULL, NULL,
	    { .default_transport = "smtp:[203.0.113.70]:26",
	    .relayhost = "example.net" },
	    "remote example.org smtp [203.0.113.70]:26 relay" },
	{ "default_transport is no SMTP", "bob@example.org", NULL, NULL,
	    { .default_transport = "error:no mail today" },
	    "here example.org error " },
	{ "transport_maps", "bob@example.org", NULL, NULL,
	    { .has_transport_maps = true, .relayhost = "example.net" },
	    "untold example.org  " },
	{ "sender maps", "bob@example.org", NULL, NULL,
	    { .has_sender_maps = true }, "untold example.org  " },
	{ "own domain", "bob@here.example", NULL, NULL,
	    { .local = own_domain, .n_local = 1, .has_transport_maps = true },
	    "here here.example  " },
	{ "empty macros are no word", "bob@example.org", "", "",
	    { .relayhost = "example.net" },
	    "remote example.org smtp example.net relay" },

	/* content_filter */
	{ "filter elsewhere", "<bob@example.org>", "example.org", "smtp",
	    { .content_filter = "smtp:[relay.example.net]" },
	    "remote example.org smtp [relay.example.net] relay" },
	{ "filter elsewhere, sendmail", "bob@example.org", NULL, NULL,
	    { .content_filter = "smtp:[203.0.113.70]:10024",
	    .has_transport_maps = true },
	    "remote example.org smtp [203.0.113.70]:10024 relay" },
	{ "filter here", "<bob@example.org>", "example.org", "smtp",
	    { .content_filter = "scan:[127.0.0.1]:10025" },
	    "remote example.org smtp example.org" },
	{ "filter here, IPv6", "<bob@example.org>", "example.org", "smtp",
	    { .content_filter = "scan:[::1]:10025" },
	    "remote example.org smtp example.org" },
	{ "filter here by name", "<bob@example.org>", "example.org", "smtp",
	    { .content_filter = "scan:localhost:10025" },
	    "remote example.org smtp example.org" },
	{ "filter that is no SMTP", "<bob@example.org>", "example.org", "smtp",
	    { .content_filter = "maildrop:x" },
	    "remote example.org smtp example.org" },
};

static const char *
kind_word(enum destination_kind k)
{
	static const char *const word[] = {
		[DESTINATION_REMOTE] = "remote", [DESTINATION_HERE] = "here",
		[DESTINATION_UNTOLD] = "untold", [DESTINATION_BAD] = "bad",
	};

	return word[k];
}

static void
run_row(const struct row *r, bool with_services)
{
	struct destination_rules rules = r->rules;
	struct destination d;
	struct address rcpt;
	char got[2048];

	if (with_services) {
		rules.service = services;
		rules.n_services = COUNT(services);
	}
	address_path(r->rcpt, &rcpt);
	destination_of(&rcpt, r->host, r->mailer, &rules, &d);
	snprintf(got, sizeof got, "%s %s %s %s%s%s", kind_word(d.kind), d.domain,
	    d.transport, d.nexthop, d.is_relay ? " relay" : "",
	    d.is_literal ? " literal" : "");
	if (strcmp(got, r->want) != 0)
		fail_msg("%s:\n got %s\nwant %s", r->name, got, r->want);
}

static void
destinations(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		run_row(&rows[i], true);
}

/* Without master.cf the names must do. */
static void
without_services(void **state)
{
	static const struct row row[] = {
		{ "local", "<a@here.example>", "here.example", "local", { 0 },
		    "here here.example local " },
		{ "lmtp", "<a@here.example>", "here.example", "lmtp", { 0 },
		    "here here.example lmtp " },
		{ "unknown", "<a@example.org>", "example.org", "smtp4", { 0 },
		    "remote example.org smtp4 example.org" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		run_row(&row[i], false);
}

static void
hops(void **state)
{
	static const struct {
		const char *in;
		size_t n;
		const char *host;	/* of the first */
		enum ip_family family;
		bool no_mx, is_port_smtp;
	} row[] = {
		{ "example.org", 1, "example.org", IP_NONE, false, true },
		{ "example.org:25", 1, "example.org", IP_NONE, false, true },
		{ "example.org:smtp", 1, "example.org", IP_NONE, false, true },
		{ "example.org:587", 1, "example.org", IP_NONE, false, false },
		{ "[example.org]", 1, "example.org", IP_NONE, true, true },
		{ "[192.0.2.1]:2525", 1, "192.0.2.1", IP_4, true, false },
		{ "192.0.2.1", 1, "192.0.2.1", IP_4, true, true },
		{ "[2001:db8::1]", 1, "2001:db8::1", IP_6, true, true },
		{ "[IPv6:2001:db8::1]:26", 1, "2001:db8::1", IP_6, true, false },
		{ "inet:example.org:24", 1, "example.org", IP_NONE, false, false },
		{ " , a.example ,, b.example\tc.example", 3, "a.example",
		    IP_NONE, false, true },
		{ "[a.example", 0, "", IP_NONE, false, false },
		{ "[a.example]x", 0, "", IP_NONE, false, false },
		{ "", 0, "", IP_NONE, false, false },
		{ ":25", 0, "", IP_NONE, false, false },
		{ "[]", 0, "", IP_NONE, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct hop hop[DESTINATION_HOPS_MAX];
		bool cut = false;

		print_message("\"%s\"\n", row[i].in);
		assert_int_equal(destination_hops(row[i].in, hop, &cut), row[i].n);
		assert_false(cut);
		if (row[i].n == 0)
			continue;
		assert_string_equal(hop[0].host, row[i].host);
		assert_int_equal(hop[0].ip.family, row[i].family);
		assert_int_equal(hop[0].no_mx, row[i].no_mx);
		assert_int_equal(hop[0].is_port_smtp, row[i].is_port_smtp);
	}
}

static void
too_many_hops(void **state)
{
	struct hop hop[DESTINATION_HOPS_MAX];
	bool cut = false;

	(void)state;
	assert_int_equal(destination_hops("a b c d e f g h", hop, &cut), 8);
	assert_false(cut);
	assert_int_equal(destination_hops("a b c d e f g h i", hop, &cut), 8);
	assert_true(cut);
}

static void
equality(void **state)
{
	struct destination a = { .domain = "example.org", .transport = "smtp",
		.nexthop = "example.org" }, b = a;

	(void)state;
	assert_true(destination_equal(&a, &b));
	b.transport[4] = '4';
	assert_false(destination_equal(&a, &b));
	b = a;
	b.nexthop[0] = 'x';
	assert_false(destination_equal(&a, &b));
	b = a;
	b.domain[0] = 'x';
	assert_false(destination_equal(&a, &b));
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(destinations),
    cmocka_unit_test(without_services),
    cmocka_unit_test(hops),
    cmocka_unit_test(too_many_hops),
    cmocka_unit_test(equality))
