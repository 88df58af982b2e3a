/* SPDX-License-Identifier: ISC */
/* Header fields are kept in their order, up to a bound of one message and of
 * all, and what is kept is given back. */

#include "fields.h"

#include "unit.h"

static void
test_order(void **state)
{
	static const char *const rows[][2] = {
		{ "From", " a@example.org" }, { "X", "" }, { "", "" },
		{ "from", "\n b" }, { "Y", " " },
	};
	struct fields f = { 0 };
	const char *at = NULL, *name, *value;
	size_t n = 0;

	(void)state;
	assert_null(fields_next(&f, &at, &value));
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(fields_add(&f, rows[i][0], rows[i][1]), 0);
	at = NULL;
	while ((name = fields_next(&f, &at, &value)) != NULL) {
		assert_string_equal(name, rows[n][0]);
		assert_string_equal(value, rows[n][1]);
		n++;
	}
	assert_int_equal(n, 5);
	fields_free(&f);
	at = NULL;
	assert_null(fields_next(&f, &at, &value));
	fields_free(&f);
}

static void
test_many(void **state)
{
	struct fields f = { 0 };
	const char *at = NULL, *value;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 200000; i++)
		assert_int_equal(fields_add(&f, "a", "b"), 0);
	while (fields_next(&f, &at, &value) != NULL)
		n++;
	assert_int_equal(n, 200000);
	fields_free(&f);
}

/* Bytes that one message may have, with both NULs. */
static void
test_bound(void **state)
{
	char *value = malloc(FIELDS_MAX);
	struct fields f = { 0 };

	(void)state;
	memset(value, 'x', FIELDS_MAX);
	value[FIELDS_MAX - 2] = '\0';
	assert_int_equal(fields_add(&f, "a", value), -1);
	value[FIELDS_MAX - 3] = '\0';
	assert_int_equal(fields_add(&f, "a", value), 0);
	assert_int_equal(fields_add(&f, "", ""), -1);
	fields_free(&f);
	free(value);
}

/* And all messages together: the big ones fail, those that keep to their share
 * never do, and what was counted is given back. */
static void
test_bound_of_all(void **state)
{
	enum { N = BUDGET_ALL_MAX / FIELDS_MAX + 1, LEN = FIELDS_MAX - 10 };
	struct budget budget[N + 1] = { 0 };
	struct fields f[N + 1] = { 0 };
	char *value = malloc(LEN + 1);

	(void)state;
	memset(value, 'x', LEN);
	value[LEN] = '\0';
	for (size_t i = 0; i <= N; i++)
		f[i].budget = &budget[i];
	for (size_t round = 0; round < 2; round++) {
		/* each is less by its share than what it takes */
		for (size_t i = 0; i < N - 1; i++)
			assert_int_equal(fields_add(&f[i], "a", value), 0);
		assert_int_equal(fields_add(&f[N - 1], "a", value), -1);
		for (size_t k = 0; k < 1000; k++)
			assert_int_equal(fields_add(&f[N], "a",
			    value + LEN - 100), 0);
		fields_free(&f[0]);
		assert_int_equal(fields_add(&f[N - 1], "a", value), 0);
		for (size_t i = 0; i <= N; i++) {
			fields_free(&f[i]);
			assert_int_equal(budget[i].taken, 0);
			assert_ptr_equal(f[i].budget, &budget[i]);
		}
	}
	free(value);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(test_order),
    cmocka_unit_test(test_many),
    cmocka_unit_test(test_bound),
    cmocka_unit_test(test_bound_of_all))
