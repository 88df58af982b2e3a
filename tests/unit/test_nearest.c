/* SPDX-License-Identifier: ISC */
/* The known word that somebody meant. */
#include "base/nearest.h"

#include "unit.h"

static const struct {
	const char *typed, *want;	/* want NULL: nothing is near */
} rows[] = {
	{ "keygen", "keygen" },
	{ "kegen", "keygen" },
	{ "keygne", "keygen" },		/* two letters swapped */
	{ "KEYGEN", "keygen" },
	{ "record", "records" },
	{ "confi", "config" },
	{ "xyz", NULL },
	{ "", NULL },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    NULL },
};

static void
the_nearest_is_found(void **state)
{
	static const char *const known[] = { "config", "keygen", "records" };
	struct nearest n;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		nearest_begin(&n, rows[i].typed);
		for (size_t j = 0; j < COUNT(known); j++)
			nearest_try(&n, known[j]);
		const char *got = nearest_found(&n);
		if (rows[i].want == NULL)
			assert_null(got);
		else if (got == NULL || strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].typed,
			    got == NULL ? "nothing" : got);
	}
}

UNIT_MAIN(NULL, NULL,
    cmocka_unit_test(the_nearest_is_found))
