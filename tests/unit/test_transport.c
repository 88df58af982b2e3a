/* SPDX-License-Identifier: ISC */
/* Transport and next hop from Postfix's tables; a list stands in for them. */
#include "tool/transport.h"

#include "postconf.h"
#include "tool/postmap.h"
#include "unit.h"

static const struct {
	const char *table, *key, *value;
} entries[] = {
	{ "hash:/etc/postfix/domains", "table.example", "x" },
	{ "hash:/t", "viarelay.example", "smtp:[203.0.113.70]" },
	{ "hash:/t", "bob@person.example", "smtp4:" },
	{ "hash:/t", ".sub.example", "slow:" },
	{ "hash:/t", "same.example", ":" },
	{ "hash:/t", "hop.example", ":[hop.example.net]:26" },
	{ "hash:/t", "out.example", "error:no mail there" },
	{ "hash:/all", "*", "smtp:[smart.example.net]" },
	{ "pcre:/p", "x@pattern.example", "smtp6:" },
	{ "pcre:/p", "pattern.example", "wrong:" },
	{ "hash:/relays", "carol@example.org", "[relay.example.net]" },
	{ "hash:/relays", "@example.com", "[com.example.net]" },
	{ "hash:/transports", "@example.com", "smtp4" },
	{ "hash:/transports", "carol@example.org", "DUNNO" },
};

enum postmap
postmap_ask(const char *folder, const char *table, const char *key,
    char **value, struct err *err)
{
	assert_string_equal(folder, "/etc/postfix");
	*value = NULL;
	if (strcmp(table, "hash:/broken") == 0) {
		(void)err_set(err, EXIT_UNAVAILABLE, "%s: broken", table);
		return POSTMAP_FAILED;
	}
	for (size_t i = 0; i < COUNT(entries); i++) {
		if (strcmp(entries[i].table, table) == 0 &&
		    strcmp(entries[i].key, key) == 0) {
			*value = strdup(entries[i].value);
			return POSTMAP_FOUND;
		}
	}
	return POSTMAP_ABSENT;
}

#define NO_RELAY "relayhost =\n"
#define MAPS NO_RELAY "transport_maps = hash:/t\n"

static const struct {
	const char *name, *main, *sender, *recipient;
	const char *want;	/* "mailer host", or "failed" */
} rows[] = {
	{ "nothing set", NO_RELAY, NULL, "bob@other.example",
	    "smtp other.example" },
	{ "relayhost", "", NULL, "bob@other.example",
	    "smtp [relay.example.org]:587" },
	{ "mydestination", "", NULL, "bob@localhost", "local localhost" },
	{ "literal of this host", "", NULL, "bob@[192.0.2.10]",
	    "local [192.0.2.10]" },
	{ "literal of another host", NO_RELAY, NULL, "bob@[192.0.2.11]",
	    "smtp [192.0.2.11]" },
	{ "mydestination in a table", "", NULL, "bob@table.example",
	    "local table.example" },
	{ "default_transport with a next hop",
	    "default_transport = smtp4:[x.example]\n", NULL, "bob@other.example",
	    "smtp4 [x.example]" },
	{ "relay_domains and what is below", NO_RELAY
	    "relay_domains = inner.example\nrelay_transport = relay\n", NULL,
	    "bob@a.inner.example", "relay a.inner.example" },
	{ "virtual mailboxes", "virtual_mailbox_domains = box.example\n"
	    "virtual_transport = virtual\n", NULL, "bob@box.example",
	    "virtual box.example" },
	{ "virtual aliases", "virtual_alias_domains = alias.example\n", NULL,
	    "bob@alias.example", "error alias.example" },

	{ "map, domain", MAPS, NULL, "bob@viarelay.example",
	    "smtp [203.0.113.70]" },
	{ "map, case", MAPS, NULL, "bob@ViaRelay.Example",
	    "smtp [203.0.113.70]" },
	{ "map, address", MAPS, NULL, "bob@person.example",
	    "smtp4 person.example" },
	{ "map, address without extension", MAPS "recipient_delimiter = +\n",
	    NULL, "bob+x@person.example", "smtp4 person.example" },
	{ "map, another's address", MAPS, NULL, "eve@person.example",
	    "smtp person.example" },
	{ "map, below a parent", MAPS, NULL, "bob@a.b.sub.example",
	    "slow a.b.sub.example" },
	{ "map, the parent itself", MAPS, NULL, "bob@sub.example",
	    "smtp sub.example" },
	{ "map changes nothing", "transport_maps = hash:/t\n", NULL,
	    "bob@same.example", "smtp [relay.example.org]:587" },
	{ "map, next hop only", MAPS "default_transport = smtp4\n", NULL,
	    "bob@hop.example", "smtp4 [hop.example.net]:26" },
	{ "map resets relayhost's hop", "transport_maps = hash:/t\n", NULL,
	    "bob@person.example", "smtp4 person.example" },
	{ "map to error", MAPS, NULL, "bob@out.example",
	    "error no mail there" },
	{ "map, anything", NO_RELAY "transport_maps = hash:/t, hash:/all\n",
	    NULL, "bob@other.example", "smtp [smart.example.net]" },
	{ "map of patterns, address", NO_RELAY "transport_maps = pcre:/p\n",
	    NULL, "x@pattern.example", "smtp6 pattern.example" },
	{ "map of patterns, no domain", NO_RELAY "transport_maps = pcre:/p\n",
	    NULL, "y@pattern.example", "smtp pattern.example" },
	{ "map that is broken", NO_RELAY "transport_maps = hash:/broken\n",
	    NULL, "bob@other.example", "failed" },

	{ "sender's relay", "sender_dependent_relayhost_maps = hash:/relays\n",
	    "carol@example.org", "bob@other.example",
	    "smtp [relay.example.net]" },
	{ "sender's domain's relay",
	    "sender_dependent_relayhost_maps = hash:/relays\n",
	    "dave@example.com", "bob@other.example", "smtp [com.example.net]" },
	{ "another sender", "sender_dependent_relayhost_maps = hash:/relays\n",
	    "dave@example.org", "bob@other.example",
	    "smtp [relay.example.org]:587" },
	{ "sender's transport", NO_RELAY
	    "sender_dependent_default_transport_maps = hash:/transports\n",
	    "dave@example.com", "bob@other.example", "smtp4 other.example" },
	{ "sender's transport says DUNNO", NO_RELAY
	    "sender_dependent_default_transport_maps = hash:/transports\n",
	    "carol@example.org", "bob@other.example", "smtp other.example" },
};

static void
transports(void **state)
{
	struct ip own;
	struct family_rules host = { .own = &own, .n_own = 1 };

	(void)state;
	assert_int_equal(ip_parse("192.0.2.10", &own), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct postfix *p = postconf_parse(rows[i].main, NULL, NULL);
		struct transport_answer a;
		struct address rcpt;
		struct err err = { 0 };
		char got[700];

		assert_non_null(p);
		assert_int_equal(address_path(rows[i].recipient, &rcpt), 0);
		if (transport_find(p, "/etc/postfix", NULL, &host, rows[i].sender,
		    &rcpt, &a, &err) != 0)
			snprintf(got, sizeof got, "failed");
		else
			snprintf(got, sizeof got, "%s %s", a.mailer, a.host);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s:\n got %s\nwant %s", rows[i].name, got,
			    rows[i].want);
		assert_int_equal(err.text[0] != '\0',
		    strcmp(got, "failed") == 0);
		postfix_release(&p);
	}
}

/* Whose word it is, and what it would be without that table. */
static void
mapped(void **state)
{
	static const struct {
		const char *recipient, *without, *want;
		bool is_mapped;
	} cases[] = {
		{ "bob@viarelay.example", NULL, "smtp [203.0.113.70]", true },
		{ "bob@viarelay.example", "hash:/all", "smtp [203.0.113.70]",
		    true },
		{ "bob@viarelay.example", "hash:/t", "smtp [smart.example.net]",
		    true },
		{ "bob@other.example", "hash:/all", "smtp other.example",
		    false },
		{ "bob@same.example", NULL, "smtp same.example", true },
	};
	struct family_rules host = { .n_own = 0 };
	struct postfix *p = postconf_parse(NO_RELAY
	    "transport_maps = hash:/t hash:/all\n", NULL, NULL);

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct transport_answer a;
		struct address rcpt;
		struct err err = { 0 };
		char got[700];

		assert_int_equal(address_path(cases[i].recipient, &rcpt), 0);
		assert_int_equal(transport_find(p, "/etc/postfix",
		    cases[i].without, &host, NULL, &rcpt, &a, &err), 0);
		(void)snprintf(got, sizeof got, "%s %s", a.mailer, a.host);
		assert_string_equal(got, cases[i].want);
		assert_int_equal(a.is_mapped, cases[i].is_mapped);
	}
	postfix_release(&p);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(transports),
    cmocka_unit_test(mapped))
