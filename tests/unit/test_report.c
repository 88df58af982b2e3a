/* SPDX-License-Identifier: ISC */
/* The report: how a period is called, and what each outcome is counted as. */
#include "tool/report.h"

#include "store_cases.h"
#include "tool/report_text.h"

#include <unistd.h>

#include "unit.h"

enum { DAY_S = 86400, NOON = 1728043200 };	/* 4 October 2024 */


static void
a_period_says_each_year_once(void **state)
{
	static const struct {
		const char *name;
		int64_t from, to;
		const char *want;
	} rows[] = {
		{ "days of one year", 1728000000, 1728000000 + 7 * DAY_S,
		  "4 Oct to 10 Oct 2024" },
		{ "to the last day of a year", 1735603200 - DAY_S, 1735689600,
		  "30 Dec to 31 Dec 2024" },
		{ "to the first day of the next", 1735603200, 1735689600 +
		  DAY_S, "31 Dec 2024 to 1 Jan 2025" },
		{ "over a year", 1728000000 - 400 * DAY_S, 1728000000,
		  "31 Aug 2023 to 3 Oct 2024" },
		{ "hours", NOON, NOON + 7200,
		  "4 Oct 12:00 to 4 Oct 2024 14:00" },
		{ "hours over New Year", 1735689600 - 3600, 1735689600 + 60,
		  "31 Dec 2024 23:00 to 1 Jan 2025 00:01" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct report_options o = { .from = rows[i].from,
			.to = rows[i].to };
		char got[REPORT_PERIOD_SIZE];

		if (strcmp(report_period_name(&o, got), rows[i].want) != 0)
			fail_msg("%s: %s, not %s", rows[i].name, got,
			    rows[i].want);
	}
}

/* Two refused, three expired, one deferred, one sent, at one destination. */
static void
put_outcomes(struct store *s)
{
	static const char *const status[] = { "bounced", "bounced", "expired",
		"expired", "expired", "deferred", "sent" };
	struct err err = { 0 };

	assert_int_equal(store_begin(s, &err), 0);
	for (uint64_t i = 0; i < 7; i++) {
		struct attempt a = store_cases_attempt(NOON + (int64_t)i,
		    i + 1);

		a.status = status[i];
		a.class = strcmp(a.status, "sent") == 0 ? "" : "rate";
		a.is_message = i == 0;
		if (strcmp(a.status, "expired") == 0)
			a.is_attempt = a.is_first = false;
		assert_int_equal(store_put_attempt(s, &a, &err), 0);
	}
	assert_int_equal(store_commit(s, &err), 0);
}

static void
an_expired_recipient_is_not_a_bounced_one(void **state)
{
	struct store *s = store_cases_open("mail.example.org", STORE_WRITE);
	const struct report_options o = { .from = NOON / DAY_S * DAY_S,
		.to = NOON / DAY_S * DAY_S + DAY_S };
	struct report r;
	struct err err = { 0 };

	(void)state;
	put_outcomes(s);
	assert_int_equal(report_gather(s, &o, &r, &err), 0);
	assert_int_equal(r.sum.messages, 1);
	assert_int_equal(r.sum.sent, 1);
	assert_int_equal(r.sum.bounced, 2);
	assert_int_equal(r.sum.expired, 3);
	assert_int_equal(r.sum.deferred, 1);
	assert_int_equal(r.sum.attempts, 4);
	assert_int_equal(r.n_groups, 1);
	assert_int_equal(r.n_troubles, 3);
	assert_int_equal(r.troubles[0].wrong, REPORT_BOUNCED);
	assert_int_equal(r.troubles[0].n, 2);
	assert_int_equal(r.troubles[0].of, 6);
	assert_int_equal(r.troubles[1].wrong, REPORT_EXPIRED);
	assert_int_equal(r.troubles[1].n, 3);
	assert_int_equal(r.troubles[2].wrong, REPORT_DEFERRED);
	assert_int_equal(r.troubles[2].n, 1);
	report_free(&r);
	store_close(&s);
}

/* A destination may be named as a day is, and by any number of digits. */
static void
a_name_of_digits_is_no_day(void **state)
{
	static const char *const names[] = { "99999999999999999999",
		"-9223372036854775808", "20000" };
	struct report_group groups[3] = { { .name = NULL } };
	struct report r = { .groups = groups, .n_groups = 3,
		.o.by = REPORT_DESTINATION };
	char *json = NULL;
	size_t len;
	FILE *f = open_memstream(&json, &len);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		groups[i].name = strdup(names[i]);
		groups[i].family = strdup("");
	}
	assert_int_equal(report_json(&r, f), 0);
	(void)fclose(f);
	for (size_t i = 0; i < 3; i++) {
		assert_non_null(strstr(json, names[i]));
		free((char *)groups[i].name);
		free((char *)groups[i].family);
	}
	free(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_period_says_each_year_once),
		cmocka_unit_test(an_expired_recipient_is_not_a_bounced_one),
		cmocka_unit_test(a_name_of_digits_is_no_day),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, store_cases_file_begin, store_cases_file_end);
}
