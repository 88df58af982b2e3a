/* SPDX-License-Identifier: ISC */
/* Services, tables and commands for a family or a relay, out of a made-up
 * master.cf (tests/data/postconf). */
#include "tool/transport_plan.h"

#include "postconf.h"
#include "unit.h"

#define NO_RELAY "relayhost =\n"

static const struct {
	const char *name, *main, *overrides;
	const char *domain, *mailer, *host;
	bool is_mapped;
	enum ip_family family;
	const char *from;
	enum transport_planned want;
	const char *value;	/* the entry */
	const char *line;	/* the service */
} rows[] = {
	{ "plain", NO_RELAY, NULL, "example.net", "smtp", "example.net", false,
	    IP_4, "192.0.2.10", TRANSPORT_PLANNED, "smtp-ipv4:",
	    "smtp-ipv4 unix - - y - - smtp -o inet_protocols=ipv4" },
	{ "the other family", NO_RELAY, NULL, "example.net", "smtp",
	    "example.net", false, IP_6, "2001:db8::10", TRANSPORT_PLANNED,
	    "smtp-ipv6:",
	    "smtp-ipv6 unix - - y - - smtp -o inet_protocols=ipv6" },
	{ "behind a relayhost", "", NULL, "example.net", "smtp",
	    "[relay.example.org]:587", false, IP_4, "192.0.2.10",
	    TRANSPORT_PLANNED, "smtp-ipv4:[relay.example.org]:587",
	    "smtp-ipv4 unix - - y - - smtp -o inet_protocols=ipv4" },
	{ "settings of the service are copied", NO_RELAY, NULL, "example.net",
	    "relay", "example.net", false, IP_4, "192.0.2.10",
	    TRANSPORT_PLANNED, "relay-ipv4:",
	    "relay-ipv4 unix - - y - - smtp -o syslog_name="
	    "${multi_instance_name?{$multi_instance_name}:{postfix}}/"
	    "$service_name -o inet_protocols=ipv4" },
	{ "a bound address is named", NO_RELAY
	    "smtp_bind_address = 192.0.2.10\n"
	    "smtp_bind_address6 = 2001:db8::10\n", NULL, "example.net", "smtp",
	    "example.net", false, IP_6, "2001:db8::10", TRANSPORT_PLANNED,
	    "smtp-ipv6:", "smtp-ipv6 unix - - y - - smtp -o inet_protocols=ipv6"
	    " -o smtp_bind_address6=2001:db8::10" },
	{ "interfaces with addresses keep those of the family", NO_RELAY
	    "inet_interfaces = 127.0.0.1, [::1], 192.0.2.10, 2001:db8::10\n"
	    "proxy_interfaces = 203.0.113.7 2001:db8::77\n", NULL,
	    "example.net", "smtp", "example.net", false, IP_4, "192.0.2.10",
	    TRANSPORT_PLANNED, "smtp-ipv4:",
	    "smtp-ipv4 unix - - y - - smtp -o inet_protocols=ipv4"
	    " -o inet_interfaces=127.0.0.1,192.0.2.10"
	    " -o proxy_interfaces=203.0.113.7"
	    " -o smtp_bind_address=192.0.2.10" },
	{ "no interface of that family", NO_RELAY
	    "inet_interfaces = 2001:db8::10\n", NULL, "example.net", "smtp",
	    "example.net", false, IP_4, "192.0.2.10", TRANSPORT_PLANNED,
	    "smtp-ipv4:", "smtp-ipv4 unix - - y - - smtp -o inet_protocols=ipv4"
	    " -o inet_interfaces=192.0.2.10"
	    " -o smtp_bind_address=192.0.2.10" },
	{ "the service's own interfaces", NO_RELAY, NULL, "example.net",
	    "one", "example.net", false, IP_6, "2001:db8::11",
	    TRANSPORT_PLANNED, "one-ipv6:", "one-ipv6 unix - - y - - smtp"
	    " -o inet_interfaces=192.0.2.11,[2001:db8::11],127.0.0.1"
	    " -o disable_dns_lookups=yes -o inet_protocols=ipv6"
	    " -o inet_interfaces=[2001:db8::11]"
	    " -o smtp_bind_address6=2001:db8::11" },
	{ "address unknown: none is named", NO_RELAY
	    "smtp_bind_address = 192.0.2.99\n", NULL, "example.net", "smtp",
	    "example.net", false, IP_4, "", TRANSPORT_PLANNED, "smtp-ipv4:",
	    "smtp-ipv4 unix - - y - - smtp -o inet_protocols=ipv4" },
	{ "that family only, already", NO_RELAY, NULL, "example.net", "smtp4",
	    "example.net", false, IP_4, "192.0.2.10", TRANSPORT_BOUND, "", "" },
	{ "the operator's own entry", NO_RELAY, NULL, "example.net", "smtp",
	    "[mx.example.com]", true, IP_4, "192.0.2.10", TRANSPORT_MAPPED,
	    "smtp-ipv4:[mx.example.com]",
	    "smtp-ipv4 unix - - y - - smtp -o inet_protocols=ipv4" },
	{ "not sent by smtp(8)", NO_RELAY, NULL, "example.net", "maildrop",
	    "example.net", false, IP_4, "192.0.2.10", TRANSPORT_NOT_SMTP, "",
	    "" },
	{ "no such service", NO_RELAY, NULL, "example.net", "uucp",
	    "example.net", false, IP_4, "192.0.2.10", TRANSPORT_NOT_SMTP, "",
	    "" },
	{ "a name for the shell", NO_RELAY, NULL, "a$(id).example", "smtp",
	    "a$(id).example", false, IP_4, "192.0.2.10", TRANSPORT_ODD, "",
	    "" },
	{ "a next hop for the shell", NO_RELAY, NULL, "example.net", "smtp",
	    "[x];reboot", false, IP_4, "192.0.2.10", TRANSPORT_ODD, "", "" },
};

static struct transport_plan *
plan_of(const struct postfix *p, const char *folder)
{
	struct err err = { 0 };
	struct transport_plan *plan = transport_plan_new(p, folder, &err);

	if (plan == NULL)
		fail_msg("%s", err.text);
	return plan;
}

static struct transport_answer
way_of(const char *mailer, const char *host, bool is_mapped)
{
	struct transport_answer way = { .is_mapped = is_mapped };

	(void)snprintf(way.mailer, sizeof way.mailer, "%s", mailer);
	(void)snprintf(way.host, sizeof way.host, "%s", host);
	return way;
}

static void
families(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct postfix *p = postconf_parse(rows[i].main,
		    rows[i].overrides, NULL);
		struct transport_plan *plan = plan_of(p, "/etc/postfix");
		struct transport_answer way = way_of(rows[i].mailer,
		    rows[i].host, rows[i].is_mapped);
		char value[TRANSPORT_PLAN_VALUE];
		struct ip from = { .family = IP_NONE };
		const char *line;

		(void)ip_parse(rows[i].from, &from);
		enum transport_planned got = transport_plan_family(plan,
		    rows[i].domain, &way, rows[i].family, &from, value);
		line = plan->n_services == 0 ? "" : plan->service[0].line;
		if (got != rows[i].want || strcmp(value, rows[i].value) != 0 ||
		    strcmp(line, rows[i].line) != 0)
			fail_msg("%s:\n got %d \"%s\" %s\nwant %d \"%s\" %s",
			    rows[i].name, got, value, line, rows[i].want,
			    rows[i].value, rows[i].line);
		assert_int_equal(plan->n_entries,
		    rows[i].want == TRANSPORT_PLANNED);
		transport_plan_free(&plan);
		postfix_release(&p);
	}
}

static char *
printed(const struct transport_plan *plan,
    void (*print)(const struct transport_plan *plan, int indent, FILE *out))
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	print(plan, 2, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void
assert_printed(const struct transport_plan *plan,
    void (*print)(const struct transport_plan *plan, int indent, FILE *out),
    const char *want)
{
	char *got = printed(plan, print);

	assert_string_equal(got, want);
	free(got);
}

static void
plan_family(struct transport_plan *plan, const char *domain,
    const char *mailer)
{
	struct transport_answer way = way_of(mailer, domain, false);
	char value[TRANSPORT_PLAN_VALUE];

	assert_int_equal(transport_plan_family(plan, domain, &way, IP_4,
	    &(struct ip){ .family = IP_NONE }, value), TRANSPORT_PLANNED);
}

static void
nothing_there(void **state)
{
	struct postfix *p = postconf_parse(NO_RELAY, NULL, NULL);
	struct transport_plan *plan = plan_of(p, "/etc/postfix");

	(void)state;
	assert_true(transport_plan_is_empty(plan));
	plan_family(plan, "example.net", "smtp");
	plan_family(plan, "example.com", "smtp");
	plan_family(plan, "example.org", "smtp");
	assert_false(transport_plan_is_empty(plan));
	assert_int_equal(plan->n_services, 1);
	assert_printed(plan, transport_plan_commands,
	    "  printf '%s\\n' >/etc/postfix/waybill-transport \\\n"
	    "    'example.com smtp-ipv4:' \\\n"
	    "    'example.net smtp-ipv4:' \\\n"
	    "    'example.org smtp-ipv4:'\n"
	    "  postconf -M 'smtp-ipv4/unix=smtp-ipv4 unix - - y - - smtp "
	    "-o inet_protocols=ipv4'\n"
	    "  postconf -e 'transport_maps="
	    "texthash:/etc/postfix/waybill-transport'\n"
	    "  postfix reload\n");
	assert_printed(plan, transport_plan_undo,
	    "  postconf -X 'transport_maps'\n"
	    "  postconf -MX 'smtp-ipv4/unix'\n"
	    "  postfix reload\n"
	    "  rm /etc/postfix/waybill-transport\n");
	transport_plan_free(&plan);
	postfix_release(&p);
}

/* Tables, limits and another folder. */
static void
something_there(void **state)
{
	struct postfix *p = postconf_parse(NO_RELAY
	    "transport_maps = hash:/etc/postfix/transport, $more\n"
	    "smtp_destination_rate_delay = 2s\n"
	    "smtp_destination_recipient_limit = "
	    "$default_destination_recipient_limit\n", NULL, NULL);
	struct transport_plan *plan = plan_of(p, "/etc/postfix-out");

	(void)state;
	plan_family(plan, "example.net", "smtp");
	assert_printed(plan, transport_plan_commands,
	    "  printf '%s\\n' >/etc/postfix-out/waybill-transport \\\n"
	    "    'example.net smtp-ipv4:'\n"
	    "  postconf -c /etc/postfix-out -M 'smtp-ipv4/unix=smtp-ipv4 unix "
	    "- - y - - smtp -o inet_protocols=ipv4'\n"
	    "  postconf -c /etc/postfix-out -e "
	    "'smtp-ipv4_destination_rate_delay=2s'\n"
	    "  postconf -c /etc/postfix-out -e 'transport_maps="
	    "texthash:/etc/postfix-out/waybill-transport, "
	    "hash:/etc/postfix/transport, $more'\n"
	    "  postfix -c /etc/postfix-out reload\n");
	assert_printed(plan, transport_plan_undo,
	    "  postconf -c /etc/postfix-out -e 'transport_maps="
	    "hash:/etc/postfix/transport, $more'\n"
	    "  postconf -c /etc/postfix-out -MX 'smtp-ipv4/unix'\n"
	    "  postconf -c /etc/postfix-out -X "
	    "'smtp-ipv4_destination_rate_delay'\n"
	    "  postfix -c /etc/postfix-out reload\n"
	    "  rm /etc/postfix-out/waybill-transport\n");
	transport_plan_free(&plan);
	postfix_release(&p);
}

/* Ways that go by the sender are known, since entries come before them. */
static void
by_sender(void **state)
{
	static const struct {
		const char *main;
		bool want;
	} cases[] = {
		{ "", false },
		{ "sender_dependent_relayhost_maps = hash:/r\n", true },
		{ "sender_dependent_default_transport_maps = hash:/t\n", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct postfix *p = postconf_parse(cases[i].main, NULL, NULL);
		struct transport_plan *plan = plan_of(p, "/etc/postfix");

		assert_int_equal(plan->is_by_sender, cases[i].want);
		transport_plan_free(&plan);
		postfix_release(&p);
	}
}

/* A service that has the name but is another one, and one that is just so. */
static void
names_taken(void **state)
{
	static const char master[] =
	    "smtp unix - - y - - smtp\n"
	    "smtp-ipv4 unix - - y - 3 smtp -o inet_protocols=ipv4\n"
	    "slow unix - - y - - smtp -o smtp_x=it's\n"
	    "slow-ipv4 unix - - y - - smtp -o smtp_x=it's "
	    "-o inet_protocols=ipv4\n";
	struct postfix_text t = { .found = POSTFIX_FOUND };
	struct postfix *p;
	struct transport_plan *plan;

	(void)state;
	t.part[POSTFIX_MAIN] = strdup("inet_interfaces = all\n");
	t.part[POSTFIX_MASTER] = strdup(master);
	p = postfix_parse(&t);
	assert_non_null(p);
	plan = plan_of(p, "/etc/postfix");
	plan_family(plan, "example.net", "smtp");
	plan_family(plan, "example.com", "smtp");
	plan_family(plan, "example.org", "slow");
	assert_int_equal(plan->n_services, 2);
	assert_string_equal(plan->service[0].name, "smtp-ipv4-2");
	assert_false(plan->service[0].is_there);
	assert_string_equal(plan->service[1].name, "slow-ipv4");
	assert_true(plan->service[1].is_there);
	assert_string_equal(transport_plan_entry(plan, "example.org")->value,
	    "slow-ipv4:");
	transport_plan_free(&plan);
	postfix_release(&p);
}

/* An earlier plan's table: which way it sends, and what is taken over. */
static void
earlier(void **state)
{
	struct postfix *p = postconf_parse(NO_RELAY "transport_maps = "
	    "texthash:/etc/postfix/waybill-transport, hash:/t\n", NULL, NULL);
	struct transport_plan *plan = plan_of(p, "/etc/postfix");

	(void)state;
	assert_true(plan->is_mapped);
	assert_string_equal(plan->maps_before, "hash:/t");
	plan_family(plan, "example.net", "smtp");
	assert_int_equal(transport_plan_read(plan, "# a comment\n"
	    "example.net smtp4:\n"
	    "example.com\tsmtp4:[mx.example.com]\n"
	    "relay.example relay:[smtp.example.com]:587\n"
	    "example.org gone:\n"
	    "a$(id) smtp4:\n"
	    "b.example smtp4:`id`\n"
	    "nothing\n\nno.colon smtp4"), 0);
	assert_int_equal(plan->n_earlier, 3);
	assert_int_equal(transport_plan_earlier(plan, "example.com"),
	    TRANSPORT_EARLIER_IPV4);
	assert_int_equal(transport_plan_earlier(plan, "relay.example"),
	    TRANSPORT_EARLIER_RELAY);
	assert_int_equal(transport_plan_earlier(plan, "example.org"),
	    TRANSPORT_EARLIER_NONE);
	assert_int_equal(transport_plan_keep(plan, "example.net"), 0);
	assert_int_equal(transport_plan_keep(plan, "example.com"), 0);
	assert_int_equal(transport_plan_keep(plan, "example.org"), 0);
	assert_int_equal(plan->n_entries, 2);
	assert_string_equal(transport_plan_entry(plan, "example.net")->value,
	    "smtp-ipv4:");
	assert_string_equal(transport_plan_entry(plan, "example.com")->value,
	    "smtp4:[mx.example.com]");
	assert_int_equal(plan->n_services, 2);
	assert_true(plan->service[1].is_there);
	transport_plan_free(&plan);
	postfix_release(&p);
}

static void
relays(void **state)
{
	static const struct {
		const char *main, *host;
		int port;
		enum transport_planned want;
		const char *value, *line;
	} cases[] = {
		{ "", "smtp.relay.example", 587, TRANSPORT_PLANNED,
		    "waybill-relay:[smtp.relay.example]:587",
		    "waybill-relay unix - - y - - smtp"
		    " -o smtp_sasl_auth_enable=yes"
		    " -o smtp_sasl_password_maps="
		    "texthash:/etc/postfix/waybill-relay-password"
		    " -o smtp_sasl_security_options=noanonymous"
		    " -o smtp_tls_security_level=secure"
		    " -o smtp_tls_CAfile=/etc/ssl/certs/ca-certificates.crt" },
		{ "smtp_tls_CAfile = /etc/ca.pem\n", "smtp.relay.example", 465,
		    TRANSPORT_PLANNED, "waybill-relay:[smtp.relay.example]:465",
		    "waybill-relay unix - - y - - smtp"
		    " -o smtp_sasl_auth_enable=yes"
		    " -o smtp_sasl_password_maps="
		    "texthash:/etc/postfix/waybill-relay-password"
		    " -o smtp_sasl_security_options=noanonymous"
		    " -o smtp_tls_security_level=secure"
		    " -o smtp_tls_wrappermode=yes" },
		{ "", "x;reboot", 25, TRANSPORT_ODD, "", "" },
	};
	struct transport_answer way = way_of("smtp", "example.net", false);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct postfix *p = postconf_parse(cases[i].main, NULL, NULL);
		struct transport_plan *plan = plan_of(p, "/etc/postfix");
		char value[TRANSPORT_PLAN_VALUE];

		assert_int_equal(transport_plan_relay(plan, "example.net",
		    &way, cases[i].host, cases[i].port, value),
		    cases[i].want);
		assert_string_equal(value, cases[i].value);
		assert_string_equal(plan->n_services == 0 ? "" :
		    plan->service[0].line, cases[i].line);
		transport_plan_free(&plan);
		postfix_release(&p);
	}
}

static void
folders(void **state)
{
	static const char *const bad[] = { "/etc/post fix", "/etc/postfix,x",
		"/etc/'postfix", "/etc/$x" };
	struct postfix *p = postconf_parse("", NULL, NULL);
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_null(transport_plan_new(p, bad[i], &err));
		assert_int_equal(err.code, EXIT_CONFIG);
	}
	postfix_release(&p);
}

/* What is quoted for a shell stays one word. */
static void
quoted(void **state)
{
	struct postfix *p = postconf_parse(NO_RELAY
	    "transport_maps = inline:{a=it's}\n", NULL, NULL);
	struct transport_plan *plan = plan_of(p, "/etc/postfix");
	char *got;

	(void)state;
	plan_family(plan, "example.net", "smtp");
	got = printed(plan, transport_plan_undo);
	assert_non_null(strstr(got,
	    "postconf -e 'transport_maps=inline:{a=it'\\''s}'\n"));
	free(got);
	transport_plan_free(&plan);
	postfix_release(&p);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(families),
    cmocka_unit_test(nothing_there),
    cmocka_unit_test(something_there),
    cmocka_unit_test(by_sender),
    cmocka_unit_test(names_taken),
    cmocka_unit_test(earlier),
    cmocka_unit_test(relays),
    cmocka_unit_test(folders),
    cmocka_unit_test(quoted))
