/* SPDX-License-Identifier: ISC */
/* A key against what DNS has for it. */
#include "find/published.h"

#include "fake_unbound.h"
#include "unit.h"

/* Not keys: their bytes are what is compared. */
#define OURS "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0123456789ab"
#define THEIRS "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzzzz456789ab"
#define ED25519 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

#define BYTES(s) s, sizeof (s) - 1

static const struct published_query rsa = {
	"2026r", "example.org", "rsa", OURS
};
static const struct published_query ed25519 = {
	"2026e", "example.org", "ed25519", ED25519
};

static void
judge(void **state)
{
	static const struct {
		const char *name;
		const struct published_query *q;
		const char *s;
		size_t len;
		enum published_state want;
		unsigned notes;
	} row[] = {
		{ "ours", &rsa, BYTES("v=DKIM1; k=rsa; p=" OURS),
		    PUBLISHED_YES, 0 },
		{ "no v, no k", &rsa, BYTES("p=" OURS), PUBLISHED_YES, 0 },
		{ "blanks in p", &rsa, BYTES("v=DKIM1;p=MIIBIjANBgkqhkiG9w0BAQ "
		    "EFAAOCAQ8AMIIBCgKCAQEA 0123456789ab ;"), PUBLISHED_YES, 0 },
		{ "Ed25519", &ed25519, BYTES("v=DKIM1; k=ed25519; p=" ED25519),
		    PUBLISHED_YES, 0 },
		{ "Ed25519 without padding", &ed25519,
		    BYTES("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapi"
		    "MlrwIaaPcHURo"), PUBLISHED_YES, 0 },
		{ "Ed25519 without k", &ed25519, BYTES("v=DKIM1; p=" ED25519),
		    PUBLISHED_DIFFERS, PUBLISHED_OTHER_TYPE },
		{ "another key", &rsa, BYTES("v=DKIM1; k=rsa; p=" THEIRS),
		    PUBLISHED_DIFFERS, 0 },
		{ "revoked", &rsa, BYTES("v=DKIM1; k=rsa; p="),
		    PUBLISHED_DIFFERS, PUBLISHED_REVOKED },
		{ "no p", &rsa, BYTES("v=DKIM1; k=rsa"), PUBLISHED_DIFFERS,
		    PUBLISHED_MALFORMED },
		{ "v not first", &rsa, BYTES("k=rsa; v=DKIM1; p=" OURS),
		    PUBLISHED_DIFFERS, PUBLISHED_MALFORMED },
		{ "v=DKIM2", &rsa, BYTES("v=DKIM2; p=" OURS),
		    PUBLISHED_DIFFERS, PUBLISHED_MALFORMED },
		{ "sha1 only", &rsa, BYTES("v=DKIM1; h=sha1; p=" OURS),
		    PUBLISHED_DIFFERS, PUBLISHED_NO_SHA256 },
		{ "sha256 among others", &rsa,
		    BYTES("v=DKIM1; h=sha1 : sha256; p=" OURS), PUBLISHED_YES,
		    0 },
		{ "s=other", &rsa, BYTES("v=DKIM1; s=tlsrpt; p=" OURS),
		    PUBLISHED_DIFFERS, PUBLISHED_NO_EMAIL },
		{ "s=email", &rsa, BYTES("v=DKIM1; s=tlsrpt:email; p=" OURS),
		    PUBLISHED_YES, 0 },
		{ "s=*", &rsa, BYTES("v=DKIM1; s=*; p=" OURS), PUBLISHED_YES,
		    0 },
		{ "t=y:s", &rsa, BYTES("v=DKIM1; t=y:s; p=" OURS),
		    PUBLISHED_YES, PUBLISHED_TESTING | PUBLISHED_NO_SUBDOMAINS },
		{ "quotes pasted", &rsa, BYTES("\"v=DKIM1; k=rsa; p=" OURS "\""),
		    PUBLISHED_DIFFERS, PUBLISHED_QUOTED | PUBLISHED_MALFORMED },
		{ "quotes in the middle", &rsa,
		    BYTES("v=DKIM1; p=MIIBIjAN\" \"BgkqhkiG9w0"),
		    PUBLISHED_DIFFERS, PUBLISHED_QUOTED | PUBLISHED_BROKEN_LINE },
		{ "backslashes pasted", &rsa, BYTES("v=DKIM1\\; p=" OURS),
		    PUBLISHED_DIFFERS, PUBLISHED_QUOTED | PUBLISHED_MALFORMED },
		{ "cut", &rsa, BYTES("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0B"),
		    PUBLISHED_DIFFERS, PUBLISHED_BROKEN_LINE },
		{ "no base64", &rsa, BYTES("v=DKIM1; p=MIIB*IjAN"),
		    PUBLISHED_DIFFERS, PUBLISHED_BROKEN_LINE },
		{ "padding within", &rsa, BYTES("v=DKIM1; p=MII=BIjAN"),
		    PUBLISHED_DIFFERS, PUBLISHED_BROKEN_LINE },
		{ "longer than ours", &rsa, BYTES("v=DKIM1; p=" OURS "AAAA"),
		    PUBLISHED_DIFFERS, 0 },
		{ "two p", &rsa, BYTES("v=DKIM1; p=" OURS "; p=" OURS),
		    PUBLISHED_DIFFERS, PUBLISHED_MALFORMED },
		{ "another record", &rsa, BYTES("v=spf1 -all"),
		    PUBLISHED_DIFFERS, PUBLISHED_MALFORMED },
		{ "NUL", &rsa, BYTES("v=DKIM1; p=" OURS "\0"),
		    PUBLISHED_DIFFERS, PUBLISHED_MALFORMED },
		{ "empty", &rsa, BYTES(""), PUBLISHED_DIFFERS,
		    PUBLISHED_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		unsigned notes = 99;

		print_message("%s\n", row[i].name);
		assert_int_equal(published_judge(row[i].q, row[i].s, row[i].len,
		    &notes), row[i].want);
		assert_int_equal(notes, row[i].notes);
	}
}

struct got {
	unsigned calls;
	struct published_finding f;
};

static void
take(void *arg, const struct published_finding *f)
{
	struct got *g = arg;

	g->calls++;
	g->f = *f;
}

static void
find(void **state)
{
	static const char *const at = "2026r._domainkey.example.org ";
	static const struct {
		const char *name, *zone;
		enum published_state want;
		unsigned notes;
		const char *there;
		unsigned asked;
	} row[] = {
		{ "published", "TXT \"v=DKIM1; p=" OURS "\"", PUBLISHED_YES, 0,
		    "v=DKIM1; p=" OURS, 1 },
		{ "in two strings", "TXT \"v=DKIM1; p=MIIBIjANBgkqhkiG9w0BAQEFAA"
		    "OCAQ8AMIIBCgKC\" \"AQEA0123456789ab\"", PUBLISHED_YES, 0,
		    "v=DKIM1; p=" OURS, 1 },
		{ "no data", "NODATA", PUBLISHED_MISSING, 0, "", 2 },
		{ "silence", "SERVFAIL", PUBLISHED_UNKNOWN, 0, "", 1 },
		{ "forged", "BOGUS", PUBLISHED_UNKNOWN, 0, "", 1 },
		{ "another's", "TXT \"v=DKIM1; p=" THEIRS "\"",
		    PUBLISHED_DIFFERS, 0, "v=DKIM1; p=" THEIRS, 1 },
		{ "several, ours among them", "TXT \"v=DKIM1; p=" THEIRS "\"\n"
		    "2026r._domainkey.example.org TXT \"v=DKIM1; p=" OURS "\"",
		    PUBLISHED_YES, PUBLISHED_SEVERAL, "v=DKIM1; p=" OURS, 1 },
		{ "several, none ours", "TXT \"v=DKIM1; p=" THEIRS "\"\n"
		    "2026r._domainkey.example.org TXT \"v=spf1 -all\"",
		    PUBLISHED_DIFFERS, PUBLISHED_SEVERAL,
		    "v=DKIM1; p=" THEIRS, 1 },
		{ "CNAME", "CNAME k.example.net\n"
		    "k.example.net TXT \"v=DKIM1; p=" OURS "\"", PUBLISHED_YES,
		    PUBLISHED_CNAME, "v=DKIM1; p=" OURS, 1 },
		{ "CNAME to nothing", "CNAME k.example.net", PUBLISHED_MISSING,
		    PUBLISHED_CNAME, "", 2 },
		{ "doubled name", "NODATA\n"
		    "2026r._domainkey.example.org.example.org TXT \"v=DKIM1; "
		    "p=" OURS "\"", PUBLISHED_MISSING, PUBLISHED_DOUBLED,
		    "v=DKIM1; p=" OURS, 2 },
		{ "another's at the doubled name", "NODATA\n"
		    "2026r._domainkey.example.org.example.org TXT \"v=DKIM1; "
		    "p=" THEIRS "\"", PUBLISHED_MISSING, 0, "", 2 },
		{ "record data that is none", "TXT \\# 05414141",
		    PUBLISHED_MISSING, 0, "", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct got g = { 0 };
		struct resolver *r;
		char zone[1024];

		print_message("%s\n", row[i].name);
		strcpy(zone, at);
		strcat(zone, row[i].zone);
		r = fake_unbound_resolver(zone);
		assert_int_equal(published_find(r, &rsa, take, &g), 0);
		assert_int_equal(g.calls, 1);
		assert_int_equal(g.f.state, row[i].want);
		assert_int_equal(g.f.notes, row[i].notes);
		assert_string_equal(g.f.there, row[i].there);
		assert_int_equal(fake_unbound_count(NULL, 0), row[i].asked);
		assert_int_equal(g.f.ttl_s == 0,
		    g.f.state == PUBLISHED_UNKNOWN);
		resolver_free(&r);
	}
}

static void
every_note_has_a_sentence(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= PUBLISHED_OTHER_TYPE; n <<= 1)
		assert_true(published_note_text(n)[0] != '\0');
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(judge),
    cmocka_unit_test(find),
    cmocka_unit_test(every_note_has_a_sentence))
