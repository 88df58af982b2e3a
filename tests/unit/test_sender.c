/* SPDX-License-Identifier: ISC */
/* Own addresses per transport and family. The kernel is made up: kernel.c
 * isn't linked. */
#include "find/sender.h"

#include <unistd.h>

#include "find/kernel.h"
#include "postconf.h"
#include "unit.h"

static struct {
	const char *source4, *source6;		/* NULL: no route */
} kernel;

bool
kernel_source_global(enum ip_family family, struct ip *out)
{
	const char *s = family == IP_4 ? kernel.source4 : kernel.source6;

	*out = (struct ip){0};
	return s != NULL && ip_parse(s, out) == 0;
}

size_t
kernel_addresses(struct ip *out, size_t max)
{
	static const char *const all[] = {"127.0.0.1", "192.0.2.10",
	    "192.0.2.11", "10.0.0.5", "::1", "2001:db8::10", "2001:db8::11",
	    "fe80::1"};
	size_t n = 0;

	for (size_t i = 0; i < COUNT(all) && n < max; i++)
		n += ip_parse(all[i], &out[n]) == 0;
	return n;
}

/* In place of the C library's. */
int
gethostname(char *name, size_t len)
{
	(void)snprintf(name, len, "host.example.org");
	return 0;
}

/* One family as "ip source local", with "!" for not global, "?" for an absent
 * bind address, "#" for a configured one that differs, and "|IP" for each
 * other one that may be seen. */
static void
say(const struct sender_family *f, char *out, size_t size)
{
	char ip[IP_SIZE], local[IP_SIZE], others[100] = "";

	for (size_t i = 0; i < f->n_others; i++) {
		strcat(others, "|");
		strcat(others, ip_format(&f->other[i], ip));
	}
	(void)snprintf(out, size, "%s%s%s%s%s %s %s", ip_format(&f->ip, ip),
	    others,
	    f->is_global || f->ip.family == IP_NONE ? "" : "!",
	    f->bind_is_absent ? "?" : "", f->differs ? "#" : "",
	    sender_source_name(f->source), ip_format(&f->local, local));
}

static void
expect(const char *name, const struct sender_family *f, const char *want)
{
	char got[200];

	say(f, got, sizeof got);
	if (strcmp(got, want) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", name, got, want);
}

static void
addresses(void **state)
{
	static const struct {
		const char *name, *transport;
		const char *source4, *source6;		/* the kernel's */
		const char *config4;			/* NULL: auto */
		const char *main;
		const char *ip4, *ip6;
	} rows[] = {
		{"kernel", "smtp", "192.0.2.10", "2001:db8::11", NULL, NULL,
		    "192.0.2.10 kernel 192.0.2.10",
		    "2001:db8::11 kernel 2001:db8::11"},
		{"no IPv6 route", "smtp", "192.0.2.10", NULL, NULL, NULL,
		    "192.0.2.10 kernel 192.0.2.10", "none none none"},
		{"protocols, bind", "smtp4", "192.0.2.11", "2001:db8::11", NULL,
		    NULL, "192.0.2.10 bind 192.0.2.10", "none none none"},
		{"bind absent, enforced", "enforced", "192.0.2.10",
		    "2001:db8::11", NULL, NULL, "192.0.2.10 kernel 192.0.2.10",
		    "none? none none"},
		{"bind absent", "smtp", "192.0.2.10", "2001:db8::11", NULL,
		    "smtp_bind_address6 = [2001:db8::99]\n",
		    "192.0.2.10 kernel 192.0.2.10",
		    "2001:db8::11? kernel 2001:db8::11"},
		{"bind to any", "smtp", "192.0.2.10", NULL, NULL,
		    "smtp_bind_address = 0.0.0.0\n",
		    "192.0.2.10 kernel 192.0.2.10", "none none none"},
		{"one interface", "one", "192.0.2.10", "2001:db8::10", NULL,
		    NULL, "192.0.2.10 kernel 192.0.2.10",	/* two of IPv4 */
		    "2001:db8::11 interface 2001:db8::11"},
		{"interface by name", "smtp", "192.0.2.10", "2001:db8::10", NULL,
		    "inet_interfaces = $myhostname, localhost\n",
		    "192.0.2.10 kernel 192.0.2.10",	/* and 127.0.0.1 */
		    "2001:db8::11 interface 2001:db8::11"},
		{"loopback only", "smtp", "192.0.2.10", "2001:db8::10", NULL,
		    "inet_interfaces = loopback-only\n",
		    "192.0.2.10 kernel 192.0.2.10",
		    "2001:db8::10 kernel 2001:db8::10"},
		{"behind NAT", "smtp", "10.0.0.5", NULL, NULL, NULL,
		    "10.0.0.5! kernel 10.0.0.5", "none none none"},
		{"behind NAT, proxy", "smtp", "10.0.0.5", NULL, NULL,
		    "proxy_interfaces = 203.0.113.7\n",
		    "203.0.113.7 proxy 10.0.0.5", "none none none"},
		{"behind NAT, two proxies", "smtp", "10.0.0.5", NULL, NULL,
		    "proxy_interfaces = 203.0.113.7, 203.0.113.8\n",
		    "10.0.0.5! kernel 10.0.0.5", "none none none"},
		{"proxy not needed", "smtp", "192.0.2.10", NULL, NULL,
		    "proxy_interfaces = 203.0.113.7\n",
		    "192.0.2.10 kernel 192.0.2.10", "none none none"},
		{"configured behind NAT", "smtp", "10.0.0.5", NULL,
		    "203.0.113.7", NULL, "203.0.113.7 configured 10.0.0.5",
		    "none none none"},
		{"configured, another is used", "smtp", "192.0.2.10", NULL,
		    "203.0.113.7", NULL, "203.0.113.7# configured 192.0.2.10",
		    "none none none"},
		{"configured, the one of two", "smtp4", NULL, NULL,
		    "192.0.2.11 192.0.2.10", NULL,
		    "192.0.2.10 configured 192.0.2.10", "none none none"},
		{"configured, none of two is local", "smtp", "10.0.0.5", NULL,
		    "203.0.113.7 203.0.113.8 203.0.113.7", NULL,
		    "203.0.113.7|203.0.113.8 configured 10.0.0.5",
		    "none none none"},
		{"configured none", "smtp", "192.0.2.10", NULL, "none", NULL,
		    "none none 192.0.2.10", "none none none"},
		{"unknown transport", "uucp", "192.0.2.10", NULL, NULL, NULL,
		    "192.0.2.10 kernel 192.0.2.10", "none none none"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text_list given = {0};
		char list[100] = "", *save = NULL;
		if (rows[i].config4 != NULL)
			strcpy(list, rows[i].config4);
		for (char *w = strtok_r(list, " ", &save); w != NULL;
		    w = strtok_r(NULL, " ", &save))
			assert_int_equal(text_list_add(&given, w), 0);
		kernel.source4 = rows[i].source4;
		kernel.source6 = rows[i].source6;
		struct postfix *p = postconf_parse(rows[i].main, NULL,
		    "mail.example.org 192.0.2.11\n"
		    "mail.example.org 2001:db8::11\nlocalhost 127.0.0.1\n");
		struct sender *s = sender_new(p,
		    &(struct sender_options){.ipv4 = &given});
		const struct sender_transport *t =
		    sender_transport(s, rows[i].transport);
		expect(rows[i].name, &t->ip4, rows[i].ip4);
		expect(rows[i].name, &t->ip6, rows[i].ip6);
		assert_int_equal(t->rules.can_ipv4,
		    t->ip4.local.family != IP_NONE);
		sender_release(&s);
		postfix_release(&p);
		text_list_free(&given);
	}
}

static void
rules(void **state)
{
	size_t n;

	(void)state;
	kernel.source4 = "192.0.2.10";
	kernel.source6 = "2001:db8::10";
	struct postfix *p = postconf_parse("smtp_dns_reply_filter = x\n"
	    "smtp_address_preference = ipv6\n", NULL, NULL);
	struct sender *s = sender_new(p, &(struct sender_options){0});
	(void)sender_transports(s, &n);
	assert_int_equal(n, 5);
	const struct sender_transport *t = sender_transport(s, NULL);
	assert_string_equal(t->name, "smtp");
	assert_int_equal(t->rules.preference, FAMILY_PREFER_IPV6);
	assert_true(t->rules.has_reply_filter);
	assert_true(t->rules.randomize && t->rules.ipv4 && t->rules.ipv6);
	assert_false(t->no_mx);
	assert_int_equal(t->rules.n_own, 8);
	assert_string_equal(t->helo, "mail.example.org");
	t = sender_transport(s, "smtp4");
	assert_int_equal(t->rules.preference, FAMILY_PREFER_IPV4);
	assert_false(t->rules.ipv6 || t->rules.can_ipv6);
	assert_string_equal(t->helo, "out.example.org");
	t = sender_transport(s, "one");
	assert_true(t->no_mx);
	assert_int_equal(t->rules.n_own, 3);
	t = sender_transport(s, "enforced");
	assert_true(t->rules.ipv6);
	assert_false(t->rules.can_ipv6);
	const struct ip *v6 = sender_addresses(s, IP_6, &n);
	assert_int_equal(n, 2);		/* kernel's, and the one of "one" */
	struct ip ip;
	assert_int_equal(ip_parse("2001:db8::11", &ip), 0);
	assert_true(ip_equal(&v6[1], &ip));
	(void)sender_addresses(s, IP_4, &n);
	assert_int_equal(n, 1);
	const struct destination_rules *d = sender_destinations(s);
	assert_string_equal(d->relayhost, "[relay.example.org]:587");
	assert_string_equal(d->default_transport, "smtp");
	assert_null(d->content_filter);
	assert_false(d->has_transport_maps || d->has_sender_maps);
	assert_int_equal(d->n_local, 2);
	assert_string_equal(d->local[0], "mail.example.org");
	assert_int_equal(d->n_services, 7);
	assert_string_equal(d->service[6].name, "maildrop");
	assert_string_equal(d->service[6].command, "pipe");
	assert_string_equal(sender_hostname(s), "mail.example.org");
	sender_release(&s);
	postfix_release(&p);
}

static void
the_operator_comes_first(void **state)
{
	(void)state;
	struct postfix *p = postconf_parse(NULL, NULL, NULL);
	struct sender *s = sender_new(p, &(struct sender_options){
	    .hostname = "mx.example.net", .has_preference = true,
	    .preference = FAMILY_PREFER_IPV6});
	assert_string_equal(sender_hostname(s), "mx.example.net");
	assert_int_equal(sender_transport(s, "smtp4")->rules.preference,
	    FAMILY_PREFER_IPV6);
	struct sender *held = sender_hold(s);
	sender_release(&s);
	assert_string_equal(sender_hostname(held), "mx.example.net");
	sender_release(&held);
	postfix_release(&p);
}

static void
without_postfix(void **state)
{
	struct postfix_text none = {.found = POSTFIX_NONE};

	(void)state;
	kernel.source4 = "192.0.2.10";
	kernel.source6 = NULL;
	struct postfix *p = postfix_parse(&none);
	struct sender *s = sender_new(p, &(struct sender_options){0});
	const struct sender_transport *t = sender_transport(s, "smtp");
	expect("without", &t->ip4, "192.0.2.10 kernel 192.0.2.10");
	assert_int_equal(t->rules.preference, FAMILY_PREFER_ANY);
	assert_string_equal(sender_hostname(s), "host.example.org");
	assert_string_equal(t->helo, "host.example.org");
	sender_release(&s);
	postfix_release(&p);
}

static void
changes_are_seen(void **state)
{
	static const struct {
		const char *main, *source4;
		bool want;
	} rows[] = {
		{NULL, "192.0.2.10", true}, {NULL, "192.0.2.11", false},
		{"relayhost =\n", "192.0.2.10", false},
		{"smtp_helo_name = x\n", "192.0.2.10", false},
		{"smtp_address_preference = ipv4\n", "192.0.2.10", false},
		{"mydestination = y\n", "192.0.2.10", false},
		{"smtpd_milters =\n", "192.0.2.10", true},
	};

	(void)state;
	kernel.source6 = NULL;
	for (size_t i = 0; i < COUNT(rows); i++) {
		kernel.source4 = "192.0.2.10";
		struct postfix *p = postconf_parse(NULL, NULL, NULL);
		struct sender *a = sender_new(p, &(struct sender_options){0});
		struct postfix *q = postconf_parse(rows[i].main, NULL, NULL);
		kernel.source4 = rows[i].source4;
		struct sender *b = sender_new(q, &(struct sender_options){0});
		assert_int_equal(sender_equal(a, b), rows[i].want);
		sender_release(&a);
		sender_release(&b);
		postfix_release(&p);
		postfix_release(&q);
	}
}

/* Loopback, what the kernel has, proxies, and what the operator names. */
static void
own_addresses(void **state)
{
	static const struct { const char *ip; bool want; } rows[] = {
		{"127.0.0.1", true}, {"127.9.9.9", true}, {"::1", true},
		{"192.0.2.11", true}, {"10.0.0.5", true}, {"fe80::1", true},
		{"2001:db8::11", true}, {"203.0.113.7", true},
		{"203.0.113.8", true}, {"192.0.2.12", false},
		{"198.51.100.7", false}, {"2001:db8::12", false},
	};
	struct text_list given = {0};

	(void)state;
	assert_int_equal(text_list_add(&given, "203.0.113.8"), 0);
	struct postfix *p = postconf_parse("inet_interfaces = 192.0.2.10\n"
	    "proxy_interfaces = 203.0.113.7\n", NULL, NULL);
	struct sender *s = sender_new(p,
	    &(struct sender_options){.ipv4 = &given});
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ip ip;
		assert_int_equal(ip_parse(rows[i].ip, &ip), 0);
		if (sender_is_own(s, &ip) != rows[i].want)
			fail_msg("%s", rows[i].ip);
	}
	sender_release(&s);
	postfix_release(&p);
	text_list_free(&given);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(addresses),
    cmocka_unit_test(rules),
    cmocka_unit_test(the_operator_comes_first),
    cmocka_unit_test(without_postfix),
    cmocka_unit_test(changes_are_seen),
    cmocka_unit_test(own_addresses))
