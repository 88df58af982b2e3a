/* SPDX-License-Identifier: ISC */
/* A line counts once, however often it is read. */
#include "record/counted.h"

#include "unit.h"

static struct counted c;

static void
each_line_counts_once(void **state)
{
	static const struct {
		const char *name;
		const char *saved;
		int64_t second;
		uint64_t identity;
		bool want;
	} rows[] = {
		{ "the first", "", 100, 1, true },
		{ "the same from another source", NULL, 100, 1, false },
		{ "an equal one", NULL, 100, 2, true },
		{ "the next second", NULL, 101, 3, true },
		{ "one that is late", NULL, 100, 4, true },
		{ "an older file", "100 200 2", 99, 5, true },
		{ "what was counted", NULL, 100, 6, false },
		{ "in between", NULL, 150, 7, false },
		{ "the last second, the first", NULL, 200, 8, false },
		{ "the first again, from a source", NULL, 200, 8, false },
		{ "the last second, the second", NULL, 200, 9, false },
		{ "the last second, a new one", NULL, 200, 10, true },
		{ "after it", NULL, 201, 11, true },
		{ "without an identity", NULL, 202, 0, true },
		{ "and once more", NULL, 202, 0, true },
		{ "nonsense was saved", "x", 5, 12, true },
		{ "a span that ends before it begins", "9 1 1", 5, 13, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].saved != NULL)
			counted_begin(&c, rows[i].saved);
		if (counted_add(&c, rows[i].second, rows[i].identity) !=
		    rows[i].want)
			fail_msg("%s", rows[i].name);
	}
}

static void
the_span_is_saved(void **state)
{
	char out[COUNTED_TEXT_SIZE];

	(void)state;
	counted_begin(&c, "");
	counted_save(&c, "7 8 9", out);
	assert_string_equal(out, "");
	counted_add(&c, 100, 1);
	counted_add(&c, 101, 2);
	counted_add(&c, 101, 3);
	counted_save(&c, "", out);
	assert_string_equal(out, "100 101 2");
	/* another recorder was there too */
	counted_save(&c, "50 60 7", out);
	assert_string_equal(out, "50 101 2");
	counted_save(&c, "70 200 7", out);
	assert_string_equal(out, "50 200 7");
	/* the last second goes on in the next run */
	counted_begin(&c, "50 200 7");
	for (uint64_t i = 0; i < 9; i++)
		counted_add(&c, 200, 10 + i);
	counted_save(&c, "", out);
	assert_string_equal(out, "50 200 9");
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(each_line_counts_once),
    cmocka_unit_test(the_span_is_saved))
