/* SPDX-License-Identifier: ISC */
/* Bounded strings, lists and numbers. */
#include "base/text.h"

#include "unit.h"

static void
an_addition_is_whole_or_nothing(void **state)
{
	struct text t;

	(void)state;
	text_init(&t, 5);
	assert_string_equal(t.buf, "");
	text_add(&t, "abc");
	text_add(&t, "def");
	assert_string_equal(t.buf, "abc");
	assert_true(t.cut);
	text_add(&t, "de");
	assert_string_equal(t.buf, "abcde");
	text_addf(&t, "%d", 1);
	assert_int_equal(t.len, 5);
	assert_null(text_take(&t));
	assert_string_equal(t.buf, "");
}

static void
it_grows_and_is_taken(void **state)
{
	struct text t;

	(void)state;
	text_init(&t, 100000);
	for (int i = 0; i < 10000; i++)
		text_addf(&t, "%04d ", i);
	assert_int_equal(t.len, 50000);
	assert_false(t.cut);
	char *s = text_take(&t);
	assert_int_equal(strlen(s), 50000);
	assert_memory_equal(s + 49995, "9999 ", 5);
	free(s);
	assert_int_equal(t.len, 0);
	text_add_bytes(&t, "x\0y", 3);
	assert_int_equal(t.len, 3);
	text_clear(&t);
	assert_string_equal(t.buf, "");
	text_free(&t);
	s = text_take(&t);
	assert_string_equal(s, "");
	free(s);
}

static void
lists(void **state)
{
	struct text_list l = {0};

	(void)state;
	assert_int_equal(text_list_add(&l, "Subject"), 0);
	assert_int_equal(text_list_add(&l, "To"), 0);
	assert_true(text_list_has_fold(&l, "SUBJECT"));
	assert_false(text_list_has_fold(&l, "Subj"));
	text_list_free(&l);
	assert_int_equal(l.n, 0);
}

static void
folding(void **state)
{
	(void)state;
	assert_true(text_equal_fold("aBc-Z", "AbC-z"));
	assert_false(text_equal_fold("abc", "abcd"));
	assert_false(text_equal_fold("[", "{"));
	assert_false(text_equal_fold("\xc4", "\xe4"));
	assert_true(text_begins_fold("X-Waybill-Route", "x-waybill-"));
	assert_false(text_begins_fold("X-Way", "x-waybill-"));
}

static void
numbers(void **state)
{
	static const struct {
		const char *in;
		int ret;
		long long want;
	} rows[] = {
		{"0", 0, 0}, {"007", 0, 7}, {"100", 0, 100},
		{"101", -1, 0}, {"", -1, 0}, {"-1", -1, 0}, {"+1", -1, 0},
		{" 1", -1, 0}, {"1 ", -1, 0}, {"0x10", -1, 0},
		{"99999999999999999999", -1, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		long long n = 0;
		assert_int_equal(text_number(rows[i].in, 0, 100, &n),
		    rows[i].ret);
		assert_int_equal(n, rows[i].want);
	}
	long long n = 0;
	assert_int_equal(text_number("9223372036854775807", 0,
	    9223372036854775807LL, &n), 0);
	assert_true(n == 9223372036854775807LL);
	assert_int_equal(text_number("9223372036854775808", 0,
	    9223372036854775807LL, &n), -1);
	assert_int_equal(text_number("3", 5, 9, &n), -1);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(an_addition_is_whole_or_nothing),
    cmocka_unit_test(it_grows_and_is_taken),
    cmocka_unit_test(lists),
    cmocka_unit_test(folding),
    cmocka_unit_test(numbers))
