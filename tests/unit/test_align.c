/* SPDX-License-Identifier: ISC */
/* Alignment and the DMARC verdict: tables. */
#include "find/align.h"

#include "unit.h"

static void
alignment(void **state)
{
	static const struct {
		const char *author, *author_org, *domain, *org;
		enum align want;
	} row[] = {
		{ "example.org", "example.org", "example.org", "example.org",
		    ALIGN_STRICT },
		{ "example.org", NULL, "example.org", NULL, ALIGN_STRICT },
		{ "example.org", "example.org", "b.example.org", "example.org",
		    ALIGN_RELAXED },
		{ "a.example.org", "example.org", "b.example.org",
		    "example.org", ALIGN_RELAXED },
		{ "example.org", "example.org", "example.net", "example.net",
		    ALIGN_NONE },
		{ "example.org", "example.org", "b.example.org", NULL,
		    ALIGN_UNKNOWN },
		{ "example.org", "", "b.example.org", "example.org",
		    ALIGN_UNKNOWN },
		{ "example.org", "example.org", "", "", ALIGN_NONE },
		{ "example.org", "example.org", NULL, NULL, ALIGN_NONE },
		{ "", "", "example.org", "example.org", ALIGN_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		assert_int_equal(align_of(row[i].author, row[i].author_org,
		    row[i].domain, row[i].org), row[i].want);
}

static void
verdict(void **state)
{
	static const struct {
		const char *name;
		enum dmarc_policy policy;
		bool strict_spf, strict_dkim;
		enum spf_result spf;
		enum align spf_align;
		bool signs;
		enum published_state key;
		enum align dkim_align;
		enum dmarc_verdict want;
	} row[] = {
		{ "both", DMARC_POLICY_REJECT, false, false, SPF_PASS,
		    ALIGN_STRICT, true, PUBLISHED_YES, ALIGN_STRICT, DMARC_PASS },
		{ "SPF alone", DMARC_POLICY_NONE, false, false, SPF_PASS,
		    ALIGN_RELAXED, false, PUBLISHED_MISSING, ALIGN_NONE,
		    DMARC_PASS },
		{ "a signature alone", DMARC_POLICY_REJECT, false, false,
		    SPF_FAIL, ALIGN_STRICT, true, PUBLISHED_YES, ALIGN_RELAXED,
		    DMARC_PASS },
		{ "SPF passes for another", DMARC_POLICY_REJECT, false, false,
		    SPF_PASS, ALIGN_NONE, false, PUBLISHED_YES, ALIGN_NONE,
		    DMARC_FAIL },
		{ "softfail", DMARC_POLICY_QUARANTINE, false, false,
		    SPF_SOFTFAIL, ALIGN_STRICT, false, PUBLISHED_YES,
		    ALIGN_STRICT, DMARC_FAIL },
		{ "key not in DNS", DMARC_POLICY_REJECT, false, false, SPF_FAIL,
		    ALIGN_STRICT, true, PUBLISHED_MISSING, ALIGN_STRICT,
		    DMARC_FAIL },
		{ "another key in DNS", DMARC_POLICY_REJECT, false, false,
		    SPF_NONE, ALIGN_STRICT, true, PUBLISHED_DIFFERS,
		    ALIGN_STRICT, DMARC_FAIL },
		{ "key unknown", DMARC_POLICY_REJECT, false, false, SPF_FAIL,
		    ALIGN_STRICT, true, PUBLISHED_UNKNOWN, ALIGN_STRICT,
		    DMARC_UNKNOWN },
		{ "key unknown, SPF passes", DMARC_POLICY_REJECT, false, false,
		    SPF_PASS, ALIGN_STRICT, true, PUBLISHED_UNKNOWN,
		    ALIGN_STRICT, DMARC_PASS },
		{ "behind a relay, signed", DMARC_POLICY_REJECT, false, false,
		    SPF_UNCHECKED, ALIGN_STRICT, true, PUBLISHED_YES,
		    ALIGN_STRICT, DMARC_PASS },
		{ "behind a relay, unsigned", DMARC_POLICY_REJECT, false, false,
		    SPF_UNCHECKED, ALIGN_STRICT, false, PUBLISHED_YES,
		    ALIGN_STRICT, DMARC_UNKNOWN },
		{ "behind a relay, not aligned", DMARC_POLICY_REJECT, false,
		    false, SPF_UNCHECKED, ALIGN_NONE, false, PUBLISHED_YES,
		    ALIGN_STRICT, DMARC_FAIL },
		{ "temperror", DMARC_POLICY_REJECT, false, false, SPF_TEMPERROR,
		    ALIGN_STRICT, false, PUBLISHED_YES, ALIGN_STRICT,
		    DMARC_UNKNOWN },
		{ "strict SPF", DMARC_POLICY_REJECT, true, false, SPF_PASS,
		    ALIGN_RELAXED, false, PUBLISHED_YES, ALIGN_NONE,
		    DMARC_FAIL },
		{ "strict DKIM", DMARC_POLICY_REJECT, false, true, SPF_FAIL,
		    ALIGN_NONE, true, PUBLISHED_YES, ALIGN_RELAXED, DMARC_FAIL },
		{ "strict SPF, organization unknown", DMARC_POLICY_REJECT, true,
		    false, SPF_PASS, ALIGN_UNKNOWN, false, PUBLISHED_YES,
		    ALIGN_NONE, DMARC_FAIL },
		{ "organization unknown", DMARC_POLICY_REJECT, false, false,
		    SPF_PASS, ALIGN_UNKNOWN, false, PUBLISHED_YES, ALIGN_NONE,
		    DMARC_UNKNOWN },
		{ "no policy", DMARC_POLICY_ABSENT, false, false, SPF_PASS,
		    ALIGN_STRICT, true, PUBLISHED_YES, ALIGN_STRICT,
		    DMARC_NONE },
		{ "policy unknown", DMARC_POLICY_UNKNOWN, false, false,
		    SPF_PASS, ALIGN_STRICT, true, PUBLISHED_YES, ALIGN_STRICT,
		    DMARC_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct dmarc_finding f = {
			.policy = row[i].policy,
			.strict_spf = row[i].strict_spf,
			.strict_dkim = row[i].strict_dkim,
		};
		struct align_inputs in = {
			.policy = &f, .spf = row[i].spf,
			.spf_align = row[i].spf_align,
			.signs_rsa = row[i].signs, .key = row[i].key,
			.dkim_align = row[i].dkim_align,
		};

		print_message("%s\n", row[i].name);
		assert_int_equal(align_verdict(&in), row[i].want);
	}
}

static void
not_known_in_time(void **state)
{
	struct align_inputs in = { .spf = SPF_PASS, .spf_align = ALIGN_STRICT };

	(void)state;
	assert_int_equal(align_verdict(&in), DMARC_UNKNOWN);
}

static void
over_a_family(void **state)
{
	const struct align_outcome good = { true, SPF_PASS, DMARC_PASS };
	const struct align_outcome bad = { true, SPF_FAIL, DMARC_FAIL };
	const struct align_outcome saved = { true, SPF_SOFTFAIL, DMARC_PASS };
	const struct align_outcome relay = { false, SPF_UNCHECKED, DMARC_PASS };
	const struct {
		const char *name;
		enum family family;
		const struct align_outcome *v4, *v6;
		const char *spf;
		enum dmarc_verdict dmarc;
	} row[] = {
		{ "ipv4", FAMILY_IPV4, &good, &bad, "pass", DMARC_PASS },
		{ "ipv6", FAMILY_IPV6, &good, &bad, "fail", DMARC_FAIL },
		{ "either: the worse", FAMILY_EITHER, &good, &bad, "fail",
		    DMARC_FAIL },
		{ "either: the worse, whichever it is", FAMILY_EITHER, &bad,
		    &good, "fail", DMARC_FAIL },
		{ "either: DMARC alike", FAMILY_EITHER, &good, &saved,
		    "softfail", DMARC_PASS },
		{ "unknown: alike", FAMILY_UNKNOWN, &good, &good, "pass",
		    DMARC_PASS },
		{ "unknown: SPF differs", FAMILY_UNKNOWN, &good, &saved,
		    "unknown", DMARC_PASS },
		{ "unknown: both differ", FAMILY_UNKNOWN, &good, &bad,
		    "unknown", DMARC_UNKNOWN },
		{ "unknown, one family here", FAMILY_UNKNOWN, &good, NULL,
		    "pass", DMARC_PASS },
		{ "unknown, the other one here", FAMILY_UNKNOWN, NULL, &bad,
		    "fail", DMARC_FAIL },
		{ "no way out", FAMILY_UNKNOWN, NULL, NULL, "unknown",
		    DMARC_UNKNOWN },
		{ "a relay", FAMILY_IPV4, &relay, &relay, "unknown",
		    DMARC_PASS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct align_outcome o = align_over(row[i].family, row[i].v4,
		    row[i].v6);

		print_message("%s\n", row[i].name);
		assert_string_equal(align_spf_name(&o), row[i].spf);
		assert_int_equal(o.dmarc, row[i].dmarc);
	}
}

static void
worse(void **state)
{
	static const struct {
		const char *name;
		struct align_outcome a, b;
		bool want;
	} row[] = {
		{ "DMARC first", { true, SPF_PASS, DMARC_FAIL },
		    { true, SPF_FAIL, DMARC_PASS }, true },
		{ "and not the other way", { true, SPF_FAIL, DMARC_PASS },
		    { true, SPF_PASS, DMARC_FAIL }, false },
		{ "unknown is worse than pass", { true, SPF_PASS,
		    DMARC_UNKNOWN }, { true, SPF_PASS, DMARC_PASS }, true },
		{ "unknown is better than fail", { true, SPF_PASS,
		    DMARC_UNKNOWN }, { true, SPF_PASS, DMARC_FAIL }, false },
		{ "then SPF", { true, SPF_NEUTRAL, DMARC_PASS },
		    { true, SPF_PASS, DMARC_PASS }, true },
		{ "and not the other way", { true, SPF_PASS, DMARC_PASS },
		    { true, SPF_NEUTRAL, DMARC_PASS }, false },
		{ "alike", { true, SPF_PASS, DMARC_PASS },
		    { true, SPF_PASS, DMARC_PASS }, false },
		{ "alike", { true, SPF_FAIL, DMARC_FAIL },
		    { true, SPF_FAIL, DMARC_FAIL }, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		print_message("%s\n", row[i].name);
		assert_int_equal(align_is_worse(&row[i].a, &row[i].b),
		    row[i].want);
	}
}

static void
words(void **state)
{
	(void)state;
	assert_string_equal(align_name(ALIGN_STRICT), "strict");
	assert_string_equal(align_name(ALIGN_RELAXED), "relaxed");
	assert_string_equal(align_name(ALIGN_NONE), "none");
	assert_string_equal(align_name(ALIGN_UNKNOWN), "unknown");
	assert_string_equal(dmarc_verdict_name(DMARC_PASS), "pass");
	assert_string_equal(dmarc_verdict_name(DMARC_FAIL), "fail");
	assert_string_equal(dmarc_verdict_name(DMARC_NONE), "none");
	assert_string_equal(dmarc_verdict_name(DMARC_UNKNOWN), "unknown");
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(alignment),
    cmocka_unit_test(verdict),
    cmocka_unit_test(not_known_in_time),
    cmocka_unit_test(over_a_family),
    cmocka_unit_test(worse),
    cmocka_unit_test(words))
