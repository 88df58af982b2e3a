/* SPDX-License-Identifier: ISC */
/* Records to publish, for a web form and for a zone file. */
#include "tool/publish.h"

#include "fake_unbound.h"
#include "unit.h"

static void
a_key_is_a_txt_record(void **state)
{
	struct err err;
	struct key *key = key_generate(KEY_RSA, 2048, "example.org", "2026r",
	    &err);
	struct publish_record r;
	struct text zone;

	(void)state;
	assert_non_null(key);
	publish_dkim(key, &r);
	assert_string_equal(r.type, "TXT");
	assert_string_equal(r.name, "2026r._domainkey.example.org");
	assert_int_equal(strncmp(r.value.buf, "v=DKIM1; k=rsa; p=MII", 21), 0);
	assert_null(strchr(r.value.buf, '\n'));
	assert_null(strchr(r.value.buf, '"'));

	/* Strings of at most 255 bytes, and together they are the value. */
	text_init(&zone, 2000);
	publish_zone(&r, &zone);
	const char *p = zone.buf;
	static const char head[] = "2026r._domainkey.example.org. IN TXT";
	assert_int_equal(strncmp(p, head, strlen(head)), 0);
	p += strlen(head);
	const char *value = r.value.buf;
	int strings = 0;
	while (strncmp(p, " \"", 2) == 0) {
		size_t len = strcspn(p + 2, "\"");
		assert_true(len <= 255);
		assert_int_equal(strncmp(value, p + 2, len), 0);
		value += len;
		p += 2 + len + 1;
		strings++;
	}
	assert_int_equal(strings, 2);
	assert_string_equal(value, "");
	assert_string_equal(p, "\n");
	text_free(&zone);
	publish_free(&r);
	key_free(&key);
}

static void
quotes_are_escaped(void **state)
{
	struct publish_record r = { .type = "TXT", .name = "example.org" };
	struct text zone;

	(void)state;
	text_init(&r.value, 100);
	text_add(&r.value, "a\"b\\c;d");
	text_init(&zone, 100);
	publish_zone(&r, &zone);
	assert_string_equal(zone.buf,
	    "example.org. IN TXT \"a\\\"b\\\\c;d\"\n");
	text_clear(&zone);
	text_clear(&r.value);
	publish_zone(&r, &zone);
	assert_string_equal(zone.buf, "example.org. IN TXT \"\"\n");
	text_free(&zone);
	publish_free(&r);
}

static void
spf_is_mended(void **state)
{
	static const struct {
		const char *name;
		const char *texts[3];
		const char *want, *lost;
	} row[] = {
		{ "quotes", { "\"v=spf1 mx -all\"" }, "v=spf1 mx -all", "" },
		{ "two strings", { "\"v=spf1 ip4:203.0.\" \"113.7 -all\"" },
		    "v=spf1 ip4:203.0.113.7 -all", "" },
		{ "backslashes", { "\\\"v=spf1 a ~all\\\"" }, "v=spf1 a ~all",
		    "" },
		{ "line breaks", { "v=spf1 a\r\n mx\t-all" },
		    "v=spf1 a mx -all", "" },
		{ "wrong terms", { "v=spf1 a ipv4:192.0.2.1 ip4:192.0.2 -all" },
		    "v=spf1 a -all", "ipv4:192.0.2.1 ip4:192.0.2" },
		{ "two records", { "v=spf1 a mx -all",
		    "v=spf1 include:_spf.example.net mx ~all" },
		    "v=spf1 a mx include:_spf.example.net -all", "" },
		{ "modifiers come last", { "v=spf1 redirect=r.example.net",
		    "v=spf1 a exp=e.example.net" },
		    "v=spf1 a redirect=r.example.net exp=e.example.net", "" },
		{ "qualifiers are kept", { "\"v=spf1 -ip4:192.0.2.1 ?a\"" },
		    "v=spf1 -ip4:192.0.2.1 ?a", "" },
		{ "nothing", { "\"" }, "v=spf1", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct text out, lost;
		size_t n = 0;

		print_message("%s\n", row[i].name);
		while (row[i].texts[n] != NULL)
			n++;
		text_init(&out, 2000);
		text_init(&lost, 2000);
		publish_fix_spf(row[i].texts, n, &out, &lost);
		assert_string_equal(out.buf, row[i].want);
		assert_string_equal(lost.buf, row[i].lost);
		text_free(&out);
		text_free(&lost);
	}
}

static void
is_record(const struct publish_record *r, enum published_state want,
    const char *value, const char *there, const char *note)
{
	assert_int_equal(r->state, want);
	assert_string_equal(r->value.buf, value);
	assert_string_equal(r->there.buf, there);
	if (note == NULL)
		assert_string_equal(r->notes.buf, "");
	else
		assert_non_null(strstr(r->notes.buf, note));
}

static void
spf_is_compared(void **state)
{
	static const char both[] =
	    "v=spf1 ip4:203.0.113.7 ip6:2001:db8::7 ~all";
	static const struct {
		const char *name, *zone;
		enum published_state want;
		const char *value, *there, *note;
	} row[] = {
		{ "none", "", PUBLISHED_MISSING, both, "", NULL },
		{ "both", "example.org TXT \"v=spf1 ip4:203.0.113.7 "
		    "ip6:2001:db8::7 ~all\"", PUBLISHED_YES, both, both, NULL },
		{ "by others' terms", "example.org TXT \"v=spf1 mx -all\"\n"
		    "example.org MX 10 m.example.org\n"
		    "m.example.org A 203.0.113.7\n"
		    "m.example.org AAAA 2001:db8::7", PUBLISHED_YES,
		    "v=spf1 mx -all", "v=spf1 mx -all", NULL },
		{ "IPv4 alone", "example.org TXT \"v=spf1 ip4:203.0.113.7 "
		    "-all\"", PUBLISHED_DIFFERS,
		    "v=spf1 ip4:203.0.113.7 ip6:2001:db8::7 -all",
		    "v=spf1 ip4:203.0.113.7 -all", "fail for 2001:db8::7" },
		{ "another TXT", "example.org TXT \"token=1\"",
		    PUBLISHED_MISSING, both, "", NULL },
		{ "quoted", "example.org TXT \"\\\"v=spf1 a -all\\\"\"",
		    PUBLISHED_DIFFERS,
		    "v=spf1 a ip4:203.0.113.7 ip6:2001:db8::7 -all",
		    "\"v=spf1 a -all\"", "pasted" },
		{ "two", "example.org TXT \"v=spf1 a -all\"\n"
		    "example.org TXT \"v=spf1 mx ~all\"", PUBLISHED_DIFFERS,
		    "v=spf1 a mx ip4:203.0.113.7 ip6:2001:db8::7 -all",
		    "v=spf1 a -all | v=spf1 mx ~all", "2 SPF records" },
		{ "wrong", "example.org TXT \"v=spf1 ip4:203.0.113.7 a/99 "
		    "-all\"", PUBLISHED_DIFFERS,
		    "v=spf1 ip4:203.0.113.7 ip6:2001:db8::7 -all",
		    "v=spf1 ip4:203.0.113.7 a/99 -all", "left out" },
		{ "doubled name", "example.org.example.org TXT "
		    "\"v=spf1 -all\"", PUBLISHED_MISSING, both, "",
		    "example.org.example.org" },
		{ "silence", "example.org SERVFAIL", PUBLISHED_UNKNOWN, both,
		    "", "must be kept" },
		{ "silence within", "example.org TXT \"v=spf1 a:d.example.org "
		    "-all\"\nd.example.org SERVFAIL", PUBLISHED_UNKNOWN,
		    "v=spf1 a:d.example.org ip4:203.0.113.7 ip6:2001:db8::7 "
		    "-all", "v=spf1 a:d.example.org -all", "temperror" },
	};
	struct ip ips[2] = { ip_of("203.0.113.7"), ip_of("2001:db8::7") };

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct resolver *r = fake_unbound_resolver(row[i].zone);
		struct publish_record out;

		print_message("%s\n", row[i].name);
		publish_compare_spf(r, "example.org", "mail.example.org", ips,
		    2, &out);
		is_record(&out, row[i].want, row[i].value, row[i].there,
		    row[i].note);
		publish_free(&out);
		resolver_free(&r);
	}
}

static void
dmarc_is_compared(void **state)
{
	static const char none[] = "v=DMARC1; p=none";
	static const struct {
		const char *name, *zone;
		enum published_state want;
		const char *at, *value, *there, *note;
	} row[] = {
		{ "none", "", PUBLISHED_MISSING, "_dmarc.a.example.org", none,
		    "", NULL },
		{ "own", "_dmarc.a.example.org TXT \"v=DMARC1; p=reject\"",
		    PUBLISHED_YES, "_dmarc.a.example.org",
		    "v=DMARC1; p=reject", "v=DMARC1; p=reject", NULL },
		{ "the parent's", "_dmarc.example.org TXT \"v=DMARC1; "
		    "p=reject\"", PUBLISHED_YES, "_dmarc.example.org",
		    "v=DMARC1; p=reject", "v=DMARC1; p=reject",
		    "record of example.org" },
		{ "two", "_dmarc.a.example.org TXT \"v=DMARC1; p=reject\"\n"
		    "_dmarc.a.example.org TXT \"v=DMARC1; p=none\"",
		    PUBLISHED_DIFFERS, "_dmarc.a.example.org",
		    "v=DMARC1; p=reject",
		    "v=DMARC1; p=reject | v=DMARC1; p=none", "2 DMARC" },
		{ "quoted", "_dmarc.a.example.org TXT \"\\\"v=DMARC1; "
		    "p=reject\\\"\"", PUBLISHED_DIFFERS,
		    "_dmarc.a.example.org", "v=DMARC1; p=reject",
		    "\"v=DMARC1; p=reject\"", "pasted" },
		{ "bad", "_dmarc.a.example.org TXT \"v=DMARC1; p=rject\"",
		    PUBLISHED_DIFFERS, "_dmarc.a.example.org", none,
		    "v=DMARC1; p=rject", "no receiver" },
		{ "doubled", "_dmarc.a.example.org.a.example.org TXT "
		    "\"v=DMARC1; p=none\"", PUBLISHED_MISSING,
		    "_dmarc.a.example.org", none, "", "adds the domain" },
		{ "silence", "_dmarc.a.example.org TIMEOUT", PUBLISHED_UNKNOWN,
		    "_dmarc.a.example.org", none, "", "must be kept" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct resolver *r = fake_unbound_resolver(row[i].zone);
		struct publish_record out;

		print_message("%s\n", row[i].name);
		publish_compare_dmarc(r, "a.example.org", &out);
		assert_string_equal(out.name, row[i].at);
		is_record(&out, row[i].want, row[i].value, row[i].there,
		    row[i].note);
		publish_free(&out);
		resolver_free(&r);
	}
}

static void
host_is_compared(void **state)
{
	struct resolver *r = fake_unbound_resolver(
	    "mail.example.org A 203.0.113.7\n"
	    "mail.example.org AAAA 2001:db8::8\n"
	    "7.113.0.203.in-addr.arpa PTR vps.example.net\n"
	    "8.113.0.203.in-addr.arpa PTR MAIL.example.org\n");
	static const char six[] = "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	    "0.0.8.b.d.0.1.0.0.2.ip6.arpa";
	struct ip ip4 = ip_of("203.0.113.7"), ip6 = ip_of("2001:db8::7");
	struct ip other = ip_of("203.0.113.8");
	struct publish_record out;

	(void)state;
	publish_compare_address(r, "mail.example.org", &ip4, &out);
	assert_string_equal(out.type, "A");
	is_record(&out, PUBLISHED_YES, "203.0.113.7", "203.0.113.7", NULL);
	publish_free(&out);
	publish_compare_address(r, "mail.example.org", &ip6, &out);
	assert_string_equal(out.type, "AAAA");
	is_record(&out, PUBLISHED_DIFFERS, "2001:db8::7", "2001:db8::8", NULL);
	publish_free(&out);
	publish_compare_ptr(r, &ip4, "mail.example.org", &out);
	is_record(&out, PUBLISHED_DIFFERS, "mail.example.org.",
	    "vps.example.net.", NULL);
	publish_free(&out);
	publish_compare_ptr(r, &other, "mail.example.org", &out);
	is_record(&out, PUBLISHED_YES, "mail.example.org.",
	    "mail.example.org.", NULL);
	publish_free(&out);
	publish_compare_ptr(r, &ip6, "mail.example.org", &out);
	assert_string_equal(out.name, six);
	is_record(&out, PUBLISHED_MISSING, "mail.example.org.", "", NULL);
	publish_free(&out);
	resolver_free(&r);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(a_key_is_a_txt_record),
    cmocka_unit_test(quotes_are_escaped),
    cmocka_unit_test(spf_is_mended),
    cmocka_unit_test(spf_is_compared),
    cmocka_unit_test(dmarc_is_compared),
    cmocka_unit_test(host_is_compared))
