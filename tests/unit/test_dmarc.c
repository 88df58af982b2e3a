/* SPDX-License-Identifier: ISC */
/* DMARC records and the tree walk of RFC 9989. */
#include "find/dmarc.h"

#include "fake_unbound.h"
#include "unit.h"

#define BYTES(s) s, sizeof (s) - 1

#define NO DMARC_POLICY_ABSENT
#define NONE DMARC_POLICY_NONE
#define QUARANTINE DMARC_POLICY_QUARANTINE
#define REJECT DMARC_POLICY_REJECT

static void
records(void **state)
{
	static const struct {
		const char *s;
		size_t len;
		int rc;
		struct dmarc_record want;
	} row[] = {
		{ BYTES("v=DMARC1"), 0, { .p = NO, .sp = NO, .np = NO } },
		{ BYTES("v=DMARC1; p=reject"), 0, { .p = REJECT, .sp = NO, .np = NO } },
		{ BYTES("v=DMARC1;p=none;sp=quarantine;np=reject;"), 0,
		    { .p = NONE, .sp = QUARANTINE, .np = REJECT } },
		{ BYTES("v = DMARC1 ; P = Reject ; t=y; aDkim=S;aspf=s;psd=n"),
		    0, { .p = REJECT, .sp = NO, .np = NO, .testing = true,
		    .strict_dkim = true, .strict_spf = true,
		    .psd = DMARC_PSD_NO } },
		{ BYTES("v=DMARC1; p=reject; psd=y; t=n; adkim=r; aspf=x"), 0,
		    { .p = REJECT, .sp = NO, .np = NO, .psd = DMARC_PSD_YES } },
		{ BYTES("v=DMARC1; p=rejekt"), 0,
		    { .p = NO, .sp = NO, .np = NO, .bad_policy = true } },
		{ BYTES("v=DMARC1; p=none; sp="), 0,
		    { .p = NONE, .sp = NO, .np = NO, .bad_policy = true } },
		{ BYTES("v=DMARC1; p=none; rua=mailto:d@example.org"), 0,
		    { .p = NONE, .sp = NO, .np = NO, .has_rua = true } },
		{ BYTES("v=DMARC1; p=none; rua=d@example.org"), 0,
		    { .p = NONE, .sp = NO, .np = NO } },
		/* what can't be read is passed over, the first of two counts */
		{ BYTES("v=DMARC1; ;; x; =y; p=none; p=reject; zz=\303\244;"), 0,
		    { .p = NONE, .sp = NO, .np = NO } },
		{ BYTES("v=DMARC1; p=none\0; sp=reject"), 0,
		    { .p = NO, .sp = REJECT, .np = NO, .bad_policy = true } },
		{ BYTES("v=DMARC1; v=DMARC2; p=none"), 0,
		    { .p = NONE, .sp = NO, .np = NO } },
		{ BYTES("v=dmarc1; p=none"), -1, { .p = NO } },
		{ BYTES("V=DMARC1; p=none"), 0, { .p = NONE, .sp = NO, .np = NO } },
		{ BYTES("V=dmarc1; p=none"), -1, { .p = NO } },
		{ BYTES("v=DMARC10; p=none"), -1, { .p = NO } },
		{ BYTES("v=DMARC1 p=none"), -1, { .p = NO } },
		{ BYTES(" v=DMARC1; p=none"), -1, { .p = NO } },
		{ BYTES("p=none; v=DMARC1"), -1, { .p = NO } },
		{ BYTES("\"v=DMARC1; p=none\""), -1, { .p = NO } },
		{ BYTES("v=spf1 -all"), -1, { .p = NO } },
		{ BYTES("v"), -1, { .p = NO } },
		{ BYTES(""), -1, { .p = NO } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct dmarc_record d, w = row[i].want;

		print_message("%s\n", row[i].s);
		assert_int_equal(dmarc_record_parse(&d, row[i].s, row[i].len),
		    row[i].rc);
		if (row[i].rc < 0)
			continue;
		assert_int_equal(d.p, w.p);
		assert_int_equal(d.sp, w.sp);
		assert_int_equal(d.np, w.np);
		assert_int_equal(d.bad_policy, w.bad_policy);
		assert_int_equal(d.has_rua, w.has_rua);
		assert_int_equal(d.testing, w.testing);
		assert_int_equal(d.strict_dkim, w.strict_dkim);
		assert_int_equal(d.strict_spf, w.strict_spf);
		assert_int_equal(d.psd, w.psd);
	}
}

struct got {
	unsigned calls;
	struct dmarc_finding f;
};

static void
take(void *arg, const struct dmarc_finding *f)
{
	struct got *g = arg;

	g->calls++;
	g->f = *f;
}

#define R "TXT \"v=DMARC1; p=reject\"\n"
#define LONG "a.b.c.d.e.f.g.h.i.j.mail.example.org"

static void
walks(void **state)
{
	static const struct {
		const char *name, *zone, *domain;
		enum dmarc_policy policy;
		const char *org, *record_at;
		unsigned queries;	/* of the walk */
		unsigned asked;		/* in all */
	} row[] = {
		{ "nothing", "", "a.example.org", DMARC_POLICY_ABSENT,
		    "a.example.org", "", 3, 3 },
		{ "own record, no parent's", "_dmarc.example.org " R,
		    "example.org", DMARC_POLICY_REJECT, "example.org",
		    "example.org", 2, 2 },
		{ "parent's record", "_dmarc.example.org " R, "a.b.example.org",
		    DMARC_POLICY_REJECT, "example.org", "example.org", 4, 4 },
		{ "own record and parent's", "_dmarc.example.org " R
		    "_dmarc.a.example.org TXT \"v=DMARC1; p=none\"",
		    "a.example.org", DMARC_POLICY_NONE, "example.org",
		    "a.example.org", 3, 3 },
		{ "one between is passed over", "_dmarc.example.org " R
		    "_dmarc.b.example.org TXT \"v=DMARC1; p=none\"",
		    "a.b.example.org", DMARC_POLICY_REJECT, "example.org",
		    "example.org", 4, 4 },
		{ "sp", "_dmarc.example.org TXT \"v=DMARC1; p=reject; "
		    "sp=quarantine\"", "a.example.org",
		    DMARC_POLICY_QUARANTINE, "example.org", "example.org", 3,
		    3 },
		{ "sp isn't for the domain itself", "_dmarc.example.org TXT "
		    "\"v=DMARC1; p=reject; sp=none\"", "example.org",
		    DMARC_POLICY_REJECT, "example.org", "example.org", 2, 2 },
		{ "np, the domain exists", "_dmarc.example.org TXT \"v=DMARC1; "
		    "p=none; np=reject\"\na.example.org A 192.0.2.1",
		    "a.example.org", DMARC_POLICY_NONE, "example.org",
		    "example.org", 3, 4 },
		{ "np, it has no address, but exists", "_dmarc.example.org TXT "
		    "\"v=DMARC1; p=none; np=reject\"\n"
		    "a.example.org TXT \"x\"", "a.example.org",
		    DMARC_POLICY_NONE, "example.org", "example.org", 3, 4 },
		{ "np, it doesn't exist", "_dmarc.example.org TXT \"v=DMARC1; "
		    "p=none; sp=quarantine; np=reject\"", "a.example.org",
		    DMARC_POLICY_REJECT, "example.org", "example.org", 3, 4 },
		{ "np, DNS is silent", "_dmarc.example.org TXT \"v=DMARC1; "
		    "p=none; np=reject\"\na.example.org SERVFAIL A",
		    "a.example.org", DMARC_POLICY_UNKNOWN, "example.org",
		    "example.org", 3, 4 },
		{ "psd=n ends the walk", "_dmarc.mail.example.org TXT "
		    "\"v=DMARC1; p=quarantine; psd=n\"\n"
		    "_dmarc.example.org " R, "a.mail.example.org",
		    DMARC_POLICY_QUARANTINE, "mail.example.org",
		    "mail.example.org", 2, 2 },
		{ "psd=y: one below", "_dmarc.org TXT \"v=DMARC1; p=reject; "
		    "sp=quarantine; psd=y\"", "a.mail.example.org",
		    DMARC_POLICY_QUARANTINE, "example.org", "org", 4, 4 },
		{ "psd=y, and a record below it", "_dmarc.org TXT \"v=DMARC1; "
		    "p=reject; psd=y\"\n_dmarc.example.org TXT \"v=DMARC1; "
		    "p=none\"", "a.example.org", DMARC_POLICY_NONE,
		    "example.org", "example.org", 3, 3 },
		{ "psd=y where the walk begins", "_dmarc.example.org TXT "
		    "\"v=DMARC1; p=reject; psd=y\"", "example.org",
		    DMARC_POLICY_REJECT, "example.org", "example.org", 1, 1 },
		{ "no record, org's is the public suffix's own name",
		    "_dmarc.example.org TXT \"v=DMARC1; p=reject; psd=y\"",
		    "a.b.example.org", DMARC_POLICY_REJECT, "b.example.org",
		    "example.org", 3, 3 },
		{ "over eight labels", "_dmarc.mail.example.org " R, LONG,
		    DMARC_POLICY_REJECT, "mail.example.org",
		    "mail.example.org", 8, 8 },
		{ "over eight labels, beyond the cut",
		    "_dmarc.f.g.h.i.j.mail.example.org " R, LONG,
		    DMARC_POLICY_ABSENT, LONG, "", 8, 8 },
		{ "eight labels", "_dmarc.c.d.e.f.g.example.org " R,
		    "b.c.d.e.f.g.example.org", DMARC_POLICY_REJECT,
		    "c.d.e.f.g.example.org", "c.d.e.f.g.example.org", 8, 8 },
		{ "two records are none", "_dmarc.example.org " R
		    "_dmarc.example.org " R, "example.org",
		    DMARC_POLICY_ABSENT, "example.org", "", 2, 2 },
		{ "another TXT beside it", "_dmarc.example.org " R
		    "_dmarc.example.org TXT \"v=spf1 -all\"", "example.org",
		    DMARC_POLICY_REJECT, "example.org", "example.org", 2, 2 },
		{ "no p", "_dmarc.example.org TXT \"v=DMARC1\"", "example.org",
		    DMARC_POLICY_NONE, "example.org", "example.org", 2, 2 },
		{ "bad p", "_dmarc.example.org TXT \"v=DMARC1; p=x\"",
		    "example.org", DMARC_POLICY_ABSENT, "example.org",
		    "example.org", 2, 2 },
		{ "bad p with reports", "_dmarc.example.org TXT \"v=DMARC1; "
		    "p=x; rua=mailto:a@example.org\"", "example.org",
		    DMARC_POLICY_NONE, "example.org", "example.org", 2, 2 },
		{ "strings are joined", "_dmarc.example.org TXT \"v=DMA\" "
		    "\"RC1; p=rej\" \"ect\"", "example.org",
		    DMARC_POLICY_REJECT, "example.org", "example.org", 2, 2 },
		{ "dead at the domain", "_dmarc.example.org SERVFAIL",
		    "example.org", DMARC_POLICY_UNKNOWN, "", "", 1, 1 },
		{ "dead above it", "_dmarc.a.example.org " R
		    "_dmarc.example.org TIMEOUT", "a.example.org",
		    DMARC_POLICY_REJECT, "", "a.example.org", 2, 2 },
		{ "dead above it, no own record", "_dmarc.example.org BOGUS",
		    "a.example.org", DMARC_POLICY_UNKNOWN, "", "", 2, 2 },
		{ "dead, after a record that may not be the last",
		    "_dmarc.b.example.org " R "_dmarc.example.org TIMEOUT",
		    "a.b.example.org", DMARC_POLICY_UNKNOWN, "", "", 3, 3 },
		{ "by CNAME", "_dmarc.example.org CNAME d.example.net\n"
		    "d.example.net " R, "example.org", DMARC_POLICY_REJECT,
		    "example.org", "example.org", 2, 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct resolver *r = fake_unbound_resolver(row[i].zone);
		struct got g = { 0 };

		print_message("%s\n", row[i].name);
		assert_int_equal(dmarc_find(r, row[i].domain, take, &g), 0);
		assert_int_equal(g.calls, 1);
		assert_int_equal(g.f.policy, row[i].policy);
		assert_string_equal(g.f.org, row[i].org);
		assert_string_equal(g.f.record_at, row[i].record_at);
		assert_int_equal(g.f.queries, row[i].queries);
		assert_true(g.f.queries <= DMARC_QUERIES_MAX);
		assert_int_equal(fake_unbound_count(NULL, 0), row[i].asked);
		assert_int_equal(g.f.ttl_s == 0,
		    g.f.policy == DMARC_POLICY_UNKNOWN || g.f.org[0] == '\0');
		resolver_free(&r);
	}
}

static void
tags(void **state)
{
	struct resolver *r = fake_unbound_resolver("_dmarc.example.org 120 TXT "
	    "\"v=DMARC1; p=reject; t=y; adkim=s; aspf=s\"\n");
	struct got g = { 0 };

	(void)state;
	assert_int_equal(dmarc_find(r, "a.example.org", take, &g), 0);
	assert_true(g.f.testing);
	assert_true(g.f.strict_dkim);
	assert_true(g.f.strict_spf);
	assert_int_equal(g.f.ttl_s, 120);
	assert_string_equal(dmarc_policy_name(g.f.policy), "reject");
	resolver_free(&r);
}

/* Answers that come late, from another thread's continuation. */
static void
late(void **state)
{
	struct resolver *r = fake_unbound_resolver("_dmarc.example.org " R);
	struct got g = { 0 };

	(void)state;
	fake_unbound_hold(true);
	assert_int_equal(dmarc_find(r, "a.example.org", take, &g), 0);
	assert_int_equal(g.calls, 0);
	fake_unbound_hold(false);
	assert_int_equal(g.calls, 1);
	assert_int_equal(g.f.policy, DMARC_POLICY_REJECT);
	resolver_free(&r);
}

/* The longest name there is, for which _dmarc can't be put in front. */
static void
longest_name(void **state)
{
	struct resolver *r = fake_unbound_resolver("_dmarc.example.org " R);
	char name[DOMAIN_SIZE] = "";
	struct got g = { 0 };

	(void)state;
	for (size_t i = 0; i < 241; i++)
		name[i] = i % 2 == 0 ? 'a' : '.';
	strcpy(name + 242 - 1, ".example.org");
	assert_int_equal(strlen(name), 253);
	assert_int_equal(dmarc_find(r, name, take, &g), 0);
	assert_int_equal(g.calls, 1);
	assert_int_equal(g.f.policy, DMARC_POLICY_REJECT);
	assert_string_equal(g.f.org, "example.org");
	resolver_free(&r);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(records),
    cmocka_unit_test(walks),
    cmocka_unit_test(tags),
    cmocka_unit_test(late),
    cmocka_unit_test(longest_name))
