/* SPDX-License-Identifier: ISC */
/* A message keeps its share whatever others hold, and the sum is bounded. */
#include "budget.h"

#include "unit.h"

enum { OWN = BUDGET_OWN_MAX, ALL = BUDGET_ALL_MAX };

/* Messages one beside the other: "TAKE" of each, and whether it is given. */
static void
test_take(void **state)
{
	static const struct row {
		unsigned message;
		size_t len;
		int want;
	} rows[] = {
		{ 0, OWN + ALL + 1, -1 },
		{ 0, OWN + ALL, 0 },	/* all there is */
		{ 0, 1, -1 },
		{ 1, OWN + 1, -1 },	/* whole or not at all */
		{ 1, OWN - 1, 0 },
		{ 1, 1, 0 },
		{ 1, 1, -1 },
		{ 2, OWN, 0 },
		{ 2, 1, -1 },
		{ 2, 0, 0 },
	};
	struct budget b[3] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (budget_take(&b[rows[i].message], rows[i].len) !=
		    rows[i].want)
			fail_msg("row %zu", i);
	}
	for (size_t i = 0; i < 3; i++)
		assert_false(budget_is_over(&b[i]));
	/* what one gives back another can take */
	budget_give(&b[0], 10);
	assert_int_equal(budget_take(&b[2], 11), -1);
	assert_int_equal(budget_take(&b[2], 10), 0);
	budget_give(&b[2], OWN + 10);
	budget_give(&b[1], OWN);
	budget_give(&b[0], OWN + ALL - 10);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(b[i].taken, 0);
		assert_false(b[i].has_own);
	}
	assert_int_equal(budget_take(&b[1], OWN + ALL), 0);
	budget_give(&b[1], OWN + ALL);
}

/* What can't be refused is counted, and told to him who holds too much. */
static void
test_charge(void **state)
{
	struct budget big = { 0 }, small = { 0 };

	(void)state;
	budget_charge(&small, OWN);
	budget_charge(&big, OWN + ALL);
	assert_false(budget_is_over(&big));
	budget_charge(&big, 1);
	assert_true(budget_is_over(&big));
	assert_false(budget_is_over(&small));
	budget_charge(&small, 1);
	assert_true(budget_is_over(&small));
	budget_give(&small, 1);
	budget_give(&big, 1);
	assert_false(budget_is_over(&big));
	budget_give(&small, OWN);
	budget_give(&big, OWN + ALL);
	assert_int_equal(budget_take(&big, OWN + ALL), 0);
	budget_give(&big, OWN + ALL);
}

/* More messages than there are shares: the rest take from what all have. */
static void
test_shares(void **state)
{
	enum { N = BUDGET_MESSAGES_MAX + 2 };
	struct budget *b = calloc(N, sizeof *b);

	(void)state;
	for (size_t i = 0; i < N; i++)
		assert_int_equal(budget_take(&b[i], 1), 0);
	assert_true(b[BUDGET_MESSAGES_MAX - 1].has_own);
	assert_false(b[BUDGET_MESSAGES_MAX].has_own);
	/* a byte each of the two that have no share is taken already */
	assert_int_equal(budget_take(&b[N - 1], ALL - 1), -1);
	assert_int_equal(budget_take(&b[N - 1], ALL - 2), 0);
	assert_int_equal(budget_take(&b[N - 2], 1), -1);
	assert_int_equal(budget_take(&b[0], OWN - 1), 0);
	assert_int_equal(budget_take(&b[0], 1), -1);
	budget_give(&b[0], OWN);
	budget_give(&b[N - 2], 1);
	assert_int_equal(budget_take(&b[N - 2], OWN), 0);
	budget_give(&b[N - 2], OWN);
	for (size_t i = 0; i < N; i++)
		budget_give(&b[i], b[i].taken);
	/* nothing is left over */
	assert_int_equal(budget_take(&b[0], OWN + ALL), 0);
	budget_give(&b[0], OWN + ALL);
	free(b);
}

static void
test_none(void **state)
{
	(void)state;
	assert_int_equal(budget_take(NULL, SIZE_MAX), 0);
	budget_charge(NULL, 1);
	assert_false(budget_is_over(NULL));
	budget_give(NULL, 1);
	budget_trim();
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(test_take),
    cmocka_unit_test(test_charge),
    cmocka_unit_test(test_shares),
    cmocka_unit_test(test_none))
