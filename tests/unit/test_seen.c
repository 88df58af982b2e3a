/* SPDX-License-Identifier: ISC */
/* What the process that reads the record tells of destinations, and what of it
 * counts where that process was taken over. */
#include "tool/seen.h"

#include "tool/command.h"
#include "tool/worker.h"
#include "unit.h"

#define DIGITS "99999999999999999999"

/* The frame of commands is linked; no command is. */
const struct command *const commands[] = { NULL };

static const char *told;
static size_t told_len;

int __wrap_worker_read(const struct worker *w, size_t max, char **data,
    size_t *len);

int
__wrap_worker_read(const struct worker *w, size_t max, char **data,
    size_t *len)
{
	assert_false(w->is_data);
	assert_true(told_len <= max);
	*len = told_len;
	*data = malloc(told_len + 1);
	assert_non_null(*data);
	memcpy(*data, told, told_len);
	(*data)[told_len] = '\0';
	return EXIT_OK;
}

static const struct {
	const char *told;
	size_t n;		/* destinations that are taken */
	int64_t others;
	const char *last;
} rows[] = {
	{ "3 40\n7 1 0 a.example\n5 0 1 b.example\n", 2, 3, "b.example" },
	{ "0 0\n7 0 0 a.example", 1, 0, "a.example" },
	{ "0 0\n", 0, 0, NULL },
	{ "", 0, 0, NULL },
	{ "no number\n7 1 0 a.example\n", 0, 0, NULL },
	{ "1\n7 1 0 a.example\n", 0, 1, NULL },
	/* numbers that aren't such, and that sums would overflow of */
	{ "0 0\n-7 1 0 a.example\n", 0, 0, NULL },
	{ "0 0\n+7 1 0 a.example\n", 0, 0, NULL },
	{ "0 0\n" DIGITS " 1 0 a.example\n", 0, 0, NULL },
	{ "0 0\n9223372036854775807 1 0 a.example\n", 0, 0, NULL },
	{ DIGITS " 0\n7 1 0 a.example\n", 0, 0, NULL },
	{ "0 0\n7 2 0 a.example\n", 0, 0, NULL },
	{ "0 0\n7 1 " DIGITS " a.example\n", 0, 0, NULL },
	{ "0 0\n7x 1 0 a.example\n", 0, 0, NULL },
	/* lines that lack something; what stood before counts */
	{ "0 0\n7 1 0 a.example\n7 1 0\n", 1, 0, "a.example" },
	{ "0 0\n7 1 0 a.example\n7 1 0 \n", 1, 0, "a.example" },
	{ "0 0\n7 1 0 a.example\n\n7 1 0 b.example\n", 1, 0, "a.example" },
	{ "0 0\n7  1 0 a.example\n", 0, 0, NULL },
};

static void
what_counts(void **state)
{
	static struct seen s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		told = rows[i].told;
		told_len = strlen(told);
		assert_int_equal(seen_read(NULL, &s), EXIT_OK);
		if (s.n != rows[i].n || s.others != rows[i].others ||
		    (s.n > 0 && strcmp(s.v[s.n - 1].name, rows[i].last) != 0))
			fail_msg("row %zu: %zu, %lld", i, s.n,
			    (long long)s.others);
	}
	assert_int_equal(s.other_messages, 0);
}

static void
long_names_and_many(void **state)
{
	static struct seen s;
	static char text[40000];
	size_t len;

	(void)state;
	(void)strcpy(text, "0 0\n7 1 0 ");
	len = strlen(text);
	(void)memset(text + len, 'a', 300);
	(void)strcpy(text + len + 300, "\n7 1 0 b.example\n");
	told = text;
	told_len = strlen(text);
	assert_int_equal(seen_read(NULL, &s), EXIT_OK);
	assert_int_equal(s.n, 0);
	len = (size_t)snprintf(text, sizeof text, "0 0\n");
	for (int i = 0; i < SEEN_MAX + 50; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
		    "7 1 0 d%d.example\n", i);
	told_len = len;
	assert_int_equal(seen_read(NULL, &s), EXIT_OK);
	assert_int_equal(s.n, SEEN_MAX);
	/* a NUL ends a name, and nothing else */
	told = "0 0\n7 1 0 a\0b\n8 1 0 c.example\n";
	told_len = 29;
	assert_int_equal(seen_read(NULL, &s), EXIT_OK);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.v[0].name, "a");
	assert_int_equal(s.v[1].messages, 8);
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(what_counts),
    cmocka_unit_test(long_names_and_many))
