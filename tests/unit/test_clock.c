/* SPDX-License-Identifier: ISC */
/* Durations read and written, deadlines. */
#include "base/clock.h"

#include <limits.h>

#include "unit.h"

static void
durations_are_read(void **state)
{
	static const struct {
		const char *in;
		long long want;		/* -1: refused */
	} rows[] = {
		{"0", 0}, {"500ms", 500}, {"2s", 2000}, {"7", 7000},
		{"10m", 600000}, {"24h", 86400000}, {"400d", 34560000000},
		{"2w", 1209600000}, {"0w", 0}, {"", -1}, {"s", -1}, {"2 s", -1},
		{"2S", -1}, {"-2s", -1}, {"2sec", -1}, {"1.5s", -1},
		{"99999999999999999999s", -1}, {"9223372036854775807w", -1},
		{"2y", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = -1;
		int ret = clock_parse_duration(rows[i].in, &ms);
		assert_int_equal(ret, rows[i].want < 0 ? -1 : 0);
		assert_int_equal(ms, rows[i].want);
	}
}

static void
durations_are_written(void **state)
{
	static const struct {
		int64_t in;
		const char *want;
	} rows[] = {
		{0, "0"}, {1, "1ms"}, {1500, "1500ms"}, {2000, "2s"},
		{60000, "1m"}, {90000, "90s"}, {86400000, "1d"},
		{34560000000, "400d"}, {1209600000, "2w"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[16];
		int64_t ms = -1;
		assert_string_equal(clock_format_duration(rows[i].in, out,
		    sizeof out), rows[i].want);
		assert_int_equal(clock_parse_duration(out, &ms), 0);
		assert_true(ms == rows[i].in);
	}
}

static void
deadlines(void **state)
{
	(void)state;
	int64_t now = clock_ms();
	assert_true(now > 0);
	assert_int_equal(clock_left(now - 1), 0);
	assert_int_equal(clock_left(INT64_MAX), INT_MAX);
	assert_true(clock_left(now + 3600000) <= 3600000);
	struct timespec t = clock_timespec(12345);
	assert_int_equal(t.tv_sec, 12);
	assert_int_equal(t.tv_nsec, 345000000);
	t = clock_timespec(-1);
	assert_int_equal(t.tv_sec, 0);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(durations_are_read),
    cmocka_unit_test(durations_are_written),
    cmocka_unit_test(deadlines))
