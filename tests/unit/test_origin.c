/* SPDX-License-Identifier: ISC */
/* Which mail is outgoing, and why: the rules one by one, in their order. */

#include "origin.h"

#include "unit.h"

#define SMTP "<a@example.org>"

struct row {
	const char *name;
	struct origin_facts in;
	const char *client;
	enum origin want;
};

/* Defaults but: a pair of certificates, networks 192.0.2.0/24 and auto. */
static const struct row rows[] = {
	{ "a stranger", { .mail_arg = SMTP, .port = 25 }, "198.51.100.7",
	    ORIGIN_INCOMING },
	{ "a login", { .mail_arg = SMTP, .port = 25, .auth_type = "PLAIN" },
	    "198.51.100.7", ORIGIN_AUTHENTICATED },
	{ "an empty login", { .mail_arg = SMTP, .port = 25, .auth_type = "" },
	    "198.51.100.7", ORIGIN_INCOMING },
	{ "the submission service",
	    { .mail_arg = SMTP, .port = 25, .daemon_name = "ORIGINATING" },
	    "198.51.100.7", ORIGIN_DAEMON },
	{ "a login there", { .mail_arg = SMTP, .port = 25,
	    .auth_type = "PLAIN", .daemon_name = "ORIGINATING" },
	    "198.51.100.7", ORIGIN_AUTHENTICATED },
	{ "another service",
	    { .mail_arg = SMTP, .port = 25, .daemon_name = "originating" },
	    "198.51.100.7", ORIGIN_INCOMING },
	{ "a listed certificate", { .mail_arg = SMTP, .port = 25,
	    .cert_subject = "hub", .cert_issuer = "Our CA" },
	    "198.51.100.7", ORIGIN_CERTIFICATE },
	{ "of another issuer", { .mail_arg = SMTP, .port = 25,
	    .cert_subject = "hub", .cert_issuer = "Other CA" },
	    "198.51.100.7", ORIGIN_INCOMING },
	{ "of another subject", { .mail_arg = SMTP, .port = 25,
	    .cert_subject = "hu", .cert_issuer = "Our CA" },
	    "198.51.100.7", ORIGIN_INCOMING },
	{ "without an issuer", { .mail_arg = SMTP, .port = 25,
	    .cert_subject = "hub" }, "198.51.100.7", ORIGIN_INCOMING },
	{ "that isn't trusted", { .mail_arg = SMTP, .port = 25,
	    .cert_subject = "hub", .cert_issuer = "Our CA",
	    .verify = "FAIL" }, "198.51.100.7", ORIGIN_INCOMING },
	{ "that is, in words", { .mail_arg = SMTP, .port = 25,
	    .cert_subject = "hub", .cert_issuer = "Our CA",
	    .verify = "OK" }, "198.51.100.7", ORIGIN_CERTIFICATE },
	{ "a bar in the subject", { .mail_arg = SMTP, .port = 25,
	    .cert_subject = "a|b", .cert_issuer = "c" },
	    "198.51.100.7", ORIGIN_CERTIFICATE },
	{ "sendmail(1)", { .mail_arg = "a@example.org",
	    .queue_id = "4jYZvf2g2Rz1bXy9" }, "127.0.0.1", ORIGIN_LOCAL },
	{ "a bounce", { .mail_arg = "", .queue_id = "4jYZvf2g2Rz1bXy9" },
	    "127.0.0.1", ORIGIN_LOCAL },
	{ "no port, but angles", { .mail_arg = SMTP,
	    .queue_id = "4jYZvf2g2Rz1bXy9" }, "198.51.100.7",
	    ORIGIN_INCOMING },
	{ "no port, but no queue id", { .mail_arg = "a@example.org" },
	    "198.51.100.7", ORIGIN_INCOMING },
	{ "a port", { .mail_arg = "a@example.org", .port = 1,
	    .queue_id = "4jYZvf2g2Rz1bXy9" }, "198.51.100.7",
	    ORIGIN_INCOMING },
	{ "our network", { .mail_arg = SMTP, .port = 25 }, "192.0.2.200",
	    ORIGIN_NETWORK },
	{ "beside our network", { .mail_arg = SMTP, .port = 25 },
	    "192.0.3.1", ORIGIN_INCOMING },
	{ "no address", { .mail_arg = SMTP, .port = 0 }, NULL,
	    ORIGIN_INCOMING },
};

static struct origin_rules *
rules_of(bool local, bool loopback)
{
	struct config c = { 0 };
	struct origin_rules *r;
	struct err err;

	c.outgoing.authenticated = true;
	c.outgoing.local = local;
	text_list_add(&c.outgoing.daemons, "ORIGINATING");
	text_list_add(&c.outgoing.certificates, "hub|Our CA");
	text_list_add(&c.outgoing.certificates, "a|b|c");
	text_list_add(&c.outgoing.networks, "192.0.2.0/24");
	text_list_add(&c.outgoing.networks, "auto");
	r = origin_rules_new(&c, loopback, &err);
	assert_non_null(r);
	text_list_free(&c.outgoing.daemons);
	text_list_free(&c.outgoing.certificates);
	text_list_free(&c.outgoing.networks);
	return r;
}

static void
test_rows(void **state)
{
	struct origin_rules *r = rules_of(true, false);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct origin_facts f = rows[i].in;
		enum origin got;

		if (rows[i].client != NULL)
			assert_int_equal(ip_parse(rows[i].client, &f.client),
			    0);
		got = origin_of(r, &f);
		if (got != rows[i].want)
			fail_msg("%s: %s, not %s", rows[i].name,
			    origin_name(got), origin_name(rows[i].want));
	}
	origin_rules_free(&r);
	assert_null(r);
}

/* local = false means that sendmail(1) isn't signed, whatever "auto" is. */
static void
test_local_off(void **state)
{
	struct origin_rules *r = rules_of(false, true);
	struct origin_facts f = { .mail_arg = "a@example.org",
	    .queue_id = "4jYZvf2g2Rz1bXy9" };

	(void)state;
	assert_int_equal(ip_parse("127.0.0.1", &f.client), 0);
	assert_int_equal(origin_of(r, &f), ORIGIN_INCOMING);
	f.mail_arg = SMTP;
	f.port = 40000;
	f.queue_id = NULL;
	assert_int_equal(origin_of(r, &f), ORIGIN_NETWORK);
	assert_int_equal(ip_parse("::1", &f.client), 0);
	assert_int_equal(origin_of(r, &f), ORIGIN_NETWORK);
	origin_rules_free(&r);
	r = rules_of(true, false);
	assert_int_equal(origin_of(r, &f), ORIGIN_INCOMING);
	origin_rules_free(&r);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_local_off))
