/* SPDX-License-Identifier: ISC */
/* Once per subject and period, in a table that is bounded. */

#include "warn.h"

#include "unit.h"

static void
test_once(void **state)
{
	struct warn *w = warn_new();
	unsigned held;

	(void)state;
	assert_true(warn_is_due(w, "spf", "example.org", 1000, 5000, &held));
	assert_int_equal(held, 0);
	assert_false(warn_is_due(w, "spf", "example.org", 1000, 5001, NULL));
	assert_false(warn_is_due(w, "spf", "example.org", 1000, 5999, NULL));
	/* another kind, another subject */
	assert_true(warn_is_due(w, "align", "example.org", 1000, 5999, NULL));
	assert_true(warn_is_due(w, "spf", "example.net", 1000, 5999, NULL));
	/* the period counts from the one that was given */
	assert_true(warn_is_due(w, "spf", "example.org", 1000, 6000, &held));
	assert_int_equal(held, 2);
	assert_false(warn_is_due(w, "spf", "example.org", 1000, 6999, &held));
	assert_true(warn_is_due(w, "spf", "example.org", 1000, 7000, &held));
	assert_int_equal(held, 1);
	warn_free(&w);
	assert_null(w);
}

static void
test_always(void **state)
{
	struct warn *w = warn_new();

	(void)state;
	assert_true(warn_is_due(w, "spf", "example.org", 0, 5, NULL));
	assert_true(warn_is_due(w, "spf", "example.org", 0, 5, NULL));
	warn_free(&w);
}

/* The subject that was asked about longest ago is forgotten first. */
static void
test_bound(void **state)
{
	struct warn *w = warn_new();
	char subject[40];

	(void)state;
	for (int i = 0; i < WARN_SUBJECTS_MAX; i++) {
		snprintf(subject, sizeof subject, "d%d.example", i);
		assert_true(warn_is_due(w, "spf", subject, 1000, 1, NULL));
	}
	assert_false(warn_is_due(w, "spf", "d0.example", 1000, 2, NULL));
	assert_true(warn_is_due(w, "spf", "new.example", 1000, 3, NULL));
	assert_false(warn_is_due(w, "spf", "d0.example", 1000, 4, NULL));
	assert_true(warn_is_due(w, "spf", "d1.example", 1000, 5, NULL));
	for (int i = 0; i < 3 * WARN_SUBJECTS_MAX; i++) {
		snprintf(subject, sizeof subject, "e%d.example", i);
		assert_true(warn_is_due(w, "spf", subject, 1000, 6, NULL));
	}
	assert_true(warn_is_due(w, "spf", "d0.example", 1000, 7, NULL));
	warn_free(&w);
}

/* A subject of any length costs no more than the bound of a key. */
static void
test_long_subject(void **state)
{
	struct warn *w = warn_new();
	char *subject = malloc(100001);

	(void)state;
	memset(subject, 'a', 100000);
	subject[100000] = '\0';
	assert_true(warn_is_due(w, "spf", subject, 1000, 1, NULL));
	assert_false(warn_is_due(w, "spf", subject, 1000, 2, NULL));
	free(subject);
	warn_free(&w);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(test_once),
    cmocka_unit_test(test_always),
    cmocka_unit_test(test_bound),
    cmocka_unit_test(test_long_subject))
