/* SPDX-License-Identifier: ISC */
/* Lines of one log or of several: which are the same, and which are two. */
#include "record/sighting.h"

#include "unit.h"

/* Lines as they come: of log a or b, at milliseconds, with a letter for the
 * text; and the number that each must have, counted from the first one, equal
 * ones being the same line. */
static const struct row {
	const char *name;
	struct {
		char log;
		int64_t ms;
		char text;
	} in[8];
	const char *want;
} rows[] = {
	{ "one log, other texts", { { 'a', 1100, 'x' }, { 'a', 1100, 'y' } },
	  "01" },
	{ "one log, equal lines of one second and of two", {
	  { 'a', 1100, 'x' }, { 'a', 1200, 'x' }, { 'a', 2100, 'x' } },
	  "012" },
	{ "both have it", { { 'a', 1100, 'x' }, { 'b', 1101, 'x' } }, "00" },
	{ "both have it, at either side of a full second", {
	  { 'a', 1999, 'x' }, { 'b', 2001, 'x' } }, "00" },
	{ "both have it, and one tells seconds only", {
	  { 'a', 1999, 'x' }, { 'b', 2000, 'x' } }, "00" },
	{ "seconds only, of the same second", {
	  { 'b', 1000, 'x' }, { 'a', 1999, 'x' } }, "00" },
	{ "both have two", { { 'a', 1998, 'x' }, { 'a', 1999, 'x' },
	  { 'b', 2001, 'x' }, { 'b', 2002, 'x' } }, "0101" },
	{ "in turn", { { 'a', 1998, 'x' }, { 'b', 1999, 'x' },
	  { 'a', 2001, 'x' }, { 'b', 2002, 'x' } }, "0022" },
	{ "one of two was lost on the way", { { 'a', 1998, 'x' },
	  { 'a', 2500, 'x' }, { 'b', 2501, 'x' } }, "010" },
	{ "one of two was lost where it came from", { { 'b', 1501, 'x' },
	  { 'a', 1800, 'x' }, { 'b', 1801, 'x' } }, "002" },
	{ "too far apart", { { 'a', 1100, 'x' }, { 'b', 3100, 'x' } }, "01" },
	{ "three logs' worth of nothing alike", { { 'a', 1100, 'x' },
	  { 'b', 1100, 'y' }, { 'b', 1100, 'z' } }, "012" },
};

static void
lines_are_known_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sightings *s = sightings_new(true);
		uint64_t identity[8];
		char got[9] = "";

		assert_non_null(s);
		for (size_t k = 0; rows[i].want[k] != '\0'; k++) {
			struct source_line line = { .pid = 7, .len = 1,
				.time_us = rows[i].in[k].ms * 1000,
				.tag = "postfix/smtp",
				.text = { rows[i].in[k].text } };
			bool is_repeat;

			identity[k] = sighting_identity(s,
			    (unsigned)(rows[i].in[k].log - 'a'), &line,
			    &is_repeat);
			for (size_t n = 0; n <= k && got[k] == '\0'; n++)
				if (identity[n] == identity[k])
					got[k] = (char)('0' + n);
			if (is_repeat != (got[k] != (char)('0' + k)))
				fail_msg("%s: line %zu is %sa repeat",
				    rows[i].name, k, is_repeat ? "" : "not ");
		}
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s, not %s", rows[i].name, got,
			    rows[i].want);
		sightings_free(&s);
	}
}

/* The process and the program make a line, its host doesn't. */
static void
the_host_is_no_part_of_it(void **state)
{
	struct sightings *s = sightings_new(false);
	struct source_line line = { .pid = 7, .len = 1, .time_us = 1000000,
		.tag = "postfix/smtp", .host = "mail", .text = "x" };
	uint64_t identity = sighting_identity(s, 0, &line, NULL);

	(void)state;
	sightings_free(&s);
	for (int i = 0; i < 3; i++) {
		s = sightings_new(false);
		snprintf(line.host, sizeof line.host, "mail.example.org");
		line.pid = i == 1 ? 8 : 7;
		snprintf(line.tag, sizeof line.tag, "postfix/%s",
		    i == 2 ? "lmtp" : "smtp");
		assert_int_equal(sighting_identity(s, 0, &line, NULL) ==
		    identity, i == 0);
		sightings_free(&s);
	}
}

static void
several_logs_are_several(void **state)
{
	struct sightings *s = sightings_new(false);
	struct source_line line = { .pid = 7, .len = 1, .text = "x" };

	(void)state;
	(void)sighting_identity(s, 3, &line, NULL);
	(void)sighting_identity(s, 3, &line, NULL);
	assert_false(sightings_are_many(s));
	(void)sighting_identity(s, 4, &line, NULL);
	assert_true(sightings_are_many(s));
	sightings_free(&s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_known_again),
		cmocka_unit_test(the_host_is_no_part_of_it),
		cmocka_unit_test(several_logs_are_several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
